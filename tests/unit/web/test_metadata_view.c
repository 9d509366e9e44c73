/* Every row of metadata and every type of field that pages show has a label. */
#include "check.h"

#include "web/front/metadata_view.h"

static void test_rows(void **state)
{
    (void)state;
    size_t count;
    size_t shown = 0;
    const struct metadata_row *rows = metadata_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (!metadata_is_shown(&rows[i])) {
            continue;
        }
        shown++;
        if (metadata_label(&rows[i]) == MESSAGE_NONE) {
            print_error("metadata.%.*s.%.*s is missing in i18n\n", STR_ARG(rows[i].in->name),
                        STR_ARG(rows[i].name));
        }
        assert_int_not_equal(metadata_label(&rows[i]), MESSAGE_NONE);
    }
    assert_true(shown > 40);
}

static void test_templates(void **state)
{
    (void)state;
    size_t count;
    const struct metadata_template *templates = metadata_templates(&count);
    for (size_t i = 0; i < count; i++) {
        bool is_shown = templates[i].kind == TEMPLATE_BASIC || templates[i].kind == TEMPLATE_INTEROP;
        if (is_shown && metadata_template_label(&templates[i]) == MESSAGE_NONE) {
            print_error("metadata.template.%.*s is missing in i18n\n", STR_ARG(templates[i].name));
        }
        assert_true(!is_shown || metadata_template_label(&templates[i]) != MESSAGE_NONE);
    }
}

static void test_left_out(void **state)
{
    (void)state;
    assert_false(metadata_is_shown(metadata_find(S("default"), S("title"))));
    assert_false(metadata_is_shown(metadata_find(S("internal"), S("draft"))));
    assert_false(metadata_is_shown(metadata_find(S("visualization"), S("map_tooltip_html"))));
    assert_true(metadata_is_shown(metadata_find(S("default"), S("publisher"))));
    assert_true(metadata_is_shown(metadata_find(S("inspire"), S("theme"))));
}

static void test_field_types(void **state)
{
    (void)state;
    for (int type = 0; type < FIELD__COUNT; type++) {
        struct field field = {.type = (enum field_type)type};
        assert_int_not_equal(field_type_label(&field), MESSAGE_NONE);
    }
    struct field list = {.type = FIELD_TEXT, .multivalued = S(",")};
    assert_int_equal(field_type_label(&list), MSG_FIELD_TYPE_LIST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_templates),
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_field_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
