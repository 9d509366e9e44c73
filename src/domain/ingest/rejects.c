/*
 * Rows that cannot be kept: values that are not of a type that is fixed, and rows of a CSV file that
 * do not have the shape of the others. They are named when the import stops, or kept aside.
 */
#include "base/utf8.h"
#include "domain/ingest/loading.h"
#include "domain/ingest/preview.h"
#include "platform/i18n/explanation.h"

/* ---- values ---- */

bool add_bad_condition(const struct loading *loading, size_t at, struct sql *out)
{
    const struct origin *origin = &loading->origins[at];
    if (origin->column == NO_COLUMN || !origin->type_is_fixed) {
        return false;
    }
    if (origin->date_format.p) {
        sql_text(out, "(not ");
        add_form_check(loading, at, out);
        sql_text(out, ")");
        return true;
    }
    int bits = readable_mask(loading, at);
    if (!bits) {
        return false;
    }
    sql_text(out, "(");
    add_mask(loading, at, out);
    sql_text_constant(out, str_printf(out->arena, " & %d) = 0", bits));
    return true;
}

bool add_bad_rows(const struct loading *loading, struct sql *out)
{
    bool any = false;
    for (size_t i = 0; i < loading->schema.count; i++) {
        struct sql bad = sql_in(out->arena);
        if (add_bad_condition(loading, i, &bad)) {
            sql_text_constant(out, any ? S(" or ") : S(""));
            sql_join(out, &bad);
            any = true;
        }
    }
    return any;
}

void add_number(const struct loading *loading, bool of_row, struct sql *out)
{
    sql_text_constant(out, of_row && loading->options->has_rows
                               ? S("json_extract(j, '/" INGEST_ROW_KEY "')::bigint")
                           : of_row ? S("null::bigint")
                                    : S("row_number() over ()"));
}

const struct layout *layout_of(struct loading *loading)
{
    const struct ingest_options *options = loading->options;
    const struct file_source *source = &loading->source;
    bool csv = str_eq(str_from(options->format), S("csv"));
    bool lines = csv || (str_eq(str_from(options->format), S("jsonl")) && !options->columns);
    struct layout *layout = arena_new(&loading->scope->arena, struct layout);
    if (csv) {
        *layout = (struct layout){.quote = source->quote,
                                  .header = source->has_header,
                                  .one_column = source->count == 1,
                                  .skipped_lines = source->skipped_lines};
    }
    return lines && !options->is_compressed ? layout : NULL;
}

struct place place_of(struct loading *loading, int64_t record, str value)
{
    struct arena *arena = &loading->scope->arena;
    const struct ingest_options *options = loading->options;
    const struct layout *layout = layout_of(loading);
    int64_t line = 0;
    if (layout && !options->has_rows) {
        line = find_line(options->path, record, value, layout);
    }
    struct place place = {.kind = options->has_rows ? S("row")
                                  : line            ? S("line")
                                                    : S("record"),
                          .number = str_printf(arena, "%lld", (long long)(line ? line : record))};
    place.text = str_printf(arena, "%.*s %.*s", STR_ARG(place.kind), STR_ARG(place.number));
    return place;
}

/* The first row whose value of a field is bad: its number and the value; false: none. */
static enum err find_bad_value(struct loading *loading, size_t field, const struct sql *bad,
                               bool *ret_found, int64_t *ret_record, str *ret_value)
{
    struct scope *scope = loading->scope;
    size_t column = loading->origins[field].column;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    const struct batch *row;
    sql_text(&sql, "select n, v from (select ");
    add_number(loading, loading->options->has_rows, &sql);
    sql_text(&sql, " as n, ");
    sql_join(&sql, &loading->source.columns[column].value);
    sql_text(&sql, "::varchar as v, ");
    sql_join(&sql, bad);
    sql_text(&sql, " as bad from ");
    sql_join(&sql, &loading->source.relation);
    sql_text(&sql, ") where bad order by n limit 1");
    TRY(db_run(scope, loading->lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    *ret_found = row != NULL;
    if (row) {
        *ret_record = column_cell(&row->columns[0], 0).number;
        *ret_value = str_copy(&scope->arena, column_cell(&row->columns[1], 0).text);
    }
    return ERR_OK;
}

enum message preview_type_label(enum field_type type)
{
    switch (type) {
    case FIELD_INT:
        return MSG_BACKOFFICE_WIZARD_TYPE_INT;
    case FIELD_DOUBLE:
        return MSG_BACKOFFICE_WIZARD_TYPE_DOUBLE;
    case FIELD_BOOLEAN:
        return MSG_BACKOFFICE_WIZARD_TYPE_BOOLEAN;
    case FIELD_DATE:
        return MSG_BACKOFFICE_WIZARD_TYPE_DATE;
    case FIELD_DATETIME:
        return MSG_BACKOFFICE_WIZARD_TYPE_DATETIME;
    case FIELD_GEO_POINT:
        return MSG_BACKOFFICE_WIZARD_TYPE_POINT;
    case FIELD_GEO_SHAPE:
        return MSG_BACKOFFICE_WIZARD_TYPE_SHAPE;
    case FIELD_JSON:
        return MSG_BACKOFFICE_WIZARD_TYPE_JSON;
    default:
        return MSG_BACKOFFICE_WIZARD_TYPE_TEXT;
    }
}

str shown_value(const struct loading *loading, str value)
{
    bool is_quoted = is_json_source(loading) && value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"' &&
                     str_find_char(value, '\\', 0) == SIZE_MAX;
    return utf8_truncate(is_quoted ? str_slice(value, 1, value.n - 1) : value, 60);
}

static enum err name_bad_value(struct loading *loading, size_t at, int64_t record, str value)
{
    const struct field *field = &loading->schema.fields[at];
    str label = loading->source.columns[loading->origins[at].column].label;
    struct place place = place_of(loading, record, str_trim(value));
    str shown = shown_value(loading, value);
    bool is_old = loading->origins[at].is_old;
    str remedy =
        is_old ? S("")
               : str_printf(&loading->scope->arena, "--type %.*s=text to keep it as text, or ", STR_ARG(field->name));
    const struct message_argument says[] = {ARG_TEXT("file", str_from(loading->options->shown_path)),
                                            ARG_TEXT("place", place.kind),
                                            ARG_TEXT("number", place.number),
                                            ARG_TEXT("column", label),
                                            ARG_TEXT("found", shown),
                                            ARG_MESSAGE("type", preview_type_label(field->type)),
                                            is_old ? (struct message_argument){.name = NULL}
                                                   : ARG_TEXT("field", field->name),
                                            {.name = NULL}};
    return fail_and_tell(loading->scope, ERR_DATA, is_old ? MSG_FAULT_ROW_VALUE_KEPT : MSG_FAULT_ROW_VALUE, says,
                         "%s, %.*s, column '%.*s': '%.*s' was found, %.*s is expected; use %.*s--on-error "
                         "skip to leave such rows out",
                         loading->options->shown_path, STR_ARG(place.text), STR_ARG(label), STR_ARG(shown),
                         STR_ARG(field_type_text(field->type)), STR_ARG(remedy));
}

/* ---- rows of another shape ---- */

/* Scans the whole file with the reader that notes what it leaves out. */
static enum err scan_with_rejects(struct loading *loading)
{
    struct scope *scope = loading->scope;
    struct ingest_options options = *loading->options;
    struct file_source source;
    struct sql sql = sql_in(&scope->arena);
    options.skip_bad_rows = true;
    TRY(source_open_csv(scope, loading->lease, &options, true, &source));
    sql_text(&sql, "select count(*) from (select * from ");
    sql_join(&sql, &source.relation);
    sql_text(&sql, ")");
    return db_execute(scope, loading->lease, &sql);
}

#define LAST_SCAN " from reject_errors where scan_id = (select max(scan_id) from reject_errors)"

/* What the reader calls it, as the message chooses its words by. */
static str shape_word(str type)
{
    static const struct {
        str type, word;
    } shapes[] = {{S("MISSING COLUMNS"), S("missing")},
                  {S("TOO MANY COLUMNS"), S("more")},
                  {S("UNQUOTED VALUE"), S("quotes")},
                  {S("LINE SIZE OVER MAXIMUM"), S("long")},
                  {S("INVALID ENCODING"), S("encoding")}};
    for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
        if (str_eq(type, shapes[i].type)) {
            return shapes[i].word;
        }
    }
    return S("other");
}

/* The reader's complaint names the line; ours says what to do. */
static enum err explain_bad_shape(struct loading *loading)
{
    struct scope *scope = loading->scope;
    struct failure first = scope->failure;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    const struct batch *row = NULL;
    scope_forgive(scope);
    enum err result = scan_with_rejects(loading);
    sql_text(&sql,
             "select line, error_message, left(csv_line, 80), error_type::varchar" LAST_SCAN " order by line limit 1");
    if (result == ERR_OK) {
        result = db_run(scope, loading->lease, &sql, &cursor);
    }
    if (result == ERR_OK) {
        result = cursor_next(scope, cursor, &row);
    }
    if (result != ERR_OK || !row) {
        scope->failure = first;
        return first.code;
    }
    str message = column_cell(&row->columns[1], 0).text;
    str text = column_cell(&row->columns[2], 0).text;
    str shown = str_from(loading->options->shown_path);
    int64_t line = column_cell(&row->columns[0], 0).number;
    return fail_and_tell(scope, ERR_DATA, MSG_FAULT_ROW_SHAPE,
                         SAYS(ARG_TEXT("file", shown), argument_digits(&scope->arena, "line", line),
                              ARG_TEXT("shape", shape_word(column_cell(&row->columns[3], 0).text)),
                              ARG_TEXT("text", text)),
                         "%.*s, line %lld: %.*s in '%.*s'; correct the line, or use --on-error skip to leave "
                         "such rows out",
                         STR_ARG(shown), (long long)line, STR_ARG(message), STR_ARG(text));
}

static bool is_bad_shape(const struct loading *loading, enum err result)
{
    return result == ERR_DATABASE && str_eq(str_from(loading->options->format), S("csv")) &&
           str_find(loading->scope->failure.cause, S("CSV Error on Line"), 0) != SIZE_MAX &&
           str_find(loading->scope->failure.cause, S("not utf-8 encoded"), 0) == SIZE_MAX;
}

enum err explain_bad_row(struct loading *loading, enum err result)
{
    struct scope *scope = loading->scope;
    if (is_bad_shape(loading, result)) {
        return explain_bad_shape(loading);
    }
    if (result != ERR_DATA) {
        return result;
    }
    struct failure first = scope->failure;
    for (size_t i = 0; i < loading->schema.count; i++) {
        struct sql bad = sql_in(&scope->arena);
        bool found;
        int64_t record;
        str value;
        if (!add_bad_condition(loading, i, &bad)) {
            continue;
        }
        scope_forgive(scope);
        TRY(find_bad_value(loading, i, &bad, &found, &record, &value));
        if (found) {
            return name_bad_value(loading, i, record, value);
        }
    }
    scope->failure = first;
    return result;
}

/* ---- keeping them aside ---- */

/* case when bad(i) then X(i) … end, over the fields whose type is fixed. */
static void add_choice(const struct loading *loading,
                       void (*add)(const struct loading *, size_t, struct sql *), struct sql *out)
{
    sql_text(out, "case");
    for (size_t i = 0; i < loading->schema.count; i++) {
        struct sql bad = sql_in(out->arena);
        if (add_bad_condition(loading, i, &bad)) {
            sql_text(out, " when ");
            sql_join(out, &bad);
            sql_text(out, " then ");
            add(loading, i, out);
        }
    }
    sql_text(out, " end");
}

static void add_label(const struct loading *loading, size_t at, struct sql *out)
{
    sql_bind(out, cell_text(loading->source.columns[loading->origins[at].column].label));
    sql_text(out, "::varchar");
}

static void add_found(const struct loading *loading, size_t at, struct sql *out)
{
    sql_join(out, &loading->source.columns[loading->origins[at].column].value);
    sql_text(out, "::varchar");
}

static void add_expected(const struct loading *loading, size_t at, struct sql *out)
{
    sql_bind(out, cell_text(field_type_text(loading->schema.fields[at].type)));
    sql_text(out, "::varchar");
}

static struct sql rejected_values(const struct loading *loading, const struct sql *bad)
{
    const struct file_source *source = &loading->source;
    struct sql sql = sql_in(&loading->scope->arena);
    sql_text(&sql, "insert into rejected select record, line, \"column\", found, expected, null, null, "
                   "\"values\" from (select row_number() over () as record, ");
    add_number(loading, true, &sql);
    sql_text(&sql, " as line, ");
    add_choice(loading, add_label, &sql);
    sql_text(&sql, " as \"column\", ");
    add_choice(loading, add_found, &sql);
    sql_text(&sql, " as found, ");
    add_choice(loading, add_expected, &sql);
    sql_text(&sql, " as expected, json_object(");
    for (size_t i = 0; i < source->count; i++) {
        sql_text_constant(&sql, i ? S(", ") : S(""));
        sql_bind(&sql, cell_text(source->columns[i].label));
        sql_text(&sql, "::varchar, ");
        sql_join(&sql, &source->columns[i].value);
        sql_text(&sql, "::varchar");
    }
    sql_text(&sql, ") as \"values\", (");
    sql_join(&sql, bad);
    sql_text(&sql, ") as bad from ");
    sql_join(&sql, &source->relation);
    sql_text(&sql, ") where bad");
    return sql;
}

static enum err run_text(struct loading *loading, const char *statement)
{
    struct sql sql = sql_in(&loading->scope->arena);
    sql_text_constant(&sql, str_from(statement));
    return db_execute(loading->scope, loading->lease, &sql);
}

static enum err collect_rejected(struct loading *loading)
{
    struct sql bad = sql_in(&loading->scope->arena);
    TRY(run_text(loading, "create or replace temp table rejected (record bigint, line bigint, "
                          "\"column\" varchar, found varchar, expected varchar, reason varchar, "
                          "shape varchar, \"values\" json)"));
    if (!loading->options->empty_bad_cells && add_bad_rows(loading, &bad)) {
        struct sql sql = rejected_values(loading, &bad);
        TRY(db_execute(loading->scope, loading->lease, &sql));
    }
    if (!str_eq(str_from(loading->options->format), S("csv"))) {
        return ERR_OK;
    }
    /* One more whole scan, so that the last one noted all rows that have another shape. */
    TRY(scan_with_rejects(loading));
    return run_text(loading, "insert into rejected select null, line, null, csv_line, null, "
                             "any_value(error_message), any_value(error_type)::varchar, null" LAST_SCAN
                             " group by line, csv_line order by line");
}

static enum err write_rejects(struct loading *loading)
{
    struct sql sql = sql_in(&loading->scope->arena);
    sql_text(&sql, "copy rejected to ");
    sql_file_name(&sql, str_from(loading->options->rejects_path));
    sql_text(&sql, " (format json)");
    return db_execute(loading->scope, loading->lease, &sql);
}

enum err save_rejects(struct loading *loading, int64_t *ret_rejected)
{
    struct sql count = sql_in(&loading->scope->arena);
    cell value;
    *ret_rejected = 0;
    TRY(collect_rejected(loading));
    sql_text(&count, "select count(*) from rejected");
    TRY(db_query_cell(loading->scope, loading->lease, &count, &value));
    *ret_rejected = value.number;
    return value.number && loading->options->rejects_path ? write_rejects(loading) : ERR_OK;
}
