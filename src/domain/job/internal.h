/* What the files of job.h share. Private to this directory. */
#ifndef DOMAIN_JOB_INTERNAL_H
#define DOMAIN_JOB_INTERNAL_H

#include <pthread.h>

#include "base/buf.h"
#include "domain/job/job.h"
#include "platform/db/statement.h"

#define JOB_HEARTBEAT (5 * USEC_SECOND)
#define JOB_LOST (30 * USEC_SECOND) /* without a heartbeat its process is gone */

/** The clock that all nodes share: that of the database, where it is on a machine of its own. */
enum err job_now(struct scope *scope, struct db_lease *lease, usec *ret_now) must_check;

/** Columns of a job in the order of job_read_row. */
#define JOB_COLUMNS                                                                                                    \
    "id, kind, dataset, label, arguments, result, state, user_id, user_name, attempt, created, "                       \
    "started, ended, not_before, message, done, total, unit, is_cancelled, "                                           \
    "explanation"

/** A row of JOB_COLUMNS, in the arena. */
struct job job_read_row(struct arena *arena, const struct batch *row);

/** One line, valid UTF-8, of at most so many bytes: what a database takes and people can read. */
str job_clean_text(struct arena *arena, str text, size_t most);

/* ---- run.c: a job that runs here ---- */

struct job_run {
    struct catalog *catalog;
    struct job job;
    const struct job_kind *kind;
    str token;             /* of this run; the row bears it as long as the run counts */
    struct scope *scope;   /* of the work; holds job and token */
    atomic_bool gone;      /* for the work: it shall stop */
    atomic_bool is_stopped;   /* because the program stops */
    atomic_bool is_cancelled; /* because somebody asked for it */
    atomic_bool is_lost;      /* because another process has the job now */
    struct job_run *next;  /* of the runner's runs */

    pthread_mutex_t mutex; /* guards what follows: what the row is yet to be told */
    struct scope notes;    /* holds the lines and the message */
    VEC(struct job_line) lines;
    size_t left_out;       /* lines beyond those */
    str message;           /* p == NULL: as it was */
    str explanation;       /* of the message */
    int64_t done, total;
    char unit[16];
    bool has_progress;
    struct buf result;
    usec written, beaten;  /* monotonic: when the row was told last, and of the heartbeat */
    int64_t next_line;     /* number of the next one; 0: not yet known */
};

void job_run_init(struct job_run *run);
void job_run_done(struct job_run *run);

/** Tells the row what is new, once a second at most, and hears whether the job is to stop. */
void job_run_keep(struct job_run *run);

/** Does the work and writes how it ended, until that is written or the program stops. */
void job_run_work(struct job_run *run);

/* ---- claim.c ---- */

/**
 * Takes a job of these kinds that is due, if there is one. run->scope is open and run->catalog set; the rest is
 * made. Errors: as db_run.
 */
enum err job_claim(struct scope *scope, const struct job_kind *kinds, size_t count, struct job_run *run,
                   bool *ret_has) must_check;

#endif
