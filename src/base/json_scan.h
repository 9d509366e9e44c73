/*
 * The structure of JSON of any size, byte by byte and in constant memory: where objects, lists, their
 * members and items begin and end. Texts and words (numbers, true, NaN …) are only passed over: who reads
 * a value checks it. One document may follow the other, and a comma may stand before a closing bracket.
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include "base/str.h"

#define JSON_SCAN_DEPTH 1024 /* brackets open at once */

enum json_token {
    JSON_INSIDE, /* of a text or a word, or white space */
    JSON_OPEN,   /* { or [; depth is that inside */
    JSON_CLOSE,  /* } or ]; depth is that outside */
    JSON_COMMA,  /* behind an item or a member */
    JSON_COLON,  /* behind a key */
    JSON_FAULT   /* it cannot stand here; the scan is over */
};

/* Zeroed before the first byte. */
struct json_scan {
    int expected; /* of enum json_expected in json_scan.c */
    bool in_text, is_escaped, in_word;
    size_t depth;
    uint8_t objects[JSON_SCAN_DEPTH / 8]; /* bit i set: the bracket at depth i + 1 is { */
    uint64_t bytes;                       /* passed so far */
    uint64_t lines;                       /* ended so far */
    uint64_t line_start;                  /* bytes before the current line */
};

enum json_token json_scan_byte(struct json_scan *scan, char c);

/** Whether bytes so far are whole documents. */
bool json_scan_is_whole(const struct json_scan *scan);

/** What could stand where the scan is, in words for a message: "a value or ]". */
const char *json_scan_expected(const struct json_scan *scan);

#endif
