/*
 * The log: one JSON object a line on stderr. Event names come from log.def, so that each is
 * documented. No addresses, cookies or query values of visitors go in here.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/attr.h"
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

enum log_event {
#define EVENT(name, level, text, documentation) EV_##name,
#include "base/log.def"
#undef EVENT
    EV__COUNT
};

/** Events below this level are dropped; the start value is LOG_INFO. */
void log_set_level(enum log_level level);

/**
 * Writes {"time": …, "level": …, "event": …, "detail": …}; detail is formatted text and may be "".
 * Thread-safe; one write per line.
 */
void log_event(enum log_event event, const char *format, ...) printf_like(2, 3);

/** Writes a line made by the caller (the access log), newline added. Thread-safe. */
void log_line(str json_object);

#endif
