/*
 * Files on their way into the portal, by the tus protocol 1.0.0 (creation, termination, expiration):
 * https://tus.io/protocols/resumable-upload. Pieces are at most UPLOAD_PIECE_MOST, because each is in memory as a whole.
 */
#include <time.h>

#include "base/attr.h"
#include "base/num.h"
#include "domain/resource/upload.h"
#include "platform/i18n/explanation.h"
#include "web/back/routes.h"
#include "web/shell/headers.h"

#define TUS_VERSION S("1.0.0")
#define METADATA_BYTES 4000

static void header_number(struct call *call, str name, int64_t number)
{
    response_header(call->exchange, name, str_printf(&call->scope->arena, "%lld", (long long)number));
}

static str http_date(struct arena *arena, usec instant)
{
    char text[40];
    time_t seconds = (time_t)(instant / USEC_SECOND);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t n = strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return str_copy(arena, (str){text, n});
}

/* An answer without a body, with what each answer of the protocol has. */
static enum err answer(struct call *call, int status)
{
    struct buf nothing = {0};
    headers_common(call->exchange);
    response_status(call->exchange, status);
    response_header(call->exchange, S("Tus-Resumable"), TUS_VERSION);
    response_header(call->exchange, S("Cache-Control"), S("no-store"));
    response_body(call->exchange, &nothing);
    return ERR_OK;
}

static void describe(struct call *call, const struct upload *upload)
{
    header_number(call, S("Upload-Offset"), upload->received);
    header_number(call, S("Upload-Length"), upload->bytes);
    if (!upload_is_finished(upload)) {
        response_header(call->exchange, S("Upload-Expires"), http_date(&call->scope->arena, upload_expires(upload)));
    }
}

/* Clients of another version are told which one we speak. */
static bool speaks_tus(struct call *call)
{
    if (str_eq(exchange_header(call->exchange, S("Tus-Resumable")), TUS_VERSION)) {
        return true;
    }
    response_header(call->exchange, S("Tus-Version"), TUS_VERSION);
    answer(call, 412);
    return false;
}

static enum err read_count(struct call *call, str name, int64_t *ret)
{
    return num_read_int(exchange_header(call->exchange, name), ret) && *ret >= 0
               ? ERR_OK
               : fail(call->scope, ERR_REQUEST, "A whole number is expected in the header %.*s.", STR_ARG(name));
}

/* ---- beginning ---- */

/* Base64 as it was first written down, with + and / and padding. */
static bool decode_base64(struct arena *arena, str text, str *ret_bytes)
{
    char *safe = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    for (; n < text.n && text.p[n] != '='; n++) {
        safe[n] = text.p[n] == '+' ? '-' : text.p[n] == '/' ? '_' : text.p[n];
    }
    return base64_decode_any(arena, (str){safe, n}, ret_bytes);
}

/* Value of a key of Upload-Metadata: "key base64,key base64"; empty when it is absent. */
static str metadata_value(struct call *call, str key)
{
    str rest = str_slice(exchange_header(call->exchange, S("Upload-Metadata")), 0, METADATA_BYTES);
    str pair;
    while (rest.n && str_split(&rest, ',', &pair)) {
        str name;
        str value;
        str text = str_trim(pair);
        str_split(&text, ' ', &name);
        if (str_eq(name, key) && decode_base64(&call->scope->arena, str_trim(text), &value)) {
            return value;
        }
    }
    return S("");
}

/* The dataset that the file is for, which he may publish. */
static enum err find_dataset(struct call *call, str id, str *ret_uid)
{
    const struct dataset *dataset;
    call->path_values[0] = id;
    TRY(office_open_dataset(call, RIGHT_PUBLISH, &dataset));
    *ret_uid = dataset->uid;
    return ERR_OK;
}

static enum err create(struct call *call)
{
    struct new_upload wish = {.owner = call->actor->user,
                              .name = metadata_value(call, S("filename")),
                              .bytes_most = call->app->upload_bytes_most};
    struct upload upload;
    TRY(read_count(call, S("Upload-Length"), &wish.bytes));
    TRY(find_dataset(call, metadata_value(call, S("dataset")), &wish.dataset));
    if (!num_read_int(metadata_value(call, S("lastmodified")), &wish.file_time)) {
        wish.file_time = 0;
    }
    TRY(upload_create(call->scope, call->app->catalog, &wish, &upload));
    response_header(call->exchange, S("Location"), office_path(call, "/backoffice/uploads/", upload.id));
    describe(call, &upload);
    return answer(call, 201);
}

static enum err post_uploads(struct call *call)
{
    return speaks_tus(call) ? create(call) : ERR_OK;
}

static void write_upload(struct call *call, struct json_writer *json, const struct upload *upload)
{
    json_object_begin(json);
    json_key_text(json, S("id"), upload->id);
    json_key_text(json, S("address"), office_path(call, "/backoffice/uploads/", upload->id));
    json_key_text(json, S("name"), upload->name);
    json_key_int(json, S("bytes"), upload->bytes);
    json_key_int(json, S("received"), upload->received);
    json_key_int(json, S("last_modified"), upload->file_time);
    json_key_bool(json, S("is_finished"), upload_is_finished(upload));
    json_key_bool(json, S("is_used"), upload->is_used);
    json_key_bool(json, S("is_own"), upload->owner == call->actor->user);
    json_object_end(json);
}

/* Those for a dataset: ?dataset=ID. A page finds here what it can go on with. */
static enum err list_uploads(struct call *call)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    const struct upload *uploads;
    size_t count;
    str uid;
    TRY(find_dataset(call, call_query(call, S("dataset")), &uid));
    TRY(upload_list(call->scope, call->app->catalog, uid, 0, &uploads, &count));
    json_object_begin(&json);
    json_key(&json, S("uploads"));
    json_array_begin(&json);
    for (size_t i = 0; i < count; i++) {
        write_upload(call, &json, &uploads[i]);
    }
    json_array_end(&json);
    json_object_end(&json);
    return office_json(call, 200, &out);
}

/* ---- one of them ---- */

/* Somebody else's is as if it were not there. */
static enum err find_own(struct call *call, struct upload *ret_upload)
{
    TRY(upload_find(call->scope, call->app->catalog, call->path_values[0], ret_upload));
    return ret_upload->owner == call->actor->user && ret_upload->owner
               ? ERR_OK
               : fail_in_words(call->scope, ERR_NO_UPLOAD, MSG_FAULT_UPLOAD_GONE, NULL);
}

static enum err show_upload(struct call *call)
{
    struct upload upload;
    TRY(find_own(call, &upload));
    describe(call, &upload);
    if (exchange_method(call->exchange) == HTTP_HEAD) {
        return answer(call, 200);
    }
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    write_upload(call, &json, &upload);
    return office_json(call, 200, &out);
}

static enum err append(struct call *call)
{
    struct upload upload;
    int64_t offset;
    TRY(find_own(call, &upload));
    if (!str_eq(exchange_header(call->exchange, S("Content-Type")), S("application/offset+octet-stream"))) {
        return answer(call, 415);
    }
    TRY(read_count(call, S("Upload-Offset"), &offset));
    TRY(upload_append(call->scope, call->app->catalog, upload.id, offset, exchange_body(call->exchange), &upload.received));
    upload.changed = clock_wall();
    header_number(call, S("Upload-Offset"), upload.received);
    if (!upload_is_finished(&upload)) {
        response_header(call->exchange, S("Upload-Expires"), http_date(&call->scope->arena, upload_expires(&upload)));
    }
    return answer(call, 204);
}

static enum err end(struct call *call)
{
    struct upload upload;
    TRY(find_own(call, &upload));
    if (upload.is_used) {
        return fail_in_words(call->scope, ERR_CONFLICT, MSG_FAULT_UPLOAD_USED, NULL);
    }
    TRY(upload_remove(call->scope, call->app->catalog, upload.id));
    return answer(call, 204);
}

static enum err change_upload(struct call *call)
{
    if (!speaks_tus(call)) {
        return ERR_OK;
    }
    return exchange_method(call->exchange) == HTTP_PATCH ? append(call) : end(call);
}

static const struct route routes[] = {
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/uploads", list_uploads, "back.uploads",
              "Uploads for a dataset; POST begins one (tus 1.0.0)."),
     .post = post_uploads, .keys = true},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/uploads/{}", show_upload, "back.upload",
              "One upload: how far it is; PATCH adds a piece, DELETE ends it (tus 1.0.0)."),
     .other = change_upload, .other_methods = 1U << HTTP_PATCH | 1U << HTTP_DELETE,
     .body_bytes = UPLOAD_PIECE_MOST, .keys = true},
};

const struct office_part upload_part = {routes, ARRAY_LENGTH(routes), NULL, 0};
