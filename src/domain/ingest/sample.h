/* The start of a text file, cut so that it can be read. Private to this directory. */
#ifndef DOMAIN_INGEST_SAMPLE_H
#define DOMAIN_INGEST_SAMPLE_H

#include "base/scope.h"

#define SAMPLE_BYTES (8 << 20)

/**
 * Cuts a file, the start of another one, behind its last whole record, and closes what its JSON has open. format: csv,
 * json, jsonl, geojson; shown is what messages call it. Errors: ERR_DATA (not one record is whole), ERR_FILE.
 */
enum err sample_cut(struct scope *scope, const char *path, const char *shown, const char *format) must_check;

/** Where the last whole record of a text ends; 0: there is none. ret_closing: what is to follow it. */
size_t sample_end(str text, const char *format, const char **ret_closing);

#endif
