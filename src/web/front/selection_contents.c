#include "web/front/selection_contents.h"

#include "base/vec.h"
#include "domain/catalog/metadata.h"
#include "web/shell/route.h"

#define SHEET_RECORDS 1048575 /* rows of a workbook's sheet below its header */

static bool has_places(const struct dataset *dataset)
{
    for (size_t i = 0; i < dataset->schema.count; i++) {
        enum field_type type = dataset->schema.fields[i].type;
        if (type == FIELD_GEO_POINT || type == FIELD_GEO_SHAPE) {
            return true;
        }
    }
    return false;
}

/* An archive is under way before its later files are made: what a format cannot hold must be known before. */
static bool suits(const struct format *format, const struct dataset *dataset)
{
    bool is_map = (format->flags & FORMAT_GEOGRAPHIC) || str_eq(format->name, S("geojson"));
    return !(is_map && !has_places(dataset)) &&
           !(str_eq(format->name, S("xlsx")) && dataset->records_count > SHEET_RECORDS);
}

static str export_address(struct call *call, const struct selected *item, bool use_labels)
{
    struct arena *arena = &call->scope->arena;
    str lang = STR_NONE;
    str query = S("");
    if (use_labels) {
        odsql_language_find(language_code(call->language), &lang);
        query = lang.n ? str_printf(arena, "?use_labels=true&lang=%.*s", STR_ARG(lang))
                       : S("?use_labels=true");
    }
    return str_printf(arena, "%.*s/api/explore/v2.1/catalog/datasets/%.*s/exports/%.*s%.*s",
                      STR_ARG(call->base_url), STR_ARG(item->dataset->id), STR_ARG(item->format->name),
                      STR_ARG(query));
}

static str text_of(struct call *call, const json_t *metadata, const char *name)
{
    str text = json_read_text(
        metadata_value(metadata, language_code(call->language), S("default"), str_from(name)));
    return text.n ? str_copy(&call->scope->arena, text) : S("");
}

static enum err describe(struct call *call, const struct selection_contents *contents,
                         const struct dataset *dataset, struct selected *ret_item)
{
    struct arena *arena = &call->scope->arena;
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    TRY(json_read(call->scope, ERR_INTERNAL, dataset->metadata.n ? dataset->metadata : S("{}"),
                  "metadata", &metadata));
    struct selected item = {.dataset = dataset,
                            .title = text_of(call, metadata, "title"),
                            .publisher = text_of(call, metadata, "publisher"),
                            .license = text_of(call, metadata, "license"),
                            .license_url = text_of(call, metadata, "license_url")};
    item.title = item.title.n ? item.title : dataset->id;
    if (dataset->version > 0) {
        item.format = suits(contents->format, dataset) ? contents->format : format_find(S("csv"));
        item.file = str_printf(arena, "%.*s.%.*s", STR_ARG(dataset->id), STR_ARG(item.format->extension));
        item.address = export_address(call, &item, contents->use_labels);
    }
    *ret_item = item;
    return ERR_OK;
}

/* Downloads are asked for by programs, too: no cookie and no header, but lang= in the address decides. */
static void choose_language(struct call *call)
{
    if (call->route->kind != ROUTE_PAGE) {
        language asked = language_exact(call_query(call, PAGE_LANGUAGE_PARAMETER));
        call->language = asked != LANGUAGE_NONE ? asked : call->site->language;
    }
}

static enum err read_format(struct call *call, struct selection_contents *contents)
{
    str name = call_query(call, S("format"));
    contents->format = format_find(name.n ? name : S("csv"));
    contents->use_labels = str_eq(call_query(call, S("use_labels")), S("true"));
    if (!contents->format) {
        return fail_in_words(call->scope, ERR_PARAMETER, MSG_FAULT_FORMAT, NULL);
    }
    if (contents->selection.is_cut) {
        return fail_in_words(call->scope, ERR_PARAMETER, MSG_FAULT_DATASETS_MOST,
                             SAYS(argument_digits(&call->scope->arena, "most", SELECTION_MOST)));
    }
    return ERR_OK;
}

enum err selection_contents_read(struct call *call, struct selection_contents *ret_contents)
{
    struct arena *arena = &call->scope->arena;
    struct selection_contents contents = {0};
    VEC(struct selected) items = {0};
    VEC(str) missing = {0};
    choose_language(call);
    TRY(selection_named(call, &contents.selection));
    TRY(read_format(call, &contents));
    for (size_t i = 0; i < contents.selection.count; i++) {
        const struct dataset *dataset;
        struct selected item;
        TRY(snapshot_load(call->scope, call->snapshot, contents.selection.ids[i], &dataset));
        if (!dataset) {
            vec_add(arena, &missing, contents.selection.ids[i]);
            continue;
        }
        TRY(describe(call, &contents, dataset, &item));
        vec_add(arena, &items, item);
    }
    contents.items = items.items;
    contents.count = items.count;
    contents.missing = missing.items;
    contents.missing_count = missing.count;
    *ret_contents = contents;
    return ERR_OK;
}
