/* A GeoPackage is looked at by SQLite before GDAL opens it: a view may compute for ever. */
#include "domain/ingest/layers.h"
#include "platform/db/db.h"

static enum err find_view(struct scope *scope, struct db *db, cell *ret_name)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct sql own = sql_in(&scope->arena);
    struct sql layers = sql_in(&scope->arena);
    sql_text(&own, "select name from sqlite_master where lower(name) like 'gpkg\\_%' escape '\\' "
                   "and (type = 'view' or sql like 'create virtual%') limit 1");
    sql_text(&layers, "select name from sqlite_master where (type = 'view' or sql like 'create virtual%') and "
                      "lower(name) in (select lower(table_name) from gpkg_contents) limit 1");
    TRY(db_lease(scope, db, &lease));
    TRY(db_query_cell(scope, lease, &own, ret_name));
    return ret_name->type == CELL_TEXT ? ERR_OK : db_query_cell(scope, lease, &layers, ret_name);
}

enum err geopackage_check(struct scope *scope, const char *path, const char *shown)
{
    struct db *db = NULL;
    cell name = {0};
    enum err result = db_open(scope,
                              &(struct db_options){.engine = DB_SQLITE, .path = path, .read_only = true,
                                                   .connections = 1},
                              &db);
    if (result == ERR_OK) {
        result = find_view(scope, db, &name);
    }
    db_close(db);
    if (result == ERR_DATABASE) {
        str cause = str_copy(&scope->arena, scope->failure.cause);
        scope_forgive(scope);
        return fail_with_cause(scope, ERR_DATA, cause, "%s: the file cannot be read as GPKG; it is damaged, "
                                                       "or a database of another kind", shown);
    }
    if (result == ERR_OK && name.type == CELL_TEXT) {
        return fail(scope, ERR_DATA, "%s: '%.*s' is a view, which is not read; write it to a table", shown,
                    STR_ARG(name.text));
    }
    return result;
}
