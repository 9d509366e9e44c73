/*
 * Clauses to errors and to results: every accepted clause runs in the engine on a small table, so
 * that emitted SQL is proved, not compared with text.
 */
#include "suite.h"

#include "base/vec.h"
#include "domain/odsql/odsql.h"
#include "domain/records/index.h"
#include "domain/records/records.h"

static struct scope scope;
static struct db *db;
static struct indexer *indexer;
static struct db_lease *lease;
static struct schema schema;
static struct source source;

static const char rows[] =
    "create table records (name varchar, n bigint, x double, d date, \"at\" timestamp, ok boolean, "
    "tags varchar[], \"where\" varchar);"
    "insert into records values"
    " ('Alpha', 1, 1.5, '2026-01-31', '2026-01-31 23:30:00', true, ['a','b'], 'w1'),"
    " ('Élan', 2, 2.5, '2026-02-01', '2026-02-01 00:30:00', false, ['b'], 'w2'),"
    " ('alpha beta', 3, null, '2026-08-29', '2026-08-29 12:00:00', null, [], 'w3'),"
    " (null, null, 0, null, null, null, null, null)";

static int open_engine(void **state)
{
    (void)state;
    static const char *const names[] = {"name", "n", "x", "d", "at", "ok", "tags", "where"};
    static const enum field_type types[] = {FIELD_TEXT, FIELD_INT,      FIELD_DOUBLE, FIELD_DATE,
                                            FIELD_DATETIME, FIELD_BOOLEAN, FIELD_TEXT, FIELD_TEXT};
    scope_open(&scope);
    struct db_options options = {.engine = DB_DUCKDB};
    indexer = indexer_new();
    options.functions = indexer_functions(indexer, &options.function_count);
    assert_int_equal(db_open(&scope, &options, &db), ERR_OK);
    assert_int_equal(db_lease(&scope, db, &lease), ERR_OK);
    schema.count = ARRAY_LENGTH(names);
    schema.fields = arena_array(&scope.arena, struct field, schema.count);
    for (size_t i = 0; i < schema.count; i++) {
        schema.fields[i] = (struct field){.name = str_from(names[i]), .label = str_from(names[i]),
                                          .type = types[i], .decimals = -1};
    }
    schema.fields[6].multivalued = S(",");
    assert_int_equal(db_script(&scope, lease, rows), ERR_OK);
    struct index_options index = {.schema = &schema, .table = S("records"), .directory = "."};
    assert_int_equal(index_build(&scope, lease, indexer, &index), ERR_OK);
    source = (struct source){.schema = &schema, .table = S("records"), .postings = S("postings")};
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

static struct clauses clauses_with(str *where, const char *text)
{
    *where = str_from(text);
    return (struct clauses){.where = where, .where_count = 1, .limit = -1,
                            .now = INT64_C(1620302400000000)}; /* 2021-05-06T12:00 */
}

static void check_count(const char *text, int64_t expected)
{
    str where;
    struct clauses clauses = clauses_with(&where, text);
    struct plan *plan;
    cell value = cell_int(-1);
    enum err result = odsql_compile(&scope, &source, &clauses, &plan);
    if (result == ERR_OK) {
        result = db_query_cell(&scope, lease, &plan->total, &value);
    }
    if (result != ERR_OK || value.number != expected) {
        print_error("%s: %lld rows, %lld expected. %.*s %.*s\n", text, (long long)value.number,
                    (long long)expected, STR_ARG(scope.failure.message),
                    STR_ARG(scope.failure.cause));
    }
    assert_int_equal(result, ERR_OK);
    assert_int_equal(value.number, expected);
}

static void test_where(void **state)
{
    (void)state;
    static const struct {
        const char *where;
        int64_t count;
    } cases[] = {
        {"n = 1", 1}, {"n != 1", 2}, {"not n = 1", 3}, {"not (n != 1)", 2}, {"n is null", 1},
        {"n is not null", 3}, {"n > 1 and n<3", 1}, {"n>=1 or x = 0", 4}, {"-n < -1", 2},
        {"n * 2 + 1 = 5", 1}, {"n/2 = 0.5", 1}, {"n / 0 is null", 4}, {"2 < n", 1},
        {"n in (1, 3)", 2}, {"not n in (1,3)", 2}, {"n in [1..2]", 2}, {"n in ]1..3[", 1},
        {"n in [1 TO 3[", 2}, {"n:[1 to 2]", 2}, {"n : 2", 1}, {"x < 2.5", 2},
        {"name = \"Alpha\"", 1}, {"name='alpha'", 0}, {"lower(name) = 'alpha'", 1},
        {"length(name) = 4", 1}, {"name like 'ALPHA'", 2}, {"name like 'el*'", 1},
        {"name like '%lph%'", 2}, {"name > 'Alpha'", 2}, {"`where` = 'w1'", 1},
        {"\"elan\"", 1}, {"\"alp\"", 0}, {"\"alp*\"", 2}, {"\"beta alpha\"", 1}, {"not \"alpha\"", 2},
        {"search(name, \"alp\")", 2}, {"search(\"alpka bet\")", 1}, {"search(*, 'w1')", 1},
        {"search(name, 'w1')", 0}, {"search('elpha bet')", 1}, {"search('bota alph')", 1},
        {"search('zan e')", 0}, {"search('xx alpha')", 0}, {"search(name, 'aplha b')", 0},
        {"search('lan el')", 1}, {"suggest(name, 'be')", 1}, {"startswith(name, 'Al')", 1},
        {"startswith(tags, 'b')", 2}, {"\"!!\"", 0},
        {"tags = 'b'", 2}, {"'a' in tags", 1}, {"tags in ('a','z')", 1}, {"tags is null", 1},
        {"ok", 1}, {"ok is false", 1}, {"ok is not true", 3}, {"ok = true", 1}, {"not ok", 3},
        {"d = date'2026'", 3}, {"d = date'2026-02'", 1}, {"d > date'2026-02-01'", 1},
        {"d >= date'2026-02-01'", 2}, {"d <= date'2026-02-01'", 2}, {"d < date'2026/02'", 1},
        {"d != date'2026-01'", 2}, {"date'2026-02-01' < d", 1},
        {"d in [date'2026-01'..date'2026-02']", 2}, {"at >= date'2026-02-01T00:30:00Z'", 2},
        {"at = date'2026-01-31'", 1}, {"year(d) = 2026", 3}, {"month(at) = 8", 1},
        {"date_format(d, 'yyyy-MM') = '2026-08'", 1}, {"at > now()", 3},
        {"at > now(years=+10)", 0}, {"ifnull(n, 0) < 1", 1}, {"n = null", 0}, {"1 = 2", 0},
        {"N = 1", 1}, {"(1) = n", 1}, {"d < at", 3}, {"at > d", 3},
        {"(n = 1)", 1}, {"((n) = (1))", 1}, {"NOT NOT n = 1", 1},
        {"\"2\"", 1}, {"\"1.5\"", 1}, {"\"2026\"", 3}, {"\"2026-02\"", 1}, {"\"2026/02/01\"", 1},
        {"\"alpha 2026\"", 2}, {"\"alpha 3\"", 1}, {"search(*, '3')", 1}, {"search(name, '3')", 0},
        {"search('alhpa 2026')", 0}, {"search('alpka 2026')", 2}, {"not \"2\"", 3}, {"\"2\" and n = 1", 0},
        {"\"2026-13\"", 0}, {"\"-1\"", 0}, {"\"alpha - beta\"", 1}, {"\"- -\"", 0},
        {"name = '\\u00c9lan'", 1}, {"name = '\\ud83d\\ude00'", 0}, {"`na\\me` = 'Alpha'", 1},
        {"search('alpha') = true", 2}, {"upper(name) = 'ÉLAN'", 1},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        check_count(cases[i].where, cases[i].count);
    }
}

/* The worked example of explore-api.md 3.3: 176 rows, 21 null, 124 equal to "A". */
static void test_null_logic(void **state)
{
    (void)state;
    assert_int_equal(db_script(&scope, lease,
                               "create table nulls as select case when i < 21 then null when i < 145 "
                               "then 'A' else 'B' end as name from range(176) t(i)"),
                     ERR_OK);
    source.table = S("nulls");
    check_count("name = \"A\"", 124);
    check_count("name != \"A\"", 31);
    check_count("not name = \"A\"", 52);
    check_count("not (name != \"A\")", 145);
    check_count("name is null", 21);
    source.table = S("records");
}

static void test_time_zone_moves_days(void **state)
{
    (void)state;
    str where;
    struct clauses clauses = clauses_with(&where, "at = date'2026-02-01'");
    clauses.timezone = S("Europe/Paris");
    struct plan *plan;
    cell value;
    assert_int_equal(odsql_compile(&scope, &source, &clauses, &plan), ERR_OK);
    assert_int_equal(db_query_cell(&scope, lease, &plan->total, &value), ERR_OK);
    assert_int_equal(value.number, 2); /* 23:30 UTC is the next day in Paris */
    clauses.timezone = S("America/New_York");
    where = S("d > at"); /* 2026-02-01T00:30Z is the evening before in New York */
    assert_int_equal(odsql_compile(&scope, &source, &clauses, &plan), ERR_OK);
    assert_int_equal(db_query_cell(&scope, lease, &plan->total, &value), ERR_OK);
    assert_int_equal(value.number, 1);
    clauses.timezone = S("Pacific/Apia"); /* where 2011-12-30 was left out, but dates are not there */
    where = S("date'2011-12-30' != d and date'2026-02-01' = d");
    assert_int_equal(odsql_compile(&scope, &source, &clauses, &plan), ERR_OK);
    assert_int_equal(db_query_cell(&scope, lease, &plan->total, &value), ERR_OK);
    assert_int_equal(value.number, 1);
    where = S("ifnull(d, date'2011-12-30') = date'2011-12-30'");
    assert_int_equal(odsql_compile(&scope, &source, &clauses, &plan), ERR_OK);
    assert_int_equal(db_query_cell(&scope, lease, &plan->total, &value), ERR_OK);
    assert_int_equal(value.number, 1);
    where = S("ifnull(d, date'2011-12-30') < date'2011-12-31'");
    assert_int_equal(odsql_compile(&scope, &source, &clauses, &plan), ERR_OK);
    assert_int_equal(db_query_cell(&scope, lease, &plan->total, &value), ERR_OK);
    assert_int_equal(value.number, 1);
    clauses.timezone = S("Mars/Base");
    assert_int_equal(odsql_compile(&scope, &source, &clauses, &plan), ERR_PARAMETER);
    scope_forgive(&scope);
}

static void check_failure(struct clauses *clauses, enum err code, const char *message)
{
    struct plan *plan;
    assert_int_equal(odsql_compile(&scope, &source, clauses, &plan), code);
    str found = str_copy(&scope.arena, scope.failure.message);
    scope_forgive(&scope);
    if (!str_eq(found, str_from(message))) {
        print_error("found: %.*s\nwanted: %s\n", STR_ARG(found), message);
    }
    assert_true(str_eq(found, str_from(message)));
}

static void test_errors(void **state)
{
    (void)state;
#define SYNTAX(what) "ODSQL syntax exception: unexpected " what
#define QUERY(what) "ODSQL query is malformed: " what
#define IN_WHERE " Clause(s) containing the error(s): where."
    static const struct {
        const char *where;
        enum err code;
        const char *message;
    } cases[] = {
        {"contains(objet, \"x\")", ERR_SYNTAX,
         SYNTAX("( at position 8 in contains(objet, \"x\").") IN_WHERE},
        {"name==", ERR_SYNTAX, SYNTAX("= at position 5 in name==.") IN_WHERE},
        {"n >", ERR_SYNTAX, SYNTAX("end of line in n >.") IN_WHERE},
        {"1_uai = 2", ERR_SYNTAX, SYNTAX("_uai at position 1 in 1_uai = 2.") IN_WHERE},
        {"n between 1 and 2", ERR_SYNTAX, SYNTAX("between at position 2 in n between 1 and 2.") IN_WHERE},
        {"when = 1 )", ERR_SYNTAX, SYNTAX(") at position 9 in when = 1 ).") IN_WHERE},
        {"name = 'é' ;", ERR_SYNTAX, SYNTAX("; at position 11 in name = 'é' ;.") IN_WHERE},
        {"n <> 1", ERR_SYNTAX, SYNTAX("> at position 3 in n <> 1.") IN_WHERE},
        {"n not in (1)", ERR_SYNTAX, SYNTAX("not at position 2 in n not in (1).") IN_WHERE},
        {"nosuch = 1", ERR_QUERY, QUERY("Unknown field: nosuch.") IN_WHERE},
        {"d = 1", ERR_QUERY,
         QUERY("Incompatible types for comparison. Left type: date, right_type: int.") IN_WHERE},
        {"d = '2026-01-01'", ERR_QUERY,
         QUERY("Incompatible types for comparison. Left type: date, right_type: text.") IN_WHERE},
        {"d = date'-01'", ERR_QUERY, QUERY("Invalid date to parse '-01'.") IN_WHERE},
        {"sum(n) > 1", ERR_QUERY, QUERY("function sum() is not allowed in where.") IN_WHERE},
        {"n", ERR_QUERY, QUERY("n is not a condition.") IN_WHERE},
        {"false", ERR_SYNTAX, SYNTAX("end of line in false.") IN_WHERE},
        {"n = 1 and 1 or ok", ERR_SYNTAX, SYNTAX("or at position 12 in n = 1 and 1 or ok.") IN_WHERE},
        {"Nosuch = 1", ERR_QUERY, QUERY("Unknown field: Nosuch.") IN_WHERE},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str where;
        struct clauses clauses = clauses_with(&where, cases[i].where);
        check_failure(&clauses, cases[i].code, cases[i].message);
    }
    struct clauses clauses = {.select = S("sum(name)"), .limit = 10};
    check_failure(&clauses, ERR_QUERY,
                  QUERY("StatAggregation only supports numeric or date expression. Clause(s) "
                        "containing the error(s): select."));
    clauses = (struct clauses){.select = S("n as k, x as k"), .limit = 10};
    check_failure(&clauses, ERR_QUERY,
                  QUERY("Alias 'k' is declared several times. Clause(s) containing the error(s): "
                        "select."));
    clauses = (struct clauses){.select = S("random(1)"), .limit = 10};
    check_failure(&clauses, ERR_QUERY,
                  QUERY("function random() is not allowed in select. Clause(s) containing the "
                        "error(s): select."));
    clauses = (struct clauses){.select = S("include(nosuch)"), .limit = 10};
    check_failure(&clauses, ERR_QUERY,
                  QUERY("Unknown field: nosuch. Clause(s) containing the error(s): select."));
    clauses = (struct clauses){.select = S("date_format(d, 'QQ')"), .limit = 10};
    check_failure(&clauses, ERR_QUERY,
                  QUERY("date_format: the letters QQ are not known; text goes between single "
                        "quotes. Clause(s) containing the error(s): select."));
    clauses = (struct clauses){.select = S("percentile(n)"), .limit = 10};
    check_failure(&clauses, ERR_QUERY,
                  QUERY("function percentile() expects a number and a percentage from 0 to 100. "
                        "Clause(s) containing the error(s): select."));
    clauses = (struct clauses){.group_by = S("range(n, 3, 1)"), .limit = 10};
    check_failure(&clauses, ERR_QUERY,
                  QUERY("range() expects bounds in ascending order. Clause(s) containing the "
                        "error(s): group_by."));
    clauses = (struct clauses){.select = S("count(*) as c"), .group_by = S("ok"),
                               .order_by = S("ok, c desc"), .limit = -1};
    check_failure(&clauses, ERR_QUERY,
                  QUERY("aggregation function in order by is not supported with a limit > 20000. "
                        "Please remove the order by or set a limit parameter lower than 20001. "
                        "Clause(s) containing the error(s): order_by."));
    clauses = (struct clauses){.select = S("n, count(*)"), .limit = 10};
    check_failure(&clauses, ERR_QUERY,
                  QUERY("n must be in group_by or inside an aggregation function. Clause(s) "
                        "containing the error(s): select."));
}

/* All cells of the result as one text: rows by ";", columns by ",". */
static str run_rows(struct clauses *clauses)
{
    struct plan *plan;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct buf out = {0};
    enum err result = odsql_compile(&scope, &source, clauses, &plan);
    if (result == ERR_OK) {
        result = db_run(&scope, lease, &plan->rows, &cursor);
    }
    const struct batch *batch = NULL;
    while (result == ERR_OK) {
        result = cursor_next(&scope, cursor, &batch);
        if (result != ERR_OK || !batch) {
            break;
        }
        for (size_t i = 0; i < batch->rows; i++) {
            for (size_t j = 0; j < plan->output_count; j++) {
                cell value = column_cell(&batch->columns[plan->outputs[j].column], i);
                buf_add(&out, j ? S(",") : out.n ? S(";") : S(""));
                if (value.type == CELL_INT) {
                    buf_add_int(&out, value.number);
                } else if (value.type == CELL_DOUBLE) {
                    buf_printf(&out, "%g", value.real);
                } else if (value.type == CELL_TEXT) {
                    buf_add(&out, value.text);
                } else {
                    buf_add(&out, value.type == CELL_NULL ? S("null") : S("?"));
                }
            }
        }
    }
    if (result != ERR_OK) {
        print_error("%.*s %.*s\n", STR_ARG(scope.failure.message), STR_ARG(scope.failure.cause));
    }
    assert_int_equal(result, ERR_OK);
    str text = buf_copy(&out, &scope.arena);
    buf_done(&out);
    return text;
}

static void test_select_group_order(void **state)
{
    (void)state;
    static const struct {
        const char *select, *group_by, *order_by, *result;
    } cases[] = {
        {"n, x * 2 as y", "", "-n", "3,null;2,5;1,3;null,0"},
        {"n", "", "x desc", "2;1;null;3"},
        {"include(n*), exclude(name)", "", "n", "1;2;3;null"},
        {"count(*) as c, sum(n), avg(x), max(n), median(n)", "", "", "4,6,1.33333,3,2"},
        {"percentile(n, 0)", "", "", "1"},
        {"count(distinct tags) as c", "", "", "3"},
        {"count(*) as c", "year(d) as y", "", "null,1;2026,3"},
        {"count(*) as c", "tags", "c desc", "null,2;b,2;a,1"},
        {"sum(n) as s", "ok", "", "null,3;?,2;?,1"},
        {"count(*) as c", "range(n, *, 2, 3)", "", "null,2;[*, 2[,1;[2, 3[,1"},
        {"count(*) as c", "range(n, 2)", "", "null,1;[0, 2[,1;[2, 4[,2"},
        /* of several keys the first decides, by where its range begins */
        {"count(*) as c", "range(n, 4), range(-x, 1)", "",
         "null,[0.0, 1.0[,1;[0, 4[,null,1;[0, 4[,[-3.0, -2.0[,1;[0, 4[,[-2.0, -1.0[,1"},
        {"max(x) as m", "range(n, *, 9, *), name", "", "null,null,0;[*, 9[,Alpha,1.5;"
         "[*, 9[,alpha beta,null;[*, 9[,Élan,2.5"},
        {"count(*) as c", "range(at, 1 month)", "",
         "null,1;[2026-01-01T00:00:00.000Z, 2026-02-01T00:00:00.000Z[,1;"
         "[2026-02-01T00:00:00.000Z, 2026-03-01T00:00:00.000Z[,1;"
         "[2026-08-01T00:00:00.000Z, 2026-09-01T00:00:00.000Z[,1"},
        {"json_format(name)", "", "n", "\"Alpha\";\"Élan\";\"alpha beta\";null"},
        {"YEAR( d ) as y2, count(*) as c", "year(d)", "year(d) desc", "2026,2026,3;null,null,1"},
        {"lower(name) as l", "name", "-name", "Élan,élan;alpha beta,alpha beta;Alpha,alpha;null,null"},
        {"'x' as t, count(*) + 1", "ok", "", "null,x,3;?,x,2;?,x,2"},
        {"n, n, x * 0 as z, n", "", "n", "1,0;2,0;3,null;null,0"},
        {"count(*) as c", "", "c", "4"},
        {"count(*) as c", "range(x, 0.1)", "", "null,1;[0.0, 0.1[,1;[1.5, 1.6[,1;[2.5, 2.6[,1"},
        {"count(*) as c", "range(n * 3074457345618258602, 5)", "",
         "null,1;[3074457345618258600, 3074457345618258605[,1;"
         "[6148914691236517200, 6148914691236517205[,1;"
         "[9223372036854775805, 9223372036854775810[,1"},
        {"ifnull(name, 'none') as v", "", "n desc", "alpha beta;Élan;Alpha;none"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct clauses clauses = {.select = str_from(cases[i].select),
                                  .group_by = str_from(cases[i].group_by),
                                  .order_by = str_from(cases[i].order_by), .limit = 20000};
        str found = run_rows(&clauses);
        if (!str_eq(found, str_from(cases[i].result))) {
            print_error("select=%s group_by=%s order_by=%s\nfound:  %.*s\nwanted: %s\n",
                        cases[i].select, cases[i].group_by, cases[i].order_by, STR_ARG(found),
                        cases[i].result);
        }
        assert_true(str_eq(found, str_from(cases[i].result)));
    }
}

static void test_range_bounds_in_time_zone(void **state)
{
    (void)state;
    struct clauses clauses = {.select = S("count(*) as c"), .timezone = S("America/New_York"),
                              .group_by = S("range(d, *, date'2026-02-01', *)"), .limit = -1};
    assert_string_equal(str_cz(&scope.arena, run_rows(&clauses)),
                        "null,1;[*, 2026-02-01T00:00:00.000-05:00[,1;"
                        "[2026-02-01T00:00:00.000-05:00, *[,2");
    clauses.group_by = S("range(at, *, date'2026-02-01', *)");
    assert_string_equal(str_cz(&scope.arena, run_rows(&clauses)),
                        "null,1;[*, 2026-02-01T00:00:00.000-05:00[,2;"
                        "[2026-02-01T00:00:00.000-05:00, *[,1");
}

/* In an hour that is lived twice, steps of at most an hour are told apart, longer ones are not. */
static void test_histogram_in_a_repeated_hour(void **state)
{
    (void)state;
    assert_int_equal(db_script(&scope, lease,
                               "create table autumn (name varchar, n bigint, x double, d date, "
                               "\"at\" timestamp, ok boolean, tags varchar[], \"where\" varchar);"
                               "insert into autumn (\"at\") values ('2024-10-27 00:30:00'), "
                               "('2024-10-27 01:30:00'), ('2024-10-27 01:45:00')"),
                     ERR_OK);
    source.table = S("autumn");
    struct clauses clauses = {.select = S("count(*) as c"), .timezone = S("Europe/Paris"),
                              .group_by = S("range(at, 1 hour)"), .limit = -1};
    assert_string_equal(str_cz(&scope.arena, run_rows(&clauses)),
                        "[2024-10-27T02:00:00.000+02:00, 2024-10-27T02:00:00.000+01:00[,1;"
                        "[2024-10-27T02:00:00.000+01:00, 2024-10-27T03:00:00.000+01:00[,2");
    clauses.group_by = S("range(at, 15m)");
    assert_string_equal(str_cz(&scope.arena, run_rows(&clauses)),
                        "[2024-10-27T02:30:00.000+02:00, 2024-10-27T02:45:00.000+02:00[,1;"
                        "[2024-10-27T02:30:00.000+01:00, 2024-10-27T02:45:00.000+01:00[,1;"
                        "[2024-10-27T02:45:00.000+01:00, 2024-10-27T03:00:00.000+01:00[,1");
    clauses.group_by = S("range(at, 6 hours)");
    assert_string_equal(str_cz(&scope.arena, run_rows(&clauses)),
                        "[2024-10-27T00:00:00.000+02:00, 2024-10-27T06:00:00.000+01:00[,3");
    source.table = S("records");
}

static void test_now(void **state)
{
    (void)state;
    /* Thursday 2021-05-06 12:00; the examples of explore-api.md 3.6. */
    static const char *const cases[][2] = {
        {"now(weekday=0)", "2021-05-10"},      {"now(mondays=1)", "2021-05-10"},
        {"now(mondays=-1)", "2021-05-03"},     {"now(day=31, month=2)", "2021-02-28"},
        {"now(year=2001, months=-1)", "2001-04-06"}, {"now(days=-6)", "2021-04-30"},
        {"now(weekday=3)", "2021-05-06"},      {"now(thursdays=+2)", "2021-05-13"},
        {"now(thursdays=-1)", "2021-05-06"},   {"now(sundays=-2)", "2021-04-25"},
        {"now(mondays=0)", "2021-05-06"},      {"now(hours=36)", "2021-05-08"},
        {"now(seconds=-31536000)", "2020-05-06"}, {"now(day=99, month=2, year=2024)", "2024-02-29"},
        {"now(month=3, month=1)", "2021-01-06"}, {"now(years=1, months=-12)", "2021-05-06"},
        {"now(microseconds=86400000000)", "2021-05-07"}, {"now(day=31, months=1)", "2021-06-30"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct clauses clauses = {.limit = 1, .now = INT64_C(1620302400000000)};
        clauses.select = str_printf(&scope.arena, "date_format(%s, 'yyyy-MM-dd') as d", cases[i][0]);
        assert_string_equal(str_cz(&scope.arena, run_rows(&clauses)), cases[i][1]);
    }
}

static void test_date_format(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"yy YY yyyy YYYY", "21 21 2021 2021"}, {"xx xxxx", "20 2020"}, {"w ww", "53 53"},
        {"e E EEEE", "7 Sun Sunday"},           {"D DDD", "3 003"},     {"M MM MMMM", "1 01 January"},
        {"d dd H HH", "3 03 4 04"},             {"m mm s ss", "5 05 6 06"}, {"w", "53"}, {"xx", "20"},
        {"'o''clock' '' '%Y'", "o'clock ' %Y"}, {"?,.:/- %", "?,.:/- %"},
        {"", ""},                               {"xxxx-'W'ww-e", "2020-W53-7"}, {"''w''", "'53'"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct clauses clauses = {.limit = 1};
        clauses.select = str_printf(&scope.arena,
                                    "date_format(date'2021-01-03T04:05:06', \"%s\") as f, 1 as one",
                                    cases[i][0]);
        str wanted = str_printf(&scope.arena, "%s,1", cases[i][1]);
        assert_string_equal(str_cz(&scope.arena, run_rows(&clauses)), wanted.p);
    }
}

static void test_now_out_of_range(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "now(days=9223372036854775807)",  "now(days=-800000)",  "now(years=9223372036854775807)",
        "now(mondays=-9223372036854775807)", "now(sundays=999999)", "now(hours=99999999999)",
        "now(years=7979)",                "now(months=-99999)", "now(months=9223372036854775807)",
        "now(weekday=7)",                 "now(hour=24)",       "now(day=0)"};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct clauses clauses = {.select = str_from(cases[i]), .limit = 1,
                                  .now = INT64_C(1620302400000000)};
        struct plan *plan;
        assert_int_equal(odsql_compile(&scope, &source, &clauses, &plan), ERR_QUERY);
        scope_forgive(&scope);
    }
}

/* A field beside an aggregate would be a fault of the engine, not of the client. */
static void test_fields_beside_aggregates(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"n * 2, count(*)", "", ""},       {"sum(n) + n", "", ""},
        {"json_format(name), count(*)", "", ""}, {"sum(n) + n", "ok", ""},
        {"include(n*)", "ok", ""},         {"exclude(n*)", "ok", ""},
        {"lower(name)", "ok", ""},         {"", "ok", "sum(n) + n"},
        {"", "ok, ok", ""},                {"", "ok as k, n as k", ""},
        {"year(d) + n, year(d)", "year(d)", ""}, {"", "range(n, 0, x)", ""},
        {"n", "", "null"},                 {"", "ok", "-(null) desc"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct clauses clauses = {.select = str_from(cases[i][0]), .group_by = str_from(cases[i][1]),
                                  .order_by = str_from(cases[i][2]), .limit = 1};
        struct plan *plan;
        assert_int_equal(odsql_compile(&scope, &source, &clauses, &plan), ERR_QUERY);
        scope_forgive(&scope);
    }
}

static str repeated(const char *first, const char *next, int times)
{
    struct buf text = {0};
    buf_add(&text, str_from(first));
    for (int i = 0; i < times; i++) {
        buf_add(&text, str_from(next));
    }
    str result = buf_copy(&text, &scope.arena);
    buf_done(&text);
    return result;
}

static void check_too_large(str where)
{
    struct clauses clauses = {.where = &where, .where_count = 1, .limit = 1};
    struct plan *plan;
    assert_int_equal(odsql_compile(&scope, &source, &clauses, &plan), ERR_QUERY);
    scope_forgive(&scope);
}

/* What would be too deep or too large for the engine or the arena is refused. */
static void test_large_clauses(void **state)
{
    (void)state;
    check_too_large(repeated("n = 1", "+1", 2000));
    check_too_large(repeated("n = 1", "/n", 500));
    check_too_large(repeated("\"a\"", " or 'b c'", 400));
    str value = repeated("((1", "+1", 190);
    value = str_printf(&scope.arena, "%.*s)%.*s) in (1%.*s)", STR_ARG(value),
                       STR_ARG(repeated("", "+1", 190)), STR_ARG(repeated("", ",2", 900)));
    check_too_large(value);
    check_count(str_cz(&scope.arena, repeated("n = 0", "+0", 190)), 0);
    check_count(str_cz(&scope.arena, str_printf(&scope.arena, "n in (1%.*s)",
                                                STR_ARG(repeated("", ",2", 999)))), 2);
    check_count(str_cz(&scope.arena, repeated("n = 1", " or n=2", 999)), 2);
}

static void test_hostile_clauses(void **state)
{
    (void)state;
    struct buf deep = {0};
    for (int i = 0; i < 5000; i++) {
        buf_add(&deep, S("("));
    }
    struct plan *plan;
    str where = buf_str(&deep);
    struct clauses clauses = {.where = &where, .where_count = 1, .limit = 1};
    assert_int_equal(odsql_compile(&scope, &source, &clauses, &plan), ERR_QUERY);
    scope_forgive(&scope);
    buf_done(&deep);
    where = S("name = \"x'); drop table records; --\"");
    assert_int_equal(odsql_compile(&scope, &source, &clauses, &plan), ERR_OK);
    cell value;
    assert_int_equal(db_query_cell(&scope, lease, &plan->total, &value), ERR_OK);
    assert_int_equal(value.number, 0);
    check_count("n is not null", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where),          cmocka_unit_test(test_null_logic),
        cmocka_unit_test(test_time_zone_moves_days), cmocka_unit_test(test_errors),
        cmocka_unit_test(test_select_group_order),   cmocka_unit_test(test_now),
        cmocka_unit_test(test_hostile_clauses),      cmocka_unit_test(test_now_out_of_range),
        cmocka_unit_test(test_date_format),
        cmocka_unit_test(test_range_bounds_in_time_zone),
        cmocka_unit_test(test_histogram_in_a_repeated_hour),
        cmocka_unit_test(test_fields_beside_aggregates), cmocka_unit_test(test_large_clauses),
    };
    return cmocka_run_group_tests(tests, open_engine, close_engine);
}
