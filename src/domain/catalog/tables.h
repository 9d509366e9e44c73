/* Tables of the catalogue. Private to this directory. */
#ifndef DOMAIN_CATALOG_TABLES_H
#define DOMAIN_CATALOG_TABLES_H

#include "platform/db/db.h"

/* The generation that the transaction of a change is about to make. */
#define NEXT "(select value + 1 from state where key = 'generation')"

/** Makes the table of what is counted, in a transaction. */
enum err tables_make_state(struct scope *scope, struct db_lease *lease) must_check;

/** Brings tables of the format before this one to this one; those that are new are made by tables_make. */
enum err tables_upgrade(struct scope *scope, struct db_lease *lease) must_check;

/** Makes all others. */
enum err tables_make(struct scope *scope, struct db_lease *lease) must_check;

#endif
