/* One change of metadata, as it is made to many datasets. */
#include "check.h"
#include "one_scope.h"

#include <stdlib.h>

#include "domain/catalog/bulk.h"

#define BEFORE "{\"default\":{\"title\":\"Lamps\",\"keyword\":[\"a\",\"b\"]},\"languages\":{\"fr\":{\"default\":{\"keyword\":[\"c\"]}}}}"

struct bulk_case {
    const char *name;
    enum bulk_operation operation;
    const char *path, *lang, *old, *value; /* value: JSON in a list of one; NULL: none */
    const char *expected;                  /* NULL: nothing changes */
};

static const struct bulk_case cases[] = {
    {"set a text", BULK_SET, "default.title", "", "", "[\"Trees\"]",
     "{\"default\":{\"title\":\"Trees\",\"keyword\":[\"a\",\"b\"]},\"languages\":{\"fr\":{\"default\":{\"keyword\":[\"c\"]}}}}"},
    {"set the same", BULK_SET, "default.title", "", "", "[\"Lamps\"]", NULL},
    {"add what is there", BULK_ADD, "default.keyword", "", "", "[[\"a\"]]", NULL},
    {"add", BULK_ADD, "default.keyword", "", "", "[[\"b\",\"d\"]]",
     "{\"default\":{\"title\":\"Lamps\",\"keyword\":[\"a\",\"b\",\"d\"]},\"languages\":{\"fr\":{\"default\":{\"keyword\":[\"c\"]}}}}"},
    {"add in a language", BULK_ADD, "default.keyword", "fr", "", "[\"d\"]",
     "{\"default\":{\"title\":\"Lamps\",\"keyword\":[\"a\",\"b\"]},\"languages\":{\"fr\":{\"default\":{\"keyword\":[\"c\",\"d\"]}}}}"},
    {"remove", BULK_REMOVE, "default.keyword", "", "a", NULL,
     "{\"default\":{\"title\":\"Lamps\",\"keyword\":[\"b\"]},\"languages\":{\"fr\":{\"default\":{\"keyword\":[\"c\"]}}}}"},
    {"remove the last", BULK_REMOVE, "default.keyword", "fr", "c", NULL,
     "{\"default\":{\"title\":\"Lamps\",\"keyword\":[\"a\",\"b\"]}}"},
    {"remove what is not there", BULK_REMOVE, "default.keyword", "", "x", NULL, NULL},
    {"replace in a list, once each", BULK_REPLACE, "default.keyword", "", "a", "[[\"b\"]]",
     "{\"default\":{\"title\":\"Lamps\",\"keyword\":[\"b\"]},\"languages\":{\"fr\":{\"default\":{\"keyword\":[\"c\"]}}}}"},
    {"replace a text", BULK_REPLACE, "default.title", "", "Lamps", "[\"L\"]",
     "{\"default\":{\"title\":\"L\",\"keyword\":[\"a\",\"b\"]},\"languages\":{\"fr\":{\"default\":{\"keyword\":[\"c\"]}}}}"},
    {"replace another text", BULK_REPLACE, "default.title", "", "lamps", "[\"L\"]", NULL},
    {"clear", BULK_CLEAR, "default.title", "", "", NULL,
     "{\"default\":{\"keyword\":[\"a\",\"b\"]},\"languages\":{\"fr\":{\"default\":{\"keyword\":[\"c\"]}}}}"},
    {"clear what is not there", BULK_CLEAR, "default.publisher", "", "", NULL, NULL},
};

static void check_case(const struct bulk_case *one)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    json_t *value cleanup_with(json_cleanup) = NULL;
    bool changed;
    check_ok(one->name, &scope, json_read(&scope, ERR_METADATA, S(BEFORE), "test", &metadata));
    if (one->value) {
        check_ok(one->name, &scope, json_read(&scope, ERR_METADATA, str_from(one->value), "test", &value));
    }
    struct bulk_change change = {one->operation, str_from(one->path), str_from(one->lang), json_array_get(value, 0),
                                 str_from(one->old)};
    check_ok(one->name, &scope, bulk_apply(&scope, metadata, &change, &changed));
    char *text = json_dumps(metadata, JSON_COMPACT);
    check_text(one->name, str_from(text), str_from(one->expected ? one->expected : BEFORE));
    check_int(one->name, changed, one->expected != NULL);
    free(text);
}

static void test_changes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        check_case(&cases[i]);
    }
}

static void test_faults(void **state)
{
    (void)state;
    bool changed;
    json_t *metadata cleanup_with(json_cleanup) = json_object();
    json_t *text cleanup_with(json_cleanup) = json_string("x");
    json_t *number cleanup_with(json_cleanup) = json_integer(5);
    struct bulk_change change = {BULK_ADD, S("default.title"), S(""), text, S("")};
    assert_int_equal(bulk_apply(&scope, metadata, &change, &changed), ERR_METADATA);
    check_failure("no list", &scope, ERR_METADATA, "no list");
    change = (struct bulk_change){BULK_SET, S("default.title"), S(""), number, S("")};
    assert_int_equal(bulk_apply(&scope, metadata, &change, &changed), ERR_METADATA);
    check_failure("a number", &scope, ERR_METADATA, "a text is expected");
    change = (struct bulk_change){BULK_SET, S("default.license"), S("fr"), text, S("")};
    assert_int_equal(bulk_apply(&scope, metadata, &change, &changed), ERR_METADATA);
    check_failure("a language", &scope, ERR_METADATA, "same in all languages");
    for (int i = 0; i < BULK__COUNT; i++) {
        enum bulk_operation operation;
        assert_true(bulk_operation_find(str_from(bulk_operation_name((enum bulk_operation)i)), &operation));
        assert_int_equal(operation, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_changes, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_faults, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
