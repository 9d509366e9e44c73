#include "domain/resource/unsent.h"

#include "base/date.h"
#include "base/json_read.h"
#include "platform/db/statement.h"

static usec oldest(void)
{
    return clock_wall() - UNSENT_DAYS * USEC_DAY;
}

enum err unsent_find(struct scope *scope, struct catalog *catalog, const struct unsent_key *key, struct unsent *ret_unsent)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena,
                               "select typed, changed from unsent where dataset = ? and owner = ? and form = ? and changed > ?",
                               cell_text(key->dataset), cell_int(key->owner), cell_text(key->form), cell_int(oldest()));
    const struct batch *row;
    *ret_unsent = (struct unsent){0};
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    if (row) {
        *ret_unsent = (struct unsent){row_text(&scope->arena, row, 0), row_number(row, 1)};
    }
    cursor_close(cursor);
    cursor = NULL;
    return ERR_OK;
}

static enum err check(struct scope *scope, const struct unsent_key *key, str values)
{
    json_t *read cleanup_with(json_cleanup) = NULL;
    if (key->form.n == 0 || key->form.n > UNSENT_FORM_BYTES || values.n > UNSENT_VALUES_BYTES) {
        return fail(scope, ERR_METADATA, "%zu bytes at most are kept of a form.", UNSENT_VALUES_BYTES);
    }
    TRY(json_read(scope, ERR_METADATA, values, "values", &read));
    return json_is_object(read) ? ERR_OK : fail(scope, ERR_METADATA, "values: a JSON object is expected");
}

enum err unsent_keep(struct scope *scope, struct catalog *catalog, const struct unsent_key *key, str values)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(check(scope, key, values));
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(DB_RUN(scope, lease,
               "insert into unsent (dataset, owner, form, typed, changed) values (?, ?, ?, ?, ?) "
               "on conflict (dataset, owner, form) do update set typed = excluded.typed, changed = excluded.changed",
               cell_text(key->dataset), cell_int(key->owner), cell_text(key->form), cell_text(values), cell_int(clock_wall())));
    TRY(DB_RUN(scope, lease,
               "delete from unsent where owner = ? and changed < (select min(changed) from (select changed from unsent "
               "where owner = ? order by changed desc limit ?) as newest)",
               cell_int(key->owner), cell_int(key->owner), cell_int(UNSENT_MOST)));
    return db_commit(scope, lease);
}

enum err unsent_forget(struct scope *scope, struct catalog *catalog, const struct unsent_key *key)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(DB_RUN(scope, lease, "delete from unsent where dataset = ? and owner = ? and form = ?", cell_text(key->dataset),
               cell_int(key->owner), cell_text(key->form)));
    return db_commit(scope, lease);
}

enum err unsent_upkeep(struct scope *scope, struct db_lease *lease)
{
    return DB_RUN(scope, lease,
                  "delete from unsent where changed < ? or not exists (select 1 from dataset where dataset.uid = unsent.dataset)",
                  cell_int(oldest()));
}
