/*
 * Formats of exported records. A format is a row of formats.def: the list of formats, the export
 * itself, the refusal of unknown ones and the documentation read the same rows.
 *
 * A format with an encoder is written batch by batch into a buffer that the caller empties; one
 * without is a file that is written whole (spool.h) before it is sent.
 */
#ifndef DOMAIN_RECORDS_FORMAT_H
#define DOMAIN_RECORDS_FORMAT_H

#include "domain/odsql/odsql.h"
#include "platform/db/cell.h"
#include "platform/text/zone.h"

struct rendered;
struct records_lease;
struct spool;

struct format_options {
    const struct zone *zone; /* in which instants are shown */
    char delimiter;          /* csv: between cells */
    str list_separator;      /* csv and others that write lists as one text: between the items */
    bool quote_all;          /* csv: quotes around everything but numbers, booleans and nulls */
    bool with_bom;           /* csv: byte order mark first */
    bool use_labels;         /* formats with column names: labels of fields in place of their names */
    str compression;         /* parquet: "snappy" or "zstd" */
    int64_t epsg;            /* geographic formats: number of the reference system; 4326 is WGS 84 */
    str name_field;          /* gpx: output that gives the name; p == NULL: none */
    const str *description_fields; /* gpx: outputs that give the description */
    size_t description_field_count;
    bool use_extension;      /* gpx: other outputs as <extensions>, else in the description */
    str dataset_id, title;   /* for formats that name what they hold; set by the caller */
};

/** Options as they are when a request names none. Source: explore-api.md 2.9. */
struct format_options format_options_default(void);

/* What format_delimiter_find and format_compression_find take, for messages. */
#define FORMAT_DELIMITERS "one of ; , TAB |"
#define FORMAT_COMPRESSIONS "snappy or zstd"

/** Delimiter of csv as people write it ("tab" and "\\t" too); false: there is none such. */
bool format_delimiter_find(str text, char *ret_delimiter);

/** Compression of parquet, in any letter case; false: there is none such. */
bool format_compression_find(str text, str *ret_compression);

/** Names separated by commas, without empty ones. In the arena, borrowing from text. */
const str *format_names_read(struct arena *arena, str text, size_t *ret_count);

/* One export under way; made by writing_begin. */
struct writing {
    struct scope *scope;          /* takes the failure */
    const struct output *outputs; /* borrowed */
    size_t output_count;
    struct format_options options;
    struct rendered *rendered;    /* per output, refreshed with every batch */
    struct buf *out;              /* borrowed; the caller may empty it between calls */
    uint64_t records;             /* written so far */
    void *state;                  /* the encoder's own */
};

/*
 * begin, then a call a batch, then end; close in any case, also after a failure or without begin's
 * success. Members that do nothing are NULL.
 */
struct format_encoder {
    enum err (*begin)(struct writing *writing); /* what comes before the first record */
    enum err (*batch)(struct writing *writing, const struct batch *batch);
    enum err (*end)(struct writing *writing);   /* what comes after the last record */
    void (*close)(struct writing *writing);     /* frees state */
};

extern const struct format_encoder encoder_csv;
extern const struct format_encoder encoder_json;
extern const struct format_encoder encoder_jsonl;
extern const struct format_encoder encoder_geojson;
extern const struct format_encoder encoder_kml;

/** Writes the rows of a plan as a whole file in the spool directory. Errors: as spool_parquet. */
typedef enum err format_file_writer(struct scope *scope, struct records_lease *lease,
                                    const struct plan *plan, const struct format_options *options,
                                    struct spool *ret_spool);

#define FORMAT_XLSX_RECORDS_MOST 1048575 /* a sheet's rows without the first one, which has the names */
#define FORMAT_SHP_RECORDS_MOST 50000    /* explore-api.md 4.4 */
#define FORMAT_MVT_RECORDS_MOST 50000    /* cutting tiles takes a minute for as many points all over the globe */

enum format_flag {
    FORMAT_GEOGRAPHIC = 1, /* offered only for datasets with a geographic field */
    FORMAT_JSON = 2,       /* values that are JSON are embedded as such (json_format) */
    FORMAT_WKB = 4,        /* takes shapes as WKB: clauses.shapes_as_wkb must be set */
    FORMAT_DEGREES = 8,    /* is in WGS 84 by definition */
    FORMAT_KEPT = 16       /* that of a whole version is a file kept with it (kept.h) */
};

struct format {
    str name;                      /* in the path of the export and in the list */
    str extension;                 /* of the file name, without dot */
    str content_type;
    unsigned flags;                /* of enum format_flag */
    const struct format_encoder *encoder; /* NULL: write_file */
    format_file_writer *write_file;       /* NULL: encoder */
    int64_t records_most;                 /* 0: any number */
};

/** Sets what the format asks of the clauses (json_as_text, shapes_as_wkb) before they are compiled. */
void format_prepare(const struct format *format, struct clauses *clauses);

/** All formats in the order of the list. */
const struct format *formats_all(size_t *ret_count);

/** Format of that exact name, or NULL. */
const struct format *format_find(str name);

#define NO_OUTPUT SIZE_MAX

/** The output that is the geometry of a record: the first shape, else the first point; NO_OUTPUT: none. */
size_t format_geometry(const struct output *outputs, size_t count);

/**
 * Refuses what a format cannot write, before anything is sent.
 * Errors: ERR_PARAMETER (no geometry among the outputs; a reference system the format has not).
 */
enum err format_check(struct scope *scope, const struct format *format, const struct plan *plan,
                      const struct format_options *options) must_check;

/** Column heading of an output: its name, or with use_labels the label of a field not renamed. */
str format_heading(const struct output *output, const struct format_options *options);

/** Those of all outputs, told apart where formats do not: a name that is taken gets " (2)". In the arena. */
const str *format_headings(struct arena *arena, const struct output *outputs, size_t count,
                           const struct format_options *options);

/** Prepares an export of outputs into out. The result lives in the scope's arena. */
struct writing writing_begin(struct scope *scope, const struct output *outputs, size_t output_count,
                             const struct format_options *options, struct buf *out);

/** The calls of an encoder, where members that are NULL do nothing. Errors: those of the format. */
enum err writing_start(const struct format_encoder *encoder, struct writing *writing) must_check;
enum err writing_batch(const struct format_encoder *encoder, struct writing *writing,
                       const struct batch *batch) must_check;
enum err writing_end(const struct format_encoder *encoder, struct writing *writing) must_check;
void writing_close(const struct format_encoder *encoder, struct writing *writing);

/**
 * Writes one record as a JSON object in the form of explore-api.md 4.2, without its closing brace,
 * so that the caller may add keys. The batch must have been taken into view with writing_view.
 */
void json_record_open(struct writing *writing, size_t row);

/** Appends a text as a cell of CSV: in quotes where it needs them, or with quote_all. */
void csv_write_text(struct buf *out, const struct format_options *options, str text);

/** Takes a batch into view for json_record_open. */
void writing_view(struct writing *writing, const struct batch *batch);

#endif
