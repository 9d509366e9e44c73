#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "domain/catalog/attachment_store.h"
#include "domain/transfer/internal.h"
#include "platform/db/statement.h"

typedef VEC(struct file_row) file_rows;

/* ---- the list ---- */

static enum err add_dataset(struct scope *scope, str id, str uid, str metadata, file_rows *files)
{
    struct arena *arena = &scope->arena;
    struct scope part;
    const struct attachment *attachments;
    size_t count;
    struct dataset dataset = {.metadata = metadata};
    transfer_part(scope, &part);
    enum err result = attachments_of(&part, &dataset, &attachments, &count);
    for (size_t i = 0; i < count && result == ERR_OK; i++) {
        vec_add(arena, files,
                ((struct file_row){.dataset = str_copy(arena, id), .uid = str_copy(arena, uid),
                                   .id = str_copy(arena, attachments[i].id),
                                   .stored = str_copy(arena, attachments[i].stored),
                                   .bytes = attachments[i].bytes}));
    }
    return transfer_part_end(scope, &part, result);
}

enum err files_list(struct scope *scope, struct db_lease *lease, const struct file_row **ret_files,
                    size_t *ret_count)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    file_rows files = {0};
    struct sql sql = STATEMENT(&scope->arena, "select id, uid, metadata from dataset "
                                              "where has_attachments <> 0 order by id");
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        TRY(add_dataset(scope, column_cell(&row->columns[0], 0).text, column_cell(&row->columns[1], 0).text,
                        column_cell(&row->columns[2], 0).text, &files));
    }
    *ret_files = files.items;
    *ret_count = files.count;
    return ERR_OK;
}

/* ---- copying ---- */

struct copying {
    struct scope *scope; /* of this attachment */
    struct transfer *transfer;
    const struct file_row *row;
    struct db_lease *lease; /* of the target's rows */
    str path;
};

static enum err file_error(const struct copying *copying)
{
    return fail(copying->scope, ERR_FILE, "%s: %s", copying->path.p, strerror(errno));
}

static enum err differs(const struct copying *copying, const char *what)
{
    return fail(copying->scope, ERR_DATA, "the attachment %.*s of %.*s %s",
                STR_ARG(copying->row->id), STR_ARG(copying->row->dataset), what);
}

static enum err compare(const struct copying *copying, struct db_lease *lease, int file)
{
    bool matches;
    if (lseek(file, 0, SEEK_SET) != 0) {
        return file_error(copying);
    }
    TRY(attachment_store_matches(copying->scope, lease, copying->row->uid, copying->row->stored,
                                 copying->path.p, file, &matches));
    return matches ? ERR_OK : differs(copying, "was not copied as it is; run parvis migrate again");
}

static enum err send_opened(struct copying *copying, int file)
{
    struct scope *scope = copying->scope;
    const struct file_row *row = copying->row;
    int64_t bytes;
    TRY(attachment_store_remove(scope, copying->lease, row->uid, row->stored));
    TRY(attachment_store_add(scope, copying->lease, row->uid, row->stored, copying->path.p, file, &bytes));
    if (bytes != row->bytes) {
        return differs(copying, "has other bytes than the catalogue says; see parvis check at the origin");
    }
    return compare(copying, copying->lease, file);
}

static enum err send(struct copying *copying)
{
    int file = open(copying->path.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) {
        return file_error(copying);
    }
    enum err result = send_opened(copying, file);
    close(file);
    return result;
}

static enum err fill(struct copying *copying, struct db_lease *from, int file)
{
    struct attachment attachment = {.stored = copying->row->stored, .bytes = copying->row->bytes};
    TRY(attachment_store_read(copying->scope, from, copying->row->uid, &attachment, copying->path.p, file));
    if (fsync(file) != 0) {
        return file_error(copying);
    }
    return compare(copying, from, file);
}

static enum err receive_locked(struct copying *copying, struct db_lease *from, int directory)
{
    struct scope *scope = copying->scope;
    str partial = str_printf(&scope->arena, "%s.%.*s", copying->path.p,
                             STR_ARG(attachment_random_name(&scope->arena)));
    int file = open(partial.p, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (file < 0) {
        return file_error(copying);
    }
    enum err result = fill(copying, from, file);
    close(file);
    if (result == ERR_OK && (rename(partial.p, copying->path.p) != 0 || fsync(directory) != 0)) {
        result = file_error(copying);
    }
    if (result != ERR_OK) {
        unlink(partial.p);
    }
    return result;
}

static enum err receive(struct copying *copying)
{
    struct db_lease *from cleanup_with(db_lease_cleanup) = NULL;
    struct transfer *transfer = copying->transfer;
    int directory;
    TRY(db_lease(copying->scope, transfer->from.rows, &from));
    TRY(attachment_lock_directory(copying->scope, transfer->to.store->data_directory, copying->row->uid,
                                  &directory));
    enum err result = receive_locked(copying, from, directory);
    close(directory);
    return result;
}

/* Bytes and note are one change where the target is PostgreSQL. */
static enum err copy_one(struct copying *copying)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct scope *scope = copying->scope;
    struct transfer *transfer = copying->transfer;
    const struct file_row *row = copying->row;
    bool is_noted;
    bool to_postgres = transfer->to.store->url != NULL;
    const struct end *with_files = to_postgres ? &transfer->from : &transfer->to;
    copying->path = attachment_path(&scope->arena, with_files->store->data_directory, row->uid, row->stored);
    TRY(db_begin_adding(scope, transfer->to.rows, &lease));
    TRY(ledger_has_file(scope, lease, row->uid, row->stored, &is_noted));
    if (is_noted) {
        return ERR_OK;
    }
    copying->lease = lease;
    TRY(to_postgres ? send(copying) : receive(copying));
    TRY(ledger_note_file(scope, lease, row->uid, row->stored));
    return db_commit(scope, lease);
}

/* Whether the origin still has it; when that is not known it has. */
static bool is_still_there(struct scope *scope, struct transfer *transfer, const struct file_row *row)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell count;
    return db_lease(scope, transfer->from.rows, &lease) != ERR_OK ||
           DB_ASK(scope, lease, &count,
                  "select count(*) from dataset where uid = ? and metadata like '%' || ? || '%'",
                  cell_text(row->uid), cell_text(row->stored)) != ERR_OK ||
           count.number > 0;
}

enum err files_copy(struct scope *scope, struct transfer *transfer)
{
    struct db_lease *lease = NULL;
    const struct file_row *rows;
    size_t count;
    TRY(db_lease(scope, transfer->from.rows, &lease));
    enum err result = files_list(scope, lease, &rows, &count);
    db_release(lease);
    TRY(result);
    transfer_phase(transfer, "attachments", 0);
    for (size_t i = 0; i < count; i++) {
        struct scope part;
        struct scope look;
        transfer_part(scope, &part);
        struct copying copying = {.scope = &part, .transfer = transfer, .row = &rows[i]};
        result = copy_one(&copying);
        if (result != ERR_OK) {
            transfer_part(scope, &look);
            if (!is_still_there(&look, transfer, &rows[i])) {
                scope_forgive(&part);
                result = ERR_OK;
            }
            scope_close(&look);
        }
        TRY(transfer_part_end(scope, &part, result));
    }
    return ERR_OK;
}
