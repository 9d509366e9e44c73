/* A client of a test's own server that says exactly what it is told to. */
#ifndef TESTS_UNIT_HTTP_RAW_CLIENT_H
#define TESTS_UNIT_HTTP_RAW_CLIENT_H

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "check.h"
#include "platform/http/server.h"

#define PATIENCE_MILLISECONDS 20000

static inline int raw_connect(struct http_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)http_server_port(server)),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int handle = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(handle, (struct sockaddr *)&address, sizeof(address)), 0);
    return handle;
}

/* Whether all of it could be sent: the server may have closed the connection. */
static inline bool raw_try_send(int handle, str text)
{
    while (text.n) {
        ssize_t n = send(handle, text.p, text.n, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        text = str_slice(text, (size_t)n, text.n);
    }
    return true;
}

static inline void raw_send(int handle, str text)
{
    assert_true(raw_try_send(handle, text));
}

/* Reads until the text ends with what is awaited, or the server closes; false when it closed. */
static inline bool raw_read(int handle, str awaited, struct buf *text)
{
    struct pollfd look = {.fd = handle, .events = POLLIN};
    while (awaited.n == 0 || !str_ends(buf_str(text), awaited)) {
        assert_int_equal(poll(&look, 1, PATIENCE_MILLISECONDS), 1); /* else it hangs */
        ssize_t n = recv(handle, buf_reserve(text, 65536), 65536, 0);
        if (n <= 0) {
            return false;
        }
        text->n += (size_t)n;
    }
    return true;
}

/* Sends a text and gives all that comes until the server closes, in the scope's arena. */
static inline str raw_ask(struct scope *scope, struct http_server *server, str text)
{
    struct buf answer = {0};
    int handle = raw_connect(server);
    raw_send(handle, text);
    raw_read(handle, S(""), &answer);
    close(handle);
    str copy = buf_copy(&answer, &scope->arena);
    buf_done(&answer);
    return copy;
}

static inline int status_of(str answer)
{
    return answer.n > 12 && str_starts(answer, S("HTTP/1.1 ")) ? atoi(answer.p + 9) : 0;
}

/* Value of a header of an answer, or STR_NONE. */
static inline str header_of(str answer, str name)
{
    str rest = str_slice(answer, 0, str_find(answer, S("\r\n\r\n"), 0));
    str line;
    while (rest.n && str_split(&rest, '\n', &line)) {
        size_t colon = str_find_char(line, ':', 0);
        if (colon != SIZE_MAX && str_eq_nocase(str_slice(line, 0, colon), name)) {
            return str_trim(str_slice(line, colon + 1, line.n));
        }
    }
    return STR_NONE;
}

static inline str body_of(str answer)
{
    size_t end = str_find(answer, S("\r\n\r\n"), 0);
    return end == SIZE_MAX ? STR_NONE : str_slice(answer, end + 4, answer.n);
}

static inline int count_of(str text, str part)
{
    int count = 0;
    for (size_t at = 0; (at = str_find(text, part, at)) != SIZE_MAX; at += part.n) {
        count++;
    }
    return count;
}

/* Waits until the server has nothing under way and holds no body. */
static inline void await_idle(struct http_server *server)
{
    struct http_statistics now;
    for (int i = 0; i < PATIENCE_MILLISECONDS; i++) {
        http_server_statistics(server, &now);
        if (now.requests_in_flight == 0 && now.bodies_bytes == 0) {
            return;
        }
        usleep(1000);
    }
    assert_int_equal(now.requests_in_flight, 0);
    assert_int_equal(now.bodies_bytes, 0);
}

#endif
