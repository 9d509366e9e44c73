#include "platform/archive/tar_write.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"

#define BLOCK_BYTES 65536
#define NANOSECONDS 1000000000

struct tar_write {
    struct scope *scope;
    struct archive *archive;
};

static enum err check(struct tar_write *tar, la_ssize_t result)
{
    int cause = archive_errno(tar->archive);
    return result >= ARCHIVE_WARN ? ERR_OK
                                  : fail(tar->scope, ERR_FILE, "the archive cannot be written (%s)",
                                         cause > 0 ? strerror(cause) : archive_error_string(tar->archive));
}

/* Files of records are compressed already: a faster level would be no larger, a slower one hardly smaller. */
static int begin(struct archive *archive, int descriptor)
{
    int result = archive_write_set_format_pax_restricted(archive);
    result = result == ARCHIVE_OK ? archive_write_add_filter_zstd(archive) : result;
    result = result == ARCHIVE_OK ? archive_write_set_options(archive, "zstd:compression-level=3") : result;
    result = result == ARCHIVE_OK ? archive_write_set_bytes_per_block(archive, BLOCK_BYTES) : result;
    result = result == ARCHIVE_OK ? archive_write_set_bytes_in_last_block(archive, 1) : result;
    return result == ARCHIVE_OK ? archive_write_open_fd(archive, descriptor) : result;
}

enum err tar_write_open(struct scope *scope, int descriptor, struct tar_write **ret_tar)
{
    struct tar_write *tar = calloc(1, sizeof(*tar));
    if (!tar) {
        bug_out_of_memory(sizeof(*tar));
    }
    *tar = (struct tar_write){.scope = scope, .archive = archive_write_new()};
    bug_if(!tar->archive);
    enum err result = check(tar, begin(tar->archive, descriptor));
    if (result != ERR_OK) {
        tar_write_close(tar);
        return result;
    }
    *ret_tar = tar;
    return ERR_OK;
}

enum err tar_write_entry(struct tar_write *tar, str name, int64_t bytes, int64_t modified)
{
    struct archive_entry *entry = archive_entry_new();
    bug_if(!entry);
    archive_entry_set_pathname(entry, str_cz(&tar->scope->arena, name));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0600);
    archive_entry_set_size(entry, bytes);
    archive_entry_set_mtime(entry, modified / NANOSECONDS, (long)(modified % NANOSECONDS));
    int result = archive_write_header(tar->archive, entry);
    archive_entry_free(entry);
    return check(tar, result);
}

enum err tar_write_bytes(struct tar_write *tar, str bytes)
{
    while (bytes.n) {
        la_ssize_t n = archive_write_data(tar->archive, bytes.p, bytes.n);
        TRY(check(tar, n));
        bug_if(n <= 0); /* more than was announced */
        bytes = str_slice(bytes, (size_t)n, bytes.n);
    }
    return ERR_OK;
}

enum err tar_write_finish(struct tar_write *tar)
{
    return check(tar, archive_write_close(tar->archive));
}

void tar_write_close(struct tar_write *tar)
{
    if (tar) {
        archive_write_fail(tar->archive); /* one that was closed stays so; another writes no more */
        archive_write_free(tar->archive);
        free(tar);
    }
}
