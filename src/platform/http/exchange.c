#include <stdlib.h>

#include "base/bug.h"
#include "platform/http/internal.h"

#define COMPRESS_FROM_BYTES 1024

enum http_method exchange_method(const struct exchange *exchange)
{
    return exchange->method;
}

str exchange_raw_path(const struct exchange *exchange)
{
    return exchange->raw_path;
}

str exchange_raw_query(const struct exchange *exchange)
{
    return exchange->raw_query;
}

str exchange_header(const struct exchange *exchange, str name)
{
    const char *value = NULL;
    size_t length = 0;
    if (MHD_lookup_connection_value_n(exchange->connection, MHD_HEADER_KIND, name.p, name.n, &value,
                                      &length) != MHD_YES ||
        !value) {
        return STR_NONE;
    }
    return (str){value, length};
}

struct scope *exchange_scope(struct exchange *exchange)
{
    return &exchange->scope;
}

void response_status(struct exchange *exchange, int status)
{
    exchange->status = status;
}

void response_header(struct exchange *exchange, str name, str value)
{
    for (size_t i = 0; i < value.n; i++) {
        bug_if(value.p[i] == '\r' || value.p[i] == '\n' || value.p[i] == 0);
    }
    struct arena *arena = &exchange->scope.arena;
    struct header header = {str_copy(arena, name), str_copy(arena, value)};
    if (str_eq_nocase(name, S("Content-Type"))) {
        exchange->content_type = header.value;
    }
    vec_add(arena, &exchange->headers, header);
}

/* The tag without W/, quotes and the suffix of an encoding. */
static str bare_tag(str tag)
{
    tag = str_trim(tag);
    if (str_starts(tag, S("W/"))) {
        tag = str_slice(tag, 2, tag.n);
    }
    if (tag.n >= 2 && tag.p[0] == '"') {
        tag = str_slice(tag, 1, tag.n - 1);
    }
    static const char *const suffixes[] = {"-gzip", "-zstd"};
    for (size_t i = 0; i < ARRAY_LENGTH(suffixes); i++) {
        if (str_ends(tag, str_from(suffixes[i]))) {
            return str_slice(tag, 0, tag.n - 5);
        }
    }
    return tag;
}

static bool client_has(const struct exchange *exchange, str tag)
{
    str rest = exchange_header(exchange, S("If-None-Match"));
    str part;
    while (str_split(&rest, ',', &part)) {
        if (str_eq(str_trim(part), S("*")) || str_eq(bare_tag(part), tag)) {
            return true;
        }
    }
    return false;
}

bool response_etag(struct exchange *exchange, str tag)
{
    exchange->etag = str_copy(&exchange->scope.arena, tag);
    exchange->not_modified = client_has(exchange, tag);
    return exchange->not_modified;
}

void response_reset(struct exchange *exchange)
{
    exchange->status = MHD_HTTP_OK;
    exchange->headers.count = 0;
    exchange->content_type = STR_NONE;
    exchange->etag = STR_NONE;
    exchange->not_modified = false;
    buf_clear(&exchange->body);
}

void response_body(struct exchange *exchange, struct buf *body)
{
    buf_done(&exchange->body);
    exchange->body = *body;
    *body = (struct buf){0};
}

/* ---- making MHD's responses ---- */

static void add_header(struct MHD_Response *response, str name, str value)
{
    char name_text[64];
    bug_if(name.n >= sizeof(name_text));
    memcpy(name_text, name.p, name.n);
    name_text[name.n] = 0;
    struct arena arena;
    arena_init(&arena, 0);
    MHD_add_response_header(response, name_text, str_cz(&arena, value));
    arena_done(&arena);
}

static void add_headers(struct exchange *exchange, struct MHD_Response *response,
                        enum content_encoding encoding, bool varies)
{
    for (size_t i = 0; i < exchange->headers.count; i++) {
        add_header(response, exchange->headers.items[i].name, exchange->headers.items[i].value);
    }
    if (exchange->etag.n) {
        str token = encoding_token(encoding);
        str tag = str_printf(&exchange->scope.arena, "\"%.*s%s%.*s\"", STR_ARG(exchange->etag),
                             token.n ? "-" : "", STR_ARG(token));
        add_header(response, S("ETag"), tag);
    }
    if (encoding != ENCODE_PLAIN) {
        add_header(response, S("Content-Encoding"), encoding_token(encoding));
    }
    if (varies) {
        add_header(response, S("Vary"), S("Accept-Encoding"));
    }
}

static bool is_compressible(const struct exchange *exchange)
{
    return exchange->body.n >= COMPRESS_FROM_BYTES && encoding_suits(exchange->content_type);
}

/* Takes the bytes. */
static struct MHD_Response *response_of(struct exchange *exchange, struct buf *bytes,
                                        enum content_encoding encoding, bool varies)
{
    str body = buf_take(bytes);
    struct MHD_Response *response = MHD_create_response_from_buffer(
        body.n, (void *)(uintptr_t)(body.p ? body.p : ""),
        body.p ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
    bug_if(!response);
    add_headers(exchange, response, encoding, varies);
    return response;
}

static struct MHD_Response *not_modified_response(struct exchange *exchange)
{
    struct buf nothing = {0};
    return response_of(exchange, &nothing, ENCODE_PLAIN, true);
}

void exchange_finish(struct exchange *exchange)
{
    if (exchange->stored || exchange->stream.open || exchange->response) {
        return;
    }
    if (exchange->not_modified) {
        exchange->status = MHD_HTTP_NOT_MODIFIED;
        buf_clear(&exchange->body);
        exchange->response = not_modified_response(exchange);
        return;
    }
    bool compressible = is_compressible(exchange);
    enum content_encoding encoding =
        compressible ? encoding_negotiate(exchange_header(exchange, S("Accept-Encoding")))
                     : ENCODE_PLAIN;
    if (encoding != ENCODE_PLAIN) {
        struct buf encoded = {0};
        encode_whole(encoding, buf_str(&exchange->body), &encoded);
        buf_done(&exchange->body);
        exchange->body = encoded;
    }
    exchange->summary.bytes_sent = exchange->body.n;
    exchange->response = response_of(exchange, &exchange->body, encoding, compressible);
}

/* ---- stored responses ---- */

struct stored_response *response_store(struct exchange *exchange)
{
    if (exchange->stream.open || exchange->stored || exchange->not_modified) {
        return NULL;
    }
    struct stored_response *stored = calloc(1, sizeof(*stored));
    if (!stored) {
        bug_out_of_memory(sizeof(*stored));
    }
    stored->references = 1;
    exchange->stored_now = true;
    stored->status = exchange->status;
    stored->etag = (str){strndup(exchange->etag.p ? exchange->etag.p : "", exchange->etag.n),
                         exchange->etag.n};
    bool compressible = is_compressible(exchange);
    for (int encoding = ENCODE_GZIP; encoding < ENCODE__COUNT && compressible; encoding++) {
        struct buf encoded = {0};
        encode_whole((enum content_encoding)encoding, buf_str(&exchange->body), &encoded);
        stored->size += encoded.capacity;
        stored->bodies[encoding] =
            response_of(exchange, &encoded, (enum content_encoding)encoding, true);
    }
    stored->size += exchange->body.capacity + 2048;
    exchange->summary.bytes_sent = exchange->body.n;
    stored->bodies[ENCODE_PLAIN] =
        response_of(exchange, &exchange->body, ENCODE_PLAIN, compressible);
    if (exchange->etag.n) {
        stored->not_modified = not_modified_response(exchange);
    }
    response_send_stored(exchange, stored);
    return stored;
}

struct stored_response *stored_response_ref(struct stored_response *stored)
{
    atomic_fetch_add(&stored->references, 1);
    return stored;
}

void stored_response_unref(struct stored_response *stored)
{
    if (!stored || atomic_fetch_sub(&stored->references, 1) != 1) {
        return;
    }
    for (int i = 0; i < ENCODE__COUNT; i++) {
        if (stored->bodies[i]) {
            MHD_destroy_response(stored->bodies[i]);
        }
    }
    if (stored->not_modified) {
        MHD_destroy_response(stored->not_modified);
    }
    free((void *)(uintptr_t)stored->etag.p);
    free(stored);
}

size_t stored_response_size(const struct stored_response *stored)
{
    return stored->size;
}

void response_send_stored(struct exchange *exchange, struct stored_response *stored)
{
    exchange->stored = stored_response_ref(stored);
}

/* ---- streams ---- */

void exchange_wake(struct exchange *exchange)
{
    bool wake = exchange->stream.asleep;
    exchange->stream.asleep = false;
    if (wake) {
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
    if (left) {
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
        result = stream->broken ? MHD_CONTENT_READER_END_WITH_ERROR
                                : MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        stream->asleep = true;
        MHD_suspend_connection(exchange->connection);
    }
    pthread_mutex_unlock(&stream->mutex);
    return result;
}

enum err response_stream(struct exchange *exchange)
{
    struct stream *stream = &exchange->stream;
    enum content_encoding encoding =
        encoding_suits(exchange->content_type)
            ? encoding_negotiate(exchange_header(exchange, S("Accept-Encoding")))
            : ENCODE_PLAIN;
    stream->encoder = encoder_open(encoding);
    exchange->discards_body = exchange->method == HTTP_HEAD;
    exchange->response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 65536, read_stream, exchange, NULL);
    bug_if(!exchange->response);
    add_headers(exchange, exchange->response, encoding, encoding_suits(exchange->content_type));
    pthread_mutex_lock(&stream->mutex);
    stream->open = true;
    exchange->stage = STAGE_READY;
    pthread_mutex_unlock(&stream->mutex);
    MHD_resume_connection(exchange->connection);
    return ERR_OK;
}

bool response_is_streaming(const struct exchange *exchange)
{
    return exchange->stream.open;
}

static enum err push(struct exchange *exchange, str bytes)
{
    struct stream *stream = &exchange->stream;
    enum err result = ERR_OK;
    pthread_mutex_lock(&stream->mutex);
    while (stream->waiting.n - stream->sent >= exchange->server->options.stream_buffer_bytes &&
           result == ERR_OK) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 1;
        pthread_cond_timedwait(&stream->drained, &stream->mutex, &until);
        result = scope_check(&exchange->scope);
    }
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
        exchange_wake(exchange);
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
    exchange_wake(exchange);
    pthread_mutex_unlock(&stream->mutex);
}

/* ---- sending ---- */

enum MHD_Result exchange_send(struct exchange *exchange)
{
    struct stored_response *stored = exchange->stored;
    if (!stored) {
        exchange->summary.status = exchange->status;
        return MHD_queue_response(exchange->connection, (unsigned)exchange->status,
                                  exchange->response);
    }
    exchange->summary.from_store = !exchange->stored_now;
    if (stored->not_modified && client_has(exchange, stored->etag)) {
        exchange->summary.status = MHD_HTTP_NOT_MODIFIED;
        return MHD_queue_response(exchange->connection, MHD_HTTP_NOT_MODIFIED,
                                  stored->not_modified);
    }
    enum content_encoding encoding =
        stored->bodies[ENCODE_GZIP]
            ? encoding_negotiate(exchange_header(exchange, S("Accept-Encoding")))
            : ENCODE_PLAIN;
    exchange->summary.status = stored->status;
    return MHD_queue_response(exchange->connection, (unsigned)stored->status,
                              stored->bodies[encoding]);
}
