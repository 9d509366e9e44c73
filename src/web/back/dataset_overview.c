/* The first tab of a dataset: what state it is in, and what to do next. */
#include "base/json_write.h"
#include "domain/catalog/bytes.h"
#include "domain/catalog/version.h"
#include "domain/job/export.h"
#include "domain/resource/resource.h"
#include "web/back/dataset_change.h"
#include "web/back/jobs.h"
#include "web/back/quality_view.h"
#include "web/back/routes.h"

#define JOBS_SHOWN 5

struct job_item {
    str address, what, state, state_kind, at, message;
};

struct overview {
    str seen_by, records, fields, modified, processed, version, storage, id;
    str release_address, source_address, withdraw_address, remove_address, rename_address, versions_address, portal_address;
    str release_label, source_label;
    bool is_draft, is_empty, may_release, may_withdraw, may_remove, may_rename, has_jobs, has_version, has_actions;
    struct html quality;
    struct tpl_list jobs;
};

static const struct tpl_member job_members[] = {
    TPL_URL(struct job_item, address),     TPL_TEXT(struct job_item, what), TPL_TEXT(struct job_item, state),
    TPL_TEXT(struct job_item, state_kind), TPL_TEXT(struct job_item, at),   TPL_TEXT(struct job_item, message)};
static const struct tpl_struct job_struct = TPL_STRUCT(struct job_item, job_members);

static const struct tpl_member overview_members[] = {
    TPL_TEXT(struct overview, seen_by),        TPL_TEXT(struct overview, records),
    TPL_TEXT(struct overview, fields),         TPL_TEXT(struct overview, modified),
    TPL_TEXT(struct overview, processed),      TPL_TEXT(struct overview, version),
    TPL_TEXT(struct overview, storage),        TPL_TEXT(struct overview, id),
    TPL_URL(struct overview, release_address), TPL_URL(struct overview, withdraw_address),
    TPL_URL(struct overview, source_address),
    TPL_URL(struct overview, remove_address),  TPL_URL(struct overview, rename_address),
    TPL_URL(struct overview, versions_address), TPL_URL(struct overview, portal_address),
    TPL_TEXT(struct overview, release_label),  TPL_TEXT(struct overview, source_label),
    TPL_BOOL(struct overview, is_draft),
    TPL_BOOL(struct overview, is_empty),       TPL_BOOL(struct overview, may_release),
    TPL_BOOL(struct overview, may_withdraw),   TPL_BOOL(struct overview, may_remove),
    TPL_BOOL(struct overview, may_rename),     TPL_BOOL(struct overview, has_jobs),
    TPL_BOOL(struct overview, has_version),    TPL_BOOL(struct overview, has_actions),
    TPL_HTML(struct overview, quality),
    TPL_LIST(struct overview, jobs, job_struct)};
static const struct tpl_struct overview_struct = TPL_STRUCT(struct overview, overview_members);
const struct tpl_binding dataset_overview_template = {"back/dataset_overview", &overview_struct};

static enum err list_jobs(struct call *call, const struct dataset *dataset, struct tpl_list *ret_jobs)
{
    const struct job *jobs;
    size_t count;
    const struct job_filter filter = {.dataset = dataset->uid, .limit = JOBS_SHOWN};
    TRY(job_list(call->scope, call->app->catalog, &filter, &jobs, &count));
    struct job_item *items = arena_array(&call->scope->arena, struct job_item, count + 1);
    size_t shown = 0;
    for (size_t i = 0; i < count; i++) {
        if (str_eq(jobs[i].kind, S(EXPORT_KIND)) && jobs[i].user != call->actor->user &&
            !actor_has_role(call->actor, ROLE_ADMINISTRATOR)) {
            continue; /* what somebody else took is not his business */
        }
        items[shown] = (struct job_item){.address = office_job_path(call, jobs[i].id, ""),
                                         .what = office_job_kind(call, jobs[i].kind),
                                         .at = office_instant(call, jobs[i].created, MESSAGE_NONE),
                                         .message = job_message(&call->scope->arena, call->language, &jobs[i])};
        items[shown].state = office_job_state(call, &jobs[i], &items[shown].state_kind);
        shown++;
    }
    *ret_jobs = (struct tpl_list){items, shown};
    return ERR_OK;
}

static enum message seen_by(const struct dataset *dataset)
{
    return dataset->is_draft                                  ? MSG_BACKOFFICE_DATASET_SEEN_DRAFT
           : dataset->is_restricted                           ? MSG_BACKOFFICE_DATASET_SEEN_RESTRICTED
           : dataset->version                                 ? MSG_BACKOFFICE_DATASET_SEEN_PUBLIC
                                                              : MSG_BACKOFFICE_DATASET_SEEN_EMPTY;
}

static enum err read_storage(struct call *call, const struct dataset *dataset, str *ret_text)
{
    const struct dataset_bytes *bytes;
    size_t count;
    struct arena *arena = &call->scope->arena;
    TRY(catalog_bytes(call->scope, call->app->catalog, dataset->uid, &bytes, &count));
    struct dataset_bytes taken = bytes_of(bytes, count, dataset->uid);
    *ret_text = office_tell(call, MSG_BACKOFFICE_DATASET_STORAGE,
                            ARG_TEXT("records", format_bytes(arena, call->language, taken.records)),
                            ARG_INT("versions", taken.versions),
                            ARG_TEXT("attachments", format_bytes(arena, call->language, taken.attachments)));
    return ERR_OK;
}

static struct overview describe(struct call *call, const struct dataset *dataset)
{
    struct arena *arena = &call->scope->arena;
    unsigned rights = access_rights(call->scope, call->app->access, call->actor, dataset);
    bool may_release = dataset->is_restricted && (rights & (unsigned)change_release_right(dataset));
    return (struct overview){
        .id = dataset->id,
        .seen_by = office_say(call, seen_by(dataset)),
        .records = dataset->version ? format_int(arena, call->language, dataset->records_count) : S("–"),
        .fields = format_whole(arena, call->language, (int64_t)dataset->schema.count),
        .modified = office_instant(call, dataset->modified, MESSAGE_NONE),
        .processed = office_instant(call, dataset->data_processed, MSG_BACKOFFICE_NEVER),
        .version = str_printf(arena, "%lld", (long long)dataset->version),
        .has_version = dataset->version > 0,
        .is_draft = dataset->is_draft,
        .is_empty = dataset->version == 0,
        .release_label = office_say(call, change_release_name(dataset)),
        .release_address = office_dataset_address(call, dataset->id, "/release"),
        .withdraw_address = office_dataset_address(call, dataset->id, "/withdraw"),
        .remove_address = office_dataset_address(call, dataset->id, "/remove"),
        .rename_address = office_dataset_address(call, dataset->id, "/id"),
        .versions_address = office_dataset_address(call, dataset->id, "/versions"),
        .portal_address = str_printf(arena, "/explore/dataset/%.*s/", STR_ARG(dataset->id)),
        .may_release = may_release,
        .has_actions = may_release || (rights & RIGHT_PUBLISH),
        .may_withdraw = !dataset->is_draft && (rights & RIGHT_MANAGE),
        .may_remove = rights & RIGHT_PUBLISH,
        .may_rename = rights & RIGHT_MANAGE};
}

/* Where the way to the next version goes on: a draft whose data are here already is not begun anew. */
static enum err lead_to_source(struct call *call, const struct dataset *dataset, struct overview *overview)
{
    struct resource resource;
    TRY(resource_find(call->scope, call->app->catalog, dataset->uid, &resource));
    bool is_begun = dataset->version == 0 && resource.kind != RESOURCE_NONE;
    overview->source_label = office_say(call, is_begun              ? MSG_BACKOFFICE_DATASET_GO_ON
                                              : dataset->version == 0 ? MSG_BACKOFFICE_DATASET_ADD_RECORDS
                                                                      : MSG_BACKOFFICE_DATASET_NEW_VERSION);
    overview->source_address = office_dataset_address(call, dataset->id, is_begun ? "/source/fields" : "/source");
    return ERR_OK;
}

/* ---- for scripts ---- */

static void write_quality(struct json_writer *json, const struct quality *quality)
{
    json_key(json, S("quality"));
    json_object_begin(json);
    json_key_int(json, S("score"), quality->score);
    json_key(json, S("missing"));
    json_array_begin(json);
    for (int i = 0; i < QUALITY__COUNT; i++) {
        if (quality->results[i].applies && quality->results[i].points < quality_rows()[i].weight) {
            json_text(json, quality_rows()[i].key);
        }
    }
    json_array_end(json);
    json_object_end(json);
}

static enum err send_json(struct call *call, const struct dataset *dataset)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    struct quality quality;
    TRY(quality_of(call->scope, dataset, &quality));
    json_object_begin(&json);
    json_key_text(&json, S("id"), dataset->id);
    json_key_text(&json, S("uid"), dataset->uid);
    json_key_text(&json, S("title"), dataset->title);
    json_key_text(&json, S("state"),
                  dataset->is_draft ? S("draft") : dataset->is_restricted ? S("restricted") : S("public"));
    json_key_int(&json, S("version"), dataset->version);
    json_key_int(&json, S("records"), dataset->records_count);
    json_key_text(&json, S("modified"), office_json_instant(call, dataset->modified));
    json_key_text(&json, S("data_processed"), office_json_instant(call, dataset->data_processed));
    json_key_text(&json, S("metadata_processed"), office_json_instant(call, dataset->metadata_processed));
    json_key(&json, S("fields"));
    schema_write(&json, &dataset->schema);
    write_quality(&json, &quality);
    json_object_end(&json);
    return office_json(call, 200, &out);
}

enum err back_dataset(struct call *call)
{
    const struct dataset *dataset;
    TRY(office_open_dataset(call, RIGHT_EDIT, &dataset));
    if (page_is_for_script(call)) {
        return send_json(call, dataset);
    }
    struct overview overview = describe(call, dataset);
    TRY(lead_to_source(call, dataset, &overview));
    TRY(read_storage(call, dataset, &overview.storage));
    TRY(list_jobs(call, dataset, &overview.jobs));
    TRY(office_quality(call, dataset, &overview.quality));
    overview.has_jobs = overview.jobs.count > 0;
    return office_dataset_send(call, &(struct office_dataset_page){.dataset = dataset,
                                                                   .tab = OFFICE_TAB_OVERVIEW,
                                                                   .body = &dataset_overview_template,
                                                                   .data = &overview});
}
