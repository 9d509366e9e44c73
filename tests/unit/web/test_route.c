/* Which route a path is for, and what stands for its {}. */
#include "check.h"

#include "web/shell/route.h"

static const struct route routes[] = {{.pattern = "/things/{}/parts/{}"},
                                      {.pattern = "/things/new"},
                                      {.pattern = "/things/{}"},
                                      {.pattern = "/{}/list/"},
                                      {.pattern = "/files/{}/{}.txt"},
                                      {.pattern = "/"}};

static void check(const char *path, const char *pattern, const char *first, const char *second)
{
    str values[CALL_PATH_VALUES] = {S("left"), S("over")};
    const struct route *route = route_match(routes, ARRAY_LENGTH(routes), str_from(path), values);
    check_text(path, str_from(route ? route->pattern : NULL), str_from(pattern));
    if (route) {
        check_text(path, values[0], str_from(first));
        check_text(path, values[1], str_from(second));
        assert_int_equal(values[0].p != NULL, first != NULL);
        assert_int_equal(values[1].p != NULL, second != NULL);
    }
}

static void test_paths(void **state)
{
    (void)state;
    check("/", "/", NULL, NULL);
    check("/things/7", "/things/{}", "7", NULL);
    check("/things/7/", "/things/{}", "7", NULL);
    check("/things/7/parts/8", "/things/{}/parts/{}", "7", "8");
    check("/things//parts/8", NULL, NULL, NULL);
    check("/things/7/parts", NULL, NULL, NULL);
    check("/things/a%2Fb", "/things/{}", "a%2Fb", NULL);
    check("/unknown", NULL, NULL, NULL);
    check("/many/list", "/{}/list/", "many", NULL);
    check("/files/7/a.b.txt", "/files/{}/{}.txt", "7", "a.b");
    check("/files/7/a", NULL, NULL, NULL);
    check("/files/7/.txt", NULL, NULL, NULL);
    check("/files//a.txt", NULL, NULL, NULL);
}

/* What a pattern that fits in part took must not be left for the one that fits. */
static void test_partly_fitting(void **state)
{
    (void)state;
    check("/things/new", "/things/new", NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_partly_fitting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
