/* Workers: two lanes with bounded queues, so that exports never starve pages. */
#include <stdlib.h>
#include <unistd.h>

#include "base/bug.h"
#include "platform/http/internal.h"

struct worker_start {
    struct http_server *server;
    struct lane_queue *lane;
};

bool lane_has_room(struct http_server *server, enum lane which)
{
    struct lane_queue *lane = &server->lanes[which];
    pthread_mutex_lock(&lane->mutex);
    bool room = lane->length < server->options.queue_limit && !server->stopping;
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

static struct exchange *lane_pop(struct http_server *server, struct lane_queue *lane)
{
    pthread_mutex_lock(&lane->mutex);
    while (!lane->first && !server->stopping) {
        pthread_cond_wait(&lane->filled, &lane->mutex);
    }
    struct exchange *exchange = lane->first;
    if (exchange) {
        lane->first = exchange->queue_next;
        lane->last = lane->first ? lane->last : NULL;
        lane->length--;
        lane->busy++;
    }
    pthread_mutex_unlock(&lane->mutex);
    return exchange;
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
    struct worker_start start = *(struct worker_start *)argument;
    free(argument);
    for (;;) {
        struct exchange *exchange = lane_pop(start.server, start.lane);
        if (!exchange) {
            return NULL;
        }
        work(start.server, exchange);
        exchange_unref(exchange);
        pthread_mutex_lock(&start.lane->mutex);
        start.lane->busy--;
        pthread_mutex_unlock(&start.lane->mutex);
    }
}

static bool lane_start(struct http_server *server, struct lane_queue *lane, int workers)
{
    pthread_mutex_init(&lane->mutex, NULL);
    pthread_cond_init(&lane->filled, NULL);
    lane->workers = calloc((size_t)workers, sizeof(*lane->workers));
    for (; lane->worker_count < workers; lane->worker_count++) {
        struct worker_start *start = malloc(sizeof(*start));
        if (!start || !lane->workers) {
            bug_out_of_memory(sizeof(*start));
        }
        *start = (struct worker_start){server, lane};
        if (pthread_create(&lane->workers[lane->worker_count], NULL, run_worker, start) != 0) {
            free(start);
            return false;
        }
    }
    return true;
}

bool lanes_start(struct http_server *server)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int quick = server->options.quick_workers;
    int bulk = server->options.bulk_workers;
    bool started = lane_start(server, &server->lanes[LANE_QUICK], quick ? quick : (int)cores * 2);
    return started && lane_start(server, &server->lanes[LANE_BULK], bulk ? bulk : (int)cores);
}

void lanes_stop(struct http_server *server)
{
    server->stopping = true;
    for (int i = 0; i < 2; i++) {
        struct lane_queue *lane = &server->lanes[i];
        pthread_mutex_lock(&lane->mutex);
        pthread_cond_broadcast(&lane->filled);
        pthread_mutex_unlock(&lane->mutex);
        for (int j = 0; j < lane->worker_count; j++) {
            pthread_join(lane->workers[j], NULL);
        }
        free(lane->workers);
        pthread_cond_destroy(&lane->filled);
        pthread_mutex_destroy(&lane->mutex);
    }
}
