/*
 * Formats of exported records. A format is a row of formats.def: the list of formats, the export
 * itself, the refusal of unknown ones and the documentation read the same rows.
 *
 * A format with an encoder is written batch by batch into a buffer that the caller empties; one
 * without is a file that the engine writes whole (spool.h).
 */
#ifndef DOMAIN_RECORDS_FORMAT_H
#define DOMAIN_RECORDS_FORMAT_H

#include "domain/odsql/odsql.h"
#include "platform/db/cell.h"
#include "platform/text/zone.h"

struct rendered;

struct format_options {
    const struct zone *zone; /* in which instants are shown */
    char delimiter;          /* csv: between cells */
    str list_separator;      /* csv: between the items of a list */
    bool quote_all;          /* csv: quotes around everything but numbers, booleans and nulls */
    bool with_bom;           /* csv: byte order mark first */
    bool use_labels;         /* csv, parquet: labels of fields in place of their names */
    str compression;         /* parquet: "snappy" or "zstd" */
};

/** Options as they are when a request names none. Source: explore-api.md 2.9. */
struct format_options format_options_default(void);

/* One export under way; made by writing_begin. */
struct writing {
    const struct output *outputs; /* borrowed */
    size_t output_count;
    struct format_options options;
    struct rendered *rendered;    /* per output, refreshed with every batch */
    struct buf *out;              /* borrowed; the caller may empty it between calls */
    uint64_t records;             /* written so far */
};

struct format_encoder {
    void (*begin)(struct writing *writing); /* what comes before the first record */
    void (*batch)(struct writing *writing, const struct batch *batch);
    void (*end)(struct writing *writing);   /* what comes after the last record */
};

extern const struct format_encoder encoder_csv;
extern const struct format_encoder encoder_json;
extern const struct format_encoder encoder_jsonl;

struct format {
    str name;                      /* in the path of the export and in the list */
    str extension;                 /* of the file name, without dot */
    str content_type;
    bool is_geographic;            /* offered only for datasets with a geographic field */
    const struct format_encoder *encoder; /* NULL: the engine writes a file */
};

/** All formats in the order of the list. */
const struct format *formats_all(size_t *ret_count);

/** Format of that exact name, or NULL. */
const struct format *format_find(str name);

/** Column heading of an output: its name, or with use_labels the label of a field not renamed. */
str format_heading(const struct output *output, const struct format_options *options);

/** Prepares an export of outputs into out. The result lives in arena. */
struct writing writing_begin(struct arena *arena, const struct output *outputs, size_t output_count,
                             const struct format_options *options, struct buf *out);

/**
 * Writes one record as a JSON object in the form of explore-api.md 4.2, without its closing brace,
 * so that the caller may add keys. The batch must have been taken into view with writing_view.
 */
void json_record_open(struct writing *writing, size_t row);

/** Takes a batch into view for json_record_open. */
void writing_view(struct writing *writing, const struct batch *batch);

#endif
