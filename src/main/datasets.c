#include <stdio.h>

#include "domain/catalog/attachment_check.h"
#include "domain/catalog/version.h"
#include "domain/ingest/publish.h"
#include "domain/records/past.h"
#include "domain/records/records.h"
#include "domain/records/version.h"
#include "main/commands.h"
#include "main/open.h"
#include "main/people.h"

enum err command_version(struct scope *scope, const struct command_line *line)
{
    (void)scope;
    (void)line;
    printf("parvis %s\n", PARVIS_VERSION);
    return ERR_OK;
}

enum err command_list(struct scope *scope, const struct command_line *line)
{
    struct catalog *catalog;
    TRY(open_catalog(scope, line, &catalog));
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct dataset *dataset = snapshot->datasets[i];
        printf("%.*s\t%lld\t%lld\t%.*s%s\n", STR_ARG(dataset->id), (long long)dataset->version,
               (long long)dataset->records_count, STR_ARG(dataset->title), dataset->is_draft ? "\tdraft" : "");
    }
    snapshot_unref(snapshot);
    catalog_close(catalog);
    return ERR_OK;
}

enum err remove_dataset(struct scope *scope, struct catalog *catalog, str id)
{
    str uid;
    TRY(catalog_remove(scope, catalog, id, &uid));
    version_delete_all(catalog_data_directory(catalog), uid);
    attachments_delete_all(catalog_data_directory(catalog), uid);
    catalog_audit(scope, catalog, "dataset.remove", id, S(""));
    printf("%.*s: removed\n", STR_ARG(id));
    return ERR_OK;
}

enum err command_remove(struct scope *scope, const struct command_line *line)
{
    struct catalog *catalog;
    TRY(open_catalog(scope, line, &catalog));
    enum err result = remove_dataset(scope, catalog, str_from(line->arguments[0]));
    catalog_close(catalog);
    return result;
}

/* ---- check ---- */

/* ret_place: where they lie, if there is more to say than that it is the directory. */
static enum err check_records(struct scope *scope, struct records *records,
                              const struct dataset *dataset, str *ret_place)
{
    struct records_lease lease cleanup_with(records_release) = {0};
    TRY(records_lease(scope, records, dataset, &lease));
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select count(*) from ");
    sql_name(&sql, lease.source.database);
    sql_text(&sql, ".");
    sql_name(&sql, lease.source.table);
    sql_text(&sql, " where ");
    sql_name(&sql, RECORDS_KEY_COLUMN);
    sql_text(&sql, " is not null");
    cell count;
    TRY(db_query_cell(scope, lease.db, &sql, &count));
    if (count.number != dataset->records_count) {
        return fail(scope, ERR_DATABASE, "%lld records are there, the catalogue says %lld",
                    (long long)count.number, (long long)dataset->records_count);
    }
    return records_place(scope, &lease, ret_place);
}

/* All that are kept. ret_place: as of check_dataset; of the current one when all is well. */
static enum err check_versions(struct scope *scope, struct records *records, const struct snapshot *snapshot,
                               const struct dataset *dataset, str *ret_place)
{
    const struct version *versions;
    size_t count;
    str place = S("");
    TRY(catalog_versions(scope, snapshot->catalog, dataset->uid, INT32_MAX, &versions, &count));
    for (size_t i = 0; i < count; i++) {
        const struct dataset *version;
        *ret_place = str_printf(&scope->arena, "version %lld", (long long)versions[i].number);
        TRY(dataset_at_version(scope, records, snapshot, dataset, versions[i].number, &version));
        if (!records_in_database(records)) {
            *ret_place = version->version_file;
        }
        TRY(check_records(scope, records, version, ret_place));
        place = versions[i].is_current ? *ret_place : place;
    }
    *ret_place = records_in_database(records) ? place : S("");
    return ERR_OK;
}

/* ret_place: where the records lie; where they are broken, the version's file. */
static enum err check_dataset(struct scope *scope, struct records *records,
                              const struct snapshot *snapshot, const struct dataset *light,
                              str *ret_place)
{
    const struct dataset *dataset;
    *ret_place = S("");
    TRY(dataset_load(scope, snapshot, light, &dataset));
    TRY(check_versions(scope, records, snapshot, dataset, ret_place));
    return attachments_check(scope, snapshot->catalog, dataset);
}

static bool print_dataset(struct records *records, const struct snapshot *snapshot,
                          const struct dataset *dataset)
{
    struct scope own;
    str place;
    scope_open(&own);
    bool good = check_dataset(&own, records, snapshot, dataset, &place) == ERR_OK;
    printf("%s\t%.*s\t", good ? "ok" : "BROKEN", STR_ARG(dataset->id));
    if (dataset->version) {
        printf("version %lld\t%lld records", (long long)dataset->version, (long long)dataset->records_count);
    } else {
        printf("no records yet");
    }
    if (!good) {
        str cause = own.failure.cause.n ? own.failure.cause : own.failure.message;
        size_t end = str_find_char(cause, '\n', 0);
        printf("\t%.*s%s%.*s", STR_ARG(place), place.n ? ": " : "", STR_ARG(str_slice(cause, 0, end)));
    } else if (place.n) {
        printf("\t%.*s", STR_ARG(place));
    }
    printf("\n");
    scope_close(&own);
    return good;
}

static enum err check_orphans(struct scope *scope, struct catalog *catalog, bool repairs)
{
    const struct attachment_orphan *orphans;
    size_t count;
    TRY(attachments_find_orphans(scope, catalog, repairs, &orphans, &count));
    for (size_t i = 0; i < count; i++) {
        printf("%s\t%.*s\t%lld bytes\n", repairs ? "removed" : "orphan", STR_ARG(orphans[i].path),
               (long long)orphans[i].bytes);
    }
    if (count) {
        printf("%zu files of attachments belong%s to no dataset%s\n", count, repairs ? "ed" : "",
               repairs ? "; they were removed" : "; parvis check --repair removes them");
    }
    return ERR_OK;
}

enum err check_portal(struct scope *scope, struct catalog *catalog, bool repairs)
{
    struct records *records;
    size_t broken = 0;
    TRY(open_whole_records(scope, catalog, &records));
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    for (size_t i = 0; i < snapshot->count; i++) {
        broken += !print_dataset(records, snapshot, snapshot->datasets[i]);
    }
    snapshot_unref(snapshot);
    enum err result = records_upkeep(scope, records); /* what interrupted imports left in the database */
    records_close(records);
    TRY(result);
    size_t debris = publish_remove_debris(scope, catalog);
    if (debris) {
        printf("%zu files of interrupted imports were removed\n", debris);
    }
    TRY(check_orphans(scope, catalog, repairs));
    return broken ? fail(scope, ERR_FILE,
                         "%zu datasets are broken; import them again or restore a backup", broken)
                  : ERR_OK;
}

enum err command_check(struct scope *scope, const struct command_line *line)
{
    struct catalog *catalog;
    TRY(open_catalog(scope, line, &catalog));
    enum err result = check_portal(scope, catalog, option_flag(line, "repair"));
    catalog_close(catalog);
    return result;
}
