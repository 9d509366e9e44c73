/*
 * Threads read ranges of rows, each into a collector of its own; then one merges the collectors
 * and appends the sorted lists. This is several times faster than sorting single postings in SQL.
 */
#include "domain/records/index.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/bug.h"
#include "domain/records/postings.h"
#include "platform/text/fold.h"

#define RANGE_ROWS (4 * 122880) /* a few row groups, so that ranges are pruned without a rest */
#define WORDS_PER_VALUE 4096    /* the rest of a longer text is not found by search */
#define DEFAULT_MEMORY_BYTES (64u << 20)
#define APPEND_ITEMS (64u * 1024)

struct indexing {
    const struct index_options *options;
    size_t *fields; /* positions of text fields */
    size_t field_count;
    int64_t rows;
    _Atomic int64_t next; /* first row that nobody has taken */
    atomic_bool stop;     /* a worker failed */
};

struct worker {
    struct indexing *indexing;
    struct db_lease *lease;
    struct postings *postings;
    str *words; /* of one value */
    struct scope scope;
    pthread_t thread;
    bool started;
    enum err result;
};

static void name_table(struct sql *sql, str database, str table)
{
    if (database.n) {
        sql_name(sql, database);
        sql_text(sql, ".");
    }
    sql_name(sql, table);
}

/* ---- reading ---- */

static enum err add_text(struct scope *scope, struct worker *worker, str text, uint16_t field,
                         int64_t row)
{
    size_t count = text_words(&scope->arena, text, worker->words, WORDS_PER_VALUE);
    for (size_t i = 0; i < count; i++) {
        TRY(postings_add(scope, worker->postings, worker->words[i], field, row));
    }
    return ERR_OK;
}

static enum err add_value(struct scope *scope, struct worker *worker, const struct column *column,
                          size_t at, uint16_t field, int64_t row)
{
    if (column_is_null(column, at)) {
        return ERR_OK;
    }
    if (column->type == CELL_TEXT) {
        return add_text(scope, worker, column->texts[at], field, row);
    }
    if (column->type == CELL_TEXT_LIST) {
        struct span list = column->lists[at];
        for (uint64_t i = list.from; i < list.from + list.count; i++) {
            TRY(add_text(scope, worker, column->items[i], field, row));
        }
    }
    return ERR_OK;
}

/* Row by row, because a collector takes rows in ascending order. */
static enum err add_batch(struct worker *worker, const struct batch *batch)
{
    struct scope *scope = &worker->scope;
    const struct indexing *indexing = worker->indexing;
    struct arena_mark mark = arena_get_mark(&scope->arena);
    for (size_t row = 0; row < batch->rows; row++) {
        int64_t number = batch->columns[0].numbers[row];
        for (size_t i = 0; i < indexing->field_count; i++) {
            TRY(add_value(scope, worker, &batch->columns[i + 1], row,
                          (uint16_t)indexing->fields[i], number));
        }
    }
    TRY(postings_settle(scope, worker->postings));
    arena_rewind(&scope->arena, mark);
    return ERR_OK;
}

/* Bounds are written out, because the engine prunes row groups only by constants. */
static enum err read_range(struct worker *worker, int64_t from, int64_t to)
{
    struct scope *scope = &worker->scope;
    const struct index_options *options = worker->indexing->options;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select rowid");
    for (size_t i = 0; i < worker->indexing->field_count; i++) {
        sql_text(&sql, ", ");
        sql_name(&sql, options->schema->fields[worker->indexing->fields[i]].name);
    }
    sql_text(&sql, " from ");
    name_table(&sql, options->database, options->table);
    sql_text_constant(&sql, str_printf(&scope->arena, " where rowid >= %lld and rowid < %lld",
                                       (long long)from, (long long)to));
    TRY(db_run(scope, worker->lease, &sql, &cursor));
    for (;;) {
        const struct batch *batch;
        TRY(cursor_next(scope, cursor, &batch));
        if (!batch) {
            return ERR_OK;
        }
        TRY(add_batch(worker, batch));
    }
}

static enum err read_ranges(struct worker *worker)
{
    struct indexing *indexing = worker->indexing;
    while (!atomic_load(&indexing->stop)) {
        int64_t from = atomic_fetch_add(&indexing->next, RANGE_ROWS);
        if (from >= indexing->rows) {
            postings_sort(worker->postings);
            return ERR_OK;
        }
        TRY(read_range(worker, from, from + RANGE_ROWS));
    }
    return ERR_OK;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    worker->result = read_ranges(worker);
    if (worker->result != ERR_OK) {
        atomic_store(&worker->indexing->stop, true);
    }
    return NULL;
}

static size_t count_workers(const struct indexing *indexing)
{
    const struct index_options *options = indexing->options;
    long cores = options->threads ? options->threads : sysconf(_SC_NPROCESSORS_ONLN);
    int64_t ranges = (indexing->rows + RANGE_ROWS - 1) / RANGE_ROWS;
    long count = !options->db ? 1 : cores < ranges ? cores : (long)ranges;
    return count < 1 ? 1 : count > INDEX_CONNECTIONS ? INDEX_CONNECTIONS : (size_t)count;
}

static enum err start_worker(struct scope *scope, struct worker *worker)
{
    TRY(db_lease(scope, worker->indexing->options->db, &worker->lease));
    if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
        return fail(scope, ERR_BUSY, "No thread could be started for the search index.");
    }
    worker->started = true;
    return ERR_OK;
}

/* The first worker is this thread. A failed worker's reason becomes the scope's. */
static enum err run_workers(struct scope *scope, struct worker *workers, size_t count)
{
    enum err result = ERR_OK;
    for (size_t i = 1; i < count && result == ERR_OK; i++) {
        result = start_worker(scope, &workers[i]);
    }
    if (result == ERR_OK) {
        work(&workers[0]);
    } else {
        atomic_store(&workers[0].indexing->stop, true);
    }
    for (size_t i = 1; i < count; i++) {
        if (workers[i].started) {
            pthread_join(workers[i].thread, NULL);
        }
        db_release(workers[i].lease);
    }
    for (size_t i = 0; i < count && result == ERR_OK; i++) {
        if (workers[i].result != ERR_OK) {
            result = fail_with_cause(scope, workers[i].result, workers[i].scope.failure.cause,
                                     "%.*s", STR_ARG(workers[i].scope.failure.message));
        }
    }
    return result;
}

/* ---- writing ---- */

struct rows_to_append {
    struct db_append *append;
    str terms[DB_APPEND_ROWS];
    int64_t fields[DB_APPEND_ROWS];
    struct span lists[DB_APPEND_ROWS];
    int64_t items[APPEND_ITEMS];
    size_t count, item_count;
    struct arena words;
};

static enum err flush(struct scope *scope, struct rows_to_append *rows)
{
    struct column columns[] = {{.type = CELL_TEXT, .texts = rows->terms},
                               {.type = CELL_INT, .numbers = rows->fields},
                               {.type = CELL_INT_LIST, .lists = rows->lists,
                                .item_numbers = rows->items}};
    struct batch batch = {rows->count, ARRAY_LENGTH(columns), columns};
    if (rows->count) {
        TRY(db_append(scope, rows->append, &batch));
    }
    rows->count = rows->item_count = 0;
    arena_done(&rows->words);
    return ERR_OK;
}

static enum err append_block(struct scope *scope, struct rows_to_append *rows,
                             const struct posting_block *block)
{
    if (rows->count == DB_APPEND_ROWS || rows->item_count + block->count > APPEND_ITEMS) {
        TRY(flush(scope, rows));
    }
    rows->terms[rows->count] = str_copy(&rows->words, block->word);
    rows->fields[rows->count] = block->field;
    rows->lists[rows->count] = (struct span){rows->item_count, block->count};
    memcpy(rows->items + rows->item_count, block->rows, block->count * sizeof(int64_t));
    rows->item_count += block->count;
    rows->count++;
    return ERR_OK;
}

static enum err append_blocks(struct scope *scope, struct postings_merge *merge,
                              struct rows_to_append *rows)
{
    for (;;) {
        struct posting_block block;
        bool found;
        TRY(postings_merge_next(scope, merge, &block, &found));
        if (!found) {
            TRY(flush(scope, rows));
            return db_append_finish(scope, rows->append);
        }
        TRY(append_block(scope, rows, &block));
    }
}

static enum err write_postings(struct scope *scope, struct db_lease *lease,
                               const struct index_options *options, struct worker *workers,
                               size_t count)
{
    struct sql table = sql_in(&scope->arena);
    sql_text(&table, "create table ");
    name_table(&table, options->database, S("postings"));
    sql_text(&table, " (term varchar, field bigint, rows bigint[])");
    TRY(db_execute(scope, lease, &table));
    struct rows_to_append *rows = arena_new(&scope->arena, struct rows_to_append);
    arena_init(&rows->words, 0);
    TRY(db_append_open(scope, lease, options->database, S("postings"), &rows->append));
    struct postings *collectors[INDEX_CONNECTIONS];
    for (size_t i = 0; i < count; i++) {
        collectors[i] = workers[i].postings;
    }
    struct postings_merge *merge = postings_merge_new(collectors, count);
    enum err result = append_blocks(scope, merge, rows);
    postings_merge_free(merge);
    db_append_close(rows->append);
    arena_done(&rows->words);
    return result;
}

static void find_text_fields(struct scope *scope, struct indexing *indexing)
{
    const struct schema *schema = indexing->options->schema;
    indexing->fields = arena_array(&scope->arena, size_t, schema->count + 1);
    for (size_t i = 0; i < schema->count; i++) {
        if (schema->fields[i].type == FIELD_TEXT) {
            indexing->fields[indexing->field_count++] = i;
        }
    }
}

enum err index_build(struct scope *scope, struct db_lease *lease,
                     const struct index_options *options)
{
    struct indexing indexing = {.options = options};
    struct sql sql = sql_in(&scope->arena);
    cell rows;
    sql_text(&sql, "select count(*) from ");
    name_table(&sql, options->database, options->table);
    TRY(db_query_cell(scope, lease, &sql, &rows));
    find_text_fields(scope, &indexing);
    indexing.rows = indexing.field_count ? rows.number : 0;
    size_t count = count_workers(&indexing);
    struct worker *workers = arena_array(&scope->arena, struct worker, count);
    size_t memory = options->memory_bytes ? options->memory_bytes : DEFAULT_MEMORY_BYTES;
    for (size_t i = 0; i < count; i++) {
        workers[i].indexing = &indexing;
        workers[i].postings = postings_new(options->directory, memory / count);
        scope_open(&workers[i].scope);
        workers[i].words = arena_array(&workers[i].scope.arena, str, WORDS_PER_VALUE);
        workers[i].scope.deadline = scope->deadline;
        workers[i].scope.gone = scope->gone;
    }
    workers[0].lease = lease;
    enum err result = run_workers(scope, workers, count);
    if (result == ERR_OK) {
        result = write_postings(scope, lease, options, workers, count);
    }
    for (size_t i = 0; i < count; i++) {
        postings_free(workers[i].postings);
        scope_close(&workers[i].scope);
    }
    return result;
}
