#include "web/back/work.h"

#include <stdlib.h>

#include "base/vec.h"
#include "domain/identity/own.h"
#include "domain/job/export.h"

static int compare_uids(const void *a, const void *b)
{
    return str_compare(*(const str *)a, *(const str *)b);
}

/* The latest job of each kind of a dataset decides. */
struct latest {
    str dataset, kind;
    const struct job *failed;
};

static int compare_latest(const void *a, const void *b)
{
    const struct latest *left = a;
    const struct latest *right = b;
    int order = str_compare(left->dataset, right->dataset);
    return order ? order : str_compare(left->kind, right->kind);
}

typedef VEC(struct latest) latest_list;

/* A file that somebody else wanted is no problem of mine. */
static bool concerns(const struct call *call, const struct job *job)
{
    return job->dataset.n && (!str_eq(job->kind, S(EXPORT_KIND)) || job->user == call->actor->user);
}

static enum err read_failed(struct call *call, latest_list *failed)
{
    const struct job *jobs;
    size_t count;
    const struct job_filter filter = {.limit = WORK_JOBS_MOST};
    TRY(job_list(call->scope, call->app->catalog, &filter, &jobs, &count));
    for (size_t i = 0; i < count; i++) {
        bool is_later = !concerns(call, &jobs[i]);
        for (size_t k = 0; k < i && !is_later; k++) {
            is_later = concerns(call, &jobs[k]) && str_eq(jobs[k].dataset, jobs[i].dataset) && str_eq(jobs[k].kind, jobs[i].kind);
        }
        if (!is_later && jobs[i].state == JOB_FAILED) {
            vec_add(&call->scope->arena, failed, ((struct latest){jobs[i].dataset, jobs[i].kind, &jobs[i]}));
        }
    }
    if (failed->count) {
        qsort(failed->items, failed->count, sizeof(*failed->items), compare_latest);
    }
    return ERR_OK;
}

static const struct job *find_failed(const latest_list *failed, str uid)
{
    for (size_t i = 0; i < failed->count; i++) {
        if (str_eq(failed->items[i].dataset, uid)) {
            return failed->items[i].failed;
        }
    }
    return NULL;
}

bool work_is_empty(const struct work_item *item)
{
    return !item->dataset->is_draft && item->dataset->version == 0;
}

enum err work_read(struct call *call, struct work *ret_work)
{
    struct scope *scope = call->scope;
    const struct dataset_bytes *bytes;
    const str *own;
    size_t bytes_count, own_count;
    latest_list failed = {0};
    VEC(struct work_item) items = {0};
    TRY(catalog_bytes(scope, call->app->catalog, S(""), &bytes, &bytes_count));
    TRY(own_datasets(scope, call->app->catalog, call->actor->user, &own, &own_count));
    TRY(read_failed(call, &failed));
    *ret_work = (struct work){0};
    for (size_t i = 0; i < call->snapshot->count; i++) {
        const struct dataset *dataset = call->snapshot->datasets[i];
        unsigned rights = access_rights(scope, call->app->access, call->actor, dataset);
        if (!(rights & RIGHT_EDIT)) {
            continue;
        }
        struct dataset_bytes taken = bytes_of(bytes, bytes_count, dataset->uid);
        struct work_item item = {.dataset = dataset,
                                 .rights = rights,
                                 .is_own = own_count && bsearch(&dataset->uid, own, own_count, sizeof(*own),
                                                                compare_uids),
                                 .failed = find_failed(&failed, dataset->uid),
                                 .bytes = taken.records + taken.attachments,
                                 .versions = taken.versions};
        ret_work->drafts += dataset->is_draft;
        ret_work->empty += work_is_empty(&item);
        ret_work->failed += item.failed != NULL;
        ret_work->bytes += item.bytes;
        vec_add(&scope->arena, &items, item);
    }
    ret_work->items = items.items;
    ret_work->count = items.count;
    return ERR_OK;
}

const struct work_item *work_find(const struct work *work, str id)
{
    size_t low = 0;
    size_t high = work->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(work->items[middle].dataset->id, id);
        if (order == 0) {
            return &work->items[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}
