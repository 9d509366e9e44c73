/* Facet parameters and the counting of facet values (explore-api.md 2.5, 3.10). */
#include "base/limits.h"
#include "domain/odsql/dialect.h"

#define FACET_VALUES_MOST 20000

static enum err read_argument(struct translation *translation, const struct node *argument,
                              str *name, struct facet_request *facet,
                              const struct node **hierarchical)
{
    const struct node *value = argument->children.items[0];
    bool is_text = value->kind == NODE_STRING || value->kind == NODE_FIELD;
    bool is_number = value->kind == NODE_INT;
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
    if (str_eq(argument->name, S("limit")) && is_number && value->number >= 1 &&
        value->number <= FACET_VALUES_MOST) {
        facet->limit = value->number;
        return ERR_OK;
    }
    if (str_eq(argument->name, S("disjunctive")) && value->kind == NODE_BOOL) {
        facet->disjunctive = value->number;
        return ERR_OK;
    }
    if (str_eq(argument->name, S("hierarchical")) && value->kind == NODE_BOOL) {
        *hierarchical = value;
        return ERR_OK;
    }
    if (str_eq(argument->name, S("separator")) && is_text && value->name.n) {
        facet->separator = value->name;
        return ERR_OK;
    }
    return query_error(translation->scope, translation->clause, MSG_ODSQL_FACET_SETTING,
                       SAYS(ARG_TEXT("text", argument->text)));
}

str odsql_facet_separator(const struct field *field)
{
    bool is_date = field->type == FIELD_DATE || field->type == FIELD_DATETIME;
    return is_date ? S("/") : field->hierarchical;
}

/* Only texts can be asked for as a tree or as flat; dates always have levels. */
static str choose_separator(const struct field *field, str given, const struct node *hierarchical)
{
    str own = odsql_facet_separator(field);
    if (field->type != FIELD_TEXT || (hierarchical ? !hierarchical->number : own.n == 0)) {
        return field->type == FIELD_TEXT ? STR_NONE : own;
    }
    return given.n ? given : own.n ? own : S("/");
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
    const struct node *hierarchical = NULL;
    TRY(parse_facet(scope, &clause, &node));
    if (node->kind == NODE_FIELD) {
        name = node->name;
    } else if (node->kind == NODE_CALL && str_eq(node->name, S("facet"))) {
        for (size_t i = 0; i < node->children.count; i++) {
            TRY(read_argument(&translation, node->children.items[i], &name, &given,
                              &hierarchical));
            disjunctive_given |= str_eq(node->children.items[i]->name, S("disjunctive"));
        }
    }
    if (!name.n) {
        return query_error(scope, &clause, MSG_ODSQL_FACET_NAME, NULL);
    }
    TRY(resolve_field(&translation, name, &facet.field));
    if (value_type_of(facet.field) > VALUE_LIST) {
        return query_error(scope, &clause, MSG_ODSQL_FACET_NOT, SAYS(ARG_TEXT("name", name)));
    }
    facet.disjunctive = disjunctive_given ? given.disjunctive : facet.field->disjunctive;
    facet.separator = choose_separator(facet.field, given.separator, hierarchical);
    facet.sort = given.sort.n ? given.sort : facet.field->facetsort;
    facet.limit = given.limit > 0 ? given.limit : facet.limit;
    *ret_facet = facet;
    return ERR_OK;
}

/* A refined value in the form of the facet's values: 2024/03 for 2024-03, true for True. */
static str as_facet_value(struct arena *arena, const struct field *field, str value)
{
    if (field->type == FIELD_BOOLEAN) {
        return str_lower_ascii(arena, value);
    }
    if (field->type != FIELD_DATE && field->type != FIELD_DATETIME) {
        return value;
    }
    char *text = arena_alloc(arena, value.n + 1);
    for (size_t i = 0; i < value.n; i++) {
        text[i] = value.p[i] == '-' ? '/' : value.p[i];
    }
    return (str){text, value.n};
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
        if (named == field) {
            values[found] = as_facet_value(&translation->scope->arena, field, values[found]);
            bool is_new = true;
            for (size_t j = 0; j < found; j++) {
                is_new &= !str_eq(values[j], values[found]);
            }
            found += is_new;
        }
    }
    *ret_values = values;
    *ret_count = found;
    return ERR_OK;
}

/* List of the places where a path counts: its first level, and the next one below opened paths. */
static void append_places(const struct source *source, const struct sql *path, str separator,
                          const str *opened, size_t count, struct sql *out)
{
    open_list(source, out);
    append_levels(source, path, separator, 1, out);
    for (size_t i = 0; i < count; i++) {
        size_t levels = 1;
        size_t at = 0;
        while (levels < LIMIT_FACET_LEVELS) {
            size_t end = str_find(opened[i], separator, at);
            str above = end == SIZE_MAX ? opened[i] : str_slice(opened[i], 0, end);
            sql_text(out, ", case when starts_with(");
            sql_join(out, path);
            sql_text(out, ", ");
            sql_bind(out, cell_text(str_printf(out->arena, "%.*s%.*s", STR_ARG(above),
                                               STR_ARG(separator))));
            sql_text(out, "::text) then ");
            append_levels(source, path, separator, ++levels, out);
            sql_text(out, " end");
            if (end == SIZE_MAX) {
                break;
            }
            at = end + separator.n;
        }
    }
    sql_text(out, "]");
}

/* What is counted, one row for each place where a record counts; it becomes text only afterwards. */
static void append_key(struct translation *translation, const struct facet_request *facet,
                         const struct facet_plan *plan, struct sql *out)
{
    const struct source *source = translation->source;
    const struct field *field = facet->field;
    bool is_date = field->type == FIELD_DATE || field->type == FIELD_DATETIME;
    struct sql column = sql_in(out->arena);
    struct sql path = sql_in(out->arena);
    sql_name(&column, field->name);
    if (is_date && plan->refined_count == 0) { /* faster than texts */
        struct sql local = sql_in(out->arena);
        local_time(translation, &column, value_type_of(field), &local);
        append_date_part(source, S("year"), &local, out);
        return;
    }
    if (is_date) {
        struct sql local = sql_in(out->arena);
        local_time(translation, &column, value_type_of(field), &local);
        sql_text(&local, "::timestamp");
        append_date_path(source, &local, &path);
    } else if (field_is_list(field)) {
        sql_text(&path, "x");
    } else {
        sql_join(&path, &column);
        sql_text_constant(&path, facet->separator.n ? S("::text") : S(""));
    }
    if (facet->separator.n == 0 && !field_is_list(field)) {
        sql_join(out, &path);
        return;
    }
    struct sql places = sql_in(out->arena);
    append_places(source, &path, facet->separator, plan->refined, plan->refined_count, &places);
    if (field_is_list(field) && facet->separator.n) {
        append_spread_each(source, &column, &places, out);
    } else {
        append_spread(source, field_is_list(field) ? &column : &places, out);
    }
}

static str order_text(const struct facet_request *facet)
{
    bool numeric = facet->field->type == FIELD_INT || facet->field->type == FIELD_DOUBLE;
    if (str_eq(facet->sort, S("alphanum")) || str_eq(facet->sort, S("num"))) {
        return numeric ? S(" order by key asc") : S(" order by value asc");
    }
    if (str_eq(facet->sort, S("-alphanum")) || str_eq(facet->sort, S("-num"))) {
        return numeric ? S(" order by key desc") : S(" order by value desc");
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
    TRY(collect_values(&translation, "refine", clauses->refine, clauses->refine_count,
                       facet->field, &plan->refined, &plan->refined_count));
    TRY(collect_values(&translation, "exclude", clauses->exclude, clauses->exclude_count,
                       facet->field, &plan->excluded, &plan->excluded_count));
    plan->values = sql_in(&scope->arena);
    struct sql *out = &plan->values;
    translation.guards_values = source_hides_rows(source); /* the engine may test keys for null first */
    struct sql key = sql_in(&scope->arena);
    enum value_type type = value_type_of(facet->field);
    sql_text(&key, "key");
    sql_text(out, "select ");
    append_as_text(source, type, &key, out);
    sql_text(out, " as value, count(*) as records from (select ");
    append_key(&translation, facet, plan, out);
    sql_text(out, " as key from ");
    append_records(&translation, out);
    if (filtered) {
        sql_text(out, " where ");
        sql_join(out, &filter);
    }
    sql_text(out, ") as keys where key is not null group by key");
    sql_text_constant(out, order_text(facet));
    sql_text(out, " limit ");
    bool has_levels = facet->separator.n && plan->refined_count;
    plan->limit = has_levels ? FACET_VALUES_MOST : facet->limit;
    plan->choices = translation.choices;
    plan->zone = translation.zone;
    sql_bind(out, cell_int(plan->limit));
    *ret_plan = plan;
    struct clause clause = {"facet", facet->field->name};
    translation.clause = &clause;
    return check_size(&translation, out);
}
