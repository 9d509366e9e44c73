/* A GeoPackage is looked at by SQLite before GDAL opens it: a view may compute for ever. */
#include "domain/ingest/layers.h"
#include "platform/db/db.h"
#include "platform/i18n/explanation.h"

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
        return fail_in_words_because(scope, ERR_DATA, cause, MSG_FAULT_FILE_GPKG,
                                     SAYS(ARG_TEXT("file", str_from(shown))));
    }
    if (result == ERR_OK && name.type == CELL_TEXT) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_VIEW,
                             SAYS(ARG_TEXT("file", str_from(shown)), ARG_TEXT("name", name.text)));
    }
    return result;
}
