/*
 * From a file to the current version of a dataset: the file is made readable (standard input and
 * other encodings are spooled), loaded aside, indexed, sealed, and made current in one catalogue
 * transaction. Until that transaction nothing has changed for readers.
 */
#ifndef DOMAIN_INGEST_PUBLISH_H
#define DOMAIN_INGEST_PUBLISH_H

#include "domain/catalog/catalog.h"
#include "domain/ingest/ingest.h"

#define SHEET_HEADER_FIND -1

/* A further file, whose records follow in the same version. */
struct publish_source {
    const char *path, *shown_name;
};

/* Sheets of a workbook, or layers of a map, to choose from. */
struct publish_parts {
    bool are_sheets;
    const str *names; /* in the scope's arena */
    size_t count;
};

struct publish_options {
    const char *path;          /* "-": standard input */
    const char *shown_name;    /* what messages call it, and the version says of where it is from; NULL: path */
    const struct publish_source *more; /* with the same columns, or some of them, and others */
    size_t more_count;
    int64_t sample_rows;       /* only so many rows from the start, about; 0: all */
    struct publish_parts *parts; /* gets what there is to choose from, also when reading fails; NULL: nobody asks */
    bool is_unpacked;          /* the file was in an archive; there is no other one in it */
    const char *format;        /* NULL: found out */
    const char *layer;         /* of a file that has several; NULL: the only one */
    const char *sheet;         /* of a workbook: name, or number from 1; NULL: the first with records */
    int64_t header_row;        /* of a sheet; 0: it has none; SHEET_HEADER_FIND */
    int64_t source_epsg;       /* reference system of a file that does not say it; 0: none */
    str dataset_id;
    str dataset_uid; /* of the dataset that this id must have; empty: of whichever has it, or of a new one */
    str metadata;              /* as metadata_read gives it; p == NULL: keep */
    str title;                 /* replaces default.title; p == NULL: as in metadata */
    const struct field_wish *wishes;
    size_t wish_count;
    const struct point_wish *points;
    size_t point_count;
    bool skip_bad_rows;
    bool empty_bad_cells;      /* values that do not fit are left empty, and their rows stay */
    language language;         /* of what is said in the version's note besides */
    bool is_restricted;        /* a new dataset is for administrators only */
    bool keeps_fields;         /* refuses a file that lacks fields of the current version, or has others in their place */
    bool appends;              /* keep the records there are; else they are replaced */
    str author;                /* who publishes, a sign-in name; empty: the command line */
    str note;                  /* what is new, for people; may be empty */
    int keep;
    uint64_t memory_bytes;
    int threads;
    struct ingest_progress *progress; /* NULL: nobody looks */
};

struct publish_result {
    int64_t version;
    int64_t rows;
    int64_t rejected;
    int64_t emptied; /* cells that were left empty */
    str rejects_path;
    size_t fields;
    const struct remark *notes; /* what the caller should be told, in the scope's arena */
    size_t note_count;
};

/**
 * Publishes. Errors: ERR_USAGE (dataset id, format), ERR_FILE, ERR_DATA, ERR_METADATA, ERR_CONFLICT,
 * ERR_DATABASE; on any of them nothing is published.
 */
enum err publish_file(struct scope *scope, struct catalog *catalog,
                      const struct publish_options *options, struct publish_result *ret_result)
    must_check;

/** Removes what interrupted imports left behind. Returns the number of files. */
size_t publish_remove_debris(struct scope *scope, struct catalog *catalog);

#endif
