#include "domain/catalog/store_metadata.h"

#include <stdlib.h>

str metadata_compact(struct scope *scope, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    str copy = str_copy(&scope->arena, str_from(text));
    free(text);
    return copy;
}

static enum err read_object(struct scope *scope, str text, json_t **ret)
{
    TRY(json_read(scope, ERR_DATABASE, text.n ? text : S("{}"), "stored metadata", ret));
    return json_is_object(*ret) ? ERR_OK
                                : fail(scope, ERR_DATABASE, "The stored metadata are no object.");
}

/* Sets a member, or takes it away. value is borrowed. */
static void put(json_t *object, const char *name, json_t *value)
{
    if (value && !json_is_null(value)) {
        json_object_set(object, name, value);
    } else {
        json_object_del(object, name);
    }
}

/* What belongs to the dataset, whatever its description. */
static void keep(json_t *metadata, const json_t *stored)
{
    put(metadata, "attachments", json_object_get(stored, "attachments"));
    put(metadata, "reuses", json_object_get(stored, "reuses"));
    put(metadata, "uses", json_object_get(stored, "uses"));
}

enum err metadata_stored(struct scope *scope, str given, str before, str extent, str *ret_text)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    json_t *stored cleanup_with(json_cleanup) = NULL;
    json_t *measured cleanup_with(json_cleanup) = NULL;
    TRY(read_object(scope, given, &metadata));
    TRY(read_object(scope, before, &stored));
    if (extent.n) {
        TRY(read_object(scope, extent, &measured));
    }
    put(metadata, "extent", measured);
    keep(metadata, stored);
    *ret_text = metadata_compact(scope, metadata);
    return ERR_OK;
}

enum err metadata_described(struct scope *scope, json_t *described, str before, str *ret_text)
{
    json_t *stored cleanup_with(json_cleanup) = NULL;
    TRY(read_object(scope, before, &stored));
    put(described, "extent", json_object_get(stored, "extent"));
    keep(described, stored);
    *ret_text = metadata_compact(scope, described);
    return ERR_OK;
}

enum err metadata_with_attachments(struct scope *scope, str before, const json_t *list, str *ret_text)
{
    json_t *stored cleanup_with(json_cleanup) = NULL;
    json_t *copy cleanup_with(json_cleanup) = json_deep_copy(list);
    TRY(read_object(scope, before, &stored));
    put(stored, "attachments", copy);
    *ret_text = metadata_compact(scope, stored);
    return ERR_OK;
}

enum err metadata_follows_data(struct scope *scope, str metadata, bool *ret_follows)
{
    json_t *object cleanup_with(json_cleanup) = NULL;
    TRY(read_object(scope, metadata, &object));
    const json_t *value =
        json_object_get(json_object_get(object, "default"), "modified_updates_on_data_change");
    *ret_follows = !value || json_is_null(value) || json_is_true(value);
    return ERR_OK;
}

void metadata_light(struct scope *scope, str metadata, str *ret_title, bool *ret_has_attachments)
{
    json_t *object cleanup_with(json_cleanup) = NULL;
    *ret_title = S("");
    *ret_has_attachments = false;
    if (read_object(scope, metadata, &object) != ERR_OK) {
        scope_forgive(scope);
        return;
    }
    const json_t *title = json_object_get(json_object_get(object, "default"), "title");
    if (json_is_string(title)) {
        *ret_title = str_copy(&scope->arena, json_read_text(title));
    }
    *ret_has_attachments = json_array_size(json_object_get(object, "attachments")) > 0;
}
