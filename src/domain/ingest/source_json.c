/*
 * JSON, JSON Lines and GeoJSON: every object is a row of the temporary table "raw", and every key found
 * in one of them a column.
 */
#include "domain/ingest/source.h"
#include "platform/i18n/explanation.h"

static enum err load_objects(struct scope *scope, struct db_lease *lease,
                             const struct ingest_options *options)
{
    struct sql sql = sql_in(&scope->arena);
    bool lines = str_eq(str_from(options->format), S("jsonl"));
    sql_text(&sql, "create or replace temp table raw as select json as j from read_json_objects(");
    sql_bind(&sql, cell_text(str_from(options->path)));
    sql_text_constant(&sql, lines ? S(", format = 'newline_delimited'") : S(", format = 'array'"));
    sql_text(&sql, ", maximum_object_size = 33554432)");
    return source_explain(scope, options, db_execute(scope, lease, &sql));
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
    return source_list_texts(scope, lease, &sql, ret_keys, ret_count);
}

enum err source_open_json(struct scope *scope, struct db_lease *lease,
                          const struct ingest_options *options, struct file_source *ret)
{
    bool geojson = str_eq(str_from(options->format), S("geojson"));
    str *keys;
    size_t count;
    TRY(geojson ? source_load_features(scope, lease, options) : load_objects(scope, lease, options));
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
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_NO_OBJECTS,
                             SAYS(ARG_TEXT("file", str_from(options->shown_path))));
    }
    *ret = source;
    return ERR_OK;
}
