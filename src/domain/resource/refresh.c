#include "domain/resource/refresh.h"

#include <unistd.h>

#include "base/json_read.h"
#include "domain/records/spool_files.h"
#include "domain/resource/publication.h"
#include "domain/resource/upload.h"
#include "platform/i18n/explanation.h"

/* ---- asking ---- */

enum err refresh_ask(struct scope *scope, struct catalog *catalog, const struct dataset *dataset,
                     const struct actor *by, bool whole, int64_t *ret_job)
{
    struct resource resource;
    TRY(resource_find(scope, catalog, dataset->uid, &resource));
    if (resource.kind != RESOURCE_URL) {
        return fail_in_words(scope, ERR_CONFLICT, MSG_FAULT_SOURCE_NOT_READ_AGAIN, NULL);
    }
    if (dataset->is_draft) {
        return fail_in_words(scope, ERR_CONFLICT, MSG_FAULT_SOURCE_DRAFT, NULL);
    }
    struct new_job job = {.kind = REFRESH_KIND,
                          .dataset = dataset->uid,
                          .label = dataset->id,
                          .arguments = whole ? S("{\"whole\": true}") : S("{}"),
                          .by = by,
                          .is_single = !whole};
    return job_add(scope, catalog, &job, ret_job);
}

/* ---- the work ---- */

struct reading {
    struct scope *scope;
    struct job_run *run;
    struct resource resource;
    str path; /* of the fetched file */
    bool whole;
};

static void tell(void *user, int64_t done, int64_t total)
{
    job_progress(user, done, total, "bytes");
}

/* Whether somebody had the file fetched to look at it and has not published it: what the server calls unchanged is new then. */
static enum err is_only_looked_at(struct reading *reading, usec published, bool *ret_is)
{
    struct upload upload;
    *ret_is = false;
    if (reading->resource.upload_count) {
        enum err result = upload_find(reading->scope, job_catalog(reading->run), reading->resource.uploads[0], &upload);
        if (result == ERR_NO_UPLOAD) {
            scope_forgive(reading->scope); /* it was deleted: nobody looks at it any more */
            return ERR_OK;
        }
        TRY(result);
        *ret_is = upload.created > published;
    }
    return ERR_OK;
}

static enum err find_source(struct reading *reading)
{
    struct scope *scope = reading->scope;
    struct catalog *catalog = job_catalog(reading->run);
    const struct job *job = job_of_run(reading->run);
    json_t *arguments cleanup_with(json_cleanup) = NULL;
    bool changed;
    TRY(json_read(scope, ERR_USAGE, job->arguments.n ? job->arguments : S("{}"), "arguments of the job", &arguments));
    reading->whole = json_is_true(json_object_get(arguments, "whole"));
    TRY(catalog_refresh(scope, catalog, &changed));
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    const struct dataset *dataset = snapshot_find(snapshot, job->dataset);
    bool is_draft = dataset && dataset->is_draft;
    usec published = dataset ? dataset->data_processed : 0;
    snapshot_unref(snapshot);
    if (!dataset) {
        return fail_in_words(scope, ERR_NO_DATASET, MSG_FAULT_SOURCE_REMOVED, NULL);
    }
    if (is_draft) {
        return fail_in_words(scope, ERR_CONFLICT, MSG_FAULT_SOURCE_DRAFT, NULL);
    }
    TRY(resource_find(scope, catalog, job->dataset, &reading->resource));
    if (reading->resource.kind != RESOURCE_URL) {
        return fail_in_words(scope, ERR_CONFLICT, MSG_FAULT_SOURCE_NO_ADDRESS, NULL);
    }
    bool is_new;
    TRY(is_only_looked_at(reading, published, &is_new));
    reading->whole |= is_new;
    return ERR_OK;
}

static enum err note_read(struct reading *reading)
{
    reading->resource.checked = clock_wall();
    return resource_note_read(reading->scope, job_catalog(reading->run), &reading->resource);
}

static enum err end_unchanged(struct reading *reading)
{
    job_result(reading->run, S("{\"changed\": false}"));
    job_tell(reading->run, MSG_JOB_LINE_NOTHING_NEW, NULL);
    return note_read(reading);
}

/* A server that has no tags for its files is asked for all of it; the digest then tells whether it has changed. */
static enum err publish_fetched(struct reading *reading, const struct fetch_result *fetched)
{
    struct scope *scope = reading->scope;
    struct resource *resource = &reading->resource;
    str etag = fetched->etag;
    job_tell(reading->run, MSG_JOB_LINE_FETCHED, SAYS(argument_digits(&scope->arena, "bytes", fetched->bytes)));
    if (!etag.n) {
        TRY(publication_digest(scope, reading->path.p, &etag));
    }
    if (!reading->whole && !fetched->etag.n && str_eq(etag, resource->etag)) {
        return end_unchanged(reading);
    }
    TRY(publication_run(scope, reading->run, resource, reading->path.p));
    resource->etag = etag;
    resource->last_modified = fetched->last_modified;
    resource->checked = clock_wall();
    return resource_note_published(scope, job_catalog(reading->run), resource);
}

static enum err read_source(struct reading *reading, const struct refresh_tools *tools)
{
    struct scope *scope = reading->scope;
    struct resource *resource = &reading->resource;
    bool has_tag = resource->etag.n && !str_starts(resource->etag, S(PUBLICATION_DIGEST_PREFIX));
    struct fetch_request request = {.address = resource->location,
                                    .path = reading->path.p,
                                    .progress = tell,
                                    .user = reading->run};
    struct fetch_result fetched;
    if (!reading->whole) {
        request.etag = has_tag ? resource->etag : S("");
        request.last_modified = resource->last_modified;
    }
    job_tell(reading->run, MSG_JOB_LINE_ASKED,
             SAYS(ARG_TEXT("address", fetch_shown_address(&scope->arena, resource->location))));
    TRY(fetch_file(scope, tools->fetch, &request, &fetched));
    return fetched.is_unchanged ? end_unchanged(reading) : publish_fetched(reading, &fetched);
}

enum err refresh_work(struct scope *scope, struct job_run *run, void *user)
{
    str spool = str_printf(&scope->arena, "%s/spool", catalog_data_directory(job_catalog(run)));
    struct reading reading = {.scope = scope, .run = run, .path = spool_name(&scope->arena, spool.p, "import")};
    const struct refresh_tools *tools = user;
    TRY(publication_check_right(scope, tools->identity, tools->access, job_of_run(run)));
    TRY(find_source(&reading));
    enum err result = read_source(&reading, tools);
    unlink(reading.path.p);
    return result;
}
