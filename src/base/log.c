#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/date.h"
#include "base/json_write.h"
#include "base/utf8.h"

static const struct {
    enum log_level level;
    const char *text;
} events[EV__COUNT] = {
#define EVENT(name, level, text, documentation) [EV_##name] = {LOG_##level, text},
#include "base/log.def"
#undef EVENT
};

static _Atomic int lowest_level = LOG_INFO;

void log_set_level(enum log_level level)
{
    lowest_level = (int)level;
}

void log_line(str json_object)
{
    struct buf line = {0};
    buf_add(&line, json_object);
    buf_add_char(&line, '\n');
    ssize_t written = write(STDERR_FILENO, line.p, line.n);
    (void)written; /* nowhere left to report it */
    buf_done(&line);
}

void log_event(enum log_event event, const char *format, ...)
{
    static const char *const level_names[] = {"debug", "info", "warning", "error"};
    if ((int)events[event].level < lowest_level) {
        return;
    }
    char detail[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof(detail), format, arguments);
    va_end(arguments);

    char time[DATE_TEXT_BYTES];
    size_t time_length = date_write_instant(time, clock_wall(), 0);
    struct buf line = {0};
    struct json_writer json = json_writer_to(&line);
    json_object_begin(&json);
    json_key_text(&json, S("time"), (str){time, time_length});
    json_key_text(&json, S("level"), str_from(level_names[events[event].level]));
    json_key_text(&json, S("event"), str_from(events[event].text));
    if (detail[0]) {
        json_key_text(&json, S("detail"), utf8_drop_cut(str_from(detail)));
    }
    json_object_end(&json);
    log_line(buf_str(&line));
    buf_done(&line);
}
