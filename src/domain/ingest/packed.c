#include "domain/ingest/packed.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "domain/records/spool_files.h"
#include "platform/gdal/read.h"
#include "platform/i18n/explanation.h"

struct entries {
    struct arena *arena;
    bool is_for_others; /* a shapefile, KML, a document of an office program */
    size_t count;
    str only;
};

static bool has_ending(str name, str ending)
{
    return name.n >= ending.n && str_eq_nocase(str_slice(name, name.n - ending.n, name.n), ending);
}

/* Files that archivers and people put beside the records. */
static bool is_beside(str name)
{
    static const char *const endings[] = {".txt.license", ".pdf", ".html", ".md", ".xml", ".doc", ".docx", ".DS_Store"};
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        if (has_ending(name, str_from(endings[i]))) {
            return true;
        }
    }
    return str_starts(name, S("__MACOSX/"));
}

static void note_entry(void *user, const char *name)
{
    struct entries *entries = user;
    str text = str_from(name);
    entries->is_for_others |= has_ending(text, S(".shp")) || has_ending(text, S(".kml")) ||
                              str_eq(text, S("[Content_Types].xml")) || str_eq(text, S("content.xml"));
    if (!is_beside(text)) {
        entries->only = str_copy(entries->arena, text);
        entries->count++;
    }
}

static enum err unpack(struct scope *scope, const char *path, const char *shown, str entry, const char *to)
{
    int file = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        return fail_system(scope, errno, to, "it cannot be made");
    }
    enum err result = archive_extract(scope, path, shown, entry, file);
    close(file);
    return result;
}

/* The archive counts as the file that it holds. */
static enum err open_unpacked(struct scope *scope, const struct publish_options *options, const char *data,
                              const char *unpacked, struct readable_file *ret)
{
    struct publish_options inside = *options;
    inside.path = unpacked;
    inside.shown_name = readable_shown_path(options);
    inside.is_unpacked = true;
    TRY(readable_open(scope, &inside, data, ret));
    if (strcmp(ret->path, unpacked) == 0) {
        ret->is_spooled = true; /* it goes when the reading ends */
    } else {
        unlink(unpacked);
    }
    return ERR_OK;
}

enum err packed_open(struct scope *scope, const struct publish_options *options, const char *data, const char *path,
                     struct readable_file *ret, bool *ret_is_taken)
{
    const char *shown = readable_shown_path(options);
    struct entries entries = {.arena = &scope->arena};
    TRY(archive_check(scope, path, shown, LIMIT_ARCHIVE_ENTRIES, LIMIT_ARCHIVE_BYTES, note_entry, &entries));
    *ret_is_taken = !entries.is_for_others && !options->is_unpacked && entries.count > 0;
    if (!*ret_is_taken) {
        return ERR_OK;
    }
    if (entries.count > 1) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_ARCHIVE_SEVERAL,
                             SAYS(ARG_TEXT("file", str_from(shown)),
                                  argument_digits(&scope->arena, "count", (int64_t)entries.count),
                                  ARG_TEXT("name", entries.only)));
    }
    str spool = str_printf(&scope->arena, "%s/spool", data);
    str unpacked = spool_name(&scope->arena, spool.p, "import");
    enum err result = unpack(scope, path, shown, entries.only, unpacked.p);
    if (result == ERR_OK) {
        result = open_unpacked(scope, options, data, unpacked.p, ret);
    }
    if (result != ERR_OK) {
        unlink(unpacked.p);
    }
    return result;
}
