#include "domain/records/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "domain/records/geoparquet.h"
#include "domain/records/postgres_version.h"
#include "domain/records/spool_files.h"
#include "platform/i18n/explanation.h"

#define WATCH_INTERVAL_NANOSECONDS 50000000

/* ---- the statement ---- */

static void add_column_name(struct sql *sql, size_t column)
{
    sql_name(sql, str_printf(sql->arena, "c%zu", column));
}

static void add_output(struct sql *sql, const struct output *output)
{
    bool is_instant = output->field && output->field->type == FIELD_DATETIME &&
                      output->form == OUTPUT_FIELD;
    if (output->form == OUTPUT_GEO_POINT) {
        sql_text(sql, "point_wkb(");
        add_column_name(sql, output->column);
        sql_text(sql, ", ");
        add_column_name(sql, output->column + 1);
        sql_text(sql, ")");
        return;
    }
    add_column_name(sql, output->column);
    if (is_instant) {
        sql_text(sql, "::timestamp_ms");
    }
}

static size_t column_count(const struct plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->output_count; i++) {
        size_t end = plan->outputs[i].column + (plan->outputs[i].form == OUTPUT_GEO_POINT ? 2 : 1);
        count = end > count ? end : count;
    }
    return count;
}

static void add_metadata(struct sql *sql, const struct plan *plan, const str *names)
{
    struct buf geo cleanup_with(buf_cleanup) = {0};
    if (geoparquet_write(plan, names, &geo)) {
        sql_text(sql, ", kv_metadata {geo: ");
        sql_quoted(sql, buf_str(&geo));
        sql_text(sql, "}");
    }
}

static struct sql copy_statement(struct scope *scope, const struct plan *plan, const struct sql *rows,
                                 const struct format_options *options, const char *path)
{
    struct sql sql = sql_in(&scope->arena);
    const str *names =
        format_headings(&scope->arena, plan->outputs, plan->output_count, options);
    sql_text(&sql, "copy (select ");
    for (size_t i = 0; i < plan->output_count; i++) {
        if (i) {
            sql_text(&sql, ", ");
        }
        add_output(&sql, &plan->outputs[i]);
        sql_text(&sql, " as ");
        sql_name(&sql, names[i]);
    }
    sql_text(&sql, " from (");
    sql_join(&sql, rows);
    sql_text(&sql, ") as page (");
    for (size_t i = 0; i < column_count(plan); i++) {
        if (i) {
            sql_text(&sql, ", ");
        }
        add_column_name(&sql, i);
    }
    sql_text(&sql, ")) to ");
    sql_file_name(&sql, str_from(path));
    if (str_eq(options->compression, S("zstd"))) {
        sql_text(&sql, " (format parquet, compression zstd");
    } else {
        sql_text(&sql, " (format parquet, compression snappy");
    }
    add_metadata(&sql, plan, names);
    sql_text(&sql, ")");
    return sql;
}

/* ---- the limit on the file's size ---- */

/* Stops the statement by way of scope->gone, which the engine's watchdog reads. */
struct watch {
    const char *path;
    const atomic_bool *gone; /* of the request; may be NULL */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool finished;      /* guarded by mutex */
    bool passed_limit;  /* set by the watch only */
    atomic_bool stop;   /* read by the engine */
};

static void look(struct watch *watch)
{
    struct stat status;
    if (stat(watch->path, &status) == 0 && (uint64_t)status.st_size > LIMIT_SPOOL_BYTES) {
        watch->passed_limit = true;
        watch->stop = true;
    }
    if (watch->gone && *watch->gone) {
        watch->stop = true;
    }
}

static void *run_watch(void *argument)
{
    struct watch *watch = argument;
    pthread_mutex_lock(&watch->mutex);
    while (!watch->finished) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += WATCH_INTERVAL_NANOSECONDS;
        if (until.tv_nsec >= 1000000000) {
            until.tv_nsec -= 1000000000;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&watch->changed, &watch->mutex, &until);
        look(watch);
    }
    pthread_mutex_unlock(&watch->mutex);
    return NULL;
}

static enum err execute_watched(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                                const char *path)
{
    struct watch watch = {.path = path,
                          .gone = scope->gone,
                          .mutex = PTHREAD_MUTEX_INITIALIZER,
                          .changed = PTHREAD_COND_INITIALIZER};
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_watch, &watch) != 0) {
        return fail(scope, ERR_BUSY, "The server is busy. Try again later.");
    }
    scope->gone = &watch.stop;
    enum err result = db_execute(scope, lease, sql);
    pthread_mutex_lock(&watch.mutex);
    watch.finished = true;
    pthread_cond_signal(&watch.changed);
    pthread_mutex_unlock(&watch.mutex);
    pthread_join(thread, NULL);
    scope->gone = watch.gone;
    if (watch.passed_limit) {
        scope_forgive(scope);
        return fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_EXPORT_MOST,
                             SAYS(argument_digits(&scope->arena, "most", LIMIT_SPOOL_BYTES >> 30)));
    }
    return result;
}

/* ---- the file ---- */

enum err spool_take(struct scope *scope, const char *path, struct spool *ret_spool)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
        int cause = errno;
        if (descriptor >= 0) {
            close(descriptor);
        }
        return fail_in_words_because(scope, ERR_FILE, str_from(strerror(cause)), MSG_FAULT_EXPORT_NOT_WRITTEN, NULL);
    }
    *ret_spool = (struct spool){.descriptor = descriptor, .bytes = (uint64_t)status.st_size};
    return ERR_OK;
}

static enum err write_parquet(struct scope *scope, struct db_lease *engine, const struct plan *plan,
                              const struct sql *rows, const struct format_options *options,
                              const char *path, const char *aside)
{
    struct sql sql = copy_statement(scope, plan, rows, options, path);
    return execute_watched(scope, engine, &sql, aside);
}

/* The engine that writes the format is not the one that has the records: they go through a table of its own. */
static enum err write_staged(struct scope *scope, struct records_lease *lease, const struct plan *plan,
                             const struct format_options *options, const char *path,
                             const char *aside)
{
    struct db_lease *engine cleanup_with(db_lease_cleanup) = NULL;
    struct sql rows = sql_in(&scope->arena);
    TRY(db_lease(scope, records_engine(lease->records), &engine));
    TRY(db_script(scope, engine, "drop table if exists temp.staged"));
    enum err result =
        postgres_stage(scope, lease->db, &plan->rows, engine, S("temp"), S("staged"));
    if (result == ERR_OK) {
        sql_text(&rows, "select * from temp.staged");
        result = write_parquet(scope, engine, plan, &rows, options, path, aside);
    }
    struct scope after; /* also where the time is over */
    scope_open(&after);
    if (db_script(&after, engine, "drop table if exists temp.staged") != ERR_OK) {
        log_event(EV_REQUEST_FAILED, "a staged export: %.*s", STR_ARG(after.failure.message));
    }
    scope_close(&after);
    return result;
}

enum err spool_parquet_file(struct scope *scope, struct records_lease *lease,
                            const struct plan *plan, const struct format_options *options,
                            str *ret_path)
{
    const char *directory = records_spool_directory(lease->records);
    if (options->epsg != 4326) {
        return fail_in_words(
            scope, ERR_PARAMETER, MSG_FAULT_EXPORT_DEGREES,
            SAYS(argument_digits(&scope->arena, "value", options->epsg), ARG_TEXT("format", S("parquet"))));
    }
    str path = spool_name(&scope->arena, directory, "export");
    /* The engine writes beside it first, and leaves that file where the statement fails. */
    str aside = str_printf(&scope->arena, "%s/tmp_%s", directory, path.p + strlen(directory) + 1);
    enum err result =
        lease->source.engine == DB_POSTGRES
            ? write_staged(scope, lease, plan, options, path.p, aside.p)
            : write_parquet(scope, lease->db, plan, &plan->rows, options, path.p, aside.p);
    unlink(aside.p);
    if (result != ERR_OK) {
        unlink(path.p);
        return result;
    }
    *ret_path = path;
    return ERR_OK;
}

enum err spool_parquet(struct scope *scope, struct records_lease *lease, const struct plan *plan,
                       const struct format_options *options, struct spool *ret_spool)
{
    str path;
    TRY(spool_parquet_file(scope, lease, plan, options, &path));
    enum err result = spool_take(scope, path.p, ret_spool);
    unlink(path.p);
    return result;
}
