#include "platform/archive/tar_read.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#include "base/bug.h"

#define BLOCK_BYTES 65536

struct tar_read {
    struct scope *scope;
    struct archive *archive;
};

static enum err check(struct tar_read *tar, la_ssize_t result)
{
    if (result >= ARCHIVE_WARN) {
        return ERR_OK;
    }
    const char *cause = archive_error_string(tar->archive);
    return fail(tar->scope, ERR_DATA, "the archive is damaged, cut, or not a tar.zst (%s)", cause ? cause : "no reason is known");
}

static int begin(struct archive *archive, int descriptor)
{
    int result = archive_read_support_filter_zstd(archive);
    result = result == ARCHIVE_OK ? archive_read_support_format_tar(archive) : result;
    return result == ARCHIVE_OK ? archive_read_open_fd(archive, descriptor, BLOCK_BYTES) : result;
}

enum err tar_read_open(struct scope *scope, int descriptor, struct tar_read **ret_tar)
{
    struct tar_read *tar = calloc(1, sizeof(*tar));
    if (!tar) {
        bug_out_of_memory(sizeof(*tar));
    }
    *tar = (struct tar_read){.scope = scope, .archive = archive_read_new()};
    bug_if(!tar->archive);
    enum err result = check(tar, begin(tar->archive, descriptor));
    if (result != ERR_OK) {
        tar_read_close(tar);
        return result;
    }
    *ret_tar = tar;
    return ERR_OK;
}

enum err tar_read_next(struct tar_read *tar, struct tar_entry *ret_entry, bool *ret_found)
{
    struct archive_entry *entry;
    int result = archive_read_next_header(tar->archive, &entry);
    *ret_found = result != ARCHIVE_EOF;
    if (result == ARCHIVE_EOF) {
        return ERR_OK;
    }
    TRY(check(tar, result));
    str name = str_from(archive_entry_pathname(entry));
    *ret_entry = (struct tar_entry){
        .name = name.n ? str_copy(&tar->scope->arena, name) : S(""),
        .bytes = archive_entry_size(entry),
        .is_file = archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry) &&
                   !archive_entry_symlink(entry) && archive_entry_size_is_set(entry)};
    return ERR_OK;
}

enum err tar_read_bytes(struct tar_read *tar, char *bytes, size_t n, size_t *ret_n)
{
    la_ssize_t got = archive_read_data(tar->archive, bytes, n);
    TRY(check(tar, got));
    *ret_n = got > 0 ? (size_t)got : 0;
    return ERR_OK;
}

void tar_read_close(struct tar_read *tar)
{
    if (tar) {
        archive_read_free(tar->archive);
        free(tar);
    }
}
