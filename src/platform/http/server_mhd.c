/*
 * libmicrohttpd with epoll: the loops read requests, ask options.quick, and otherwise suspend the
 * connection until a worker has an answer.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/num.h"
#include "platform/http/internal.h"

#define DEFAULT_CONNECTION_LIMIT 4096
#define HEAD_ROOM_BYTES 32768 /* that the library needs beside the headers, to answer that they are too large */
#define TLS_PRIORITIES                                                                             \
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-AES-128-CBC:-AES-256-CBC:-SHA1:"          \
    "%SERVER_PRECEDENCE"
#define ABANDON_USEC (2 * USEC_SECOND) /* for workers and clients that were told to end */

static enum http_method method_of(const char *text)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (strcmp(text, names[i]) == 0) { /* NOLINT: the library's text */
            return (enum http_method)i;
        }
    }
    return HTTP_OTHER;
}

static void exchange_free(struct exchange *exchange)
{
    if (exchange->response) {
        MHD_destroy_response(exchange->response);
    }
    stored_response_unref(exchange->stored);
    buf_done(&exchange->body);
    body_free(exchange);
    buf_done(&exchange->stream.waiting);
    buf_done(&exchange->stream.encoded);
    encoder_close(exchange->stream.encoder);
    pthread_cond_destroy(&exchange->stream.drained);
    pthread_mutex_destroy(&exchange->stream.mutex);
    scope_close(&exchange->scope);
    free(exchange);
}

void exchange_unref(struct exchange *exchange)
{
    if (atomic_fetch_sub(&exchange->references, 1) == 1) {
        exchange_free(exchange);
    }
}

/* Numbers in a row, mixed so that each gives another id (splitmix64, a bijection). */
static void make_id(struct http_server *server, char ret_id[16])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t mixed = server->id_seed + atomic_fetch_add(&server->id_count, 1) * UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    mixed ^= mixed >> 31;
    for (int i = 0; i < 16; i++) {
        ret_id[i] = digits[mixed >> (60 - 4 * i) & 15];
    }
}

static void *begin_request(void *user, const char *uri, struct MHD_Connection *connection)
{
    struct http_server *server = user;
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    if (!exchange) {
        bug_out_of_memory(sizeof(*exchange));
    }
    scope_open(&exchange->scope);
    exchange->server = server;
    exchange->connection = connection;
    exchange->references = 1;
    exchange->status = MHD_HTTP_OK;
    exchange->records = -1;
    exchange->started = clock_monotonic();
    make_id(server, exchange->id);
    pthread_mutex_init(&exchange->stream.mutex, NULL);
    pthread_cond_init(&exchange->stream.drained, NULL);
    str target = str_copy(&exchange->scope.arena, str_from(uri));
    size_t mark = str_find_char(target, '?', 0);
    exchange->raw_path = str_slice(target, 0, mark);
    if (mark != SIZE_MAX) {
        exchange->raw_query = str_slice(target, mark + 1, target.n);
    }
    const union MHD_ConnectionInfo *facts =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    exchange->link = facts->socket_context;
    connection_begin(exchange->link, exchange);
    atomic_fetch_add(&server->in_flight, 1);
    return exchange;
}

static enum MHD_Result refuse(struct exchange *exchange, int status, str message)
{
    struct http_server *server = exchange->server;
    exchange->status = status;
    server->options.refuse(exchange, status, message, server->options.user);
    exchange_finish(exchange);
    exchange->stage = STAGE_READY;
    return exchange_send(exchange);
}

static enum MHD_Result check_request(struct exchange *exchange)
{
    int status;
    str message;
    connection_received(exchange->link);
    if (!request_check(exchange, &status, &message)) {
        response_header(exchange, S("Connection"), S("close"));
        return refuse(exchange, status, message);
    }
    if (exchange->expects_body) {
        connection_receives(exchange->link, 0);
    }
    exchange->stage = STAGE_RECEIVED;
    return MHD_YES;
}

static enum MHD_Result take_body(struct exchange *exchange, str piece)
{
    connection_receives(exchange->link, exchange->body_received + piece.n);
    if (body_add(exchange, piece)) {
        return MHD_YES;
    }
    exchange->summary.status = exchange->body_refused;
    return MHD_NO;
}

static enum MHD_Result refuse_busy(struct exchange *exchange)
{
    atomic_fetch_add(&exchange->server->refused_busy, 1);
    response_header(exchange, S("Retry-After"), S("1"));
    return refuse(exchange, MHD_HTTP_SERVICE_UNAVAILABLE, SERVER_BUSY);
}

static enum MHD_Result refuse_body(struct exchange *exchange)
{
    response_header(exchange, S("Connection"), S("close"));
    return exchange->body_refused == MHD_HTTP_SERVICE_UNAVAILABLE
               ? refuse_busy(exchange)
               : refuse(exchange, exchange->body_refused, body_refusal(exchange));
}

static enum MHD_Result hand_over(struct exchange *exchange)
{
    struct http_server *server = exchange->server;
    if (server->options.quick(exchange, &exchange->lane, server->options.user)) {
        exchange_finish(exchange);
        exchange->stage = STAGE_READY;
        return exchange_send(exchange);
    }
    usec allowed = exchange->lane == LANE_BULK ? server->options.bulk_deadline
                                               : server->options.quick_deadline;
    exchange->scope.deadline = allowed ? clock_monotonic() + allowed : 0;
    if (!lane_has_room(server, exchange->lane)) {
        return refuse_busy(exchange);
    }
    exchange->stage = STAGE_WORKING;
    atomic_fetch_add(&exchange->references, 1);
    exchange->suspended = true;
    MHD_suspend_connection(exchange->connection);
    lane_push(server, exchange);
    return MHD_YES;
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    (void)user;
    (void)connection;
    (void)url;
    struct exchange *exchange = *state;
    switch (exchange->stage) {
    case STAGE_NEW:
        exchange->method = method_of(method);
        exchange->is_http_1_0 = str_eq(str_from(version), S("HTTP/1.0"));
        return check_request(exchange);
    case STAGE_RECEIVED:
        if (*upload_size) {
            str piece = {upload, *upload_size};
            *upload_size = 0;
            return take_body(exchange, piece);
        }
        if (exchange->expects_body) {
            connection_received(exchange->link);
        }
        return exchange->body_refused ? refuse_body(exchange) : hand_over(exchange);
    case STAGE_WORKING:
        return MHD_YES;
    case STAGE_READY:
        exchange->suspended = false;
        return exchange_send(exchange);
    }
    return MHD_NO;
}

/* Of an answer that the library gave by itself, as to headers that are too long. */
static int library_status(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *facts =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_HTTP_STATUS);
    return facts ? (int)facts->http_status : 0;
}

static void on_completed(void *user, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    struct http_server *server = user;
    struct exchange *exchange = *state;
    if (!exchange) {
        return;
    }
    *state = NULL;
    connection_end(exchange->link);
    pthread_mutex_lock(&exchange->stream.mutex);
    exchange->gone = true;
    exchange->link = NULL;
    exchange->stream.asleep = false;
    pthread_cond_broadcast(&exchange->stream.drained);
    pthread_mutex_unlock(&exchange->stream.mutex);
    exchange->summary.duration = clock_monotonic() - exchange->started;
    if (exchange->summary.status == 0) {
        exchange->summary.status = library_status(connection);
    }
    exchange->summary.records = exchange->records;
    exchange->summary.complete = why == MHD_REQUEST_TERMINATED_COMPLETED_OK;
    if (server->options.done) {
        server->options.done(exchange, &exchange->summary, server->options.user);
    }
    atomic_fetch_sub(&server->in_flight, 1);
    exchange_unref(exchange);
}

/* ---- starting and stopping ---- */

/* Splits HOST:PORT, [ADDRESS]:PORT or PORT; without a host the local one is meant. */
static bool split_listen(str text, str *ret_host, str *ret_port)
{
    size_t colon = SIZE_MAX;
    for (size_t i = 0; i < text.n; i++) {
        colon = text.p[i] == ':' ? i : colon;
    }
    str host = str_slice(text, 0, colon == SIZE_MAX ? 0 : colon);
    str port = colon == SIZE_MAX ? text : str_slice(text, colon + 1, text.n);
    int64_t number;
    if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']') {
        host = str_slice(host, 1, host.n - 1);
    }
    *ret_host = host.n ? host : S("127.0.0.1");
    *ret_port = port;
    return port.n && is_ascii_digit(port.p[0]) && num_read_int(port, &number) && number <= 65535;
}

bool http_is_listen_address(str text)
{
    str host;
    str port;
    return split_listen(text, &host, &port);
}

static enum err bind_address(struct scope *scope, const char *listen_text, int *ret_socket)
{
    str host;
    str port;
    if (!split_listen(str_from(listen_text), &host, &port)) {
        return fail(scope, ERR_USAGE, "listen: '%s' was given, HOST:PORT is expected", listen_text);
    }
    struct addrinfo wanted = {.ai_family = AF_UNSPEC,
                              .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    const char *host_text = str_cz(&scope->arena, host);
    if (getaddrinfo(host_text, str_cz(&scope->arena, port), &wanted, &found) != 0) {
        return fail(scope, ERR_USAGE, "listen: the address '%s' is not known", host_text);
    }
    int yes = 1;
    int handle = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (handle >= 0) {
        setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    }
    bool bound = handle >= 0 && bind(handle, found->ai_addr, found->ai_addrlen) == 0 &&
                 listen(handle, SOMAXCONN) == 0;
    int cause = errno;
    freeaddrinfo(found);
    if (!bound) {
        if (handle >= 0) {
            close(handle);
        }
        return fail(scope, ERR_FILE,
                    "listen: %s cannot be used (%s); choose another address with --listen",
                    listen_text, strerror(cause));
    }
    *ret_socket = handle;
    return ERR_OK;
}

static int bound_port(int handle)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    if (getsockname(handle, (struct sockaddr *)&address, &length) != 0) {
        return 0;
    }
    return address.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&address)->sin6_port)
                                         : ntohs(((struct sockaddr_in *)&address)->sin_port);
}

/* Reads the networks of proxies into server->trusted. */
static enum err read_trusted(struct scope *scope, struct http_server *server)
{
    const char *const *given = server->options.trusted_proxies;
    size_t count = 0;
    while (given && given[count]) {
        count++;
    }
    server->trusted = calloc(count + 1, sizeof(*server->trusted));
    if (!server->trusted) {
        bug_out_of_memory(sizeof(*server->trusted));
    }
    for (size_t i = 0; i < count; i++) {
        if (!network_read(str_from(given[i]), &server->trusted[i])) {
            return fail(scope, ERR_USAGE,
                        "trusted-proxy: '%s' was given, an address or a network as in "
                        "10.0.0.0/8 is expected",
                        given[i]);
        }
    }
    server->trusted_count = count;
    return ERR_OK;
}

bool http_is_network(str text)
{
    struct network network;
    return network_read(text, &network);
}

static struct MHD_Daemon *start_daemon(struct http_server *server, int socket,
                                       const struct tls_files *tls)
{
    const struct http_options *options = &server->options;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned loops = (unsigned)(options->loops ? options->loops : cores);
    unsigned limit = (unsigned)(options->connection_limit ? options->connection_limit
                                                          : DEFAULT_CONNECTION_LIMIT);
    struct MHD_OptionItem extra[] = {
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)limit, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->connection_limit_per_address, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT,
         (intptr_t)((options->idle_timeout + USEC_SECOND - 1) / USEC_SECOND), NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)(options->header_limit_bytes + HEAD_ROOM_BYTES), NULL},
        {loops > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)loops, NULL},
        {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem encryption[] = {
        {options->tls_key ? MHD_OPTION_HTTPS_MEM_KEY : MHD_OPTION_END, 0, tls->key.p},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, tls->certificate.p},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES},
        {MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
                     (options->tls_key ? MHD_USE_TLS : 0);
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET,
                            socket, MHD_OPTION_URI_LOG_CALLBACK, begin_request, server,
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
                            MHD_OPTION_NOTIFY_CONNECTION, connection_notify, server,
                            MHD_OPTION_ARRAY, extra, MHD_OPTION_ARRAY, encryption, MHD_OPTION_END);
}

static void server_free(struct http_server *server)
{
    pthread_mutex_destroy(&server->mutex);
    free(server->trusted);
    free(server);
}

/* Starts the threads on a bound socket. */
static enum err start_threads(struct scope *scope, struct http_server *server,
                              const struct tls_files *tls)
{
    bool works = lanes_start(server);
    bool watches = works && pthread_create(&server->watchdog, NULL, connections_watch, server) == 0;
    server->daemon = watches ? start_daemon(server, server->listener, tls) : NULL;
    if (server->daemon) {
        return ERR_OK;
    }
    int cause = errno;
    lanes_stop(server);
    if (watches) {
        pthread_join(server->watchdog, NULL);
    }
    return fail(scope, ERR_FILE,
                "the HTTP server could not be started (%s); raise the limits on threads and open "
                "files, or lower --loops and the numbers of workers",
                strerror(cause));
}

/* Reads what the options name, binds and starts. */
static enum err start(struct scope *scope, struct http_server *server, struct tls_files *tls)
{
    const struct http_options *options = &server->options;
    TRY(read_trusted(scope, server));
    TRY(tls_read(scope, options->tls_certificate, options->tls_key, tls));
    TRY(bind_address(scope, options->listen, &server->listener));
    server->port = bound_port(server->listener);
    enum err result = start_threads(scope, server, tls);
    if (result != ERR_OK) {
        close(server->listener);
    }
    return result;
}

enum err http_server_start(struct scope *scope, const struct http_options *options,
                           struct http_server **ret_server)
{
    struct tls_files tls = {0};
    struct http_server *server = calloc(1, sizeof(*server));
    if (!server) {
        bug_out_of_memory(sizeof(*server));
    }
    if (getrandom(&server->id_seed, sizeof(server->id_seed), 0) != sizeof(server->id_seed)) {
        server->id_seed = (uint64_t)clock_wall();
    }
    signal(SIGPIPE, SIG_IGN);
    server->options = *options;
    pthread_mutex_init(&server->mutex, NULL);
    enum err result = start(scope, server, &tls);
    tls_done(&tls);
    if (result != ERR_OK) {
        server_free(server);
        return result;
    }
    *ret_server = server;
    return ERR_OK;
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

void http_server_statistics(struct http_server *server, struct http_statistics *ret)
{
    const union MHD_DaemonInfo *facts =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    *ret = (struct http_statistics){
        .connections_open = facts ? facts->num_connections : 0,
        .requests_in_flight = (uint64_t)server->in_flight,
        .refused_busy = server->refused_busy,
        .connections_cut = server->cut,
        .cookies_dropped = server->cookies_dropped,
        .bodies_bytes = server->bodies_bytes,
    };
    for (int i = 0; i < LANE__COUNT; i++) {
        struct lane_queue *lane = &server->lanes[i];
        pthread_mutex_lock(&lane->mutex);
        ret->queued[i] = (uint64_t)lane->length;
        ret->workers_busy[i] = (uint64_t)lane->busy;
        pthread_mutex_unlock(&lane->mutex);
    }
}

static bool wait_until_idle(struct http_server *server, usec until, const volatile int *hurry)
{
    while (server->in_flight > 0 && clock_monotonic() < until && !(hurry && *hurry)) {
        usleep(10000);
    }
    return server->in_flight == 0;
}

void http_server_stop(struct http_server *server, usec grace, const volatile int *hurry)
{
    server->draining = true;
    int socket = MHD_quiesce_daemon(server->daemon);
    if (socket >= 0) {
        shutdown(socket, SHUT_RDWR); /* who connects now is to be refused, not to wait */
    }
    connections_drain(server);
    if (!wait_until_idle(server, clock_monotonic() + grace, hurry)) {
        connections_abandon(server);
        wait_until_idle(server, clock_monotonic() + ABANDON_USEC, NULL);
    }
    lanes_stop(server);
    MHD_stop_daemon(server->daemon);
    pthread_join(server->watchdog, NULL);
    if (socket >= 0) {
        close(socket);
    }
    server_free(server);
}
