#include "domain/records/spool_files.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/log.h"
#include "base/num.h"

static const char *const kinds[] = {"import-", "export-", "engine-"};

str spool_name(struct arena *arena, const char *directory, const char *kind)
{
    static atomic_uint number;
    return str_printf(arena, "%s/%s-%lld-%u", directory, kind, (long long)getpid(),
                      atomic_fetch_add(&number, 1));
}

void spool_remove(const char *path)
{
    if (unlink(path) == 0 || errno == ENOENT) {
        return;
    }
    struct arena arena;
    arena_init(&arena, 0);
    DIR *entries = opendir(path);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        if (entry->d_name[0] != '.') {
            unlink(str_printf(&arena, "%s/%s", path, entry->d_name).p);
        }
    }
    if (entries) {
        closedir(entries);
    }
    rmdir(path);
    arena_done(&arena);
}

/* "export-17-3" or "tmp_export-17-3" → 17; anything else is not ours. */
static bool process_of(str name, int64_t *ret_process)
{
    str rest = str_starts(name, S("tmp_")) ? str_slice(name, 4, name.n) : name;
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        str kind = str_from(kinds[i]);
        if (str_starts(rest, kind)) {
            rest = str_slice(rest, kind.n, rest.n);
            return num_read_int(str_slice(rest, 0, str_find_char(rest, '-', 0)), ret_process);
        }
    }
    return false;
}

static bool has_ended(int64_t process)
{
    return process > 0 && kill((pid_t)process, 0) != 0 && errno == ESRCH;
}

size_t spool_remove_debris(const char *directory)
{
    struct arena arena;
    size_t removed = 0;
    arena_init(&arena, 0);
    DIR *entries = opendir(directory);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        int64_t process;
        if (process_of(str_from(entry->d_name), &process) && has_ended(process)) {
            str path = str_printf(&arena, "%s/%s", directory, entry->d_name);
            spool_remove(path.p);
            log_event(EV_DEBRIS_REMOVED, "%s", path.p);
            removed++;
        }
    }
    if (entries) {
        closedir(entries);
    }
    arena_done(&arena);
    return removed;
}
