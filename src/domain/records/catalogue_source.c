#include "domain/records/catalogue_source.h"

#include <stdlib.h>

#include "base/bug.h"

#define LEFT_OVER_LEAST 1024 /* rows that are no longer shown and need no making anew */

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
    source->slots = arena_array(arena, size_t, count + 1);
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

/* Whether two people, or generations, see the same of a dataset, so that it needs only one row. */
static bool is_same(const struct dataset *a, const struct dataset *b)
{
    bool is_same = a->changed == b->changed && a->view == b->view && a->version == b->version &&
                   a->records_count == b->records_count && a->is_partial == b->is_partial &&
                   a->filter_count == b->filter_count && a->hidden_count == b->hidden_count;
    for (size_t i = 0; i < a->hidden_count && is_same; i++) {
        is_same = str_eq(a->hidden[i], b->hidden[i]);
    }
    return is_same;
}

/* Rows that before does not show as they are; the others have the slots that they have there. */
static size_t *find_changed(struct scope *scope, struct catalogue_source *source,
                            const struct catalogue_source *before, size_t *ret_count)
{
    size_t count = 0;
    size_t *changed = arena_array(&scope->arena, size_t, source->count + 1);
    for (size_t i = 0; i < source->count; i++) {
        size_t row = before ? catalogue_row(before, source->rows[i]->number) : SIZE_MAX;
        if (row == SIZE_MAX || !is_same(source->rows[i], before->rows[row])) {
            changed[count++] = i;
        } else {
            source->slots[i] = before->slots[row];
        }
    }
    *ret_count = count;
    return changed;
}

/* ---- tables ---- */

static struct catalogue_table *table_new(uint64_t number)
{
    struct catalogue_table *table = calloc(1, sizeof(*table));
    if (!table) {
        bug_out_of_memory(sizeof(*table));
    }
    scope_open(&table->scope);
    table->values = catalogue_values_new();
    table->database =
        str_printf(&table->scope.arena, "catalogue_%llu", (unsigned long long)number);
    return table;
}

static void table_free(struct catalogue_table *table)
{
    catalogue_values_free(table->values);
    scope_close(&table->scope);
    free(table);
}

static void table_detach(struct db_lease *lease, const struct catalogue_table *table)
{
    struct scope scope; /* of its own: the request's may be cancelled, and a name left behind blocks the next */
    scope_open(&scope);
    struct sql detach = sql_in(&scope.arena);
    sql_text(&detach, "detach database if exists ");
    sql_name(&detach, table->database);
    if (db_execute(&scope, lease, &detach) != ERR_OK) {
        scope_forgive(&scope); /* the memory stays with the engine until it closes */
    }
    scope_close(&scope);
}

/* Adds the changed rows to the table and its values, and gives them their slots. */
static enum err add_rows(struct scope *scope, struct db_lease *lease,
                         struct catalogue_source *source, const size_t *changed, size_t count)
{
    struct catalogue_table *table = source->table;
    catalogue_values_extend(table->values, &table->columns, table->slots);
    TRY(catalogue_fill(scope, lease, source, changed, count));
    for (size_t i = 0; i < count; i++) {
        source->slots[changed[i]] = table->slots + i;
    }
    table->slots += count;
    return ERR_OK;
}

static enum err extend_table(struct scope *scope, struct db_lease *lease,
                             struct catalogue_source *source, size_t columns,
                             const size_t *changed, size_t count)
{
    struct catalogue_table *table = source->table;
    enum err result = catalogue_table_extend(scope, lease, table, columns);
    if (result == ERR_OK) {
        result = add_rows(scope, lease, source, changed, count);
    }
    table->is_broken = result != ERR_OK;
    return result;
}

static enum err make_table(struct scope *scope, struct db_lease *lease,
                           struct catalogue_source *source)
{
    size_t count;
    bool has_all;
    const size_t *all = find_changed(scope, source, NULL, &count);
    TRY(catalogue_columns_make(scope, source, all, count, true, &has_all));
    source->table->lacks_columns = !has_all;
    TRY(catalogue_table_make(scope, lease, source->table));
    source->is_in_order = true;
    return add_rows(scope, lease, source, all, count);
}

static void use_table(struct catalogue_source *source, struct catalogue_table *table)
{
    source->table = table;
    atomic_fetch_add(&table->sources, 1);
}

/* Rows that nobody is shown any more are kept until they are as many as the others. */
static bool can_share(const struct catalogue_source *source, const struct catalogue_source *before,
                      size_t added)
{
    return before && !before->table->is_broken &&
           before->table->slots + added <= 2 * source->count + LEFT_OVER_LEAST;
}

/*
 * Columns that are full of names of rows no longer shown, or of others, are no reason to lack some: then the
 * table is made anew.
 */
static enum err fill_table(struct scope *scope, struct db_lease *lease,
                           struct catalogue_source *source, const struct catalogue_source *before,
                           uint64_t number)
{
    size_t count;
    const size_t *changed = find_changed(scope, source, before, &count);
    if (can_share(source, before, count)) {
        bool has_all;
        size_t columns = before->table->columns.count;
        bool may_lack = before->table->lacks_columns && before->fingerprint == source->fingerprint;
        use_table(source, before->table);
        TRY(catalogue_columns_make(scope, source, changed, count, may_lack, &has_all));
        if (has_all || may_lack) {
            return extend_table(scope, lease, source, columns, changed, count);
        }
        atomic_fetch_sub(&source->table->sources, 1); /* before is another */
    }
    use_table(source, table_new(number));
    return make_table(scope, lease, source);
}

/* Where each slot of the table stands. */
static void set_order(struct catalogue_source *source)
{
    uint32_t *places = arena_array(&source->scope.arena, uint32_t, source->table->slots + 1);
    for (size_t i = 0; i < source->count; i++) {
        places[source->slots[i]] = (uint32_t)i + 1;
    }
    source->order = (struct catalogue_ranks){places, source->table->slots, source->count};
    source->values = catalogue_values_view(&source->scope.arena, source->table->values,
                                           source->table->columns.count);
}

/* ---- sources ---- */

enum err catalogue_source_open(struct scope *scope, struct db_lease *lease,
                               const struct snapshot *snapshot,
                               const struct catalogue_source *before, uint64_t number,
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
    order_rows(source);
    enum err result = fill_table(scope, lease, source, before, number);
    if (result == ERR_OK) {
        set_order(source);
        result = catalogue_fields_make(scope, lease, source);
    }
    if (result != ERR_OK) {
        catalogue_source_close(lease, source);
        return result;
    }
    *ret = source;
    return ERR_OK;
}

static void source_free(struct catalogue_source *source)
{
    for (size_t i = 0; i < CATALOGUE_SEARCHES_KEPT; i++) {
        catalogue_search_release(source->searches[i]);
    }
    snapshot_unref(source->snapshot);
    pthread_mutex_destroy(&source->mutex);
    scope_close(&source->scope);
    free(source);
}

void catalogue_source_free(struct catalogue_source *source)
{
    if (atomic_fetch_sub(&source->table->sources, 1) == 1) {
        table_free(source->table);
    }
    source_free(source);
}

void catalogue_source_close(struct db_lease *lease, struct catalogue_source *source)
{
    if (atomic_fetch_sub(&source->table->sources, 1) == 1) {
        table_detach(lease, source->table);
        table_free(source->table);
    }
    source_free(source);
}
