/* The lanes of the server: slow requests do not hold up fast ones, and the queue is bounded. */
#include "suite.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/http/server.h"

/* "/slow" is worked on until the gate opens; everything else is answered at once. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool open;
    int waiting;
} gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0};

static void open_gate(void)
{
    pthread_mutex_lock(&gate.mutex);
    gate.open = true;
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.mutex);
}

static void answer(struct exchange *exchange, int status)
{
    struct buf body = {0};
    buf_add(&body, S("done"));
    response_status(exchange, status);
    response_header(exchange, S("Connection"), S("close"));
    response_body(exchange, &body);
}

static bool choose_lane(struct exchange *exchange, enum lane *ret_lane, void *user)
{
    (void)exchange;
    (void)user;
    *ret_lane = LANE_QUICK;
    return false;
}

static void work(struct exchange *exchange, void *user)
{
    (void)user;
    if (str_eq(exchange_raw_path(exchange), S("/slow"))) {
        pthread_mutex_lock(&gate.mutex);
        gate.waiting++;
        pthread_cond_broadcast(&gate.changed);
        while (!gate.open) {
            pthread_cond_wait(&gate.changed, &gate.mutex);
        }
        pthread_mutex_unlock(&gate.mutex);
    }
    answer(exchange, 200);
}

static void refuse(struct exchange *exchange, int status, str message, void *user)
{
    (void)message;
    (void)user;
    answer(exchange, status);
}

static struct http_server *start(struct scope *scope, int queue)
{
    struct http_server *server = NULL;
    struct http_options options = {.listen = "127.0.0.1:0",
                                   .loops = 1,
                                   .quick_workers = 1,
                                   .bulk_workers = 1,
                                   .queue_limit = queue,
                                   .header_limit_bytes = 32768,
                                   .stream_buffer_bytes = 65536,
                                   .quick = choose_lane,
                                   .work = work,
                                   .refuse = refuse};
    gate.open = false;
    gate.waiting = 0;
    assert_int_equal(http_server_start(scope, &options, &server), ERR_OK);
    return server;
}

static int ask(struct http_server *server, const char *path)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)http_server_port(server)),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    char request[128];
    int handle = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(handle, (struct sockaddr *)&address, sizeof(address)), 0);
    int n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    assert_int_equal(write(handle, request, (size_t)n), n);
    return handle;
}

/* Status of the answer; waits for it. */
static int status_of(int handle)
{
    char text[4096];
    size_t n = 0;
    for (;;) {
        ssize_t more = read(handle, text + n, sizeof(text) - 1 - n);
        if (more <= 0) {
            break;
        }
        n += (size_t)more;
    }
    text[n] = 0;
    close(handle);
    return n > 9 ? atoi(text + 9) : 0;
}

static void await_slow(int count)
{
    pthread_mutex_lock(&gate.mutex);
    while (gate.waiting < count) {
        pthread_cond_wait(&gate.changed, &gate.mutex);
    }
    pthread_mutex_unlock(&gate.mutex);
}

static void test_fast_passes_slow(void **state)
{
    struct scope scope;
    int slow[3];
    (void)state;
    scope_open(&scope);
    struct http_server *server = start(&scope, 10);
    for (size_t i = 0; i < ARRAY_LENGTH(slow); i++) {
        slow[i] = ask(server, "/slow");
    }
    assert_int_equal(status_of(ask(server, "/fast")), 200);
    open_gate();
    for (size_t i = 0; i < ARRAY_LENGTH(slow); i++) {
        assert_int_equal(status_of(slow[i]), 200);
    }
    http_server_stop(server, USEC_SECOND, NULL);
    scope_close(&scope);
}

static void test_full_queue(void **state)
{
    struct scope scope;
    int slow[5];
    (void)state;
    scope_open(&scope);
    struct http_server *server = start(&scope, 1);
    for (int i = 0; i < 4; i++) { /* one worker and its three spare ones */
        slow[i] = ask(server, "/slow");
        await_slow(i + 1);
    }
    slow[4] = ask(server, "/slow");
    struct http_statistics now = {0};
    while (now.queued[LANE_QUICK] == 0) {
        http_server_statistics(server, &now);
    }
    assert_int_equal(now.workers_busy[LANE_QUICK], 4);
    assert_int_equal(status_of(ask(server, "/fast")), 503);
    open_gate();
    for (size_t i = 0; i < ARRAY_LENGTH(slow); i++) {
        assert_int_equal(status_of(slow[i]), 200);
    }
    http_server_stop(server, USEC_SECOND, NULL);
    scope_close(&scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fast_passes_slow),
        cmocka_unit_test(test_full_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
