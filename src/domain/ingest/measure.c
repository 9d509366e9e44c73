#include "domain/ingest/measure.h"

#include "domain/catalog/extent.h"

#define COUNTS 5 /* columns per field: the edges, the kinds */

static bool is_geographic(const struct field *field)
{
    return field->type == FIELD_GEO_POINT || field->type == FIELD_GEO_SHAPE;
}

static void add_edge(struct sql *sql, const struct field *field, enum field_edge edge)
{
    struct arena *arena = sql->arena;
    bool is_low = edge == EDGE_WEST || edge == EDGE_SOUTH;
    bool is_longitude = edge == EDGE_WEST || edge == EDGE_EAST;
    str column = field->type == FIELD_GEO_SHAPE ? field_edge_column(arena, field, edge)
                 : is_longitude                 ? field_longitude_column(arena, field)
                                                : field_latitude_column(arena, field);
    sql_text_constant(sql, is_low ? S("min(") : S("max("));
    sql_name(sql, column);
    sql_text(sql, "), ");
}

static void add_measures(struct sql *sql, const struct field *field)
{
    for (int edge = 0; edge < EDGE__COUNT; edge++) {
        add_edge(sql, field, (enum field_edge)edge);
    }
    if (field->type == FIELD_GEO_SHAPE) {
        sql_text(sql, "bit_or(shape_kind(");
        sql_name(sql, field->name);
        sql_text(sql, ")), ");
    } else {
        sql_text(sql, "case when count(");
        sql_name(sql, field_longitude_column(sql->arena, field));
        sql_text(sql, ") > 0 then 2 end, "); /* a point */
    }
}

static struct extent read_extent(const struct column *columns)
{
    struct extent extent = {0};
    cell kinds = column_cell(&columns[EDGE__COUNT], 0);
    extent.kinds = kinds.type == CELL_INT ? (unsigned)kinds.number : 0;
    extent.has_box = true;
    for (size_t edge = 0; edge < EDGE__COUNT; edge++) {
        extent.has_box &= column_cell(&columns[edge], 0).type == CELL_DOUBLE;
    }
    extent.west = column_cell(&columns[EDGE_WEST], 0).real;
    extent.south = column_cell(&columns[EDGE_SOUTH], 0).real;
    extent.east = column_cell(&columns[EDGE_EAST], 0).real;
    extent.north = column_cell(&columns[EDGE_NORTH], 0).real;
    return extent;
}

static void write_extents(const struct batch *row, const struct schema *schema,
                          struct json_writer *json)
{
    const struct column *columns = row->columns;
    for (size_t i = 0; i < schema->count; i++) {
        if (!is_geographic(&schema->fields[i])) {
            continue;
        }
        struct extent extent = read_extent(columns);
        columns += COUNTS;
        if (extent.kinds) {
            json_key(json, schema->fields[i].name);
            extent_write(json, &extent);
        }
    }
}

enum err measure_extents(struct scope *scope, struct db *db, const struct schema *schema,
                         str *ret_extents)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    struct sql sql = sql_in(&scope->arena);
    const struct batch *row;
    sql_text(&sql, "select ");
    for (size_t i = 0; i < schema->count; i++) {
        if (is_geographic(&schema->fields[i])) {
            add_measures(&sql, &schema->fields[i]);
        }
    }
    sql_text(&sql, "count(*) from records");
    TRY(db_lease(scope, db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    json_object_begin(&json);
    if (row) {
        write_extents(row, schema, &json);
    }
    json_object_end(&json);
    *ret_extents = buf_copy(&out, &scope->arena);
    cursor_close(cursor);
    cursor = NULL;
    return ERR_OK;
}
