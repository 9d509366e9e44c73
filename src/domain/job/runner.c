/* The threads: workers, which take jobs and do them, and a keeper, which tells the rows how far they are. */
#include <stdlib.h>
#include <time.h>

#include "base/bug.h"
#include "base/log.h"
#include "domain/job/internal.h"

#define LOOK_PERIOD (USEC_SECOND / 2)
#define KEEP_PERIOD (USEC_SECOND / 4)
#define PERIOD_AFTER_FAULT (5 * USEC_SECOND)

struct job_runner {
    struct catalog *catalog;
    const struct job_kind *kinds;
    size_t kind_count;
    pthread_t *workers;
    int worker_count; /* that run */
    pthread_t keeper;
    bool has_keeper;
    pthread_mutex_t mutex; /* guards runs and stops */
    pthread_cond_t changed;
    atomic_bool stops;
    bool keeper_stops;
    struct job_run *runs;
};

static void enter(struct job_runner *runner, struct job_run *run)
{
    pthread_mutex_lock(&runner->mutex);
    run->next = runner->runs;
    runner->runs = run;
    if (runner->stops) {
        run->is_stopped = true;
        run->gone = true;
    }
    pthread_mutex_unlock(&runner->mutex);
}

static void leave(struct job_runner *runner, struct job_run *run)
{
    pthread_mutex_lock(&runner->mutex);
    struct job_run **at = &runner->runs;
    while (*at != run) {
        at = &(*at)->next;
    }
    *at = run->next;
    pthread_mutex_unlock(&runner->mutex);
}

/* Takes a job and does it; false: none was due. *failed: it could not be asked. */
static bool run_one(struct job_runner *runner, bool *ret_failed, struct scope *failure)
{
    struct scope scope;
    struct job_run run = {.catalog = runner->catalog, .scope = &scope};
    bool has = false;
    scope_open(&scope);
    struct scope asking;
    scope_open(&asking);
    asking.gone = &runner->stops;
    enum err result = job_claim(&asking, runner->kinds, runner->kind_count, &run, &has);
    *ret_failed = result != ERR_OK && result != ERR_CANCELLED;
    if (*ret_failed && failure) {
        result = fail_as(failure, result, &asking.failure);
    } else if (*ret_failed && result != ERR_BUSY) { /* a database that cannot be reached is logged already */
        log_event(EV_JOB_FAILED, "%.*s (%.*s)", STR_ARG(asking.failure.message), STR_ARG(asking.failure.cause));
    }
    scope_close(&asking);
    if (result == ERR_OK && has) {
        enter(runner, &run);
        job_run_work(&run);
        leave(runner, &run);
        job_run_done(&run);
    }
    scope_close(&scope);
    return result == ERR_OK && has;
}

static void rest(struct job_runner *runner, usec pause)
{
    usec end = clock_monotonic() + pause;
    struct timespec until = {(time_t)(end / USEC_SECOND), (long)(end % USEC_SECOND) * 1000};
    pthread_mutex_lock(&runner->mutex);
    while (!runner->stops && pthread_cond_timedwait(&runner->changed, &runner->mutex, &until) == 0) {
    }
    pthread_mutex_unlock(&runner->mutex);
}

static void *work(void *argument)
{
    struct job_runner *runner = argument;
    while (!runner->stops) {
        bool failed = false;
        if (!run_one(runner, &failed, NULL)) {
            rest(runner, failed ? PERIOD_AFTER_FAULT : LOOK_PERIOD);
        }
    }
    return NULL;
}

/* A run is in the list for as long as its row is its; leave() waits while it is kept. */
static void *keep(void *argument)
{
    struct job_runner *runner = argument;
    pthread_mutex_lock(&runner->mutex);
    while (!runner->keeper_stops) {
        for (struct job_run *run = runner->runs; run; run = run->next) {
            job_run_keep(run);
        }
        usec end = clock_monotonic() + KEEP_PERIOD;
        struct timespec until = {(time_t)(end / USEC_SECOND), (long)(end % USEC_SECOND) * 1000};
        pthread_cond_timedwait(&runner->changed, &runner->mutex, &until);
    }
    pthread_mutex_unlock(&runner->mutex);
    return NULL;
}

static void open_runner(struct job_runner *runner, struct catalog *catalog, const struct job_kind *kinds,
                        size_t count)
{
    pthread_condattr_t attributes;
    *runner = (struct job_runner){.catalog = catalog, .kinds = kinds, .kind_count = count};
    pthread_mutex_init(&runner->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&runner->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    runner->has_keeper = pthread_create(&runner->keeper, NULL, keep, runner) == 0;
    if (!runner->has_keeper) {
        log_event(EV_JOB_FAILED, "%s", "no thread can be had for jobs");
    }
}

static void close_runner(struct job_runner *runner)
{
    pthread_mutex_lock(&runner->mutex);
    runner->keeper_stops = true;
    pthread_cond_broadcast(&runner->changed);
    pthread_mutex_unlock(&runner->mutex);
    if (runner->has_keeper) {
        pthread_join(runner->keeper, NULL);
    }
    pthread_cond_destroy(&runner->changed);
    pthread_mutex_destroy(&runner->mutex);
}

struct job_runner *job_runner_start(struct catalog *catalog, const struct job_kind *kinds, size_t count,
                                    int threads)
{
    struct job_runner *runner = calloc(1, sizeof(*runner));
    pthread_t *workers = calloc((size_t)threads + 1, sizeof(*workers));
    if (!runner || !workers) {
        bug_out_of_memory(sizeof(*runner));
    }
    open_runner(runner, catalog, kinds, count);
    runner->workers = workers;
    for (int i = 0; i < threads && runner->has_keeper; i++) { /* without heartbeats no job may run */
        if (pthread_create(&workers[runner->worker_count], NULL, work, runner) != 0) {
            log_event(EV_JOB_FAILED, "%s", "no thread can be had for jobs");
            break;
        }
        runner->worker_count++;
    }
    return runner;
}

void job_runner_stop(struct job_runner *runner)
{
    if (!runner) {
        return;
    }
    runner->stops = true; /* at once, also for who holds the mutex while the database does not answer */
    pthread_mutex_lock(&runner->mutex);
    for (struct job_run *run = runner->runs; run; run = run->next) {
        run->is_stopped = true;
        run->gone = true;
    }
    pthread_cond_broadcast(&runner->changed);
    pthread_mutex_unlock(&runner->mutex);
    for (int i = 0; i < runner->worker_count; i++) {
        pthread_join(runner->workers[i], NULL);
    }
    close_runner(runner);
    free(runner->workers);
    free(runner);
}

enum err job_run_due(struct scope *scope, struct catalog *catalog, const struct job_kind *kinds, size_t count,
                     int64_t *ret_count)
{
    struct job_runner runner;
    bool failed = false;
    *ret_count = 0;
    open_runner(&runner, catalog, kinds, count);
    while (!failed && runner.has_keeper && scope_check(scope) == ERR_OK && run_one(&runner, &failed, scope)) {
        ++*ret_count;
    }
    bool has_keeper = runner.has_keeper;
    close_runner(&runner);
    if (!has_keeper) {
        return fail(scope, ERR_BUSY, "no thread can be had for jobs");
    }
    return failed ? scope->failure.code : scope_check(scope);
}
