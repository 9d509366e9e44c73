/*
 * Cuts a GeoJSON FeatureCollection into the texts of its features, in bounded memory: bytes go in block by
 * block, features come out one at a time. Brackets, commas and colons are checked everywhere, values
 * nowhere: who reads a feature does that. Members other than "features" are passed over, wherever they stand.
 */
#ifndef DOMAIN_INGEST_COLLECTION_H
#define DOMAIN_INGEST_COLLECTION_H

#include "base/buf.h"
#include "base/json_scan.h"
#include "base/scope.h"

/** Takes one feature, which lives until it returns. A failure ends the reading. */
typedef enum err feature_taker(void *user, str feature);

struct collection {
    struct scope *scope;
    const char *shown_path; /* for messages */
    feature_taker *take;
    void *user;
    /* Zeroed. */
    struct json_scan scan;
    struct buf text;        /* the key or the feature at hand */
    bool in_key, in_features;
    bool is_features;       /* the last key was "features" */
    bool has_features;      /* of the document at hand, or of the last one */
    uint64_t count;         /* of features taken */
};

/**
 * Reads on. Errors: ERR_DATA (malformed, with line, column and byte; not an object with a list
 * "features"), ERR_TOO_LARGE (a feature above LIMIT_RECORD_BYTES), those of take.
 */
enum err collection_feed(struct collection *collection, str bytes) must_check;

/** ERR_DATA when the document is cut off, or there was none. */
enum err collection_finish(struct collection *collection) must_check;

/** For cleanup_with. */
void collection_done(struct collection *collection);

#endif
