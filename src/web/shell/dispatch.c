/* One request on a worker: gates, handler, and what becomes of errors. */
#include <time.h>

#include "base/bug.h"
#include "base/num.h"
#include "web/shell/cookies.h"
#include "web/shell/gate.h"
#include "web/shell/headers.h"
#include "web/shell/internal.h"
#include "web/shell/page.h"
#include "web/shell/problem.h"

static const struct route no_route = {.pattern = "", .lane = LANE_QUICK, .name = "none",
                                      .kind = ROUTE_PAGE};

const struct route *dispatch_route(const struct shell *shell, struct exchange *exchange,
                                   str ret_values[CALL_PATH_VALUES])
{
    return route_match(shell->routes, shell->route_count, exchange_raw_path(exchange), ret_values);
}

static bool names_pages(const struct exchange *exchange)
{
    return str_find(exchange_header(exchange, S("Accept")), S("text/html"), 0) != SIZE_MAX;
}

bool dispatch_is_for_people(struct exchange *exchange, const struct route *route)
{
    if (route) {
        return route_is_page(route);
    }
    return !str_starts(exchange_raw_path(exchange), S("/api/")) && names_pages(exchange);
}

static int64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool is_https(const struct shell *shell, const struct exchange *exchange)
{
    return shell->options.app->public_url.n
               ? str_starts(shell->options.app->public_url, S("https://"))
               : exchange_is_encrypted(exchange);
}

static str base_url(const struct shell *shell, struct exchange *exchange)
{
    if (shell->options.app->public_url.n) {
        return shell->options.app->public_url;
    }
    str host = exchange_host(exchange);
    return str_printf(&exchange_scope(exchange)->arena, "http%s://%.*s",
                      exchange_is_encrypted(exchange) ? "s" : "",
                      STR_ARG(host.n ? host : S("localhost")));
}

/* ---- answers kept in memory ---- */

/* The state an answer was made from. */
static uint64_t state_of(const struct snapshot *snapshot, const struct dataset *dataset)
{
    if (!dataset) {
        return snapshot->generation * 2;
    }
    /* Changes of metadata and permissions alter answers too; all show in changed. */
    return (str_hash(dataset->uid) ^ (uint64_t)dataset->changed ^ dataset->view) * 2 + 1;
}

/* What an answer depends on beside the data: links begin with base; bodies are kept compressed; settings of the site. */
static str cache_key(struct exchange *exchange, str base, int64_t site)
{
    char digits[NUM_INT_BYTES];
    str parts[] = {exchange_encoding(exchange), S(" "), (str){digits, num_write_int(digits, site)}, S(" "), base,
                   exchange_raw_path(exchange), S("?"), exchange_raw_query(exchange)};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        n += parts[i].n;
    }
    char *text = arena_alloc(&exchange_scope(exchange)->arena, n + 1);
    char *at = text;
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        at = mempcpy(at, parts[i].p ? parts[i].p : "", parts[i].n);
    }
    return (str){text, n};
}

static void answer_page(struct shell *shell, struct exchange *exchange, const struct route *route, enum err code,
                        usec retry_at)
{
    struct call call = {.exchange = exchange,
                        .scope = exchange_scope(exchange),
                        .app = shell->options.app,
                        .site = site_current(shell->options.app->sites),
                        .route = route,
                        .actor = &actor_anonymous,
                        .base_url = base_url(shell, exchange),
                        .is_https = is_https(shell, exchange),
                        .ignores_cookies = route->kind == ROUTE_EMBED,
                        .retry_at = retry_at};
    gate_visitor(&call);
    problem_page(&call, code, CSRF_GOOD);
    registry_unref(call.registry);
    site_unref(call.site);
    buf_done(&call.explanation);
}

/* A person who opened an address of the API learns when it works again; a program reads it. */
static void refuse_quota(struct shell *shell, struct exchange *exchange, const struct quota_answer *quota,
                         enum api_caller caller)
{
    if (names_pages(exchange)) {
        answer_page(shell, exchange, &no_route, ERR_QUOTA, quota->reset);
        headers_quota(exchange, quota);
    } else {
        problem_render_quota(exchange, quota, caller);
    }
}

/* Counts a call that the cache answers; false: it was refused, and that is the answer. */
static bool count_anonymous(struct shell *shell, struct exchange *exchange,
                            const struct route *route)
{
    if (route->kind != ROUTE_API || route->is_free || !quotas_limit_anonymous(shell->options.app->quotas)) {
        return true;
    }
    struct quota_answer quota = quota_take(shell->options.app->quotas, &actor_anonymous,
                                           exchange_client_network(exchange));
    if (quota.refused) {
        refuse_quota(shell, exchange, &quota, API_ANYBODY);
        return false;
    }
    headers_quota(exchange, &quota);
    return true;
}

bool dispatch_from_cache(struct shell *shell, struct exchange *exchange, const struct route *route,
                         const str *values)
{
    if (!route->cacheable || route_is_page(route)) {
        return false;
    }
    int64_t began = nanoseconds();
    bool has_credentials = gate_has_credentials(exchange);
    status_count_gates(shell, nanoseconds() - began, false);
    if (has_credentials) {
        return false;
    }
    const struct snapshot *snapshot = access_anonymous(shell->options.app->access);
    if (!snapshot) {
        return false;
    }
    str key = cache_key(exchange, base_url(shell, exchange), site_generation(shell->options.app->sites));
    struct stored_response *stored = NULL;
    if (values[0].p) {
        const struct dataset *dataset = snapshot_find(snapshot, values[0]);
        stored = dataset ? cache_find(shell->cache, key, state_of(snapshot, dataset)) : NULL;
    } else {
        stored = cache_find(shell->cache, key, state_of(snapshot, NULL));
    }
    snapshot_unref(snapshot);
    if (!stored) {
        return false;
    }
    if (count_anonymous(shell, exchange, route)) {
        response_send_stored(exchange, stored);
    }
    stored_response_unref(stored);
    return true;
}

static void keep(struct shell *shell, struct call *call)
{
    bool may_keep = call->route->cacheable && call->may_cache && !actor_is_known(call->actor) &&
                    call->snapshot->fingerprint == SNAPSHOT_ANONYMOUS &&
                    cache_takes(shell->cache, response_body_bytes(call->exchange));
    struct stored_response *stored = may_keep ? response_store(call->exchange) : NULL;
    if (stored) {
        cache_put(shell->cache, cache_key(call->exchange, call->base_url, call->site->generation),
                  state_of(call->snapshot, call->depends_on), stored);
        stored_response_unref(stored);
    }
}

/* ---- the parts of a request ---- */

str call_query(const struct call *call, str name)
{
    const str *value = query_find(&call->query, name);
    return value ? *value : S("");
}

str call_value(const struct call *call, str name)
{
    str value = form_value(&call->form, name);
    return value.p ? value : call_query(call, name);
}

static enum err read_address(struct call *call, const str *values)
{
    struct scope *scope = call->scope;
    for (size_t i = 0; i < CALL_PATH_VALUES; i++) {
        if (values[i].p && !url_decode(&scope->arena, values[i], false, &call->path_values[i])) {
            return fail(scope, ERR_REQUEST, "The address is not percent-encoded UTF-8.");
        }
    }
    return query_parse(scope, exchange_raw_query(call->exchange), &call->query);
}

static enum err run_handler(struct call *call)
{
    return route_handler(call->route, exchange_method(call->exchange))(call);
}

/* ---- the API ---- */

static enum err pass_gates(struct call *call, struct quota_answer *ret_quota)
{
    TRY(gate_actor(call));
    if (call->route->kind == ROUTE_API && !call->route->is_free) {
        *ret_quota = quota_take(call->app->quotas, call->actor, call->origin.network);
        if (ret_quota->refused) {
            return fail(call->scope, ERR_QUOTA, "The calls of this day are used up.");
        }
    }
    return gate_snapshot(call);
}

static enum api_caller caller_of(const struct call *call)
{
    return call->session                                            ? API_SESSION
           : actor_is_known(call->actor) || call->ignores_cookies ? API_KEY
                                                                    : API_ANYBODY;
}

static enum err run_api(struct shell *shell, struct call *call, const str *values,
                        struct quota_answer *ret_quota)
{
    TRY(read_address(call, values));
    int64_t began = nanoseconds();
    enum err result = pass_gates(call, ret_quota);
    status_count_gates(shell, nanoseconds() - began, true);
    TRY(result);
    if (call->route->kind == ROUTE_API) {
        headers_api(call->exchange, caller_of(call));
        headers_quota(call->exchange, ret_quota);
    } else {
        headers_common(call->exchange);
    }
    return run_handler(call);
}

static void work_api(struct shell *shell, struct call *call, const str *values)
{
    struct quota_answer quota = {0};
    enum err result = run_api(shell, call, values, &quota);
    if (result == ERR_OK) {
        keep(shell, call);
    } else if (!response_is_streaming(call->exchange)) {
        enum api_caller caller = caller_of(call);
        response_reset(call->exchange);
        if (quota.refused) {
            refuse_quota(shell, call->exchange, &quota, caller);
        } else {
            problem_render(call->exchange, result, caller);
        }
    }
}

/* ---- pages ---- */

/* An address may name the language of its page, so that links and search engines can. */
static void choose_language(struct call *call)
{
    language asked = language_exact(call_query(call, PAGE_LANGUAGE_PARAMETER));
    call->language = site_offers(call->site, asked) ? asked : call->language;
}

static enum err run_page(struct shell *shell, struct call *call, const str *values,
                         enum csrf_verdict *ret_verdict)
{
    enum err key_result = gate_actor(call);
    gate_visitor(call);
    TRY(key_result);
    TRY(read_address(call, values));
    choose_language(call);
    if (call->route == &no_route) {
        return fail(call->scope, ERR_NO_ROUTE, "The requested URI does not exist.");
    }
    if (!method_is_safe(exchange_method(call->exchange))) {
        TRY(gate_csrf(call, ret_verdict));
    }
    TRY(gate_guard(call));
    TRY(gate_snapshot(call));
    if (page_cache_answer(shell, call)) {
        return ERR_OK;
    }
    TRY(run_handler(call));
    page_cache_keep(shell, call);
    return ERR_OK;
}

static void work_page(struct shell *shell, struct call *call, const str *values)
{
    enum csrf_verdict verdict = CSRF_GOOD;
    enum err result = run_page(shell, call, values, &verdict);
    if (result != ERR_OK && !response_is_streaming(call->exchange)) {
        response_reset(call->exchange);
        if (call->stale_session) {
            cookie_delete(call, COOKIE_SESSION, call->stale_session);
        }
        if (call->began) {
            gate_begin_session(call, call->began);
        }
        if (page_is_for_script(call)) {
            problem_render_in(call->exchange, result, call->session ? API_SESSION : API_KEY, call->language);
        } else {
            problem_page(call, result, verdict);
        }
    }
    cookies_explain(call);
    registry_unref(call->registry);
    buf_done(&call->explanation);
}

static enum err refusal_of(int status)
{
    return status == 405 ? ERR_METHOD : status == 413 ? ERR_TOO_LARGE : ERR_BUSY;
}

void dispatch_refuse(struct shell *shell, struct exchange *exchange, int status, str message)
{
    str values[CALL_PATH_VALUES] = {0};
    const struct route *route = dispatch_route(shell, exchange, values);
    if (!route || !route_is_page(route) || !names_pages(exchange) ||
        (status != 405 && status != 413 && status != 503)) {
        problem_render_status(exchange, status, message);
        return;
    }
    answer_page(shell, exchange, route, refusal_of(status), 0);
}

void dispatch_work(struct shell *shell, struct exchange *exchange)
{
    str values[CALL_PATH_VALUES] = {0};
    const struct route *route = dispatch_route(shell, exchange, values);
    struct call call = {.exchange = exchange,
                        .scope = exchange_scope(exchange),
                        .app = shell->options.app,
                        .site = site_current(shell->options.app->sites),
                        .route = route ? route : &no_route,
                        .actor = &actor_anonymous,
                        .base_url = base_url(shell, exchange),
                        .is_https = is_https(shell, exchange)};
    if (route_is_page(call.route)) {
        work_page(shell, &call, values);
    } else {
        work_api(shell, &call, values);
    }
    snapshot_unref(call.snapshot);
    site_unref(call.site);
}
