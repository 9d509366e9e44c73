/* Scalar functions, date parts and aggregates (explore-api.md 3.6). */
#include "base/num.h"
#include "domain/odsql/dialect.h"
#include "domain/odsql/registry.h"
#include "platform/text/date_pattern.h"

/* How a value of text is passed: a text, or null. */
static enum err text_argument(struct translation *translation, const struct node *call,
                              struct sql *out)
{
    struct sql argument = sql_in(out->arena);
    enum value_type type;
    TRY(translate_value(translation, call->children.items[0], &argument, &type));
    if (type != VALUE_TEXT && type != VALUE_NULL) {
        return wrong_arguments(translation, call);
    }
    append_guard(translation, out);
    if (str_eq(call->name, S("length"))) {
        sql_text(out, "length(");
        sql_join(out, &argument);
        sql_text(out, "::text)");
    } else {
        append_case(translation->source, call->name, &argument, out);
    }
    sql_text(out, ")");
    return ERR_OK;
}

enum err translate_length(struct translation *translation, const struct node *call, struct sql *out,
                          enum value_type *ret_type)
{
    *ret_type = VALUE_INT;
    return text_argument(translation, call, out);
}

enum err translate_case(struct translation *translation, const struct node *call, struct sql *out,
                        enum value_type *ret_type)
{
    *ret_type = VALUE_TEXT;
    return text_argument(translation, call, out);
}

/* The first argument of a call, a date, as the local time in the request's zone. */
static enum err date_argument(struct translation *translation, const struct node *call,
                              struct sql *out)
{
    struct sql argument = sql_in(out->arena);
    enum value_type type;
    TRY(translate_value(translation, call->children.items[0], &argument, &type));
    if (!is_time(type)) {
        return wrong_arguments(translation, call);
    }
    local_time(translation, &argument, type, out);
    sql_text(out, "::timestamp");
    return ERR_OK;
}

enum err translate_date_part(struct translation *translation, const struct node *call,
                             struct sql *out, enum value_type *ret_type)
{
    *ret_type = VALUE_INT;
    struct sql local = sql_in(out->arena);
    TRY(date_argument(translation, call, &local));
    append_guard(translation, out);
    append_date_part(translation->source, call->name, &local, out);
    sql_text(out, "::bigint)");
    return ERR_OK;
}

enum err translate_date_format(struct translation *translation, const struct node *call,
                               struct sql *out, enum value_type *ret_type)
{
    *ret_type = VALUE_TEXT;
    if (call->children.items[1]->kind != NODE_STRING) {
        return wrong_arguments(translation, call);
    }
    str pattern = call->children.items[1]->name;
    str unknown;
    if (!date_pattern_check(pattern, &unknown)) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_DATE_LETTERS,
                           SAYS(ARG_TEXT("letters", unknown)));
    }
    struct sql local = sql_in(out->arena);
    TRY(date_argument(translation, call, &local));
    append_guard(translation, out);
    append_date_words(translation, pattern, &local, out);
    sql_text(out, ")");
    return ERR_OK;
}

enum err translate_now(struct translation *translation, const struct node *call, struct sql *out,
                       enum value_type *ret_type)
{
    usec instant;
    TRY(evaluate_now(translation, call, &instant));
    sql_bind(out, cell_instant(instant));
    sql_text(out, "::timestamp");
    *ret_type = VALUE_DATETIME;
    return ERR_OK;
}

/* A literal of whole days beside a date is a date. */
static enum err translate_alternative(struct translation *translation, const struct node *node,
                                      enum value_type first, struct sql *out,
                                      enum value_type *ret_type)
{
    struct period period = {.whole_days = false};
    if (first == VALUE_DATE && node->kind == NODE_DATE) {
        TRY(read_date_literal(translation, node->name, &period));
    }
    if (!period.whole_days) {
        return translate_value(translation, node, out, ret_type);
    }
    bind_edge(VALUE_DATE, &period, false, out);
    *ret_type = VALUE_DATE;
    return ERR_OK;
}

/* A date among instants is the midnight with which it begins in the request's zone. */
static void add_time(struct translation *translation, const struct sql *value, enum value_type type,
                     bool is_instant, struct sql *out)
{
    bool shift = is_instant && type == VALUE_DATE;
    if (!shift) {
        sql_join(out, value);
        return;
    }
    struct sql local = sql_in(out->arena);
    sql_text(&local, "(");
    sql_join(&local, value);
    sql_text(&local, ")::timestamp");
    append_guard(translation, out);
    append_instant_of_local(translation, &local, out);
    sql_text(out, ")");
}

enum err translate_ifnull(struct translation *translation, const struct node *node, struct sql *out,
                          enum value_type *ret_type)
{
    enum value_type other;
    struct sql first = sql_in(out->arena);
    struct sql second = sql_in(out->arena);
    TRY(translate_value(translation, node->children.items[0], &first, ret_type));
    TRY(translate_alternative(translation, node->children.items[1], *ret_type, &second, &other));
    bool is_instant = *ret_type == VALUE_DATETIME || other == VALUE_DATETIME;
    sql_text(out, "coalesce(");
    add_time(translation, &first, *ret_type, is_instant, out);
    sql_text(out, ", ");
    add_time(translation, &second, other, is_instant, out);
    sql_text(out, ")");
    bool numbers = (*ret_type == VALUE_INT || *ret_type == VALUE_DOUBLE) &&
                   (other == VALUE_INT || other == VALUE_DOUBLE);
    bool times = (*ret_type == VALUE_DATE || *ret_type == VALUE_DATETIME) &&
                 (other == VALUE_DATE || other == VALUE_DATETIME);
    if (*ret_type != other && *ret_type != VALUE_NULL && other != VALUE_NULL && !numbers && !times) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_IFNULL_TYPES,
                           SAYS(ARG_TEXT("left", str_from(value_type_name(*ret_type))),
                                ARG_TEXT("right", str_from(value_type_name(other)))));
    }
    if (*ret_type == VALUE_NULL || other == VALUE_DOUBLE || other == VALUE_DATETIME) {
        *ret_type = other;
    }
    return ERR_OK;
}

/* ---- aggregates ---- */

enum err translate_count(struct translation *translation, const struct node *node, struct sql *out,
                         enum value_type *ret_type)
{
    enum value_type type;
    *ret_type = VALUE_INT;
    if (node->children.items[0]->kind == NODE_STAR) {
        sql_text(out, "count(*)");
        return ERR_OK;
    }
    sql_text_constant(out, node->flag ? S("count(distinct ") : S("count("));
    TRY(translate_value(translation, node->children.items[0], out, &type));
    sql_text(out, ")");
    return ERR_OK;
}

enum err translate_statistic(struct translation *translation, const struct node *node,
                             struct sql *out, enum value_type *ret_type)
{
    bool is_percentile = str_eq(node->name, S("percentile"));
    bool is_extreme = str_eq(node->name, S("min")) || str_eq(node->name, S("max"));
    struct sql argument = sql_in(out->arena);
    enum value_type type;
    TRY(translate_value(translation, node->children.items[0], &argument, &type));
    bool is_date = type == VALUE_DATE || type == VALUE_DATETIME;
    if (type != VALUE_INT && type != VALUE_DOUBLE && !(is_date && is_extreme)) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_STATISTIC_TYPE, NULL);
    }
    double share = 50;
    if (is_percentile) {
        const struct node *percent = node->children.items[1];
        bool is_number = percent->kind == NODE_INT || percent->kind == NODE_DOUBLE;
        share = is_number ? percent->real : -1;
        if (share < 0 || share > 100) {
            return wrong_arguments(translation, node);
        }
    }
    *ret_type = is_extreme ? type : VALUE_DOUBLE;
    if (is_extreme) {
        sql_text_constant(out, node->name);
        sql_text(out, "(");
        sql_join(out, &argument);
        sql_text(out, ")");
    } else if (str_eq(node->name, S("sum"))) {
        append_sum(translation->source, type, &argument, out);
    } else if (str_eq(node->name, S("avg"))) {
        append_mean(translation->source, type, &argument, out);
    } else {
        char digits[NUM_DOUBLE_BYTES];
        size_t n = num_write_double(digits, share / 100);
        append_quantile(translation->source, str_copy(out->arena, (str){digits, n}), &argument, out);
    }
    return ERR_OK;
}
