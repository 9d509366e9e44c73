/*
 * What the server checks of a request before anything else sees it: the target, the Host and the
 * framing of a body; and the body as it comes. Where a client and a proxy before us could read a
 * request differently, it is refused and the connection is closed (RFC 9112 3.2, 6.3, 11.2).
 */
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "platform/http/internal.h"

#define TOO_LARGE S("The body is too large.")
#define HEADER_PUNCTUATION 4 /* colon, blank, end of line */
#define DISCARDED_BYTES (1u << 20) /* of a refused body, for the client to come to our answer */

static enum MHD_Result read_header(void *user, enum MHD_ValueKind kind, const char *name,
                                   size_t name_bytes, const char *value, size_t value_bytes)
{
    static const str names[HEADER__COUNT] = {
        [HEADER_HOST] = {"Host", 4},
        [HEADER_CONTENT_LENGTH] = {"Content-Length", 14},
        [HEADER_TRANSFER_ENCODING] = {"Transfer-Encoding", 17},
        [HEADER_ACCEPT_ENCODING] = {"Accept-Encoding", 15},
        [HEADER_IF_NONE_MATCH] = {"If-None-Match", 13},
        [HEADER_COOKIE] = {"Cookie", 6},
        [HEADER_FORWARDED_FOR] = {"X-Forwarded-For", 15},
        [HEADER_AUTHORIZATION] = {"Authorization", 13},
        [HEADER_USER_AGENT] = {"User-Agent", 10},
        [HEADER_REFERER] = {"Referer", 7},
        [HEADER_ACCEPT_LANGUAGE] = {"Accept-Language", 15},
        [HEADER_SEC_GPC] = {"Sec-GPC", 7},
        [HEADER_DNT] = {"DNT", 3},
        [HEADER_SEC_PURPOSE] = {"Sec-Purpose", 11},
        [HEADER_PURPOSE] = {"Purpose", 7},
        [HEADER_X_PURPOSE] = {"X-Purpose", 9},
        [HEADER_X_MOZ] = {"X-Moz", 5},
        [HEADER_SEC_FETCH_DEST] = {"Sec-Fetch-Dest", 14},
    };
    struct exchange *exchange = user;
    str given = {name, name_bytes};
    str text = {value ? value : "", value ? value_bytes : 0};
    (void)kind;
    exchange->head_bytes += given.n + text.n + HEADER_PUNCTUATION;
    exchange->has_bad_header |=
        str_find_char(given, ' ', 0) != SIZE_MAX || str_find_char(given, '\t', 0) != SIZE_MAX;
    for (size_t i = 0; i < HEADER__COUNT; i++) {
        struct header_value *known = &exchange->known[i];
        if (!str_eq_nocase(given, names[i])) {
            continue;
        }
        known->lines++;
        known->bytes += text.n;
        if (known->lines == 1) {
            known->text = text;
        } else if (known->lines <= JOINED_LINES && i != HEADER_COOKIE) {
            known->text = str_printf(&exchange->scope.arena, "%.*s,%.*s", STR_ARG(known->text),
                                     STR_ARG(text));
        }
        break;
    }
    return MHD_YES;
}

/* Takes scheme and authority off an absolute target, which every server must accept. */
static void split_absolute(struct exchange *exchange, bool *ret_has_authority)
{
    static const char *const schemes[] = {"http://", "https://"};
    str path = exchange->raw_path;
    for (size_t i = 0; i < ARRAY_LENGTH(schemes); i++) {
        str scheme = str_from(schemes[i]);
        if (path.n < scheme.n || !str_eq_nocase(str_slice(path, 0, scheme.n), scheme)) {
            continue;
        }
        size_t slash = str_find_char(path, '/', scheme.n);
        exchange->host = str_slice(path, scheme.n, slash);
        exchange->raw_path = slash == SIZE_MAX ? S("/") : str_slice(path, slash, path.n);
        *ret_has_authority = true;
    }
}

/* host [ ":" port ] with a name, an IPv4 address or an IPv6 address in brackets. */
static bool is_host(str host)
{
    size_t end = 0;
    bool bracketed = host.n && host.p[0] == '[';
    if (bracketed) {
        end = str_find_char(host, ']', 0);
        end = end == SIZE_MAX ? host.n : end;
    }
    for (size_t i = bracketed; i < end; i++) {
        if (!is_ascii_digit(host.p[i]) && !strchr("abcdefABCDEF:.", host.p[i])) {
            return false;
        }
    }
    while (!bracketed && end < host.n && host.p[end] != ':') {
        char c = host.p[end++];
        if (!is_ascii_letter(c) && !is_ascii_digit(c) && !strchr(".-_", c)) {
            return false;
        }
    }
    str port = str_slice(host, end + bracketed, host.n);
    int64_t number;
    return end > bracketed && (!bracketed || end < host.n) &&
           (port.n == 0 || (port.p[0] == ':' &&
                            (port.n == 1 || (is_ascii_digit(port.p[1]) &&
                                             num_read_int(str_slice(port, 1, port.n), &number) &&
                                             number < 65536))));
}

static bool check_host(struct exchange *exchange)
{
    bool has_authority = false;
    const struct header_value *host = &exchange->known[HEADER_HOST];
    split_absolute(exchange, &has_authority);
    if (host->lines > 1 || (host->lines == 0 && !exchange->is_http_1_0)) {
        return false;
    }
    if (!has_authority) {
        exchange->host = str_trim(host->text);
    }
    return exchange->host.n == 0 || is_host(exchange->host);
}

static bool is_path(str path)
{
    for (size_t i = 0; i < path.n; i++) {
        if ((unsigned char)path.p[i] <= ' ' || path.p[i] == 0x7f) {
            return false;
        }
    }
    return path.n && path.p[0] == '/' && utf8_is_valid(path);
}

static bool is_number(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!is_ascii_digit(text.p[i])) {
            return false;
        }
    }
    return text.n > 0;
}

/*
 * How long the body is, INT64_MAX when its chunks say; false when that could be read in two ways.
 * What is accepted is exactly what the library then goes by.
 */
static bool read_framing(const struct exchange *exchange, int64_t *ret_length)
{
    const struct header_value *length = &exchange->known[HEADER_CONTENT_LENGTH];
    const struct header_value *coding = &exchange->known[HEADER_TRANSFER_ENCODING];
    *ret_length = INT64_MAX;
    if (coding->lines) {
        return coding->lines == 1 && length->lines == 0 && !exchange->is_http_1_0 &&
               str_eq_nocase(coding->text, S("chunked"));
    }
    if (length->lines == 0) {
        *ret_length = 0;
        return true;
    }
    return length->lines == 1 && is_number(length->text) &&
           (num_read_int(length->text, ret_length) || *ret_length == INT64_MAX);
}

/* Asks how large this body may be; false: it is refused. */
static bool check_body(struct exchange *exchange, int64_t length, str *ret_message)
{
    const struct http_options *options = &exchange->server->options;
    bool is_chunked = exchange->known[HEADER_TRANSFER_ENCODING].lines > 0;
    if (length == 0) {
        return true;
    }
    size_t limit = options->body_limit ? options->body_limit(exchange, options->user) : 0;
    if (limit == 0) {
        *ret_message = S("A body is not expected with this request.");
        return false;
    }
    if (!is_chunked && (uint64_t)length > limit) {
        *ret_message = TOO_LARGE;
        return false;
    }
    exchange->body_limit = limit;
    exchange->expects_body = true;
    return true;
}

bool request_check(struct exchange *exchange, int *ret_status, str *ret_message)
{
    MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, read_header, exchange);
    bool is_host_good = check_host(exchange);
    int64_t body_length;
    *ret_status = MHD_HTTP_BAD_REQUEST;
    if (exchange->raw_path.n > LIMIT_PATH_BYTES || exchange->raw_query.n > LIMIT_QUERY_BYTES) {
        *ret_status = MHD_HTTP_URI_TOO_LONG;
        *ret_message = S("The address is too long.");
        return false;
    }
    exchange->head_bytes += exchange->raw_path.n + exchange->raw_query.n;
    if (exchange->head_bytes > exchange->server->options.header_limit_bytes) {
        *ret_status = MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
        *ret_message = S("The headers are too large.");
        return false;
    }
    if (!is_host_good) {
        *ret_message = S("One valid Host header is expected.");
        return false;
    }
    /* With several, a proxy and we could each believe another. */
    if (exchange->known[HEADER_AUTHORIZATION].lines > 1) {
        *ret_message = S("At most one Authorization header is expected.");
        return false;
    }
    if (exchange->has_bad_header) {
        *ret_message = S("The name of a header is malformed.");
        return false;
    }
    bool is_for_server = exchange->method == HTTP_OPTIONS && str_eq(exchange->raw_path, S("*"));
    bool is_refused_later = exchange->method == HTTP_OTHER;
    if (!is_for_server && !is_refused_later && !is_path(exchange->raw_path)) {
        *ret_message = S("The address is malformed.");
        return false;
    }
    if (!read_framing(exchange, &body_length)) {
        *ret_message = S("The length of the body is not clear.");
        return false;
    }
    *ret_status = MHD_HTTP_CONTENT_TOO_LARGE;
    return check_body(exchange, body_length, ret_message);
}

/* ---- the body as it comes ---- */

/* Keeps a piece, as long as all bodies together leave room for it. */
static bool keep(struct exchange *exchange, str piece)
{
    struct http_server *server = exchange->server;
    struct buf *body = &exchange->request_body;
    size_t before = body->capacity;
    if (server->bodies_bytes + piece.n > LIMIT_BODIES_BYTES) {
        return false;
    }
    buf_add(body, piece);
    atomic_fetch_add(&server->bodies_bytes, body->capacity - before);
    return true;
}

bool body_add(struct exchange *exchange, str piece)
{
    exchange->body_received += piece.n;
    if (!exchange->body_refused && exchange->body_received > exchange->body_limit) {
        exchange->body_refused = MHD_HTTP_CONTENT_TOO_LARGE;
    } else if (!exchange->body_refused && !keep(exchange, piece)) {
        exchange->body_refused = MHD_HTTP_SERVICE_UNAVAILABLE;
    }
    if (!exchange->body_refused) {
        return true;
    }
    body_free(exchange);
    return exchange->body_received <= exchange->body_limit + DISCARDED_BYTES;
}

void body_free(struct exchange *exchange)
{
    atomic_fetch_sub(&exchange->server->bodies_bytes, exchange->request_body.capacity);
    buf_done(&exchange->request_body);
}

str body_refusal(const struct exchange *exchange)
{
    return exchange->body_refused == MHD_HTTP_CONTENT_TOO_LARGE ? TOO_LARGE : SERVER_BUSY;
}
