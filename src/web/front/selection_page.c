/* The page of a selection: what is in it, and how to take it away. */
#include "base/vec.h"
#include "web/front/account.h"
#include "web/front/explore.h"
#include "web/front/selection_contents.h"
#include "web/shell/gate.h"

struct item_view {
    str id, title, publisher, license, records, exact, modified, address, remove, csrf, other_format;
    bool is_kept, is_restricted;
};

struct format_choice {
    str name, label;
    bool current;
};

struct missing_view {
    str id;
};

struct name_view {
    str id;
};

struct selection_page {
    str csrf, count, share, catalogue, lang;
    bool is_kept, is_empty, has_missing, use_labels, can_keep;
    struct tpl_list items, formats, missing, names;
};

static const struct tpl_member item_members[] = {
    TPL_TEXT(struct item_view, id),        TPL_TEXT(struct item_view, title),
    TPL_TEXT(struct item_view, publisher), TPL_TEXT(struct item_view, license),
    TPL_TEXT(struct item_view, exact),     TPL_TEXT(struct item_view, records),   TPL_TEXT(struct item_view, modified),
    TPL_URL(struct item_view, address),    TPL_URL(struct item_view, remove),
    TPL_TEXT(struct item_view, csrf),      TPL_TEXT(struct item_view, other_format),
    TPL_BOOL(struct item_view, is_kept),   TPL_BOOL(struct item_view, is_restricted)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct item_view, item_members);

static const struct tpl_member format_members[] = {TPL_TEXT(struct format_choice, name),
                                                   TPL_TEXT(struct format_choice, label),
                                                   TPL_BOOL(struct format_choice, current)};
static const struct tpl_struct format_struct = TPL_STRUCT(struct format_choice, format_members);

static const struct tpl_member missing_members[] = {TPL_TEXT(struct missing_view, id)};
static const struct tpl_struct missing_struct = TPL_STRUCT(struct missing_view, missing_members);

static const struct tpl_member name_members[] = {TPL_TEXT(struct name_view, id)};
static const struct tpl_struct name_struct = TPL_STRUCT(struct name_view, name_members);

static const struct tpl_member page_members[] = {
    TPL_TEXT(struct selection_page, csrf),     TPL_TEXT(struct selection_page, count),
    TPL_TEXT(struct selection_page, lang),
    TPL_URL(struct selection_page, share),     TPL_URL(struct selection_page, catalogue),
    TPL_BOOL(struct selection_page, is_kept),  TPL_BOOL(struct selection_page, is_empty),
    TPL_BOOL(struct selection_page, has_missing), TPL_BOOL(struct selection_page, use_labels),
    TPL_BOOL(struct selection_page, can_keep),
    TPL_LIST(struct selection_page, items, item_struct),
    TPL_LIST(struct selection_page, formats, format_struct),
    TPL_LIST(struct selection_page, missing, missing_struct),
    TPL_LIST(struct selection_page, names, name_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct selection_page, page_members);
const struct tpl_binding selection_template = {"front/selection", &page_struct};

/* ---- lists ---- */

static str without(struct call *call, const struct selection *selection, str id)
{
    str names = selection_names(&call->scope->arena, selection, id);
    return str_printf(&call->scope->arena, "%.*s%s%.*s", STR_ARG(SELECTION_PATH), names.n ? "?" : "",
                      STR_ARG(names));
}

static struct item_view item_view(struct call *call, const struct selection_contents *contents,
                                  const struct selected *item, str csrf)
{
    struct arena *arena = &call->scope->arena;
    const struct dataset *dataset = item->dataset;
    str page = str_printf(arena, "/explore/dataset/%.*s/", STR_ARG(dataset->id));
    return (struct item_view){
        .id = dataset->id,
        .title = item->title,
        .publisher = item->publisher,
        .license = item->license.n ? item->license
                                   : message_plain(call->language, MSG_SELECTION_NO_LICENCE),
        .records = dataset->version ? records_text(call, dataset->records_count)
                                    : message_plain(call->language, MSG_SELECTION_NO_RECORDS),
        .exact = dataset->version ? format_int(arena, call->language, dataset->records_count) : S(""),
        .modified = modified_text(call, dataset),
        .address = selection_link(arena, &contents->selection, page),
        .remove = without(call, &contents->selection, dataset->id),
        .csrf = csrf,
        .other_format = item->format && item->format != contents->format ? item->format->name : S(""),
        .is_kept = contents->selection.is_kept,
        .is_restricted = dataset->is_restricted};
}

static struct tpl_list list_items(struct call *call, const struct selection_contents *contents, str csrf)
{
    struct item_view *views = arena_array(&call->scope->arena, struct item_view, contents->count + 1);
    for (size_t i = 0; i < contents->count; i++) {
        views[i] = item_view(call, contents, &contents->items[i], csrf);
    }
    return (struct tpl_list){views, contents->count};
}

static struct tpl_list list_formats(struct call *call, const struct format *chosen)
{
    static const struct {
        const char *name, *label;
    } labels[] = {{"csv", "CSV"},        {"xlsx", "Excel (XLSX)"}, {"json", "JSON"}, {"jsonl", "JSON Lines"},
                  {"parquet", "Parquet"}, {"geojson", "GeoJSON"},  {"shp", "Shapefile"}, {"kml", "KML"},
                  {"gpx", "GPX"},        {"fgb", "FlatGeobuf"},    {"mvt", "MBTiles"}};
    size_t count;
    const struct format *formats = formats_all(&count);
    struct format_choice *views = arena_array(&call->scope->arena, struct format_choice, count);
    for (size_t i = 0; i < count; i++) {
        views[i] = (struct format_choice){formats[i].name, formats[i].name, &formats[i] == chosen};
        for (size_t k = 0; k < ARRAY_LENGTH(labels); k++) {
            if (str_eq(formats[i].name, str_from(labels[k].name))) {
                views[i].label = str_from(labels[k].label);
            }
        }
    }
    return (struct tpl_list){views, count};
}

static struct tpl_list list_names(struct call *call, const struct selection_contents *contents)
{
    struct name_view *views = arena_array(&call->scope->arena, struct name_view, contents->count + 1);
    for (size_t i = 0; i < contents->count; i++) {
        views[i] = (struct name_view){contents->items[i].dataset->id};
    }
    return (struct tpl_list){views, contents->count};
}

/* ---- the page ---- */

enum err selection_get(struct call *call)
{
    struct selection_contents contents;
    TRY(selection_contents_read(call, &contents));
    struct arena *arena = &call->scope->arena;
    struct selection_page view = {
        .csrf = call->session ? csrf_token(call) : S(""),
        .count = message_text(arena, call->language, MSG_SELECTION_COUNT,
                              &ARG_INT("count", (int64_t)contents.count), 1),
        .lang = language_code(call->language),
        .catalogue = selection_link(arena, &contents.selection, S("/explore/")),
        .is_kept = contents.selection.is_kept,
        .is_empty = contents.count == 0,
        .has_missing = contents.missing_count > 0,
        .use_labels = contents.use_labels,
        .can_keep = call->session && !contents.selection.is_kept && contents.count > 0,
        .formats = list_formats(call, contents.format),
        .missing = {contents.missing, contents.missing_count},
        .names = list_names(call, &contents)};
    _Static_assert(sizeof(struct missing_view) == sizeof(str), "ids are listed as they are");
    str names = selection_names(arena, &contents.selection, STR_NONE);
    view.share = str_printf(arena, "%.*s%.*s?%.*s", STR_ARG(call->base_url), STR_ARG(SELECTION_PATH),
                            STR_ARG(names));
    view.items = list_items(call, &contents, view.csrf);
    struct page page = {.title = MSG_SELECTION_TITLE,
                        .body = &selection_template,
                        .data = &view,
                        .is_public = !call->session};
    selection_tell(call, &contents.selection, &page);
    page_send(call, &page);
    return ERR_OK;
}

/* ---- changes, of people who are signed in ---- */

static enum err add_all(struct call *call)
{
    struct identity *identity = call->app->identity;
    for (size_t i = 0; i < call->form.count; i++) {
        const struct form_item *item = &call->form.items[i];
        const struct dataset *dataset;
        if (!str_eq(item->name, S("dataset"))) {
            continue;
        }
        dataset = snapshot_find(call->snapshot, item->value);
        if (!dataset) {
            return dataset_absent(call->scope, item->value);
        }
        TRY(selection_add(call->scope, identity, call->actor->user, dataset->id));
    }
    return ERR_OK;
}

enum err selection_post(struct call *call)
{
    str action = form_value(&call->form, S("action"));
    if (!call->session) {
        return fail(call->scope, ERR_SIGN_IN, "Selections are kept for people who signed in.");
    }
    struct identity *identity = call->app->identity;
    enum message message = MSG_SELECTION_REMOVED;
    enum err result;
    if (str_eq(action, S("add"))) {
        result = add_all(call);
        message = MSG_SELECTION_ADDED;
    } else if (str_eq(action, S("remove"))) {
        result = selection_remove(call->scope, identity, call->actor->user, form_value(&call->form, S("dataset")));
    } else if (str_eq(action, S("clear"))) {
        result = selection_clear(call->scope, identity, call->actor->user);
    } else {
        return fail(call->scope, ERR_REQUEST, "action: add, remove or clear is expected.");
    }
    if (result == ERR_CONFLICT) {
        scope_forgive(call->scope);
        return account_done(call, MSG_SELECTION_FULL, page_next(call, SELECTION_PATH));
    }
    TRY(result);
    return account_done(call, message, page_next(call, SELECTION_PATH));
}
