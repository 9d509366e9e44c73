#include "shapes.h"

#define MOMENT ((usec)1767601800 * USEC_SECOND) /* 2026-01-05T08:30:00Z */

static struct tag ada_tags[] = {{S("x"), false}, {S("y"), true}};
static struct person people[] = {
    {S("Ada"), S("a"), 1, true, {ada_tags, 2}},
    {S("Bo"), S("b"), 2, false, {NULL, 0}},
};

static struct all sample(void)
{
    return (struct all){.text = S("T"),
                        .url = S("/u?a=1&b=2"),
                        .name = S("N"),
                        .role = S("editor"),
                        .count = 1234,
                        .id = 1234,
                        .total = 3,
                        .amount = 2,
                        .yes = true,
                        .day = MOMENT,
                        .moment = MOMENT,
                        .note = MSG_TEST_PLAIN,
                        .body = {S("<b>&amp;</b>")},
                        .people = {people, 2}};
}

static str render_in(const char *code, const struct all *data, const char *text)
{
    struct tpl *tpl = NULL;
    check_ok(text, &scope, compile(str_from(text), &tpl));
    struct html html = tpl_html(&scope, tpl, &page_binding, language_exact(str_from(code)), data);
    tpl_close(tpl);
    return html.text;
}

static void check(const struct all *data, const char *text, const char *expected)
{
    check_text(text, render_in("en", data, text), str_from(expected));
}

static void test_types(void **state)
{
    (void)state;
    struct all data = sample();
    check(&data, "{{text}} {{ name }} {{url}}", "T N /u?a=1&amp;b=2");
    check(&data, "{{count}} {{id}}", "1,234 1234");
    check_text("fr", render_in("fr", &data, "{{count}} {{id}}"), S("1\u202f234 1234"));
    check(&data, "{{body}}", "<b>&amp;</b>");
    check(&data, "{{note}}", "It&#39;s &quot;here&quot; &amp; there: {a} &lt; b");
    check(&data, "{{moment}}", "Jan 5, 2026, 8:30\u202fAM UTC");
    data.moment = 0;
    data.note = MESSAGE_NONE;
    data.id = INT64_MIN;
    check(&data, "[{{moment}}][{{note}}][{{id}}]", "[][][-9223372036854775808]");
}

static void test_escapes(void **state)
{
    (void)state;
    struct all data = sample();
    data.text = S("<script>\"'&`</script>");
    check(&data, "{{text}}", "&lt;script&gt;&quot;&#39;&amp;`&lt;/script&gt;");
    check(&data, "<p a=\"{{text}}\" b='{{text}}'>",
          "<p a=\"&lt;script&gt;&quot;&#39;&amp;`&lt;/script&gt;\" "
          "b='&lt;script&gt;&quot;&#39;&amp;`&lt;/script&gt;'>");
    check(&data, "<title>{{text}}</title>",
          "<title>&lt;script&gt;&quot;&#39;&amp;`&lt;/script&gt;</title>");
    check(&data, "<a href=\"/{{text}}?{{text}}\">",
          "<a "
          "href=\"/"
          "%3Cscript%3E%22%27%26%60%3C%2Fscript%3E?%3Cscript%3E%22%27%26%60%3C%2Fscript%3E\">");
    data.text = S("a\0b\xff<\xc3\xa9\xe2\x82\xf0\x9f\x98\x80\xed\xa0\x80\xc0\xbc");
    check(&data, "{{text}}", "a\ufffdb\ufffd&lt;é\ufffd\ufffd😀\ufffd\ufffd\ufffd\ufffd\ufffd");
    check(&data, "<a href=\"/?{{text}}\">",
          "<a href=\"/?a%00b%FF%3C%C3%A9%E2%82%F0%9F%98%80%ED%A0%80%C0%BC\">");
    data.text = STR_NONE;
    check(&data, "[{{text}}]<a href=\"/{{text}}/x/{{text}}?{{text}}\">",
          "[]<a href=\"/%EF%BF%BD/x/%EF%BF%BD?\">");
    data.text = S("..");
    check(&data, "<a href=\"/a/{{text}}/?{{text}}\">", "<a href=\"/a/%EF%BF%BD/?..\">");
    data.text = S(".");
    check(&data, "<a href=\"/{{text}}{{text}}/\">", "<a href=\"/%EF%BF%BD%EF%BF%BD/\">");
    data.text = S("...");
    check(&data, "<a href=\"/{{text}}\">", "<a href=\"/...\">");
}

static void test_long_values(void **state)
{
    (void)state;
    struct all data = sample();
    size_t n = 4 << 20;
    char *long_text = malloc(n);
    memset(long_text, '<', n);
    data.text = (str){long_text, n};
    str out = render_in("en", &data, "[{{text}}]");
    assert_int_equal(out.n, n * 4 + 2);
    assert_int_equal(str_find_char(out, '<', 0), SIZE_MAX);
    long_text[n - 1] = (char)0xff;
    out = render_in("en", &data, "[{{text}}]");
    assert_int_equal(out.n, (n - 1) * 4 + 3 + 2);
    free(long_text);
}

static void check_url(const char *given, const char *expected)
{
    struct all data = sample();
    data.url = str_from(given);
    str attribute = render_in("en", &data, "<a href=\"{{url}}\">{{url}}</a>");
    check_text(given, attribute,
               str_printf(&scope.arena, "<a href=\"%s\">%s</a>", expected, expected));
}

static void test_urls(void **state)
{
    (void)state;
    static const char *const safe[] = {"",      "/",        "/a/b?c=d#e",     "?a",
                                       "#a",    "http://h", "https://h/",     "HTTPS://h:1/é",
                                       "/a//b", "/a:b",     "?u=javascript:x",
                                       "mailto:a@b", "MAILTO:a@b?subject=x"};
    static const char *const unsafe[] = {"javascript:alert(1)",
                                         "JaVaScRiPt:x",
                                         " javascript:x",
                                         "java\tscript:x",
                                         "\x01javascript:x",
                                         "data:text/html,x",
                                         "vbscript:x",
                                         "mailto:",
                                         "mail\tto:a@b",
                                         "ftp://h",
                                         "//h",
                                         "///h",
                                         "/\\h",
                                         "\\\\h",
                                         "/\t/h",
                                         "/\n/h",
                                         "http:h",
                                         "http:/h",
                                         "http://",
                                         "https:///h",
                                         "http:\\\\h",
                                         "a",
                                         "a/b",
                                         ":",
                                         "/a b",
                                         "/a\x7f",
                                         "blob:http://h",
                                         "http",
                                         "https:"};
    for (size_t i = 0; i < ARRAY_LENGTH(safe); i++) {
        check_url(safe[i], safe[i]);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(unsafe); i++) {
        check_url(unsafe[i], "#");
    }
    check_url("/a?b&c=\"'<>", "/a?b&amp;c=&quot;&#39;&lt;&gt;");
    struct all data = sample();
    data.url = S("https://h/?a=b&c");
    check(&data, "<a href=\"/in?next={{url}}&amp;x={{id}}\">",
          "<a href=\"/in?next=https%3A%2F%2Fh%2F%3Fa%3Db%26c&amp;x=1234\">");
    data.url = S("javascript:x");
    check(&data, "<p data-u=\"{{url}}\">", "<p data-u=\"#\">");
}

static void test_sections(void **state)
{
    (void)state;
    struct all data = sample();
    check(&data, "{{#yes}}a{{/yes}}{{^yes}}b{{/yes}}{{#no}}c{{/no}}{{^no}}d{{/no}}", "ad");
    check(&data,
          "{{#text}}a{{/text}}{{#count}}b{{/count}}{{#moment}}c{{/moment}}{{#note}}d{{/"
          "note}}{{#body}}e{{/body}}{{#url}}f{{/url}}",
          "abcdef");
    check(&data, "{{#none}}a{{/none}}{{^none}}b{{/none}}{{^people}}c{{/people}}", "b");
    check(&data, "{{#people}}{{name}}:{{id}}:{{text}} {{/people}}", "Ada:1:T Bo:2:T ");
    check(&data,
          "{{#people}}{{name}}({{#tags}}{{name}}{{code}}{{text}}{{^last}},{{/last}}{{/"
          "tags}}{{^tags}}none{{/tags}}) {{/people}}{{name}}",
          "Ada(xaT,yaT) Bo(none) N");
    check(&data, "{{#people}}<option value=\"{{code}}\"{{#chosen}} selected{{/chosen}}>{{/people}}",
          "<option value=\"a\" selected><option value=\"b\">");
    check(&data, "{{#people}}{{#yes}}{{>part/name}}{{/yes}}{{/people}}", "<i>Ada</i><i>Bo</i>");
    check(&data, "<a href=\"/p{{#people}}/{{name}}{{/people}}{{#yes}}?n={{name}}{{/yes}}\">",
          "<a href=\"/p/Ada/Bo?n=N\">");
    data.text = data.url = STR_NONE;
    data.count = 0;
    data.day = 0;
    data.note = MESSAGE_NONE;
    data.body.text = STR_NONE;
    check(&data,
          "{{#text}}a{{/text}}{{#count}}b{{/count}}{{#day}}c{{/day}}{{#note}}d{{/"
          "note}}{{#body}}e{{/body}}{{^url}}f{{/url}}",
          "f");
}

static void test_lines(void **state)
{
    (void)state;
    struct all data = sample();
    check(&data, "a\n{{#yes}}\nb\n{{/yes}}\nc\n", "a\nb\nc\n");
    check(&data, "a\n  {{#yes}}  \r\nb\n\t{{/yes}}", "a\nb\n");
    check(&data, "{{! a\n b }}\nc", "c");
    check(&data, "a {{! b }}\nc", "a \nc");
    check(&data, "  {{name}}\n", "  N\n");
    check(&data, "{{#yes}} {{/yes}}\n", " \n");
    check(&data, "{{#yes}}\n\n{{/yes}}\n", "\n");
    check(&data, "  {{>part/name}}\nx", "<i>N</i>x");
    check(&data, "<input\n    {{#yes}}\n    checked\n    {{/yes}}\n>", "<input\n    checked\n>");
    check(&data, "{{#no}}\n{{/no}}\n{{#yes}}\n{{/yes}}\n", "");
}

static void test_messages(void **state)
{
    (void)state;
    struct all data = sample();
    data.name = S("<A&\">");
    data.count = 2;
    check(&data, "{{_test.sessions}}", "2 sessions");
    check(&data, "<p aria-label=\"{{_test.invited}}\">",
          "<p aria-label=\"&lt;A&amp;&quot;&gt; and 1 other come\">");
    check(&data, "{{_test.plain}}", "It&#39;s &quot;here&quot; &amp; there: {a} &lt; b");
    check(&data, "{{_test.role}} {{_test.amount}}", "Writes 2 of 3");
    check_text("fr", render_in("fr", &data, "{{_test.welcome}}"),
               S("Le 5 janv. 2026 (5 janv. 2026, 08:30 UTC), &lt;A&amp;&quot;&gt; était ici"));
    check_text("fr", render_in("fr", &data, "{{#people}}{{_test.welcome}};{{/people}}"),
               S("Le 5 janv. 2026 (5 janv. 2026, 08:30 UTC), Ada était ici;"
                 "Le 5 janv. 2026 (5 janv. 2026, 08:30 UTC), Bo était ici;"));
    data.name = S("{count} # '{'");
    check(&data, "{{_test.invited}}", "{count} # &#39;{&#39; and 1 other come");
    data.count = INT64_MAX;
    check(&data, "{{_test.sessions}}", "9,223,372,036,854,775,807 sessions");
}

struct embedded {
    str language;
    str title;
    struct tpl_list people;
};

/* Templates that were embedded at build; several pages at once. */
static void test_embedded(void **state)
{
    (void)state;
    static const struct tpl_member members[] = {TPL_TEXT(struct embedded, language),
                                                TPL_TEXT(struct embedded, title),
                                                TPL_LIST(struct embedded, people, person_struct)};
    static const struct tpl_struct shape = TPL_STRUCT(struct embedded, members);
    static const struct tpl_binding bindings[] = {
        {"page", &shape}, {"part/foot", &shape}, {"part/person", &person_struct}};
    static const struct tpl_binding *const all[] = {&bindings[2], &bindings[0], &bindings[1]};
    struct embedded data = {S("en"), S("A"), {people, 2}};
    struct tpl *tpl = NULL;
    check_ok("open", &scope, tpl_open(&scope, all, ARRAY_LENGTH(all), &tpl));
    check_text("page", tpl_html(&scope, tpl, &bindings[0], 1, &data).text,
               S("<!DOCTYPE html>\n<html lang=\"en\">\n<title>A \"?\\</title>\n<ul>\n"
                 "    <li><b title=\"é\">Ada</b></li>\n    <li><b title=\"é\">Bo</b></li>\n</ul>\n"
                 "<p>A</p>\n</html>\n"));
    check_text("foot", tpl_html(&scope, tpl, &bindings[1], 1, &data).text, S("<p>A</p>\n"));
    struct buf out = {0};
    buf_add(&out, S("x"));
    tpl_render(&scope, tpl, &bindings[2], 0, &people[1], &out);
    check_text("person", buf_str(&out), S("x<b title=\"é\">Bo</b>"));
    buf_done(&out);
    tpl_close(tpl);
    tpl_close(NULL);
}

static void render_unknown(void)
{
    static const struct tpl_binding other = {"page", &all_struct};
    struct tpl *tpl = NULL;
    struct all data = sample();
    if (compile(S("x"), &tpl) == ERR_OK) {
        tpl_html(&scope, tpl, &other, 0, &data);
    }
}

static void test_unknown_binding_aborts(void **state)
{
    (void)state;
    check_aborts("another binding", render_unknown);
}

static int start(void **state)
{
    (void)state;
    messages_start();
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_types, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_escapes, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_long_values, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_urls, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_sections, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_lines, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_messages, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_embedded, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_unknown_binding_aborts, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
