/* Changes of a dataset's description: metadata, annotations, attachments. */
#include "base/clock.h"
#include "domain/catalog/catalog.h"
#include "domain/catalog/metadata_read.h"
#include "domain/catalog/search.h"
#include "domain/catalog/store_metadata.h"
#include "platform/db/statement.h"
#include "platform/i18n/explanation.h"

/* When the metadata were modified: as they say, else now when they ask for it, else as before. */
static cell modified_of(json_t *metadata, usec now)
{
    usec given = metadata_take_modified(metadata);
    bool follows = json_is_true(metadata_value(metadata, S(""), S("default"),
                                               S("modified_updates_on_metadata_change")));
    return given ? cell_instant(given) : follows ? cell_instant(now) : cell_null();
}

/* Whether the fields are still those that somebody read, whatever is said of them. */
static enum err check_fields(struct scope *scope, struct db_lease *lease, str id, const struct schema *schema)
{
    cell text;
    struct schema stored;
    json_t *fields cleanup_with(json_cleanup) = NULL;
    TRY(DB_ASK(scope, lease, &text, "select fields from dataset where id = ?", cell_text(id)));
    TRY(json_read(scope, ERR_DATABASE, text.text, "stored fields", &fields));
    TRY(schema_read(scope, fields, &stored));
    bool is_same = stored.count == schema->count;
    for (size_t i = 0; is_same && i < stored.count; i++) {
        is_same = str_eq(stored.fields[i].name, schema->fields[i].name) &&
                  stored.fields[i].type == schema->fields[i].type;
    }
    return is_same ? ERR_OK
                   : fail(scope, ERR_CONFLICT, "Records with other fields were published since you began.");
}

static enum err write_fields(struct scope *scope, struct db_lease *lease, str id, const struct schema *schema,
                             bool is_checked)
{
    if (!schema) {
        return ERR_OK;
    }
    if (is_checked) {
        TRY(check_fields(scope, lease, id, schema));
    }
    cell fields = cell_text(schema_text(&scope->arena, schema));
    TRY(DB_RUN(scope, lease, "update dataset set fields = ? where id = ?", fields, cell_text(id)));
    return DB_RUN(scope, lease, /* so that it is the same when it is current again */
                  "update version set fields = ? where uid = (select uid from dataset where id = ?) "
                  "and number = (select version from dataset where id = ?)",
                  fields, cell_text(id), cell_text(id));
}

enum err catalog_describe(struct scope *scope, struct catalog *catalog, str id, str metadata,
                          const struct schema *schema, usec seen)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    json_t *described cleanup_with(json_cleanup) = NULL;
    usec now = clock_wall();
    TRY(json_read(scope, ERR_METADATA, metadata, "metadata", &described));
    cell modified = modified_of(described, now);
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    cell before;
    cell processed;
    str stored;
    TRY(DB_ASK(scope, lease, &before, "select metadata from dataset where id = ?", cell_text(id)));
    if (before.type != CELL_TEXT) {
        return dataset_absent(scope, id);
    }
    TRY(DB_ASK(scope, lease, &processed, "select metadata_processed from dataset where id = ?",
               cell_text(id)));
    if (seen && processed.number != seen) {
        return fail_in_words(scope, ERR_CONFLICT, MSG_FAULT_DATASET_CHANGED, SAYS(ARG_TEXT("dataset", id)));
    }
    TRY(metadata_described(scope, described, before.text, &stored));
    TRY(DB_RUN(scope, lease,
               "update dataset set metadata = ?, metadata_processed = ?, "
               "modified = coalesce(?, modified) where id = ?",
               cell_text(stored), cell_instant(now), modified, cell_text(id)));
    TRY(write_fields(scope, lease, id, schema, seen != 0));
    TRY(search_update(scope, lease, id));
    return catalog_finish_change(scope, lease);
}
