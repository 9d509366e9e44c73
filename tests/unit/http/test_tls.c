/* TLS: what is refused at the start, and requests over it. */
#include "raw_client.h"
#include "directory.h"
#include "one_scope.h"

#include <gnutls/x509.h>
#include <time.h>

#define BODY_BYTES 300000
#define STREAM_BYTES (8u << 20)

static struct directory directory;
static const char *certificate;
static const char *key;
static const char *other_key;

static void write_datum(const char *path, gnutls_datum_t text, mode_t mode)
{
    file_write(path, (str){(const char *)text.data, text.size});
    assert_int_equal(chmod(path, mode), 0);
    gnutls_free(text.data);
}

static gnutls_x509_privkey_t make_key(const char *path)
{
    gnutls_x509_privkey_t made;
    gnutls_datum_t text;
    gnutls_x509_privkey_init(&made);
    assert_int_equal(gnutls_x509_privkey_generate(made, GNUTLS_PK_ECDSA,
                                                  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
                                                  0),
                     0);
    assert_int_equal(gnutls_x509_privkey_export2(made, GNUTLS_X509_FMT_PEM, &text), 0);
    write_datum(path, text, 0600);
    return made;
}

static void make_certificate(gnutls_x509_privkey_t for_key, const char *path)
{
    gnutls_x509_crt_t made;
    gnutls_datum_t text;
    gnutls_x509_crt_init(&made);
    gnutls_x509_crt_set_version(made, 3);
    gnutls_x509_crt_set_serial(made, "\1", 1);
    gnutls_x509_crt_set_activation_time(made, time(NULL) - 60);
    gnutls_x509_crt_set_expiration_time(made, time(NULL) + 86400);
    gnutls_x509_crt_set_dn_by_oid(made, GNUTLS_OID_X520_COMMON_NAME, 0, "localhost", 9);
    gnutls_x509_crt_set_key(made, for_key);
    assert_int_equal(gnutls_x509_crt_sign2(made, made, for_key, GNUTLS_DIG_SHA256, 0), 0);
    assert_int_equal(gnutls_x509_crt_export2(made, GNUTLS_X509_FMT_PEM, &text), 0);
    write_datum(path, text, 0644);
    gnutls_x509_crt_deinit(made);
}

static int open_files(void **state)
{
    open_scope(state);
    directory_make(&directory);
    certificate = directory_file(&scope, &directory, "cert.pem");
    key = directory_file(&scope, &directory, "key.pem");
    other_key = directory_file(&scope, &directory, "other.pem");
    gnutls_x509_privkey_t made = make_key(key);
    make_certificate(made, certificate);
    gnutls_x509_privkey_deinit(made);
    gnutls_x509_privkey_deinit(make_key(other_key));
    return 0;
}

static int close_files(void **state)
{
    directory_remove(&directory);
    return close_scope(state);
}

static void test_files(void **state)
{
    const char *missing = directory_file(&scope, &directory, "missing.pem");
    const char *garbage = directory_file(&scope, &directory, "garbage.pem");
    const char *open_key = directory_file(&scope, &directory, "open.pem");
    const char *large = directory_file(&scope, &directory, "large.pem");
    const struct {
        const char *certificate, *key;
        const char *message;
    } rows[] = {
        {certificate, NULL, "tls-key: the key"},
        {NULL, key, "tls-cert: the certificate"},
        {missing, key, "missing.pem' cannot be opened"},
        {certificate, missing, "missing.pem' cannot be opened"},
        {directory.path, key, "is not a file"},
        {certificate, garbage, "not a PEM certificate"},
        {garbage, key, "not a PEM certificate"},
        {key, key, "not a PEM certificate"},
        {certificate, other_key, "is not the key of the certificate"},
        {certificate, open_key, "chmod 600"},
        {large, key, "too large"},
    };
    (void)state;
    file_write(garbage, S("garbage"));
    chmod(garbage, 0600);
    file_write(open_key, file_read(&scope, key));
    chmod(open_key, 0604);
    file_write(large, S(""));
    assert_int_equal(truncate(large, 2 << 20), 0);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        check_int(rows[i].message, http_check_tls(&scope, rows[i].certificate, rows[i].key),
                  ERR_USAGE);
        check_failure(rows[i].message, &scope, ERR_USAGE, rows[i].message);
    }
    check_ok("none", &scope, http_check_tls(&scope, NULL, NULL));
    check_ok("both", &scope, http_check_tls(&scope, certificate, key));
    chmod(open_key, 0640); /* a group may read it */
    check_ok("group", &scope, http_check_tls(&scope, certificate, open_key));
}

/* ---- a server ---- */

static size_t limit_of(struct exchange *exchange, void *user)
{
    (void)exchange;
    (void)user;
    return BODY_BYTES;
}

static bool quick(struct exchange *exchange, enum lane *ret_lane, void *user)
{
    (void)user;
    *ret_lane = LANE_QUICK;
    if (str_eq(exchange_raw_path(exchange), S("/quick"))) {
        struct buf body = {0};
        buf_add(&body, exchange_is_encrypted(exchange) ? S("encrypted") : S("plain"));
        response_body(exchange, &body);
        return true;
    }
    return false;
}

/* Echoes a body; without one streams STREAM_BYTES in uneven pieces, now and then waiting. */
static void work(struct exchange *exchange, void *user)
{
    char piece[5000];
    str sent = exchange_body(exchange);
    struct buf body = {0};
    (void)user;
    if (sent.n) {
        buf_add(&body, sent);
        response_body(exchange, &body);
        return;
    }
    memset(piece, 's', sizeof(piece));
    enum err result = response_stream(exchange);
    for (size_t left = STREAM_BYTES; left && result == ERR_OK;) {
        size_t n = left < sizeof(piece) ? left : sizeof(piece);
        result = response_write(exchange, (str){piece, n});
        left -= n;
        if (left % 500000 < sizeof(piece)) {
            usleep(10000); /* the connection is suspended meanwhile */
        }
    }
}

static void refuse(struct exchange *exchange, int status, str message, void *user)
{
    struct buf body = {0};
    (void)user;
    buf_add(&body, message);
    response_status(exchange, status);
    response_body(exchange, &body);
}

static struct http_server *start(usec idle_timeout)
{
    struct http_server *server = NULL;
    struct http_options options = {.listen = "127.0.0.1:0",
                                   .loops = 2,
                                   .quick_workers = 2,
                                   .bulk_workers = 1,
                                   .queue_limit = 10,
                                   .idle_timeout = idle_timeout,
                                   .header_limit_bytes = 32768,
                                   .stream_buffer_bytes = 65536,
                                   .tls_certificate = certificate,
                                   .tls_key = key,
                                   .body_limit = limit_of,
                                   .quick = quick,
                                   .work = work,
                                   .refuse = refuse};
    check_ok("start", &scope, http_server_start(&scope, &options, &server));
    return server;
}

static void stop(struct http_server *server)
{
    await_idle(server);
    http_server_stop(server, USEC_SECOND, NULL);
}

/* ---- a client ---- */

struct client {
    int handle;
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
};

/* Result of the handshake. */
static int client_open(struct http_server *server, const char *priorities, struct client *client)
{
    int result;
    client->handle = raw_connect(server);
    assert_int_equal(gnutls_certificate_allocate_credentials(&client->credentials), 0);
    assert_true(gnutls_certificate_set_x509_trust_file(client->credentials, certificate,
                                                       GNUTLS_X509_FMT_PEM) == 1);
    assert_int_equal(gnutls_init(&client->session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL), 0);
    assert_int_equal(gnutls_priority_set_direct(client->session, priorities, NULL), 0);
    gnutls_credentials_set(client->session, GNUTLS_CRD_CERTIFICATE, client->credentials);
    gnutls_session_set_verify_cert(client->session, "localhost", 0);
    gnutls_transport_set_int(client->session, client->handle);
    do {
        result = gnutls_handshake(client->session);
    } while (result < 0 && !gnutls_error_is_fatal(result));
    return result;
}

static void client_close(struct client *client)
{
    gnutls_deinit(client->session);
    gnutls_certificate_free_credentials(client->credentials);
    close(client->handle);
}

static void client_send(struct client *client, str text)
{
    while (text.n) {
        ssize_t n = gnutls_record_send(client->session, text.p, text.n);
        assert_true(n > 0);
        text = str_slice(text, (size_t)n, text.n);
    }
}

/* Reads up to what is awaited; without it up to the end. */
static void client_read(struct client *client, str awaited, struct buf *text)
{
    ssize_t n = 1;
    while (n > 0 && (awaited.n == 0 || !str_ends(buf_str(text), awaited))) {
        n = gnutls_record_recv(client->session, buf_reserve(text, 65536), 65536);
        text->n += n > 0 ? (size_t)n : 0;
    }
    check_int(gnutls_strerror((int)n), n > 0, awaited.n > 0);
}

static size_t count_byte(str text, char byte)
{
    size_t count = 0;
    for (size_t i = 0; i < text.n; i++) {
        count += text.p[i] == byte;
    }
    return count;
}

static void test_requests(void **state)
{
    static const char *const priorities[] = {"NORMAL:-VERS-ALL:+VERS-TLS1.3",
                                             "NORMAL:-VERS-ALL:+VERS-TLS1.2"};
    struct client client;
    struct buf text = {0};
    struct buf body = {0};
    (void)state;
    memset(buf_reserve(&body, BODY_BYTES), 'b', BODY_BYTES - 3);
    body.n = BODY_BYTES - 3;
    buf_add(&body, S("end"));
    struct http_server *server = start(20 * USEC_SECOND);
    for (size_t i = 0; i < ARRAY_LENGTH(priorities); i++) {
        buf_clear(&text);
        check_int(priorities[i], client_open(server, priorities[i], &client), 0);
        for (int round = 0; round < 3; round++) { /* one connection for all */
            client_send(&client, S("GET /quick HTTP/1.1\r\nHost: a\r\n\r\n"));
            client_read(&client, S("encrypted"), &text);
            buf_clear(&text);
            client_send(&client,
                        str_printf(&scope.arena,
                                   "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n",
                                   BODY_BYTES));
            client_send(&client, buf_str(&body));
            client_read(&client, S("bend"), &text);
            assert_int_equal(status_of(buf_str(&text)), 200);
            assert_true(str_eq(body_of(buf_str(&text)), buf_str(&body)));
            buf_clear(&text);
        }
        client_send(&client, S("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        client_read(&client, S("\r\n0\r\n\r\n"), &text);
        assert_int_equal(status_of(buf_str(&text)), 200);
        assert_int_equal(count_byte(body_of(buf_str(&text)), 's'), STREAM_BYTES);
        buf_clear(&text);
        client_send(&client, S("GET /quick HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
        client_read(&client, S(""), &text);
        check_text("last", body_of(buf_str(&text)), S("encrypted"));
        client_close(&client);
    }
    buf_done(&text);
    buf_done(&body);
    stop(server);
}

static void test_old_versions(void **state)
{
    struct client client;
    (void)state;
    struct http_server *server = start(20 * USEC_SECOND);
    int result = client_open(server, "NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0", &client);
    assert_true(result == GNUTLS_E_FATAL_ALERT_RECEIVED || /* it is the server that refuses */
                result == GNUTLS_E_PREMATURE_TERMINATION);
    client_close(&client);
    stop(server);
}

/* Plain HTTP, nothing at all, and a client that leaves a stream: no worker and no connection stays.
 */
static void test_broken_clients(void **state)
{
    struct client client;
    struct buf text = {0};
    struct http_statistics now = {.connections_open = 1};
    (void)state;
    struct http_server *server = start(500000);
    str answer = raw_ask(&scope, server, S("GET /quick HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_int_equal(count_of(answer, S("HTTP/")), 0);
    int silent = raw_connect(server);
    raw_read(silent, S(""), &text); /* it is closed after the idle timeout */
    close(silent);
    assert_int_equal(client_open(server, "NORMAL", &client), 0);
    client_send(&client, S("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_true(gnutls_record_recv(client.session, buf_reserve(&text, 100), 100) > 0);
    client_close(&client);
    assert_int_equal(client_open(server, "NORMAL", &client), 0);
    client_send(&client, S("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf"));
    client_close(&client);
    await_idle(server);
    while (now.connections_open) {
        http_server_statistics(server, &now);
    }
    buf_done(&text);
    stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_old_versions),
        cmocka_unit_test(test_broken_clients),
    };
    return cmocka_run_group_tests(tests, open_files, close_files);
}
