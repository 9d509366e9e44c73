/*
 * CSV: the engine's sniffer finds the dialect, and its reader gives the cells as texts.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/limits.h"
#include "domain/ingest/source.h"
#include "platform/i18n/explanation.h"

#define START_BYTES (1 << 20)

struct dialect {
    str delimiter, quote, escape;
    bool header;
    int64_t skip;
    str *labels; /* the header row as it is in the file; the engine's names where it is empty */
    size_t count;
};

static void read_sniffed(struct scope *scope, const struct batch *row, struct dialect *ret)
{
    str texts[3];
    for (size_t i = 0; i < 3; i++) {
        cell value = column_cell(&row->columns[i], 0);
        texts[i] = value.type == CELL_TEXT ? str_copy(&scope->arena, value.text) : S("");
        if (str_eq(texts[i], S("(empty)"))) {
            texts[i] = S("");
        }
    }
    if (!texts[1].n) { /* the sample had no quotes; what follows may have some */
        texts[1] = texts[2] = S("\"");
    }
    const struct column *names = &row->columns[5];
    struct span list = names->type == CELL_TEXT_LIST ? names->lists[0] : (struct span){0};
    struct dialect dialect = {.delimiter = texts[0], .quote = texts[1], .escape = texts[2],
                              .header = column_cell(&row->columns[3], 0).truth,
                              .skip = column_cell(&row->columns[4], 0).number,
                              .labels = arena_array(&scope->arena, str, list.count),
                              .count = list.count};
    for (size_t i = 0; i < list.count; i++) {
        dialect.labels[i] = str_copy(&scope->arena, names->items[list.from + i]);
    }
    *ret = dialect;
}

/* delimiter: NULL for any. pads: rows may have fewer cells than others. */
static enum err sniff_once(struct scope *scope, struct db_lease *lease,
                           const struct ingest_options *options, const char *delimiter,
                           bool pads, struct dialect *ret)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    const struct batch *row;
    sql_text(&sql, "select Delimiter, Quote, Escape, HasHeader, SkipRows::bigint, "
                   "list_transform(Columns, lambda c: c.name) from sniff_csv(");
    sql_bind(&sql, cell_text(str_from(options->path)));
    if (delimiter) {
        sql_text(&sql, ", delim = ");
        sql_bind(&sql, cell_text(str_from(delimiter)));
    }
    sql_text_constant(&sql, pads ? S(", null_padding = true)") : S(")"));
    enum err result = db_run(scope, lease, &sql, &cursor);
    if (result == ERR_OK) {
        result = cursor_next(scope, cursor, &row);
    }
    TRY(source_explain(scope, options, result));
    if (!row) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_EMPTY,
                             SAYS(ARG_TEXT("file", str_from(options->shown_path))));
    }
    read_sniffed(scope, row, ret);
    return ERR_OK;
}

static enum err refuse_fields(struct scope *scope, const struct ingest_options *options)
{
    return fail_in_words(
        scope, ERR_DATA, MSG_FAULT_FILE_FIELDS,
        SAYS(ARG_TEXT("file", str_from(options->shown_path)), argument_digits(&scope->arena, "most", LIMIT_FIELDS)));
}

/* Every row has the same number of cells, and nothing was passed over to make it so. */
static enum err sniff_even(struct scope *scope, struct db_lease *lease,
                           const struct ingest_options *options, const char *delimiter,
                           struct dialect *ret, bool *ret_even)
{
    struct dialect dialect;
    enum err result = sniff_once(scope, lease, options, delimiter, false, &dialect);
    *ret_even = result == ERR_OK && dialect.count > 1 && dialect.skip == 0;
    if (*ret_even) {
        *ret = dialect;
    }
    if (result == ERR_DATA) {
        scope_forgive(scope);
        return ERR_OK;
    }
    return result;
}

/*
 * A delimiter that gives every row the same number of cells is the right one. With short rows allowed
 * the sniffer prefers one that gives the last row more: a text with commas beats semicolons.
 */
static enum err sniff(struct scope *scope, struct db_lease *lease,
                      const struct ingest_options *options, struct dialect *ret)
{
    static const char *const delimiters[] = {NULL, ";", ",", "\t", "|"};
    for (size_t i = 0; i < ARRAY_LENGTH(delimiters); i++) {
        bool is_even;
        TRY(sniff_even(scope, lease, options, delimiters[i], ret, &is_even));
        if (is_even) {
            return ret->count > LIMIT_FIELDS ? refuse_fields(scope, options) : ERR_OK;
        }
    }
    TRY(sniff_once(scope, lease, options, NULL, true, ret));
    return ret->count > LIMIT_FIELDS ? refuse_fields(scope, options) : ERR_OK;
}

/* How many of a delimiter stand outside quotes in the first line of a text; ret_rest: what follows it. */
static size_t count_delimiters(str text, char delimiter, str *ret_rest)
{
    size_t count = 0;
    bool is_quoted = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        is_quoted ^= c == '"';
        if (c == '\n' && !is_quoted) {
            *ret_rest = str_slice(text, i + 1, text.n);
            return count;
        }
        count += c == delimiter && !is_quoted;
    }
    *ret_rest = S("");
    return count;
}

/* The sniffer takes many seconds over thousands of columns: two lines that agree on them are enough to refuse. */
static enum err check_width(struct scope *scope, const struct ingest_options *options)
{
    static const char delimiters[] = {',', ';', '\t', '|'};
    char *start = arena_alloc(&scope->arena, START_BYTES);
    int file = options->is_compressed ? -1 : open(options->path, O_RDONLY | O_CLOEXEC);
    ssize_t n = file >= 0 ? pread(file, start, START_BYTES, 0) : 0;
    if (file >= 0) {
        close(file);
    }
    for (size_t i = 0; n > 0 && i < sizeof(delimiters); i++) {
        str rest = {start, (size_t)n};
        size_t first = count_delimiters(rest, delimiters[i], &rest);
        if (first >= LIMIT_FIELDS && rest.n && count_delimiters(rest, delimiters[i], &rest) == first) {
            return refuse_fields(scope, options);
        }
    }
    return ERR_OK;
}

static void append_read_csv(struct sql *out, const struct ingest_options *options,
                            const struct dialect *dialect, size_t columns, bool serial)
{
    sql_text(out, "read_csv(");
    sql_bind(out, cell_text(str_from(options->path)));
    sql_text(out, ", auto_detect = false, delim = ");
    sql_bind(out, cell_text(dialect->delimiter));
    sql_text(out, ", quote = ");
    sql_bind(out, cell_text(dialect->quote));
    sql_text(out, ", escape = ");
    sql_bind(out, cell_text(dialect->escape));
    sql_text_constant(out, dialect->header ? S(", header = true") : S(", header = false"));
    sql_text(out, ", skip = ");
    sql_bind(out, cell_int(dialect->skip));
    sql_text(out, ", null_padding = true, max_line_size = ");
    sql_text_constant(out, str_printf(out->arena, "%d", LIMIT_LINE_BYTES));
    sql_text_constant(out, serial ? S(", parallel = false") : S(""));
    if (options->skip_bad_rows) {
        sql_text(out, ", ignore_errors = true, store_rejects = true, rejects_limit = 0");
    }
    sql_text(out, ", columns = {");
    for (size_t i = 0; i < columns; i++) {
        sql_text_constant(out, str_printf(out->arena, "%s'c%zu': 'VARCHAR'", i ? ", " : "", i));
    }
    sql_text(out, "})");
}

/* The sniffer puts _1, _2 … behind labels that come again. */
static bool is_header(const struct batch *row, const struct dialect *dialect)
{
    bool same = row->column_count == dialect->count;
    for (size_t i = 0; same && i < dialect->count; i++) {
        cell value = column_cell(&row->columns[i], 0);
        same = value.type != CELL_TEXT ||
               str_starts(str_trim(dialect->labels[i]), str_trim(value.text));
    }
    return same;
}

/* Replaces the sniffer's names by the labels in the file, which people know. */
static enum err read_header(struct scope *scope, struct db_lease *lease,
                            const struct ingest_options *options, struct dialect *dialect)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    struct dialect headless = *dialect;
    struct ingest_options tolerant = *options;
    const struct batch *row;
    headless.header = false;
    tolerant.skip_bad_rows = true; /* bad rows are the loading's business */
    sql_text(&sql, "select * from ");
    append_read_csv(&sql, &tolerant, &headless, dialect->count, true);
    sql_text(&sql, " limit 1");
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    bool found = row && is_header(row, dialect);
    for (size_t i = 0; found && i < dialect->count; i++) {
        cell value = column_cell(&row->columns[i], 0);
        if (value.type == CELL_TEXT && value.text.n) {
            dialect->labels[i] = str_copy(&scope->arena, value.text);
        }
    }
    return ERR_OK;
}

enum err source_open_csv(struct scope *scope, struct db_lease *lease,
                         const struct ingest_options *options, bool serial,
                         struct file_source *ret)
{
    struct dialect dialect;
    TRY(check_width(scope, options));
    TRY(sniff(scope, lease, options, &dialect));
    if (dialect.header) {
        TRY(source_explain(scope, options, read_header(scope, lease, options, &dialect)));
    }
    size_t count = dialect.count;
    struct file_source source = {.relation = sql_in(&scope->arena),
                                 .sample_relation = sql_in(&scope->arena),
                                 .mask_function = "text_mask",
                                 .columns = arena_array(&scope->arena, struct source_column, count),
                                 .count = count,
                                 .quote = dialect.quote.n ? dialect.quote.p[0] : 0,
                                 .has_header = dialect.header,
                                 .skipped_lines = dialect.skip};
    append_read_csv(&source.relation, options, &dialect, count, serial);
    sql_text(&source.sample_relation, "(select * from ");
    sql_join(&source.sample_relation, &source.relation);
    sql_text_constant(&source.sample_relation,
                      str_printf(&scope->arena, " limit %d)", SAMPLE_ROWS));
    for (size_t i = 0; i < count; i++) {
        source.columns[i].label = dialect.labels[i];
        source.columns[i].value = sql_in(&scope->arena);
        sql_text_constant(&source.columns[i].value, str_printf(&scope->arena, "c%zu", i));
    }
    *ret = source;
    return ERR_OK;
}
