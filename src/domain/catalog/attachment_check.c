#include "domain/catalog/attachment_check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/vec.h"
#include "platform/db/statement.h"

enum err attachments_check(struct scope *scope, const char *data_directory,
                           const struct dataset *dataset)
{
    const struct attachment *attachments;
    size_t count;
    struct stat facts;
    TRY(attachments_of(scope, dataset, &attachments, &count));
    for (size_t i = 0; i < count; i++) {
        const struct attachment *one = &attachments[i];
        str path = attachment_path(&scope->arena, data_directory, dataset->uid, one->stored);
        if (lstat(path.p, &facts) != 0 || !S_ISREG(facts.st_mode)) {
            return fail(scope, ERR_FILE, "%s: the file of the attachment %.*s is missing", path.p,
                        STR_ARG(one->id));
        }
        if (facts.st_size != one->bytes) {
            return fail(
                scope, ERR_FILE,
                "%s: the file of the attachment %.*s has %lld bytes, the catalogue says %lld",
                path.p, STR_ARG(one->id), (long long)facts.st_size, (long long)one->bytes);
        }
    }
    return ERR_OK;
}

/* ---- files that nobody names ---- */

struct search {
    struct scope *scope;
    struct catalog *catalog;
    bool deletes;
    VEC(struct attachment_orphan) orphans;
};

/*
 * NULL: there is no such dataset. Read under the lock: whoever attaches a file holds it until the
 * list names the file.
 */
static enum err read_names(struct search *search, str uid, json_t **ret_list)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    cell text;
    *ret_list = NULL;
    TRY(db_lease(search->scope, catalog_database(search->catalog), &lease));
    TRY(DB_ASK(search->scope, lease, &text, "select metadata from dataset where uid = ?",
               cell_text(uid)));
    if (text.type == CELL_TEXT) {
        TRY(json_read(search->scope, ERR_DATABASE, text.text, "stored metadata", &metadata));
        json_t *list = json_object_get(metadata, "attachments");
        *ret_list = list ? json_incref(list) : json_array();
    }
    return ERR_OK;
}

static bool is_named(const json_t *list, str name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (str_eq(json_read_text(json_object_get(json_array_get(list, i), "stored")), name)) {
            return true;
        }
    }
    return false;
}

static enum err take_orphan(struct search *search, str path)
{
    struct stat facts;
    if (lstat(path.p, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return ERR_OK;
    }
    if (search->deletes) {
        if (unlink(path.p) != 0) {
            return fail(search->scope, ERR_FILE, "%s: it cannot be deleted (%s)", path.p,
                        strerror(errno));
        }
        log_event(EV_DEBRIS_REMOVED, "%s", path.p);
    }
    vec_add(&search->scope->arena, &search->orphans,
            ((struct attachment_orphan){path, facts.st_size}));
    return ERR_OK;
}

static enum err search_entries(struct search *search, str directory, DIR *entries,
                               const json_t *list)
{
    for (struct dirent *entry; (entry = readdir(entries));) {
        str name = str_from(entry->d_name);
        if (attachment_is_stored_name(name) && !is_named(list, name)) {
            TRY(take_orphan(search, str_printf(&search->scope->arena, "%.*s/%s", STR_ARG(directory),
                                               entry->d_name)));
        }
    }
    return ERR_OK;
}

static enum err search_locked(struct search *search, str directory, str uid)
{
    json_t *list cleanup_with(json_cleanup) = NULL;
    TRY(read_names(search, uid, &list));
    DIR *entries = opendir(directory.p);
    if (!entries) {
        return ERR_OK;
    }
    enum err result = search_entries(search, directory, entries, list);
    closedir(entries);
    if (search->deletes && !list) {
        rmdir(directory.p); /* only succeeds when nothing is left */
    }
    return result;
}

static enum err search_directory(struct search *search, str directory, str uid)
{
    int lock = open(directory.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (lock < 0) {
        return ERR_OK;
    }
    enum err result =
        flock(lock, LOCK_EX | LOCK_NB) == 0 ? search_locked(search, directory, uid) : ERR_OK;
    close(lock);
    return result;
}

enum err attachments_find_orphans(struct scope *scope, struct catalog *catalog, bool deletes,
                                  const struct attachment_orphan **ret_orphans, size_t *ret_count)
{
    struct search search = {.scope = scope, .catalog = catalog, .deletes = deletes};
    str root = str_printf(&scope->arena, "%s/attachments", catalog_data_directory(catalog));
    DIR *entries = opendir(root.p);
    enum err result = ERR_OK;
    for (struct dirent *entry; entries && result == ERR_OK && (entry = readdir(entries));) {
        str uid = str_copy(&scope->arena, str_from(entry->d_name));
        if (uid.p[0] != '.') {
            str directory = str_printf(&scope->arena, "%s/%s", root.p, uid.p);
            result = search_directory(&search, directory, uid);
        }
    }
    if (entries) {
        closedir(entries);
    }
    *ret_orphans = search.orphans.items;
    *ret_count = search.orphans.count;
    return result;
}
