/* Distances between words, and how far a search reaches. */
#include "one_scope.h"

#include "platform/text/near.h"

static void test_distances(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int most, distance;
    } cases[] = {
        {"ecole", "ecole", 1, 0},   {"ecole", "ecolle", 1, 1},  {"ecole", "cole", 1, 1},
        {"ecole", "ecale", 1, 1},   {"ecole", "ecloe", 1, 2},   {"ecole", "ecloe", 2, 2},
        {"", "ab", 2, 2},           {"abc", "", 2, 3},          {"kitten", "sitting", 3, 3},
        {"kitten", "sitting", 2, 3}, {"", "", 0, 0},            {"abc", "xyz", 2, 3},
        {"школа", "школы", 1, 1}, /* letters, not bytes */
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str a = str_from(cases[i].a);
        str b = str_from(cases[i].b);
        assert_int_equal(text_distance(a, b, cases[i].most), cases[i].distance);
        assert_int_equal(text_distance(b, a, cases[i].most), cases[i].distance);
    }
}

static void test_long_words_are_cut(void **state)
{
    (void)state;
    char letters[300];
    memset(letters, 'a', sizeof(letters));
    assert_int_equal(text_distance((str){letters, 300}, (str){letters, 64}, 2), 0);
}

static void test_reach(void **state)
{
    (void)state;
    assert_int_equal(text_near_distance(S("ab")), 0);
    assert_int_equal(text_near_distance(S("abc")), 1);
    assert_int_equal(text_near_distance(S("école")), 1);
    assert_int_equal(text_near_distance(S("écoles")), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_distances),
                                       cmocka_unit_test(test_long_words_are_cut),
                                       cmocka_unit_test(test_reach)};
    return cmocka_run_group_tests(tests, open_scope, close_scope);
}
