/* Engine functions over shapes (WKB) and points. */
#include "domain/catalog/field.h"
#include "domain/records/records.h"
#include "platform/geometry/cluster.h"
#include "platform/geometry/geometry.h"

static void shape_json(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    struct buf json cleanup_with(buf_cleanup) = {0};
    const struct column *shapes = &arguments->columns[0];
    for (size_t row = 0; row < arguments->rows; row++) {
        buf_clear(&json);
        if (!column_is_null(shapes, row) && geometry_write_json(shapes->texts[row], &json)) {
            db_result_text(result, row, buf_str(&json));
        }
    }
}

/* user: the place of the edge in struct box. */
static void shape_edge(const struct batch *arguments, struct db_result *result, const void *user)
{
    size_t place = *(const size_t *)user;
    const struct column *shapes = &arguments->columns[0];
    for (size_t row = 0; row < arguments->rows; row++) {
        struct box box;
        if (!column_is_null(shapes, row) && geometry_box(shapes->texts[row], &box)) {
            db_result_double(result, row, *(double *)((char *)&box + place));
        }
    }
}

static bool any_null(const struct batch *arguments, size_t row)
{
    for (size_t i = 0; i < arguments->column_count; i++) {
        if (column_is_null(&arguments->columns[i], row)) {
            return true;
        }
    }
    return false;
}

/* The literals of a batch, which are the same bytes in all rows. */
struct literals {
    const struct column *column;
    str bytes;
    const struct geometry_literal *literal;
};

static const struct geometry_literal *literal_at(struct literals *literals, size_t row)
{
    str bytes = literals->column->texts[row];
    if (bytes.p != literals->bytes.p || bytes.n != literals->bytes.n) {
        literals->bytes = bytes;
        literals->literal = geometry_literal_of(bytes);
    }
    return literals->literal;
}

/* user: the relation. */
static void shape_relates(const struct batch *arguments, struct db_result *result, const void *user)
{
    enum geometry_relation relation = *(const enum geometry_relation *)user;
    const struct column *shapes = &arguments->columns[0];
    struct literals literals = {.column = &arguments->columns[1]};
    for (size_t row = 0; row < arguments->rows; row++) {
        if (any_null(arguments, row)) {
            continue;
        }
        const struct geometry_literal *literal = literal_at(&literals, row);
        db_result_bool(result, row,
                       literal && geometry_relates(literal, shapes->texts[row], relation));
    }
}

static void point_within(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    const struct column *columns = arguments->columns;
    struct literals literals = {.column = &columns[2]};
    for (size_t row = 0; row < arguments->rows; row++) {
        if (any_null(arguments, row)) {
            continue;
        }
        const struct geometry_literal *literal = literal_at(&literals, row);
        db_result_bool(result, row,
                       literal && geometry_relates_point(literal, columns[0].reals[row],
                                                         columns[1].reals[row]));
    }
}

static void shape_distance(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    const struct column *columns = arguments->columns;
    for (size_t row = 0; row < arguments->rows; row++) {
        double metres;
        if (!any_null(arguments, row) &&
            geometry_distance(columns[0].texts[row], columns[1].reals[row], columns[2].reals[row],
                              &metres)) {
            db_result_double(result, row, metres);
        }
    }
}

static void point_distance(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    const struct column *columns = arguments->columns;
    for (size_t row = 0; row < arguments->rows; row++) {
        if (!any_null(arguments, row)) {
            db_result_double(result, row,
                             geometry_point_distance(columns[0].reals[row], columns[1].reals[row],
                                                     columns[2].reals[row], columns[3].reals[row]));
        }
    }
}

static void box_shape(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    struct buf wkb cleanup_with(buf_cleanup) = {0};
    const struct column *columns = arguments->columns;
    for (size_t row = 0; row < arguments->rows; row++) {
        if (any_null(arguments, row)) {
            continue;
        }
        const struct box box = {columns[0].reals[row], columns[1].reals[row], columns[2].reals[row],
                                columns[3].reals[row]};
        buf_clear(&wkb);
        geometry_write_box(&box, &wkb);
        db_result_text(result, row, buf_str(&wkb));
    }
}

static void cell_of_point(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    const struct column *columns = arguments->columns;
    for (size_t row = 0; row < arguments->rows; row++) {
        if (!any_null(arguments, row)) {
            db_result_int(result, row,
                          cluster_cell(columns[0].reals[row], columns[1].reals[row],
                                       (int)columns[2].numbers[row]));
        }
    }
}

static const enum geometry_relation relations[] = {GEOMETRY_INTERSECTS, GEOMETRY_WITHIN};
static const size_t edges[] = {offsetof(struct box, west), offsetof(struct box, south),
                               offsetof(struct box, east), offsetof(struct box, north)};

#define EDGE_FUNCTION(text, edge)                                                                  \
    {.name = text, .returns = CELL_DOUBLE, .argument_count = 1, .arguments = {CELL_BYTES},         \
     .call = shape_edge, .user = &edges[edge]}

const struct db_function *geometry_functions(size_t *ret_count)
{
    static const struct db_function functions[] = {
        {.name = "shape_json", .returns = CELL_TEXT, .argument_count = 1,
         .arguments = {CELL_BYTES}, .call = shape_json},
        EDGE_FUNCTION("shape_west", EDGE_WEST),
        EDGE_FUNCTION("shape_south", EDGE_SOUTH),
        EDGE_FUNCTION("shape_east", EDGE_EAST),
        EDGE_FUNCTION("shape_north", EDGE_NORTH),
        {.name = "shape_intersects", .returns = CELL_BOOL, .argument_count = 2,
         .arguments = {CELL_BYTES, CELL_BYTES}, .call = shape_relates, .user = &relations[0]},
        {.name = "shape_within", .returns = CELL_BOOL, .argument_count = 2,
         .arguments = {CELL_BYTES, CELL_BYTES}, .call = shape_relates, .user = &relations[1]},
        {.name = "point_within", .returns = CELL_BOOL, .argument_count = 3,
         .arguments = {CELL_DOUBLE, CELL_DOUBLE, CELL_BYTES}, .call = point_within},
        {.name = "shape_distance", .returns = CELL_DOUBLE, .argument_count = 3,
         .arguments = {CELL_BYTES, CELL_DOUBLE, CELL_DOUBLE}, .call = shape_distance},
        {.name = "point_distance", .returns = CELL_DOUBLE, .argument_count = 4,
         .arguments = {CELL_DOUBLE, CELL_DOUBLE, CELL_DOUBLE, CELL_DOUBLE}, .call = point_distance},
        {.name = "box_shape", .returns = CELL_BYTES, .argument_count = 4,
         .arguments = {CELL_DOUBLE, CELL_DOUBLE, CELL_DOUBLE, CELL_DOUBLE}, .call = box_shape},
        {.name = "cell_of_point", .returns = CELL_INT, .argument_count = 3,
         .arguments = {CELL_DOUBLE, CELL_DOUBLE, CELL_INT}, .call = cell_of_point},
    };
    *ret_count = ARRAY_LENGTH(functions);
    return functions;
}
