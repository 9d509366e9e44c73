/* What is refused when a template is compiled, with its place, and what is not. */
#include "shapes.h"

struct refusal {
    const char *text;
    const char *expected; /* in the failure */
};

static void check_refusals(const struct refusal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct tpl *tpl = NULL;
        str text = exact_copy(str_from(rows[i].text));
        enum err result = compile(text, &tpl);
        if (result == ERR_OK) {
            tpl_close(tpl);
            print_error("'%s' was accepted\n", rows[i].text);
        }
        assert_int_equal(result, ERR_INTERNAL);
        check_failure(rows[i].text, &scope, ERR_INTERNAL, rows[i].expected);
        exact_free(text);
    }
}

static void test_places_of_nothing(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {"<p title={{name}}>", "page.html:1:10: the attribute's value must be in quotes: name"},
        {"<p title= {{name}}>", "1:11: the attribute's value must be in quotes"},
        {"<p title=a{{name}}>", "must be in quotes"},
        {"<p title={{_test.plain}}>", "must be in quotes"},
        {"<p title={{#yes}}\"a\"{{/yes}}>", "must be in quotes"},
        {"<{{name}}>", "1:2: nothing can stand behind <"},
        {"</{{name}}>", "nothing can stand behind <"},
        {"<p{{name}}>", "a value in a tag can only stand in a quoted"},
        {"<p {{name}}>", "a value in a tag can only stand in a quoted"},
        {"<p a{{name}}=\"\">", "a value in a tag can only stand in a quoted"},
        {"<p a {{name}}>", "a value in a tag can only stand in a quoted"},
        {"<p a=\"\"{{name}}>", "a value in a tag can only stand in a quoted"},
        {"<p {{body}}>", "TPL_HTML can only stand in text"},
        {"<p title=\"{{body}}\">", "TPL_HTML can only stand in text"},
        {"<title>{{body}}</title>", "TPL_HTML can only stand in text"},
        {"</p {{name}}>", "nothing can stand in an end tag"},
        {"</p title=\"{{name}}\">", "nothing can stand in an end tag"},
        {"<script>{{name}}</script>", "1:9: nothing can stand in a script"},
        {"<SCRIPT type=\"a\">var a = \"{{name}}\"</SCRIPT>", "nothing can stand in a script"},
        {"<script>{{#yes}}1{{/yes}}</script>", "nothing can stand in a script"},
        {"<script></scrip>{{name}}", "nothing can stand in a script"},
        {"<script></scriptx>{{name}}", "nothing can stand in a script"},
        {"<script/>{{name}}", "nothing can stand in a script"},
        {"<script>{{>part/name}}</script>", "can only stand in text"},
        {"<script><!--</script>", "<! cannot be written"},
        {"<style>a{b:{{name}}}</style>", "nothing can stand in a script"},
        {"<iframe>{{name}}</iframe>", "nothing can stand in a script"},
        {"<xmp>{{name}}</xmp>", "nothing can stand in a script"},
        {"<plaintext>{{name}}", "nothing can stand in a script"},
        {"<!-- {{name}} -->", "nothing can stand in an HTML comment"},
        {"<!-- -- > {{name}} -->", "nothing can stand in an HTML comment"},
        {"<!--{{#yes}}a{{/yes}}-->", "nothing can stand in an HTML comment"},
        {"<!doctype {{name}}>", "nothing can stand behind <"},
        {"<!{{name}}>", "nothing can stand behind <"},
        {"<!-{{name}}", "nothing can stand behind <"},
        {"<?x {{name}}>", "nothing can stand behind <"},
        {"<!--> -->", "a comment cannot begin with >"},
        {"<!---> -->", "a comment cannot begin with >"},
        {"<!-- --!> -->", "a comment cannot have --!"},
        {"<!-x-->", "-- is expected"},
        {"<title></title{{name}}>", "nothing can stand in an end tag"},
        {"<title><b></title>", "write &lt; for <"},
        {"<textarea><a href=\"{{name}}\">", "write &lt; for <"},
        {"a < b", "1:4: write &lt; for <"},
        {"<p a=\"1\"b=\"2\">", "a blank is missing"},
        {"<p =\"1\">", "cannot begin an attribute"},
        {"<p \"1\">", "cannot begin an attribute"},
        {"<p a\"1\">", "cannot be in the name"},
        {"<p a=>", "a value is expected"},
        {"<p a==>", "a value is expected"},
        {"<p a=b\"c>", "only possible in a quoted"},
        {"<p", "1:3: the file ends inside a tag"},
        {"<p a=\"", "the file ends inside a tag"},
        {"<!--", "the file ends inside a tag"},
        {"<script>", "the file ends inside a tag"},
        {"<title>", "the file ends inside a tag"},
    };
    check_refusals(rows, ARRAY_LENGTH(rows));
}

static void test_attributes_without_values(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {"<p onclick=\"{{name}}\">", "this attribute cannot have values: name"},
        {"<p ONanything=\"a{{id}}\">", "this attribute cannot have values"},
        {"<p style='{{name}}'>", "this attribute cannot have values"},
        {"<p style=\"{{_test.plain}}\">", "this attribute cannot have values"},
        {"<iframe srcdoc=\"{{name}}\"></iframe>", "this attribute cannot have values"},
        {"<img srcset=\"{{url}}\">", "this attribute cannot have values"},
        {"<set to=\"{{name}}\">", "this attribute cannot have values"},
        {"<meta http-equiv=\"{{name}}\">", "this attribute cannot have values"},
        {"<meta http-equiv=\"refresh\" content=\"{{name}}\">", "http-equiv"},
        {"<meta content=\"{{name}}\" http-equiv=\"refresh\">", "http-equiv"},
        {"<meta {{#yes}}http-equiv=\"refresh\"{{/yes}} content=\"{{name}}\">", "http-equiv"},
        {"<p title=\"{{yes}}\">", "a bool or list has no text"},
        {"{{yes}}", "a bool or list has no text; use a section: yes"},
        {"{{people}}", "a bool or list has no text"},
    };
    check_refusals(rows, ARRAY_LENGTH(rows));
}

static void test_addresses(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {"<a href=\"{{name}}\">", "an address must begin with a literal path or be TPL_URL"},
        {"<a href=\"{{id}}\">", "an address must begin"},
        {"<a href=\"{{count}}\">", "an address must begin"},
        {"<a href=\"{{_test.plain}}\">", "an address must begin"},
        {"<a href='{{note}}'>", "an address must begin"},
        {"<form action=\"{{name}}\">", "an address must begin"},
        {"<button formaction=\"{{name}}\">", "an address must begin"},
        {"<img src=\"{{name}}\">", "an address must begin"},
        {"<object data=\"{{name}}\">", "an address must begin"},
        {"<use xlink:href=\"{{name}}\">", "an address must begin"},
        {"<a href=\"/{{count}}\">", "an address takes TPL_TEXT and TPL_NUMBER"},
        {"<a href=\"/{{moment}}\">", "an address takes TPL_TEXT and TPL_NUMBER"},
        {"<a href=\"/{{_test.plain}}\">", "an address takes TPL_TEXT and TPL_NUMBER"},
        {"<a href=\"/{{url}}\">", "TPL_URL stands at the start"},
        {"<a href=\"/a/{{url}}\">", "TPL_URL stands at the start"},
        {"<a href=\"//{{name}}\">", "could change scheme or host"},
        {"<a href=\"//h{{name}}/\">", "could change scheme or host"},
        {"<a href=\"/\\{{name}}\">", "could change scheme or host"},
        {"<a href=\"/\t/{{name}}\">", "could change scheme or host"},
        {"<a href=\"/&#47;{{name}}\">", "could change scheme or host"},
        {"<a href=\" /{{name}}\">", "could change scheme or host"},
        {"<a href=\"\n{{name}}\">", "could change scheme or host"},
        {"<a href=\"&#106;{{name}}\">", "could change scheme or host"},
        {"<a href=\"java{{name}}\">", "could change scheme or host"},
        {"<a href=\"javascript:{{name}}\">", "could change scheme or host"},
        {"<a href=\"javascript:a/{{name}}\">", "could change scheme or host"},
        {"<a href=\"verylongscheme:a/{{name}}\">", "could change scheme or host"},
        {"<a href=\"data:text/html,?{{name}}\">", "could change scheme or host"},
        {"<a href=\"data:,#{{name}}\">", "could change scheme or host"},
        {"<a href=\"http:{{name}}\">", "could change scheme or host"},
        {"<a href=\"http:/{{name}}\">", "could change scheme or host"},
        {"<a href=\"https://{{name}}/\">", "could change scheme or host"},
        {"<a href=\"https://h{{name}}/\">", "could change scheme or host"},
        {"<a href=\"http:///{{name}}\">", "could change scheme or host"},
        {"<a href=\"https:///a/{{name}}\">", "could change scheme or host"},
        {"<a href=\"///{{name}}\">", "could change scheme or host"},
        {"<a href=\"//?{{name}}\">", "could change scheme or host"},
        {"<a href=\"https://{{#yes}}h{{/yes}}/{{name}}\">", "could change scheme or host"},
        {"<a href=\"httpx://h/{{name}}\">", "could change scheme or host"},
        {"<a href=\"{{url}}{{name}}\">", "could change scheme or host"},
        {"<a href=\"{{url}}{{url}}\">", "could change scheme or host"},
        {"<a href=\"{{url}}/{{name}}\">", "could change scheme or host"},
        {"<a href=\"{{#yes}}/a{{/yes}}{{name}}\">", "could change scheme or host"},
        {"<a href=\"{{#yes}}/{{/yes}}{{url}}\">", "could change scheme or host"},
        {"<a href=\"/{{#yes}}{{name}}{{/yes}}/{{id}}\">", "could change scheme or host"},
        {"<a href=\"{{#people}}{{url}}{{/people}}\">", "could change scheme or host"},
        {"<a href=\"/a{{#yes}}?{{/yes}}{{url}}\">", "TPL_URL stands at the start"},
    };
    check_refusals(rows, ARRAY_LENGTH(rows));
}

static void test_sections_and_names(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {"\n\n  {{nane}}", "page.html:3:3: no struct in scope has the member: nane"},
        {"{{#nane}}{{/nane}}", "no struct in scope has the member"},
        {"{{#people}}{{tag}}{{/people}}", "no struct in scope has the member"},
        {"{{#people}}{{/people}}{{code}}", "no struct in scope has the member"},
        {"{{^people}}{{code}}{{/people}}", "no struct in scope has the member"},
        {"{{#yes}}", "1:1: the section does not end: yes"},
        {"{{/yes}}", "no open section has this name"},
        {"{{#yes}}{{#no}}{{/yes}}{{/no}}", "1:16: no open section has this name: yes"},
        {"{{#yes}}<p {{/yes}}", "a section must end where it began"},
        {"<p {{#yes}}>{{/yes}}", "a section must end where it began"},
        {"<p {{#yes}}></p {{/yes}}>", "a section must end where it began"},
        {"<script {{#yes}}></script {{/yes}}>{{name}}", "a section must end where it began"},
        {"<p {{#yes}}><q {{/yes}}>", "a section must end where it began"},
        {"<p {{#yes}}a=\"{{/yes}}\">", "a section must end where it began"},
        {"<p a=\"{{#yes}}\"{{/yes}}>", "a section must end where it began"},
        {"<p a=\"{{#yes}}\" b=\"{{/yes}}\">", "a section must end where it began"},
        {"<p a=\"{{#yes}}\" b='{{/yes}}'>", "a section must end where it began"},
        {"<p {{#yes}}a={{/yes}}>", "a section must end where it began"},
        {"{{#yes}}<script>{{/yes}}", "a section must end where it began"},
        {"{{#yes}}<title>{{/yes}}", "a section must end where it began"},
        {"<title>{{#yes}}</title>{{/yes}}", "a section must end where it began"},
        {"{{#yes}}<!--{{/yes}}-->", "a section must end where it began"},
        {"<p{{#yes}}q{{/yes}}>", "a blank is missing"},
        {"<p a{{#yes}}b{{/yes}}>", "a blank is missing"},
        {"<p a=\"\"{{#yes}}b{{/yes}}>", "a blank is missing"},
        {"<p {{#yes}}a{{/yes}}b>", "a blank is missing"},
        {"<p {{#yes}}a{{/yes}}=\"b\">", "a blank is missing"},
        {"<p {{#people}}a=\"{{name}}\"{{/people}}>", "a blank is missing"},
        {"{{_no.such}}", "i18n/en.json does not have the message: no.such"},
        {"{{#people}}{{_test.plain}}{{/people}}{{_test.plai}}", "does not have the message"},
        {"{{name", "1:1: {{ without }}"},
        {"{{}}", "the name of a member"},
        {"{{ }}", "the name of a member"},
        {"{{{name}}}", "the name of a member"},
        {"{{&name}}", "the name of a member"},
        {"{{=<% %>=}}", "the name of a member"},
        {"{{Name}}", "the name of a member"},
        {"{{a.b}}", "the name of a member"},
        {"{{na me}}", "the name of a member"},
        {"{{#}}", "the name of a member"},
        {"{{>}}", "the name of a template"},
        {"{{>../a}}", "the name of a template"},
        {"{{_}}", "the key of a message"},
        {"{{>part/none}}", "there is no such template: part/none"},
        {"<p a=\"{{>part/name}}\">", "another template can only stand in text"},
        {"<p {{>part/name}}>", "another template can only stand in text"},
        {"{{>part/open}}a>", "tpl/part/open.html:1:4: the file ends inside a tag"},
        {"x{{>part/a}}",
         "tpl/part/b.html:2:2: the template is part of itself: part/a (part of page)"},
        {"{{>page}}", "the template is part of itself"},
        {"{{>part/bad}}",
         "tpl/part/bad.html:2:7: the attribute's value must be in quotes: name (part of page)"},
        {"\xff", "the file is not UTF-8"},
    };
    check_refusals(rows, ARRAY_LENGTH(rows));
}

static void check_nesting(const char *open, const char *close, size_t depth, bool fits)
{
    struct buf text = {0};
    struct tpl *tpl = NULL;
    for (size_t i = 0; i < depth; i++) {
        buf_add(&text, str_from(open));
    }
    for (size_t i = 0; i < depth; i++) {
        buf_add(&text, str_from(close));
    }
    enum err result = compile(buf_str(&text), &tpl);
    if (fits) {
        check_ok(open, &scope, result);
        tpl_close(tpl);
    } else {
        check_failure(open, &scope, ERR_INTERNAL, "nested too deep");
    }
    buf_done(&text);
}

static void test_nesting_is_bounded(void **state)
{
    (void)state;
    check_nesting("{{#yes}}", "{{/yes}}", TPL_DEPTH_MOST, true);
    check_nesting("{{#yes}}", "{{/yes}}", TPL_DEPTH_MOST + 1, false);
    check_nesting("{{#yes}}", "{{/yes}}", 100000, false);
    check_nesting("{{#people}}", "{{/people}}", TPL_LEVELS_MOST - 1, true);
    check_nesting("{{#people}}", "{{/people}}", TPL_LEVELS_MOST, false);
}

struct odd {
    str count;
    str day;
    int64_t role;
};

static void test_types_of_message_arguments(void **state)
{
    (void)state;
    static const struct tpl_member members[] = {
        TPL_TEXT(struct odd, count), TPL_TEXT(struct odd, day), TPL_INT(struct odd, role)};
    static const struct tpl_struct shape = TPL_STRUCT(struct odd, members);
    static const struct tpl_binding binding = {"page", &shape};
    static const struct tpl_binding *const bindings[] = {&binding};
    static const struct refusal rows[] = {
        {"{{_test.sessions}}", "the member's type does not fit the message's argument: count"},
        {"{{_test.role}}", "the member's type does not fit the message's argument: role"},
        {"{{_test.rank}}", "no struct in scope has the message's argument: rank"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct tpl *tpl = NULL;
        struct tpl_source source = {"page", str_from(rows[i].text)};
        assert_int_equal(tpl_open_sources(&scope, &source, 1, bindings, 1, &tpl), ERR_INTERNAL);
        check_failure(rows[i].text, &scope, ERR_INTERNAL, rows[i].expected);
    }
    struct tpl *tpl = NULL;
    assert_int_equal(tpl_open_sources(&scope, NULL, 0, bindings, 1, &tpl), ERR_INTERNAL);
    check_failure("no file", &scope, ERR_INTERNAL, "tpl/page.html: there is no such template");
}

static void test_accepted(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "a { b } }} c",
        "<!doctype html><!-- a - -- b -->",
        "<!---->{{name}}",
        "<p title=\"{{name}}\" id='{{id}}'>",
        "<p\n\ta = \"{{name}}\"\n/>",
        "<P TITLE=\"{{_test.plain}}\">",
        "<a href=/x class=y>{{name}}</a>",
        "<script src=\"/a.js\" nonce=\"{{text}}\"></script >{{name}}",
        "<script>if (a < b && c </d/) {}</SCRIPT\n>{{name}}",
        "<style>a > b {}</style>{{name}}",
        "<title>{{name}}</title>{{body}}",
        "<textarea name=\"a\">{{text}}</textarea>",
        "<option value=\"{{text}}\"{{#yes}} selected{{/yes}}>",
        "<input{{#yes}} checked{{/yes}}>",
        "<input {{#yes}}checked{{/yes}}>",
        "<input {{#yes}}checked {{/yes}}disabled>",
        "<input a{{#yes}} b=\"{{name}}\"{{/yes}}{{^yes}} c{{/yes}} d>",
        "<input{{#people}} data-x=\"{{name}}\"{{/people}}>",
        "<p class=\"a{{#yes}} b{{/yes}}\">",
        "<p style=\"color:red\" onclick=\"a()\">",
        "<meta name=\"a\" content=\"{{text}}\">",
        "<meta http-equiv=\"refresh\" content=\"5\"><meta name=\"a\" content=\"{{text}}\">",
        "<a href=\"{{url}}\">",
        "<a href=\"{{url}}?a={{name}}&amp;b={{id}}#{{text}}\">",
        "<a href=\"{{url}}&amp;a={{name}}\">",
        "<a href=\"/users/{{id}}\">",
        "<a href=\"/{{name}}/{{id}}?next={{url}}\">",
        "<a href=\"?q={{name}}\">",
        "<a href=\"#{{name}}\">",
        "<a href=\"https://h.example/{{name}}\">",
        "<a href=\"HTTP://h?{{name}}\">",
        "<a href=\"//h.example/{{name}}\">",
        "<a href=\"a/{{name}}\">",
        "<a href=\"a?{{name}}\">",
        "<a href=\"verylongname/{{name}}\">",
        "<a href=\"/a{{#yes}}?q={{name}}{{/yes}}\">",
        "<a href=\"/a?b{{#yes}}&amp;q={{name}}{{/yes}}&amp;r={{url}}\">",
        "<a href=\"/a{{#people}}/{{id}}{{/people}}\">",
        "<a href=\"{{#yes}}/a{{/yes}}{{^yes}}/b{{/yes}}\">",
        "<a href=\"javascript:history.back()\">",
        "{{#people}}{{#tags}}{{name}}{{code}}{{text}}{{/tags}}{{/people}}",
        "{{>part/name}}{{#people}}{{>part/name}}{{/people}}",
        "{{#text}}{{/text}}{{#url}}{{/url}}{{#count}}{{/count}}{{#day}}{{/day}}{{#note}}{{/"
        "note}}{{#body}}{{/body}}{{^people}}{{/people}}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct tpl *tpl = NULL;
        str text = exact_copy(str_from(texts[i]));
        check_ok(texts[i], &scope, compile(text, &tpl));
        tpl_close(tpl);
        exact_free(text);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_places_of_nothing, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_attributes_without_values, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_addresses, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_sections_and_names, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_nesting_is_bounded, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_types_of_message_arguments, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_accepted, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
