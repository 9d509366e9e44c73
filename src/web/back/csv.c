#include "web/back/csv.h"

#include "base/date.h"
#include "web/shell/headers.h"

/* A field that begins like a formula gets an apostrophe in front, which spreadsheets show as text.
 */
static bool is_formula(str text)
{
    return text.n && str_find_char(S("=+-@\t\r"), text.p[0], 0) != SIZE_MAX;
}

void csv_text(struct buf *out, bool first, str text)
{
    bool quoted = is_formula(text);
    for (size_t i = 0; i < text.n && !quoted; i++) {
        quoted = str_find_char(S("\",\r\n"), text.p[i], 0) != SIZE_MAX;
    }
    buf_add(out, first ? S("") : S(","));
    if (!quoted) {
        buf_add(out, text);
        return;
    }
    buf_add_char(out, '"');
    buf_add(out, is_formula(text) ? S("'") : S(""));
    for (size_t i = 0; i < text.n; i++) {
        buf_add(out, text.p[i] == '"' ? S("\"") : S(""));
        buf_add_char(out, text.p[i]);
    }
    buf_add_char(out, '"');
}

void csv_int(struct buf *out, bool first, int64_t number)
{
    buf_add(out, first ? S("") : S(","));
    buf_add_int(out, number);
}

void csv_instant(struct buf *out, bool first, usec instant)
{
    char text[DATE_TEXT_BYTES];
    csv_text(out, first, instant ? (str){text, date_write_instant(text, instant, 0)} : S(""));
}

void csv_line(struct buf *out)
{
    buf_add(out, S("\r\n"));
}

void csv_headers(struct call *call, const char *file_name)
{
    file_headers(call, file_name, S("text/csv; charset=utf-8; header=present"));
}

void file_headers(struct call *call, const char *file_name, str type)
{
    struct exchange *exchange = call->exchange;
    headers_common(exchange);
    response_status(exchange, 200);
    response_header(exchange, S("Content-Type"), type);
    response_header(exchange, S("Content-Disposition"),
                    str_printf(&call->scope->arena, "attachment; filename=\"%s\"", file_name));
    response_header(exchange, S("Content-Security-Policy"),
                    S("default-src 'none'; sandbox; frame-ancestors 'none'"));
    response_header(exchange, S("Cross-Origin-Resource-Policy"), S("same-origin"));
    response_header(exchange, S("Cache-Control"), S("no-store"));
    response_header(exchange, S("Vary"), S("Accept-Language, Cookie"));
}
