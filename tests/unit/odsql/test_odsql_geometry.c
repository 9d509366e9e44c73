/*
 * Geometry functions: clauses run in the engine on a table of points and shapes, whose answers were
 * worked out by hand.
 */
#include "../check.h"

#include "base/num.h"
#include "domain/odsql/odsql.h"
#include "domain/records/index.h"
#include "domain/records/records.h"
#include "platform/geometry/geometry.h"

static struct scope scope;
static struct db *db;
static struct indexer *indexer;
static struct db_lease *lease;

static struct field fields[] = {
    {.name = S("n"), .type = FIELD_INT, .decimals = -1},
    {.name = S("p"), .type = FIELD_GEO_POINT, .decimals = -1},
    {.name = S("s"), .type = FIELD_GEO_SHAPE, .decimals = -1},
    {.name = S("kind"), .type = FIELD_TEXT, .decimals = -1},
};
static const struct schema schema = {fields, ARRAY_LENGTH(fields)};
static struct source source = {.schema = &schema, .table = S("records"), .postings = S("postings")};

/* Points as WKT, shapes as WKT; NULL: none. */
static const struct {
    const char *point;
    const char *shape;
    const char *kind;
} records[] = {
    {"POINT(2 48)", "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,1 2,2 2,2 1,1 1))", "a"}, /* 0: with a hole */
    {"POINT(2.5 48)", "MULTIPOLYGON(((10 0,12 0,12 2,10 0)),((20 0,22 0,22 2,20 0)))", "a"}, /* 1 */
    {"POINT(179.9 10)", "POLYGON((178 9,182 9,182 11,178 11,178 9))", "b"}, /* 2: beyond 180 */
    {"POINT(-179.9 10)", "LINESTRING(-179 9,-179 11)", "b"}, /* 3 */
    {"POINT(0 90)", "POLYGON((-180 80,180 80,180 90,-180 90,-180 80))", "b"}, /* 4: the pole */
    {"POINT(-60 -90)", "POINT(3 3)", NULL}, /* 5 */
    {NULL, NULL, "a"}, /* 6 */
    {"POINT(0 0)", "POLYGON EMPTY", "a"}, /* 7 */
    {"POINT(1 1)", "POLYGON((30 0,34 4,34 0,30 4,30 0))", "c"}, /* 8: crosses itself */
};

static str wkb_of(const char *text)
{
    struct buf wkb = {0};
    check_ok(text, &scope, geometry_read_text(&scope, str_from(text), &wkb));
    str copy = buf_copy(&wkb, &scope.arena);
    buf_done(&wkb);
    return copy;
}

static void insert_record(size_t at)
{
    struct sql sql = sql_in(&scope.arena);
    double x;
    double y;
    bool has_point = records[at].point && geometry_read_point(wkb_of(records[at].point), &x, &y);
    sql_text(&sql, "insert into records select n, x, y, s, kind, shape_west(s), shape_south(s), "
                   "shape_east(s), shape_north(s), n from (select ");
    sql_bind(&sql, cell_int((int64_t)at));
    sql_text(&sql, "::bigint as n, ");
    sql_bind(&sql, has_point ? cell_double(x) : cell_null());
    sql_text(&sql, "::double as x, ");
    sql_bind(&sql, has_point ? cell_double(y) : cell_null());
    sql_text(&sql, "::double as y, ");
    sql_bind(&sql, records[at].shape ? (cell){.type = CELL_BYTES, .text = wkb_of(records[at].shape)}
                                     : cell_null());
    sql_text(&sql, "::blob as s, ");
    sql_bind(&sql, records[at].kind ? cell_text(str_from(records[at].kind)) : cell_null());
    sql_text(&sql, "::varchar as kind)");
    check_ok("insert", &scope, db_execute(&scope, lease, &sql));
}

static int open_engine(void **state)
{
    (void)state;
    scope_open(&scope);
    struct db_options options = {.engine = DB_DUCKDB};
    indexer = indexer_new();
    options.functions = indexer_functions(indexer, &options.function_count);
    options.aggregates = geometry_aggregates(&options.aggregate_count);
    check_ok("open", &scope, db_open(&scope, &options, &db));
    check_ok("lease", &scope, db_lease(&scope, db, &lease));
    check_ok("table", &scope, db_script(&scope, lease,
             "create table records (n bigint, \"p.lon\" double, \"p.lat\" double, s blob, kind varchar, "
             "\"s.west\" double, \"s.south\" double, \"s.east\" double, \"s.north\" double, _key bigint)"));
    for (size_t i = 0; i < ARRAY_LENGTH(records); i++) {
        insert_record(i);
    }
    return 0;
}

static int close_engine(void **state)
{
    (void)state;
    db_release(lease);
    db_close(db);
    indexer_free(indexer);
    scope_close(&scope);
    return 0;
}

static void add_cell(const struct batch *batch, const struct output *output, size_t row, struct buf *out)
{
    char digits[NUM_DOUBLE_BYTES];
    cell value = column_cell(&batch->columns[output->column], row);
    switch (value.type) {
    case CELL_INT:
        buf_add_int(out, value.number);
        break;
    case CELL_DOUBLE:
        buf_add(out, (str){digits, num_write_double(digits, value.real)});
        break;
    case CELL_TEXT:
        buf_add(out, value.text);
        break;
    case CELL_BYTES:
        buf_printf(out, "%zu bytes", value.text.n);
        break;
    default:
        buf_add(out, value.type == CELL_NULL ? S("null") : S("?"));
    }
}

/* All cells of the result: rows by ";", columns by ",". */
static str run_rows(const struct clauses *clauses)
{
    struct plan *plan;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct buf out = {0};
    const struct batch *batch;
    check_ok("compile", &scope, odsql_compile(&scope, &source, clauses, &plan));
    check_ok("run", &scope, db_run(&scope, lease, &plan->rows, &cursor));
    for (;;) {
        check_ok("next", &scope, cursor_next(&scope, cursor, &batch));
        if (!batch) {
            break;
        }
        for (size_t i = 0; i < batch->rows; i++) {
            for (size_t j = 0; j < plan->output_count; j++) {
                buf_add(&out, j ? S(",") : out.n ? S(";") : S(""));
                add_cell(batch, &plan->outputs[j], i, &out);
            }
        }
    }
    str text = buf_copy(&out, &scope.arena);
    buf_done(&out);
    return text;
}

#define EUROPE "geom'POLYGON((-10 40,10 40,10 60,-10 60,-10 40))'"
#define SQUARE "geom'POLYGON((-1 -1,5 -1,5 5,-1 5,-1 -1))'"

static void test_conditions(void **state)
{
    (void)state;
    static const struct {
        const char *where;
        const char *found; /* values of n */
    } cases[] = {
        {"within(p, " EUROPE ")", "0;1"},
        {"intersects(p, " EUROPE ")", "0;1"},
        {"polygon(p, " EUROPE ")", "0;1"},
        {"disjoint(p, " EUROPE ")", "2;3;4;5;7;8"},
        {"not within(p, " EUROPE ")", "2;3;4;5;6;7;8"},
        {"not disjoint(p, " EUROPE ")", "0;1;6"},
        {"WITHIN(`p`, GEOM\"POINT(2 48)\")", "0"},
        {"intersects(p, geom'{\"type\":\"LineString\",\"coordinates\":[[0,48],[2.2,48]]}')", "0"},
        {"within(p, geom'0101000000000000000000F03F000000000000F03F')", "8"},
        {"within(p, geom'POLYGON EMPTY')", ""},
        {"disjoint(p, geom'POLYGON EMPTY')", "0;1;2;3;4;5;7;8"},
        {"intersects(s, " SQUARE ")", "0;5"},
        {"within(s, " SQUARE ")", "0;5"},
        {"within(s, geom'POLYGON((0 0,4 0,4 4,0 4,0 0))')", "0;5"}, /* its own boundary encloses it */
        {"within(s, geom'POLYGON((0 0,3.9 0,3.9 4,0 4,0 0))')", "5"},
        {"intersects(s, geom'POINT(1.5 1.5)')", ""}, /* in the hole */
        {"intersects(s, geom'POINT(0.5 1.5)')", "0"},
        {"intersects(s, geom'POINT(21 0.5)')", "1"},
        {"intersects(s, geom'POINT(15 0.5)')", ""}, /* in its box, between its parts */
        {"disjoint(s, " SQUARE ")", "1;2;3;4;7;8"},
        {"not intersects(s, " SQUARE ")", "1;2;3;4;6;7;8"},
        {"not (not intersects(s, " SQUARE "))", "0;5"},
        {"geometry(s, " SQUARE ", INTERSECTS)", "0;5"},
        {"geometry(s, " SQUARE ", disjoint)", "1;2;3;4;7;8"},
        {"geometry(s, " SQUARE ", 'WITHIN')", "0;5"},
        /* Literals beyond 180 degrees mean what lies behind it. */
        {"within(p, geom'POLYGON((170 0,190 0,190 20,170 20,170 0))')", "2;3"},
        {"within(p, geom'POLYGON((-190 0,-170 0,-170 20,-190 20,-190 0))')", "2;3"},
        {"intersects(s, geom'POLYGON((180.5 9.5,181.5 9.5,181.5 10,180.5 9.5))')", "2;3"},
        /* What crosses itself. */
        {"intersects(s, geom'POINT(30.5 2)')", "8"},
        {"intersects(s, geom'POINT(32 1)')", ""},
        {"within(s, geom'POLYGON((29 -1,35 -1,35 5,29 5,29 -1))')", "8"},
        {"intersects(s, geom'POLYGON((2 2,3.5 3.5,3.5 2,2 3.5,2 2))')", "0;5"},
        /* Boxes: latitude first. */
        {"in_bbox(p, 40, 0, 50, 2.2)", "0"},
        {"in_bbox(p, 50, 2.2, 40, 0)", "0"},
        {"in_bbox(p, 50, 0, 40, 2.2)", "0"},
        {"in_bbox(p, 48, 2, 48, 2)", "0"},
        {"in_bbox(p, -90, -180, 90, 180)", "0;1;2;3;4;5;7;8"},
        {"in_bbox(p, -90, -1000, 90, 1000)", "0;1;2;3;4;5;7;8"},
        {"not in_bbox(p, -90, -180, 90, 180)", "6"},
        {"in_bbox(p, 0, 170, 20, -170)", "2;3"},
        {"in_bbox(p, 0, 170, 20, 190)", "2;3"},
        {"in_bbox(p, 0, +170.5, 20, 179.95)", "2"},
        {"in_bbox(s, 0, 0, 4, 4)", "0;5"},
        {"in_bbox(s, 1.2, 1.2, 1.8, 1.8)", ""}, /* in the hole */
        {"in_bbox(s, 0, 13, 4, 25)", "1"},
        {"in_bbox(s, 0, 13, 4, 19)", ""},
        {"in_bbox(s, 0, 170, 20, -170)", "2;3"},
        {"in_bbox(s, -90, -180, 90, 180)", "0;1;2;3;4;5;8"},
        /* Circles. A degree is 111,195 m. */
        {"within_distance(p, geom'POINT(2 48)', 1m)", "0"},
        {"within_distance(p, geom'POINT(2 48)', 37.2km)", "0"},
        {"within_distance(p, geom'POINT(2 48)', 37.3 km)", "0;1"},
        {"distance(p, geom'POINT(2 48)', 37300)", "0;1"},
        {"distance(p, geom'POINT(2 48)', 37300M)", "0;1"},
        {"within_distance(p, geom'POINT(2 48)', 3720000cm)", "0"},
        {"within_distance(p, geom'POINT(2 48)', 37300000mm)", "0;1"},
        {"within_distance(p, geom'POINT(2 48)', 23.1mi)", "0"},
        {"within_distance(p, geom'POINT(2 48)', 23.2mi)", "0;1"},
        {"within_distance(p, geom'POINT(2 48)', 40700yd)", "0;1"},
        {"within_distance(p, geom'POINT(2 48)', 40680yd)", "0"},
        {"within_distance(p, geom'POINT(2 48)', 122100ft)", "0;1"},
        {"within_distance(p, geom'POINT(2 48)', 122000ft)", "0"},
        {"within_distance(p, geom'POINT(2 48)', 0km)", "0"},
        {"within_distance(p, geom'POINT(180 10)', 20km)", "2;3"},
        {"within_distance(p, geom'POINT(-180 10)', 20km)", "2;3"},
        {"within_distance(p, geom'POINT(540.5 10)', 100km)", "2;3"},
        {"within_distance(p, geom'POINT(90 89.5)', 60km)", "4"},
        {"within_distance(p, geom'POINT(90 -90)', 1km)", "5"},
        {"within_distance(p, geom'POINT(2 48)', 20100km)", "0;1;2;3;4;5;7;8"},
        {"not within_distance(p, geom'POINT(2 48)', 20100km)", "6"},
        {"distance(p, geom'POINT(2 48)') < 37300", "0;1"},
        {"within_distance(s, geom'POINT(1.5 1.5)', 50km)", ""}, /* from the middle of the hole */
        {"within_distance(s, geom'POINT(1.5 1.5)', 56km)", "0"},
        {"within_distance(s, geom'POINT(2 5)', 112km)", "0"},
        {"within_distance(s, geom'POINT(-178 10)', 1km)", "2"},
        {"within_distance(s, geom'POINT(-177 10)', 110km)", "2"},
        {"within_distance(s, geom'POINT(-179.5 10)', 0.1m)", "2"},
        {"within_distance(s, geom'POINT(77 90)', 1m)", "4"},
        {"p is null", "6"}, {"s is null", "6"}, {"s is not null and p is not null", "0;1;2;3;4;5;7;8"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str where = str_from(cases[i].where);
        struct clauses clauses = {.where = &where, .where_count = 1, .limit = -1, .select = S("n"),
                                  .order_by = S("n")};
        check_text(cases[i].where, run_rows(&clauses), str_from(cases[i].found));
    }
}

/* A row filter is a condition like any other, and what it leaves out stays out. */
static void test_row_filters(void **state)
{
    (void)state;
    const str filter = S("within(p, " EUROPE ") or within_distance(s, geom'POINT(3 3)', 1km)");
    const str where = S("not within_distance(p, geom'POINT(2 48)', 1km)");
    source.filters = &filter;
    source.filter_count = 1;
    struct clauses clauses = {.where = &where, .where_count = 1, .limit = -1, .select = S("n"),
                              .order_by = S("distance(p, geom'POINT(2 48)') desc")};
    check_text("filtered", run_rows(&clauses), S("5;1"));
    clauses = (struct clauses){.limit = 10, .group_by = S("geo_cluster(p, 0)"), .select = S("count(*) as c")};
    check_text("clusters", run_rows(&clauses),
               S("{\"cluster_centroid\": {\"lat\": 48.0, \"lon\": 2.25}},2;"
                 "{\"cluster_centroid\": {\"lat\": -90.0, \"lon\": -60.0}},1"));
    source.filter_count = 0;
    check_ok("filter", &scope, odsql_filter_check(&scope, &schema, filter));
    assert_int_equal(odsql_filter_check(&scope, &schema, S("within(n, " EUROPE ")")), ERR_QUERY);
    scope_forgive(&scope);
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *where; /* NULL: none */
        struct clauses clauses;
        const char *rows;
    } cases[] = {
        {NULL, {.select = S("n"), .order_by = S("distance(p, geom'POINT(179 10)'), n"), .limit = 4}, "2;3;4;5"},
        {NULL, {.select = S("n, distance(s, geom'POINT(3 3)') as d"), .order_by = S("d, n"), .limit = 2}, "0,0.0;5,0.0"},
        {"n = 5", {.select = S("s"), .limit = 1},
         "{\"coordinates\": [3.0, 3.0], \"type\": \"Point\"}"},
        {"n = 5", {.select = S("s"), .limit = 1, .shapes_as_wkb = true}, "21 bytes"},
        {"n = 5", {.select = S("ifnull(s, s) as x"), .limit = 1},
         "{\"coordinates\": [3.0, 3.0], \"type\": \"Point\"}"},
        {NULL, {.select = S("count(s), count(p), count(distinct s)"), .limit = 1}, "8,8,8"},
        {"n < 2", {.select = S("envelope(p)"), .limit = 1},
         "{\"coordinates\": [[2.0, 48.0], [2.5, 48.0]], \"type\": \"LineString\"}"},
        {"n in (0, 1, 7, 8)", {.select = S("envelope(p)"), .limit = 1},
         "{\"coordinates\": [[[0.0, 0.0], [1.0, 1.0], [2.5, 48.0], [2.0, 48.0], [0.0, 0.0]]], \"type\": \"Polygon\"}"},
        {"n = 6", {.select = S("envelope(p)"), .limit = 1}, "null"},
        {"n < 2", {.select = S("bbox(p)"), .limit = 1},
         "{\"coordinates\": [[[2.0, 48.0], [2.5, 48.0], [2.5, 48.0], [2.0, 48.0], [2.0, 48.0]]], \"type\": \"Polygon\"}"},
        {"n in (0, 5, 6, 7)", {.select = S("bbox(s) as b"), .limit = 1},
         "{\"coordinates\": [[[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]]], \"type\": \"Polygon\"}"},
        {"n = 7", {.select = S("bbox(s)"), .limit = 1}, "null"},
        {"n in (0, 1, 7)", {.select = S("bbox(p), count(*)"), .limit = 5,
          .group_by = S("kind"), .shapes_as_wkb = true}, "a,93 bytes,3"},
        {NULL, {.select = S("count(*) as c"), .group_by = S("geo_cluster(p, 5)"), .limit = 20},
         "{\"cluster_centroid\": {\"lat\": 0.5, \"lon\": 0.5}},2;"
         "{\"cluster_centroid\": {\"lat\": 10.0, \"lon\": -180.0}},2;"
         "{\"cluster_centroid\": {\"lat\": 48.0, \"lon\": 2.25}},2;"
         "{\"cluster_centroid\": {\"lat\": -90.0, \"lon\": -60.0}},1;"
         "{\"cluster_centroid\": {\"lat\": 90.0, \"lon\": 0.0}},1"},
        {NULL, {.select = S("count(*) as c, max(n)"), .group_by = S("kind, geo_cluster(p, 5)"), .limit = 3,
          .order_by = S("c desc, kind desc")},
         "b,{\"cluster_centroid\": {\"lat\": 10.0, \"lon\": -180.0}},2,3;"
         "a,{\"cluster_centroid\": {\"lat\": 48.0, \"lon\": 2.25}},2,1;"
         "c,{\"cluster_centroid\": {\"lat\": 0.5, \"lon\": 0.5}},1,8"},
        {"n in (0, 1)", {.select = S("count(*) as c, geo_cluster(p, 5, 1000)"), .group_by = S("geo_cluster(p, 5, 1000)"),
          .order_by = S("c desc, geo_cluster(p, 5, 1000) desc"),
          .limit = 1}, "{\"cluster_centroid\": {\"lat\": 48.0, \"lon\": 2.25}},2"},
        {"p is null", {.select = S("count(*)"), .group_by = S("geo_cluster(p, 5)"), .limit = 20}, ""},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str where = str_from(cases[i].where);
        struct clauses clauses = cases[i].clauses;
        clauses.where = &where;
        clauses.where_count = cases[i].where != NULL;
        check_text(clauses.select.p, run_rows(&clauses), str_from(cases[i].rows));
    }
}

static void check_refused(const struct clauses *clauses, const char *what, const char *message)
{
    struct plan *plan;
    check_int(what, odsql_compile(&scope, &source, clauses, &plan), ERR_QUERY);
    check_failure(what, &scope, ERR_QUERY, message);
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *where;
        const char *message;
    } cases[] = {
        {"within(n, " EUROPE ")", "function within() expects a geo_point_2d or geo_shape field as its first "
         "argument, but n is of type int. Clause(s) containing the error(s): where."},
        {"polygon(s, " EUROPE ")", "polygon() expects a geo_point_2d field as its first argument, but s is of type"},
        {"geometry(p, " EUROPE ", WITHIN)", "geometry() expects a geo_shape field as its first argument, but p"},
        {"geometry(s, " EUROPE ", TOUCHES)", "INTERSECTS, DISJOINT or WITHIN"},
        {"within(nosuch, " EUROPE ")", "Unknown field: nosuch"},
        {"within('p', " EUROPE ")", "within() expects a geo_point_2d or geo_shape field as its first argument."},
        {"within(p)", "function within() expects a geo field and a geometry as geom'…'."},
        {"within(p, " EUROPE ", 1)", "function within() expects a geo field and a geometry as geom'…'."},
        {"within(p, 'POINT(1 1)')", "function within() expects a geo field and a geometry as geom'…'."},
        {"within()", "function within() expects"},
        {"within(p, geom'POLYGON((0 0,1 1,1 0))')", "Invalid geometry to parse 'POLYGON((0 0,1 1,1 0))' (no well-known"},
        {"within(p, geom'')", "Invalid geometry to parse '' (nothing)."},
        {"within(p, geom'{}')", "Invalid geometry to parse '{}' (no GeoJSON geometry"},
        {"within_distance(p, geom'POINT(1 1)')", "expects a geo field, a point as geom'…' and a distance"},
        {"distance(p, geom'POINT(1 1)')", "distance(p, geom'POINT(1 1)') is not a condition"},
        {"within_distance(p, geom'POINT(1 1)', '1km')", "expects a geo field, a point as geom'…' and a distance"},
        {"within_distance(p, geom'POINT(1 1)', -1)", "expects a geo field, a point as geom'…' and a distance"},
        {"within_distance(p, geom'POINT(1 1)', 1 day)", "'day' is no unit of distance; mm, cm, m, km, ft, yd and mi are"},
        {"within_distance(p, " EUROPE ", 1km)", "measures from a point; write it as geom'POINT(longitude latitude)'"},
        {"within_distance(p, geom'POINT EMPTY', 1km)", "measures from a point"},
        {"within_distance(p, geom'POINT(48 100)', 1km)", "the latitude, which is the second number of a point, is not"},
        {"in_bbox(p, 1, 2, 3)", "in_bbox() expects a geo field and four numbers"},
        {"in_bbox(p, 1, 2, 3, n)", "in_bbox() expects a geo field and four numbers"},
        {"p = geom'POINT(1 1)'", "a geometry literal can only stand in a geometry function"},
        {"envelope(p) is null", "function envelope() is not allowed in where"},
        {"geo_cluster(p, 1)", "function geo_cluster() is not allowed in where"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str where = str_from(cases[i].where);
        struct clauses clauses = {.where = &where, .where_count = 1, .limit = 10};
        check_refused(&clauses, cases[i].where, cases[i].message);
    }
    static const struct {
        struct clauses clauses;
        const char *message;
    } others[] = {
        {{.select = S("within(p, " EUROPE ")")}, "function within() is not allowed in select"},
        {{.select = S("distance(p, geom'POINT(1 1)', 1km)")}, "distance() expects a geo field and a point as geom'…'; in where also"},
        {{.select = S("distance(n, geom'POINT(1 1)')")}, "distance() expects a geo_point_2d or geo_shape field"},
        {{.select = S("envelope(s)")}, "envelope() expects a geo_point_2d field as its first argument, but s"},
        {{.select = S("bbox(n)")}, "bbox() expects a geo_point_2d or geo_shape field"},
        {{.select = S("bbox(p, s)")}, "bbox() expects a geo field"},
        {{.select = S("n, bbox(p)")}, "n must be in group_by or inside an aggregation function"},
        {{.select = S("count(*)"), .order_by = S("bbox(p)")}, "function bbox() is not allowed in order_by"},
        {{.order_by = S("p")}, "p cannot be sorted"},
        {{.order_by = S("s")}, "s cannot be sorted"},
        {{.group_by = S("p")}, "p is of type geo_point_2d, which cannot be grouped by"},
        {{.group_by = S("s")}, "s is of type geo_shape, which cannot be grouped by"},
        {{.group_by = S("geo_cluster(p, 5) as c")}, "geo_cluster() takes no alias"},
        {{.group_by = S("geo_cluster(p, 5), geo_cluster(p, 6)")}, "geo_cluster() can only be used once"},
        {{.group_by = S("geo_cluster(s, 5)")}, "geo_cluster() expects a geo_point_2d field"},
        {{.group_by = S("geo_cluster(p)")}, "geo_cluster() expects a geo_point_2d field, a zoom"},
        {{.group_by = S("geo_cluster(p, 26)")}, "the zoom is a whole number from 0 to 25"},
        {{.group_by = S("geo_cluster(p, 1.5)")}, "the zoom is a whole number from 0 to 25"},
        {{.group_by = S("geo_cluster(p, 5, 0)")}, "the radius is a whole number from 1 to 1000"},
        {{.group_by = S("geo_cluster(p, 5, 40, 1)")}, "geo_cluster() expects"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        check_refused(&others[i].clauses, others[i].message, others[i].message);
    }
}

/* PostgreSQL without PostGIS: points as they are, but neither areas nor shapes. */
static void test_without_postgis(void **state)
{
    (void)state;
    static const struct {
        const char *where;
        bool is_refused;
    } cases[] = {
        {"within(p, " EUROPE ")", true}, {"intersects(s, " EUROPE ")", true}, {"in_bbox(s, 1, 1, 2, 2)", true},
        {"within_distance(s, geom'POINT(1 1)', 1km)", true}, {"in_bbox(p, 1, 1, 2, 2)", false},
        {"within_distance(p, geom'POINT(1 1)', 1km)", false},
    };
    struct source postgres = source;
    postgres.engine = DB_POSTGRES;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str where = str_from(cases[i].where);
        struct clauses clauses = {.where = &where, .where_count = 1, .limit = -1};
        struct plan *plan;
        enum err result = odsql_compile(&scope, &postgres, &clauses, &plan);
        assert_int_equal(result, cases[i].is_refused ? ERR_QUERY : ERR_OK);
        if (result != ERR_OK) {
            assert_true(str_find(scope.failure.message, S("needs PostGIS"), 0) != SIZE_MAX);
            scope_forgive(&scope);
        }
        postgres.has_postgis = true;
        assert_int_equal(odsql_compile(&scope, &postgres, &clauses, &plan), ERR_OK);
        postgres.has_postgis = false;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_row_filters),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_without_postgis),
    };
    return cmocka_run_group_tests(tests, open_engine, close_engine);
}
