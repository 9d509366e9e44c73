/*
 * The engine scans the table; each of its threads calls collect_words, which adds to that thread's
 * own collector. Then the collectors are merged and the sorted lists appended. This is many times
 * faster than sorting single postings in SQL.
 */
#include "domain/records/index.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bug.h"
#include "domain/records/postings.h"
#include "domain/records/records.h"
#include "platform/i18n/explanation.h"
#include "platform/text/fold.h"

#define WORDS_PER_VALUE 4096 /* the rest of a longer text is not found by search */
#define DEFAULT_MEMORY_BYTES (64u << 20)
#define APPEND_BYTES (1u << 20)
#define BATCH_BYTES (1u << 20) /* of words that are not yet taken in */

/* What one thread has collected. */
struct collector {
    pthread_t thread;
    struct postings *postings;
    struct scope scope; /* words of the current batch; the first failure */
    str words[WORDS_PER_VALUE];
};

/* One index_build under way. */
struct build {
    const char *directory;
    const uint16_t *fields; /* position in the schema of each argument after the row number */
    size_t memory_bytes;    /* of one collector */
    pthread_mutex_t mutex;  /* guards the rest */
    struct collector **collectors;
    size_t count;
};

struct indexer {
    pthread_mutex_t mutex; /* held by the build */
    struct build *build;   /* NULL: none */
    struct db_function *functions;
    size_t function_count;
};

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory) {
        bug_out_of_memory(count * size);
    }
    return memory;
}

/* ---- collecting, on the engine's threads ---- */

static void add_collector(struct build *build, struct collector *collector)
{
    size_t bytes = (build->count + 1) * sizeof(struct collector *);
    struct collector **collectors = realloc(build->collectors, bytes);
    if (!collectors) {
        bug_out_of_memory(bytes);
    }
    collectors[build->count++] = collector;
    build->collectors = collectors;
}

static struct collector *collector_of_thread(struct build *build)
{
    pthread_t self = pthread_self();
    struct collector *found = NULL;
    pthread_mutex_lock(&build->mutex);
    for (size_t i = 0; i < build->count && !found; i++) {
        found = pthread_equal(build->collectors[i]->thread, self) ? build->collectors[i] : NULL;
    }
    if (!found) {
        found = allocate(1, sizeof(*found));
        found->thread = self;
        found->postings = postings_new(build->directory, build->memory_bytes);
        scope_open(&found->scope);
        add_collector(build, found);
    }
    pthread_mutex_unlock(&build->mutex);
    return found;
}

static enum err add_text(struct collector *collector, str text, uint16_t field, int64_t row)
{
    size_t count =
        text_words(&collector->scope.arena, text, collector->words, WORDS_PER_VALUE);
    for (size_t i = 0; i < count; i++) {
        TRY(postings_add(&collector->scope, collector->postings, collector->words[i], field, row));
    }
    return ERR_OK;
}

static enum err add_value(struct collector *collector, const struct column *column, size_t at,
                          uint16_t field, int64_t row)
{
    if (column->type == CELL_TEXT) {
        return add_text(collector, column->texts[at], field, row);
    }
    struct span list = column->type == CELL_TEXT_LIST ? column->lists[at] : (struct span){0};
    for (uint64_t i = list.from; i < list.from + list.count; i++) {
        TRY(add_text(collector, column->items[i], field, row));
    }
    return ERR_OK;
}

static enum err add_batch(struct collector *collector, const struct build *build,
                          const struct batch *batch)
{
    struct arena *arena = &collector->scope.arena;
    struct arena_mark mark = arena_get_mark(arena);
    size_t used = arena->used_bytes;
    const int64_t *rows = batch->columns[0].numbers;
    for (size_t i = 1; i < batch->column_count; i++) {
        const struct column *column = &batch->columns[i];
        for (size_t at = 0; at < batch->rows; at++) {
            if (column_is_null(column, at)) {
                continue;
            }
            TRY(add_value(collector, column, at, build->fields[i - 1], rows[at]));
            if (arena->used_bytes - used > BATCH_BYTES) {
                TRY(postings_settle(&collector->scope, collector->postings));
                arena_rewind(arena, mark);
            }
        }
    }
    TRY(postings_settle(&collector->scope, collector->postings));
    arena_rewind(arena, mark);
    return ERR_OK;
}

/* Arguments: the row number, then the text fields. Yields nothing. */
static void collect_words(const struct batch *arguments, struct db_result *result,
                          const void *user)
{
    const struct indexer *indexer = user;
    struct build *build = indexer->build;
    if (!build) {
        db_result_fail(result, S("no search index is being built"));
        return;
    }
    struct collector *collector = collector_of_thread(build);
    if (add_batch(collector, build, arguments) != ERR_OK) {
        db_result_fail(result, collector->scope.failure.message);
    }
}

/* ---- the indexer ---- */

struct indexer *indexer_new(void)
{
    struct indexer *indexer = allocate(1, sizeof(*indexer));
    size_t records_count;
    size_t geometry_count;
    const struct db_function *of_records = records_functions(&records_count);
    const struct db_function *of_geometry = geometry_functions(&geometry_count);
    size_t shared_count = records_count + geometry_count;
    indexer->function_count = shared_count + 1;
    indexer->functions = allocate(indexer->function_count, sizeof(struct db_function));
    memcpy(indexer->functions, of_records, records_count * sizeof(struct db_function));
    memcpy(indexer->functions + records_count, of_geometry,
           geometry_count * sizeof(struct db_function));
    indexer->functions[shared_count] = (struct db_function){.name = "collect_words",
                                                            .returns = CELL_INT,
                                                            .any_arguments = true,
                                                            .call = collect_words,
                                                            .user = indexer};
    pthread_mutex_init(&indexer->mutex, NULL);
    return indexer;
}

void indexer_free(struct indexer *indexer)
{
    if (indexer) {
        pthread_mutex_destroy(&indexer->mutex);
        free(indexer->functions);
        free(indexer);
    }
}

const struct db_function *indexer_functions(const struct indexer *indexer, size_t *ret_count)
{
    *ret_count = indexer->function_count;
    return indexer->functions;
}

static void name_table(struct sql *sql, str database, str table)
{
    if (database.n) {
        sql_name(sql, database);
        sql_text(sql, ".");
    }
    sql_name(sql, table);
}

static enum err collect(struct scope *scope, struct db_lease *lease,
                        const struct index_options *options, struct build *build)
{
    const struct schema *schema = options->schema;
    uint16_t *fields = arena_array(&scope->arena, uint16_t, schema->count + 1);
    size_t count = 0;
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select count(collect_words(rowid");
    for (size_t i = 0; i < schema->count; i++) {
        if (schema->fields[i].type == FIELD_TEXT) {
            fields[count++] = (uint16_t)i;
            sql_text(&sql, ", ");
            sql_name(&sql, schema->fields[i].name);
        }
    }
    sql_text(&sql, ")) from ");
    name_table(&sql, options->database, options->table);
    build->fields = fields;
    enum err result = count ? db_execute(scope, lease, &sql) : ERR_OK;
    for (size_t i = 0; i < build->count; i++) {
        const struct failure *failure = &build->collectors[i]->scope.failure;
        if (failure->code != ERR_OK) {
            scope_forgive(scope); /* the engine only knows that a function failed */
            return fail_again(scope, failure->code, failure);
        }
        postings_sort(build->collectors[i]->postings);
    }
    return result;
}

/* ---- writing ---- */

struct rows_to_append {
    struct db_append *append;
    str terms[DB_APPEND_ROWS];
    int64_t fields[DB_APPEND_ROWS];
    str packed[DB_APPEND_ROWS];
    size_t count;
    struct arena texts;
};

static enum err flush(struct scope *scope, struct rows_to_append *rows)
{
    struct column columns[] = {{.type = CELL_TEXT, .texts = rows->terms},
                               {.type = CELL_INT, .numbers = rows->fields},
                               {.type = CELL_BYTES, .texts = rows->packed}};
    struct batch batch = {rows->count, ARRAY_LENGTH(columns), columns};
    if (rows->count) {
        TRY(db_append(scope, rows->append, &batch));
    }
    rows->count = 0;
    arena_rewind(&rows->texts, (struct arena_mark){0});
    return ERR_OK;
}

static enum err append_block(struct scope *scope, struct rows_to_append *rows,
                             const struct posting_block *block)
{
    if (rows->count == DB_APPEND_ROWS || rows->texts.used_bytes > APPEND_BYTES) {
        TRY(flush(scope, rows));
    }
    rows->terms[rows->count] = str_copy(&rows->texts, block->word);
    rows->fields[rows->count] = block->field;
    rows->packed[rows->count] = str_copy(&rows->texts, block->packed);
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
                               const struct index_options *options, const struct build *build)
{
    struct sql table = sql_in(&scope->arena);
    sql_text(&table, "create table ");
    name_table(&table, options->database, S("postings"));
    sql_text(&table,
             " (term varchar, field bigint, packed blob using compression uncompressed)");
    TRY(db_execute(scope, lease, &table));
    struct rows_to_append *rows = arena_new(&scope->arena, struct rows_to_append);
    TRY(db_append_open(scope, lease, options->database, S("postings"), &rows->append));
    arena_init(&rows->texts, 0);
    struct postings **collectors =
        arena_array(&scope->arena, struct postings *, build->count + 1);
    for (size_t i = 0; i < build->count; i++) {
        collectors[i] = build->collectors[i]->postings;
    }
    struct postings_merge *merge = postings_merge_new(collectors, build->count);
    enum err result = append_blocks(scope, merge, rows);
    postings_merge_free(merge);
    db_append_close(rows->append);
    arena_done(&rows->texts);
    return result;
}

static size_t collector_memory(const struct index_options *options)
{
    long threads = options->threads ? options->threads : sysconf(_SC_NPROCESSORS_ONLN);
    size_t memory = options->memory_bytes ? options->memory_bytes : DEFAULT_MEMORY_BYTES;
    return memory / (threads > 0 ? (size_t)threads : 1);
}

enum err index_build(struct scope *scope, struct db_lease *lease, struct indexer *indexer,
                     const struct index_options *options)
{
    struct build build = {.directory = options->directory,
                          .memory_bytes = collector_memory(options)};
    pthread_mutex_init(&build.mutex, NULL);
    pthread_mutex_lock(&indexer->mutex);
    indexer->build = &build;
    enum err result = collect(scope, lease, options, &build);
    indexer->build = NULL;
    pthread_mutex_unlock(&indexer->mutex);
    if (result == ERR_OK) {
        result = write_postings(scope, lease, options, &build);
    }
    for (size_t i = 0; i < build.count; i++) {
        postings_free(build.collectors[i]->postings);
        scope_close(&build.collectors[i]->scope);
        free(build.collectors[i]);
    }
    free(build.collectors);
    pthread_mutex_destroy(&build.mutex);
    return result;
}
