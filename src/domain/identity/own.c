#include "domain/identity/own.h"

#include "base/vec.h"
#include "domain/identity/internal.h"
#include "platform/db/statement.h"

#define LOOKED_AT 3000

enum err own_datasets(struct scope *scope, struct catalog *catalog, int64_t user, const str **ret_uids,
                      size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(str) uids = {0};
    struct sql sql = STATEMENT(&scope->arena,
                               "select uid from dataset_access where subject_kind = 'user' and subject_id = ? "
                               "and rights > 1 order by uid",
                               cell_int(user));
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, &uids, row_text(&scope->arena, row, 0));
    }
    *ret_uids = uids.items;
    *ret_count = uids.count;
    return ERR_OK;
}

enum err own_activity(struct scope *scope, struct identity *identity, bool (*is_wanted)(const void *user, str id),
                      const void *user, size_t most, const struct audit_row **ret_rows, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct audit_row) rows = {0};
    struct arena *arena = &scope->arena;
    struct sql sql = STATEMENT(arena,
                               "select id, at, actor, action, subject, detail from (select * from audit "
                               "order by id desc limit ?) as latest where action like 'dataset.%' or "
                               "action like 'version.%' or action like 'access.%' order by id desc",
                               cell_int(LOOKED_AT));
    TRY(db_lease(scope, identity->db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    while (rows.count < most) {
        const struct batch *row;
        TRY(cursor_next(scope, cursor, &row));
        if (!row) {
            break;
        }
        str subject = row_text(arena, row, 4);
        if (is_wanted(user, subject)) {
            struct audit_row found = {.id = row_number(row, 0), .at = row_number(row, 1),
                                      .actor = row_text(arena, row, 2), .action = row_text(arena, row, 3),
                                      .subject = subject, .detail = row_text(arena, row, 5)};
            vec_add(arena, &rows, found);
        }
    }
    *ret_rows = rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}
