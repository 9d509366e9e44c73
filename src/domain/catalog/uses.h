/*
 * How much datasets are used, as everybody may know it: what is too little to be told, or not public, is not here. Kept in
 * the stored metadata ("uses"), like reuses beside what is described, and set once a day by who counts. So that they are
 * metadata as any other (template "explore"), and cost a page no more.
 */
#ifndef DOMAIN_CATALOG_USES_H
#define DOMAIN_CATALOG_USES_H

#include "domain/catalog/catalog.h"

/* Members of "uses", in their order. explore: the metadata of the template of that name; else of the last days alone. */
enum use_figure {
    USE_POPULARITY,   /* popularity_score */
    USE_DOWNLOADS,    /* download_count: of all time, as are the next two */
    USE_CALLS,        /* api_call_count */
    USE_ATTACHMENTS,  /* attachment_download_count */
    USE_RECENT_VIEWS, /* of the last days */
    USE_RECENT_DOWNLOADS,
    USE_RECENT_CALLS,
    USE__COUNT
};

#define USE_UNKNOWN (-1) /* nothing, or too little, or not to be told */

struct uses {
    str dataset; /* uid */
    double figures[USE__COUNT];
};

/** None of them known. */
struct uses uses_none(str dataset);

/** Those that stored metadata (parsed) have; the dataset is empty. */
struct uses uses_in(const json_t *metadata);

/** Those of a dataset that is loaded. Errors: ERR_DATABASE. */
enum err uses_of(struct scope *scope, const struct dataset *dataset, struct uses *ret_uses) must_check;

/** A value of the template "explore" that the program makes; CELL_NULL: none. */
cell uses_value(const json_t *metadata, str name);

/**
 * Sets the uses of some datasets, and takes those of all others away. Writes what is different alone, in short
 * transactions; *ret_changed: datasets. Errors: ERR_DATABASE, ERR_BUSY.
 */
enum err catalog_set_uses(struct scope *scope, struct catalog *catalog, const struct uses *uses, size_t count,
                          int64_t *ret_changed) must_check;

#endif
