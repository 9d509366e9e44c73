/* Files attached to a dataset (explore-api.md 2.11). */
#include <unistd.h>

#include "domain/catalog/attachment.h"
#include "web/api/answer.h"
#include "web/api/delivery.h"
#include "web/api/routes.h"

static void write_attachment(struct call *call, const struct dataset *dataset,
                             const struct attachment *attachment, struct json_writer *json)
{
    struct arena *arena = &call->scope->arena;
    str path = str_printf(arena, "/attachments/%.*s", STR_ARG(attachment->id));
    str url = str_printf(arena, "odsfile://%.*s", STR_ARG(attachment->file_name));
    json_object_begin(json);
    json_key_text(json, S("href"), link_dataset(call, dataset->id, path));
    json_key(json, S("metas"));
    json_object_begin(json);
    json_key_text(json, S("id"), attachment->id);
    json_key_text(json, S("title"), attachment->title);
    json_key_text(json, S("mimetype"), attachment->mimetype);
    json_key_text(json, S("url"), url);
    json_object_end(json);
    json_object_end(json);
}

enum err api_attachments(struct call *call)
{
    struct params params;
    const struct dataset *dataset;
    const struct attachment *attachments;
    size_t count;
    struct buf body = {0};
    struct json_writer json = json_writer_to(&body);
    TRY(params_read(call, PARAMS_WHOLE, &params));
    TRY(answer_find_dataset(call, call->path_values[0], &dataset));
    if (answer_is_known(call, &params, dataset, true, S("attachments"))) {
        return ERR_OK;
    }
    TRY(attachments_of(call->scope, dataset, &attachments, &count));
    json_object_begin(&json);
    json_key(&json, S("links"));
    json_array_begin(&json);
    link_write(&json, S("self"), link_dataset(call, dataset->id, S("/attachments")));
    json_array_end(&json);
    json_key(&json, S("attachments"));
    json_array_begin(&json);
    for (size_t i = 0; i < count; i++) {
        write_attachment(call, dataset, &attachments[i], &json);
    }
    json_array_end(&json);
    json_object_end(&json);
    answer_json(call, &params, &body);
    return ERR_OK;
}

/* Names in ASCII, and as they are in the form of RFC 6266. */
static str disposition(struct call *call, str file_name)
{
    struct buf out = {0};
    buf_add(&out, S("attachment; filename=\""));
    for (size_t i = 0; i < file_name.n; i++) {
        char c = file_name.p[i];
        bool is_plain = c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '%';
        buf_add_char(&out, is_plain ? c : '_');
    }
    buf_add(&out, S("\"; filename*=UTF-8''"));
    url_encode(&out, file_name);
    str text = buf_copy(&out, &call->scope->arena);
    buf_done(&out);
    return text;
}

/* Whatever the file is, no browser runs it: its type is one of a list (attachment.c), and it is saved. */
static enum err deliver(struct call *call, const struct attachment *attachment, int file)
{
    struct delivery delivery cleanup_with(delivery_close) = {0};
    response_status(call->exchange, 200);
    response_header(call->exchange, S("Content-Type"), attachment->mimetype);
    response_header(call->exchange, S("Content-Disposition"),
                    disposition(call, attachment->file_name));
    response_header(call->exchange, S("Content-Security-Policy"), S("sandbox"));
    TRY(delivery_open(call, false, &delivery));
    TRY(delivery_send_file(&delivery, file));
    return delivery_finish(&delivery);
}

enum err api_attachment(struct call *call)
{
    const struct dataset *dataset;
    struct attachment attachment;
    bool found;
    int file;
    TRY(answer_find_dataset(call, call->path_values[0], &dataset));
    TRY(attachment_find(call->scope, dataset, call->path_values[1], &attachment, &found));
    if (!found) {
        return fail(call->scope, ERR_NO_RECORD, "The dataset has no attachment of that id.");
    }
    if (response_etag(call->exchange, attachment.stored)) {
        return ERR_OK;
    }
    str looked_up = attachment.stored;
    TRY(attachment_open(call->scope, call->app->catalog, dataset, &attachment, &file));
    bool is_known = !str_eq(attachment.stored, looked_up) && response_etag(call->exchange, attachment.stored);
    enum err result = is_known ? ERR_OK : deliver(call, &attachment, file);
    close(file);
    return result;
}
