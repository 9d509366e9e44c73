#include "domain/catalog/bulk.h"

#include <stdlib.h>

#include "domain/catalog/metadata_read.h"
#include "domain/catalog/typed_html.h"
#include "platform/db/statement.h"

#define TRIES 5

static const char *const names[] = {[BULK_SET] = "set",
                                    [BULK_ADD] = "add",
                                    [BULK_REMOVE] = "remove",
                                    [BULK_REPLACE] = "replace",
                                    [BULK_CLEAR] = "clear"};

const char *bulk_operation_name(enum bulk_operation operation)
{
    return names[operation];
}

bool bulk_operation_find(str name, enum bulk_operation *ret_operation)
{
    for (int i = 0; i < BULK__COUNT; i++) {
        if (str_eq(str_from(names[i]), name)) {
            *ret_operation = (enum bulk_operation)i;
            return true;
        }
    }
    return false;
}

const json_t *bulk_value(const json_t *metadata, const struct bulk_change *change)
{
    const json_t *templates = metadata;
    size_t dot = str_find_char(change->path, '.', 0);
    str in = str_slice(change->path, 0, dot);
    str name = str_slice(change->path, dot + 1, change->path.n);
    if (change->lang.n) {
        templates = json_object_getn(json_object_get(metadata, "languages"), change->lang.p, change->lang.n);
    }
    return json_object_getn(json_object_getn(templates, in.p, in.n), name.p, name.n);
}

/* ---- in memory ---- */

static bool holds(const json_t *list, str text)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (str_eq(json_read_text(json_array_get(list, i)), text)) {
            return true;
        }
    }
    return false;
}

static void append(json_t *list, const json_t *value)
{
    if (!holds(list, json_read_text(value))) {
        json_array_append_new(list, json_deep_copy(value));
    }
}

static void append_all(json_t *list, const json_t *value)
{
    if (json_is_string(value)) {
        append(list, value);
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        append(list, json_array_get(value, i));
    }
}

/* The list without the old text; value in its place where there is one. NULL: nothing is left. */
static json_t *list_without(const json_t *list, str old, const json_t *value)
{
    json_t *result = json_array();
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        if (!str_eq(json_read_text(item), old)) {
            append(result, item);
        } else if (value) {
            append_all(result, value);
        }
    }
    if (json_array_size(result) == 0) {
        json_decref(result);
        return NULL;
    }
    return result;
}

/* The old text as it is stored or, of HTML, as forms show it. */
static bool is_old(struct arena *arena, const struct metadata_row *row, const json_t *before, str old)
{
    str text = json_read_text(before);
    bool is_html = row && row->type == METADATA_HTML;
    return json_is_string(before) && (str_eq(text, old) || (is_html && str_eq(text, typed_html(arena, old))));
}

/* What a value becomes, with a reference of its own; NULL: none. */
static json_t *changed_value(struct arena *arena, const struct metadata_row *row, const json_t *before,
                             const struct bulk_change *change)
{
    bool is_replaced = change->operation == BULK_REPLACE || change->operation == BULK_REMOVE;
    if (change->operation == BULK_CLEAR) {
        return NULL;
    }
    if (change->operation == BULK_SET) {
        return json_deep_copy(change->value);
    }
    if (change->operation == BULK_ADD) {
        json_t *list = json_is_array(before) ? json_deep_copy(before) : json_array();
        append_all(list, change->value);
        return list;
    }
    const json_t *value = change->operation == BULK_REPLACE ? change->value : NULL;
    if (json_is_array(before)) {
        return list_without(before, change->old, value);
    }
    bool is_it = is_replaced && is_old(arena, row, before, change->old);
    return !is_it ? json_deep_copy(before) : value ? json_deep_copy(value) : NULL;
}

enum err bulk_apply(struct scope *scope, json_t *metadata, const struct bulk_change *change, bool *ret_changed)
{
    size_t dot = str_find_char(change->path, '.', 0);
    const struct metadata_row *row =
        metadata_find(str_slice(change->path, 0, dot), str_slice(change->path, dot + 1, change->path.n));
    *ret_changed = false;
    if (change->operation == BULK_ADD && (!row || row->type != METADATA_TEXTS)) {
        return fail(scope, ERR_METADATA, "%.*s is no list that something can be added to", STR_ARG(change->path));
    }
    const json_t *before = bulk_value(metadata, change);
    json_t *value cleanup_with(json_cleanup) = changed_value(&scope->arena, row, before, change);
    *ret_changed = before || value ? !json_equal(before, value) : false;
    return *ret_changed ? metadata_set(scope, metadata, change->lang, change->path, value) : ERR_OK;
}

/* ---- stored ---- */

static enum err describe_once(struct scope *scope, struct catalog *catalog, str dataset,
                              const struct bulk_change *change, bool *ret_changed)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    cell text;
    cell processed;
    {
        struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
        TRY(db_begin(scope, catalog_database(catalog), &lease));
        TRY(DB_ASK(scope, lease, &text, "select metadata from dataset where id = ?", cell_text(dataset)));
        if (text.type != CELL_TEXT) {
            return dataset_absent(scope, dataset);
        }
        TRY(json_read(scope, ERR_DATABASE, text.text, "stored metadata", &metadata));
        TRY(DB_ASK(scope, lease, &processed, "select metadata_processed from dataset where id = ?",
                   cell_text(dataset)));
    }
    TRY(bulk_apply(scope, metadata, change, ret_changed));
    if (!*ret_changed) {
        return ERR_OK;
    }
    char *changed = json_dumps(metadata, JSON_COMPACT);
    str stored = str_copy(&scope->arena, str_from(changed ? changed : "{}"));
    free(changed);
    return catalog_describe(scope, catalog, dataset, stored, NULL, processed.number);
}

enum err bulk_describe(struct scope *scope, struct catalog *catalog, str dataset, const struct bulk_change *change,
                       bool *ret_changed)
{
    enum err result = ERR_OK;
    for (int i = 0; i < TRIES; i++) {
        result = describe_once(scope, catalog, dataset, change, ret_changed);
        if (result != ERR_CONFLICT) {
            return result;
        }
        if (i + 1 < TRIES) {
            scope_forgive(scope);
        }
    }
    return result;
}
