#include "domain/records/tile.h"

#include <math.h>

#include "base/limits.h"
#include "domain/records/point_indexes.h"
#include "platform/geometry/cut.h"
#include "platform/tile/tile.h"

#define CELL_UNITS (TILE_EXTENT / 64)
#define MARGIN_UNITS CELL_UNITS
#define PIXEL_UNITS (TILE_EXTENT / 512) /* of a tile as maps show it */
#define SHAPE_PIXELS 4                  /* smaller ones are points */

struct reading {
    struct scope *scope;
    struct records_lease *lease;
    const struct tile_request *request;
    struct tile_layer *layer;
    double world, left, top; /* units around the globe, and of the tile's corner */
    uint32_t id_key, count_key;
    uint32_t *keys; /* of the properties */
};

enum err tile_request(struct scope *scope, const struct source *source, int zoom, int64_t x, int64_t y, str field,
                      const str *properties, size_t property_count, struct tile_request *ret_request)
{
    *ret_request = (struct tile_request){.zoom = zoom,
                                         .x = x,
                                         .y = y,
                                         .units = TILE_EXTENT,
                                         .cell = CELL_UNITS,
                                         .margin = MARGIN_UNITS,
                                         .least = SHAPE_PIXELS * PIXEL_UNITS,
                                         .points = LIMIT_TILE_POINTS,
                                         .shapes = LIMIT_TILE_SHAPES};
    return odsql_tile_fields(scope, source, field, properties, property_count, ret_request);
}

/* ---- properties ---- */

static void add_property(const struct reading *reading, size_t number, const struct column *column, size_t row)
{
    uint32_t key = reading->keys[number];
    if (column_is_null(column, row)) {
        return;
    }
    if (column->type == CELL_TEXT) {
        tile_add_text(reading->layer, key, column->texts[row]);
    } else if (column->type == CELL_DOUBLE) {
        tile_add_double(reading->layer, key, column->reals[row]);
    } else if (reading->request->properties[number]->type == FIELD_BOOLEAN) {
        tile_add_bool(reading->layer, key, column->numbers[row] != 0);
    } else {
        tile_add_int(reading->layer, key, column->numbers[row]);
    }
}

/* The properties are the last columns of each statement. */
static void add_properties(const struct reading *reading, const struct batch *batch, size_t row)
{
    const struct column *id = &batch->columns[TILE_COLUMN_ID];
    size_t first = batch->column_count - reading->request->property_count;
    if (!column_is_null(id, row)) {
        tile_add_text(reading->layer, reading->id_key, id->texts[row]);
    }
    for (size_t i = first; i < batch->column_count; i++) {
        add_property(reading, i - first, &batch->columns[i], row);
    }
}

/* ---- points ---- */

static void add_point(const struct reading *reading, const struct batch *batch, size_t row, double x, double y)
{
    const int32_t xy[] = {(int32_t)floor(x), (int32_t)floor(y)};
    int64_t count = batch->columns[TILE_COLUMN_COUNT].numbers[row];
    tile_begin(reading->layer, TILE_POINT);
    tile_add_points(reading->layer, xy, 1);
    if (count != 1) {
        tile_add_int(reading->layer, reading->count_key, count);
    }
    add_properties(reading, batch, row);
    (void)tile_end(reading->layer);
}

static bool is_near(double unit)
{
    return unit >= -MARGIN_UNITS && unit < TILE_EXTENT + MARGIN_UNITS;
}

/* A point near an edge of the map stands in the margin of the tile on the other side, too. */
static void add_point_row(const struct reading *reading, const struct batch *batch, size_t row)
{
    double x = batch->columns[TILE_COLUMN_X].reals[row];
    double y = batch->columns[TILE_COLUMN_Y].reals[row] - reading->top;
    x -= reading->world * floor(x / reading->world);
    for (int turn = -1; turn <= 1; turn++) {
        double place = x + turn * reading->world - reading->left;
        if (is_near(place) && is_near(y)) {
            add_point(reading, batch, row, place, y);
        }
    }
}

static enum err read_points(const struct reading *reading, const struct sql *statement)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_run(reading->scope, reading->lease->db, statement, &cursor));
    EACH_BATCH(reading->scope, cursor, batch) {
        for (size_t row = 0; row < batch->rows; row++) {
            add_point_row(reading, batch, row);
        }
    }
    return ERR_OK;
}

/* ---- points counted in memory ---- */

static void add_value(const struct reading *reading, uint32_t key, const struct point_value *value)
{
    if (value->kind == POINT_MEAN) {
        tile_add_double(reading->layer, key, value->mean);
    } else if (value->kind == POINT_TEXT) {
        tile_add_text(reading->layer, key, value->text);
    } else if (value->kind == POINT_TRUTH) {
        tile_add_bool(reading->layer, key, value->truth);
    }
}

static void add_cell(void *user, const struct point_cell *points)
{
    const struct reading *reading = user;
    const int32_t xy[] = {(int32_t)floor(points->x), (int32_t)floor(points->y)};
    tile_begin(reading->layer, TILE_POINT);
    tile_add_points(reading->layer, xy, 1);
    if (points->count != 1) {
        tile_add_int(reading->layer, reading->count_key, points->count);
    }
    for (size_t i = 0; i < reading->request->property_count; i++) {
        add_value(reading, reading->keys[i], &points->values[i]);
    }
    (void)tile_end(reading->layer);
}

/* Points by the index of their map where there is one, else by queries. */
static enum err read_places(struct reading *reading, const struct tile_plan *plan)
{
    const struct tile_request *request = reading->request;
    struct point_indexes_lease held cleanup_with(point_indexes_release) = {0};
    cell count;
    TRY(point_indexes_lease(reading->scope, records_point_indexes(reading->lease->records), reading->lease->db, &plan->all,
                            request, &held));
    if (held.index) {
        count = cell_int(point_index_count(held.index, request));
    } else {
        TRY(db_query_cell(reading->scope, reading->lease->db, &plan->count, &count));
    }
    if (count.number > request->points && held.index) {
        point_index_cells(&reading->scope->arena, held.index, request, add_cell, reading);
    } else if (count.number > request->points) {
        point_indexes_want(&held);
        return read_points(reading, &plan->cells);
    } else if (count.number > 0) {
        return read_points(reading, &plan->points);
    }
    return ERR_OK;
}

/* ---- shapes ---- */

static bool is_of_kind(const struct cut_part *part, enum tile_kind kind)
{
    return part->kind == (kind == TILE_POINT  ? GEOMETRY_POINT
                          : kind == TILE_LINE ? GEOMETRY_LINE
                                              : GEOMETRY_POLYGON);
}

static void add_scattered(const struct reading *reading, const struct cut *cut)
{
    int32_t *xy = arena_array(&reading->scope->arena, int32_t, 2 * cut->positions + 1);
    size_t count = 0;
    for (size_t i = 0; i < cut->parts.count; i++) {
        const struct cut_part *part = &cut->parts.items[i];
        if (part->kind == GEOMETRY_POINT) {
            memcpy(xy + 2 * count, part->xy, 2 * part->count * sizeof(*xy));
            count += part->count;
        }
    }
    tile_add_points(reading->layer, xy, count);
}

/* A feature has one kind; a collection becomes several. */
static void add_parts(const struct reading *reading, const struct cut *cut, enum tile_kind kind,
                      const struct batch *batch, size_t row)
{
    tile_begin(reading->layer, kind);
    if (kind == TILE_POINT) {
        add_scattered(reading, cut);
    }
    for (size_t i = 0; i < cut->parts.count && kind != TILE_POINT; i++) {
        const struct cut_part *part = &cut->parts.items[i];
        if (!is_of_kind(part, kind)) {
            continue;
        }
        if (kind == TILE_LINE) {
            tile_add_line(reading->layer, part->xy, part->count);
        } else {
            tile_add_ring(reading->layer, part->xy, part->count, part->is_hole);
        }
    }
    add_properties(reading, batch, row);
    (void)tile_end(reading->layer);
}

static bool has_kind(const struct cut *cut, enum tile_kind kind)
{
    for (size_t i = 0; i < cut->parts.count; i++) {
        if (is_of_kind(&cut->parts.items[i], kind)) {
            return true;
        }
    }
    return false;
}

static void add_shape(const struct reading *reading, const struct batch *batch, size_t row)
{
    const struct column *shapes = &batch->columns[TILE_COLUMN_SHAPE];
    const struct cut_window window = {.world = reading->world,
                                      .left = reading->left,
                                      .top = reading->top,
                                      .extent = TILE_EXTENT,
                                      .margin = MARGIN_UNITS,
                                      .tolerance = PIXEL_UNITS / 2.0};
    struct cut cut = {0};
    if (column_is_null(shapes, row) ||
        !geometry_cut(&reading->scope->arena, shapes->texts[row], &window, &cut)) {
        return;
    }
    for (enum tile_kind kind = TILE_POINT; kind <= TILE_POLYGON; kind++) {
        if (has_kind(&cut, kind)) {
            add_parts(reading, &cut, kind, batch, row);
        }
    }
}

/* The largest come first: what is past the limit is what would be missed least. */
static enum err read_shapes(const struct reading *reading, const struct sql *statement)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_run(reading->scope, reading->lease->db, statement, &cursor));
    EACH_BATCH(reading->scope, cursor, batch) {
        for (size_t row = 0; row < batch->rows; row++) {
            TRY(scope_check(reading->scope));
            add_shape(reading, batch, row);
            if (tile_bytes(reading->layer) > LIMIT_TILE_BYTES) {
                return ERR_OK;
            }
        }
    }
    return ERR_OK;
}

/* ---- tiles ---- */

static struct reading begin(struct scope *scope, struct records_lease *lease, const struct tile_request *request)
{
    struct reading reading = {.scope = scope,
                              .lease = lease,
                              .request = request,
                              .layer = tile_layer_new(&scope->arena, TILE_LAYER_NAME),
                              .world = ldexp(TILE_EXTENT, request->zoom),
                              .left = (double)(request->x * TILE_EXTENT),
                              .top = (double)(request->y * TILE_EXTENT),
                              .keys = arena_array(&scope->arena, uint32_t, request->property_count + 1)};
    reading.id_key = tile_key(reading.layer, TILE_ID_NAME);
    reading.count_key = tile_key(reading.layer, TILE_COUNT_NAME);
    for (size_t i = 0; i < request->property_count; i++) {
        reading.keys[i] = tile_key(reading.layer, request->properties[i]->name);
    }
    return reading;
}

enum err tile_read(struct scope *scope, struct records_lease *lease, const struct clauses *clauses,
                   const struct tile_request *request, struct buf *out)
{
    struct reading reading = begin(scope, lease, request);
    struct tile_plan *plan;
    TRY(odsql_tile_compile(scope, &lease->source, clauses, request, &plan));
    if (plan->shapes.parts.count) {
        TRY(read_shapes(&reading, &plan->shapes));
    }
    TRY(read_places(&reading, plan));
    tile_write(reading.layer, out);
    return ERR_OK;
}
