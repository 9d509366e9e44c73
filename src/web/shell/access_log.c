#include "web/shell/access_log.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/date.h"
#include "base/json_write.h"
#include "base/utf8.h"

#define WAITING_BYTES (4u << 20)
#define PATH_BYTES 1024            /* of a path in the log */
#define GATHER_USEC 20000          /* between two writes */
#define PATIENCE_MILLISECONDS 1000 /* with a reader that does not read, at the end */

struct access_log {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    struct buf waiting;
    uint64_t dropped;
    bool closing;
    pthread_t writer;
};

static bool is_closing(struct access_log *log)
{
    pthread_mutex_lock(&log->mutex);
    bool closing = log->closing;
    pthread_mutex_unlock(&log->mutex);
    return closing;
}

/* Whether standard error takes bytes now; waits for it, but at the end not for ever. */
static bool await_reader(struct access_log *log)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
    bool is_last = false;
    while (poll(&out, 1, PATIENCE_MILLISECONDS) == 0) {
        if (is_last) {
            return false;
        }
        is_last = is_closing(log);
    }
    return true;
}

/* In pieces of whole lines that a pipe takes at once, so that events do not fall into a line. */
static void write_lines(struct access_log *log, str lines)
{
    while (lines.n && await_reader(log)) {
        size_t n = lines.n;
        if (n > PIPE_BUF) {
            const char *end = memrchr(lines.p, '\n', PIPE_BUF);
            n = end ? (size_t)(end - lines.p) + 1 : PIPE_BUF;
        }
        ssize_t written = write(STDERR_FILENO, lines.p, n);
        if (written <= 0) {
            return; /* nowhere left to report it */
        }
        lines = str_slice(lines, (size_t)written, lines.n);
    }
}

static void *run_writer(void *argument)
{
    struct access_log *log = argument;
    struct buf lines = {0};
    bool closing = false;
    while (!closing) {
        pthread_mutex_lock(&log->mutex);
        while (log->waiting.n == 0 && !log->closing) {
            pthread_cond_wait(&log->filled, &log->mutex);
        }
        closing = log->closing;
        struct buf taken = log->waiting;
        log->waiting = lines;
        pthread_mutex_unlock(&log->mutex);
        write_lines(log, buf_str(&taken));
        buf_clear(&taken);
        lines = taken;
        usleep(closing ? 0 : GATHER_USEC);
    }
    buf_done(&lines);
    return NULL;
}

struct access_log *access_log_open(void)
{
    struct access_log *log = calloc(1, sizeof(*log));
    if (!log) {
        bug_out_of_memory(sizeof(*log));
    }
    pthread_mutex_init(&log->mutex, NULL);
    pthread_cond_init(&log->filled, NULL);
    if (pthread_create(&log->writer, NULL, run_writer, log) != 0) {
        free(log);
        return NULL;
    }
    return log;
}

void access_log_close(struct access_log *log)
{
    if (!log) {
        return;
    }
    pthread_mutex_lock(&log->mutex);
    log->closing = true;
    pthread_cond_signal(&log->filled);
    pthread_mutex_unlock(&log->mutex);
    pthread_join(log->writer, NULL);
    buf_done(&log->waiting);
    pthread_cond_destroy(&log->filled);
    pthread_mutex_destroy(&log->mutex);
    free(log);
}

/* A refused path may hold any bytes; the log is JSON in UTF-8. */
static str printable_path(struct scope *scope, str path)
{
    if (path.n > PATH_BYTES) {
        path = utf8_truncate(path, PATH_BYTES);
    }
    if (utf8_is_valid(path)) {
        return path;
    }
    struct buf out = {0};
    for (size_t i = 0; i < path.n; i++) {
        if ((unsigned char)path.p[i] < 0x80) {
            buf_add_char(&out, path.p[i]);
        } else {
            buf_printf(&out, "%%%02X", (unsigned char)path.p[i]);
        }
    }
    str copy = buf_copy(&out, &scope->arena);
    buf_done(&out);
    return copy;
}

static void add_line(struct buf *out, str path, const struct exchange *exchange,
                     const struct exchange_summary *summary)
{
    static const char *const methods[] = {"GET",   "HEAD",   "POST",    "PUT",
                                          "PATCH", "DELETE", "OPTIONS", "OTHER"};
    char time[DATE_TEXT_BYTES];
    size_t n = date_write_instant(time, clock_wall(), 0);
    struct json_writer json = json_writer_to(out);
    json_object_begin(&json);
    json_key_text(&json, S("time"), (str){time, n});
    json_key_text(&json, S("event"), S("request"));
    json_key_text(&json, S("id"), exchange_id(exchange));
    json_key_text(&json, S("method"), str_from(methods[exchange_method(exchange)]));
    json_key_text(&json, S("path"), path);
    json_key_int(&json, S("status"), summary->status);
    json_key(&json, S("duration_ms"));
    json_double(&json, (double)summary->duration / 1000);
    json_key_int(&json, S("bytes"), (int64_t)summary->bytes_sent);
    json_key_bool(&json, S("cached"), summary->from_store);
    json_key_bool(&json, S("complete"), summary->complete);
    json_object_end(&json);
    buf_add_char(out, '\n');
}

void access_log_add(struct access_log *log, struct exchange *exchange, str path,
                    const struct exchange_summary *summary)
{
    path = printable_path(exchange_scope(exchange), path);
    pthread_mutex_lock(&log->mutex);
    bool was_empty = log->waiting.n == 0;
    if (log->waiting.n < WAITING_BYTES) {
        add_line(&log->waiting, path, exchange, summary);
    } else {
        log->dropped++;
    }
    if (was_empty) {
        pthread_cond_signal(&log->filled);
    }
    pthread_mutex_unlock(&log->mutex);
}

uint64_t access_log_dropped(struct access_log *log)
{
    if (!log) {
        return 0;
    }
    pthread_mutex_lock(&log->mutex);
    uint64_t dropped = log->dropped;
    pthread_mutex_unlock(&log->mutex);
    return dropped;
}
