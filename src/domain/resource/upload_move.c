/* Bytes of uploads from one store to another, for parvis migrate: files there, rows here, or the other way round. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "domain/resource/upload_bytes.h"
#include "platform/db/statement.h"

#define PART_BYTES ((size_t)4 << 20)

struct moved {
    str id;
    int64_t received;
};

static enum err file_error(struct scope *scope, str path)
{
    return fail(scope, ERR_FILE, "%s: %s", path.p, strerror(errno));
}

static enum err list_received(struct scope *scope, struct db *from, const struct moved **ret_uploads, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct moved) uploads = {0};
    struct sql sql = STATEMENT(&scope->arena, "select id, received from upload where received > ? order by id", cell_int(0));
    TRY(db_lease(scope, from, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, &uploads, ((struct moved){row_text(&scope->arena, row, 0), row_number(row, 1)}));
    }
    cursor_close(cursor);
    cursor = NULL;
    *ret_uploads = uploads.items;
    *ret_count = uploads.count;
    return ERR_OK;
}

/* ---- to a database ---- */

static enum err send_parts(struct scope *scope, struct db_lease *lease, int file, str path, const struct moved *upload)
{
    char *part = arena_alloc(&scope->arena, PART_BYTES);
    for (int64_t at = 0; at < upload->received;) {
        size_t wanted = upload->received - at < (int64_t)PART_BYTES ? (size_t)(upload->received - at) : PART_BYTES;
        ssize_t n = pread(file, part, wanted, at);
        if (n <= 0) {
            return fail(scope, ERR_FILE, "%s: byte %lld of %lld cannot be read", path.p, (long long)at,
                        (long long)upload->received);
        }
        TRY(upload_parts_add(scope, lease, upload->id, at, (str){part, (size_t)n}));
        at += n;
    }
    return ERR_OK;
}

/* It may have been deleted since it was listed. */
static enum err send_nothing(struct scope *scope, struct db *from, const struct moved *upload, str path)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell count;
    TRY(db_lease(scope, from, &lease));
    TRY(DB_ASK(scope, lease, &count, "select count(*) from upload where id = ?", cell_text(upload->id)));
    return count.number == 0 ? ERR_OK : fail(scope, ERR_FILE, "%s is missing, which the catalogue names", path.p);
}

static enum err send(struct scope *scope, const char *directory, struct db *from, struct db *to,
                     const struct moved *upload)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    str path = upload_path(&scope->arena, directory, upload->id);
    cell there;
    TRY(db_begin(scope, to, &lease));
    TRY(DB_ASK(scope, lease, &there, "select cast(coalesce(sum(length(bytes)), 0) as bigint) from upload_part where upload = ?",
               cell_text(upload->id)));
    if (there.number == upload->received) {
        return ERR_OK;
    }
    TRY(DB_RUN(scope, lease, "delete from upload_part where upload = ?", cell_text(upload->id)));
    int file = open(path.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0 && errno == ENOENT) {
        return send_nothing(scope, from, upload, path);
    }
    if (file < 0) {
        return file_error(scope, path);
    }
    enum err result = send_parts(scope, lease, file, path, upload);
    close(file);
    TRY(result);
    return db_commit(scope, lease);
}

/* ---- to a directory ---- */

static enum err receive_parts(struct scope *scope, struct db *from, int file, str path, const struct moved *upload)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena, "select start, bytes from upload_part where upload = ? order by start",
                               cell_text(upload->id));
    TRY(db_lease(scope, from, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        cell part = column_cell(&row->columns[1], 0);
        if (part.type == CELL_BYTES && pwrite(file, part.text.p, part.text.n, row_number(row, 0)) != (ssize_t)part.text.n) {
            return file_error(scope, path);
        }
    }
    cursor_close(cursor);
    cursor = NULL;
    return fsync(file) == 0 ? ERR_OK : file_error(scope, path);
}

static enum err receive(struct scope *scope, struct db *from, const char *directory, const struct moved *upload)
{
    struct stat facts;
    str folder = str_printf(&scope->arena, "%s/uploads", directory);
    str path = upload_path(&scope->arena, directory, upload->id);
    if (lstat(path.p, &facts) == 0 && facts.st_size == upload->received) {
        return ERR_OK;
    }
    if (mkdir(folder.p, 0750) != 0 && errno != EEXIST) {
        return file_error(scope, folder);
    }
    int file = open(path.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (file < 0) {
        return file_error(scope, path);
    }
    enum err result = receive_parts(scope, from, file, path, upload);
    close(file);
    return result;
}

enum err upload_move_bytes(struct scope *scope, const struct store *from, struct db *from_rows, const struct store *to,
                           struct db *to_rows)
{
    const struct moved *uploads;
    size_t count;
    TRY(list_received(scope, from_rows, &uploads, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(to->url ? send(scope, from->data_directory, from_rows, to_rows, &uploads[i])
                    : receive(scope, from_rows, to->data_directory, &uploads[i]));
    }
    return ERR_OK;
}
