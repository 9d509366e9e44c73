#include "domain/odsql/translate.h"

#include "base/date.h"

/* Parts of one statement. A facet request may compile its filter LIMIT_FACETS times. */
#define STATEMENT_PARTS_MOST 20000

static const struct {
    const char *name;
} type_rows[] = {
    [VALUE_NULL] = {"null"},         [VALUE_BOOL] = {"boolean"},
    [VALUE_INT] = {"int"},           [VALUE_DOUBLE] = {"double"},
    [VALUE_TEXT] = {"text"},         [VALUE_DATE] = {"date"},
    [VALUE_DATETIME] = {"datetime"}, [VALUE_LIST] = {"text"},
    [VALUE_POINT] = {"geo_point_2d"}, [VALUE_SHAPE] = {"geo_shape"},
    [VALUE_JSON] = {"json_blob"},
};

const char *value_type_name(enum value_type type)
{
    return type_rows[type].name;
}

enum value_type value_type_of(const struct field *field)
{
    switch (field->type) {
    case FIELD_INT:
        return VALUE_INT;
    case FIELD_DOUBLE:
        return VALUE_DOUBLE;
    case FIELD_BOOLEAN:
        return VALUE_BOOL;
    case FIELD_DATE:
        return VALUE_DATE;
    case FIELD_DATETIME:
        return VALUE_DATETIME;
    case FIELD_GEO_POINT:
        return VALUE_POINT;
    case FIELD_GEO_SHAPE:
        return VALUE_SHAPE;
    case FIELD_JSON:
        return VALUE_JSON;
    case FIELD_TEXT:
    case FIELD_FILE:
    case FIELD__COUNT:
        break;
    }
    return field_is_list(field) ? VALUE_LIST : VALUE_TEXT;
}

static bool is_numeric(enum value_type type)
{
    return type == VALUE_INT || type == VALUE_DOUBLE;
}

static bool is_time(enum value_type type)
{
    return type == VALUE_DATE || type == VALUE_DATETIME;
}

void append_relation(struct sql *out, const struct source *source, str table)
{
    if (source->database.n) {
        sql_name(out, source->database);
        sql_text(out, ".");
    }
    sql_name(out, table);
}

enum err translation_begin(struct scope *scope, const struct source *source,
                           const struct clauses *clauses, struct translation *ret)
{
    const struct zone *zone = zone_find(clauses->timezone);
    if (!zone) {
        return fail(scope, ERR_PARAMETER,
                    "Invalid value for timezone API parameter: %.*s was found but a time zone of "
                    "the IANA database is expected.",
                    STR_ARG(clauses->timezone));
    }
    *ret = (struct translation){.scope = scope,
                                .source = source,
                                .zone = zone,
                                .lang = clauses->lang.n ? clauses->lang : S("en"),
                                .now = clauses->now};
    return ERR_OK;
}

static const struct field *find_field(const struct translation *translation, str name)
{
    const struct schema *schema = translation->source->schema;
    struct arena *arena = &translation->scope->arena;
    const struct field *field = schema_find(schema, name);
    if (!field && translation->source->is_catalogue) {
        static const char *const templates[] = {"default", "custom"};
        for (size_t i = 0; i < ARRAY_LENGTH(templates) && !field; i++) {
            field = schema_find(schema, str_printf(arena, "%s.%.*s", templates[i], STR_ARG(name)));
        }
        if (!field && str_eq(name, S("datasetid"))) {
            field = schema_find(schema, S("dataset_id"));
        }
    }
    return field;
}

enum err resolve_field(struct translation *translation, str name, const struct field **ret_field)
{
    const struct field *field = find_field(translation, name);
    if (!field) {
        field = find_field(translation, str_lower_ascii(&translation->scope->arena, name));
    }
    if (!field) {
        return query_error(translation->scope, translation->clause, "Unknown field: %.*s",
                           STR_ARG(name));
    }
    *ret_field = field;
    return ERR_OK;
}

void note_field(struct translation *translation, const struct field *field)
{
    bool is_key = translation->in_aggregate || translation->loose;
    for (size_t i = 0; i < translation->grouped_count && !is_key; i++) {
        is_key = translation->grouped[i] == field;
    }
    if (!is_key) {
        translation->loose = field;
    }
}

enum err check_size(struct translation *translation, const struct sql *out)
{
    return out->parts.count <= STATEMENT_PARTS_MOST
               ? ERR_OK
               : query_error(translation->scope, translation->clause, "the clause is too complex");
}

void local_time(struct translation *translation, const struct sql *value, enum value_type type,
                struct sql *out)
{
    bool shift = type == VALUE_DATETIME && !str_eq(zone_name(translation->zone), S("UTC"));
    if (shift) {
        sql_text(out, "timezone(");
        sql_bind(out, cell_text(zone_name(translation->zone)));
        sql_text(out, "::varchar, timezone('UTC', ");
    }
    sql_join(out, value);
    if (shift) {
        sql_text(out, "))");
    }
}

enum err read_date_literal(struct translation *translation, str text, usec *ret_start,
                           usec *ret_end, bool *ret_whole_days)
{
    struct date_text date;
    if (!date_read(str_trim(text), &date)) {
        return query_error(translation->scope, translation->clause,
                           "Invalid date to parse '%.*s'", STR_ARG(text));
    }
    struct civil next = date_next(date.civil, date.precision);
    usec start = date_instant(&date.civil);
    usec end = date_instant(&next);
    *ret_whole_days = date.precision <= PRECISION_DAY;
    if (date.has_zone) {
        usec offset = date.zone_offset_minutes * 60 * USEC_SECOND;
        *ret_start = start - offset;
        *ret_end = end - offset;
    } else {
        *ret_start = zone_instant_of_local(translation->zone, start);
        *ret_end = zone_instant_of_local(translation->zone, end);
    }
    return ERR_OK;
}

static enum err translate_arithmetic(struct translation *translation, const struct node *node,
                                     struct sql *out, enum value_type *ret_type)
{
    enum value_type left_type;
    enum value_type right_type;
    bool divides = node->op == '/';
    sql_text(out, "(");
    TRY(translate_value(translation, node->children.items[0], out, &left_type));
    size_t type_at = out->parts.count; /* known when the other operand is */
    sql_text(out, "::double");
    sql_text_constant(out, divides          ? S(" / nullif(")
                           : node->op == '*' ? S(" * ")
                           : node->op == '+' ? S(" + ")
                                             : S(" - "));
    TRY(translate_value(translation, node->children.items[1], out, &right_type));
    sql_text_constant(out, divides ? S("::double, 0))") : S(")"));
    if ((!is_numeric(left_type) && left_type != VALUE_NULL) ||
        (!is_numeric(right_type) && right_type != VALUE_NULL)) {
        return query_error(translation->scope, translation->clause,
                           "Incompatible types for operator %c. Left type: %s, right_type: %s",
                           node->op, value_type_name(left_type), value_type_name(right_type));
    }
    bool whole = left_type == VALUE_INT && right_type == VALUE_INT && !divides;
    if (whole) {
        out->parts.items[type_at].text = S("::bigint");
    }
    *ret_type = whole ? VALUE_INT : VALUE_DOUBLE;
    return ERR_OK;
}

static enum err translate_field(struct translation *translation, const struct node *node,
                                struct sql *out, enum value_type *ret_type)
{
    const struct field *field;
    TRY(resolve_field(translation, node->name, &field));
    note_field(translation, field);
    *ret_type = value_type_of(field);
    if (*ret_type == VALUE_POINT) {
        /* As one value a point is only tested for null; select takes the two columns itself. */
        sql_name(out, field_longitude_column(out->arena, field));
    } else {
        sql_name(out, field->name);
    }
    return ERR_OK;
}

static enum err translate_date(struct translation *translation, const struct node *node,
                               struct sql *out, enum value_type *ret_type)
{
    usec start;
    usec end;
    bool whole_days;
    TRY(read_date_literal(translation, node->name, &start, &end, &whole_days));
    sql_bind(out, cell_instant(start));
    sql_text(out, "::timestamp");
    *ret_type = VALUE_DATETIME;
    return ERR_OK;
}

enum err translate_value(struct translation *translation, const struct node *node, struct sql *out,
                         enum value_type *ret_type)
{
    switch (node->kind) {
    case NODE_NULL:
        sql_text(out, "null");
        *ret_type = VALUE_NULL;
        return ERR_OK;
    case NODE_BOOL:
        sql_bind(out, cell_bool(node->number));
        sql_text(out, "::boolean");
        *ret_type = VALUE_BOOL;
        return ERR_OK;
    case NODE_INT:
        sql_bind(out, cell_int(node->number));
        sql_text(out, "::bigint");
        *ret_type = VALUE_INT;
        return ERR_OK;
    case NODE_DOUBLE:
        sql_bind(out, cell_double(node->real));
        sql_text(out, "::double");
        *ret_type = VALUE_DOUBLE;
        return ERR_OK;
    case NODE_STRING:
        sql_bind(out, cell_text(node->name));
        sql_text(out, "::varchar");
        *ret_type = VALUE_TEXT;
        return ERR_OK;
    case NODE_DATE:
        return translate_date(translation, node, out, ret_type);
    case NODE_FIELD:
        return translate_field(translation, node, out, ret_type);
    case NODE_NEGATE:
        sql_text(out, "(-");
        TRY(translate_value(translation, node->children.items[0], out, ret_type));
        sql_text(out, ")");
        if (!is_numeric(*ret_type)) {
            break;
        }
        return ERR_OK;
    case NODE_ARITHMETIC:
        return translate_arithmetic(translation, node, out, ret_type);
    case NODE_CALL:
        return translate_call(translation, node, out, ret_type);
    case NODE_GEOMETRY:
        return query_error(translation->scope, translation->clause,
                           "geometry literals are not available on this portal yet");
    default:
        break;
    }
    return query_error(translation->scope, translation->clause, "%.*s is not a value",
                       STR_ARG(node->text));
}

/* ---- comparisons ---- */

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

void bind_edge(struct translation *translation, enum value_type type, bool whole_days, usec edge,
               struct sql *out)
{
    if (type == VALUE_DATE) {
        usec local = edge + zone_offset_at(translation->zone, edge) * USEC_SECOND;
        if (whole_days) {
            usec days = local / USEC_DAY - (local % USEC_DAY < 0);
            sql_bind(out, cell_date((int32_t)days));
            sql_text(out, "::date");
        } else {
            sql_bind(out, cell_instant(local));
            sql_text(out, "::timestamp");
        }
        return;
    }
    sql_bind(out, cell_instant(edge));
    sql_text(out, "::timestamp");
}

/* A literal denotes the whole period it names (explore-api.md 3.1). */
static enum err compare_with_date(struct translation *translation, const struct sql *value,
                                  enum value_type type, char op, str literal, struct sql *out)
{
    usec start;
    usec end;
    bool whole;
    TRY(read_date_literal(translation, literal, &start, &end, &whole));
    sql_text(out, "(");
    sql_join(out, value);
    if (op == '=' || op == '!') {
        sql_text_constant(out, op == '=' ? S(" >= ") : S(" < "));
        bind_edge(translation, type, whole, start, out);
        sql_text_constant(out, op == '=' ? S(" and ") : S(" or "));
        sql_join(out, value);
        sql_text_constant(out, op == '=' ? S(" < ") : S(" >= "));
        bind_edge(translation, type, whole, end, out);
    } else {
        bool after = op == '>' || op == 'l';
        sql_text_constant(out, op == '<' || op == 'l' ? S(" < ") : S(" >= "));
        bind_edge(translation, type, whole, after ? end : start, out);
    }
    sql_text(out, ")");
    return ERR_OK;
}

static enum err incompatible(struct translation *translation, enum value_type left,
                             enum value_type right)
{
    return query_error(translation->scope, translation->clause,
                       "Incompatible types for comparison. Left type: %s, right_type: %s",
                       value_type_name(left), value_type_name(right));
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
        local_time(translation, value, type, out);
        sql_text(out, "::timestamp");
    } else {
        sql_join(out, value);
    }
}

static enum err compare(struct translation *translation, const struct node *left,
                        const struct node *right, char op, struct sql *out)
{
    if (left->kind == NODE_DATE && right->kind != NODE_DATE) {
        return compare(translation, right, left, flip(op), out);
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
        sql_text_constant(out, op == '=' ? S("list_contains(") : S("not list_contains("));
        sql_join(out, &left_sql);
        sql_text(out, ", ");
        sql_join(out, &right_sql);
        sql_text(out, ")");
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
    sql_text(out, "list_contains(");
    sql_join(out, &list);
    sql_text(out, ", (");
    TRY(translate_value(translation, value, out, &type));
    sql_text(out, ")::varchar)");
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
        return query_error(translation->scope, translation->clause, "%.*s is not a condition",
                           STR_ARG(node->text));
    }
    return ERR_OK;
}

static bool is_text_call(str name)
{
    return str_eq(name, S("search")) || str_eq(name, S("suggest")) ||
           str_eq(name, S("startswith"));
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
    case NODE_CALL:
        if (is_text_call(node->name)) {
            return translate_text_call(translation, node, out);
        }
        return translate_bare(translation, node, out);
    default:
        return translate_bare(translation, node, out);
    }
}
