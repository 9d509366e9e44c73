/* Reading a backup that is a directory; and what is the same for an archive. */
#include <sys/statvfs.h>
#include <unistd.h>

#include "domain/backup/internal.h"

#define ROOM_LEFT ((int64_t)64 << 20) /* for the catalogue at work */

enum err source_check_room(struct scope *scope, const struct manifest *manifest, const char *into)
{
    struct statvfs room;
    if (statvfs(into, &room) != 0) {
        return file_failed(scope, into, "how much room there is cannot be told");
    }
    double there = (double)room.f_bavail * (double)room.f_frsize;
    return (double)manifest->facts.bytes + (double)ROOM_LEFT <= there
               ? ERR_OK
               : fail(scope, ERR_FILE, "%s: the backup takes %lld MB, there is room for %.0f MB; make more", into,
                      (long long)((manifest->facts.bytes + ROOM_LEFT) >> 20), there / (1 << 20));
}

enum err source_compare(struct scope *scope, const struct entry *entry, const uint8_t digest[DIGEST_BYTES])
{
    return memcmp(entry->digest, digest, DIGEST_BYTES) == 0
               ? ERR_OK
               : fail(scope, ERR_DATA, "%.*s: it differs from what the manifest of the backup says (its SHA-256)",
                      STR_ARG(entry->path));
}

static enum err read_file(struct work *work, const char *source, const struct entry *entry, const char *into)
{
    struct scope *scope = work->scope;
    struct pump pump = {.bytes = entry->bytes};
    uint8_t digest[DIGEST_BYTES];
    bool found;
    pump.name = path_in(&scope->arena, source, entry->path).p;
    TRY(file_open(scope, pump.name, &pump.from, &found));
    if (!found) {
        return fail(scope, ERR_DATA, "%s: it is missing in the backup", pump.name);
    }
    enum err result = into ? file_copy(work, &pump, into, entry->path, entry->modified, digest)
                           : file_pump(work, &pump, digest);
    close(pump.from);
    TRY(result);
    return source_compare(scope, entry, digest);
}

enum err tree_read(struct work *work, const char *source, const char *into, struct manifest *manifest)
{
    TRY(manifest_read(work->scope, source, manifest));
    if (into) {
        TRY(source_check_room(work->scope, manifest, into));
    }
    work->total = manifest->facts.bytes;
    for (size_t i = 0; i < manifest->entries.count; i++) {
        TRY(read_file(work, source, &manifest->entries.items[i], into));
    }
    return ERR_OK;
}
