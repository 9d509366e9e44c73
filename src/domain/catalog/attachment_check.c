#include "domain/catalog/attachment_check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/vec.h"
#include "domain/catalog/attachment_store.h"
#include "platform/db/statement.h"

static enum err check_file(struct scope *scope, struct catalog *catalog, str uid,
                           const struct attachment *one)
{
    struct stat facts;
    str path = attachment_path(&scope->arena, catalog_data_directory(catalog), uid, one->stored);
    if (lstat(path.p, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return fail(scope, ERR_FILE, "%s: the file of the attachment %.*s is missing", path.p,
                    STR_ARG(one->id));
    }
    if (facts.st_size != one->bytes) {
        return fail(scope, ERR_FILE,
                    "%s: the file of the attachment %.*s has %lld bytes, the catalogue says %lld",
                    path.p, STR_ARG(one->id), (long long)facts.st_size, (long long)one->bytes);
    }
    return ERR_OK;
}

static enum err check_rows(struct scope *scope, struct catalog *catalog, str uid,
                           const struct attachment *one)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    int64_t bytes;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(attachment_store_bytes(scope, lease, uid, one->stored, &bytes));
    if (bytes < 0) {
        return fail(scope, ERR_FILE,
                    "the bytes of the attachment %.*s are not in the database, or not all of them",
                    STR_ARG(one->id));
    }
    return bytes == one->bytes
               ? ERR_OK
               : fail(scope, ERR_FILE,
                      "the attachment %.*s has %lld bytes in the database, the catalogue says %lld",
                      STR_ARG(one->id), (long long)bytes, (long long)one->bytes);
}

enum err attachments_check(struct scope *scope, struct catalog *catalog, const struct dataset *dataset)
{
    const struct attachment *attachments;
    size_t count;
    TRY(attachments_of(scope, dataset, &attachments, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(catalog_store(catalog)->url
                ? check_rows(scope, catalog, dataset->uid, &attachments[i])
                : check_file(scope, catalog, dataset->uid, &attachments[i]));
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

/* NULL: there is no such dataset. */
static enum err read_names(struct search *search, struct db_lease *lease, str uid, json_t **ret_list)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    cell text;
    *ret_list = NULL;
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
        bool is_ours = attachment_is_stored_name(name) || attachment_is_partial_name(name);
        if (is_ours && !is_named(list, name)) {
            TRY(take_orphan(search, str_printf(&search->scope->arena, "%.*s/%s", STR_ARG(directory),
                                               entry->d_name)));
        }
    }
    return ERR_OK;
}

/* The list is read under the lock: whoever attaches a file holds it until the list names the file. */
static enum err search_locked(struct search *search, str directory, str uid)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    json_t *list cleanup_with(json_cleanup) = NULL;
    TRY(db_lease(search->scope, catalog_database(search->catalog), &lease));
    TRY(read_names(search, lease, uid, &list));
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

static enum err search_files(struct search *search)
{
    struct arena *arena = &search->scope->arena;
    str root = str_printf(arena, "%s/attachments", catalog_data_directory(search->catalog));
    DIR *entries = opendir(root.p);
    enum err result = ERR_OK;
    for (struct dirent *entry; entries && result == ERR_OK && (entry = readdir(entries));) {
        str uid = str_copy(arena, str_from(entry->d_name));
        if (uid.p[0] != '.') {
            str directory = str_printf(arena, "%s/%s", root.p, uid.p);
            result = search_directory(search, directory, uid);
        }
    }
    if (entries) {
        closedir(entries);
    }
    return result;
}

/* ---- rows that nobody names ---- */

struct stored_row {
    str uid, stored;
    int64_t bytes;
};

typedef VEC(struct stored_row) stored_rows;

static enum err list_rows(struct search *search, struct db_lease *lease, stored_rows *rows)
{
    struct scope *scope = search->scope;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena, "select uid, stored, sum(length(bytes)) from attachment_file "
                                              "group by uid, stored order by uid, stored");
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, rows,
                ((struct stored_row){row_text(&scope->arena, row, 0),
                                     row_text(&scope->arena, row, 1), row_number(row, 2)}));
    }
    return ERR_OK;
}

static enum err take_row(struct search *search, struct db_lease *lease, const struct stored_row *row)
{
    struct arena *arena = &search->scope->arena;
    str path = str_printf(arena, "attachment_file/%.*s/%.*s", STR_ARG(row->uid), STR_ARG(row->stored));
    if (search->deletes) {
        TRY(attachment_store_remove(search->scope, lease, row->uid, row->stored));
        log_event(EV_DEBRIS_REMOVED, "%s", path.p);
    }
    vec_add(arena, &search->orphans, ((struct attachment_orphan){path, row->bytes}));
    return ERR_OK;
}

/* In one transaction, in which the list and the rows are of the same moment. */
static enum err search_rows(struct search *search)
{
    struct scope *scope = search->scope;
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    stored_rows rows = {0};
    if (search->deletes) {
        TRY(db_begin(scope, catalog_database(search->catalog), &lease));
    } else {
        TRY(db_lease(scope, catalog_database(search->catalog), &lease));
        TRY(db_begin_reading(scope, lease));
    }
    TRY(list_rows(search, lease, &rows));
    json_t *list cleanup_with(json_cleanup) = NULL;
    for (size_t i = 0; i < rows.count; i++) {
        if (i == 0 || !str_eq(rows.items[i].uid, rows.items[i - 1].uid)) {
            json_decref(list);
            TRY(read_names(search, lease, rows.items[i].uid, &list));
        }
        if (!is_named(list, rows.items[i].stored)) {
            TRY(take_row(search, lease, &rows.items[i]));
        }
    }
    return db_commit(scope, lease);
}

enum err attachments_clean_cache(struct scope *scope, struct catalog *catalog)
{
    struct search search = {.scope = scope, .catalog = catalog, .deletes = true};
    return catalog_store(catalog)->url ? search_files(&search) : ERR_OK;
}

enum err attachments_find_orphans(struct scope *scope, struct catalog *catalog, bool deletes,
                                  const struct attachment_orphan **ret_orphans, size_t *ret_count)
{
    struct search search = {.scope = scope, .catalog = catalog, .deletes = deletes};
    enum err result = search_files(&search);
    if (result == ERR_OK && catalog_store(catalog)->url) {
        result = search_rows(&search);
    }
    *ret_orphans = search.orphans.items;
    *ret_count = search.orphans.count;
    return result;
}
