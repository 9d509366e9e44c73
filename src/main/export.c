/* parvis export: records of a dataset to standard output, by the same pipeline as the API's exports. */
#include <errno.h>
#include <unistd.h>

#include "base/vec.h"
#include "domain/catalog/catalog.h"
#include "domain/records/format.h"
#include "domain/records/records.h"
#include "domain/records/spool.h"
#include "main/commands.h"

#define ENGINE_MEMORY_BYTES ((uint64_t)1 << 30)
#define COPY_BYTES ((size_t)256 << 10)

static enum err write_out(struct scope *scope, str bytes)
{
    while (bytes.n) {
        ssize_t n = write(STDOUT_FILENO, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fail(scope, ERR_FILE, "standard output cannot be written (%s)", strerror(errno));
        }
        bytes = str_slice(bytes, (size_t)n, bytes.n);
    }
    return ERR_OK;
}

static enum err write_batches(struct cursor *cursor, const struct format_encoder *encoder,
                              struct writing *writing)
{
    struct scope *scope = writing->scope;
    TRY(writing_start(encoder, writing));
    for (;;) {
        const struct batch *batch;
        struct arena_mark mark = arena_get_mark(&scope->arena);
        TRY(cursor_next(scope, cursor, &batch));
        if (!batch) {
            break;
        }
        TRY(writing_batch(encoder, writing, batch));
        TRY(write_out(scope, buf_str(writing->out)));
        buf_clear(writing->out);
        arena_rewind(&scope->arena, mark);
    }
    TRY(writing_end(encoder, writing));
    return write_out(scope, buf_str(writing->out));
}

static enum err write_records(struct scope *scope, struct records_lease *lease,
                              const struct plan *plan, const struct format *format,
                              const struct format_options *options)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct buf out cleanup_with(buf_cleanup) = {0};
    TRY(db_run(scope, lease->db, &plan->rows, &cursor));
    struct writing writing = writing_begin(scope, plan->outputs, plan->output_count, options, &out);
    enum err result = write_batches(cursor, format->encoder, &writing);
    writing_close(format->encoder, &writing);
    return result;
}

static enum err write_file(struct scope *scope, struct records_lease *lease,
                           const struct plan *plan, const struct format *format,
                           const struct format_options *options)
{
    struct spool spool;
    TRY(format->write_file(scope, lease, plan, options, &spool));
    char *block = arena_alloc(&scope->arena, COPY_BYTES);
    enum err result = ERR_OK;
    for (ssize_t n = 1; n > 0 && result == ERR_OK;) {
        n = read(spool.descriptor, block, COPY_BYTES);
        result = n < 0 ? fail(scope, ERR_FILE, "the written file cannot be read (%s)",
                              strerror(errno))
                       : write_out(scope, (str){block, (size_t)n});
    }
    close(spool.descriptor);
    return result;
}

static enum err write_dataset(struct scope *scope, struct records_lease *lease,
                              const struct dataset *dataset, struct clauses *clauses,
                              const struct format *format)
{
    struct plan *plan;
    struct format_options options = format_options_default();
    options.zone = zone_find(S("UTC"));
    options.dataset_id = dataset->id;
    options.title = dataset->title;
    format_prepare(format, clauses);
    TRY(odsql_compile(scope, &lease->source, clauses, &plan));
    TRY(format_check(scope, format, plan, &options));
    return format->encoder ? write_records(scope, lease, plan, format, &options)
                           : write_file(scope, lease, plan, format, &options);
}

static enum err read_clauses(struct scope *scope, const struct command_line *line,
                             struct clauses *ret)
{
    const char *text;
    int64_t limit;
    VEC(str) where = {0};
    struct clauses clauses = {.now = clock_wall(), .any_limit = true};
    for (size_t i = 0; (text = option_repeated(line, "where", i)); i++) {
        vec_add(&scope->arena, &where, str_from(text));
    }
    clauses.where = where.items;
    clauses.where_count = where.count;
    TRY(option_text(scope, line, "select", &text));
    clauses.select = str_from(text);
    TRY(option_text(scope, line, "group-by", &text));
    clauses.group_by = str_from(text);
    TRY(option_text(scope, line, "order-by", &text));
    clauses.order_by = str_from(text);
    TRY(option_number(scope, line, "limit", -1, INT64_MAX, &limit));
    clauses.limit = limit;
    *ret = clauses;
    return ERR_OK;
}

static enum err read_format(struct scope *scope, const struct command_line *line,
                            const struct format **ret_format)
{
    const char *text;
    size_t count;
    TRY(option_text(scope, line, "format", &text));
    *ret_format = format_find(str_from(text));
    if (*ret_format) {
        return ERR_OK;
    }
    const struct format *formats = formats_all(&count);
    str names = str_join(&scope->arena, formats, count, sizeof(*formats), S(", "));
    return fail(scope, ERR_USAGE, "--format: '%s' was given, one of %.*s is expected", text,
                STR_ARG(names));
}

static enum err export_dataset(struct scope *scope, const struct command_line *line,
                               struct catalog *catalog, const struct snapshot *snapshot)
{
    struct clauses clauses;
    const struct format *format;
    const struct dataset *dataset;
    TRY(snapshot_load(scope, snapshot, str_from(line->arguments[0]), &dataset));
    if (!dataset) {
        return dataset_absent(scope, str_from(line->arguments[0]));
    }
    TRY(read_clauses(scope, line, &clauses));
    TRY(read_format(scope, line, &format));
    struct records *records;
    struct records_lease lease = {0};
    struct records_options options = {.data_directory = catalog_data_directory(catalog),
                                      .connections = 1,
                                      .memory_bytes = ENGINE_MEMORY_BYTES};
    TRY(records_open(scope, &options, &records));
    enum err result = records_lease(scope, records, dataset, &lease);
    if (result == ERR_OK) {
        result = write_dataset(scope, &lease, dataset, &clauses, format);
    }
    records_release(&lease);
    records_close(records);
    return result;
}

enum err command_export(struct scope *scope, const struct command_line *line)
{
    const char *data;
    struct catalog *catalog;
    TRY(option_text(scope, line, "data", &data));
    TRY(catalog_open(scope, data, &catalog));
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    enum err result = export_dataset(scope, line, catalog, snapshot);
    snapshot_unref(snapshot);
    catalog_close(catalog);
    return result;
}
