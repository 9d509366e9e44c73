#include "domain/records/facet.h"

#include "base/limits.h"

static const str catalogue_facets[] = {
    {"features", 8}, {"modified", 8}, {"publisher", 9}, {"keyword", 7},
    {"theme", 5},    {"language", 8}, {"license", 7},
};

/* Separator of the levels of a value; empty when values are flat. */
static str level_separator(const struct field *field)
{
    if (field->type == FIELD_DATE || field->type == FIELD_DATETIME) {
        return S("/");
    }
    return field->hierarchical;
}

static bool contains(const str *texts, size_t count, str text)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(texts[i], text)) {
            return true;
        }
    }
    return false;
}

struct facet_tree {
    struct arena *arena;
    str separator;
    const struct facet_plan *plan;
    struct facet_value root;
};

static struct facet_value *find_child(const struct facet_value *parent, str value)
{
    struct facet_value *child = parent->children;
    while (child && !str_eq(child->value, value)) {
        child = child->next;
    }
    return child;
}

static struct facet_value *add_child(struct facet_tree *tree, struct facet_value *parent, str value,
                                     size_t name_at)
{
    struct facet_value *child = arena_new(tree->arena, struct facet_value);
    child->value = str_copy(tree->arena, value);
    child->name = str_slice(child->value, name_at, child->value.n);
    if (contains(tree->plan->refined, tree->plan->refined_count, value)) {
        child->state = FACET_REFINED;
    }
    if (parent->last_child) {
        parent->last_child->next = child;
    } else {
        parent->children = child;
    }
    parent->last_child = child;
    return child;
}

/*
 * Node of a path, with the levels above it. A level that the engine did not count on its own holds
 * the sum of what is below it.
 */
static void add_value(struct facet_tree *tree, str value, int64_t count)
{
    struct facet_value *parent = &tree->root;
    size_t name_at = 0;
    for (int level = 1; tree->separator.n && level < LIMIT_FACET_LEVELS; level++) {
        size_t end = str_find(value, tree->separator, name_at);
        if (end == SIZE_MAX || end == 0) {
            break;
        }
        str above = str_slice(value, 0, end);
        struct facet_value *node = find_child(parent, above);
        if (!node) {
            node = add_child(tree, parent, above, name_at);
            node->count = -1; /* summed up at the end */
        }
        parent = node;
        name_at = end + tree->separator.n;
    }
    struct facet_value *node = tree->separator.n ? find_child(parent, value) : NULL;
    if (!node) {
        node = add_child(tree, parent, value, name_at);
    }
    node->count = count;
}

/* Recursion ends at LIMIT_FACET_LEVELS, which add_value keeps. */
static int64_t sum_uncounted(struct facet_value *node)
{
    int64_t sum = 0;
    for (struct facet_value *child = node->children; child; child = child->next) {
        sum += sum_uncounted(child);
    }
    if (node->count < 0) {
        node->count = sum;
    }
    return node->count;
}

static void add_unmatched(struct facet_tree *tree)
{
    for (size_t i = 0; i < tree->plan->excluded_count; i++) {
        str value = tree->plan->excluded[i];
        struct facet_value *node = find_child(&tree->root, value);
        if (!node) {
            node = add_child(tree, &tree->root, value, 0);
        }
        node->state = FACET_EXCLUDED;
    }
}

static enum err count_values(struct scope *scope, struct records_lease *lease,
                             struct facet_tree *tree)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_run(scope, lease->db, &tree->plan->values, &cursor));
    for (;;) {
        const struct batch *batch;
        TRY(cursor_next(scope, cursor, &batch));
        if (!batch) {
            return ERR_OK;
        }
        for (size_t row = 0; row < batch->rows; row++) {
            if (!column_is_null(&batch->columns[0], row)) {
                add_value(tree, batch->columns[0].texts[row], batch->columns[1].numbers[row]);
            }
        }
    }
}

enum err facet_read(struct scope *scope, struct records_lease *lease, const struct clauses *clauses,
                    const struct facet_request *request, const struct facet_value **ret_values)
{
    struct facet_plan *plan;
    TRY(odsql_facet_compile(scope, &lease->source, clauses, request, &plan));
    struct facet_tree tree = {
        .arena = &scope->arena, .separator = level_separator(request->field), .plan = plan};
    TRY(count_values(scope, lease, &tree));
    sum_uncounted(&tree.root);
    add_unmatched(&tree);
    *ret_values = tree.root.children;
    return ERR_OK;
}

enum err facet_requests_default(struct scope *scope, const struct source *source,
                                const struct facet_request **ret_requests, size_t *ret_count)
{
    VEC(struct facet_request) requests = {0};
    if (source->is_catalogue) {
        for (size_t i = 0; i < ARRAY_LENGTH(catalogue_facets); i++) {
            struct facet_request request;
            TRY(odsql_facet_parse(scope, source, catalogue_facets[i], &request));
            vec_add(&scope->arena, &requests, request);
        }
    } else {
        for (size_t i = 0; i < source->schema->count; i++) {
            const struct field *field = &source->schema->fields[i];
            if (field->facet && requests.count < LIMIT_FACETS) {
                struct facet_request request = {.field = field,
                                                .disjunctive = field->disjunctive,
                                                .sort = field->facetsort,
                                                .limit = LIMIT_FACET_VALUES};
                vec_add(&scope->arena, &requests, request);
            }
        }
    }
    *ret_requests = requests.items;
    *ret_count = requests.count;
    return ERR_OK;
}

str facet_name(const struct source *source, const struct field *field)
{
    if (source->is_catalogue && str_starts(field->name, S("default."))) {
        return str_slice(field->name, S("default.").n, field->name.n);
    }
    return field->name;
}
