/* The untyped tree of a clause. Private to this directory. Everything lives in the scope's arena. */
#ifndef DOMAIN_ODSQL_AST_H
#define DOMAIN_ODSQL_AST_H

#include "base/limits.h"
#include "base/vec.h"
#include "domain/odsql/lexer.h"

enum node_kind {
    NODE_NULL,
    NODE_BOOL,     /* number: 0 or 1 */
    NODE_INT,      /* number */
    NODE_DOUBLE,   /* real */
    NODE_STRING,   /* name: the text */
    NODE_DATE,     /* name: the literal's content */
    NODE_GEOMETRY, /* name */
    NODE_MEASURE,  /* number or real with a unit in name: 10km, 1 day */
    NODE_STAR,
    NODE_FIELD,    /* name */
    NODE_NEGATE,   /* child 0 */
    NODE_ARITHMETIC, /* op; children 0, 1 */
    NODE_CALL,     /* name: function in lower case; children; flag: distinct */
    NODE_ARGUMENT, /* name = child 0, in now() and facet() */
    NODE_AND,
    NODE_OR,
    NODE_NOT,
    NODE_COMPARE,  /* op: = ! < > l (<=) g (>=) */
    NODE_IN_LIST,  /* child 0 in the others */
    NODE_IN_RANGE, /* child 0 between 1 and 2; low_open, high_open */
    NODE_OLD_STEPS, /* v2.0 range list: children; low_open, high_open */
    NODE_CONTAINS, /* literal child 0 in field child 1 */
    NODE_LIKE,     /* child 0 like text in name */
    NODE_IS        /* child 0 is [not: flag] null/true/false: op n, t, f */
};

struct node {
    enum node_kind kind;
    str text;  /* as written */
    size_t at; /* byte offset */
    size_t height; /* levels below it */
    str name;
    int64_t number;
    double real;
    char op;
    bool flag;
    bool low_open, high_open;
    VEC(struct node *) children;
};

/* One element of select, group_by or order_by. */
struct item {
    struct node *expression; /* NULL for include/exclude */
    str text;                /* as written, trimmed */
    str alias;               /* p == NULL: none */
    bool descending;
    bool is_pattern;         /* include(…) or exclude(…) */
    bool excludes;
    VEC(str) patterns;       /* names, ending in * for a prefix */
};

typedef VEC(struct item) item_list;

/** The same expressions but for white space, parentheses, letter case of functions. */
bool node_equal(const struct node *a, const struct node *b);

/** Parses select. Errors: ERR_SYNTAX, ERR_TOO_LARGE. */
enum err parse_select(struct scope *scope, const struct clause *clause, item_list *ret_items) must_check;
enum err parse_group_by(struct scope *scope, const struct clause *clause, item_list *ret_items) must_check;
enum err parse_order_by(struct scope *scope, const struct clause *clause, item_list *ret_items) must_check;
enum err parse_where(struct scope *scope, const struct clause *clause, struct node **ret_node) must_check;
/** A facet parameter: a field node, or a call of facet() with arguments. */
enum err parse_facet(struct scope *scope, const struct clause *clause, struct node **ret_node) must_check;

#endif
