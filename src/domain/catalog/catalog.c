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
#include "platform/db/statement.h"

/* Of the data directory: the tables below and the version files. Raised when either changes so that
 * this program cannot read what an earlier one wrote. 2: packed rows in the search index. 3: shapes as
 * WKB; rows of datasets that are kept when they are replaced. */
#define DATA_FORMAT 3

/* Parts of triggers. A change belongs to the generation that its transaction is about to make; what a row
 * was in between is not kept. */
#define NEXT "(select value + 1 from state where key = 'generation')"
#define KEEP_OLD                                                                                   \
    "insert or ignore into dataset_old select old.number, old.changed, old.metadata, old.fields, " \
    NEXT ", unixepoch() where old.changed < " NEXT ";"
#define TOUCH(uid_of_rule)                                                                         \
    "insert or ignore into dataset_old select number, changed, metadata, fields, " NEXT            \
    ", unixepoch() from dataset where uid = " uid_of_rule " and changed < " NEXT ";"               \
    "update dataset set changed = " NEXT " where uid = " uid_of_rule ";"

static const char state_table[] =
    "create table if not exists state (key text primary key, value integer not null);"
    "insert or ignore into state values ('generation', 0);"
    "insert or ignore into state values ('pruned', 0);";

static const char tables[] =
    /* changed: the generation that made the row what it is; kept by triggers. */
    "create table if not exists dataset ("
    " number integer primary key autoincrement, uid text not null unique, id text not null unique,"
    " metadata text not null, fields text not null,"
    " version integer not null, last_version integer not null, records integer not null,"
    " created integer not null, modified integer not null, data_processed integer not null,"
    " metadata_processed integer not null, changed integer not null default 0,"
    /* Of the metadata; kept by catalog_finish_change. */
    " title text not null default '', has_attachments integer not null default 0);"
    /* What a snapshot holds, so that opening a catalogue reads no metadata. */
    "create index if not exists dataset_light on dataset (id, uid, number, changed, version, records,"
    " modified, data_processed, metadata_processed, title, has_attachments);"
    "create index if not exists dataset_by_change on dataset (changed);"
    /* What rows were, for readers of earlier generations; replaced: the generation that ended them. */
    "create table if not exists dataset_old ("
    " number integer not null, changed integer not null, metadata text not null,"
    " fields text not null, replaced integer not null, replaced_at integer not null,"
    " primary key (number, changed)) without rowid;"
    "create index if not exists dataset_old_by_end on dataset_old (replaced);"
    "create index if not exists dataset_old_by_time on dataset_old (replaced_at, replaced);"
    "create table if not exists version ("
    " uid text not null references dataset (uid) on delete cascade, number integer not null,"
    " records integer not null, bytes integer not null, fields text not null,"
    " source text not null, created integer not null, primary key (uid, number));"
    /* Who may do what (identity/access.h). Here, so that a dataset can be made closed. */
    "create table if not exists dataset_access ("
    " uid text not null references dataset (uid) on delete cascade, subject_kind text not null,"
    " subject_id integer not null, rights integer not null, filter text not null,"
    " hidden text not null, changed integer not null,"
    " primary key (uid, subject_kind, subject_id));"
    "create trigger if not exists dataset_made after insert on dataset begin"
    " update dataset set changed = " NEXT " where number = new.number; end;"
    "create trigger if not exists dataset_replaced after update of uid, id, metadata, fields,"
    " version, records, modified, data_processed, metadata_processed on dataset begin "
    KEEP_OLD " update dataset set changed = " NEXT " where number = new.number; end;"
    "create trigger if not exists dataset_removed after delete on dataset begin " KEEP_OLD " end;"
    "create trigger if not exists access_removed after delete on dataset_access begin "
    TOUCH("old.uid") " end;"
    "create trigger if not exists access_made after insert on dataset_access begin "
    TOUCH("new.uid") " end;"
    "create trigger if not exists access_replaced after update on dataset_access begin "
    TOUCH("new.uid") " end;";

str catalog_version_path(struct arena *arena, const char *data_directory, str uid, int64_t number)
{
    return str_printf(arena, "%s/records/%.*s/%lld.duckdb", data_directory, STR_ARG(uid),
                      (long long)number);
}

const char *catalog_data_directory(const struct catalog *catalog)
{
    return catalog->data_directory;
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
    struct sql insert = sql_in(&scope->arena);
    struct sql select = sql_in(&scope->arena);
    cell format;
    sql_text(&insert, "insert or ignore into state values ('format', ");
    sql_bind(&insert, cell_int(DATA_FORMAT));
    sql_text(&insert, ")");
    TRY(db_execute(scope, lease, &insert));
    sql_text(&select, "select value from state where key = 'format'");
    TRY(db_query_cell(scope, lease, &select, &format));
    if (format.number == DATA_FORMAT) {
        return ERR_OK;
    }
    return fail(scope, ERR_FILE,
                "%s: it was written by %s version of parvis (format %lld; this one reads %d); %s",
                directory, format.number < DATA_FORMAT ? "an earlier" : "a later",
                (long long)format.number, DATA_FORMAT,
                format.number < DATA_FORMAT
                    ? "move it away and import the files again"
                    : "use that version, or another directory with --data");
}

enum err catalog_open(struct scope *scope, const char *data_directory, struct catalog **ret_catalog)
{
    str path = str_printf(&scope->arena, "%s/catalogue.sqlite", data_directory);
    static const char *const parts[] = {"", "/records", "/spool"};
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        str part = str_printf(&scope->arena, "%s%s", data_directory, parts[i]);
        TRY(make_directory(scope, part.p));
    }
    TRY(keep_private(scope, path.p));
    struct catalog *catalog = calloc(1, sizeof(*catalog));
    if (!catalog) {
        bug_out_of_memory(sizeof(*catalog));
    }
    struct db_options options = {.engine = DB_SQLITE, .path = path.p, .connections = 4};
    enum err result = db_open(scope, &options, &catalog->db);
    if (result != ERR_OK) {
        free(catalog);
        return result;
    }
    catalog->data_directory = strdup(data_directory);
    catalog->loaded = loaded_open();
    pthread_mutex_init(&catalog->mutex, NULL);
    struct db_lease *lease = NULL;
    result = db_lease(scope, catalog->db, &lease);
    if (result == ERR_OK) {
        result = db_script(scope, lease, state_table);
    }
    if (result == ERR_OK) {
        result = check_format(scope, lease, data_directory);
    }
    if (result == ERR_OK) {
        result = db_script(scope, lease, tables);
    }
    if (result == ERR_OK) {
        result = search_prepare(scope, lease);
    }
    if (result == ERR_OK) {
        result = catalog_load(scope, catalog, lease);
    }
    db_release(lease);
    if (result != ERR_OK) {
        catalog_close(catalog);
        return result;
    }
    *ret_catalog = catalog;
    return ERR_OK;
}

void catalog_close(struct catalog *catalog)
{
    if (!catalog) {
        return;
    }
    snapshot_unref(catalog->current);
    loaded_close(catalog->loaded);
    db_close(catalog->db);
    pthread_mutex_destroy(&catalog->mutex);
    free(catalog->data_directory);
    free(catalog);
}

/* ---- changes ---- */

static str new_uid(struct arena *arena)
{
    static const char symbols[] = "abcdefghijklmnopqrstuvwxyz234567"; /* 32: no bias */
    unsigned char bytes[6];
    char text[10] = "da_";
    bug_if(getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        text[3 + i] = symbols[bytes[i] % 32];
    }
    return str_copy(arena, (str){text, 9});
}

enum err catalog_identify(struct scope *scope, struct catalog *catalog, str id, str *ret_uid,
                          int64_t *ret_last_version)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_lease(scope, catalog->db, &lease));
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select uid, last_version from dataset where id = ");
    sql_bind(&sql, cell_text(id));
    const struct batch *row;
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    *ret_uid = row ? row_text(&scope->arena, row, 0) : new_uid(&scope->arena);
    *ret_last_version = row ? row_number(row, 1) : 0;
    cursor_close(cursor);
    cursor = NULL;
    return ERR_OK;
}

static enum err save_dataset(struct scope *scope, struct db_lease *lease,
                             const struct new_version *version, str fields)
{
    usec now = clock_wall();
    cell extent = version->extent.p ? cell_text(version->extent) : cell_null();
    cell given = version->modified ? cell_instant(version->modified) : cell_null();
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "insert into dataset (uid, id, metadata, fields, version, last_version, records, "
                   "created, modified, data_processed, metadata_processed) values (");
    sql_bind(&sql, cell_text(version->uid));
    sql_text(&sql, ", ");
    sql_bind(&sql, cell_text(version->dataset_id));
    sql_text(&sql, ", json_patch(coalesce(");
    sql_bind(&sql, version->metadata.p ? cell_text(version->metadata) : cell_null());
    sql_text(&sql, ", '{}'), json_object('extent', json(");
    sql_bind(&sql, extent);
    sql_text(&sql, "))), ");
    sql_bind(&sql, cell_text(fields));
    sql_text(&sql, ", ");
    sql_bind(&sql, cell_int(version->number));
    sql_text(&sql, ", ");
    sql_bind(&sql, cell_int(version->number));
    sql_text(&sql, ", ");
    sql_bind(&sql, cell_int(version->records));
    sql_text(&sql, ", ");
    sql_bind(&sql, cell_instant(now));
    sql_text(&sql, ", coalesce(");
    sql_bind(&sql, given);
    sql_text(&sql, ", ");
    sql_bind(&sql, cell_instant(now));
    sql_text(&sql, ")");
    for (int i = 0; i < 2; i++) {
        sql_text(&sql, ", ");
        sql_bind(&sql, cell_instant(now));
    }
    sql_text(&sql, ") on conflict (uid) do update set fields = excluded.fields, "
                   "version = excluded.version, last_version = excluded.last_version, "
                   "records = excluded.records, data_processed = excluded.data_processed, "
                   "modified = case when coalesce(json_extract(coalesce(");
    sql_bind(&sql, version->metadata.p ? cell_text(version->metadata) : cell_null());
    sql_text(&sql, ", dataset.metadata), '$.default.modified_updates_on_data_change'), 1) then ");
    sql_bind(&sql, cell_instant(now));
    sql_text(&sql, " else coalesce(");
    sql_bind(&sql, given);
    sql_text(&sql, ", dataset.modified) end, metadata = json_patch(json_remove(coalesce(");
    sql_bind(&sql, version->metadata.p ? cell_text(version->metadata) : cell_null());
    sql_text(&sql, ", dataset.metadata), '$.extent', '$.attachments'), json_object('extent', json(");
    sql_bind(&sql, extent);
    sql_text(&sql, "), 'attachments', json(dataset.metadata -> '$.attachments')))");
    return db_execute(scope, lease, &sql);
}

static enum err save_version(struct scope *scope, struct db_lease *lease,
                             const struct new_version *version, str fields)
{
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "insert into version values (");
    sql_bind(&sql, cell_text(version->uid));
    sql_text(&sql, ", ");
    sql_bind(&sql, cell_int(version->number));
    sql_text(&sql, ", ");
    sql_bind(&sql, cell_int(version->records));
    sql_text(&sql, ", ");
    sql_bind(&sql, cell_int(version->bytes));
    sql_text(&sql, ", ");
    sql_bind(&sql, cell_text(fields));
    sql_text(&sql, ", ");
    sql_bind(&sql, cell_text(version->source_name));
    sql_text(&sql, ", ");
    sql_bind(&sql, cell_instant(clock_wall()));
    sql_text(&sql, ")");
    return db_execute(scope, lease, &sql);
}

/* A new dataset that only administrators see, until somebody says more. */
static enum err restrict_new(struct scope *scope, struct db_lease *lease,
                             const struct new_version *version)
{
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "insert into dataset_access select uid, 'everyone', 0, 0, '', '[]', 0 "
                   "from dataset where last_version = ");
    sql_bind(&sql, cell_int(version->number));
    sql_text(&sql, " and uid = ");
    sql_bind(&sql, cell_text(version->uid));
    sql_text(&sql, " and not exists (select 1 from version where uid = dataset.uid)");
    return db_execute(scope, lease, &sql);
}

static enum err drop_old_versions(struct scope *scope, struct db_lease *lease,
                                  const struct new_version *version, const int64_t **ret_dropped,
                                  size_t *ret_count)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "delete from version where uid = ");
    sql_bind(&sql, cell_text(version->uid));
    sql_text(&sql, " and number not in (select number from version where uid = ");
    sql_bind(&sql, cell_text(version->uid));
    sql_text(&sql, " order by number desc limit ");
    sql_bind(&sql, cell_int(version->keep > 0 ? version->keep : 1));
    sql_text(&sql, ") returning number");
    TRY(db_run(scope, lease, &sql, &cursor));
    VEC(int64_t) dropped = {0};
    for (;;) {
        const struct batch *row;
        TRY(cursor_next(scope, cursor, &row));
        if (!row) {
            break;
        }
        vec_add(&scope->arena, &dropped, row_number(row, 0));
    }
    *ret_dropped = dropped.items;
    *ret_count = dropped.count;
    return ERR_OK;
}

/* Rows that nobody reads any more go; whoever has a snapshot from before they ended reads all again. */
enum err catalog_finish_change(struct scope *scope, struct db_lease *lease)
{
    return db_script(scope, lease,
                     "update dataset set title = case when json_valid(metadata) then "
                     "coalesce(json_extract(metadata, '$.default.title'), '') else '' end, "
                     "has_attachments = case when json_valid(metadata) then coalesce("
                     "json_array_length(metadata, '$.attachments'), 0) > 0 else 0 end "
                     "where changed = " NEXT ";"
                     "update state set value = max(value, coalesce((select max(replaced) from "
                     "dataset_old where replaced_at < unixepoch() - 600), 0)) where key = 'pruned';"
                     "delete from dataset_old where replaced_at < unixepoch() - 600;"
                     "update state set value = value + 1 where key = 'generation'; commit");
}

enum err catalog_publish(struct scope *scope, struct catalog *catalog,
                         const struct new_version *version, const int64_t **ret_dropped,
                         size_t *ret_dropped_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    str fields = schema_text(&scope->arena, version->schema);
    TRY(db_begin(scope, catalog->db, &lease));
    enum err saved = save_dataset(scope, lease, version, fields);
    if (saved == ERR_CONFLICT) {
        scope_forgive(scope);
        return fail(scope, ERR_CONFLICT,
                    "another import has just made the dataset %.*s; run this one again to publish "
                    "it as the next version", STR_ARG(version->dataset_id));
    }
    TRY(saved);
    if (version->is_restricted) {
        TRY(restrict_new(scope, lease, version));
    }
    TRY(save_version(scope, lease, version, fields));
    TRY(search_update(scope, lease, version->dataset_id));
    TRY(drop_old_versions(scope, lease, version, ret_dropped, ret_dropped_count));
    return catalog_finish_change(scope, lease);
}

enum err catalog_remove(struct scope *scope, struct catalog *catalog, str id, str *ret_uid)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, catalog->db, &lease));
    TRY(search_forget(scope, lease, id));
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "delete from dataset where id = ");
    sql_bind(&sql, cell_text(id));
    sql_text(&sql, " returning uid");
    cell uid;
    TRY(db_query_cell(scope, lease, &sql, &uid));
    if (uid.type != CELL_TEXT) {
        return dataset_absent(scope, id);
    }
    *ret_uid = uid.text;
    return catalog_finish_change(scope, lease);
}

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
