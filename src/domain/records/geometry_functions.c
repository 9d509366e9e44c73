/* Engine functions over shapes (WKB) and points. */
#include "domain/catalog/field.h"
#include "domain/records/records.h"
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
    };
    *ret_count = ARRAY_LENGTH(functions);
    return functions;
}
