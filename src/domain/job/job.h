/*
 * Jobs: work that takes longer than a request. A job is a row of the catalogue's database, so that it survives
 * a restart, is taken by one process at a time on whatever node, is tried again with growing pauses, and tells
 * how far it is. What a kind of job does is a function that is given with its name (job_kind).
 *
 * States: waiting → running → done, failed or cancelled; a failure that may pass goes back to waiting. A job
 * whose process died is running with an old heartbeat: another process takes it up again. So a job may run
 * twice, the first run to no effect on its row; what it does must bear that. Of the jobs of one dataset one runs
 * at a time. Times are those of the database's clock, which all nodes share.
 */
#ifndef DOMAIN_JOB_JOB_H
#define DOMAIN_JOB_JOB_H

#include <stdatomic.h>

#include "domain/catalog/catalog.h"
#include "domain/identity/actor.h"
#include "platform/i18n/remark.h"

enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_CANCELLED };

/** "waiting" … "cancelled", as stored. */
const char *job_state_name(enum job_state state);
bool job_state_find(str name, enum job_state *ret_state);

struct job {
    int64_t id;
    str kind;            /* name of a job_kind */
    str dataset;         /* uid of the dataset it is about; empty: of none */
    str label;           /* for people: what it is about, as a dataset's id or a file's name */
    str arguments;       /* JSON object, of the kind */
    str result;          /* JSON object, of the kind; empty: none yet */
    enum job_state state;
    int64_t user;        /* id of who asked for it; 0: the program or the command line */
    str user_name;
    int64_t attempt;     /* from 1 when it runs first */
    usec created, started, ended, not_before; /* 0: not yet; not_before: of the next attempt */
    str message;                              /* the latest line, in English: what it does, or why it failed */
    str explanation;     /* of it, as stored (explanation_store); empty: there is only the English text */
    int64_t done, total; /* how far it is, in the unit below; total 0: not known */
    str unit;            /* "rows", "bytes", …; empty: none */
    bool is_cancelled;   /* somebody asked for its end */
};

#define JOBS_WAITING_MOST 1000 /* of a person */

struct new_job {
    const char *kind;
    str dataset, label;
    str arguments;       /* JSON object; empty: {} */
    const struct actor *by;
    usec not_before;     /* 0: at once */
    bool is_single;      /* when one of this kind waits for this dataset already, that one is it */
    usec since;          /* not 0: so is one that was added since then, whatever its state */
};

/** Adds a job, or finds the one that is it. Errors: ERR_QUOTA (too many of a person's wait), ERR_DATABASE, ERR_BUSY. */
enum err job_add(struct scope *scope, struct catalog *catalog, const struct new_job *job,
                 int64_t *ret_id) must_check;

/** Errors: ERR_NO_JOB. In the scope's arena. */
enum err job_find(struct scope *scope, struct catalog *catalog, int64_t id, struct job *ret_job) must_check;

struct job_filter {
    str dataset;               /* uid; empty: of any */
    str kind;                  /* empty: any */
    bool has_state;
    enum job_state state;
    int64_t user;              /* 0: of anybody */
    int64_t before;            /* only those with a smaller id; 0: from the newest */
    size_t limit;
};

/** Jobs, newest first, in the scope's arena. */
enum err job_list(struct scope *scope, struct catalog *catalog, const struct job_filter *filter,
                  const struct job **ret_jobs, size_t *ret_count) must_check;

/** Asks for the end of a job: one that waits ends at once, one that runs soon. Errors: ERR_NO_JOB, ERR_CONFLICT (it has ended). */
enum err job_cancel(struct scope *scope, struct catalog *catalog, int64_t id) must_check;

/** Lets a job that failed or was cancelled, or that waits for its next attempt, run anew as soon as may be. Errors: ERR_NO_JOB, ERR_CONFLICT. */
enum err job_retry(struct scope *scope, struct catalog *catalog, int64_t id) must_check;

struct job_line {
    usec at;
    bool is_fault;
    str text;        /* English */
    str explanation; /* as that of a job */
};

/** Its latest line, or a line of a log, in a language; English where nothing else is known. In the arena or borrowed.
 */
str job_message(struct arena *arena, language lang, const struct job *job);
str job_line_text(struct arena *arena, language lang, const struct job_line *line);

#define JOB_LINES_MOST 1000      /* of the log of a job; the oldest ones go */
#define JOB_LINE_BYTES_MOST 2000 /* longer ones are cut */

/** The log of a job, oldest first, at most the last so many lines. */
enum err job_log(struct scope *scope, struct catalog *catalog, int64_t id, size_t most,
                 const struct job_line **ret_lines, size_t *ret_count) must_check;

/* ---- for those who do the work ---- */

struct job_run;

/* A kind of job. work runs on a thread of the runner; the scope's gone is set when the job is cancelled or the
 * program stops. It returns ERR_OK, or an error recorded with fail(): ERR_BUSY, ERR_DEADLINE, ERR_DATABASE and
 * ERR_FILE are tried again, attempts_most times in all; others end the job, its message for people. */
struct job_kind {
    const char *name;
    enum err (*work)(struct scope *scope, struct job_run *run, void *user);
    void *user;
    int attempts_most;
    usec pause; /* before the second attempt, twice as long before each further one; 0: ten seconds */
};

/** The job as it was when it began. Borrowed. */
const struct job *job_of_run(const struct job_run *run);
struct catalog *job_catalog(const struct job_run *run);

/** Adds a line to the job's log and makes it the message. arguments: SAYS(...) or NULL. */
void job_tell(struct job_run *run, enum message message, const struct message_argument *arguments);
/** The same for a remark that was made before. */
void job_remark(struct job_run *run, const struct remark *remark);
/** A line that is a fault. */
void job_tell_fault(struct job_run *run, enum message message, const struct message_argument *arguments);

/** How far it is; cheap: written at most once a second. */
void job_progress(struct job_run *run, int64_t done, int64_t total, const char *unit);

/** The result, a JSON object; of several the last one. */
void job_result(struct job_run *run, str json);

struct job_runner;

/** Starts threads that take up jobs of these kinds. catalog and kinds are borrowed until job_runner_stop, which undoes it. */
struct job_runner *job_runner_start(struct catalog *catalog, const struct job_kind *kinds, size_t count,
                                    int threads);
/** Asks what runs to stop (such jobs wait again, at no cost of an attempt) and joins the threads. Accepts NULL. */
void job_runner_stop(struct job_runner *runner);

/**
 * Runs jobs of these kinds on the calling thread until none is due any more, or the scope's gone is set.
 * *ret_count: how many it ran. Errors: as db_run.
 */
enum err job_run_due(struct scope *scope, struct catalog *catalog, const struct job_kind *kinds, size_t count,
                     int64_t *ret_count) must_check;

/** Deletes jobs that ended longer ago than keep (0: none), with their logs. */
enum err job_upkeep(struct scope *scope, struct catalog *catalog, usec keep) must_check;

/* ---- tables ---- */

/** Makes the tables of jobs, and of the files that exports leave. Errors: as db_script. */
enum err job_make_tables(struct scope *scope, struct db_lease *lease) must_check;
/** Those whose rows last. */
const struct stored_table *job_tables(size_t *ret_count);

#endif
