/* What the overview shows of somebody's datasets: problems first, drafts, what happened, what they take. */
#include "web/back/dashboard.h"

#include "base/vec.h"
#include "domain/catalog/quality.h"
#include "domain/identity/own.h"
#include "domain/resource/publication.h"
#include "domain/resource/refresh.h"
#include "web/back/quality_view.h"
#include "web/back/routes.h"
#include "web/back/work.h"

#define PROBLEMS_SHOWN 10
#define DRAFTS_SHOWN 10
#define ACTS_SHOWN 10
#define LARGEST_SHOWN 5
#define LATEST_SHOWN 8
#define MEASURED 50    /* descriptions of the datasets that were modified last */
#define GOOD_ENOUGH 50

/* A dataset, what is to be said of it, and a way further. */
struct dashboard_item {
    str address, title, text, at, further, label, state, state_kind;
};

struct dashboard {
    str datasets, drafts_text, failed_text, storage, csrf;
    int64_t bytes_most; /* of a file that is dropped */
    bool has_datasets, may_create, has_problems, has_drafts, has_acts, has_largest;
    struct tpl_list latest, problems, drafts, acts, largest;
};

static const struct tpl_member item_members[] = {
    TPL_URL(struct dashboard_item, address), TPL_TEXT(struct dashboard_item, title),
    TPL_TEXT(struct dashboard_item, text),   TPL_TEXT(struct dashboard_item, at),
    TPL_URL(struct dashboard_item, further), TPL_TEXT(struct dashboard_item, label),
    TPL_TEXT(struct dashboard_item, state),  TPL_TEXT(struct dashboard_item, state_kind)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct dashboard_item, item_members);

static const struct tpl_member dashboard_members[] = {
    TPL_TEXT(struct dashboard, datasets),     TPL_TEXT(struct dashboard, drafts_text),
    TPL_TEXT(struct dashboard, failed_text),  TPL_TEXT(struct dashboard, storage),
    TPL_BOOL(struct dashboard, has_datasets), TPL_BOOL(struct dashboard, may_create),
    TPL_BOOL(struct dashboard, has_problems), TPL_BOOL(struct dashboard, has_drafts),
    TPL_BOOL(struct dashboard, has_acts),     TPL_BOOL(struct dashboard, has_largest),
    TPL_TEXT(struct dashboard, csrf),         TPL_NUMBER(struct dashboard, bytes_most),
    TPL_LIST(struct dashboard, latest, item_struct),
    TPL_LIST(struct dashboard, problems, item_struct), TPL_LIST(struct dashboard, drafts, item_struct),
    TPL_LIST(struct dashboard, acts, item_struct), TPL_LIST(struct dashboard, largest, item_struct)};
static const struct tpl_struct dashboard_struct = TPL_STRUCT(struct dashboard, dashboard_members);
const struct tpl_binding dashboard_template = {"back/dashboard", &dashboard_struct};

typedef VEC(struct dashboard_item) item_list;

static bool is_mine(const void *user, str id)
{
    return work_find(user, id) != NULL;
}

/* ---- problems ---- */

/* The address of the source could not be read. */
static bool is_of_source(const struct job *job)
{
    return str_eq(job->kind, S(REFRESH_KIND)) || str_eq(job->kind, S(PUBLICATION_FETCH_JOB));
}

static str failed_job_text(struct call *call, const struct job *job)
{
    str what = is_of_source(job) ? office_say(call, MSG_BACKOFFICE_PROBLEM_SOURCE) : office_say(call, MSG_BACKOFFICE_PROBLEM_JOB);
    str message = job_message(&call->scope->arena, call->language, job);
    return message.n ? str_printf(&call->scope->arena, "%.*s: %.*s", STR_ARG(what), STR_ARG(message)) : what;
}

static void add_failed(struct call *call, const struct work *work, item_list *items)
{
    for (size_t i = 0; i < work->count && items->count < PROBLEMS_SHOWN; i++) {
        const struct work_item *item = &work->items[i];
        if (item->failed) {
            struct dashboard_item one = {
                .address = office_dataset_address(call, item->dataset->id, is_of_source(item->failed) ? "/source" : ""),
                .title = office_dataset_title(item->dataset),
                .text = failed_job_text(call, item->failed),
                .further = office_path_id(call, "/backoffice/jobs/", item->failed->id),
                .label = office_say(call, MSG_BACKOFFICE_DASHBOARD_SEE_JOB)};
            vec_add(&call->scope->arena, items, one);
        }
    }
}

static void add_empty(struct call *call, const struct work *work, item_list *items)
{
    for (size_t i = 0; i < work->count && items->count < PROBLEMS_SHOWN; i++) {
        const struct work_item *item = &work->items[i];
        if (work_is_empty(item) && !item->failed) {
            struct dashboard_item one = {.address = office_dataset_address(call, item->dataset->id, ""),
                                         .title = office_dataset_title(item->dataset),
                                         .text = office_say(call, MSG_BACKOFFICE_PROBLEM_RECORDS)};
            vec_add(&call->scope->arena, items, one);
        }
    }
}

static enum err add_badly_described(struct call *call, const struct dataset *light, item_list *items)
{
    struct quality quality;
    struct dataset *dataset;
    TRY(dataset_load_stored(call->scope, call->snapshot, light, NULL, &dataset));
    TRY(quality_of(call->scope, dataset, &quality));
    for (int i = 0; i < QUALITY__COUNT && quality.score < GOOD_ENOUGH; i++) {
        const struct quality_result *result = &quality.results[i];
        if (result->applies && result->points < quality_rows()[i].weight) {
            enum quality_check check = (enum quality_check)i;
            struct dashboard_item one = {
                .address = office_dataset_address(call, light->id, ""),
                .title = office_dataset_title(light),
                .text = office_tell(call, MSG_BACKOFFICE_DASHBOARD_SCORE, ARG_INT("score", quality.score)),
                .further = office_quality_address(call, light->id, check, result->field),
                .label = office_quality_text(call, check, result)};
            vec_add(&call->scope->arena, items, one);
            return ERR_OK;
        }
    }
    return ERR_OK;
}

/* The datasets that were modified last, the latest first, at most so many. */
static size_t find_latest(const struct work *work, bool only_drafts, const struct work_item **latest, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < work->count; i++) {
        const struct work_item *item = &work->items[i];
        if (only_drafts && !item->dataset->is_draft) {
            continue;
        }
        size_t at = count;
        while (at > 0 && latest[at - 1]->dataset->modified < item->dataset->modified) {
            at--;
        }
        if (at == most) {
            continue;
        }
        count += count < most;
        memmove(latest + at + 1, latest + at, (count - at - 1) * sizeof(*latest));
        latest[at] = item;
    }
    return count;
}

static enum err list_problems(struct call *call, const struct work *work, struct tpl_list *ret_problems)
{
    item_list items = {0};
    const struct work_item *latest[MEASURED];
    size_t count = find_latest(work, false, latest, MEASURED);
    add_failed(call, work, &items);
    add_empty(call, work, &items);
    for (size_t i = 0; i < count && items.count < PROBLEMS_SHOWN; i++) {
        if (!latest[i]->dataset->is_draft && !latest[i]->failed && !work_is_empty(latest[i])) {
            TRY(add_badly_described(call, latest[i]->dataset, &items));
        }
    }
    *ret_problems = (struct tpl_list){items.items, items.count};
    return ERR_OK;
}

/* ---- the rest ---- */

static struct tpl_list list_latest(struct call *call, const struct work *work)
{
    const struct work_item *latest[LATEST_SHOWN];
    size_t count = find_latest(work, false, latest, LATEST_SHOWN);
    struct dashboard_item *items = arena_array(&call->scope->arena, struct dashboard_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct dataset *dataset = latest[i]->dataset;
        items[i] = (struct dashboard_item){.address = office_dataset_address(call, dataset->id, ""),
                                           .title = office_dataset_title(dataset),
                                           .at = office_instant(call, dataset->modified, MESSAGE_NONE),
                                           .text = office_rights(call, latest[i]->rights)};
        items[i].state = office_dataset_state(call, dataset, &items[i].state_kind);
    }
    return (struct tpl_list){items, count};
}

static struct tpl_list list_drafts(struct call *call, const struct work *work)
{
    const struct work_item *latest[DRAFTS_SHOWN];
    size_t count = find_latest(work, true, latest, DRAFTS_SHOWN);
    struct dashboard_item *items = arena_array(&call->scope->arena, struct dashboard_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct dataset *dataset = latest[i]->dataset;
        items[i] = (struct dashboard_item){
            .address = office_dataset_address(call, dataset->id, ""),
            .title = office_dataset_title(dataset),
            .at = office_instant(call, dataset->metadata_processed, MESSAGE_NONE),
            .text = office_say(call, dataset->version ? MSG_BACKOFFICE_DASHBOARD_DRAFT_READY
                                                      : MSG_BACKOFFICE_DASHBOARD_DRAFT_EMPTY)};
    }
    return (struct tpl_list){items, count};
}

static enum err list_acts(struct call *call, const struct work *work, struct tpl_list *ret_acts)
{
    const struct audit_row *rows;
    size_t count;
    TRY(own_activity(call->scope, call->app->identity, is_mine, work, ACTS_SHOWN, &rows, &count));
    struct dashboard_item *items = arena_array(&call->scope->arena, struct dashboard_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct work_item *item = work_find(work, rows[i].subject);
        items[i] = (struct dashboard_item){.address = office_dataset_address(call, rows[i].subject, ""),
                                           .title = office_dataset_title(item->dataset),
                                           .at = office_instant(call, rows[i].at, MESSAGE_NONE),
                                           .text = office_action(call, rows[i].action),
                                           .label = office_audit_actor(call, rows[i].actor)};
    }
    *ret_acts = (struct tpl_list){items, count};
    return ERR_OK;
}

static struct tpl_list list_largest(struct call *call, const struct work *work)
{
    const struct work_item *largest[LARGEST_SHOWN];
    size_t count = 0;
    for (size_t i = 0; i < work->count; i++) {
        size_t at = count;
        while (at > 0 && largest[at - 1]->bytes < work->items[i].bytes) {
            at--;
        }
        if (at == LARGEST_SHOWN || work->items[i].bytes == 0) {
            continue;
        }
        count += count < LARGEST_SHOWN;
        memmove(largest + at + 1, largest + at, (count - at - 1) * sizeof(*largest));
        largest[at] = &work->items[i];
    }
    struct dashboard_item *items = arena_array(&call->scope->arena, struct dashboard_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct dashboard_item){
            .address = office_dataset_address(call, largest[i]->dataset->id, "/versions"),
            .title = office_dataset_title(largest[i]->dataset),
            .text = format_bytes(&call->scope->arena, call->language, largest[i]->bytes)};
    }
    return (struct tpl_list){items, count};
}

static str figure_text(struct call *call, enum message message, size_t count)
{
    return office_tell(call, message, ARG_INT("count", (int64_t)count));
}

enum err dashboard_make(struct call *call, struct html *ret_html)
{
    struct work work;
    TRY(work_read(call, &work));
    struct dashboard dashboard = {
        .datasets = figure_text(call, MSG_BACKOFFICE_DATASETS_TOTAL, work.count),
        .drafts_text = figure_text(call, MSG_BACKOFFICE_DASHBOARD_DRAFTS, work.drafts),
        .failed_text = figure_text(call, MSG_BACKOFFICE_DASHBOARD_FAILED, work.failed),
        .storage = format_bytes(&call->scope->arena, call->language, work.bytes),
        .may_create = actor_has_role(call->actor, ROLE_PUBLISHER),
        .csrf = call->ignores_cookies ? S("") : csrf_token(call),
        .bytes_most = call->app->upload_bytes_most,
        .latest = list_latest(call, &work),
        .drafts = list_drafts(call, &work),
        .largest = list_largest(call, &work)};
    TRY(list_problems(call, &work, &dashboard.problems));
    TRY(list_acts(call, &work, &dashboard.acts));
    dashboard.has_datasets = work.count > 0;
    dashboard.has_problems = dashboard.problems.count > 0;
    dashboard.has_drafts = dashboard.drafts.count > 0;
    dashboard.has_acts = dashboard.acts.count > 0;
    dashboard.has_largest = dashboard.largest.count > 0;
    *ret_html = tpl_html(call->scope, call->app->tpl, &dashboard_template, call->language, &dashboard);
    return ERR_OK;
}
