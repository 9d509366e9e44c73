/*
 * Where in HTML a template stands. The literal text is fed piece by piece; between the pieces
 * values, sections and other templates ask whether they may stand there. Functions return NULL or
 * what is wrong, for the author of the template.
 */
#ifndef PLATFORM_TPL_PLACE_H
#define PLATFORM_TPL_PLACE_H

#include "platform/tpl/tpl.h"

#define PLACE_NAME_BYTES 24 /* kept of names of elements and attributes; none that matters is longer */

enum html_state {
    HTML_TEXT,
    HTML_RCDATA,   /* title, textarea: text up to the end tag */
    HTML_RAW,      /* script, style and their like */
    HTML_OPEN,     /* behind < */
    HTML_OPEN_END, /* behind </ */
    HTML_MARKUP,   /* behind <!, perhaps a comment */
    HTML_COMMENT,
    HTML_BOGUS, /* <!doctype …>, <?…> */
    HTML_ELEMENT,
    HTML_TAG, /* between attributes */
    HTML_ATTRIBUTE,
    HTML_ATTRIBUTE_END, /* a name and blanks */
    HTML_EQUALS,
    HTML_DOUBLE, /* in a value, by its quotes */
    HTML_SINGLE,
    HTML_UNQUOTED,
    HTML_VALUE_END,
    HTML_BOUNDARY /* behind a section in a tag: a blank or the tag's end must follow */
};

enum attribute_kind {
    ATTRIBUTE_PLAIN,
    ATTRIBUTE_URL,
    ATTRIBUTE_CONTENT, /* of meta: with http-equiv it may be an address */
    ATTRIBUTE_HTTP_EQUIV,
    ATTRIBUTE_LITERAL /* script, style, HTML or lists of addresses: no values */
};

/* How far an address has come. The order of PATH, QUERY, FRAGMENT is that of an address. */
enum url_state {
    URL_EMPTY,
    URL_SLASH, /* one / at the start */
    URL_PATH,
    URL_QUERY,
    URL_FRAGMENT,
    URL_RELATIVE,  /* not yet known whether path or scheme */
    URL_AUTHORITY, /* right behind // */
    URL_HOST,
    URL_WHOLE, /* a whole address was placed at the start */
    URL_CLOSED /* no values from here on */
};

struct html_place {
    enum html_state state;
    enum attribute_kind kind;
    enum url_state url;
    bool is_end_tag;
    bool has_http_equiv; /* of the current tag */
    bool has_content;
    bool comment_has_text;
    size_t matched; /* of an end tag in RCDATA and RAW, of --> in a comment */
    size_t url_bytes;
    char url_start[8];
    size_t element_bytes;
    size_t attribute_bytes;
    char element[PLACE_NAME_BYTES];
    char attribute[PLACE_NAME_BYTES];
};

/* How a value is written. */
enum escape {
    ESCAPE_HTML,
    ESCAPE_NONE,     /* struct html */
    ESCAPE_URL,      /* a whole address */
    ESCAPE_SEGMENT,  /* percent-coded, never empty, "." or ".." */
    ESCAPE_COMPONENT /* percent-coded */
};

/** Moves over literal text. *ret_at is where in it the fault is. */
const char *place_feed(struct html_place *place, str literal, size_t *ret_at);

/** Whether a value of a type, or a message, may stand here, and how it is written. */
const char *place_value(struct html_place *place, enum tpl_type type, enum escape *ret_escape);

/** Enters the body of a section, which may come again when is_list. */
const char *place_section(struct html_place *place, bool is_list);

/** Leaves it: place was before when the section began. */
const char *place_section_end(struct html_place *place, const struct html_place *before);

/** Whether another template may stand here; and whether a template may begin or end here. */
const char *place_part(const struct html_place *place);

#endif
