/*
 * Recursive descent over explore-api.md 3.12. Conditions and expressions share one set of levels
 * (or, and, not, predicate in predicate.c; sum, product, primary here), because "(" may open either;
 * which of the two a node is, is decided when it is translated.
 */
#include "domain/odsql/parser.h"

#include "base/num.h"
#include "domain/odsql/registry.h"

#define TREE_HEIGHT_MOST 200 /* a chain of operators; the engine takes 1000 levels of SQL */

static const char *const reserved[] = {
    "and", "as", "asc", "avg", "by", "count", "date_format", "day", "dayofweek", "desc", "distinct",
    "equi", "false", "group", "hour", "ifnull", "or", "limit", "lower", "max", "millisecond", "min",
    "minute", "month", "not", "null", "quarter", "range", "search", "second", "select", "sum", "top",
    "true", "upper", "where", "year", NULL};

static bool is_listed(str word, const char *const *list)
{
    for (; *list; list++) {
        if (str_eq_nocase(word, str_from(*list))) {
            return true;
        }
    }
    return false;
}

bool is_reserved(str word)
{
    return is_listed(word, reserved);
}

enum err parser_advance(struct parser *parser)
{
    parser->last_end = parser->at;
    return lexer_next(parser->scope, parser->clause, &parser->at, &parser->token);
}

enum err parser_unexpected(struct parser *parser)
{
    return syntax_error(parser->scope, parser->clause, &parser->token);
}

enum err parser_expect(struct parser *parser, str symbol)
{
    return token_is(&parser->token, symbol) ? parser_advance(parser) : parser_unexpected(parser);
}

enum err parser_node(struct parser *parser, enum node_kind kind, size_t at, struct node **ret)
{
    if (++parser->nodes > LIMIT_CLAUSE_NODES) {
        return query_error(parser->scope, parser->clause, MSG_ODSQL_TOO_MANY_ELEMENTS,
                           SAYS(argument_digits(&parser->scope->arena, "most", LIMIT_CLAUSE_NODES)));
    }
    struct node *node = arena_new(&parser->scope->arena, struct node);
    node->kind = kind;
    node->at = at;
    *ret = node;
    return ERR_OK;
}

void parser_add_child(struct parser *parser, struct node *node, struct node *child)
{
    vec_add(&parser->scope->arena, &node->children, child);
    node->height = node->height > child->height ? node->height : child->height + 1;
}

void parser_end_node(struct parser *parser, struct node *node)
{
    node->text = str_slice(parser->clause->text, node->at, parser->last_end);
}

enum err parser_deeper(struct parser *parser)
{
    if (++parser->depth > LIMIT_CLAUSE_DEPTH) {
        return query_error(parser->scope, parser->clause, MSG_ODSQL_TOO_DEEP,
                           SAYS(argument_digits(&parser->scope->arena, "most", LIMIT_CLAUSE_DEPTH)));
    }
    return ERR_OK;
}

static bool is_measure_unit(const struct parser *parser)
{
    static const char *const units[] = {
        "mi", "yd", "ft", "m", "cm", "km", "mm", "ms", "millisecond", "milliseconds", "s", "second",
        "seconds", "minute", "minutes", "h", "hour", "hours", "d", "day", "days", "w", "week",
        "weeks", "M", "month", "months", "q", "quarter", "quarters", "y", "year", "years", NULL};
    return parser->token.kind == TOKEN_NAME && is_listed(parser->token.text, units);
}

static enum err parse_number(struct parser *parser, struct node **ret)
{
    struct node *node;
    struct token token = parser->token;
    TRY(parser_node(parser, token.kind == TOKEN_INT ? NODE_INT : NODE_DOUBLE, token.at, &node));
    if (!num_read_double(token.text, &node->real)) {
        return parser_unexpected(parser);
    }
    if (token.kind == TOKEN_INT && !num_read_int(token.text, &node->number)) {
        node->kind = NODE_DOUBLE;
    }
    TRY(parser_advance(parser));
    if (is_measure_unit(parser)) {
        node->flag = node->kind == NODE_INT;
        node->kind = NODE_MEASURE;
        node->name = parser->token.text;
        TRY(parser_advance(parser));
    }
    parser_end_node(parser, node);
    *ret = node;
    return ERR_OK;
}

enum err parse_brackets(struct parser *parser, struct node *node)
{
    node->low_open = token_is(&parser->token, S("]"));
    TRY(parser_advance(parser));
    struct node *bound;
    TRY(parse_sum(parser, &bound));
    parser_add_child(parser, node, bound);
    if (token_is(&parser->token, S(".."))) {
        TRY(parser_advance(parser));
    } else if (token_is_word(&parser->token, S("to"))) {
        TRY(parser_advance(parser));
    } else if (token_is(&parser->token, S(","))) {
        node->kind = NODE_OLD_STEPS;
        TRY(parser_advance(parser));
    } else {
        return parser_unexpected(parser);
    }
    for (;;) {
        TRY(parse_sum(parser, &bound));
        parser_add_child(parser, node, bound);
        if (node->kind != NODE_OLD_STEPS || !token_is(&parser->token, S(","))) {
            break;
        }
        TRY(parser_advance(parser));
    }
    if (!token_is(&parser->token, S("[")) && !token_is(&parser->token, S("]"))) {
        return parser_unexpected(parser);
    }
    node->high_open = token_is(&parser->token, S("["));
    return parser_advance(parser);
}

/* An argument: *, [distinct] expression, name = value (now, facet), or bracketed steps. */
static enum err parse_argument(struct parser *parser, struct node *call)
{
    struct node *argument;
    size_t at = parser->token.at;
    if (token_is(&parser->token, S("*"))) {
        TRY(parser_node(parser, NODE_STAR, at, &argument));
        TRY(parser_advance(parser));
    } else if (token_is(&parser->token, S("[")) || token_is(&parser->token, S("]"))) {
        TRY(parser_node(parser, NODE_IN_RANGE, at, &argument));
        TRY(parse_brackets(parser, argument));
    } else if (str_eq(call->name, S("now")) || str_eq(call->name, S("facet"))) {
        if (parser->token.kind != TOKEN_NAME) {
            return parser_unexpected(parser);
        }
        TRY(parser_node(parser, NODE_ARGUMENT, at, &argument));
        argument->name = str_lower_ascii(&parser->scope->arena, parser->token.text);
        TRY(parser_advance(parser));
        TRY(parser_expect(parser, S("=")));
        struct node *value;
        parser->any_word = str_eq(call->name, S("facet"));
        TRY(parse_sum(parser, &value));
        parser->any_word = false;
        parser_add_child(parser, argument, value);
    } else {
        if (token_is_word(&parser->token, S("distinct")) && str_eq(call->name, S("count"))) {
            call->flag = true;
            TRY(parser_advance(parser));
        }
        bool is_relation = token_is_word(&parser->token, S("intersects")) ||
                           token_is_word(&parser->token, S("disjoint")) ||
                           token_is_word(&parser->token, S("within"));
        if (is_relation && str_eq(call->name, S("geometry"))) {
            TRY(parser_node(parser, NODE_STRING, at, &argument));
            argument->name = parser->token.text;
            TRY(parser_advance(parser));
        } else {
            TRY(parse_sum(parser, &argument));
        }
    }
    parser_end_node(parser, argument);
    parser_add_child(parser, call, argument);
    return ERR_OK;
}

static enum err parse_call(struct parser *parser, struct token name, struct node **ret)
{
    struct node *call;
    TRY(parser_node(parser, NODE_CALL, name.at, &call));
    call->name = str_lower_ascii(&parser->scope->arena, name.text);
    TRY(parser_deeper(parser));
    TRY(parser_expect(parser, S("(")));
    while (!token_is(&parser->token, S(")"))) {
        TRY(parse_argument(parser, call));
        if (!token_is(&parser->token, S(","))) {
            break;
        }
        TRY(parser_advance(parser));
        if (token_is(&parser->token, S(")"))) {
            return parser_unexpected(parser);
        }
    }
    TRY(parser_expect(parser, S(")")));
    parser->depth--;
    parser_end_node(parser, call);
    *ret = call;
    return ERR_OK;
}

static enum err parse_name(struct parser *parser, struct node **ret)
{
    struct token name = parser->token;
    struct node *node;
    enum node_kind kind = str_eq_nocase(name.text, S("null"))    ? NODE_NULL
                          : str_eq_nocase(name.text, S("true"))  ? NODE_BOOL
                          : str_eq_nocase(name.text, S("false")) ? NODE_BOOL
                                                                 : NODE_FIELD;
    size_t next = parser->at;
    struct token after;
    TRY(lexer_next(parser->scope, parser->clause, &next, &after));
    if (kind == NODE_FIELD && token_is(&after, S("(")) && function_find(name.text)) {
        TRY(parser_advance(parser));
        return parse_call(parser, name, ret);
    }
    if (kind == NODE_FIELD && !parser->any_word && is_reserved(name.text)) {
        return parser_unexpected(parser);
    }
    TRY(parser_node(parser, kind, name.at, &node));
    node->name = name.text;
    node->number = str_eq_nocase(name.text, S("true"));
    TRY(parser_advance(parser));
    if (kind == NODE_FIELD && token_is(&parser->token, S("("))) {
        return parser_unexpected(parser);
    }
    parser_end_node(parser, node);
    *ret = node;
    return ERR_OK;
}

enum err parse_primary(struct parser *parser, struct node **ret)
{
    struct node *node;
    struct token token = parser->token;
    switch (token.kind) {
    case TOKEN_NAME:
        return parse_name(parser, ret);
    case TOKEN_INT:
    case TOKEN_NUMBER:
        return parse_number(parser, ret);
    case TOKEN_QUOTED:
    case TOKEN_STRING:
    case TOKEN_DATE:
    case TOKEN_GEOMETRY: {
        enum node_kind kind = token.kind == TOKEN_QUOTED   ? NODE_FIELD
                              : token.kind == TOKEN_STRING ? NODE_STRING
                              : token.kind == TOKEN_DATE   ? NODE_DATE
                                                           : NODE_GEOMETRY;
        TRY(parser_node(parser, kind, token.at, &node));
        node->name = token.value;
        TRY(parser_advance(parser));
        parser_end_node(parser, node);
        *ret = node;
        return ERR_OK;
    }
    case TOKEN_SYMBOL:
        if (str_eq(token.text, S("("))) {
            TRY(parser_deeper(parser));
            TRY(parser_advance(parser));
            TRY(parse_condition(parser, ret));
            TRY(parser_expect(parser, S(")")));
            parser->depth--;
            return ERR_OK;
        }
        if (str_eq(token.text, S("-")) || str_eq(token.text, S("+"))) {
            TRY(parser_deeper(parser));
            TRY(parser_advance(parser));
            struct node *operand;
            TRY(parse_primary(parser, &operand));
            parser->depth--;
            if (str_eq(token.text, S("+"))) {
                *ret = operand;
                return ERR_OK;
            }
            TRY(parser_node(parser, NODE_NEGATE, token.at, &node));
            parser_add_child(parser, node, operand);
            parser_end_node(parser, node);
            *ret = node;
            return ERR_OK;
        }
        return parser_unexpected(parser);
    case TOKEN_END:
        break;
    }
    return parser_unexpected(parser);
}

static enum err parse_binary(struct parser *parser, const char *operators,
                             enum err (*operand)(struct parser *, struct node **),
                             struct node **ret)
{
    struct node *left;
    TRY(operand(parser, &left));
    while (parser->token.kind == TOKEN_SYMBOL && parser->token.text.n == 1 &&
           strchr(operators, parser->token.text.p[0])) {
        struct node *node;
        struct node *right;
        TRY(parser_node(parser, NODE_ARITHMETIC, left->at, &node));
        node->op = parser->token.text.p[0];
        TRY(parser_advance(parser));
        TRY(operand(parser, &right));
        parser_add_child(parser, node, left);
        parser_add_child(parser, node, right);
        parser_end_node(parser, node);
        if (node->height > TREE_HEIGHT_MOST) {
            return query_error(parser->scope, parser->clause, MSG_ODSQL_OPERATORS_MOST,
                               SAYS(argument_digits(&parser->scope->arena, "most", TREE_HEIGHT_MOST)));
        }
        left = node;
    }
    *ret = left;
    return ERR_OK;
}

static enum err parse_product(struct parser *parser, struct node **ret)
{
    return parse_binary(parser, "*/", parse_primary, ret);
}

enum err parse_sum(struct parser *parser, struct node **ret)
{
    return parse_binary(parser, "+-", parse_product, ret);
}
