#include "domain/ingest/kept_fields.h"
#include "platform/i18n/explanation.h"

#define NAMES_SHOWN 5

static const struct field *find_field(const struct schema *schema, str name)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (str_eq(schema->fields[i].name, name)) {
            return &schema->fields[i];
        }
    }
    return NULL;
}

static bool is_kept(const struct field *before, const struct field *now)
{
    return now && (now->type == before->type || (before->type == FIELD_INT && now->type == FIELD_DOUBLE));
}

static enum err compare(struct scope *scope, const struct schema *before, const struct schema *now)
{
    struct buf changed cleanup_with(buf_cleanup) = {0};
    struct buf names cleanup_with(buf_cleanup) = {0}; /* without words */
    size_t count = 0;
    for (size_t i = 0; i < before->count; i++) {
        const struct field *field = find_field(now, before->fields[i].name);
        if (is_kept(&before->fields[i], field)) {
            continue;
        }
        if (count < NAMES_SHOWN) {
            buf_printf(&changed, "%s%.*s%s", count ? ", " : "", STR_ARG(before->fields[i].name),
                       field ? " (of another type)" : "");
        }
        if (count < NAMES_SHOWN) {
            buf_printf(&names, "%s%.*s", count ? ", " : "", STR_ARG(before->fields[i].name));
        }
        count++;
    }
    if (count > NAMES_SHOWN) {
        buf_printf(&changed, " and %zu more", count - NAMES_SHOWN);
        buf_add(&names, S(", …"));
    }
    return count == 0
               ? ERR_OK
               : fail_and_tell(scope, ERR_DATA, MSG_FAULT_FILE_COLUMNS_CHANGED,
                               SAYS(ARG_TEXT("columns", buf_str(&names))),
                               "The columns of the file have changed: %.*s. The published version stays; look at "
                               "the source and publish it by hand if that is right.",
                               STR_ARG(buf_str(&changed)));
}

enum err check_fields_kept(struct scope *scope, struct catalog *catalog, str dataset_id, const struct schema *schema)
{
    const struct dataset *dataset = NULL;
    bool changed;
    TRY(catalog_refresh(scope, catalog, &changed));
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    enum err result = snapshot_load(scope, snapshot, dataset_id, &dataset);
    snapshot_unref(snapshot);
    TRY(result);
    return dataset && dataset->version > 0 ? compare(scope, &dataset->schema, schema) : ERR_OK;
}
