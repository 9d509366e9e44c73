/* Conditions: comparisons, lists, ranges, null logic (explore-api.md 3.3, 3.5). */
#include "base/date.h"
#include "domain/odsql/dialect.h"

static char flip(char op)
{
    switch (op) {
    case '<':
        return '>';
    case '>':
        return '<';
    case 'l':
        return 'g';
    case 'g':
        return 'l';
    default:
        return op;
    }
}

static str operator_text(char op)
{
    switch (op) {
    case '!':
        return S(" <> ");
    case '<':
        return S(" < ");
    case '>':
        return S(" > ");
    case 'l':
        return S(" <= ");
    case 'g':
        return S(" >= ");
    default:
        return S(" = ");
    }
}

/* A literal denotes the whole period it names (explore-api.md 3.1). */
static enum err compare_with_date(struct translation *translation, const struct sql *value,
                                  enum value_type type, char op, str literal, struct sql *out)
{
    struct period period;
    TRY(read_date_literal(translation, literal, &period));
    sql_text(out, "(");
    sql_join(out, value);
    if (op == '=' || op == '!') {
        sql_text_constant(out, op == '=' ? S(" >= ") : S(" < "));
        bind_edge(type, &period, false, out);
        sql_text_constant(out, op == '=' ? S(" and ") : S(" or "));
        sql_join(out, value);
        sql_text_constant(out, op == '=' ? S(" < ") : S(" >= "));
        bind_edge(type, &period, true, out);
    } else {
        bool after = op == '>' || op == 'l';
        sql_text_constant(out, op == '<' || op == 'l' ? S(" < ") : S(" >= "));
        bind_edge(type, &period, after, out);
    }
    sql_text(out, ")");
    return ERR_OK;
}

static enum err incompatible(struct translation *translation, enum value_type left,
                             enum value_type right)
{
    return query_error(translation->scope, translation->clause, MSG_ODSQL_COMPARE_TYPES,
                       SAYS(ARG_TEXT("left", str_from(value_type_name(left))),
                            ARG_TEXT("right", str_from(value_type_name(right)))));
}

static bool are_comparable(enum value_type left, enum value_type right)
{
    return left == right || (is_numeric(left) && is_numeric(right)) ||
           (is_time(left) && is_time(right));
}

/* Beside a date an instant is the local time it is in the request's zone. */
static void add_operand(struct translation *translation, const struct sql *value,
                        enum value_type type, bool mixed, struct sql *out)
{
    if (mixed) {
        append_guard(translation, out);
        local_time(translation, value, type, out);
        sql_text(out, "::timestamp)");
    } else {
        sql_join(out, value);
    }
}

/* ---- whole numbers that move to the other side of a comparison ---- */

static bool is_constant(const struct node *node, int64_t *ret_number)
{
    bool is_negative = node->kind == NODE_NEGATE;
    node = is_negative ? node->children.items[0] : node;
    *ret_number = is_negative ? -node->number : node->number; /* none is written as INT64_MIN */
    return node->kind == NODE_INT;
}

/* A comparison of a calculation with one constant, and another constant. */
struct moved {
    const struct node *value; /* what remains */
    int64_t constant;         /* what it is compared with */
    char op;
    bool never;               /* they are equal for no value */
};

/* n + 1 > 5 as n > 4; false: it must stand as it is. */
static bool move_constant(const struct node *calculation, char op, int64_t outer, struct moved *ret)
{
    int64_t inner;
    bool is_first = is_constant(calculation->children.items[0], &inner);
    bool overflows = false;
    if (!is_first && !is_constant(calculation->children.items[1], &inner)) {
        return false;
    }
    *ret = (struct moved){.value = calculation->children.items[is_first], .op = op};
    if (calculation->op == '+') {
        overflows = __builtin_sub_overflow(outer, inner, &ret->constant);
    } else if (calculation->op == '-' && !is_first) {
        overflows = __builtin_add_overflow(outer, inner, &ret->constant);
    } else if (calculation->op == '-') {
        overflows = __builtin_sub_overflow(inner, outer, &ret->constant);
        ret->op = flip(op);
    } else if (calculation->op == '*' && inner != 0) {
        overflows = (inner == -1 && outer == INT64_MIN) || outer % inner != 0;
        ret->constant = overflows ? 0 : outer / inner;
        ret->op = inner < 0 ? flip(op) : op;
        ret->never = overflows && op == '!';
    } else {
        return false;
    }
    ret->never |= overflows && op == '=';
    return !overflows || ret->never;
}

/*
 * DuckDB's optimizer moves constants, so that n + 1 > 5 overflows for no n. PostgreSQL has none that
 * does, and its answers are to be the same.
 */
static bool can_move(const struct translation *translation, const struct node *left,
                     const struct node *right, char op, struct moved *ret)
{
    int64_t outer;
    bool moves = is_postgres(translation->source) && !translation->guards_values;
    return moves && left->kind == NODE_ARITHMETIC && is_constant(right, &outer) &&
           move_constant(left, op, outer, ret);
}

static enum err compare(struct translation *translation, const struct node *left,
                        const struct node *right, char op, struct sql *out);

/* The calculation, in whole numbers, is written without its constant; ret_done false: it is in doubles. */
static enum err compare_moved(struct translation *translation, const struct moved *moved,
                              struct sql *out, bool *ret_done)
{
    struct sql value = sql_in(out->arena);
    enum value_type type;
    TRY(translate_value(translation, moved->value, &value, &type));
    *ret_done = type == VALUE_INT;
    if (!*ret_done) {
        return ERR_OK;
    }
    if (moved->never) {
        sql_text(out, "(case when ");
        sql_join(out, &value);
        sql_text_constant(out, moved->op == '!' ? S(" is not null then true end)")
                                                : S(" is not null then false end)"));
        return ERR_OK;
    }
    struct node constant = {.kind = NODE_INT, .number = moved->constant, .real = (double)moved->constant};
    return compare(translation, moved->value, &constant, moved->op, out);
}

static enum err compare(struct translation *translation, const struct node *left,
                        const struct node *right, char op, struct sql *out)
{
    struct moved moved;
    if (left->kind == NODE_DATE && right->kind != NODE_DATE) {
        return compare(translation, right, left, flip(op), out);
    }
    bool is_done = false;
    if (can_move(translation, left, right, op, &moved)) {
        TRY(compare_moved(translation, &moved, out, &is_done));
    } else if (can_move(translation, right, left, flip(op), &moved)) {
        TRY(compare_moved(translation, &moved, out, &is_done));
    }
    if (is_done) {
        return ERR_OK;
    }
    struct sql left_sql = sql_in(out->arena);
    struct sql right_sql = sql_in(out->arena);
    enum value_type left_type;
    enum value_type right_type;
    TRY(translate_value(translation, left, &left_sql, &left_type));
    if (right->kind == NODE_DATE) {
        return is_time(left_type)
                   ? compare_with_date(translation, &left_sql, left_type, op, right->name, out)
                   : incompatible(translation, left_type, VALUE_DATE);
    }
    TRY(translate_value(translation, right, &right_sql, &right_type));
    if (left_type == VALUE_NULL || right_type == VALUE_NULL) {
        sql_text(out, "false");
        return ERR_OK;
    }
    if (left_type == VALUE_LIST && right_type == VALUE_TEXT && (op == '=' || op == '!')) {
        sql_text_constant(out, op == '=' ? S("") : S("not "));
        append_contains(translation->source, &left_sql, &right_sql, out);
        return ERR_OK;
    }
    if (!are_comparable(left_type, right_type) || left_type > VALUE_DATETIME) {
        return incompatible(translation, left_type, right_type);
    }
    bool mixed = left_type != right_type && is_time(left_type);
    sql_text(out, "(");
    add_operand(translation, &left_sql, left_type, mixed, out);
    sql_text_constant(out, operator_text(op));
    add_operand(translation, &right_sql, right_type, mixed, out);
    sql_text(out, ")");
    return ERR_OK;
}

static enum err translate_in_list(struct translation *translation, const struct node *node,
                                  struct sql *out)
{
    sql_text(out, "(");
    for (size_t i = 1; i < node->children.count; i++) {
        if (i > 1) {
            sql_text(out, " or ");
        }
        TRY(compare(translation, node->children.items[0], node->children.items[i], '=', out));
        TRY(check_size(translation, out));
    }
    sql_text(out, ")");
    return ERR_OK;
}

static enum err translate_in_range(struct translation *translation, const struct node *node,
                                   struct sql *out)
{
    const struct node *value = node->children.items[0];
    const struct node *bounds[2] = {node->children.items[1], node->children.items[2]};
    struct node as_date[2];
    for (size_t i = 0; i < 2; i++) {
        /* Older clients quote dates in ranges. */
        if (bounds[i]->kind == NODE_STRING) {
            as_date[i] = *bounds[i];
            as_date[i].kind = NODE_DATE;
            bounds[i] = &as_date[i];
        }
    }
    sql_text(out, "(");
    TRY(compare(translation, value, bounds[0], node->low_open ? '>' : 'g', out));
    sql_text(out, " and ");
    TRY(compare(translation, value, bounds[1], node->high_open ? '<' : 'l', out));
    sql_text(out, ")");
    return ERR_OK;
}

static enum err translate_contains(struct translation *translation, const struct node *node,
                                   struct sql *out)
{
    const struct node *value = node->children.items[0];
    const struct node *field = node->children.items[1];
    struct sql list = sql_in(out->arena);
    enum value_type type;
    TRY(translate_value(translation, field, &list, &type));
    if (type != VALUE_LIST) {
        return compare(translation, field, value, '=', out);
    }
    struct sql item = sql_in(out->arena);
    struct sql text = sql_in(out->arena);
    TRY(translate_value(translation, value, &item, &type));
    append_as_text(translation->source, type, &item, &text);
    append_contains(translation->source, &list, &text, out);
    return ERR_OK;
}

static enum err translate_is(struct translation *translation, const struct node *node,
                             struct sql *out)
{
    struct sql value = sql_in(out->arena);
    enum value_type type;
    TRY(translate_value(translation, node->children.items[0], &value, &type));
    if (node->op != 'n' && type != VALUE_BOOL) {
        return incompatible(translation, type, VALUE_BOOL);
    }
    sql_text(out, "(");
    sql_join(out, &value);
    sql_text_constant(out, node->flag ? S(" is not ") : S(" is "));
    sql_text_constant(out, node->op == 'n' ? S("null)") : node->op == 't' ? S("true)") : S("false)"));
    return ERR_OK;
}

static enum err translate_bare(struct translation *translation, const struct node *node,
                               struct sql *out)
{
    enum value_type type;
    sql_text(out, "(");
    TRY(translate_value(translation, node, out, &type));
    sql_text(out, ")");
    if (type != VALUE_BOOL || node->kind == NODE_BOOL) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_NO_CONDITION,
                           SAYS(ARG_TEXT("text", node->text)));
    }
    return ERR_OK;
}

enum err translate_condition(struct translation *translation, const struct node *node,
                             struct sql *out)
{
    switch (node->kind) {
    case NODE_AND:
    case NODE_OR:
        sql_text(out, "(");
        for (size_t i = 0; i < node->children.count; i++) {
            if (i) {
                sql_text_constant(out, node->kind == NODE_AND ? S(" and ") : S(" or "));
            }
            TRY(translate_condition(translation, node->children.items[i], out));
            TRY(check_size(translation, out));
        }
        sql_text(out, ")");
        return ERR_OK;
    case NODE_NOT:
        /* Two-valued: the complement, rows with null included (explore-api.md 3.3). */
        sql_text(out, "((");
        TRY(translate_condition(translation, node->children.items[0], out));
        sql_text(out, ") is not true)");
        return ERR_OK;
    case NODE_COMPARE:
        return compare(translation, node->children.items[0], node->children.items[1], node->op,
                       out);
    case NODE_IN_LIST:
        return translate_in_list(translation, node, out);
    case NODE_IN_RANGE:
        return translate_in_range(translation, node, out);
    case NODE_CONTAINS:
        return translate_contains(translation, node, out);
    case NODE_LIKE:
        return translate_like(translation, node, out);
    case NODE_IS:
        return translate_is(translation, node, out);
    case NODE_STRING:
        return translate_full_text(translation, node->name, out);
    default:
        return translate_bare(translation, node, out);
    }
}
