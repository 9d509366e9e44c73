/*
 * Lines of a page that show a table, a map or a chart of a dataset:
 *   {{table communes?refine.region=Bretagne | title=Communes of Brittany | height=420}}
 * Pure; any bytes.
 */
#ifndef DOMAIN_SITE_EMBED_H
#define DOMAIN_SITE_EMBED_H

#include "base/str.h"
#include "base/vec.h"

enum embed_kind { EMBED_TABLE, EMBED_MAP, EMBED_CHART, EMBED__COUNT };

struct embed_line {
    enum embed_kind kind;
    str dataset;  /* its id */
    str query;    /* of the frame's address, percent-coded, without ?; perhaps empty */
    str title;    /* perhaps empty */
    int64_t height; /* pixels */
    str source;   /* the line */
};

#define EMBED_HEIGHT 420

/** "table", "map", "chart". */
const char *embed_kind_name(enum embed_kind kind);

/** Reads a line; false: it is none of these. */
bool embed_line_read(struct arena *arena, str line, struct embed_line *ret_line);

/**
 * The text with lines of this kind in place of codes that show the same on other sites: <iframe src="BASE/embed/dataset/…">
 * of the portal at base. Codes within code stay. *ret_count: how many there were. In the arena.
 */
str embed_codes_take(struct arena *arena, str text, str base, size_t *ret_count);

/* Code between fences stays what it is (CommonMark 4.5); so does what four blanks indent. */
struct embed_fence {
    char symbol; /* 0: none is open */
    size_t count;
};

/** Whether a line is code, behind the lines that the fence has followed. */
bool embed_fence_follow(struct embed_fence *fence, str line);

#define EMBEDS_MOST 20

struct embed_lines {
    struct embed_line items[EMBEDS_MOST];
    size_t count;
    str mark; /* followed by a number of 3 digits and "x", it stands for a line in text */
};

/**
 * The text with a mark in place of each such line that is no code. The mark is nowhere else in the text. What
 * passes EMBEDS_MOST stays as it is.
 */
str embed_lines_take(struct arena *arena, str text, struct embed_lines *ret_lines);

#endif
