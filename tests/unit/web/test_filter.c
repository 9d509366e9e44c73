/* The filter of an address: read, changed, written again, and as clauses of ODSQL. */
#include "../check.h"
#include "../one_scope.h"

#include "web/front/filter.h"

static struct call call;

static struct filter read_filter(const char *query)
{
    struct filter filter;
    call = (struct call){.scope = &scope};
    assert_int_equal(query_parse(&scope, str_from(query), &call.query), ERR_OK);
    assert_int_equal(filter_read(&call, &filter), ERR_OK);
    return filter;
}

static str written(const struct filter *filter)
{
    struct buf out = {0};
    filter_write(&out, filter);
    str text = buf_copy(&out, &scope.arena);
    buf_done(&out);
    return text;
}

static void check_written(const char *query, const char *expected)
{
    struct filter filter = read_filter(query);
    str text = written(&filter);
    check_text(query, text, str_from(expected));
    struct filter again = read_filter(str_cz(&scope.arena, text));
    assert_true(str_eq(written(&again), text));
}

static void has_one_form(void **state)
{
    (void)state;
    check_written("", "");
    check_written("q=a+b&page=3&utm=x", "q=a%20b");
    check_written("sort=-n&where=n%3E1&exclude.b=2&refine.a=1&q=x", "q=x&refine.a=1&exclude.b=2&where=n%3E1&sort=-n");
    check_written("refine.a=2&refine.a=1&refine.a=2", "refine.a=2&refine.a=1");
    check_written("q=&q=%20&q=one&q=two", "q=one");
    check_written("refine.=x&refine.a=&exclude=1&sort=", "");
    check_written("disjunctive.a&disjunctive.b=false&disjunctive.c=true", "disjunctive.a=true&disjunctive.c=true");
    check_written("refine.a%26b=%26%3D%23", "refine.a%26b=%26%3D%23");
}

static void check_changed(struct filter filter, const char *expected)
{
    assert_true(str_eq(written(&filter), str_from(expected)));
}

static void changes(void **state)
{
    (void)state;
    struct arena *arena = &scope.arena;
    struct filter filter = read_filter("q=x&refine.a=1&refine.a=2&sort=n");
    check_changed(filter_without(arena, &filter, 0), "refine.a=1&refine.a=2&sort=n");
    check_changed(filter_without(arena, &filter, 2), "q=x&refine.a=1&sort=n");
    check_changed(filter_with(arena, &filter, (struct filter_part){FILTER_SORT, S(""), S("-m")}),
                  "q=x&refine.a=1&refine.a=2&sort=-m");
    check_changed(filter_with(arena, &filter, (struct filter_part){FILTER_EXCLUDE, S("b"), S("3")}),
                  "q=x&refine.a=1&refine.a=2&exclude.b=3&sort=n");
    check_changed(filter_with(arena, &filter, (struct filter_part){FILTER_REFINE, S("a"), S("1")}),
                  "q=x&refine.a=2&refine.a=1&sort=n");
    check_changed(filter_cleared(arena, &filter), "sort=n");
    assert_true(filter_narrows(&filter));
    struct filter cleared = filter_cleared(arena, &filter);
    assert_false(filter_narrows(&cleared));
    assert_int_equal(filter_find(&filter, FILTER_REFINE, S("a"), S("2")), 2);
    assert_true(filter_find(&filter, FILTER_REFINE, S("a"), S("3")) == SIZE_MAX);
}

static void check_clauses(const char *query, enum filter_search search, const char *expected)
{
    struct filter filter = read_filter(query);
    struct clauses clauses = {0};
    struct buf out = {0};
    filter_clauses(&scope.arena, &filter, search, &clauses);
    filter_write_api(&out, &clauses);
    str text;
    assert_true(url_decode(&scope.arena, buf_str(&out), false, &text));
    check_text(query, text, str_from(expected));
    buf_done(&out);
}

static void becomes_clauses(void **state)
{
    (void)state;
    check_clauses("q=rue de&refine.a=1", FILTER_SEARCH_RECORDS, "where=\"rue de*\"&refine=a:\"1\"");
    check_clauses("q=rue&sort=-n", FILTER_SEARCH_CATALOGUE, "where=search(\"rue\")&order_by=n desc");
    check_clauses("q=%22%5C", FILTER_SEARCH_CATALOGUE, "where=search(\"\\\"\\\\\")");
    check_clauses("refine.day=x&exclude.a b=%22&sort=count", FILTER_SEARCH_RECORDS,
                  "refine=`day`:\"x\"&exclude=`a b`:\"\\\"\"&order_by=`count`");
    check_clauses("where=a%3E1&where=b%3C2", FILTER_SEARCH_RECORDS, "where=a>1&where=b<2");
}

static void is_bounded(void **state)
{
    (void)state;
    struct buf query = {0};
    struct filter filter;
    for (int i = 0; i < 101; i++) {
        buf_printf(&query, "&refine.a=%d", i);
    }
    call = (struct call){.scope = &scope};
    assert_int_equal(query_parse(&scope, buf_str(&query), &call.query), ERR_OK);
    assert_int_equal(filter_read(&call, &filter), ERR_TOO_LARGE);
    buf_done(&query);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(has_one_form, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(changes, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(becomes_clauses, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(is_bounded, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
