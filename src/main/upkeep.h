/* A thread that deletes what has had its time, so that a long deletion or a locked catalogue holds up nobody. */
#ifndef MAIN_UPKEEP_H
#define MAIN_UPKEEP_H

#include "web/shell/call.h"

struct upkeep;

/** Begins: at once, then every minute. Without a thread nothing is deleted, which is logged. Undone by upkeep_stop. */
struct upkeep *upkeep_start(struct app *app);

/** Ends soon, also while it waits for a lock. Accepts NULL. */
void upkeep_stop(struct upkeep *upkeep);

#endif
