/* What publications and removals change, each in one transaction. */
#include "domain/catalog/catalog_internal.h"

#include <sys/random.h>

#include "base/bug.h"
#include "base/limits.h"
#include "base/vec.h"
#include "domain/catalog/search.h"
#include "domain/catalog/store_metadata.h"
#include "domain/catalog/tables.h"
#include "platform/db/statement.h"

#define OLD_KEPT_SECONDS 600

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

static enum err insert_dataset(struct scope *scope, struct db_lease *lease,
                               const struct new_version *version, str fields)
{
    cell now = cell_instant(clock_wall());
    str metadata;
    TRY(metadata_stored(scope, version->metadata, STR_NONE, version->extent, &metadata));
    return DB_RUN(scope, lease,
                  "insert into dataset (uid, id, metadata, fields, version, last_version, records, "
                  "created, modified, data_processed, metadata_processed) "
                  "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  cell_text(version->uid), cell_text(version->dataset_id), cell_text(metadata),
                  cell_text(fields), cell_int(version->number), cell_int(version->number),
                  cell_int(version->records), now,
                  version->modified ? cell_instant(version->modified) : now, now, now);
}

static enum err update_dataset(struct scope *scope, struct db_lease *lease,
                               const struct new_version *version, str fields, str before)
{
    usec now = clock_wall();
    str metadata;
    str given = version->metadata.p ? version->metadata : before;
    bool follows;
    TRY(metadata_stored(scope, given, before, version->extent, &metadata));
    TRY(metadata_follows_data(scope, given, &follows));
    usec modified = follows ? now : version->modified;
    return DB_RUN(scope, lease,
                  "update dataset set fields = ?, version = ?, last_version = ?, records = ?, "
                  "data_processed = ?, modified = case when ? = 0 then modified else ? end, "
                  "metadata = ? where uid = ?",
                  cell_text(fields), cell_int(version->number), cell_int(version->number),
                  cell_int(version->records), cell_instant(now), cell_instant(modified),
                  cell_instant(modified), cell_text(metadata), cell_text(version->uid));
}

static enum err save_dataset(struct scope *scope, struct db_lease *lease,
                             const struct new_version *version, str fields)
{
    cell before;
    TRY(DB_ASK(scope, lease, &before, "select metadata from dataset where uid = ?",
               cell_text(version->uid)));
    if (before.type == CELL_TEXT) {
        return update_dataset(scope, lease, version, fields, before.text);
    }
    /* Made anew, it would have lost its restrictions. */
    return version->number > 1 ? fail(scope, ERR_CONFLICT, "the dataset is gone")
                               : insert_dataset(scope, lease, version, fields);
}

/* In memory of its own, which is free again at once: metadata may be many megabytes. */
static enum err save_apart(struct scope *scope, struct db_lease *lease,
                           const struct new_version *version, str fields)
{
    struct scope work;
    scope_open(&work);
    work.deadline = scope->deadline;
    work.gone = scope->gone;
    enum err result = save_dataset(&work, lease, version, fields);
    if (result != ERR_OK) {
        result = fail_as(scope, result, &work.failure);
    }
    scope_close(&work);
    return result;
}

static str present(str text)
{
    return text.p ? text : S("");
}

static enum err save_version(struct scope *scope, struct db_lease *lease,
                             const struct new_version *version, str fields)
{
    return DB_RUN(scope, lease,
                  "insert into version (uid, number, records, bytes, fields, source, created, author, note, "
                  "extent, compared, added, removed, changed) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  cell_text(version->uid), cell_int(version->number), cell_int(version->records),
                  cell_int(version->bytes), cell_text(fields), cell_text(version->source_name),
                  cell_instant(clock_wall()), cell_text(present(version->author)),
                  cell_text(present(version->note)), cell_text(present(version->extent)),
                  cell_int(version->compared), cell_int(version->added), cell_int(version->removed),
                  cell_int(version->changed));
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

/* The new version is the current one, and the last. */
static enum err drop_old_versions(struct scope *scope, struct db_lease *lease,
                                  const struct new_version *version, const int64_t **ret_dropped,
                                  size_t *ret_count)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    cell uid = cell_text(version->uid);
    cell own;
    TRY(DB_ASK(scope, lease, &own, "select keep from dataset where uid = ?", uid));
    int64_t keep = own.number > 0 ? own.number : version->keep > 0 ? version->keep : 1;
    struct sql sql = STATEMENT(&scope->arena,
                               "delete from version where uid = ? and pinned = 0 and number not in "
                               "(select number from version where uid = ? and pinned = 0 "
                               "order by number desc limit ?) returning number",
                               uid, uid, cell_int(keep));
    TRY(db_run(scope, lease, &sql, &cursor));
    VEC(int64_t) dropped = {0};
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, &dropped, row_number(row, 0));
    }
    *ret_dropped = dropped.items;
    *ret_count = dropped.count;
    return ERR_OK;
}

struct described {
    int64_t number;
    str title;
    bool has_attachments;
};

/* What snapshots hold of the metadata, of the rows that the transaction has changed. */
static enum err read_described(struct scope *scope, struct db_lease *lease,
                               const struct described **ret_rows, size_t *ret_count)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct described) rows = {0};
    struct sql sql =
        STATEMENT(&scope->arena, "select number, metadata from dataset where changed = " NEXT);
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        struct described described = {.number = row_number(row, 0)};
        metadata_light(scope, column_cell(&row->columns[1], 0).text, &described.title,
                       &described.has_attachments);
        vec_add(&scope->arena, &rows, described);
    }
    *ret_rows = rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

static enum err describe_changed(struct scope *scope, struct db_lease *lease)
{
    const struct described *rows;
    size_t count;
    TRY(read_described(scope, lease, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(DB_RUN(scope, lease, "update dataset set title = ?, has_attachments = ? where number = ?",
                   cell_text(rows[i].title), cell_bool(rows[i].has_attachments),
                   cell_int(rows[i].number)));
    }
    return ERR_OK;
}

/* Rows that nobody reads any more go; whoever has a snapshot from before they ended reads all again. */
enum err catalog_finish_change(struct scope *scope, struct db_lease *lease)
{
    cell kept_since = cell_int(clock_wall() / USEC_SECOND - OLD_KEPT_SECONDS);
    cell pruned;
    TRY(describe_changed(scope, lease));
    TRY(DB_ASK(scope, lease, &pruned, "select max(replaced) from dataset_old where replaced_at < ?",
               kept_since));
    if (pruned.type == CELL_INT) {
        TRY(DB_RUN(scope, lease, "update state set value = ? where key = 'pruned' and value < ?", pruned,
                   pruned));
        TRY(DB_RUN(scope, lease, "delete from dataset_old where replaced_at < ?", kept_since));
    }
    return db_script(scope, lease,
                     "update state set value = value + 1 where key = 'generation'; commit");
}

enum err catalog_publish(struct scope *scope, struct catalog *catalog,
                         const struct new_version *version, const int64_t **ret_dropped,
                         size_t *ret_dropped_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    str fields = schema_text(&scope->arena, version->schema);
    TRY(db_begin(scope, catalog->db, &lease));
    enum err saved = save_apart(scope, lease, version, fields);
    if (saved == ERR_CONFLICT) {
        scope_forgive(scope);
        return fail(scope, ERR_CONFLICT,
                    "the dataset %.*s has just been made by another import, or removed; run this one "
                    "again to publish it", STR_ARG(version->dataset_id));
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
