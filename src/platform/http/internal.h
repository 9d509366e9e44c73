/*
 * What the files of this directory share. An exchange has two holders: the connection (event loop)
 * and, while it works, a worker; the last one frees it.
 */
#ifndef PLATFORM_HTTP_INTERNAL_H
#define PLATFORM_HTTP_INTERNAL_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/vec.h"
#include "platform/http/encode.h"
#include "platform/http/server.h"

enum stage { STAGE_NEW, STAGE_RECEIVED, STAGE_WORKING, STAGE_READY };

struct header {
    str name, value;
};

struct stored_response {
    atomic_int references;
    int status;
    size_t size;
    str etag; /* in memory of its own */
    struct MHD_Response *bodies[ENCODE__COUNT]; /* [0] always; others may be NULL */
    struct MHD_Response *not_modified;          /* NULL without etag */
};

/* The pipe between a worker that writes and the event loop that sends. */
struct stream {
    pthread_mutex_t mutex;
    pthread_cond_t drained;
    struct buf waiting; /* written, not yet sent */
    size_t sent;        /* of waiting */
    bool open;          /* response_stream was called */
    bool ended;         /* the worker is done */
    bool broken;        /* … but failed half-way */
    bool asleep;        /* the connection is suspended for want of bytes */
    struct encoder *encoder;
    struct buf encoded;
};

struct exchange {
    struct http_server *server;
    struct MHD_Connection *connection;
    struct exchange *previous, *next; /* guarded by server->mutex */
    atomic_int references;
    struct scope scope;
    volatile bool gone;
    enum stage stage;
    enum lane lane;
    enum http_method method;
    str raw_path, raw_query; /* in scope's arena */
    usec started;
    bool suspended; /* guarded by server->mutex: the watchdog looks at its socket */
    int socket;

    int status;
    VEC(struct header) headers;
    str content_type;
    str etag;
    bool not_modified;
    struct buf body;
    struct stored_response *stored; /* answer with this */
    struct MHD_Response *response;  /* finished, to be queued */
    bool stored_now;                /* made by this exchange, not found in a cache */
    bool discards_body;             /* a stream asked for by HEAD */
    struct stream stream;
    struct exchange_summary summary;
    struct exchange *queue_next;
};

struct lane_queue {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    struct exchange *first, *last;
    int length;
    int busy;
    int worker_count;
    pthread_t *workers;
};

struct http_server {
    struct http_options options;
    struct MHD_Daemon *daemon;
    int port;
    struct lane_queue lanes[2];
    pthread_mutex_t mutex; /* guards exchanges */
    struct exchange *exchanges;
    atomic_int in_flight;
    atomic_ullong refused_busy;
    volatile bool stopping;
    pthread_t watchdog;
};

void exchange_unref(struct exchange *exchange);

/* Makes the MHD response of a finished whole body, or of a stored one. Worker or loop. */
void exchange_finish(struct exchange *exchange);

/* Ends a stream after the handler; failed: cut the connection. */
void exchange_end_stream(struct exchange *exchange, bool failed);

/* Sends what is ready. Loop only. */
enum MHD_Result exchange_send(struct exchange *exchange);

/* Sleeping streams continue, so that the loop sees new bytes or the end. */
void exchange_wake(struct exchange *exchange);

/* Whether a lane's queue takes another exchange. Each loop may be one too late, which does no harm. */
bool lane_has_room(struct http_server *server, enum lane lane);
void lane_push(struct http_server *server, struct exchange *exchange);
bool lanes_start(struct http_server *server);
void lanes_stop(struct http_server *server);

#endif
