/* What parse.c, compile.c and render.c share. */
#ifndef PLATFORM_TPL_TPL_INTERNAL_H
#define PLATFORM_TPL_TPL_INTERNAL_H

#include "platform/tpl/place.h"

#define TPL_LEVELS_MOST 8    /* lists within lists */
#define TPL_DEPTH_MOST 32    /* sections and parts within each other */
#define TPL_NODES_MOST 65536 /* of one page with its parts */
#define TPL_NAME_MOST 100    /* bytes of a member, key or part */

/* A template file; static text made by tools/embed.mjs. */
struct tpl_source {
    const char *name;
    str text;
};

extern const struct tpl_source tpl_sources[];
extern const size_t tpl_sources_count;

/** tpl_open with other files, which must live as long as the result. */
enum err tpl_open_sources(struct scope *scope, const struct tpl_source *sources,
                          size_t source_count, const struct tpl_binding *const *bindings,
                          size_t count, struct tpl **ret_tpl) must_check;

/* ---- reading: parse.c ---- */

enum token_kind {
    TOKEN_END,
    TOKEN_LITERAL,
    TOKEN_COMMENT,
    TOKEN_VALUE,
    TOKEN_MESSAGE,
    TOKEN_SECTION,
    TOKEN_INVERTED,
    TOKEN_CLOSE,
    TOKEN_PART
};

struct token {
    enum token_kind kind;
    size_t at; /* in the text */
    str text;  /* literal, or name without its sign */
};

struct reader {
    str text;
    size_t at;
};

/** The next token, or what is wrong at ret_token->at. */
const char *reader_next(struct reader *reader, struct token *ret_token);

/* ---- the compiled page ---- */

/* Where a value is: a member of the struct at a level, 0 being the page's. */
struct member_place {
    enum tpl_type type;
    int level;
    size_t offset;
};

struct node_argument {
    const char *name;
    struct member_place member;
    enum argument_need need;
};

enum node_kind { NODE_LITERAL, NODE_VALUE, NODE_MESSAGE, NODE_SECTION };

/* Nodes of a page stand one after the other; a section is followed by its body. */
struct node {
    enum node_kind kind;
    enum escape escape;
    bool is_inverted;
    int level;        /* of a list's items */
    size_t end;       /* of a section: the node behind its body */
    size_t item_size; /* of a list */
    struct member_place member;
    str literal;
    enum message message;
    const struct node_argument *arguments;
    size_t argument_count;
};

struct page {
    const struct tpl_binding *binding;
    const struct node *nodes;
    size_t count;
};

struct tpl {
    struct arena arena;
    struct page *pages; /* in order of the bindings' addresses */
    size_t count;
};

/** Compiles one page into the arena of tpl. */
enum err page_compile(struct scope *scope, struct tpl *tpl, const struct tpl_source *sources,
                      size_t source_count, const struct tpl_binding *binding,
                      struct page *ret_page) must_check;

/* ---- writing ---- */

/** Appends text for a place. */
void escape_add(struct buf *out, enum escape escape, str text);

#endif
