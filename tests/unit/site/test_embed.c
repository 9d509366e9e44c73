/* Lines that embed, names of pages and pictures, Markdown, pictures that are sent. */
#include "../check.h"
#include "../one_scope.h"

#include "base/buf.h"
#include "domain/site/content.h"
#include "domain/site/embed.h"
#include "domain/site/picture.h"
#include "platform/markdown/markdown.h"

static void lines_are_read(void **state)
{
    (void)state;
    struct embed_line line;
    assert_true(embed_line_read(&scope.arena, S(" {{table communes?refine.region=Pays de \"la\" <Loire>#x | title= A | height=300 }} "), &line));
    assert_int_equal(line.kind, EMBED_TABLE);
    check_text("dataset", line.dataset, S("communes"));
    check_text("query", line.query, S("refine.region=Pays%20de%20%22la%22%20%3CLoire%3E%23x"));
    check_text("title", line.title, S("A"));
    check_int("height", line.height, 300);
    assert_true(embed_line_read(&scope.arena, S("{{map a-b_1}}"), &line));
    check_int("usual height", line.height, EMBED_HEIGHT);
    const str bad[] = {S("{{}}"), S("{{table}}"), S("{{table }}"), S("{{tables a}}"), S("{{table A}}"), S("{{table ../a}}"),
                       S("{{table a/b}}"), S("{{table a | height=1}}"), S("{{table a | height=99999}}"), S("{{table a | x=1}}"),
                       S("{{table a"), S("table a}}"), S("{{table a|}}"), S("{{iframe a}}"), S("{{table -a}}")};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        str copy = exact_copy(bad[i]);
        check_int(str_cz(&scope.arena, copy), embed_line_read(&scope.arena, copy, &line), false);
        exact_free(copy);
    }
}

static void codes_become_lines(void **state)
{
    (void)state;
    static const struct {
        str text, expected;
    } cases[] = {
        {S("<iframe src=\"https://p/embed/dataset/a/map\"></iframe>"), S("{{map a | height=420}}")},
        {S("<IFRAME\n SRC='/embed/dataset/a/chart/?x=1|2&lang=de' allowfullscreen height='5'> </IFRAME>"), S("{{chart a?x=1%7C2 | height=120}}")},
        {S("a <iframe src=\"https://p/embed/dataset/a/table\"></iframe> b"), S("a \n\n{{table a | height=420}}\n\n b")},
        {S("<iframe src=\"https://p.evil/embed/dataset/a/map\"></iframe>"), S("")},
        {S("<iframe src=\"https://p/embed/dataset/a/film\"></iframe>"), S("")},
        {S("<iframe src=\"https://p/embed/dataset/../map\"></iframe>"), S("")},
        {S("<iframe src=\"https://p/embed/dataset/a/map\">"), S("")},
        {S("<iframe src=\"https://p/embed/dataset/a/map"), S("")},
        {S("<iframe"), S("")},
        {S("```\n<iframe src=\"https://p/embed/dataset/a/map\"></iframe>\n```"), S("")}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        size_t count;
        str copy = exact_copy(cases[i].text);
        str text = embed_codes_take(&scope.arena, copy, S("https://p"), &count);
        bool is_taken = cases[i].expected.n > 0;
        check_int("count", (long long)count, is_taken);
        check_text("text", text, is_taken ? cases[i].expected : cases[i].text);
        exact_free(copy);
    }
}

static void code_stays_code(void **state)
{
    (void)state;
    struct embed_lines lines;
    str text = embed_lines_take(&scope.arena, S("embedq {{table a}}\n{{table b}}\n```\n{{table c}}\n```\n    {{table d}}\n~~~~\n```\n{{map e}}\n~~~~\n{{map f}}"), &lines);
    check_int("count", (long long)lines.count, 2);
    check_text("first", lines.items[0].dataset, S("b"));
    check_text("second", lines.items[1].dataset, S("f"));
    assert_true(str_find(text, S("{{table c}}"), 0) != SIZE_MAX && str_find(text, S("{{map e}}"), 0) != SIZE_MAX);
    assert_false(str_eq(lines.mark, S("embedq"))); /* the text has it already */
}

static void names_are_made(void **state)
{
    (void)state;
    check_text("slug", content_slug_of(&scope.arena, S("À propos – l’équipe!")), S("a-propos-lequipe"));
    assert_true(content_slug_is_good(S("a-b2")));
    const str bad[] = {S(""), S("-a"), S("a-"), S("a--b"), S("A"), S("a/b"), S("a.b"), S("a b")};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_false(content_slug_is_good(bad[i]));
    }
    check_text("picture", content_file_name(&scope.arena, S("../Mairie 2.JPEG")), S("mairie-2.jpg"));
    assert_null(content_file_name(&scope.arena, S("x.exe")).p);
    check_text("clean", content_clean(&scope.arena, (str){"a\r\nb\0\tc\x7f", 8}), S("a\nb\tc"));
}

static str shown(void *user, str address, str alternative)
{
    (void)user;
    return str_eq(address, S("a.png")) ? str_printf(&scope.arena, "[%.*s]", STR_ARG(alternative)) : STR_NONE;
}

static void check_markdown(const char *text, const char *expected)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    check_ok(text, &scope, markdown_html(&scope, str_from(text), shown, NULL, &out));
    check_text(text, buf_str(&out), str_from(expected));
}

static void markdown_becomes_html(void **state)
{
    (void)state;
    check_markdown("**a** <b>x</b>", "<p><strong>a</strong> <!-- raw HTML omitted -->x<!-- raw HTML omitted --></p>\n");
    check_markdown("![*The* hall](a.png) ![gone](b.png)", "<p>[The hall] gone</p>\n");
    check_markdown("[x](javascript:alert(1))", "<p><a href=\"\">x</a></p>\n");
    check_markdown("| A |\n| --- |\n| 1 |\n", "<table>\n<thead>\n<tr>\n<th>A</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>\n");
}

static void check_picture(const char *name, str bytes, enum picture_fault fault, long long width, long long height)
{
    struct picture_kind kind;
    str copy = exact_copy(bytes);
    check_int(name, picture_look(copy, 4096, true, &kind), fault);
    if (fault == PICTURE_GOOD) {
        check_int(name, kind.width, width);
        check_int(name, kind.height, height);
    }
    exact_free(copy);
}

#define SVG(content) S("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 30 10\">" content "</svg>")

static void pictures_only_draw(void **state)
{
    (void)state;
    check_picture("svg", SVG("<g><path d=\"M0 0\" style=\"fill:url(#a)\"/></g>"), PICTURE_GOOD, 3000, 1000);
    check_picture("script", SVG("<script/>"), PICTURE_ACTIVE, 0, 0);
    check_picture("handler", SVG("<g onclick=\"x\"/>"), PICTURE_ACTIVE, 0, 0);
    check_picture("link", SVG("<use href=\"https://x/#a\"/>"), PICTURE_ACTIVE, 0, 0);
    check_picture("own part", SVG("<use href=\"#a\"/>"), PICTURE_GOOD, 3000, 1000);
    check_picture("style", SVG("<style>a{background:u\\72l(x)}</style>"), PICTURE_ACTIVE, 0, 0);
    check_picture("type", S("<!DOCTYPE svg []><svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>"), PICTURE_ACTIVE, 0, 0);
    check_picture("instruction", S("<?xml-stylesheet href=\"x\"?><svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>"), PICTURE_ACTIVE, 0, 0);
    check_picture("no size", S("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), PICTURE_SIZE, 0, 0);
    check_picture("png", (str){"\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x08", 24}, PICTURE_GOOD, 16, 8);
    check_picture("cut png", (str){"\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0", 17}, PICTURE_SIZE, 0, 0);
    check_picture("jpeg", (str){"\xFF\xD8\xFF\xE0\0\4\0\0\xFF\xC0\0\x0B\x08\0\x09\0\x0C\3", 18}, PICTURE_GOOD, 12, 9);
    check_picture("jpeg without end", (str){"\xFF\xD8\xFF\xE0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 14}, PICTURE_SIZE, 0, 0);
    check_picture("webp", S("RIFF____WEBPVP8X________\x0f\0\0\x07\0\0"), PICTURE_GOOD, 16, 8);
    check_picture("nothing", S(""), PICTURE_KIND, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_are_read, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(codes_become_lines, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(code_stays_code, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(names_are_made, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(markdown_becomes_html, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(pictures_only_draw, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
