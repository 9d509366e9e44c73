/*
 * Clauses that both engines answer in the same way, written down and at random.
 *   PARVIS_TEST_DATABASE=URL  a database that may be written to; without it the tests are skipped
 *   DIALECTS_SEED=n             the seed of an earlier run, which it prints
 *   DIALECTS_QUERIES=n          how many random queries
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "dialects.h"
#include "platform/text/zone.h"

static bool is_open;

static int open_engines(void **state)
{
    (void)state;
    is_open = dialects_open();
    return 0;
}

static int close_engines(void **state)
{
    (void)state;
    if (is_open) {
        dialects_close();
    }
    return 0;
}

static const struct clauses plain = {.limit = -1, .now = INT64_C(1620302400000000)};

static const char *const wheres[] = {
#include "dialects_wheres.inc"
};

static void test_conditions(void **state)
{
    (void)state;
    size_t different = 0;
    if (!is_open) {
        skip();
    }
    for (size_t i = 0; i < ARRAY_LENGTH(wheres); i++) {
        static const str zones[] = {{NULL, 0}, {"Europe/Paris", 12}, {"America/Sao_Paulo", 17}};
        str where = str_from(wheres[i]);
        struct clauses clauses = plain;
        clauses.select = S("name,n");
        clauses.where = &where;
        clauses.where_count = 1;
        clauses.timezone = zones[i % ARRAY_LENGTH(zones)];
        different += !dialects_agree(dialects_source(), &clauses);
    }
    assert_int_equal(different, 0);
}

/* Rows and fields that are hidden. */
static void test_views(void **state)
{
    (void)state;
    size_t different = 0;
    str filters[] = {S("n > 0 or name like \"%a%\""), S("\"fox\"")};
    if (!is_open) {
        skip();
    }
    struct source source = dialects_source();
    struct schema visible = {source.schema->fields, source.schema->count - 3};
    source.table_schema = source.schema;
    source.schema = &visible;
    source.filters = filters;
    source.filter_count = ARRAY_LENGTH(filters);
    for (size_t i = 0; i < ARRAY_LENGTH(wheres); i++) {
        str where = str_from(wheres[i]);
        struct clauses clauses = plain;
        clauses.select = S("name,n,tags");
        clauses.where = &where;
        clauses.where_count = 1;
        different += !dialects_agree(source, &clauses);
    }
    different += !dialects_agree(source, &plain);
    assert_int_equal(different, 0);
}

struct question {
    const char *select, *group_by, *order_by, *where;
    int limit;
    const char *timezone, *lang;
};

static const struct question questions[] = {
#include "dialects_questions.inc"
};

static str text_of(const char *text)
{
    return text ? str_from(text) : STR_NONE;
}

static bool ask(const struct source *source, const struct question *question)
{
    str where = text_of(question->where);
    struct clauses clauses = plain;
    clauses.select = text_of(question->select);
    clauses.group_by = text_of(question->group_by);
    clauses.order_by = text_of(question->order_by);
    clauses.where = &where;
    clauses.where_count = question->where ? 1 : 0;
    clauses.limit = question->limit ? question->limit : -1;
    clauses.any_limit = true;
    clauses.with_total = true;
    clauses.timezone = text_of(question->timezone);
    clauses.lang = text_of(question->lang);
    return dialects_agree(*source, &clauses);
}

static void test_questions(void **state)
{
    (void)state;
    size_t different = 0;
    if (!is_open) {
        skip();
    }
    struct source source = dialects_source();
    for (size_t i = 0; i < ARRAY_LENGTH(questions); i++) {
        different += !ask(&source, &questions[i]);
    }
    assert_int_equal(different, 0);
}

static const struct {
    const char *facet, *refine, *other_refine, *exclude, *where, *timezone;
} facets[] = {
    {"name", NULL, NULL, NULL, NULL, NULL},
    {"facet(name=name, sort=alphanum)", NULL, NULL, NULL, NULL, NULL},
    {"facet(name=name, sort=-alphanum, limit=7)", NULL, NULL, NULL, "n > 0", NULL},
    {"facet(name=name, sort=-count)", NULL, NULL, NULL, NULL, NULL},
    {"n", NULL, NULL, NULL, NULL, NULL},
    {"facet(name=n, sort=num)", NULL, NULL, NULL, NULL, NULL},
    {"facet(name=big, sort=-num)", NULL, NULL, NULL, NULL, NULL},
    {"x", NULL, NULL, NULL, NULL, NULL},
    {"facet(name=wild, sort=num)", NULL, NULL, NULL, NULL, NULL},
    {"wild", NULL, NULL, NULL, NULL, NULL},
    {"ok", NULL, NULL, NULL, NULL, NULL},
    {"ok", "ok:true", NULL, NULL, NULL, NULL},
    {"d", NULL, NULL, NULL, NULL, NULL},
    {"d", "d:2024", NULL, NULL, NULL, NULL},
    {"d", "d:2024/02", NULL, NULL, NULL, NULL},
    {"d", "d:2024-02-29", NULL, NULL, NULL, NULL},
    {"at", NULL, NULL, NULL, NULL, "Europe/Paris"},
    {"at", "at:2024", NULL, NULL, NULL, "Europe/Paris"},
    {"at", "at:2024/10", NULL, NULL, NULL, "America/New_York"},
    {"at", "at:1969/12", NULL, NULL, NULL, "Asia/Kathmandu"},
    {"facet(name=at, disjunctive=true)", "at:2024", "at:2026", NULL, NULL, "UTC"},
    {"tags", NULL, NULL, NULL, NULL, NULL},
    {"tags", "tags:a", NULL, NULL, NULL, NULL},
    {"facet(name=tags, disjunctive=true)", "tags:a", "tags:É", "tags:b", NULL, NULL},
    {"tags", NULL, NULL, "tags:a", NULL, NULL},
    {"path", NULL, NULL, NULL, NULL, NULL},
    {"path", "path:a", NULL, NULL, NULL, NULL},
    {"path", "path:a/b", NULL, NULL, NULL, NULL},
    {"facet(name=path, hierarchical=false)", "path:a/b", NULL, NULL, NULL, NULL},
    {"facet(name=path, disjunctive=true)", "path:a/b", "path:é", NULL, NULL, NULL},
    {"paths", NULL, NULL, NULL, NULL, NULL},
    {"paths", "paths:a", NULL, NULL, NULL, NULL},
    {"paths", "paths:a/b", NULL, NULL, NULL, NULL},
    {"facet(name=paths, sort=alphanum)", "paths:b/c", NULL, "paths:a/c", NULL, NULL},
    {"facet(name=words, separator=' ', hierarchical=true)", "words:the quick", NULL, NULL, NULL, NULL},
    {"name", "n:7", NULL, NULL, NULL, NULL},
    {"name", "x:0.5", NULL, "n:1", NULL, NULL},
    {"name", NULL, NULL, "name:Élan", "search('fox') or \"crème\"", NULL},
};

static void test_facets(void **state)
{
    (void)state;
    size_t different = 0;
    str filter = S("n > 0");
    if (!is_open) {
        skip();
    }
    for (size_t i = 0; i < ARRAY_LENGTH(facets); i++) {
        str refine[] = {text_of(facets[i].refine), text_of(facets[i].other_refine)};
        str exclude = text_of(facets[i].exclude);
        str where = text_of(facets[i].where);
        struct clauses clauses = plain;
        clauses.refine = refine;
        clauses.refine_count = (facets[i].refine ? 1 : 0) + (facets[i].other_refine ? 1 : 0);
        clauses.exclude = &exclude;
        clauses.exclude_count = facets[i].exclude ? 1 : 0;
        clauses.where = &where;
        clauses.where_count = facets[i].where ? 1 : 0;
        clauses.timezone = text_of(facets[i].timezone);
        struct source source = dialects_source();
        different += !dialects_facet_agree(source, &clauses, facets[i].facet);
        different += !dialects_agree(source, &clauses);
        source.filters = &filter;
        source.filter_count = 1;
        different += !dialects_facet_agree(source, &clauses, facets[i].facet);
    }
    assert_int_equal(different, 0);
}

/* ---- functions ---- */

/* Every letter there is, and each after another and before one. */
static void test_letters(void **state)
{
    (void)state;
    if (!is_open) {
        skip();
    }
    static const char *const functions[][2] = {
        {"lower", "lower_text"}, {"upper", "upper_text"}, {"fold_text", "fold_text"}};
    static const char *const around[][2] = {{"", ""}, {"aΑ", "b"}, {"É", "Σ "}, {"ﬁß", "é"}};
    char duckdb[512];
    char postgres[512];
    size_t different = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(functions); i++) {
        for (size_t j = 0; j < ARRAY_LENGTH(around); j++) {
            snprintf(duckdb, sizeof(duckdb),
                     "select i // 64, md5(string_agg(%s('%s' || chr(i::integer) || '%s'), '' order by i)) from "
                     "range(1, 200000) t(i) where i not between 55296 and 57343 group by 1 order by 1",
                     functions[i][0], around[j][0], around[j][1]);
            snprintf(postgres, sizeof(postgres),
                     "select i / 64, md5(string_agg(%s('%s' || chr(i) || '%s'), '' order by i)) from "
                     "generate_series(1, 199999) t(i) where i not between 55296 and 57343 group by 1 order by 1",
                     functions[i][1], around[j][0], around[j][1]);
            different += !dialects_values_agree(duckdb, postgres);
        }
    }
    assert_int_equal(different, 0);
}

static void test_numbers(void **state)
{
    (void)state;
    if (!is_open) {
        skip();
    }
    static const char *const pairs[][2] = {
        {"select t, is_json(t) from (select unnest(['[1,]', 'NaN', '{\"a\":1}', '', ' ', '\"\\ud800\"', '// c', ' 1 ', '01', '1e400', "
         "'-', '-0', '1.', '.5', '1e', '1E+5', '[1,2', '{\"a\":1,\"a\":2}', '1 2', 'nul', 'null', 'true ', '\"a\nb\"', '\"\\x\"', "
         "'\"\\u12g4\"', '{\"a\"}', '{1:2}', '[[[]]]', '[}', '\"', '12345678901234567890', '{\"a\": [1, {\"b\": null}]}', 'é']) as t)",
         "select t, is_json(t) from unnest(array['[1,]', 'NaN', '{\"a\":1}', '', ' ', '\"\\ud800\"', '// c', ' 1 ', '01', '1e400', "
         "'-', '-0', '1.', '.5', '1e', '1E+5', '[1,2', '{\"a\":1,\"a\":2}', '1 2', 'nul', 'null', 'true ', '\"a\nb\"', '\"\\x\"', "
         "'\"\\u12g4\"', '{\"a\"}', '{1:2}', '[[[]]]', '[}', '\"', '12345678901234567890', '{\"a\": [1, {\"b\": null}]}', 'é']) as t"},
        {"select x::varchar from (select ((i % 10) || '.1e' || (i // 10 - 20))::double as x from range(0, 420) t(i)"
         " union all select i / 7 from range(1000) t(i) union all select ('4.' || i || 'e-' || i)::double from range(0, 300) t(i))"
         " order by x",
         "select double_text(x) from (select ((i % 10) || '.1e' || (i / 10 - 20))::float8 as x from "
         "generate_series(0, 419) t(i) union all select i / 7.0::float8 from generate_series(0, 999) t(i) union all "
         "select ('4.' || i || 'e-' || i)::float8 from generate_series(0, 299) t(i)) as t order by x"},
        {"select i, hash(i, 7::bigint)::varchar from range(-1000, 1000) t(i) order by hash(i, 7::bigint)",
         "select i, (random_order(i, 7)::numeric + 9223372036854775808)::text from generate_series(-1000::bigint, 999) t(i) "
         "order by random_order(i, 7)"},
        {"select g, avg(v), sum(v)::double from (select i % 50 as g, (i * 922337203685477 + i % 13 * (i % 3 - 1))::bigint as v "
         "from range(-5000, 9000) t(i)) group by g order by g",
         "select g, whole_mean(sum(v), count(v)), hugeint_double(sum(v)) from (select i % 50 as g, (i * 922337203685477 + "
         "i % 13 * (i % 3 - 1))::bigint as v from generate_series(-5000::bigint, 8999) t(i)) as t group by g order by g"},
        {"select avg(v) from (select i % 997 as g, (i * i) % 104729 as v from range(0, 100000) t(i)) group by g order by g",
         "select whole_mean(sum(v), count(v)) from (select i % 997 as g, (i * i) % 104729 as v from "
         "generate_series(0::bigint, 99999) t(i)) as t group by g order by g"},
        {"select round(i / 1000, 2), round(i / 8, 0), round(-i / 1000, 1) from range(0, 3000) t(i)",
         "select double_round(i / 1000.0::float8, 2), double_round(i / 8.0::float8, 0), double_round(-i / 1000.0::float8, 1) "
         "from generate_series(0, 2999) t(i)"},
    };
    size_t different = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
        different += !dialects_values_agree(pairs[i][0], pairs[i][1]);
    }
    assert_int_equal(different, 0);
}

/* Operations on doubles from the ends of what there is. */
static void test_double_operations(void **state)
{
    (void)state;
    if (!is_open) {
        skip();
    }
    static const char *const operations[][2] = {
        {"a + b", "double_plus(a, b)"}, {"a - b", "double_minus(a, b)"},
        {"a * b", "double_times(a, b)"}, {"a / nullif(b, 0)", "double_over(a, nullif(b, 0))"}};
    static const char values[] =
        "(values (0), (1), (-1), (1e308), (-1e308), (1.7976931348623157e308), (4.9e-324), (-4.9e-324), (1e-308), (1e200), "
        "(1e-200), (3.14), (-2.5e150), (2.5e-150), (9e153), (1e-162), (8.98846567431158e307))";
    char duckdb[1024];
    char postgres[1024];
    size_t different = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(operations); i++) {
        snprintf(duckdb, sizeof(duckdb),
                 "select a, b, %s from (select c::double as a from %s v(c)), (select c::double as b from %s v(c)) "
                 "order by a, b", operations[i][0], values, values);
        snprintf(postgres, sizeof(postgres),
                 "select a, b, %s from (select c::float8 as a from %s v(c)) as x, (select c::float8 as b from %s v(c)) as y "
                 "order by a, b", operations[i][1], values, values);
        different += !dialects_values_agree(duckdb, postgres);
    }
    assert_int_equal(different, 0);
}

/* A zone as functions of PostgreSQL take it. */
static char *zone_text(const char *name)
{
    struct buf text = {0};
    const usec *starts;
    const int *offsets;
    int first;
    size_t count = zone_changes(zone_find(str_from(name)), &starts, &offsets, &first);
    buf_add(&text, S("'{"));
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%s%lld", i ? "," : "", (long long)(starts[i] / USEC_SECOND));
    }
    buf_printf(&text, "}'::float8[], '{%d", first);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, ",%d", offsets[i]);
    }
    buf_add(&text, S("}'::integer[]"));
    buf_add_char(&text, 0);
    return text.p;
}

/*
 * Seconds at which a zone is looked at: each 25 days, which is less than any of its rules lasts, and about each change as an
 * instant and as the local times before, within and behind it.
 */
static char *instants_text(const char *name)
{
    struct buf text = {0};
    const usec *starts;
    const int *offsets;
    int before;
    size_t count = zone_changes(zone_find(str_from(name)), &starts, &offsets, &before);
    for (int64_t second = -3471289800; second < 7889238000; second += INT64_C(61) * 36000) { /* 1860 to 2219 */
        buf_printf(&text, "%s%lld", text.n ? "," : "", (long long)second);
    }
    for (size_t i = 0; i < count; i++) {
        const int shifts[] = {0, before, offsets[i], (before + offsets[i]) / 2};
        for (size_t shift = 0; shift < ARRAY_LENGTH(shifts); shift++) {
            long long second = (long long)(starts[i] / USEC_SECOND) + shifts[shift];
            buf_printf(&text, ",%lld,%lld", second - 1, second);
        }
        before = offsets[i];
    }
    buf_add_char(&text, 0);
    return text.p;
}

static void test_times(void **state)
{
    (void)state;
    if (!is_open) {
        skip();
    }
    static const char *const zones[] = {
        "UTC", "Europe/Paris", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Kathmandu",
        "Australia/Lord_Howe", "Pacific/Apia", "Europe/Dublin", "Asia/Beirut", "America/St_Johns",
        /* Servers know other rules of these, or another zone of that name, or none. */
        "Africa/Casablanca", "Africa/Cairo", "America/Godthab", "ART", "AET", "Etc/GMT+5"};
    static const char *const functions[] = {"local_time", "zoned_text", "instant_text"};
    size_t different = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(zones); i++) {
        char *zone = zone_text(zones[i]);
        char *instants = instants_text(zones[i]);
        for (size_t part = 0; part < ARRAY_LENGTH(functions); part++) {
            struct buf duckdb cleanup_with(buf_cleanup) = {0};
            struct buf postgres cleanup_with(buf_cleanup) = {0};
            buf_printf(&duckdb, "select t, %s(t, '%s') from (select timestamp '1970-01-01' + to_seconds(s) as t "
                       "from (select unnest([%s]::bigint[]) as s)) order by t", functions[part], zones[i], instants);
            buf_printf(&postgres, "select t, %s(t, %s%s) from (select timestamp '1970-01-01' + s * interval '1 second' as t "
                       "from unnest('{%s}'::bigint[]) as s) as t order by t", functions[part], zone,
                       part == 0 ? "" : strcmp(zones[i], "UTC") == 0 ? ", true" : ", false", instants);
            buf_add_char(&duckdb, 0);
            buf_add_char(&postgres, 0);
            different += !dialects_values_agree(duckdb.p, postgres.p);
        }
        free(instants);
        free(zone);
    }
    assert_int_equal(different, 0);
}

/* ---- random queries ---- */

static uint64_t choices;

static uint64_t choose(uint64_t count)
{
    choices ^= choices << 13;
    choices ^= choices >> 7;
    choices ^= choices << 17;
    return choices % count;
}

static const char *pick(const char *const *texts, size_t count)
{
    return texts[choose(count)];
}

#define PICK(texts) pick((texts), ARRAY_LENGTH(texts))

static const char *const scalars[] = {
    "n", "big", "x", "wild", "length(name)", "year(d)", "month(at)", "hour(at)", "n * 2", "n + x", "x / n", "-n",
    "wild * 10", "n - 7", "ifnull(n, 0)", "ifnull(x, n)", "day(at)", "minute(at)", "second(at)", "big / 3", "3", "0.5",
    "distance(p, geom'POINT(2 48)')"};
static const char *const texts[] = {
    "name", "words", "path", "lower(name)", "upper(name)", "date_format(at, 'yyyy-MM')", "date_format(d, 'E d MMMM yyyy')",
    "ifnull(name, 'none')", "`where`", "'Élan'", "date_format(at, \"xx-ww e D 'at' H:mm\")"};
static const char *const conditions[] = {
    "ok", "ok is false", "tags = 'a'", "'É' in tags", "tags is null", "name like '%a%'", "name like 'elan'", "\"fox\"",
    "\"caf*\"", "search('quik')", "search(words, 'creme bru')", "suggest('el')", "startswith(name, 'É')",
    "startswith(tags, 'b')", "d = date'2024'", "d > date'2000-01'", "at <= date'2024-10-27'", "at in [date'1900'..date'2025-06']",
    "d < at", "within_distance(p, geom'POINT(2.35 48.85)', 500km)", "in_bbox(p, -10, -20, 50, 60)",
    "in_bbox(s, 1, 1, 3, 3)", "intersects(s, geom'POLYGON((1 1, 5 1, 5 5, 1 5, 1 1))')",
    "within(s, geom'POLYGON((-1 -1, 11 -1, 11 11, -1 11, -1 -1))')", "disjoint(p, geom'POLYGON((0 0, 50 0, 50 50, 0 50, 0 0))')",
    "path = 'a/b'", "name in ('Alpha', 'zz', 'É')", "n in [1..10]", "\"2024\"", "\"12\"", "p is not null", "j is null"};
static const char *const operators[] = {"=", "!=", "<", ">", "<=", ">="};
static const char *const aggregates[] = {
    "count(*)", "count(n)", "count(distinct name)", "sum(n)", "sum(big)", "avg(n)", "avg(big)", "min(x)", "max(wild)", "min(d)",
    "max(at)", "median(n)", "percentile(x, 30)", "sum(x)", "avg(x)", "count(distinct tags)", "sum(n) / count(*)", "bbox(p)",
    "envelope(p)", "bbox(s)", "max(length(name))", "avg(n * 2)"};
/* Those whose value does not depend on the order in which doubles are added. */
static const char *const orders[] = {"count(*)", "count(distinct name)", "sum(n)", "avg(big)", "min(x)", "max(wild)", "max(at)",
                                     "median(n)", "percentile(x, 30)", "avg(n * 2)"};
static const char *const keys[] = {
    "name", "n", "ok", "tags", "d", "at", "path", "year(at)", "range(n, 5)", "range(x, 0.1)", "range(at, 1 month)",
    "range(at, 7 hours)", "range(d, 1 year)", "range(n, *, 0, 10, *)", "date_format(at, 'yyyy/MM')", "lower(name)",
    "geo_cluster(p, 3)", "range(at, 1 week)", "range(at, 15 minutes)", "paths", "range(wild, 1000.5)", "range(big, 7)",
    "range(at, 1 quarter)", "ifnull(name, '-')", "month(d)"};
static const char *const zones_picked[] = {"UTC", "Europe/Paris", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo", "AST"};
static const char *const languages[] = {"en", "fr", "ar", "ca", "de", "eu"};

static void add_condition(struct buf *out, int depth)
{
    switch (choose(depth > 2 ? 3 : 6)) {
    case 0:
        buf_printf(out, "%s %s %s", PICK(scalars), PICK(operators), PICK(scalars));
        return;
    case 1:
        buf_printf(out, "%s %s %s", PICK(texts), PICK(operators), PICK(texts));
        return;
    case 3:
        buf_add(out, S("not "));
        add_condition(out, depth + 1);
        return;
    case 4:
    case 5:
        buf_add(out, S("("));
        add_condition(out, depth + 1);
        buf_add(out, choose(2) ? S(" and ") : S(" or "));
        add_condition(out, depth + 1);
        buf_add(out, S(")"));
        return;
    default:
        buf_add(out, str_from(PICK(conditions)));
    }
}

static void add_list(struct buf *out, size_t most, const char *const *first, size_t first_count,
                     const char *const *second, size_t second_count, bool sorted)
{
    size_t count = 1 + choose(most);
    for (size_t i = 0; i < count; i++) {
        bool takes_second = second_count && choose(2);
        buf_printf(out, "%s%s%s", i ? ", " : "", takes_second ? pick(second, second_count) : pick(first, first_count),
                   sorted && choose(2) ? " desc" : "");
    }
}

#define LIST(out, most, a, b, sorted) add_list((out), (most), (a), ARRAY_LENGTH(a), (b), ARRAY_LENGTH(b), (sorted))

static bool ask_at_random(const struct source *source)
{
    struct buf parts[4] = {{0}, {0}, {0}, {0}}; /* select, group_by, order_by, where */
    struct question question = {.timezone = PICK(zones_picked), .lang = PICK(languages)};
    bool is_grouped = choose(2);
    if (is_grouped) {
        LIST(&parts[0], 3, aggregates, aggregates, false);
        LIST(&parts[1], 2, keys, keys, false);
        if (choose(3) == 0) {
            LIST(&parts[2], 1, orders, keys, true);
        }
    } else if (choose(4) == 0) {
        LIST(&parts[0], 3, aggregates, aggregates, false);
    } else {
        LIST(&parts[0], 4, scalars, texts, false);
        LIST(&parts[2], 2, scalars, texts, true);
    }
    if (choose(4)) {
        add_condition(&parts[3], 0);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        buf_add_char(&parts[i], 0);
    }
    question.select = parts[0].p;
    question.group_by = parts[1].p;
    question.order_by = parts[2].p;
    question.where = *parts[3].p ? parts[3].p : NULL;
    question.limit = choose(2) ? (int)choose(30) + 1 : 0;
    bool same = ask(source, &question);
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        buf_done(&parts[i]);
    }
    return same;
}

static void test_random(void **state)
{
    (void)state;
    if (!is_open) {
        skip();
    }
    const char *given = getenv("DIALECTS_SEED");
    const char *count_text = getenv("DIALECTS_QUERIES");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    size_t count = count_text ? strtoull(count_text, NULL, 10) : 400;
    str filters[] = {S("n >= 0 or ok")};
    size_t different = 0;
    choices = seed * 0x9e3779b97f4a7c15 + 1;
    print_message("DIALECTS_SEED=%llu\n", (unsigned long long)seed);
    for (size_t i = 0; i < count && different < 10; i++) {
        struct source source = dialects_source();
        if (choose(3) == 0) {
            source.filters = filters;
            source.filter_count = 1;
        }
        different += !ask_at_random(&source);
    }
    assert_int_equal(different, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions), cmocka_unit_test(test_views),
        cmocka_unit_test(test_questions),  cmocka_unit_test(test_facets),
        cmocka_unit_test(test_letters),    cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_double_operations), cmocka_unit_test(test_times),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, open_engines, close_engines);
}
