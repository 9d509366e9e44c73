#include "domain/ingest/changes.h"

#include "base/log.h"
#include "domain/catalog/version.h"
#include "domain/records/compare.h"

/* The number of the current version, 0: none. */
static enum err find_current(struct scope *scope, struct catalog *catalog, str uid, int64_t *ret_number)
{
    bool changed;
    TRY(catalog_refresh(scope, catalog, &changed));
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    const struct dataset *dataset = snapshot_find(snapshot, uid);
    *ret_number = dataset ? dataset->version : 0;
    snapshot_unref(snapshot);
    return ERR_OK;
}

static struct dataset part_of(struct scope *scope, struct catalog *catalog, const struct new_version *version,
                              int64_t number, const struct schema *schema)
{
    return (struct dataset){
        .id = version->dataset_id,
        .uid = version->uid,
        .version = number,
        .schema = *schema,
        .version_file = catalog_version_path(&scope->arena, catalog_data_directory(catalog), version->uid, number)};
}

static enum err compare(struct scope *scope, struct catalog *catalog, struct records *records,
                        struct new_version *version)
{
    struct version_pair pair cleanup_with(version_pair_close) = {0};
    struct comparison comparison;
    struct schema schema;
    TRY(catalog_version_fields(scope, catalog, version->uid, version->compared, &schema));
    struct dataset before = part_of(scope, catalog, version, version->compared, &schema);
    struct dataset after = part_of(scope, catalog, version, version->number, version->schema);
    TRY(version_pair_open(scope, records, &before, &after, &pair));
    TRY(version_pair_count(scope, &pair, &comparison));
    version->added = comparison.added;
    version->removed = comparison.removed;
    version->changed = pair.has_ids ? comparison.changed : -1;
    return ERR_OK;
}

static enum err count(struct scope *scope, struct catalog *catalog, const struct publish_options *options,
                      struct new_version *version)
{
    struct records *records = NULL;
    struct records_options open = {.store = catalog_store(catalog),
                                   .memory_bytes = options->memory_bytes ? options->memory_bytes : (uint64_t)1 << 30,
                                   .threads = options->threads,
                                   .connections = 1};
    TRY(find_current(scope, catalog, version->uid, &version->compared));
    if (version->compared == 0) {
        version->added = version->records;
        version->removed = 0;
        version->changed = 0;
        return ERR_OK;
    }
    TRY(records_open(scope, &open, &records));
    enum err result = compare(scope, catalog, records, version);
    records_close(records);
    return result;
}

enum err changes_count(struct scope *scope, struct catalog *catalog, const struct publish_options *options,
                       struct new_version *version)
{
    version->added = version->removed = version->changed = -1;
    enum err result = count(scope, catalog, options, version);
    if (result == ERR_OK || result == ERR_CANCELLED || result == ERR_DEADLINE) {
        return result;
    }
    log_event(EV_CHANGES_NOT_COUNTED, "%.*s, version %lld: %.*s (%.*s)", STR_ARG(version->dataset_id),
              (long long)version->number, STR_ARG(scope->failure.message), STR_ARG(scope->failure.cause));
    scope_forgive(scope);
    return ERR_OK;
}
