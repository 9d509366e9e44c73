/* Handlers of the cookie layer's pages, a file each, and what they share. */
#ifndef WEB_FRONT_PRIVACY_PAGES_H
#define WEB_FRONT_PRIVACY_PAGES_H

#include "web/shell/page.h"

/* ---- home.c ---- */
enum err home_get(struct call *call) must_check;

/* ---- embedded.c: content from elsewhere, or its placeholder ---- */
enum err embedded_get(struct call *call) must_check;
enum err embedded_post(struct call *call) must_check;

struct embed_view {
    str service_id, service, provider, location, title, description;
    str address;     /* of the content */
    str once;        /* where the form that shows it once goes */
    str page;        /* of the content or its placeholder, and where the visitor comes back to */
    str policy_url;
    int64_t height;
    bool allowed;
    struct tpl_list cookies; /* of service_cookie_struct */
};
extern const struct tpl_struct embed_struct;

/* back: the page that shows it. once: shown on this page whatever was chosen. */
struct embed_view embed_view(struct call *call, const struct service *service,
                             const struct service_embed *embed, str back, bool once);

/* ---- preferences.c, choice.c ---- */
enum err preferences_get(struct call *call) must_check;
enum err choice_post(struct call *call) must_check;

/* ---- receipt.c ---- */
enum err receipt_get(struct call *call) must_check;
enum err receipt_post(struct call *call) must_check;

/* ---- policy.c ---- */
enum err policy_get(struct call *call) must_check;

/* ---- revisions.c ---- */
enum err revisions_get(struct call *call) must_check;
enum err revision_get(struct call *call) must_check;
enum err revision_declaration_get(struct call *call) must_check;

struct change_view {
    str service, what, before, after;
    bool added, removed, changed;
};
extern const struct tpl_struct change_struct;

/* What changed between two revisions; empty when one of them is not known. Errors: ERR_DATABASE. */
enum err change_views(struct call *call, int64_t from, int64_t to, struct tpl_list *ret_changes) must_check;

/* ---- browser.c: what is held about this browser, and its deletion ---- */
enum err browser_get(struct call *call) must_check;
enum err browser_post(struct call *call) must_check;
enum err everything_delete_post(struct call *call) must_check;

/* ---- language.c ---- */
enum err language_get(struct call *call) must_check;
enum err set_language_get(struct call *call) must_check;
enum err set_language_post(struct call *call) must_check;

/* ---- documents.c: for programs ---- */
enum err declaration_get(struct call *call) must_check;
enum err gpc_get(struct call *call) must_check;

/* Answers with a JSON document that is the same for everybody. tag: its validator, empty: none. */
void document_send(struct call *call, str json, str tag);

/* ---- views.c: cookies and services as pages show them ---- */

struct cookie_view {
    str name, function, purpose, when, lifetime, category, party, set_by, same_site;
    bool http_only;
};
extern const struct tpl_struct cookie_struct;

struct cookie_view cookie_view(struct call *call, enum cookie_id id);

/* The declared cookies; all: also those of optional purposes. */
struct tpl_list cookie_views(struct call *call, bool all);

struct service_cookie_view {
    str name, lifetime, purpose;
    bool by_script; /* kept under the portal's own name by a script of the service */
};
extern const struct tpl_struct service_cookie_struct;
struct tpl_list service_cookie_views(struct call *call, const struct service *service);

struct service_view {
    str id, name, provider, location, description, policy_url, hosts, category, cookie_names;
    bool allowed; /* may be loaded now */
    bool checked; /* accepted by itself, apart from its purpose */
    bool has_script;
    struct tpl_list cookies;
};
extern const struct tpl_struct service_struct;

/* The declared services of a purpose; PURPOSE__COUNT: of all. */
struct tpl_list service_views(struct call *call, enum purpose purpose);

/* Whether a service of this purpose is declared. */
bool purpose_is_used(const struct registry *registry, enum purpose purpose);

/* A message without arguments in the visitor's language. */
static inline str front_text(const struct call *call, enum message message)
{
    return message_plain(call->language, message);
}

/* ---- templates ---- */
extern const struct tpl_binding home_template, embedded_template, preferences_template,
    receipt_template, policy_template, revisions_template, revision_template, browser_template,
    deleted_template, language_template;

#endif
