/* Health and metrics, and the counts behind them. */
#include <stdio.h>

#include "web/shell/headers.h"
#include "web/shell/internal.h"

static const double bucket_seconds[BUCKET_COUNT] = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30};

static void answer_text(struct exchange *exchange, str type, struct buf *body)
{
    response_status(exchange, 200);
    headers_plain(exchange);
    response_header(exchange, S("Content-Type"), type);
    response_header(exchange, S("Cache-Control"), S("no-store"));
    response_body(exchange, body);
}

static void answer_health(struct shell *shell, struct exchange *exchange)
{
    const struct snapshot *snapshot = access_anonymous(shell->options.app->access);
    struct buf body = {0};
    buf_printf(&body, "{\"status\": \"ok\", \"generation\": %llu, \"datasets\": %zu}\n",
               (unsigned long long)(snapshot ? snapshot->generation : 0), snapshot ? snapshot->count : 0);
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

static void add_gate_metrics(struct shell *shell, struct buf *out)
{
    buf_printf(out,
               "# HELP parvis_gates_seconds Time in the gates of API requests: who asks, quota, "
               "what he may see.\n# TYPE parvis_gates_seconds summary\n"
               "parvis_gates_seconds_sum %.9f\nparvis_gates_seconds_count %llu\n",
               (double)shell->gates_nanoseconds / 1e9, (unsigned long long)shell->gates_count);
}

static void answer_metrics(struct shell *shell, struct exchange *exchange)
{
    struct buf body = {0};
    struct http_statistics http;
    struct cache_statistics cache;
    http_server_statistics(shell->server, &http);
    cache_read_statistics(shell->cache, &cache);
    const struct snapshot *snapshot = access_anonymous(shell->options.app->access);
    add_request_metrics(shell, &body);
    add_gate_metrics(shell, &body);
    add_metric(&body, "parvis_sent_bytes_total", "counter", "Body bytes sent.", shell->bytes_sent);
    add_metric(&body, "parvis_requests_in_flight", "gauge", "Requests being answered.",
               http.requests_in_flight);
    add_metric(&body, "parvis_connections", "gauge", "Open connections.", http.connections_open);
    add_metric(&body, "parvis_queue_quick", "gauge", "Requests waiting in the quick lane.",
               http.queued[LANE_QUICK]);
    add_metric(&body, "parvis_queue_bulk", "gauge", "Requests waiting in the bulk lane.",
               http.queued[LANE_BULK]);
    add_metric(&body, "parvis_queue_heavy", "gauge", "Sign-ins waiting.", http.queued[LANE_HEAVY]);
    add_metric(&body, "parvis_busy_quick", "gauge", "Workers of the quick lane at work.",
               http.workers_busy[LANE_QUICK]);
    add_metric(&body, "parvis_busy_bulk", "gauge", "Workers of the bulk lane at work.",
               http.workers_busy[LANE_BULK]);
    add_metric(&body, "parvis_busy_heavy", "gauge", "Sign-ins being checked.",
               http.workers_busy[LANE_HEAVY]);
    add_metric(&body, "parvis_refused_busy_total", "counter", "Requests refused for full queues.",
               http.refused_busy);
    add_metric(&body, "parvis_cut_connections_total", "counter",
               "Connections ended because the client was too slow.", http.connections_cut);
    add_metric(&body, "parvis_cookies_dropped_total", "counter",
               "Cookies kept out of answers that caches may keep: a fault of the program.",
               http.cookies_dropped);
    add_metric(&body, "parvis_request_bodies_bytes", "gauge", "Request bodies in memory.",
               http.bodies_bytes);
    add_metric(&body, "parvis_log_dropped_total", "counter",
               "Lines missing in the access log because nobody read it.",
               access_log_dropped(shell->log));
    add_metric(&body, "parvis_cache_hits_total", "counter", "Answers from the cache.", cache.hits);
    add_metric(&body, "parvis_cache_misses_total", "counter", "Look-ups without a kept answer.",
               cache.misses);
    add_metric(&body, "parvis_cache_entries", "gauge", "Answers kept.", cache.entries);
    add_metric(&body, "parvis_cache_bytes", "gauge", "Bytes of kept answers.", cache.bytes);
    add_metric(&body, "parvis_map_points_bytes", "gauge", "Points of maps held in memory.",
               records_map_bytes(shell->options.app->records));
    add_metric(&body, "parvis_datasets", "gauge", "Datasets that everybody may see.",
               snapshot ? snapshot->count : 0);
    add_metric(&body, "process_resident_memory_bytes", "gauge", "Resident memory.",
               (unsigned long long)resident_bytes());
    add_metric(&body, "process_start_time_seconds", "gauge", "Start, seconds since 1970.",
               (unsigned long long)(shell->started / USEC_SECOND));
    snapshot_unref(snapshot);
    answer_text(exchange, S("text/plain; version=0.0.4; charset=utf-8"), &body);
}

void status_count_gates(struct shell *shell, int64_t nanoseconds, bool is_request)
{
    atomic_fetch_add_explicit(&shell->gates_nanoseconds, (unsigned long long)nanoseconds,
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&shell->gates_count, is_request, memory_order_relaxed);
}

bool status_answer(struct shell *shell, struct exchange *exchange)
{
    str path = exchange_raw_path(exchange);
    if (str_eq(path, S("/healthz"))) {
        answer_health(shell, exchange);
    } else if (str_eq(path, S("/metrics"))) {
        answer_metrics(shell, exchange);
    } else {
        return false;
    }
    return true;
}

void status_count(struct shell *shell, const struct exchange_summary *summary)
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

