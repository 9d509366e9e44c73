/* What the portal holds about this browser, as it was sent with the request, and how to be rid of
 * it. */
#include "base/utf8.h"
#include "platform/http/cookie.h"
#include "web/front/privacy_pages.h"
#include "web/shell/cookies.h"

#define NAME_SHOWN_BYTES 100
#define VALUE_SHOWN_BYTES 100
#define UNKNOWN_SHOWN 50
#define MASKED_ENDS 4 /* symbols of a secret that are shown at each end */

struct held_cookie {
    str name, function, purpose, lifetime, value;
    bool is_sent;
};

struct unknown_view {
    str name;
    str service; /* whose script keeps it here as declared; empty: nobody we know of */
};

struct browser {
    struct tpl_list cookies, unknown;
    bool has_session;
    str user;
};

static const struct tpl_member held_members[] = {
    TPL_TEXT(struct held_cookie, name),    TPL_TEXT(struct held_cookie, function),
    TPL_TEXT(struct held_cookie, purpose), TPL_TEXT(struct held_cookie, lifetime),
    TPL_TEXT(struct held_cookie, value),   TPL_BOOL(struct held_cookie, is_sent)};
static const struct tpl_struct held_struct = TPL_STRUCT(struct held_cookie, held_members);

static const struct tpl_member unknown_members[] = {TPL_TEXT(struct unknown_view, name),
                                                    TPL_TEXT(struct unknown_view, service)};
static const struct tpl_struct unknown_struct = TPL_STRUCT(struct unknown_view, unknown_members);

static const struct tpl_member browser_members[] = {
    TPL_LIST(struct browser, cookies, held_struct),
    TPL_LIST(struct browser, unknown, unknown_struct), TPL_BOOL(struct browser, has_session),
    TPL_TEXT(struct browser, user)};
static const struct tpl_struct browser_struct = TPL_STRUCT(struct browser, browser_members);
const struct tpl_binding browser_template = {"front/browser", &browser_struct};

struct deleted {
    struct tpl_list cookies;
};

static const struct tpl_member deleted_members[] = {
    TPL_LIST(struct deleted, cookies, cookie_struct)};
static const struct tpl_struct deleted_struct = TPL_STRUCT(struct deleted, deleted_members);
const struct tpl_binding deleted_template = {"front/deleted", &deleted_struct};

/* ---- what is shown ---- */

/* Text of a client as it may be shown, cut where it is too long. */
static str shown(struct call *call, str text, size_t most)
{
    if (!utf8_is_valid(text)) {
        return front_text(call, MSG_BROWSER_UNREADABLE);
    }
    return text.n <= most
               ? text
               : str_printf(&call->scope->arena, "%.*s…", STR_ARG(utf8_truncate(text, most)));
}

/* Somebody may look over the visitor's shoulder, or a screenshot be sent to the help desk. */
static str shown_value(struct call *call, enum cookie_id id, str value)
{
    bool is_secret = id == COOKIE_SESSION || id == COOKIE_CSRF;
    if (!is_secret || !utf8_is_valid(value)) {
        return shown(call, value, VALUE_SHOWN_BYTES);
    }
    if (value.n < 4 * MASKED_ENDS) {
        return S("…");
    }
    str start = utf8_truncate(value, MASKED_ENDS);
    size_t end = value.n - MASKED_ENDS;
    while (((unsigned char)value.p[end] & 0xC0) == 0x80) {
        end++; /* not within a code point */
    }
    return str_printf(&call->scope->arena, "%.*s…%.*s", STR_ARG(start),
                      STR_ARG(str_slice(value, end, value.n)));
}

static struct tpl_list list_held(struct call *call)
{
    struct held_cookie *views = arena_array(&call->scope->arena, struct held_cookie, COOKIE__COUNT);
    for (enum cookie_id id = 0; id < COOKIE__COUNT; id++) {
        struct cookie_view declared = cookie_view(call, id);
        str value = cookie_get(call, id, NULL);
        views[id] = (struct held_cookie){.name = declared.name,
                                         .function = declared.function,
                                         .purpose = declared.purpose,
                                         .lifetime = declared.lifetime,
                                         .value = shown_value(call, id, value),
                                         .is_sent = value.p != NULL};
    }
    return (struct tpl_list){views, COOKIE__COUNT};
}

/* Cookies that came along but are not ours: by name alone, as the server looks at no more of them.
 */
static struct tpl_list list_unknown(struct call *call)
{
    struct arena *arena = &call->scope->arena;
    struct unknown_view *views = arena_array(arena, struct unknown_view, UNKNOWN_SHOWN);
    str rest = call->ignores_cookies ? STR_NONE : exchange_cookies(call->exchange);
    struct cookie_pair pair;
    size_t count = 0;
    while (count < UNKNOWN_SHOWN && cookie_next(arena, &rest, &pair)) {
        if (cookie_find(pair.name) == COOKIE__COUNT) {
            str name = pair.name.n ? pair.name : front_text(call, MSG_BROWSER_NAMELESS);
            const struct service *service = NULL;
            registry_cookie(call->registry, pair.name, &service);
            views[count++] = (struct unknown_view){shown(call, name, NAME_SHOWN_BYTES),
                                                   service ? service->name : S("")};
        }
    }
    return (struct tpl_list){views, count};
}

enum err browser_get(struct call *call)
{
    struct browser data = {.cookies = list_held(call),
                           .unknown = list_unknown(call),
                           .has_session = call->session != NULL,
                           .user = call->actor->name};
    struct page page = {.title = MSG_BROWSER_TITLE, .body = &browser_template, .data = &data};
    page_send(call, &page);
    return ERR_OK;
}

/* ---- deletion ---- */

/* Ends the session, so that the rest of this answer knows nobody: it must not set a cookie again.
 */
static enum err forget_session(struct call *call)
{
    if (call->session) {
        TRY(session_end(call->scope, call->app->identity, call->session_id));
    }
    call->session = NULL;
    call->view_as = NULL;
    call->session_id = STR_NONE;
    call->actor = &actor_anonymous;
    return ERR_OK;
}

enum err browser_post(struct call *call)
{
    enum cookie_id id = cookie_find(form_value(&call->form, S("cookie")));
    if (id == COOKIE__COUNT) {
        return fail(call->scope, ERR_REQUEST, "This cookie is not one of the portal's.");
    }
    if (id == COOKIE_SESSION) {
        TRY(forget_session(call));
    }
    cookie_delete(call, id, "the visitor deleted it");
    page_redirect(call, S("/cookies/browser"));
    return ERR_OK;
}

enum err everything_delete_post(struct call *call)
{
    struct deleted data = {.cookies = cookie_views(call, true)};
    TRY(forget_session(call));
    call->consent = (struct consent){.signal = call->consent.signal};
    for (enum cookie_id id = 0; id < COOKIE__COUNT; id++) {
        cookie_delete(call, id, "the visitor deleted everything");
    }
    cookies_delete_refused(call, &call->consent, "the visitor deleted everything");
    /* Never "cookies": that would empty the whole registrable domain (7.4). */
    response_header(call->exchange, S("Clear-Site-Data"), S("\"cache\", \"storage\""));
    struct page page = {.title = MSG_DELETED_TITLE, .body = &deleted_template, .data = &data};
    page_send(call, &page);
    return ERR_OK;
}
