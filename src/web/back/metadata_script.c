/* Descriptions as JSON, for scripts: read whole, and replaced whole. */
#include <stdlib.h>

#include "base/json_write.h"
#include "base/num.h"
#include "domain/catalog/metadata_read.h"
#include "domain/identity/audit.h"
#include "web/back/metadata_page.h"
#include "web/back/quality_view.h"

enum err metadata_reload(struct call *call, const struct dataset **ret_dataset)
{
    TRY(office_apply(call));
    return office_open_dataset(call, RIGHT_EDIT, ret_dataset);
}

void metadata_note(struct call *call, const struct dataset *dataset, str names)
{
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "dataset.describe", dataset->id, names);
}

str metadata_json(struct scope *scope, const json_t *metadata)
{
    char *text = json_dumps(metadata, JSON_COMPACT);
    str copy = str_copy(&scope->arena, str_from(text ? text : "{}"));
    free(text);
    return copy;
}

/* ---- reading ---- */

/* Labels and annotations belong to the fields, and those to the description. */
static void write_fields(struct json_writer *json, const struct schema *schema)
{
    json_object_begin(json);
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];
        json_key(json, field->name);
        json_object_begin(json);
        json_key_text(json, S("type"), field_type_text(field->type));
        json_key_text(json, S("label"), field->label);
        json_key_text_or_null(json, S("description"), field->description);
        json_object_end(json);
    }
    json_object_end(json);
}

static void write_quality(struct call *call, struct json_writer *json, const struct dataset *dataset,
                          const struct quality *quality)
{
    json_object_begin(json);
    json_key_int(json, S("score"), quality->score);
    json_key(json, S("missing"));
    json_array_begin(json);
    for (int i = 0; i < QUALITY__COUNT; i++) {
        const struct quality_result *result = &quality->results[i];
        enum quality_check check = (enum quality_check)i;
        if (result->applies && result->points < quality_rows()[i].weight) {
            json_object_begin(json);
            json_key_text(json, S("check"), quality_rows()[i].key);
            json_key_int(json, S("points"), quality_rows()[i].weight - result->points);
            json_key_text(json, S("message"), office_quality_text(call, check, result));
            json_key_text(json, S("location"), office_quality_address(call, dataset->id, check, result->field));
            json_object_end(json);
        }
    }
    json_array_end(json);
    json_object_end(json);
}

enum err metadata_tell(struct call *call, const struct dataset *dataset)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    struct quality quality;
    TRY(json_read(call->scope, ERR_DATABASE, dataset->metadata, "stored metadata", &metadata));
    TRY(quality_of(call->scope, dataset, &quality));
    json_object_del(metadata, "extent");
    json_object_del(metadata, "attachments");
    json_object_del(metadata, "reuses");
    json_object_del(metadata, "uses");
    char *text = json_dumps(metadata, JSON_COMPACT);
    json_object_begin(&json);
    json_key_text(&json, S("dataset_id"), dataset->id);
    json_key_text(&json, S("seen"), str_printf(&call->scope->arena, "%lld", (long long)dataset->metadata_processed));
    json_key(&json, S("metadata"));
    json_raw(&json, str_from(text ? text : "{}"));
    json_key(&json, S("fields"));
    write_fields(&json, &dataset->schema);
    json_key(&json, S("quality"));
    write_quality(call, &json, dataset, &quality);
    json_object_end(&json);
    free(text);
    return office_json(call, 200, &out);
}

/* ---- writing ---- */

static bool is_json(const struct call *call)
{
    return str_starts(exchange_header(call->exchange, S("Content-Type")), S("application/json"));
}

bool metadata_is_document(const struct call *call)
{
    return is_json(call) || form_has(&call->form, S("metadata"));
}

/* Of the body or the form: the description, what was seen, and the fields if they are given. */
static enum err read_sent(struct call *call, str *ret_text, int64_t *ret_seen)
{
    struct scope *scope = call->scope;
    json_t *body cleanup_with(json_cleanup) = NULL;
    str seen = form_value(&call->form, S("seen"));
    *ret_text = form_value(&call->form, S("metadata"));
    if (is_json(call)) {
        TRY(json_read(scope, ERR_METADATA, exchange_body(call->exchange), "body", &body));
        json_t *metadata = json_object_get(body, "metadata");
        json_t *fields = json_object_get(body, "fields");
        if (!json_is_object(metadata)) {
            return fail(scope, ERR_METADATA, "an object with the members metadata and seen is expected");
        }
        if (json_is_object(fields)) {
            json_object_set(metadata, "fields", fields);
        }
        char *text = json_dumps(metadata, JSON_COMPACT);
        *ret_text = str_copy(&scope->arena, str_from(text ? text : ""));
        free(text);
        seen = str_copy(&scope->arena, json_read_text(json_object_get(body, "seen")));
    }
    if (!num_read_int(seen, ret_seen) || *ret_seen <= 0) {
        return fail(scope, ERR_METADATA, "seen: the value that was given with the description is expected, so that "
                                         "nothing is overwritten that somebody else wrote since");
    }
    return ERR_OK;
}

static enum err apply_field(struct scope *scope, struct schema *schema, const struct field_description *from)
{
    for (size_t i = 0; i < schema->count; i++) {
        struct field *field = &schema->fields[i];
        if (!str_eq(field->name, from->name)) {
            continue;
        }
        struct field before = *field;
        field->label = from->label.p ? from->label : field->label;
        field->description = from->description.p ? from->description : field->description;
        for (size_t j = 0; j < from->annotation_count; j++) {
            TRY(field_annotate(scope, field, from->annotations[j].name, from->annotations[j].value));
        }
        if (before.id != field->id || !str_eq(before.multivalued, field->multivalued)) {
            return fail(scope, ERR_METADATA, "%.*s: id and multivalued shape the records; only publishing changes them",
                        STR_ARG(field->name));
        }
        return ERR_OK;
    }
    return fail(scope, ERR_METADATA, "%.*s: the dataset has no such field", STR_ARG(from->name));
}

enum err metadata_take(struct call *call, const struct dataset *dataset)
{
    struct scope *scope = call->scope;
    struct description description;
    str text;
    int64_t seen;
    TRY(read_sent(call, &text, &seen));
    TRY(metadata_read(scope, text, &description));
    struct schema schema = {arena_array(&scope->arena, struct field, dataset->schema.count + 1), dataset->schema.count};
    for (size_t i = 0; i < schema.count; i++) {
        schema.fields[i] = dataset->schema.fields[i];
    }
    for (size_t i = 0; i < description.field_count; i++) {
        TRY(apply_field(scope, &schema, &description.fields[i]));
    }
    TRY(catalog_describe(scope, call->app->catalog, dataset->id, description.metadata,
                         description.field_count ? &schema : NULL, seen));
    TRY(office_apply(call));
    metadata_note(call, dataset, S("description"));
    return office_done(call, office_dataset_address(call, dataset->id, "/metadata"), MSG_BACKOFFICE_DONE_SAVED);
}
