/* Expressions and conditions (parser.c) for the clauses (clauses.c). Private to this directory. */
#ifndef DOMAIN_ODSQL_PARSER_H
#define DOMAIN_ODSQL_PARSER_H

#include "domain/odsql/ast.h"

struct parser {
    struct scope *scope;
    const struct clause *clause;
    struct token token; /* the current one */
    size_t at;          /* behind it */
    size_t last_end;    /* end of the token before it */
    size_t nodes;
    size_t depth;
    bool any_word; /* reserved words are names, as in sort=count */
};

/** Whether a word must be quoted to be a name (explore-api.md 3.2). */
bool is_reserved(str word);

/** Takes the next token. */
enum err parser_advance(struct parser *parser) must_check;

/** ERR_SYNTAX about the current token. */
enum err parser_unexpected(struct parser *parser);

/** Takes a symbol, or ERR_SYNTAX. */
enum err parser_expect(struct parser *parser, str symbol) must_check;

/** A node that begins at byte `at`. Errors: ERR_QUERY when the clause has too many. */
enum err parser_node(struct parser *parser, enum node_kind kind, size_t at, struct node **ret)
    must_check;

/** Adds a child, and counts the levels. */
void parser_add_child(struct parser *parser, struct node *node, struct node *child);

/** A node ends before the current token. */
void parser_end_node(struct parser *parser, struct node *node);

/** One level deeper; the caller counts parser->depth down again. Errors: ERR_QUERY (too deep). */
enum err parser_deeper(struct parser *parser) must_check;

/** ("[" | "]") bound (".." | "to") bound ("[" | "]"), or the list of v2.0 range(). */
enum err parse_brackets(struct parser *parser, struct node *node) must_check;

enum err parse_primary(struct parser *parser, struct node **ret) must_check;
enum err parse_sum(struct parser *parser, struct node **ret) must_check;
enum err parse_condition(struct parser *parser, struct node **ret) must_check;

#endif
