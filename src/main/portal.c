#include "main/portal.h"

#include <stdio.h>

#include "base/bug.h"
#include "base/log.h"
#include "base/vec.h"
#include "domain/interop/interop.h"
#include "platform/mail/mail.h"
#include "main/open.h"
#include "web/back/routes.h"
#include "web/front/account.h"
#include "web/front/explore.h"
#include "web/front/privacy_routes.h"
#include "web/shell/page.h"
#include "web/shell/site_mail.h"
#include "web/shell/static.h"

/* ---- settings ---- */

static enum err read_text(struct scope *scope, const struct command_line *line, const char *name,
                          const char **ret)
{
    TRY(option_text(scope, line, name, ret));
    *ret = *ret && **ret ? *ret : NULL;
    return ERR_OK;
}

static enum err read_origins(struct scope *scope, const struct command_line *line,
                             struct portal_settings *settings)
{
    const char *text;
    VEC(str) origins = {0};
    str part;
    TRY(option_text(scope, line, "trusted-origin", &text));
    str rest = str_from(text);
    while (rest.n && str_split(&rest, ',', &part)) {
        str origin = str_trim(part);
        bool good = str_starts(origin, S("https://")) || str_starts(origin, S("http://"));
        if (!good || str_find_char(origin, '/', 8) != SIZE_MAX) {
            return option_wrong(scope, line, "trusted-origin",
                                "origins as in https://www.example.org,https://*.example.org");
        }
        vec_add(&scope->arena, &origins, origin);
    }
    settings->trusted_origins = origins.items;
    settings->trusted_origin_count = origins.count;
    return ERR_OK;
}

/* ---- the layers below what is stored of the site ---- */

static void drop_json(void *value)
{
    json_decref(value);
}

static void put(json_t *members, const char *name, json_t *value)
{
    bug_if(json_object_set_new(members, name, value) != 0);
}

/* An option that says what the program says without it was not given, as far as anybody can see. */
static enum err put_option(struct scope *scope, const struct command_line *line, const char *option, str fallback,
                           const char *member, struct site_layers *layers)
{
    const char *text;
    TRY(option_text(scope, line, option, &text));
    json_t *value = json_string(text);
    if (!value) {
        return option_wrong(scope, line, option, "UTF-8");
    }
    bool is_given = !str_eq(str_from(text), fallback);
    put((json_t *)(uintptr_t)(is_given ? layers->options : layers->defaults), member, value);
    return ERR_OK;
}

static enum err put_mail(const struct identity_options *options, struct site_layers *layers)
{
    if (options->smtp_url) {
        json_t *mail = json_object();
        put(mail, "url", json_string(options->smtp_url));
        put(mail, "from", json_string(options->smtp_from));
        if (options->smtp_user) {
            put(mail, "user", json_string(options->smtp_user));
        }
        put((json_t *)(uintptr_t)layers->options, "mail", mail);
    }
    layers->password_file = options->smtp_password_file;
    return ERR_OK;
}

static enum err read_site(struct scope *scope, const struct command_line *line, struct portal_settings *settings)
{
    struct site_layers *layers = &settings->layers;
    const char *text;
    json_t *file = NULL;
    TRY(read_text(scope, line, "site", &layers->path));
    TRY(layers->path ? site_read_file(scope, layers->path, &file) : ERR_OK);
    scope_keep(scope, drop_json, file);
    json_t *options = json_object();
    json_t *defaults = json_object();
    scope_keep(scope, drop_json, options);
    scope_keep(scope, drop_json, defaults);
    layers->file = file;
    layers->options = options;
    layers->defaults = defaults;
    TRY(put_option(scope, line, "portal-name", S("Open data"), "name", layers));
    TRY(put_option(scope, line, "language", S("en"), "language", layers));
    TRY(put_option(scope, line, "embed-ancestors", S("*"), "embed_ancestors", layers));
    TRY(option_text(scope, line, "embed-ancestors", &text));
    if (!site_ancestors(&scope->arena, str_from(text)).p) {
        return option_wrong(scope, line, "embed-ancestors",
                            "*, none, or origins as in https://www.example.org,https://*.example.org");
    }
    return put_mail(&settings->identity, layers);
}

static bool is_profile(str name)
{
    size_t count;
    const struct catalogue_format *formats = catalogue_formats_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (formats[i].profile.n && str_eq(formats[i].profile, name)) {
            return true;
        }
    }
    return false;
}

static enum err read_dcat_profiles(struct scope *scope, const struct command_line *line, str *ret)
{
    const char *text;
    str part;
    TRY(option_text(scope, line, "dcat-ap", &text));
    str rest = str_from(text);
    while (rest.n && str_split(&rest, ',', &part)) {
        if (!is_profile(str_trim(part))) {
            return option_wrong(scope, line, "dcat-ap", "some of ch,de,se,sp,it,vl,benap");
        }
    }
    *ret = str_from(text);
    return ERR_OK;
}

/* Of sessions; 0, which elsewhere means no limit, would end each at once. */
static enum err read_lifetime(struct scope *scope, const struct command_line *line,
                              const char *name, usec *ret)
{
    TRY(option_duration(scope, line, name, ret));
    return *ret ? ERR_OK : option_wrong(scope, line, name, "a duration above 0, as in 2h or 14d");
}

static enum err read_identity(struct scope *scope, const struct command_line *line, str public_url,
                              struct identity_options *options)
{
    options->public_url = public_url;
    TRY(option_duration(scope, line, "session-recent", &options->recent));
    TRY(read_lifetime(scope, line, "session-idle", &options->idle));
    TRY(read_lifetime(scope, line, "session-absolute", &options->absolute));
    TRY(read_lifetime(scope, line, "remember-idle", &options->remembered_idle));
    TRY(read_lifetime(scope, line, "remember-absolute", &options->remembered_absolute));
    TRY(read_text(scope, line, "smtp-url", &options->smtp_url));
    TRY(read_text(scope, line, "smtp-from", &options->smtp_from));
    TRY(read_text(scope, line, "smtp-user", &options->smtp_user));
    TRY(read_text(scope, line, "smtp-password-file", &options->smtp_password_file));
    if (options->smtp_url && !mail_url_is_valid(str_from(options->smtp_url))) {
        return option_wrong(scope, line, "smtp-url", "smtp://HOST:PORT or smtps://HOST:PORT");
    }
    if (options->smtp_url && (!options->smtp_from || !mail_address_is_valid(str_from(options->smtp_from)))) {
        return option_wrong(scope, line, "smtp-from", "the address that mail comes from");
    }
    return ERR_OK;
}

static enum err read_language(struct scope *scope, const struct command_line *line, language *ret)
{
    const char *text;
    TRY(option_text(scope, line, "language", &text));
    *ret = language_exact(str_from(text));
    return *ret != LANGUAGE_NONE ? ERR_OK
                                 : option_wrong(scope, line, "language",
                                                "the code of a language that there is, as en or fr");
}

static enum err read_second_factor(struct scope *scope, const struct command_line *line,
                                   struct portal_settings *settings)
{
    const char *text;
    TRY(option_text(scope, line, "second-factor", &text));
    settings->second_factor_required = !str_eq(str_from(text), S("none"));
    return !settings->second_factor_required ||
                   role_find(str_from(text), &settings->second_factor_role)
               ? ERR_OK
               : option_wrong(scope, line, "second-factor",
                              "none, reader, editor, publisher or administrator");
}

enum err portal_read_settings(struct scope *scope, const struct command_line *line, str public_url,
                              struct portal_settings *ret_settings)
{
    struct portal_settings settings = {0};
    TRY(read_privacy_options(scope, line, public_url, &settings.privacy));
    TRY(read_language(scope, line, &settings.identity.language));
    TRY(read_identity(scope, line, public_url, &settings.identity));
    TRY(read_site(scope, line, &settings));
    TRY(read_second_factor(scope, line, &settings));
    TRY(read_origins(scope, line, &settings));
    TRY(read_dcat_profiles(scope, line, &settings.dcat_profiles));
    TRY(option_number(scope, line, "quota-portal", 0, INT64_MAX / 2, &settings.quotas.portal));
    TRY(option_number(scope, line, "quota-anonymous", 0, INT64_MAX / 2,
                      &settings.quotas.anonymous));
    TRY(option_number(scope, line, "quota-user", 0, INT64_MAX / 2, &settings.quotas.user));
    TRY(option_switch(scope, line, "explain-cookies", &settings.explain_cookies));
    *ret_settings = settings;
    return ERR_OK;
}

/* ---- opening ---- */

static enum err open_templates(struct scope *scope, struct app *app)
{
    size_t office_template_count;
    const struct tpl_binding *const *office_templates = back_templates(&office_template_count);
    const struct {
        const struct tpl_binding *const *bindings;
        size_t count;
    } tables[] = {{shell_templates, shell_template_count},
                  {privacy_templates, privacy_template_count},
                  {account_templates, account_template_count},
                  {explore_templates, explore_template_count},
                  {office_templates, office_template_count}};
    VEC(const struct tpl_binding *) all = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
        for (size_t j = 0; j < tables[i].count; j++) {
            vec_add(&scope->arena, &all, tables[i].bindings[j]);
        }
    }
    return tpl_open(scope, all.items, all.count, &app->tpl);
}

/* What everybody may see is made before somebody waits for it; event loops only take what is there. */
static void make_public_view(struct scope *scope, struct app *app)
{
    const struct snapshot *snapshot = NULL;
    if (access_snapshot(scope, app->access, &actor_anonymous, &snapshot) != ERR_OK) {
        scope_forgive(scope); /* the first request meets the same failure, and tells of it */
    }
    snapshot_unref(snapshot);
}

static enum err open_site(struct scope *scope, const struct portal_settings *settings, struct app *app)
{
    struct site_options options = {.layers = settings->layers, .public_url = settings->identity.public_url};
    identity_key(app->identity, S("mail password"), options.key);
    enum err result = site_open(scope, app->catalog, &options, &app->sites);
    explicit_bzero(options.key, sizeof(options.key));
    if (result == ERR_OK) {
        site_use_mail(app);
    }
    return result;
}

enum err portal_open(struct scope *scope, const struct portal_settings *settings, struct app *app)
{
    uint8_t seed[SECRET_BYTES];
    app->dcat_profiles = settings->dcat_profiles;
    app->trusted_origins = settings->trusted_origins;
    app->trusted_origin_count = settings->trusted_origin_count;
    app->explain_cookies = settings->explain_cookies;
    app->second_factor_required = settings->second_factor_required;
    app->second_factor_role = settings->second_factor_role;
    app->stylesheet = static_address(S("app.css"));
    app->script = static_address(S("app.js"));
    app->quotas = quotas_open(&settings->quotas);
    TRY(identity_open(scope, app->catalog, &settings->identity, &app->identity));
    app->access = access_open(app->catalog, app->records);
    identity_key(app->identity, S("csrf"), app->csrf_key);
    identity_key(app->identity, S("consent receipts"), seed);
    enum err result = privacy_open(scope, app->catalog, &settings->privacy, seed, &app->privacy);
    explicit_bzero(seed, sizeof(seed));
    TRY(result);
    TRY(open_site(scope, settings, app));
    make_public_view(scope, app);
    return open_templates(scope, app);
}

void portal_close(struct app *app)
{
    struct scope scope;
    scope_open(&scope);
    if (app->privacy) {
        privacy_upkeep(&scope, app->privacy);
    }
    scope_close(&scope);
    tpl_close(app->tpl);
    privacy_close(app->privacy);
    site_close(app->sites);
    access_close(app->access);
    identity_close(app->identity);
    quotas_close(app->quotas);
}

/* ---- while serving ---- */

/* A change of this node's own is in service already, but for the relay, which is set here for all. */
static void refresh_site(struct scope *scope, struct app *app)
{
    bool changed;
    if (site_refresh(scope, app->sites, &changed) != ERR_OK) {
        log_event(EV_CATALOG_FAILED, "settings of the site: %.*s (%.*s)", STR_ARG(scope->failure.message),
                  STR_ARG(scope->failure.cause));
        scope_forgive(scope);
    }
    site_use_mail(app);
}

void portal_refresh(struct app *app)
{
    struct scope scope;
    scope_open(&scope);
    if (privacy_refresh(&scope, app->privacy) != ERR_OK) {
        log_event(EV_CATALOG_FAILED, "services: %.*s (%.*s)", STR_ARG(scope.failure.message),
                  STR_ARG(scope.failure.cause));
        scope_forgive(&scope);
    }
    refresh_site(&scope, app);
    make_public_view(&scope, app);
    scope_close(&scope);
}

void portal_welcome(struct app *app, str address)
{
    struct scope scope;
    str token;
    scope_open(&scope);
    enum err result = identity_first_link(&scope, app->identity, &token);
    if (result != ERR_OK) {
        log_event(EV_REQUEST_FAILED, "the first administrator's link: %.*s (%.*s)",
                  STR_ARG(scope.failure.message), STR_ARG(scope.failure.cause));
    } else if (token.n) {
        printf("nobody administers this portal yet; set the password of the user admin, within 7 days, "
               "at\n  %.*s/account/link/%.*s\n",
               STR_ARG(address), STR_ARG(token));
        fflush(stdout);
    }
    scope_close(&scope);
}
