/* Checks that say which case of a table failed. */
#ifndef TESTS_UNIT_CHECK_H
#define TESTS_UNIT_CHECK_H

#include "suite.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"

/** A copy with nothing behind it: AddressSanitizer sees who reads too far. Undone by exact_free. */
static inline str exact_copy(str text)
{
    char *copy = malloc(text.n);
    if (text.n) {
        memcpy(copy, text.p, text.n);
    }
    return (str){copy, text.n};
}

static inline void exact_free(str copy)
{
    free((char *)(uintptr_t)copy.p);
}

/** Fails, naming the case, unless actual consists of exactly these bytes. */
static inline void check_text(const char *name, str actual, str expected)
{
    if (!str_eq(actual, expected)) {
        print_error("%s: '%.*s', '%.*s' expected\n", name, STR_ARG(actual), STR_ARG(expected));
    }
    assert_true(str_eq(actual, expected));
}

static inline void check_int(const char *name, long long actual, long long expected)
{
    if (actual != expected) {
        print_error("%s: %lld, %lld expected\n", name, actual, expected);
    }
    assert_true(actual == expected);
}

/** Fails unless the scope holds this error with a message that contains part; then forgives it. */
static inline void check_failure(const char *name, struct scope *scope, enum err expected,
                                 const char *part)
{
    str message = scope->failure.message;
    if (scope->failure.code != expected || str_find(message, str_from(part), 0) == SIZE_MAX) {
        print_error("%s: error %d '%.*s', %d with '%s' expected; cause '%.*s'\n", name,
                    (int)scope->failure.code, STR_ARG(message), (int)expected, part,
                    STR_ARG(scope->failure.cause));
    }
    assert_int_equal(scope->failure.code, expected);
    assert_true(str_find(message, str_from(part), 0) != SIZE_MAX);
    scope_forgive(scope);
}

/** Fails, showing what was recorded, unless the result is ERR_OK. */
static inline void check_ok(const char *name, const struct scope *scope, enum err result)
{
    if (result != ERR_OK) {
        print_error("%s: error %d '%.*s'; cause '%.*s'\n", name, (int)result,
                    STR_ARG(scope->failure.message), STR_ARG(scope->failure.cause));
    }
    assert_int_equal(result, ERR_OK);
}

/** Fails unless action ends its process by abort(). */
static inline void check_aborts(const char *name, void (*action)(void))
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        if (!freopen("/dev/null", "w", stderr)) {
            _exit(2);
        }
        action();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT) {
        print_error("%s: it did not abort\n", name);
    }
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

#endif
