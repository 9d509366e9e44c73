/* What the files of transfer.h share. Private to this directory. */
#ifndef DOMAIN_TRANSFER_INTERNAL_H
#define DOMAIN_TRANSFER_INTERNAL_H

#include "domain/records/postgres_version.h"
#include "domain/transfer/contents.h"
#include "domain/transfer/transfer.h"
#include "platform/db/duty.h"

/* One end of a move. */
struct end {
    const struct store *store;
    struct db *rows; /* catalogue and services */
};

struct transfer {
    const struct transfer_options *options;
    struct transfer_result result;
    struct end from, to;
    struct db *files;    /* DuckDB, to which version files are attached */
    struct db *postgres; /* records in PostgreSQL, of whichever end has them */
    int64_t origin;      /* the origin's identity */
    int lock;            /* of the target's directory; -1: it has none */
    struct duty duty;    /* of upkeep, where the target is PostgreSQL */
};

/* ---- ledger.c: what is in the target already ---- */

struct noted {
    int64_t records;
    int64_t checksum;
    int64_t words;
    int64_t bytes; /* that the version takes */
};

/** Fails with ERR_CONFLICT when there are rows of a portal. */
enum err ledger_check_empty(struct scope *scope, struct db_lease *lease) must_check;

/** How many versions are noted. */
enum err ledger_count(struct scope *scope, struct transfer *transfer, int64_t *ret_count) must_check;

/** Makes the ledger in an empty target, or finds that of the same origin. Errors: ERR_CONFLICT. */
enum err ledger_open(struct scope *scope, struct transfer *transfer) must_check;
enum err ledger_find(struct scope *scope, struct transfer *transfer, str uid, int64_t number,
                     struct noted *ret_noted, bool *ret_found) must_check;
enum err ledger_note(struct scope *scope, struct transfer *transfer, str uid, int64_t number,
                     const struct noted *noted) must_check;
enum err ledger_forget(struct scope *scope, struct transfer *transfer, str uid, int64_t number) must_check;

/** Whether an attachment is noted; notes one in the transaction of a lease. */
enum err ledger_has_file(struct scope *scope, struct db_lease *lease, str uid, str stored, bool *ret_has)
    must_check;
enum err ledger_note_file(struct scope *scope, struct db_lease *lease, str uid, str stored) must_check;

/* Something of the target that the origin does not have any more. */
struct leftover {
    str uid;
    int64_t number; /* of a version */
    str stored;     /* of an attachment; no bytes: it is a version */
};

/** What is noted and not among the rows of the target, in the last transaction. */
enum err ledger_leftovers(struct scope *scope, struct db_lease *lease, const struct leftover **ret_leftovers,
                          size_t *ret_count) must_check;

/** Ends the ledger, in the last transaction. */
enum err ledger_close(struct scope *scope, struct db_lease *lease) must_check;

/* ---- versions.c ---- */

/** Compares what an earlier move noted with what is there, and forgets what is damaged. */
enum err versions_verify(struct scope *scope, struct transfer *transfer) must_check;

/** Copies the versions that are not noted. */
enum err versions_copy(struct scope *scope, struct transfer *transfer) must_check;

/* ---- checksum.c ---- */

/* A version in one of the engines. */
struct version_table {
    struct db_lease *lease;
    str database; /* of DuckDB: the name its file is attached under; of PostgreSQL: not used */
    const struct schema *schema;
    str uid;
    int64_t number;
    bool has_ids; /* ids and keys count, too; else they are made anew in the target */
};

/** Reads all of a version; rows grows. */
enum err checksum_version(struct scope *scope, const struct version_table *table, _Atomic int64_t *rows,
                          struct noted *ret_sum) must_check;

/* ---- files.c: attachments ---- */

/** Copies those that are not noted. */
enum err files_copy(struct scope *scope, struct transfer *transfer) must_check;

/* ---- rows.c ---- */

/** Copies the rows of all services from a lease to another, with the numbers that come next. */
enum err rows_copy(struct scope *scope, struct transfer *transfer, struct db_lease *from,
                   struct db_lease *to) must_check;

/* ---- finish.c ---- */

/** Copies the rows, unless there is something in the origin by now that is not noted: then ret_done is false. */
enum err transfer_finish(struct scope *scope, struct transfer *transfer, bool *ret_done) must_check;

/* ---- transfer.c ---- */

/** Shows which dataset of how many it is about. */
void transfer_place(struct transfer *transfer, size_t place, size_t places);

/** Sees to it that no node deletes what the target has so far. Errors: ERR_CONFLICT; those of db_run. */
enum err transfer_keep_duty(struct scope *scope, struct transfer *transfer) must_check;

/** Shows a phase (a constant), whose rows are counted from 0; expected: how many there will be, 0: not known. */
void transfer_phase(struct transfer *transfer, const char *phase, int64_t expected);
_Atomic int64_t *transfer_rows(struct transfer *transfer);
void transfer_tell(struct transfer *transfer, enum message message, const struct message_argument *arguments);

/** A scope for a part of the work, with memory of its own; undone by transfer_part_end, which takes the failure over. */
void transfer_part(struct scope *scope, struct scope *part);
enum err transfer_part_end(struct scope *scope, struct scope *part, enum err result);

/* ---- tables ---- */

typedef enum err transfer_table_action(struct scope *scope, void *user, const struct stored_table *table);

/** Calls action with each table that is moved, in the order of their references. Errors: those of action. */
enum err transfer_each_table(struct scope *scope, void *user, transfer_table_action *action) must_check;

/** Makes those that catalog_open_rows does not make. Errors: as db_script. */
enum err transfer_make_tables(struct scope *scope, struct db_lease *lease) must_check;

#endif
