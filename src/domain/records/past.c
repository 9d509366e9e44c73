#include "domain/records/past.h"

#include <stdlib.h>

#include "domain/catalog/version.h"

static bool is_hidden(const struct dataset *now, const struct field *field)
{
    for (size_t i = 0; i < now->hidden_count; i++) {
        if (str_eq(now->hidden[i], field->name)) {
            return true;
        }
    }
    return false;
}

/*
 * What a field of a version is today: the field of the same column, one that is hidden first; NULL: nothing is known of
 * it. Versions from before the columns were kept have names only, which the labels must bear out where they lead elsewhere.
 */
static const struct field *find_today(const struct dataset *now, const struct schema *known, const struct field *field)
{
    const struct field *today = NULL;
    for (size_t i = 0; i < known->count; i++) {
        const struct field *one = &known->fields[i];
        if (str_eq(field_source(one), field_source(field)) && (!today || is_hidden(now, one))) {
            today = one;
        }
    }
    const struct field *named = today || field->source.p ? NULL : schema_find(known, field->name);
    return named && str_eq_nocase(named->label, field->label) ? named : today;
}

static bool has_column(const struct schema *schema, const struct field *field)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (str_eq(field_source(&schema->fields[i]), field_source(field))) {
            return true;
        }
    }
    return schema_find(schema, field->name) != NULL;
}

/*
 * Columns may be renamed in the file itself, which is seen in their labels only. A field may be one that is hidden now
 * when its name or label is the label of that; and any whose label is another one today may be it, when that column is not
 * in the version under its own name. One that is the same in column, name and label is itself.
 */
static bool may_be_hidden_field(const struct dataset *now, const struct schema *known, const struct schema *past,
                                const struct field *field, const struct field *today)
{
    if (str_eq(today->name, field->name) && str_eq_nocase(today->label, field->label)) {
        return false;
    }
    for (size_t i = 0; i < now->hidden_count; i++) {
        const struct field *hidden = schema_find(known, now->hidden[i]);
        if (hidden && (str_eq_nocase(hidden->label, field->label) || str_eq_nocase(hidden->label, field->name))) {
            return true;
        }
        if (hidden && !has_column(past, hidden) && !str_eq_nocase(today->label, field->label)) {
            return true;
        }
    }
    return false;
}

static bool is_closed(const struct dataset *now, const struct schema *known, const struct schema *past,
                      const struct field *field)
{
    const struct field *today = find_today(now, known, field);
    return !today || is_hidden(now, today) || may_be_hidden_field(now, known, past, field, today);
}

static const struct schema *table_of(const struct dataset *dataset)
{
    return dataset->table_schema ? dataset->table_schema : &dataset->schema;
}

/* Names that are hidden in a version: those of the rules, and what nobody can have said anything of. */
static void hide_unknown(struct scope *scope, const struct dataset *now, struct dataset *past)
{
    size_t count = now->hidden_count;
    str *hidden = arena_array(&scope->arena, str, count + past->schema.count);
    if (count == 0) {
        return;
    }
    memcpy(hidden, now->hidden, count * sizeof(*hidden));
    for (size_t i = 0; i < past->schema.count; i++) {
        const struct field *field = &past->schema.fields[i];
        if (is_closed(now, table_of(now), &past->schema, field)) {
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

/* Fields of a version that are what they are called today: a filter means no others. */
static struct schema fields_of_today(struct scope *scope, const struct dataset *now, const struct dataset *past)
{
    const struct schema *table = table_of(past);
    struct schema same = {arena_array(&scope->arena, struct field, table->count + 1), 0};
    for (size_t i = 0; i < table->count; i++) {
        const struct field *today = find_today(now, table_of(now), &table->fields[i]);
        if (today && str_eq(today->name, table->fields[i].name)) {
            same.fields[same.count++] = table->fields[i];
        }
    }
    return same;
}

/* What a filter names must be there. */
static enum err check_filters(struct scope *scope, const struct dataset *now, const struct dataset *past)
{
    struct schema same = fields_of_today(scope, now, past);
    for (size_t i = 0; i < past->filter_count; i++) {
        if (odsql_filter_check(scope, &same, past->filters[i]) != ERR_OK) {
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
    TRY(check_filters(scope, dataset, past));
    TRY(set_extent(scope, catalog, past));
    if (past->filter_count) {
        TRY(records_count(scope, records, past, &past->records_count));
    }
    return dataset_document(scope, past);
}
