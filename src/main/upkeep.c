#include "main/upkeep.h"

#include "main/statistics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/bug.h"
#include "base/date.h"
#include "base/log.h"
#include "domain/backup/plan.h"
#include "domain/catalog/attachment_check.h"
#include "domain/catalog/search.h"
#include "domain/ingest/publish.h"
#include "domain/job/export.h"
#include "domain/resource/refresh.h"
#include "domain/resource/resource.h"
#include "domain/resource/upload.h"
#include "platform/db/duty.h"

#define CLEANING_PERIOD (600 * USEC_SECOND)

/* One kind of work, in a thread of its own. */
struct task {
    struct upkeep *upkeep;
    void (*work)(struct upkeep *upkeep, struct scope *scope);
    usec period;
    pthread_t thread;
    bool runs;
};

struct upkeep {
    struct app *app;
    struct task tasks[3];
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    atomic_bool ends; /* changed under mutex */
    uint64_t prepared; /* generation of the catalogue */
    struct duty duty;  /* of deleting what is old: one node does it */
    usec job_keep;
    usec cleaned;      /* when this node's own files were looked through; monotonic */
};

/* What is kept beside a database, and belongs to versions that are gone. */
static void clean_files(struct upkeep *upkeep, struct scope *scope)
{
    usec now = clock_monotonic();
    if (records_in_database(upkeep->app->records) && now - upkeep->cleaned > CLEANING_PERIOD) {
        upkeep->cleaned = now;
        publish_remove_debris(scope, upkeep->app->catalog);
        if (attachments_clean_cache(scope, upkeep->app->catalog) != ERR_OK) {
            log_event(EV_UPKEEP_FAILED, "%.*s (%.*s)", STR_ARG(scope->failure.message),
                      STR_ARG(scope->failure.cause));
            scope_forgive(scope);
        }
    }
}

static enum err delete_shared(struct upkeep *upkeep, struct scope *scope)
{
    bool is_ours;
    TRY(duty_take(scope, &upkeep->duty, &is_ours));
    if (is_ours) {
        const struct site *site = site_current(upkeep->app->sites);
        struct site_retention retention = site->retention;
        bool is_set = site->values[SITE_MEMBER_RETENTION].origin != SITE_FROM_DEFAULT;
        site_unref(site);
        identity_upkeep(scope, upkeep->app->identity, retention.audit_days * USEC_DAY);
        TRY(job_upkeep(scope, upkeep->app->catalog,
                       is_set ? retention.job_days * USEC_DAY : upkeep->job_keep));
        TRY(statistics_order(scope, upkeep->app));
        TRY(resource_upkeep(scope, upkeep->app->catalog));
        TRY(upload_upkeep(scope, upkeep->app->catalog));
        return records_upkeep(scope, upkeep->app->records);
    }
    return ERR_OK;
}

static void order_backups(struct upkeep *upkeep, struct scope *scope)
{
    if (backup_order_due(scope, upkeep->app->catalog, upkeep->app->backups) != ERR_OK) {
        log_event(EV_UPKEEP_FAILED, "%.*s (%.*s)", STR_ARG(scope->failure.message), STR_ARG(scope->failure.cause));
        scope_forgive(scope);
    }
}

static void delete_old(struct upkeep *upkeep, struct scope *scope)
{
    if (delete_shared(upkeep, scope) != ERR_OK) {
        log_event(EV_UPKEEP_FAILED, "%.*s (%.*s)", STR_ARG(scope->failure.message),
                  STR_ARG(scope->failure.cause));
        scope_forgive(scope);
    }
    if (export_upkeep(scope, upkeep->app->catalog) != ERR_OK) {
        log_event(EV_UPKEEP_FAILED, "%.*s (%.*s)", STR_ARG(scope->failure.message),
                  STR_ARG(scope->failure.cause));
        scope_forgive(scope);
    }
    privacy_upkeep(scope, upkeep->app->privacy);
    order_backups(upkeep, scope);
    clean_files(upkeep, scope);
}

/*
 * The table of a catalogue of many datasets takes its time; who asks next shall not wait for it. A failure
 * is told to him, who tries again.
 */
static void prepare_catalogue(struct upkeep *upkeep, struct scope *scope)
{
    const struct snapshot *snapshot;
    struct records_lease lease cleanup_with(records_release) = {0};
    if (access_snapshot(scope, upkeep->app->access, &actor_anonymous, &snapshot) != ERR_OK) {
        return;
    }
    if (snapshot->generation != upkeep->prepared &&
        records_lease_catalogue(scope, upkeep->app->records, snapshot, S(""), &lease) == ERR_OK &&
        search_follow(scope, upkeep->app->catalog) == ERR_OK) {
        upkeep->prepared = snapshot->generation;
    }
    snapshot_unref(snapshot);
}

/* Sources whose time has come. Any node may add their jobs; each is added once. */
static void follow_calendar(struct upkeep *upkeep, struct scope *scope)
{
    if (refresh_add_due(scope, upkeep->app->catalog) != ERR_OK) {
        log_event(EV_UPKEEP_FAILED, "%.*s (%.*s)", STR_ARG(scope->failure.message),
                  STR_ARG(scope->failure.cause));
    }
}

/* False: it is to end. */
static bool rest(struct upkeep *upkeep, usec pause)
{
    usec end = clock_monotonic() + pause;
    struct timespec until = {(time_t)(end / USEC_SECOND), (long)(end % USEC_SECOND) * 1000};
    pthread_mutex_lock(&upkeep->mutex);
    while (!upkeep->ends &&
           pthread_cond_timedwait(&upkeep->ended, &upkeep->mutex, &until) == 0) {
    }
    pthread_mutex_unlock(&upkeep->mutex);
    return !upkeep->ends;
}

/* Work that takes long is done less often, so that it never takes more than a part of the machine. */
static void *run(void *argument)
{
    struct task *task = argument;
    usec pause;
    do {
        struct scope scope;
        usec begin = clock_monotonic();
        scope_open(&scope);
        scope.gone = &task->upkeep->ends;
        task->work(task->upkeep, &scope);
        scope_close(&scope);
        usec taken = clock_monotonic() - begin;
        pause = task->period > 4 * taken ? task->period : 4 * taken;
    } while (rest(task->upkeep, pause));
    return NULL;
}

struct upkeep *upkeep_start(struct app *app, usec job_keep)
{
    struct upkeep *upkeep = calloc(1, sizeof(*upkeep));
    pthread_condattr_t attributes;
    if (!upkeep) {
        bug_out_of_memory(sizeof(*upkeep));
    }
    upkeep->app = app;
    upkeep->job_keep = job_keep;
    upkeep->duty = (struct duty){.db = catalog_database(app->catalog), .number = DUTY_UPKEEP};
    upkeep->cleaned = clock_monotonic();
    upkeep->tasks[0] = (struct task){upkeep, delete_old, 60 * USEC_SECOND, .runs = false};
    upkeep->tasks[1] = (struct task){upkeep, prepare_catalogue, USEC_SECOND / 4, .runs = false};
    upkeep->tasks[2] = (struct task){upkeep, follow_calendar, 20 * USEC_SECOND, .runs = false};
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&upkeep->mutex, NULL);
    pthread_cond_init(&upkeep->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    for (size_t i = 0; i < ARRAY_LENGTH(upkeep->tasks); i++) {
        struct task *task = &upkeep->tasks[i];
        task->runs = pthread_create(&task->thread, NULL, run, task) == 0;
        if (!task->runs) {
            log_event(EV_UPKEEP_FAILED, "%s", "no thread can be had for it");
        }
    }
    return upkeep;
}

void upkeep_stop(struct upkeep *upkeep)
{
    pthread_mutex_lock(&upkeep->mutex);
    upkeep->ends = true;
    pthread_cond_broadcast(&upkeep->ended);
    pthread_mutex_unlock(&upkeep->mutex);
    for (size_t i = 0; i < ARRAY_LENGTH(upkeep->tasks); i++) {
        if (upkeep->tasks[i].runs) {
            pthread_join(upkeep->tasks[i].thread, NULL);
        }
    }
    duty_give(&upkeep->duty);
    pthread_cond_destroy(&upkeep->ended);
    pthread_mutex_destroy(&upkeep->mutex);
    free(upkeep);
}
