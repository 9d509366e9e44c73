/*
 * One HTTP request and its response, as the web floor sees them. Nothing here names the library.
 * A work handler runs on a worker thread, straight-line, and may block; it either sets a whole
 * body or streams. Compression (gzip, zstd), HEAD, If-None-Match and Content-Length are done here,
 * below the handlers.
 */
#ifndef PLATFORM_HTTP_EXCHANGE_H
#define PLATFORM_HTTP_EXCHANGE_H

#include "base/buf.h"
#include "base/scope.h"
#include "base/url.h"

struct exchange;
struct stored_response;

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_OTHER
};

enum lane {
    LANE_QUICK,
    LANE_BULK,
    LANE_HEAVY, /* takes much memory and processor time in one go, as hashes of passwords do: few at once */
    LANE__COUNT
};

/*
 * ---- request ----
 * Views live as long as the exchange. Headers, cookies and the client's address are read from the
 * connection, which may end at any time after response_stream: not after that.
 */

enum http_method exchange_method(const struct exchange *exchange);

/** Path as sent, before decoding, without the query string; valid UTF-8 unless it was refused. */
str exchange_raw_path(const struct exchange *exchange);

/** Query string as sent, without '?'; empty when there is none. */
str exchange_raw_query(const struct exchange *exchange);

/** Host (and port) the request is for, checked; empty when it names none (HTTP/1.0). */
str exchange_host(const struct exchange *exchange);

/** Content encoding this client prefers: "gzip", "zstd" or "". */
str exchange_encoding(struct exchange *exchange);

/** Value of a request header (name in any case), or STR_NONE. */
str exchange_header(const struct exchange *exchange, str name);

/** Whether any line of a request header (name in any case) has exactly this value. */
bool exchange_header_is(const struct exchange *exchange, str name, str value);

/** 16 hex digits by which logs and error answers name this request; no other one of this server has them. */
str exchange_id(const struct exchange *exchange);

/** Body of the request, whole; empty when there is none. Its most is http_options.body_limit. */
str exchange_body(const struct exchange *exchange);

/**
 * The client's address as text ("192.0.2.7", "2001:db8::1"): that of the connection, or, when that is
 * a trusted proxy, the right-most address in X-Forwarded-For that is none.
 */
str exchange_client(struct exchange *exchange);

/** The client's network: its address with only the first 24 bits (IPv4) or 64 bits (IPv6) kept, "/24" or "/64" behind. */
str exchange_client_network(struct exchange *exchange);

/** Whether the connection itself is encrypted (tls_certificate); a proxy before us is not seen. */
bool exchange_is_encrypted(const struct exchange *exchange);

/* What a request says of its sender, for statistics. Views, as of headers. */
struct sender {
    const uint8_t *address; /* 4 or 16 bytes */
    size_t address_bytes;
    str user_agent, referrer, languages;
    bool is_unwilling; /* Sec-GPC or DNT: does not want to be counted */
    bool is_by_script; /* a script or an element of a page asks, as far as the browser says */
    bool is_early;     /* fetched before anybody asked for it (prefetch, prerender) */
};

/** On the event loop, before the answer begins. */
struct sender exchange_sender(struct exchange *exchange);

/** Keeps a pointer with the exchange, for whoever is told that it is done. */
void exchange_attach(struct exchange *exchange, void *attached);
void *exchange_attached(const struct exchange *exchange);

/** Arena, deadline, cancellation (client gone) and failure of this request. */
struct scope *exchange_scope(struct exchange *exchange);

/* ---- response ---- */

void response_status(struct exchange *exchange, int status);

/** Adds a header; name and value are copied. Values with CR, LF or NUL are a bug of ours, and so is Set-Cookie (cookie.h). */
void response_header(struct exchange *exchange, str name, str value);

/**
 * Adds a header that belongs to this client alone, as what is left of a quota: it is sent with the answer,
 * also with one from the store, and is never kept with it.
 */
void response_own_header(struct exchange *exchange, str name, str value);

/**
 * Strong validator of the body before compression, without quotes. When the request's
 * If-None-Match names it, the answer becomes 304 and no body is sent; the function then returns
 * true and the handler may return at once.
 */
bool response_etag(struct exchange *exchange, str tag);

/** Notes how many records the answer holds (of a search: how many there are), for statistics; kept with a stored answer. */
void response_records(struct exchange *exchange, int64_t records);

/** Forgets status, headers, cookies, tag and body set so far, for an error answer instead. Not after response_stream. */
void response_reset(struct exchange *exchange);

/** Takes the builder's bytes as the whole body; the builder is empty afterwards. */
void response_body(struct exchange *exchange, struct buf *body);

/* What an answer was before a part of it was made aside: response_set_aside. */
struct response_aside {
    int status;
    size_t headers, own_headers;
    str content_type, etag;
    bool not_modified;
};

/** Remembers the answer so far; what is set from now on is of another, which response_take_aside takes away. */
struct response_aside response_set_aside(const struct exchange *exchange);

/**
 * Gives the status and the whole body that were set meanwhile, and makes the answer what it was; ret_body is
 * the caller's. Cookies stay. Not after response_stream.
 */
void response_take_aside(struct exchange *exchange, const struct response_aside *before, int *ret_status,
                         struct buf *ret_body);

/**
 * Begins a streamed body (chunked). Status and headers must be set; they can't change afterwards.
 * Errors: ERR_CANCELLED.
 */
enum err response_stream(struct exchange *exchange) must_check;

/**
 * The same for a body of exactly so many bytes, which goes out as it is: with Content-Length, never
 * compressed. One that ends early is cut like one that failed.
 */
enum err response_stream_sized(struct exchange *exchange, uint64_t bytes) must_check;

/** Whether response_stream was called: the status line is on its way. */
bool response_is_streaming(const struct exchange *exchange);

/**
 * Appends to a streamed body. Waits while the client reads more slowly than we write.
 * Errors: ERR_CANCELLED (client gone), ERR_DEADLINE. The stream ends when the handler returns; after
 * a failure in mid-stream the connection is cut so that the client sees an incomplete answer.
 */
enum err response_write(struct exchange *exchange, str bytes) must_check;

/* ---- whole responses kept for later (the response cache) ---- */

/** Bytes of the whole body set so far, before compression. */
size_t response_body_bytes(const struct exchange *exchange);

/**
 * Turns the finished whole-body response of an exchange into a shareable object, compressed as this
 * client prefers; reference count 1. NULL when the response is a stream or a 304, or has cookies.
 */
struct stored_response *response_store(struct exchange *exchange);

struct stored_response *stored_response_ref(struct stored_response *stored);
void stored_response_unref(struct stored_response *stored);

/** Bytes of memory it holds. */
size_t stored_response_size(const struct stored_response *stored);

/**
 * Answers with a stored response, honouring HEAD and If-None-Match; it must have been made for the
 * same exchange_encoding. Event-loop safe.
 */
void response_send_stored(struct exchange *exchange, struct stored_response *stored);

#endif
