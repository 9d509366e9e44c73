#include "domain/catalog/uses.h"

#include <stdlib.h>

#include "base/vec.h"
#include "domain/catalog/store_metadata.h"
#include "platform/db/statement.h"

#define AT_ONCE 200 /* datasets of a transaction */

static const struct {
    const char *member;
    const char *metadata; /* of the template "explore"; NULL: none */
    bool is_whole;
} rows[USE__COUNT] = {
    [USE_POPULARITY] = {"popularity", "popularity_score", false},
    [USE_DOWNLOADS] = {"downloads", "download_count", true},
    [USE_CALLS] = {"calls", "api_call_count", true},
    [USE_ATTACHMENTS] = {"attachments", "attachment_download_count", true},
    [USE_RECENT_VIEWS] = {"recent_views", NULL, true},
    [USE_RECENT_DOWNLOADS] = {"recent_downloads", NULL, true},
    [USE_RECENT_CALLS] = {"recent_calls", NULL, true},
};

/* ---- reading ---- */

struct uses uses_none(str dataset)
{
    struct uses uses = {.dataset = dataset};
    for (enum use_figure i = 0; i < USE__COUNT; i++) {
        uses.figures[i] = USE_UNKNOWN;
    }
    return uses;
}

struct uses uses_in(const json_t *metadata)
{
    struct uses uses = uses_none(S(""));
    const json_t *stored = json_object_get(metadata, "uses");
    for (enum use_figure i = 0; i < USE__COUNT; i++) {
        const json_t *value = json_object_get(stored, rows[i].member);
        if (json_is_number(value)) {
            uses.figures[i] = json_number_value(value);
        }
    }
    return uses;
}

enum err uses_of(struct scope *scope, const struct dataset *dataset, struct uses *ret_uses)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    TRY(json_read(scope, ERR_DATABASE, dataset->metadata.n ? dataset->metadata : S("{}"), "stored metadata", &metadata));
    *ret_uses = uses_in(metadata);
    return ERR_OK;
}

cell uses_value(const json_t *metadata, str name)
{
    if (str_eq(name, S("reuse_count"))) {
        return cell_int((int64_t)json_array_size(json_object_get(metadata, "reuses")));
    }
    struct uses uses = uses_in(metadata);
    for (enum use_figure i = 0; i < USE__COUNT; i++) {
        if (rows[i].metadata && str_eq(name, str_from(rows[i].metadata)) && uses.figures[i] != USE_UNKNOWN) {
            return rows[i].is_whole ? cell_int((int64_t)uses.figures[i]) : cell_double(uses.figures[i]);
        }
    }
    return cell_null();
}

/* ---- writing ---- */

/* NULL: nothing is known. */
static json_t *object_of(const struct uses *uses)
{
    json_t *object = json_object();
    for (enum use_figure i = 0; i < USE__COUNT; i++) {
        double figure = uses->figures[i];
        if (figure != USE_UNKNOWN) {
            json_object_set_new(object, rows[i].member, rows[i].is_whole ? json_integer((json_int_t)figure) : json_real(figure));
        }
    }
    if (json_object_size(object) == 0) {
        json_decref(object);
        object = NULL;
    }
    return object;
}

/* A dataset that is gone has none. */
static enum err set(struct scope *scope, struct db_lease *lease, const struct uses *uses, int64_t *changed)
{
    cell text;
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    json_t *wanted cleanup_with(json_cleanup) = object_of(uses);
    TRY(DB_ASK(scope, lease, &text, "select metadata from dataset where uid = ?", cell_text(uses->dataset)));
    if (text.type != CELL_TEXT) {
        return ERR_OK;
    }
    TRY(json_read(scope, ERR_DATABASE, text.text, "stored metadata", &metadata));
    json_t *stored = json_object_get(metadata, "uses");
    if (stored ? wanted && json_equal(stored, wanted) : !wanted) {
        return ERR_OK;
    }
    if (wanted) {
        json_object_set(metadata, "uses", wanted);
    } else {
        json_object_del(metadata, "uses");
    }
    ++*changed;
    return DB_RUN(scope, lease, "update dataset set metadata = ? where uid = ?",
                  cell_text(metadata_compact(scope, metadata)), cell_text(uses->dataset));
}

static enum err set_some(struct scope *scope, struct catalog *catalog, const struct uses *uses, size_t count, int64_t *changed)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    int64_t before = *changed;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    for (size_t i = 0; i < count; i++) {
        TRY(set(scope, lease, &uses[i], changed));
    }
    return *changed > before ? catalog_finish_change(scope, lease) : ERR_OK;
}

static int by_dataset(const void *a, const void *b)
{
    return str_compare(((const struct uses *)a)->dataset, ((const struct uses *)b)->dataset);
}

typedef VEC(struct uses) uses_list;

/* Those that have uses and are not among the sorted ones: they lose them. */
static enum err add_others(struct scope *scope, struct catalog *catalog, uses_list *list)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    size_t sorted = list->count;
    struct sql sql = STATEMENT(&scope->arena, "select uid from dataset where metadata like ? order by uid",
                               cell_text(S("%\"uses\":{%")));
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        struct uses none = uses_none(row_text(&scope->arena, row, 0));
        if (!sorted || !bsearch(&none, list->items, sorted, sizeof(none), by_dataset)) {
            vec_add(&scope->arena, list, none);
        }
    }
    return ERR_OK;
}

enum err catalog_set_uses(struct scope *scope, struct catalog *catalog, const struct uses *uses, size_t count,
                          int64_t *ret_changed)
{
    uses_list list = {0};
    int64_t changed = 0;
    for (size_t i = 0; i < count; i++) {
        vec_add(&scope->arena, &list, uses[i]);
    }
    if (count) {
        qsort(list.items, count, sizeof(*list.items), by_dataset);
    }
    TRY(add_others(scope, catalog, &list));
    for (size_t i = 0; i < list.count; i += AT_ONCE) {
        struct arena_mark mark = arena_get_mark(&scope->arena);
        TRY(scope_check(scope));
        TRY(set_some(scope, catalog, list.items + i, list.count - i < AT_ONCE ? list.count - i : AT_ONCE, &changed));
        arena_rewind(&scope->arena, mark);
    }
    *ret_changed = changed;
    return ERR_OK;
}
