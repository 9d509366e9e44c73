/*
 * Where the tables of a version lie: in one PostgreSQL, or, where its extension Citus is there, distributed over
 * workers, or whole on each of them. Private to this directory but for postgres_place_text.
 */
#ifndef DOMAIN_RECORDS_POSTGRES_PLACE_H
#define DOMAIN_RECORDS_POSTGRES_PLACE_H

#include "platform/db/db.h"

/* Datasets of as many records are distributed, unless settings say otherwise. */
#define DISTRIBUTED_ROWS_LEAST 1000000

/** Whether the database has Citus and workers. Errors: as db_run. */
enum err postgres_has_workers(struct scope *scope, struct db_lease *lease, bool *ret_has) must_check;

/**
 * Gives an empty table of the schema parvis_records to the workers: by a column, or (empty) whole to each of
 * them. Errors: as db_run.
 */
enum err postgres_distribute(struct scope *scope, struct db_lease *lease, str table, str column) must_check;

/**
 * Tells for people where a table lies: "24 MB, distributed by rowid in 32 shards over 2 workers". In the arena.
 * Errors: as db_run; ERR_DATABASE (there is none).
 */
enum err postgres_place_text(struct scope *scope, struct db_lease *lease, str table, str *ret_text) must_check;

#endif
