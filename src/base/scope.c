#include "base/scope.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/utf8.h"

struct kept {
    struct kept *next;
    void (*release)(void *what);
    void *what;
};

void scope_open(struct scope *scope)
{
    *scope = (struct scope){0};
    arena_init(&scope->arena, 0);
}

/* Not of the arena, which may be rewound. */
void scope_keep(struct scope *scope, void (*release)(void *what), void *what)
{
    struct kept *kept = malloc(sizeof(*kept));
    if (!kept) {
        bug_out_of_memory(sizeof(*kept));
    }
    *kept = (struct kept){scope->kept, release, what};
    scope->kept = kept;
}

void scope_close(struct scope *scope)
{
    for (struct kept *kept = scope->kept, *next; kept; kept = next) {
        next = kept->next;
        kept->release(kept->what);
        free(kept);
    }
    arena_done(&scope->arena);
    *scope = (struct scope){0};
}

static enum err record(struct scope *scope, enum err code, str cause, const char *format,
                       va_list arguments)
{
    if (scope->failure.code != ERR_OK) {
        return code;
    }
    char text[2048];
    int n = vsnprintf(text, sizeof(text), format, arguments);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
    scope->failure.code = code;
    scope->failure.explanation = NULL;
    scope->failure.is_no_room = false;
    scope->failure.is_file_limit = false;
    scope->failure.message = str_copy(&scope->arena, utf8_drop_cut((str){text, length}));
    scope->failure.cause = str_copy(&scope->arena, cause);
    return code;
}

enum err fail(struct scope *scope, enum err code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    enum err result = record(scope, code, STR_NONE, format, arguments);
    va_end(arguments);
    return result;
}

enum err fail_by(struct scope *scope, enum err code, const char *format, va_list arguments)
{
    return record(scope, code, STR_NONE, format, arguments);
}

enum err fail_with_cause(struct scope *scope, enum err code, str cause, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    enum err result = record(scope, code, cause, format, arguments);
    va_end(arguments);
    return result;
}

enum err fail_as(struct scope *scope, enum err code, const struct failure *failure)
{
    bool is_first = scope->failure.code == ERR_OK;
    fail_with_cause(scope, code, failure->cause, "%.*s", STR_ARG(failure->message));
    scope->failure.is_no_room |= is_first && failure->is_no_room;
    scope->failure.is_file_limit |= is_first && failure->is_file_limit;
    return code;
}

void scope_forgive(struct scope *scope)
{
    scope->failure = (struct failure){0};
}

enum err scope_check(struct scope *scope)
{
    if (scope->gone && *scope->gone) {
        return fail(scope, ERR_CANCELLED, "The request was cancelled.");
    }
    if (scope->deadline && clock_monotonic() > scope->deadline) {
        return fail(scope, ERR_DEADLINE, "The request took too long and was stopped.");
    }
    return ERR_OK;
}

enum err fail_no_room(struct scope *scope, str cause)
{
    bool is_first = scope->failure.code == ERR_OK;
    fail_with_cause(
        scope, ERR_BUSY, cause,
        "The disk of the server is full, so nothing was changed. Whoever runs the portal must make room; then "
        "try again.");
    scope->failure.is_no_room |= is_first;
    return ERR_BUSY;
}

enum err fail_file_limit(struct scope *scope, str cause)
{
    bool is_first = scope->failure.code == ERR_OK;
    fail_with_cause(scope, ERR_BUSY, cause,
                    "A file would become larger than the server may write one, so nothing was changed. Whoever runs the "
                    "portal must raise that limit; then try again.");
    scope->failure.is_file_limit |= is_first;
    return ERR_BUSY;
}

enum err fail_system(struct scope *scope, int number, const char *path, const char *what)
{
    bool is_full = number == ENOSPC || number == EDQUOT;
    if (number == EFBIG) {
        return fail_file_limit(scope, str_from(path));
    }
    return is_full ? fail_no_room(scope, str_from(path))
                   : fail(scope, ERR_FILE, "%s: %s (%s)", path, what, strerror(number));
}
