/* Changing which version is current, and which are kept. */
#include <stdlib.h>

#include "base/clock.h"
#include "domain/catalog/search.h"
#include "domain/catalog/store_metadata.h"
#include "domain/catalog/version.h"
#include "platform/db/statement.h"

/* Begins a transaction in which the dataset stays as it is: its row is written first, with what it has. */
static enum err begin(struct scope *scope, struct catalog *catalog, str id, struct db_lease **ret_lease,
                      str *ret_uid)
{
    cell uid;
    TRY(db_begin(scope, catalog_database(catalog), ret_lease));
    TRY(DB_ASK(scope, *ret_lease, &uid, "update dataset set keep = keep where id = ? returning uid",
               cell_text(id)));
    if (uid.type != CELL_TEXT) {
        return dataset_absent(scope, id);
    }
    *ret_uid = uid.text;
    return ERR_OK;
}

/* In the lease's transaction. */
static enum err check_version(struct scope *scope, struct db_lease *lease, str uid, int64_t number)
{
    cell found;
    TRY(DB_ASK(scope, lease, &found, "select number from version where uid = ? and number = ?",
               cell_text(uid), cell_int(number)));
    return found.type == CELL_INT
               ? ERR_OK
               : fail(scope, ERR_NO_VERSION, "There is no version %lld of this dataset, or it is no longer kept.",
                      (long long)number);
}

static enum err move_pointer(struct scope *scope, struct db_lease *lease, str uid, int64_t number)
{
    cell before;
    cell extent;
    str metadata;
    bool follows;
    cell now = cell_instant(clock_wall());
    TRY(DB_ASK(scope, lease, &before, "select metadata from dataset where uid = ?", cell_text(uid)));
    TRY(DB_ASK(scope, lease, &extent, "select extent from version where uid = ? and number = ?",
               cell_text(uid), cell_int(number)));
    TRY(metadata_stored(scope, before.text, before.text, extent.text, &metadata));
    TRY(metadata_follows_data(scope, before.text, &follows));
    return DB_RUN(scope, lease,
                  "update dataset set version = ?, metadata = ?, data_processed = ?, "
                  "modified = case when ? = 1 then ? else modified end, "
                  "fields = (select fields from version where uid = ? and number = ?), "
                  "records = (select records from version where uid = ? and number = ?) where uid = ?",
                  cell_int(number), cell_text(metadata), now, cell_int(follows), now, cell_text(uid),
                  cell_int(number), cell_text(uid), cell_int(number), cell_text(uid));
}

/* What the dataset has by now of its current version stays with that, also where an earlier program kept it apart. */
static enum err keep_state(struct scope *scope, struct db_lease *lease, str uid, int64_t number)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    cell stored;
    TRY(DB_ASK(scope, lease, &stored, "select metadata from dataset where uid = ?", cell_text(uid)));
    TRY(json_read(scope, ERR_DATABASE, stored.text, "stored metadata", &metadata));
    const json_t *extent = json_object_get(metadata, "extent");
    char *text = extent ? json_dumps(extent, JSON_COMPACT) : NULL;
    str kept = text ? str_copy(&scope->arena, str_from(text)) : S("");
    free(text);
    return DB_RUN(scope, lease,
                  "update version set extent = ?, fields = (select fields from dataset where uid = ?) "
                  "where uid = ? and number = ?",
                  cell_text(kept), cell_text(uid), cell_text(uid), cell_int(number));
}

enum err catalog_make_current(struct scope *scope, struct catalog *catalog, str id, int64_t number,
                              int64_t *ret_before)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell current;
    str uid;
    TRY(begin(scope, catalog, id, &lease, &uid));
    TRY(check_version(scope, lease, uid, number));
    TRY(DB_ASK(scope, lease, &current, "select version from dataset where uid = ?", cell_text(uid)));
    *ret_before = current.number;
    if (current.number == number) {
        return db_commit(scope, lease);
    }
    TRY(keep_state(scope, lease, uid, current.number));
    TRY(move_pointer(scope, lease, uid, number));
    TRY(search_update(scope, lease, id));
    return catalog_finish_change(scope, lease);
}

enum err catalog_pin(struct scope *scope, struct catalog *catalog, str id, int64_t number, bool is_pinned)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    str uid;
    TRY(begin(scope, catalog, id, &lease, &uid));
    TRY(check_version(scope, lease, uid, number));
    TRY(DB_RUN(scope, lease, "update version set pinned = ? where uid = ? and number = ?",
               cell_int(is_pinned), cell_text(uid), cell_int(number)));
    return db_commit(scope, lease);
}

enum err catalog_drop_version(struct scope *scope, struct catalog *catalog, str id, int64_t number,
                              str *ret_uid)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell dropped;
    TRY(begin(scope, catalog, id, &lease, ret_uid));
    TRY(check_version(scope, lease, *ret_uid, number));
    TRY(DB_ASK(scope, lease, &dropped,
               "delete from version where uid = ? and number = ? and pinned = 0 and number <> "
               "(select version from dataset where uid = ?) returning number",
               cell_text(*ret_uid), cell_int(number), cell_text(*ret_uid)));
    if (dropped.type != CELL_INT) {
        return fail(scope, ERR_CONFLICT,
                    "Version %lld is the current one or pinned: make another one current, or unpin it first.",
                    (long long)number);
    }
    TRY(DB_RUN(scope, lease, "update dataset set version = version where uid = ?", /* answers that are kept end */
               cell_text(*ret_uid)));
    return catalog_finish_change(scope, lease);
}

enum err catalog_keep(struct scope *scope, struct catalog *catalog, str id, int64_t keep)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    str uid;
    TRY(begin(scope, catalog, id, &lease, &uid));
    TRY(DB_RUN(scope, lease, "update dataset set keep = ? where uid = ?", cell_int(keep), cell_text(uid)));
    return db_commit(scope, lease);
}

enum err catalog_rename(struct scope *scope, struct catalog *catalog, str id, str new_id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell there;
    str uid;
    TRY(catalog_check_id(scope, new_id));
    TRY(begin(scope, catalog, id, &lease, &uid));
    TRY(DB_ASK(scope, lease, &there, "select uid from dataset where id = ?", cell_text(new_id)));
    if (there.type == CELL_TEXT) {
        return fail(scope, ERR_CONFLICT, "There is a dataset %.*s already; choose another id.",
                    STR_ARG(new_id));
    }
    TRY(search_forget(scope, lease, id));
    TRY(DB_RUN(scope, lease, "update dataset set id = ? where uid = ?", cell_text(new_id), cell_text(uid)));
    TRY(search_update(scope, lease, new_id));
    return catalog_finish_change(scope, lease);
}
