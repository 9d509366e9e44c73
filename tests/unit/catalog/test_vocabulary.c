/* Vocabularies, templates of the portal's own and reuses, as the catalogue keeps them. */
#include "check.h"
#include "directory.h"
#include "one_scope.h"

#include "domain/catalog/custom_template.h"
#include "domain/catalog/reuse.h"

static struct catalog *catalog;
static struct directory directory;

static int open_catalog(void **state)
{
    open_scope(state);
    directory_make(&directory);
    assert_int_equal(catalog_open(&scope, directory.path, &catalog), ERR_OK);
    return 0;
}

static int close_catalog(void **state)
{
    catalog_close(catalog);
    close_scope(state);
    directory_remove(&directory);
    return 0;
}

static void test_lists_of_others(void **state)
{
    (void)state;
    size_t count;
    size_t row_count;
    bool is_closed;
    const struct vocabulary_term *terms = vocabulary_terms(&count);
    const struct metadata_row *rows = metadata_rows(&row_count);
    int found[VOCABULARY__COUNT] = {0};
    for (size_t i = 0; i < count; i++) {
        found[terms[i].in]++;
        assert_ptr_equal(vocabulary_find(terms[i].in, terms[i].value), &terms[i]);
    }
    assert_int_equal(found[VOCABULARY_DATA_THEME], 13);
    assert_int_equal(found[VOCABULARY_INSPIRE_THEME], 34);
    assert_int_equal(found[VOCABULARY_PUBLISHER_TYPE], 11);
    assert_non_null(vocabulary_find(VOCABULARY_FREQUENCY, S("https://publications.europa.eu/resource/authority/frequency/DAILY")));
    assert_null(vocabulary_find(VOCABULARY_FREQUENCY, S("")));
    size_t with = 0;
    for (size_t i = 0; i < row_count; i++) {
        with += vocabulary_of(&rows[i], &is_closed) != VOCABULARY_NONE;
    }
    assert_int_equal(with, 18); /* each use names a row that there is */
}

static size_t count_entries(enum vocabulary list, bool *ret_is_ours)
{
    const struct vocabulary_entry *entries;
    size_t count;
    check_ok("entries", &scope, vocabulary_entries(&scope, catalog, list, &entries, &count, ret_is_ours));
    return count;
}

static void test_own_lists(void **state)
{
    (void)state;
    bool is_ours;
    const struct vocabulary_entry *entries;
    size_t count;
    struct vocabulary_entry entry = {.value = S("Mobility")};
    entry.labels.texts[language_exact(S("fr"))] = S("Mobilité");
    check_ok("add", &scope, vocabulary_put(&scope, catalog, VOCABULARY_THEME, S(""), &entry));
    assert_int_equal(vocabulary_put(&scope, catalog, VOCABULARY_THEME, S(""), &entry), ERR_CONFLICT);
    check_failure("twice", &scope, ERR_CONFLICT, "already");
    entry.value = S("Moving");
    check_ok("rename", &scope, vocabulary_put(&scope, catalog, VOCABULARY_THEME, S("Mobility"), &entry));
    check_ok("list", &scope, vocabulary_entries(&scope, catalog, VOCABULARY_THEME, &entries, &count, &is_ours));
    assert_int_equal(count, 1);
    check_text("value", entries[0].value, S("Moving"));
    check_text("label", entries[0].labels.texts[language_exact(S("fr"))], S("Mobilité"));
    assert_int_equal(vocabulary_put(&scope, catalog, VOCABULARY_THEME, S("Mobility"), &entry), ERR_CONFLICT);
    scope_forgive(&scope);
    check_ok("remove", &scope, vocabulary_remove(&scope, catalog, VOCABULARY_THEME, S("Moving")));
    assert_int_equal(vocabulary_remove(&scope, catalog, VOCABULARY_THEME, S("Moving")), ERR_NO_RECORD);
    scope_forgive(&scope);
}

/* Who adds one licence of his own does not lose those that were offered. */
static void test_licences(void **state)
{
    (void)state;
    bool is_ours;
    size_t before = count_entries(VOCABULARY_LICENSE, &is_ours);
    assert_true(is_ours);
    assert_true(before > 15);
    struct vocabulary_entry entry = {.value = S("City licence"), .address = S("https://city.example/")};
    check_ok("add", &scope, vocabulary_put(&scope, catalog, VOCABULARY_LICENSE, S(""), &entry));
    assert_int_equal(count_entries(VOCABULARY_LICENSE, &is_ours), before + 1);
    assert_false(is_ours);
}

static void test_templates(void **state)
{
    (void)state;
    const struct custom_template *templates;
    size_t count;
    struct translated label = {0};
    label.texts[language_exact(S("en"))] = S("Ownership");
    struct custom_field field = {.name = S("owner"), .template_name = S("own"), .type = METADATA_DAY, .choices = S(""),
                                 .is_required = true};
    assert_int_equal(custom_field_put(&scope, catalog, &field, true), ERR_NO_RECORD);
    scope_forgive(&scope);
    check_ok("template", &scope, custom_template_put(&scope, catalog, S("own"), &label));
    check_ok("field", &scope, custom_field_put(&scope, catalog, &field, true));
    assert_int_equal(custom_field_put(&scope, catalog, &field, true), ERR_CONFLICT);
    scope_forgive(&scope);
    field.by_language = true;
    check_ok("change", &scope, custom_field_put(&scope, catalog, &field, false));
    check_ok("read", &scope, custom_templates(&scope, catalog, &templates, &count));
    assert_int_equal(count, 1);
    const struct custom_field *read = custom_field_find(templates, count, S("owner"));
    assert_non_null(read);
    assert_int_equal(read->type, METADATA_DAY);
    assert_true(read->is_required && read->by_language);
    check_ok("remove", &scope, custom_template_remove(&scope, catalog, S("own")));
    check_ok("read", &scope, custom_templates(&scope, catalog, &templates, &count));
    assert_int_equal(count, 0);
}

static void test_reuses(void **state)
{
    (void)state;
    str uid;
    struct reuse reuse = {.title = S("Map"), .address = S("https://a.example/")};
    assert_int_equal(catalog_reuse_put(&scope, catalog, S("lamps"), &reuse), ERR_NO_DATASET);
    scope_forgive(&scope);
    check_ok("draft", &scope, catalog_create(&scope, catalog, S("lamps"), S("{}"), 0, &uid));
    check_ok("add", &scope, catalog_reuse_put(&scope, catalog, S("lamps"), &reuse));
    check_ok("describe", &scope, catalog_describe(&scope, catalog, S("lamps"), S("{\"default\":{\"title\":\"L\"}}"), NULL, 0));
    str text;
    check_ok("metadata", &scope, catalog_metadata(&scope, catalog, S("lamps"), &text));
    assert_true(str_find(text, S("https://a.example/"), 0) != SIZE_MAX);
    reuse.id = S("nothing");
    assert_int_equal(catalog_reuse_put(&scope, catalog, S("lamps"), &reuse), ERR_NO_RECORD);
    scope_forgive(&scope);
}

/* Records with other fields that came meanwhile are not described by what was read before. */
static void test_fields_meanwhile(void **state)
{
    (void)state;
    str uid;
    bool changed;
    struct field old = {.name = S("gone"), .label = S("Gone"), .type = FIELD_TEXT};
    struct schema schema = {&old, 1};
    check_ok("draft", &scope, catalog_create(&scope, catalog, S("lamps"), S("{}"), 0, &uid));
    check_ok("refresh", &scope, catalog_refresh(&scope, catalog, &changed));
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    usec seen = snapshot_find(snapshot, S("lamps"))->metadata_processed;
    assert_int_equal(catalog_describe(&scope, catalog, S("lamps"), S("{}"), &schema, seen), ERR_CONFLICT);
    check_failure("fields", &scope, ERR_CONFLICT, "other fields");
    assert_int_equal(catalog_describe(&scope, catalog, S("lamps"), S("{}"), NULL, seen + 1), ERR_CONFLICT);
    scope_forgive(&scope);
    check_ok("as it is", &scope, catalog_describe(&scope, catalog, S("lamps"), S("{}"), NULL, seen));
    snapshot_unref(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lists_of_others, open_catalog, close_catalog),
        cmocka_unit_test_setup_teardown(test_own_lists, open_catalog, close_catalog),
        cmocka_unit_test_setup_teardown(test_licences, open_catalog, close_catalog),
        cmocka_unit_test_setup_teardown(test_templates, open_catalog, close_catalog),
        cmocka_unit_test_setup_teardown(test_reuses, open_catalog, close_catalog),
        cmocka_unit_test_setup_teardown(test_fields_meanwhile, open_catalog, close_catalog),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
