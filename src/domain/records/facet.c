#include "domain/records/facet.h"

#include "base/limits.h"
#include "domain/records/catalogue_count.h"

static const str catalogue_facets[] = {
    {"features", 8}, {"modified", 8}, {"publisher", 9}, {"keyword", 7},
    {"theme", 5},    {"language", 8}, {"license", 7},
};

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
    int64_t limit; /* values of one level */
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

static bool is_full(const struct facet_tree *tree, const struct facet_value *parent)
{
    int64_t count = 0;
    for (const struct facet_value *child = parent->children; child; child = child->next) {
        count++;
    }
    return count >= tree->limit;
}

/* Node of a path, with the levels above it, which may be counted later; NULL: its level is full. */
static struct facet_value *find_place(struct facet_tree *tree, str value)
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
        if (!node && is_full(tree, parent)) {
            return NULL;
        }
        parent = node ? node : add_child(tree, parent, above, name_at);
        name_at = end + tree->separator.n;
    }
    struct facet_value *node = tree->separator.n ? find_child(parent, value) : NULL;
    if (!node && tree->separator.n && is_full(tree, parent)) {
        return NULL;
    }
    return node ? node : add_child(tree, parent, value, name_at);
}

static void add_unmatched(struct facet_tree *tree)
{
    for (size_t i = 0; i < tree->plan->excluded_count; i++) {
        str value = tree->plan->excluded[i];
        struct facet_value *node = find_child(&tree->root, value);
        tree->limit++; /* what is excluded is shown in any case */
        node = node ? node : find_place(tree, value);
        if (node) {
            node->state = FACET_EXCLUDED;
        }
    }
}

static void add_counted(struct facet_tree *tree, str value, int64_t count)
{
    struct facet_value *node = find_place(tree, value);
    if (node) {
        node->count = count;
    }
}

static enum err count_by_statement(struct scope *scope, struct records_lease *lease,
                                   struct facet_tree *tree)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_run(scope, lease->db, &tree->plan->values, &cursor));
    EACH_BATCH(scope, cursor, batch) {
        for (size_t row = 0; row < batch->rows; row++) {
            if (!column_is_null(&batch->columns[0], row)) {
                add_counted(tree, batch->columns[0].texts[row], batch->columns[1].numbers[row]);
            }
        }
    }
    return ERR_OK;
}

static enum err count_values(struct scope *scope, struct records_lease *lease,
                             const struct facet_request *request, struct facet_tree *tree)
{
    if (!catalogue_can_count(tree->plan, request)) {
        return count_by_statement(scope, lease, tree);
    }
    size_t count;
    const struct counted_value *values =
        catalogue_count(&scope->arena, lease->pin, lease->lang, tree->plan, request, &count);
    for (size_t i = 0; i < count; i++) {
        add_counted(tree, values[i].value, values[i].count);
    }
    return scope_check(scope);
}

static enum err read_tree(struct scope *scope, struct records_lease *lease,
                          const struct clauses *clauses, const struct facet_request *request,
                          struct facet_tree *tree)
{
    struct facet_plan *plan;
    TRY(odsql_facet_compile(scope, &lease->source, clauses, request, &plan));
    tree->plan = plan;
    TRY(count_values(scope, lease, request, tree));
    add_unmatched(tree);
    return ERR_OK;
}

/* Statements of many facets would fill one arena; each has its own, and only the values stay. */
enum err facet_read(struct scope *scope, struct records_lease *lease, const struct clauses *clauses,
                    const struct facet_request *request, const struct facet_value **ret_values)
{
    struct scope work;
    scope_open(&work);
    work.deadline = scope->deadline;
    work.gone = scope->gone;
    struct facet_tree tree = {
        .arena = &scope->arena, .separator = request->separator, .limit = request->limit};
    enum err result = read_tree(&work, lease, clauses, request, &tree);
    if (result != ERR_OK) {
        result = fail_as(scope, result, &work.failure);
    }
    scope_close(&work);
    *ret_values = tree.root.children;
    return result;
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
                                                .separator = odsql_facet_separator(field),
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
