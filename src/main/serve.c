#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/vec.h"
#include "domain/catalog/catalog.h"
#include "domain/ingest/publish.h"
#include "main/commands.h"
#include "main/jobs.h"
#include "main/open.h"
#include "main/portal.h"
#include "main/routes.h"
#include "main/statistics.h"
#include "main/upkeep.h"
#include "web/shell/shell.h"

#define REFRESH_PERIOD_USEC 250000
#define EXPORT_MEMORY_PER_THREAD ((uint64_t)64 << 20)
#define FILES_BESIDE_CONNECTIONS 256 /* versions, their indexes, spools, the catalogue */

static volatile int stop_asked;  /* drain */
static volatile int hurry_asked; /* a second signal: do not wait for requests in flight */

static void ask_stop(int number)
{
    (void)number;
    hurry_asked = stop_asked;
    stop_asked = 1;
}

/* A signal that is ignored on purpose, as by nohup, stays ignored. */
static void listen_to_signals(void)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
        struct sigaction stop = {.sa_handler = ask_stop};
        struct sigaction old;
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
            sigaction(numbers[i], &stop, NULL);
        }
    }
}

static enum err number(struct scope *scope, const struct command_line *line, const char *name,
                       int64_t low, int64_t high, int *ret)
{
    int64_t value;
    TRY(option_number(scope, line, name, low, high, &value));
    *ret = (int)value;
    return ERR_OK;
}

static enum err read_tls(struct scope *scope, const struct command_line *line,
                         struct http_options *http)
{
    const char *certificate;
    const char *key;
    TRY(option_text(scope, line, "tls-cert", &certificate));
    TRY(option_text(scope, line, "tls-key", &key));
    http->tls_certificate = *certificate ? certificate : NULL;
    http->tls_key = *key ? key : NULL;
    return http_check_tls(scope, http->tls_certificate, http->tls_key);
}

static enum err read_trusted_proxies(struct scope *scope, const struct command_line *line,
                                     struct http_options *http)
{
    const char *text;
    VEC(const char *) proxies = {0};
    str part;
    TRY(option_text(scope, line, "trusted-proxy", &text));
    str rest = str_from(text);
    while (rest.n && str_split(&rest, ',', &part)) {
        if (!http_is_network(str_trim(part))) {
            return option_wrong(scope, line, "trusted-proxy",
                                "addresses or networks as in 10.0.0.0/8,::1, with commas between and "
                                "no bit set behind a prefix");
        }
        vec_add(&scope->arena, &proxies, str_cz(&scope->arena, str_trim(part)));
    }
    vec_add(&scope->arena, &proxies, NULL);
    http->trusted_proxies = proxies.items;
    return ERR_OK;
}

static enum err read_http(struct scope *scope, const struct command_line *line,
                          struct http_options *http)
{
    int64_t bytes;
    TRY(option_text(scope, line, "listen", &http->listen));
    if (!http_is_listen_address(str_from(http->listen))) {
        return option_wrong(scope, line, "listen", "HOST:PORT");
    }
    TRY(read_tls(scope, line, http));
    TRY(read_trusted_proxies(scope, line, http));
    TRY(number(scope, line, "loops", 0, 256, &http->loops));
    TRY(number(scope, line, "quick-workers", 0, 256, &http->quick_workers));
    TRY(number(scope, line, "bulk-workers", 0, 256, &http->bulk_workers));
    TRY(number(scope, line, "queue", 1, 1000000, &http->queue_limit));
    TRY(number(scope, line, "connections", 16, 1000000, &http->connection_limit));
    TRY(number(scope, line, "connections-per-address", 0, 1000000,
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

/* Raises the limit on open files as far as allowed, and keeps the connections below it. */
static void fit_connections(struct http_options *http)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return;
    }
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0 && getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return;
    }
    rlim_t room = files.rlim_cur > 2 * FILES_BESIDE_CONNECTIONS
                      ? files.rlim_cur - FILES_BESIDE_CONNECTIONS
                      : files.rlim_cur / 2;
    if ((rlim_t)http->connection_limit > room) {
        log_event(EV_SERVER_START, "connections: %d was asked, the limit on open files allows %llu",
                  http->connection_limit, (unsigned long long)room);
        http->connection_limit = (int)room;
    }
}

/* Scheme, host and perhaps a path, as links begin. */
static enum err read_public_url(struct scope *scope, const struct command_line *line, str *ret_url)
{
    const char *text;
    TRY(option_text(scope, line, "public-url", &text));
    str url = str_from(text);
    size_t scheme = str_starts(url, S("http://")) ? 7 : str_starts(url, S("https://")) ? 8 : 0;
    bool good =
        url.n == 0 || (scheme && url.n > scheme && url.p[scheme] != '/' && url.p[url.n - 1] != '/');
    for (size_t i = 0; i < url.n; i++) {
        good &= url.p[i] > ' ' && url.p[i] < 0x7f && !strchr("\"<>\\?#", url.p[i]);
    }
    *ret_url = url;
    return good ? ERR_OK
                : option_wrong(
                      scope, line, "public-url",
                      "an address as in https://data.example.org, without a slash at the end");
}

/*
 * Notices what imports published; a failure is logged, once as long as it stays the same, and the
 * old catalogue stays in service.
 */
static void refresh(struct catalog *catalog, uint64_t *logged_failure)
{
    struct scope scope;
    bool changed = false;
    scope_open(&scope);
    bool failed = catalog_refresh(&scope, catalog, &changed) != ERR_OK;
    uint64_t failure =
        failed ? (str_hash(scope.failure.message) ^ str_hash(scope.failure.cause)) | 1 : 0;
    if (failed && failure != *logged_failure) {
        log_event(EV_CATALOG_FAILED, "%.*s (%.*s)", STR_ARG(scope.failure.message),
                  STR_ARG(scope.failure.cause));
    }
    *logged_failure = failure;
    if (!failed && changed) {
        const struct snapshot *snapshot = catalog_snapshot(catalog);
        log_event(EV_CATALOG_REFRESH, "generation %llu, %zu datasets",
                  (unsigned long long)snapshot->generation, snapshot->count);
        snapshot_unref(snapshot);
    }
    scope_close(&scope);
}

/* Where the server listens, as text in the scope's arena. */
static str own_address(struct scope *scope, const struct http_options *http, int port)
{
    str text = str_from(http->listen);
    size_t colon = 0;
    for (size_t i = 0; i < text.n; i++) {
        colon = text.p[i] == ':' ? i : colon;
    }
    str host = str_slice(text, 0, colon);
    return str_printf(&scope->arena, "%s://%.*s:%d", http->tls_certificate ? "https" : "http",
                      STR_ARG(host.n ? host : S("127.0.0.1")), port);
}

static void announce(struct scope *scope, const struct http_options *http, int port,
                     struct app *app)
{
    str address = own_address(scope, http, port);
    printf("listening on %.*s\n", STR_ARG(address));
    fflush(stdout);
    log_event(EV_SERVER_START, "port %d", port);
    portal_welcome(app, app->public_url.n ? app->public_url : address);
}

struct settings {
    const char *data;
    struct shell_options shell;
    struct portal_settings portal;
    struct job_settings jobs;
    struct statistics_settings statistics;
    struct fetch_options fetch;
    str public_url;
    uint64_t memory_bytes;
    uint64_t export_memory_bytes;
    int64_t upload_bytes_most;
    int threads;
    usec drain;
};

/* What a sort or a grouping needs to go on with the rest on disk. */
static uint64_t export_memory(int64_t asked, int threads)
{
    long count = threads ? threads : sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t least = EXPORT_MEMORY_PER_THREAD * (uint64_t)(count > 1 ? count : 2);
    return asked ? (uint64_t)asked : least;
}

static enum err read_settings(struct scope *scope, const struct command_line *line,
                              struct settings *ret)
{
    struct settings settings = {0};
    int64_t bytes;
    settings.shell.tables = site_routes(&settings.shell.table_count);
    TRY(option_text(scope, line, "data", &settings.data));
    TRY(read_http(scope, line, &settings.shell.http));
    TRY(option_number(scope, line, "cache", 0, INT64_MAX, &bytes));
    settings.shell.cache_bytes = (size_t)bytes;
    TRY(option_switch(scope, line, "access-log", &settings.shell.access_log));
    TRY(read_public_url(scope, line, &settings.public_url));
    TRY(portal_read_settings(scope, line, settings.public_url, &settings.portal));
    TRY(jobs_read_settings(scope, line, &settings.jobs));
    TRY(statistics_read_settings(scope, line, settings.public_url, &settings.statistics));
    TRY(jobs_read_fetch(scope, line, &settings.fetch));
    TRY(option_number(scope, line, "memory", 64 << 20, INT64_MAX, &bytes));
    settings.memory_bytes = (uint64_t)bytes;
    TRY(number(scope, line, "threads", 0, 1024, &settings.threads));
    TRY(option_number(scope, line, "export-memory", 0, INT64_MAX, &bytes));
    settings.export_memory_bytes = export_memory(bytes, settings.threads);
    TRY(option_number(scope, line, "upload-limit", 1 << 20, INT64_MAX / 8, &settings.upload_bytes_most));
    TRY(option_duration(scope, line, "drain", &settings.drain));
    *ret = settings;
    return ERR_OK;
}

static enum err open_engine(struct scope *scope, const struct settings *settings,
                            const struct catalog *catalog, enum lane lane,
                            struct records **ret_records)
{
    bool bulk = lane == LANE_BULK;
    struct records_options options = {
        .store = catalog_store(catalog),
        .connections = http_worker_count(&settings->shell.http, lane) + (bulk ? settings->jobs.workers : 0),
        .memory_bytes = bulk ? settings->export_memory_bytes : settings->memory_bytes,
        .threads = settings->threads};
    return records_open(scope, &options, ret_records);
}

static enum err serve(struct scope *scope, struct settings *settings, struct app *app)
{
    struct job_tools tools = {0};
    struct shell *shell = NULL;
    uint64_t logged_failure = 0;
    settings->shell.app = app;
    jobs_list_kinds(&tools, app);
    TRY(shell_start(scope, &settings->shell, &shell));
    announce(scope, &settings->shell.http, shell_port(shell), app);
    struct upkeep *upkeep = upkeep_start(app, settings->jobs.keep);
    struct job_runner *runner =
        job_runner_start(app->catalog, tools.kinds, tools.kind_count, settings->jobs.workers);
    while (!stop_asked) {
        usleep(REFRESH_PERIOD_USEC);
        refresh(app->catalog, &logged_failure);
        portal_refresh(app);
    }
    job_runner_stop(runner);
    upkeep_stop(upkeep);
    log_event(EV_SERVER_DRAIN, "%s", "");
    shell_stop(shell, settings->drain, &hurry_asked);
    log_event(EV_SERVER_STOP, "%s", "");
    return ERR_OK;
}

static enum err run(struct scope *scope, struct settings *settings, struct catalog *catalog)
{
    struct app app = {.catalog = catalog,
                      .public_url = settings->public_url,
                      .fetch = &settings->fetch,
                      .upload_bytes_most = settings->upload_bytes_most,
                      .backups = &settings->jobs.backups};
    enum err result = open_engine(scope, settings, catalog, LANE_QUICK, &app.records);
    if (result == ERR_OK) {
        result = open_engine(scope, settings, catalog, LANE_BULK, &app.export_records);
    }
    if (result == ERR_OK) {
        result = portal_open(scope, &settings->portal, &app);
    }
    if (result == ERR_OK) {
        result = jobs_make_tables(scope, catalog);
    }
    if (result == ERR_OK) {
        result = statistics_open(scope, &settings->statistics, &app);
    }
    if (result == ERR_OK) {
        result = serve(scope, settings, &app);
    }
    analytics_close(app.analytics);
    portal_close(&app);
    records_close(app.export_records);
    records_close(app.records);
    return result;
}

enum err command_serve(struct scope *scope, const struct command_line *line)
{
    struct settings settings;
    struct catalog *catalog;
    listen_to_signals();
    TRY(read_settings(scope, line, &settings));
    fit_connections(&settings.shell.http);
    TRY(open_catalog(scope, line, &catalog));
    publish_remove_debris(scope, catalog);
    enum err result = run(scope, &settings, catalog);
    catalog_close(catalog);
    return result;
}
