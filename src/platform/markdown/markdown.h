/*
 * Markdown to HTML: CommonMark with tables, strike-through and bare web addresses (cmark-gfm). HTML within the text is
 * left out. What comes out still goes through markup_sanitize, which alone decides what pages may hold.
 */
#ifndef PLATFORM_MARKDOWN_MARKDOWN_H
#define PLATFORM_MARKDOWN_MARKDOWN_H

#include "base/buf.h"
#include "base/scope.h"

/**
 * A text that stands for a picture of the page, found by the name or address that the Markdown gives it, with what it
 * shows; STR_NONE: what it shows is written in its place. In the arena of its caller.
 */
typedef str markdown_picture(void *user, str address, str alternative);

/**
 * Appends the HTML of a text. picture NULL: no pictures. At most MARKDOWN_BYTES, which also bounds the time.
 * Errors: ERR_TOO_LARGE.
 */
enum err markdown_html(struct scope *scope, str text, markdown_picture *picture, void *user, struct buf *out) must_check;

/* Who is told what a text holds that markdown_html does not write. */
struct markdown_watch {
    void (*html)(void *user, str source);       /* HTML, perhaps several elements */
    void (*picture)(void *user, str address, str alternative);
    void *user;
};

/** Tells of everything of that kind in a text, in its order. Errors: ERR_TOO_LARGE. */
enum err markdown_look(struct scope *scope, str text, const struct markdown_watch *watch) must_check;

#define MARKDOWN_BYTES ((size_t)128 << 10)

#endif
