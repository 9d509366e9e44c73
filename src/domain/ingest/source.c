#include "domain/ingest/source.h"

#include <sys/stat.h>

#include "base/json_read.h"
#include "base/limits.h"

#define COLLECTION_BYTES_MOST (256ll << 20) /* a GeoJSON file */
#define SAMPLE_ROWS 20480

/* Runs a statement that yields one row a name; texts are copied. At most LIMIT_FIELDS. */
static enum err list_texts(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                           str **ret_texts, size_t *ret_count)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(str) texts = {0};
    TRY(db_run(scope, lease, sql, &cursor));
    for (;;) {
        const struct batch *batch;
        TRY(cursor_next(scope, cursor, &batch));
        if (!batch) {
            break;
        }
        for (size_t i = 0; i < batch->rows; i++) {
            cell value = column_cell(&batch->columns[0], i);
            str text = value.type == CELL_TEXT ? value.text : S("");
            vec_add(&scope->arena, &texts, str_copy(&scope->arena, text));
        }
        if (texts.count > LIMIT_FIELDS) {
            return fail(scope, ERR_DATA, "the file has more than %d fields", LIMIT_FIELDS);
        }
    }
    *ret_texts = texts.items;
    *ret_count = texts.count;
    return ERR_OK;
}

static bool is_json(const struct ingest_options *options)
{
    str format = str_from(options->format);
    return !str_eq(format, S("csv")) && !str_eq(format, S("parquet"));
}

/* The engine knows the file by the name of our copy. */
static str without_path(struct arena *arena, str text, const struct ingest_options *options)
{
    size_t at = str_find(text, str_from(options->path), 0);
    return at == SIZE_MAX ? text
                          : str_printf(arena, "%.*s%s%.*s", STR_ARG(str_slice(text, 0, at)),
                                       options->shown_path,
                                       STR_ARG(str_slice(text, at + strlen(options->path), text.n)));
}

enum err source_explain(struct scope *scope, const struct ingest_options *options,
                        enum err result)
{
    if (result != ERR_DATABASE) {
        return result;
    }
    str cause = str_copy(&scope->arena, scope->failure.cause);
    struct json_fault fault;
    scope_forgive(scope);
    if (is_json(options) && source_find_json_fault(&scope->arena, options, &fault)) {
        return fail_with_cause(scope, ERR_DATA, cause,
                               "%s, line %d, column %d: the JSON is malformed: %.*s",
                               options->shown_path, fault.line, fault.column,
                               STR_ARG(fault.reason));
    }
    size_t colon = str_find(cause, S(": "), 0);
    str text = str_slice(cause, colon == SIZE_MAX ? 0 : colon + 2, cause.n);
    text = str_slice(text, 0, str_find_char(text, '\n', 0));
    text = without_path(&scope->arena, text, options);
    return fail_with_cause(scope, ERR_DATA, cause, "%s: it cannot be read as %s: %.*s",
                           options->shown_path, options->format, STR_ARG(text));
}

/* ---- CSV ---- */

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
        return fail(scope, ERR_DATA, "%s: the file is empty", options->shown_path);
    }
    read_sniffed(scope, row, ret);
    if (ret->count > LIMIT_FIELDS) {
        return fail(scope, ERR_DATA, "%s: the file has more than %d fields", options->shown_path,
                    LIMIT_FIELDS);
    }
    return ERR_OK;
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
            return ERR_OK;
        }
    }
    return sniff_once(scope, lease, options, NULL, true, ret);
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
    sql_text(out, ", null_padding = true, max_line_size = 4194304");
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

/* ---- JSON ---- */

/* A FeatureCollection is one value of JSON, which the engine holds as a whole, several times over. */
static enum err explain_collection(struct scope *scope, const struct ingest_options *options, enum err result)
{
    bool is_large = str_find(scope->failure.cause, S("maximum_object_size"), 0) != SIZE_MAX;
    if (result == ERR_OK || (result != ERR_BUSY && !is_large)) {
        return source_explain(scope, options, result);
    }
    str cause = scope->failure.cause;
    scope_forgive(scope);
    return fail_with_cause(scope, ERR_TOO_LARGE, cause,
                           "%s: a GeoJSON file must fit in memory %s; convert it to CSV with "
                           "geometries as WKT, which is read bit by bit%s",
                           options->shown_path, is_large ? "and be smaller than 256 MB" : "many times over",
                           is_large ? "" : ", or give the import more (--memory)");
}

/* The engine makes several buffers of the largest size that a value may have. */
static long long collection_bytes(const struct ingest_options *options)
{
    struct stat facts;
    bool is_known = !options->is_compressed && stat(options->path, &facts) == 0 && S_ISREG(facts.st_mode);
    return is_known && facts.st_size < COLLECTION_BYTES_MOST ? (long long)facts.st_size + 1024
                                                             : COLLECTION_BYTES_MOST;
}

static enum err load_objects(struct scope *scope, struct db_lease *lease,
                             const struct ingest_options *options)
{
    struct sql sql = sql_in(&scope->arena);
    bool is_collection = str_eq(str_from(options->format), S("geojson"));
    sql_text(&sql, "create temp table raw as ");
    if (is_collection) {
        sql_text(&sql, "select unnest(from_json(json_extract(json, '$.features'), '[\"JSON\"]')) "
                       "as j from read_json_objects(");
        sql_bind(&sql, cell_text(str_from(options->path)));
        sql_text_constant(&sql, str_printf(&scope->arena,
                                           ", format = 'unstructured', maximum_object_size = %lld)",
                                           collection_bytes(options)));
    } else {
        bool lines = str_eq(str_from(options->format), S("jsonl"));
        sql_text(&sql, "select json as j from read_json_objects(");
        sql_bind(&sql, cell_text(str_from(options->path)));
        sql_text_constant(&sql, lines ? S(", format = 'newline_delimited'") : S(", format = 'array'"));
        sql_text(&sql, ", maximum_object_size = 33554432)");
    }
    enum err result = db_execute(scope, lease, &sql);
    return is_collection ? explain_collection(scope, options, result)
                         : source_explain(scope, options, result);
}

/*
 * JSON pointer (RFC 6901) to a key. A path in the engine's own notation cannot name the empty key,
 * and takes * for all keys even in quotes.
 */
static str key_pointer(struct arena *arena, bool geojson, str key)
{
    struct buf out = {0};
    buf_add(&out, geojson ? S("/properties/") : S("/"));
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] == '~' || key.p[i] == '/') {
            buf_add(&out, key.p[i] == '~' ? S("~0") : S("~1"));
        } else {
            buf_add_char(&out, key.p[i]);
        }
    }
    str pointer = buf_copy(&out, arena);
    buf_done(&out);
    return pointer;
}

static enum err list_keys(struct scope *scope, struct db_lease *lease, bool geojson,
                          str **ret_keys, size_t *ret_count)
{
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select k from (select unnest(json_keys(");
    sql_text_constant(&sql, geojson ? S("j->'$.properties'") : S("j"));
    sql_text(&sql, ")) as k, generate_subscripts(json_keys(");
    sql_text_constant(&sql, geojson ? S("j->'$.properties'") : S("j"));
    sql_text(&sql, "), 1) as n, rowid as r from raw) group by k "
                   "order by min(r), arg_min(n, r)");
    return list_texts(scope, lease, &sql, ret_keys, ret_count);
}

enum err source_open_json(struct scope *scope, struct db_lease *lease,
                          const struct ingest_options *options, struct file_source *ret)
{
    bool geojson = str_eq(str_from(options->format), S("geojson"));
    str *keys;
    size_t count;
    TRY(load_objects(scope, lease, options));
    if (options->columns) {
        count = options->column_count;
        keys = arena_array(&scope->arena, str, count);
        for (size_t i = 0; i < count; i++) {
            const struct known_column *known = &options->columns[i];
            keys[i] = known->key.p ? known->key : known->label;
        }
    } else {
        TRY(list_keys(scope, lease, geojson, &keys, &count));
    }
    struct file_source source = {
        .relation = sql_in(&scope->arena),
        .mask_function = "json_mask",
        .columns = arena_array(&scope->arena, struct source_column, count + 1),
        .count = count + geojson};
    sql_text(&source.relation, "raw");
    source.sample_relation = source.relation;
    for (size_t i = 0; i < source.count; i++) {
        struct source_column *column = &source.columns[i];
        bool geometry = i == count;
        column->label = geometry ? S("geo_shape") : keys[i];
        column->value = sql_in(&scope->arena);
        if (options->columns) {
            column->label = options->columns[i].label;
            column->is_declared = !options->columns[i].is_open;
            column->type = options->columns[i].type;
            column->is_list = options->columns[i].is_list;
        }
        str path = geometry ? S("/geometry") : key_pointer(&scope->arena, geojson, keys[i]);
        sql_text(&column->value, "json_extract(j, ");
        sql_bind(&column->value, cell_text(path));
        sql_text(&column->value, "::varchar)::varchar");
    }
    if (source.count == 0) {
        return fail(scope, ERR_DATA, "%s: the file holds no objects with keys",
                    options->shown_path);
    }
    *ret = source;
    return ERR_OK;
}

/* ---- Parquet ---- */

static bool parquet_type(str type, struct source_column *column)
{
    static const struct {
        const char *prefix;
        enum field_type type;
    } rows[] = {{"BOOLEAN", FIELD_BOOLEAN}, {"TINYINT", FIELD_INT},   {"SMALLINT", FIELD_INT},
                {"INTEGER", FIELD_INT},     {"BIGINT", FIELD_INT},    {"UTINYINT", FIELD_INT},
                {"USMALLINT", FIELD_INT},   {"UINTEGER", FIELD_INT},  {"UBIGINT", FIELD_INT},
                {"FLOAT", FIELD_DOUBLE},    {"DOUBLE", FIELD_DOUBLE}, {"DECIMAL", FIELD_DOUBLE},
                {"DATE", FIELD_DATE},       {"TIMESTAMP", FIELD_DATETIME}};
    column->has_type = true;
    column->type = FIELD_TEXT;
    column->is_list = str_eq(type, S("VARCHAR[]"));
    bool nested = str_starts(type, S("STRUCT")) || str_starts(type, S("MAP")) ||
                  (str_ends(type, S("]")) && !column->is_list);
    if (nested) {
        column->type = FIELD_JSON;
        return true;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (str_starts(type, str_from(rows[i].prefix))) {
            column->type = rows[i].type;
        }
    }
    return !str_starts(type, S("BLOB"));
}

/* ---- GeoParquet 1.1 ---- */

/* The file's metadata of geometries; NULL: none. Free with json_decref. */
static enum err read_geo_metadata(struct scope *scope, struct db_lease *lease,
                                  const struct ingest_options *options, json_t **ret)
{
    struct sql sql = sql_in(&scope->arena);
    cell value;
    sql_text(&sql, "select max(decode(value)) from parquet_kv_metadata(");
    sql_bind(&sql, cell_text(str_from(options->path)));
    sql_text(&sql, ") where decode(key) = 'geo'");
    *ret = NULL;
    TRY(source_explain(scope, options, db_query_cell(scope, lease, &sql, &value)));
    return value.type == CELL_TEXT ? json_read(scope, ERR_DATA, value.text, "metadata 'geo'", ret) : ERR_OK;
}

static bool is_wgs84(const json_t *crs)
{
    const json_t *id = json_object_get(crs, "id");
    const char *authority = json_string_value(json_object_get(id, "authority"));
    const json_t *code = json_object_get(id, "code");
    if (!crs) {
        return true; /* longitude and latitude is the default */
    }
    if (!authority) {
        return false;
    }
    return strcmp(authority, "OGC") == 0
               ? json_is_string(code) && str_starts(str_from(json_string_value(code)), S("CRS84"))
               : strcmp(authority, "EPSG") == 0 && json_integer_value(code) == 4326;
}

/* The engine makes a type of its own of geometries that it knows, and leaves others as bytes. */
static enum err make_geometry(struct scope *scope, const struct ingest_options *options,
                              const json_t *facts, bool is_bytes, struct source_column *column)
{
    const char *encoding = json_string_value(json_object_get(facts, "encoding"));
    const json_t *types = json_object_get(facts, "geometry_types");
    if (!encoding || strcmp(encoding, "WKB") != 0) {
        return fail(scope, ERR_DATA, "%s: column '%.*s' has geometries encoded as %s; WKB is expected",
                    options->shown_path, STR_ARG(column->label), encoding ? encoding : "nothing known");
    }
    if (!is_wgs84(json_object_get(facts, "crs"))) {
        return fail(scope, ERR_DATA,
                    "%s: column '%.*s' is not in longitude and latitude (WGS 84); convert it first, as with "
                    "ogr2ogr -t_srs EPSG:4326, to GeoPackage for instance",
                    options->shown_path, STR_ARG(column->label));
    }
    const char *only = json_string_value(json_array_get(types, 0));
    bool points = json_array_size(types) == 1 && only && strcmp(only, "Point") == 0;
    struct sql bytes = column->value;
    column->value = sql_in(&scope->arena);
    sql_text_constant(&column->value, points ? S("point_text(") : S("("));
    sql_text_constant(&column->value, is_bytes ? S("hex(") : S("("));
    sql_join(&column->value, &bytes);
    sql_text_constant(&column->value, is_bytes ? S("))") : S(")::varchar)"));
    column->has_type = false;
    column->is_declared = true;
    column->type = points ? FIELD_GEO_POINT : FIELD_GEO_SHAPE;
    return ERR_OK;
}

enum err source_open_parquet(struct scope *scope, struct db_lease *lease,
                             const struct ingest_options *options, struct file_source *ret)
{
    struct sql names = sql_in(&scope->arena);
    struct sql types = sql_in(&scope->arena);
    struct file_source source = {.relation = sql_in(&scope->arena), .mask_function = "text_mask"};
    sql_text(&source.relation, "read_parquet(");
    sql_bind(&source.relation, cell_text(str_from(options->path)));
    sql_text(&source.relation, ")");
    source.sample_relation = sql_in(&scope->arena);
    sql_text(&source.sample_relation, "(select * from ");
    sql_join(&source.sample_relation, &source.relation);
    sql_text_constant(&source.sample_relation,
                      str_printf(&scope->arena, " limit %d)", SAMPLE_ROWS));
    sql_text(&names, "select column_name from (describe select * from ");
    sql_join(&names, &source.relation);
    sql_text(&names, ")");
    sql_text(&types, "select column_type from (describe select * from ");
    sql_join(&types, &source.relation);
    sql_text(&types, ")");
    str *labels;
    str *type_texts;
    TRY(source_explain(scope, options,
                       list_texts(scope, lease, &names, &labels, &source.count)));
    TRY(list_texts(scope, lease, &types, &type_texts, &source.count));
    json_t *geo cleanup_with(json_cleanup) = NULL;
    TRY(read_geo_metadata(scope, lease, options, &geo));
    source.columns = arena_array(&scope->arena, struct source_column, source.count);
    for (size_t i = 0; i < source.count; i++) {
        struct source_column *column = &source.columns[i];
        column->label = labels[i];
        column->value = sql_in(&scope->arena);
        sql_name(&column->value, labels[i]);
        const json_t *facts = json_object_get(json_object_get(geo, "columns"), str_cz(&scope->arena, labels[i]));
        bool is_kept = parquet_type(type_texts[i], column);
        bool is_bytes = str_eq(type_texts[i], S("BLOB"));
        if (facts && (is_bytes || str_starts(type_texts[i], S("GEOMETRY")))) {
            TRY(make_geometry(scope, options, facts, is_bytes, column));
        } else if (!is_kept) {
            return fail(scope, ERR_DATA, "%s: column '%.*s' holds bytes (%.*s), which no field type keeps",
                        options->shown_path, STR_ARG(labels[i]), STR_ARG(type_texts[i]));
        }
    }
    *ret = source;
    return ERR_OK;
}
