#include <unistd.h>

#include "domain/catalog/attachment_store.h"
#include "domain/identity/identity.h"
#include "domain/records/version.h"
#include "domain/transfer/internal.h"
#include "platform/db/statement.h"

/* ---- whether all is there ---- */

static enum err has_versions(struct scope *scope, struct transfer *transfer, struct db_lease *from,
                             bool *ret_has)
{
    const struct version_row *rows;
    size_t count;
    TRY(versions_list(scope, from, &rows, &count));
    *ret_has = true;
    for (size_t i = 0; i < count && *ret_has; i++) {
        struct scope part;
        struct noted noted;
        transfer_part(scope, &part);
        enum err result = ledger_find(&part, transfer, rows[i].uid, rows[i].number, &noted, ret_has);
        TRY(transfer_part_end(scope, &part, result));
    }
    return ERR_OK;
}

static enum err has_files(struct scope *scope, struct db_lease *from, struct db_lease *to, bool *ret_has)
{
    const struct file_row *files;
    size_t count;
    TRY(files_list(scope, from, &files, &count));
    *ret_has = true;
    for (size_t i = 0; i < count && *ret_has; i++) {
        struct scope part;
        transfer_part(scope, &part);
        enum err result = ledger_has_file(&part, to, files[i].uid, files[i].stored, ret_has);
        TRY(transfer_part_end(scope, &part, result));
    }
    return ERR_OK;
}

/* ---- the last steps ---- */

static enum err copy_secrets(struct scope *scope, struct transfer *transfer, struct db_lease *from,
                             struct db_lease *to)
{
    for (int i = 0; i < SECRET__COUNT; i++) {
        uint8_t secret[SECRET_BYTES];
        bool found;
        TRY(identity_secret(scope, transfer->from.store, from, i, secret, &found));
        if (found) {
            enum err result = identity_secret_put(scope, transfer->to.store, to, i, secret);
            explicit_bzero(secret, sizeof(secret));
            TRY(result);
        }
        transfer->result.lacks_secret |= i == SECRET_MASTER && !found;
    }
    return ERR_OK;
}

static enum err remove_rows(struct scope *scope, struct db_lease *lease, const struct leftover *leftovers,
                            size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct leftover *one = &leftovers[i];
        TRY(one->stored.n ? attachment_store_remove(scope, lease, one->uid, one->stored)
                          : postgres_drop(scope, lease, one->uid, one->number));
    }
    return ERR_OK;
}

static void remove_files(struct scope *scope, const char *directory, const struct leftover *leftovers,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct leftover *one = &leftovers[i];
        if (one->stored.n) {
            unlink(attachment_path(&scope->arena, directory, one->uid, one->stored).p);
        } else {
            version_delete(directory, one->uid, one->number);
        }
    }
}

static enum err count_result(struct scope *scope, struct db_lease *lease, struct transfer_result *result)
{
    cell value;
    TRY(DB_ASK(scope, lease, &value, "select count(*) + ? from dataset", cell_int(0)));
    result->datasets = value.number;
    TRY(DB_ASK(scope, lease, &value, "select count(*) + ? from version", cell_int(0)));
    result->versions = value.number;
    TRY(DB_ASK(scope, lease, &value, "select coalesce(sum(records), 0) + ? from version", cell_int(0)));
    result->records = value.number;
    TRY(DB_ASK(scope, lease, &value, "select count(*) + ? from migration_file", cell_int(0)));
    result->attachments = value.number;
    return ERR_OK;
}

/* A node's patience with idle transactions ends while the other side works. */
static enum err be_patient(struct scope *scope, struct db_lease *lease)
{
    return db_lease_engine(lease) == DB_POSTGRES
               ? db_script(scope, lease, "set local idle_in_transaction_session_timeout = 0")
               : ERR_OK;
}

static enum err move_rows(struct scope *scope, struct transfer *transfer, struct db_lease *from,
                          struct db_lease *to)
{
    const struct leftover *leftovers;
    size_t count;
    bool is_postgres = transfer->to.store->url != NULL;
    TRY(ledger_check_empty(scope, to));
    TRY(catalog_pause_triggers(scope, to));
    TRY(rows_copy(scope, transfer, from, to));
    TRY(DB_RUN(scope, to,
               "update version set bytes = (select bytes from migration where migration.uid = version.uid "
               "and migration.number = version.number)"));
    TRY(copy_secrets(scope, transfer, from, to));
    TRY(ledger_leftovers(scope, to, &leftovers, &count));
    if (is_postgres) {
        TRY(remove_rows(scope, to, leftovers, count));
    }
    TRY(count_result(scope, to, &transfer->result));
    TRY(ledger_close(scope, to));
    TRY(catalog_resume_triggers(scope, to));
    TRY(db_commit(scope, to));
    if (!is_postgres) {
        remove_files(scope, transfer->to.store->data_directory, leftovers, count);
    }
    return ERR_OK;
}

/* Nobody changes the origin meanwhile. Its transaction changes nothing, and is given up. */
enum err transfer_finish(struct scope *scope, struct transfer *transfer, bool *ret_done)
{
    struct db_lease *from cleanup_with(db_lease_cleanup) = NULL;
    struct db_lease *to cleanup_with(db_lease_cleanup) = NULL;
    bool has_all;
    TRY(db_begin(scope, transfer->to.rows, &to));
    TRY(be_patient(scope, to));
    TRY(db_begin(scope, transfer->from.rows, &from));
    TRY(be_patient(scope, from));
    *ret_done = false;
    TRY(has_versions(scope, transfer, from, &has_all));
    if (has_all) {
        TRY(has_files(scope, from, to, &has_all));
    }
    if (has_all) {
        TRY(move_rows(scope, transfer, from, to));
        *ret_done = true;
    }
    return ERR_OK;
}
