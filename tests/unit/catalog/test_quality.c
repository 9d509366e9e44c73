/* What a description misses, and what that costs. */
#include "check.h"
#include "one_scope.h"

#include "domain/catalog/quality.h"

static struct field fields[] = {{.name = S("lamp_id"), .label = S("Lamp"), .description = S("Painted on the mast.")},
                                {.name = S("watt"), .label = S("watt")}};
static const struct schema schema = {fields, 2};

static const char full[] =
    "{\"default\": {\"title\": \"Lamps\", \"description\": \"<p>Each lamp that stands in a street of the city, with the"
    " place where it stands, its power in watt and the day it was made.</p>\", \"license\": \"ODbL\","
    " \"publisher\": \"City\", \"theme\": [\"Energy\"], \"keyword\": [\"light\", \"street\"], \"language\": \"en\"},"
    " \"dcat\": {\"accrualperiodicity\": \"DAILY\", \"contact_email\": \"a@city.example\", \"creator\": \"Works\","
    " \"spatial\": \"City\", \"temporal\": \"since 1999\"}}";

static struct quality measure(const char *text, const struct schema *of)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    struct quality quality;
    check_ok(text, &scope, json_read(&scope, ERR_METADATA, str_from(text), "test", &metadata));
    quality_measure(&scope.arena, metadata, of, &quality);
    return quality;
}

static void test_weights(void **state)
{
    (void)state;
    int sum = 0;
    for (int check = 0; check < QUALITY__COUNT; check++) {
        const struct quality_row *row = &quality_rows()[check];
        sum += row->weight;
        if (row->template_name.n) {
            assert_non_null(metadata_find(row->template_name, row->name));
        }
    }
    assert_int_equal(sum, 100);
}

static void test_nothing(void **state)
{
    (void)state;
    struct quality quality = measure("{}", &(struct schema){0});
    assert_int_equal(quality.score, 0);
    assert_int_equal(quality.missing_count, QUALITY__COUNT - 2);
    assert_false(quality.results[QUALITY_LABELS].applies);
}

static void test_everything(void **state)
{
    (void)state;
    struct quality quality = measure(full, &(struct schema){0});
    assert_int_equal(quality.score, 100);
    assert_int_equal(quality.missing_count, 0);
    quality = measure(full, &schema);
    assert_int_equal(quality.results[QUALITY_LABELS].points, 4);
    assert_int_equal(quality.results[QUALITY_LABELS].missing, 1);
    check_text("the first", quality.results[QUALITY_LABELS].field, S("watt"));
    assert_int_equal(quality.results[QUALITY_TEXTS].points, 3);
    assert_int_equal(quality.score, 93);
}

static void test_halves(void **state)
{
    (void)state;
    struct quality quality = measure("{\"default\": {\"title\": \" \", \"description\": \"<p>Short</p>\", \"keyword\": [\"one\", \" \"]},"
                                     " \"dcat\": {\"contact_name\": \"Ada\"}}", &(struct schema){0});
    assert_int_equal(quality.results[QUALITY_TITLE].points, 0);
    assert_int_equal(quality.results[QUALITY_DESCRIPTION].points, 7);
    assert_int_equal(quality.results[QUALITY_KEYWORD].points, 4);
    assert_int_equal(quality.results[QUALITY_CONTACT].points, 4);
    quality = measure("{\"default\": {\"description\": \"<script>let a = 'a long text that nobody will ever see on any page of"
                      " the portal, whatever its length is'</script>\"}}", &(struct schema){0});
    assert_int_equal(quality.results[QUALITY_DESCRIPTION].points, 0);
}

/* Values of another type than the rows say, as older versions or other portals may have left them. */
static void test_odd_values(void **state)
{
    (void)state;
    struct quality quality = measure("{\"default\": {\"title\": 5, \"keyword\": \"one\", \"theme\": [1, null]}, \"dcat\": [],"
                                     " \"extent\": {\"place\": {}}}", &(struct schema){0});
    assert_int_equal(quality.results[QUALITY_TITLE].points, 0);
    assert_int_equal(quality.results[QUALITY_KEYWORD].points, 4);
    assert_int_equal(quality.results[QUALITY_THEME].points, 0);
    assert_int_equal(quality.results[QUALITY_SPATIAL].points, 2);
}

/* What is computed from the records is not what somebody named. */
static void test_place(void **state)
{
    (void)state;
    static const struct { const char *metadata; int points; } cases[] = {
        {"{}", 0},
        {"{\"extent\": {\"place\": {}}}", 2},
        {"{\"extent\": {\"place\": {}}, \"default\": {\"territory\": [\"France\"]}}", 4},
        {"{\"dcat\": {\"spatial\": \"France\"}}", 4}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct quality quality = measure(cases[i].metadata, &(struct schema){0});
        assert_int_equal(quality.results[QUALITY_SPATIAL].points, cases[i].points);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_weights, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_nothing, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_everything, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_place, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_halves, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_odd_values, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
