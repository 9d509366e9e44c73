/*
 * One unit of work: a request, a job, a command, a test. It owns an arena and the explanation of
 * the first failure. Functions that allocate for the work, or that can fail, take it first.
 * A scope belongs to one thread at a time.
 */
#ifndef BASE_SCOPE_H
#define BASE_SCOPE_H

#include <stdarg.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

struct explanation;

struct failure {
    enum err code;      /* ERR_OK: nothing failed */
    str message;        /* for the person who asked; no internals */
    str cause;          /* for the log: driver text; may be empty */
    const struct explanation *explanation; /* how to say it in other languages (platform/i18n/explanation.h), or NULL */
    bool is_no_room;                       /* it is that of fail_no_room */
    bool is_file_limit;                    /* it is that of fail_file_limit */
};

struct kept;

struct scope {
    struct arena arena;
    struct kept *kept;          /* what scope_keep was given, the latest first */
    usec deadline;              /* monotonic; 0: none */
    const atomic_bool *gone;    /* set from outside when nobody waits for the result; may be NULL */
    struct failure failure;
};

/** Prepares an empty scope. Undone by scope_close. */
void scope_open(struct scope *scope);
void scope_close(struct scope *scope);

/** Calls release(what) when the scope closes, before its memory goes; what was given last goes first. */
void scope_keep(struct scope *scope, void (*release)(void *what), void *what);

/**
 * Records the explanation and returns code, so that a failing branch is one line. Only the first
 * failure is kept: it is the cause.
 */
enum err fail(struct scope *scope, enum err code, const char *format, ...) printf_like(3, 4);

/** As fail(), of arguments that were begun. */
enum err fail_by(struct scope *scope, enum err code, const char *format, va_list arguments);

/** As fail(); cause is the text of a library or the system, for the log only. */
enum err fail_with_cause(struct scope *scope, enum err code, str cause, const char *format, ...)
    printf_like(4, 5);

/** ERR_BUSY: the disk is full, which passes when somebody makes room. */
enum err fail_no_room(struct scope *scope, str cause);
/** ERR_BUSY: a file would become larger than the system allows one to be, which passes when somebody raises the limit. */
enum err fail_file_limit(struct scope *scope, str cause);
/** One of those when the system's error number says so; else ERR_FILE, what with the reason behind it. */
enum err fail_system(struct scope *scope, int number, const char *path, const char *what);

/** As fail_with_cause(), with what another scope recorded. Returns code. */
enum err fail_as(struct scope *scope, enum err code, const struct failure *failure);

/** Forgets a recorded failure that was dealt with. */
void scope_forgive(struct scope *scope);

/** ERR_DEADLINE or ERR_CANCELLED when the work should stop, else ERR_OK. Cheap enough per batch. */
enum err scope_check(struct scope *scope) must_check;

/** Evaluates, and returns from the calling function when the result is not ERR_OK. */
#define TRY(expression)                                                                            \
    do {                                                                                           \
        enum err try_result_ = (expression);                                                       \
        if (__builtin_expect(try_result_ != ERR_OK, 0)) {                                          \
            return try_result_;                                                                    \
        }                                                                                          \
    } while (0)

#endif
