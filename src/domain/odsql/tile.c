/*
 * What a vector tile shows of the records: points one by one or counted in cells, and shapes. A shape that would be
 * hardly more than a dot stands as a point in the middle of its box.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "domain/odsql/dialect.h"
#include "domain/odsql/geometry.h"
#include "platform/geometry/geometry.h"
#include "platform/geometry/mercator.h"

#define TEXT_LETTERS "100" /* of a property */

/* ---- fields ---- */

static bool is_geo(const struct field *field)
{
    return field->type == FIELD_GEO_POINT || field->type == FIELD_GEO_SHAPE;
}

static enum err find_field(struct translation *translation, str name, const struct field **ret_field)
{
    struct clause clause = {"field", name};
    const struct schema *schema = translation->source->schema;
    const struct field *found = NULL;
    translation->clause = &clause;
    if (name.n) {
        TRY(resolve_field(translation, name, &found));
        *ret_field = found;
        return is_geo(found) ? ERR_OK
                             : query_error(translation->scope, &clause, MSG_ODSQL_TILE_FIELD,
                                           SAYS(ARG_TEXT("name", name),
                                                ARG_TEXT("type", field_type_text(found->type))));
    }
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];
        if (is_geo(field) && (!found || (found->type == FIELD_GEO_SHAPE && field->type == FIELD_GEO_POINT))) {
            found = field;
        }
    }
    *ret_field = found;
    return found ? ERR_OK
                 : query_error(translation->scope, &clause, MSG_ODSQL_TILE_NONE, NULL);
}

static enum err find_property(struct translation *translation, str name, const struct field **ret_field)
{
    struct clause clause = {"property", name};
    translation->clause = &clause;
    TRY(resolve_field(translation, name, ret_field));
    enum value_type type = value_type_of(*ret_field);
    return type >= VALUE_BOOL && type <= VALUE_DATETIME && (*ret_field)->type != FIELD_FILE
               ? ERR_OK
               : query_error(translation->scope, &clause, MSG_ODSQL_TILE_PROPERTY,
                             SAYS(ARG_TEXT("name", name), ARG_TEXT("type", str_from(value_type_name(type)))));
}

enum err odsql_tile_fields(struct scope *scope, const struct source *source, str field, const str *properties,
                           size_t property_count, struct tile_request *request)
{
    const struct clauses nothing = {0};
    struct translation translation;
    const struct field **found = arena_array(&scope->arena, const struct field *, property_count);
    TRY(translation_begin(scope, source, &nothing, &translation));
    TRY(find_field(&translation, field, &request->field));
    for (size_t i = 0; i < property_count; i++) {
        TRY(find_property(&translation, properties[i], &found[i]));
    }
    request->properties = found;
    request->property_count = property_count;
    return ERR_OK;
}

/* ---- pieces of SQL ---- */

struct tiling {
    struct translation translation;
    const struct tile_request *request;
    const struct sql *id;
    double world; /* units around the globe */
    struct sql filter;
    bool filtered;
};

static void bind_double(struct sql *out, double real)
{
    sql_bind(out, cell_double(real));
    sql_text(out, "::double precision");
}

static void bind_whole(struct sql *out, int64_t number)
{
    sql_bind(out, cell_int(number));
    sql_text(out, "::bigint");
}

/* The middle between two edges of the box; of a point, its coordinate. */
static void append_place(const struct field *field, bool is_longitude, struct sql *out)
{
    if (field->type == FIELD_GEO_POINT) {
        sql_name(out, is_longitude ? field_longitude_column(out->arena, field)
                                   : field_latitude_column(out->arena, field));
        return;
    }
    sql_text(out, "((");
    sql_name(out, field_edge_column(out->arena, field, is_longitude ? EDGE_WEST : EDGE_SOUTH));
    sql_text(out, " + ");
    sql_name(out, field_edge_column(out->arena, field, is_longitude ? EDGE_EAST : EDGE_NORTH));
    sql_text(out, ") / 2)");
}

/* The place of a record in whole units of the map, as mercator.h has it. */
static void append_x(const struct tiling *tiling, struct sql *out)
{
    sql_text(out, "floor((");
    append_place(tiling->request->field, true, out);
    sql_text(out, " + 180) / 360 * ");
    bind_double(out, tiling->world);
    sql_text(out, ")::bigint");
}

static void append_y(const struct tiling *tiling, struct sql *out)
{
    struct sql sine = sql_in(out->arena);
    sql_text(&sine, "sin(radians(greatest(least(");
    append_place(tiling->request->field, false, &sine);
    sql_text(&sine, ", ");
    bind_double(&sine, MERCATOR_LATITUDE_MOST);
    sql_text(&sine, "), ");
    bind_double(&sine, -MERCATOR_LATITUDE_MOST);
    sql_text(&sine, ")))");
    sql_text(out, "least(greatest(floor((0.5 - ln((1 + ");
    sql_join(out, &sine);
    sql_text(out, ") / (1 - ");
    sql_join(out, &sine);
    sql_text(out, ")) / ");
    bind_double(out, 4 * M_PI);
    sql_text(out, ") * ");
    bind_double(out, tiling->world);
    sql_text(out, ")::bigint, 0), ");
    bind_whole(out, (int64_t)tiling->world - 1);
    sql_text(out, ")");
}

/* The tile and its margin in degrees, a unit wider: rows beside it are left out later. */
static struct box box_of(const struct tiling *tiling)
{
    const struct tile_request *request = tiling->request;
    double margin = (double)(request->margin + 1);
    double left = (double)(request->x * request->units);
    double top = (double)(request->y * request->units);
    double edge = (double)request->units;
    struct box box = {.west = mercator_longitude(left - margin, tiling->world),
                      .north = mercator_latitude(top - margin, tiling->world),
                      .east = mercator_longitude(left + edge + margin, tiling->world),
                      .south = mercator_latitude(top + edge + margin, tiling->world)};
    /* What lies nearer the poles than the map reaches stands on its edge. */
    box.north = top - margin <= 0 ? 90 : box.north;
    box.south = top + edge + margin >= tiling->world ? -90 : box.south;
    return box;
}

static void append_edge(const struct field *field, enum field_edge edge, struct sql *out)
{
    bool is_longitude = edge == EDGE_WEST || edge == EDGE_EAST;
    sql_name(out, field->type == FIELD_GEO_SHAPE ? field_edge_column(out->arena, field, edge)
                  : is_longitude                 ? field_longitude_column(out->arena, field)
                                                 : field_latitude_column(out->arena, field));
}

static void append_touches(const struct field *field, const struct box *box, struct sql *out)
{
    sql_text(out, "(");
    append_edge(field, EDGE_EAST, out);
    sql_text(out, " >= ");
    bind_double(out, box->west);
    sql_text(out, " and ");
    append_edge(field, EDGE_WEST, out);
    sql_text(out, " <= ");
    bind_double(out, box->east);
    sql_text(out, " and ");
    append_edge(field, EDGE_NORTH, out);
    sql_text(out, " >= ");
    bind_double(out, box->south);
    sql_text(out, " and ");
    append_edge(field, EDGE_SOUTH, out);
    sql_text(out, " <= ");
    bind_double(out, box->north);
    sql_text(out, ")");
}

/* Points lie between 180 degrees west and east; shapes may reach half a turn farther. */
static void append_window(const struct tiling *tiling, struct sql *out)
{
    const struct field *field = tiling->request->field;
    double reach = field->type == FIELD_GEO_SHAPE ? 360 : 180;
    struct box box = box_of(tiling);
    bool is_first = true;
    sql_text(out, "(");
    for (int turn = -1; turn <= 1; turn++) {
        struct box turned = box;
        turned.west += 360 * turn;
        turned.east += 360 * turn;
        if (turned.west <= reach && turned.east >= -reach) {
            sql_text_constant(out, is_first ? S("") : S(" or "));
            append_touches(field, &turned, out);
            is_first = false;
        }
    }
    sql_text(out, ")");
}

/* Whether a shape is large enough to be drawn as one; by degrees, so that all tiles of a zoom agree. */
static void append_size(const struct tiling *tiling, bool is_large, struct sql *out)
{
    const struct field *field = tiling->request->field;
    double degrees = (double)tiling->request->least / tiling->world * 360;
    sql_text_constant(out, is_large ? S("(") : S("(not ("));
    append_edge(field, EDGE_EAST, out);
    sql_text(out, " - ");
    append_edge(field, EDGE_WEST, out);
    sql_text(out, " >= ");
    bind_double(out, degrees);
    sql_text(out, " or ");
    append_edge(field, EDGE_NORTH, out);
    sql_text(out, " - ");
    append_edge(field, EDGE_SOUTH, out);
    sql_text(out, " >= ");
    bind_double(out, degrees);
    sql_text_constant(out, is_large ? S(")") : S("))"));
}

static void append_filter(const struct tiling *tiling, struct sql *out)
{
    if (tiling->filtered) {
        sql_text(out, " and (");
        sql_join(out, &tiling->filter);
        sql_text(out, ")");
    }
}

/* " from … where …": the records of the tile, of shapes the large or the small ones. */
static void append_rows(const struct tiling *tiling, bool is_large, struct sql *out)
{
    sql_text(out, " from ");
    append_records(&tiling->translation, out);
    sql_text(out, " where ");
    append_window(tiling, out);
    if (tiling->request->field->type == FIELD_GEO_SHAPE) {
        sql_text(out, " and ");
        append_size(tiling, is_large, out);
    }
    append_filter(tiling, out);
}

static void append_limit(int64_t limit, struct sql *out)
{
    sql_text(out, " limit ");
    sql_bind(out, cell_int(limit));
}

/* ---- properties ---- */

static void append_time(struct translation *translation, const struct sql *column, enum value_type type,
                        struct sql *out)
{
    struct sql local = sql_in(out->arena);
    local_time(translation, column, type, &local);
    sql_text(&local, "::timestamp");
    append_date_words(translation, type == VALUE_DATE ? S("yyyy-MM-dd") : S("yyyy-MM-dd HH:mm:ss"), &local, out);
}

static void append_property(struct tiling *tiling, const struct field *field, struct sql *out)
{
    struct sql column = sql_in(out->arena);
    enum value_type type = value_type_of(field);
    sql_name(&column, field->name);
    switch (type) {
    case VALUE_BOOL:
        sql_join(out, &column);
        sql_text(out, "::integer::bigint");
        break;
    case VALUE_TEXT:
        sql_text(out, "left(");
        sql_join(out, &column);
        sql_text(out, ", " TEXT_LETTERS ")");
        break;
    case VALUE_DATE:
    case VALUE_DATETIME:
        append_time(&tiling->translation, &column, type, out);
        break;
    default:
        sql_join(out, &column);
    }
}

static void name_property(size_t number, struct sql *out)
{
    sql_name(out, str_printf(out->arena, "tile.%zu", number));
}

/* The properties as columns "tile.0", "tile.1" …, each behind ", ". */
static void append_properties(struct tiling *tiling, struct sql *out)
{
    for (size_t i = 0; i < tiling->request->property_count; i++) {
        sql_text(out, ", ");
        append_property(tiling, tiling->request->properties[i], out);
        sql_text(out, " as ");
        name_property(i, out);
    }
}

/* One value for many: the mean of numbers, else the one that all have. */
static void append_common(const struct tiling *tiling, size_t number, struct sql *out)
{
    enum value_type type = value_type_of(tiling->request->properties[number]);
    struct sql name = sql_in(out->arena);
    name_property(number, &name);
    if (is_numeric(type)) {
        append_mean(tiling->translation.source, type, &name, out);
        return;
    }
    sql_text(out, "case when min(");
    sql_join(out, &name);
    sql_text(out, ") = max(");
    sql_join(out, &name);
    sql_text(out, ") and count(");
    sql_join(out, &name);
    sql_text(out, ") = count(*) then min(");
    sql_join(out, &name);
    sql_text(out, ") end");
}

static void append_common_properties(const struct tiling *tiling, struct sql *out)
{
    for (size_t i = 0; i < tiling->request->property_count; i++) {
        sql_text(out, ", ");
        append_common(tiling, i, out);
        sql_text(out, " as ");
        name_property(i, out);
    }
}

/* ---- statements ---- */

static void compile_count(const struct tiling *tiling, struct sql *out)
{
    sql_text(out, "select count(*) from (select 1");
    append_rows(tiling, false, out);
    append_limit(tiling->request->points + 1, out);
    sql_text(out, ") as found");
}

static void compile_points(struct tiling *tiling, struct sql *out)
{
    sql_text(out, "select ");
    sql_join(out, tiling->id);
    sql_text(out, " as \"tile.id\", 1::bigint as \"tile.count\", ");
    append_x(tiling, out);
    sql_text(out, "::double precision as \"tile.x\", ");
    append_y(tiling, out);
    sql_text(out, "::double precision as \"tile.y\"");
    append_properties(tiling, out);
    append_rows(tiling, false, out);
    sql_text(out, " order by rowid");
    append_limit(tiling->request->points, out);
}

/* Every point there is, wherever the tile is: the same statement for all tiles of a map. */
static void compile_all(struct tiling *tiling, struct sql *out)
{
    struct tiling finest = *tiling;
    finest.world = ldexp((double)tiling->request->units, TILE_FINEST_ZOOM);
    sql_text(out, "select ");
    append_x(&finest, out);
    sql_text(out, " as \"tile.x\", ");
    append_y(&finest, out);
    sql_text(out, " as \"tile.y\"");
    append_properties(tiling, out);
    sql_text(out, " from ");
    append_records(&tiling->translation, out);
    sql_text(out, " where ");
    append_edge(tiling->request->field, EDGE_EAST, out);
    sql_text(out, " is not null");
    append_filter(tiling, out);
    append_limit(LIMIT_TILE_INDEX_POINTS + 1, out);
}

/*
 * Means of whole numbers are the same whatever comes first. Ids of records that have a cell for themselves would take
 * twenty times as long as all the rest.
 */
static void compile_cells(struct tiling *tiling, struct sql *out)
{
    str shift = str_printf(out->arena, " >> %d", mercator_bits(tiling->request->cell));
    sql_text(out, "select null::text as \"tile.id\", count(*) as \"tile.count\", avg(\"tile.x\")::double precision as \"tile.x\", avg(\"tile.y\")::double precision as \"tile.y\"");
    append_common_properties(tiling, out);
    sql_text(out, " from (select rowid as \"tile.row\", ");
    append_x(tiling, out);
    sql_text(out, " as \"tile.x\", ");
    append_y(tiling, out);
    sql_text(out, " as \"tile.y\"");
    append_properties(tiling, out);
    append_rows(tiling, false, out);
    sql_text(out, ") as \"tile.points\" group by \"tile.x\"");
    sql_text_constant(out, shift);
    sql_text(out, ", \"tile.y\"");
    sql_text_constant(out, shift);
    sql_text(out, " order by min(\"tile.row\")");
}

static void compile_shapes(struct tiling *tiling, struct sql *out)
{
    const struct field *field = tiling->request->field;
    sql_text(out, "select ");
    sql_join(out, tiling->id);
    sql_text(out, " as \"tile.id\", ");
    sql_name(out, field->name);
    append_properties(tiling, out);
    append_rows(tiling, true, out);
    sql_text(out, " order by ");
    append_edge(field, EDGE_EAST, out);
    sql_text(out, " - ");
    append_edge(field, EDGE_WEST, out);
    sql_text(out, " + ");
    append_edge(field, EDGE_NORTH, out);
    sql_text(out, " - ");
    append_edge(field, EDGE_SOUTH, out);
    sql_text(out, " desc, rowid");
    append_limit(tiling->request->shapes, out);
}

enum err odsql_tile_compile(struct scope *scope, const struct source *source, const struct clauses *clauses,
                            const struct tile_request *request, struct tile_plan **ret_plan)
{
    struct tiling tiling = {.request = request,
                            .id = clauses->id_expression,
                            .world = ldexp((double)request->units, request->zoom),
                            .filter = sql_in(&scope->arena)};
    struct arena *arena = &scope->arena;
    TRY(translation_begin(scope, source, clauses, &tiling.translation));
    TRY(translate_filter(&tiling.translation, clauses, NULL, &tiling.filter, &tiling.filtered));
    struct tile_plan *plan = arena_new(arena, struct tile_plan);
    *plan = (struct tile_plan){sql_in(arena), sql_in(arena), sql_in(arena), sql_in(arena), sql_in(arena)};
    compile_count(&tiling, &plan->count);
    compile_points(&tiling, &plan->points);
    compile_cells(&tiling, &plan->cells);
    if (request->field->type == FIELD_GEO_SHAPE) {
        compile_shapes(&tiling, &plan->shapes);
    } else if (request->zoom <= TILE_FINEST_ZOOM) {
        compile_all(&tiling, &plan->all);
    }
    struct clause clause = {"where", S("")};
    tiling.translation.clause = &clause;
    TRY(check_size(&tiling.translation, &plan->cells));
    *ret_plan = plan;
    return ERR_OK;
}
