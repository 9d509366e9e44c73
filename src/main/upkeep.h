/*
 * Work that no request shall wait for: deleting what has had its time, and preparing the catalogue for who
 * asks next. Each kind has a thread, so that a long deletion or a locked catalogue holds up nobody.
 */
#ifndef MAIN_UPKEEP_H
#define MAIN_UPKEEP_H

#include "web/shell/call.h"

struct upkeep;

/**
 * job_keep: how long jobs that ended are kept; 0: for ever. Begins: deletes at once and then every minute, prepares each generation of the catalogue. What has no
 * thread is not done, which is logged. Undone by upkeep_stop.
 */
struct upkeep *upkeep_start(struct app *app, usec job_keep);

/** Ends soon, also while it waits for a lock. */
void upkeep_stop(struct upkeep *upkeep);

#endif
