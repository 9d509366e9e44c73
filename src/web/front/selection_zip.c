/*
 * The datasets of a selection as one archive: their records, their metadata, the licences and a list with
 * digests. It is sent while it is made; memory does not grow with it.
 */
#include "base/date.h"
#include "base/json_write.h"
#include "domain/records/export.h"
#include "platform/archive/zip_stream.h"
#include "platform/crypto/crypto.h"
#include "web/front/explore.h"
#include "web/front/selection_contents.h"

#define PIECE_BYTES ((size_t)64 << 10)

struct packing {
    struct call *call;
    const struct selection_contents *contents;
    struct zip_stream *zip;
    struct buf waiting;       /* of the archive, not yet sent: its headers are short */
    struct digest *digest;    /* of the entry that is written */
    int64_t bytes;
    struct json_writer list;  /* the manifest */
    struct buf manifest, licences;
    usec now;
};

/* ---- bytes ---- */

static enum err flush(struct packing *packing)
{
    enum err result = packing->waiting.n ? response_write(packing->call->exchange, buf_str(&packing->waiting))
                                         : ERR_OK;
    buf_clear(&packing->waiting);
    return result;
}

static enum err take_archive(void *user, str bytes)
{
    struct packing *packing = user;
    buf_add(&packing->waiting, bytes);
    return packing->waiting.n >= PIECE_BYTES ? flush(packing) : ERR_OK;
}

static enum err take_entry(void *user, str bytes)
{
    struct packing *packing = user;
    digest_feed(packing->digest, bytes);
    packing->bytes += (int64_t)bytes.n;
    return zip_stream_write(packing->zip, bytes);
}

/* ---- entries ---- */

static enum err begin_entry(struct packing *packing, str name, usec modified)
{
    digest_close(packing->digest);
    packing->digest = digest_open();
    packing->bytes = 0;
    return zip_stream_entry(packing->zip, name, modified);
}

/* Notes the entry that was just written in the manifest. */
static void note_entry(struct packing *packing, const char *key, str name)
{
    uint8_t digest[DIGEST_BYTES];
    digest_finish(packing->digest, digest);
    json_key(&packing->list, str_from(key));
    json_object_begin(&packing->list);
    json_key_text(&packing->list, S("name"), name);
    json_key_int(&packing->list, S("bytes"), packing->bytes);
    json_key_text(&packing->list, S("sha256"),
                  hex_encode(&packing->call->scope->arena, digest, sizeof(digest)));
    json_object_end(&packing->list);
}

static enum err write_text(struct packing *packing, str name, str text)
{
    TRY(begin_entry(packing, name, packing->now));
    return take_entry(packing, text);
}

static enum err export_records(struct packing *packing, struct scope *scope, const struct selected *item)
{
    struct records_lease lease cleanup_with(records_release) = {0};
    struct export_request request = {.dataset = item->dataset,
                                     .format = item->format,
                                     .options = format_options_default(),
                                     .clauses = {.limit = -1, .now = packing->now}};
    odsql_language_find(language_code(packing->call->language), &request.clauses.lang);
    request.options.use_labels = packing->contents->use_labels;
    TRY(records_lease(scope, packing->call->app->export_records, item->dataset, &lease));
    return export_write(scope, &lease, &request, take_entry, packing);
}

/* In a scope of its own, which goes with the dataset. */
static enum err write_records(struct packing *packing, const struct selected *item)
{
    struct scope *scope = packing->call->scope;
    struct scope part;
    TRY(begin_entry(packing, item->file, item->dataset->modified));
    scope_open(&part);
    part.deadline = scope->deadline;
    part.gone = scope->gone;
    enum err result = export_records(packing, &part, item);
    if (result != ERR_OK && part.failure.code != ERR_OK) {
        fail_as(scope, result, &part.failure);
    }
    scope_close(&part);
    TRY(result);
    note_entry(packing, "file", item->file);
    return ERR_OK;
}

static enum err write_metadata(struct packing *packing, const struct selected *item)
{
    struct scope *scope = packing->call->scope;
    str document;
    str name = str_printf(&scope->arena, "%.*s.metadata.json", STR_ARG(item->dataset->id));
    TRY(dataset_document_in(scope, item->dataset, language_code(packing->call->language), false, &document));
    TRY(begin_entry(packing, name, item->dataset->modified));
    TRY(take_entry(packing, document));
    note_entry(packing, "metadata", name);
    return ERR_OK;
}

/* ---- the manifest and the licences ---- */

static void write_instant(struct json_writer *json, const char *key, usec instant)
{
    char text[DATE_TEXT_BYTES];
    size_t n = date_write_instant(text, instant, 0);
    if (instant) {
        json_key_text(json, str_from(key), (str){text, n});
    } else {
        json_key_null(json, str_from(key));
    }
}

static void describe(struct packing *packing, const struct selected *item)
{
    struct json_writer *json = &packing->list;
    const struct dataset *dataset = item->dataset;
    struct arena *arena = &packing->call->scope->arena;
    str base = packing->call->base_url;
    json_key_text(json, S("dataset_id"), dataset->id);
    json_key_text(json, S("dataset_uid"), dataset->uid);
    json_key_text(json, S("title"), item->title);
    json_key_text(json, S("publisher"), item->publisher);
    json_key_text(json, S("license"), item->license);
    json_key_text(json, S("license_url"), item->license_url);
    json_key_int(json, S("version"), dataset->version);
    json_key_bool(json, S("is_partial"), dataset->is_partial || dataset->hidden_count > 0);
    write_instant(json, "modified", dataset->modified);
    json_key_text(json, S("page"),
                  str_printf(arena, "%.*s/explore/dataset/%.*s/", STR_ARG(base), STR_ARG(dataset->id)));
    json_key_text(json, S("api"),
                  str_printf(arena, "%.*s/api/explore/v2.1/catalog/datasets/%.*s", STR_ARG(base),
                             STR_ARG(dataset->id)));
    json_key_text_or_null(json, S("export"), item->address.n ? item->address : STR_NONE);
    json_key_text_or_null(json, S("format"), item->format ? item->format->name : STR_NONE);
}

static void add_licence(struct packing *packing, const struct selected *item)
{
    struct buf *out = &packing->licences;
    buf_printf(out, "%.*s (%.*s)\r\n", STR_ARG(item->title), STR_ARG(item->dataset->id));
    if (item->publisher.n) {
        buf_printf(out, "  %.*s\r\n", STR_ARG(item->publisher));
    }
    buf_printf(out, "  %.*s\r\n",
               STR_ARG(item->license.n ? item->license
                                       : message_plain(packing->call->language, MSG_SELECTION_NO_LICENCE)));
    if (item->license_url.n) {
        buf_printf(out, "  %.*s\r\n", STR_ARG(item->license_url));
    }
    buf_printf(out, "  %.*s/explore/dataset/%.*s/\r\n\r\n", STR_ARG(packing->call->base_url),
               STR_ARG(item->dataset->id));
}

static void begin_manifest(struct packing *packing)
{
    struct json_writer *json = &packing->list;
    *json = json_writer_to(&packing->manifest);
    json_object_begin(json);
    json_key_text(json, S("portal"), packing->call->base_url);
    write_instant(json, "made", packing->now);
    json_key_text(json, S("format"), packing->contents->format->name);
    json_key_bool(json, S("use_labels"), packing->contents->use_labels);
    json_key(json, S("left_out"));
    json_array_begin(json);
    for (size_t i = 0; i < packing->contents->missing_count; i++) {
        json_text(json, packing->contents->missing[i]);
    }
    json_array_end(json);
    json_key(json, S("datasets"));
    json_array_begin(json);
}

/* ---- the archive ---- */

static enum err write_dataset(struct packing *packing, const struct selected *item)
{
    json_object_begin(&packing->list);
    describe(packing, item);
    if (item->format) {
        TRY(write_records(packing, item));
    }
    TRY(write_metadata(packing, item));
    json_object_end(&packing->list);
    add_licence(packing, item);
    return ERR_OK;
}

static enum err write_archive(struct packing *packing)
{
    TRY(zip_stream_open(packing->call->scope, take_archive, packing, &packing->zip));
    begin_manifest(packing);
    for (size_t i = 0; i < packing->contents->count; i++) {
        TRY(write_dataset(packing, &packing->contents->items[i]));
    }
    json_array_end(&packing->list);
    json_object_end(&packing->list);
    TRY(write_text(packing, S("LICENSES.txt"), buf_str(&packing->licences)));
    TRY(write_text(packing, S("manifest.json"), buf_str(&packing->manifest)));
    TRY(zip_stream_finish(packing->zip));
    return flush(packing);
}

static void set_headers(struct call *call)
{
    response_status(call->exchange, 200);
    response_header(call->exchange, S("Content-Type"), S("application/zip"));
    response_header(call->exchange, S("Content-Disposition"), S("attachment; filename=\"datasets.zip\""));
    response_header(call->exchange, S("Cache-Control"), S("no-store"));
}

enum err selection_zip_get(struct call *call)
{
    struct selection_contents contents;
    TRY(selection_contents_read(call, &contents));
    if (contents.count == 0) {
        return contents.missing_count ? dataset_absent(call->scope, contents.missing[0])
                                      : fail_in_words(call->scope, ERR_PARAMETER, MSG_FAULT_DATASET_ID, NULL);
    }
    set_headers(call);
    TRY(response_stream(call->exchange));
    if (exchange_method(call->exchange) == HTTP_HEAD) {
        return ERR_OK;
    }
    struct packing packing = {.call = call, .contents = &contents, .now = clock_wall()};
    enum err result = write_archive(&packing);
    zip_stream_close(packing.zip);
    digest_close(packing.digest);
    buf_done(&packing.waiting);
    buf_done(&packing.manifest);
    buf_done(&packing.licences);
    return result;
}
