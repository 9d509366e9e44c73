/*
 * The HTTP server: event loops (libmicrohttpd, epoll), lanes of workers, limits, draining.
 * Event loops never run a work handler.
 */
#ifndef PLATFORM_HTTP_SERVER_H
#define PLATFORM_HTTP_SERVER_H

#include "platform/http/exchange.h"

struct http_server;

struct exchange_summary {
    int status;
    usec duration;        /* from the complete request line to the last byte */
    uint64_t bytes_sent;  /* body, as on the wire before chunking */
    bool from_store;
    int64_t records;      /* response_records; -1: none were noted */
    bool complete;        /* false: the client left early */
};

struct http_options {
    const char *listen;          /* "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:0" */
    int loops;                   /* event-loop threads; 0: one per core */
    int quick_workers;           /* 0: two per core; not counting those busy with slow requests */
    int bulk_workers;            /* 0: one per core */
    int heavy_workers;           /* 0: two */
    int queue_limit;             /* waiting exchanges per lane; past it 503 with Retry-After */
    int heavy_queue_limit;       /* the same of the heavy lane; 0: 32 */
    int connection_limit;        /* 0: 4096 */
    int connection_limit_per_address; /* 0: none */
    usec idle_timeout;                /* for a request to arrive, and between bytes; 0: none */
    usec quick_deadline;         /* handler time, by lane */
    usec bulk_deadline;
    size_t header_limit_bytes;   /* request line and headers; 431 / 414 above */
    size_t stream_buffer_bytes;  /* per streamed answer, before back-pressure */
    const char *tls_certificate; /* PEM files; both NULL: no encryption */
    const char *tls_key;
    const char *const *trusted_proxies; /* addresses or networks ("10.0.0.0/8"), NULL-terminated; NULL: none */

    /* On the event loop, when the headers are complete: the most bytes that this request's body may
     * have; 0: none is expected. Above it 413, before the body is read. NULL: no bodies. */
    size_t (*body_limit)(struct exchange *exchange, void *user);

    /* On the event loop, must not block: answer from memory and return true, or return false and
     * choose the lane in which work will be called. */
    bool (*quick)(struct exchange *exchange, enum lane *ret_lane, void *user);
    /* On a worker. Must set a response. */
    void (*work)(struct exchange *exchange, void *user);
    /* On any thread, when the answer has been sent or the client has gone. */
    void (*done)(struct exchange *exchange, const struct exchange_summary *summary, void *user);
    /* Answers the server gives by itself (limits, full queues, malformed requests); on an event
     * loop or a worker. Must set a whole body. */
    void (*refuse)(struct exchange *exchange, int status, str message, void *user);
    void *user;
};

struct http_statistics {
    uint64_t connections_open;
    uint64_t requests_in_flight;
    uint64_t queued[LANE__COUNT];
    uint64_t workers_busy[LANE__COUNT];
    uint64_t refused_busy;
    uint64_t connections_cut; /* for clients that were too slow */
    uint64_t cookies_dropped; /* that an answer could not carry: faults of ours */
    uint64_t bodies_bytes;    /* of memory in request bodies now */
};

/** Starts listening. Errors: ERR_USAGE (address, TLS, proxies), ERR_FILE (port in use, with what to do). */
enum err http_server_start(struct scope *scope, const struct http_options *options,
                           struct http_server **ret_server) must_check;

/** Whether text has the form HOST:PORT that http_options.listen needs. */
bool http_is_listen_address(str text);

/** Whether text is an address or a network, as trusted_proxies has them. */
bool http_is_network(str text);

/**
 * Reads the two files and checks that they belong together; both NULL is well. Errors: ERR_USAGE,
 * naming tls-cert or tls-key and what to do.
 */
enum err http_check_tls(struct scope *scope, const char *certificate, const char *key) must_check;

/** Port actually bound. */
int http_server_port(const struct http_server *server);

void http_server_statistics(struct http_server *server, struct http_statistics *ret);

/**
 * Stops accepting, lets requests in flight finish for at most grace, cancels the rest, frees all.
 * Grace ends early when *hurry becomes non-zero; hurry may be NULL.
 */
void http_server_stop(struct http_server *server, usec grace, const volatile int *hurry);

/** Worker threads that a lane of a server with these options has: the most of its handlers at once. */
int http_worker_count(const struct http_options *options, enum lane lane);

#endif
