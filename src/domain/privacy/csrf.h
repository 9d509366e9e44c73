/*
 * The proof that a change was asked for by a page of ours: tokens, and the order of checks of Django
 * (cookies-and-privacy.md 1.3 to 1.5, 7.3). No HTTP: the gate hands in what the request says.
 */
#ifndef DOMAIN_PRIVACY_CSRF_H
#define DOMAIN_PRIVACY_CSRF_H

#include "platform/crypto/crypto.h"

#define CSRF_SECRET_LENGTH 32
#define CSRF_TOKEN_LENGTH 64

/** A fresh secret: 32 symbols of a-zA-Z0-9. */
str csrf_secret_make(struct arena *arena);

/**
 * The secret of a session: drawn from HMAC-SHA-256 of its id, so that nobody who can plant a cookie can
 * choose it, and nothing needs to be kept (cookies-and-privacy.md 7.3).
 */
str csrf_secret_derive(struct arena *arena, const uint8_t key[SECRET_BYTES], str session_id);

/** A token for a page: a mask of fresh symbols and the secret under it. */
str csrf_mask(struct arena *arena, str secret);

/** As csrf_mask with a given mask of 32 symbols; for tests of the reference's vectors. */
str csrf_mask_with(struct arena *arena, str secret, str mask);

/** The secret in a cookie or token of 32 (plain) or 64 (masked) symbols; false: length or symbols are wrong. */
bool csrf_unmask(struct arena *arena, str token, str *ret_secret);

enum csrf_verdict {
    CSRF_GOOD,
    CSRF_ORIGIN_MISMATCH,
    CSRF_CROSS_SITE,      /* Sec-Fetch-Site says so */
    CSRF_REFERER_MISSING,
    CSRF_REFERER_MALFORMED,
    CSRF_REFERER_INSECURE,
    CSRF_REFERER_MISMATCH,
    CSRF_COOKIE_MISSING,
    CSRF_COOKIE_BAD_LENGTH,
    CSRF_COOKIE_BAD_CHARS,
    CSRF_COOKIE_CONFLICT, /* sent twice with different values: tossing */
    CSRF_COOKIE_UNBOUND,  /* not the secret of this session */
    CSRF_TOKEN_MISSING,
    CSRF_TOKEN_BAD_LENGTH,
    CSRF_TOKEN_BAD_CHARS,
    CSRF_TOKEN_MISMATCH,
    CSRF__COUNT
};

/** "origin-mismatch" … as in the log. */
const char *csrf_verdict_name(enum csrf_verdict verdict);

struct csrf_request {
    bool is_https;
    str own_origin;            /* "https://data.example.org" of this request */
    const str *trusted;        /* further origins: exact, or with the label "*" before the domain */
    size_t trusted_count;
    str origin, referer, fetch_site; /* headers; STR_NONE: absent */
    str cookie;                /* csrftoken; STR_NONE: absent */
    bool cookie_conflict;
    const uint8_t *session_digest; /* SHA-256 of the session's secret; NULL: no session */
    bool is_post;              /* only then the form's field counts */
    str field;                 /* csrfmiddlewaretoken */
    str header;                /* X-CSRFToken */
    /* Low-value preferences (language, consent): evidence of same origin is enough without a token
     * (cookies-and-privacy.md 3.8). */
    bool accepts_same_origin;
};

/** Steps 3 to 7 of 1.5; the method is the gate's to look at. ret_in_header: where a refused token stood. */
enum csrf_verdict csrf_check(struct arena *arena, const struct csrf_request *request, bool *ret_in_header);

#endif
