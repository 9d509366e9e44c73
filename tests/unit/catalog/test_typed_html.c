/* Descriptions as they are typed and as they are stored. */
#include "../check.h"
#include "../one_scope.h"

#include "domain/catalog/typed_html.h"

static void becomes_paragraphs(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"  \n ", ""},
        {"one", "<p>one</p>"},
        {" one\r\ntwo ", "<p>one\ntwo</p>"},
        {"one\n\ntwo", "<p>one</p><p>two</p>"},
        {"one\r\n\r\n \r\n\r\ntwo\n", "<p>one</p><p>two</p>"},
        {"one\n  two", "<p>one\n  two</p>"},
        {"R&D > 5 & 6", "<p>R&amp;D &gt; 5 &amp; 6</p>"},
        {"caf&eacute;\n\n&#233;", "caf&eacute;\n\n&#233;"},
        {"a <b>word</b>\n\nmore", "a <b>word</b>\n\nmore"},
        {"&; &# &#; &a", "<p>&amp;; &amp;# &amp;#; &amp;a</p>"}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str html = typed_html(&scope.arena, str_from(cases[i][0]));
        if (!str_eq(html, str_from(cases[i][1]))) {
            print_error("%s: %.*s\n", cases[i][0], STR_ARG(html));
            assert_true(false);
        }
    }
}

static void paragraphs_are_lines_again(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"<p>one</p>", "one"},
        {" <p>one</p>\n<p> two\nlines </p> ", "one\n\ntwo\nlines"},
        {"<p>R&amp;D &gt; 5</p>", "R&D > 5"},
        {"<p></p>", ""}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str text = typed_text(&scope.arena, str_from(cases[i][0]));
        if (!str_eq(text, str_from(cases[i][1]))) {
            print_error("%s: %.*s\n", cases[i][0], STR_ARG(text));
            assert_true(false);
        }
    }
}

/* What lines cannot say stays HTML. */
static void other_html_stays(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "plain", "<p>one", "<p>one</p>two", "two<p>one</p>", "<p>a <b>word</b></p>", "<p>a<p>b</p>", "<p class=\"x\">a</p>",
        "<P>a</P>", "<p>caf&eacute;</p>", "<p>&lt;b&gt;</p>", "<p>&amp;eacute;</p>", "<p>a & b</p>", "<ul><li>a</li></ul>"};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_true(str_eq(typed_text(&scope.arena, str_from(cases[i])), str_from(cases[i])));
    }
}

/* Saving what is shown again changes nothing, whatever was typed. */
static void survives_both_ways(void **state)
{
    (void)state;
    static const char letters[] = "ab &;#<>/p\n\r\t";
    unsigned seed = 7;
    for (size_t round = 0; round < 20000; round++) {
        char text[24];
        size_t n = round % sizeof(text);
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1103515245u + 12345u;
            text[i] = letters[(seed >> 16) % (sizeof(letters) - 1)];
        }
        str html = typed_html(&scope.arena, (str){text, n});
        str shown = typed_text(&scope.arena, html);
        str again = typed_html(&scope.arena, shown);
        str shown_again = typed_text(&scope.arena, again);
        if (!str_eq(shown, shown_again)) {
            print_error("%.*s: shown as %.*s, then as %.*s\n", (int)n, text, STR_ARG(shown), STR_ARG(shown_again));
            assert_true(false);
        }
        if (str_starts(html, S("<p>")) && !memchr(text, '<', n) && !str_eq(html, again)) {
            print_error("%.*s: stored as %.*s, then as %.*s\n", (int)n, text, STR_ARG(html), STR_ARG(again));
            assert_true(false);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(becomes_paragraphs, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(paragraphs_are_lines_again, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(other_html_stays, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(survives_both_ways, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
