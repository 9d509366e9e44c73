/* Colours of a site's settings: reading, contrast as WCAG defines it, mixing. */
#include "../check.h"
#include "../one_scope.h"

#include "domain/site/site.h"

static struct colour colour(const char *text)
{
    struct colour read;
    assert_true(colour_read(str_from(text), &read));
    return read;
}

static void reads_six_digits_only(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "#", "#fff", "0f4a96", "#0f4a9", "#0f4a967", "#0f4a9g", "red", "#-f4a96"};
    struct colour read;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(colour_read(str_from(bad[i]), &read));
    }
    assert_true(str_eq(colour_text(&scope.arena, colour("#0F4a96")), S("#0f4a96")));
}

static void contrast_is_that_of_wcag(void **state)
{
    (void)state;
    assert_float_equal(colour_contrast(colour("#000000"), colour("#ffffff")), 21, 1e-9);
    assert_float_equal(colour_contrast(colour("#ffffff"), colour("#000000")), 21, 1e-9);
    assert_float_equal(colour_contrast(colour("#777777"), colour("#ffffff")), 4.48, 0.005);
    assert_float_equal(colour_contrast(colour("#0f4a96"), colour("#0f4a96")), 1, 1e-9);
}

static void mixes(void **state)
{
    (void)state;
    struct colour mixed = colour_mix(colour("#000000"), colour("#ffffff"), 0.5);
    assert_true(str_eq(colour_text(&scope.arena, mixed), S("#808080")));
    mixed = colour_mix(colour("#123456"), colour("#ffffff"), 0);
    assert_true(str_eq(colour_text(&scope.arena, mixed), S("#123456")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_six_digits_only, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(contrast_is_that_of_wcag, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(mixes, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
