/* Bodies of requests on the wire: framing, limits, slow and broken clients. */
#include "raw_client.h"
#include "one_scope.h"

#include "base/limits.h"

#define BODY_LIMIT 100000
#define LARGE_LIMIT (100u << 20)

static atomic_int handled;
static atomic_int last_status; /* as the server reported it at the end */

static size_t limit_of(struct exchange *exchange, void *user)
{
    (void)user;
    str path = exchange_raw_path(exchange);
    return str_eq(path, S("/none")) ? 0 : str_eq(path, S("/large")) ? LARGE_LIMIT : BODY_LIMIT;
}

/* Answers with the method, the length of the body and the body. */
static void echo(struct exchange *exchange)
{
    struct buf body = {0};
    str sent = exchange_body(exchange);
    handled++;
    buf_printf(&body, "%d %zu:", (int)exchange_method(exchange), sent.n);
    buf_add(&body, str_slice(sent, 0, BODY_LIMIT));
    response_header(exchange, S("Content-Type"), S("text/plain"));
    response_body(exchange, &body);
}

static bool quick(struct exchange *exchange, enum lane *ret_lane, void *user)
{
    (void)user;
    *ret_lane = LANE_QUICK;
    if (str_eq(exchange_raw_path(exchange), S("/quick"))) {
        echo(exchange);
        return true;
    }
    return false;
}

static void work(struct exchange *exchange, void *user)
{
    (void)user;
    echo(exchange);
}

static void refuse(struct exchange *exchange, int status, str message, void *user)
{
    struct buf body = {0};
    (void)user;
    buf_add(&body, message);
    response_status(exchange, status);
    response_body(exchange, &body);
}

static void done(struct exchange *exchange, const struct exchange_summary *summary, void *user)
{
    (void)exchange;
    (void)user;
    last_status = summary->status;
}

static struct http_server *start(usec idle_timeout)
{
    struct http_server *server = NULL;
    struct http_options options = {.listen = "127.0.0.1:0",
                                   .loops = 2,
                                   .quick_workers = 2,
                                   .bulk_workers = 1,
                                   .queue_limit = 100,
                                   .idle_timeout = idle_timeout,
                                   .header_limit_bytes = 32768,
                                   .stream_buffer_bytes = 65536,
                                   .body_limit = limit_of,
                                   .quick = quick,
                                   .work = work,
                                   .done = done,
                                   .refuse = refuse};
    handled = 0;
    last_status = 0;
    check_ok("start", &scope, http_server_start(&scope, &options, &server));
    return server;
}

static void stop(struct http_server *server)
{
    await_idle(server);
    http_server_stop(server, USEC_SECOND, NULL);
}

#define HEAD(method, path, headers) method " " path " HTTP/1.1\r\nHost: a\r\n" headers "\r\n"
#define LAST "Connection: close\r\n"

static void test_complete_bodies(void **state)
{
    static const struct {
        const char *request;
        const char *body;
    } rows[] = {
        {HEAD("POST", "/", LAST "Content-Length: 5\r\n") "hello", "2 5:hello"},
        {HEAD("POST", "/quick", LAST "Content-Length: 5\r\n") "hello", "2 5:hello"},
        {HEAD("PUT", "/", LAST "Content-Length: 5\r\n") "hello", "3 5:hello"},
        {HEAD("GET", "/", LAST "Content-Length: 5\r\n") "hello", "0 5:hello"},
        {HEAD("BREW", "/quick", LAST "Content-Length: 5\r\n") "hello", "7 5:hello"},
        {HEAD("BREW", "/quick", LAST), "7 0:"},
        {HEAD("POST", "/", LAST "Content-Length: 0\r\n"), "2 0:"},
        {HEAD("POST", "/none", LAST "Content-Length: 0\r\n"), "2 0:"},
        {HEAD("POST", "/none", LAST), "2 0:"},
        {HEAD("POST", "/", LAST "Transfer-Encoding: chunked\r\n") "5\r\nhello\r\n0\r\n\r\n",
         "2 5:hello"},
        {HEAD("POST", "/",
              LAST "Transfer-Encoding: Chunked\r\n") "2;x=y\r\nhe\r\n3\r\nllo\r\n00\r\nTrailer: "
                                                     "1\r\n\r\n",
         "2 5:hello"},
        {HEAD("POST", "/", LAST "Transfer-Encoding: chunked\r\n") "0\r\n\r\n", "2 0:"},
        {HEAD("POST", "/quick",
              LAST "Transfer-Encoding: chunked\r\n") "A\r\n0123456789\r\n0\r\n\r\n",
         "2 10:0123456789"},
    };
    (void)state;
    struct http_server *server = start(20 * USEC_SECOND);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        str answer = raw_ask(&scope, server, str_from(rows[i].request));
        check_int(rows[i].request, status_of(answer), 200);
        check_text(rows[i].request, body_of(answer), str_from(rows[i].body));
        assert_int_equal(handled, i + 1);
    }
    stop(server);
}

static void test_pieces_and_next_request(void **state)
{
    struct buf text = {0};
    (void)state;
    struct http_server *server = start(20 * USEC_SECOND);
    int handle = raw_connect(server);
    str request = S(HEAD("POST", "/", "Content-Length: 5\r\n") "hello" HEAD(
        "POST", "/quick", "Transfer-Encoding: chunked\r\n") "5\r\nworld\r\n0\r\n\r\n");
    for (size_t i = 0; i < request.n; i++) { /* byte by byte, and all at once */
        raw_send(handle, str_slice(request, i, i + 1));
        usleep(200);
    }
    assert_true(raw_read(handle, S("2 5:world"), &text));
    raw_send(handle, request);
    raw_send(handle, S(HEAD("GET", "/", LAST)));
    raw_read(handle, S(""), &text);
    assert_int_equal(count_of(buf_str(&text), S("2 5:hello")), 2);
    assert_int_equal(count_of(buf_str(&text), S("2 5:world")), 2);
    assert_int_equal(count_of(buf_str(&text), S("0 0:")), 1);
    assert_int_equal(handled, 5);
    close(handle);
    buf_done(&text);
    stop(server);
}

static void test_largest(void **state)
{
    struct buf text = {0};
    (void)state;
    struct http_server *server = start(20 * USEC_SECOND);
    buf_printf(&text, HEAD("POST", "/", LAST "Content-Length: %d\r\n"), BODY_LIMIT);
    memset(buf_reserve(&text, BODY_LIMIT), 'x', BODY_LIMIT);
    text.n += BODY_LIMIT;
    str answer = raw_ask(&scope, server, buf_str(&text));
    assert_int_equal(status_of(answer), 200);
    assert_int_equal(body_of(answer).n, BODY_LIMIT + strlen("2 100000:"));
    buf_clear(&text);
    buf_printf(&text, HEAD("POST", "/", LAST "Transfer-Encoding: chunked\r\n") "%x\r\n",
               BODY_LIMIT);
    memset(buf_reserve(&text, BODY_LIMIT), 'x', BODY_LIMIT);
    text.n += BODY_LIMIT;
    size_t most = text.n;
    buf_add(&text, S("\r\n0\r\n\r\n"));
    assert_int_equal(status_of(raw_ask(&scope, server, buf_str(&text))), 200);
    assert_int_equal(handled, 2);
    text.n = most;
    buf_add(&text, S("\r\n1\r\nx\r\n0\r\n\r\n")); /* one byte more */
    answer = raw_ask(&scope, server, buf_str(&text));
    assert_int_equal(status_of(answer), 413);
    check_text("closes", header_of(answer, S("Connection")), S("close"));
    assert_int_equal(handled, 2);
    buf_done(&text);
    stop(server);
}

/* Each is refused before any of the body is read, and the connection is closed. */
static void test_refused(void **state)
{
    static const struct {
        const char *request;
        int status;
    } rows[] = {
        {HEAD("POST", "/", "Content-Length: 100001\r\n"), 413},
        {HEAD("POST", "/", "Content-Length: 9223372036854775807\r\n"), 413},
        {HEAD("POST", "/", "Content-Length: 18446744073709551614\r\n"), 413},
        {HEAD("POST", "/", "Content-Length: 99999999999999999999999\r\n"), 413},
        {HEAD("POST", "/none", "Content-Length: 1\r\n"), 413},
        {HEAD("GET", "/none", "Content-Length: 1\r\n"), 413},
        {HEAD("POST", "/none", "Transfer-Encoding: chunked\r\n"), 413},
        {HEAD("POST", "/", "Expect: 100-continue\r\nContent-Length: 100001\r\n"), 413},
        {HEAD("POST", "/", "Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
        {HEAD("POST", "/", "Content-Length: 0\r\nContent-Length: 5\r\n"), 400},
        {HEAD("POST", "/", "Content-Length: 5, 5\r\n"), 400},
        {HEAD("POST", "/", "Content-Length: +5\r\n"), 400},
        {HEAD("POST", "/", "Content-Length: -5\r\n"), 400},
        {HEAD("POST", "/", "Content-Length: 0x5\r\n"), 400},
        {HEAD("POST", "/", "Content-Length: 5x\r\n"), 400},
        {HEAD("POST", "/", "Content-Length: \r\n"), 400},
        {HEAD("POST", "/", "Content-Length : 5\r\n"), 400},
        {HEAD("POST", "/", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
        {HEAD("POST", "/", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
        {HEAD("POST", "/", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"), 400},
        {HEAD("POST", "/", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
        {HEAD("POST", "/", "Transfer-Encoding: gzip, chunked\r\n"), 400},
        {HEAD("POST", "/", "Transfer-Encoding: chunked, identity\r\n"), 400},
        {HEAD("POST", "/", "Transfer-Encoding: gzip\r\n"), 400},
        {HEAD("POST", "/", "Transfer-Encoding: identity\r\n"), 400},
        {HEAD("POST", "/", "Transfer-Encoding: xchunked\r\n"), 400},
        {HEAD("POST", "/", "Transfer-Encoding: \"chunked\"\r\n"), 400},
        {HEAD("POST", "/", "Transfer-Encoding: chunked;x\r\n"), 400},
        {HEAD("POST", "/", "Transfer-Encoding: \vchunked\r\n"), 400},
        {HEAD("POST", "/", "Transfer-Encoding:\r\n"), 400},
        {HEAD("POST", "/", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400},
        {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    };
    (void)state;
    struct http_server *server = start(20 * USEC_SECOND);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        str answer = raw_ask(&scope, server, str_from(rows[i].request));
        check_int(rows[i].request, status_of(answer), rows[i].status);
        check_text(rows[i].request, header_of(answer, S("Connection")), S("close"));
        /* The library repeats its own head when Content-Length is no number. */
        str head = str_printf(&scope.arena, "HTTP/1.1 %d ", rows[i].status);
        check_int(rows[i].request, count_of(answer, S("HTTP/1.1 ")), count_of(answer, head));
    }
    assert_int_equal(handled, 0);
    stop(server);
}

/* What follows a refused head is never taken for a request. */
static void test_nothing_behind_a_refusal(void **state)
{
    static const char *const heads[] = {
        HEAD("POST", "/", "Content-Length: 0\r\nContent-Length: 5\r\n"),
        HEAD("POST", "/", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") "0\r\n\r\n",
        HEAD("POST", "/none", "Content-Length: 5\r\n") "hello",
        HEAD("POST", "/", "Transfer-Encoding: chunked\r\n") "zz\r\nhello\r\n",
        HEAD("POST", "/", "Transfer-Encoding: chunked\r\n") "-1\r\nhello\r\n",
        HEAD("POST", "/", "Transfer-Encoding: chunked\r\n") "5\r\nhelloxx",
        HEAD("POST", "/", "Transfer-Encoding: chunked\r\n") "FFFFFFFFFFFFFFFFF\r\nhello\r\n",
    };
    (void)state;
    struct http_server *server = start(20 * USEC_SECOND);
    for (size_t i = 0; i < ARRAY_LENGTH(heads); i++) {
        struct buf text = {0};
        int handle = raw_connect(server);
        raw_send(handle, str_printf(&scope.arena, "%s%s", heads[i], HEAD("GET", "/behind", LAST)));
        raw_read(handle, S(""), &text);
        check_int(heads[i], count_of(buf_str(&text), S("HTTP/1.1 ")) <= 1, true);
        check_int(heads[i], count_of(buf_str(&text), S("HTTP/1.1 200")), 0);
        close(handle);
        buf_done(&text);
    }
    assert_int_equal(handled, 0);
    stop(server);
}

static void test_expect_continue(void **state)
{
    struct buf text = {0};
    (void)state;
    struct http_server *server = start(20 * USEC_SECOND);
    int handle = raw_connect(server);
    raw_send(handle, S(HEAD("POST", "/", LAST "Expect: 100-continue\r\nContent-Length: 5\r\n")));
    assert_true(raw_read(handle, S("\r\n\r\n"), &text));
    check_text("continue", buf_str(&text), S("HTTP/1.1 100 Continue\r\n\r\n"));
    buf_clear(&text);
    raw_send(handle, S("hello"));
    raw_read(handle, S(""), &text);
    check_text("answer", body_of(buf_str(&text)), S("2 5:hello"));
    close(handle);
    buf_done(&text);
    stop(server);
}

/* A body of chunks without end is cut, with or without an answer. */
static void test_endless(void **state)
{
    struct buf chunk = {0};
    size_t sent = 0;
    (void)state;
    struct http_server *server = start(20 * USEC_SECOND);
    int handle = raw_connect(server);
    raw_send(handle, S(HEAD("POST", "/", "Transfer-Encoding: chunked\r\n")));
    buf_add(&chunk, S("8000\r\n"));
    memset(buf_reserve(&chunk, 0x8000), 'x', 0x8000);
    chunk.n += 0x8000;
    buf_add(&chunk, S("\r\n"));
    while (sent < (64u << 20) && raw_try_send(handle, buf_str(&chunk))) {
        sent += chunk.n;
    }
    assert_true(sent < (32u << 20));
    close(handle);
    await_idle(server);
    assert_int_equal(last_status, 413);
    assert_int_equal(handled, 0);
    buf_done(&chunk);
    stop(server);
}

static void test_slow(void **state)
{
    static const char *const heads[] = {HEAD("POST", "/", "Content-Length: 50000\r\n"),
                                        HEAD("POST", "/", "Transfer-Encoding: chunked\r\n")};
    (void)state;
    struct http_server *server = start(400000);
    for (size_t i = 0; i < ARRAY_LENGTH(heads); i++) {
        usec from = clock_monotonic();
        str piece = i == 0 ? S("x") : S("1\r\nx\r\n");
        int handle = raw_connect(server);
        raw_send(handle, str_from(heads[i]));
        while (raw_try_send(handle, piece) && clock_monotonic() - from < 10 * USEC_SECOND) {
            usleep(20000);
        }
        usec took = clock_monotonic() - from;
        assert_true(took > 350000 && took < 9 * USEC_SECOND);
        close(handle);
    }
    struct http_statistics now;
    await_idle(server);
    http_server_statistics(server, &now);
    assert_int_equal(now.connections_cut, 2);
    assert_int_equal(handled, 0);
    stop(server);
}

/* Slow but steady: more than the idle timeout, at a rate that is enough. */
static void test_steady(void **state)
{
    (void)state;
    struct buf text = {0};
    struct http_server *server = start(2 * USEC_SECOND);
    int handle = raw_connect(server);
    raw_send(handle, S(HEAD("POST", "/", LAST "Content-Length: 30000\r\n")));
    memset(buf_reserve(&text, 1000), 'x', 1000);
    text.n = 1000;
    for (int i = 0; i < 30; i++) {
        raw_send(handle, buf_str(&text));
        usleep(100000);
    }
    buf_clear(&text);
    raw_read(handle, S(""), &text);
    assert_int_equal(status_of(buf_str(&text)), 200);
    close(handle);
    buf_done(&text);
    stop(server);
}

static void leave(int handle, bool abruptly)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (abruptly) {
        setsockopt(handle, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    }
    close(handle);
}

static void test_cut_off(void **state)
{
    static const char *const requests[] = {
        HEAD("POST", "/", "Content-Length: 50\r\n"),
        HEAD("POST", "/", "Content-Length: 50\r\n") "half",
        HEAD("POST", "/", "Transfer-Encoding: chunked\r\n"),
        HEAD("POST", "/", "Transfer-Encoding: chunked\r\n") "5\r\nhel",
        HEAD("POST", "/", "Transfer-Encoding: chunked\r\n") "5\r\nhello\r\n",
        HEAD("POST", "/", "Transfer-Encoding: chunked\r\n") "5\r\nhello\r\n0\r\n",
        HEAD("POST", "/", "Transfer-Encoding: chunked\r\n") "5\r\nhello\r\n0\r\nTrailer: 1\r\n",
        HEAD("POST", "/", "Expect: 100-continue\r\nContent-Length: 50\r\n"),
    };
    (void)state;
    struct http_server *server = start(20 * USEC_SECOND);
    for (size_t i = 0; i < ARRAY_LENGTH(requests); i++) {
        for (int how = 0; how < 4; how++) { /* at once or later, with FIN or RST */
            int handle = raw_connect(server);
            raw_send(handle, str_from(requests[i]));
            usleep(how & 1 ? 20000 : 0);
            leave(handle, how & 2);
            await_idle(server);
            assert_int_equal(handled, 0);
        }
    }
    usec from = clock_monotonic();
    stop(server);
    assert_true(clock_monotonic() - from < 5 * USEC_SECOND);
}

/* All bodies together are bounded. */
static void test_memory(void **state)
{
    enum { HOLDERS = 4 };
    const size_t held = 60u << 20;
    int holders[HOLDERS];
    struct buf text = {0};
    struct http_statistics now;
    (void)state;
    struct http_server *server = start(60 * USEC_SECOND);
    memset(buf_reserve(&text, held), 'x', held);
    text.n = held;
    str head =
        str_printf(&scope.arena, HEAD("POST", "/large", LAST "Content-Length: %zu\r\n"), held);
    for (int i = 0; i < HOLDERS; i++) {
        holders[i] = raw_connect(server);
        raw_send(holders[i], head);
        raw_send(holders[i], str_slice(buf_str(&text), 0, held - 1));
    }
    str answer =
        raw_ask(&scope, server,
                str_printf(&scope.arena, "%.*s%.*s", STR_ARG(head), STR_ARG(buf_str(&text))));
    assert_int_equal(status_of(answer), 503);
    check_text("later", header_of(answer, S("Retry-After")), S("1"));
    http_server_statistics(server, &now);
    assert_true(now.bodies_bytes <= 2 * (uint64_t)LIMIT_BODIES_BYTES);
    assert_int_equal(handled, 0);
    for (int i = 0; i < HOLDERS; i++) {
        close(holders[i]);
    }
    await_idle(server);
    answer = raw_ask(&scope, server, S(HEAD("POST", "/", LAST "Content-Length: 5\r\n") "hello"));
    assert_int_equal(status_of(answer), 200);
    buf_done(&text);
    stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_complete_bodies),
        cmocka_unit_test(test_pieces_and_next_request),
        cmocka_unit_test(test_largest),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_nothing_behind_a_refusal),
        cmocka_unit_test(test_expect_continue),
        cmocka_unit_test(test_endless),
        cmocka_unit_test(test_slow),
        cmocka_unit_test(test_steady),
        cmocka_unit_test(test_cut_off),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, open_scope, close_scope);
}
