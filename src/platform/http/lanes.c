/*
 * Workers: lanes with bounded queues, so that neither exports nor sign-ins starve pages. Some exchanges are
 * not counted against the number worked on at once, and a spare worker goes on with the queue: in
 * the quick lane those that take long, so that slow queries do not hold up fast ones; in either
 * lane those that wait for their client, so that slow clients do not hold up exports. The heavy lane has
 * no spare workers: what it does is bounded by memory.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/bug.h"
#include "platform/http/internal.h"

#define SLOW_FROM_USEC 100000

#define HEAVY_WORKERS 2
#define HEAVY_QUEUE 32

static const int spare_share[LANE__COUNT] = {[LANE_QUICK] = 3, [LANE_BULK] = 8}; /* for each counted worker */

static int queue_limit(const struct http_options *options, enum lane lane)
{
    if (lane != LANE_HEAVY) {
        return options->queue_limit;
    }
    return options->heavy_queue_limit ? options->heavy_queue_limit : HEAVY_QUEUE;
}

bool lane_has_room(struct http_server *server, enum lane which)
{
    struct lane_queue *lane = &server->lanes[which];
    pthread_mutex_lock(&lane->mutex);
    bool room = lane->length < queue_limit(&server->options, which) && !server->stopping;
    pthread_mutex_unlock(&lane->mutex);
    return room;
}

void lane_push(struct http_server *server, struct exchange *exchange)
{
    struct lane_queue *lane = &server->lanes[exchange->lane];
    pthread_mutex_lock(&lane->mutex);
    if (lane->last) {
        lane->last->queue_next = exchange;
    } else {
        lane->first = exchange;
    }
    lane->last = exchange;
    lane->length++;
    pthread_cond_signal(&lane->filled);
    pthread_mutex_unlock(&lane->mutex);
}

/* Under the mutex: workers busy with what counts. */
static int count_busy(const struct lane_queue *lane)
{
    int count = 0;
    usec slow_since = lane->counts_slow ? 0 : clock_monotonic() - SLOW_FROM_USEC;
    for (int i = 0; i < lane->worker_count; i++) {
        const struct worker *worker = &lane->workers[i];
        count += worker->since > slow_since && !worker->waits;
    }
    return count;
}

static bool may_begin(const struct lane_queue *lane)
{
    return lane->first && (lane->busy < lane->limit || count_busy(lane) < lane->limit);
}

void worker_waits(struct worker *worker, bool waits)
{
    struct lane_queue *lane = worker->lane;
    pthread_mutex_lock(&lane->mutex);
    worker->waits = waits;
    if (waits && lane->busy < lane->worker_count && may_begin(lane)) {
        pthread_cond_signal(&lane->filled);
    }
    pthread_mutex_unlock(&lane->mutex);
}

void lanes_review(struct http_server *server)
{
    for (int i = 0; i < LANE__COUNT; i++) {
        struct lane_queue *lane = &server->lanes[i];
        pthread_mutex_lock(&lane->mutex);
        if (lane->busy < lane->worker_count && may_begin(lane)) {
            pthread_cond_signal(&lane->filled);
        }
        pthread_mutex_unlock(&lane->mutex);
    }
}

static struct exchange *lane_pop(struct worker *worker)
{
    struct lane_queue *lane = worker->lane;
    pthread_mutex_lock(&lane->mutex);
    while (!worker->server->stopping && !may_begin(lane)) {
        pthread_cond_wait(&lane->filled, &lane->mutex);
    }
    struct exchange *exchange = lane->first;
    if (exchange) {
        lane->first = exchange->queue_next;
        lane->last = lane->first ? lane->last : NULL;
        lane->length--;
        lane->busy++;
        worker->since = clock_monotonic();
    }
    pthread_mutex_unlock(&lane->mutex);
    return exchange;
}

static void lane_finished(struct worker *worker)
{
    struct lane_queue *lane = worker->lane;
    pthread_mutex_lock(&lane->mutex);
    lane->busy--;
    worker->since = 0;
    pthread_mutex_unlock(&lane->mutex);
}

static void work(struct http_server *server, struct exchange *exchange)
{
    exchange->scope.gone = &exchange->gone;
    server->options.work(exchange, server->options.user);
    if (exchange->stream.open) {
        exchange_end_stream(exchange, exchange->scope.failure.code != ERR_OK);
        return;
    }
    exchange_finish(exchange);
    exchange->stage = STAGE_READY;
    MHD_resume_connection(exchange->connection);
}

static void *run_worker(void *argument)
{
    struct worker *worker = argument;
    for (;;) {
        struct exchange *exchange = lane_pop(worker);
        if (!exchange) {
            return NULL;
        }
        exchange->worker = worker;
        work(worker->server, exchange);
        exchange_unref(exchange);
        lane_finished(worker);
    }
}

/* Workers of the lane that count, beside spare ones. */
static int lane_limit(const struct http_options *options, enum lane lane)
{
    int cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
    const struct {
        int wanted, usual;
    } limits[LANE__COUNT] = {[LANE_QUICK] = {options->quick_workers, cores * 2},
                             [LANE_BULK] = {options->bulk_workers, cores},
                             [LANE_HEAVY] = {options->heavy_workers, HEAVY_WORKERS}};
    return limits[lane].wanted ? limits[lane].wanted : limits[lane].usual;
}

static bool lane_start(struct http_server *server, enum lane which)
{
    struct lane_queue *lane = &server->lanes[which];
    int limit = lane_limit(&server->options, which);
    int spare = limit * spare_share[which];
    lane->counts_slow = which != LANE_QUICK;
    pthread_mutex_init(&lane->mutex, NULL);
    pthread_cond_init(&lane->filled, NULL);
    lane->limit = limit;
    lane->workers = calloc((size_t)(limit + spare), sizeof(*lane->workers));
    if (!lane->workers) {
        bug_out_of_memory(sizeof(*lane->workers));
    }
    bool started = true;
    for (int i = 0; i < limit + spare && started; i++) {
        struct worker *worker = &lane->workers[i];
        *worker = (struct worker){.server = server, .lane = lane};
        started = pthread_create(&worker->thread, NULL, run_worker, worker) == 0;
        pthread_mutex_lock(&lane->mutex);
        lane->worker_count += started;
        pthread_mutex_unlock(&lane->mutex);
    }
    return started;
}

int http_worker_count(const struct http_options *options, enum lane lane)
{
    return lane_limit(options, lane) * (1 + spare_share[lane]);
}

bool lanes_start(struct http_server *server)
{
    bool started = true;
    for (enum lane lane = 0; lane < LANE__COUNT; lane++) {
        started &= lane_start(server, lane); /* each, since lanes_stop ends each */
    }
    return started;
}

void lanes_stop(struct http_server *server)
{
    server->stopping = true;
    for (int i = 0; i < LANE__COUNT; i++) {
        struct lane_queue *lane = &server->lanes[i];
        pthread_mutex_lock(&lane->mutex);
        pthread_cond_broadcast(&lane->filled);
        pthread_mutex_unlock(&lane->mutex);
        for (int j = 0; j < lane->worker_count; j++) {
            pthread_join(lane->workers[j].thread, NULL);
        }
        free(lane->workers);
        pthread_cond_destroy(&lane->filled);
        pthread_mutex_destroy(&lane->mutex);
    }
}
