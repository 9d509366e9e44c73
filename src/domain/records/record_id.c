/* Ids of records and their columns, in SQL. */
#include "domain/records/records.h"

bool records_key_of_id(str id, int64_t *ret_key)
{
    if (id.n != 40) {
        return false;
    }
    uint64_t key = 0;
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (!is_ascii_digit(c) && !(c >= 'a' && c <= 'f')) {
            return false;
        }
        if (i < 16) {
            key = key << 4 | (uint64_t)(is_ascii_digit(c) ? c - '0' : c - 'a' + 10);
        }
    }
    *ret_key = (int64_t)key;
    return true;
}

/* The values that make an id, as arguments of a function, or of one function each. */
static void add_id_values(struct sql *sql, const struct schema *schema, str before, str between)
{
    bool any_id = schema_has_id(schema);
    bool first = true;
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];
        if (any_id && !field->id) {
            continue;
        }
        sql_text_constant(sql, first ? before : between);
        first = false;
        if (field->type == FIELD_GEO_POINT) {
            sql_name(sql, field_longitude_column(sql->arena, field));
            sql_text_constant(sql, between);
            sql_name(sql, field_latitude_column(sql->arena, field));
        } else {
            sql_name(sql, field->name);
        }
    }
}

void records_stored_id_expression(struct sql *sql, const struct schema *schema)
{
    add_id_values(sql, schema, S("record_id("), S(", "));
    sql_text(sql, ")");
}

void records_key_expression(struct sql *sql, const struct schema *schema)
{
    add_id_values(sql, schema, S("record_key("), S(", "));
    sql_text(sql, ")");
}

/* Where fields are hidden the id is made of the others, and what is stored, which is made of all, does not help. */
static bool has_stored_id(const struct source *source)
{
    return !source->table_schema || schema_has_id(source->schema);
}

void records_id_expression(struct sql *sql, const struct source *source)
{
    bool is_postgres = source->engine == DB_POSTGRES;
    if (has_stored_id(source) && is_postgres) {
        sql_text(sql, "encode(\"_id\", 'hex')");
    } else if (has_stored_id(source)) {
        records_stored_id_expression(sql, source->schema);
    } else if (is_postgres) {
        add_id_values(sql, source->schema, S("encode(substr(sha256(id_value("), S(") || id_value("));
        sql_text(sql, ")), 1, 20), 'hex')");
    } else {
        add_id_values(sql, source->schema, S("visible_id("), S(", "));
        sql_text(sql, ")");
    }
}

/* The key is the first part of the id and is cheap to look up; the whole id decides. */
void records_id_condition(struct sql *sql, const struct source *source, str id, int64_t key)
{
    if (has_stored_id(source)) {
        sql_name(sql, RECORDS_KEY_COLUMN);
        sql_text(sql, " = ");
        sql_bind(sql, cell_int(key));
        sql_text(sql, " and ");
    }
    records_id_expression(sql, source);
    sql_text(sql, " = ");
    sql_bind(sql, cell_text(id));
}

const str *records_columns(struct arena *arena, const struct schema *schema, size_t *ret_count)
{
    VEC(str) names = {0};
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];
        if (field->type == FIELD_GEO_POINT) {
            vec_add(arena, &names, field_longitude_column(arena, field));
            vec_add(arena, &names, field_latitude_column(arena, field));
        } else {
            vec_add(arena, &names, field->name);
        }
    }
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];
        for (enum field_edge edge = 0; field->type == FIELD_GEO_SHAPE && edge < EDGE__COUNT; edge++) {
            vec_add(arena, &names, field_edge_column(arena, field, edge));
        }
    }
    vec_add(arena, &names, RECORDS_KEY_COLUMN);
    *ret_count = names.count;
    return names.items;
}
