/*
 * Recursive descent over explore-api.md 3.12. Conditions and expressions share one set of levels
 * (or, and, not, predicate, sum, product, primary), because "(" may open either; which of the two a
 * node is, is decided when it is translated.
 */
#include "domain/odsql/parser.h"

#include "base/num.h"

#define TREE_HEIGHT_MOST 200 /* a chain of operators; the engine takes 1000 levels of SQL */

static const char *const functions[] = {
    "length", "lower", "upper", "year", "month", "day", "hour", "minute", "second", "date_format",
    "ifnull", "json_format", "distance", "now", "random", "count", "sum", "avg", "min", "max",
    "median", "percentile", "envelope", "bbox", "search", "suggest", "startswith",
    "within_distance", "in_bbox", "intersects", "disjoint", "within", "geometry", "polygon",
    "range", "geo_cluster", "facet", "equi", NULL};

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
        return query_error(parser->scope, parser->clause, "the clause has more than %d elements",
                           LIMIT_CLAUSE_NODES);
    }
    struct node *node = arena_new(&parser->scope->arena, struct node);
    node->kind = kind;
    node->at = at;
    *ret = node;
    return ERR_OK;
}

static void add_child(struct parser *parser, struct node *node, struct node *child)
{
    vec_add(&parser->scope->arena, &node->children, child);
    node->height = node->height > child->height ? node->height : child->height + 1;
}

static void end_node(struct parser *parser, struct node *node)
{
    node->text = str_slice(parser->clause->text, node->at, parser->last_end);
}

static enum err deeper(struct parser *parser)
{
    if (++parser->depth > LIMIT_CLAUSE_DEPTH) {
        return query_error(parser->scope, parser->clause, "the clause is nested deeper than %d levels",
                           LIMIT_CLAUSE_DEPTH);
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
    end_node(parser, node);
    *ret = node;
    return ERR_OK;
}

/* ("[" | "]") bound (".." | "to") bound ("[" | "]"), or the list of v2.0 range(). */
static enum err parse_brackets(struct parser *parser, struct node *node)
{
    node->low_open = token_is(&parser->token, S("]"));
    TRY(parser_advance(parser));
    struct node *bound;
    TRY(parse_sum(parser, &bound));
    add_child(parser, node, bound);
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
        add_child(parser, node, bound);
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
        add_child(parser, argument, value);
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
    end_node(parser, argument);
    add_child(parser, call, argument);
    return ERR_OK;
}

static enum err parse_call(struct parser *parser, struct token name, struct node **ret)
{
    struct node *call;
    TRY(parser_node(parser, NODE_CALL, name.at, &call));
    call->name = str_lower_ascii(&parser->scope->arena, name.text);
    TRY(deeper(parser));
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
    end_node(parser, call);
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
    if (kind == NODE_FIELD && token_is(&after, S("(")) && is_listed(name.text, functions)) {
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
    end_node(parser, node);
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
        end_node(parser, node);
        *ret = node;
        return ERR_OK;
    }
    case TOKEN_SYMBOL:
        if (str_eq(token.text, S("("))) {
            TRY(deeper(parser));
            TRY(parser_advance(parser));
            TRY(parse_condition(parser, ret));
            TRY(parser_expect(parser, S(")")));
            parser->depth--;
            return ERR_OK;
        }
        if (str_eq(token.text, S("-")) || str_eq(token.text, S("+"))) {
            TRY(deeper(parser));
            TRY(parser_advance(parser));
            struct node *operand;
            TRY(parse_primary(parser, &operand));
            parser->depth--;
            if (str_eq(token.text, S("+"))) {
                *ret = operand;
                return ERR_OK;
            }
            TRY(parser_node(parser, NODE_NEGATE, token.at, &node));
            add_child(parser, node, operand);
            end_node(parser, node);
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
        add_child(parser, node, left);
        add_child(parser, node, right);
        end_node(parser, node);
        if (node->height > TREE_HEIGHT_MOST) {
            return query_error(parser->scope, parser->clause,
                               "an expression has more than %d operators in a row",
                               TREE_HEIGHT_MOST);
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

/* What follows "in" or ":". */
static enum err parse_in(struct parser *parser, struct node *left, struct node **ret)
{
    struct node *node;
    struct node *value;
    if (token_is(&parser->token, S("[")) || token_is(&parser->token, S("]"))) {
        TRY(parser_node(parser, NODE_IN_RANGE, left->at, &node));
        add_child(parser, node, left);
        TRY(parse_brackets(parser, node));
        if (node->kind == NODE_OLD_STEPS) {
            return parser_unexpected(parser);
        }
    } else if (token_is(&parser->token, S("("))) {
        TRY(parser_node(parser, NODE_IN_LIST, left->at, &node));
        add_child(parser, node, left);
        do {
            TRY(parser_advance(parser));
            TRY(parse_sum(parser, &value));
            add_child(parser, node, value);
            if (node->children.count > LIMIT_LIST_ITEMS + 1) {
                return query_error(parser->scope, parser->clause,
                                   "a list has more than %d values", LIMIT_LIST_ITEMS);
            }
        } while (token_is(&parser->token, S(",")));
        TRY(parser_expect(parser, S(")")));
    } else {
        TRY(parser_node(parser, NODE_CONTAINS, left->at, &node));
        TRY(parse_sum(parser, &value));
        add_child(parser, node, left);
        add_child(parser, node, value);
    }
    end_node(parser, node);
    *ret = node;
    return ERR_OK;
}

static enum err parse_is(struct parser *parser, struct node *left, struct node **ret)
{
    struct node *node;
    TRY(parser_node(parser, NODE_IS, left->at, &node));
    add_child(parser, node, left);
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
    end_node(parser, node);
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
        add_child(parser, node, left);
        TRY(parser_advance(parser));
        end_node(parser, node);
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
    add_child(parser, node, left);
    add_child(parser, node, right);
    end_node(parser, node);
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
    TRY(deeper(parser));
    TRY(parser_advance(parser));
    TRY(parse_not(parser, &operand));
    parser->depth--;
    add_child(parser, node, operand);
    end_node(parser, node);
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
    add_child(parser, node, first);
    while (token_is_word(&parser->token, word)) {
        TRY(parser_advance(parser));
        TRY(operand(parser, &first));
        add_child(parser, node, first);
    }
    end_node(parser, node);
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
