#include "check.h"
#include "one_scope.h"
#include "strict_html.h"

#include <time.h>

#include "platform/markup/sanitize.h"

#define REL " rel=\"nofollow ugc noopener noreferrer\""
#define WEB(address) "<a href=\"" address "\"" REL ">"
#define LARGE ((size_t)1 << 20)
#define SLOW 20.0 /* seconds of the processor; two are taken, and minutes by what is not linear */
#define TIMED ((size_t)1 << 18)
#define MANY_ATTRIBUTES ((size_t)64 << 10)

struct sample {
    str html, expected;
};

/* Sanitises, reads the result strictly, and sanitises that once more. */
static str sanitize(const char *name, str html, const struct markup_options *options)
{
    struct buf once cleanup_with(buf_cleanup) = {0};
    struct buf twice cleanup_with(buf_cleanup) = {0};
    str exact = exact_copy(html);
    check_ok(name, &scope, markup_sanitize(&scope, exact, options, &once));
    exact_free(exact);
    const char *fault = strict_fault(buf_str(&once));
    if (fault) {
        print_error("%s: %s in '%.*s'\n", name, fault, STR_ARG(buf_str(&once)));
    }
    assert_null(fault);
    check_ok(name, &scope, markup_sanitize(&scope, buf_str(&once), options, &twice));
    check_text(name, buf_str(&twice), buf_str(&once));
    return buf_copy(&once, &scope.arena);
}

static void check_samples(const struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_text(samples[i].html.p, sanitize(samples[i].html.p, samples[i].html, NULL), samples[i].expected);
    }
}

static void test_kept(void **state)
{
    static const struct sample samples[] = {
        {S("<p>One <b>two</b> <em>three</em></p>"), S("<p>One <b>two</b> <em>three</em></p>")},
        {S("<P>One <STRONG>two"), S("<p>One <strong>two</strong></p>")},
        {S("a<br/>b<BR>c</br>d"), S("<p>a<br>b<br>c<br>d</p>")},
        {S("a<hr>b"), S("<p>a</p><hr><p>b</p>")},
        {S("<strike>a</strike><tt>b</tt><acronym title=\"T\">c</acronym>"),
         S("<p><s>a</s><code>b</code><abbr title=\"T\">c</abbr></p>")},
        {S("<blockquote>a<p>b</blockquote>"), S("<blockquote><p>a</p><p>b</p></blockquote>")},
        {S("<pre>\n\n  a\n   b</pre>"), S("<pre>  a\n   b</pre>")},
        {S("<ol start=3><li>a<li>b</ol>"), S("<ol start=\"3\"><li>a</li><li>b</li></ol>")},
        {S("<ul><li>a<ul><li>b</ul>c<li>d</ul>"), S("<ul><li>a<ul><li>b</li></ul>c</li><li>d</li></ul>")},
        {S("<dl><dt>a<dd>b<dt>c</dl>"), S("<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>")},
        {S("<table><caption>c<tr><th scope=COL>a<td colspan=2>b<tr><td><td>d</table>"),
         S("<table><caption>c</caption><tbody><tr><th scope=\"col\">a</th><td colspan=\"2\">b</td></tr>"
           "<tr><td></td><td>d</td></tr></tbody></table>")},
        {S("<table><td><table><td>x</table><td>y</table>"),
         S("<table><tbody><tr><td><table><tbody><tr><td>x</td></tr></tbody></table></td><td>y</td></tr></tbody></table>")},
        {S("<figure><img src=/a.png alt=A><figcaption>B</figcaption></figure>"),
         S("<figure><p><a href=\"/a.png\">A</a></p><figcaption>B</figcaption></figure>")},
        {S("<details><summary>a</summary>b</details>"), S("<details><summary>a</summary><p>b</p></details>")},
        {S("<time datetime=2026-01-02>today</time> <del datetime='x\"y'>a</del>"),
         S("<p><time datetime=\"2026-01-02\">today</time> <del>a</del></p>")},
        {S("<p dir=RTL lang=ar-EG title=' T '>a</p>"), S("<p dir=\"rtl\" lang=\"ar-EG\" title=\"T\">a</p>")},
        {S("H<sub>2<sub>3</sub></sub>O"), S("<p>H<sub>2<sub>3</sub></sub>O</p>")},
        {S("<p>1 < 2 & 3 > 2 &amp;lt; \"q\" 'q' &copy;</p>"),
         S("<p>1 &lt; 2 &amp; 3 &gt; 2 &amp;lt; &quot;q&quot; 'q' \xc2\xa9</p>")}};
    (void)state;
    check_samples(samples, ARRAY_LENGTH(samples));
}

static void test_put_right(void **state)
{
    static const struct sample samples[] = {
        {S("<div>a<div>b</div>c</div>"), S("<p>a</p><p>b</p><p>c</p>")},
        {S("<span class=x id=y style='color:red'>a</span>"), S("<p>a</p>")},
        {S("<b>a<p>b</p>c</b>"), S("<p><b>a</b></p><p>b</p><p>c</p>")},
        {S("<b>a<i>b</b>c</i>d"), S("<p><b>a<i>b</i></b>cd</p>")},
        {S("<b><b>a</b></b>"), S("<p><b>a</b></p>")},
        {S("<p><b></b><i> </i></p><p>&nbsp;</p><div></div>a"), S("<p>a</p>")},
        {S("<form><form><p>a</form>b"), S("<p>a</p><p>b</p>")},
        {S("</p></div></td></b>a"), S("<p>a</p>")},
        {S("<li>a<li>b"), S("<ul><li>a</li><li>b</li></ul>")},
        {S("<dt>a<dd>b"), S("<dl><dt>a</dt><dd>b</dd></dl>")},
        {S("<td>a</td>b"), S("<p>ab</p>")},
        {S("<summary>a</summary><figcaption>b</figcaption>"), S("<p>a</p><p>b</p>")},
        {S("<ul>a<p>b<li>c</ul>"), S("<ul><li>a<p>b</p></li><li>c</li></ul>")},
        {S("<table>a<tr>b<td>c</table>"),
         S("<table><tbody><tr><td>a</td></tr><tr><td>b</td><td>c</td></tr></tbody></table>")},
        {S("<table><form><tr><td>a</form></table>"), S("<table><tbody><tr><td>a</td></tr></tbody></table>")},
        {S("<h2><div>a</div><p>b</p></h2>"), S("<h1>a</h1><p>b</p>")},
        {S("<h3>a<ul><li>b</ul>"), S("<h1>a</h1><ul><li>b</li></ul>")},
        {S("<h2>a</h3>b"), S("<h1>ab</h1>")},
        {S("<a href=/a><h2>b</h2><p>c</p></a>"), S("<h1><a href=\"/a\">b</a></h1><p><a href=\"/a\">c</a></p>")},
        {S("<a href=/a>b<a href=/c>d</a>e</a>"), S("<p><a href=\"/a\">b</a><a href=\"/c\">d</a>e</p>")},
        {S("<td colspan=2><table><td colspan=1000000 rowspan=-1 scope=row>a"),
         S("<table><tbody><tr><td>a</td></tr></tbody></table>")},
        {S("a<!-- b --><![CDATA[c]]><?d?>e<!f></>g"), S("<p>ae&lt;!f&gt;&gt;g</p>")},
        {S("a<![if !vml]>b<![endif]><!--[if mso]><p>c<![endif]-->d"), S("<p>abd</p>")},
        {S("<html><head><title>t</title></head><body class=x>a</body></html>b"), S("<p>ab</p>")},
        {S("a<b title='>' title=\"x>\">c"), S("<p>a<b title=\"&gt;\">c</b></p>")},
        {S("a<b "), S("<p>a</p>")},
        {S("a<b title='"), S("<p>a</p>")},
        {S("a<"), S("<p>a&lt;</p>")},
        {S("<p>a</"), S("<p>a</p>")},
        {S(""), S("")},
        {S("  \n "), S("")}};
    (void)state;
    check_samples(samples, ARRAY_LENGTH(samples));
}

static void test_dropped(void **state)
{
    static const struct sample samples[] = {
        {S("a<script>alert('<b>')</script>b"), S("<p>ab</p>")},
        {S("a<SCRIPT\n>x</scripty></script\t>b"), S("<p>ab</p>")},
        {S("a<script>x"), S("<p>a</p>")},
        {S("a<style>p{}</style><title>t</title><textarea><b>x</textarea><iframe src=/x><p></iframe>b"), S("<p>ab</p>")},
        {S("a<svg><svg></svg><script>x</script></svg>b<svg/>c<math><mi>x</mi></math>d"), S("<p>abcd</p>")},
        {S("a<object data=x><p>b</p></object><template><p>c</template><select><option>d</select>e"), S("<p>ae</p>")},
        {S("a<embed src=x><input value=x><link rel=x><meta http-equiv=refresh content='0;url=/'><base href=//h>b"), S("<p>ab</p>")},
        {S("a<noscript><b>x</b></noscript>b<plaintext>c</plaintext>"), S("<p>ab</p>")},
        {S("<b onclick=x() OnLoad = 'y()' style=\"x\" class=c data-x=1 is=z>a</b>"), S("<p><b>a</b></p>")},
        {S("<custom-element><x:script>a</x:script></custom-element>"), S("<p>a</p>")},
        /* what parsers took for harmless and browsers did not */
        {S("<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">"), S("")},
        {S("<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">"), S("")},
        {S("<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>"), S("")},
        {S("<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>"), S("")},
        {S("<b title=\"a`b&quot;&gt;&lt;img src=x onerror=alert(1)&gt;\">c</b>"),
         S("<p><b title=\"a`b&quot;&gt;&lt;img src=x onerror=alert(1)&gt;\">c</b></p>")},
        {S("<scr<script>ipt>alert(1)</scr</script>ipt>"), S("<p>ipt&gt;alert(1)ipt&gt;</p>")},
        {S("<<img src=x onerror=alert(1)>"), S("<p>&lt;</p>")},
        {S("<!--><img src=x onerror=alert(1)>-->a"), S("<p>a</p>")},
        {S("<!-- --!><img src=x onerror=alert(1)>-->"), S("<p>--&gt;</p>")},
        {S("<a href=\"/x\" title=\"'><script>alert(1)</script>\">y</a>"),
         S("<p><a href=\"/x\" title=\"'&gt;&lt;script&gt;alert(1)&lt;/script&gt;\">y</a></p>")}};
    (void)state;
    check_samples(samples, ARRAY_LENGTH(samples));
}

static void test_bytes(void **state)
{
    static const struct sample samples[] = {
        {S("<p>a\0b\xff\xc3(\xed\xa0\x80</p>"), S("<p>a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd</p>")},
        {S("<p>a\x01\x7f\xc2\x85" "b\xef\xbf\xbf</p>"), S("<p>ab</p>")},
        {S("<p>a\r\nb\rc</p>"), S("<p>a\nb\nc</p>")},
        {S("<p>a&#0;&#1;&#127;&#xD800;&#x110000;&#99999999999999;b</p>"), S("<p>ab</p>")},
        {S("<p>&#x41;&#66&#67;&#150;&#x;&#;&noname;&thetasym;&amp</p>"),
         S("<p>ABC\xe2\x80\x93&amp;noname;\xcf\x91&amp;amp</p>")},
        {S("<scr\0ipt>a</script>"), S("<p>a</p>")},
        {S("<p>\xc3"), S("<p>\xef\xbf\xbd</p>")}};
    (void)state;
    check_samples(samples, ARRAY_LENGTH(samples));
}

static void test_addresses(void **state)
{
    static const struct {
        str address, written; /* empty: no link */
    } cases[] = {{S("https://example.org/a?b=1&c#d"), S("https://example.org/a?b=1&amp;c#d")},
                 {S("HTTP://Example.org"), S("http://Example.org")},
                 {S(" \n https://example.org/a b\t\n"), S("https://example.org/a%20b")},
                 {S("ht\ntp&#10;s:/\t/example.org"), S("https://example.org")},
                 {S("mailto:a@example.org"), S("mailto:a@example.org")},
                 {S("tel:+33-1"), S("tel:+33-1")},
                 {S("/explore/?q=a"), S("/explore/?q=a")},
                 {S("#part"), S("#part")},
                 {S("javascript:alert(1)"), S("")},
                 {S("JaVaScRiPt:alert(1)"), S("")},
                 {S(" javascript:alert(1)"), S("")},
                 {S("java\tscript:alert(1)"), S("")},
                 {S("java\nscript:alert(1)"), S("")},
                 {S("java&#10;script:alert(1)"), S("")},
                 {S("java&Tab;script:alert(1)"), S("")},
                 {S("&#106;avascript:alert(1)"), S("")},
                 {S("&#0000106&#x61vascript:alert(1)"), S("")},
                 {S("javascript&colon;alert(1)"), S("")},
                 {S("javascript&#58;alert(1)"), S("")},
                 {S("&#1;javascript:alert(1)"), S("")},
                 {S("\x01javascript:alert(1)"), S("")},
                 {S("feed:javascript:alert(1)"), S("")},
                 {S("data:text/html,<b>"), S("")},
                 {S("vbscript:x"), S("")},
                 {S("blob:https://example.org/x"), S("")},
                 {S("file:///etc/passwd"), S("")},
                 {S("//example.org"), S("")},
                 {S("/\\example.org"), S("")},
                 {S("\\\\example.org"), S("")},
                 {S("/\t/example.org"), S("")},
                 {S("/&#9;/example.org"), S("")},
                 {S("https:example.org"), S("")},
                 {S("https:///example.org"), S("")},
                 {S("https://bank.example@evil.example"), S("")},
                 {S("https://bank.example\\@evil.example"), S("")},
                 {S("relative/path"), S("")},
                 {S("?query"), S("")},
                 {S("mailto:"), S("")},
                 {S("#"), S("")},
                 {S(""), S("")}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str html = str_printf(&scope.arena, "<a href=\"%.*s\">x</a>", STR_ARG(cases[i].address));
        bool is_web = str_starts(cases[i].written, S("http"));
        str expected = cases[i].written.n ? str_printf(&scope.arena, "<p><a href=\"%.*s\"%s>x</a></p>",
                                                       STR_ARG(cases[i].written), is_web ? REL : "")
                                          : S("<p>x</p>");
        check_text(html.p, sanitize(html.p, html, NULL), expected);
    }
}

static void test_images(void **state)
{
    static const struct sample samples[] = {
        {S("<img src=https://example.org/p/a.png?x alt='A &amp; B'>"), S("<p>" WEB("https://example.org/p/a.png?x") "A &amp; B</a></p>")},
        {S("<img src=https://example.org/p/a.png?x>"), S("<p>" WEB("https://example.org/p/a.png?x") "a.png</a></p>")},
        {S("<img src=https://example.org/>"), S("<p>" WEB("https://example.org/") "https://example.org/</a></p>")},
        {S("<img src=/a alt=''>b"), S("<p>b</p>")},
        {S("<img src=data:image/png;base64,AAAA alt=A><img src=x onerror=alert(1)>"), S("<p>A</p>")},
        {S("<image src=/a alt=A /><img src=/b alt=B>"), S("<p><a href=\"/a\">A</a> <a href=\"/b\">B</a></p>")},
        {S("<a href=/l><img src=/a alt=A></a>"), S("<p><a href=\"/l\">A</a></p>")},
        {S("<picture><source srcset=/b><img src=/a alt=A></picture>"), S("<p><a href=\"/a\">A</a></p>")}};
    (void)state;
    check_samples(samples, ARRAY_LENGTH(samples));
}

static void test_headings(void **state)
{
    str html = S("<h4>a</h4><h1>b</h1><h6>c</h6>");
    (void)state;
    check_text("from 1", sanitize("1", html, NULL), S("<h2>a</h2><h1>b</h1><h3>c</h3>"));
    check_text("from 3", sanitize("3", html, &(struct markup_options){.top_heading = 3}),
               S("<h4>a</h4><h3>b</h3><h5>c</h5>"));
    check_text("from 5", sanitize("5", html, &(struct markup_options){.top_heading = 5}),
               S("<h6>a</h6><h5>b</h5><h6>c</h6>"));
}

static void test_plain(void **state)
{
    static const struct sample samples[] = {
        {S("One\n two\n\n\nthree"), S("<p>One<br>two</p><p>three</p>")},
        {S("1 < 2 & \"3\" &eacute;"), S("<p>1 &lt; 2 &amp; &quot;3&quot; \xc3\xa9</p>")},
        {S("See https://example.org/a, (https://example.org/b) and http://example.org/c(d).\n"),
         S("<p>See " WEB("https://example.org/a") "https://example.org/a</a>, (" WEB("https://example.org/b")
           "https://example.org/b</a>) and " WEB("http://example.org/c(d)") "http://example.org/c(d)</a>.</p>")},
        {S("xhttps://example.org https:// http"), S("<p>xhttps://example.org https:// http</p>")},
        {S("https://a@example.org javascript:alert(1)"), S("<p>https://a@example.org javascript:alert(1)</p>")},
        {S("a &lt;script&gt; b"), S("<p>a &lt;script&gt; b</p>")}};
    (void)state;
    check_samples(samples, ARRAY_LENGTH(samples));
}

static void test_tables(void **state)
{
    static const struct markup_options options = {.before_table = {"<div id=t>", 10}, .behind_table = {"</div>", 6}};
    struct buf out cleanup_with(buf_cleanup) = {0};
    (void)state;
    check_ok("tables", &scope,
             markup_sanitize(&scope, S("a<table><td><table><td>b</table></table><table><td>c"), &options, &out));
    check_text("tables", buf_str(&out),
               S("<p>a</p><div id=t><table><tbody><tr><td><table><tbody><tr><td>b</td></tr></tbody></table></td></tr></tbody>"
                 "</table></div><div id=t><table><tbody><tr><td>c</td></tr></tbody></table></div>"));
}

/* ---- sizes ---- */

static str repeated(const char *part, size_t bytes)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    while (out.n + strlen(part) <= bytes) {
        buf_add(&out, str_from(part));
    }
    return buf_copy(&out, &scope.arena);
}

static str joined(str a, str b)
{
    return str_printf(&scope.arena, "%.*s%.*s", STR_ARG(a), STR_ARG(b));
}

static str numbered_attributes(size_t bytes)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    buf_add(&out, S("<p "));
    for (unsigned i = 0; out.n + 16 < bytes; i++) {
        buf_printf(&out, "a%x ", i);
    }
    buf_add(&out, S("title=t>x"));
    return buf_copy(&out, &scope.arena);
}

/* Tags with as many attributes as are read. */
static str large_attributes(const char *format, size_t bytes)
{
    struct buf attributes cleanup_with(buf_cleanup) = {0};
    for (unsigned i = 0; attributes.n < 1000; i++) {
        buf_printf(&attributes, "%x ", i);
        attributes.p[attributes.n - 2] = (char)(attributes.p[attributes.n - 2] | 0x40);
    }
    buf_add_char(&attributes, '\0');
    str from = str_from(format);
    size_t at = str_find(from, S("%s"), 0);
    str tag = str_printf(&scope.arena, "%.*s%s%s", STR_ARG(str_slice(from, 0, at)), attributes.p, format + at + 2);
    return repeated(tag.p, bytes);
}

static void test_many_attributes(void **state)
{
    str html = joined(S("<b>a</b>"), numbered_attributes(MANY_ATTRIBUTES));
    str written = sanitize("many", html, NULL);
    (void)state;
    assert_true(str_starts(written, S("<p><b>a</b>&lt;p a0 a1 a2 ")));
    assert_true(str_ends(written, S("title=t&gt;x</p>")));
    str plain = markup_plain(&scope.arena, html, SIZE_MAX);
    assert_true(str_starts(plain, S("a<p a0 a1 ")) && str_ends(plain, S("title=t>x")));
    for (size_t n = 990; n < 1010; n++) {
        html = joined(joined(S("<b></b>"), repeated("a", n)), numbered_attributes(MANY_ATTRIBUTES));
        assert_true(str_find(sanitize("behind text", html, NULL), S("a&lt;p a0 a1 a2 "), 0) != SIZE_MAX);
    }
    check_text("dropped", sanitize("dropped", joined(S("a<svg>"), html), NULL), S("<p>a</p>"));
    str picture = str_printf(&scope.arena, "<img alt=A src=\"data:image/png;base64,%.*s\">b",
                             STR_ARG(repeated("iVBORw0KGgo", TIMED / 2)));
    check_text("a long value", sanitize("picture", picture, NULL), S("<p>Ab</p>"));
    str comment = joined(S("a<!-- "), joined(repeated("a b ", MANY_ATTRIBUTES), S("-->b<i>c")));
    check_text("a long comment", sanitize("comment", comment, NULL), S("<p>ab<i>c</i></p>"));
    str words = joined(joined(S("<p>"), repeated("a b ", MANY_ATTRIBUTES)), S("<i>c"));
    assert_true(str_ends(sanitize("words", words, NULL), S("a b <i>c</i></p>")));
}

/* Parsers stop at some depth; what is behind it is read all the same. */
static void test_nested(void **state)
{
    static const size_t counts[] = {253, 254, 255, 256, 300, 10000};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
        str opened = repeated("<div>", 5 * counts[i]);
        str closed = repeated("</div>", 6 * counts[i]);
        str html = joined(joined(opened, S("x <b>y</b>")), joined(closed, S("<ul><li>z")));
        check_text("divs", sanitize("divs", html, NULL), S("<p>x <b>y</b></p><ul><li>z</li></ul>"));
        html = joined(joined(repeated("<font>", 6 * counts[i]), S("x<script>'<b>'</script>y")),
                      joined(repeated("</font>", 7 * counts[i]), S("<p>z")));
        check_text("unknown", sanitize("unknown", html, NULL), S("<p>xy</p><p>z</p>"));
    }
}

static void test_depth(void **state)
{
    str deep = joined(repeated("<div>", 50000), S("x"));
    (void)state;
    check_text("groups", sanitize("groups", deep, NULL), S("<p>x</p>"));
    str quotes = sanitize("quotes", joined(repeated("<blockquote>", 120000), S("x")), NULL);
    assert_int_equal(quotes.n, MARKUP_DEPTH * (sizeof("<blockquote></blockquote>") - 1) + sizeof("<p>x</p>") - 1);
    check_text("two", sanitize("two", S("<ul><li>a<ul><li>b<ul><li>c"), &(struct markup_options){.most_depth = 2}),
               S("<ul><li>a<ul><li>b</li><li>c</li></ul></li></ul>"));
    sanitize("tables", repeated("<table><tr><td>a", 100000), NULL);
    sanitize("bold tables", joined(repeated("<table><td>", 11 * 40), S("<b>x<table><td>y<h1>b<div>c</div>d")), NULL);
    sanitize("lists", repeated("<dl><dd><li><dt>", 100000), NULL);
    sanitize("inline", repeated("<sub><a href=/x><q>a", 100000), NULL);
    sanitize("in a heading", joined(S("<h1>"), repeated("<p><div>a", 100000)), NULL);
}

static void test_time(void **state)
{
    const str cases[] = {
        repeated("word ", TIMED), repeated("<", TIMED), repeated("<!", TIMED), repeated("</", TIMED),
        repeated("&", TIMED), repeated("&zwnj;", TIMED), repeated("<p>x", TIMED), repeated("<!--", TIMED),
        repeated("<b>", TIMED), joined(repeated("<i>", TIMED / 2), repeated("</b>", TIMED / 2)),
        numbered_attributes(TIMED), joined(S("<br>"), numbered_attributes(TIMED)), large_attributes("<p %s>", TIMED),
        joined(joined(S("<b>"), repeated("a", 1000)), numbered_attributes(TIMED)),
        large_attributes("&#0;</x><body %s>", TIMED), joined(repeated("<i>", TIMED / 2), repeated("</u>", TIMED / 2)),
        repeated("<u>", TIMED), repeated("<svg>", TIMED), repeated("<script></", TIMED),
        repeated("https://", TIMED), repeated("1https://a.b", TIMED), repeated("<td>", TIMED),
        repeated("<a href='", TIMED), repeated("-", TIMED), joined(S("<!--"), repeated("-", TIMED - 4)),
        repeated("<table>x", TIMED), repeated("<li>x</ul>", TIMED), repeated("<h1>x", TIMED)};
    clock_t start = clock();
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct buf out cleanup_with(buf_cleanup) = {0};
        enum err result = markup_sanitize(&scope, cases[i], NULL, &out);
        assert_true(result == ERR_OK || result == ERR_TOO_LARGE);
        scope_forgive(&scope);
        assert_null(strict_fault(buf_str(&out)));
        markup_plain(&scope.arena, cases[i], SIZE_MAX);
    }
    double taken = (double)(clock() - start) / CLOCKS_PER_SEC;
    print_message("%.2f s\n", taken);
    assert_true(taken < SLOW);
}

static void test_limits(void **state)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct markup_options options = {.most_input = 20, .most_output = 30};
    (void)state;
    buf_add(&out, S("before "));
    assert_int_equal(markup_sanitize(&scope, S("<p>123456789012345678"), &options, &out), ERR_TOO_LARGE);
    check_failure("input", &scope, ERR_TOO_LARGE, "longer than 20 bytes");
    assert_int_equal(markup_sanitize(&scope, S("\"\"\"\"\"\"\"\"\"\""), &options, &out), ERR_TOO_LARGE);
    check_failure("output", &scope, ERR_TOO_LARGE, "longer than 30 bytes");
    assert_int_equal(markup_sanitize(&scope, S("<b>\"\"\"\"\"\""), &options, &out), ERR_TOO_LARGE);
    check_failure("output with tags", &scope, ERR_TOO_LARGE, "longer than 30 bytes");
    check_text("untouched", buf_str(&out), S("before "));
    check_ok("fits", &scope, markup_sanitize(&scope, S("\n <b>c</b>"), &options, &out));
    check_text("appended", buf_str(&out), S("before <p><b>c</b></p>"));
    assert_int_equal(markup_sanitize(&scope, joined(repeated("a", LARGE), S("b")), NULL, &out), ERR_TOO_LARGE);
    check_failure("usual", &scope, ERR_TOO_LARGE, "longer than 1048576 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_kept, open_scope, close_scope),
                                       cmocka_unit_test_setup_teardown(test_put_right, open_scope, close_scope),
                                       cmocka_unit_test_setup_teardown(test_dropped, open_scope, close_scope),
                                       cmocka_unit_test_setup_teardown(test_bytes, open_scope, close_scope),
                                       cmocka_unit_test_setup_teardown(test_addresses, open_scope, close_scope),
                                       cmocka_unit_test_setup_teardown(test_images, open_scope, close_scope),
                                       cmocka_unit_test_setup_teardown(test_headings, open_scope, close_scope),
                                       cmocka_unit_test_setup_teardown(test_plain, open_scope, close_scope),
                                       cmocka_unit_test_setup_teardown(test_tables, open_scope, close_scope),
                                       cmocka_unit_test_setup_teardown(test_many_attributes, open_scope, close_scope),
                                       cmocka_unit_test_setup_teardown(test_nested, open_scope, close_scope),
                                       cmocka_unit_test_setup_teardown(test_depth, open_scope, close_scope),
                                       cmocka_unit_test_setup_teardown(test_time, open_scope, close_scope),
                                       cmocka_unit_test_setup_teardown(test_limits, open_scope, close_scope)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
