#include "domain/catalog/catalog_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/limits.h"
#include "base/vec.h"
#include "domain/catalog/search.h"
#include "domain/catalog/store_metadata.h"
#include "domain/catalog/tables.h"
#include "platform/db/statement.h"

/* Of the data directory: the tables below and the version files. Raised when either changes so that
 * this program cannot read what an earlier one wrote. 2: packed rows in the search index. 3: shapes as
 * WKB; rows of datasets that are kept when they are replaced. 4: drafts, authors of versions. */
#define DATA_FORMAT 4
#define UPGRADED_FORMAT 3 /* what this program takes over */

#define CONNECTIONS 4
#define POSTGRES_CONNECTIONS 8

str catalog_version_path(struct arena *arena, const char *data_directory, str uid, int64_t number)
{
    return str_printf(arena, "%s/records/%.*s/%lld.duckdb", data_directory, STR_ARG(uid),
                      (long long)number);
}

const char *catalog_data_directory(const struct catalog *catalog)
{
    return catalog->store.data_directory;
}

const struct store *catalog_store(const struct catalog *catalog)
{
    return &catalog->store;
}

struct db *catalog_database(struct catalog *catalog)
{
    return catalog->db;
}

enum err catalog_check_id(struct scope *scope, str id)
{
    bool good = id.n > 0 && id.n <= LIMIT_NAME_BYTES && id.p[0] != '-' && id.p[0] != '_';
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        good &= (c >= 'a' && c <= 'z') || is_ascii_digit(c) || c == '-' || c == '_';
    }
    return good ? ERR_OK
                : fail(scope, ERR_USAGE,
                       "dataset id '%.*s': 1 to %d of a-z 0-9 - _ are expected, beginning with a "
                       "letter or digit",
                       STR_ARG(id), LIMIT_NAME_BYTES);
}

/* ---- opening ---- */

static enum err make_directory(struct scope *scope, const char *path)
{
    if (mkdir(path, 0750) != 0 && errno != EEXIST) {
        return fail(scope, ERR_FILE, "%s: the directory cannot be made (%s)", path,
                    strerror(errno));
    }
    return ERR_OK;
}

/*
 * Hashes of passwords, addresses of people and the audit log are in the catalogue, so it is for its owner
 * alone; the engine gives its other files the same mode. By path: closing a file that an engine has open
 * would drop its locks.
 */
static enum err keep_private(struct scope *scope, const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0) {
        close(file);
        return ERR_OK;
    }
    struct stat status;
    bool is_wide = errno == EEXIST && stat(path, &status) == 0 && (status.st_mode & 077);
    if (is_wide && chmod(path, 0600) != 0 && errno != EPERM) {
        return fail(scope, ERR_FILE, "%s: its mode cannot be set (%s)", path, strerror(errno));
    }
    return ERR_OK; /* what else is wrong with it, the engine says */
}

/* A new catalogue gets our format; one of another is left alone. */
static enum err check_format(struct scope *scope, struct db_lease *lease, const char *directory)
{
    cell format;
    TRY(DB_RUN(scope, lease, "insert into state (key, value) values ('format', ?) on conflict do nothing",
               cell_int(DATA_FORMAT)));
    TRY(DB_ASK(scope, lease, &format, "select value from state where key = ?",
               cell_text(S("format"))));
    if (format.number == DATA_FORMAT) {
        return ERR_OK;
    }
    if (format.number == UPGRADED_FORMAT) {
        TRY(tables_upgrade(scope, lease));
        return DB_RUN(scope, lease, "update state set value = ? where key = 'format'",
                      cell_int(DATA_FORMAT));
    }
    return fail(scope, ERR_FILE,
                "%s: it was written by %s version of parvis (format %lld; this one reads %d); %s",
                directory, format.number < DATA_FORMAT ? "an earlier" : "a later",
                (long long)format.number, DATA_FORMAT,
                format.number < DATA_FORMAT
                    ? "move it away and import the files again"
                    : "use that version, or another directory with --data");
}

/* Tells one catalogue from another, for what is kept beside it. */
static enum err give_identity(struct scope *scope, struct db_lease *lease)
{
    uint64_t number;
    bug_if(getrandom(&number, sizeof(number), 0) != sizeof(number));
    return DB_RUN(scope, lease,
                  "insert into state (key, value) values ('identity', ?) on conflict do nothing",
                  cell_int((int64_t)(number >> 1)));
}

static enum err make_directories(struct scope *scope, const struct store *store)
{
    static const char *const parts[] = {"", "/records", "/spool"};
    str restoring = str_printf(&scope->arena, "%s/" CATALOG_RESTORING, store->data_directory);
    if (!store->url && access(restoring.p, F_OK) == 0) {
        return fail(scope, ERR_CONFLICT,
                    "%s: a backup is being restored into it, or was and that has not ended; run parvis restore again "
                    "as before", store->data_directory);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        str part = str_printf(&scope->arena, "%s%s", store->data_directory, parts[i]);
        TRY(make_directory(scope, part.p));
    }
    return ERR_OK;
}

static enum err open_database(struct scope *scope, const struct store *store, struct db **ret_db)
{
    if (store->url) {
        struct db_options options = {.engine = DB_POSTGRES, .path = store->url,
                                     .connections = POSTGRES_CONNECTIONS, .untyped = true};
        return db_open(scope, &options, ret_db);
    }
    str path = str_printf(&scope->arena, "%s/catalogue.sqlite", store->data_directory);
    TRY(keep_private(scope, path.p));
    struct db_options options = {.engine = DB_SQLITE, .path = path.p, .connections = CONNECTIONS};
    return db_open(scope, &options, ret_db);
}

static enum err check_whole(struct scope *scope, struct db_lease *lease)
{
    cell origin;
    TRY(DB_ASK(scope, lease, &origin, "select value from state where key = ?",
               cell_text(CATALOG_MIGRATING)));
    return origin.type == CELL_NULL
               ? ERR_OK
               : fail(scope, ERR_CONFLICT,
                      "a migration into this catalogue has not ended; run parvis migrate again as before");
}

/* Two nodes may begin at once; one makes the tables, the other finds them. */
static enum err make_tables(struct scope *scope, struct db *db, const struct store *store,
                            bool may_be_unfinished)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, db, &lease));
    if (store->url) {
        TRY(db_script(scope, lease, "create schema if not exists parvis"));
    }
    TRY(tables_make_state(scope, lease));
    TRY(check_format(scope, lease, store->url ? "the database" : store->data_directory));
    if (!may_be_unfinished) {
        TRY(check_whole(scope, lease));
    }
    TRY(tables_make(scope, lease));
    TRY(give_identity(scope, lease));
    return db_commit(scope, lease);
}

enum err catalog_open_rows(struct scope *scope, const struct store *store, bool may_be_unfinished,
                           struct db **ret_db)
{
    struct db *db;
    if (!store->url) {
        TRY(make_directories(scope, store));
    }
    TRY(open_database(scope, store, &db));
    enum err result = make_tables(scope, db, store, may_be_unfinished);
    if (result != ERR_OK) {
        db_close(db);
        return result;
    }
    *ret_db = db;
    return ERR_OK;
}

static enum err begin(struct scope *scope, struct catalog *catalog)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(make_directories(scope, &catalog->store));
    TRY(open_database(scope, &catalog->store, &catalog->db));
    catalog->search = catalog->db;
    if (catalog->store.url) {
        TRY(search_open(scope, catalog));
    }
    TRY(make_tables(scope, catalog->db, &catalog->store, false));
    TRY(db_lease(scope, catalog->db, &lease));
    if (!catalog->store.url) {
        TRY(search_prepare(scope, lease));
    }
    return catalog_load(scope, catalog, lease);
}

static char *copied(const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy) {
        bug_out_of_memory(strlen(text));
    }
    return copy;
}

enum err catalog_open_store(struct scope *scope, const struct store *store,
                            struct catalog **ret_catalog)
{
    struct catalog *catalog = calloc(1, sizeof(*catalog));
    if (!catalog) {
        bug_out_of_memory(sizeof(*catalog));
    }
    catalog->store = (struct store){copied(store->data_directory), copied(store->url),
                                    copied(store->read_url), store->distributed_rows};
    catalog->loaded = loaded_open();
    pthread_mutex_init(&catalog->mutex, NULL);
    pthread_mutex_init(&catalog->following, NULL);
    enum err result = begin(scope, catalog);
    if (result != ERR_OK) {
        catalog_close(catalog);
        return result;
    }
    *ret_catalog = catalog;
    return ERR_OK;
}

enum err catalog_open(struct scope *scope, const char *data_directory, struct catalog **ret_catalog)
{
    const struct store store = {.data_directory = data_directory};
    return catalog_open_store(scope, &store, ret_catalog);
}

void catalog_close(struct catalog *catalog)
{
    if (!catalog) {
        return;
    }
    snapshot_unref(catalog->current);
    loaded_close(catalog->loaded);
    if (catalog->search != catalog->db) {
        db_close(catalog->search);
    }
    db_close(catalog->db);
    pthread_mutex_destroy(&catalog->following);
    pthread_mutex_destroy(&catalog->mutex);
    free((char *)(uintptr_t)catalog->store.data_directory);
    free((char *)(uintptr_t)catalog->store.url);
    free((char *)(uintptr_t)catalog->store.read_url);
    free(catalog);
}

/* ---- reading ---- */

enum err catalog_metadata(struct scope *scope, struct catalog *catalog, str id, str *ret_metadata)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, catalog->db, &lease));
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select metadata from dataset where id = ");
    sql_bind(&sql, cell_text(id));
    cell value;
    TRY(db_query_cell(scope, lease, &sql, &value));
    if (value.type != CELL_TEXT) {
        return dataset_absent(scope, id);
    }
    *ret_metadata = value.text;
    return ERR_OK;
}

enum err catalog_has_version(struct scope *scope, struct catalog *catalog, str uid, int64_t number,
                             bool *ret_has)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, catalog->db, &lease));
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select count(*) from version where uid = ");
    sql_bind(&sql, cell_text(uid));
    sql_text(&sql, " and number = ");
    sql_bind(&sql, cell_int(number));
    cell value;
    TRY(db_query_cell(scope, lease, &sql, &value));
    *ret_has = value.number > 0;
    return ERR_OK;
}
