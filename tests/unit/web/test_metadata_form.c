/* The form of metadata: every row that it asks for has words, and values survive the way into controls and back. */
#include "check.h"
#include "one_scope.h"

#include "web/back/metadata_form.h"
#include "web/front/metadata_view.h"
#include "web/front/vocabulary_label.h"

static void check_words(const char *what, str in, str name, enum message message)
{
    if (message == MESSAGE_NONE) {
        print_error("%s of %.*s.%.*s is missing in i18n\n", what, STR_ARG(in), STR_ARG(name));
    }
    assert_int_not_equal(message, MESSAGE_NONE);
}

static void test_words(void **state)
{
    (void)state;
    size_t count;
    size_t offered = 0;
    const struct metadata_row *rows = metadata_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (metadata_is_offered(&rows[i])) {
            offered++;
            check_words("the label", rows[i].in->name, rows[i].name, metadata_label(&rows[i]));
            check_words("the help", rows[i].in->name, rows[i].name, metadata_help(&rows[i]));
            assert_false(rows[i].flags & METADATA_MADE);
        }
    }
    assert_true(offered > 55);
    const struct metadata_template *templates = metadata_templates(&count);
    for (size_t i = 0; i < count; i++) {
        if (metadata_template_is_offered(&templates[i])) {
            check_words("the title", templates[i].name, S(""), metadata_template_label(&templates[i]));
        }
    }
    const struct vocabulary_term *terms = vocabulary_terms(&count);
    for (size_t i = 0; i < count; i++) {
        check_words("a term", vocabulary_name(terms[i].in), terms[i].code, vocabulary_message(&terms[i]));
    }
}

struct value_case {
    const char *template_name, *name, *stored, *held, *back; /* stored, back: JSON in a list of one; back NULL: refused */
};

static const struct value_case cases[] = {
    {"default", "title", "[\" Lamps \"]", "Lamps", "[\"Lamps\"]"},
    {"default", "description", "[\"a\\r\\nb\"]", "a\nb", "[\"<p>a\\nb</p>\"]"}, /* once somebody changes it */
    {"default", "description", "[\"<p>a &amp; b</p><p>c</p>\"]", "a & b\n\nc", "[\"<p>a &amp; b</p><p>c</p>\"]"},
    {"default", "description", "[\"<p>a <b>b</b></p>\"]", "<p>a <b>b</b></p>", "[\"<p>a <b>b</b></p>\"]"},
    {"visualization", "map_tooltip_html", "[\"{{a > b}}\"]", "{{a > b}}", "[\"{{a > b}}\"]"},
    {"default", "keyword", "[[\"a\", \"\", \"b\"]]", "a\nb", "[[\"a\", \"b\"]]"},
    {"default", "modified", "[\"2026-08-29T10:00:00+02:00\"]", "2026-08-29T08:00:00", "[\"2026-08-29T08:00:00Z\"]"},
    {"dcat", "issued", "[\"2026-08-29\"]", "2026-08-29", "[\"2026-08-29\"]"},
    {"dcat", "temporal_coverage_start", "[\"soon\"]", "soon", NULL},
    {"dcat", "contact_email", "[\"nobody\"]", "nobody", NULL},
    {"inspire", "west_bound_longitude", "[-5.5]", "-5.5", "[-5.5]"},
    {"inspire", "west_bound_longitude", "[\"left\"]", "left", NULL},
    {"default", "geographic_reference_auto", "[true]", "true", "[true]"},
    {"default", "language", "[\"Klingon\"]", "Klingon", NULL},
    {"visualization", "map_marker_color", "[{\"a\":1}]", "{\"a\":1}", "[{\"a\":1}]"},
};

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct value_case *one = &cases[i];
        json_t *stored cleanup_with(json_cleanup) = NULL;
        json_t *back cleanup_with(json_cleanup) = NULL;
        json_t *value cleanup_with(json_cleanup) = NULL;
        enum message expected = MESSAGE_NONE;
        const struct metadata_row *row = metadata_find(str_from(one->template_name), str_from(one->name));
        check_ok(one->stored, &scope, json_read(&scope, ERR_METADATA, str_from(one->stored), "test", &stored));
        texts held = metadata_texts_of(&scope.arena, row, json_array_get(stored, 0));
        check_text(one->stored, metadata_texts_shown(&scope.arena, &held), str_from(one->held));
        bool is_read = metadata_texts_read(&scope, row, &held, &value, &expected);
        check_int(one->stored, is_read, one->back != NULL);
        if (one->back) {
            check_ok(one->back, &scope, json_read(&scope, ERR_METADATA, str_from(one->back), "test", &back));
            assert_true(json_equal(value, json_array_get(back, 0)));
        } else {
            assert_int_not_equal(expected, MESSAGE_NONE);
        }
    }
}

/* What is too deep to be read again must not be stored. */
static void test_depth(void **state)
{
    (void)state;
    char deep[401];
    json_t *value = NULL;
    enum message expected;
    memset(deep, '[', 200);
    memset(deep + 200, ']', 200);
    texts held = {0};
    vec_add(&scope.arena, &held, ((str){deep, 400}));
    const struct metadata_row *row = metadata_find(S("visualization"), S("map_marker_color"));
    assert_false(metadata_texts_read(&scope, row, &held, &value, &expected));
    assert_null(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_words, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_values, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_depth, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
