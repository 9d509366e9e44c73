/*
 * Version files are attached under the name v_<uid>_<number>. An attached file nobody uses stays
 * until the limit is reached; then the least recently used one is detached. The catalogue is an
 * in-memory table, made again for each generation and for each set of people who see the same of it.
 */
#include "domain/records/records.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/bug.h"
#include "domain/records/catalogue_count.h"
#include "domain/records/catalogue_source.h"
#include "domain/records/index.h"
#include "domain/records/point_indexes.h"
#include "domain/records/postgres_place.h"
#include "domain/records/remote.h"
#include "domain/records/spool_files.h"
#include "platform/i18n/explanation.h"

#define ATTACHED_LIMIT 256
#define ALIAS_BYTES 48
#define CATALOGUES_MOST 8 /* kept for different people */
#define POINTS_SHARE 8    /* the engine may have so many times the memory that points of maps have */
#define POINTS_BYTES ((size_t)256 << 20) /* where nothing limits the engine */

struct attachment {
    char alias[ALIAS_BYTES];
    int users;
    uint64_t last_use;
    bool ready;
};

struct records {
    struct db *db;
    struct remote *remote; /* NULL: records are in files */
    struct indexer *indexer;
    struct point_indexes *points; /* of maps */
    char *spool;
    char *temporary; /* directory of the engine */
    pthread_mutex_t mutex; /* guards attachments */
    struct attachment *attachments;
    int limit;
    uint64_t uses;
    pthread_mutex_t making; /* one catalogue is made at a time: it takes all cores, and much memory */
    struct catalogue_source *catalogues[CATALOGUES_MOST]; /* the latest used last */
    size_t catalogue_count;
    uint64_t catalogues_made; /* names them */
};

const char *records_spool_directory(const struct records *records)
{
    return records->spool;
}

struct db *records_engine(const struct records *records)
{
    return records->db;
}

struct point_indexes *records_point_indexes(const struct records *records)
{
    return records->points;
}

size_t records_map_bytes(const struct records *records)
{
    return point_indexes_bytes(records->points);
}

bool records_in_database(const struct records *records)
{
    return records->remote != NULL;
}

enum err records_place(struct scope *scope, const struct records_lease *lease, str *ret_text)
{
    *ret_text = S("");
    return lease->source.engine == DB_POSTGRES
               ? postgres_place_text(scope, lease->db, lease->source.table, ret_text)
               : ERR_OK;
}

enum err records_upkeep(struct scope *scope, struct records *records)
{
    return records->remote ? remote_upkeep(scope, records->remote) : ERR_OK;
}

enum err records_open(struct scope *scope, const struct records_options *options,
                      struct records **ret_records)
{
    struct records *records = calloc(1, sizeof(*records));
    if (!records) {
        bug_out_of_memory(sizeof(*records));
    }
    records->limit = options->attached_limit ? options->attached_limit : ATTACHED_LIMIT;
    records->attachments = calloc((size_t)records->limit, sizeof(*records->attachments));
    str spool = str_printf(&scope->arena, "%s/spool", options->store->data_directory);
    str files = str_printf(&scope->arena, "%s/records", options->store->data_directory);
    records->spool = strdup(spool.p);
    records->temporary = strdup(spool_name(&scope->arena, spool.p, "engine").p);
    const char *directories[] = {spool.p, files.p, NULL};
    struct db_options db_options = {.engine = DB_DUCKDB,
                                    .connections = options->connections,
                                    .threads = options->threads,
                                    .memory_bytes = options->memory_bytes,
                                    .temporary_directory = records->temporary,
                                    .allowed_directories = directories};
    records->indexer = indexer_new();
    records->points = point_indexes_new(options->memory_bytes ? options->memory_bytes / POINTS_SHARE : POINTS_BYTES);
    db_options.aggregates = geometry_aggregates(&db_options.aggregate_count);
    db_options.functions = indexer_functions(records->indexer, &db_options.function_count);
    pthread_mutex_init(&records->mutex, NULL);
    pthread_mutex_init(&records->making, NULL);
    enum err result = db_open(scope, &db_options, &records->db);
    if (result == ERR_OK && options->store->url) {
        result = remote_open(scope, options, &records->remote);
    }
    if (result != ERR_OK) {
        records_close(records);
        return result;
    }
    *ret_records = records;
    return ERR_OK;
}

void records_close(struct records *records)
{
    if (records) {
        for (size_t i = 0; i < records->catalogue_count; i++) {
            catalogue_source_free(records->catalogues[i]);
        }
        db_close(records->db);
        remote_close(records->remote);
        indexer_free(records->indexer);
        point_indexes_free(records->points);
        pthread_mutex_destroy(&records->mutex);
        pthread_mutex_destroy(&records->making);
        free(records->attachments);
        if (records->temporary) {
            spool_remove(records->temporary);
        }
        free(records->temporary);
        free(records->spool);
        free(records);
    }
}

/* Finds the attachment of an alias, or a place for it (a free one, else the least recently used). */
static struct attachment *find_place(struct records *records, str alias)
{
    struct attachment *place = NULL;
    for (int i = 0; i < records->limit; i++) {
        struct attachment *at = &records->attachments[i];
        if (str_eq(str_from(at->alias), alias)) {
            return at;
        }
        if (at->users == 0 && (!place || at->last_use < place->last_use)) {
            place = at;
        }
    }
    return place;
}

static enum err detach(struct scope *scope, struct db_lease *lease, str alias)
{
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "detach database if exists ");
    sql_name(&sql, alias);
    return db_execute(scope, lease, &sql);
}

/* Under the mutex: attaching takes less than a millisecond, and two threads must not do it twice. */
static enum err attach(struct scope *scope, struct records *records, struct db_lease *lease,
                       str alias, str file, struct attachment **ret_attachment)
{
    struct attachment *place = find_place(records, alias);
    if (!place) {
        return fail(scope, ERR_BUSY, "Too many datasets are being read. Try again in a moment.");
    }
    if (!str_eq(str_from(place->alias), alias)) {
        if (place->ready) {
            TRY(detach(scope, lease, str_from(place->alias)));
        }
        *place = (struct attachment){0};
        struct sql sql = sql_in(&scope->arena);
        sql_text(&sql, "attach if not exists ");
        sql_file_name(&sql, file);
        sql_text(&sql, " as ");
        sql_name(&sql, alias);
        sql_text(&sql, " (read_only)");
        TRY(db_execute(scope, lease, &sql));
        memcpy(place->alias, alias.p, alias.n);
        place->ready = true;
    }
    place->users++;
    place->last_use = ++records->uses;
    *ret_attachment = place;
    return ERR_OK;
}

static str alias_of(struct arena *arena, const struct dataset *dataset)
{
    str alias = str_printf(arena, "v_%.*s_%lld", STR_ARG(dataset->uid), (long long)dataset->version);
    bug_if(alias.n >= ALIAS_BYTES);
    return alias;
}

static struct source file_source(const struct dataset *dataset, str alias)
{
    return (struct source){.schema = &dataset->schema,
                           .table_schema = dataset->table_schema,
                           .filters = dataset->filters,
                           .filter_count = dataset->filter_count,
                           .database = alias,
                           .table = S("records"),
                           .postings = S("postings")};
}

enum err records_lease(struct scope *scope, struct records *records, const struct dataset *dataset,
                       struct records_lease *ret_lease)
{
    if (dataset->version == 0) {
        return fail_in_words(scope, ERR_NO_RECORD, MSG_FAULT_SOURCE_DATASET_EMPTY,
                             SAYS(ARG_TEXT("dataset", dataset->id)));
    }
    if (records->remote) {
        TRY(remote_lease(scope, records->remote, dataset, ret_lease));
        ret_lease->records = records;
        return ERR_OK;
    }
    struct db_lease *lease;
    TRY(db_lease(scope, records->db, &lease));
    str alias = alias_of(&scope->arena, dataset);
    struct attachment *attachment = NULL;
    pthread_mutex_lock(&records->mutex);
    enum err result =
        attach(scope, records, lease, alias, dataset->version_file, &attachment);
    pthread_mutex_unlock(&records->mutex);
    if (result != ERR_OK) {
        db_release(lease);
        return result;
    }
    *ret_lease = (struct records_lease){.db = lease,
                                        .records = records,
                                        .pin = attachment,
                                        .source = file_source(dataset, alias)};
    return ERR_OK;
}

enum err records_lease_also(struct scope *scope, const struct records_lease *lease,
                            const struct dataset *dataset, struct records_lease *ret_lease)
{
    struct records *records = lease->records;
    *ret_lease = (struct records_lease){.records = records, .is_borrowed = true};
    if (records->remote) {
        ret_lease->db = lease->db;
        ret_lease->source = remote_source(&scope->arena, records->remote, dataset);
        return ERR_OK;
    }
    struct attachment *attachment = NULL;
    str alias = alias_of(&scope->arena, dataset);
    pthread_mutex_lock(&records->mutex);
    enum err result = attach(scope, records, lease->db, alias, dataset->version_file, &attachment);
    pthread_mutex_unlock(&records->mutex);
    TRY(result);
    ret_lease->db = lease->db;
    ret_lease->pin = attachment;
    ret_lease->source = file_source(dataset, alias);
    return ERR_OK;
}

enum err records_count(struct scope *scope, struct records *records, const struct dataset *dataset,
                       int64_t *ret_count)
{
    struct records_lease lease cleanup_with(records_release) = {0};
    const struct clauses nothing = {0};
    struct plan *plan;
    cell count = cell_int(0);
    if (dataset->version) {
        TRY(records_lease(scope, records, dataset, &lease));
        TRY(odsql_compile(scope, &lease.source, &nothing, &plan));
        TRY(db_query_cell(scope, lease.db, &plan->total, &count));
    }
    *ret_count = count.number;
    return ERR_OK;
}

/* ---- the catalogue as a source ---- */

static void unlink_catalogue(struct records *records, size_t at)
{
    for (; at + 1 < records->catalogue_count; at++) {
        records->catalogues[at] = records->catalogues[at + 1];
    }
    records->catalogue_count--;
}

static bool is_linked(const struct records *records, const struct catalogue_source *source)
{
    for (size_t i = 0; i < records->catalogue_count; i++) {
        if (records->catalogues[i] == source) {
            return true;
        }
    }
    return false;
}

/* Under the mutex: gives a user back. A source that is out of the list goes with its last. */
static void drop_catalogue(struct records *records, struct db_lease *lease,
                           struct catalogue_source *source)
{
    if (--source->users == 0 && !is_linked(records, source)) {
        catalogue_source_close(lease, source);
    }
}

/*
 * Under the mutex: the source of a snapshot with one more user, when there is one of its generation or a
 * newer one; else NULL. What one group may see is in another source than what others may.
 */
static struct catalogue_source *take_catalogue(struct records *records,
                                               const struct snapshot *snapshot)
{
    for (size_t i = 0; i < records->catalogue_count; i++) {
        struct catalogue_source *source = records->catalogues[i];
        if (source->fingerprint == snapshot->fingerprint &&
            source->generation >= snapshot->generation) {
            unlink_catalogue(records, i); /* to the end, as the latest used */
            records->catalogues[records->catalogue_count++] = source;
            source->users++;
            return source;
        }
    }
    return NULL;
}

/* Under the mutex: the source that a new one has most rows in common with, with one more user; or NULL. */
static struct catalogue_source *take_before(struct records *records, const struct snapshot *snapshot)
{
    struct catalogue_source *before = NULL;
    for (size_t i = 0; i < records->catalogue_count; i++) {
        struct catalogue_source *source = records->catalogues[i];
        if (!before || before->fingerprint != snapshot->fingerprint) {
            before = source;
        }
    }
    if (before) {
        before->users++;
    }
    return before;
}

/* Under the mutex: a new source takes the place of what it is newer than, else of the one used least of late. */
static void link_catalogue(struct records *records, struct db_lease *lease,
                           struct catalogue_source *made)
{
    size_t at = 0;
    while (at < records->catalogue_count &&
           records->catalogues[at]->fingerprint != made->fingerprint) {
        at++;
    }
    if (at == records->catalogue_count) {
        at = 0;
    }
    if (records->catalogue_count == CATALOGUES_MOST ||
        (records->catalogue_count && records->catalogues[at]->fingerprint == made->fingerprint)) {
        struct catalogue_source *old = records->catalogues[at];
        unlink_catalogue(records, at);
        old->users++;
        drop_catalogue(records, lease, old);
    }
    made->users = 1;
    records->catalogues[records->catalogue_count++] = made;
}

/* Under making. Without the mutex, so that others go on reading. */
static enum err make_catalogue(struct scope *scope, struct records *records, struct db_lease *lease,
                               const struct snapshot *snapshot, struct catalogue_source **ret_source)
{
    pthread_mutex_lock(&records->mutex);
    *ret_source = take_catalogue(records, snapshot); /* another thread has made it meanwhile */
    struct catalogue_source *before = *ret_source ? NULL : take_before(records, snapshot);
    uint64_t number = ++records->catalogues_made;
    pthread_mutex_unlock(&records->mutex);
    if (*ret_source) {
        return ERR_OK;
    }
    enum err result = catalogue_source_open(scope, lease, snapshot, before, number, ret_source);
    pthread_mutex_lock(&records->mutex);
    if (result == ERR_OK) {
        link_catalogue(records, lease, *ret_source);
    }
    if (before) {
        drop_catalogue(records, lease, before);
    }
    pthread_mutex_unlock(&records->mutex);
    return result;
}

/* Waits for its turn no longer than the work may take. */
static enum err await_catalogue(struct scope *scope, struct records *records,
                                struct db_lease *lease, const struct snapshot *snapshot,
                                struct catalogue_source **ret_source)
{
    struct timespec until = {(time_t)(scope->deadline / USEC_SECOND),
                             (long)(scope->deadline % USEC_SECOND) * 1000};
    if (!scope->deadline) {
        pthread_mutex_lock(&records->making);
    } else if (pthread_mutex_clocklock(&records->making, CLOCK_MONOTONIC, &until) != 0) {
        TRY(scope_check(scope));
        return fail(scope, ERR_BUSY, "The catalogue is being prepared. Try again in a moment.");
    }
    enum err result = make_catalogue(scope, records, lease, snapshot, ret_source);
    pthread_mutex_unlock(&records->making);
    return result;
}

enum err records_lease_catalogue(struct scope *scope, struct records *records,
                                 const struct snapshot *snapshot, str lang,
                                 struct records_lease *ret_lease)
{
    struct db_lease *lease;
    TRY(db_lease(scope, records->db, &lease));
    pthread_mutex_lock(&records->mutex);
    struct catalogue_source *source = take_catalogue(records, snapshot);
    pthread_mutex_unlock(&records->mutex);
    enum err result = source ? ERR_OK
                             : await_catalogue(scope, records, lease, snapshot, &source);
    if (result != ERR_OK) {
        db_release(lease);
        return result;
    }
    *ret_lease = (struct records_lease){.db = lease,
                                        .records = records,
                                        .pin = source,
                                        .lang = lang,
                                        .source = {.schema = &source->schema,
                                                   .index = &source->index,
                                                   .relation =
                                                       catalogue_rows(&scope->arena, source, lang),
                                                   .is_in_order = source->is_in_order,
                                                   .is_catalogue = true}};
    return ERR_OK;
}

enum err records_catalogue_document(struct scope *scope, const struct records_lease *lease,
                                    int64_t row, str lang, bool with_app_metas, str *ret_document)
{
    const struct catalogue_source *source = lease->pin;
    const struct dataset *dataset;
    bug_if(row < 0 || (uint64_t)row >= source->count);
    TRY(snapshot_load(scope, source->snapshot, source->rows[row]->id, &dataset));
    bug_if(!dataset);
    return dataset_document_in(scope, dataset, lang, with_app_metas, ret_document);
}

str records_catalogue_id(const struct records_lease *lease, int64_t row)
{
    const struct catalogue_source *source = lease->pin;
    bug_if(row < 0 || (uint64_t)row >= source->count);
    return source->rows[row]->id;
}

int64_t records_catalogue_count(const struct records_lease *lease)
{
    return (int64_t)((const struct catalogue_source *)lease->pin)->count;
}

void records_catalogue_page(struct scope *scope, const struct records_lease *lease,
                            const struct choices *choices, int64_t offset, int64_t limit,
                            const int64_t **ret_rows, size_t *ret_count, int64_t *ret_total)
{
    static const struct choices none = {.are_known = true};
    *ret_rows = catalogue_page(&scope->arena, lease->pin, lease->lang, choices ? choices : &none,
                               offset, limit, ret_count, ret_total);
}

int64_t records_catalogue_total(struct scope *scope, const struct records_lease *lease,
                                const struct choices *choices)
{
    return (int64_t)catalogue_choose(&scope->arena, lease->pin, lease->lang, choices).count;
}

static void release_pin(struct records_lease *lease)
{
    struct records *records = lease->records;
    pthread_mutex_lock(&records->mutex);
    if (lease->source.is_catalogue) {
        drop_catalogue(records, lease->db, lease->pin);
    } else {
        ((struct attachment *)lease->pin)->users--;
    }
    pthread_mutex_unlock(&records->mutex);
}

void records_release(struct records_lease *lease)
{
    if (!lease->db) {
        return;
    }
    if (lease->pin) {
        release_pin(lease);
    }
    if (!lease->is_borrowed) {
        db_release(lease->db);
    }
    *lease = (struct records_lease){0};
}
