#include "domain/odsql/translate.h"

#include "base/date.h"
#include "domain/odsql/dialect.h"

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

void append_relation(struct sql *out, const struct source *source, str table)
{
    if (source->relation) {
        sql_join(out, source->relation);
        return;
    }
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
        return fail_parameter(scope, S("timezone"), clauses->timezone, MSG_FAULT_EXPECTS_ZONE);
    }
    *ret = (struct translation){.scope = scope,
                                .source = source,
                                .zone = zone,
                                .lang = clauses->lang.n ? clauses->lang : S("en"),
                                .now = clauses->now,
                                .relevance = sql_in(&scope->arena),
                                .fence = sql_in(&scope->arena)};
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

/* Names of the catalogue's open templates are what people wrote. */
static const struct field *find_nocase(const struct translation *translation, str name)
{
    const struct schema *schema = translation->source->schema;
    str custom = str_printf(&translation->scope->arena, "custom.%.*s", STR_ARG(name));
    for (size_t i = 0; i < schema->count; i++) {
        str other = schema->fields[i].name;
        if (str_eq_nocase(other, name) || str_eq_nocase(other, custom)) {
            return &schema->fields[i];
        }
    }
    return NULL;
}

enum err resolve_field(struct translation *translation, str name, const struct field **ret_field)
{
    const struct field *field = find_field(translation, name);
    if (!field) {
        field = find_field(translation, str_lower_ascii(&translation->scope->arena, name));
    }
    if (!field && translation->source->is_catalogue) {
        field = find_nocase(translation, name);
    }
    if (!field) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_UNKNOWN_FIELD,
                           SAYS(ARG_TEXT("name", name)));
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
               : query_error(translation->scope, translation->clause, MSG_ODSQL_TOO_COMPLEX, NULL);
}

void local_time(struct translation *translation, const struct sql *value, enum value_type type,
                struct sql *out)
{
    bool shift = type == VALUE_DATETIME && !str_eq(zone_name(translation->zone), S("UTC"));
    sql_text_constant(out, shift ? S("local_time(") : S(""));
    sql_join(out, value);
    if (shift) {
        append_zone(translation, out);
        sql_text(out, ")");
    }
}

enum err read_date_literal(struct translation *translation, str text, struct period *ret_period)
{
    struct date_text date;
    if (!date_read(str_trim(text), &date)) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_DATE, SAYS(ARG_TEXT("text", text)));
    }
    struct civil next = date_next(date.civil, date.precision);
    struct period period = {.local_start = date_instant(&date.civil),
                            .local_end = date_instant(&next),
                            .whole_days = date.precision <= PRECISION_DAY};
    if (date.has_zone) {
        usec offset = date.zone_offset_minutes * 60 * USEC_SECOND;
        period.start = period.local_start - offset;
        period.end = period.local_end - offset;
        period.local_start =
            period.start + zone_offset_at(translation->zone, period.start) * USEC_SECOND;
        period.local_end = period.end + zone_offset_at(translation->zone, period.end) * USEC_SECOND;
    } else {
        period.start = zone_instant_of_local(translation->zone, period.local_start);
        period.end = zone_instant_of_local(translation->zone, period.local_end);
    }
    *ret_period = period;
    return ERR_OK;
}

void bind_edge(enum value_type type, const struct period *period, bool end, struct sql *out)
{
    usec local = end ? period->local_end : period->local_start;
    if (type == VALUE_DATE && period->whole_days) {
        sql_bind(out, cell_date((int32_t)(local / USEC_DAY - (local % USEC_DAY < 0))));
        sql_text(out, "::date");
        return;
    }
    sql_bind(out, cell_instant(type == VALUE_DATE ? local : end ? period->end : period->start));
    sql_text(out, "::timestamp");
}

static enum err translate_arithmetic(struct translation *translation, const struct node *node,
                                     struct sql *out, enum value_type *ret_type)
{
    struct sql left = sql_in(out->arena);
    struct sql right = sql_in(out->arena);
    enum value_type left_type;
    enum value_type right_type;
    TRY(translate_value(translation, node->children.items[0], &left, &left_type));
    TRY(translate_value(translation, node->children.items[1], &right, &right_type));
    if ((!is_numeric(left_type) && left_type != VALUE_NULL) ||
        (!is_numeric(right_type) && right_type != VALUE_NULL)) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_OPERATOR_TYPES,
                           SAYS(ARG_TEXT("operator", ((str){&node->op, 1})),
                                ARG_TEXT("left", str_from(value_type_name(left_type))),
                                ARG_TEXT("right", str_from(value_type_name(right_type)))));
    }
    bool whole = left_type == VALUE_INT && right_type == VALUE_INT && node->op != '/';
    append_calculation(translation, node->op, whole, &left, &right, out);
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
    struct period period;
    TRY(read_date_literal(translation, node->name, &period));
    bind_edge(VALUE_DATETIME, &period, false, out);
    *ret_type = VALUE_DATETIME;
    return ERR_OK;
}

static enum err refuse_value(struct translation *translation, const struct node *node)
{
    return query_error(translation->scope, translation->clause, MSG_ODSQL_NO_VALUE,
                       SAYS(ARG_TEXT("text", node->text)));
}

static enum err translate_negation(struct translation *translation, const struct node *node,
                                   struct sql *out, enum value_type *ret_type)
{
    struct sql value = sql_in(out->arena);
    TRY(translate_value(translation, node->children.items[0], &value, ret_type));
    append_negation(translation, *ret_type, &value, out);
    return is_numeric(*ret_type) ? ERR_OK : refuse_value(translation, node);
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
        sql_text(out, "::double precision");
        *ret_type = VALUE_DOUBLE;
        return ERR_OK;
    case NODE_STRING:
        bind_text(translation->source, node->name, out);
        *ret_type = VALUE_TEXT;
        return ERR_OK;
    case NODE_DATE:
        return translate_date(translation, node, out, ret_type);
    case NODE_FIELD:
        return translate_field(translation, node, out, ret_type);
    case NODE_NEGATE:
        return translate_negation(translation, node, out, ret_type);
    case NODE_ARITHMETIC:
        return translate_arithmetic(translation, node, out, ret_type);
    case NODE_CALL:
        return translate_call(translation, node, out, ret_type);
    case NODE_GEOMETRY:
        return query_error(translation->scope, translation->clause, MSG_ODSQL_GEOMETRY_ALONE, NULL);
    default:
        return refuse_value(translation, node);
    }
}
