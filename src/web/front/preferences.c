/* The preference page: what needs consent, what was chosen, and the forms to choose
 * (3.2, 3.6, 3.8). */
#include "base/date.h"
#include "web/front/privacy_pages.h"

struct purpose_view {
    str name, title, text;
    bool checked;
    struct tpl_list services;
};

struct preferences {
    bool needs_consent, chosen, undecided, outdated, signal, refused, saved, fragment;
    bool is_counting, is_counted, is_unwilling, objects; /* the portal counts visits; this one; not because of a signal, a choice */
    usec chosen_on;
    str after; /* where the forms of this page lead */
    str lifetime;
    str back; /* where the visitor came from; empty: not known */
    struct tpl_list necessary, purposes, changes;
};

static const struct tpl_member purpose_members[] = {
    TPL_TEXT(struct purpose_view, name), TPL_TEXT(struct purpose_view, title),
    TPL_TEXT(struct purpose_view, text), TPL_BOOL(struct purpose_view, checked),
    TPL_LIST(struct purpose_view, services, service_struct)};
static const struct tpl_struct purpose_struct = TPL_STRUCT(struct purpose_view, purpose_members);

static const struct tpl_member preferences_members[] = {
    TPL_BOOL(struct preferences, needs_consent),
    TPL_BOOL(struct preferences, chosen),
    TPL_BOOL(struct preferences, undecided),
    TPL_BOOL(struct preferences, outdated),
    TPL_BOOL(struct preferences, signal),
    TPL_BOOL(struct preferences, refused),
    TPL_BOOL(struct preferences, saved),
    TPL_BOOL(struct preferences, fragment),
    TPL_BOOL(struct preferences, is_counting),
    TPL_BOOL(struct preferences, is_counted),
    TPL_BOOL(struct preferences, is_unwilling),
    TPL_BOOL(struct preferences, objects),
    TPL_INSTANT(struct preferences, chosen_on),
    TPL_TEXT(struct preferences, after),
    TPL_TEXT(struct preferences, lifetime),
    TPL_URL(struct preferences, back),
    TPL_LIST(struct preferences, necessary, cookie_struct),
    TPL_LIST(struct preferences, purposes, purpose_struct),
    TPL_LIST(struct preferences, changes, change_struct)};
static const struct tpl_struct preferences_struct =
    TPL_STRUCT(struct preferences, preferences_members);
const struct tpl_binding preferences_template = {"front/preferences", &preferences_struct};

static struct tpl_list list_purposes(struct call *call)
{
    struct purpose_view *views =
        arena_array(&call->scope->arena, struct purpose_view, PURPOSE__COUNT);
    size_t count = 0;
    for (enum purpose purpose = 0; purpose < PURPOSE__COUNT; purpose++) {
        if (purpose == PURPOSE_NECESSARY || !purpose_is_used(call->registry, purpose)) {
            continue;
        }
        views[count++] = (struct purpose_view){.name = str_from(purpose_name(purpose)),
                                               .title = front_text(call, purpose_title(purpose)),
                                               .text = front_text(call, purpose_text(purpose)),
                                               .checked = call->consent.chosen &&
                                                          (call->consent.purposes >> purpose & 1),
                                               .services = service_views(call, purpose)};
    }
    return (struct tpl_list){views, count};
}

static bool is_set(const struct call *call, str name)
{
    return str_eq(call_query(call, name), S("1"));
}

/* Also when something else was chosen: the signal alone keeps a visitor from being counted. */
static bool has_signal(const struct call *call)
{
    return exchange_header_is(call->exchange, S("Sec-GPC"), S("1")) || exchange_header_is(call->exchange, S("DNT"), S("1"));
}

/* After saving, this page again, with the way back to where the visitor came from. */
static str address_after(struct call *call, str back)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    buf_add(&out, S("/cookies?saved=1"));
    if (back.n) {
        buf_add(&out, S("&next="));
        url_encode(&out, back);
    }
    return buf_copy(&out, &call->scope->arena);
}

enum err preferences_get(struct call *call)
{
    const struct consent *consent = &call->consent;
    str back = page_next(call, S(""));
    struct preferences data = {
        .needs_consent = registry_needs_consent(call->registry),
        .chosen = consent->chosen,
        .undecided = !consent->chosen && !consent->outdated && !consent->signal,
        .outdated = consent->outdated,
        .signal = consent->signal,
        .refused = consent->chosen && !consent->purposes && !consent->services,
        .saved = is_set(call, S("saved")) && (consent->chosen || is_set(call, S("counting"))),
        .is_counting = call->app->analytics != NULL,
        .is_counted = !consent->objects && !has_signal(call),
        .is_unwilling = has_signal(call),
        .objects = consent->objects,
        .fragment = is_set(call, S("fragment")),
        .chosen_on = consent->chosen ? consent->day * USEC_DAY : 0,
        .lifetime = format_duration(&call->scope->arena, call->language,
                                    consent_lifetime(call->app->privacy) * USEC_SECOND),
        .after = address_after(call, back),
        .back = back,
        .necessary = cookie_views(call, false),
        .purposes = list_purposes(call)};
    if (consent->outdated) {
        TRY(change_views(call, consent->revision, call->registry->revision, &data.changes));
    }
    struct page page = {.title = MSG_COOKIES_TITLE, .body = &preferences_template, .data = &data};
    page_send(call, &page);
    return ERR_OK;
}
