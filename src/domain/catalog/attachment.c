#include "domain/catalog/attachment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "domain/catalog/attachment_store.h"
#include "domain/catalog/attachment_type.h"
#include "domain/catalog/metadata.h"
#include "domain/catalog/store_metadata.h"
#include "platform/db/statement.h"

#define COPY_BYTES ((size_t)1 << 16)

static str directory_of(struct arena *arena, const char *data_directory, str uid)
{
    return str_printf(arena, "%s/attachments/%.*s", data_directory, STR_ARG(uid));
}

str attachment_path(struct arena *arena, const char *data_directory, str uid, str stored)
{
    return str_printf(arena, "%s/attachments/%.*s/%.*s", data_directory, STR_ARG(uid),
                      STR_ARG(stored));
}

/* ---- reading ---- */

static str text_in(struct scope *scope, const json_t *object, const char *member)
{
    return str_copy(&scope->arena, json_read_text(json_object_get(object, member)));
}

enum err attachments_of(struct scope *scope, const struct dataset *dataset,
                        const struct attachment **ret_attachments, size_t *ret_count)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    TRY(json_read(scope, ERR_DATABASE, dataset->metadata, "stored metadata", &metadata));
    const json_t *list = json_object_get(metadata, "attachments");
    size_t count = json_array_size(list);
    struct attachment *attachments = arena_array(&scope->arena, struct attachment, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        attachments[i] = (struct attachment){
            .id = text_in(scope, item, "id"),
            .title = text_in(scope, item, "title"),
            .file_name = text_in(scope, item, "file"),
            .mimetype = text_in(scope, item, "mimetype"),
            .bytes = json_integer_value(json_object_get(item, "bytes")),
            .stored = text_in(scope, item, "stored")};
    }
    *ret_attachments = attachments;
    *ret_count = count;
    return ERR_OK;
}

enum err attachment_find(struct scope *scope, const struct dataset *dataset, str id,
                         struct attachment *ret_attachment, bool *ret_found)
{
    const struct attachment *attachments;
    size_t count;
    TRY(attachments_of(scope, dataset, &attachments, &count));
    *ret_found = false;
    for (size_t i = 0; i < count && !*ret_found; i++) {
        *ret_found = str_eq(attachments[i].id, id);
        *ret_attachment = attachments[i];
    }
    return ERR_OK;
}

/* ---- files ---- */

static enum err file_error(struct scope *scope, const char *path)
{
    return fail_system(scope, errno, path, "it cannot be kept");
}

bool attachment_write_bytes(int to, const char *bytes, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t written = write(to, bytes + done, n - done);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        done += written > 0 ? (size_t)written : 0;
    }
    return true;
}

static enum err copy_bytes(struct scope *scope, const char *path, int from, int to, int64_t *ret_bytes)
{
    char *bytes = arena_alloc(&scope->arena, COPY_BYTES);
    for (*ret_bytes = 0;;) {
        ssize_t n = read(from, bytes, COPY_BYTES);
        if (n == 0) {
            return ERR_OK;
        }
        if (n < 0 || !attachment_write_bytes(to, bytes, (size_t)n)) {
            return file_error(scope, path);
        }
        *ret_bytes += n;
        if (*ret_bytes > ATTACHMENT_BYTES_MOST) {
            return fail(scope, ERR_TOO_LARGE, "%s: it is larger than %lld bytes", path,
                        (long long)ATTACHMENT_BYTES_MOST);
        }
    }
}

static enum err sync_directory(struct scope *scope, str directory)
{
    int opened = open(directory.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = opened < 0 || fsync(opened) != 0;
    if (opened >= 0) {
        close(opened);
    }
    return failed ? file_error(scope, directory.p) : ERR_OK;
}

str attachment_random_name(struct arena *arena)
{
    unsigned char bytes[8];
    bug_if(getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes));
    uint64_t number;
    memcpy(&number, bytes, sizeof(number));
    return str_printf(arena, "%016llx", (unsigned long long)number);
}

bool attachment_is_stored_name(str name)
{
    bool is_hex = name.n == 16;
    for (size_t i = 0; i < name.n && is_hex; i++) {
        is_hex = hex_digit(name.p[i]) >= 0 && !(name.p[i] >= 'A' && name.p[i] <= 'F');
    }
    return is_hex;
}

static enum err copy_opened(struct scope *scope, const char *path, int from, str directory,
                            struct attachment *attachment)
{
    attachment->stored = attachment_random_name(&scope->arena);
    str target = str_printf(&scope->arena, "%.*s/%.*s", STR_ARG(directory),
                            STR_ARG(attachment->stored));
    int to = open(target.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (to < 0) {
        return file_error(scope, target.p);
    }
    enum err result = copy_bytes(scope, path, from, to, &attachment->bytes);
    if (result == ERR_OK && fsync(to) != 0) {
        result = file_error(scope, target.p);
    }
    close(to);
    result = result == ERR_OK ? sync_directory(scope, directory) : result;
    if (result != ERR_OK) {
        unlink(target.p);
    }
    return result;
}

/* Undone by close. */
static enum err open_source(struct scope *scope, const char *path, int *ret_from)
{
    struct stat facts;
    int from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0) {
        return file_error(scope, path);
    }
    if (fstat(from, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        close(from);
        return fail(scope, ERR_FILE, "%s: a file is expected", path);
    }
    *ret_from = from;
    return ERR_OK;
}

enum err attachment_lock_directory(struct scope *scope, const char *data_directory, str uid,
                                   int *ret_lock)
{
    str directory = directory_of(&scope->arena, data_directory, uid);
    str root = str_printf(&scope->arena, "%s/attachments", data_directory);
    if ((mkdir(root.p, 0750) != 0 && errno != EEXIST) ||
        (mkdir(directory.p, 0750) != 0 && errno != EEXIST)) {
        return file_error(scope, directory.p);
    }
    TRY(sync_directory(scope, root));
    int lock = open(directory.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0 || flock(lock, LOCK_SH) != 0) {
        enum err result = file_error(scope, directory.p);
        if (lock >= 0) {
            close(lock);
        }
        return result;
    }
    *ret_lock = lock;
    return ERR_OK;
}

static void delete_file(struct scope *scope, const char *data_directory, str uid, str stored)
{
    if (stored.n) {
        unlink(attachment_path(&scope->arena, data_directory, uid, stored).p);
    }
}

void attachments_delete_all(const char *data_directory, str uid)
{
    struct arena arena;
    arena_init(&arena, 0);
    str directory = directory_of(&arena, data_directory, uid);
    DIR *entries = opendir(directory.p);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        if (entry->d_name[0] != '.') {
            unlink(str_printf(&arena, "%s/%s", directory.p, entry->d_name).p);
        }
    }
    if (entries) {
        closedir(entries);
    }
    rmdir(directory.p);
    arena_done(&arena);
}

/* ---- the list ---- */

static str base_name(const char *path)
{
    str name = str_from(path);
    for (size_t i = name.n; i > 0; i--) {
        if (name.p[i - 1] == '/') {
            return str_slice(name, i, name.n);
        }
    }
    return name;
}

/* "Guide 2026.pdf" → "guide_2026_pdf" */
static str id_of_name(struct arena *arena, str name)
{
    str lower = str_lower_ascii(arena, str_slice(name, 0, LIMIT_NAME_BYTES));
    char *id = arena_alloc(arena, lower.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < lower.n; i++) {
        char c = lower.p[i];
        bool is_good = (c >= 'a' && c <= 'z') || is_ascii_digit(c) || (n && c == '-');
        if (is_good || (n && id[n - 1] != '_')) {
            id[n++] = is_good ? c : '_';
        }
    }
    return (str){id, n};
}

static enum err read_list(struct scope *scope, struct db_lease *lease, str dataset, str uid,
                          json_t **ret_list)
{
    cell text;
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    TRY(DB_ASK(scope, lease, &text, "select metadata from dataset where id = ? and uid = ?",
               cell_text(dataset), cell_text(uid)));
    if (text.type != CELL_TEXT) {
        return dataset_absent(scope, dataset);
    }
    TRY(json_read(scope, ERR_DATABASE, text.text, "stored metadata", &metadata));
    json_t *list = json_object_get(metadata, "attachments");
    *ret_list = json_is_array(list) ? json_incref(list) : json_array();
    return ERR_OK;
}

/* removed: the attachment that is no longer on the list; may be empty. */
static enum err write_list(struct scope *scope, struct db_lease *lease, str dataset, str uid,
                           const json_t *list, str removed)
{
    cell before;
    str metadata;
    if (removed.n && db_lease_engine(lease) == DB_POSTGRES) {
        TRY(attachment_store_remove(scope, lease, uid, removed));
    }
    TRY(DB_ASK(scope, lease, &before, "select metadata from dataset where id = ?", cell_text(dataset)));
    TRY(metadata_with_attachments(scope, before.text, list, &metadata));
    TRY(DB_RUN(scope, lease, "update dataset set metadata = ?, metadata_processed = ? where id = ?",
               cell_text(metadata), cell_instant(clock_wall()), cell_text(dataset)));
    return catalog_finish_change(scope, lease);
}

static size_t find_id(const json_t *list, str id)
{
    size_t at = 0;
    while (at < json_array_size(list) &&
           !str_eq(json_read_text(json_object_get(json_array_get(list, at), "id")), id)) {
        at++;
    }
    return at;
}

static enum err add_to_list(struct scope *scope, struct db_lease *lease, str dataset, str uid,
                            const struct attachment *attachment, str *ret_replaced)
{
    json_t *list cleanup_with(json_cleanup) = NULL;
    TRY(read_list(scope, lease, dataset, uid, &list));
    size_t at = find_id(list, attachment->id);
    if (at == ATTACHMENTS_MOST) {
        return fail(scope, ERR_CONFLICT, "the dataset has %d attachments already, the most there may be",
                    ATTACHMENTS_MOST);
    }
    str url = str_printf(&scope->arena, "odsfile://%.*s", STR_ARG(attachment->file_name));
    json_t *item = json_pack(
        "{s:s%,s:s%,s:s%,s:s%,s:s%,s:s%,s:I}", "mimetype", attachment->mimetype.p,
        attachment->mimetype.n, "url", url.p, url.n, "id", attachment->id.p, attachment->id.n, "title",
        attachment->title.p, attachment->title.n, "file", attachment->file_name.p,
        attachment->file_name.n, "stored", attachment->stored.p, attachment->stored.n, "bytes",
        (json_int_t)attachment->bytes);
    if (!item) {
        return fail(scope, ERR_USAGE, "title and name of the file: UTF-8 is expected");
    }
    if (at < json_array_size(list)) {
        *ret_replaced = text_in(scope, json_array_get(list, at), "stored");
        json_array_set_new(list, at, item);
    } else {
        json_array_append_new(list, item);
    }
    return write_list(scope, lease, dataset, uid, list, *ret_replaced);
}

static enum err no_attachment(struct scope *scope, str id)
{
    return fail(scope, ERR_NO_RECORD, "The dataset has no attachment %.*s.",
                STR_ARG(utf8_truncate(id, LIMIT_NAME_BYTES)));
}

/* Drafts have one, too, before they have versions. */
static enum err find_uid(struct scope *scope, struct catalog *catalog, str dataset, str *ret_uid)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell uid;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &uid, "select uid from dataset where id = ?", cell_text(dataset)));
    if (uid.type != CELL_TEXT) {
        return dataset_absent(scope, dataset);
    }
    *ret_uid = str_copy(&scope->arena, uid.text);
    return ERR_OK;
}

/* The file, and then the list that names it; a crash in between leaves a file that is found later. */
static enum err attach_file(struct scope *scope, struct catalog *catalog, str dataset, str uid,
                            const char *path, int from, struct attachment *attachment)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    const char *data = catalog_data_directory(catalog);
    str replaced = S("");
    int lock;
    TRY(attachment_lock_directory(scope, data, uid, &lock));
    enum err result =
        copy_opened(scope, path, from, directory_of(&scope->arena, data, uid), attachment);
    if (result == ERR_OK) {
        result = db_begin(scope, catalog_database(catalog), &lease);
        if (result == ERR_OK) {
            result = add_to_list(scope, lease, dataset, uid, attachment, &replaced);
        }
        delete_file(scope, data, uid, result == ERR_OK ? replaced : attachment->stored);
    }
    close(lock);
    return result;
}

/* Bytes and list in one transaction; while the bytes come others may change what they like. */
static enum err attach_bytes(struct scope *scope, struct catalog *catalog, str dataset, str uid,
                             const char *path, int from, struct attachment *attachment)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    str replaced = S("");
    attachment->stored = attachment_random_name(&scope->arena);
    TRY(db_begin_adding(scope, catalog_database(catalog), &lease));
    TRY(attachment_store_add(scope, lease, uid, attachment->stored, path, from, &attachment->bytes));
    TRY(db_begin_change(scope, lease));
    TRY(add_to_list(scope, lease, dataset, uid, attachment, &replaced));
    delete_file(scope, catalog_data_directory(catalog), uid, replaced);
    return ERR_OK;
}

/* path names the source in messages. */
static enum err attach_opened(struct scope *scope, struct catalog *catalog, str dataset, const char *path,
                              int from, str id, str title, struct attachment *ret_attachment)
{
    struct attachment attachment = {.file_name = base_name(path)};
    str uid;
    attachment.id = id.n ? id : id_of_name(&scope->arena, attachment.file_name);
    attachment.title = title.n ? title : attachment.file_name;
    attachment.mimetype = attachment_type(&scope->arena, attachment.file_name);
    if (catalog_check_id(scope, attachment.id) != ERR_OK) {
        scope_forgive(scope);
        return fail(scope, ERR_USAGE,
                    "--id '%.*s': 1 to %d of a-z 0-9 - _ are expected, beginning with a letter or digit",
                    STR_ARG(attachment.id), LIMIT_NAME_BYTES);
    }
    TRY(find_uid(scope, catalog, dataset, &uid));
    enum err result =
        catalog_store(catalog)->url
            ? attach_bytes(scope, catalog, dataset, uid, path, from, &attachment)
            : attach_file(scope, catalog, dataset, uid, path, from, &attachment);
    *ret_attachment = attachment;
    return result;
}

enum err catalog_attach(struct scope *scope, struct catalog *catalog, str dataset, const char *path,
                        str id, str title, struct attachment *ret_attachment)
{
    int from;
    TRY(open_source(scope, path, &from));
    enum err result = attach_opened(scope, catalog, dataset, path, from, id, title, ret_attachment);
    close(from);
    return result;
}

enum err catalog_attach_bytes(struct scope *scope, struct catalog *catalog, str dataset, str file_name, str bytes,
                              str id, str title, struct attachment *ret_attachment)
{
    int from = memfd_create("attachment", MFD_CLOEXEC);
    size_t written = 0;
    while (from >= 0 && written < bytes.n) {
        ssize_t n = write(from, bytes.p + written, bytes.n - written);
        if (n < 0 && errno != EINTR) {
            break;
        }
        written += n > 0 ? (size_t)n : 0;
    }
    if (from < 0 || written < bytes.n || lseek(from, 0, SEEK_SET) != 0) {
        enum err failed = fail(scope, ERR_FILE, "%.*s: cannot be kept in memory (%s)", STR_ARG(file_name),
                               strerror(errno));
        if (from >= 0) {
            close(from);
        }
        return failed;
    }
    enum err result = attach_opened(scope, catalog, dataset, str_cz(&scope->arena, file_name), from, id, title,
                                    ret_attachment);
    close(from);
    return result;
}

/* A list that is about to be changed, and where in it an attachment is. */
struct listed {
    struct db_lease *lease;
    json_t *list;
    str uid;
    size_t at;
};

static void listed_close(struct listed *listed)
{
    json_decref(listed->list);
    db_release(listed->lease);
}

static enum err open_list(struct scope *scope, struct catalog *catalog, str dataset, str id, struct listed *ret_listed)
{
    TRY(find_uid(scope, catalog, dataset, &ret_listed->uid));
    TRY(db_begin(scope, catalog_database(catalog), &ret_listed->lease));
    TRY(read_list(scope, ret_listed->lease, dataset, ret_listed->uid, &ret_listed->list));
    ret_listed->at = find_id(ret_listed->list, id);
    return ret_listed->at < json_array_size(ret_listed->list) ? ERR_OK : no_attachment(scope, id);
}

enum err catalog_attachment_title(struct scope *scope, struct catalog *catalog, str dataset, str id, str title)
{
    struct listed listed cleanup_with(listed_close) = {0};
    TRY(open_list(scope, catalog, dataset, id, &listed));
    json_object_set_new(json_array_get(listed.list, listed.at), "title", json_stringn(title.p, title.n));
    return write_list(scope, listed.lease, dataset, listed.uid, listed.list, S(""));
}

enum err catalog_attachment_raise(struct scope *scope, struct catalog *catalog, str dataset, str id)
{
    struct listed listed cleanup_with(listed_close) = {0};
    TRY(open_list(scope, catalog, dataset, id, &listed));
    if (listed.at == 0) {
        return ERR_OK;
    }
    json_t *raised = json_incref(json_array_get(listed.list, listed.at));
    json_array_remove(listed.list, listed.at);
    json_array_insert_new(listed.list, listed.at - 1, raised);
    return write_list(scope, listed.lease, dataset, listed.uid, listed.list, S(""));
}

enum err catalog_detach(struct scope *scope, struct catalog *catalog, str dataset, str id)
{
    struct listed listed cleanup_with(listed_close) = {0};
    TRY(open_list(scope, catalog, dataset, id, &listed));
    str stored = text_in(scope, json_array_get(listed.list, listed.at), "stored");
    json_array_remove(listed.list, listed.at);
    TRY(write_list(scope, listed.lease, dataset, listed.uid, listed.list, stored));
    delete_file(scope, catalog_data_directory(catalog), listed.uid, stored);
    return ERR_OK;
}
