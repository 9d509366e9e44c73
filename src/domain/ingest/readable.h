/* Making a file readable for the engine. Private to this directory. */
#ifndef DOMAIN_INGEST_READABLE_H
#define DOMAIN_INGEST_READABLE_H

#include "domain/ingest/publish.h"

/* A file the engine can read, perhaps a spooled copy that goes with readable_close. */
struct readable_file {
    const char *path;
    const char *format;  /* csv, json, jsonl, geojson, parquet: what the engine reads */
    const char *found;   /* what the file is */
    bool is_compressed;
    bool is_spooled;
    uint64_t bytes;
    const struct known_column *columns; /* NULL: found out */
    size_t column_count;
    bool has_rows;                      /* see ingest_options */
    bool is_cut;                        /* a sample, and the file has more */
    const struct remark *notes;
    size_t note_count;
    int64_t rows_expected; /* lines of an unpacked text file, about; 0: not known */
};

/**
 * Finds out format, compression and encoding of options->path. Standard input, other encodings than
 * UTF-8 and what the engine does not unpack by itself are copied to the spool directory of data.
 * Errors: ERR_FILE, ERR_DATA (no known format, empty, damaged), ERR_TOO_LARGE (LIMIT_SPOOL_BYTES).
 */
enum err readable_open(struct scope *scope, const struct publish_options *options,
                       const char *data, struct readable_file *ret) must_check;

/**
 * Looks at the whole text of a file that was taken for UTF-8 by its start; when it is Windows-1252,
 * file becomes a converted copy and ret_changed true. Errors: ERR_DATA, naming the line, when it is
 * UTF-8 with faults; as readable_open.
 */
enum err readable_check_encoding(struct scope *scope, const struct publish_options *options,
                                 const char *data, struct readable_file *file, bool *ret_changed)
    must_check;

/** What messages call the file: its path, or "standard input". */
const char *readable_shown_path(const struct publish_options *options);

/** Removes the spooled copy, if any. */
void readable_close(struct readable_file *file);

#endif
