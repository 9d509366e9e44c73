#include "web/front/console.h"

#include "base/json_write.h"
#include "base/limits.h"
#include "base/vec.h"
#include "domain/records/format.h"
#include "web/api/routes.h"
#include "web/front/explore.h"

static const struct {
    const char *name;  /* in the page's address */
    const char *route; /* of routes.c in web/api */
    enum message label;
} endpoints[CONSOLE__COUNT] = {
    [CONSOLE_RECORDS] = {"records", "api.records", MSG_CONSOLE_RECORDS},
    [CONSOLE_RECORD] = {"record", "api.record", MSG_CONSOLE_RECORD},
    [CONSOLE_FACETS] = {"facets", "api.facets", MSG_CONSOLE_FACETS},
    [CONSOLE_DATASET] = {"dataset", "api.dataset", MSG_CONSOLE_DATASET},
    [CONSOLE_ATTACHMENTS] = {"attachments", "api.attachments", MSG_CONSOLE_ATTACHMENTS},
    [CONSOLE_EXPORT] = {"export", "api.export", MSG_CONSOLE_EXPORT},
};

struct endpoint_view {
    str address, label;
    bool current;
};

struct format_view {
    str name;
    bool current;
};

struct console_view {
    str action, endpoint, last, address, base, curl, fields, functions, description;
    bool asks_record, asks_format, has_more, is_export;
    struct tpl_list endpoints, hidden, first, more, formats;
    /* of struct console_answer */
    str status_text, text, size, duration, fault;
    bool is_there, is_error, is_cut;
    struct fault_place place; /* of fault */
};

static const struct tpl_member endpoint_members[] = {TPL_URL(struct endpoint_view, address),
                                                     TPL_TEXT(struct endpoint_view, label),
                                                     TPL_BOOL(struct endpoint_view, current)};
static const struct tpl_struct endpoint_struct = TPL_STRUCT(struct endpoint_view, endpoint_members);

static const struct tpl_member format_members[] = {TPL_TEXT(struct format_view, name),
                                                   TPL_BOOL(struct format_view, current)};
static const struct tpl_struct format_struct = TPL_STRUCT(struct format_view, format_members);

static const struct tpl_member console_members[] = {
    TPL_URL(struct console_view, action),     TPL_TEXT(struct console_view, endpoint),
    TPL_TEXT(struct console_view, last),      TPL_URL(struct console_view, address),
    TPL_TEXT(struct console_view, base),      TPL_TEXT(struct console_view, curl),
    TPL_TEXT(struct console_view, fields),    TPL_TEXT(struct console_view, functions),
    TPL_URL(struct console_view, description),
    TPL_BOOL(struct console_view, asks_record), TPL_BOOL(struct console_view, asks_format),
    TPL_BOOL(struct console_view, has_more),  TPL_BOOL(struct console_view, is_export),
    TPL_LIST(struct console_view, endpoints, endpoint_struct),
    TPL_LIST(struct console_view, hidden, hidden_struct),
    TPL_LIST(struct console_view, first, parameter_struct),
    TPL_LIST(struct console_view, more, parameter_struct),
    TPL_LIST(struct console_view, formats, format_struct),
    TPL_TEXT(struct console_view, status_text), TPL_TEXT(struct console_view, text),
    TPL_TEXT(struct console_view, size),      TPL_TEXT(struct console_view, duration),
    TPL_TEXT(struct console_view, fault),     TPL_BOOL(struct console_view, is_there),
    TPL_BOOL(struct console_view, is_error),  TPL_BOOL(struct console_view, is_cut),
    FAULT_PLACE_MEMBERS(struct console_view, place)};
static const struct tpl_struct console_struct = TPL_STRUCT(struct console_view, console_members);
const struct tpl_binding dataset_api_template = {"front/dataset_api", &console_struct};

typedef VEC(struct query_parameter) parameter_list;

/* ---- reading ---- */

static const struct route *find_route(const char *name)
{
    for (size_t i = 0; i < api_route_count; i++) {
        if (strcmp(api_routes[i].name, name) == 0) {
            return &api_routes[i];
        }
    }
    return NULL;
}

static void add_parameter(struct console *console, parameter_list *list, str name, str value)
{
    if (value.n && endpoint_takes(console->route->endpoint, name)) {
        vec_add(&console->page->call->scope->arena, list, (struct query_parameter){name, value});
    }
}

static bool is_repeatable(str name)
{
    const struct parameter_row *rows = parameter_rows();
    for (size_t i = 0; i < PARAMETER__COUNT; i++) {
        if (str_eq(rows[i].name, name)) {
            return rows[i].is_repeatable && !str_eq(name, S("where"));
        }
    }
    return false;
}

/* Forms send what stands in a box of several lines with CR LF. */
static void add_given(struct console *console, parameter_list *list, str name, str value)
{
    str line;
    if (!is_repeatable(name)) {
        add_parameter(console, list, name, value);
        return;
    }
    while (value.n && str_split(&value, '\n', &line)) {
        add_parameter(console, list, name, str_trim(line));
    }
}

static bool read_given(struct console *console, parameter_list *list)
{
    const struct query *query = &console->page->call->query;
    bool is_given = false;
    for (size_t i = 0; i < query->count; i++) {
        str name = query->items[i].name;
        if (str_starts(name, S("p."))) {
            is_given = true;
            add_given(console, list, str_slice(name, 2, name.n), query->items[i].value);
        }
    }
    return is_given;
}

/* Several conditions of the filter stand in one box. */
static str join_conditions(struct arena *arena, const struct clauses *clauses)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < clauses->where_count && clauses->where_count > 1; i++) {
        buf_printf(&out, "%s(%.*s)", i ? " and " : "", STR_ARG(clauses->where[i]));
    }
    return clauses->where_count == 1 ? clauses->where[0] : buf_copy(&out, arena);
}

static void take_filter(struct console *console, parameter_list *list)
{
    const struct clauses *clauses = &console->page->clauses;
    str version = dataset_api_version(console->page);
    add_parameter(console, list, S("version"), str_slice(version, version.n ? 8 : 0, version.n)); /* version= */
    add_parameter(console, list, S("where"), join_conditions(&console->page->call->scope->arena, clauses));
    for (size_t i = 0; i < clauses->refine_count; i++) {
        add_parameter(console, list, S("refine"), clauses->refine[i]);
    }
    for (size_t i = 0; i < clauses->exclude_count; i++) {
        add_parameter(console, list, S("exclude"), clauses->exclude[i]);
    }
    add_parameter(console, list, S("order_by"), clauses->order_by);
    int64_t limit = console->endpoint == CONSOLE_RECORDS ? dataset_api_limit(console->page) : 0;
    if (limit) {
        add_parameter(console, list, S("limit"),
                      str_printf(&console->page->call->scope->arena, "%lld", (long long)limit));
    }
}

static str make_path(const struct console *console)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    switch (console->endpoint) {
    case CONSOLE_RECORDS:
    case CONSOLE_FACETS:
    case CONSOLE_ATTACHMENTS:
        buf_printf(&out, "/%s", endpoints[console->endpoint].name);
        break;
    case CONSOLE_RECORD:
        buf_add(&out, S("/records/"));
        url_encode(&out, console->last);
        break;
    case CONSOLE_EXPORT:
        buf_add(&out, S("/exports/"));
        url_encode(&out, console->last);
        break;
    default:
        break;
    }
    return buf_copy(&out, &console->page->call->scope->arena);
}

static str make_address(const struct console *console)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    buf_add(&out, dataset_api_address(console->page, make_path(console)));
    for (size_t i = 0; i < console->query.count; i++) {
        buf_add_char(&out, i ? '&' : '?');
        url_encode(&out, console->query.items[i].name);
        buf_add_char(&out, '=');
        url_encode(&out, console->query.items[i].value);
    }
    return buf_copy(&out, &console->page->call->scope->arena);
}

enum err console_read(struct dataset_page *page, struct console *ret_console)
{
    struct call *call = page->call;
    struct console console = {.page = page};
    parameter_list list = {0};
    str name = call_query(call, S("endpoint"));
    for (int i = 0; i < CONSOLE__COUNT; i++) {
        if (str_eq(name, str_from(endpoints[i].name))) {
            console.endpoint = (enum console_endpoint)i;
        }
    }
    console.route = find_route(endpoints[console.endpoint].route);
    console.last = str_trim(call_query(call, console.endpoint == CONSOLE_EXPORT ? S("p.format") : S("p.record_id")));
    if (console.last.n > LIMIT_NAME_BYTES) {
        return fail(call->scope, ERR_TOO_LARGE, "The last part of the address is too long.");
    }
    if (console.endpoint == CONSOLE_EXPORT && !format_find(console.last)) {
        console.last = S("csv");
    }
    if (!read_given(&console, &list)) {
        take_filter(&console, &list);
    }
    console.query = (struct query){list.items, list.count};
    console.address = make_address(&console);
    *ret_console = console;
    return ERR_OK;
}

/* ---- what completion needs to know ---- */

static str write_fields(struct dataset_page *page)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_array_begin(&json);
    for (size_t i = 0; i < page->schema->count; i++) {
        const struct field *field = &page->schema->fields[i];
        json_object_begin(&json);
        json_key_text(&json, S("name"), odsql_name(&page->call->scope->arena, field->name));
        json_key_text(&json, S("label"), field_title(field));
        json_key_text(&json, S("type"), field_type_text(field->type));
        json_key_bool(&json, S("facet"), field->facet);
        json_object_end(&json);
    }
    json_array_end(&json);
    return buf_copy(&out, &page->call->scope->arena);
}

static str write_functions(struct call *call)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    struct odsql_function function;
    json_array_begin(&json);
    for (size_t i = 0; odsql_function_at(i, &function); i++) {
        json_object_begin(&json);
        json_key_text(&json, S("name"), function.name);
        json_key_text(&json, S("label"), message_plain(call->language, function.expects));
        json_key_bool(&json, S("select"), function.in_select);
        json_key_bool(&json, S("where"), function.in_where);
        json_key_bool(&json, S("group_by"), function.in_group_by);
        json_key_bool(&json, S("order_by"), function.in_order_by);
        json_object_end(&json);
    }
    json_array_end(&json);
    return buf_copy(&out, &call->scope->arena);
}

/* ---- the page ---- */

static struct tpl_list list_endpoints(struct dataset_page *page, enum console_endpoint current)
{
    struct arena *arena = &page->call->scope->arena;
    struct endpoint_view *views = arena_array(arena, struct endpoint_view, CONSOLE__COUNT);
    for (int i = 0; i < CONSOLE__COUNT; i++) {
        struct facet_context context = dataset_facet_context(page);
        context.extra = i ? str_printf(arena, "endpoint=%s", endpoints[i].name) : STR_NONE;
        views[i] = (struct endpoint_view){facet_address(&context, &page->filter),
                                          message_plain(page->call->language, endpoints[i].label),
                                          i == (int)current};
    }
    return (struct tpl_list){views, CONSOLE__COUNT};
}

static struct tpl_list list_formats(struct dataset_page *page, str chosen)
{
    size_t count;
    const struct format *formats = formats_all(&count);
    VEC(struct format_view) views = {0};
    for (size_t i = 0; i < count; i++) {
        if (page->has_places || !(formats[i].flags & FORMAT_GEOGRAPHIC)) {
            vec_add(&page->call->scope->arena, &views,
                    (struct format_view){formats[i].name, str_eq(formats[i].name, chosen)});
        }
    }
    return (struct tpl_list){views.items, views.count};
}

static void take_answer(struct console_view *view, const struct console_answer *answer)
{
    view->status_text = answer->status_text;
    view->text = answer->text;
    view->size = answer->size;
    view->duration = answer->duration;
    view->fault = answer->fault;
    view->place = answer->place;
    view->is_there = answer->is_there;
    view->is_error = answer->is_error;
    view->is_cut = answer->is_cut;
}

static void fill(struct console *console, struct console_view *view)
{
    struct dataset_page *page = console->page;
    struct arena *arena = &page->call->scope->arena;
    struct facet_context context = dataset_facet_context(page);
    view->action = page->path;
    view->endpoint = str_from(endpoints[console->endpoint].name);
    view->last = console->last;
    view->address = console->address;
    view->base = dataset_api_address(page, STR_NONE);
    view->curl = str_printf(arena, "curl '%.*s'", STR_ARG(console->address));
    view->description = S("/api/explore/v2.1/swagger.json");
    view->asks_record = console->endpoint == CONSOLE_RECORD;
    view->asks_format = view->is_export = console->endpoint == CONSOLE_EXPORT;
    view->endpoints = list_endpoints(page, console->endpoint);
    view->hidden = filter_hidden(&context, (enum filter_kind)-1);
    view->formats = list_formats(page, console->last);
    view->fields = write_fields(page);
    view->functions = write_functions(page->call);
    console_parameters(console, &view->first, &view->more);
    view->has_more = view->more.count > 0;
}

enum err dataset_api_get(struct call *call)
{
    struct dataset_page page cleanup_with(dataset_page_close) = {0};
    struct console console;
    struct console_view view = {0};
    struct console_answer answer = {0};
    TRY(dataset_page_open(call, TAB_API, &page));
    page.fault = S(""); /* what is wrong with the filter, the answer tells */
    TRY(console_read(&page, &console));
    records_release(&page.lease); /* the API takes a connection of its own */
    page.lease = (struct records_lease){0};
    console_ask(&console, &answer);
    fill(&console, &view);
    take_answer(&view, &answer);
    struct dataset_body body = {.binding = &dataset_api_template,
                                .data = &view,
                                .title = MSG_DATASET_API,
                                .scripts = {"console.js"}};
    TRY(dataset_page_send(&page, &body));
    call->may_cache = false; /* it tells how long this question took, and may ask about now */
    return ERR_OK;
}
