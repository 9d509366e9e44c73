/*
 * Open connections and the watchdog over them. The library closes a connection only when nothing
 * moves, so a client that sends or takes a byte now and then could stay for ever: each connection
 * has a time by which the client must have done its part. The watchdog also looks at the sockets of
 * suspended connections, because the library does not notice that a client has left them.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bug.h"
#include "platform/http/internal.h"

#define WATCHDOG_PERIOD_USEC 50000
#define UNSENT_BYTES 65536
#define ENDED_USEC 500000 /* for the library to notice by itself that no request follows */

/*
 * Keeps little unsent in the kernel. Else the library would see nothing move, for longer than the
 * idle timeout, while a slow client takes megabytes that are already there.
 */
static void limit_unsent(int socket)
{
    int bytes = UNSENT_BYTES;
    setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof(bytes));
}

static void connection_add(struct http_server *server, struct MHD_Connection *connection,
                           void **context)
{
    struct connection *link = calloc(1, sizeof(*link));
    if (!link) {
        bug_out_of_memory(sizeof(*link));
    }
    const union MHD_ConnectionInfo *facts =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    link->server = server;
    link->socket = facts ? facts->connect_fd : -1;
    limit_unsent(link->socket);
    pthread_mutex_init(&link->mutex, NULL);
    connection_end(link);
    pthread_mutex_lock(&server->mutex);
    link->next = server->connections;
    if (link->next) {
        link->next->previous = link;
    }
    server->connections = link;
    pthread_mutex_unlock(&server->mutex);
    *context = link;
}

static void connection_remove(struct http_server *server, struct connection *link)
{
    pthread_mutex_lock(&server->mutex);
    if (link->previous) {
        link->previous->next = link->next;
    } else {
        server->connections = link->next;
    }
    if (link->next) {
        link->next->previous = link->previous;
    }
    pthread_mutex_unlock(&server->mutex);
    pthread_mutex_destroy(&link->mutex);
    free(link);
}

void connection_notify(void *user, struct MHD_Connection *connection, void **context,
                       enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        connection_add(user, connection, context);
    } else if (*context) {
        connection_remove(user, *context);
        *context = NULL;
    }
}

/* ---- the client's part ---- */

static void await(struct connection *connection, usec extra)
{
    usec patience = connection->server->options.idle_timeout;
    connection->cut_at = patience ? clock_monotonic() + patience + extra : 0;
}

void connection_begin(struct connection *connection, struct exchange *exchange)
{
    pthread_mutex_lock(&connection->mutex);
    connection->exchange = exchange;
    pthread_mutex_unlock(&connection->mutex);
}

void connection_received(struct connection *connection)
{
    pthread_mutex_lock(&connection->mutex);
    connection->cut_at = 0;
    connection->awaits_request = false;
    connection->awaits_body = false;
    pthread_mutex_unlock(&connection->mutex);
}

void connection_receives(struct connection *connection, size_t bytes)
{
    usec patience = connection->server->options.idle_timeout;
    pthread_mutex_lock(&connection->mutex);
    if (!connection->awaits_body) {
        connection->body_from = clock_monotonic();
        connection->awaits_body = true;
    }
    usec earned = (usec)bytes * USEC_SECOND / LOWEST_RATE_BYTES;
    if (!connection->has_ended) {
        connection->cut_at = patience ? connection->body_from + patience + earned : 0;
    }
    pthread_mutex_unlock(&connection->mutex);
}

void connection_sends(struct connection *connection, int64_t bytes)
{
    pthread_mutex_lock(&connection->mutex);
    if (bytes < 0) {
        connection->cut_at = 0;
    } else {
        await(connection, bytes * USEC_SECOND / LOWEST_RATE_BYTES);
    }
    pthread_mutex_unlock(&connection->mutex);
}

void connection_end(struct connection *connection)
{
    pthread_mutex_lock(&connection->mutex);
    connection->exchange = NULL;
    connection->awaits_request = true;
    connection->awaits_body = false;
    connection->has_ended = false;
    await(connection, 0);
    pthread_mutex_unlock(&connection->mutex);
    if (connection->server->draining) {
        shutdown(connection->socket, SHUT_RD);
    }
}

void connection_cut(struct connection *connection)
{
    shutdown(connection->socket, SHUT_RDWR);
}

/* ---- the watchdog ---- */

/* While draining, the reading side is closed by us. */
static bool has_left(const struct connection *connection)
{
    short signs = POLLHUP | POLLERR;
    if (!connection->server->draining) {
        signs |= POLLRDHUP;
    }
    struct pollfd look = {.fd = connection->socket, .events = signs};
    return poll(&look, 1, 0) == 1 && (look.revents & signs);
}

/*
 * Whether the client has ended its side and all of it was read. The library misses an end that
 * comes together with bytes, and would keep the connection until the idle timeout.
 */
static bool sends_no_more(const struct connection *connection)
{
    char byte;
    struct pollfd look = {.fd = connection->socket, .events = POLLRDHUP};
    return poll(&look, 1, 0) == 1 &&
           recv(connection->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void look(struct connection *connection, usec now)
{
    pthread_mutex_lock(&connection->mutex);
    struct exchange *exchange = connection->exchange;
    bool awaits = connection->awaits_request || connection->awaits_body;
    if (awaits && !connection->has_ended && sends_no_more(connection)) {
        connection->has_ended = true;
        connection->cut_at = now + ENDED_USEC;
    } else if (connection->cut_at && now > connection->cut_at) {
        connection->cut_at = 0;
        atomic_fetch_add(&connection->server->cut, !connection->has_ended);
        connection_cut(connection);
    } else if (exchange && !exchange->gone && (exchange->suspended || exchange->stream.asleep) &&
               has_left(connection)) {
        exchange->gone = true;
    }
    pthread_mutex_unlock(&connection->mutex);
}

void *connections_watch(void *argument)
{
    struct http_server *server = argument;
    while (!server->stopping) {
        usec now = clock_monotonic();
        pthread_mutex_lock(&server->mutex);
        for (struct connection *at = server->connections; at; at = at->next) {
            look(at, now);
        }
        pthread_mutex_unlock(&server->mutex);
        lanes_review(server);
        usleep(WATCHDOG_PERIOD_USEC);
    }
    return NULL;
}

/* ---- stopping ---- */

void connections_drain(struct http_server *server)
{
    pthread_mutex_lock(&server->mutex);
    for (struct connection *at = server->connections; at; at = at->next) {
        pthread_mutex_lock(&at->mutex);
        if (at->awaits_request) {
            shutdown(at->socket, SHUT_RD);
        }
        pthread_mutex_unlock(&at->mutex);
    }
    pthread_mutex_unlock(&server->mutex);
}

void connections_abandon(struct http_server *server)
{
    pthread_mutex_lock(&server->mutex);
    for (struct connection *at = server->connections; at; at = at->next) {
        pthread_mutex_lock(&at->mutex);
        if (at->exchange) {
            at->exchange->gone = true;
        }
        pthread_mutex_unlock(&at->mutex);
    }
    pthread_mutex_unlock(&server->mutex);
}
