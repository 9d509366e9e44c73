#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/url.h"
#include "base/utf8.h"
#include "platform/fetch/internal.h"

#define CONNECT_LIMIT (15 * USEC_SECOND)
#define IDLE_LIMIT (60 * USEC_SECOND)
#define TOTAL_LIMIT (6 * 3600 * USEC_SECOND)
#define BYTES_MOST ((int64_t)10 << 30)
#define REDIRECTS_MOST 5L
#define HEADER_BYTES_MOST 500
#define NAME_BYTES_MOST 200
#define SFTP_PORT "22"

static pthread_once_t started = PTHREAD_ONCE_INIT;

static void start(void)
{
    bug_if(curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK);
}

/* ---- what curl asks and tells ---- */

/* The address is the one that is really connected to, whatever a name or a redirect said. */
static curl_socket_t open_socket(void *argument, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct fetching *fetching = argument;
    (void)purpose;
    if (!fetch_may_connect(fetching->options, &address->addr)) {
        fetching->was_inner = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int watch(void *argument, curl_off_t total, curl_off_t done, curl_off_t a, curl_off_t b)
{
    struct fetching *fetching = argument;
    (void)a, (void)b;
    if (fetching->request->progress) {
        fetching->request->progress(fetching->request->user, done, total);
    }
    const struct scope *scope = fetching->scope;
    return (scope->gone && *scope->gone) || (scope->deadline && clock_monotonic() > scope->deadline);
}

static bool write_whole(struct fetching *fetching, const char *bytes, size_t n)
{
    while (n) {
        ssize_t written = write(fetching->file, bytes, n);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            fetching->file_fault = errno;
            return false;
        }
        bytes += written;
        n -= (size_t)written;
    }
    return true;
}

/* Less than n ends the fetch. */
static size_t take(char *bytes, size_t size, size_t count, void *argument)
{
    struct fetching *fetching = argument;
    size_t n = size * count;
    if ((int64_t)n > fetching->bytes_most - fetching->bytes) {
        fetching->is_too_large = true;
        return 0;
    }
    size_t room = HEAD_BYTES - fetching->head_bytes;
    size_t seen = n < room ? n : room;
    memcpy(fetching->head + fetching->head_bytes, bytes, seen);
    fetching->head_bytes += seen;
    fetching->bytes += (int64_t)n;
    return write_whole(fetching, bytes, n) ? n : 0;
}

static bool read_header(struct arena *arena, str line, str name, str *value)
{
    if (line.n <= name.n || line.p[name.n] != ':' || !str_eq_nocase(str_slice(line, 0, name.n), name)) {
        return false;
    }
    str text = str_trim(str_slice(line, name.n + 1, line.n));
    *value = text.n <= HEADER_BYTES_MOST && utf8_is_line(text) ? str_copy(arena, text) : S("");
    return true;
}

/* Those of the last answer count: a redirect's are forgotten with the next status line. */
static size_t take_header(char *bytes, size_t size, size_t count, void *argument)
{
    struct fetching *fetching = argument;
    struct arena *arena = &fetching->scope->arena;
    str line = {bytes, size * count};
    if (str_starts(line, S("HTTP/"))) {
        fetching->etag = fetching->last_modified = fetching->disposition = S("");
    } else if (!read_header(arena, line, S("etag"), &fetching->etag) &&
               !read_header(arena, line, S("last-modified"), &fetching->last_modified)) {
        (void)read_header(arena, line, S("content-disposition"), &fetching->disposition);
    }
    return line.n;
}

/* The first key of a server is believed and remembered, as ssh does when it asks nobody. */
static int judge_key(CURL *curl, const struct curl_khkey *known, const struct curl_khkey *found,
                     enum curl_khmatch match, void *argument)
{
    struct fetching *fetching = argument;
    (void)curl, (void)known, (void)found;
    if (match == CURLKHMATCH_OK) {
        return CURLKHSTAT_FINE;
    }
    if (match == CURLKHMATCH_MISSING) {
        return CURLKHSTAT_FINE_ADD_TO_FILE;
    }
    fetching->other_key = true;
    return CURLKHSTAT_REJECT;
}

/* ---- options ---- */

static long seconds(usec duration, usec fallback)
{
    usec chosen = duration ? duration : fallback;
    return (long)((chosen + USEC_SECOND - 1) / USEC_SECOND);
}

static bool set_network(struct fetching *fetching, const char *address)
{
    CURL *curl = fetching->curl;
    const struct fetch_options *options = fetching->options;
    return curl_easy_setopt(curl, CURLOPT_URL, address) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,ftp,sftp") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_MAXREDIRS, REDIRECTS_MOST) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, fetching) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, seconds(options->connect_limit, CONNECT_LIMIT)) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT, seconds(options->total_limit, TOTAL_LIMIT)) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, seconds(options->idle_limit, IDLE_LIMIT)) == CURLE_OK;
}

/* The library remembers keys by host alone: servers of one host at other ports have files of their own. */
static const char *known_hosts_of(const struct fetching *fetching, const char *address)
{
    const char *file = fetching->options->known_hosts;
    char *port = NULL;
    CURLU *url = curl_url();
    if (!url) {
        bug_out_of_memory(0);
    }
    if (file && curl_url_set(url, CURLUPART_URL, address, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_PORT, &port, 0) == CURLUE_OK && strcmp(port, SFTP_PORT) != 0) {
        file = str_printf(&fetching->scope->arena, "%s-%s", file, port).p;
    }
    curl_free(port);
    curl_url_cleanup(url);
    return file;
}

/* Of SFTP, only the password that stands in the address: no key or agent of this machine. */
static bool set_sftp(struct fetching *fetching, const char *address)
{
    CURL *curl = fetching->curl;
    const char *known_hosts = fetching->known_hosts = known_hosts_of(fetching, address);
    long ways = CURLSSH_AUTH_PASSWORD | CURLSSH_AUTH_KEYBOARD;
    CURLcode code = curl_easy_setopt(curl, CURLOPT_SSH_AUTH_TYPES, ways);
    if (code == CURLE_OK && known_hosts) {
        code = curl_easy_setopt(curl, CURLOPT_SSH_KNOWNHOSTS, known_hosts);
    }
    if (code == CURLE_OK && known_hosts) {
        code = curl_easy_setopt(curl, CURLOPT_SSH_KEYFUNCTION, judge_key);
    }
    if (code == CURLE_OK) {
        code = curl_easy_setopt(curl, CURLOPT_SSH_KEYDATA, fetching);
    }
    return code == CURLE_OK || code == CURLE_UNKNOWN_OPTION || code == CURLE_NOT_BUILT_IN;
}

static bool set_exchange(struct fetching *fetching, const struct curl_slist *headers)
{
    CURL *curl = fetching->curl;
    return curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USERAGENT, "parvis/" PARVIS_VERSION) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FILETIME, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetching) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERDATA, fetching) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFODATA, fetching) == CURLE_OK;
}

static struct curl_slist *add_header(struct scope *scope, struct curl_slist *headers, const char *name, str value)
{
    if (value.n == 0 || !utf8_is_line(value)) {
        return headers;
    }
    const char *line = str_printf(&scope->arena, "%s: %.*s", name, STR_ARG(value)).p;
    struct curl_slist *longer = curl_slist_append(headers, line);
    if (!longer) {
        bug_out_of_memory(value.n);
    }
    return longer;
}

/* ---- the result ---- */

/* The last part of a path, without what a file's name should not have. */
static str file_name(struct arena *arena, str path)
{
    struct buf clean cleanup_with(buf_cleanup) = {0};
    size_t from = 0;
    for (size_t i = 0; i < path.n; i++) {
        from = path.p[i] == '/' || path.p[i] == '\\' ? i + 1 : from;
    }
    for (size_t i = from; i < path.n && clean.n < NAME_BYTES_MOST; i++) {
        unsigned char c = (unsigned char)path.p[i];
        bool is_good = is_ascii_letter(path.p[i]) || is_ascii_digit(path.p[i]) || c == '-' || c == '_' ||
                       (c == '.' && clean.n);
        buf_add_char(&clean, is_good ? path.p[i] : '_');
    }
    return clean.n ? buf_copy(&clean, arena) : S("file");
}

static str name_of(struct fetching *fetching)
{
    struct arena *arena = &fetching->scope->arena;
    str text = fetching->disposition;
    size_t at = str_find(text, S("filename="), 0);
    if (at != SIZE_MAX) {
        str name = str_slice(text, at + 9, text.n);
        size_t end = str_find_char(name, ';', 0);
        name = str_trim(str_slice(name, 0, end == SIZE_MAX ? name.n : end));
        bool is_quoted = name.n >= 2 && name.p[0] == '"' && name.p[name.n - 1] == '"';
        return file_name(arena, is_quoted ? str_slice(name, 1, name.n - 1) : name);
    }
    char *address = NULL;
    curl_easy_getinfo(fetching->curl, CURLINFO_EFFECTIVE_URL, &address);
    str whole = str_from(address);
    size_t host = str_find(whole, S("://"), 0);
    size_t path = host == SIZE_MAX ? SIZE_MAX : str_find_char(whole, '/', host + 3);
    str rest = path == SIZE_MAX ? S("") : str_slice(whole, path, whole.n);
    size_t end = 0;
    while (end < rest.n && rest.p[end] != '?' && rest.p[end] != '#') {
        end++;
    }
    return file_name(arena, str_slice(rest, 0, end));
}

/* FTP and SFTP say when the file changed, not in a header. */
static str file_time(struct fetching *fetching)
{
    curl_off_t changed = -1;
    struct tm parts;
    char text[64];
    curl_easy_getinfo(fetching->curl, CURLINFO_FILETIME_T, &changed);
    time_t instant = (time_t)changed;
    if (changed < 0 || !gmtime_r(&instant, &parts) ||
        !strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts)) {
        return S("");
    }
    return str_copy(&fetching->scope->arena, str_from(text));
}

static struct fetch_result result_of(struct fetching *fetching)
{
    struct arena *arena = &fetching->scope->arena;
    struct fetch_result result = {.bytes = fetching->bytes,
                                  .etag = fetching->etag,
                                  .last_modified = fetching->last_modified.n ? fetching->last_modified
                                                                             : file_time(fetching),
                                  .name = name_of(fetching)};
    char *type = NULL;
    curl_easy_getinfo(fetching->curl, CURLINFO_CONTENT_TYPE, &type);
    str whole = str_from(type);
    size_t end = str_find_char(whole, ';', 0);
    result.content_type = str_lower_ascii(arena, str_trim(str_slice(whole, 0, end == SIZE_MAX ? whole.n : end)));
    return result;
}

static enum err perform(struct fetching *fetching, struct fetch_result *ret_result)
{
    long answer = 0;
    CURLcode code = curl_easy_perform(fetching->curl);
    curl_easy_getinfo(fetching->curl, CURLINFO_RESPONSE_CODE, &answer);
    bool is_http = answer >= 100 && str_starts(str_lower_ascii(&fetching->scope->arena, fetching->request->address), S("http"));
    if (code == CURLE_OK && is_http && answer == 304) {
        *ret_result = (struct fetch_result){.is_unchanged = true, .etag = fetching->etag,
                                            .last_modified = fetching->last_modified, .content_type = S(""), .name = S("")};
        return ERR_OK;
    }
    if (code != CURLE_OK || (is_http && answer != 200)) {
        return fetch_fail(fetching, code, answer);
    }
    *ret_result = result_of(fetching);
    return fetch_refuse_page(fetching, ret_result->content_type);
}

static enum err run(struct fetching *fetching, struct fetch_result *ret_result)
{
    struct scope *scope = fetching->scope;
    const struct fetch_request *request = fetching->request;
    struct curl_slist *headers = add_header(scope, NULL, "If-None-Match", request->etag);
    headers = add_header(scope, headers, "If-Modified-Since", request->last_modified);
    fetching->curl = curl_easy_init();
    if (!fetching->curl) {
        bug_out_of_memory(0);
    }
    const char *address = str_cz(&scope->arena, request->address);
    bool is_set = set_network(fetching, address) && set_sftp(fetching, address) &&
                  set_exchange(fetching, headers);
    enum err result = is_set ? perform(fetching, ret_result)
                             : fail(scope, ERR_INTERNAL, "The library that fetches lacks what is needed.");
    curl_easy_cleanup(fetching->curl);
    curl_slist_free_all(headers);
    return result;
}

enum err fetch_file(struct scope *scope, const struct fetch_options *options, const struct fetch_request *request,
                    struct fetch_result *ret_result)
{
    struct fetching fetching = {.scope = scope,
                                .options = options,
                                .request = request,
                                .etag = S(""),
                                .last_modified = S(""),
                                .disposition = S(""),
                                .bytes_most = options->bytes_most ? options->bytes_most : BYTES_MOST};
    pthread_once(&started, start);
    TRY(fetch_check_address(scope, request->address));
    fetching.file = open(request->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fetching.file < 0) {
        return fail_system(scope, errno, request->path, "the file cannot be made");
    }
    enum err result = run(&fetching, ret_result);
    if (close(fetching.file) != 0 && result == ERR_OK) {
        fetching.file_fault = errno;
        result = fetch_fail(&fetching, CURLE_WRITE_ERROR, 0);
    }
    if (result != ERR_OK || ret_result->is_unchanged) {
        unlink(request->path);
    }
    return result;
}
