/* Records on a map: what the island needs to draw it, and the same as a list of places. */
#include <math.h>

#include "base/json_write.h"
#include "base/num.h"
#include "base/utf8.h"
#include "platform/geometry/geometry.h"
#include "web/front/basemap.h"
#include "web/front/embed_page.h"
#include "web/front/explore.h"
#include "web/front/map.h"
#include "web/front/name_field.h"
#include "web/front/privacy_pages.h"
#include "web/shell/static.h"

#define PLACES_SHOWN 20
#define PAGES_MOST 500
#define FIELDS_SHOWN 60 /* of a record's card, and to colour by */
#define LABEL_LETTERS 120

/* Parameters of this tab, besides the filter and the number of the page. */
static const str own_parameters[] = {{"field", 5}, {"color", 5}, {"base", 4}};
#define EMBED_PARAMETERS 2 /* the first of them: an embed has the base map of the portal */

struct place_view {
    str label, address, where;
};

struct choice_view {
    str value, label;
    bool current;
};

/* A map from elsewhere: chosen by who accepted its service, and for others who asks to be accepted. */
struct base_view {
    str service_id, service, provider, location, title, tiles, attribution, page;
    int64_t zoom_most;
    bool current;
    struct tpl_list cookies;
};

struct map_view {
    str api, query, path, records, field, fields, color, label, basemap, worker, title, shown, without;
    str next_page, previous_page, record_query, embed, portal;
    int64_t page, pages;
    bool is_shape, has_choice, has_places, has_pages, has_bases, has_blocked, is_embed;
    struct tpl_list places, choices, colors, hidden, bases, blocked;
};

static const struct tpl_member place_members[] = {TPL_TEXT(struct place_view, label),
                                                  TPL_URL(struct place_view, address),
                                                  TPL_TEXT(struct place_view, where)};
static const struct tpl_struct place_struct = TPL_STRUCT(struct place_view, place_members);

static const struct tpl_member choice_members[] = {TPL_TEXT(struct choice_view, value),
                                                   TPL_TEXT(struct choice_view, label),
                                                   TPL_BOOL(struct choice_view, current)};
static const struct tpl_struct choice_struct = TPL_STRUCT(struct choice_view, choice_members);

static const struct tpl_member base_members[] = {
    TPL_TEXT(struct base_view, service_id), TPL_TEXT(struct base_view, service),
    TPL_TEXT(struct base_view, provider),   TPL_TEXT(struct base_view, location),
    TPL_TEXT(struct base_view, title),      TPL_TEXT(struct base_view, tiles),
    TPL_TEXT(struct base_view, attribution), TPL_TEXT(struct base_view, page),
    TPL_NUMBER(struct base_view, zoom_most), TPL_BOOL(struct base_view, current),
    TPL_LIST(struct base_view, cookies, service_cookie_struct)};
static const struct tpl_struct base_struct = TPL_STRUCT(struct base_view, base_members);

static const struct tpl_member map_members[] = {
    TPL_TEXT(struct map_view, api),          TPL_TEXT(struct map_view, query),
    TPL_URL(struct map_view, path),          TPL_TEXT(struct map_view, records),
    TPL_TEXT(struct map_view, field),        TPL_TEXT(struct map_view, fields),
    TPL_TEXT(struct map_view, color),        TPL_TEXT(struct map_view, label),
    TPL_TEXT(struct map_view, basemap),      TPL_TEXT(struct map_view, worker),
    TPL_TEXT(struct map_view, title),        TPL_TEXT(struct map_view, shown),
    TPL_TEXT(struct map_view, without),      TPL_URL(struct map_view, next_page),
    TPL_URL(struct map_view, previous_page), TPL_INT(struct map_view, page),
    TPL_INT(struct map_view, pages),         TPL_BOOL(struct map_view, is_shape),
    TPL_BOOL(struct map_view, has_choice),   TPL_BOOL(struct map_view, has_places),
    TPL_BOOL(struct map_view, has_pages),    TPL_LIST(struct map_view, places, place_struct),
    TPL_LIST(struct map_view, choices, choice_struct),
    TPL_LIST(struct map_view, colors, choice_struct),
    TPL_LIST(struct map_view, hidden, hidden_struct),
    TPL_TEXT(struct map_view, record_query), TPL_TEXT(struct map_view, embed),
    TPL_URL(struct map_view, portal),
    TPL_BOOL(struct map_view, is_embed),
    TPL_BOOL(struct map_view, has_bases),    TPL_BOOL(struct map_view, has_blocked),
    TPL_LIST(struct map_view, bases, base_struct),
    TPL_LIST(struct map_view, blocked, base_struct)};
static const struct tpl_struct map_struct = TPL_STRUCT(struct map_view, map_members);
const struct tpl_binding map_template = {"front/map", &map_struct};

/* ---- fields ---- */

static bool is_geo(const struct field *field)
{
    return field->type == FIELD_GEO_POINT || field->type == FIELD_GEO_SHAPE;
}

/* The field that the address names, else the first point, else the first shape: as tiles choose. */
static const struct field *choose_field(const struct dataset_page *page)
{
    str named = call_query(page->call, S("field"));
    const struct field *found = NULL;
    for (size_t i = 0; i < page->schema->count; i++) {
        const struct field *field = &page->schema->fields[i];
        if (!is_geo(field)) {
            continue;
        }
        if (str_eq(field->name, named)) {
            return field;
        }
        if (!found || (found->type == FIELD_GEO_SHAPE && field->type == FIELD_GEO_POINT)) {
            found = field;
        }
    }
    return found;
}

static bool has_colors(const struct field *field)
{
    return (field->type == FIELD_TEXT && !field_is_list(field)) || field->type == FIELD_INT ||
           field->type == FIELD_DOUBLE || field->type == FIELD_BOOLEAN;
}

static void fill_choices(const struct dataset_page *page, const struct field *shown, struct map_view *view)
{
    const struct schema *schema = page->schema;
    str color = call_query(page->call, S("color"));
    struct choice_view *choices = arena_array(&page->call->scope->arena, struct choice_view, schema->count + 1);
    struct choice_view *colors = arena_array(&page->call->scope->arena, struct choice_view, schema->count + 1);
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];
        if (is_geo(field)) {
            choices[view->choices.count++] = (struct choice_view){field->name, field_title(field), field == shown};
        } else if (has_colors(field) && view->colors.count < FIELDS_SHOWN) {
            bool is_current = str_eq(field->name, color);
            colors[view->colors.count++] = (struct choice_view){field->name, field_title(field), is_current};
            view->color = is_current ? field->name : view->color;
        }
    }
    view->choices.items = choices;
    view->colors.items = colors;
    view->has_choice = view->choices.count > 1;
}

/* The fields as the island shows them: [{"name": …, "label": …, "type": …}, …]. */
static str describe_fields(const struct dataset_page *page)
{
    cleanup_with(buf_cleanup) struct buf out = {0};
    struct json_writer json = json_writer_to(&out);
    json_array_begin(&json);
    for (size_t i = 0; i < page->schema->count && i < FIELDS_SHOWN; i++) {
        const struct field *field = &page->schema->fields[i];
        json_object_begin(&json);
        json_key_text(&json, S("name"), field->name);
        json_key_text(&json, S("label"), field_title(field));
        json_key_text(&json, S("type"), field_type_text(field->type));
        json_key_text(&json, S("unit"), field->unit.p ? field->unit : S(""));
        json_object_end(&json);
    }
    json_array_end(&json);
    return buf_copy(&out, &page->call->scope->arena);
}

/* ---- places ---- */

struct listing {
    struct dataset_page *page;
    const struct field *field, *label; /* label: NULL, there is no text */
    struct clauses clauses;
    struct plan *plan;
    VEC(struct place_view) places;
};

/* Five decimals are a metre. */
static str degrees_text(struct call *call, double degrees)
{
    return format_number(&call->scope->arena, call->language, round(degrees * 1e5) / 1e5, -1);
}

static str coordinates(struct dataset_page *page, double longitude, double latitude)
{
    return str_printf(&page->call->scope->arena, "%.*s; %.*s", STR_ARG(degrees_text(page->call, latitude)),
                      STR_ARG(degrees_text(page->call, longitude)));
}

/* A point by its coordinates, a shape by the middle of its box. */
static str where_of(struct listing *listing, const struct batch *batch, size_t row)
{
    const struct output *output = &listing->plan->outputs[listing->label ? 1 : 0];
    const struct column *column = &batch->columns[output->column];
    struct box box;
    if (column_is_null(column, row)) {
        return S("");
    }
    if (listing->field->type == FIELD_GEO_POINT) {
        return coordinates(listing->page, column->reals[row], batch->columns[output->column + 1].reals[row]);
    }
    return geometry_box(column->texts[row], &box)
               ? coordinates(listing->page, (box.west + box.east) / 2, (box.south + box.north) / 2)
               : S("");
}

/* The language that the site around an embed chose holds for the records, too. */
static str record_query(const struct dataset_page *page)
{
    str lang = call_query(page->call, PAGE_LANGUAGE_PARAMETER);
    return page->is_embed && lang.n ? dataset_address_with(page, S(""), PAGE_LANGUAGE_PARAMETER, lang) : S("");
}

static void add_place(struct listing *listing, const struct batch *batch, size_t row)
{
    struct arena *arena = &listing->page->call->scope->arena;
    const struct column *ids = &batch->columns[listing->plan->id_column];
    struct place_view place = {.where = where_of(listing, batch, row)};
    const struct column *labels = listing->label ? &batch->columns[listing->plan->outputs[0].column] : NULL;
    if (labels && !column_is_null(labels, row)) {
        place.label = str_copy(arena, utf8_truncate(labels->texts[row], LABEL_LETTERS));
    }
    place.label = place.label.n ? place.label : place.where;
    place.address = str_printf(arena, "/explore/dataset/%.*s/records/%.*s%.*s", STR_ARG(listing->page->dataset->id),
                               STR_ARG(ids->texts[row]), STR_ARG(record_query(listing->page)));
    vec_add(arena, &listing->places, place);
}

static enum err read_places(struct listing *listing)
{
    struct scope *scope = listing->page->call->scope;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_run(scope, listing->page->lease.db, &listing->plan->rows, &cursor));
    EACH_BATCH(scope, cursor, batch) {
        for (size_t row = 0; row < batch->rows; row++) {
            add_place(listing, batch, row);
        }
    }
    return ERR_OK;
}

/* The records that have a place, in the order of the filter. */
static void set_clauses(struct listing *listing, int64_t page_number)
{
    struct dataset_page *page = listing->page;
    struct arena *arena = &page->call->scope->arena;
    struct sql *condition = arena_new(arena, struct sql);
    struct sql *id = arena_new(arena, struct sql);
    *condition = sql_in(arena);
    *id = sql_in(arena);
    sql_name(condition, listing->field->type == FIELD_GEO_POINT
                            ? field_longitude_column(arena, listing->field)
                            : field_edge_column(arena, listing->field, EDGE_WEST));
    sql_text(condition, " is not null");
    records_id_expression(id, &page->lease.source);
    listing->clauses = page->clauses;
    listing->clauses.condition = condition;
    listing->clauses.id_expression = id;
    listing->clauses.shapes_as_wkb = true;
    listing->clauses.limit = PLACES_SHOWN;
    listing->clauses.offset = (page_number - 1) * PLACES_SHOWN;
    listing->clauses.select =
        listing->label ? str_printf(arena, "`%.*s`, `%.*s`", STR_ARG(listing->label->name), STR_ARG(listing->field->name))
                       : str_printf(arena, "`%.*s`", STR_ARG(listing->field->name));
}

static enum err list_places(struct listing *listing, struct map_view *view)
{
    struct dataset_page *page = listing->page;
    struct scope *scope = page->call->scope;
    cell total;
    set_clauses(listing, view->page);
    TRY(odsql_compile(scope, &page->lease.source, &listing->clauses, &listing->plan));
    TRY(db_query_cell(scope, page->lease.db, &listing->plan->total, &total));
    int64_t pages = (total.number + PLACES_SHOWN - 1) / PLACES_SHOWN;
    view->pages = pages < PAGES_MOST ? pages : PAGES_MOST;
    if (view->page > 1 && view->page > pages) {
        return fail_in_words(scope, ERR_PARAMETER, MSG_FAULT_WHOLE_NUMBER,
                             SAYS(ARG_TEXT("name", S("page")), argument_digits(&scope->arena, "most", view->pages ? view->pages : 1)));
    }
    TRY(read_places(listing));
    view->has_pages = view->pages > 1;
    view->places = (struct tpl_list){listing->places.items, listing->places.count};
    view->has_places = total.number > 0;
    view->previous_page = view->page > 1 ? dataset_page_address(page, view->page - 1) : S("");
    view->next_page = view->page < view->pages ? dataset_page_address(page, view->page + 1) : S("");
    view->without = page->total > total.number
                        ? message_text(&scope->arena, page->call->language, MSG_MAP_WITHOUT_PLACE,
                                       &ARG_INT("count", page->total - total.number), 1)
                        : S("");
    return ERR_OK;
}

/* ---- base maps ---- */

static void list_bases(struct dataset_page *page, struct map_view *view)
{
    struct call *call = page->call;
    const struct registry *registry = call->registry;
    str chosen = call_query(call, S("base"));
    struct base_view *bases = arena_array(&call->scope->arena, struct base_view, registry->service_count + 1);
    struct base_view *blocked = arena_array(&call->scope->arena, struct base_view, registry->service_count + 1);
    for (size_t i = 0; i < registry->service_count; i++) {
        const struct service *service = &registry->services[i];
        if (service->basemap.tiles.n == 0) {
            continue;
        }
        bool is_allowed = consent_allows(&call->consent, service);
        struct base_view *base = is_allowed ? &bases[view->bases.count++] : &blocked[view->blocked.count++];
        *base = (struct base_view){.service_id = service->id,
                                   .service = service->name,
                                   .provider = service->provider,
                                   .location = service->location,
                                   .title = translated_text(&service->basemap.title, call->language),
                                   .tiles = service->basemap.tiles,
                                   .attribution = service->basemap.attribution,
                                   .page = dataset_page_address(page, 1),
                                   .zoom_most = service->basemap.zoom_most,
                                   .current = str_eq(service->id, chosen),
                                   .cookies = service_cookie_views(call, service)};
    }
    view->bases.items = bases;
    view->blocked.items = blocked;
    view->has_bases = view->bases.count > 0;
    view->has_blocked = view->blocked.count > 0;
}

/* ---- the page ---- */

static enum err read_page_number(struct call *call, int64_t *ret_page)
{
    str text = call_query(call, S("page"));
    *ret_page = 1;
    if (text.n && (!num_read_int(text, ret_page) || *ret_page < 1 || *ret_page > PAGES_MOST)) {
        return fail_in_words(call->scope, ERR_PARAMETER, MSG_FAULT_WHOLE_NUMBER,
                             SAYS(ARG_TEXT("name", S("page")), argument_digits(&call->scope->arena, "most", PAGES_MOST)));
    }
    return ERR_OK;
}

static struct map_view describe(struct dataset_page *page, const struct listing *listing)
{
    struct arena *arena = &page->call->scope->arena;
    struct map_view view = {
        .api = str_printf(arena, "/api/explore/v2.1/catalog/datasets/%.*s", STR_ARG(page->dataset->id)),
        .query = dataset_api_query(page),
        .path = page->path,
        .portal = dataset_tab_path(page, TAB_MAP),
        .records = str_printf(arena, "%.*srecords/", STR_ARG(dataset_base_path(page))),
        .field = listing->field->name,
        .fields = describe_fields(page),
        .color = S(""),
        .label = listing->label ? listing->label->name : S(""),
        .basemap = basemap_template(arena),
        .worker = static_address(S("map_worker.js")),
        .title = page->title,
        .shown = field_title(listing->field),
        .is_shape = listing->field->type == FIELD_GEO_SHAPE,
        .without = S(""),
        .next_page = S(""),
        .previous_page = S(""),
        .record_query = record_query(page),
        .embed = embed_code(page, embed_query(page, own_parameters, EMBED_PARAMETERS), page->title),
        .is_embed = page->is_embed,
        .hidden = dataset_page_hidden(page, FILTER_SORT, own_parameters[0])};
    fill_choices(page, listing->field, &view);
    if (!page->is_embed) {
        list_bases(page, &view); /* others are asked after consent only, and frames ask for none */
    }
    return view;
}

/* What places are called: by the field that the metadata name, else by one that looks like a name. */
static const struct field *choose_label(const struct dataset_page *page)
{
    const struct field *named =
        schema_find(page->schema, dataset_page_text(page, "visualization", "map_tooltip_title"));
    return named ? named : choose_name_field(page->schema);
}

enum err map_show(struct dataset_page *page, const struct map_view **ret_view)
{
    struct map_view *view = arena_new(&page->call->scope->arena, struct map_view);
    struct listing listing = {.page = page, .field = choose_field(page), .label = choose_label(page)};
    for (size_t i = 0; i < ARRAY_LENGTH(own_parameters); i++) {
        if (!str_eq(own_parameters[i], S("color"))) { /* which every tab keeps */
            dataset_page_keep(page, own_parameters[i]);
        }
    }
    *view = describe(page, &listing);
    *ret_view = view;
    TRY(read_page_number(page->call, &view->page));
    if (!page->fault.n) {
        enum err result = list_places(&listing, view);
        TRY(dataset_page_excuse(page, result) ? ERR_OK : result);
    }
    return ERR_OK;
}

enum err dataset_map_get(struct call *call)
{
    struct dataset_page page cleanup_with(dataset_page_close) = {0};
    const struct map_view *view;
    TRY(dataset_page_open(call, TAB_MAP, &page));
    TRY(map_show(&page, &view));
    struct dataset_body body = {.binding = &map_template,
                                .data = view,
                                .title = MSG_DATASET_MAP,
                                .scripts = {"map.js"},
                                .trusted_types = MAP_TRUSTED_TYPES,
                                .has_filters = true};
    return dataset_page_send(&page, &body);
}
