/*
 * The server as the rest of the program starts it: routes, response cache, access log, health and
 * metrics around the HTTP server.
 */
#ifndef WEB_SHELL_SHELL_H
#define WEB_SHELL_SHELL_H

#include "platform/http/server.h"
#include "web/shell/route.h"

struct shell;

struct shell_options {
    struct http_options http;    /* handlers are filled in here */
    struct app *app;             /* borrowed */
    const struct route_table *tables; /* of the API and the offices, looked through in order */
    size_t table_count;
    size_t cache_bytes;
    bool access_log;             /* JSON lines on standard error */
};

/** Starts serving. Undone by shell_stop. Errors: those of http_server_start. */
enum err shell_start(struct scope *scope, const struct shell_options *options,
                     struct shell **ret_shell) must_check;

int shell_port(const struct shell *shell);

/** Drains for at most grace, or until *hurry becomes non-zero, then stops. */
void shell_stop(struct shell *shell, usec grace, const volatile int *hurry);

#endif
