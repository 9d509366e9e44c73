/*
 * Exports to a file: a job (kind "export") writes records of a dataset, as who asked for it may see them when it
 * runs, into a file that this person can download for some days. The file lies in the data directory
 * (exports/), on PostgreSQL in parts in the database, so that each node can give it.
 */
#ifndef DOMAIN_JOB_EXPORT_H
#define DOMAIN_JOB_EXPORT_H

#include "domain/identity/access.h"
#include "domain/identity/identity.h"
#include "domain/job/job.h"

#define EXPORT_KIND "export"
#define EXPORT_KEPT (7 * 86400 * USEC_SECOND)

/* What the work needs. All borrowed. */
struct export_tools {
    struct identity *identity;
    struct access *access;
    struct records *records;
};

/* What somebody wants to have. */
struct export_order {
    str dataset; /* id or uid */
    str format;
    str where, select, order_by; /* ODSQL; may be empty */
    str lang;                    /* of labels and of words in dates; empty: English */
    bool use_labels;
};

/**
 * Checks an order against what an actor may see. Errors: ERR_PARAMETER (format), ERR_NO_DATASET, those of
 * odsql_compile (where, select, order_by), ERR_DATABASE.
 */
enum err export_order_check(struct scope *scope, const struct export_tools *tools, const struct actor *actor,
                            const struct export_order *order) must_check;

/** Adds the job. Errors: as export_order_check and job_add; ERR_SIGN_IN (somebody unknown asks). */
enum err export_order_add(struct scope *scope, const struct export_tools *tools, struct catalog *catalog,
                          const struct actor *actor, const struct export_order *order, int64_t *ret_job) must_check;

/** The work of the kind; user: struct export_tools. */
enum err export_work(struct scope *scope, struct job_run *run, void *user);

/* ---- files ---- */

struct export_file {
    int64_t job, user, bytes;
    str name, content_type;
    str stored; /* name of the file, or of its parts */
    usec created, expires;
};

/** The file of a job; *ret_found: whether there is one still. */
enum err export_file_find(struct scope *scope, struct catalog *catalog, int64_t job, bool *ret_found,
                          struct export_file *ret_file) must_check;

/** Opens it for reading; the caller closes. Errors: ERR_FILE, ERR_BUSY (no room), ERR_DATABASE. */
enum err export_file_open(struct scope *scope, struct catalog *catalog, const struct export_file *file,
                          int *ret_descriptor) must_check;

/** Deletes files that had their time, and what runs that broke off have left. One process at a time, of each node. */
enum err export_upkeep(struct scope *scope, struct catalog *catalog) must_check;

/** Makes their tables, for job_make_tables; parvis migrate does not move what is in them. Errors: as db_script. */
enum err export_make_tables(struct scope *scope, struct db_lease *lease) must_check;

/* ---- of export.c and export_store.c ---- */

/** A new file in exports/ of the data directory, for writing. Errors: ERR_FILE, ERR_BUSY. */
enum err export_file_make(struct scope *scope, struct catalog *catalog, int64_t job, str *ret_stored,
                          int *ret_descriptor) must_check;

/** Keeps a written file under its row, in place of an older one of the job. Errors: as db_run; ERR_FILE. */
enum err export_file_keep(struct scope *scope, struct catalog *catalog, const struct export_file *file) must_check;

/** Takes a file that was not kept away. */
void export_file_drop(struct scope *scope, struct catalog *catalog, str stored);

/** Fails because writing a file failed: ERR_BUSY when there is no room, else ERR_FILE. */
enum err export_file_fault(struct scope *scope, int cause);

#endif
