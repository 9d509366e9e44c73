/* Who asks (explore-api.md 7.1, cookies-and-privacy.md 1.2, 1.5 "Exemptions"). */
#include "domain/identity/api_key.h"
#include "domain/identity/view_as.h"
#include "platform/http/cookie.h"
#include "web/shell/cookies.h"
#include "web/shell/counting.h"
#include "web/shell/gate.h"

#define MONITORING_VIEW UINT64_C(0x6d6f6e69746f7269) /* tells its snapshots apart from those of the whole */

static const str key_parameter = {"apikey", 6};

static bool query_names_key(str raw_query)
{
    size_t at = 0;
    while ((at = str_find(raw_query, key_parameter, at)) != SIZE_MAX) {
        bool begins = at == 0 || raw_query.p[at - 1] == '&';
        size_t end = at + key_parameter.n;
        if (begins && (end == raw_query.n || raw_query.p[end] == '=' || raw_query.p[end] == '&')) {
            return true;
        }
        at = end;
    }
    return false; /* an encoded name is seen later, by the worker */
}

bool gate_has_credentials(struct exchange *exchange)
{
    return exchange_header(exchange, S("Authorization")).p != NULL ||
           query_names_key(exchange_raw_query(exchange)) ||
           str_find(exchange_cookies(exchange), str_from(cookie_entry(COOKIE_SESSION)->name), 0) !=
               SIZE_MAX;
}

/* The key of a request; false: it has none. Other schemes than Apikey and Bearer are a proxy's business. */
static enum err read_key(struct call *call, str *ret_key, bool *ret_has)
{
    str header = exchange_header(call->exchange, S("Authorization"));
    size_t blank = 0;
    while (blank < header.n && header.p[blank] != ' ' && header.p[blank] != '\t') {
        blank++;
    }
    str scheme = str_slice(header, 0, blank);
    const str *parameter = query_find(&call->query, key_parameter);
    *ret_has = true;
    if (str_eq_nocase(scheme, S("Apikey"))) {
        *ret_key = str_trim(str_slice(header, blank, header.n));
        return ERR_OK;
    }
    if (str_eq_nocase(scheme, S("Bearer"))) {
        return fail(call->scope, ERR_KEY,
                    "Access tokens are not offered here. Use an API key: Authorization: Apikey …");
    }
    *ret_has = parameter != NULL;
    *ret_key = parameter ? *parameter : STR_NONE;
    return ERR_OK;
}

static enum err find_view(struct call *call)
{
    struct view_as *view = arena_new(&call->scope->arena, struct view_as);
    bool is;
    TRY(view_as_find(call->scope, call->app->identity, call->app->access, call->session, &is, view));
    call->view_as = is ? view : NULL;
    return ERR_OK;
}

/* The back office and the account are one's own whatever one sees of the rest. */
static bool is_own(const struct route *route)
{
    str pattern = str_from(route->pattern);
    return route->office || str_eq(pattern, S("/account")) || str_starts(pattern, S("/account/"));
}

/* What is seen of the source monitoring: of the datasets those of the portal's own figures. */
static void keep_monitoring(struct call *call)
{
    const struct snapshot *all = call->snapshot;
    struct snapshot *some = snapshot_new(all, all->fingerprint ^ MONITORING_VIEW);
    const struct dataset **datasets =
        arena_array(&snapshot_scope(some)->arena, const struct dataset *, all->count + 1);
    for (size_t i = 0; i < all->count; i++) {
        if (str_starts(all->datasets[i]->id, S(STATISTICS_DATASET))) {
            datasets[some->count++] = all->datasets[i];
        }
    }
    some->datasets = datasets;
    snapshot_index(some);
    call->snapshot = some;
    snapshot_unref(all);
}

enum err gate_snapshot(struct call *call)
{
    TRY(call->view_as && !is_own(call->route)
            ? view_as_snapshot(call->scope, call->app->access, call->actor, call->view_as, &call->snapshot)
            : access_snapshot(call->scope, call->app->access, call->actor, &call->snapshot));
    if (call->route->is_monitoring) {
        keep_monitoring(call);
    }
    return ERR_OK;
}

static enum err find_session(struct call *call)
{
    bool conflict;
    bool found = false;
    str id = cookie_get(call, COOKIE_SESSION, &conflict);
    if (id.p == NULL) {
        return ERR_OK;
    }
    struct session *session = arena_new(&call->scope->arena, struct session);
    if (!conflict) {
        TRY(session_find(call->scope, call->app->identity, id, &found, session));
    }
    if (found) {
        call->session = session;
        call->session_id = id;
        call->actor = &session->actor;
        counting_actor(call->exchange, call->actor);
        TRY(find_view(call));
    } else if (call->route->kind == ROUTE_PAGE) {
        call->stale_session =
            conflict ? "it was sent twice with different values" : "its session is over";
        cookie_delete(call, COOKIE_SESSION, call->stale_session);
    }
    return ERR_OK;
}

enum err gate_actor(struct call *call)
{
    str key;
    bool has_key;
    call->actor = &actor_anonymous;
    call->origin = (struct origin){
        .network = exchange_client_network(call->exchange),
        .user_agent = exchange_header(call->exchange, S("User-Agent"))};
    if (call->route->kind == ROUTE_DOCUMENT || call->route->kind == ROUTE_EMBED) {
        call->ignores_cookies = true;
        return ERR_OK;
    }
    call->ignores_cookies = true; /* should the key be refused */
    TRY(read_key(call, &key, &has_key));
    call->ignores_cookies = has_key;
    if (!has_key) {
        return find_session(call);
    }
    struct actor *actor = arena_new(&call->scope->arena, struct actor);
    TRY(api_key_find(call->scope, call->app->identity, key, actor));
    call->actor = actor;
    counting_actor(call->exchange, call->actor);
    return ERR_OK;
}
