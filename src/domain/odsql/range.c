/* range() in group_by: static ranges, equal widths, date histograms (explore-api.md 3.7). */
#include "base/date.h"
#include "domain/odsql/dialect.h"
#include "domain/odsql/registry.h"

static const char quarters[] = "quarters"; /* no unit of intervals on both engines */

static const struct {
    const char *unit;
    const char *interval;
    bool only_one;
} unit_rows[] = {
    {"ms", "milliseconds", false}, {"millisecond", "milliseconds", false},
    {"milliseconds", "milliseconds", false},
    {"s", "seconds", false}, {"second", "seconds", false}, {"seconds", "seconds", false},
    {"m", "minutes", false}, {"minute", "minutes", false}, {"minutes", "minutes", false},
    {"h", "hours", false}, {"hour", "hours", false}, {"hours", "hours", false},
    {"d", "days", false}, {"day", "days", false}, {"days", "days", false},
    {"w", "weeks", true}, {"week", "weeks", true}, {"weeks", "weeks", true},
    {"M", "months", true}, {"month", "months", true}, {"months", "months", true},
    {"q", quarters, true}, {"quarter", quarters, true}, {"quarters", quarters, true},
    {"y", "years", true}, {"year", "years", true}, {"years", "years", true},
};

static enum err wrong(struct translation *translation, enum message expected)
{
    return query_error(translation->scope, translation->clause, MSG_ODSQL_RANGE,
                       SAYS(ARG_MESSAGE("expects", expected)));
}

/* '[a, b[' around two SQL texts. */
static void add_key(const struct source *source, const struct sql *low, const struct sql *high,
                    struct sql *out)
{
    sql_text(out, "('[' || ");
    sql_join(out, low);
    sql_text(out, " || ', ' || ");
    sql_join(out, high);
    sql_text(out, " || '[')");
    append_collation(source, out);
}

/* Where the range of a group begins, which is the same for all its rows. */
static struct sql start_of_group(const struct sql *start)
{
    struct sql out = sql_in(start->arena);
    sql_text(&out, "min(");
    sql_join(&out, start);
    sql_text(&out, ")");
    return out;
}

/* Wide integers hold every multiple near the ends of the int type. */
static void whole_steps(const struct source *source, const struct sql *value, int64_t width,
                        struct sql *start, struct sql *low, struct sql *high)
{
    struct sql step = sql_in(low->arena);
    sql_bind(&step, cell_int(width));
    sql_text_constant(&step, wide_type(source));
    sql_text(start, "(");
    sql_join(start, value);
    sql_text_constant(start, wide_type(source));
    sql_text(start, " - ((");
    sql_join(start, value);
    sql_text_constant(start, wide_type(source));
    sql_text(start, " % ");
    sql_join(start, &step);
    sql_text(start, ") + ");
    sql_join(start, &step);
    sql_text(start, ") % ");
    sql_join(start, &step);
    sql_text(start, ")");
    struct sql first = start_of_group(start);
    sql_join(low, &first);
    sql_text(low, "::text");
    sql_text(high, "(");
    sql_join(high, &first);
    sql_text(high, " + ");
    sql_join(high, &step);
    sql_text(high, ")::text");
}

/* Digits behind the decimal point of a number as written, at most 9. */
static int64_t decimals_of(str number)
{
    size_t point = str_find_char(number, '.', 0);
    size_t count = point == SIZE_MAX ? 0 : number.n - point - 1;
    bool has_exponent = str_find_char(number, 'e', 0) != SIZE_MAX ||
                        str_find_char(number, 'E', 0) != SIZE_MAX;
    return count > 9 || has_exponent ? -1 : (int64_t)count;
}

/*
 * How many widths a value is from 0. Decimal fractions are no exact doubles: 0.3 / 0.1 is below 3. So half a
 * billionth is added, which is the same as to round to nine digits, and much faster.
 */
static void add_step_number(const struct source *source, const struct sql *value, double width,
                            struct sql *out)
{
    sql_text(out, "floor(");
    append_share(source, value, width, out);
    sql_text(out, " + 5e-10::double precision)");
}

static void add_decimal_edge(const struct source *source, const struct sql *step_number,
                             const struct node *width, int64_t plus, struct sql *out)
{
    int64_t decimals = decimals_of(width->text);
    struct sql number = sql_in(out->arena);
    struct sql edge = sql_in(out->arena);
    struct sql rounded = sql_in(out->arena);
    sql_text(&number, "(");
    sql_join(&number, step_number);
    sql_text(&number, " + ");
    sql_bind(&number, cell_int(plus));
    sql_text(&number, "::bigint)");
    sql_text(&edge, "(");
    append_product(source, &number, width->real, &edge);
    sql_text(&edge, ")");
    if (decimals >= 0) {
        append_rounded(source, &edge, decimals, &rounded);
    }
    append_as_text(source, VALUE_DOUBLE, decimals >= 0 ? &rounded : &edge, out);
}

static enum err equal_width(struct translation *translation, const struct sql *value,
                            enum value_type type, const struct node *width, struct sql *start,
                            struct sql *out)
{
    if ((type != VALUE_INT && type != VALUE_DOUBLE) || !(width->real > 0)) {
        return wrong(translation, MSG_ODSQL_EXPECTS_EQUAL_WIDTH);
    }
    const struct source *source = translation->source;
    struct sql low = sql_in(out->arena);
    struct sql high = sql_in(out->arena);
    if (type == VALUE_INT && width->kind == NODE_INT) {
        whole_steps(source, value, width->number, start, &low, &high);
    } else {
        add_step_number(source, value, width->real, start);
        struct sql first = start_of_group(start);
        add_decimal_edge(source, &first, width, 0, &low);
        add_decimal_edge(source, &first, width, 1, &high);
    }
    add_key(source, &low, &high, out);
    return ERR_OK;
}

/* A step of at most an hour, for which an hour that is lived twice counts twice. */
static bool is_within_hour(const char *interval, int64_t count)
{
    return strcmp(interval, "milliseconds") == 0 ? count <= 3600000
           : strcmp(interval, "seconds") == 0    ? count <= 3600
           : strcmp(interval, "minutes") == 0    ? count <= 60
                                                 : strcmp(interval, "hours") == 0 && count == 1;
}

static enum err find_interval(struct translation *translation, const struct node *step,
                              const char **ret_interval)
{
    *ret_interval = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(unit_rows) && !*ret_interval; i++) {
        str unit = str_from(unit_rows[i].unit);
        if (str_eq(step->name, unit) || (step->name.n > 1 && str_eq_nocase(step->name, unit))) {
            *ret_interval = unit_rows[i].interval;
            if (unit_rows[i].only_one && step->number != 1) {
                return wrong(translation, MSG_ODSQL_EXPECTS_ONE_STEP);
            }
        }
    }
    bool good = *ret_interval && step->flag && step->number >= 1 && step->number <= 1000000;
    return good ? ERR_OK : wrong(translation, MSG_ODSQL_EXPECTS_STEP);
}

/* The start of the step that a local time lies in. */
static void add_bucket(const struct sql *local, const char *interval, str step, struct sql *out)
{
    sql_text(out, "time_bucket(");
    sql_text_constant(out, step);
    sql_text(out, ", ");
    sql_join(out, local);
    /* ISO weeks begin on Monday; 2000-01-03 was one. Everything else is aligned on years. */
    sql_text_constant(out, strcmp(interval, "weeks") == 0 ? S(", timestamp '2000-01-03')")
                                                          : S(", timestamp '2000-01-01')"));
}

static enum err date_histogram(struct translation *translation, const struct sql *value,
                               enum value_type type, const struct node *step, struct sql *start,
                               struct sql *out)
{
    const char *interval;
    TRY(find_interval(translation, step, &interval));
    if (!is_time(type)) {
        return wrong(translation, MSG_ODSQL_EXPECTS_STEP);
    }
    str step_text = interval == quarters ? S("interval '3 months'")
                                         : str_printf(out->arena, "interval '%lld %s'",
                                                      (long long)step->number, interval);
    bool by_instant = type == VALUE_DATETIME && is_within_hour(interval, step->number);
    struct sql local = sql_in(out->arena);
    local_time(translation, value, type, &local);
    sql_text(&local, "::timestamp");
    if (by_instant) { /* back by the time since the start of the step */
        sql_join(start, value);
        sql_text(start, " - (");
        sql_join(start, &local);
        sql_text(start, " - ");
    }
    add_bucket(&local, interval, step_text, start);
    sql_text_constant(start, by_instant ? S(")") : S(""));
    struct sql first = start_of_group(start);
    struct sql edges[2] = {sql_in(out->arena), sql_in(out->arena)};
    for (size_t i = 0; i < 2; i++) {
        struct sql edge = sql_in(out->arena);
        sql_join(&edge, &first);
        if (i) {
            sql_text(&edge, " + ");
            sql_text_constant(&edge, step_text);
        }
        append_edge_text(translation, by_instant, &edge, &edges[i]);
    }
    add_key(translation->source, &edges[0], &edges[1], out);
    return ERR_OK;
}

/* A bound of a static range: the SQL to compare with, and the text of the key. */
struct bound {
    bool open;
    struct sql value;
    str text;
    double number; /* for the order of bounds: the number itself, or microseconds */
};

/* As the edges of date histograms: milliseconds, and the offset of the zone. */
static str instant_text(struct translation *translation, usec instant)
{
    char text[DATE_TEXT_BYTES];
    int offset = zone_offset_at(translation->zone, instant);
    usec fraction = (instant % USEC_SECOND + USEC_SECOND) % USEC_SECOND;
    size_t n = date_write_instant(text, instant - fraction, offset);
    str zone = str_eq(zone_name(translation->zone), S("UTC")) ? S("Z") : (str){text + n - 6, 6};
    return str_printf(&translation->scope->arena, "%.*s.%03d%.*s", (int)n - 6, text,
                      (int)(fraction / 1000), STR_ARG(zone));
}

static enum err read_date_bound(struct translation *translation, enum value_type type,
                                const struct node *node, struct bound *bound)
{
    struct period period = {.whole_days = false};
    if (node->kind == NODE_CALL) {
        TRY(evaluate_now(translation, node, &period.start));
        period.local_start =
            period.start + zone_offset_at(translation->zone, period.start) * USEC_SECOND;
    } else {
        TRY(read_date_literal(translation, node->name, &period));
    }
    bind_edge(type, &period, false, &bound->value);
    bound->text = instant_text(translation, period.start);
    bound->number = (double)period.start;
    return ERR_OK;
}

static bool is_number(const struct node *node, double *ret_number)
{
    double sign = 1;
    while (node->kind == NODE_NEGATE) {
        node = node->children.items[0];
        sign = -sign;
    }
    *ret_number = sign * node->real;
    return node->kind == NODE_INT || node->kind == NODE_DOUBLE;
}

static enum err read_bound(struct translation *translation, enum value_type type,
                           const struct node *node, struct bound *bound)
{
    struct arena *arena = &translation->scope->arena;
    bound->value = sql_in(arena);
    bound->open = node->kind == NODE_STAR;
    if (bound->open) {
        bound->text = S("*");
        return ERR_OK;
    }
    bool numeric = type == VALUE_INT || type == VALUE_DOUBLE;
    bool is_date = node->kind == NODE_DATE || node->kind == NODE_STRING ||
                   (node->kind == NODE_CALL && str_eq(node->name, S("now")));
    if (numeric ? !is_number(node, &bound->number) : !is_date) {
        return wrong(translation, MSG_ODSQL_EXPECTS_BOUNDS);
    }
    if (!numeric) {
        return read_date_bound(translation, type, node, bound);
    }
    enum value_type bound_type;
    bound->text = node->text;
    return translate_value(translation, node, &bound->value, &bound_type);
}

static enum err static_ranges(struct translation *translation, const struct sql *value,
                              enum value_type type, const struct node *call, size_t first,
                              struct sql *start, struct sql *out)
{
    size_t count = call->children.count - first;
    struct bound *bounds = arena_array(&translation->scope->arena, struct bound, count);
    for (size_t i = 0; i < count; i++) {
        TRY(read_bound(translation, type, call->children.items[first + i], &bounds[i]));
        if (bounds[i].open && i != 0 && i + 1 != count) {
            return wrong(translation, MSG_ODSQL_EXPECTS_STAR);
        }
        if (i && !bounds[i].open && !bounds[i - 1].open &&
            bounds[i].number <= bounds[i - 1].number) {
            return wrong(translation, MSG_ODSQL_EXPECTS_ASCENDING);
        }
    }
    struct sql keys = sql_in(out->arena);
    sql_text(start, "case");
    for (size_t i = 0; i + 1 < count; i++) {
        str place = str_printf(out->arena, "%zu", i);
        sql_text(start, " when ");
        sql_join(start, value);
        sql_text_constant(start, bounds[i].open ? S(" is not null") : S(" >= "));
        sql_join(start, &bounds[i].value);
        if (!bounds[i + 1].open) {
            sql_text(start, " and ");
            sql_join(start, value);
            sql_text(start, " < ");
            sql_join(start, &bounds[i + 1].value);
        }
        sql_text(start, " then ");
        sql_text_constant(start, place);
        sql_text(&keys, " when ");
        sql_text_constant(&keys, place);
        sql_text(&keys, " then ");
        bind_text(translation->source,
                  str_printf(out->arena, "[%.*s, %.*s[", STR_ARG(bounds[i].text),
                             STR_ARG(bounds[i + 1].text)),
                  &keys);
        TRY(check_size(translation, start));
    }
    sql_text(start, " end");
    struct sql group = start_of_group(start); /* null for all rows outside every range */
    sql_text(out, "case ");
    sql_join(out, &group);
    sql_join(out, &keys);
    sql_text(out, " end");
    return ERR_OK;
}

enum err translate_range(struct translation *translation, const struct node *call, struct sql *start,
                         struct sql *out)
{
    struct sql value = sql_in(out->arena);
    enum value_type type;
    TRY(check_call(translation, call));
    TRY(translate_value(translation, call->children.items[0], &value, &type));
    bool numeric = type == VALUE_INT || type == VALUE_DOUBLE;
    if (!numeric && type != VALUE_DATE && type != VALUE_DATETIME) {
        return wrong(translation, MSG_ODSQL_EXPECTS_RANGED_FIELD);
    }
    const struct node *step = call->children.items[1];
    if (call->children.count > 2) {
        return static_ranges(translation, &value, type, call, 1, start, out);
    }
    if (step->kind == NODE_MEASURE) {
        return date_histogram(translation, &value, type, step, start, out);
    }
    if (step->kind == NODE_IN_RANGE || step->kind == NODE_OLD_STEPS) {
        /* v2.0: ]a, b[ is open at both ends. */
        struct node steps = {.kind = NODE_CALL};
        struct node *star = arena_new(out->arena, struct node);
        star->kind = NODE_STAR;
        if (step->low_open) {
            vec_add(out->arena, &steps.children, star);
        }
        for (size_t i = 0; i < step->children.count; i++) {
            vec_add(out->arena, &steps.children, step->children.items[i]);
        }
        if (step->high_open) {
            vec_add(out->arena, &steps.children, star);
        }
        return static_ranges(translation, &value, type, &steps, 0, start, out);
    }
    if (step->kind == NODE_CALL && str_eq(step->name, S("equi")) && step->children.count == 1) {
        step = step->children.items[0];
    }
    if (step->kind != NODE_INT && step->kind != NODE_DOUBLE) {
        return wrong(translation, MSG_ODSQL_EXPECTS_RANGE_STEP);
    }
    return equal_width(translation, &value, type, step, start, out);
}
