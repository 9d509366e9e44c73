/*
 * Error codes. A function that can fail returns enum err; the explanation is recorded once in the
 * scope by fail(). Lower floors know kinds, not HTTP statuses.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
    ERR_OK = 0,
#define ERR(name, kind, explore_code) ERR_##name,
#include "base/err.def"
#undef ERR
    ERR__COUNT
};

enum err_kind {
    KIND_NONE,
    KIND_CALLER,   /* the request or the file is wrong */
    KIND_METHOD,   /* the method is not offered here */
    KIND_ABSENT,   /* not there, or not visible */
    KIND_DENIED,   /* not allowed */
    KIND_SIGN_IN,  /* not known who asks */
    KIND_QUOTA,    /* asked too often */
    KIND_CONFLICT, /* collides with another change */
    KIND_TOO_MUCH, /* a limit was passed */
    KIND_BUSY,     /* try again later */
    KIND_BROKEN    /* we or something we depend on failed */
};

enum err_kind err_kind(enum err code);

/** Value of error_code in Explore API answers; never NULL. */
const char *err_explore_code(enum err code);

#endif
