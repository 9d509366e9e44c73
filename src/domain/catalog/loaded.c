/*
 * What light rows do not hold. Datasets that were loaded are kept, so that requests for one do not
 * read its metadata and schema again each; they are found by row, generation and what is seen of it,
 * so that none is ever given for another.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/bug.h"
#include "base/vec.h"
#include "domain/catalog/catalog_internal.h"
#include "platform/db/statement.h"

#define SETS 256 /* a power of two */
#define WAYS 4
#define LOADED_BYTES_MOST ((size_t)256 << 10) /* larger ones are loaded each time */

struct loaded {
    struct scope scope; /* holds everything */
    const struct dataset *dataset;
    uint64_t last_use;
    atomic_int references;
};

struct loaded_cache {
    pthread_mutex_t mutex; /* guards what follows */
    struct loaded *sets[SETS][WAYS];
    uint64_t uses;
};

/* ---- loading ---- */

/* The row as it was in the generation of the snapshot, also when it has been replaced since. */
static enum err read_texts(struct scope *scope, struct catalog *catalog,
                           const struct dataset *dataset, str *ret_metadata, str *ret_fields)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *row;
    cell number = cell_int(dataset->number);
    cell changed = cell_int(dataset->changed);
    TRY(db_lease(scope, catalog->db, &lease));
    struct sql sql = STATEMENT(&scope->arena,
                               "select metadata, fields from dataset where number = ? and "
                               "changed = ? union all select metadata, fields from dataset_old "
                               "where number = ? and changed = ?",
                               number, changed, number, changed);
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    if (!row) {
        return fail(scope, ERR_BUSY, "The catalogue is changing. Try again in a moment.");
    }
    *ret_metadata = row_text(&scope->arena, row, 0);
    *ret_fields = row_text(&scope->arena, row, 1);
    cursor_close(cursor);
    cursor = NULL;
    return ERR_OK;
}

struct stored_row {
    int64_t number, changed;
    str metadata, fields;
};

struct dataset_texts {
    VEC(struct stored_row) rows; /* by number */
};

static int compare_rows(const void *a, const void *b)
{
    const struct stored_row *left = a;
    const struct stored_row *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

static enum err read_rows(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                          struct dataset_texts *texts)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct arena *arena = &scope->arena;
    TRY(db_run(scope, lease, sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        struct stored_row stored = {row_number(row, 0), row_number(row, 1),
                                    row_text(arena, row, 2), row_text(arena, row, 3)};
        vec_add(arena, &texts->rows, stored);
    }
    return ERR_OK;
}

enum err dataset_read_texts(struct scope *scope, const struct snapshot *snapshot,
                            const struct dataset *const *lights, size_t count,
                            const struct dataset_texts **ret_texts)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct buf numbers cleanup_with(buf_cleanup) = {0};
    struct db *db = catalog_database(snapshot->catalog);
    *ret_texts = NULL;
    if (db_engine_of(db) != DB_POSTGRES || count == 0) {
        return ERR_OK;
    }
    for (size_t i = 0; i < count; i++) {
        buf_add(&numbers, i ? S(",") : S("["));
        buf_add_int(&numbers, lights[i]->number);
    }
    buf_add(&numbers, S("]"));
    struct dataset_texts *texts = arena_new(&scope->arena, struct dataset_texts);
    struct sql sql = STATEMENT(&scope->arena,
                               "select number, changed, metadata, fields from dataset where number in "
                               "(select value::bigint from json_array_elements_text(?::json))",
                               cell_text(buf_str(&numbers)));
    TRY(db_lease(scope, db, &lease));
    TRY(read_rows(scope, lease, &sql, texts));
    if (texts->rows.count) {
        qsort(texts->rows.items, texts->rows.count, sizeof(struct stored_row), compare_rows);
    }
    *ret_texts = texts;
    return ERR_OK;
}

/* Those that were read ahead, unless the dataset has changed since its snapshot; else asked for. */
static enum err find_texts(struct scope *scope, struct catalog *catalog, const struct dataset *light,
                           const struct dataset_texts *texts, str *ret_metadata, str *ret_fields)
{
    const struct stored_row key = {.number = light->number};
    const struct stored_row *found =
        texts && texts->rows.count ? bsearch(&key, texts->rows.items, texts->rows.count,
                                             sizeof(struct stored_row), compare_rows)
                                   : NULL;
    if (!found || found->changed != light->changed) {
        return read_texts(scope, catalog, light, ret_metadata, ret_fields);
    }
    *ret_metadata = found->metadata;
    *ret_fields = found->fields;
    return ERR_OK;
}

static const str *copy_texts(struct arena *arena, const str *texts, size_t count)
{
    str *copies = arena_array(arena, str, count);
    for (size_t i = 0; i < count; i++) {
        copies[i] = str_copy(arena, texts[i]);
    }
    return copies;
}

enum err dataset_load_stored(struct scope *scope, const struct snapshot *snapshot,
                             const struct dataset *light, const struct dataset_texts *texts,
                             struct dataset **ret_dataset)
{
    struct arena *arena = &scope->arena;
    struct dataset *dataset = arena_new(arena, struct dataset);
    json_t *fields cleanup_with(json_cleanup) = NULL;
    str text;
    *dataset = *light;
    dataset->id = str_copy(arena, light->id);
    dataset->uid = str_copy(arena, light->uid);
    dataset->title = str_copy(arena, light->title);
    dataset->hidden = copy_texts(arena, light->hidden, light->hidden_count);
    dataset->filters = copy_texts(arena, light->filters, light->filter_count);
    TRY(find_texts(scope, snapshot->catalog, light, texts, &dataset->metadata, &text));
    TRY(json_read(scope, ERR_DATABASE, text, "stored fields", &fields));
    TRY(schema_read(scope, fields, &dataset->schema));
    dataset_hide(scope, dataset);
    if (dataset->version) {
        dataset->version_file =
            catalog_version_path(arena, catalog_data_directory(snapshot->catalog), dataset->uid,
                                 dataset->version);
    }
    *ret_dataset = dataset;
    return ERR_OK;
}

enum err dataset_load(struct scope *scope, const struct snapshot *snapshot,
                      const struct dataset *light, const struct dataset **ret_dataset)
{
    struct dataset *dataset;
    TRY(dataset_load_stored(scope, snapshot, light, NULL, &dataset));
    *ret_dataset = dataset;
    return dataset_document(scope, dataset);
}

/* ---- keeping ---- */

static void loaded_unref(void *what)
{
    struct loaded *loaded = what;
    if (loaded && atomic_fetch_sub(&loaded->references, 1) == 1) {
        scope_close(&loaded->scope);
        free(loaded);
    }
}

struct loaded_cache *loaded_open(void)
{
    struct loaded_cache *cache = calloc(1, sizeof(*cache));
    if (!cache) {
        bug_out_of_memory(sizeof(*cache));
    }
    pthread_mutex_init(&cache->mutex, NULL);
    return cache;
}

void loaded_close(struct loaded_cache *cache)
{
    if (cache) {
        for (size_t i = 0; i < (size_t)SETS * WAYS; i++) {
            loaded_unref(cache->sets[i / WAYS][i % WAYS]);
        }
        pthread_mutex_destroy(&cache->mutex);
        free(cache);
    }
}

/* The same row seen by the same people; it may have changed. */
static bool is_same(const struct dataset *a, const struct dataset *b)
{
    return a->number == b->number && a->view == b->view;
}

static struct loaded **set_of(struct loaded_cache *cache, const struct dataset *dataset)
{
    return cache->sets[((uint64_t)dataset->number ^ dataset->view) & (SETS - 1)];
}

static struct loaded *find(struct loaded_cache *cache, const struct dataset *light)
{
    struct loaded *found = NULL;
    pthread_mutex_lock(&cache->mutex);
    struct loaded **set = set_of(cache, light);
    for (size_t i = 0; i < WAYS && !found; i++) {
        if (set[i] && is_same(set[i]->dataset, light) &&
            set[i]->dataset->changed == light->changed) {
            found = set[i];
            found->last_use = ++cache->uses;
            atomic_fetch_add(&found->references, 1);
        }
    }
    pthread_mutex_unlock(&cache->mutex);
    return found;
}

/* In place of what the row was before, else of the one that was not used for longest. */
static void keep(struct loaded_cache *cache, struct loaded *loaded)
{
    pthread_mutex_lock(&cache->mutex);
    struct loaded **set = set_of(cache, loaded->dataset);
    struct loaded **place = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i] && is_same(set[i]->dataset, loaded->dataset)) {
            place = &set[i];
            break;
        }
        if (*place && (!set[i] || set[i]->last_use < (*place)->last_use)) {
            place = &set[i];
        }
    }
    struct loaded *old = *place;
    loaded->last_use = ++cache->uses;
    atomic_fetch_add(&loaded->references, 1);
    *place = loaded;
    pthread_mutex_unlock(&cache->mutex);
    loaded_unref(old);
}

static enum err load(struct scope *scope, const struct snapshot *snapshot,
                     const struct dataset *light, struct loaded **ret_loaded)
{
    struct loaded *loaded = calloc(1, sizeof(*loaded));
    if (!loaded) {
        bug_out_of_memory(sizeof(*loaded));
    }
    loaded->references = 1;
    scope_open(&loaded->scope);
    loaded->scope.deadline = scope->deadline;
    loaded->scope.gone = scope->gone;
    enum err result = dataset_load(&loaded->scope, snapshot, light, &loaded->dataset);
    loaded->scope.gone = NULL;
    if (result != ERR_OK) {
        fail_as(scope, result, &loaded->scope.failure);
        loaded_unref(loaded);
        return result;
    }
    if (loaded->scope.arena.used_bytes <= LOADED_BYTES_MOST) {
        keep(snapshot->catalog->loaded, loaded);
    }
    *ret_loaded = loaded;
    return ERR_OK;
}

enum err snapshot_load(struct scope *scope, const struct snapshot *snapshot, str id,
                       const struct dataset **ret_dataset)
{
    const struct dataset *light = snapshot_find(snapshot, id);
    *ret_dataset = NULL;
    if (!light) {
        return ERR_OK;
    }
    struct loaded *loaded = find(snapshot->catalog->loaded, light);
    if (!loaded) {
        TRY(load(scope, snapshot, light, &loaded));
    }
    scope_keep(scope, loaded_unref, loaded);
    *ret_dataset = loaded->dataset;
    return ERR_OK;
}
