#include "check.h"
#include "one_scope.h"

#include "web/front/description.h"

static struct html shown(str text)
{
    struct call call = {.scope = &scope, .language = language_find(S("fr"))};
    return sanitized_html(&call, text);
}

static void test_html(void **state)
{
    (void)state;
    check_text("html", shown(S("<h1 onclick=x>A</h1><script>x</script>b")).text, S("<h3>A</h3><p>b</p>"));
    check_text("text", shown(S("a & b\n\nc")).text, S("<p>a &amp; b</p><p>c</p>"));
    check_text("table", shown(S("<table><td>a")).text,
               S("<div class=\"table-scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Tableau\">"
                 "<table><tbody><tr><td>a</td></tr></tbody></table></div>"));
    check_text("nothing", shown(STR_NONE).text, S(""));
}

/* What is too large is shown all the same, without its markup and not to its end. */
static void test_too_large(void **state)
{
    struct buf html cleanup_with(buf_cleanup) = {0};
    (void)state;
    buf_add(&html, S("<b>a &amp; &lt;script&gt; "));
    while (html.n < (2u << 20)) {
        buf_add(&html, S("word "));
    }
    str text = shown(buf_str(&html)).text;
    assert_true(str_starts(text, S("<p>a &amp; &lt;script&gt; word ")));
    assert_true(str_ends(text, S("word\xe2\x80\xa6</p>")));
    assert_true(text.n < (20u << 10));
    assert_int_equal(scope.failure.code, ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_html, open_scope, close_scope),
                                       cmocka_unit_test_setup_teardown(test_too_large, open_scope, close_scope)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
