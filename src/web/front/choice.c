/* A choice about cookies, from the banner, the preference page or a placeholder (3.6). */
#include "base/date.h"
#include "web/front/privacy_pages.h"
#include "web/shell/cookies.h"

static void accept_service(struct call *call, str id, struct consent *consent)
{
    const struct service *service = registry_service(call->registry, id);
    if (service) {
        consent->services |= UINT64_C(1) << service->number;
    }
}

static void accept_purpose(struct call *call, str name, struct consent *consent)
{
    for (enum purpose purpose = 0; purpose < PURPOSE__COUNT; purpose++) {
        if (purpose != PURPOSE_NECESSARY && str_eq(name, str_from(purpose_name(purpose))) &&
            purpose_is_used(call->registry, purpose)) {
            consent->purposes |= 1u << purpose;
        }
    }
}

/* What is ticked and nothing else: a name that is not declared (any more) is no consent to
 * anything. */
static void read_ticks(struct call *call, struct consent *consent)
{
    for (size_t i = 0; i < call->form.count; i++) {
        const struct form_item *item = &call->form.items[i];
        if (str_eq(item->name, S("service"))) {
            accept_service(call, item->value, consent);
        } else if (str_eq(item->name, S("purpose"))) {
            accept_purpose(call, item->value, consent);
        }
    }
}

static enum err read_choice(struct call *call, struct consent *ret_consent)
{
    str choice = form_value(&call->form, S("choice"));
    usec now = clock_wall();
    *ret_consent = consent_none(call->registry, now);
    ret_consent->objects = call->consent.objects;
    if (str_eq(choice, S("refuse"))) {
        return ERR_OK;
    }
    if (str_eq(choice, S("accept"))) {
        *ret_consent = consent_all(call->registry, now);
        ret_consent->objects = call->consent.objects;
        return ERR_OK;
    }
    if (str_eq(choice, S("save"))) {
        read_ticks(call, ret_consent);
        return ERR_OK;
    }
    str id = form_value(&call->form, S("service"));
    if (str_eq(choice, S("allow")) && registry_service(call->registry, id)) {
        if (call->consent.chosen) {
            ret_consent->purposes = call->consent.purposes;
            ret_consent->services = call->consent.services;
        }
        accept_service(call, id, ret_consent);
        return ERR_OK;
    }
    return fail(call->scope, ERR_REQUEST, "The choice is none of accept, refuse, save and allow.");
}

static enum consent_way read_way(const struct call *call)
{
    str name = form_value(&call->form, S("way"));
    for (enum consent_way way = 0; way < WAY__COUNT; way++) {
        if (str_eq(name, str_from(consent_way_name(way)))) {
            return way;
        }
    }
    return WAY_PAGE;
}

static bool may_have_run(const struct consent *before, const struct service *service)
{
    return service->script.n && (before->outdated || consent_allows(before, service));
}

/*
 * Withdrawal takes effect at once: cookies that scripts of services keep under our name go with this
 * answer, and what else they kept, as we keep nothing there. Cookies of other hosts are out of our
 * reach; the page says so.
 */
static void withdraw(struct call *call, const struct consent *consent)
{
    bool empties_storage = false;
    for (size_t i = 0; i < call->registry->service_count; i++) {
        const struct service *service = &call->registry->services[i];
        empties_storage |= may_have_run(&call->consent, service) && !consent_allows(consent, service);
    }
    if (empties_storage) {
        response_header(call->exchange, S("Clear-Site-Data"), S("\"storage\""));
    }
    for (enum cookie_id id = 0; id < COOKIE__COUNT; id++) {
        enum purpose purpose = cookie_entry(id)->purpose;
        if (purpose != PURPOSE_NECESSARY && !(consent->purposes >> purpose & 1) &&
            cookie_get(call, id, NULL).p) {
            cookie_delete(call, id, "its purpose was refused");
        }
    }
    cookies_delete_refused(call, consent, "its service is not accepted");
}

static void keep(struct call *call, const struct consent *consent)
{
    cookie_set(call, COOKIE_PREFERENCES, consent_write(&call->scope->arena, consent),
               consent_lifetime(call->app->privacy), "the visitor chose");
    withdraw(call, consent);
    if (!call->ignores_cookies) {
        consent_count(call->scope, call->app->privacy, consent, call->language, read_way(call));
    }
}

/* The page behind a choice confirms it, and takes the focus there, without a script too (3.7). */
static str confirming(struct call *call, str target)
{
    struct arena *arena = &call->scope->arena;
    if (str_starts(target, S("/cookies"))) {
        return str_starts(target, S("/cookies?saved=1"))
                   ? str_printf(arena, "%.*s#saved", STR_ARG(target))
                   : target;
    }
    return str_printf(arena, "%.*s%c%.*s#consent-saved", STR_ARG(target),
                      str_find_char(target, '?', 0) == SIZE_MAX ? '?' : '&',
                      STR_ARG(PAGE_CONSENT_MARK));
}

/*
 * Being counted or not, apart from consent: what else was chosen stays as it is. Who has chosen nothing else and does not
 * object any more needs no cookie.
 */
static void keep_objection(struct call *call, bool objects)
{
    struct consent consent = call->consent;
    consent.objects = objects;
    consent.day = consent.chosen ? consent.day : clock_wall() / USEC_DAY;
    if (objects || consent.chosen || consent.outdated) {
        cookie_set(call, COOKIE_PREFERENCES, consent_write(&call->scope->arena, &consent),
                   consent_lifetime(call->app->privacy), "the visitor chose whether visits are counted");
    } else {
        cookie_delete(call, COOKIE_PREFERENCES, "the visitor may be counted, and nothing else was chosen");
    }
    page_redirect(call, page_next(call, S("/cookies?saved=1&counting=1")));
}

enum err choice_post(struct call *call)
{
    str choice = form_value(&call->form, S("choice"));
    if (str_eq(choice, S("object")) || str_eq(choice, S("count"))) {
        keep_objection(call, str_eq(choice, S("object")));
        return ERR_OK;
    }
    struct consent consent;
    bool is_kept = registry_needs_consent(call->registry); /* else there is nothing to remember */
    TRY(read_choice(call, &consent));
    if (is_kept) {
        keep(call, &consent);
    }
    if (str_eq(call_query(call, S("fragment")), S("1"))) {
        page_redirect(call,
                      S("/cookies?saved=1&fragment=1")); /* the script takes its confirmation */
    } else if (page_is_accepted(call)) {
        str target = page_next(call, S("/cookies?saved=1"));
        page_redirect(call, is_kept ? confirming(call, target) : target);
    } else {
        page_nothing(call);
    }
    return ERR_OK;
}
