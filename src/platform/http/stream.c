/*
 * Streamed answers: a worker writes into a bounded buffer, the event loop sends from it. The buffer
 * is full: the worker waits. It is empty: the connection is suspended until the worker wakes it.
 */
#include "base/bug.h"
#include "platform/http/internal.h"

#define STREAM_POLL_NANOSECONDS 200000000

/* A sleeping stream continues, so that the loop sees new bytes or the end. Under the mutex. */
static void wake(struct exchange *exchange)
{
    bool was_asleep = exchange->stream.asleep;
    exchange->stream.asleep = false;
    if (was_asleep) {
        MHD_resume_connection(exchange->connection);
    }
}

static ssize_t read_stream(void *argument, uint64_t position, char *out, size_t room)
{
    (void)position;
    struct exchange *exchange = argument;
    struct stream *stream = &exchange->stream;
    ssize_t result = 0;
    pthread_mutex_lock(&stream->mutex);
    size_t left = stream->waiting.n - stream->sent;
    if (stream->broken) {
        result = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (left) {
        size_t n = left < room ? left : room;
        memcpy(out, stream->waiting.p + stream->sent, n);
        stream->sent += n;
        exchange->summary.bytes_sent += n;
        if (stream->sent == stream->waiting.n) {
            buf_clear(&stream->waiting);
            stream->sent = 0;
        }
        pthread_cond_signal(&stream->drained);
        result = (ssize_t)n;
    } else if (stream->ended) {
        result = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        stream->asleep = true;
        MHD_suspend_connection(exchange->connection);
    }
    pthread_mutex_unlock(&stream->mutex);
    return result;
}

static void begin_stream(struct exchange *exchange, uint64_t bytes, enum content_encoding encoding,
                         bool varies)
{
    struct stream *stream = &exchange->stream;
    exchange->discards_body = exchange->method == HTTP_HEAD;
    exchange->response =
        MHD_create_response_from_callback(bytes, 65536, read_stream, exchange, NULL);
    bug_if(!exchange->response);
    if (exchange->discards_body && bytes == MHD_SIZE_UNKNOWN) {
        /* A chunked answer to HEAD would end with the last chunk, which is a body. */
        MHD_set_response_options(exchange->response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
    }
    exchange_add_headers(exchange, exchange->response, encoding, varies);
    exchange_add_own_headers(exchange, exchange->response);
    pthread_mutex_lock(&stream->mutex);
    stream->open = true;
    exchange->stage = STAGE_READY;
    pthread_mutex_unlock(&stream->mutex);
    MHD_resume_connection(exchange->connection);
}

enum err response_stream(struct exchange *exchange)
{
    bool varies = encoding_suits(exchange->content_type);
    enum content_encoding encoding =
        varies ? encoding_choose(exchange_accepted(exchange)) : ENCODE_PLAIN;
    exchange->stream.encoder = encoder_open(encoding);
    begin_stream(exchange, MHD_SIZE_UNKNOWN, encoding, varies);
    return ERR_OK;
}

enum err response_stream_sized(struct exchange *exchange, uint64_t bytes)
{
    begin_stream(exchange, bytes, ENCODE_PLAIN, false);
    return ERR_OK;
}

bool response_is_streaming(const struct exchange *exchange)
{
    return exchange->stream.open;
}

static bool is_full(const struct exchange *exchange)
{
    const struct stream *stream = &exchange->stream;
    return stream->waiting.n - stream->sent >= exchange->server->options.stream_buffer_bytes;
}

static void wait_for_drain(struct stream *stream)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += STREAM_POLL_NANOSECONDS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&stream->drained, &stream->mutex, &until);
}

/* As long as the buffer is full the client is measured: one that trickles is not waited for. */
static enum err check_rate(struct exchange *exchange)
{
    struct stream *stream = &exchange->stream;
    usec patience = exchange->server->options.idle_timeout;
    usec now = clock_monotonic();
    uint64_t sent = exchange->summary.bytes_sent;
    if (stream->slow_from == 0 || !patience || now - stream->slow_from > patience) {
        uint64_t expected = (uint64_t)(now - stream->slow_from) * LOWEST_RATE_BYTES / USEC_SECOND;
        if (stream->slow_from && patience && sent - stream->slow_sent < expected) {
            atomic_fetch_add(&exchange->server->cut, 1);
            return fail(&exchange->scope, ERR_CANCELLED, "The client is too slow.");
        }
        stream->slow_from = now;
        stream->slow_sent = sent;
    }
    return ERR_OK;
}

/* Waits until there is room in the buffer. Under the stream's mutex. */
static enum err await_room(struct exchange *exchange)
{
    struct stream *stream = &exchange->stream;
    enum err result = ERR_OK;
    if (!is_full(exchange)) {
        stream->slow_from = 0;
        return ERR_OK;
    }
    worker_waits(exchange->worker, true);
    while (is_full(exchange) && result == ERR_OK) {
        wait_for_drain(stream);
        result = scope_check(&exchange->scope);
        if (result == ERR_OK) {
            result = check_rate(exchange);
        }
    }
    worker_waits(exchange->worker, false);
    return result;
}

static enum err push(struct exchange *exchange, str bytes)
{
    struct stream *stream = &exchange->stream;
    pthread_mutex_lock(&stream->mutex);
    enum err result = await_room(exchange);
    if (result == ERR_OK && exchange->gone) {
        result = fail(&exchange->scope, ERR_CANCELLED, "The client has gone.");
    }
    if (result == ERR_OK) {
        if (stream->sent) {
            memmove(stream->waiting.p, stream->waiting.p + stream->sent,
                    stream->waiting.n - stream->sent);
            stream->waiting.n -= stream->sent;
            stream->sent = 0;
        }
        buf_add(&stream->waiting, bytes);
        wake(exchange);
    }
    pthread_mutex_unlock(&stream->mutex);
    return result;
}

enum err response_write(struct exchange *exchange, str bytes)
{
    struct stream *stream = &exchange->stream;
    if (exchange->discards_body) {
        return fail(&exchange->scope, ERR_CANCELLED, "Only the headers were asked for.");
    }
    if (!stream->encoder) {
        return push(exchange, bytes);
    }
    encoder_feed(stream->encoder, bytes, false, &stream->encoded);
    enum err result = push(exchange, buf_str(&stream->encoded));
    buf_clear(&stream->encoded);
    return result;
}

void exchange_end_stream(struct exchange *exchange, bool failed)
{
    struct stream *stream = &exchange->stream;
    if (stream->encoder && !failed) {
        encoder_feed(stream->encoder, S(""), true, &stream->encoded);
        failed = push(exchange, buf_str(&stream->encoded)) != ERR_OK;
    }
    pthread_mutex_lock(&stream->mutex);
    stream->ended = true;
    stream->broken = failed && !exchange->discards_body;
    if (exchange->link && stream->broken) {
        connection_cut(exchange->link); /* a client that does not read would keep it open */
    } else if (exchange->link) {
        connection_sends(exchange->link, (int64_t)(stream->waiting.n - stream->sent));
    }
    wake(exchange);
    pthread_mutex_unlock(&stream->mutex);
}
