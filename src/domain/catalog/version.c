/* Reading what there is of versions. */
#include "domain/catalog/version.h"

#include "base/vec.h"
#include "platform/db/statement.h"

#define NAMED_MOST 20 /* versions that a message names */

#define COLUMNS                                                                                    \
    "select version.number, version.records, version.created, version.bytes, source, author, note, pinned, " \
    "dataset.version = version.number, compared, added, removed, version.changed "                 \
    "from version join dataset on dataset.uid = version.uid where version.uid = ? "

static bool row_truth(const struct batch *row, size_t column)
{
    cell value = column_cell(&row->columns[column], 0);
    return value.type == CELL_BOOL ? value.truth : value.type == CELL_INT && value.number != 0;
}

static struct version read_version(struct arena *arena, const struct batch *row)
{
    return (struct version){.number = row_number(row, 0),
                            .records = row_number(row, 1),
                            .created = row_number(row, 2),
                            .bytes = row_number(row, 3),
                            .source = row_text(arena, row, 4),
                            .author = row_text(arena, row, 5),
                            .note = row_text(arena, row, 6),
                            .is_pinned = row_number(row, 7) != 0,
                            .is_current = row_truth(row, 8),
                            .compared = row_number(row, 9),
                            .added = row_number(row, 10),
                            .removed = row_number(row, 11),
                            .changed = row_number(row, 12)};
}

static enum err read_versions(struct scope *scope, struct catalog *catalog, const struct sql *sql,
                              const struct version **ret_versions, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct version) versions = {0};
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_run(scope, lease, sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, &versions, read_version(&scope->arena, row));
    }
    *ret_versions = versions.items;
    *ret_count = versions.count;
    return ERR_OK;
}

enum err catalog_versions(struct scope *scope, struct catalog *catalog, str uid, int64_t most,
                          const struct version **ret_versions, size_t *ret_count)
{
    struct sql sql = STATEMENT(&scope->arena, COLUMNS "order by version.number desc limit ?",
                               cell_text(uid), cell_int(most));
    return read_versions(scope, catalog, &sql, ret_versions, ret_count);
}

/* Says what there is, the newest first. */
static enum err no_version(struct scope *scope, struct catalog *catalog, str uid, int64_t number)
{
    struct buf names cleanup_with(buf_cleanup) = {0};
    const struct version *versions;
    size_t count;
    TRY(catalog_versions(scope, catalog, uid, NAMED_MOST + 1, &versions, &count));
    for (size_t i = 0; i < count && i < NAMED_MOST; i++) {
        buf_printf(&names, "%s%lld%s", i ? ", " : "", (long long)versions[i].number,
                   versions[i].is_current ? " (current)" : "");
    }
    buf_add(&names, count > NAMED_MOST ? S(" and earlier ones") : S(""));
    return fail(scope, ERR_NO_VERSION, "There is no version %lld of this dataset, or it is no longer kept. %s%.*s.",
                (long long)number, count ? "There are " : "It has no records yet", STR_ARG(buf_str(&names)));
}

enum err catalog_version(struct scope *scope, struct catalog *catalog, str uid, int64_t number,
                         struct version *ret_version)
{
    const struct version *versions;
    size_t count;
    struct sql sql = STATEMENT(&scope->arena, COLUMNS "and version.number = ?", cell_text(uid),
                               cell_int(number));
    TRY(read_versions(scope, catalog, &sql, &versions, &count));
    if (count == 0) {
        return no_version(scope, catalog, uid, number);
    }
    *ret_version = versions[0];
    return ERR_OK;
}

/* The dataset's fields are those of its current version, and newer where an earlier program described them. */
enum err catalog_version_fields(struct scope *scope, struct catalog *catalog, str uid, int64_t number,
                                struct schema *ret_schema)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    json_t *fields cleanup_with(json_cleanup) = NULL;
    cell text;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &text,
               "select case when dataset.version = version.number then dataset.fields else version.fields end "
               "from version join dataset on dataset.uid = version.uid "
               "where version.uid = ? and version.number = ?",
               cell_text(uid), cell_int(number)));
    if (text.type != CELL_TEXT) {
        db_release(lease);
        lease = NULL;
        return no_version(scope, catalog, uid, number);
    }
    TRY(json_read(scope, ERR_DATABASE, text.text, "stored fields", &fields));
    return schema_read(scope, fields, ret_schema);
}

enum err catalog_version_extent(struct scope *scope, struct catalog *catalog, str uid, int64_t number,
                                str *ret_extent)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell text;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &text, "select extent from version where uid = ? and number = ?",
               cell_text(uid), cell_int(number)));
    *ret_extent = text.type == CELL_TEXT ? text.text : S("");
    return ERR_OK;
}

enum err catalog_kept(struct scope *scope, struct catalog *catalog, str id, int64_t *ret_keep)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell keep;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &keep, "select keep from dataset where id = ?", cell_text(id)));
    *ret_keep = keep.number;
    return keep.type == CELL_INT ? ERR_OK : dataset_absent(scope, id);
}
