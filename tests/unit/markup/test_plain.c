#include "check.h"
#include "one_scope.h"

#include "base/utf8.h"
#include "platform/markup/sanitize.h"

static void test_text(void **state)
{
    static const struct {
        str html, expected;
    } cases[] = {
        {S("<p>One&nbsp;&amp;\n two</p><br>3 < 4 &lt; 5"), S("One & two 3 < 4 < 5")},
        {S("<p>One</p><p>Two</p>"), S("One Two")},
        {S("<b>bo</b>ld, <em>lean</em>ing"), S("bold, leaning")},
        {S("&#65;&#x42;&#0;&#xD800;&#1114112;&#999999999;&bad;&"), S("AB&bad;&")},
        {S("&eacute;&#233;&#xE9;&euro;&#128;"), S("\xc3\xa9\xc3\xa9\xc3\xa9\xe2\x82\xac\xe2\x82\xac")},
        {S("a<script>alert('</p>')</script><style>b{}</style>c"), S("ac")},
        {S("<title>T</title>x<a title='<b>not this'>y</a>"), S("xy")},
        {S("<!-- x > y -->z<!---->w"), S("zw")},
        {S("<!-- x --><b"), S("")},
        {S("a<"), S("a<")},
        {S("caf\xc3\xa9 \xff\0."), S("caf\xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd.")},
        {S(""), S("")},
        {S(" \n "), S("")}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str exact = exact_copy(cases[i].html);
        check_text(cases[i].html.p, markup_plain(&scope.arena, exact, SIZE_MAX), cases[i].expected);
        exact_free(exact);
    }
    check_text("nothing", markup_plain(&scope.arena, STR_NONE, 10), S(""));
}

static void test_cut(void **state)
{
    str html = S("<p>The lamps of the town of <b>Valdoria</b></p>");
    (void)state;
    check_text("enough", markup_plain(&scope.arena, html, 34), S("The lamps of the town of Valdoria"));
    check_text("at a word", markup_plain(&scope.arena, html, 20), S("The lamps of the\xe2\x80\xa6"));
    check_text("between words", markup_plain(&scope.arena, html, 19), S("The lamps of the\xe2\x80\xa6"));
    check_text("one word", markup_plain(&scope.arena, S("Donaudampfschifffahrt"), 10), S("Donauda\xe2\x80\xa6"));
    check_text("no room", markup_plain(&scope.arena, html, 2), S(""));
    for (size_t most = 0; most < 40; most++) {
        str cut = markup_plain(&scope.arena, S("\xc3\xa9\xc3\xa9 \xe6\xbc\xa2\xe5\xad\x97 \xf0\x9f\x92\xa1 \xc3\xa9\xe6\xbc\xa2"), most);
        assert_true(cut.n <= most && utf8_is_valid(cut));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_text, open_scope, close_scope),
                                       cmocka_unit_test_setup_teardown(test_cut, open_scope, close_scope)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
