#include "web/front/dataset_page.h"

#include "base/limits.h"
#include "base/num.h"
#include "base/vec.h"
#include "domain/catalog/metadata.h"
#include "domain/records/past.h"
#include "web/front/dataset_head.h"
#include "web/shell/page.h"
#include "web/shell/route.h"

#define FACETS_SHOWN 12 /* of a dataset; each is a question to the engine */
#define DESCRIPTION_BYTES 300

static const struct {
    const char *name; /* in the address; of the first one also "information" */
    enum message label;
    const char *embed; /* below /embed/; NULL: none */
} tabs[] = {
    [TAB_INFORMATION] = {"", MSG_DATASET_INFORMATION},
    [TAB_TABLE] = {"table", MSG_DATASET_TABLE, "table"},
    [TAB_MAP] = {"map", MSG_DATASET_MAP, "map"},
    [TAB_ANALYZE] = {"analyze", MSG_DATASET_ANALYZE, "chart"},
    [TAB_EXPORT] = {"export", MSG_DATASET_EXPORT},
    [TAB_API] = {"api", MSG_DATASET_API},
};

struct tab_view {
    str address, label;
    bool current;
};

struct frame_view {
    str title, publisher, records, exact, modified, fault, clear, action, query, total, catalogue;
    str version, version_kind, current_version, current_address, edit_address;
    struct tpl_list tabs, chips, facets, hidden, choice;
    bool has_filters, narrows, is_restricted, is_draft, is_live, is_expanded;
    struct html body, conditions;
    struct fault_place place; /* of fault */
};

static const struct tpl_member tab_members[] = {TPL_URL(struct tab_view, address),
                                                TPL_TEXT(struct tab_view, label),
                                                TPL_BOOL(struct tab_view, current)};
static const struct tpl_struct tab_struct = TPL_STRUCT(struct tab_view, tab_members);

static const struct tpl_member frame_members[] = {
    TPL_TEXT(struct frame_view, title),      TPL_TEXT(struct frame_view, publisher),
    TPL_TEXT(struct frame_view, records),    TPL_TEXT(struct frame_view, modified),
    FAULT_PLACE_MEMBERS(struct frame_view, place),
    TPL_TEXT(struct frame_view, fault),      TPL_URL(struct frame_view, clear),
    TPL_URL(struct frame_view, action),      TPL_TEXT(struct frame_view, query),
    TPL_TEXT(struct frame_view, total),      TPL_TEXT(struct frame_view, exact),
    TPL_LIST(struct frame_view, tabs, tab_struct),
    TPL_LIST(struct frame_view, chips, chip_struct),
    TPL_LIST(struct frame_view, facets, facet_struct),
    TPL_LIST(struct frame_view, hidden, hidden_struct),
    TPL_BOOL(struct frame_view, has_filters), TPL_BOOL(struct frame_view, narrows),
    TPL_BOOL(struct frame_view, is_restricted), TPL_BOOL(struct frame_view, is_draft),
    TPL_BOOL(struct frame_view, is_live),    TPL_BOOL(struct frame_view, is_expanded),
    TPL_HTML(struct frame_view, conditions),
    TPL_URL(struct frame_view, catalogue),
    TPL_TEXT(struct frame_view, version),    TPL_TEXT(struct frame_view, version_kind),
    TPL_TEXT(struct frame_view, current_version),
    TPL_URL(struct frame_view, current_address),
    TPL_LIST(struct frame_view, choice, selection_choice_struct),
    TPL_URL(struct frame_view, edit_address),
    TPL_HTML(struct frame_view, body)};
static const struct tpl_struct frame_struct = TPL_STRUCT(struct frame_view, frame_members);
const struct tpl_binding dataset_frame_template = {"front/dataset_frame", &frame_struct};

/* ---- opening ---- */

str dataset_tab_path(const struct dataset_page *page, enum dataset_tab tab)
{
    return str_printf(&page->call->scope->arena, "%.*s%s%s", STR_ARG(dataset_base_path(page)), tabs[tab].name,
                      *tabs[tab].name ? "/" : "");
}

str dataset_embed_path(const struct dataset_page *page, enum dataset_tab tab)
{
    return str_printf(&page->call->scope->arena, "/embed/dataset/%.*s/%s", STR_ARG(page->dataset->id),
                      tabs[tab].embed);
}

/* The field that colours the map, which visits of other tabs do not lose. */
static str map_color(const struct dataset_page *page)
{
    str color = call_query(page->call, S("color"));
    return color.n && schema_find(page->schema, color) ? color : S("");
}

static bool has_place(const struct schema *schema)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (schema->fields[i].type == FIELD_GEO_POINT || schema->fields[i].type == FIELD_GEO_SHAPE) {
            return true;
        }
    }
    return false;
}

static bool is_switched_off(const struct dataset_page *page, const char *name)
{
    return json_is_true(dataset_page_value(page, "visualization", name));
}

static bool has_tab(const struct dataset_page *page, enum dataset_tab tab)
{
    switch (tab) {
    case TAB_INFORMATION:
        return true;
    case TAB_MAP:
        return page->has_records && page->has_places && !is_switched_off(page, "map_disabled");
    case TAB_ANALYZE:
        return page->has_records && !is_switched_off(page, "analyze_disabled");
    default:
        return page->has_records;
    }
}

static void read_texts(struct dataset_page *page)
{
    struct arena *arena = &page->call->scope->arena;
    str title = dataset_page_text(page, "default", "title");
    page->title = title.n ? title : page->dataset->id;
    page->description = description_plain(
        arena, dataset_page_text(page, "default", "description"), DESCRIPTION_BYTES);
    const struct zone *zone = zone_find(dataset_page_text(page, "default", "timezone"));
    page->zone = zone ? zone : zone_find(S("UTC"));
}

/* Opendatasoft writes refine.FIELD for facets only; which of them are disjunctive the schema says, or the address. */
static void set_requests(struct dataset_page *page)
{
    VEC(struct facet_request) requests = {0};
    for (size_t i = 0; i < page->schema->count; i++) {
        const struct field *field = schema_find(&page->dataset->schema, page->schema->fields[i].name);
        bool is_used = field->facet;
        for (size_t k = 0; k < page->filter.count; k++) {
            is_used |= str_eq(page->filter.parts[k].field, field->name);
        }
        if (is_used && field->type != FIELD_GEO_POINT && field->type != FIELD_GEO_SHAPE) {
            struct facet_request request = {
                .field = field,
                .disjunctive =
                    field->disjunctive || filter_is_disjunctive(&page->filter, field->name),
                .separator = odsql_facet_separator(field),
                .sort = field->facetsort,
                .limit = 100};
            vec_add(&page->call->scope->arena, &requests, request);
        }
    }
    page->clauses.facets = requests.items;
    page->clauses.facet_count = requests.count;
}

static enum err count_records(struct dataset_page *page)
{
    struct scope *scope = page->call->scope;
    struct plan *plan;
    cell total;
    struct clauses clauses = page->clauses;
    clauses.limit = 0;
    TRY(odsql_compile(scope, &page->lease.source, &clauses, &plan));
    if (plan->is_unfiltered) {
        page->total = page->dataset->records_count;
        return ERR_OK;
    }
    TRY(db_query_cell(scope, page->lease.db, &plan->total, &total));
    page->total = total.type == CELL_INT ? total.number : 0;
    return ERR_OK;
}

static enum err add_condition(struct dataset_page *page)
{
    struct filter filter;
    bool is_done;
    page->condition = condition_input_read(page->call);
    if (!page->condition.is_sent) {
        return ERR_OK;
    }
    TRY(condition_input_apply(page, &filter, &is_done));
    if (is_done) {
        page->leads_to = filter_address(&page->call->scope->arena, page->path, &filter);
    }
    return ERR_OK;
}

static enum err open_records(struct dataset_page *page)
{
    struct call *call = page->call;
    TRY(records_lease(call->scope, call->app->records, page->dataset, &page->lease));
    set_requests(page);
    if (page->tab == TAB_INFORMATION) {
        return ERR_OK;
    }
    enum err result = count_records(page);
    TRY(dataset_page_excuse(page, result) ? ERR_OK : result);
    return page->is_embed ? ERR_OK : add_condition(page);
}

static bool names_version(const struct route *route)
{
    return str_find(str_from(route->pattern), S("/version/{}"), 0) != SIZE_MAX;
}

/* The dataset, in the version that the address names. */
static enum err find_dataset(struct dataset_page *page)
{
    struct call *call = page->call;
    struct scope *scope = call->scope;
    TRY(snapshot_load(scope, call->snapshot, call->path_values[0], &page->current));
    page->dataset = page->current;
    if (!page->current) {
        return dataset_absent(scope, call->path_values[0]);
    }
    if (!names_version(call->route)) {
        return ERR_OK;
    }
    if (!num_read_int(call->path_values[1], &page->version) || page->version < 1) {
        return fail(scope, ERR_NO_VERSION, "The number of a version is expected in the address.");
    }
    return dataset_at_version(scope, call->app->records, call->snapshot, page->current, page->version,
                              &page->dataset);
}

enum err dataset_page_open(struct call *call, enum dataset_tab tab, struct dataset_page *ret_page)
{
    struct scope *scope = call->scope;
    struct dataset_page *page = ret_page;
    *page = (struct dataset_page){.call = call, .tab = tab, .is_embed = call->route->kind == ROUTE_EMBED};
    TRY(find_dataset(page));
    if (!odsql_language_find(language_code(call->language), &page->lang)) {
        page->lang = language_code(call->language);
    }
    TRY(json_read(scope, ERR_INTERNAL, page->dataset->metadata.n ? page->dataset->metadata : S("{}"),
                  "metadata", &page->metadata));
    TRY(dataset_schema_in(scope, page->dataset, page->lang, &page->schema));
    page->has_records = page->dataset->version > 0;
    page->has_places = has_place(page->schema);
    read_texts(page);
    page->path = page->is_embed ? dataset_embed_path(page, tab) : dataset_tab_path(page, tab);
    if (page->is_embed) {
        dataset_page_keep(page, PAGE_LANGUAGE_PARAMETER); /* the site around it chose that */
    }
    if (!has_tab(page, tab)) {
        return fail(scope, ERR_NO_ROUTE, "The dataset %.*s has no such page.",
                    STR_ARG(page->dataset->id));
    }
    if (map_color(page).n) {
        dataset_page_keep(page, S("color"));
    }
    TRY(filter_read(call, &page->filter));
    TRY(selection_read(call, &page->selection));
    page->clauses = (struct clauses){.limit = -1, .now = clock_wall(), .timezone = zone_name(page->zone)};
    odsql_language_find(language_code(call->language), &page->clauses.lang);
    filter_clauses(&scope->arena, &page->filter, FILTER_SEARCH_RECORDS, &page->clauses);
    return page->has_records ? open_records(page) : ERR_OK;
}

void dataset_page_close(struct dataset_page *page)
{
    records_release(&page->lease);
    json_decref(page->metadata);
    page->metadata = NULL;
}

bool dataset_page_excuse(struct dataset_page *page, enum err error)
{
    struct scope *scope = page->call->scope;
    if (error == ERR_OK || err_kind(error) != KIND_CALLER) {
        return false;
    }
    page->fault = fault_text(page->call, &page->place);
    page->total = 0;
    scope_forgive(scope);
    return true;
}

void dataset_page_keep(struct dataset_page *page, str name)
{
    struct call *call = page->call;
    const struct hidden_field *before = page->kept.items;
    struct hidden_field *fields =
        arena_array(&call->scope->arena, struct hidden_field, page->kept.count + call->query.count + 1);
    size_t count = page->kept.count;
    if (count) {
        memcpy(fields, before, count * sizeof(*fields));
    }
    for (size_t i = 0; i < call->query.count; i++) {
        if (str_eq(call->query.items[i].name, name) && call->query.items[i].value.n) {
            fields[count++] = (struct hidden_field){name, call->query.items[i].value};
        }
    }
    page->kept = (struct tpl_list){fields, count};
}

json_t *dataset_page_value(const struct dataset_page *page, const char *template_name,
                           const char *name)
{
    return metadata_value(page->metadata, page->lang, str_from(template_name), str_from(name));
}

str dataset_page_text(const struct dataset_page *page, const char *template_name, const char *name)
{
    str text = json_read_text(dataset_page_value(page, template_name, name));
    return text.n ? text : S("");
}

/* ---- the frame ---- */

struct tpl_list dataset_page_hidden(struct dataset_page *page, enum filter_kind left_out, str own)
{
    struct facet_context context = dataset_facet_context(page);
    struct tpl_list all = filter_hidden(&context, left_out);
    const struct hidden_field *fields = all.items;
    struct hidden_field *others = arena_array(&page->call->scope->arena, struct hidden_field, all.count + 1);
    size_t count = 0;
    for (size_t i = 0; i < all.count; i++) {
        if (!str_eq(fields[i].name, own)) {
            others[count++] = fields[i];
        }
    }
    return (struct tpl_list){others, count};
}

static str tab_address(const struct dataset_page *page, enum dataset_tab tab)
{
    str address = dataset_tab_address(page, tab);
    str color = map_color(page);
    return color.n ? dataset_address_with(page, address, S("color"), color) : address;
}

static struct tpl_list list_tabs(struct dataset_page *page)
{
    VEC(struct tab_view) views = {0};
    for (int tab = 0; tab < TAB__COUNT; tab++) {
        if (has_tab(page, (enum dataset_tab)tab)) {
            vec_add(&page->call->scope->arena, &views,
                    (struct tab_view){tab_address(page, (enum dataset_tab)tab),
                                      message_plain(page->call->language, tabs[tab].label),
                                      (enum dataset_tab)tab == page->tab});
        }
    }
    return (struct tpl_list){views.items, views.count};
}

static enum err count_facets(struct dataset_page *page, const struct facet_context *context,
                             struct frame_view *view)
{
    size_t count = page->clauses.facet_count < FACETS_SHOWN ? page->clauses.facet_count : FACETS_SHOWN;
    if (page->fault.n) {
        return ERR_OK;
    }
    enum err result = facet_views(context, &page->lease, &page->clauses, page->clauses.facets, count,
                                  &view->facets);
    return dataset_page_excuse(page, result) ? ERR_OK : result;
}

static str total_text(struct dataset_page *page)
{
    struct message_argument arguments[] = {ARG_INT("all", page->dataset->records_count),
                                           ARG_INT("count", page->total)};
    bool is_some = filter_narrows(&page->filter);
    return message_text(&page->call->scope->arena, page->call->language,
                        is_some ? MSG_DATASET_SOME_RECORDS : MSG_DATASET_ALL_RECORDS, arguments,
                        is_some ? 2 : 1);
}

static enum err make_filters(struct dataset_page *page, struct frame_view *view)
{
    struct facet_context context = dataset_facet_context(page);
    struct filter cleared = filter_cleared(&page->call->scope->arena, &page->filter);
    TRY(count_facets(page, &context, view));
    view->fault = page->fault;
    view->place = page->place;
    view->total = total_text(page);
    view->has_filters = true;
    view->is_expanded = call_query(page->call, S("facet")).n > 0; /* "more" of a facet was asked for */
    view->narrows = filter_narrows(&page->filter);
    view->query = filter_value(&page->filter, FILTER_WORDS);
    view->chips = filter_chips(&context);
    view->hidden = filter_hidden(&context, FILTER_WORDS);
    view->conditions = condition_form_make(page, filter_hidden(&context, FILTER_NONE));
    view->clear = facet_address(&context, &cleared);
    view->action = page->path;
    return ERR_OK;
}

static struct frame_view describe(struct dataset_page *page)
{
    struct call *call = page->call;
    struct arena *arena = &call->scope->arena;
    return (struct frame_view){
        .title = page->title,
        .publisher = dataset_page_text(page, "default", "publisher"),
        .records = page->has_records ? records_text(call, page->dataset->records_count) : S(""),
        .exact = format_int(arena, call->language, page->dataset->records_count),
        .modified = modified_text(call, page->dataset),
        .catalogue = selection_link(arena, &page->selection, S("/explore/")),
        .choice = selection_choices(call, &page->selection, page->dataset->id, page->title),
        .is_restricted = page->dataset->is_restricted,
        .is_draft = page->dataset->is_draft,
        .edit_address = dataset_edit_address(page),
        .tabs = list_tabs(page)};
}

/* The tab of the current version with the same filter. */
static str current_path(const struct dataset_page *page)
{
    struct dataset_page current = *page;
    current.version = 0;
    return dataset_tab_path(&current, page->tab);
}

/* Which version is seen, where the address names one. */
static void tell_version(struct dataset_page *page, struct frame_view *view)
{
    struct call *call = page->call;
    struct arena *arena = &call->scope->arena;
    bool is_current = page->version == page->current->version;
    if (!page->version) {
        return;
    }
    str date = format_instant_date(arena, call->language, page->dataset->data_processed);
    struct message_argument arguments[] = {ARG_INT("number", page->version), ARG_TEXT("date", date),
                                           ARG_INT("current", page->current->version)};
    view->version = message_text(arena, call->language,
                                 is_current ? MSG_DATASET_VERSION_SAME : MSG_DATASET_VERSION_OLD, arguments,
                                 is_current ? 2 : 3);
    view->version_kind = is_current ? S("notice info") : S("notice warning");
    view->current_version = message_plain(call->language, MSG_DATASET_VERSION_BACK);
    view->current_address =
        selection_link(arena, &page->selection, filter_address(arena, current_path(page), &page->filter));
    view->modified = is_current ? view->modified : date;
}

static str make_title(struct dataset_page *page, enum message title)
{
    str tab = message_plain(page->call->language, title);
    return page->tab == TAB_INFORMATION
               ? page->title
               : str_printf(&page->call->scope->arena, "%.*s – %.*s", STR_ARG(tab), STR_ARG(page->title));
}

/* Where there are filters, so is their script. */
static void set_scripts(const struct dataset_body *body, struct page *sent)
{
    size_t count = 0;
    while (count < PAGE_SCRIPTS_MOST && body->scripts[count]) {
        sent->scripts[count] = body->scripts[count];
        count++;
    }
    if (body->has_filters && count < PAGE_SCRIPTS_MOST) {
        sent->scripts[count] = "filters.js";
    }
}

enum err dataset_page_send(struct dataset_page *page, const struct dataset_body *body)
{
    struct call *call = page->call;
    if (page->leads_to.n) {
        str kept = dataset_kept_query(page);
        bool has_query = str_find_char(page->leads_to, '?', 0) != SIZE_MAX;
        page_redirect(call, kept.n ? str_printf(&call->scope->arena, "%.*s%c%.*s", STR_ARG(page->leads_to),
                                                has_query ? '&' : '?', STR_ARG(kept))
                                   : page->leads_to);
        return ERR_OK;
    }
    struct frame_view view = describe(page);
    tell_version(page, &view);
    if (body->has_filters && page->has_records) {
        TRY(make_filters(page, &view));
    }
    view.is_live = body->is_live;
    records_release(&page->lease);
    view.body = tpl_html(call->scope, call->app->tpl, body->binding, call->language, body->data);
    struct page sent = {.title_text = make_title(page, body->title),
                        .body = &dataset_frame_template,
                        .data = &view,
                        .status = body->status                                  ? body->status
                                  : page->fault.n || page->condition.fault.n ? 400
                                                                             : 200,
                        .description = page->description,
                        .canonical = page->version ? current_path(page) : page->path,
                        .head = dataset_head(page, body->head),
                        .trusted_types = body->trusted_types,
                        .is_indexed = body->is_indexed && !page->dataset->is_restricted,
                        .is_public = true};
    set_scripts(body, &sent);
    selection_tell(call, &page->selection, &sent);
    page_send(call, &sent);
    return ERR_OK;
}
