#include "domain/catalog/version.h"

#include "base/vec.h"
#include "platform/db/statement.h"

enum err catalog_versions(struct scope *scope, struct catalog *catalog, str uid, int64_t most,
                          const struct version **ret_versions, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct version) versions = {0};
    struct sql sql = STATEMENT(&scope->arena,
                               "select number, records, created from version where uid = ? "
                               "order by number desc limit ?",
                               cell_text(uid), cell_int(most));
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    for (;;) {
        const struct batch *row;
        TRY(cursor_next(scope, cursor, &row));
        if (!row) {
            break;
        }
        struct version version = {row_number(row, 0), row_number(row, 1), row_number(row, 2)};
        vec_add(&scope->arena, &versions, version);
    }
    *ret_versions = versions.items;
    *ret_count = versions.count;
    return ERR_OK;
}
