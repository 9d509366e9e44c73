/* The certificate and key of the server: read and checked before anything starts. */
#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/http/internal.h"

#define FILE_BYTES (1 << 20)
#define FIRST_BYTES (64 << 10)

static enum err read_whole(struct scope *scope, const char *option, const char *path, int handle,
                           struct buf *ret_text)
{
    buf_reserve(ret_text, FIRST_BYTES); /* a key should not leave copies where it grew */
    for (;;) {
        ssize_t n = read(handle, buf_reserve(ret_text, 4096), 4096);
        if (n < 0) {
            return fail(scope, ERR_USAGE, "%s: '%s' cannot be read (%s)", option, path,
                        strerror(errno));
        }
        if (n == 0) {
            buf_add_char(ret_text, 0);
            return ERR_OK;
        }
        ret_text->n += (size_t)n;
        if (ret_text->n > FILE_BYTES) {
            return fail(scope, ERR_USAGE, "%s: '%s' is too large to be a PEM file", option, path);
        }
    }
}

/* A key is for the server and perhaps its group, as Debian's ssl-cert, to read. */
static enum err check_file(struct scope *scope, const char *option, const char *path, int handle,
                           bool is_secret)
{
    struct stat facts;
    if (fstat(handle, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return fail(scope, ERR_USAGE, "%s: '%s' is not a file", option, path);
    }
    if (is_secret && (facts.st_mode & (S_IRWXO | S_IWGRP))) {
        return fail(scope, ERR_USAGE,
                    "%s: '%s' is open to other users of this system; close it with: chmod 600 %s",
                    option, path, path);
    }
    return ERR_OK;
}

static enum err read_file(struct scope *scope, const char *option, const char *path, bool is_secret,
                          struct buf *ret_text)
{
    int handle = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (handle < 0) {
        return fail(scope, ERR_USAGE, "%s: '%s' cannot be opened (%s)", option, path,
                    strerror(errno));
    }
    enum err result = check_file(scope, option, path, handle, is_secret);
    if (result == ERR_OK) {
        result = read_whole(scope, option, path, handle, ret_text);
    }
    close(handle);
    return result;
}

static gnutls_datum_t datum(const struct buf *text)
{
    return (gnutls_datum_t){(unsigned char *)text->p, (unsigned)text->n - 1};
}

/* Loads both as the library will; what GnuTLS says is the reason. */
static enum err check_pair(struct scope *scope, const char *certificate, const char *key,
                           const struct tls_files *files)
{
    gnutls_certificate_credentials_t credentials;
    gnutls_datum_t certificate_text = datum(&files->certificate);
    gnutls_datum_t key_text = datum(&files->key);
    int code = gnutls_certificate_allocate_credentials(&credentials);
    if (code >= 0) {
        code = gnutls_certificate_set_x509_key_mem(credentials, &certificate_text, &key_text,
                                                   GNUTLS_X509_FMT_PEM);
        gnutls_certificate_free_credentials(credentials);
    }
    if (code == GNUTLS_E_CERTIFICATE_KEY_MISMATCH) {
        return fail(scope, ERR_USAGE, "tls-key: '%s' is not the key of the certificate '%s'", key,
                    certificate);
    }
    if (code == GNUTLS_E_DECRYPTION_FAILED) {
        return fail(scope, ERR_USAGE,
                    "tls-key: '%s' is locked with a password; give a key without one", key);
    }
    if (code < 0) {
        return fail(scope, ERR_USAGE,
                    "tls-cert, tls-key: '%s' and '%s' are not a PEM certificate and its key (%s)",
                    certificate, key, gnutls_strerror(code));
    }
    return ERR_OK;
}

enum err tls_read(struct scope *scope, const char *certificate, const char *key,
                  struct tls_files *ret_files)
{
    if (!certificate && !key) {
        return ERR_OK;
    }
    if (!key) {
        return fail(scope, ERR_USAGE, "tls-key: the key of the certificate is missing");
    }
    if (!certificate) {
        return fail(scope, ERR_USAGE, "tls-cert: the certificate of the key is missing");
    }
    TRY(read_file(scope, "tls-cert", certificate, false, &ret_files->certificate));
    TRY(read_file(scope, "tls-key", key, true, &ret_files->key));
    return check_pair(scope, certificate, key, ret_files);
}

void tls_done(struct tls_files *files)
{
    if (files->key.p) {
        explicit_bzero(files->key.p, files->key.capacity);
    }
    buf_done(&files->certificate);
    buf_done(&files->key);
}

enum err http_check_tls(struct scope *scope, const char *certificate, const char *key)
{
    struct tls_files files = {0};
    enum err result = tls_read(scope, certificate, key, &files);
    tls_done(&files);
    return result;
}
