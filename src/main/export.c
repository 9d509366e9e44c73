/* parvis export: records of a dataset to standard output, by the same pipeline as the API's exports. */
#include <errno.h>
#include <unistd.h>

#include "domain/catalog/catalog.h"
#include "domain/records/records.h"
#include "domain/records/spool.h"
#include "main/commands.h"
#include "main/open.h"
#include "main/export_options.h"
#include "platform/pack/encode.h"

#define ENGINE_MEMORY_BYTES ((uint64_t)1 << 30)
#define COPY_BYTES ((size_t)256 << 10)

/* Standard output, as it is or as a gzip file. */
struct sink {
    struct scope *scope;
    struct encoder *gzip; /* NULL: bytes go out as they are */
    struct buf compressed;
};

static void sink_close(struct sink *sink)
{
    encoder_close(sink->gzip);
    buf_done(&sink->compressed);
}

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

static enum err sink_write(struct sink *sink, str bytes, bool is_last)
{
    if (!sink->gzip) {
        return write_out(sink->scope, bytes);
    }
    buf_clear(&sink->compressed);
    encoder_feed(sink->gzip, bytes, is_last, &sink->compressed);
    return write_out(sink->scope, buf_str(&sink->compressed));
}

static enum err write_batches(struct sink *sink, struct cursor *cursor,
                              const struct format_encoder *encoder, struct writing *writing)
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
        TRY(sink_write(sink, buf_str(writing->out), false));
        buf_clear(writing->out);
        arena_rewind(&scope->arena, mark);
    }
    TRY(writing_end(encoder, writing));
    return sink_write(sink, buf_str(writing->out), true);
}

static enum err write_records(struct sink *sink, struct records_lease *lease,
                              const struct plan *plan, const struct export_wish *wish)
{
    struct scope *scope = sink->scope;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct buf out cleanup_with(buf_cleanup) = {0};
    TRY(db_run(scope, lease->db, &plan->rows, &cursor));
    struct writing writing =
        writing_begin(scope, plan->outputs, plan->output_count, &wish->options, &out);
    enum err result = write_batches(sink, cursor, wish->format->encoder, &writing);
    writing_close(wish->format->encoder, &writing);
    return result;
}

static enum err write_file(struct sink *sink, struct records_lease *lease, const struct plan *plan,
                           const struct export_wish *wish)
{
    struct scope *scope = sink->scope;
    struct spool spool;
    TRY(wish->format->write_file(scope, lease, plan, &wish->options, &spool));
    char *block = arena_alloc(&scope->arena, COPY_BYTES);
    enum err result = ERR_OK;
    for (ssize_t n = 1; n > 0 && result == ERR_OK;) {
        n = read(spool.descriptor, block, COPY_BYTES);
        result = n < 0 ? fail(scope, ERR_FILE, "the written file cannot be read (%s)",
                              strerror(errno))
                       : sink_write(sink, (str){block, (size_t)n}, n == 0);
    }
    close(spool.descriptor);
    return result;
}

static enum err write_dataset(struct scope *scope, struct records_lease *lease,
                              const struct dataset *dataset, struct export_wish *wish)
{
    struct plan *plan;
    struct sink sink cleanup_with(sink_close) = {.scope = scope};
    wish->options.dataset_id = dataset->id;
    wish->options.title = dataset->title;
    format_prepare(wish->format, &wish->clauses);
    if (wish->options.use_labels) {
        TRY(dataset_schema_in(scope, dataset, wish->clauses.lang, &lease->source.schema));
    }
    TRY(odsql_compile(scope, &lease->source, &wish->clauses, &plan));
    TRY(format_check(scope, wish->format, plan, &wish->options));
    sink.gzip = encoder_open(wish->is_compressed ? ENCODE_GZIP : ENCODE_PLAIN);
    return wish->format->encoder ? write_records(&sink, lease, plan, wish)
                                 : write_file(&sink, lease, plan, wish);
}

static enum err export_dataset(struct scope *scope, const struct command_line *line,
                               struct catalog *catalog, const struct snapshot *snapshot)
{
    struct export_wish wish;
    const struct dataset *dataset;
    TRY(export_options_read(scope, line, &wish));
    TRY(snapshot_load(scope, snapshot, str_from(line->arguments[0]), &dataset));
    if (!dataset) {
        return dataset_absent(scope, str_from(line->arguments[0]));
    }
    struct records *records;
    struct records_lease lease = {0};
    struct records_options options = {.store = catalog_store(catalog),
                                      .connections = 1,
                                      .memory_bytes = ENGINE_MEMORY_BYTES};
    TRY(records_open(scope, &options, &records));
    enum err result = records_lease(scope, records, dataset, &lease);
    if (result == ERR_OK) {
        result = write_dataset(scope, &lease, dataset, &wish);
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
