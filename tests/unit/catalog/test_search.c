/* The catalogue's index: what is found, in which order, and that it follows every change. */
#include "../directory.h"

#include "domain/catalog/catalog.h"
#include "domain/catalog/search.h"
#include "domain/catalog/search_text.h"
#include "platform/db/statement.h"

struct fixture {
    struct scope scope;
    struct directory directory;
    const char *data;
    struct catalog *catalog;
};

static struct field fields[] = {
    {.name = S("uai"), .label = S("Établissement scolaire"), .type = FIELD_TEXT, .decimals = -1},
    {.name = S("d"), .label = S("Ouverture"), .type = FIELD_DATE, .decimals = -1},
};
static const struct schema schema = {fields, ARRAY_LENGTH(fields)};

static void open_catalog(struct fixture *fixture)
{
    check_ok("open", &fixture->scope,
             catalog_open(&fixture->scope, fixture->data, &fixture->catalog));
}

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    scope_open(&fixture->scope);
    directory_make(&fixture->directory);
    fixture->data = directory_file(&fixture->scope, &fixture->directory, "data");
    open_catalog(fixture);
    *state = fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    catalog_close(fixture->catalog);
    directory_remove(&fixture->directory);
    scope_close(&fixture->scope);
    free(fixture);
    return 0;
}

static void publish(struct fixture *fixture, const char *id, const char *metadata)
{
    struct scope *scope = &fixture->scope;
    struct new_version version = {.dataset_id = str_from(id),
                                  .schema = &schema,
                                  .source_name = S("file.csv"),
                                  .metadata = str_from(metadata),
                                  .keep = 1};
    const int64_t *dropped;
    size_t count;
    int64_t last;
    bool changed;
    check_ok(id, scope, catalog_identify(scope, fixture->catalog, version.dataset_id, &version.uid,
                                         &last));
    version.number = last + 1;
    check_ok(id, scope, catalog_publish(scope, fixture->catalog, &version, &dropped, &count));
    check_ok(id, scope, catalog_refresh(scope, fixture->catalog, &changed));
}

/* Ids of the datasets found, each with a blank behind it. */
static str find_in(struct fixture *fixture, const char *text, struct search_options options)
{
    struct scope *scope = &fixture->scope;
    struct search_matches matches;
    const struct snapshot *snapshot = catalog_snapshot(fixture->catalog);
    check_ok(text, scope,
             catalog_search(scope, fixture->catalog, str_from(text), &options, &matches));
    str ids = S("");
    for (size_t i = 0; i < matches.count; i++) {
        for (size_t j = 0; j < snapshot->count; j++) {
            if (snapshot->datasets[j]->number == matches.numbers[i]) {
                ids = str_printf(&scope->arena, "%.*s%.*s ", STR_ARG(ids),
                                 STR_ARG(snapshot->datasets[j]->id));
            }
        }
    }
    snapshot_unref(snapshot);
    return ids;
}

static str find(struct fixture *fixture, const char *text)
{
    return find_in(fixture, text, (struct search_options){0});
}

static void publish_three(struct fixture *fixture)
{
    publish(fixture, "a",
            "{\"default\":{\"title\":\"Écoles de Lyon\",\"language\":\"fr\","
            "\"description\":\"<p>Liste des <b>b&acirc;timents</b></p>\",\"publisher\":\"Métropole\"},"
            "\"languages\":{\"en\":{\"default\":{\"title\":\"Primary schools\"}}}}");
    publish(fixture, "b",
            "{\"default\":{\"title\":\"Bus\",\"language\":\"fr\",\"keyword\":[\"transport\",\"école\"],"
            "\"description\":\"Lignes\"}}");
    publish(fixture, "c",
            "{\"default\":{\"title\":\"Vélos\",\"language\":\"fr\",\"description\":\"près d'une école\"}}");
}

static void test_words(void **state)
{
    struct fixture *fixture = *state;
    publish_three(fixture);
    static const struct {
        const char *text, *ids;
    } cases[] = {
        {"ecole", "a b c "},        /* title before keyword before description; stem, accents */
        {"ÉCOLES", "a b c "},
        {"ecole bus", "b "},
        {"school", "a "},           /* another language, its stem */
        {"batiment", "a "},         /* a reference to a letter in HTML, and plural */
        {"metropole", "a "},
        {"transp", ""},
        {"transp*", "b "},
        {"lyon -", "a "},
        {"b", "b "},                /* its id, and no tag of HTML */
        {"", ""},
        {"  *  ", ""},
        {"ecole nowhere", ""},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        check_text(cases[i].text, find(fixture, cases[i].text), str_from(cases[i].ids));
    }
    check_int("a label", (int)find(fixture, "etablissement").n, 6);
}

static void test_options(void **state)
{
    struct fixture *fixture = *state;
    publish_three(fixture);
    check_text("title", find_in(fixture, "ecole", (struct search_options){.parts = SEARCH_TITLE}),
               S("a "));
    check_text("keyword",
               find_in(fixture, "ecole", (struct search_options){.parts = SEARCH_KEYWORD}), S("b "));
    check_text("without labels",
               find_in(fixture, "etablissement",
                       (struct search_options){.parts = SEARCH_EVERYWHERE & ~(unsigned)SEARCH_LABELS}),
               S(""));
    check_text("start", find_in(fixture, "bus transp", (struct search_options){.last_is_start = true}),
               S("b "));
    check_text("only the last", find_in(fixture, "transp bus",
                                        (struct search_options){.last_is_start = true}), S(""));
}

static void test_fuzzy(void **state)
{
    struct fixture *fixture = *state;
    struct search_options fuzzy = {.is_fuzzy = true, .last_is_start = true};
    static const struct {
        const char *text, *ids;
    } cases[] = {
        {"lyin ecole", "a "},        /* one letter of a short word */
        {"lzin ecole", ""},          /* two */
        {"tarnsport bus", "b "},     /* two of a long one */
        {"ecoxle", ""},              /* the last word is a beginning */
        {"batimant lyon", "a "},
        {"b lyon", ""},              /* too short to be anything else */
    };
    publish_three(fixture);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        check_text(cases[i].text, find_in(fixture, cases[i].text, fuzzy), str_from(cases[i].ids));
    }
    check_text("exact", find(fixture, "lyin ecole"), S(""));
    publish(fixture, "e", "{\"default\":{\"title\":\"Budget 2023 ecole\"}}");
    check_text("numbers", find_in(fixture, "2024 ecole", fuzzy), S(""));
    publish(fixture, "d", "{\"default\":{\"title\":\"Cadastre ecole\"}}");
    check_text("new words", find_in(fixture, "cadaster ecole", fuzzy), S("d "));
}

static void test_changes(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    str uid;
    publish_three(fixture);
    publish(fixture, "b", "{\"default\":{\"title\":\"Trams\"}}");
    check_text("old word", find(fixture, "transport"), S(""));
    check_text("new word", find(fixture, "trams"), S("b "));
    check_ok("describe", scope,
             catalog_describe(scope, fixture->catalog, S("b"),
                              S("{\"default\":{\"title\":\"Metro\"}}"), &schema, 0));
    check_text("described", find(fixture, "metro"), S("b "));
    check_text("before", find(fixture, "trams"), S(""));
    check_ok("remove", scope, catalog_remove(scope, fixture->catalog, S("b"), &uid));
    check_text("removed", find(fixture, "metro"), S(""));
}

static void test_a_missing_index_is_made(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    struct db_lease *lease;
    publish_three(fixture);
    check_ok("begin", scope, db_begin(scope, catalog_database(fixture->catalog), &lease));
    check_ok("drop", scope,
             db_script(scope, lease, "drop table search; delete from state where key = 'search_format'"));
    check_ok("commit", scope, db_commit(scope, lease));
    db_release(lease);
    catalog_close(fixture->catalog);
    open_catalog(fixture);
    check_text("made", find(fixture, "ecole"), S("a b c "));
}

static void test_expressions(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    struct search_options whole = {0};
    static const char *const hostile[] = {
        "\"", "a\" OR \"b", "NEAR(a b)", "title:x", "-x", "^x", "a AND", "{title} : x", "a + b",
        "x' OR 1=1 --", "(((", "*", "\xf0\x9f\x98\x80", "OR", "NOT", "\"\"*",
    };
    str expression;
    for (size_t i = 0; i < ARRAY_LENGTH(hostile); i++) {
        check_text(hostile[i], find(fixture, hostile[i]), S(""));
    }
    check_ok("plain", scope, search_expression(scope, S("tram"), &whole, &expression));
    assert_true(str_starts(expression, S("((\"tram\"")));
    check_ok("none", scope, search_expression(scope, S(" . "), &whole, &expression));
    assert_int_equal(expression.n, 0);
    struct buf many = {0};
    for (int i = 0; i < 100; i++) {
        buf_printf(&many, "w%d ", i);
    }
    check_int("many", search_expression(scope, buf_str(&many), &whole, &expression), ERR_USAGE);
    check_failure("many", scope, ERR_USAGE, "words");
    buf_done(&many);
}

static void test_html(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        str html, plain;
    } cases[] = {
        {S("a<br>b"), S("a b")},       {S("<p class=\"x\">a</p>"), S(" a ")},
        {S("1 < 2 > 0"), S("1 < 2 > 0")}, {S("&Eacute;t&eacute;"), S("Ete")},
        {S("a&nbsp;b&#233;"), S("a bé")}, {S("a & b; c"), S("a   c")},
        {S("&Oslash;&oslash;&Aring;"), S("ØøA")}, {S("&#xE9;&#Xe8;&szlig;&OElig;"), S("éèßŒ")}, {S("a&#39;b&#x2019;c"), S("a'b’c")},
        {S("&#0;&#xD800;&#x110000;&#;&#x;&#12a;&#xg;"), S("       ")},
        {S("&#1114111;|&#99999999;"), S("\U0010ffff| ")},
        {S("<"), S("<")},              {S("a<b"), S("a ")},
        {S("&"), S("&")},              {S(""), S("")},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        check_text(cases[i].html.p, search_plain(&fixture->scope.arena, cases[i].html),
                   cases[i].plain);
    }
}

/* It takes a minute when each looks for the end of a reference up to the end of the text. */
static void test_html_of_many_ampersands(void **state)
{
    struct fixture *fixture = *state;
    struct buf html = {0};
    memset(buf_reserve(&html, 3000000), '&', 3000000);
    html.n = 3000000;
    usec begin = clock_monotonic();
    assert_int_equal(search_plain(&fixture->scope.arena, buf_str(&html)).n, html.n);
    assert_true(clock_monotonic() - begin < 10 * USEC_SECOND);
    buf_done(&html);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(test_words),   CASE(test_options), CASE(test_fuzzy),
                                       CASE(test_changes), CASE(test_a_missing_index_is_made),
                                       CASE(test_expressions), CASE(test_html),
                                       CASE(test_html_of_many_ampersands)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
