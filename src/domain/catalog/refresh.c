/* Snapshots of the catalogue: light rows, of which only those that changed are read again. */
#include <stdlib.h>

#include "base/vec.h"
#include "domain/catalog/catalog_internal.h"
#include "platform/db/statement.h"

#define CHAIN_MOST 32 /* snapshots that keep each other's rows before all is read again */

typedef VEC(const struct dataset *) row_list;
typedef VEC(int64_t) number_list;

const struct snapshot *catalog_snapshot(struct catalog *catalog)
{
    pthread_mutex_lock(&catalog->mutex);
    const struct snapshot *current = catalog->current ? snapshot_ref(catalog->current) : NULL;
    pthread_mutex_unlock(&catalog->mutex);
    return current;
}

enum err catalog_generation(struct scope *scope, struct db_lease *lease, int64_t *ret)
{
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select value from state where key = 'generation'");
    cell value;
    TRY(db_query_cell(scope, lease, &sql, &value));
    *ret = value.number;
    return ERR_OK;
}

/* ---- reading ---- */

static const struct dataset *read_row(struct arena *arena, const struct batch *row)
{
    struct dataset *dataset = arena_new(arena, struct dataset);
    str title = row_text(arena, row, 9);
    *dataset = (struct dataset){.id = row_text(arena, row, 0),
                                .uid = row_text(arena, row, 1),
                                .number = row_number(row, 2),
                                .changed = row_number(row, 3),
                                .version = row_number(row, 4),
                                .records_count = row_number(row, 5),
                                .modified = row_number(row, 6),
                                .data_processed = row_number(row, 7),
                                .metadata_processed = row_number(row, 8),
                                .has_attachments = row_number(row, 10) != 0,
                                .is_restricted = row_number(row, 11) != 0,
                                .is_draft = row_number(row, 12) != 0};
    dataset->title = title.n ? title : dataset->id;
    return dataset;
}

/* Rows that changed after a generation (all: -1), sorted by id. An index has all that is asked for. */
static enum err read_changed(struct scope *scope, struct db_lease *lease, int64_t since,
                             row_list *ret_rows)
{
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select id, uid, number, changed, version, records, modified, data_processed, "
                   "metadata_processed, title, has_attachments, exists (select 1 from "
                   "dataset_access where uid = dataset.uid and subject_kind = 'everyone' "
                   "and rights = 0), draft from dataset");
    if (since >= 0) {
        sql_text(&sql, " where changed > ");
        sql_bind(&sql, cell_int(since));
    } else if (db_lease_engine(lease) == DB_SQLITE) {
        sql_text(&sql, " indexed by dataset_light");
    }
    sql_text(&sql, " order by id");
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, ret_rows, read_row(&scope->arena, row));
    }
    return ERR_OK;
}

/* Numbers of rows that were replaced or removed after a generation. */
static enum err read_ended(struct scope *scope, struct db_lease *lease, int64_t since,
                           number_list *ret_numbers)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena, "select number from dataset_old where replaced > ?",
                               cell_int(since));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, ret_numbers, row_number(row, 0));
    }
    return ERR_OK;
}

/* ---- merging ---- */

static int compare_numbers(const void *a, const void *b)
{
    const int64_t *left = a;
    const int64_t *right = b;
    return (*left > *right) - (*left < *right);
}

/* What did not end is taken over from the snapshot before; both lists are sorted by id. */
static void merge(const struct snapshot *before, const number_list *ended, const row_list *changed,
                  struct snapshot *snapshot)
{
    const struct dataset **merged = arena_array(&snapshot_scope(snapshot)->arena,
                                                const struct dataset *,
                                                before->count + changed->count);
    size_t count = 0;
    size_t next = 0;
    for (size_t i = 0; i < before->count; i++) {
        const struct dataset *dataset = before->datasets[i];
        if (ended->count && bsearch(&dataset->number, ended->items, ended->count, sizeof(int64_t),
                                    compare_numbers)) {
            continue;
        }
        while (next < changed->count && str_compare(changed->items[next]->id, dataset->id) < 0) {
            merged[count++] = changed->items[next++];
        }
        merged[count++] = dataset;
    }
    while (next < changed->count) {
        merged[count++] = changed->items[next++];
    }
    snapshot->datasets = merged;
    snapshot->count = count;
}

static enum err read_datasets(struct scope *scope, struct db_lease *lease,
                              const struct snapshot *before, struct snapshot *snapshot)
{
    row_list changed = {0};
    number_list ended = {0};
    int64_t since = before ? (int64_t)before->generation : -1;
    TRY(read_changed(snapshot_rows(snapshot), lease, since, &changed));
    if (before) {
        TRY(read_ended(scope, lease, since, &ended));
        for (size_t i = 0; i < changed.count; i++) {
            vec_add(&scope->arena, &ended, changed.items[i]->number);
        }
        if (ended.count) {
            qsort(ended.items, ended.count, sizeof(int64_t), compare_numbers);
        }
        merge(before, &ended, &changed, snapshot);
    } else {
        snapshot->datasets = changed.items;
        snapshot->count = changed.count;
    }
    snapshot_index(snapshot);
    return ERR_OK;
}

/* Only what changed since the snapshot before, unless rows that ended since were already forgotten. */
static bool can_follow(const struct snapshot *before, int64_t generation, int64_t pruned)
{
    return before && snapshot_chain(before) < CHAIN_MOST &&
           before->generation >= (uint64_t)pruned && before->generation <= (uint64_t)generation;
}

/* Generation and datasets are read in one transaction, so that they belong together. */
static enum err read_snapshot(struct scope *scope, struct catalog *catalog, struct db_lease *lease,
                              const struct snapshot *before, struct snapshot **ret_snapshot)
{
    int64_t generation;
    cell pruned;
    TRY(db_begin_reading(scope, lease));
    TRY(catalog_generation(scope, lease, &generation));
    TRY(DB_ASK(scope, lease, &pruned, "select value from state where key = ?",
               cell_text(S("pruned"))));
    if (!can_follow(before, generation, pruned.number)) {
        before = NULL;
    }
    struct snapshot *snapshot = snapshot_after(catalog, before, (uint64_t)generation);
    *ret_snapshot = snapshot;
    enum err result = read_datasets(scope, lease, before, snapshot);
    const struct failure *failure = &snapshot_rows(snapshot)->failure;
    if (result != ERR_OK && failure->code != ERR_OK) {
        return fail_as(scope, result, failure);
    }
    TRY(result);
    return db_script(scope, lease, "commit");
}

/* Of two threads that do this at once the one with the newer generation has its way. */
enum err catalog_load(struct scope *scope, struct catalog *catalog, struct db_lease *lease)
{
    struct snapshot *made = NULL;
    const struct snapshot *before = catalog_snapshot(catalog); /* NULL: it is being opened */
    enum err result = read_snapshot(scope, catalog, lease, before, &made);
    snapshot_unref(before);
    const struct snapshot *unused = made;
    pthread_mutex_lock(&catalog->mutex);
    if (result == ERR_OK &&
        (!catalog->current || catalog->current->generation <= made->generation)) {
        unused = catalog->current;
        catalog->current = made;
    }
    pthread_mutex_unlock(&catalog->mutex);
    snapshot_unref(unused);
    return result;
}

enum err catalog_refresh(struct scope *scope, struct catalog *catalog, bool *ret_changed)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    int64_t generation;
    TRY(db_lease(scope, catalog->db, &lease));
    TRY(catalog_generation(scope, lease, &generation));
    const struct snapshot *seen = catalog_snapshot(catalog);
    *ret_changed = seen->generation != (uint64_t)generation;
    snapshot_unref(seen);
    return *ret_changed ? catalog_load(scope, catalog, lease) : ERR_OK;
}
