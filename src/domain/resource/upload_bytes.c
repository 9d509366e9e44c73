#include "domain/resource/upload_bytes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "domain/records/spool_files.h"
#include "platform/db/statement.h"
#include "platform/i18n/explanation.h"

#define PART_BYTES ((size_t)4 << 20)
#define ROOM_KEPT ((uint64_t)256 << 20) /* of the disk, for all the rest */
#define STRAY_SECONDS 86400

str upload_path(struct arena *arena, const char *data_directory, str id)
{
    return str_printf(arena, "%s/uploads/%.*s", data_directory, STR_ARG(id));
}

static enum err file_error(struct scope *scope, const char *path, const char *what)
{
    int cause = errno;
    if (cause == ENOSPC || cause == EDQUOT) {
        return fail_in_words(scope, ERR_BUSY, MSG_FAULT_UPLOAD_NO_ROOM, NULL);
    }
    if (cause == EFBIG) {
        return fail_in_words(scope, ERR_BUSY, MSG_FAULT_FILE_LIMIT, NULL);
    }
    return fail_in_words_because(scope, ERR_FILE, str_printf(&scope->arena, "%s: %s (%s)", path, what, strerror(cause)),
                                 MSG_FAULT_UPLOAD_NOT_KEPT, NULL);
}

/* ---- files ---- */

static bool is_in_database(const struct catalog *catalog)
{
    return catalog_store(catalog)->url != NULL;
}

static enum err check_room(struct scope *scope, const char *directory, int64_t bytes)
{
    struct statvfs facts;
    if (statvfs(directory, &facts) != 0) {
        return file_error(scope, directory, "its room is not known");
    }
    uint64_t room = (uint64_t)facts.f_bavail * facts.f_frsize;
    room = room > ROOM_KEPT ? room - ROOM_KEPT : 0;
    return (uint64_t)bytes <= room ? ERR_OK
                                   : fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_UPLOAD_ROOM,
                                                   SAYS(argument_digits(&scope->arena, "size", bytes >> 20),
                                                        argument_digits(&scope->arena, "room", (int64_t)(room >> 20))));
}

static enum err sync_directory(struct scope *scope, const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = directory >= 0 && fsync(directory) == 0;
    if (directory >= 0) {
        close(directory);
    }
    return synced ? ERR_OK : file_error(scope, path, "it cannot be written to disk");
}

enum err upload_file_make(struct scope *scope, struct catalog *catalog, str id, int64_t bytes)
{
    const char *data = catalog_data_directory(catalog);
    str directory = str_printf(&scope->arena, "%s/uploads", data);
    str path = upload_path(&scope->arena, data, id);
    if (is_in_database(catalog)) {
        return ERR_OK;
    }
    if (mkdir(directory.p, 0750) != 0 && errno != EEXIST) {
        return file_error(scope, directory.p, "it cannot be made");
    }
    TRY(check_room(scope, directory.p, bytes));
    int file = open(path.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (file < 0) {
        return file_error(scope, path.p, "it cannot be made");
    }
    close(file);
    return sync_directory(scope, directory.p);
}

static bool write_at(int file, int64_t offset, str piece)
{
    while (piece.n) {
        ssize_t n = pwrite(file, piece.p, piece.n, offset);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return false;
        }
        offset += n;
        piece = str_slice(piece, (size_t)n, piece.n);
    }
    return true;
}

enum err upload_file_write(struct scope *scope, struct catalog *catalog, str id, int64_t offset, str piece,
                           int *ret_lock)
{
    str path = upload_path(&scope->arena, catalog_data_directory(catalog), id);
    *ret_lock = open(path.p, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (*ret_lock < 0) {
        return file_error(scope, path.p, "it cannot be opened");
    }
    if (flock(*ret_lock, LOCK_EX | LOCK_NB) != 0) {
        return fail(scope, ERR_CONFLICT, "Another piece of this upload is being written; ask how far it is and go on.");
    }
    return write_at(*ret_lock, offset, piece) && fdatasync(*ret_lock) == 0
               ? ERR_OK
               : file_error(scope, path.p, "it cannot be written");
}

/* ---- rows ---- */

enum err upload_parts_add(struct scope *scope, struct db_lease *lease, str id, int64_t offset, str piece)
{
    while (piece.n) {
        struct scope work; /* statements hold what they bind */
        str part = str_slice(piece, 0, piece.n < PART_BYTES ? piece.n : PART_BYTES);
        scope_open(&work);
        work.deadline = scope->deadline;
        work.gone = scope->gone;
        enum err result = DB_RUN(&work, lease, "insert into upload_part (upload, start, bytes) values (?, ?, ?)",
                                 cell_text(id), cell_int(offset), cell_bytes((const uint8_t *)part.p, part.n));
        if (result != ERR_OK) {
            result = fail_again(scope, result, &work.failure);
        }
        scope_close(&work);
        TRY(result);
        offset += (int64_t)part.n;
        piece = str_slice(piece, part.n, piece.n);
    }
    return ERR_OK;
}

static enum err copy_parts(struct scope *scope, struct db_lease *lease, const struct upload *upload, int64_t most,
                           const char *path, int to)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena,
                               "select start, bytes from upload_part where upload = ? and start < ? order by start",
                               cell_text(upload->id), cell_int(most));
    int64_t at = 0;
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        cell piece = column_cell(&row->columns[1], 0);
        if (row_number(row, 0) != at || piece.type != CELL_BYTES) {
            return fail_in_words(scope, ERR_FILE, MSG_FAULT_UPLOAD_LOST, SAYS(ARG_TEXT("file", upload->name)));
        }
        str bytes = str_slice(piece.text, 0, at + (int64_t)piece.text.n > most ? (size_t)(most - at) : piece.text.n);
        if (!write_at(to, at, bytes)) {
            return file_error(scope, path, "it cannot be written");
        }
        at += (int64_t)piece.text.n;
    }
    return at >= most ? ERR_OK
                      : fail_in_words(scope, ERR_FILE, MSG_FAULT_UPLOAD_LOST, SAYS(ARG_TEXT("file", upload->name)));
}

static enum err copy_to_file(struct scope *scope, struct catalog *catalog, const struct upload *upload, int64_t most,
                             struct upload_file *ret_file)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    str spool = str_printf(&scope->arena, "%s/spool", catalog_data_directory(catalog));
    str path = spool_name(&scope->arena, spool.p, "import");
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    int to = open(path.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0) {
        return file_error(scope, path.p, "it cannot be made");
    }
    enum err result = copy_parts(scope, lease, upload, most, path.p, to);
    close(to);
    if (result != ERR_OK) {
        unlink(path.p);
        return result;
    }
    *ret_file = (struct upload_file){path, true};
    return ERR_OK;
}

enum err upload_open(struct scope *scope, struct catalog *catalog, const struct upload *upload, int64_t most,
                     struct upload_file *ret_file)
{
    struct stat facts;
    *ret_file = (struct upload_file){0};
    if (!upload_is_finished(upload)) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_UPLOAD_UNFINISHED, SAYS(ARG_TEXT("file", upload->name)));
    }
    if (is_in_database(catalog)) {
        return copy_to_file(scope, catalog, upload, most && most < upload->bytes ? most : upload->bytes, ret_file);
    }
    str path = upload_path(&scope->arena, catalog_data_directory(catalog), upload->id);
    if (stat(path.p, &facts) != 0 || facts.st_size < upload->bytes) {
        return fail_in_words(scope, ERR_FILE, MSG_FAULT_UPLOAD_LOST, SAYS(ARG_TEXT("file", upload->name)));
    }
    *ret_file = (struct upload_file){path, false};
    return ERR_OK;
}

void upload_file_done(struct upload_file *file)
{
    if (file->is_copy) {
        unlink(file->path.p);
    }
    *file = (struct upload_file){0};
}

/* ---- removing ---- */

enum err upload_bytes_remove(struct scope *scope, struct catalog *catalog, struct db_lease *lease, str id)
{
    if (is_in_database(catalog)) {
        return DB_RUN(scope, lease, "delete from upload_part where upload = ?", cell_text(id));
    }
    unlink(upload_path(&scope->arena, catalog_data_directory(catalog), id).p);
    return ERR_OK;
}

static enum err remove_stray(struct scope *scope, struct catalog *catalog, const char *name, str path)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct stat facts;
    cell known;
    if (lstat(path.p, &facts) != 0 || facts.st_mtime > clock_wall() / USEC_SECOND - STRAY_SECONDS) {
        return ERR_OK;
    }
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &known, "select id from upload where id = ?", cell_text(str_from(name))));
    if (known.type != CELL_TEXT) {
        unlink(path.p);
    }
    return ERR_OK;
}

enum err upload_remove_strays(struct scope *scope, struct catalog *catalog)
{
    const char *data = catalog_data_directory(catalog);
    str path = str_printf(&scope->arena, "%s/uploads", data);
    DIR *directory = is_in_database(catalog) ? NULL : opendir(path.p);
    const struct dirent *entry;
    enum err result = ERR_OK;
    while (directory && result == ERR_OK && (entry = readdir(directory))) {
        if (entry->d_name[0] != '.') {
            result = remove_stray(scope, catalog, entry->d_name, upload_path(&scope->arena, data, str_from(entry->d_name)));
        }
    }
    if (directory) {
        closedir(directory);
    }
    return result;
}
