#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/bug.h"
#include "platform/mail/mail.h"

#define CONNECT_SECONDS 15L
#define TOTAL_SECONDS 60L
#define PASSWORD_FILE_BYTES 1024

static pthread_once_t started = PTHREAD_ONCE_INIT;

static void start(void)
{
    bug_if(curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK);
}

struct upload {
    str rest;
};

static size_t give(char *out, size_t size, size_t count, void *argument)
{
    struct upload *upload = argument;
    size_t room = size * count;
    size_t n = upload->rest.n < room ? upload->rest.n : room;
    if (n) {
        memcpy(out, upload->rest.p, n);
        upload->rest = str_slice(upload->rest, n, upload->rest.n);
    }
    return n;
}

/* curl prints what it reads without this. */
static size_t drop(char *bytes, size_t size, size_t count, void *argument)
{
    (void)bytes;
    (void)argument;
    return size * count;
}

/* Ends the transfer when nobody waits for it any more. */
static int watch(void *argument, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct scope *scope = argument;
    (void)a, (void)b, (void)c, (void)d;
    return scope->gone && *scope->gone;
}

static enum err read_password(struct scope *scope, const char *path, const char **ret_password)
{
    char line[PASSWORD_FILE_BYTES];
    FILE *file = fopen(path, "re");
    bool good = file && fgets(line, sizeof(line), file);
    int cause = errno;
    if (file) {
        fclose(file);
    }
    if (!good) {
        return fail(scope, ERR_FILE, "%s: the password for mail cannot be read (%s)", path,
                    file ? "the file is empty" : strerror(cause));
    }
    *ret_password = str_cz(&scope->arena, str_slice(str_from(line), 0, strcspn(line, "\r\n")));
    explicit_bzero(line, sizeof(line));
    return ERR_OK;
}

static str random_id(struct arena *arena)
{
    uint64_t parts[2];
    bug_if(getrandom(parts, sizeof(parts), 0) != sizeof(parts));
    return str_printf(arena, "%016llx%016llx", (unsigned long long)parts[0],
                      (unsigned long long)parts[1]);
}

static bool set_options(struct scope *scope, CURL *curl, const struct mail_options *options,
                        const char *password, const struct curl_slist *recipients,
                        struct upload *upload)
{
    /* With a password nothing goes out in clear; without one TLS is used where it is offered. */
    long tls = options->user ? CURLUSESSL_ALL : CURLUSESSL_TRY;
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_URL, options->url) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USE_SSL, tls) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USERNAME, options->user) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PASSWORD, password) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_MAIL_FROM, options->from) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_READFUNCTION, give) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_READDATA, upload) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFODATA, scope) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT, TOTAL_SECONDS) == CURLE_OK;
}

enum err mail_send(struct scope *scope, const struct mail_options *options,
                   const struct mail_message *message)
{
    const char *password = options->password;
    struct upload upload;
    pthread_once(&started, start);
    TRY(mail_compose(scope, options->from, message, clock_wall(), random_id(&scope->arena),
                     &upload.rest));
    if (options->user && options->password_file) {
        TRY(read_password(scope, options->password_file, &password));
    }
    CURL *curl = curl_easy_init();
    const char *to = str_cz(&scope->arena, message->to);
    struct curl_slist *recipients = curl_slist_append(NULL, to);
    if (!curl || !recipients) {
        bug_out_of_memory(message->to.n);
    }
    CURLcode code = CURLE_FAILED_INIT;
    long answer = 0;
    if (set_options(scope, curl, options, password, recipients, &upload)) {
        code = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    }
    curl_slist_free_all(recipients);
    curl_easy_cleanup(curl);
    return code == CURLE_OK
               ? ERR_OK
               : fail(scope, ERR_BUSY, "The mail relay did not take a message (%s; answer %ld).",
                      curl_easy_strerror(code), answer);
}
