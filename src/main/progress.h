/* The progress of an import on a terminal: phase, rows, speed, time left. */
#ifndef MAIN_PROGRESS_H
#define MAIN_PROGRESS_H

#include "domain/ingest/ingest.h"

struct progress_bar;

/**
 * Shows how far progress is, on standard error, several times a second until progress_bar_stop. NULL,
 * and nothing is shown, when standard error is no terminal. progress is borrowed.
 */
struct progress_bar *progress_bar_start(struct ingest_progress *progress);

/** Takes the line away. Accepts NULL. */
void progress_bar_stop(struct progress_bar *bar);

#endif
