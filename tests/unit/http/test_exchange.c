/* Cookies and client addresses of real exchanges. */
#include "raw_client.h"
#include "one_scope.h"

#include "platform/http/cookie.h"

#define NOW ((usec)784111777 * USEC_SECOND) /* Sun, 06 Nov 1994 08:49:37 GMT */

static const struct cookie_attributes plain = {.same_site = "Lax", .max_age = 3600};
static struct stored_response *stored;

static void set(struct exchange *exchange, const char *name, const char *value)
{
    response_cookie(exchange, str_from(name), str_from(value), &plain);
}

static void say(struct exchange *exchange, const char *cache_control)
{
    response_header(exchange, S("Cache-Control"), str_from(cache_control));
}

static void finish(struct exchange *exchange, str text)
{
    struct buf body = {0};
    buf_add(&body, text);
    response_body(exchange, &body);
}

static void set_all(struct exchange *exchange)
{
    static const struct cookie_attributes full = {
        .http_only = true, .secure = true, .same_site = "Strict", .max_age = 1209600};
    static const struct cookie_attributes session = {.same_site = "Lax"};
    static const struct cookie_attributes gone = {
        .http_only = true, .secure = true, .same_site = "None", .max_age = -1};
    const struct cookie_attributes elsewhere = {
        .same_site = "Lax", .max_age = -1, .path = S("/maps"), .domain = S("example.org")};
    static const struct cookie_attributes capped = {.same_site = "Lax", .max_age = INT64_MAX};
    response_cookie(exchange, S("full"), S("a=b&c"), &full);
    response_cookie(exchange, S("session"), S(""), &session);
    response_cookie(exchange, S("gone"), S("left"), &gone);
    response_cookie(exchange, S("elsewhere"), S(""), &elsewhere);
    response_cookie(exchange, S("capped"), S("1"), &capped);
    set(exchange, "twice", "1");
    set(exchange, "plain", "1");
    set(exchange, "twice", "2");
}

static void answer_stored(struct exchange *exchange)
{
    finish(exchange, S("stored"));
    struct stored_response *mine = response_store(exchange);
    assert_non_null(mine);
    stored = mine;
    set(exchange, "late", "1");
}

static void answer_stream(struct exchange *exchange, bool early)
{
    if (early) {
        set(exchange, "early", "1");
    }
    if (response_stream(exchange) == ERR_OK) {
        if (!early) {
            set(exchange, "late", "1");
        }
        if (response_write(exchange, S("streamed")) != ERR_OK) {
            response_reset(exchange);
        }
    }
}

static void answer(struct exchange *exchange, str path)
{
    if (str_eq(path, S("/all"))) {
        set_all(exchange);
    } else if (str_eq(path, S("/public"))) {
        say(exchange, "public, max-age=60");
        set(exchange, "a", "1");
        set(exchange, "b", "1");
    } else if (str_eq(path, S("/public-later"))) {
        set(exchange, "a", "1");
        say(exchange, "max-age=60");
        say(exchange, "S-MaxAge=60");
    } else if (str_eq(path, S("/private"))) {
        set(exchange, "a", "1");
        say(exchange, "max-age=60, Private");
    } else if (str_eq(path, S("/no-store"))) {
        say(exchange, "no-store");
        set(exchange, "a", "1");
    } else if (str_eq(path, S("/no-cache"))) {
        say(exchange, "no-cache");
        set(exchange, "a", "1");
    } else if (str_eq(path, S("/private-field"))) {
        say(exchange, "private=X");
        set(exchange, "a", "1");
    } else if (str_eq(path, S("/nothing"))) {
        set(exchange, "a", "1");
    } else if (str_eq(path, S("/reset"))) {
        set(exchange, "a", "1");
        response_reset(exchange);
    } else if (str_eq(path, S("/tagged"))) {
        set(exchange, "a", "1");
        say(exchange, "private");
        response_etag(exchange, S("tag"));
    } else if (str_eq(path, S("/not-stored"))) {
        set(exchange, "a", "1");
        finish(exchange, S("x"));
        assert_null(response_store(exchange));
    }
}

static void work(struct exchange *exchange, void *user)
{
    str path = exchange_raw_path(exchange);
    struct arena *arena = &exchange_scope(exchange)->arena;
    (void)user;
    if (str_eq(path, S("/cookies"))) {
        finish(exchange, exchange_cookies(exchange));
    } else if (str_eq(path, S("/client"))) {
        assert_false(exchange_is_encrypted(exchange));
        finish(exchange, str_printf(arena, "%.*s %.*s", STR_ARG(exchange_client(exchange)),
                                    STR_ARG(exchange_client_network(exchange))));
    } else if (str_eq(path, S("/store"))) {
        answer_stored(exchange);
    } else if (str_eq(path, S("/stream")) || str_eq(path, S("/stream-late"))) {
        answer_stream(exchange, str_eq(path, S("/stream")));
    } else {
        finish(exchange, S("body"));
        answer(exchange, path);
    }
}

static bool choose(struct exchange *exchange, enum lane *ret_lane, void *user)
{
    (void)user;
    *ret_lane = LANE_QUICK;
    if (str_eq(exchange_raw_path(exchange), S("/from-store"))) {
        set(exchange, "a", "1");
        response_send_stored(exchange, stored);
        return true;
    }
    return false;
}

static void refuse(struct exchange *exchange, int status, str message, void *user)
{
    (void)user;
    response_status(exchange, status);
    finish(exchange, message);
}

static struct http_server *start(const char *const *trusted)
{
    struct http_server *server = NULL;
    struct http_options options = {.listen = "127.0.0.1:0",
                                   .loops = 1,
                                   .quick_workers = 1,
                                   .bulk_workers = 1,
                                   .queue_limit = 10,
                                   .header_limit_bytes = 32768,
                                   .stream_buffer_bytes = 65536,
                                   .trusted_proxies = trusted,
                                   .quick = choose,
                                   .work = work,
                                   .refuse = refuse};
    clock_set_wall(NOW);
    check_ok("start", &scope, http_server_start(&scope, &options, &server));
    return server;
}

static void stop(struct http_server *server)
{
    await_idle(server);
    http_server_stop(server, USEC_SECOND, NULL);
    clock_set_wall(0);
}

static str ask(struct http_server *server, const char *path, const char *headers)
{
    return raw_ask(&scope, server,
                   str_printf(&scope.arena,
                              "GET %s HTTP/1.1\r\nHost: a\r\n%sConnection: close\r\n\r\n", path,
                              headers));
}

static uint64_t dropped(struct http_server *server)
{
    struct http_statistics now;
    http_server_statistics(server, &now);
    return now.cookies_dropped;
}

static void check_line(str answer, const char *line)
{
    int count = count_of(answer, str_printf(&scope.arena, "\r\nSet-Cookie: %s\r\n", line));
    check_int(line, count, 1);
}

static void test_lines(void **state)
{
    (void)state;
    struct http_server *server = start(NULL);
    str text = ask(server, "/all", "");
    check_line(text,
               "full=a=b&c; expires=Sun, 20 Nov 1994 08:49:37 GMT; HttpOnly; Max-Age=1209600; "
               "Path=/; SameSite=Strict; Secure");
    check_line(text, "session=; Path=/; SameSite=Lax");
    check_line(text, "elsewhere=; Domain=example.org; expires=Thu, 01 Jan 1970 00:00:00 GMT; "
                     "Max-Age=0; Path=/maps; SameSite=Lax");
    check_line(text, "gone=; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; "
                     "SameSite=None; Secure");
    check_line(text, "capped=1; expires=Mon, 11 Dec 1995 08:49:37 GMT; Max-Age=34560000; Path=/; "
                     "SameSite=Lax");
    check_line(
        text, "twice=2; expires=Sun, 06 Nov 1994 09:49:37 GMT; Max-Age=3600; Path=/; SameSite=Lax");
    check_line(
        text, "plain=1; expires=Sun, 06 Nov 1994 09:49:37 GMT; Max-Age=3600; Path=/; SameSite=Lax");
    assert_int_equal(count_of(text, S("Set-Cookie")), 7);
    assert_int_equal(dropped(server), 0);
    stop(server);
}

static void test_caching(void **state)
{
    static const struct {
        const char *path;
        const char *headers;
        int status;
        int cookies;
        int dropped;
        const char *cache_control; /* NULL: none */
    } rows[] = {
        {"/public", "", 200, 0, 2, "no-store"},
        {"/public-later", "", 200, 0, 1, "no-store"},
        {"/private", "", 200, 1, 0, "max-age=60, Private"},
        {"/no-store", "", 200, 1, 0, "no-store"},
        {"/no-cache", "", 200, 1, 0, "no-store"},
        {"/private-field", "", 200, 1, 0, "no-store"},
        {"/nothing", "", 200, 1, 0, "no-store"},
        {"/reset", "", 200, 0, 0, NULL},
        {"/none", "", 200, 0, 0, NULL},
        {"/tagged", "", 200, 1, 0, "private"},
        {"/tagged", "If-None-Match: \"tag\"\r\n", 304, 0, 0, "private"},
        {"/not-stored", "", 200, 1, 0, "no-store"},
        {"/stream", "", 200, 1, 0, "no-store"},
        {"/stream-late", "", 200, 0, 1, NULL},
        {"/store", "", 200, 0, 1, NULL},
        {"/from-store", "", 200, 0, 1, NULL},
    };
    (void)state;
    uint64_t before = 0;
    struct http_server *server = start(NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        str text = ask(server, rows[i].path, rows[i].headers);
        await_idle(server);
        uint64_t after = dropped(server);
        check_int(rows[i].path, status_of(text), rows[i].status);
        check_int(rows[i].path, count_of(text, S("\r\nSet-Cookie: ")), rows[i].cookies);
        check_int(rows[i].path, (long long)(after - before), rows[i].dropped);
        check_text(rows[i].path, header_of(text, S("Cache-Control")),
                   str_from(rows[i].cache_control));
        check_int(rows[i].path, count_of(text, S("\r\nCache-Control: ")),
                  rows[i].cache_control != NULL);
        before = after;
    }
    stored_response_unref(stored);
    stored = NULL;
    stop(server);
}

static void test_request_cookies(void **state)
{
    (void)state;
    struct http_server *server = start(NULL);
    check_text("none", body_of(ask(server, "/cookies", "")), S(""));
    check_text("one", body_of(ask(server, "/cookies", "cookie: a=1; b=2\r\n")), S("a=1; b=2"));
    check_text(
        "three",
        body_of(ask(server, "/cookies", "Cookie: a=1\r\nX: y\r\nCookie:\r\nCOOKIE: b=2,3\r\n")),
        S("a=1; ; b=2,3"));
    struct buf many = {0};
    for (int i = 0; i < 300; i++) {
        buf_printf(&many, "Cookie: a%03d=1\r\n", i);
    }
    str text = body_of(ask(server, "/cookies", str_cz(&scope.arena, buf_str(&many))));
    assert_int_equal(count_of(text, S("=1")), 200);
    assert_true(str_ends(text, S("a199=1")));
    buf_clear(&many);
    buf_add(&many, S("Cookie: a="));
    memset(buf_reserve(&many, 12000), 'x', 12000);
    many.n += 12000;
    buf_add(&many, S("\r\n"));
    text = body_of(ask(server, "/cookies", str_cz(&scope.arena, buf_str(&many))));
    assert_int_equal(text.n, 12002);
    buf_done(&many);
    stop(server);
}

static void test_client(void **state)
{
    static const char *const proxies[] = {"10.0.0.0/8", "127.0.0.1", NULL};
    static const struct {
        const char *headers;
        const char *client;
    } rows[] = {
        {"", "127.0.0.1 127.0.0.0/24"},
        {"X-Forwarded-For: 192.0.2.7\r\n", "192.0.2.7 192.0.2.0/24"},
        {"X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 2001:db8::7, 10.0.0.2\r\n",
         "2001:db8::7 2001:db8::/64"},
        {"X-Forwarded-For: nonsense\r\n", "127.0.0.1 127.0.0.0/24"},
        {"Forwarded: for=192.0.2.7\r\n", "127.0.0.1 127.0.0.0/24"},
    };
    (void)state;
    struct http_server *server = start(proxies);
    struct http_server *direct = start(NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        check_text(rows[i].headers, body_of(ask(server, "/client", rows[i].headers)),
                   str_from(rows[i].client));
        check_text(rows[i].headers, body_of(ask(direct, "/client", rows[i].headers)),
                   str_from(rows[0].client));
    }
    struct buf lines = {0};
    for (int i = 0; i < 20; i++) { /* so many that the last, which counts, is not read */
        buf_add(&lines, S("X-Forwarded-For: 192.0.2.7\r\n"));
    }
    check_text("lines", body_of(ask(server, "/client", str_cz(&scope.arena, buf_str(&lines)))),
               str_from(rows[0].client));
    buf_done(&lines);
    stop(direct);
    stop(server);
}

static void test_bad_proxy(void **state)
{
    static const char *const proxies[] = {"127.0.0.1", "10.0.0.1/8", NULL};
    struct http_server *server = NULL;
    struct http_options options = {.listen = "127.0.0.1:0", .trusted_proxies = proxies};
    (void)state;
    assert_int_equal(http_server_start(&scope, &options, &server), ERR_USAGE);
    check_failure("proxy", &scope, ERR_USAGE, "10.0.0.1/8");
}

/* ---- faults of ours ---- */

static void break_with(const char *name, const char *value,
                       const struct cookie_attributes *attributes)
{
    struct exchange *exchange = calloc(1, 65536); /* it is not looked at before the check */
    response_cookie(exchange, str_from(name), str_from(value), attributes);
}

static void name_is_no_token(void)
{
    break_with("a b", "1", &plain);
}

static void value_has_semicolon(void)
{
    break_with("a", "1;2", &plain);
}

static void value_is_too_long(void)
{
    static char value[4097];
    memset(value, 'x', sizeof(value) - 1);
    break_with("a", value, &plain);
}

static void same_site_is_missing(void)
{
    break_with("a", "1", &(struct cookie_attributes){0});
}

static void none_is_not_secure(void)
{
    break_with("a", "1", &(struct cookie_attributes){.same_site = "None"});
}

static void header_sets_cookie(void)
{
    response_header(calloc(1, 65536), S("set-cookie"), S("a=1"));
}

static void test_bugs(void **state)
{
    (void)state;
    check_aborts("name", name_is_no_token);
    check_aborts("value", value_has_semicolon);
    check_aborts("length", value_is_too_long);
    check_aborts("same_site", same_site_is_missing);
    check_aborts("None", none_is_not_secure);
    check_aborts("header", header_sets_cookie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bugs),    cmocka_unit_test(test_lines),
        cmocka_unit_test(test_caching), cmocka_unit_test(test_request_cookies),
        cmocka_unit_test(test_client),  cmocka_unit_test(test_bad_proxy),
    };
    return cmocka_run_group_tests(tests, open_scope, close_scope);
}
