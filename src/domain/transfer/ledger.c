/* Tables of the target, for as long as the move takes: which versions and attachments are there, and were compared. */
#include "base/vec.h"
#include "domain/transfer/internal.h"
#include "platform/db/statement.h"

#define LEDGER(NUMBER, KEY, TEXT, BYTES, KEYED)                                                    \
    "create table migration (uid " TEXT " not null, number " NUMBER " not null, records " NUMBER   \
    " not null, checksum " NUMBER " not null, words " NUMBER " not null, bytes " NUMBER            \
    " not null, primary key (uid, number));"                                                       \
    "create table migration_file (uid " TEXT " not null, stored " TEXT " not null,"                \
    " primary key (uid, stored));"

static enum err check_table(struct scope *scope, struct db_lease *lease, const char *name)
{
    struct sql sql = sql_in(&scope->arena);
    cell found;
    sql_text(&sql, "select 1 from ");
    sql_name(&sql, str_from(name));
    sql_text(&sql, " limit 1");
    TRY(db_query_cell(scope, lease, &sql, &found));
    return found.type == CELL_NULL
               ? ERR_OK
               : fail(scope, ERR_CONFLICT,
                      "the target holds a portal already (its table %s has rows); migrate into an empty "
                      "directory or database", name);
}

static enum err check_empty(struct scope *scope, void *user, const struct stored_table *table)
{
    bool has_rows = strcmp(table->name, "privacy_state") == 0 || strcmp(table->name, "site_state") == 0; /* from the start */
    return has_rows ? ERR_OK : check_table(scope, user, table->name);
}

enum err ledger_check_empty(struct scope *scope, struct db_lease *lease)
{
    return transfer_each_table(scope, lease, check_empty);
}

enum err ledger_count(struct scope *scope, struct transfer *transfer, int64_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell count;
    TRY(db_lease(scope, transfer->to.rows, &lease));
    TRY(DB_ASK(scope, lease, &count, "select count(*) + ? from migration", cell_int(0)));
    *ret_count = count.number;
    return ERR_OK;
}

enum err ledger_open(struct scope *scope, struct transfer *transfer)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell origin;
    TRY(db_begin(scope, transfer->to.rows, &lease));
    TRY(DB_ASK(scope, lease, &origin, "select value from state where key = ?",
               cell_text(CATALOG_MIGRATING)));
    if (origin.type == CELL_INT && origin.number != transfer->origin) {
        return fail(scope, ERR_CONFLICT,
                    "the target holds an unfinished migration of another portal; end that one, or migrate "
                    "into an empty directory or database");
    }
    if (origin.type == CELL_INT) {
        return db_commit(scope, lease);
    }
    TRY(ledger_check_empty(scope, lease));
    TRY(schema_make(scope, lease, SCHEMA_SQLITE(LEDGER), SCHEMA_POSTGRES(LEDGER)));
    TRY(DB_RUN(scope, lease, "insert into state (key, value) values (?, ?)",
               cell_text(CATALOG_MIGRATING), cell_int(transfer->origin)));
    return db_commit(scope, lease);
}

enum err ledger_find(struct scope *scope, struct transfer *transfer, str uid, int64_t number,
                     struct noted *ret_noted, bool *ret_found)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *row;
    struct sql sql = STATEMENT(&scope->arena,
                               "select records, checksum, words, bytes from migration "
                               "where uid = ? and number = ?",
                               cell_text(uid), cell_int(number));
    TRY(db_lease(scope, transfer->to.rows, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    *ret_found = row != NULL;
    if (row) {
        *ret_noted = (struct noted){row_number(row, 0), row_number(row, 1), row_number(row, 2),
                                    row_number(row, 3)};
    }
    cursor_close(cursor);
    cursor = NULL;
    return ERR_OK;
}

enum err ledger_note(struct scope *scope, struct transfer *transfer, str uid, int64_t number,
                     const struct noted *noted)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, transfer->to.rows, &lease));
    return DB_RUN(scope, lease, "insert into migration values (?, ?, ?, ?, ?, ?)", cell_text(uid),
                  cell_int(number), cell_int(noted->records), cell_int(noted->checksum),
                  cell_int(noted->words), cell_int(noted->bytes));
}

enum err ledger_forget(struct scope *scope, struct transfer *transfer, str uid, int64_t number)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, transfer->to.rows, &lease));
    return DB_RUN(scope, lease, "delete from migration where uid = ? and number = ?", cell_text(uid),
                  cell_int(number));
}

enum err ledger_has_file(struct scope *scope, struct db_lease *lease, str uid, str stored, bool *ret_has)
{
    cell count;
    TRY(DB_ASK(scope, lease, &count,
               "select count(*) from migration_file where uid = ? and stored = ?", cell_text(uid),
               cell_text(stored)));
    *ret_has = count.number > 0;
    return ERR_OK;
}

enum err ledger_note_file(struct scope *scope, struct db_lease *lease, str uid, str stored)
{
    return DB_RUN(scope, lease, "insert into migration_file values (?, ?)", cell_text(uid),
                  cell_text(stored));
}

typedef VEC(struct leftover) leftovers;

static enum err add_leftovers(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                              bool are_files, leftovers *found)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_run(scope, lease, sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        struct leftover leftover = {.uid = row_text(&scope->arena, row, 0)};
        if (are_files) {
            leftover.stored = row_text(&scope->arena, row, 1);
        } else {
            leftover.number = row_number(row, 1);
        }
        vec_add(&scope->arena, found, leftover);
    }
    return ERR_OK;
}

/* Names of files are made by chance, so that they stand in no metadata but those that name them. */
enum err ledger_leftovers(struct scope *scope, struct db_lease *lease, const struct leftover **ret_leftovers,
                          size_t *ret_count)
{
    leftovers found = {0};
    struct sql versions =
        STATEMENT(&scope->arena, "select uid, number from migration where not exists (select 1 from version "
                                 "where version.uid = migration.uid and version.number = migration.number)");
    struct sql files = STATEMENT(
        &scope->arena, "select uid, stored from migration_file where not exists (select 1 from dataset "
                       "where dataset.uid = migration_file.uid and metadata like '%' || stored || '%')");
    TRY(add_leftovers(scope, lease, &versions, false, &found));
    TRY(add_leftovers(scope, lease, &files, true, &found));
    *ret_leftovers = found.items;
    *ret_count = found.count;
    return ERR_OK;
}

enum err ledger_close(struct scope *scope, struct db_lease *lease)
{
    TRY(db_script(scope, lease, "drop table migration; drop table migration_file"));
    return DB_RUN(scope, lease, "delete from state where key = ?", cell_text(CATALOG_MIGRATING));
}
