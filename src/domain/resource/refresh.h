/*
 * Sources at an address, read again: a job (kind "refresh") fetches the file when it has changed and publishes it as the
 * next version; a failure leaves the published version as it is. The calendar adds these jobs.
 */
#ifndef DOMAIN_RESOURCE_REFRESH_H
#define DOMAIN_RESOURCE_REFRESH_H

#include "domain/job/job.h"
#include "domain/resource/resource.h"
#include "platform/fetch/fetch.h"

#define REFRESH_KIND "refresh"

/* What refresh_work is given as user. Borrowed. */
struct refresh_tools {
    const struct fetch_options *fetch;
};

/** The work of the kind. Result: {"changed": false}, or that of publication_run. */
enum err refresh_work(struct scope *scope, struct job_run *run, void *user) must_check;

/**
 * Asks for a refresh of a dataset; one that waits already is it. whole: also when the file has not changed.
 * Errors: ERR_CONFLICT (the source is no address, or the dataset a draft), ERR_DATABASE, ERR_BUSY.
 */
enum err refresh_ask(struct scope *scope, struct catalog *catalog, const struct dataset *dataset,
                     const struct actor *by, bool whole, int64_t *ret_job) must_check;

/** Whether a schedule is one of "hourly", "daily", "weekly", "monthly"; empty, by hand, is one, too. */
bool refresh_is_schedule(str schedule);

/**
 * The latest instant, not after now, at which a schedule has a dataset's source read: at a minute that is the same
 * each time and differs between datasets; but for hourly ones between midnight and six, UTC. 0: never.
 */
usec refresh_slot(str schedule, str dataset, usec now);

/** Adds a job for each source whose time has come since it was asked last. Any process may; each is added once. */
enum err refresh_add_due(struct scope *scope, struct catalog *catalog) must_check;

#endif
