/* From a stage to where the backup shall be. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "domain/backup/internal.h"
#include "platform/archive/tar_write.h"

/* ---- a directory ---- */

struct placing {
    struct work *work;
    const char *stage, *directory, *previous;
    const struct manifest *earlier;
    struct manifest *manifest;
};

/* The same file as in the earlier backup: one with the same name, size and time, as version files keep them. */
static bool link_earlier(struct placing *placing, struct entry *entry)
{
    struct arena *arena = &placing->work->scope->arena;
    const struct entry *earlier = placing->previous ? manifest_find(placing->earlier, entry->path) : NULL;
    struct stat facts;
    if (!earlier || earlier->bytes != entry->bytes || earlier->modified != entry->modified) {
        return false;
    }
    str from = path_in(arena, placing->previous, entry->path);
    str to = path_in(arena, placing->directory, entry->path);
    if (lstat(from.p, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size != entry->bytes ||
        link(from.p, to.p) != 0) {
        return false;
    }
    memcpy(entry->digest, earlier->digest, DIGEST_BYTES);
    return true;
}

static enum err open_staged(struct work *work, const char *stage, const struct entry *entry, struct pump *ret_pump)
{
    bool found;
    *ret_pump = (struct pump){.bytes = entry->bytes};
    ret_pump->name = path_in(&work->scope->arena, stage, entry->path).p;
    TRY(file_open(work->scope, ret_pump->name, &ret_pump->from, &found));
    return found ? ERR_OK : fail(work->scope, ERR_FILE, "%s: it has gone while it was copied", ret_pump->name);
}

/* Where the file systems are the same a link is enough, and the bytes are only read. */
static enum err place_file(struct placing *placing, struct entry *entry)
{
    struct work *work = placing->work;
    struct pump pump;
    TRY(file_make_parents(work->scope, placing->directory, entry->path));
    if (link_earlier(placing, entry)) {
        placing->manifest->facts.unchanged++;
        work_count(work, entry->bytes);
        return ERR_OK;
    }
    TRY(open_staged(work, placing->stage, entry, &pump));
    bool is_linked = link(pump.name, path_in(&work->scope->arena, placing->directory, entry->path).p) == 0;
    enum err result = is_linked ? file_pump(work, &pump, entry->digest)
                                : file_copy(work, &pump, placing->directory, entry->path, entry->modified, entry->digest);
    close(pump.from);
    return result;
}

enum err place_tree(struct work *work, const char *stage, const char *directory, const char *previous,
                    struct manifest *manifest)
{
    struct manifest earlier = {0};
    struct placing placing = {work, stage, directory, previous, &earlier, manifest};
    if (previous) {
        TRY(manifest_read(work->scope, previous, &earlier));
    }
    work->done = 0;
    work->total = manifest->facts.bytes;
    for (size_t i = 0; i < manifest->entries.count; i++) {
        TRY(place_file(&placing, &manifest->entries.items[i]));
    }
    return manifest_write(work->scope, manifest, directory);
}

/* ---- an archive ---- */

static enum err pump_to_archive(struct work *work, void *tar, str bytes)
{
    (void)work;
    return tar_write_bytes(tar, bytes);
}

/* The manifest stands first in an archive, so that all is read once before. */
static enum err read_all(struct work *work, const char *stage, struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->entries.count; i++) {
        struct entry *entry = &manifest->entries.items[i];
        struct pump pump;
        TRY(open_staged(work, stage, entry, &pump));
        enum err result = file_pump(work, &pump, entry->digest);
        close(pump.from);
        TRY(result);
    }
    return ERR_OK;
}

static enum err add_file(struct work *work, struct tar_write *tar, const char *stage, const struct entry *entry,
                         uint8_t ret_digest[DIGEST_BYTES])
{
    struct pump pump;
    TRY(open_staged(work, stage, entry, &pump));
    pump.sink = pump_to_archive;
    pump.user = tar;
    enum err result = tar_write_entry(tar, entry->path, entry->bytes, entry->modified);
    if (result == ERR_OK) {
        result = file_pump(work, &pump, ret_digest);
    }
    close(pump.from);
    return result;
}

static enum err add_manifest(struct work *work, struct tar_write *tar, const char *stage)
{
    uint8_t digest[DIGEST_BYTES];
    struct stat facts;
    struct entry entry = {.path = S(MANIFEST_NAME)};
    str path = path_in(&work->scope->arena, stage, entry.path);
    if (stat(path.p, &facts) != 0) {
        return file_failed(work->scope, path.p, "it cannot be read");
    }
    entry.bytes = facts.st_size;
    return add_file(work, tar, stage, &entry, digest);
}

static enum err write_archive(struct work *work, struct tar_write *tar, const char *stage,
                              const struct manifest *manifest)
{
    TRY(add_manifest(work, tar, stage));
    for (size_t i = 0; i < manifest->entries.count; i++) {
        const struct entry *entry = &manifest->entries.items[i];
        uint8_t digest[DIGEST_BYTES];
        TRY(add_file(work, tar, stage, entry, digest));
        TRY(source_compare(work->scope, entry, digest));
    }
    return tar_write_finish(tar);
}

enum err place_archive(struct work *work, const char *stage, int descriptor, struct manifest *manifest)
{
    struct tar_write *tar = NULL;
    work->done = 0;
    work->total = 2 * manifest->facts.bytes;
    TRY(read_all(work, stage, manifest));
    TRY(manifest_write(work->scope, manifest, stage));
    TRY(tar_write_open(work->scope, descriptor, &tar));
    enum err result = write_archive(work, tar, stage, manifest);
    tar_write_close(tar);
    return result;
}
