/* What visitors were asked: when it is something new, keeping it, and telling two apart. */
#include "base/vec.h"
#include "domain/privacy/internal.h"

/* ---- when to ask anew ---- */

static bool has_host(const struct service *service, const struct service_host *host)
{
    for (size_t i = 0; i < service->host_count; i++) {
        if (str_eq(service->hosts[i].origin, host->origin)) {
            return (host->loads & ~service->hosts[i].loads) == 0;
        }
    }
    return false;
}

static bool has_cookie(const struct service *service, const struct service_cookie *cookie)
{
    for (size_t i = 0; i < service->cookie_count; i++) {
        const struct service_cookie *was = &service->cookies[i];
        if (str_eq(was->name, cookie->name)) {
            return str_eq(was->lifetime, cookie->lifetime) && was->party == cookie->party &&
                   str_eq(was->path, cookie->path) && str_eq(was->domain, cookie->domain);
        }
    }
    return false;
}

/* Whether a yes to what was covers what is: fewer hosts, cookies or scripts are no new question. */
static bool is_covered(const struct service *was, const struct service *is)
{
    if (!str_eq(was->provider, is->provider) || was->purpose != is->purpose ||
        (is->script.n && !str_eq(was->script, is->script))) {
        return false;
    }
    for (size_t i = 0; i < is->host_count; i++) {
        if (!has_host(was, &is->hosts[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < is->cookie_count; i++) {
        if (!has_cookie(was, &is->cookies[i])) {
            return false;
        }
    }
    return true;
}

bool services_need_new_consent(const struct service_list *before, const struct service_list *after)
{
    struct registry were = {.services = before->items, .service_count = before->count};
    for (size_t i = 0; i < after->count; i++) {
        const struct service *was = registry_service(&were, after->items[i].id);
        if (!was || !is_covered(was, &after->items[i])) {
            return true;
        }
    }
    return false;
}

/* ---- the table ---- */

#define WHOLE_ROW "select number, began, hash, declaration from consent_revision "

enum err revision_freeze(struct scope *scope, struct db_lease *lease,
                         const struct revision *revision)
{
    return DB_RUN(scope, lease,
                  "insert into consent_revision (number, began, hash, declaration)"
                  " values (?, ?, ?, ?)",
                  cell_int(revision->number), cell_int(revision->began), cell_text(revision->hash),
                  cell_text(revision->declaration));
}

static enum err read_rows(struct scope *scope, struct db_lease *lease, struct sql sql,
                          const struct revision **ret_rows, size_t *ret_count)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct revision) rows = {0};
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        struct revision revision = {.number = row_number(row, 0),
                                    .began = row_number(row, 1),
                                    .hash = row_text(&scope->arena, row, 2),
                                    .declaration = row_text(&scope->arena, row, 3)};
        vec_add(&scope->arena, &rows, revision);
    }
    *ret_rows = rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

enum err revision_latest(struct scope *scope, struct db_lease *lease, struct revision *ret_revision)
{
    const struct revision *rows;
    size_t count;
    TRY(read_rows(scope, lease,
                  STATEMENT(&scope->arena, WHOLE_ROW "order by number desc limit 1"), &rows,
                  &count));
    *ret_revision = count ? rows[0] : (struct revision){0};
    return ERR_OK;
}

enum err revision_list(struct scope *scope, struct privacy *privacy,
                       const struct revision **ret_rows, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena,
                               "select number, began, hash, '' from consent_revision"
                               " order by number desc");
    TRY(db_lease(scope, privacy->db, &lease));
    return read_rows(scope, lease, sql, ret_rows, ret_count);
}

static enum err find(struct scope *scope, struct db_lease *lease, int64_t number,
                     struct revision *ret_revision)
{
    const struct revision *rows;
    size_t count;
    TRY(read_rows(scope, lease,
                  STATEMENT(&scope->arena, WHOLE_ROW "where number = ?", cell_int(number)), &rows,
                  &count));
    if (count == 0) {
        return fail(scope, ERR_NO_SERVICE, "There is no revision %lld.", (long long)number);
    }
    *ret_revision = rows[0];
    return ERR_OK;
}

enum err revision_find(struct scope *scope, struct privacy *privacy, int64_t number,
                       struct revision *ret_revision)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, privacy->db, &lease));
    return find(scope, lease, number, ret_revision);
}

/* ---- comparing ---- */

/* Nothing of it stays in the arena: a page may compare all revisions there ever were. */
static enum err read_one(struct scope *scope, struct db_lease *lease, int64_t number,
                         json_t **ret_declaration)
{
    struct arena_mark mark = arena_get_mark(&scope->arena);
    struct revision revision;
    TRY(find(scope, lease, number, &revision));
    TRY(json_read(scope, ERR_DATABASE, revision.declaration, "stored revision", ret_declaration));
    arena_rewind(&scope->arena, mark);
    return ERR_OK;
}

typedef VEC(struct revision_change) change_list;

static str member(const json_t *object, const char *name)
{
    str text = json_read_text(json_object_get(object, name));
    return text.p ? text : S("");
}

static const json_t *find_service(const json_t *declaration, str id)
{
    const json_t *services = json_object_get(declaration, "services");
    for (size_t i = 0; i < json_array_size(services); i++) {
        const json_t *service = json_array_get(services, i);
        if (str_eq(member(service, "id"), id)) {
            return service;
        }
    }
    return NULL;
}

/* "https://a.example (frame, image), https://b.example (script)" */
static str hosts_text(struct arena *arena, const json_t *service)
{
    const json_t *hosts = json_object_get(service, "hosts");
    str text = S("");
    for (size_t i = 0; i < json_array_size(hosts); i++) {
        const json_t *host = json_array_get(hosts, i);
        const json_t *loads = json_object_get(host, "loads");
        str names = S("");
        for (size_t j = 0; j < json_array_size(loads); j++) {
            names = str_printf(arena, "%.*s%s%.*s", STR_ARG(names), j ? ", " : "",
                               STR_ARG(json_read_text(json_array_get(loads, j))));
        }
        text = str_printf(arena, "%.*s%s%.*s (%.*s)", STR_ARG(text), i ? ", " : "",
                          STR_ARG(member(host, "origin")), STR_ARG(names));
    }
    return text;
}

/* "_vid (13 months), _st_* (1 year, data.example.org/)": the latter kept under the portal's name */
static str cookies_text(struct arena *arena, const json_t *service)
{
    const json_t *cookies = json_object_get(service, "cookies");
    str text = S("");
    for (size_t i = 0; i < json_array_size(cookies); i++) {
        const json_t *cookie = json_array_get(cookies, i);
        str path = member(cookie, "path");
        text = str_printf(arena, "%.*s%s%.*s (%.*s%s%.*s%.*s)", STR_ARG(text), i ? ", " : "",
                          STR_ARG(member(cookie, "name")), STR_ARG(member(cookie, "lifetime")),
                          path.n ? ", " : "", STR_ARG(member(cookie, "domain")), STR_ARG(path));
    }
    return text;
}

static str service_text(struct arena *arena, const json_t *service)
{
    return str_printf(arena, "%.*s (%.*s)", STR_ARG(member(service, "name")),
                      STR_ARG(member(service, "provider")));
}

/* "en: …; fr: …" */
static str texts_text(struct arena *arena, const json_t *service, const char *name)
{
    const json_t *texts = json_object_get(service, name);
    str all = S("");
    for (language i = 0; i < language_count(); i++) {
        str text = member(texts, language_code(i).p);
        if (text.n) {
            all = str_printf(arena, "%.*s%s%.*s: %.*s", STR_ARG(all), all.n ? "; " : "",
                             STR_ARG(language_code(i)), STR_ARG(text));
        }
    }
    return all;
}

static void compare_part(struct arena *arena, change_list *changes, const json_t *service,
                         const char *what, str before, str after)
{
    if (str_eq(before, after)) {
        return;
    }
    struct revision_change change = {.kind = before.n == 0  ? CHANGE_ADDED
                                             : after.n == 0 ? CHANGE_REMOVED
                                                            : CHANGE_CHANGED,
                                     .service = str_copy(arena, member(service, "name")),
                                     .what = str_from(what),
                                     .before = str_copy(arena, before),
                                     .after = str_copy(arena, after)};
    vec_add(arena, changes, change);
}

static void compare_service(struct arena *arena, change_list *changes, const json_t *was,
                            const json_t *is)
{
    const json_t *named = is ? is : was;
    if (!was || !is) {
        compare_part(arena, changes, named, "service", was ? service_text(arena, was) : S(""),
                     is ? service_text(arena, is) : S(""));
        return;
    }
    compare_part(arena, changes, named, "name", member(was, "name"), member(is, "name"));
    compare_part(arena, changes, named, "provider", member(was, "provider"),
                 member(is, "provider"));
    compare_part(arena, changes, named, "location", member(was, "location"),
                 member(is, "location"));
    compare_part(arena, changes, named, "policy_url", member(was, "policy_url"),
                 member(is, "policy_url"));
    compare_part(arena, changes, named, "description", texts_text(arena, was, "description"),
                 texts_text(arena, is, "description"));
    compare_part(arena, changes, named, "purpose", member(was, "purpose"), member(is, "purpose"));
    compare_part(arena, changes, named, "hosts", hosts_text(arena, was), hosts_text(arena, is));
    compare_part(arena, changes, named, "cookies", cookies_text(arena, was),
                 cookies_text(arena, is));
    compare_part(arena, changes, named, "script", member(was, "script"), member(is, "script"));
}

/* "title – text [accept] [refuse] [choose]" in one language. Empty: frozen before texts were. */
static str banner_text(struct arena *arena, const json_t *declaration, const char *code)
{
    static const char *const names[] = {"title", "text", "accept", "refuse", "choose"};
    const json_t *banner = json_object_get(declaration, "banner");
    str text = S("");
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        str part = member(json_object_get(banner, names[i]), code);
        if (part.n) {
            text = str_printf(arena, "%.*s%s%.*s%s", STR_ARG(text),
                              i > 1 ? " [" : i ? " – " : "", STR_ARG(part), i > 1 ? "]" : "");
        }
    }
    return text;
}

static void compare_banner(struct arena *arena, change_list *changes, const json_t *before,
                           const json_t *after)
{
    for (language i = 0; i < language_count(); i++) {
        json_t *named cleanup_with(json_cleanup) = json_object();
        str was = banner_text(arena, before, language_code(i).p);
        json_put(named, "name", json_from(language_own_name(i)));
        if (was.n) {
            compare_part(arena, changes, named, "banner", was,
                         banner_text(arena, after, language_code(i).p));
        }
    }
}

enum err revision_compare(struct scope *scope, struct privacy *privacy, int64_t from, int64_t to,
                          const struct revision_change **ret_changes, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    json_t *before cleanup_with(json_cleanup) = NULL;
    json_t *after cleanup_with(json_cleanup) = NULL;
    change_list changes = {0};
    TRY(db_lease(scope, privacy->db, &lease));
    TRY(read_one(scope, lease, from, &before));
    TRY(read_one(scope, lease, to, &after));
    const json_t *services = json_object_get(after, "services");
    for (size_t i = 0; i < json_array_size(services); i++) {
        const json_t *is = json_array_get(services, i);
        compare_service(&scope->arena, &changes, find_service(before, member(is, "id")), is);
    }
    services = json_object_get(before, "services");
    for (size_t i = 0; i < json_array_size(services); i++) {
        const json_t *was = json_array_get(services, i);
        if (!find_service(after, member(was, "id"))) {
            compare_service(&scope->arena, &changes, was, NULL);
        }
    }
    compare_banner(&scope->arena, &changes, before, after);
    *ret_changes = changes.items;
    *ret_count = changes.count;
    return ERR_OK;
}
