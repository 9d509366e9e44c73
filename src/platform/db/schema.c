#include "platform/db/schema.h"

#include "platform/db/statement.h"

enum err schema_add_text(struct scope *scope, struct db_lease *lease, const char *table, const char *column)
{
    bool is_postgres = db_lease_engine(lease) == DB_POSTGRES;
    struct sql sql = is_postgres
                         ? STATEMENT(&scope->arena,
                                     "select count(*) from pg_attribute where attrelid = to_regclass(?) and attname = ?"
                                     " and not attisdropped",
                                     cell_text(str_from(table)), cell_text(str_from(column)))
                         : STATEMENT(&scope->arena, "select count(*) from pragma_table_info(?) where name = ?",
                                     cell_text(str_from(table)), cell_text(str_from(column)));
    cell found;
    TRY(db_query_cell(scope, lease, &sql, &found));
    if (found.number) { /* no lock on the table, then */
        return ERR_OK;
    }
    str change = str_printf(&scope->arena, "alter table %s add column %s %s not null default ''", table, column,
                            is_postgres ? "text collate \"C\"" : "text");
    return db_script(scope, lease, change.p);
}
