/* Changes of a dataset's description: metadata, annotations, attachments. */
#include <stdlib.h>

#include "base/clock.h"
#include "domain/catalog/catalog.h"
#include "domain/catalog/metadata_read.h"
#include "domain/catalog/search.h"
#include "platform/db/statement.h"

static str compact(struct scope *scope, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    str copy = str_copy(&scope->arena, str_from(text));
    free(text);
    return copy;
}

/* When the metadata were modified: as they say, else now when they ask for it, else as before. */
static cell modified_of(json_t *metadata, usec now)
{
    usec given = metadata_take_modified(metadata);
    bool follows = json_is_true(metadata_value(metadata, S(""), S("default"),
                                               S("modified_updates_on_metadata_change")));
    return given ? cell_instant(given) : follows ? cell_instant(now) : cell_null();
}

enum err catalog_describe(struct scope *scope, struct catalog *catalog, str id, str metadata,
                          const struct schema *schema)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    json_t *described cleanup_with(json_cleanup) = NULL;
    usec now = clock_wall();
    TRY(json_read(scope, ERR_METADATA, metadata, "metadata", &described));
    cell modified = modified_of(described, now);
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(DB_RUN(scope, lease,
               "update dataset set metadata = json_patch(json_remove(?, '$.extent', '$.attachments'), "
               "json_object('extent', json(metadata -> '$.extent'), "
               "'attachments', json(metadata -> '$.attachments'))), fields = ?, "
               "metadata_processed = ?, modified = coalesce(?, modified) where id = ?",
               cell_text(compact(scope, described)), cell_text(schema_text(&scope->arena, schema)),
               cell_instant(now), modified, cell_text(id)));
    if (db_changes(lease) == 0) {
        return dataset_absent(scope, id);
    }
    TRY(search_update(scope, lease, id));
    return catalog_finish_change(scope, lease);
}
