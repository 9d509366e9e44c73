#include "domain/catalog/reuse.h"

#include "base/clock.h"
#include "domain/catalog/store_metadata.h"
#include "platform/crypto/crypto.h"
#include "platform/db/statement.h"

static str text_in(struct scope *scope, const json_t *object, const char *member)
{
    return str_copy(&scope->arena, json_read_text(json_object_get(object, member)));
}

enum err reuses_of(struct scope *scope, const struct dataset *dataset, const struct reuse **ret_reuses,
                   size_t *ret_count)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    TRY(json_read(scope, ERR_DATABASE, dataset->metadata.n ? dataset->metadata : S("{}"), "stored metadata",
                  &metadata));
    const json_t *list = json_object_get(metadata, "reuses");
    size_t count = json_array_size(list);
    struct reuse *reuses = arena_array(&scope->arena, struct reuse, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        reuses[i] = (struct reuse){.id = text_in(scope, item, "id"),
                                   .title = text_in(scope, item, "title"),
                                   .address = text_in(scope, item, "url"),
                                   .author = text_in(scope, item, "author"),
                                   .description = text_in(scope, item, "description")};
    }
    *ret_reuses = reuses;
    *ret_count = count;
    return ERR_OK;
}

/* ---- changing ---- */

static enum err read_stored(struct scope *scope, struct db_lease *lease, str dataset, json_t **ret_metadata)
{
    cell text;
    TRY(DB_ASK(scope, lease, &text, "select metadata from dataset where id = ?", cell_text(dataset)));
    return text.type == CELL_TEXT ? json_read(scope, ERR_DATABASE, text.text, "stored metadata", ret_metadata)
                                  : dataset_absent(scope, dataset);
}

static enum err write_stored(struct scope *scope, struct db_lease *lease, str dataset, json_t *metadata)
{
    str text = metadata_compact(scope, metadata);
    TRY(DB_RUN(scope, lease, "update dataset set metadata = ?, metadata_processed = ? where id = ?",
               cell_text(text), cell_instant(clock_wall()), cell_text(dataset)));
    return catalog_finish_change(scope, lease);
}

static json_t *list_in(json_t *metadata)
{
    json_t *list = json_object_get(metadata, "reuses");
    if (!json_is_array(list)) {
        list = json_array();
        json_object_set_new(metadata, "reuses", list);
    }
    return list;
}

static size_t find_id(const json_t *list, str id)
{
    size_t at = 0;
    while (at < json_array_size(list) &&
           !str_eq(json_read_text(json_object_get(json_array_get(list, at), "id")), id)) {
        at++;
    }
    return at;
}

static str new_id(struct scope *scope)
{
    uint8_t bytes[8];
    random_bytes(bytes, sizeof(bytes));
    return hex_encode(&scope->arena, bytes, sizeof(bytes));
}

static enum err find_reuse(struct scope *scope, const json_t *list, str id, size_t *ret_at)
{
    *ret_at = find_id(list, id);
    return *ret_at < json_array_size(list) ? ERR_OK
                                           : fail(scope, ERR_NO_RECORD, "The dataset has no such reuse.");
}

enum err catalog_reuse_put(struct scope *scope, struct catalog *catalog, str dataset,
                           const struct reuse *reuse)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    size_t at;
    str id = reuse->id.n ? reuse->id : new_id(scope);
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(read_stored(scope, lease, dataset, &metadata));
    json_t *list = list_in(metadata);
    json_t *item = json_pack("{s:s%,s:s%,s:s%,s:s%,s:s%}", "id", id.p, id.n, "title", reuse->title.p,
                             reuse->title.n, "url", reuse->address.p, reuse->address.n, "author",
                             reuse->author.n ? reuse->author.p : "", reuse->author.n, "description",
                             reuse->description.n ? reuse->description.p : "", reuse->description.n);
    if (!item) {
        return fail(scope, ERR_USAGE, "A reuse: UTF-8 is expected.");
    }
    if (reuse->id.n) {
        enum err result = find_reuse(scope, list, id, &at);
        if (result != ERR_OK) {
            json_decref(item);
            return result;
        }
        json_array_set_new(list, at, item);
    } else if (json_array_size(list) >= REUSES_MOST) {
        json_decref(item);
        return fail(scope, ERR_CONFLICT, "The dataset has %d reuses already, the most there may be.", REUSES_MOST);
    } else {
        json_array_append_new(list, item);
    }
    return write_stored(scope, lease, dataset, metadata);
}

enum err catalog_reuse_remove(struct scope *scope, struct catalog *catalog, str dataset, str id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    size_t at;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(read_stored(scope, lease, dataset, &metadata));
    TRY(find_reuse(scope, list_in(metadata), id, &at));
    json_array_remove(list_in(metadata), at);
    return write_stored(scope, lease, dataset, metadata);
}
