/* parvis export: records of a dataset to standard output, by the same pipeline as the API's exports. */
#include <errno.h>
#include <unistd.h>

#include "domain/catalog/catalog.h"
#include "domain/records/export.h"
#include "main/commands.h"
#include "main/open.h"
#include "main/export_options.h"
#include "platform/pack/encode.h"

#define ENGINE_MEMORY_BYTES ((uint64_t)1 << 30)

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

static enum err take_bytes(void *user, str bytes)
{
    return sink_write(user, bytes, false);
}

static enum err write_dataset(struct scope *scope, struct records_lease *lease,
                              const struct dataset *dataset, const struct export_wish *wish)
{
    struct sink sink cleanup_with(sink_close) = {.scope = scope};
    struct export_request request = {.dataset = dataset,
                                     .format = wish->format,
                                     .options = wish->options,
                                     .clauses = wish->clauses};
    sink.gzip = encoder_open(wish->is_compressed ? ENCODE_GZIP : ENCODE_PLAIN);
    TRY(export_write(scope, lease, &request, take_bytes, &sink));
    return sink_write(&sink, S(""), true);
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
