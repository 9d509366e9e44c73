/* Why a file could not be fetched, in words for who typed its address. */
#include <errno.h>
#include <string.h>

#include "platform/fetch/internal.h"

/* What an answer of HTTP or FTP means. */
static enum err fail_answer(struct fetching *fetching, str shown, long answer)
{
    struct scope *scope = fetching->scope;
    if (answer == 404 || answer == 410 || answer == 550) {
        return fail(scope, ERR_DATA, "There is no file at %.*s any more, or there never was (answer %ld).",
                    STR_ARG(shown), answer);
    }
    if (answer == 401 || answer == 403 || answer == 407 || answer == 530) {
        return fail(scope, ERR_DATA, "%.*s is not for everybody: the server refuses it (answer %ld).",
                    STR_ARG(shown), answer);
    }
    if (answer == 429 || answer >= 500) {
        return fail(scope, ERR_BUSY, "The server of %.*s cannot give the file at the moment (answer %ld).",
                    STR_ARG(shown), answer);
    }
    return fail(scope, ERR_DATA, "The server of %.*s does not give the file (answer %ld).", STR_ARG(shown), answer);
}

static enum err fail_file(struct fetching *fetching)
{
    int fault = fetching->file_fault;
    if (fault == ENOSPC || fault == EDQUOT || fault == EFBIG) {
        return fail(fetching->scope, ERR_BUSY, "There is no room for the file on this machine's disk (%s).",
                    strerror(fault));
    }
    return fail(fetching->scope, ERR_FILE, "%s: it cannot be written (%s)", fetching->request->path, strerror(fault));
}

/* What we ended ourselves; ERR_OK: it was not us. */
static enum err fail_by_us(struct fetching *fetching, str shown)
{
    struct scope *scope = fetching->scope;
    if (fetching->file_fault) {
        return fail_file(fetching);
    }
    if (fetching->is_too_large) {
        return fail(scope, ERR_TOO_LARGE,
                    "The file at %.*s is larger than %lld bytes, which is the most that is fetched here (setting "
                    "fetch-limit).",
                    STR_ARG(shown), (long long)fetching->bytes_most);
    }
    if (fetching->other_key) {
        return fail(scope, ERR_DENIED,
                    "The server of %.*s has another key than it had before. If that is right, an administrator removes "
                    "its line from the file known_hosts in the data directory.",
                    STR_ARG(shown));
    }
    if (fetching->was_inner) {
        return fail(scope, ERR_DENIED,
                    "%.*s leads to an address of an inner network, which is not fetched from. An administrator can allow "
                    "it (setting fetch-allow).",
                    STR_ARG(shown));
    }
    return scope_check(scope);
}

static enum err fail_connection(struct fetching *fetching, str shown, CURLcode code)
{
    struct scope *scope = fetching->scope;
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return fail(scope, ERR_BUSY, "The host of %.*s is not found. Is the name right?", STR_ARG(shown));
    case CURLE_COULDNT_CONNECT:
        return fail(scope, ERR_BUSY, "The host of %.*s takes no connection.", STR_ARG(shown));
    case CURLE_OPERATION_TIMEDOUT:
        return fail(scope, ERR_DEADLINE, "The server of %.*s does not go on: nothing came for too long, or all of it takes too "
                    "long; %lld bytes had come.", STR_ARG(shown), (long long)fetching->bytes);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return fail(scope, ERR_DATA, "The certificate of %.*s is not valid, so that it is not known who answers.",
                    STR_ARG(shown));
    case CURLE_SSL_CONNECT_ERROR:
        return fail(scope, ERR_BUSY, "No encrypted connection can be made with the server of %.*s.", STR_ARG(shown));
    case CURLE_FAILED_INIT: /* of SFTP: the keys were not agreed on, as only the kind that is remembered is asked for */
        return fail(scope, ERR_BUSY,
                    "No encrypted connection can be agreed on with the server of %.*s. If its key was replaced by one of "
                    "another kind, an administrator removes its line from the file known_hosts in the data directory.",
                    STR_ARG(shown));
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return fail(scope, ERR_BUSY, "The server of %.*s cut the connection after %lld bytes; what came is not used.",
                    STR_ARG(shown), (long long)fetching->bytes);
    default:
        return fail(scope, ERR_BUSY, "The file at %.*s cannot be fetched (%s).", STR_ARG(shown),
                    curl_easy_strerror(code));
    }
}

enum err fetch_fail(struct fetching *fetching, CURLcode code, long answer)
{
    struct scope *scope = fetching->scope;
    str shown = fetch_shown_address(&scope->arena, fetching->request->address);
    TRY(fail_by_us(fetching, shown));
    switch (code) {
    case CURLE_OK:
    case CURLE_HTTP_RETURNED_ERROR:
        return fail_answer(fetching, shown, answer);
    case CURLE_REMOTE_FILE_NOT_FOUND:
        return fail_answer(fetching, shown, 550);
    case CURLE_LOGIN_DENIED:
    case CURLE_REMOTE_ACCESS_DENIED:
        return fail_answer(fetching, shown, 530);
    case CURLE_TOO_MANY_REDIRECTS:
        return fail(scope, ERR_DATA, "%.*s leads from address to address without an end.", STR_ARG(shown));
    case CURLE_URL_MALFORMAT:
        return fail(scope, ERR_USAGE, "%.*s is not an address.", STR_ARG(shown));
    case CURLE_UNSUPPORTED_PROTOCOL:
        return fail(scope, ERR_DATA, "%.*s leads to an address that is none of http or https.", STR_ARG(shown));
    case CURLE_BAD_CONTENT_ENCODING:
        return fail(scope, ERR_DATA, "The file at %.*s came compressed in a way that cannot be undone.", STR_ARG(shown));
    default:
        return fail_connection(fetching, shown, code);
    }
}

/* Whether the file begins as a page of HTML does, after white space and a byte order mark. */
static bool begins_as_page(str head)
{
    static const str beginnings[] = {{"<!doctype html", 14}, {"<html", 5}};
    head = str_starts(head, S("\xef\xbb\xbf")) ? str_slice(head, 3, head.n) : head;
    head = str_trim(head);
    while (str_starts(head, S("<!--"))) {
        size_t end = str_find(head, S("-->"), 4);
        head = end == SIZE_MAX ? S("") : str_trim(str_slice(head, end + 3, head.n));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(beginnings); i++) {
        if (str_eq_nocase(str_slice(head, 0, beginnings[i].n), beginnings[i])) {
            return true;
        }
    }
    return false;
}

enum err fetch_refuse_page(struct fetching *fetching, str content_type)
{
    bool is_page = str_eq(content_type, S("application/xhtml+xml")) ||
                   begins_as_page((str){fetching->head, fetching->head_bytes});
    str shown = fetch_shown_address(&fetching->scope->arena, fetching->request->address);
    return is_page ? fail(fetching->scope, ERR_DATA,
                          "A page for people (HTML) came from %.*s, where a file of data was expected: an error page, a "
                          "sign-in, or the page that leads to the file.",
                          STR_ARG(shown))
                   : ERR_OK;
}
