/* Graphs in both syntaxes, IRIs, and text that no document can hold. */
#include "../check.h"
#include "../one_scope.h"

#include "base/xml_write.h"
#include "platform/rdf/rdf.h"

#define TEXT_OF(text) {text, sizeof(text) - 1}

static const struct rdf_namespace namespaces[] = {
    {TEXT_OF("rdf"), TEXT_OF("http://www.w3.org/1999/02/22-rdf-syntax-ns#")},
    {TEXT_OF("x"), TEXT_OF("http://x.example/#")}};

static void test_iris(void **state)
{
    static const struct {
        str text;
        bool good;
    } cases[] = {
        {S("http://example.org/"), true},
        {S("https://example.org/a?b=c&d=%20#e"), true},
        {S("urn:isbn:1"), true},
        {S("mailto:ada@example.org"), true},
        {S("http://m\xc3\xbcller.example/\xc3\xa9"), true},
        {S("http://[::1]:8080/"), true},
        {S("http://a@[fe80::1]/"), true},
        {S(""), false},
        {S("http:"), false},
        {S("/relative"), false},
        {S("no scheme"), false},
        {S("1http://a"), false},
        {S("http://a b"), false},
        {S("http://a<b"), false},
        {S("http://a>b"), false},
        {S("http://a\"b"), false},
        {S("http://a{b}"), false},
        {S("http://a|b"), false},
        {S("http://a\\b"), false},
        {S("http://a^b"), false},
        {S("http://a`b"), false},
        {S("http://a\nb"), false},
        {S("http://a\x7f"), false},
        {S("http://a/%"), false},
        {S("http://a/%2"), false},
        {S("http://a/%zz"), false},
        {S("http://a/\xff"), false},
        {S("http://a/\xed\xa0\x80"), false},         /* a surrogate */
        {S("http://a/\xef\xbf\xbe"), false},         /* U+FFFE */
        {S("http://a/\xee\x80\x80"), false},         /* private use */
        {S("http://a/\xc2\x80"), false},             /* a control character */
        {S("http://a\xe2\x84\x80" "b/"), false},     /* U+2100, which readers fold to a/c */
        {S("http://a\xef\xbc\x8f"), false},          /* a full-width slash */
        {S("http://[::1"), false},
        {S("http://[1]"), false},
        {S("http://[::1]x/"), false},
        {S("http://[::g]/"), false},
        {S("http://a]/"), false},
        {S("http://a/["), false},
        {S("http://a/?q=]"), false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str exact = exact_copy(cases[i].text);
        check_int(cases[i].text.p, rdf_iri_is_valid(exact), cases[i].good);
        exact_free(exact);
    }
}

static void describe(struct rdf *rdf)
{
    rdf_begin(rdf, STR_NONE, S("http://a.example/?a&b"), S("x:Thing"));
    rdf_text(rdf, S("x:name"), S("<&\"\\\r\n\t'>"), S("en"));
    rdf_text(rdf, S("x:name"), S(""), S("en"));
    rdf_text(rdf, S("x:name"), S("a\x01" "b\xef\xbf\xbe" "c"), S("no tag"));
    rdf_begin(rdf, S("x:part"), STR_NONE, S("x:Part"));
    rdf_typed(rdf, S("x:size"), S("1"), S("x:int"));
    rdf_end(rdf);
    rdf_begin(rdf, S("x:part"), S("not an iri"), S("x:Part"));
    rdf_end(rdf);
    assert_true(rdf_link(rdf, S("x:see"), S("http://b.example/")));
    assert_false(rdf_link(rdf, S("x:see"), S("http://b.example/>")));
    rdf_end(rdf);
}

static void check_document(enum rdf_syntax syntax, const char *name, str expected)
{
    struct buf out = {0};
    struct rdf rdf = rdf_open(&out, syntax, namespaces, ARRAY_LENGTH(namespaces));
    describe(&rdf);
    rdf_close(&rdf);
    check_text(name, buf_str(&out), expected);
    buf_done(&out);
}

static void test_turtle(void **state)
{
    (void)state;
    check_document(RDF_TURTLE, "turtle",
                   S("@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
                     "@prefix x: <http://x.example/#> .\n"
                     "<http://a.example/?a&b> a x:Thing ;\n"
                     "    x:name \"<&\\\"\\\\\\r\\n\\t'>\"@en ;\n"
                     "    x:name \"a\xEF\xBF\xBD" "b\xEF\xBF\xBD" "c\" ;\n"
                     "    x:part _:n1 .\n"
                     "_:n1 a x:Part ;\n"
                     "    x:size \"1\"^^x:int .\n"
                     "<http://a.example/?a&b> x:part _:n2 .\n"
                     "_:n2 a x:Part .\n"
                     "<http://a.example/?a&b> x:see <http://b.example/> .\n"));
}

static void test_xml(void **state)
{
    (void)state;
    check_document(RDF_XML, "xml",
                   S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rdf:RDF\n"
                     "    xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"\n"
                     "    xmlns:x=\"http://x.example/#\">\n"
                     "  <x:Thing rdf:about=\"http://a.example/?a&amp;b\">\n"
                     "    <x:name xml:lang=\"en\">&lt;&amp;&quot;\\&#13;\n\t'&gt;</x:name>\n"
                     "    <x:name>a\xEF\xBF\xBD" "b\xEF\xBF\xBD" "c</x:name>\n"
                     "    <x:part>\n      <x:Part>\n"
                     "        <x:size rdf:datatype=\"http://x.example/#int\">1</x:size>\n"
                     "      </x:Part>\n    </x:part>\n"
                     "    <x:part>\n      <x:Part>\n      </x:Part>\n    </x:part>\n"
                     "    <x:see rdf:resource=\"http://b.example/\"/>\n"
                     "  </x:Thing>\n</rdf:RDF>\n"));
}

/* Nothing is kept of what was written: the caller may empty the buffer after any call. */
static void test_emptied_buffer(void **state)
{
    struct buf whole = {0};
    struct buf parts = {0};
    struct buf out = {0};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct rdf rdf = rdf_open(i ? &out : &whole, RDF_TURTLE, namespaces, 2);
        rdf_begin(&rdf, STR_NONE, S("http://a.example/"), S("x:Thing"));
        for (int n = 0; n < 3; n++) {
            rdf_begin(&rdf, S("x:part"), STR_NONE, S("x:Part"));
            rdf_end(&rdf);
            buf_add(&parts, buf_str(&out));
            buf_clear(&out);
        }
        rdf_end(&rdf);
        rdf_close(&rdf);
    }
    buf_add(&parts, buf_str(&out));
    check_text("parts", buf_str(&parts), buf_str(&whole));
    buf_done(&whole);
    buf_done(&parts);
    buf_done(&out);
}

static void test_xml_text(void **state)
{
    static const struct {
        str text, expected;
    } cases[] = {{S(""), S("")},
                 {S("plain"), S("plain")},
                 {S("a<b>c&d\"e"), S("a&lt;b&gt;c&amp;d&quot;e")},
                 {S("]]>"), S("]]&gt;")},
                 {S("\x00\x08\x0b\x1f"), S("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD")},
                 {S("\t\n"), S("\t\n")},
                 {S("\r"), S("&#13;")},
                 {S("\xef\xbf\xbd\xef\xbf\xbf!"), S("\xEF\xBF\xBD\xEF\xBF\xBD!")},
                 {S("\xef\xbf"), S("\xef\xbf")}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct buf out = {0};
        str exact = exact_copy(cases[i].text);
        xml_escape(&out, exact);
        check_text(cases[i].text.p, buf_str(&out), cases[i].expected);
        exact_free(exact);
        buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_iris, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_turtle, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_xml, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_emptied_buffer, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_xml_text, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
