/* The page frame and the shared parts compile, escape what they are given, and show a token only to
 * whom it belongs. */
#include "check.h"
#include "one_scope.h"

#include "platform/i18n/message.h"
#include "platform/tpl/tpl.h"

struct choice {
    str code, name;
    bool current;
};
static const struct tpl_member choice_members[] = {
    TPL_TEXT(struct choice, code), TPL_TEXT(struct choice, name), TPL_BOOL(struct choice, current)};
static const struct tpl_struct choice_struct = TPL_STRUCT(struct choice, choice_members);

struct script {
    str address;
};
static const struct tpl_member script_members[] = {TPL_URL(struct script, address)};
static const struct tpl_struct script_struct = TPL_STRUCT(struct script, script_members);

struct alternate {
    str code, address;
};
static const struct tpl_member alternate_members[] = {TPL_TEXT(struct alternate, code),
                                                      TPL_URL(struct alternate, address)};
static const struct tpl_struct alternate_struct = TPL_STRUCT(struct alternate, alternate_members);

struct footer_link {
    str label, address;
};
static const struct tpl_member link_members[] = {TPL_TEXT(struct footer_link, label),
                                                 TPL_URL(struct footer_link, address)};
static const struct tpl_struct link_struct = TPL_STRUCT(struct footer_link, link_members);

struct frame {
    str lang, direction, title, portal, description, stylesheet, script, nonce;
    str view_as, view_address;
    bool signed_in;
    str user_name;
    bool has_office;
    str csrf, path;
    struct html body, banner;
    str flash;
    struct tpl_list languages;
    str canonical;
    struct tpl_list external_scripts, scripts, alternates, links, menu;
    bool noindex, wide, searches, logo_holds_name;
    struct html head;
    str theme, logo, icon;
    int64_t logo_width, logo_height, selection_count;
    str selection, selection_address;
};
static const struct tpl_member frame_members[] = {
    TPL_TEXT(struct frame, lang),
    TPL_TEXT(struct frame, direction),
    TPL_TEXT(struct frame, title),
    TPL_TEXT(struct frame, portal),
    TPL_TEXT(struct frame, description),
    TPL_URL(struct frame, stylesheet),
    TPL_URL(struct frame, script),
    TPL_TEXT(struct frame, nonce),
    TPL_TEXT(struct frame, view_as),
    TPL_URL(struct frame, view_address),
    TPL_BOOL(struct frame, signed_in),
    TPL_TEXT(struct frame, user_name),
    TPL_BOOL(struct frame, has_office),
    TPL_TEXT(struct frame, csrf),
    TPL_TEXT(struct frame, path),
    TPL_HTML(struct frame, body),
    TPL_HTML(struct frame, banner),
    TPL_TEXT(struct frame, flash),
    TPL_LIST(struct frame, languages, choice_struct),
    TPL_URL(struct frame, canonical),
    TPL_LIST(struct frame, external_scripts, script_struct),
    TPL_LIST(struct frame, scripts, script_struct),
    TPL_LIST(struct frame, alternates, alternate_struct),
    TPL_LIST(struct frame, links, link_struct), TPL_LIST(struct frame, menu, link_struct),
    TPL_BOOL(struct frame, noindex),
    TPL_BOOL(struct frame, wide),
    TPL_BOOL(struct frame, searches),
    TPL_BOOL(struct frame, logo_holds_name),
    TPL_HTML(struct frame, head),
    TPL_URL(struct frame, theme),
    TPL_URL(struct frame, logo),
    TPL_URL(struct frame, icon),
    TPL_NUMBER(struct frame, logo_width),
    TPL_NUMBER(struct frame, logo_height),
    TPL_TEXT(struct frame, selection),
    TPL_URL(struct frame, selection_address),
    TPL_INT(struct frame, selection_count)};
static const struct tpl_struct frame_struct = TPL_STRUCT(struct frame, frame_members);
static const struct tpl_binding frame_binding = {"frame", &frame_struct};

struct problem {
    bool first, last;
    str anchor, message;
};
static const struct tpl_member problem_members[] = {
    TPL_BOOL(struct problem, first), TPL_BOOL(struct problem, last),
    TPL_URL(struct problem, anchor), TPL_TEXT(struct problem, message)};
static const struct tpl_struct problem_struct = TPL_STRUCT(struct problem, problem_members);

struct step {
    str address, label;
    bool current;
};
static const struct tpl_member step_members[] = {
    TPL_URL(struct step, address), TPL_TEXT(struct step, label), TPL_BOOL(struct step, current)};
static const struct tpl_struct step_struct = TPL_STRUCT(struct step, step_members);

/* What the parts take together. */
struct parts {
    struct tpl_list errors, navigation;
    str secret, previous_page, next_page;
    int64_t page, pages;
};
static const struct tpl_member part_members[] = {TPL_LIST(struct parts, errors, problem_struct),
                                                 TPL_LIST(struct parts, navigation, step_struct),
                                                 TPL_TEXT(struct parts, secret),
                                                 TPL_URL(struct parts, previous_page),
                                                 TPL_URL(struct parts, next_page),
                                                 TPL_INT(struct parts, page),
                                                 TPL_INT(struct parts, pages)};
static const struct tpl_struct part_struct = TPL_STRUCT(struct parts, part_members);
static const struct tpl_binding errors_binding = {"part/error_summary", &part_struct};
static const struct tpl_binding navigation_binding = {"part/navigation", &part_struct};
static const struct tpl_binding pager_binding = {"part/pager", &part_struct};
static const struct tpl_binding secret_binding = {"part/secret", &part_struct};

static const struct tpl_binding *const bindings[] = {
    &frame_binding, &errors_binding, &navigation_binding, &pager_binding, &secret_binding};

static const struct choice languages[] = {{{"en", 2}, {"English", 7}, true},
                                          {{"fr", 2}, {"Fran\303\247ais", 9}, false}};

static struct frame example(void)
{
    return (struct frame){.lang = S("en"),
                          .direction = S("ltr"),
                          .title = S("A <b> & c"),
                          .portal = S("Portal"),
                          .stylesheet = S("/static/app-1.css"),
                          .script = S("/static/app-1.js"),
                          .csrf = S("TOKEN"),
                          .path = S("/explore/?a=1&b=\"2\""),
                          .user_name = S("Ada"),
                          .body = {S("<h1>Body</h1>")},
                          .languages = {languages, 2}};
}

static str page(const struct tpl *tpl, const struct tpl_binding *binding, const void *data)
{
    return tpl_html(&scope, tpl, binding, language_find(S("en")), data).text;
}

static void check_has(str text, const char *part, bool expected)
{
    bool has = str_find(text, str_from(part), 0) != SIZE_MAX;
    if (has != expected) {
        print_error("%s '%s' in:\n%.*s\n", expected ? "no" : "unexpected", part, STR_ARG(text));
    }
    assert_true(has == expected);
}

static void test_frame(void **state)
{
    struct tpl *tpl;
    (void)state;
    check_ok("open", &scope, tpl_open(&scope, bindings, ARRAY_LENGTH(bindings), &tpl));
    struct frame frame = example();
    str public_page = page(tpl, &frame_binding, &frame);
    check_has(public_page, "<html lang=\"en\" dir=\"ltr\">", true);
    check_has(public_page, "<title>A &lt;b&gt; &amp; c \342\200\223 Portal</title>", true);
    check_has(public_page, "<h1>Body</h1>", true);
    check_has(public_page, "href=\"/cookies\"", true);
    check_has(public_page, "href=\"/language?next=%2Fexplore%2F%3Fa%3D1%26b%3D%222%22\"", true);
    check_has(public_page, "href=\"/account/sign-in?next=%2Fexplore", true);
    check_has(public_page, "TOKEN",
              false); /* public pages are cached: cookies-and-privacy.md 3.8 */
    check_has(public_page, "<form", false);
    check_has(public_page, "Ada", false);
    check_has(public_page, "/backoffice", false);
    check_has(public_page, "noindex", false);
    check_has(public_page, "canonical", false);
    struct script scripts[] = {{S("https://stats.example.org/s.js")}};
    frame.signed_in = frame.has_office = frame.noindex = true;
    frame.banner = (struct html){S("<section id=\"consent\"></section>")};
    frame.flash = S("Saved & done");
    frame.canonical = S("https://data.example.org/");
    frame.nonce = S("n1");
    frame.external_scripts = (struct tpl_list){scripts, 1};
    str own_page = page(tpl, &frame_binding, &frame);
    check_has(own_page, "<body data-offline=\"", true);
    check_has(own_page, "\">\n<section id=\"consent\">", true); /* the first thing in body */
    check_has(own_page, "name=\"csrfmiddlewaretoken\" value=\"TOKEN\"", true);
    check_has(own_page, "Saved &amp; done", true);
    check_has(own_page, "href=\"/backoffice\"", true);
    check_has(own_page, "/account/sign-in", false);
    check_has(own_page, "<script src=\"https://stats.example.org/s.js\" nonce=\"n1\" async>", true);
    check_has(own_page, "content=\"noindex\"", true);
    tpl_close(tpl);
}

static void test_parts(void **state)
{
    struct tpl *tpl;
    (void)state;
    check_ok("open", &scope, tpl_open(&scope, bindings, ARRAY_LENGTH(bindings), &tpl));
    struct problem problems[] = {{.first = true, .anchor = S("#name"), .message = S("Enter <it>.")},
                                 {.last = true, .anchor = S("#mail"), .message = S("Wrong.")}};
    struct step steps[] = {{S("/account"), S("Profile"), true},
                           {S("/account/keys"), S("Keys"), false}};
    struct parts parts = {.errors = {problems, 2},
                          .navigation = {steps, 2},
                          .secret = S("s<"),
                          .next_page = S("/a?page=3"),
                          .page = 2,
                          .pages = 1234};
    str errors = page(tpl, &errors_binding, &parts);
    check_has(errors, "role=\"alert\"", true);
    check_has(errors, "<a href=\"#name\">Enter &lt;it&gt;.</a>", true);
    check_has(errors, "</ul></div>", true);
    parts.errors.count = 0;
    check_has(page(tpl, &errors_binding, &parts), "<", false);
    str navigation = page(tpl, &navigation_binding, &parts);
    check_has(navigation, "<a href=\"/account\" aria-current=\"page\">Profile</a>", true);
    check_has(navigation, "<a href=\"/account/keys\">Keys</a>", true);
    str pager = page(tpl, &pager_binding, &parts);
    check_has(pager, "Page 2 of 1,234", true);
    check_has(pager, "href=\"/a?page=3\" rel=\"next\"", true);
    check_has(pager, "rel=\"prev\"", false);
    check_has(page(tpl, &secret_binding, &parts), "<code id=\"secret\">s&lt;</code>", true);
    tpl_close(tpl);
}

int main(void)
{
    messages_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_frame, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_parts, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
