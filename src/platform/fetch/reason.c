/* Why a file could not be fetched, in words for who typed its address. */
#include <errno.h>
#include <string.h>

#include "platform/fetch/internal.h"
#include "platform/i18n/explanation.h"

/* What an answer of HTTP or FTP means. */
static enum err fail_answer(struct fetching *fetching, str shown, long answer)
{
    struct scope *scope = fetching->scope;
    if (answer == 404 || answer == 410 || answer == 550) {
        return fail_in_words(
            scope, ERR_DATA, MSG_FAULT_FETCH_ABSENT,
            SAYS(ARG_TEXT("address", shown), argument_digits(&scope->arena, "answer", (int64_t)answer)));
    }
    if (answer == 401 || answer == 403 || answer == 407 || answer == 530) {
        return fail_in_words(
            scope, ERR_DATA, MSG_FAULT_FETCH_REFUSED,
            SAYS(ARG_TEXT("address", shown), argument_digits(&scope->arena, "answer", (int64_t)answer)));
    }
    if (answer == 429 || answer >= 500) {
        return fail_in_words(
            scope, ERR_BUSY, MSG_FAULT_FETCH_UNAVAILABLE,
            SAYS(ARG_TEXT("address", shown), argument_digits(&scope->arena, "answer", (int64_t)answer)));
    }
    return fail_in_words(scope, ERR_DATA, MSG_FAULT_FETCH_ANSWER,
                         SAYS(ARG_TEXT("address", shown), argument_digits(&scope->arena, "answer", (int64_t)answer)));
}

static enum err fail_file(struct fetching *fetching)
{
    int fault = fetching->file_fault;
    if (fault == EFBIG) {
        return fail_in_words(fetching->scope, ERR_BUSY, MSG_FAULT_FILE_LIMIT, NULL);
    }
    if (fault == ENOSPC || fault == EDQUOT) {
        return fail_in_words(fetching->scope, ERR_BUSY, MSG_FAULT_FETCH_NO_ROOM,
                             SAYS(ARG_TEXT("reason", str_from(strerror(fault)))));
    }
    return fail(fetching->scope, ERR_FILE, "%s: it cannot be written (%s)", fetching->request->path, strerror(fault));
}

/* The name of the file that remembers keys of servers. */
static str keys_file(const struct fetching *fetching)
{
    const char *slash = fetching->known_hosts ? strrchr(fetching->known_hosts, '/') : NULL;
    return slash ? str_from(slash + 1) : S("known_hosts");
}

/* What we ended ourselves; ERR_OK: it was not us. */
static enum err fail_by_us(struct fetching *fetching, str shown)
{
    struct scope *scope = fetching->scope;
    if (fetching->file_fault) {
        return fail_file(fetching);
    }
    if (fetching->is_too_large) {
        return fail_in_words(
            scope, ERR_TOO_LARGE, MSG_FAULT_FETCH_TOO_LARGE,
            SAYS(ARG_TEXT("address", shown), argument_digits(&scope->arena, "bytes", fetching->bytes_most)));
    }
    if (fetching->other_key) {
        return fail_in_words(scope, ERR_DENIED, MSG_FAULT_FETCH_OTHER_KEY,
                             SAYS(ARG_TEXT("address", shown), ARG_TEXT("file", keys_file(fetching))));
    }
    if (fetching->was_inner) {
        return fail_in_words(scope, ERR_DENIED, MSG_FAULT_FETCH_INNER, SAYS(ARG_TEXT("address", shown)));
    }
    return scope_check(scope);
}

static enum err fail_connection(struct fetching *fetching, str shown, CURLcode code)
{
    struct scope *scope = fetching->scope;
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return fail_in_words(scope, ERR_BUSY, MSG_FAULT_FETCH_NO_HOST, SAYS(ARG_TEXT("address", shown)));
    case CURLE_COULDNT_CONNECT:
        return fail_in_words(scope, ERR_BUSY, MSG_FAULT_FETCH_NO_CONNECTION, SAYS(ARG_TEXT("address", shown)));
    case CURLE_OPERATION_TIMEDOUT:
        return fail_in_words(
            scope, ERR_DEADLINE, MSG_FAULT_FETCH_TIME,
            SAYS(ARG_TEXT("address", shown), argument_digits(&scope->arena, "bytes", fetching->bytes)));
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_FETCH_CERTIFICATE, SAYS(ARG_TEXT("address", shown)));
    case CURLE_SSL_CONNECT_ERROR:
        return fail_in_words(scope, ERR_BUSY, MSG_FAULT_FETCH_TLS, SAYS(ARG_TEXT("address", shown)));
    case CURLE_FAILED_INIT: /* of SFTP: the keys were not agreed on, as only the kind that is remembered is asked for */
        return fail_in_words(scope, ERR_BUSY, MSG_FAULT_FETCH_KEYS,
                             SAYS(ARG_TEXT("address", shown), ARG_TEXT("file", keys_file(fetching))));
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return fail_in_words(
            scope, ERR_BUSY, MSG_FAULT_FETCH_CUT,
            SAYS(ARG_TEXT("address", shown), argument_digits(&scope->arena, "bytes", fetching->bytes)));
    default:
        return fail_in_words(scope, ERR_BUSY, MSG_FAULT_FETCH_OTHER,
                             SAYS(ARG_TEXT("address", shown), ARG_TEXT("reason", str_from(curl_easy_strerror(code)))));
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
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_FETCH_CIRCLE, SAYS(ARG_TEXT("address", shown)));
    case CURLE_URL_MALFORMAT:
        return fail_in_words(scope, ERR_USAGE, MSG_FAULT_FETCH_NO_ADDRESS, SAYS(ARG_TEXT("address", shown)));
    case CURLE_UNSUPPORTED_PROTOCOL:
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_FETCH_OTHER_SCHEME, SAYS(ARG_TEXT("address", shown)));
    case CURLE_BAD_CONTENT_ENCODING:
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_FETCH_PACKED, SAYS(ARG_TEXT("address", shown)));
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
    return is_page ? fail_in_words(fetching->scope, ERR_DATA, MSG_FAULT_FETCH_PAGE, SAYS(ARG_TEXT("address", shown)))
                   : ERR_OK;
}
