#include "platform/archive/zip_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#include "base/bug.h"

#define BLOCK_BYTES 65536

struct zip_stream {
    struct scope *scope;
    zip_stream_sink *sink;
    void *user;
    enum err fault; /* of the sink; ERR_OK: none */
    struct archive *archive;
};

static la_ssize_t take(struct archive *archive, void *user, const void *bytes, size_t n)
{
    struct zip_stream *zip = user;
    if (zip->fault == ERR_OK) {
        zip->fault = zip->sink(zip->user, (str){bytes, n});
    }
    if (zip->fault != ERR_OK) {
        archive_set_error(archive, EIO, "the sink refused");
        return -1;
    }
    return (la_ssize_t)n;
}

static enum err check(struct zip_stream *zip, la_ssize_t result)
{
    if (zip->fault != ERR_OK) {
        return zip->fault;
    }
    if (result < ARCHIVE_WARN) {
        const char *cause = archive_error_string(zip->archive);
        return fail_with_cause(zip->scope, ERR_INTERNAL, str_from(cause), "The archive cannot be written.");
    }
    return ERR_OK;
}

/* Level 3: half the time of level 6 for a few per cent. */
static int begin(struct zip_stream *zip)
{
    struct archive *archive = zip->archive;
    int result = archive_write_set_format_zip(archive);
    result = result == ARCHIVE_OK ? archive_write_set_options(archive, "zip:compression-level=3") : result;
    result = result == ARCHIVE_OK ? archive_write_set_bytes_per_block(archive, BLOCK_BYTES) : result;
    result = result == ARCHIVE_OK ? archive_write_set_bytes_in_last_block(archive, 1) : result;
    return result == ARCHIVE_OK ? archive_write_open(archive, zip, NULL, take, NULL) : result;
}

enum err zip_stream_open(struct scope *scope, zip_stream_sink *sink, void *user, struct zip_stream **ret_zip)
{
    struct zip_stream *zip = calloc(1, sizeof(*zip));
    if (!zip) {
        bug_out_of_memory(sizeof(*zip));
    }
    *zip = (struct zip_stream){.scope = scope, .sink = sink, .user = user, .archive = archive_write_new()};
    bug_if(!zip->archive);
    enum err result = check(zip, begin(zip));
    if (result != ERR_OK) {
        zip_stream_close(zip);
        return result;
    }
    *ret_zip = zip;
    return ERR_OK;
}

enum err zip_stream_entry(struct zip_stream *zip, str name, usec modified)
{
    struct archive_entry *entry = archive_entry_new();
    bug_if(!entry);
    archive_entry_set_pathname(entry, str_cz(&zip->scope->arena, name));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, modified / USEC_SECOND, 0);
    int result = archive_write_header(zip->archive, entry);
    archive_entry_free(entry);
    return check(zip, result);
}

enum err zip_stream_write(struct zip_stream *zip, str bytes)
{
    while (bytes.n) {
        la_ssize_t n = archive_write_data(zip->archive, bytes.p, bytes.n);
        TRY(check(zip, n));
        bug_if(n <= 0);
        bytes = str_slice(bytes, (size_t)n, bytes.n);
    }
    return ERR_OK;
}

enum err zip_stream_finish(struct zip_stream *zip)
{
    return check(zip, archive_write_close(zip->archive));
}

void zip_stream_close(struct zip_stream *zip)
{
    if (zip) {
        archive_write_fail(zip->archive); /* one that was closed stays so; another writes no more */
        archive_write_free(zip->archive);
        free(zip);
    }
}
