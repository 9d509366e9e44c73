#include "domain/records/past.h"

#include <stdlib.h>

#include "domain/catalog/version.h"

/* Whether a field was called so before it was renamed: its label, which begins as the column's name, is that of a
 * field that is hidden now. Its name may be another field's now. */
static bool was_hidden_field(const struct dataset *now, const struct schema *known, const struct field *field)
{
    for (size_t i = 0; i < now->hidden_count; i++) {
        const struct field *hidden = schema_find(known, now->hidden[i]);
        if (hidden && (str_eq_nocase(hidden->label, field->label) || str_eq_nocase(hidden->label, field->name))) {
            return true;
        }
    }
    return false;
}

/* Names that are hidden in a version: those of the rules, and what nobody can have said anything of. */
static void hide_unknown(struct scope *scope, const struct dataset *now, struct dataset *past)
{
    const struct schema *known = now->table_schema ? now->table_schema : &now->schema;
    size_t count = now->hidden_count;
    str *hidden = arena_array(&scope->arena, str, count + past->schema.count);
    if (count == 0) {
        return;
    }
    memcpy(hidden, now->hidden, count * sizeof(*hidden));
    for (size_t i = 0; i < past->schema.count; i++) {
        const struct field *field = &past->schema.fields[i];
        if (!schema_find(known, field->name) || was_hidden_field(now, known, field)) {
            hidden[count++] = field->name;
        }
    }
    past->hidden = hidden;
    past->hidden_count = count;
    dataset_hide(scope, past);
}

static enum err refuse(struct scope *scope, int64_t number)
{
    return fail(scope, ERR_NO_VERSION,
                "Version %lld of this dataset cannot be shown: the rules of access do not fit its fields.",
                (long long)number);
}

/* What a filter names must be there. */
static enum err check_filters(struct scope *scope, const struct dataset *past)
{
    const struct schema *table = past->table_schema ? past->table_schema : &past->schema;
    for (size_t i = 0; i < past->filter_count; i++) {
        if (odsql_filter_check(scope, table, past->filters[i]) != ERR_OK) {
            scope_forgive(scope);
            return refuse(scope, past->version);
        }
    }
    return past->schema.count ? ERR_OK : refuse(scope, past->version);
}

/* The metadata with the extent of the version in place of the current one's. */
static enum err set_extent(struct scope *scope, struct catalog *catalog, struct dataset *past)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    json_t *measured cleanup_with(json_cleanup) = NULL;
    str extent;
    TRY(catalog_version_extent(scope, catalog, past->uid, past->version, &extent));
    TRY(json_read(scope, ERR_DATABASE, past->metadata.n ? past->metadata : S("{}"), "stored metadata", &metadata));
    TRY(json_read(scope, ERR_DATABASE, extent.n ? extent : S("{}"), "stored extent", &measured));
    json_object_set(metadata, "extent", measured);
    char *text = json_dumps(metadata, JSON_COMPACT);
    past->metadata = str_copy(&scope->arena, str_from(text));
    free(text);
    return ERR_OK;
}

enum err dataset_at_version(struct scope *scope, struct records *records, const struct snapshot *snapshot,
                            const struct dataset *dataset, int64_t number, const struct dataset **ret_dataset)
{
    struct dataset *past = arena_new(&scope->arena, struct dataset);
    struct catalog *catalog = snapshot->catalog;
    struct version version;
    *past = *dataset;
    past->is_past = true;
    *ret_dataset = past;
    TRY(catalog_version(scope, catalog, dataset->uid, number, &version));
    if (number == dataset->version) {
        return ERR_OK;
    }
    past->version = number;
    past->records_count = version.records;
    past->data_processed = version.created;
    past->table_schema = NULL;
    past->version_file = catalog_version_path(&scope->arena, catalog_data_directory(catalog), past->uid, number);
    TRY(catalog_version_fields(scope, catalog, past->uid, number, &past->schema));
    hide_unknown(scope, dataset, past);
    TRY(check_filters(scope, past));
    TRY(set_extent(scope, catalog, past));
    if (past->filter_count) {
        TRY(records_count(scope, records, past, &past->records_count));
    }
    return dataset_document(scope, past);
}
