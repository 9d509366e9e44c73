#include "main/upkeep.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/bug.h"
#include "base/log.h"

#define PERIOD_SECONDS 60

struct upkeep {
    struct app *app;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    atomic_bool ends; /* changed under mutex */
};

static void work(struct upkeep *upkeep)
{
    struct scope scope;
    scope_open(&scope);
    scope.gone = &upkeep->ends;
    identity_upkeep(&scope, upkeep->app->identity);
    privacy_upkeep(&scope, upkeep->app->privacy);
    scope_close(&scope);
}

/* False: it is to end. */
static bool rest(struct upkeep *upkeep)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PERIOD_SECONDS;
    pthread_mutex_lock(&upkeep->mutex);
    while (!upkeep->ends &&
           pthread_cond_timedwait(&upkeep->ended, &upkeep->mutex, &until) == 0) {
    }
    pthread_mutex_unlock(&upkeep->mutex);
    return !upkeep->ends;
}

static void *run(void *argument)
{
    do {
        work(argument);
    } while (rest(argument));
    return NULL;
}

struct upkeep *upkeep_start(struct app *app)
{
    struct upkeep *upkeep = calloc(1, sizeof(*upkeep));
    pthread_condattr_t attributes;
    if (!upkeep) {
        bug_out_of_memory(sizeof(*upkeep));
    }
    upkeep->app = app;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&upkeep->mutex, NULL);
    pthread_cond_init(&upkeep->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&upkeep->thread, NULL, run, upkeep) != 0) {
        log_event(EV_UPKEEP_FAILED, "%s", "no thread can be had for it");
        free(upkeep);
        return NULL;
    }
    return upkeep;
}

void upkeep_stop(struct upkeep *upkeep)
{
    if (!upkeep) {
        return;
    }
    pthread_mutex_lock(&upkeep->mutex);
    upkeep->ends = true;
    pthread_cond_signal(&upkeep->ended);
    pthread_mutex_unlock(&upkeep->mutex);
    pthread_join(upkeep->thread, NULL);
    pthread_cond_destroy(&upkeep->ended);
    pthread_mutex_destroy(&upkeep->mutex);
    free(upkeep);
}
