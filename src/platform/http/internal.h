/*
 * What the files of this directory share. An exchange has two holders: the connection (event loop)
 * and, while it works, a worker; the last one frees it. The lock of the server or of a stream is
 * taken before that of a connection or a lane, never after.
 */
#ifndef PLATFORM_HTTP_INTERNAL_H
#define PLATFORM_HTTP_INTERNAL_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/vec.h"
#include "platform/http/address.h"
#include "platform/http/server.h"
#include "platform/pack/encode.h"

#define LOWEST_RATE_BYTES                                                                          \
    8192 /* a second that a client must take or send, on average over the idle timeout */
#define SERVER_BUSY S("The server is busy. Try again in a moment.")
#define JOINED_LINES 16 /* of one header; joining without end would take memory */

enum stage { STAGE_NEW, STAGE_RECEIVED, STAGE_WORKING, STAGE_READY };

struct header {
    str name, value;
};

/* Request headers that the server itself reads. */
enum known_header {
    HEADER_HOST,
    HEADER_CONTENT_LENGTH,
    HEADER_TRANSFER_ENCODING,
    HEADER_ACCEPT_ENCODING,
    HEADER_IF_NONE_MATCH,
    HEADER_COOKIE,
    HEADER_FORWARDED_FOR,
    HEADER_AUTHORIZATION,
    HEADER_USER_AGENT,
    HEADER_REFERER,
    HEADER_ACCEPT_LANGUAGE,
    HEADER_SEC_GPC,
    HEADER_DNT,
    HEADER_SEC_PURPOSE,
    HEADER_PURPOSE,
    HEADER_X_PURPOSE,
    HEADER_X_MOZ,
    HEADER_SEC_FETCH_DEST,
    HEADER__COUNT
};

/*
 * A header may stand in several lines; lists are then joined with commas (RFC 9110 5.3). Of Cookie,
 * which is no such list, text is the first line until exchange_cookies.
 */
struct header_value {
    str text; /* STR_NONE without any */
    int lines;
    size_t bytes; /* of all lines */
};

struct stored_response {
    atomic_int references;
    int status;
    size_t size;  /* of memory, about */
    size_t bytes; /* of the body */
    int64_t records; /* that it holds; -1: not noted */
    str etag;     /* in memory of its own */
    struct MHD_Response *response;
    const char *body; /* in response */
};

/* An open connection, as the watchdog sees it. Lives until the library closes the socket. */
struct connection {
    struct http_server *server;
    struct connection *previous, *next; /* guarded by server->mutex */
    int socket;
    pthread_mutex_t mutex;     /* guards what follows */
    struct exchange *exchange; /* from the request line to the last byte; NULL between requests */
    bool awaits_request;       /* no complete one has come since the last answer */
    bool awaits_body;          /* … only its headers */
    usec body_from;            /* when the body was first awaited */
    bool has_ended;            /* the client sends nothing more */
    usec cut_at; /* the client must have done its part by then; 0: nothing is awaited */
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
    usec slow_from;     /* start of the time in which the client is measured; 0: it keeps up */
    uint64_t slow_sent; /* bytes it had taken then */
    atomic_bool asleep; /* the connection is suspended for want of bytes; changed under mutex */
    struct encoder *encoder;
    struct buf encoded;
};

struct exchange {
    struct http_server *server;
    struct MHD_Connection *connection;
    struct connection *link; /* NULL when the request is over; guarded by stream.mutex */
    atomic_int references;
    struct scope scope;
    atomic_bool gone;
    enum stage stage;
    enum lane lane;
    struct worker *worker;
    enum http_method method;
    str raw_path, raw_query; /* in scope's arena */
    char id[16];             /* hex digits */
    str host;                /* checked; empty when the client names none */
    struct header_value known[HEADER__COUNT]; /* views into the library's memory */
    bool is_http_1_0;
    bool has_bad_header; /* a name with a blank in it, which others may read as another name */
    size_t head_bytes;      /* of target and headers */
    bool expects_body;
    bool has_read_cookies;
    bool has_client;
    struct address client;   /* once has_client */
    size_t body_limit;       /* of the request */
    struct buf request_body;
    size_t body_received;    /* bytes, also of a body that is refused and not kept */
    int body_refused;        /* status to answer when the body has come; 0: it is good */
    usec started;
    atomic_bool suspended; /* a worker has it: the watchdog looks at the socket */
    bool has_accepted;
    struct accepted accepted;      /* of Accept-Encoding, once has_accepted */
    enum content_encoding matched; /* of the tag in If-None-Match that is current */

    void *attached; /* exchange_attach */
    _Atomic int64_t records;

    int status;
    VEC(struct header) headers;
    VEC(struct header) own_headers; /* of this client alone: never kept */
    VEC(struct header) cookies; /* name, and the whole value of Set-Cookie */
    str content_type;
    str etag;
    bool not_modified;
    struct buf body;
    size_t body_bytes;              /* of response, as on the wire */
    struct stored_response *stored; /* answer with this */
    struct MHD_Response *response;  /* finished, to be queued */
    const char *response_bytes;     /* its body */
    bool stored_now;                /* made by this exchange, not found in a cache */
    bool discards_body;             /* a stream asked for by HEAD */
    struct stream stream;
    struct exchange_summary summary;
    struct exchange *queue_next;
};

struct worker {
    struct http_server *server;
    struct lane_queue *lane;
    pthread_t thread;
    usec since; /* of the exchange it works on; 0: idle; guarded by lane->mutex */
    bool waits; /* for the client to take bytes; guarded by lane->mutex */
};

struct lane_queue {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    struct exchange *first, *last;
    int length;
    int busy;
    int worker_count;
    int limit;              /* exchanges worked on at once, not counting those in lanes.c */
    bool counts_slow;       /* those that take long count, too */
    struct worker *workers; /* more than limit: the others are spare */
};

struct http_server {
    struct http_options options;
    struct MHD_Daemon *daemon;
    int port;
    struct lane_queue lanes[LANE__COUNT];
    int listener;
    pthread_mutex_t mutex; /* guards connections */
    struct connection *connections;
    atomic_int in_flight;
    uint64_t id_seed;        /* of requests: by chance, so that ids of two servers differ */
    atomic_ullong id_count;
    atomic_ullong refused_busy;
    atomic_ullong cut;
    atomic_ullong cookies_dropped;
    atomic_size_t bodies_bytes; /* of all request bodies in memory */
    struct network *trusted;    /* proxies */
    size_t trusted_count;
    atomic_bool draining; /* no further requests are wanted */
    atomic_bool stopping; /* the threads end */
    pthread_t watchdog;
};

void exchange_unref(struct exchange *exchange);

/* ---- requests ---- */

/*
 * Reads target, Host and the framing of the body; false: the request is refused with the status and
 * message. Loop only, when the headers are complete.
 */
bool request_check(struct exchange *exchange, int *ret_status, str *ret_message);

/*
 * Takes a piece of the body. False: the client sends on and on, beyond what is refused; the
 * connection is to be closed. Loop only.
 */
bool body_add(struct exchange *exchange, str piece);

void body_free(struct exchange *exchange);

/* Why the body was refused, for people. */
str body_refusal(const struct exchange *exchange);

/* What the client says about encodings. */
const struct accepted *exchange_accepted(struct exchange *exchange);

/* ---- responses ---- */

/* Makes the MHD response of a finished whole body, or of a stored one. Worker or loop. */
void exchange_finish(struct exchange *exchange);

void exchange_add_headers(struct exchange *exchange, struct MHD_Response *response,
                          enum content_encoding encoding, bool varies);

/* Takes back all cookies of the answer, counts and logs them. */
void cookies_drop(struct exchange *exchange, const char *why);

/* Makes cookies and Cache-Control agree, before the headers are made (cookies-and-privacy.md 2.4). */
void cookies_settle(struct exchange *exchange);

/* Adds the headers that are this client's alone. */
void exchange_add_own_headers(struct exchange *exchange, struct MHD_Response *response);

/* Ends a stream after the handler; failed: cut the connection. */
void exchange_end_stream(struct exchange *exchange, bool failed);

/* Sends what is ready. Loop only. */
enum MHD_Result exchange_send(struct exchange *exchange);

/* ---- connections ---- */

/* Told by the library when a connection opens and closes. */
void connection_notify(void *user, struct MHD_Connection *connection, void **context,
                       enum MHD_ConnectionNotificationCode what);

/* A request begins, is complete, is over. */
void connection_begin(struct connection *connection, struct exchange *exchange);
void connection_received(struct connection *connection);

/* The headers are complete, and so many bytes of the body have come; 0: it is awaited from now on. */
void connection_receives(struct connection *connection, size_t bytes);
void connection_end(struct connection *connection);

/* The client should now take so many bytes; -1: as long as the worker's deadline allows. */
void connection_sends(struct connection *connection, int64_t bytes);

/* Ends a connection at once, from any thread that knows it to be open. */
void connection_cut(struct connection *connection);

/* Asks connections without a request to end, as far as the library has not read the next one. */
void connections_drain(struct http_server *server);

/* Tells every worker that nobody waits for its answer. */
void connections_abandon(struct http_server *server);

/* The watchdog's thread; its argument is the server. */
void *connections_watch(void *server);

/* ---- lanes ---- */

/* Whether a lane's queue takes another exchange. Each loop may be one too late, which does no harm. */
bool lane_has_room(struct http_server *server, enum lane lane);
void lane_push(struct http_server *server, struct exchange *exchange);

/* Lets further workers begin where exchanges wait behind slow ones. */
void lanes_review(struct http_server *server);

/* A worker begins or ends to wait for its client. */
void worker_waits(struct worker *worker, bool waits);

/* ---- TLS ---- */

/* A certificate and its key, as the library wants them: PEM texts that end with NUL. */
struct tls_files {
    struct buf certificate;
    struct buf key;
};

/* Errors: ERR_USAGE, with what to do. */
enum err tls_read(struct scope *scope, const char *certificate, const char *key,
                  struct tls_files *ret_files) must_check;

/* Forgets the key, too. */
void tls_done(struct tls_files *files);

bool lanes_start(struct http_server *server);
void lanes_stop(struct http_server *server);

#endif
