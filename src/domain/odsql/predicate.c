/* Conditions: or, and, not, predicates (explore-api.md 3.12, where). */
#include "domain/odsql/parser.h"

/* What follows "in" or ":". */
static enum err parse_in(struct parser *parser, struct node *left, struct node **ret)
{
    struct node *node;
    struct node *value;
    if (token_is(&parser->token, S("[")) || token_is(&parser->token, S("]"))) {
        TRY(parser_node(parser, NODE_IN_RANGE, left->at, &node));
        parser_add_child(parser, node, left);
        TRY(parse_brackets(parser, node));
        if (node->kind == NODE_OLD_STEPS) {
            return parser_unexpected(parser);
        }
    } else if (token_is(&parser->token, S("("))) {
        TRY(parser_node(parser, NODE_IN_LIST, left->at, &node));
        parser_add_child(parser, node, left);
        do {
            TRY(parser_advance(parser));
            TRY(parse_sum(parser, &value));
            parser_add_child(parser, node, value);
            if (node->children.count > LIMIT_LIST_ITEMS + 1) {
                return query_error(parser->scope, parser->clause, MSG_ODSQL_LIST_MOST,
                                   SAYS(argument_digits(&parser->scope->arena, "most", LIMIT_LIST_ITEMS)));
            }
        } while (token_is(&parser->token, S(",")));
        TRY(parser_expect(parser, S(")")));
    } else {
        TRY(parser_node(parser, NODE_CONTAINS, left->at, &node));
        TRY(parse_sum(parser, &value));
        parser_add_child(parser, node, left);
        parser_add_child(parser, node, value);
    }
    parser_end_node(parser, node);
    *ret = node;
    return ERR_OK;
}

static enum err parse_is(struct parser *parser, struct node *left, struct node **ret)
{
    struct node *node;
    TRY(parser_node(parser, NODE_IS, left->at, &node));
    parser_add_child(parser, node, left);
    if (token_is_word(&parser->token, S("not"))) {
        node->flag = true;
        TRY(parser_advance(parser));
    }
    node->op = token_is_word(&parser->token, S("null"))    ? 'n'
               : token_is_word(&parser->token, S("true"))  ? 't'
               : token_is_word(&parser->token, S("false")) ? 'f'
                                                           : 0;
    if (!node->op) {
        return parser_unexpected(parser);
    }
    TRY(parser_advance(parser));
    parser_end_node(parser, node);
    *ret = node;
    return ERR_OK;
}

static char comparison(const struct token *token)
{
    static const struct {
        const char *text;
        char op;
    } rows[] = {{"=", '='}, {"!=", '!'}, {"<", '<'}, {">", '>'}, {"<=", 'l'}, {">=", 'g'}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (token_is(token, str_from(rows[i].text))) {
            return rows[i].op;
        }
    }
    return 0;
}

/* false, 1 or null where a condition ends; in parentheses it may still be an operand. */
static bool is_lone_literal(const struct parser *parser, const struct node *node)
{
    bool ends = parser->token.kind == TOKEN_END || token_is_word(&parser->token, S("and")) ||
                token_is_word(&parser->token, S("or"));
    return ends && (node->kind == NODE_BOOL || node->kind == NODE_NULL || node->kind == NODE_INT ||
                    node->kind == NODE_DOUBLE || node->kind == NODE_DATE);
}

static enum err parse_predicate(struct parser *parser, struct node **ret)
{
    struct node *left;
    struct node *node;
    TRY(parse_sum(parser, &left));
    char op = comparison(&parser->token);
    if (token_is_word(&parser->token, S("in"))) {
        TRY(parser_advance(parser));
        return parse_in(parser, left, ret);
    }
    if (token_is_word(&parser->token, S("is"))) {
        TRY(parser_advance(parser));
        return parse_is(parser, left, ret);
    }
    if (token_is_word(&parser->token, S("like"))) {
        TRY(parser_advance(parser));
        if (parser->token.kind != TOKEN_STRING) {
            return parser_unexpected(parser);
        }
        TRY(parser_node(parser, NODE_LIKE, left->at, &node));
        node->name = parser->token.value;
        parser_add_child(parser, node, left);
        TRY(parser_advance(parser));
        parser_end_node(parser, node);
        *ret = node;
        return ERR_OK;
    }
    if (token_is(&parser->token, S(":"))) {
        op = '=';
        size_t next = parser->at;
        struct token after;
        TRY(lexer_next(parser->scope, parser->clause, &next, &after));
        if (token_is(&after, S("[")) || token_is(&after, S("]"))) {
            TRY(parser_advance(parser));
            return parse_in(parser, left, ret);
        }
    }
    if (!op) {
        *ret = left;
        return is_lone_literal(parser, left) ? parser_unexpected(parser) : ERR_OK;
    }
    TRY(parser_advance(parser));
    struct node *right;
    TRY(parse_sum(parser, &right));
    TRY(parser_node(parser, NODE_COMPARE, left->at, &node));
    node->op = op;
    parser_add_child(parser, node, left);
    parser_add_child(parser, node, right);
    parser_end_node(parser, node);
    *ret = node;
    return ERR_OK;
}

static enum err parse_not(struct parser *parser, struct node **ret)
{
    if (!token_is_word(&parser->token, S("not"))) {
        return parse_predicate(parser, ret);
    }
    struct node *node;
    struct node *operand;
    TRY(parser_node(parser, NODE_NOT, parser->token.at, &node));
    TRY(parser_deeper(parser));
    TRY(parser_advance(parser));
    TRY(parse_not(parser, &operand));
    parser->depth--;
    parser_add_child(parser, node, operand);
    parser_end_node(parser, node);
    *ret = node;
    return ERR_OK;
}

static enum err parse_chain(struct parser *parser, str word, enum node_kind kind,
                            enum err (*operand)(struct parser *, struct node **),
                            struct node **ret)
{
    struct node *first;
    TRY(operand(parser, &first));
    if (!token_is_word(&parser->token, word)) {
        *ret = first;
        return ERR_OK;
    }
    struct node *node;
    TRY(parser_node(parser, kind, first->at, &node));
    parser_add_child(parser, node, first);
    while (token_is_word(&parser->token, word)) {
        TRY(parser_advance(parser));
        TRY(operand(parser, &first));
        parser_add_child(parser, node, first);
    }
    parser_end_node(parser, node);
    *ret = node;
    return ERR_OK;
}

static enum err parse_and(struct parser *parser, struct node **ret)
{
    return parse_chain(parser, S("and"), NODE_AND, parse_not, ret);
}

enum err parse_condition(struct parser *parser, struct node **ret)
{
    return parse_chain(parser, S("or"), NODE_OR, parse_and, ret);
}
