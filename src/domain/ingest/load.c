/*
 * Types come from a sample of a CSV file and are then enforced by strict readers; if a later row
 * contradicts, all values are looked at once and the load is repeated with what fits them all. JSON
 * is looked at as a whole from the start.
 */
#include <stdio.h>

#include "base/limits.h"
#include "domain/ingest/source.h"
#include "platform/text/fold.h"

struct loading {
    struct scope *scope;
    struct db_lease *lease;
    const struct ingest_options *options;
    struct file_source source;
    struct schema schema;
    size_t latitude, longitude; /* columns a point is made of; SIZE_MAX: none */
    const struct field_wish **wishes; /* per column, or NULL */
};

static enum err find_masks(struct loading *loading, const struct sql *relation)
{
    struct scope *scope = loading->scope;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select ");
    for (size_t i = 0; i < loading->source.count; i++) {
        sql_text_constant(&sql, i ? S(", bit_and(") : S("bit_and("));
        sql_text_constant(&sql, str_from(loading->source.mask_function));
        sql_text(&sql, "(");
        sql_join(&sql, &loading->source.columns[i].value);
        sql_text(&sql, "))");
    }
    sql_text(&sql, " from ");
    sql_join(&sql, relation);
    const struct batch *row;
    TRY(db_run(scope, loading->lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    for (size_t i = 0; i < loading->source.count; i++) {
        cell mask = row ? column_cell(&row->columns[i], 0) : cell_null();
        loading->source.columns[i].mask = mask.type == CELL_INT ? (int)mask.number : MASK_ALL;
    }
    return ERR_OK;
}

static bool name_suggests_point(str name)
{
    static const char *const parts[] = {"geo", "point", "coord", "position", "location", "latlon",
                                        "lat_lon"};
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        if (str_find(name, str_from(parts[i]), 0) != SIZE_MAX) {
            return true;
        }
    }
    return false;
}

static bool is_one_of(str name, const char *const *names)
{
    for (; *names; names++) {
        if (str_eq(name, str_from(*names))) {
            return true;
        }
    }
    return false;
}

static str unique_name(struct loading *loading, size_t count, str label)
{
    struct arena *arena = &loading->scope->arena;
    str base = text_identifier(arena, label);
    base = str_slice(base, 0, LIMIT_NAME_BYTES - 10);
    if (base.n == 0) {
        base = str_printf(arena, "field_%zu", count + 1);
    }
    str name = base;
    struct schema so_far = {loading->schema.fields, count};
    for (int i = 2; schema_find(&so_far, name); i++) {
        name = str_printf(arena, "%.*s_%d", STR_ARG(base), i);
    }
    return name;
}

static const struct field_wish *find_wish(const struct loading *loading, str name, str label)
{
    for (size_t i = 0; i < loading->options->wish_count; i++) {
        const struct field_wish *wish = &loading->options->wishes[i];
        if (str_eq(wish->name, name) || str_eq(wish->name, label)) {
            return wish;
        }
    }
    return NULL;
}

static enum err apply_wish(struct loading *loading, const struct field_wish *wish,
                           struct field *field)
{
    if (wish->has_type) {
        field->type = wish->type;
    }
    if (wish->label.p) {
        field->label = wish->label;
    }
    if (wish->description.p) {
        field->description = wish->description;
    }
    for (size_t i = 0; i < wish->annotations.count; i++) {
        TRY(field_annotate(loading->scope, field, wish->annotations.items[i].annotation,
                           wish->annotations.items[i].value));
    }
    if (field_is_list(field) && field->type != FIELD_TEXT) {
        return fail(loading->scope, ERR_METADATA,
                    "field %.*s: only text fields can be multivalued", STR_ARG(field->name));
    }
    return ERR_OK;
}

static void find_coordinates(struct loading *loading)
{
    static const char *const latitudes[] = {"lat", "latitude", "y_wgs84", NULL};
    static const char *const longitudes[] = {"lon", "lng", "long", "longitude", "x_wgs84", NULL};
    loading->latitude = loading->longitude = SIZE_MAX;
    for (size_t i = 0; i < loading->source.count; i++) {
        const struct field *field = &loading->schema.fields[i];
        bool numeric = field->type == FIELD_DOUBLE || field->type == FIELD_INT;
        if (numeric && is_one_of(field->name, latitudes)) {
            loading->latitude = i;
        }
        if (numeric && is_one_of(field->name, longitudes)) {
            loading->longitude = i;
        }
    }
}

static enum err make_schema(struct loading *loading)
{
    struct scope *scope = loading->scope;
    size_t count = loading->source.count;
    loading->schema.fields = arena_array(&scope->arena, struct field, count + 1);
    loading->wishes = arena_array(&scope->arena, const struct field_wish *, count);
    for (size_t i = 0; i < count; i++) {
        struct source_column *column = &loading->source.columns[i];
        struct field *field = &loading->schema.fields[i];
        *field = (struct field){.label = column->label, .decimals = -1,
                                .name = unique_name(loading, i, column->label)};
        field->type = column->has_type ? column->type : type_of_mask(column->mask);
        bool all_lists = (column->mask & MASK_LIST) && !(column->mask & MASK_TEXT);
        if (column->is_list || all_lists) {
            field->multivalued = S(",");
        }
        if (field->type == FIELD_TEXT && (column->mask & MASK_POINT) && column->mask != MASK_ALL &&
            name_suggests_point(field->name)) {
            field->type = FIELD_GEO_POINT;
        }
        if (field->type == FIELD_GEO_POINT && str_eq(field->name, S("geo_shape"))) {
            field->name = S("geo_point_2d");
            field->label = S("geo_point_2d");
        }
        loading->wishes[i] = find_wish(loading, field->name, column->label);
        if (loading->wishes[i]) {
            TRY(apply_wish(loading, loading->wishes[i], field));
        }
    }
    loading->schema.count = count;
    find_coordinates(loading);
    bool has_point = schema_find(&loading->schema, S("geo_point_2d")) != NULL;
    if (loading->latitude != SIZE_MAX && loading->longitude != SIZE_MAX && !has_point) {
        loading->schema.fields[count] = (struct field){.name = S("geo_point_2d"),
                                                       .label = S("geo_point_2d"),
                                                       .type = FIELD_GEO_POINT,
                                                       .decimals = -1};
        loading->schema.count = count + 1;
    } else {
        loading->latitude = loading->longitude = SIZE_MAX;
    }
    return ERR_OK;
}

static void add_call(struct sql *out, const char *function, const struct sql *value)
{
    sql_text_constant(out, str_from(function));
    sql_text(out, "(");
    sql_join(out, value);
    sql_text(out, ")");
}

static const char *reader_of(const struct field *field, int mask)
{
    switch (field->type) {
    case FIELD_INT:
        return "read_int";
    case FIELD_DOUBLE:
        return mask & MASK_DOUBLE || !(mask & MASK_COMMA) ? "read_double" : "read_comma";
    case FIELD_BOOLEAN:
        return "read_boolean";
    case FIELD_DATE:
        return mask & MASK_DATE || !(mask & MASK_DAY_FIRST) ? "read_date" : "read_day_first";
    case FIELD_DATETIME:
        return "read_datetime";
    default:
        return NULL;
    }
}

/* The text a strict reader reads: a CSV cell, or a JSON scalar without its quotes. */
static struct sql scalar_text(struct loading *loading, const struct source_column *column)
{
    struct sql text = sql_in(&loading->scope->arena);
    bool json = loading->source.mask_function && strcmp(loading->source.mask_function, "json_mask") == 0;
    if (json) {
        sql_text(&text, "json_extract_string(");
        sql_join(&text, &column->value);
        sql_text(&text, ", '$')");
    } else {
        sql_join(&text, &column->value);
        sql_text(&text, "::varchar");
    }
    return text;
}

static void add_point(struct loading *loading, const struct source_column *column, bool latitude,
                      struct sql *out)
{
    if (column->mask & MASK_POINT_OBJECT && loading->source.mask_function &&
        strcmp(loading->source.mask_function, "json_mask") == 0) {
        sql_text(out, "coalesce(try_cast(json_extract_string(");
        sql_join(out, &column->value);
        sql_text_constant(out, latitude ? S(", '$.lat') as double), try_cast(json_extract_string(")
                                        : S(", '$.lon') as double), try_cast(json_extract_string("));
        sql_join(out, &column->value);
        sql_text_constant(out, latitude ? S(", '$.coordinates[1]') as double))")
                                        : S(", '$.coordinates[0]') as double))"));
        return;
    }
    struct sql text = scalar_text(loading, column);
    add_call(out, latitude ? "read_latitude" : "read_longitude", &text);
}

static void add_list(struct loading *loading, const struct source_column *column,
                     const struct field *field, struct sql *out)
{
    if (column->is_list) {
        sql_join(out, &column->value);
    } else if (column->mask & MASK_LIST && column->mask != MASK_ALL) {
        sql_text(out, "from_json(");
        sql_join(out, &column->value);
        sql_text(out, ", '[\"VARCHAR\"]')");
    } else {
        struct sql text = scalar_text(loading, column);
        sql_text(out, "list_transform(string_split(nullif(");
        sql_join(out, &text);
        sql_text(out, ", ''), ");
        sql_bind(out, cell_text(field->multivalued));
        sql_text(out, "::varchar), lambda x: trim(x))");
    }
}

/* The stored value of a field. */
static void add_value(struct loading *loading, size_t at, struct sql *out)
{
    const struct source_column *column = &loading->source.columns[at];
    const struct field *field = &loading->schema.fields[at];
    const char *reader = reader_of(field, column->mask);
    struct sql text = scalar_text(loading, column);
    if (field_is_list(field)) {
        add_list(loading, column, field, out);
    } else if (column->has_type && field->type == column->type && field->type != FIELD_TEXT &&
               field->type != FIELD_JSON) {
        sql_join(out, &column->value);
        sql_text(out, "::");
        sql_text_constant(out, field_type_column(field->type));
    } else if (reader) {
        add_call(out, reader, &text);
    } else if (field->type == FIELD_GEO_SHAPE || field->type == FIELD_JSON) {
        sql_text(out, "nullif(");
        if (column->has_type) {
            add_call(out, "to_json", &column->value);
        } else {
            sql_join(out, &column->value);
        }
        sql_text(out, "::varchar, 'null')");
    } else {
        sql_text(out, "nullif(");
        sql_join(out, &text);
        sql_text(out, ", '')");
    }
}

static void add_columns(struct loading *loading, struct sql *out)
{
    struct arena *arena = &loading->scope->arena;
    for (size_t i = 0; i < loading->schema.count; i++) {
        const struct field *field = &loading->schema.fields[i];
        if (i) {
            sql_text(out, ", ");
        }
        if (field->type == FIELD_GEO_POINT) {
            bool made = i == loading->source.count;
            for (int latitude = 0; latitude < 2; latitude++) {
                if (made) {
                    add_value(loading, latitude ? loading->latitude : loading->longitude, out);
                    sql_text(out, "::double");
                } else {
                    add_point(loading, &loading->source.columns[i], latitude, out);
                }
                sql_text(out, " as ");
                sql_name(out, latitude ? field_latitude_column(arena, field)
                                       : field_longitude_column(arena, field));
                sql_text_constant(out, latitude ? S("") : S(", "));
            }
        } else {
            add_value(loading, i, out);
            sql_text(out, " as ");
            sql_name(out, field->name);
        }
    }
}

static void add_key(struct loading *loading, struct sql *out)
{
    bool any_id = false;
    for (size_t i = 0; i < loading->schema.count; i++) {
        any_id |= loading->schema.fields[i].id;
    }
    bool first = true;
    sql_text(out, "record_key(");
    for (size_t i = 0; i < loading->schema.count; i++) {
        const struct field *field = &loading->schema.fields[i];
        if (any_id && !field->id) {
            continue;
        }
        sql_text_constant(out, first ? S("") : S(", "));
        first = false;
        if (field->type == FIELD_GEO_POINT) {
            sql_name(out, field_longitude_column(out->arena, field));
            sql_text(out, ", ");
            sql_name(out, field_latitude_column(out->arena, field));
        } else {
            sql_name(out, field->name);
        }
    }
    sql_text(out, ") as \"_key\"");
}

/* ---- bad rows ---- */

static int mask_bit(const struct field *field)
{
    switch (field->type) {
    case FIELD_INT:
        return MASK_INT;
    case FIELD_DOUBLE:
        return MASK_DOUBLE | MASK_COMMA;
    case FIELD_BOOLEAN:
        return MASK_BOOLEAN;
    case FIELD_DATE:
        return MASK_DATE | MASK_DAY_FIRST;
    case FIELD_DATETIME:
        return MASK_DATETIME;
    case FIELD_GEO_POINT:
        return MASK_POINT | MASK_POINT_OBJECT;
    default:
        return 0;
    }
}

/* mask(value) & bits = 0, for the fields whose type was asked for. */
static bool add_bad_condition(struct loading *loading, size_t at, struct sql *out)
{
    const struct field *field = &loading->schema.fields[at];
    int bits = at < loading->source.count ? mask_bit(field) : 0;
    bool asked = at < loading->source.count && loading->wishes[at] && loading->wishes[at]->has_type;
    if (!bits || !asked || !loading->source.mask_function) {
        return false;
    }
    sql_text(out, "(");
    add_call(out, loading->source.mask_function, &loading->source.columns[at].value);
    sql_text_constant(out, str_printf(out->arena, " & %d) = 0", bits));
    return true;
}

/* Finds the first row that a reader refused, for the message. */
static enum err diagnose(struct loading *loading, enum err result)
{
    struct scope *scope = loading->scope;
    if (result != ERR_DATA) {
        return result;
    }
    struct failure first = scope->failure;
    for (size_t i = 0; i < loading->source.count; i++) {
        struct sql bad = sql_in(&scope->arena);
        if (!add_bad_condition(loading, i, &bad)) {
            continue;
        }
        scope_forgive(scope);
        struct sql sql = sql_in(&scope->arena);
        sql_text(&sql, "select printf('%d|%s', n, left(v, 60)) from (select row_number() over () "
                       "as n, ");
        sql_join(&sql, &loading->source.columns[i].value);
        sql_text(&sql, "::varchar as v, ");
        sql_join(&sql, &bad);
        sql_text(&sql, " as bad from ");
        sql_join(&sql, &loading->source.relation);
        sql_text(&sql, ") where bad order by n limit 1");
        cell found;
        TRY(db_query_cell(scope, loading->lease, &sql, &found));
        if (found.type == CELL_TEXT) {
            str rest = found.text;
            str row;
            str_split(&rest, '|', &row);
            return fail(scope, ERR_DATA,
                        "record %.*s, column '%.*s': '%.*s' was found, %.*s is expected; use --type "
                        "%.*s=text to keep it as text, or --on-error skip to leave such rows out",
                        STR_ARG(row), STR_ARG(loading->source.columns[i].label), STR_ARG(rest),
                        STR_ARG(field_type_text(loading->schema.fields[i].type)),
                        STR_ARG(loading->schema.fields[i].name));
        }
    }
    scope->failure = first;
    return result;
}

static bool add_bad_rows(struct loading *loading, struct sql *out)
{
    bool any = false;
    for (size_t i = 0; i < loading->source.count; i++) {
        struct sql bad = sql_in(out->arena);
        if (add_bad_condition(loading, i, &bad)) {
            sql_text_constant(out, any ? S(" or ") : S(""));
            sql_join(out, &bad);
            any = true;
        }
    }
    return any;
}

/* Writes rejected rows next to the version; returns how many there were. */
static enum err save_rejects(struct loading *loading, int64_t *ret_rejected)
{
    struct scope *scope = loading->scope;
    struct sql bad = sql_in(&scope->arena);
    *ret_rejected = 0;
    if (!add_bad_rows(loading, &bad)) {
        return ERR_OK;
    }
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "create temp table rejected as select * from (select row_number() over () as "
                   "record, * from ");
    sql_join(&sql, &loading->source.relation);
    sql_text(&sql, ") where ");
    sql_join(&sql, &bad);
    TRY(db_execute(scope, loading->lease, &sql));
    struct sql count = sql_in(&scope->arena);
    sql_text(&count, "select count(*) from rejected");
    cell value;
    TRY(db_query_cell(scope, loading->lease, &count, &value));
    *ret_rejected = value.number;
    if (value.number && loading->options->rejects_path) {
        struct sql copy = sql_in(&scope->arena);
        struct buf text = {0};
        buf_add(&text, S("copy rejected to '"));
        for (const char *at = loading->options->rejects_path; *at; at++) {
            buf_add(&text, *at == '\'' ? S("''") : (str){at, 1});
        }
        buf_add(&text, S("' (format json)"));
        sql_text_constant(&copy, buf_copy(&text, &scope->arena));
        buf_done(&text);
        TRY(db_execute(scope, loading->lease, &copy));
    }
    return ERR_OK;
}

static enum err create_records(struct loading *loading)
{
    struct scope *scope = loading->scope;
    struct sql sql = sql_in(&scope->arena);
    struct sql bad = sql_in(&scope->arena);
    sql_text(&sql, "create or replace table records as select *, ");
    add_key(loading, &sql);
    sql_text(&sql, " from (select ");
    add_columns(loading, &sql);
    sql_text(&sql, " from ");
    sql_join(&sql, &loading->source.relation);
    if (loading->options->skip_bad_rows && add_bad_rows(loading, &bad)) {
        sql_text(&sql, " where not (");
        sql_join(&sql, &bad);
        sql_text(&sql, ")");
    }
    sql_text(&sql, ")");
    return db_execute(scope, loading->lease, &sql);
}

static enum err load(struct loading *loading, struct ingest_result *result)
{
    struct scope *scope = loading->scope;
    if (loading->source.mask_function) {
        TRY(find_masks(loading, &loading->source.sample_relation));
    }
    TRY(make_schema(loading));
    enum err created = create_records(loading);
    if (created == ERR_DATA && loading->source.mask_function) {
        scope_forgive(scope); /* a later row contradicts the sample: look at all of them */
        TRY(find_masks(loading, &loading->source.relation));
        TRY(make_schema(loading));
        created = create_records(loading);
    }
    TRY(diagnose(loading, created));
    if (loading->options->skip_bad_rows) {
        TRY(save_rejects(loading, &result->rejected));
    }
    struct sql count = sql_in(&scope->arena);
    sql_text(&count, "select count(*) from records");
    cell value;
    TRY(db_query_cell(scope, loading->lease, &count, &value));
    result->rows = value.number;
    result->schema = loading->schema;
    return ERR_OK;
}

/* The engine says when a file cannot be read by several threads; then one does. */
static enum err load_csv(struct loading *loading, struct ingest_result *result)
{
    struct scope *scope = loading->scope;
    TRY(source_open_csv(scope, loading->lease, loading->options, false, &loading->source));
    enum err loaded = load(loading, result);
    if (loaded == ERR_DATABASE && str_find(scope->failure.cause, S("parallel"), 0) != SIZE_MAX) {
        scope_forgive(scope);
        TRY(source_open_csv(scope, loading->lease, loading->options, true, &loading->source));
        loaded = load(loading, result);
    }
    return source_explain(scope, "the CSV file", loaded);
}

enum err ingest_load(struct scope *scope, struct db *db, const struct ingest_options *options,
                     struct ingest_result *ret_result)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct loading loading = {.scope = scope, .options = options};
    str format = str_from(options->format);
    TRY(db_lease(scope, db, &lease));
    loading.lease = lease;
    struct ingest_result result = {0};
    if (str_eq(format, S("csv"))) {
        TRY(load_csv(&loading, &result));
        *ret_result = result;
        return ERR_OK;
    }
    if (str_eq(format, S("parquet"))) {
        TRY(source_open_parquet(scope, lease, options, &loading.source));
    } else {
        TRY(source_open_json(scope, lease, options, &loading.source));
    }
    TRY(load(&loading, &result));
    *ret_result = result;
    return ERR_OK;
}

const char *ingest_recognise(str file_name, str start)
{
    str text = str_trim(start);
    if (str_starts(start, S("\xef\xbb\xbf"))) {
        text = str_trim(str_slice(start, 3, start.n));
    }
    if (str_starts(start, S("PAR1"))) {
        return "parquet";
    }
    if (str_starts(start, S("PK\x03\x04")) || str_starts(start, S("\x89PNG")) ||
        str_starts(start, S("%PDF"))) {
        return NULL;
    }
    if (text.n && text.p[0] == '[') {
        return "json";
    }
    if (text.n && text.p[0] == '{') {
        bool collection = str_find(text, S("\"FeatureCollection\""), 0) != SIZE_MAX;
        return collection ? "geojson" : "jsonl";
    }
    (void)file_name;
    return "csv";
}
