/* Facet parameters and the counting of facet values (explore-api.md 2.5, 3.10). */
#include "base/limits.h"
#include "domain/odsql/translate.h"

#define FACET_VALUES_MOST 20000

static enum err read_argument(struct translation *translation, const struct node *argument,
                              str *name, struct facet_request *facet)
{
    const struct node *value = argument->children.items[0];
    bool is_text = value->kind == NODE_STRING || value->kind == NODE_FIELD;
    if (str_eq(argument->name, S("name")) && is_text) {
        *name = value->name;
        return ERR_OK;
    }
    if (str_eq(argument->name, S("sort"))) {
        static const char *const sorts[] = {"count", "-count", "alphanum", "-alphanum", "num", "-num"};
        str sort = value->kind == NODE_NEGATE ? value->text : value->name;
        for (size_t i = 0; i < ARRAY_LENGTH(sorts); i++) {
            if (str_eq(sort, str_from(sorts[i]))) {
                facet->sort = sort;
                return ERR_OK;
            }
        }
    }
    if (str_eq(argument->name, S("limit")) && value->kind == NODE_INT && value->number >= 1 &&
        value->number <= FACET_VALUES_MOST) {
        facet->limit = value->number;
        return ERR_OK;
    }
    if (str_eq(argument->name, S("disjunctive")) && value->kind == NODE_BOOL) {
        facet->disjunctive = value->number;
        return ERR_OK;
    }
    bool accepted = (str_eq(argument->name, S("hierarchical")) && value->kind == NODE_BOOL) ||
                    (str_eq(argument->name, S("separator")) && value->kind == NODE_STRING);
    return accepted ? ERR_OK
                    : query_error(translation->scope, translation->clause,
                                  "facet() does not understand %.*s", STR_ARG(argument->text));
}

enum err odsql_facet_parse(struct scope *scope, const struct source *source, str text,
                           struct facet_request *ret_facet)
{
    struct clause clause = {"facet", text};
    struct translation translation = {.scope = scope, .source = source, .clause = &clause};
    struct facet_request facet = {.limit = LIMIT_FACET_VALUES};
    struct facet_request given = {.limit = -1};
    struct node *node;
    str name = STR_NONE;
    bool disjunctive_given = false;
    TRY(parse_facet(scope, &clause, &node));
    if (node->kind == NODE_FIELD) {
        name = node->name;
    } else if (node->kind == NODE_CALL && str_eq(node->name, S("facet"))) {
        for (size_t i = 0; i < node->children.count; i++) {
            TRY(read_argument(&translation, node->children.items[i], &name, &given));
            disjunctive_given |= str_eq(node->children.items[i]->name, S("disjunctive"));
        }
    }
    if (!name.n) {
        return query_error(scope, &clause, "a facet name is expected");
    }
    TRY(resolve_field(&translation, name, &facet.field));
    if (value_type_of(facet.field) > VALUE_LIST) {
        return query_error(scope, &clause, "%.*s cannot be a facet", STR_ARG(name));
    }
    facet.disjunctive = disjunctive_given ? given.disjunctive : facet.field->disjunctive;
    facet.sort = given.sort.n ? given.sort : facet.field->facetsort;
    facet.limit = given.limit > 0 ? given.limit : facet.limit;
    *ret_facet = facet;
    return ERR_OK;
}

static enum err collect_values(struct translation *translation, const char *clause_name,
                               const str *texts, size_t count, const struct field *field,
                               const str **ret_values, size_t *ret_count)
{
    str *values = arena_array(&translation->scope->arena, str, count);
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        struct clause clause = {clause_name, texts[i]};
        const struct field *named;
        translation->clause = &clause;
        TRY(split_refinement(translation, texts[i], &named, &values[found]));
        found += named == field;
    }
    *ret_values = values;
    *ret_count = found;
    return ERR_OK;
}

/* The value as text: dates by year, lists by element. */
static void append_value(struct translation *translation, const struct field *field,
                         struct sql *out)
{
    struct sql column = sql_in(out->arena);
    sql_name(&column, field->name);
    if (field->type == FIELD_DATE || field->type == FIELD_DATETIME) {
        sql_text(out, "date_part('year', ");
        local_time(translation, &column, value_type_of(field), out);
        sql_text(out, ")::bigint::varchar");
    } else if (field_is_list(field)) {
        sql_text(out, "unnest(");
        sql_join(out, &column);
        sql_text(out, ")");
    } else {
        sql_join(out, &column);
        sql_text(out, "::varchar");
    }
}

static str order_text(const struct facet_request *facet)
{
    bool numeric = facet->field->type == FIELD_INT || facet->field->type == FIELD_DOUBLE;
    if (str_eq(facet->sort, S("alphanum")) || str_eq(facet->sort, S("num"))) {
        return numeric ? S(" order by value::double asc") : S(" order by value asc");
    }
    if (str_eq(facet->sort, S("-alphanum")) || str_eq(facet->sort, S("-num"))) {
        return numeric ? S(" order by value::double desc") : S(" order by value desc");
    }
    if (str_eq(facet->sort, S("-count"))) {
        return S(" order by records asc, value asc");
    }
    return S(" order by records desc, value asc");
}

enum err odsql_facet_compile(struct scope *scope, const struct source *source,
                             const struct clauses *clauses, const struct facet_request *facet,
                             struct facet_plan **ret_plan)
{
    struct translation translation;
    struct sql filter = sql_in(&scope->arena);
    bool filtered;
    TRY(translation_begin(scope, source, clauses, &translation));
    TRY(translate_filter(&translation, clauses, facet->disjunctive ? facet->field : NULL, &filter,
                         &filtered));
    struct facet_plan *plan = arena_new(&scope->arena, struct facet_plan);
    plan->values = sql_in(&scope->arena);
    struct sql *out = &plan->values;
    sql_text(out, "select value, count(*) as records from (select ");
    append_value(&translation, facet->field, out);
    sql_text(out, " as value from ");
    append_relation(out, source, source->table);
    if (filtered) {
        sql_text(out, " where ");
        sql_join(out, &filter);
    }
    sql_text(out, ") where value is not null group by value");
    sql_text_constant(out, order_text(facet));
    sql_text(out, " limit ");
    sql_bind(out, cell_int(facet->limit));
    TRY(collect_values(&translation, "refine", clauses->refine, clauses->refine_count,
                       facet->field, &plan->refined, &plan->refined_count));
    TRY(collect_values(&translation, "exclude", clauses->exclude, clauses->exclude_count,
                       facet->field, &plan->excluded, &plan->excluded_count));
    *ret_plan = plan;
    return ERR_OK;
}
