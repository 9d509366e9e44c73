#include "domain/records/catalogue_source.h"

#include <stdlib.h>

#include "base/bug.h"

static int compare_rows(const void *a, const void *b)
{
    const struct dataset *left = *(const struct dataset *const *)a;
    const struct dataset *right = *(const struct dataset *const *)b;
    if (left->modified != right->modified) {
        return left->modified > right->modified ? -1 : 1;
    }
    return str_compare(left->id, right->id);
}

static int compare_numbers(const void *a, const void *b, void *rows)
{
    const struct dataset *const *of = rows;
    int64_t left = of[*(const uint32_t *)a]->number;
    int64_t right = of[*(const uint32_t *)b]->number;
    return (left > right) - (left < right);
}

/* The order of the table, and where each dataset is in it. */
static void order_rows(struct catalogue_source *source)
{
    struct arena *arena = &source->scope.arena;
    size_t count = source->snapshot->count;
    const struct dataset **rows = arena_array(arena, const struct dataset *, count + 1);
    uint32_t *row_of = arena_array(arena, uint32_t, count + 1);
    int64_t *numbers = arena_array(arena, int64_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        rows[i] = source->snapshot->datasets[i];
        row_of[i] = (uint32_t)i;
        source->hides_fields |= rows[i]->hidden_count > 0;
    }
    qsort(rows, count, sizeof(*rows), compare_rows);
    qsort_r(row_of, count, sizeof(*row_of), compare_numbers, rows);
    for (size_t i = 0; i < count; i++) {
        numbers[i] = rows[row_of[i]]->number;
    }
    source->count = count;
    source->rows = rows;
    source->row_of = row_of;
    source->numbers = numbers;
}

size_t catalogue_row(const struct catalogue_source *source, int64_t number)
{
    size_t low = 0;
    size_t high = source->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (source->numbers[middle] < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool is_there = low < source->count && source->numbers[low] == number;
    return is_there ? source->row_of[low] : SIZE_MAX;
}

static enum err build(struct scope *scope, struct db_lease *lease, struct catalogue_source *source)
{
    struct catalogue_columns columns;
    order_rows(source);
    enum err result = catalogue_columns_make(&source->scope, source, &columns);
    if (result != ERR_OK) {
        return fail_with_cause(scope, result, source->scope.failure.cause, "%.*s",
                               STR_ARG(source->scope.failure.message));
    }
    source->schema = columns.schema;
    struct sql attach = sql_in(&scope->arena);
    sql_text(&attach, "attach ':memory:' as ");
    sql_name(&attach, source->database);
    TRY(db_execute(scope, lease, &attach));
    return catalogue_fill(scope, lease, source, &columns);
}

enum err catalogue_source_open(struct scope *scope, struct db_lease *lease,
                               const struct snapshot *snapshot, uint64_t number,
                               struct catalogue_source **ret)
{
    struct catalogue_source *source = calloc(1, sizeof(*source));
    if (!source) {
        bug_out_of_memory(sizeof(*source));
    }
    scope_open(&source->scope);
    pthread_mutex_init(&source->mutex, NULL);
    source->snapshot = snapshot_ref(snapshot);
    source->generation = snapshot->generation;
    source->fingerprint = snapshot->fingerprint;
    source->index = (struct catalogue_index){catalogue_rank_text, source};
    source->database = str_printf(&source->scope.arena, "catalogue_%llu",
                                  (unsigned long long)number);
    enum err result = build(scope, lease, source);
    if (result != ERR_OK) {
        catalogue_source_close(lease, source);
        return result;
    }
    *ret = source;
    return ERR_OK;
}

void catalogue_source_free(struct catalogue_source *source)
{
    for (size_t i = 0; i < CATALOGUE_SEARCHES_KEPT; i++) {
        catalogue_search_release(source->searches[i]);
    }
    snapshot_unref(source->snapshot);
    pthread_mutex_destroy(&source->mutex);
    scope_close(&source->scope);
    free(source);
}

void catalogue_source_close(struct db_lease *lease, struct catalogue_source *source)
{
    struct scope scope; /* of its own: the request's may be cancelled, and a name left behind blocks the next */
    scope_open(&scope);
    struct sql detach = sql_in(&scope.arena);
    sql_text(&detach, "detach database if exists ");
    sql_name(&detach, source->database);
    if (db_execute(&scope, lease, &detach) != ERR_OK) {
        scope_forgive(&scope); /* the memory stays with the engine until it closes */
    }
    scope_close(&scope);
    catalogue_source_free(source);
}
