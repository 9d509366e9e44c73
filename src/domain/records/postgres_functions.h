/*
 * The functions that statements of ODSQL call on PostgreSQL: postgres_functions.sql, and
 * postgres_shapes.sql where there is PostGIS. They are SQL in the schema "parvis": any PostgreSQL takes
 * them, and no files of ours are needed on its machine.
 */
#ifndef DOMAIN_RECORDS_POSTGRES_FUNCTIONS_H
#define DOMAIN_RECORDS_POSTGRES_FUNCTIONS_H

#include "platform/db/db.h"

/**
 * Makes the functions as this program has them, in one transaction, unless they are there already; with
 * them the extension fuzzystrmatch. ret_has_postgis: whether the database has PostGIS.
 * Errors: ERR_DATABASE (the extension cannot be made; the encoding is not UTF-8), those of db_run.
 */
enum err records_postgres_functions(struct scope *scope, struct db_lease *lease, bool *ret_has_postgis)
    must_check;

#endif
