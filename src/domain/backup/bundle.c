/*
 * Reading a backup that is an archive, which may be anybody's: the manifest comes first, then exactly the files that
 * it names, in its order and of its sizes. Nothing else is ever written.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "domain/backup/internal.h"
#include "platform/archive/tar_read.h"


struct bundle {
    struct work *work;
    const char *source, *into;
    struct tar_read *tar;
    struct manifest *manifest;
};

static enum err wrong(const struct bundle *bundle, str name, const char *what)
{
    return fail(bundle->work->scope, ERR_DATA, "%s: %.100s: %s", bundle->source,
                name.n ? str_cz(&bundle->work->scope->arena, name) : "an entry", what);
}

static enum err read_manifest(struct bundle *bundle)
{
    struct buf text cleanup_with(buf_cleanup) = {0};
    struct tar_entry entry;
    bool found;
    size_t n = 1;
    TRY(tar_read_next(bundle->tar, &entry, &found));
    if (!found || !entry.is_file || !str_eq(entry.name, S(MANIFEST_NAME))) {
        return fail(bundle->work->scope, ERR_DATA, "%s: this is no backup: its first entry is not %s", bundle->source,
                    MANIFEST_NAME);
    }
    if (entry.bytes < 0 || entry.bytes > MANIFEST_BYTES_MOST) {
        return wrong(bundle, entry.name, "it is too large");
    }
    while (n > 0 && (int64_t)text.n < entry.bytes) {
        size_t wanted = (size_t)entry.bytes - text.n;
        wanted = wanted < COPY_BYTES ? wanted : COPY_BYTES;
        TRY(tar_read_bytes(bundle->tar, buf_reserve(&text, wanted), wanted, &n));
        text.n += n;
    }
    return manifest_parse(bundle->work->scope, bundle->source, buf_str(&text), bundle->manifest);
}

/* Exactly the bytes of an entry; a sink may write them. */
static enum err read_bytes(struct bundle *bundle, const struct entry *entry, struct sink_file *sink,
                           struct digest *digest)
{
    struct work *work = bundle->work;
    int64_t left = entry->bytes;
    for (;;) {
        size_t n;
        TRY(scope_check(work->scope));
        TRY(tar_read_bytes(bundle->tar, work->buffer, COPY_BYTES, &n));
        if ((int64_t)n > left || (n == 0 && left > 0)) {
            return wrong(bundle, entry->path, "it has other bytes than the manifest says");
        }
        if (n == 0) {
            return ERR_OK;
        }
        digest_feed(digest, (str){work->buffer, n});
        if (sink) {
            TRY(pump_to_file(work, sink, (str){work->buffer, n}));
        }
        left -= (int64_t)n;
        work_count(work, (int64_t)n);
    }
}

static enum err read_compared(struct bundle *bundle, const struct entry *entry, struct sink_file *sink)
{
    struct digest *digest = digest_open();
    uint8_t sum[DIGEST_BYTES];
    enum err result = read_bytes(bundle, entry, sink, digest);
    if (result == ERR_OK) {
        digest_finish(digest, sum);
        result = source_compare(bundle->work->scope, entry, sum);
    }
    digest_close(digest);
    return result;
}

static enum err read_file(struct bundle *bundle, const struct entry *entry)
{
    struct scope *scope = bundle->work->scope;
    struct tar_entry there;
    struct sink_file sink;
    bool found;
    TRY(tar_read_next(bundle->tar, &there, &found));
    if (!found) {
        return wrong(bundle, entry->path, "the archive ends before it");
    }
    if (!there.is_file || !str_eq(there.name, entry->path) || there.bytes != entry->bytes) {
        return wrong(bundle, there.name, "this entry is not what the manifest says comes here");
    }
    if (!bundle->into) {
        return read_compared(bundle, entry, NULL);
    }
    TRY(file_create(scope, bundle->into, entry->path, &sink.file, &sink.name));
    enum err result = read_compared(bundle, entry, &sink);
    enum err ended = file_finish(scope, sink.file, sink.name, entry->modified);
    return result == ERR_OK ? ended : result;
}

static enum err read_all(struct bundle *bundle)
{
    struct manifest *manifest = bundle->manifest;
    struct tar_entry more;
    bool found;
    TRY(read_manifest(bundle));
    if (bundle->into) {
        TRY(source_check_room(bundle->work->scope, manifest, bundle->into));
    }
    bundle->work->total = manifest->facts.bytes;
    for (size_t i = 0; i < manifest->entries.count; i++) {
        TRY(read_file(bundle, &manifest->entries.items[i]));
    }
    TRY(tar_read_next(bundle->tar, &more, &found));
    return found ? wrong(bundle, more.name, "the manifest does not name this entry") : ERR_OK;
}

static enum err open_source(struct scope *scope, const char *source, int *ret_file)
{
    *ret_file = strcmp(source, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(source, O_RDONLY | O_CLOEXEC);
    return *ret_file >= 0 ? ERR_OK : file_failed(scope, source, "the backup cannot be read");
}

enum err bundle_read(struct work *work, const char *source, const char *into, struct manifest *manifest)
{
    struct bundle bundle = {work, source, into, NULL, manifest};
    int file;
    TRY(open_source(work->scope, source, &file));
    enum err result = tar_read_open(work->scope, file, &bundle.tar);
    if (result == ERR_OK) {
        result = read_all(&bundle);
    }
    tar_read_close(bundle.tar);
    close(file);
    return result;
}
