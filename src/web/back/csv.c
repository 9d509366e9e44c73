#include "web/back/csv.h"

#include "base/date.h"
#include "web/shell/headers.h"

void csv_instant(struct buf *out, bool first, usec instant)
{
    char text[DATE_TEXT_BYTES];
    csv_text(out, first, instant ? (str){text, date_write_instant(text, instant, 0)} : S(""));
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
