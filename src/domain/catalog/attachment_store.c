#include "domain/catalog/attachment_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/turn.h"
#include "platform/crypto/crypto.h"
#include "platform/db/statement.h"

#define PART_BYTES ((size_t)1 << 20)

static enum err file_error(struct scope *scope, const char *path)
{
    return fail_system(scope, errno, path, "it cannot be kept");
}

/* ---- adding ---- */

/* A whole part, unless the end comes first. False: it cannot be read. */
static bool read_part(int from, char *bytes, size_t *ret_n)
{
    for (*ret_n = 0; *ret_n < PART_BYTES;) {
        ssize_t n = read(from, bytes + *ret_n, PART_BYTES - *ret_n);
        if (n == 0) {
            return true;
        }
        if (n < 0 && errno != EINTR) {
            return false;
        }
        *ret_n += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* With memory of its own, because there may be many. */
static enum err add_part(struct scope *scope, struct db_lease *lease, str uid, str stored,
                         int64_t part, str bytes)
{
    struct scope work;
    scope_open(&work);
    work.deadline = scope->deadline;
    work.gone = scope->gone;
    enum err result = DB_RUN(&work, lease, "insert into attachment_file values (?, ?, ?, ?)",
                             cell_text(uid), cell_text(stored), cell_int(part),
                             cell_bytes((const uint8_t *)bytes.p, bytes.n));
    if (result != ERR_OK) {
        result = fail_as(scope, result, &work.failure);
    }
    scope_close(&work);
    return result;
}

enum err attachment_store_add(struct scope *scope, struct db_lease *lease, str uid, str stored,
                              const char *path, int from, int64_t *ret_bytes)
{
    char *bytes = arena_alloc(&scope->arena, PART_BYTES);
    size_t n = PART_BYTES;
    *ret_bytes = 0;
    for (int64_t part = 0; n == PART_BYTES; part++) {
        if (!read_part(from, bytes, &n)) {
            return file_error(scope, path);
        }
        *ret_bytes += (int64_t)n;
        if (*ret_bytes > ATTACHMENT_BYTES_MOST) {
            return fail(scope, ERR_TOO_LARGE, "%s: it is larger than %lld bytes", path,
                        (long long)ATTACHMENT_BYTES_MOST);
        }
        TRY(add_part(scope, lease, uid, stored, part, (str){bytes, n}));
    }
    return ERR_OK;
}

enum err attachment_store_remove(struct scope *scope, struct db_lease *lease, str uid, str stored)
{
    return DB_RUN(scope, lease, "delete from attachment_file where uid = ? and stored = ?",
                  cell_text(uid), cell_text(stored));
}

/* ---- reading ---- */

static enum err incomplete(struct scope *scope, const struct attachment *attachment)
{
    return fail_with_cause(scope, ERR_FILE,
                           str_printf(&scope->arena, "attachment %.*s: its bytes are not all in the database",
                                      STR_ARG(attachment->stored)),
                           "The attachment cannot be read.");
}

enum err attachment_store_read(struct scope *scope, struct db_lease *lease, str uid,
                               const struct attachment *attachment, const char *path, int to)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena,
                               "select part, bytes from attachment_file where uid = ? and stored = ? "
                               "order by part",
                               cell_text(uid), cell_text(attachment->stored));
    int64_t bytes = 0;
    TRY(db_run(scope, lease, &sql, &cursor));
    for (int64_t part = 0;; part++) {
        const struct batch *row;
        TRY(cursor_next(scope, cursor, &row));
        if (!row) {
            break;
        }
        cell piece = column_cell(&row->columns[1], 0);
        if (row_number(row, 0) != part || piece.type != CELL_BYTES) {
            return incomplete(scope, attachment);
        }
        bytes += (int64_t)piece.text.n;
        if (!attachment_write_bytes(to, piece.text.p, piece.text.n)) {
            return file_error(scope, path);
        }
    }
    return bytes == attachment->bytes ? ERR_OK : incomplete(scope, attachment);
}

enum err attachment_store_bytes(struct scope *scope, struct db_lease *lease, str uid, str stored,
                                int64_t *ret_bytes)
{
    cell bytes;
    TRY(DB_ASK(scope, lease, &bytes,
               "select case when count(*) = max(part) + 1 then sum(length(bytes)) end "
               "from attachment_file where uid = ? and stored = ?",
               cell_text(uid), cell_text(stored)));
    *ret_bytes = bytes.type == CELL_INT ? bytes.number : -1;
    return ERR_OK;
}

enum err attachment_store_matches(struct scope *scope, struct db_lease *lease, str uid, str stored,
                                  const char *path, int file, bool *ret_matches)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena,
                               "select part, sha256(bytes) from attachment_file where uid = ? and "
                               "stored = ? order by part",
                               cell_text(uid), cell_text(stored));
    char *bytes = arena_alloc(&scope->arena, PART_BYTES);
    size_t n = PART_BYTES;
    const struct batch *row;
    *ret_matches = true;
    TRY(db_run(scope, lease, &sql, &cursor));
    for (int64_t part = 0; n == PART_BYTES && *ret_matches; part++) {
        uint8_t digest[DIGEST_BYTES];
        if (!read_part(file, bytes, &n)) {
            return file_error(scope, path);
        }
        TRY(cursor_next(scope, cursor, &row));
        digest_sha256((str){bytes, n}, digest);
        cell kept = row ? column_cell(&row->columns[1], 0) : cell_null();
        *ret_matches = kept.type == CELL_BYTES && row_number(row, 0) == part &&
                       str_eq(kept.text, (str){(const char *)digest, sizeof(digest)});
    }
    if (*ret_matches) {
        TRY(cursor_next(scope, cursor, &row));
        *ret_matches = !row;
    }
    return ERR_OK;
}

/* ---- the file of a node ---- */

static bool is_whole(str path, const struct attachment *attachment)
{
    struct stat facts;
    return lstat(path.p, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size == attachment->bytes;
}

bool attachment_is_partial_name(str name)
{
    return name.n == 33 && name.p[16] == '.' && attachment_is_stored_name(str_slice(name, 0, 16)) &&
           attachment_is_stored_name(str_slice(name, 17, 33));
}

static enum err write_file(struct scope *scope, struct catalog *catalog, str uid,
                           const struct attachment *attachment, str path)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    str partial = str_printf(&scope->arena, "%s.%.*s", path.p,
                             STR_ARG(attachment_random_name(&scope->arena)));
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    int to = open(partial.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (to < 0) {
        return file_error(scope, partial.p);
    }
    enum err result = attachment_store_read(scope, lease, uid, attachment, partial.p, to);
    if (close(to) != 0 && result == ERR_OK) {
        result = file_error(scope, partial.p);
    }
    if (result == ERR_OK && rename(partial.p, path.p) != 0) {
        result = file_error(scope, path.p);
    }
    if (result != ERR_OK) {
        unlink(partial.p);
    }
    return result;
}

static enum err fetch(struct scope *scope, struct catalog *catalog, str uid,
                      const struct attachment *attachment, str path)
{
    int lock;
    if (is_whole(path, attachment)) {
        return ERR_OK;
    }
    TRY(attachment_lock_directory(scope, catalog_data_directory(catalog), uid, &lock));
    enum err result = write_file(scope, catalog, uid, attachment, path);
    close(lock);
    return result;
}

enum err attachment_store_fetch(struct scope *scope, struct catalog *catalog, str uid,
                                const struct attachment *attachment)
{
    struct turn turn;
    str path = attachment_path(&scope->arena, catalog_data_directory(catalog), uid, attachment->stored);
    if (is_whole(path, attachment)) {
        return ERR_OK;
    }
    TRY(turn_take(scope, path, &turn));
    enum err result = fetch(scope, catalog, uid, attachment, path);
    turn_give(&turn);
    return result;
}
