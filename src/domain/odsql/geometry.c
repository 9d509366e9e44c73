/*
 * Geometry functions (explore-api.md 3.5, 3.6). Each condition tests columns of numbers first, which the
 * engine prunes by, and asks GEOS or the sphere only about what is left.
 */
#include "domain/odsql/geometry.h"

#include <math.h>

#include "base/utf8.h"
#include "domain/odsql/dialect.h"
#include "domain/odsql/registry.h"
#include "platform/geometry/geometry.h"

/* What a literal stands for: itself, and its copy on the other side where it crosses 180 degrees. */
struct areas {
    size_t count; /* 0: an empty geometry */
    struct area {
        struct box box;
        str wkb;
    } items[2];
};

enum kind { RELATION, IN_BOX, CIRCLE, NAMED_RELATION };

static const struct condition_row {
    const char *name;
    enum kind kind;
    bool points, shapes; /* fields it takes */
    char relation;       /* i intersects, d disjoint, w within */
} condition_rows[] = {
    {"within_distance", CIRCLE, true, true, 0},   {"distance", CIRCLE, true, true, 0},
    {"in_bbox", IN_BOX, true, true, 0},           {"intersects", RELATION, true, true, 'i'},
    {"disjoint", RELATION, true, true, 'd'},      {"within", RELATION, true, true, 'w'},
    {"polygon", RELATION, true, false, 'w'},      {"geometry", NAMED_RELATION, false, true, 0},
};

static const struct condition_row *find_condition(str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(condition_rows); i++) {
        if (str_eq(name, str_from(condition_rows[i].name))) {
            return &condition_rows[i];
        }
    }
    return NULL;
}

/* ---- arguments ---- */

bool read_number_node(const struct node *node, double *ret_number)
{
    bool is_negative = node->kind == NODE_NEGATE;
    node = is_negative ? node->children.items[0] : node;
    if (node->kind != NODE_INT && node->kind != NODE_DOUBLE) {
        return false;
    }
    *ret_number = is_negative ? -node->real : node->real;
    return true;
}

enum err read_geo_field(struct translation *translation, const struct node *call, bool points, bool shapes,
                        const struct field **ret_field)
{
    const struct node *argument = call->children.count ? call->children.items[0] : NULL;
    enum message expected = !shapes   ? MSG_ODSQL_EXPECTS_POINT_FIELD
                            : !points ? MSG_ODSQL_EXPECTS_SHAPE_FIELD
                                      : MSG_ODSQL_EXPECTS_POINT_OR_SHAPE_FIELD;
    if (!argument || argument->kind != NODE_FIELD) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_FIRST_ARGUMENT,
                           SAYS(ARG_TEXT("name", call->name), ARG_MESSAGE("expects", expected)));
    }
    const struct field *field;
    TRY(resolve_field(translation, argument->name, &field));
    bool good = (points && field->type == FIELD_GEO_POINT) ||
                (shapes && field->type == FIELD_GEO_SHAPE);
    if (!good) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_FIRST_ARGUMENT_TYPE,
                           SAYS(ARG_TEXT("name", call->name), ARG_MESSAGE("expects", expected),
                                ARG_TEXT("field", field->name), ARG_TEXT("type", field_type_text(field->type))));
    }
    note_field(translation, field);
    *ret_field = field;
    return ERR_OK;
}

static enum err read_geometry(struct translation *translation, const struct node *call, size_t at,
                              str *ret_wkb)
{
    const struct node *literal = call->children.items[at];
    struct buf wkb cleanup_with(buf_cleanup) = {0};
    if (literal->kind != NODE_GEOMETRY) {
        return wrong_arguments(translation, call);
    }
    struct scope *scope = translation->scope;
    if (geometry_read_any(scope, literal->name, &wkb) != ERR_OK) {
        str why = scope->failure.message;
        str shown = utf8_truncate(literal->name, 60);
        scope_forgive(scope);
        return query_error(scope, translation->clause, MSG_ODSQL_GEOMETRY,
                           SAYS(ARG_TEXT("text", shown), ARG_TEXT("why", why)));
    }
    *ret_wkb = buf_copy(&wkb, &scope->arena);
    return ERR_OK;
}

/* The same area a turn of the globe away, where records may have it. */
static struct area turned(struct arena *arena, const struct area *area, double degrees)
{
    struct area other = {area->box, str_copy(arena, area->wkb)};
    geometry_shift((char *)(uintptr_t)other.wkb.p, other.wkb.n, degrees);
    other.box.west += degrees;
    other.box.east += degrees;
    return other;
}

static struct areas areas_of(struct arena *arena, str wkb)
{
    struct areas areas = {.items = {{.wkb = wkb}}};
    struct area *area = &areas.items[0];
    areas.count = geometry_box(wkb, &area->box);
    if (areas.count && (area->box.east > 180 || area->box.west < -180)) {
        areas.items[areas.count++] = turned(arena, area, area->box.east > 180 ? -360 : 360);
    }
    return areas;
}

/* ---- pieces of SQL ---- */

static void bind_double(struct sql *out, double real)
{
    sql_bind(out, cell_double(real));
    sql_text(out, "::double precision");
}

void append_point(const struct field *field, struct sql *out)
{
    sql_name(out, field_longitude_column(out->arena, field));
    sql_text(out, ", ");
    sql_name(out, field_latitude_column(out->arena, field));
}

/* "column" sign edge */
static void compare_edge(struct sql *out, str column, str sign, double edge)
{
    sql_name(out, column);
    sql_text_constant(out, sign);
    bind_double(out, edge);
}

/* Whether the field's point lies in the box; whether its shape's box touches it, or lies in it. */
static void append_box(const struct field *field, const struct box *box, bool inside, struct sql *out)
{
    bool is_point = field->type == FIELD_GEO_POINT;
    str lon = is_point ? field_longitude_column(out->arena, field) : STR_NONE;
    str lat = is_point ? field_latitude_column(out->arena, field) : STR_NONE;
    enum field_edge least_x = inside ? EDGE_WEST : EDGE_EAST;
    enum field_edge least_y = inside ? EDGE_SOUTH : EDGE_NORTH;
    enum field_edge most_x = inside ? EDGE_EAST : EDGE_WEST;
    enum field_edge most_y = inside ? EDGE_NORTH : EDGE_SOUTH;
    sql_text(out, "(");
    compare_edge(out, is_point ? lon : field_edge_column(out->arena, field, least_x), S(" >= "), box->west);
    sql_text(out, " and ");
    compare_edge(out, is_point ? lon : field_edge_column(out->arena, field, most_x), S(" <= "), box->east);
    sql_text(out, " and ");
    compare_edge(out, is_point ? lat : field_edge_column(out->arena, field, least_y), S(" >= "), box->south);
    sql_text(out, " and ");
    compare_edge(out, is_point ? lat : field_edge_column(out->arena, field, most_y), S(" <= "), box->north);
    sql_text(out, ")");
}

/* PostgreSQL is asked with literals that are ready for questions: it would prepare them for each row. */
static str literal_of(const struct source *source, struct arena *arena, str wkb)
{
    struct buf ready cleanup_with(buf_cleanup) = {0};
    return is_postgres(source) && geometry_write_literal(wkb, &ready) ? buf_copy(&ready, arena) : wkb;
}

/* function(field, literal) */
static void append_question(const struct source *source, const struct field *field, bool within, str wkb,
                            struct sql *out)
{
    if (field->type == FIELD_GEO_POINT) {
        sql_text(out, "point_within(");
        append_point(field, out);
    } else {
        sql_text_constant(out, within ? S("shape_within(") : S("shape_intersects("));
        sql_name(out, field->name);
    }
    sql_text(out, ", ");
    sql_bind(out, (cell){.type = CELL_BYTES, .text = literal_of(source, out->arena, wkb)});
    sql_text(out, "::bytea)");
}

static void append_areas(const struct source *source, const struct field *field,
                         const struct areas *areas, bool within, struct sql *out)
{
    sql_text_constant(out, areas->count ? S("(") : S("(false"));
    for (size_t i = 0; i < areas->count; i++) {
        sql_text_constant(out, i ? S(" or (") : S("("));
        append_box(field, &areas->items[i].box, within, out);
        sql_text(out, " and ");
        append_question(source, field, within, areas->items[i].wkb, out);
        sql_text(out, ")");
    }
    sql_text(out, ")");
}

/* ---- conditions ---- */

static enum err translate_relation(struct translation *translation, const struct node *call,
                                   const struct condition_row *row, char relation, struct sql *out)
{
    const struct field *field;
    str wkb;
    TRY(read_geo_field(translation, call, row->points, row->shapes, &field));
    TRY(read_geometry(translation, call, 1, &wkb));
    TRY(check_areas(translation, call->name));
    struct areas areas = areas_of(out->arena, wkb);
    if (relation != 'd') {
        append_areas(translation->source, field, &areas, relation == 'w', out);
        return ERR_OK;
    }
    sql_text(out, "(");
    sql_name(out, field->type == FIELD_GEO_POINT ? field_longitude_column(out->arena, field) : field->name);
    sql_text(out, " is not null and ");
    append_areas(translation->source, field, &areas, false, out);
    sql_text(out, " is not true)");
    return ERR_OK;
}

static enum err translate_named_relation(struct translation *translation, const struct node *call,
                                         const struct condition_row *row, struct sql *out)
{
    static const char *const names[] = {"intersects", "disjoint", "within"};
    const struct node *name = call->children.items[2];
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        bool is_word = name->kind == NODE_STRING || name->kind == NODE_FIELD;
        if (is_word && str_eq_nocase(name->name, str_from(names[i]))) {
            return translate_relation(translation, call, row, names[i][0], out);
        }
    }
    return wrong_arguments(translation, call);
}

/*
 * Corners in any order. A western edge that lies east of the eastern one means a box across 180 degrees,
 * if the corners are given from south to north; from north to south they are exchanged.
 */
static struct box box_of_corners(const double corners[4])
{
    bool is_turned = corners[0] > corners[2];
    struct box box = {.south = corners[0], .west = corners[1], .north = corners[2], .east = corners[3]};
    if (is_turned) {
        box.south = corners[2];
        box.north = corners[0];
    }
    if (box.west > box.east && is_turned) {
        box.west = corners[3];
        box.east = corners[1];
    } else if (box.west > box.east) {
        box.east += 360;
    }
    if (box.east - box.west >= 360) {
        box.west = -180;
        box.east = 180;
    }
    return box;
}

static enum err translate_in_bbox(struct translation *translation, const struct node *call,
                                  const struct condition_row *row, struct sql *out)
{
    const struct field *field;
    double corners[4];
    struct buf wkb cleanup_with(buf_cleanup) = {0};
    TRY(read_geo_field(translation, call, row->points, row->shapes, &field));
    for (size_t i = 0; i < 4; i++) {
        if (!read_number_node(call->children.items[i + 1], &corners[i])) {
            return wrong_arguments(translation, call);
        }
    }
    if (field->type == FIELD_GEO_SHAPE) {
        TRY(check_areas(translation, call->name));
    }
    struct box box = box_of_corners(corners);
    geometry_write_box(&box, &wkb);
    struct areas areas = areas_of(out->arena, buf_copy(&wkb, out->arena));
    sql_text(out, "(");
    for (size_t i = 0; i < areas.count; i++) {
        sql_text_constant(out, i ? S(" or (") : S("("));
        append_box(field, &areas.items[i].box, false, out);
        if (field->type == FIELD_GEO_SHAPE) {
            sql_text(out, " and (");
            append_box(field, &areas.items[i].box, true, out);
            sql_text(out, " or ");
            append_question(translation->source, field, false, areas.items[i].wkb, out);
            sql_text(out, ")");
        }
        sql_text(out, ")");
    }
    sql_text(out, ")");
    return ERR_OK;
}

static enum err read_centre(struct translation *translation, const struct node *call,
                            double *ret_longitude, double *ret_latitude)
{
    str wkb;
    TRY(read_geometry(translation, call, 1, &wkb));
    if (!geometry_read_point(wkb, ret_longitude, ret_latitude)) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_FROM_POINT,
                           SAYS(ARG_TEXT("name", call->name)));
    }
    if (fabs(*ret_latitude) > 90) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_LATITUDE,
                           SAYS(ARG_TEXT("name", call->name)));
    }
    *ret_longitude -= 360 * floor((*ret_longitude + 180) / 360);
    return ERR_OK;
}

static enum err read_distance(struct translation *translation, const struct node *call,
                              double *ret_metres)
{
    static const struct {
        const char *unit;
        double metres;
    } units[] = {{"mm", 0.001}, {"cm", 0.01},   {"m", 1},        {"km", 1000},
                 {"ft", 0.3048}, {"yd", 0.9144}, {"mi", 1609.344}};
    const struct node *distance = call->children.items[2];
    if (distance->kind == NODE_INT || distance->kind == NODE_DOUBLE) {
        *ret_metres = distance->real;
        return ERR_OK;
    }
    if (distance->kind != NODE_MEASURE) {
        return wrong_arguments(translation, call);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
        if (str_eq_nocase(distance->name, str_from(units[i].unit))) {
            *ret_metres = distance->real * units[i].metres;
            return ERR_OK;
        }
    }
    return query_error(translation->scope, translation->clause, MSG_ODSQL_UNIT,
                       SAYS(ARG_TEXT("name", call->name), ARG_TEXT("unit", distance->name)));
}

static void append_distance(const struct field *field, double longitude, double latitude, struct sql *out)
{
    if (field->type == FIELD_GEO_POINT) {
        sql_text(out, "point_distance(");
        append_point(field, out);
    } else {
        sql_text(out, "shape_distance(");
        sql_name(out, field->name);
    }
    sql_text(out, ", ");
    bind_double(out, longitude);
    sql_text(out, ", ");
    bind_double(out, latitude);
    sql_text(out, ")");
}

/* The circle's box as it is and a turn of the globe away; only shapes reach beyond 180 degrees. */
static void append_circle_box(const struct field *field, struct box box, struct sql *out)
{
    bool any = false;
    bool is_all_round = isinf(box.west);
    sql_text(out, "(");
    for (int turn = is_all_round ? 0 : -1; turn <= (is_all_round ? 0 : 1); turn++) {
        struct box moved = {box.west + turn * 360, box.south, box.east + turn * 360, box.north};
        bool is_on_globe = moved.west <= 180 && moved.east >= -180;
        if (is_on_globe || field->type == FIELD_GEO_SHAPE) {
            sql_text_constant(out, any ? S(" or ") : S(""));
            append_box(field, &moved, false, out);
            any = true;
        }
    }
    sql_text(out, ")");
}

static enum err translate_circle(struct translation *translation, const struct node *call,
                                 const struct condition_row *row, struct sql *out)
{
    const struct field *field;
    double longitude;
    double latitude;
    double metres;
    TRY(read_geo_field(translation, call, row->points, row->shapes, &field));
    TRY(read_centre(translation, call, &longitude, &latitude));
    TRY(read_distance(translation, call, &metres));
    if (field->type == FIELD_GEO_SHAPE) {
        TRY(check_areas(translation, call->name));
    }
    sql_text(out, "(");
    append_circle_box(field, geometry_circle_box(longitude, latitude, metres), out);
    sql_text(out, " and ");
    append_distance(field, longitude, latitude, out);
    sql_text(out, " <= ");
    bind_double(out, metres);
    sql_text(out, ")");
    return ERR_OK;
}

enum err translate_geometry_condition(struct translation *translation, const struct node *node,
                                      struct sql *out, enum value_type *ret_type)
{
    const struct condition_row *row = find_condition(node->name);
    *ret_type = VALUE_BOOL;
    switch (row->kind) {
    case RELATION:
        return translate_relation(translation, node, row, row->relation, out);
    case NAMED_RELATION:
        return translate_named_relation(translation, node, row, out);
    case IN_BOX:
        return translate_in_bbox(translation, node, row, out);
    case CIRCLE:
        break;
    }
    return translate_circle(translation, node, row, out);
}

/* ---- values ---- */

enum err translate_distance(struct translation *translation, const struct node *node, struct sql *out,
                            enum value_type *ret_type)
{
    const struct field *field;
    double longitude;
    double latitude;
    bool is_condition = strcmp(translation->clause->name, "select") != 0 &&
                        strcmp(translation->clause->name, "order_by") != 0;
    *ret_type = VALUE_DOUBLE;
    if (node->children.count == 3) {
        return is_condition ? translate_geometry_condition(translation, node, out, ret_type)
                            : wrong_arguments(translation, node);
    }
    TRY(read_geo_field(translation, node, true, true, &field));
    TRY(read_centre(translation, node, &longitude, &latitude));
    if (field->type == FIELD_GEO_SHAPE) {
        TRY(check_areas(translation, node->name));
    }
    append_distance(field, longitude, latitude, out);
    return ERR_OK;
}

/* The outermost edges of all boxes, or points. */
static void append_bbox(const struct field *field, struct sql *out)
{
    bool is_point = field->type == FIELD_GEO_POINT;
    sql_text(out, "box_shape(");
    for (enum field_edge edge = 0; edge < EDGE__COUNT; edge++) {
        bool is_longitude = edge == EDGE_WEST || edge == EDGE_EAST;
        sql_text_constant(out, edge ? S(", ") : S(""));
        sql_text_constant(out, edge == EDGE_WEST || edge == EDGE_SOUTH ? S("min(") : S("max("));
        sql_name(out, !is_point      ? field_edge_column(out->arena, field, edge)
                      : is_longitude ? field_longitude_column(out->arena, field)
                                     : field_latitude_column(out->arena, field));
        sql_text(out, ")");
    }
    sql_text(out, ")");
}

static void append_hull(const struct source *source, const struct field *field, struct sql *out)
{
    sql_text_constant(out, is_postgres(source) ? S("hull_shape(array_agg(distinct array[") : S("hull_shape("));
    append_point(field, out);
    if (is_postgres(source)) { /* sorted from west to east */
        sql_text(out, "]) filter (where ");
        sql_name(out, field_longitude_column(out->arena, field));
        sql_text(out, " is not null and ");
        sql_name(out, field_latitude_column(out->arena, field));
        sql_text(out, " is not null))");
    } else {
        sql_text(out, ")");
    }
}

enum err translate_area(struct translation *translation, const struct node *node, struct sql *out,
                        enum value_type *ret_type)
{
    const struct field *field;
    bool is_hull = str_eq(node->name, S("envelope"));
    *ret_type = VALUE_SHAPE;
    TRY(read_geo_field(translation, node, true, !is_hull, &field));
    if (is_hull) {
        append_hull(translation->source, field, out);
    } else {
        append_bbox(field, out);
    }
    return ERR_OK;
}
