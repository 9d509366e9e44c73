#include "domain/identity/selection.h"

#include "base/vec.h"
#include "domain/identity/internal.h"

enum err selection_list(struct scope *scope, struct identity *identity, int64_t user,
                        const str **ret_ids, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct arena *arena = &scope->arena;
    VEC(str) ids = {0};
    struct sql sql = STATEMENT(
        arena, "select dataset from user_selection where user_id = ? order by added, dataset", cell_int(user));
    TRY(db_lease(scope, identity->db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(arena, &ids, row_text(arena, row, 0));
    }
    *ret_ids = ids.items;
    *ret_count = ids.count;
    return ERR_OK;
}

enum err selection_add(struct scope *scope, struct identity *identity, int64_t user, str dataset)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell count;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(DB_ASK(scope, lease, &count,
               "select count(*) from user_selection where user_id = ? and dataset <> ?", cell_int(user),
               cell_text(dataset)));
    if (count.number >= SELECTION_MOST) {
        return fail(scope, ERR_CONFLICT, "The selection holds %d datasets already.", SELECTION_MOST);
    }
    TRY(DB_RUN(scope, lease,
               "insert into user_selection (user_id, dataset, added) select id, ?, ? from \"user\""
               " where id = ? and active = 1 on conflict (user_id, dataset) do nothing",
               cell_text(dataset), cell_instant(clock_wall()), cell_int(user)));
    return db_commit(scope, lease);
}

enum err selection_remove(struct scope *scope, struct identity *identity, int64_t user, str dataset)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(DB_RUN(scope, lease, "delete from user_selection where user_id = ? and dataset = ?",
               cell_int(user), cell_text(dataset)));
    return db_commit(scope, lease);
}

enum err selection_clear(struct scope *scope, struct identity *identity, int64_t user)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(DB_RUN(scope, lease, "delete from user_selection where user_id = ?", cell_int(user)));
    return db_commit(scope, lease);
}
