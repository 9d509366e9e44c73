#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "domain/catalog/catalog.h"
#include "domain/ingest/publish.h"
#include "main/commands.h"
#include "web/api/routes.h"
#include "web/shell/shell.h"

#define REFRESH_PERIOD_USEC 250000
#define DRAIN_GRACE (20 * USEC_SECOND)

static volatile sig_atomic_t stop_asked;

static void ask_stop(int number)
{
    (void)number;
    stop_asked = 1;
}

static enum err number(struct scope *scope, const struct command_line *line, const char *name,
                       int64_t high, int *ret)
{
    int64_t value;
    TRY(option_number(scope, line, name, 0, high, &value));
    *ret = (int)value;
    return ERR_OK;
}

static enum err read_http(struct scope *scope, const struct command_line *line,
                          struct http_options *http)
{
    int64_t bytes;
    TRY(option_text(scope, line, "listen", &http->listen));
    TRY(number(scope, line, "loops", 256, &http->loops));
    TRY(number(scope, line, "quick-workers", 1024, &http->quick_workers));
    TRY(number(scope, line, "bulk-workers", 1024, &http->bulk_workers));
    TRY(number(scope, line, "queue", 1000000, &http->queue_limit));
    TRY(number(scope, line, "connections", 1000000, &http->connection_limit));
    TRY(number(scope, line, "connections-per-address", 1000000,
               &http->connection_limit_per_address));
    TRY(option_duration(scope, line, "idle-timeout", &http->idle_timeout));
    TRY(option_duration(scope, line, "quick-deadline", &http->quick_deadline));
    TRY(option_duration(scope, line, "bulk-deadline", &http->bulk_deadline));
    TRY(option_number(scope, line, "header-limit", 4096, 1 << 24, &bytes));
    http->header_limit_bytes = (size_t)bytes;
    TRY(option_number(scope, line, "stream-buffer", 4096, 1 << 30, &bytes));
    http->stream_buffer_bytes = (size_t)bytes;
    return ERR_OK;
}

static enum err open_records(struct scope *scope, const struct command_line *line,
                             const char *data, const struct http_options *http,
                             struct records **ret_records)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int workers = (http->quick_workers ? http->quick_workers : (int)cores * 2) +
                  (http->bulk_workers ? http->bulk_workers : (int)cores);
    struct records_options options = {.data_directory = data, .connections = workers};
    int64_t bytes;
    TRY(option_number(scope, line, "memory", 64 << 20, INT64_MAX, &bytes));
    TRY(number(scope, line, "threads", 1024, &options.threads));
    options.memory_bytes = (uint64_t)bytes;
    return records_open(scope, &options, ret_records);
}

/* Notices what imports published; a failure is logged and the old catalogue stays in service. */
static void refresh(struct catalog *catalog)
{
    struct scope scope;
    bool changed = false;
    scope_open(&scope);
    if (catalog_refresh(&scope, catalog, &changed) != ERR_OK) {
        log_event(EV_CATALOG_FAILED, "%.*s (%.*s)", STR_ARG(scope.failure.message),
                  STR_ARG(scope.failure.cause));
    } else if (changed) {
        const struct snapshot *snapshot = catalog_snapshot(catalog);
        log_event(EV_CATALOG_REFRESH, "generation %llu, %zu datasets",
                  (unsigned long long)snapshot->generation, snapshot->count);
        snapshot_unref(snapshot);
    }
    scope_close(&scope);
}

static void announce(const char *listen, int port)
{
    str text = str_from(listen);
    size_t colon = 0;
    for (size_t i = 0; i < text.n; i++) {
        colon = text.p[i] == ':' ? i : colon;
    }
    str host = str_slice(text, 0, colon);
    printf("listening on http://%.*s:%d\n", STR_ARG(host.n ? host : S("127.0.0.1")), port);
    fflush(stdout);
    log_event(EV_SERVER_START, "port %d", port);
}

static enum err run(struct scope *scope, const struct command_line *line, struct catalog *catalog,
                    const char *data)
{
    struct shell_options options = {.routes = api_routes, .route_count = api_route_count};
    struct records *records = NULL;
    struct shell *shell = NULL;
    const char *text;
    int64_t cache_bytes;
    TRY(read_http(scope, line, &options.http));
    TRY(option_number(scope, line, "cache", 0, INT64_MAX, &cache_bytes));
    options.cache_bytes = (size_t)cache_bytes;
    TRY(option_text(scope, line, "access-log", &text));
    options.access_log = str_eq(str_from(text), S("on"));
    TRY(option_text(scope, line, "public-url", &text));
    TRY(open_records(scope, line, data, &options.http, &records));
    struct app app = {.catalog = catalog, .records = records, .public_url = str_from(text)};
    options.app = &app;
    enum err result = shell_start(scope, &options, &shell);
    if (result == ERR_OK) {
        announce(options.http.listen, shell_port(shell));
        while (!stop_asked) {
            usleep(REFRESH_PERIOD_USEC);
            refresh(catalog);
        }
        log_event(EV_SERVER_DRAIN, "%s", "");
        shell_stop(shell, DRAIN_GRACE);
        log_event(EV_SERVER_STOP, "%s", "");
    }
    records_close(records);
    return result;
}

enum err command_serve(struct scope *scope, const struct command_line *line)
{
    const char *data;
    struct catalog *catalog;
    struct sigaction stop = {.sa_handler = ask_stop};
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    TRY(option_text(scope, line, "data", &data));
    TRY(catalog_open(scope, data, &catalog));
    publish_remove_debris(scope, catalog);
    enum err result = run(scope, line, catalog, data);
    catalog_close(catalog);
    return result;
}
