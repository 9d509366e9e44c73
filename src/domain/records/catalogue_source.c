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

static size_t place_of(const struct catalogue_source *source, int64_t number)
{
    return str_hash((str){(const char *)&number, sizeof(number)}) & (source->by_number_size - 1);
}

/* The order of the table, and where each dataset is in it. */
static void order_rows(struct catalogue_source *source)
{
    struct arena *arena = &source->scope.arena;
    source->count = source->snapshot->count;
    source->rows = arena_array(arena, const struct dataset *, source->count + 1);
    for (size_t i = 0; i < source->count; i++) {
        source->rows[i] = source->snapshot->datasets[i];
        source->hides_fields |= source->rows[i]->hidden_count > 0;
    }
    qsort(source->rows, source->count, sizeof(*source->rows), compare_rows);
    for (source->by_number_size = 16; source->by_number_size < source->count * 2;) {
        source->by_number_size *= 2;
    }
    source->by_number = arena_array(arena, uint32_t, source->by_number_size);
    for (size_t i = 0; i < source->count; i++) {
        size_t at = place_of(source, source->rows[i]->number);
        while (source->by_number[at]) {
            at = (at + 1) & (source->by_number_size - 1);
        }
        source->by_number[at] = (uint32_t)i + 1;
    }
}

size_t catalogue_row(const struct catalogue_source *source, int64_t number)
{
    for (size_t at = place_of(source, number); source->by_number[at];
         at = (at + 1) & (source->by_number_size - 1)) {
        size_t row = source->by_number[at] - 1;
        if (source->rows[row]->number == number) {
            return row;
        }
    }
    return SIZE_MAX;
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
        free((char *)(uintptr_t)source->searches[i].key.p);
        free(source->searches[i].ranks);
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
