#include <stdlib.h>

#include "base/bug.h"
#include "platform/http/internal.h"

#define COMPRESS_FROM_BYTES 1024
#define STORED_FIXED_BYTES 1024 /* what the library and the allocator need for a kept response */
#define STORED_HEADER_BYTES 128 /* … and for each of its headers, beside the text */

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

str exchange_id(const struct exchange *exchange)
{
    return (str){exchange->id, sizeof(exchange->id)};
}

str exchange_host(const struct exchange *exchange)
{
    return exchange->host;
}

str exchange_header(const struct exchange *exchange, str name)
{
    const char *value = NULL;
    size_t length = 0;
    bug_if(exchange->stream.open); /* the connection, which has them, may be gone by now */
    if (MHD_lookup_connection_value_n(exchange->connection, MHD_HEADER_KIND, name.p, name.n, &value,
                                      &length) != MHD_YES ||
        !value) {
        return STR_NONE;
    }
    return (str){value, length};
}

struct header_question {
    str name, value;
    bool found;
};

static enum MHD_Result compare_header(void *user, enum MHD_ValueKind kind, const char *name,
                                      size_t name_bytes, const char *value, size_t value_bytes)
{
    struct header_question *question = user;
    (void)kind;
    question->found |= str_eq_nocase((str){name, name_bytes}, question->name) &&
                       str_eq(str_trim((str){value ? value : "", value ? value_bytes : 0}),
                              question->value);
    return question->found ? MHD_NO : MHD_YES;
}

bool exchange_header_is(const struct exchange *exchange, str name, str value)
{
    struct header_question question = {name, value, false};
    MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, compare_header, &question);
    return question.found;
}

str exchange_body(const struct exchange *exchange)
{
    return buf_str(&exchange->request_body);
}

bool exchange_is_encrypted(const struct exchange *exchange)
{
    return exchange->server->options.tls_certificate != NULL;
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
    bug_if(str_eq_nocase(name, S("Set-Cookie"))); /* response_cookie is for that */
    struct arena *arena = &exchange->scope.arena;
    struct header header = {str_copy(arena, name), str_copy(arena, value)};
    if (str_eq_nocase(name, S("Content-Type"))) {
        exchange->content_type = header.value;
    }
    vec_add(arena, &exchange->headers, header);
}

void response_own_header(struct exchange *exchange, str name, str value)
{
    struct arena *arena = &exchange->scope.arena;
    struct header header = {str_copy(arena, name), str_copy(arena, value)};
    bug_if(str_eq_nocase(name, S("Set-Cookie")));
    vec_add(arena, &exchange->own_headers, header);
}

const struct accepted *exchange_accepted(struct exchange *exchange)
{
    if (!exchange->has_accepted) {
        exchange->accepted = encoding_read(exchange->known[HEADER_ACCEPT_ENCODING].text);
        exchange->has_accepted = true;
    }
    return &exchange->accepted;
}

str exchange_encoding(struct exchange *exchange)
{
    return encoding_token(encoding_choose(exchange_accepted(exchange)));
}

/* Splits a tag of a client into the handler's tag and the encoding it was sent under. */
static str bare_tag(str tag, enum content_encoding *ret_encoding)
{
    tag = str_trim(tag);
    if (str_starts(tag, S("W/"))) {
        tag = str_slice(tag, 2, tag.n);
    }
    if (tag.n < 2 || tag.p[0] != '"' || tag.p[tag.n - 1] != '"') {
        return STR_NONE;
    }
    tag = str_slice(tag, 1, tag.n - 1);
    *ret_encoding = str_ends(tag, S("-gzip"))   ? ENCODE_GZIP
                    : str_ends(tag, S("-zstd")) ? ENCODE_ZSTD
                                                : ENCODE_PLAIN;
    return str_slice(tag, 0, tag.n - (*ret_encoding == ENCODE_PLAIN ? 0 : 5));
}

/*
 * Whether If-None-Match names a representation that this client accepts; it is the one that the 304
 * then speaks of, so that a cache which holds several knows which to use.
 */
static bool client_has(struct exchange *exchange, str tag, enum content_encoding *ret_encoding)
{
    str rest = exchange->known[HEADER_IF_NONE_MATCH].text;
    str part;
    while (str_split(&rest, ',', &part)) {
        enum content_encoding encoding = ENCODE_PLAIN;
        if (str_eq(str_trim(part), S("*"))) {
            *ret_encoding = encoding_choose(exchange_accepted(exchange));
            return true;
        }
        if (str_eq(bare_tag(part, &encoding), tag) &&
            encoding_is_accepted(exchange_accepted(exchange), encoding)) {
            *ret_encoding = encoding;
            return true;
        }
    }
    return false;
}

bool response_etag(struct exchange *exchange, str tag)
{
    exchange->etag = str_copy(&exchange->scope.arena, tag);
    exchange->not_modified = client_has(exchange, tag, &exchange->matched);
    return exchange->not_modified;
}

void response_reset(struct exchange *exchange)
{
    exchange->status = MHD_HTTP_OK;
    exchange->headers.count = 0;
    exchange->own_headers.count = 0;
    exchange->cookies.count = 0;
    exchange->content_type = STR_NONE;
    exchange->etag = STR_NONE;
    exchange->not_modified = false;
    exchange->records = -1;
    buf_clear(&exchange->body);
}

struct response_aside response_set_aside(const struct exchange *exchange)
{
    return (struct response_aside){.status = exchange->status,
                                   .headers = exchange->headers.count,
                                   .own_headers = exchange->own_headers.count,
                                   .content_type = exchange->content_type,
                                   .etag = exchange->etag,
                                   .not_modified = exchange->not_modified};
}

void response_take_aside(struct exchange *exchange, const struct response_aside *before, int *ret_status,
                         struct buf *ret_body)
{
    *ret_status = exchange->status;
    *ret_body = exchange->body;
    exchange->body = (struct buf){0};
    exchange->status = before->status;
    exchange->headers.count = before->headers;
    exchange->own_headers.count = before->own_headers;
    exchange->content_type = before->content_type;
    exchange->etag = before->etag;
    exchange->not_modified = before->not_modified;
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
    char text[1024];
    struct arena arena;
    arena_init(&arena, 0);
    char *copy =
        name.n + value.n + 2 <= sizeof(text) ? text : arena_alloc(&arena, name.n + value.n + 2);
    memcpy(copy, name.p, name.n);
    copy[name.n] = 0;
    memcpy(copy + name.n + 1, value.p, value.n);
    copy[name.n + 1 + value.n] = 0;
    MHD_add_response_header(response, copy, copy + name.n + 1);
    arena_done(&arena);
}

static void add_tag(struct exchange *exchange, struct MHD_Response *response, str etag,
                    enum content_encoding encoding)
{
    str token = encoding_token(encoding);
    add_header(response, S("ETag"),
               str_printf(&exchange->scope.arena, "\"%.*s%s%.*s\"", STR_ARG(etag),
                          token.n ? "-" : "", STR_ARG(token)));
}

void exchange_add_headers(struct exchange *exchange, struct MHD_Response *response,
                          enum content_encoding encoding, bool varies)
{
    cookies_settle(exchange);
    for (size_t i = 0; i < exchange->headers.count; i++) {
        add_header(response, exchange->headers.items[i].name, exchange->headers.items[i].value);
    }
    for (size_t i = 0; i < exchange->cookies.count; i++) {
        add_header(response, S("Set-Cookie"), exchange->cookies.items[i].value);
    }
    if (exchange->etag.n) {
        add_tag(exchange, response, exchange->etag, encoding);
    }
    if (encoding != ENCODE_PLAIN && !exchange->not_modified) {
        add_header(response, S("Content-Encoding"), encoding_token(encoding));
    }
    if (exchange->server->draining) {
        add_header(response, S("Connection"), S("close"));
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
static struct MHD_Response *response_of(struct buf *bytes)
{
    str body = buf_take(bytes);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)(body.p ? body.p : ""),
                                        body.p ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
    bug_if(!response);
    return response;
}

void exchange_add_own_headers(struct exchange *exchange, struct MHD_Response *response)
{
    for (size_t i = 0; i < exchange->own_headers.count; i++) {
        add_header(response, exchange->own_headers.items[i].name,
                   exchange->own_headers.items[i].value);
    }
}

static struct MHD_Response *not_modified_response(struct exchange *exchange)
{
    struct buf nothing = {0};
    struct MHD_Response *response = response_of(&nothing);
    exchange->cookies.count = 0; /* the answer that it stands for may be anybody's */
    exchange_add_headers(exchange, response, exchange->matched, true);
    exchange_add_own_headers(exchange, response);
    return response;
}

/* Releases what the builder reserved beyond its bytes: a kept answer should cost its size. */
static void trim(struct buf *buf)
{
    char *smaller = buf->n && buf->capacity - buf->n > buf->n / 8 ? realloc(buf->p, buf->n) : NULL;
    if (smaller) {
        buf->p = smaller;
        buf->capacity = buf->n;
    }
}

/* Compresses the body when that is worth it and the client accepts it, and makes the response. */
static struct MHD_Response *whole_response(struct exchange *exchange,
                                           enum content_encoding *ret_encoding)
{
    bool compressible = is_compressible(exchange);
    *ret_encoding = compressible ? encoding_choose(exchange_accepted(exchange)) : ENCODE_PLAIN;
    if (*ret_encoding != ENCODE_PLAIN) {
        struct buf encoded = {0};
        encode_whole(*ret_encoding, buf_str(&exchange->body), &encoded);
        buf_done(&exchange->body);
        exchange->body = encoded;
    }
    exchange->body_bytes = exchange->body.n;
    if (exchange->stored_now) {
        trim(&exchange->body);
    }
    exchange->response_bytes = exchange->body.p;
    struct MHD_Response *response = response_of(&exchange->body);
    exchange_add_headers(exchange, response, *ret_encoding, compressible);
    return response;
}

void exchange_finish(struct exchange *exchange)
{
    enum content_encoding encoding;
    if (exchange->stored || exchange->stream.open || exchange->response) {
        return;
    }
    if (exchange->not_modified) {
        exchange->status = MHD_HTTP_NOT_MODIFIED;
        buf_clear(&exchange->body);
        exchange->response = not_modified_response(exchange);
        return;
    }
    exchange->response = whole_response(exchange, &encoding);
    exchange_add_own_headers(exchange, exchange->response);
}

/* ---- stored responses ---- */

size_t response_body_bytes(const struct exchange *exchange)
{
    return exchange->body.n;
}

struct stored_response *response_store(struct exchange *exchange)
{
    if (exchange->stream.open || exchange->stored || exchange->not_modified ||
        exchange->cookies.count) {
        return NULL;
    }
    struct stored_response *stored = calloc(1, sizeof(*stored));
    if (!stored) {
        bug_out_of_memory(sizeof(*stored));
    }
    stored->references = 1;
    exchange->stored_now = true;
    stored->status = exchange->status;
    stored->records = exchange->records;
    stored->etag = (str){strndup(exchange->etag.p ? exchange->etag.p : "", exchange->etag.n),
                         exchange->etag.n};
    stored->size = STORED_FIXED_BYTES;
    for (size_t i = 0; i < exchange->headers.count; i++) {
        const struct header *header = &exchange->headers.items[i];
        stored->size += STORED_HEADER_BYTES + header->name.n + header->value.n;
    }
    enum content_encoding encoding;
    stored->response = whole_response(exchange, &encoding);
    stored->body = exchange->response_bytes;
    stored->bytes = exchange->body_bytes;
    stored->size += stored->bytes;
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
    MHD_destroy_response(stored->response);
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
    exchange->records = stored->records;
}

static enum MHD_Result copy_header(void *user, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    static const char *const others[] = {"ETag", "Content-Encoding", "Vary"};
    (void)kind;
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        if (str_eq_nocase(str_from(name), str_from(others[i]))) {
            return MHD_YES;
        }
    }
    MHD_add_response_header(user, name, value);
    return MHD_YES;
}

/* The 304 to a stored response; rare enough beside it to be made each time. */
static struct MHD_Response *stored_not_modified(struct exchange *exchange)
{
    struct buf nothing = {0};
    struct MHD_Response *response = response_of(&nothing);
    MHD_get_response_headers(exchange->stored->response, copy_header, response);
    exchange_add_own_headers(exchange, response);
    add_tag(exchange, response, exchange->stored->etag, exchange->matched);
    add_header(response, S("Vary"), S("Accept-Encoding"));
    return response;
}

static enum MHD_Result copy_any_header(void *user, enum MHD_ValueKind kind, const char *name,
                                       const char *value)
{
    (void)kind;
    MHD_add_response_header(user, name, value);
    return MHD_YES;
}

/* A stored response with this client's own headers; the bytes stay the store's. */
static struct MHD_Response *stored_with_own_headers(struct exchange *exchange)
{
    const struct stored_response *stored = exchange->stored;
    struct MHD_Response *response = MHD_create_response_from_buffer(
        stored->bytes, (void *)(uintptr_t)(stored->body ? stored->body : ""),
        MHD_RESPMEM_PERSISTENT);
    bug_if(!response);
    MHD_get_response_headers(stored->response, copy_any_header, response);
    exchange_add_own_headers(exchange, response);
    return response;
}

/* ---- sending ---- */

static enum MHD_Result queue(struct exchange *exchange, int status, struct MHD_Response *response,
                             size_t body_bytes)
{
    bool has_body = exchange->method != HTTP_HEAD && status != MHD_HTTP_NOT_MODIFIED;
    exchange->summary.status = status;
    exchange->summary.bytes_sent = has_body ? body_bytes : 0;
    connection_sends(exchange->link, exchange->stream.open ? -1 : (int64_t)body_bytes);
    return MHD_queue_response(exchange->connection, (unsigned)status, response);
}

enum MHD_Result exchange_send(struct exchange *exchange)
{
    struct stored_response *stored = exchange->stored;
    if (!stored) {
        return queue(exchange, exchange->status, exchange->response, exchange->body_bytes);
    }
    cookies_drop(exchange, "the answer is one of the response cache");
    exchange->summary.from_store = !exchange->stored_now;
    if (stored->etag.n && client_has(exchange, stored->etag, &exchange->matched)) {
        exchange->response = stored_not_modified(exchange);
        return queue(exchange, MHD_HTTP_NOT_MODIFIED, exchange->response, 0);
    }
    if (exchange->own_headers.count) {
        exchange->response = stored_with_own_headers(exchange);
        return queue(exchange, stored->status, exchange->response, stored->bytes);
    }
    return queue(exchange, stored->status, stored->response, stored->bytes);
}
