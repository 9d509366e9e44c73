#include "domain/records/remote.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/log.h"
#include "domain/records/postgres_functions.h"
#include "domain/records/postgres_version.h"
#include "platform/db/statement.h"

#define SEEN 1024
#define REPLICA_PAUSE (5 * USEC_SECOND) /* after it could not be reached */

struct remote {
    struct db *primary;
    struct db *replica;        /* NULL: there is none */
    bool has_postgis;
    atomic_llong replica_from; /* monotonic; it is not tried before */
    pthread_mutex_t mutex;     /* guards seen */
    uint64_t seen[SEEN];       /* hashes of tables that the replica has, each in its place */
};

enum err remote_open(struct scope *scope, const struct records_options *options,
                     struct remote **ret_remote)
{
    const struct store *store = options->store;
    struct remote *remote = calloc(1, sizeof(*remote));
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    if (!remote) {
        bug_out_of_memory(sizeof(*remote));
    }
    pthread_mutex_init(&remote->mutex, NULL);
    *ret_remote = remote;
    TRY(postgres_open(scope, store->url, options->connections, &remote->primary));
    if (store->read_url) {
        TRY(postgres_open_replica(scope, store->read_url, options->connections, &remote->replica));
    }
    TRY(db_lease(scope, remote->primary, &lease));
    return records_postgres_functions(scope, lease, &remote->has_postgis);
}

void remote_close(struct remote *remote)
{
    if (remote) {
        db_close(remote->primary);
        db_close(remote->replica);
        pthread_mutex_destroy(&remote->mutex);
        free(remote);
    }
}

enum err remote_upkeep(struct scope *scope, struct remote *remote)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    size_t removed;
    TRY(db_lease(scope, remote->primary, &lease));
    return postgres_remove_debris(scope, lease, &removed);
}

/* ---- the replica ---- */

/* Whether the replica has a table; known: without asking it. */
static enum err has_table(struct scope *scope, struct remote *remote, struct db_lease *lease,
                          str table, bool *ret_has)
{
    uint64_t hash = str_hash(table);
    cell found;
    pthread_mutex_lock(&remote->mutex);
    *ret_has = remote->seen[hash % SEEN] == hash;
    pthread_mutex_unlock(&remote->mutex);
    if (*ret_has) {
        return ERR_OK;
    }
    TRY(DB_ASK(scope, lease, &found, "select to_regclass(?) is not null",
               cell_text(str_printf(&scope->arena, "%.*s.%.*s", STR_ARG(POSTGRES_SCHEMA),
                                    STR_ARG(table)))));
    *ret_has = found.type == CELL_BOOL && found.truth;
    if (*ret_has) {
        pthread_mutex_lock(&remote->mutex);
        remote->seen[hash % SEEN] = hash;
        pthread_mutex_unlock(&remote->mutex);
    }
    return ERR_OK;
}

/* A connection to the replica if it has the table. What goes wrong is for the database itself to mend. */
static struct db_lease *lease_replica(struct scope *scope, struct remote *remote, str table)
{
    struct db_lease *lease = NULL;
    bool has = false;
    usec now = clock_monotonic();
    if (!remote->replica || now < atomic_load(&remote->replica_from)) {
        return NULL;
    }
    enum err result = db_lease(scope, remote->replica, &lease);
    if (result == ERR_OK) {
        result = has_table(scope, remote, lease, table, &has);
    }
    if (result != ERR_OK) {
        log_event(EV_REPLICA_LEFT_OUT, "%.*s (%.*s)", STR_ARG(scope->failure.message),
                  STR_ARG(scope->failure.cause));
        scope_forgive(scope);
        atomic_store(&remote->replica_from, now + REPLICA_PAUSE);
    }
    if (!has) {
        db_release(lease);
        return NULL;
    }
    return lease;
}

struct source remote_source(struct arena *arena, const struct remote *remote, const struct dataset *dataset)
{
    return (struct source){.engine = DB_POSTGRES,
                           .has_postgis = remote->has_postgis,
                           .schema = &dataset->schema,
                           .table_schema = dataset->table_schema,
                           .filters = dataset->filters,
                           .filter_count = dataset->filter_count,
                           .database = POSTGRES_SCHEMA,
                           .table = postgres_table(arena, dataset->uid, dataset->version),
                           .postings = postgres_words_table(arena, dataset->uid, dataset->version)};
}

/* Tables of a version stay for some time after it ended, so that nothing needs to be pinned. */
enum err remote_lease(struct scope *scope, struct remote *remote, const struct dataset *dataset,
                      struct records_lease *ret_lease)
{
    struct source source = remote_source(&scope->arena, remote, dataset);
    struct db_lease *lease = lease_replica(scope, remote, source.table);
    if (!lease) {
        TRY(db_lease(scope, remote->primary, &lease));
    }
    *ret_lease = (struct records_lease){.db = lease, .source = source};
    return ERR_OK;
}
