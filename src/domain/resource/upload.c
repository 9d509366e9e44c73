#include "domain/resource/upload.h"

#include <unistd.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "domain/resource/upload_bytes.h"
#include "platform/crypto/crypto.h"
#include "platform/db/statement.h"
#include "platform/i18n/explanation.h"

#define COLUMNS "id, owner, dataset, name, bytes, received, file_time, created, changed, used"
#define WAITING_SHARE 4 /* bytes that may wait: so many times the largest file */

static enum err absent(struct scope *scope)
{
    return fail_in_words(scope, ERR_NO_UPLOAD, MSG_FAULT_UPLOAD_GONE, NULL);
}

str upload_name(struct arena *arena, str path)
{
    size_t from = 0;
    struct buf out = {0};
    for (size_t i = 0; i < path.n; i++) {
        from = path.p[i] == '/' || path.p[i] == '\\' ? i + 1 : from;
    }
    str last = str_trim(str_slice(path, from, path.n));
    for (size_t i = 0; i < last.n; i++) {
        buf_add_char(&out, (unsigned char)last.p[i] < ' ' || last.p[i] == 0x7f ? ' ' : last.p[i]);
    }
    str name = str_copy(arena, utf8_truncate(buf_str(&out), UPLOAD_NAME_BYTES));
    buf_done(&out);
    return name.n && utf8_is_valid(name) ? name : S("file");
}

static struct upload read_row(struct arena *arena, const struct batch *row)
{
    return (struct upload){.id = row_text(arena, row, 0),
                           .owner = row_number(row, 1),
                           .dataset = row_text(arena, row, 2),
                           .name = row_text(arena, row, 3),
                           .bytes = row_number(row, 4),
                           .received = row_number(row, 5),
                           .file_time = row_number(row, 6),
                           .created = row_number(row, 7),
                           .changed = row_number(row, 8),
                           .is_used = row_number(row, 9) != 0};
}

static enum err read_rows(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                          const struct upload **ret_uploads, size_t *ret_count)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct upload) uploads = {0};
    TRY(db_run(scope, lease, sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, &uploads, read_row(&scope->arena, row));
    }
    *ret_uploads = uploads.items;
    *ret_count = uploads.count;
    return ERR_OK;
}

static enum err find(struct scope *scope, struct db_lease *lease, str id, struct upload *ret_upload)
{
    const struct upload *uploads;
    size_t count;
    struct sql sql = STATEMENT(&scope->arena, "select " COLUMNS " from upload where id = ?", cell_text(id));
    TRY(read_rows(scope, lease, &sql, &uploads, &count));
    if (count == 0) {
        return absent(scope);
    }
    *ret_upload = uploads[0];
    return ERR_OK;
}

enum err upload_find(struct scope *scope, struct catalog *catalog, str id, struct upload *ret_upload)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    return find(scope, lease, id, ret_upload);
}

enum err upload_list(struct scope *scope, struct catalog *catalog, str dataset, int64_t owner,
                     const struct upload **ret_uploads, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena,
                               "select " COLUMNS " from upload where dataset = ? and (owner = ? or ? = 0) "
                               "order by created, id",
                               cell_text(dataset), cell_int(owner), cell_int(owner));
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    return read_rows(scope, lease, &sql, ret_uploads, ret_count);
}

/* ---- beginning ---- */

static enum err check_size(struct scope *scope, const struct new_upload *wish)
{
    if (wish->bytes <= 0) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_UPLOAD_EMPTY, NULL);
    }
    return wish->bytes <= wish->bytes_most
               ? ERR_OK
               : fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_UPLOAD_LARGE,
                               SAYS(argument_digits(&scope->arena, "size", wish->bytes >> 20),
                                    argument_digits(&scope->arena, "most", wish->bytes_most >> 20)));
}

static enum err check_waiting(struct scope *scope, struct db_lease *lease, const struct new_upload *wish)
{
    cell files;
    cell bytes;
    TRY(DB_ASK(scope, lease, &files, "select count(*) from upload where owner = ? and used = 0",
               cell_int(wish->owner)));
    TRY(DB_ASK(scope, lease, &bytes,
               "select cast(coalesce(sum(bytes), 0) as bigint) from upload where owner = ? and used = 0",
               cell_int(wish->owner)));
    bool fits = files.number < UPLOADS_WAITING_MOST &&
                bytes.number + wish->bytes <= WAITING_SHARE * wish->bytes_most;
    return fits ? ERR_OK
                : fail_in_words(scope, ERR_QUOTA, MSG_FAULT_UPLOAD_QUOTA,
                                SAYS(argument_digits(&scope->arena, "count", files.number),
                                     argument_digits(&scope->arena, "size", bytes.number >> 20)));
}

enum err upload_create(struct scope *scope, struct catalog *catalog, const struct new_upload *wish,
                       struct upload *ret_upload)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    usec now = clock_wall();
    struct upload upload = {.id = random_text(&scope->arena, S("0123456789abcdef"), UPLOAD_ID_SYMBOLS),
                            .owner = wish->owner,
                            .dataset = wish->dataset,
                            .name = upload_name(&scope->arena, wish->name),
                            .bytes = wish->bytes,
                            .file_time = wish->file_time,
                            .created = now,
                            .changed = now};
    TRY(check_size(scope, wish));
    TRY(upload_file_make(scope, catalog, upload.id, wish->bytes));
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(check_waiting(scope, lease, wish));
    TRY(DB_RUN(scope, lease,
               "insert into upload (" COLUMNS ") values (?, ?, ?, ?, ?, 0, ?, ?, ?, 0)",
               cell_text(upload.id), cell_int(upload.owner), cell_text(upload.dataset), cell_text(upload.name),
               cell_int(upload.bytes), cell_int(upload.file_time), cell_int(now), cell_int(now)));
    TRY(db_commit(scope, lease));
    *ret_upload = upload;
    return ERR_OK;
}

/* ---- pieces ---- */

static enum err count_piece(struct scope *scope, struct db_lease *lease, str id, int64_t offset, str piece,
                            int64_t *ret_received)
{
    struct upload upload;
    TRY(find(scope, lease, id, &upload));
    if (upload.received != offset) {
        return fail_in_words(scope, ERR_CONFLICT, MSG_FAULT_UPLOAD_OFFSET,
                             SAYS(argument_digits(&scope->arena, "received", upload.received),
                                  argument_digits(&scope->arena, "offset", offset)));
    }
    if ((int64_t)piece.n > upload.bytes - upload.received) {
        return fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_UPLOAD_BEYOND,
                             SAYS(argument_digits(&scope->arena, "bytes", upload.bytes)));
    }
    *ret_received = offset + (int64_t)piece.n;
    return DB_RUN(scope, lease, "update upload set received = ?, changed = ? where id = ?",
                  cell_int(*ret_received), cell_int(clock_wall()), cell_text(id));
}

static enum err append_parts(struct scope *scope, struct catalog *catalog, str id, int64_t offset, str piece,
                             int64_t *ret_received)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin_adding(scope, catalog_database(catalog), &lease));
    TRY(upload_parts_add(scope, lease, id, offset, piece));
    TRY(db_begin_change(scope, lease));
    TRY(count_piece(scope, lease, id, offset, piece, ret_received));
    return db_commit(scope, lease);
}

static enum err append_file(struct scope *scope, struct catalog *catalog, str id, int64_t offset, str piece,
                            int *ret_lock, int64_t *ret_received)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(upload_file_write(scope, catalog, id, offset, piece, ret_lock));
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(count_piece(scope, lease, id, offset, piece, ret_received));
    return db_commit(scope, lease);
}

enum err upload_append(struct scope *scope, struct catalog *catalog, str id, int64_t offset, str piece,
                       int64_t *ret_received)
{
    struct upload upload;
    int lock = -1;
    int64_t ignored;
    TRY(upload_find(scope, catalog, id, &upload));
    if (upload.received != offset || (int64_t)piece.n > upload.bytes - offset) {
        struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
        TRY(db_begin(scope, catalog_database(catalog), &lease));
        return count_piece(scope, lease, id, offset, piece, &ignored); /* before anything is written over */
    }
    if (piece.n == 0) {
        *ret_received = offset;
        return ERR_OK;
    }
    if (catalog_store(catalog)->url) {
        return append_parts(scope, catalog, id, offset, piece, ret_received);
    }
    enum err result = append_file(scope, catalog, id, offset, piece, &lock, ret_received);
    if (lock >= 0) {
        close(lock);
    }
    return result;
}

/* ---- ending ---- */

enum err upload_remove(struct scope *scope, struct catalog *catalog, str id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct upload upload;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(find(scope, lease, id, &upload));
    TRY(DB_RUN(scope, lease, "delete from upload where id = ?", cell_text(id)));
    TRY(upload_bytes_remove(scope, catalog, lease, id));
    return db_commit(scope, lease);
}

enum err upload_move(struct scope *scope, struct catalog *catalog, str id, str dataset)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct upload upload;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(find(scope, lease, id, &upload));
    TRY(DB_RUN(scope, lease, "update upload set dataset = ?, used = 0, changed = ? where id = ?",
               cell_text(dataset), cell_int(clock_wall()), cell_text(id)));
    return db_commit(scope, lease);
}

static enum err list_expired(struct scope *scope, struct catalog *catalog, const struct upload **ret_uploads,
                             size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena,
                               "select " COLUMNS " from upload where (used = 0 and changed < ?) or "
                               "not exists (select 1 from dataset where dataset.uid = upload.dataset)",
                               cell_int(clock_wall() - UPLOAD_LIFETIME));
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    return read_rows(scope, lease, &sql, ret_uploads, ret_count);
}

enum err upload_upkeep(struct scope *scope, struct catalog *catalog)
{
    const struct upload *uploads;
    size_t count;
    TRY(list_expired(scope, catalog, &uploads, &count));
    for (size_t i = 0; i < count; i++) {
        enum err result = upload_remove(scope, catalog, uploads[i].id);
        if (result == ERR_NO_UPLOAD) {
            scope_forgive(scope); /* its owner was faster */
        } else {
            TRY(result);
        }
    }
    return upload_remove_strays(scope, catalog);
}
