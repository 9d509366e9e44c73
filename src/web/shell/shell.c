#include "web/shell/shell.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bug.h"
#include "web/shell/access_log.h"
#include "web/shell/cache.h"
#include "web/shell/headers.h"
#include "web/shell/problem.h"

#define STATUS_CLASSES 6
#define BUCKET_COUNT 9

static const double bucket_seconds[BUCKET_COUNT] = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30};

struct shell {
    struct shell_options options;
    struct http_server *server;
    struct response_cache *cache;
    struct access_log *log; /* NULL: none is kept */
    atomic_ullong by_class[STATUS_CLASSES];
    atomic_ullong buckets[BUCKET_COUNT + 1];
    atomic_ullong duration_usec;
    atomic_ullong bytes_sent;
    usec started;
};

/* ---- the state an answer was made from ---- */

static uint64_t state_of(const struct snapshot *snapshot, const struct dataset *dataset)
{
    if (!dataset) {
        return snapshot->generation * 2;
    }
    /* Metadata changes alter answers too; they raise metadata in the document. */
    return (str_hash(dataset->uid) ^ str_hash(dataset->document) ^ (uint64_t)dataset->version) | 1;
}

static str base_url(const struct shell *shell, struct exchange *exchange)
{
    if (shell->options.app->public_url.n) {
        return shell->options.app->public_url;
    }
    str host = exchange_host(exchange);
    return str_printf(&exchange_scope(exchange)->arena, "http://%.*s",
                      STR_ARG(host.n ? host : S("localhost")));
}

/* What an answer depends on beside the data: links begin with base; bodies are kept compressed. */
static str cache_key(struct exchange *exchange, str base)
{
    str parts[] = {exchange_encoding(exchange), S(" "), base,
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

/* ---- pages of the shell itself ---- */

static void answer_text(struct exchange *exchange, str type, struct buf *body)
{
    response_status(exchange, 200);
    response_header(exchange, S("Content-Type"), type);
    response_header(exchange, S("Cache-Control"), S("no-store"));
    response_body(exchange, body);
}

static void answer_health(struct shell *shell, struct exchange *exchange)
{
    const struct snapshot *snapshot = catalog_snapshot(shell->options.app->catalog);
    struct buf body = {0};
    buf_printf(&body, "{\"status\": \"ok\", \"generation\": %llu, \"datasets\": %zu}\n",
               (unsigned long long)snapshot->generation, snapshot->count);
    snapshot_unref(snapshot);
    answer_text(exchange, S("application/json; charset=utf-8"), &body);
}

static long resident_bytes(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file) {
        if (fscanf(file, "%*s %ld", &pages) != 1) {
            pages = 0;
        }
        fclose(file);
    }
    return pages * 4096;
}

static void add_metric(struct buf *out, const char *name, const char *type, const char *help,
                       unsigned long long value)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", name, help, name, type, name, value);
}

static void add_request_metrics(struct shell *shell, struct buf *out)
{
    unsigned long long count = 0;
    buf_printf(out, "# HELP parvis_requests_total Answers by status class.\n"
                    "# TYPE parvis_requests_total counter\n");
    for (int i = 1; i < STATUS_CLASSES; i++) {
        buf_printf(out, "parvis_requests_total{status=\"%dxx\"} %llu\n", i,
                   (unsigned long long)shell->by_class[i]);
    }
    buf_printf(out, "# HELP parvis_request_seconds Time from request to last byte.\n"
                    "# TYPE parvis_request_seconds histogram\n");
    for (int i = 0; i < BUCKET_COUNT; i++) {
        count += shell->buckets[i];
        buf_printf(out, "parvis_request_seconds_bucket{le=\"%g\"} %llu\n", bucket_seconds[i], count);
    }
    count += shell->buckets[BUCKET_COUNT];
    buf_printf(out, "parvis_request_seconds_bucket{le=\"+Inf\"} %llu\n", count);
    buf_printf(out, "parvis_request_seconds_sum %.6f\nparvis_request_seconds_count %llu\n",
               (double)shell->duration_usec / 1e6, count);
}

static void answer_metrics(struct shell *shell, struct exchange *exchange)
{
    struct buf body = {0};
    struct http_statistics http;
    struct cache_statistics cache;
    http_server_statistics(shell->server, &http);
    cache_read_statistics(shell->cache, &cache);
    const struct snapshot *snapshot = catalog_snapshot(shell->options.app->catalog);
    add_request_metrics(shell, &body);
    add_metric(&body, "parvis_sent_bytes_total", "counter", "Body bytes sent.", shell->bytes_sent);
    add_metric(&body, "parvis_requests_in_flight", "gauge", "Requests being answered.",
               http.requests_in_flight);
    add_metric(&body, "parvis_connections", "gauge", "Open connections.", http.connections_open);
    add_metric(&body, "parvis_queue_quick", "gauge", "Requests waiting in the quick lane.",
               http.queued[LANE_QUICK]);
    add_metric(&body, "parvis_queue_bulk", "gauge", "Requests waiting in the bulk lane.",
               http.queued[LANE_BULK]);
    add_metric(&body, "parvis_busy_quick", "gauge", "Workers of the quick lane at work.",
               http.workers_busy[LANE_QUICK]);
    add_metric(&body, "parvis_busy_bulk", "gauge", "Workers of the bulk lane at work.",
               http.workers_busy[LANE_BULK]);
    add_metric(&body, "parvis_refused_busy_total", "counter", "Requests refused for full queues.",
               http.refused_busy);
    add_metric(&body, "parvis_cut_connections_total", "counter",
               "Connections ended because the client was too slow.", http.connections_cut);
    add_metric(&body, "parvis_log_dropped_total", "counter",
               "Lines missing in the access log because nobody read it.",
               access_log_dropped(shell->log));
    add_metric(&body, "parvis_cache_hits_total", "counter", "Answers from the cache.", cache.hits);
    add_metric(&body, "parvis_cache_misses_total", "counter", "Look-ups without a kept answer.",
               cache.misses);
    add_metric(&body, "parvis_cache_entries", "gauge", "Answers kept.", cache.entries);
    add_metric(&body, "parvis_cache_bytes", "gauge", "Bytes of kept answers.", cache.bytes);
    add_metric(&body, "parvis_datasets", "gauge", "Published datasets.", snapshot->count);
    add_metric(&body, "process_resident_memory_bytes", "gauge", "Resident memory.",
               (unsigned long long)resident_bytes());
    add_metric(&body, "process_start_time_seconds", "gauge", "Start, seconds since 1970.",
               (unsigned long long)(shell->started / USEC_SECOND));
    snapshot_unref(snapshot);
    answer_text(exchange, S("text/plain; version=0.0.4; charset=utf-8"), &body);
}

static void answer_root(struct exchange *exchange)
{
    struct buf nothing = {0};
    response_status(exchange, 302);
    response_header(exchange, S("Location"), S("/api/explore/v2.1/catalog/datasets"));
    response_body(exchange, &nothing);
}

/* ---- the event loop's part ---- */

static bool answer_from_cache(struct shell *shell, struct exchange *exchange,
                              const struct snapshot *snapshot, const struct route *route,
                              const str *values)
{
    if (!route->cacheable) {
        return false;
    }
    str key = cache_key(exchange, base_url(shell, exchange));
    struct stored_response *stored = NULL;
    if (values[0].p) {
        const struct dataset *dataset = snapshot_find(snapshot, values[0]);
        stored = dataset ? cache_find(shell->cache, key, state_of(snapshot, dataset)) : NULL;
    } else {
        stored = cache_find(shell->cache, key, state_of(snapshot, NULL));
    }
    if (stored) {
        response_send_stored(exchange, stored);
        stored_response_unref(stored);
    }
    return stored != NULL;
}

static bool on_quick(struct exchange *exchange, enum lane *ret_lane, void *user)
{
    struct shell *shell = user;
    str path = exchange_raw_path(exchange);
    enum http_method method = exchange_method(exchange);
    *ret_lane = LANE_QUICK;
    if (method == HTTP_OPTIONS) {
        headers_preflight(exchange);
        return true;
    }
    if (method != HTTP_GET && method != HTTP_HEAD) {
        response_header(exchange, S("Allow"), S("GET, HEAD, OPTIONS"));
        problem_render_status(exchange, 405, S("This method is not offered here."));
        return true;
    }
    if (str_eq(path, S("/healthz"))) {
        answer_health(shell, exchange);
        return true;
    }
    if (str_eq(path, S("/metrics"))) {
        answer_metrics(shell, exchange);
        return true;
    }
    if (str_eq(path, S("/"))) {
        answer_root(exchange);
        return true;
    }
    str values[CALL_PATH_VALUES] = {0};
    const struct route *route =
        route_match(shell->options.routes, shell->options.route_count, path, values);
    if (!route) {
        fail(exchange_scope(exchange), ERR_NO_ROUTE, "The requested URI does not exist.");
        problem_render(exchange, ERR_NO_ROUTE);
        return true;
    }
    *ret_lane = route->lane;
    const struct snapshot *snapshot = catalog_snapshot(shell->options.app->catalog);
    bool answered = answer_from_cache(shell, exchange, snapshot, route, values);
    snapshot_unref(snapshot);
    return answered;
}

/* ---- the worker's part ---- */

static enum err run_handler(struct call *call, const struct route *route, const str *values)
{
    struct scope *scope = call->scope;
    for (size_t i = 0; i < CALL_PATH_VALUES; i++) {
        if (values[i].p && !url_decode(&scope->arena, values[i], false, &call->path_values[i])) {
            return fail(scope, ERR_REQUEST, "The address is not percent-encoded UTF-8.");
        }
    }
    TRY(query_parse(scope, exchange_raw_query(call->exchange), &call->query));
    return route->handler(call);
}

static void on_work(struct exchange *exchange, void *user)
{
    struct shell *shell = user;
    str values[CALL_PATH_VALUES] = {0};
    const struct route *route = route_match(shell->options.routes, shell->options.route_count,
                                            exchange_raw_path(exchange), values);
    bug_if(!route);
    struct call call = {.exchange = exchange,
                        .scope = exchange_scope(exchange),
                        .app = shell->options.app,
                        .snapshot = catalog_snapshot(shell->options.app->catalog),
                        .base_url = base_url(shell, exchange)};
    headers_api(exchange);
    enum err result = run_handler(&call, route, values);
    if (result != ERR_OK && !response_is_streaming(exchange)) {
        response_reset(exchange);
        problem_render(exchange, result);
    } else if (result == ERR_OK && route->cacheable && call.may_cache) {
        struct stored_response *stored = cache_takes(shell->cache, response_body_bytes(exchange))
                                             ? response_store(exchange)
                                             : NULL;
        if (stored) {
            cache_put(shell->cache, cache_key(exchange, call.base_url),
                      state_of(call.snapshot, call.depends_on), stored);
            stored_response_unref(stored);
        }
    }
    snapshot_unref(call.snapshot);
}

/* ---- afterwards ---- */

static void count(struct shell *shell, const struct exchange_summary *summary)
{
    int status_class = summary->status / 100;
    if (status_class > 0 && status_class < STATUS_CLASSES) {
        atomic_fetch_add_explicit(&shell->by_class[status_class], 1, memory_order_relaxed);
    }
    int bucket = 0;
    double seconds = (double)summary->duration / 1e6;
    while (bucket < BUCKET_COUNT && seconds > bucket_seconds[bucket]) {
        bucket++;
    }
    atomic_fetch_add_explicit(&shell->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&shell->duration_usec, (unsigned long long)summary->duration,
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&shell->bytes_sent, summary->bytes_sent, memory_order_relaxed);
}

static void on_done(struct exchange *exchange, const struct exchange_summary *summary, void *user)
{
    struct shell *shell = user;
    count(shell, summary);
    if (shell->log) {
        access_log_add(shell->log, exchange, summary);
    }
}

static void on_refuse(struct exchange *exchange, int status, str message, void *user)
{
    (void)user;
    problem_render_status(exchange, status, message);
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
    struct http_options http = options->http;
    http.quick = on_quick;
    http.work = on_work;
    http.done = on_done;
    http.refuse = on_refuse;
    http.user = shell;
    enum err result = http_server_start(scope, &http, &shell->server);
    if (result != ERR_OK) {
        access_log_close(shell->log);
        cache_close(shell->cache);
        free(shell);
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
    access_log_close(shell->log);
    cache_close(shell->cache);
    free(shell);
}
