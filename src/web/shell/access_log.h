/*
 * The access log: one JSON object a line on standard error for every answered request (fields in
 * docs/operations.md). Lines are collected and written by a thread of its own, so that a slow
 * reader of the log never holds up a request. No query strings, addresses or headers of visitors go
 * in.
 */
#ifndef WEB_SHELL_ACCESS_LOG_H
#define WEB_SHELL_ACCESS_LOG_H

#include "platform/http/server.h"

struct access_log;

/** Starts the writer; NULL when no thread can be had. Undone by access_log_close. */
struct access_log *access_log_open(void);

/** Writes what is left, as far as somebody reads it. Accepts NULL. */
void access_log_close(struct access_log *log);

/** Adds a line. path: as it may be shown. Any thread. Nobody reads the log: lines beyond a few megabytes are dropped. */
void access_log_add(struct access_log *log, struct exchange *exchange, str path,
                    const struct exchange_summary *summary);

/** Lines dropped so far. */
uint64_t access_log_dropped(struct access_log *log);

#endif
