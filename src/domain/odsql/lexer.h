/* Tokens of one ODSQL clause (explore-api.md 3.1). Private to this directory. */
#ifndef DOMAIN_ODSQL_LEXER_H
#define DOMAIN_ODSQL_LEXER_H

#include "base/scope.h"
#include "platform/i18n/explanation.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,   /* bare or dotted identifier, keyword, function */
    TOKEN_QUOTED, /* `identifier`; value without quotes */
    TOKEN_STRING, /* value unescaped */
    TOKEN_DATE,   /* date'…' */
    TOKEN_GEOMETRY,
    TOKEN_INT,
    TOKEN_NUMBER,
    TOKEN_SYMBOL  /* one of ( ) [ ] , : = != < > <= >= + - * / .. ; in text */
};

struct token {
    enum token_kind kind;
    str text;  /* as written */
    str value; /* TOKEN_QUOTED, TOKEN_STRING, TOKEN_DATE, TOKEN_GEOMETRY */
    size_t at; /* byte offset in the clause */
};

struct clause {
    const char *name; /* "where", "select", … for messages */
    str text;
};

/** Reads the token at byte *at and moves behind it. Errors: ERR_SYNTAX. */
enum err lexer_next(struct scope *scope, const struct clause *clause, size_t *at,
                    struct token *ret_token) must_check;

/** "ODSQL syntax exception: unexpected X at position n in …" for a token. */
enum err syntax_error(struct scope *scope, const struct clause *clause, const struct token *token);

/**
 * "ODSQL query is malformed: …" with the message in English and the clause named. The place that people are shown is
 * the first argument that is a part of the clause. arguments: SAYS(…) or NULL.
 */
enum err query_error(struct scope *scope, const struct clause *clause, enum message message,
                     const struct message_argument *arguments);

static inline bool token_is(const struct token *token, str symbol)
{
    return token->kind == TOKEN_SYMBOL && str_eq(token->text, symbol);
}

static inline bool token_is_word(const struct token *token, str word)
{
    return token->kind == TOKEN_NAME && str_eq_nocase(token->text, word);
}

#endif
