/* The clauses: select, group_by, order_by, where, facet (explore-api.md 3.12). */
#include "domain/odsql/parser.h"

static enum err begin(struct parser *parser, struct scope *scope, const struct clause *clause)
{
    *parser = (struct parser){.scope = scope, .clause = clause};
    if (clause->text.n > LIMIT_CLAUSE_BYTES) {
        return query_error(scope, clause, MSG_ODSQL_TOO_LONG,
                           SAYS(argument_digits(&scope->arena, "most", LIMIT_CLAUSE_BYTES)));
    }
    return parser_advance(parser);
}

static enum err parse_pattern_item(struct parser *parser, struct item *item)
{
    item->is_pattern = true;
    item->excludes = token_is_word(&parser->token, S("exclude"));
    TRY(parser_advance(parser));
    TRY(parser_expect(parser, S("(")));
    for (;;) {
        bool quoted = parser->token.kind == TOKEN_QUOTED;
        if (!quoted && parser->token.kind != TOKEN_NAME && !token_is(&parser->token, S("*"))) {
            return parser_unexpected(parser);
        }
        str pattern = quoted ? parser->token.value : parser->token.text;
        bool star = token_is(&parser->token, S("*"));
        TRY(parser_advance(parser));
        if (!star && token_is(&parser->token, S("*"))) {
            pattern = str_printf(&parser->scope->arena, "%.*s*", STR_ARG(pattern));
            TRY(parser_advance(parser));
        }
        vec_add(&parser->scope->arena, &item->patterns, pattern);
        if (!token_is(&parser->token, S(","))) {
            return parser_expect(parser, S(")"));
        }
        TRY(parser_advance(parser));
    }
}

static bool starts_pattern(struct parser *parser)
{
    if (!token_is_word(&parser->token, S("include")) && !token_is_word(&parser->token, S("exclude"))) {
        return false;
    }
    size_t at = parser->at;
    while (at < parser->clause->text.n && is_ascii_space(parser->clause->text.p[at])) {
        at++;
    }
    return at < parser->clause->text.n && parser->clause->text.p[at] == '(';
}

static enum err parse_alias(struct parser *parser, struct item *item)
{
    if (!token_is_word(&parser->token, S("as"))) {
        return ERR_OK;
    }
    TRY(parser_advance(parser));
    bool quoted = parser->token.kind == TOKEN_QUOTED;
    /* Nothing else can stand here, so reserved words need no quotes: … as month (explore-api.md 3.7). */
    if (!quoted && parser->token.kind != TOKEN_NAME) {
        return parser_unexpected(parser);
    }
    item->alias = quoted ? parser->token.value : parser->token.text;
    return parser_advance(parser);
}

static enum err parse_items(struct scope *scope, const struct clause *clause, char which,
                            item_list *ret_items)
{
    struct parser parser;
    item_list items = {0};
    TRY(begin(&parser, scope, clause));
    for (;;) {
        struct item item = {0};
        size_t from = parser.token.at;
        if (which == 's' && token_is(&parser.token, S("*"))) {
            TRY(parser_node(&parser, NODE_STAR, from, &item.expression));
            TRY(parser_advance(&parser));
        } else if (which == 's' && starts_pattern(&parser)) {
            TRY(parse_pattern_item(&parser, &item));
        } else {
            TRY(parse_sum(&parser, &item.expression));
        }
        item.text = str_slice(clause->text, from, parser.last_end);
        if (which == 'o') {
            item.descending = token_is_word(&parser.token, S("desc"));
            if (item.descending || token_is_word(&parser.token, S("asc"))) {
                TRY(parser_advance(&parser));
            }
        } else if (item.expression && item.expression->kind != NODE_STAR) {
            TRY(parse_alias(&parser, &item));
        }
        vec_add(&scope->arena, &items, item);
        if (parser.token.kind == TOKEN_END) {
            break;
        }
        if (items.count > LIMIT_LIST_ITEMS) {
            return query_error(scope, clause, MSG_ODSQL_TOO_MANY_ELEMENTS,
                               SAYS(argument_digits(&scope->arena, "most", LIMIT_LIST_ITEMS)));
        }
        TRY(parser_expect(&parser, S(",")));
    }
    *ret_items = items;
    return ERR_OK;
}

enum err parse_select(struct scope *scope, const struct clause *clause, item_list *ret_items)
{
    return parse_items(scope, clause, 's', ret_items);
}

enum err parse_group_by(struct scope *scope, const struct clause *clause, item_list *ret_items)
{
    return parse_items(scope, clause, 'g', ret_items);
}

enum err parse_order_by(struct scope *scope, const struct clause *clause, item_list *ret_items)
{
    return parse_items(scope, clause, 'o', ret_items);
}

enum err parse_where(struct scope *scope, const struct clause *clause, struct node **ret_node)
{
    struct parser parser;
    TRY(begin(&parser, scope, clause));
    TRY(parse_condition(&parser, ret_node));
    return parser.token.kind == TOKEN_END ? ERR_OK : parser_unexpected(&parser);
}

enum err parse_facet(struct scope *scope, const struct clause *clause, struct node **ret_node)
{
    struct parser parser;
    TRY(begin(&parser, scope, clause));
    TRY(parse_primary(&parser, ret_node));
    return parser.token.kind == TOKEN_END ? ERR_OK : parser_unexpected(&parser);
}
