/* Datasets that somebody is at work on: made without records, closed, and opened when they are ready. */
#include "base/clock.h"
#include "domain/catalog/catalog.h"
#include "domain/catalog/search.h"
#include "domain/catalog/store_metadata.h"
#include "platform/db/statement.h"

#define ALL_RIGHTS 15 /* enum right of identity/access.h: read, edit, publish, manage */

static enum err insert_draft(struct scope *scope, struct db_lease *lease, str id, str uid, str metadata)
{
    cell now = cell_instant(clock_wall());
    str stored;
    TRY(metadata_stored(scope, metadata, STR_NONE, STR_NONE, &stored));
    return DB_RUN(scope, lease,
                  "insert into dataset (uid, id, metadata, fields, version, last_version, records, created, "
                  "modified, data_processed, metadata_processed, draft) "
                  "values (?, ?, ?, '[]', 0, 0, 0, ?, ?, 0, ?, 1)",
                  cell_text(uid), cell_text(id), cell_text(stored), now, now, now);
}

static enum err add_rule(struct scope *scope, struct db_lease *lease, str uid, str kind, int64_t subject,
                         int64_t rights)
{
    return DB_RUN(scope, lease,
                  "insert into dataset_access (uid, subject_kind, subject_id, rights, filter, hidden, changed) "
                  "values (?, ?, ?, ?, '', '[]', 0)",
                  cell_text(uid), cell_text(kind), cell_int(subject), cell_int(rights));
}

enum err catalog_create(struct scope *scope, struct catalog *catalog, str id, str metadata,
                        int64_t owner, str *ret_uid)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    int64_t last_version;
    cell there;
    TRY(catalog_check_id(scope, id));
    TRY(catalog_identify(scope, catalog, id, ret_uid, &last_version));
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &there, "select uid from dataset where id = ?", cell_text(id)));
    if (there.type == CELL_TEXT) {
        return fail(scope, ERR_CONFLICT, "There is a dataset %.*s already; choose another id.", STR_ARG(id));
    }
    TRY(insert_draft(scope, lease, id, *ret_uid, metadata));
    TRY(add_rule(scope, lease, *ret_uid, S("everyone"), 0, 0));
    if (owner) {
        TRY(add_rule(scope, lease, *ret_uid, S("user"), owner, ALL_RIGHTS));
    }
    TRY(search_update(scope, lease, id));
    return catalog_finish_change(scope, lease);
}

/* Everybody sees it, but for what the rule for everybody hides. */
static enum err open_to_all(struct scope *scope, struct db_lease *lease, cell uid)
{
    TRY(DB_RUN(scope, lease,
               "delete from dataset_access where uid = ? and subject_kind = 'everyone' and rights = 0 "
               "and filter = '' and hidden = '[]'",
               uid));
    return DB_RUN(scope, lease,
                  "update dataset_access set rights = 1 where uid = ? and subject_kind = 'everyone' "
                  "and rights = 0",
                  uid);
}

static enum err find_uid(struct scope *scope, struct db_lease *lease, str id, cell *ret_uid)
{
    TRY(DB_ASK(scope, lease, ret_uid, "select uid from dataset where id = ?", cell_text(id)));
    return ret_uid->type == CELL_TEXT ? ERR_OK : dataset_absent(scope, id);
}

enum err catalog_release(struct scope *scope, struct catalog *catalog, str id, bool is_public)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell uid;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(find_uid(scope, lease, id, &uid));
    TRY(DB_RUN(scope, lease, "update dataset set draft = 0 where uid = ?", uid));
    if (is_public) {
        TRY(open_to_all(scope, lease, uid));
    }
    TRY(search_update(scope, lease, id));
    return catalog_finish_change(scope, lease);
}

enum err catalog_withdraw(struct scope *scope, struct catalog *catalog, str id, bool is_draft)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell uid;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(find_uid(scope, lease, id, &uid));
    TRY(DB_RUN(scope, lease, "update dataset set draft = ? where uid = ?", cell_int(is_draft), uid));
    TRY(DB_RUN(scope, lease,
               "insert into dataset_access (uid, subject_kind, subject_id, rights, filter, hidden, changed) "
               "values (?, 'everyone', 0, 0, '', '[]', 0) "
               "on conflict (uid, subject_kind, subject_id) do update set rights = 0",
               uid));
    TRY(search_update(scope, lease, id));
    return catalog_finish_change(scope, lease);
}
