/*
 * Publishing as a job: the resource of a dataset becomes its next version. Until the last step readers see nothing of
 * it; a failure publishes nothing, and draft, choices and files stay.
 */
#ifndef DOMAIN_RESOURCE_PUBLICATION_H
#define DOMAIN_RESOURCE_PUBLICATION_H

#include "domain/identity/access.h"
#include "domain/identity/identity.h"
#include "domain/job/job.h"
#include "domain/resource/resource.h"
#include "platform/fetch/fetch.h"

#define PUBLICATION_JOB "publish"
#define PUBLICATION_FETCH_JOB "fetch"
#define PUBLICATION_DIGEST_PREFIX "sha256:" /* in place of an entity tag, which stands in quotes */
#define PUBLICATION_MEMORY ((uint64_t)1 << 30) /* of the engine while it reads */

/* What publish_work is given as user. Borrowed. */
struct publication_tools {
    struct identity *identity;
    struct access *access;
    struct records *records; /* for tables that are made of other datasets */
    const struct fetch_options *fetch; /* for addresses; NULL: what fetch.h says */
};

struct publication_wish {
    const struct dataset *dataset;
    const struct resource *resource; /* as it was seen; a job refuses one that has changed since */
    const struct actor *by;
    bool is_public;                  /* of a draft: everybody sees it afterwards */
    str note;                        /* what is new */
    language language;               /* of who asks, in which the version says what was left empty */
};

/** Adds the job; when one waits for this dataset already, that one is it. Errors: as job_add. */
enum err publication_ask(struct scope *scope, struct catalog *catalog, const struct publication_wish *wish,
                         int64_t *ret_job) must_check;

/**
 * The work of the kind PUBLICATION_FETCH_JOB: reads the address of a resource for the first time and keeps the file as
 * an upload of the resource, so that people see what it is before they publish it. user: struct publication_tools.
 */
enum err publication_fetch(struct scope *scope, struct job_run *run, void *user) must_check;

/**
 * Fetches what the address of a resource gives now, for a job. ret_path: of the file in the spool, in the scope's arena; the
 * caller deletes it. Errors: as fetch_file; nothing is left then.
 */
enum err publication_get(struct scope *scope, struct job_run *run, const struct publication_tools *tools,
                         const struct resource *resource, str *ret_path, struct fetch_result *ret_fetched) must_check;

/**
 * Whether the one who asked for a job may publish its dataset still; the calendar and the command line always may.
 * Errors: ERR_NO_USER (he is disabled, too), ERR_NO_DATASET, ERR_DENIED.
 */
enum err publication_check_right(struct scope *scope, struct identity *identity, struct access *access,
                                 const struct job *job) must_check;

/** What tells a file whose server has no tag for it from the next one. In the scope's arena. Errors: ERR_FILE. */
enum err publication_digest(struct scope *scope, const char *path, str *ret_text) must_check;

/** The work of the kind PUBLICATION_JOB; user: struct publication_tools. */
enum err publication_work(struct scope *scope, struct job_run *run, void *user) must_check;

/**
 * Publishes a resource in a running job, for publication_work and for jobs that have fetched a file first. path: of
 * that file; NULL: of the resource's uploads. Of the job's arguments it takes "note", "public" and "language" (else the
 * portal's). Messages and progress go to the job, and so does the result: {"version", "records", "rejected", "emptied"}.
 * Errors: as publish_file, with words for pages.
 */
enum err publication_run(struct scope *scope, struct job_run *run, const struct resource *resource, const char *path) must_check;

/**
 * Writes the rows of a RESOURCE_DATASET as a Parquet file in the spool directory, as far as an actor may see them. limit:
 * only so many rows; -1: all. The caller unlinks it. Errors: ERR_USAGE (the location), ERR_NO_DATASET, those of ODSQL and
 * of reading.
 */
enum err publication_write_table(struct scope *scope, const struct publication_tools *tools, const struct actor *actor,
                                 str location, int64_t limit, str *ret_path) must_check;

#endif
