#include "web/shell/shell.h"

#include <stdlib.h>

#include "base/bug.h"
#include "base/limits.h"
#include "web/shell/counting.h"
#include "web/shell/gate.h"
#include "web/shell/headers.h"
#include "web/shell/internal.h"
#include "web/shell/problem.h"
#include "web/shell/static.h"

/* ---- the event loop's part ---- */

static size_t on_body_limit(struct exchange *exchange, void *user)
{
    str values[CALL_PATH_VALUES] = {0};
    const struct route *route = dispatch_route(user, exchange, values);
    enum http_method method = exchange_method(exchange);
    bool takes = route && !method_is_safe(method) && route_handler(route, method);
    return !takes ? 0 : route->body_bytes ? route->body_bytes : LIMIT_FORM_BYTES;
}

static void answer_options(struct exchange *exchange, const struct route *route)
{
    struct buf nothing = {0};
    if (!route || route->kind == ROUTE_API) {
        headers_preflight(exchange);
        return;
    }
    headers_plain(exchange); /* no CORS: other sites' scripts have no business with pages */
    response_header(exchange, S("Allow"), route_methods(&exchange_scope(exchange)->arena, route));
    response_status(exchange, 204);
    response_body(exchange, &nothing);
}

static void answer_method(struct shell *shell, struct exchange *exchange, const struct route *route)
{
    response_header(exchange, S("Allow"), route ? route_methods(&exchange_scope(exchange)->arena, route) : S("GET, HEAD, OPTIONS"));
    dispatch_refuse(shell, exchange, 405, S("This method is not offered here."));
}

static bool on_quick(struct exchange *exchange, enum lane *ret_lane, void *user)
{
    struct shell *shell = user;
    enum http_method method = exchange_method(exchange);
    bool is_read = method == HTTP_GET || method == HTTP_HEAD;
    *ret_lane = LANE_QUICK;
    if (is_read && status_answer(shell, exchange)) {
        return true;
    }
    str values[CALL_PATH_VALUES] = {0};
    const struct route *route =
        method == HTTP_OTHER ? NULL : dispatch_route(shell, exchange, values);
    if (method == HTTP_OPTIONS) {
        answer_options(exchange, route);
        return true;
    }
    if ((!route && !is_read) || (route && !route_offers(route, method))) {
        answer_method(shell, exchange, route);
        return true;
    }
    if (!route) {
        if (dispatch_is_for_people(exchange, NULL)) {
            return false;
        }
        fail(exchange_scope(exchange), ERR_NO_ROUTE, "The requested URI does not exist.");
        problem_render(exchange, ERR_NO_ROUTE, API_ANYBODY);
        return true;
    }
    if (shell->options.app->analytics) {
        counting_begin(exchange, &shell->counted[route - shell->routes], values);
    }
    *ret_lane = method_is_safe(method) ? route->lane : route->post_lane;
    return dispatch_from_cache(shell, exchange, route, values);
}

static void on_work(struct exchange *exchange, void *user)
{
    dispatch_work(user, exchange);
}

/* ---- afterwards ---- */

/* The path as the log may show it: not what stands in for {} of a route whose path is a secret. */
static str path_for_log(const struct shell *shell, struct exchange *exchange)
{
    str path = exchange_raw_path(exchange);
    for (size_t i = 0; i < shell->route_count; i++) {
        str pattern = str_from(shell->routes[i].pattern);
        str prefix = str_slice(pattern, 0, str_find_char(pattern, '{', 0));
        if (shell->routes[i].hides_path && str_starts(path, prefix)) {
            return pattern;
        }
    }
    return path;
}

static void on_done(struct exchange *exchange, const struct exchange_summary *summary, void *user)
{
    struct shell *shell = user;
    status_count(shell, summary);
    if (shell->options.app->analytics) {
        counting_end(shell->options.app->analytics, exchange, summary);
    }
    if (shell->log) {
        access_log_add(shell->log, exchange, path_for_log(shell, exchange), summary);
    }
}

static void on_refuse(struct exchange *exchange, int status, str message, void *user)
{
    dispatch_refuse(user, exchange, status, message);
}

/* ---- starting and stopping ---- */

static const struct route own_routes[] = {
    {"/static/{}", static_file, LANE_QUICK, false, "static", "Style sheet and script of the pages.",
     .kind = ROUTE_DOCUMENT},
    {SITE_PATH "{}", static_site_file, LANE_QUICK, false, "site_file",
     "Logo, icon, font and colours from the settings of the site.", .kind = ROUTE_DOCUMENT},
    {"/favicon.svg", static_icon, LANE_QUICK, false, "icon", "The icon.", .kind = ROUTE_DOCUMENT},
    {"/favicon.ico", static_icon, LANE_QUICK, false, "icon_ico", "The icon, as browsers ask for it.",
     .kind = ROUTE_DOCUMENT},
};

static void join_tables(struct shell *shell)
{
    const struct shell_options *options = &shell->options;
    shell->route_count = ARRAY_LENGTH(own_routes);
    for (size_t i = 0; i < options->table_count; i++) {
        shell->route_count += options->tables[i].count;
    }
    shell->routes = calloc(shell->route_count + 1, sizeof(*shell->routes));
    shell->counted = calloc(shell->route_count + 1, sizeof(*shell->counted));
    if (!shell->routes || !shell->counted) {
        bug_out_of_memory(shell->route_count * sizeof(*shell->routes));
    }
    struct route *at = shell->routes;
    for (size_t i = 0; i < options->table_count; i++) {
        memcpy(at, options->tables[i].routes, options->tables[i].count * sizeof(*at));
        at += options->tables[i].count;
    }
    memcpy(at, own_routes, sizeof(own_routes));
    for (size_t i = 0; i < shell->route_count; i++) {
        shell->counted[i] = counting_route(&shell->routes[i]);
    }
}

static void free_shell(struct shell *shell)
{
    access_log_close(shell->log);
    cache_close(shell->cache);
    free(shell->counted);
    free(shell->routes);
    free(shell);
}

enum err shell_start(struct scope *scope, const struct shell_options *options,
                     struct shell **ret_shell)
{
    struct shell *shell = calloc(1, sizeof(*shell));
    if (!shell) {
        bug_out_of_memory(sizeof(*shell));
    }
    shell->options = *options;
    shell->started = clock_wall();
    shell->cache = cache_open(options->cache_bytes);
    shell->log = options->access_log ? access_log_open() : NULL;
    join_tables(shell);
    struct http_options http = options->http;
    http.body_limit = on_body_limit;
    http.quick = on_quick;
    http.work = on_work;
    http.done = on_done;
    http.refuse = on_refuse;
    http.user = shell;
    headers_use_hsts(http.tls_certificate != NULL ||
                     str_starts(options->app->public_url, S("https://")));
    enum err result = http_server_start(scope, &http, &shell->server);
    if (result != ERR_OK) {
        free_shell(shell);
        return result;
    }
    *ret_shell = shell;
    return ERR_OK;
}

int shell_port(const struct shell *shell)
{
    return http_server_port(shell->server);
}

void shell_stop(struct shell *shell, usec grace, const volatile int *hurry)
{
    http_server_stop(shell->server, grace, hurry);
    if (shell->options.app->analytics) {
        analytics_flush(shell->options.app->analytics); /* visits that are not yet counted name routes of ours */
    }
    free_shell(shell);
}
