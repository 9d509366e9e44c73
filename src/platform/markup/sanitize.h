/*
 * HTML that strangers wrote, written anew: elements and attributes of elements.def and attributes.c, all
 * text escaped, every element closed. What is not known is left out, so that nothing a browser reads
 * differently from us can become more than text.
 */
#ifndef PLATFORM_MARKUP_SANITIZE_H
#define PLATFORM_MARKUP_SANITIZE_H

#include "base/buf.h"
#include "base/scope.h"

struct markup_options {
    size_t most_input;  /* bytes that are read; 0: MARKUP_INPUT_BYTES */
    size_t most_output; /* bytes that are written; 0: MARKUP_OUTPUT_BYTES */
    size_t most_depth;  /* lists, tables, quotations … within each other, deeper ones give way to what they hold */
    int top_heading;    /* the level that the highest headings get, 1 to 6; 0: 1. Others follow without gaps. */
    str before_table;   /* HTML of ours around tables that are in no other, such as a div that scrolls */
    str behind_table;
};

#define MARKUP_INPUT_BYTES ((size_t)1 << 20)
#define MARKUP_OUTPUT_BYTES ((size_t)4 << 20)
#define MARKUP_DEPTH 48 /* for most_depth 0, and the most that may be asked for */

/**
 * Appends html made harmless to *out: the content of an element that holds blocks. What is written stays the
 * same when it is sanitised again. Bytes that are no UTF-8 become U+FFFD. A text without any tag gets
 * paragraphs at empty lines, line breaks, and links for web addresses. options: NULL for all defaults.
 * From a tag with hundreds of attributes on all is text. Time and memory grow with the bytes read only.
 * Errors: ERR_TOO_LARGE (input, output), those of scope_check; *out is then as it was.
 */
enum err markup_sanitize(struct scope *scope, str html, const struct markup_options *options,
                         struct buf *out) must_check;

/**
 * The text of html without tags, and without what never shows (scripts, styles); white space is one blank, and so
 * are the edges of blocks. Longer than most_bytes: cut at a word, with an ellipsis. In the arena. Any bytes.
 */
str markup_plain(struct arena *arena, str html, size_t most_bytes);

/** Appends text escaped for content and quoted attribute values. */
void markup_escape(struct buf *out, str text);

#endif
