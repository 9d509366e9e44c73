/* Statements with values, rows, and transactions that bear other processes. */
#include "base/bug.h"
#include "domain/identity/internal.h"

struct sql statement_make(struct arena *arena, str text, const cell *values, size_t count)
{
    struct sql sql = sql_in(arena);
    size_t from = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = str_find_char(text, '?', from);
        bug_if(at == SIZE_MAX);
        sql_text_constant(&sql, str_slice(text, from, at));
        sql_bind(&sql, values[i]);
        from = at + 1;
    }
    bug_if(str_find_char(text, '?', from) != SIZE_MAX);
    sql_text_constant(&sql, str_slice(text, from, text.n));
    return sql;
}

void row_digest(const struct batch *row, size_t column, uint8_t ret_digest[DIGEST_BYTES])
{
    cell value = column_cell(&row->columns[column], 0);
    memset(ret_digest, 0, DIGEST_BYTES);
    if (value.type == CELL_BYTES && value.text.n == DIGEST_BYTES) {
        memcpy(ret_digest, value.text.p, DIGEST_BYTES);
    }
}

enum err change_begin(struct scope *scope, struct identity *identity, struct db_lease **ret_lease)
{
    struct db_lease *lease = NULL;
    TRY(db_lease(scope, identity->db, &lease));
    enum err result = db_script(scope, lease, "begin immediate");
    if (result == ERR_CONFLICT) {
        scope_forgive(scope);
        result = db_script(scope, lease, "begin immediate");
    }
    if (result == ERR_CONFLICT) {
        str cause = scope->failure.cause;
        scope_forgive(scope);
        result =
            fail_with_cause(scope, ERR_BUSY, cause, "The portal is busy. Try again in a moment.");
    }
    if (result != ERR_OK) {
        db_release(lease);
        return result;
    }
    *ret_lease = lease;
    return ERR_OK;
}

enum err change_commit(struct scope *scope, struct db_lease *lease)
{
    return db_script(scope, lease, "commit");
}
