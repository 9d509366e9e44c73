/*
 * Rows of the catalogue's table: made from what is stored, by several threads, and added in order without a
 * statement; and the values of facets beside them.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/bug.h"
#include "domain/records/catalogue_batch.h"

#define THREADS_MOST 8
#define READ_AHEAD 64 /* datasets */

/* ---- the table ---- */

static void add_column(struct sql *sql, const struct field *field)
{
    sql_name(sql, field->name);
    sql_text(sql, " ");
    sql_text_constant(sql, field_type_column(field->type));
    sql_text_constant(sql, field_is_list(field) ? S("[]") : S(""));
}

static void add_name(struct sql *sql, const struct catalogue_table *table)
{
    sql_name(sql, table->database);
    sql_text(sql, ".datasets");
}

enum err catalogue_table_make(struct scope *scope, struct db_lease *lease,
                              const struct catalogue_table *table)
{
    struct sql attach = sql_in(&scope->arena);
    struct sql create = sql_in(&scope->arena);
    sql_text(&attach, "attach ':memory:' as ");
    sql_name(&attach, table->database);
    TRY(db_execute(scope, lease, &attach));
    sql_text(&create, "create table ");
    add_name(&create, table);
    sql_text(&create, " (");
    for (size_t i = 0; i < table->schema.count; i++) {
        sql_text_constant(&create, i ? S(", ") : S(""));
        add_column(&create, &table->schema.fields[i]);
    }
    sql_text(&create, ")");
    return db_execute(scope, lease, &create);
}

enum err catalogue_table_extend(struct scope *scope, struct db_lease *lease,
                                const struct catalogue_table *table, size_t first)
{
    for (size_t i = first; i < table->schema.count; i++) {
        struct sql sql = sql_in(&scope->arena);
        sql_text(&sql, "alter table ");
        add_name(&sql, table);
        sql_text(&sql, " add column ");
        add_column(&sql, &table->schema.fields[i]);
        TRY(db_execute(scope, lease, &sql));
    }
    return ERR_OK;
}

/* ---- rows ---- */

/* What the threads share. */
struct filling {
    const struct catalogue_source *source;
    const struct scope *scope; /* of who asks: its deadline holds for all */
    const size_t *rows;        /* of the source, in the order in which they are added */
    size_t count;
    struct db_append *append;
    pthread_mutex_t mutex; /* guards what follows, append and the table's values */
    pthread_cond_t turned;
    size_t next;  /* first row that no thread has taken */
    size_t added; /* rows before are in the table */
    enum err result;
    struct scope failed; /* has the first failure */
};

static void refuse(struct filling *filling, enum err result, const struct failure *failure)
{
    pthread_mutex_lock(&filling->mutex);
    if (filling->result == ERR_OK) {
        filling->result = fail_as(&filling->failed, result, failure);
    }
    pthread_cond_broadcast(&filling->turned);
    pthread_mutex_unlock(&filling->mutex);
}

/* Adds rows from first on when those before are in the table. */
static enum err add_in_turn(struct scope *work, struct filling *filling, size_t first,
                            const struct batch *rows)
{
    pthread_mutex_lock(&filling->mutex);
    while (filling->added != first && filling->result == ERR_OK) {
        pthread_cond_wait(&filling->turned, &filling->mutex);
    }
    enum err result = filling->result;
    if (result == ERR_OK) {
        result = db_append(work, filling->append, rows);
    }
    if (result == ERR_OK) { /* else the others wait until the failure is known */
        const struct catalogue_table *table = filling->source->table;
        catalogue_values_add(table->values, rows, table->slots + first);
        filling->added += rows->rows;
        pthread_cond_broadcast(&filling->turned);
    }
    pthread_mutex_unlock(&filling->mutex);
    return result;
}

static enum err read_ahead(struct scope *work, const struct filling *filling, size_t at, size_t end,
                           const struct dataset_texts **ret_texts)
{
    const struct dataset *lights[READ_AHEAD];
    size_t count = end - at < READ_AHEAD ? end - at : READ_AHEAD;
    for (size_t i = 0; i < count; i++) {
        lights[i] = filling->source->rows[filling->rows[at + i]];
    }
    return dataset_read_texts(work, filling->source->snapshot, lights, count, ret_texts);
}

/* As many of some rows as a batch takes. */
static enum err fill_batch(struct scope *work, struct filling *filling,
                           struct catalogue_batch *batch, size_t first, size_t end,
                           size_t *ret_count)
{
    const struct catalogue_source *source = filling->source;
    size_t at = first;
    work->deadline = filling->scope->deadline;
    work->gone = filling->scope->gone;
    const struct dataset_texts *texts = NULL;
    catalogue_batch_begin(batch, work);
    for (; at < end && !catalogue_batch_is_full(batch); at++) {
        if ((at - first) % READ_AHEAD == 0) {
            TRY(read_ahead(work, filling, at, end, &texts));
        }
        TRY(catalogue_batch_add(batch, source->snapshot, source->rows[filling->rows[at]], texts));
    }
    struct batch rows = catalogue_batch_rows(batch);
    *ret_count = at - first;
    return add_in_turn(work, filling, first, &rows);
}

/* The first and the end of rows that no other thread makes; equal: there are none, or one failed. */
static size_t take_rows(struct filling *filling, size_t *ret_end)
{
    pthread_mutex_lock(&filling->mutex);
    size_t first = filling->next;
    size_t left = filling->result == ERR_OK ? filling->count - first : 0;
    filling->next += left < CATALOGUE_BATCH_ROWS ? left : CATALOGUE_BATCH_ROWS;
    *ret_end = left ? filling->next : first;
    pthread_mutex_unlock(&filling->mutex);
    return first;
}

static void *fill_rows(void *argument)
{
    struct filling *filling = argument;
    struct catalogue_batch *batch = catalogue_batch_new(&filling->source->table->columns);
    size_t end;
    for (size_t at = take_rows(filling, &end); at < end;) {
        struct scope work;
        size_t count = 0;
        scope_open(&work);
        enum err result = fill_batch(&work, filling, batch, at, end, &count);
        if (result != ERR_OK) {
            refuse(filling, result, &work.failure);
            end = at;
        }
        scope_close(&work);
        at += count;
        if (at >= end && result == ERR_OK) {
            at = take_rows(filling, &end);
        }
    }
    catalogue_batch_free(batch);
    return NULL;
}

static size_t threads_for(size_t rows)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t batches = (rows + CATALOGUE_BATCH_ROWS - 1) / CATALOGUE_BATCH_ROWS;
    size_t most = cores > 0 && cores < THREADS_MOST ? (size_t)cores : THREADS_MOST;
    return batches < most ? batches : most;
}

/* This thread is one of them; without the others the work is only slower. */
static void run_threads(struct filling *filling)
{
    pthread_t threads[THREADS_MOST];
    size_t started = 0;
    size_t wanted = threads_for(filling->count);
    while (started + 1 < wanted &&
           pthread_create(&threads[started], NULL, fill_rows, filling) == 0) {
        started++;
    }
    fill_rows(filling);
    while (started > 0) {
        pthread_join(threads[--started], NULL);
    }
}

enum err catalogue_fill(struct scope *scope, struct db_lease *lease,
                        const struct catalogue_source *source, const size_t *rows, size_t count)
{
    struct db_append *append cleanup_with(db_append_cleanup) = NULL;
    TRY(db_append_open(scope, lease, source->table->database, S("datasets"), &append));
    struct filling filling = {.source = source,
                              .scope = scope,
                              .rows = rows,
                              .count = count,
                              .append = append,
                              .mutex = PTHREAD_MUTEX_INITIALIZER,
                              .turned = PTHREAD_COND_INITIALIZER};
    scope_open(&filling.failed);
    run_threads(&filling);
    enum err result = filling.result;
    if (result != ERR_OK) {
        result = fail_as(scope, result, &filling.failed.failure);
    }
    scope_close(&filling.failed);
    TRY(result);
    return db_append_finish(scope, append);
}
