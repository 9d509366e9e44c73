/* The choice of a language: a small page, and Django's set_language (cookies-and-privacy.md 1.6).
 */
#include "web/front/privacy_pages.h"
#include "web/shell/cookies.h"

struct language_choice {
    str code, name;
    bool current;
};

struct language_page {
    str next;
    struct tpl_list languages;
};

static const struct tpl_member choice_members[] = {TPL_TEXT(struct language_choice, code),
                                                   TPL_TEXT(struct language_choice, name),
                                                   TPL_BOOL(struct language_choice, current)};
static const struct tpl_struct choice_struct = TPL_STRUCT(struct language_choice, choice_members);

static const struct tpl_member page_members[] = {
    TPL_TEXT(struct language_page, next), TPL_LIST(struct language_page, languages, choice_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct language_page, page_members);
const struct tpl_binding language_template = {"front/language", &page_struct};

enum err language_get(struct call *call)
{
    size_t count = 0;
    struct language_choice *choices =
        arena_array(&call->scope->arena, struct language_choice, (size_t)language_count());
    for (language lang = 0; lang < language_count(); lang++) {
        if (site_offers(call->site, lang)) {
            choices[count++] = (struct language_choice){language_code(lang), language_own_name(lang),
                                                        lang == call->language};
        }
    }
    struct language_page data = {.next = page_next(call, S("/")), .languages = {choices, count}};
    struct page page = {
        .title = MSG_LANGUAGES_TITLE, .body = &language_template, .data = &data, .is_public = true};
    page_send(call, &page);
    return ERR_OK;
}

/* To "next" if that is safe, else to where the visitor comes from, else to the home page. */
static enum err leave(struct call *call)
{
    str target = S("/");
    str next = call_value(call, S("next"));
    if (next.n == 0 && !page_is_accepted(call)) {
        page_nothing(call);
        return ERR_OK;
    }
    if (!page_is_ours(call, next, &target) &&
        !page_is_ours(call, exchange_header(call->exchange, S("Referer")), &target)) {
        target = S("/");
    }
    page_redirect_found(call, target);
    return ERR_OK;
}

enum err set_language_get(struct call *call)
{
    return leave(call);
}

enum err set_language_post(struct call *call)
{
    language lang = language_exact(form_value(&call->form, S("language")));
    if (site_offers(call->site, lang)) {
        cookie_set(call, COOKIE_LANGUAGE, language_code(lang), COOKIE_DEFAULT_AGE,
                   "the visitor chose a language");
        call->language = lang;
    }
    return leave(call);
}
