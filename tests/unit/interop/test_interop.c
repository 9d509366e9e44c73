/* Values in the forms of vocabularies, and the builders on a dataset. */
#include "../check.h"
#include "../one_scope.h"

#include "domain/interop/dcat.h"
#include "domain/interop/place.h"

static const struct interop_portal portal = {.address = {"http://p.example", 16},
                                             .catalogue = {"http://p.example/explore/", 25},
                                             .name = {"Portal", 6},
                                             .lang = {"en", 2}};

/* An entry with these metas, as JSON; the document is dropped by entry_close. */
static struct entry make_entry(const struct dataset *dataset, str metas)
{
    struct entry entry = {.dataset = dataset, .address = S("http://p.example/explore/dataset/d/")};
    str text = str_printf(&scope.arena, "{\"metas\": %.*s}", STR_ARG(metas));
    check_ok("entry", &scope, json_read(&scope, ERR_DATABASE, text, "entry", &entry.document));
    return entry;
}

static void test_values(void **state)
{
    static const struct {
        str text, expected;
    } mails[] = {{S("ada@example.org"), S("mailto:ada@example.org")},
                 {S("mailto:ada@example.org"), S("mailto:ada@example.org")},
                 {S("a b>?@c"), S("mailto:a%20b%3E%3F@c")},
                 {S("none"), S("mailto:none")}},
      instants[] = {{S("2026-02-03T10:11:12+01:00"), S("2026-02-03T09:11:12+00:00")},
                    {S("2026-02-03"), S("2026-02-03T00:00:00+00:00")},
                    {S("2026-02"), S("")},
                    {S("soon"), S("")},
                    {S(""), S("")}},
      days[] = {{S("2026-02-03"), S("2026-02-03")},
                {S("2026-02-03T10:11:12+01:00"), S("2026-02-03")},
                {S("2026/02/03"), S("")},
                {S("2026-02-30"), S("")},
                {S(""), S("")}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(mails); i++) {
        check_text(mails[i].text.p, interop_mail_address(&scope.arena, mails[i].text), mails[i].expected);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(instants); i++) {
        check_text(instants[i].text.p, interop_instant(&scope.arena, instants[i].text),
                   instants[i].expected);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(days); i++) {
        check_text(days[i].text.p, interop_day(days[i].text), days[i].expected);
    }
}

static void test_web_addresses(void **state)
{
    (void)state;
    assert_true(interop_is_web_address(S("https://example.org/")));
    assert_true(interop_is_web_address(S("HTTP://example.org")));
    assert_false(interop_is_web_address(S("javascript:alert(1)")));
    assert_false(interop_is_web_address(S("http:example.org")));
    assert_false(interop_is_web_address(S("http://")));
    assert_false(interop_is_web_address(S("ftp://example.org")));
    assert_false(interop_is_web_address(S("")));
}

static void check_frequency(const char *metas, const char *code)
{
    struct dataset dataset = {.id = S("d")};
    struct entry entry = make_entry(&dataset, str_from(metas));
    const struct frequency *frequency = entry_frequency(&entry);
    check_text(metas, frequency ? frequency->code : S("none"), str_from(code));
    entry_close(&entry);
}

static void test_frequencies(void **state)
{
    (void)state;
    check_frequency("{}", "none");
    check_frequency("{\"default\": {\"update_frequency\": \"weekly\"}}", "WEEKLY");
    check_frequency("{\"default\": {\"update_frequency\": \" Trimestrielle \"}}", "QUARTERLY");
    check_frequency("{\"default\": {\"update_frequency\": \"when the moon is full\"}}", "none");
    check_frequency("{\"dcat\": {\"accrualperiodicity\": \"http://purl.org/cld/freq/monthly\"}, "
                    "\"default\": {\"update_frequency\": \"daily\"}}", "MONTHLY");
    check_frequency("{\"dcat\": {\"accrualperiodicity\": "
                    "\"http://publications.europa.eu/resource/authority/frequency/ANNUAL_2\"}}", "ANNUAL_2");
    check_frequency("{\"dcat\": {\"accrualperiodicity\": \"http://elsewhere.example/monthly\"}}", "none");
    check_frequency("{\"dcat\": {\"accrualperiodicity\": 3}}", "none");
}

static void check_place(const char *text, const char *wkt, const char *box)
{
    json_t *feature = NULL;
    check_ok(text, &scope, json_read(&scope, ERR_DATABASE, str_from(text), "feature", &feature));
    check_text(text, place_wkt(&scope.arena, feature), str_from(wkt));
    check_text(text, place_box(&scope.arena, feature), str_from(box));
    json_decref(feature);
}

static void test_places(void **state)
{
    (void)state;
    check_place("{\"geometry\": {\"type\": \"Polygon\", \"coordinates\": [[[4, 50], [5.5, 50], [5.5, 51], [4, 50]]]}}",
                "POLYGON((4.0 50.0, 5.5 50.0, 5.5 51.0, 4.0 50.0))", "50.0 4.0 51.0 5.5");
    static const char *const none[] = {
        "{}", "[]", "{\"geometry\": null}", "{\"geometry\": {\"type\": \"Point\", \"coordinates\": [1, 2]}}",
        "{\"geometry\": {\"type\": \"Polygon\", \"coordinates\": []}}",
        "{\"geometry\": {\"type\": \"Polygon\", \"coordinates\": [[[1, 2], [1, 2]]]}}",
        "{\"geometry\": {\"type\": \"Polygon\", \"coordinates\": [[[1, 2], [1, \"x\"], [1, 2], [1, 2]]]}}",
        "{\"geometry\": {\"type\": 5, \"coordinates\": [[[1, 2], [1, 2], [1, 2], [1, 2]]]}}"};
    for (size_t i = 0; i < ARRAY_LENGTH(none); i++) {
        check_place(none[i], "", "");
    }
}

static bool holds(const struct buf *out, str part)
{
    return str_find(buf_str(out), part, 0) != SIZE_MAX;
}

/* Values of types that nobody expects leave a document that is whole. */
static void test_odd_metadata(void **state)
{
    struct dataset dataset = {.id = S("d"), .is_restricted = true};
    struct catalogue_options options = {0};
    struct entry entry = make_entry(
        &dataset, S("{\"default\": {\"title\": 5, \"keyword\": \"one\", \"theme\": [1, null, \"t\", \"\"], "
                    "\"publisher\": [], \"bbox\": \"x\", \"license_url\": {}}, \"dcat\": []}"));
    struct buf out = {0};
    (void)state;
    struct rdf rdf = dcat_open(&out, RDF_TURTLE, &portal);
    dcat_dataset(&rdf, &scope.arena, &portal, &options, &entry);
    dcat_close(&rdf);
    assert_true(holds(&out, S("dcterms:title \"d\" ;")));
    assert_true(holds(&out, S("dcat:keyword \"one\" ;")));
    assert_true(holds(&out, S("skos:prefLabel \"t\"")));
    assert_true(holds(&out, S("access-right/RESTRICTED")));
    assert_false(holds(&out, S("dcat:contactPoint")));
    assert_true(str_ends(buf_str(&out), S(" .\n")));
    buf_clear(&out);
    schema_org_write(&scope.arena, &portal, &entry, &out);
    json_t *object = NULL;
    check_ok("schema.org", &scope, json_read(&scope, ERR_DATABASE, buf_str(&out), "it", &object));
    assert_int_equal(json_array_size(json_object_get(object, "keywords")), 2);
    json_decref(object);
    entry_close(&entry);
    buf_done(&out);
}

static void test_formats(void **state)
{
    size_t count;
    const struct catalogue_format *formats = catalogue_formats_all(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(catalogue_format_find(formats[i].name), &formats[i]);
    }
    assert_ptr_equal(catalogue_format_find(S("dcat-ap-benap")), catalogue_format_find(S("dcat_ap_benap")));
    assert_ptr_equal(catalogue_format_find(S("dublin-core")), catalogue_format_find(S("dublin_core")));
    assert_null(catalogue_format_find(S("")));
    assert_null(catalogue_format_find(S("dcat_ap")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_web_addresses, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_frequencies, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_places, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_odd_metadata, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_formats, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
