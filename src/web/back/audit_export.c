/* The audit log as a file: CSV and JSON Lines, by the same filters as the page. */
#include "base/date.h"
#include "base/json_write.h"
#include "web/back/audit_filter.h"
#include "web/back/csv.h"

#define ROWS_AT_ONCE 1000

typedef void write_row(struct buf *out, const struct audit_row *row);

static void write_csv(struct buf *out, const struct audit_row *row)
{
    csv_instant(out, true, row->at);
    csv_text(out, false, row->actor);
    csv_text(out, false, row->action);
    csv_text(out, false, row->subject);
    csv_text(out, false, row->detail);
    csv_text(out, false, row->network);
    csv_line(out);
}

static void write_jsonl(struct buf *out, const struct audit_row *row)
{
    char instant[DATE_TEXT_BYTES];
    struct json_writer json = json_writer_to(out);
    json_object_begin(&json);
    json_key_text(&json, S("at"), (str){instant, date_write_instant(instant, row->at, 0)});
    json_key_text(&json, S("actor"), row->actor);
    json_key_text(&json, S("action"), row->action);
    json_key_text(&json, S("subject"), row->subject);
    json_key_text(&json, S("detail"), row->detail);
    json_key_text(&json, S("network"), row->network);
    json_object_end(&json);
    buf_add_char(out, '\n');
}

static enum err write_rows(struct call *call, struct audit_request *request, write_row *write, struct buf *out)
{
    for (;;) {
        struct arena_mark mark = arena_get_mark(&call->scope->arena);
        const struct audit_row *rows;
        size_t count;
        TRY(audit_search(call->scope, call->app->identity, &request->filter, ROWS_AT_ONCE, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            struct audit_row row = rows[i];
            row.network = request->is_limited ? S("") : row.network;
            write(out, &row);
        }
        if (count) {
            request->filter.before_at = rows[count - 1].at;
            request->filter.before_id = rows[count - 1].id;
        }
        TRY(response_write(call->exchange, buf_str(out)));
        buf_clear(out);
        arena_rewind(&call->scope->arena, mark);
        if (count < ROWS_AT_ONCE) {
            return ERR_OK;
        }
    }
}

static enum err send(struct call *call, const char *name, str type, str heading, write_row *write)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct audit_request request;
    TRY(audit_read(call, &request));
    if (request.from_fault || request.until_fault) {
        return fail(call->scope, ERR_REQUEST, "A day as in 2026-08-29 is expected in from and until.");
    }
    file_headers(call, name, type);
    TRY(response_stream(call->exchange));
    if (exchange_method(call->exchange) == HTTP_HEAD) {
        return ERR_OK;
    }
    buf_add(&out, heading);
    return write_rows(call, &request, write, &out);
}

enum err back_audit_csv(struct call *call)
{
    return send(call, "audit.csv", S("text/csv; charset=utf-8; header=present"),
                S("at,actor,action,subject,detail,network\r\n"), write_csv);
}

enum err back_audit_jsonl(struct call *call)
{
    return send(call, "audit.jsonl", S("application/x-ndjson; charset=utf-8"), S(""), write_jsonl);
}
