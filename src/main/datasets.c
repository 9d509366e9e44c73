#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "domain/catalog/catalog.h"
#include "domain/ingest/publish.h"
#include "domain/records/format.h"
#include "domain/records/records.h"
#include "domain/records/version.h"
#include "main/commands.h"

static enum err open_catalog(struct scope *scope, const struct command_line *line,
                             struct catalog **ret_catalog)
{
    const char *data;
    TRY(option_text(scope, line, "data", &data));
    return catalog_open(scope, data, ret_catalog);
}

static enum err open_records(struct scope *scope, struct catalog *catalog,
                             struct records **ret_records)
{
    struct records_options options = {.data_directory = catalog_data_directory(catalog),
                                      .connections = 2,
                                      .memory_bytes = (uint64_t)1 << 30};
    return records_open(scope, &options, ret_records);
}

static enum err find(struct scope *scope, const struct snapshot *snapshot, const char *id,
                     const struct dataset **ret_dataset)
{
    *ret_dataset = snapshot_find(snapshot, str_from(id));
    return *ret_dataset ? ERR_OK
                        : fail(scope, ERR_NO_DATASET, "The requested dataset %s does not exist.",
                               id);
}

enum err command_version(struct scope *scope, const struct command_line *line)
{
    (void)scope;
    (void)line;
    printf("parvis %s\n", PARVIS_VERSION);
    return ERR_OK;
}

enum err command_list(struct scope *scope, const struct command_line *line)
{
    struct catalog *catalog;
    TRY(open_catalog(scope, line, &catalog));
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct dataset *dataset = &snapshot->datasets[i];
        printf("%.*s\t%lld\t%lld\t%.*s\n", STR_ARG(dataset->id), (long long)dataset->version,
               (long long)dataset->records_count, STR_ARG(dataset->title));
    }
    snapshot_unref(snapshot);
    catalog_close(catalog);
    return ERR_OK;
}

enum err command_remove(struct scope *scope, const struct command_line *line)
{
    struct catalog *catalog;
    str uid;
    TRY(open_catalog(scope, line, &catalog));
    enum err result = catalog_remove(scope, catalog, str_from(line->arguments[0]), &uid);
    if (result == ERR_OK) {
        version_delete_all(catalog_data_directory(catalog), uid);
        printf("%s: removed\n", line->arguments[0]);
    }
    catalog_close(catalog);
    return result;
}

/* ---- check ---- */

static enum err check_dataset(struct scope *scope, struct records *records,
                              const struct dataset *dataset)
{
    struct records_lease lease cleanup_with(records_release) = {0};
    TRY(records_lease(scope, records, dataset, &lease));
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select count(*) from ");
    sql_name(&sql, lease.source.database);
    sql_text(&sql, ".records where ");
    sql_name(&sql, RECORDS_KEY_COLUMN);
    sql_text(&sql, " is not null");
    cell count;
    TRY(db_query_cell(scope, lease.db, &sql, &count));
    if (count.number != dataset->records_count) {
        return fail(scope, ERR_DATABASE, "%lld records are there, the catalogue says %lld",
                    (long long)count.number, (long long)dataset->records_count);
    }
    return ERR_OK;
}

static enum err check_all(struct scope *scope, struct catalog *catalog)
{
    struct records *records;
    size_t broken = 0;
    TRY(open_records(scope, catalog, &records));
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct dataset *dataset = &snapshot->datasets[i];
        struct scope own;
        scope_open(&own);
        bool good = check_dataset(&own, records, dataset) == ERR_OK;
        printf("%s\t%.*s\tversion %lld\t%lld records", good ? "ok" : "BROKEN", STR_ARG(dataset->id),
               (long long)dataset->version, (long long)dataset->records_count);
        if (!good) {
            str cause = own.failure.cause.n ? own.failure.cause : own.failure.message;
            size_t end = str_find_char(cause, '\n', 0);
            printf("\t%.*s: %.*s", STR_ARG(dataset->version_file),
                   STR_ARG(str_slice(cause, 0, end)));
        }
        printf("\n");
        broken += !good;
        scope_close(&own);
    }
    snapshot_unref(snapshot);
    records_close(records);
    size_t debris = publish_remove_debris(scope, catalog);
    if (debris) {
        printf("%zu files of interrupted imports were removed\n", debris);
    }
    return broken ? fail(scope, ERR_FILE,
                         "%zu datasets are broken; import them again or restore a backup", broken)
                  : ERR_OK;
}

enum err command_check(struct scope *scope, const struct command_line *line)
{
    struct catalog *catalog;
    TRY(open_catalog(scope, line, &catalog));
    enum err result = check_all(scope, catalog);
    catalog_close(catalog);
    return result;
}

/* ---- export ---- */

static enum err write_out(struct scope *scope, struct buf *out)
{
    size_t sent = 0;
    while (sent < out->n) {
        ssize_t n = write(STDOUT_FILENO, out->p + sent, out->n - sent);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fail(scope, ERR_FILE, "standard output cannot be written (%s)", strerror(errno));
        }
        sent += (size_t)n;
    }
    buf_clear(out);
    return ERR_OK;
}

static enum err write_records(struct scope *scope, struct records_lease *lease,
                              const struct clauses *clauses, const struct format *format)
{
    struct plan *plan;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct buf out = {0};
    struct format_options options = format_options_default();
    options.zone = zone_find(S("UTC"));
    TRY(odsql_compile(scope, &lease->source, clauses, &plan));
    TRY(db_run(scope, lease->db, &plan->rows, &cursor));
    struct writing writing = writing_begin(&scope->arena, plan->outputs, plan->output_count,
                                           &options, &out);
    format->encoder->begin(&writing);
    enum err result = ERR_OK;
    for (;;) {
        const struct batch *batch;
        struct arena_mark mark = arena_get_mark(&scope->arena);
        result = cursor_next(scope, cursor, &batch);
        if (result != ERR_OK || !batch) {
            break;
        }
        format->encoder->batch(&writing, batch);
        result = write_out(scope, &out);
        if (result != ERR_OK) {
            break;
        }
        arena_rewind(&scope->arena, mark);
    }
    if (result == ERR_OK) {
        format->encoder->end(&writing);
        result = write_out(scope, &out);
    }
    buf_done(&out);
    return result;
}

static enum err export_dataset(struct scope *scope, const struct command_line *line,
                               struct catalog *catalog, const struct snapshot *snapshot)
{
    const struct dataset *dataset;
    const char *text;
    struct clauses clauses = {.limit = -1, .now = clock_wall()};
    str where[16];
    TRY(find(scope, snapshot, line->arguments[0], &dataset));
    while (clauses.where_count < ARRAY_LENGTH(where) &&
           (text = option_repeated(line, "where", clauses.where_count))) {
        where[clauses.where_count++] = str_from(text);
    }
    clauses.where = where;
    TRY(option_text(scope, line, "select", &text));
    clauses.select = str_from(text);
    TRY(option_text(scope, line, "order-by", &text));
    clauses.order_by = str_from(text);
    TRY(option_text(scope, line, "format", &text));
    const struct format *format = format_find(str_from(text));
    if (!format || !format->encoder) {
        return fail(scope, ERR_USAGE, "--format: '%s' was given, csv, json or jsonl is expected",
                    text);
    }
    struct records *records;
    TRY(open_records(scope, catalog, &records));
    struct records_lease lease = {0};
    enum err result = records_lease(scope, records, dataset, &lease);
    if (result == ERR_OK) {
        result = write_records(scope, &lease, &clauses, format);
    }
    records_release(&lease);
    records_close(records);
    return result;
}

enum err command_export(struct scope *scope, const struct command_line *line)
{
    struct catalog *catalog;
    TRY(open_catalog(scope, line, &catalog));
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    enum err result = export_dataset(scope, line, catalog, snapshot);
    snapshot_unref(snapshot);
    catalog_close(catalog);
    return result;
}
