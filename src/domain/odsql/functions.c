/* Scalar functions, date parts and aggregates (explore-api.md 3.6). */
#include "base/num.h"
#include "domain/odsql/translate.h"
#include "platform/text/date_pattern.h"

struct function_row {
    const char *name;
    size_t arguments;
    const char *takes;       /* one letter an argument: t text, d date, n number, * any, s string literal */
    enum value_type returns;
    str before, after;       /* SQL around the arguments, joined by ", " */
};

static const struct function_row scalar_rows[] = {
    {"length", 1, "t", VALUE_INT, {"length(", 7}, {")", 1}},
    {"lower", 1, "t", VALUE_TEXT, {"lower(", 6}, {")", 1}},
    {"upper", 1, "t", VALUE_TEXT, {"upper(", 6}, {")", 1}},
    {"year", 1, "d", VALUE_INT, {"date_part('year', ", 18}, {")::bigint", 9}},
    {"month", 1, "d", VALUE_INT, {"date_part('month', ", 19}, {")::bigint", 9}},
    {"day", 1, "d", VALUE_INT, {"date_part('day', ", 17}, {")::bigint", 9}},
    {"hour", 1, "d", VALUE_INT, {"date_part('hour', ", 18}, {")::bigint", 9}},
    {"minute", 1, "d", VALUE_INT, {"date_part('minute', ", 20}, {")::bigint", 9}},
    {"second", 1, "d", VALUE_INT, {"date_part('second', ", 20}, {")::bigint", 9}},
};

static const char *const later[] = {"distance",   "envelope", "bbox",       "within_distance",
                                    "in_bbox",    "disjoint", "intersects", "within",
                                    "geometry",   "polygon",  "geo_cluster"};

static enum err wrong_arguments(struct translation *translation, const struct node *node,
                                const char *expected)
{
    return query_error(translation->scope, translation->clause,
                       "function %.*s() expects %s", STR_ARG(node->name), expected);
}

static enum err translate_row(struct translation *translation, const struct function_row *row,
                              const struct node *node, struct sql *out)
{
    struct sql argument = sql_in(out->arena);
    enum value_type type;
    TRY(translate_value(translation, node->children.items[0], &argument, &type));
    bool is_date = type == VALUE_DATE || type == VALUE_DATETIME;
    if (row->takes[0] == 'd' && !is_date) {
        return wrong_arguments(translation, node, "a date or datetime");
    }
    if (row->takes[0] == 't' && type != VALUE_TEXT && type != VALUE_NULL) {
        return wrong_arguments(translation, node, "a text");
    }
    append_guard(translation, out);
    sql_text_constant(out, row->before);
    if (is_date) {
        local_time(translation, &argument, type, out);
        sql_text(out, "::timestamp");
    } else {
        sql_join(out, &argument);
        sql_text(out, "::varchar");
    }
    sql_text_constant(out, row->after);
    sql_text(out, ")");
    return ERR_OK;
}

static enum err translate_date_format(struct translation *translation, const struct node *node,
                                      struct sql *out)
{
    struct sql argument = sql_in(out->arena);
    enum value_type type = VALUE_NULL;
    if (node->children.count != 2 || node->children.items[1]->kind != NODE_STRING) {
        return wrong_arguments(translation, node, "a date and a pattern in quotes");
    }
    TRY(translate_value(translation, node->children.items[0], &argument, &type));
    if (type != VALUE_DATE && type != VALUE_DATETIME) {
        return wrong_arguments(translation, node, "a date or datetime");
    }
    str pattern = node->children.items[1]->name;
    str unknown;
    if (!date_pattern_check(pattern, &unknown)) {
        return query_error(translation->scope, translation->clause,
                           "date_format: the letters %.*s are not known; text goes between single "
                           "quotes", STR_ARG(unknown));
    }
    append_guard(translation, out);
    sql_text(out, "date_words(");
    local_time(translation, &argument, type, out);
    sql_text(out, "::timestamp, ");
    sql_bind(out, cell_text(pattern));
    sql_text(out, "::varchar, ");
    sql_bind(out, cell_text(translation->lang));
    sql_text(out, "::varchar))");
    return ERR_OK;
}

/* A literal of whole days beside a date is a date. */
static enum err translate_alternative(struct translation *translation, const struct node *node,
                                      enum value_type first, struct sql *out,
                                      enum value_type *ret_type)
{
    usec start;
    usec end;
    bool whole_days = false;
    if (first == VALUE_DATE && node->kind == NODE_DATE) {
        TRY(read_date_literal(translation, node->name, &start, &end, &whole_days));
    }
    if (!whole_days) {
        return translate_value(translation, node, out, ret_type);
    }
    bind_edge(translation, VALUE_DATE, true, start, out);
    *ret_type = VALUE_DATE;
    return ERR_OK;
}

/* A date among instants is the midnight with which it begins in the request's zone. */
static void add_time(struct translation *translation, const struct sql *value, enum value_type type,
                     bool is_instant, struct sql *out)
{
    bool shift = is_instant && type == VALUE_DATE;
    if (shift) {
        append_guard(translation, out);
        sql_text(out, "timezone('UTC', timezone(");
        sql_bind(out, cell_text(zone_name(translation->zone)));
        sql_text(out, "::varchar, (");
    }
    sql_join(out, value);
    if (shift) {
        sql_text(out, ")::timestamp)))");
    }
}

static enum err translate_ifnull(struct translation *translation, const struct node *node,
                                 struct sql *out, enum value_type *ret_type)
{
    if (node->children.count != 2) {
        return wrong_arguments(translation, node, "two values");
    }
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
        return query_error(translation->scope, translation->clause,
                           "Incompatible types for ifnull. Left type: %s, right_type: %s",
                           value_type_name(*ret_type), value_type_name(other));
    }
    if (*ret_type == VALUE_NULL || other == VALUE_DOUBLE || other == VALUE_DATETIME) {
        *ret_type = other;
    }
    return ERR_OK;
}

/* ---- aggregates ---- */

static bool is_aggregate(str name)
{
    static const char *const names[] = {"count", "sum", "avg", "min", "max", "median", "percentile"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (str_eq(name, str_from(names[i]))) {
            return true;
        }
    }
    return false;
}

static enum err translate_count(struct translation *translation, const struct node *node,
                                struct sql *out)
{
    enum value_type type;
    if (node->children.count != 1) {
        return wrong_arguments(translation, node, "* or one value");
    }
    if (node->children.items[0]->kind == NODE_STAR) {
        sql_text(out, "count(*)");
        return ERR_OK;
    }
    sql_text_constant(out, node->flag ? S("count(distinct ") : S("count("));
    TRY(translate_value(translation, node->children.items[0], out, &type));
    sql_text(out, ")");
    return ERR_OK;
}

static enum err translate_statistic(struct translation *translation, const struct node *node,
                                    struct sql *out, enum value_type *ret_type)
{
    bool is_percentile = str_eq(node->name, S("percentile"));
    bool is_extreme = str_eq(node->name, S("min")) || str_eq(node->name, S("max"));
    if (node->children.count != (is_percentile ? 2 : 1)) {
        return wrong_arguments(translation, node, is_percentile ? "a number and a percentage"
                                                                : "one value");
    }
    struct sql argument = sql_in(out->arena);
    enum value_type type;
    TRY(translate_value(translation, node->children.items[0], &argument, &type));
    bool is_date = type == VALUE_DATE || type == VALUE_DATETIME;
    if (type != VALUE_INT && type != VALUE_DOUBLE && !(is_date && is_extreme)) {
        return query_error(translation->scope, translation->clause,
                           "StatAggregation only supports numeric or date expression");
    }
    double share = 50;
    if (is_percentile) {
        const struct node *percent = node->children.items[1];
        bool is_number = percent->kind == NODE_INT || percent->kind == NODE_DOUBLE;
        share = is_number ? percent->real : -1;
        if (share < 0 || share > 100) {
            return wrong_arguments(translation, node, "a percentage from 0 to 100");
        }
    }
    bool is_quantile = is_percentile || str_eq(node->name, S("median"));
    sql_text_constant(out, is_quantile ? S("quantile_cont") : node->name);
    sql_text(out, "(");
    sql_join(out, &argument);
    if (is_quantile) {
        char digits[NUM_DOUBLE_BYTES];
        size_t n = num_write_double(digits, share / 100);
        sql_text(out, "::double, ");
        sql_text_constant(out, str_copy(out->arena, (str){digits, n}));
    }
    sql_text_constant(out, is_extreme ? S(")") : S(")::double"));
    *ret_type = is_extreme ? type : VALUE_DOUBLE;
    return ERR_OK;
}

static enum err translate_aggregate(struct translation *translation, const struct node *node,
                                    struct sql *out, enum value_type *ret_type)
{
    if (!translation->aggregates_allowed) {
        return query_error(translation->scope, translation->clause,
                           "aggregation function %.*s is not allowed here", STR_ARG(node->name));
    }
    translation->saw_aggregate = true;
    translation->aggregates_allowed = false; /* no aggregate inside an aggregate */
    translation->in_aggregate = true;
    enum err result;
    if (str_eq(node->name, S("count"))) {
        *ret_type = VALUE_INT;
        result = translate_count(translation, node, out);
    } else {
        result = translate_statistic(translation, node, out, ret_type);
    }
    translation->aggregates_allowed = true;
    translation->in_aggregate = false;
    return result;
}

enum err translate_call(struct translation *translation, const struct node *node, struct sql *out,
                        enum value_type *ret_type)
{
    for (size_t i = 0; i < ARRAY_LENGTH(later); i++) {
        if (str_eq(node->name, str_from(later[i]))) {
            return query_error(translation->scope, translation->clause,
                               "the function %.*s() is not available on this portal yet",
                               STR_ARG(node->name));
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(scalar_rows); i++) {
        if (str_eq(node->name, str_from(scalar_rows[i].name))) {
            if (node->children.count != scalar_rows[i].arguments) {
                return wrong_arguments(translation, node, "one value");
            }
            *ret_type = scalar_rows[i].returns;
            return translate_row(translation, &scalar_rows[i], node, out);
        }
    }
    if (is_aggregate(node->name)) {
        return translate_aggregate(translation, node, out, ret_type);
    }
    if (str_eq(node->name, S("date_format"))) {
        *ret_type = VALUE_TEXT;
        return translate_date_format(translation, node, out);
    }
    if (str_eq(node->name, S("ifnull"))) {
        return translate_ifnull(translation, node, out, ret_type);
    }
    if (str_eq(node->name, S("now"))) {
        usec instant;
        TRY(evaluate_now(translation, node, &instant));
        sql_bind(out, cell_instant(instant));
        sql_text(out, "::timestamp");
        *ret_type = VALUE_DATETIME;
        return ERR_OK;
    }
    return query_error(translation->scope, translation->clause,
                       "the function %.*s() is not allowed here", STR_ARG(node->name));
}
