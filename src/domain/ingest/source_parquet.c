/* Parquet, whose columns have types, and geometries by GeoParquet 1.1. */
#include "base/json_read.h"
#include "domain/ingest/source.h"
#include "platform/i18n/explanation.h"

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
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_PARQUET_ENCODING,
                             SAYS(ARG_TEXT("file", str_from(options->shown_path)), ARG_TEXT("column", column->label),
                                  ARG_TEXT("encoding", str_from(encoding ? encoding : "nothing known"))));
    }
    if (!is_wgs84(json_object_get(facts, "crs"))) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_PARQUET_REFERENCE,
                             SAYS(ARG_TEXT("file", str_from(options->shown_path)), ARG_TEXT("column", column->label)));
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
                       source_list_texts(scope, lease, &names, &labels, &source.count)));
    TRY(source_list_texts(scope, lease, &types, &type_texts, &source.count));
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
            return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_PARQUET_BYTES,
                                 SAYS(ARG_TEXT("file", str_from(options->shown_path)), ARG_TEXT("column", labels[i]),
                                      ARG_TEXT("type", type_texts[i])));
        }
    }
    *ret = source;
    return ERR_OK;
}
