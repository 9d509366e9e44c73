/* A file opened for loading: a relation and its columns as SQL. Private to this directory. */
#ifndef DOMAIN_INGEST_SOURCE_H
#define DOMAIN_INGEST_SOURCE_H

#include "domain/ingest/infer.h"
#include "domain/ingest/ingest.h"

struct source_column {
    str label;
    struct sql value;  /* raw text: a CSV cell, or raw JSON; Parquet: the column */
    bool has_type;     /* Parquet: the file says it */
    enum field_type type;
    bool is_list;
    bool is_declared;  /* the type is known, and the values are read as JSON */
    /* what the survey found */
    int mask;          /* types all values seen so far allow */
    bool commas;       /* more values are decimals with a comma than with a point */
    bool day_first;    /* more values are dd/mm/yyyy than yyyy-mm-dd */
    bool repeats;      /* the same values come again and again */
};

struct file_source {
    struct sql relation;         /* what stands behind FROM */
    struct sql sample_relation;  /* the same, cut after some thousand rows */
    const char *mask_function;   /* text_mask, over values as text, or json_mask */
    struct source_column *columns;
    size_t count;
    /* CSV only */
    char quote;
    bool has_header;
    int64_t skipped_lines;
};

#define SAMPLE_ROWS 20480 /* of sample_relation */

/** serial: with one thread, which quoted newlines in a file with short rows need. */
enum err source_open_csv(struct scope *scope, struct db_lease *lease,
                         const struct ingest_options *options, bool serial,
                         struct file_source *ret) must_check;
enum err source_open_json(struct scope *scope, struct db_lease *lease,
                          const struct ingest_options *options, struct file_source *ret) must_check;
/**
 * Makes the temporary table raw (j JSON) of the features of a GeoJSON file. Errors: ERR_DATA, ERR_TOO_LARGE
 * (collection.h), ERR_FILE, those of db_run.
 */
enum err source_load_features(struct scope *scope, struct db_lease *lease,
                              const struct ingest_options *options) must_check;
enum err source_open_parquet(struct scope *scope, struct db_lease *lease,
                             const struct ingest_options *options, struct file_source *ret)
    must_check;

/**
 * Runs a statement that yields one row a name; texts are copied. Errors: those of db_run; ERR_DATA (more
 * than LIMIT_FIELDS).
 */
enum err source_list_texts(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                           str **ret_texts, size_t *ret_count) must_check;

/** Finds the place of a fault in a JSON, JSON Lines or GeoJSON file that the engine refused. */
bool source_find_json_fault(struct arena *arena, const struct ingest_options *options,
                            struct json_fault *ret_fault);

/**
 * Turns an engine failure (ERR_DATABASE) while reading a file into ERR_DATA with the line and the
 * first words of the engine's message; anything else passes through.
 */
enum err source_explain(struct scope *scope, const struct ingest_options *options,
                        enum err result) must_check;

#endif
