/* What the files of this directory share. */
#ifndef PLATFORM_MARKUP_MARKUP_INTERNAL_H
#define PLATFORM_MARKUP_MARKUP_INTERNAL_H

#include "base/vec.h"
#include "platform/markup/sanitize.h"

/* ---- elements.c ---- */

enum element_role {
    ROLE_NONE,      /* unknown: its tags are left out, its content stays */
    ROLE_RAW,       /* dropped with its content, which is text up to the end tag */
    ROLE_DROPPED,   /* dropped with all within */
    ROLE_EMPTY,     /* dropped, holds nothing */
    ROLE_BREAK,
    ROLE_RULE,
    ROLE_IMAGE,
    ROLE_INLINE,
    ROLE_ONCE,      /* inline, and says nothing more within itself */
    ROLE_PARAGRAPH, /* from here on blocks; it ends where another block begins */
    ROLE_HOLDER,    /* holds text only; paragraphs within are no more than a blank */
    ROLE_FLOW,      /* holds text and blocks */
    ROLE_WRAPPING,  /* holds blocks; text becomes a paragraph */
    ROLE_GROUP,     /* the same, but is not written itself */
    ROLE_STRUCTURE  /* holds its parts only */
};

enum element_id {
    ELEMENT_NONE,
#define ELEMENT(id, name, role, parents, ancestors, child) ELEMENT_##id,
#define NAME(name, id)
#include "platform/markup/elements.def"
#undef ELEMENT
#undef NAME
    ELEMENT__COUNT
};
_Static_assert(ELEMENT__COUNT <= 64, "sets of elements are 64 bits");

#define BIT(id) (UINT64_C(1) << ELEMENT_##id)
#define TABLE_BODIES (BIT(THEAD) | BIT(TBODY) | BIT(TFOOT))
#define TABLE_PARTS (BIT(TABLE) | BIT(CAPTION) | TABLE_BODIES | BIT(TR) | BIT(TH) | BIT(TD))
#define HEADINGS (BIT(H1) | BIT(H2) | BIT(H3) | BIT(H4) | BIT(H5) | BIT(H6))

struct element {
    str name; /* as it is written */
    enum element_role role;
    uint64_t parents, ancestors;
    enum element_id child;
};

extern const struct element elements[ELEMENT__COUNT];

static inline bool element_is_one_of(enum element_id id, uint64_t set)
{
    return (set >> id) & 1;
}

/** By its name in any case; ELEMENT_NONE: not known. */
enum element_id element_find(str name);

/* ---- clean.c ---- */

/** Valid UTF-8 without control characters but tab and line feed. html itself when it is so already. */
str clean_text(struct arena *arena, str html);

/** Appends what the parser decoded: references to 128 to 159 are windows-1252, as in browsers, other controls go. */
void add_meant(struct buf *out, str decoded);

/* ---- read.c: tags and text, in the order of the document ---- */

enum attribute_id {
    ATTRIBUTE_ALT,
    ATTRIBUTE_COLSPAN,
    ATTRIBUTE_DATETIME,
    ATTRIBUTE_DIR,
    ATTRIBUTE_HREF,
    ATTRIBUTE_LANG,
    ATTRIBUTE_ROWSPAN,
    ATTRIBUTE_SCOPE,
    ATTRIBUTE_SRC,
    ATTRIBUTE_START,
    ATTRIBUTE_TITLE,
    ATTRIBUTE__COUNT
};

enum piece_kind { PIECE_TEXT, PIECE_START, PIECE_STOP };

struct piece {
    enum piece_kind kind;
    str text;
    enum element_id id;               /* never one that is dropped */
    str attributes[ATTRIBUTE__COUNT]; /* p NULL: not given */
};

/** Gets a piece, whose texts live until it returns; false: no more of them. */
typedef bool (*piece_taker)(void *user, const struct piece *piece);

/**
 * Gives the pieces of clean text; what is dropped with its content is passed over. From a tag with too many
 * attributes on all is text.
 */
void markup_read(struct arena *arena, str html, piece_taker take, void *user);

/** Whether there is nothing that looks like a tag or a comment. */
bool markup_is_plain(str html);

/* ---- address.c ---- */

/**
 * Whether an address may be linked to: http, https, mailto, tel, a path of this host, a fragment. As browsers
 * do, white space around it and line breaks within are taken out first. *ret_address is what to write, not
 * yet escaped; *ret_elsewhere: on the web.
 */
bool address_check(struct arena *arena, str address, str *ret_address, bool *ret_elsewhere);

/* ---- attributes.c ---- */

/** The value of an attribute, without white space around it; p NULL: not given. */
str attribute_value(struct arena *arena, const struct piece *piece, enum attribute_id id);

/** All attributes of an element as they are written, each with a blank before it. For a without an address: p NULL. */
str attributes_written(struct arena *arena, const struct piece *piece);

/** Those of a link. */
str attributes_of_link(struct arena *arena, str address, bool is_elsewhere);

/* ---- writer.c ---- */

/* An element that is open in the document that is written. */
struct open_element {
    enum element_id id;
    uint32_t serial;
    bool is_silent;  /* kept to match its end tag only */
    bool is_implied; /* no tag began it */
    str attributes;
};

#define OPEN_ROOM (4 * MARKUP_DEPTH + 40) /* the body, row and cell of each table; what is implied; inline elements */

struct markup_writer {
    struct scope *scope;
    struct buf *out;
    size_t from;     /* of out: what stood before is somebody else's */
    struct open_element written[OPEN_ROOM];
    size_t written_count;
    size_t tables;        /* of written */
    str before_table, behind_table;
    VEC(size_t) headings; /* where in out their levels stand */
};

/** Ends the elements behind the first keep. */
void written_close(struct markup_writer *writer, size_t keep);

/** Begins an element within those that are open. */
void written_open(struct markup_writer *writer, const struct open_element *element);

/** Whether the element is open in what is written. */
bool written_is_open(const struct markup_writer *writer, uint32_t serial);

/** Gives the headings their levels, the highest that there are top. All elements are closed. */
void written_set_headings(struct markup_writer *writer, int top);

/* ---- builder.c: where each piece belongs ---- */

struct builder {
    struct markup_writer writer;
    struct open_element stack[OPEN_ROOM]; /* the first is the place of the whole */
    size_t count;
    size_t inlines; /* of count */
    size_t depth;   /* those of count that can stand within themselves */
    size_t most_depth;
    uint32_t serial;
    bool wants_blank; /* before the next text of the same holder */
};

void builder_init(struct builder *builder, struct scope *scope, size_t most_depth, struct buf *out);
void builder_start(struct builder *builder, const struct piece *piece);
void builder_stop(struct builder *builder, enum element_id id);
void builder_text(struct builder *builder, str text);

/** A link with its text. */
void builder_link(struct builder *builder, str attributes, str text);

/** Closes everything. */
void builder_finish(struct builder *builder);

#endif
