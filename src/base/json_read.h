/*
 * Reading small JSON documents (metadata, settings, request bodies) with jansson, bounded by
 * LIMIT_JSON_BYTES and LIMIT_JSON_DEPTH. Data files are not read with this.
 */
#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include <jansson.h>

#include "base/scope.h"

/**
 * Parses one JSON value. what names the document in the error ("metadata file x.json").
 * The caller owns the result and drops it with json_decref (see json_cleanup).
 * Errors: code (given by the caller), with line and column.
 */
enum err json_read(struct scope *scope, enum err code, str text, const char *what,
                   json_t **ret_value) must_check;

/* Where a text stops being JSON. */
struct json_fault {
    int line, column; /* from 1 */
    str reason;
};

/**
 * Looks for the fault of a text that is not one JSON value. False when it has none, or when it is larger
 * or deeper than the limits and none is looked for. reason lives in the arena.
 */
bool json_find_fault(struct arena *arena, str text, struct json_fault *ret_fault);

/** Text of a JSON string; borrowed from value. STR_NONE when value is not a string. */
str json_read_text(const json_t *value);

/** For cleanup_with: drops the reference. */
void json_cleanup(json_t **value);

#endif
