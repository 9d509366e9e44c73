/* Character encodings of files: recognising, and turning a stream into UTF-8 (ICU). */
#ifndef PLATFORM_TEXT_DECODE_H
#define PLATFORM_TEXT_DECODE_H

#include "base/buf.h"
#include "base/scope.h"

enum encoding { ENCODING_UTF8, ENCODING_UTF16LE, ENCODING_UTF16BE, ENCODING_WINDOWS_1252 };

const char *encoding_name(enum encoding encoding);

/**
 * Recognises the encoding from the first bytes of a file (a byte order mark, zero bytes, or whether
 * the bytes are well-formed UTF-8; a sequence cut at the end does not count). ret_mark_bytes is
 * the length of the byte order mark.
 */
enum encoding encoding_recognise(str start, size_t *ret_mark_bytes);

/* What a whole text looks like; zeroed before the first block. */
struct encoding_survey {
    uint64_t sequences;   /* well-formed ones of several bytes */
    uint64_t broken;      /* bytes that are no UTF-8 */
    uint64_t broken_line; /* line (from 1) of the first one; 0: none */
    uint64_t newlines;
    int pending;          /* bytes the current sequence still needs */
    unsigned char low, high; /* between which its next byte must lie */
};

/** Takes the next bytes of a text into account. */
void encoding_survey_feed(struct encoding_survey *survey, str bytes);

/**
 * Encoding of a text that was taken for UTF-8 and is not wholly: Windows-1252 unless most of what is
 * not ASCII is well-formed; then it is UTF-8 with faults.
 */
enum encoding encoding_of_survey(const struct encoding_survey *survey);

struct decoder;

/** Undone by decoder_close. */
struct decoder *decoder_open(enum encoding encoding);
void decoder_close(struct decoder *decoder);

/**
 * Appends bytes as UTF-8 to out, keeping an unfinished sequence for the next call; last says that
 * none follows. Errors: ERR_DATA with the byte offset of what is malformed.
 */
enum err decoder_feed(struct scope *scope, struct decoder *decoder, str bytes, bool last,
                      struct buf *out) must_check;

#endif
