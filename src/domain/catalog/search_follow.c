/*
 * Beside PostgreSQL the index for searches is a file of SQLite in the data directory of each node. It holds
 * nothing that cannot be made anew, and takes in the changes of the catalogue before it is asked.
 */
#include "domain/catalog/catalog_internal.h"
#include "domain/catalog/search.h"
#include "domain/catalog/search_near.h"
#include "platform/db/statement.h"

static const char state_table[] =
    "create table if not exists state (key text primary key, value integer not null)";

enum err search_open(struct scope *scope, struct catalog *catalog)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    str path = str_printf(&scope->arena, "%s/search.sqlite", catalog->store.data_directory);
    struct db_options options = {.engine = DB_SQLITE, .path = path.p, .connections = 4};
    TRY(db_open(scope, &options, &catalog->search));
    TRY(db_lease(scope, catalog->search, &lease));
    return db_script(scope, lease, state_table);
}

/* Reading the catalogue, and writing the index. */
struct following {
    struct scope *scope;
    struct db_lease *from;
    struct db_lease *to;
    int64_t identity, generation, pruned; /* of the catalogue */
    int64_t since;                        /* generation of the index; -1: it is empty */
};

static enum err read_state(struct scope *scope, struct db_lease *lease, const char *key,
                           int64_t *ret_value)
{
    cell value;
    TRY(DB_ASK(scope, lease, &value, "select value from state where key = ?",
               cell_text(str_from(key))));
    *ret_value = value.type == CELL_INT ? value.number : -1;
    return ERR_OK;
}

static enum err write_state(struct scope *scope, struct db_lease *lease, const char *key,
                            int64_t value)
{
    return DB_RUN(scope, lease, "insert or replace into state values (?, ?)",
                  cell_text(str_from(key)), cell_int(value));
}

/* An index of another catalogue, another form, or from before rows that were forgotten, is made anew. */
static enum err begin(struct following *following)
{
    struct scope *scope = following->scope;
    bool is_current;
    int64_t identity;
    TRY(db_begin_reading(scope, following->from));
    TRY(read_state(scope, following->from, "identity", &following->identity));
    TRY(read_state(scope, following->from, "generation", &following->generation));
    TRY(read_state(scope, following->from, "pruned", &following->pruned));
    TRY(read_state(scope, following->to, "identity", &identity));
    TRY(read_state(scope, following->to, "generation", &following->since));
    TRY(search_is_current(scope, following->to, &is_current));
    if (!is_current || identity != following->identity || following->since < following->pruned ||
        following->since > following->generation) {
        following->since = -1;
        TRY(search_make(scope, following->to));
        TRY(search_set_current(scope, following->to));
        TRY(write_state(scope, following->to, "identity", following->identity));
    }
    return ERR_OK;
}

static enum err forget(struct scope *scope, struct db_lease *lease, int64_t number)
{
    return DB_RUN(scope, lease, "delete from search where rowid = ?", cell_int(number));
}

static enum err forget_ended(struct following *following)
{
    struct scope *scope = following->scope;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena, "select number from dataset_old where replaced > ?",
                               cell_int(following->since));
    TRY(db_run(scope, following->from, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        TRY(forget(scope, following->to, row_number(row, 0)));
    }
    return ERR_OK;
}

/* With memory of its own, because there may be many. */
static enum err take_row(struct following *following, const struct batch *row)
{
    struct scope work;
    scope_open(&work);
    struct search_stored stored = {row_number(row, 0), row_text(&work.arena, row, 1),
                                   row_text(&work.arena, row, 2), row_text(&work.arena, row, 3)};
    bool is_new = following->since >= 0;
    enum err result = forget(&work, following->to, stored.number);
    if (result == ERR_OK) {
        result = search_index(&work, following->to, &stored, is_new);
    }
    if (result != ERR_OK) {
        result = fail_as(following->scope, result, &work.failure);
    }
    scope_close(&work);
    return result;
}

static enum err take_changed(struct following *following)
{
    struct scope *scope = following->scope;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena,
                               "select number, id, metadata, fields from dataset where changed > ?",
                               cell_int(following->since));
    TRY(db_run(scope, following->from, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        TRY(take_row(following, row));
    }
    return ERR_OK;
}

static enum err follow(struct scope *scope, struct catalog *catalog)
{
    struct db_lease *from cleanup_with(db_lease_cleanup) = NULL;
    struct db_lease *to cleanup_with(db_lease_cleanup) = NULL;
    struct following following = {.scope = scope};
    TRY(db_lease(scope, catalog->db, &from));
    TRY(db_begin(scope, catalog->search, &to));
    following.from = from;
    following.to = to;
    TRY(begin(&following));
    if (following.since < following.generation) {
        if (following.since >= 0) {
            TRY(forget_ended(&following));
        }
        TRY(take_changed(&following));
    }
    TRY(db_commit(scope, from)); /* the database ends transactions that rest, and words take their time */
    if (following.since < following.generation) {
        if (following.since < 0) {
            TRY(search_list_words(scope, to));
        }
        TRY(write_state(scope, to, "generation", following.generation));
    }
    TRY(db_commit(scope, to));
    catalog->followed = (uint64_t)following.generation;
    return ERR_OK;
}

enum err search_follow(struct scope *scope, struct catalog *catalog)
{
    if (!catalog->store.url) {
        return ERR_OK;
    }
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    uint64_t generation = snapshot->generation;
    enum err result = ERR_OK;
    snapshot_unref(snapshot);
    pthread_mutex_lock(&catalog->following);
    if (catalog->followed < generation || !generation) {
        result = follow(scope, catalog);
    }
    pthread_mutex_unlock(&catalog->following);
    return result;
}
