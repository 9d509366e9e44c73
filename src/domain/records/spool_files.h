/*
 * Temporary files below DATA/spool. Several processes share the directory (a server, imports), so
 * each name carries the process that made it; what a killed process left is removed at the next start.
 */
#ifndef DOMAIN_RECORDS_SPOOL_FILES_H
#define DOMAIN_RECORDS_SPOOL_FILES_H

#include "base/str.h"

/** A name that no other call yields: DIRECTORY/KIND-PROCESS-NUMBER. kind: "import", "export", "engine". */
str spool_name(struct arena *arena, const char *directory, const char *kind);

/** Removes a file, or a directory with the files in it. */
void spool_remove(const char *path);

/**
 * Removes files and directories of processes that have ended, also the engine's "tmp_…" beside them.
 * Returns how many.
 */
size_t spool_remove_debris(const char *directory);

#endif
