#include "domain/privacy/csrf.h"

#include "base/bug.h"
#include "base/url.h"

/* Order matters: the mask adds and subtracts places in it. */
static const char symbols[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
#define SYMBOL_COUNT 62

static int symbol_index(char c)
{
    if (c >= 'a' && c <= 'z') {
        return c - 'a';
    }
    if (c >= 'A' && c <= 'Z') {
        return c - 'A' + 26;
    }
    return is_ascii_digit(c) ? c - '0' + 52 : -1;
}

static bool has_only_symbols(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (symbol_index(text.p[i]) < 0) {
            return false;
        }
    }
    return true;
}

static bool has_token_length(str text)
{
    return text.n == CSRF_SECRET_LENGTH || text.n == CSRF_TOKEN_LENGTH;
}

/* ---- tokens ---- */

str csrf_secret_make(struct arena *arena)
{
    return random_text(arena, S("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
                       CSRF_SECRET_LENGTH);
}

str csrf_secret_derive(struct arena *arena, const uint8_t key[SECRET_BYTES], str session_id)
{
    enum { unbiased = 256 - 256 % SYMBOL_COUNT };
    char *secret = arena_alloc(arena, CSRF_SECRET_LENGTH + 1);
    size_t n = 0;
    for (int round = 0; n < CSRF_SECRET_LENGTH; round++) {
        uint8_t digest[DIGEST_BYTES];
        digest_hmac(key, str_printf(arena, "%d %.*s", round, STR_ARG(session_id)), digest);
        for (size_t i = 0; i < DIGEST_BYTES && n < CSRF_SECRET_LENGTH; i++) {
            if (digest[i] < unbiased) {
                secret[n++] = symbols[digest[i] % SYMBOL_COUNT];
            }
        }
    }
    return (str){secret, CSRF_SECRET_LENGTH};
}

str csrf_mask_with(struct arena *arena, str secret, str mask)
{
    bug_if(secret.n != CSRF_SECRET_LENGTH || mask.n != CSRF_SECRET_LENGTH);
    bug_if(!has_only_symbols(secret) || !has_only_symbols(mask));
    char *token = arena_alloc(arena, CSRF_TOKEN_LENGTH);
    for (size_t i = 0; i < CSRF_SECRET_LENGTH; i++) {
        int sum = symbol_index(secret.p[i]) + symbol_index(mask.p[i]);
        token[i] = mask.p[i];
        token[CSRF_SECRET_LENGTH + i] = symbols[sum % SYMBOL_COUNT];
    }
    return (str){token, CSRF_TOKEN_LENGTH};
}

str csrf_mask(struct arena *arena, str secret)
{
    return csrf_mask_with(arena, secret, csrf_secret_make(arena));
}

bool csrf_unmask(struct arena *arena, str token, str *ret_secret)
{
    if (!has_token_length(token) || !has_only_symbols(token)) {
        return false;
    }
    if (token.n == CSRF_SECRET_LENGTH) {
        *ret_secret = str_copy(arena, token);
        return true;
    }
    char *secret = arena_alloc(arena, CSRF_SECRET_LENGTH);
    for (size_t i = 0; i < CSRF_SECRET_LENGTH; i++) {
        int difference = symbol_index(token.p[CSRF_SECRET_LENGTH + i]) - symbol_index(token.p[i]);
        secret[i] = symbols[(difference + SYMBOL_COUNT) % SYMBOL_COUNT];
    }
    *ret_secret = (str){secret, CSRF_SECRET_LENGTH};
    return true;
}

const char *csrf_verdict_name(enum csrf_verdict verdict)
{
    static const char *const names[CSRF__COUNT] = {
        [CSRF_GOOD] = "good",
        [CSRF_ORIGIN_MISMATCH] = "origin-mismatch",
        [CSRF_CROSS_SITE] = "cross-site",
        [CSRF_REFERER_MISSING] = "referer-missing",
        [CSRF_REFERER_MALFORMED] = "referer-malformed",
        [CSRF_REFERER_INSECURE] = "referer-insecure",
        [CSRF_REFERER_MISMATCH] = "referer-mismatch",
        [CSRF_COOKIE_MISSING] = "cookie-missing",
        [CSRF_COOKIE_BAD_LENGTH] = "cookie-bad-length",
        [CSRF_COOKIE_BAD_CHARS] = "cookie-bad-chars",
        [CSRF_COOKIE_CONFLICT] = "cookie-conflict",
        [CSRF_COOKIE_UNBOUND] = "cookie-unbound",
        [CSRF_TOKEN_MISSING] = "token-missing",
        [CSRF_TOKEN_BAD_LENGTH] = "token-bad-length",
        [CSRF_TOKEN_BAD_CHARS] = "token-bad-chars",
        [CSRF_TOKEN_MISMATCH] = "token-mismatch",
    };
    bug_if((unsigned)verdict >= CSRF__COUNT);
    return names[verdict];
}

/* ---- where the request comes from ---- */

/* Parts of an address, as far as they matter here. */
struct site {
    str scheme; /* as written */
    str host;   /* with port and whatever else stands before the path */
    bool has_path;
};

static bool site_split(str address, struct site *ret_site)
{
    size_t scheme = url_scheme_length(address);
    str rest = str_slice(address, scheme, address.n);
    if (scheme == 0 || !str_starts(rest, S("://"))) {
        return false;
    }
    rest = str_slice(rest, 3, rest.n);
    str host = url_authority(rest);
    *ret_site = (struct site){str_slice(address, 0, scheme), host, host.n < rest.n};
    return true;
}

/* Letters, digits and what names, ports and bracketed addresses need; brackets in pairs. */
static bool is_host(str host)
{
    int brackets = 0;
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        if (c == '[') {
            brackets += i == 0 ? 1 : 2;
        } else if (c == ']') {
            brackets--;
        } else if (!is_ascii_letter(c) && !is_ascii_digit(c) && c != '.' && c != '-' && c != '_' &&
                   c != ':') {
            return false;
        }
    }
    return host.n > 0 && brackets == 0;
}

/* host against "data.example.org" or "*.example.org", which covers the bare domain as well. */
static bool host_matches(str host, str pattern)
{
    if (!str_starts(pattern, S("*."))) {
        return str_eq_nocase(host, pattern);
    }
    str domain = str_slice(pattern, 2, pattern.n);
    if (host.n <= domain.n) {
        return str_eq_nocase(host, domain);
    }
    size_t dot = host.n - domain.n - 1;
    return dot > 0 && host.p[dot] == '.' && str_eq_nocase(str_slice(host, dot + 1, host.n), domain);
}

static bool origin_is_trusted(const struct csrf_request *request)
{
    struct site site;
    bool is_origin = site_split(request->origin, &site) && !site.has_path && is_host(site.host);
    for (size_t i = 0; i < request->trusted_count; i++) {
        struct site trusted;
        if (str_eq(request->origin, request->trusted[i])) {
            return true;
        }
        if (is_origin && site_split(request->trusted[i], &trusted) &&
            str_starts(trusted.host, S("*.")) && str_eq(site.scheme, trusted.scheme) &&
            host_matches(site.host, trusted.host)) {
            return true;
        }
    }
    return false;
}

static enum csrf_verdict check_referer(const struct csrf_request *request)
{
    struct site site;
    struct site own;
    if (!request->referer.p) {
        return CSRF_REFERER_MISSING;
    }
    if (!site_split(request->referer, &site) || !is_host(site.host)) {
        return CSRF_REFERER_MALFORMED;
    }
    if (!str_eq_nocase(site.scheme, S("https"))) {
        return CSRF_REFERER_INSECURE;
    }
    if (site_split(request->own_origin, &own) && str_eq_nocase(site.host, own.host)) {
        return CSRF_GOOD;
    }
    for (size_t i = 0; i < request->trusted_count; i++) {
        struct site trusted;
        if (site_split(request->trusted[i], &trusted) && host_matches(site.host, trusted.host)) {
            return CSRF_GOOD;
        }
    }
    return CSRF_REFERER_MISMATCH;
}

/* Steps 3 and 4, with Fetch Metadata as a second wall. *ret_proven: same origin beyond doubt. */
static enum csrf_verdict check_site(const struct csrf_request *request, bool *ret_proven)
{
    str fetch_site = str_trim(request->fetch_site);
    bool from_elsewhere = str_eq(fetch_site, S("cross-site")) || str_eq(fetch_site, S("same-site"));
    *ret_proven = false;
    if (request->origin.p) {
        bool is_own = request->own_origin.n && str_eq(request->origin, request->own_origin);
        if (!is_own && !origin_is_trusted(request)) {
            return CSRF_ORIGIN_MISMATCH;
        }
        /* A browser never says both; what needs no token takes no half of a contradiction. */
        if (is_own && from_elsewhere && request->accepts_same_origin) {
            return CSRF_CROSS_SITE;
        }
        *ret_proven = is_own;
        return CSRF_GOOD;
    }
    if (from_elsewhere) {
        return CSRF_CROSS_SITE;
    }
    *ret_proven = str_eq(fetch_site, S("same-origin"));
    if (!request->is_https || (*ret_proven && request->accepts_same_origin)) {
        return CSRF_GOOD;
    }
    return check_referer(request);
}

/* ---- cookie and token ---- */

static enum csrf_verdict check_cookie(struct arena *arena, const struct csrf_request *request,
                                      str *ret_secret)
{
    if (request->cookie_conflict) {
        return CSRF_COOKIE_CONFLICT;
    }
    if (!request->cookie.p) {
        return CSRF_COOKIE_MISSING;
    }
    if (!has_token_length(request->cookie)) {
        return CSRF_COOKIE_BAD_LENGTH;
    }
    if (!csrf_unmask(arena, request->cookie, ret_secret)) {
        return CSRF_COOKIE_BAD_CHARS;
    }
    if (request->session_digest) {
        uint8_t digest[DIGEST_BYTES];
        digest_sha256(*ret_secret, digest);
        str expected = {(const char *)request->session_digest, DIGEST_BYTES};
        if (!equal_in_constant_time((str){(const char *)digest, DIGEST_BYTES}, expected)) {
            return CSRF_COOKIE_UNBOUND;
        }
    }
    return CSRF_GOOD;
}

static enum csrf_verdict check_token(struct arena *arena, const struct csrf_request *request,
                                     str secret, bool *ret_in_header)
{
    str token = request->is_post ? request->field : STR_NONE;
    str token_secret;
    if (token.n == 0) {
        token = request->header;
        *ret_in_header = token.p != NULL;
    }
    if (!token.p) {
        return CSRF_TOKEN_MISSING;
    }
    if (!has_token_length(token)) {
        return CSRF_TOKEN_BAD_LENGTH;
    }
    if (!csrf_unmask(arena, token, &token_secret)) {
        return CSRF_TOKEN_BAD_CHARS;
    }
    return equal_in_constant_time(secret, token_secret) ? CSRF_GOOD : CSRF_TOKEN_MISMATCH;
}

enum csrf_verdict csrf_check(struct arena *arena, const struct csrf_request *request,
                             bool *ret_in_header)
{
    bool is_proven;
    str secret;
    *ret_in_header = false;
    enum csrf_verdict verdict = check_site(request, &is_proven);
    if (verdict != CSRF_GOOD || (is_proven && request->accepts_same_origin)) {
        return verdict;
    }
    verdict = check_cookie(arena, request, &secret);
    if (verdict != CSRF_GOOD) {
        return verdict;
    }
    return check_token(arena, request, secret, ret_in_header);
}
