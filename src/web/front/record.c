/* One record of a dataset as a card: a page of its own, or a part that the table shows in a dialog. */
#include "base/limits.h"
#include "base/utf8.h"
#include "domain/records/read.h"
#include "web/front/explore.h"

#define TEXT_BYTES (1u << 20) /* of a value */
#define PLACE_METRES 200      /* around a point, on the map that is linked */

struct field_view {
    str label, name, unit, text, address, map;
    bool is_missing, is_cut, is_preformatted;
};

struct record {
    str title, id, api, back;
    struct tpl_list fields;
};

static const struct tpl_member field_members[] = {
    TPL_TEXT(struct field_view, label),      TPL_TEXT(struct field_view, name),
    TPL_TEXT(struct field_view, unit),       TPL_TEXT(struct field_view, text),
    TPL_URL(struct field_view, address),     TPL_URL(struct field_view, map),
    TPL_BOOL(struct field_view, is_missing), TPL_BOOL(struct field_view, is_cut),
    TPL_BOOL(struct field_view, is_preformatted)};
static const struct tpl_struct field_struct = TPL_STRUCT(struct field_view, field_members);

static const struct tpl_member record_members[] = {
    TPL_TEXT(struct record, title), TPL_TEXT(struct record, id),   TPL_URL(struct record, api),
    TPL_URL(struct record, back),   TPL_LIST(struct record, fields, field_struct)};
static const struct tpl_struct record_struct = TPL_STRUCT(struct record, record_members);
const struct tpl_binding record_template = {"front/record", &record_struct};

static enum err refuse(struct call *call)
{
    return fail(call->scope, ERR_NO_RECORD, "The requested record %.*s does not exist.",
                STR_ARG(utf8_truncate(call->path_values[1], LIMIT_NAME_BYTES)));
}

static enum err read_record(struct dataset_page *page, str id, json_t **ret_object)
{
    struct call *call = page->call;
    struct scope *scope = call->scope;
    struct buf object cleanup_with(buf_cleanup) = {0};
    struct sql condition = sql_in(&scope->arena);
    struct plan *plan;
    int64_t key;
    bool found;
    if (!page->has_records || !records_key_of_id(id, &key)) {
        return refuse(call);
    }
    records_id_condition(&condition, &page->lease.source, id, key);
    struct clauses clauses = {.condition = &condition,
                              .limit = 1,
                              .timezone = page->clauses.timezone,
                              .lang = page->clauses.lang,
                              .now = page->clauses.now};
    TRY(odsql_compile(scope, &page->lease.source, &clauses, &plan));
    struct read read = {.plan = plan, .clauses = &clauses, .zone = page->zone, .longest_text = TEXT_BYTES + 1};
    TRY(read_first(scope, &page->lease, &read, &object, &found));
    return found ? json_read(scope, ERR_TOO_LARGE, buf_str(&object), "record", ret_object) : refuse(call);
}

/* The map tab with this place alone on it. */
static str map_address(struct dataset_page *page, const struct field *field, const json_t *value)
{
    struct arena *arena = &page->call->scope->arena;
    double lon = json_number_value(json_object_get(value, "lon"));
    double lat = json_number_value(json_object_get(value, "lat"));
    str where = str_printf(arena, "within_distance(%.*s, geom'POINT(%.6f %.6f)', %dm)",
                           STR_ARG(odsql_name(arena, field->name)), lon, lat, PLACE_METRES);
    struct filter_part part = {FILTER_WHERE, S(""), where};
    struct filter filter = {&part, 1};
    return filter_address(arena, dataset_tab_path(page, TAB_MAP), &filter);
}

static struct field_view show(struct dataset_page *page, const struct field *field, const json_t *object)
{
    struct call *call = page->call;
    struct arena *arena = &call->scope->arena;
    const json_t *value = json_object_getn(object, field->name.p, field->name.n);
    struct value_view shown = value_view(call, field, value, TEXT_BYTES);
    struct field_view view = {.label = field_title(field),
                              .name = field->name,
                              .unit = field->unit.p ? field->unit : S(""),
                              .text = str_copy(arena, shown.text),
                              .address = str_copy(arena, shown.address.p ? shown.address : S("")),
                              .map = S(""),
                              .is_cut = shown.is_cut,
                              .is_missing = shown.is_missing || shown.text.n == 0};
    if (field->type == FIELD_GEO_POINT && !view.is_missing && json_is_object(value)) {
        view.map = map_address(page, field, value);
    }
    view.is_preformatted = field->type == FIELD_JSON || str_find_char(view.text, '\n', 0) != SIZE_MAX;
    return view;
}

static struct tpl_list show_fields(struct dataset_page *page, const json_t *object)
{
    const struct schema *schema = page->schema;
    struct field_view *views = arena_array(&page->call->scope->arena, struct field_view, schema->count + 1);
    for (size_t i = 0; i < schema->count; i++) {
        views[i] = show(page, &schema->fields[i], object);
    }
    return (struct tpl_list){views, schema->count};
}

static bool has_letter(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (is_ascii_letter(text.p[i]) || (unsigned char)text.p[i] >= 0x80) {
            return true;
        }
    }
    return false;
}

/* The first text that is more than a number names the record. */
static str make_title(struct dataset_page *page, const json_t *object)
{
    struct arena *arena = &page->call->scope->arena;
    for (size_t i = 0; i < page->schema->count; i++) {
        const struct field *field = &page->schema->fields[i];
        str text = json_read_text(json_object_getn(object, field->name.p, field->name.n));
        if (field->type == FIELD_TEXT && has_letter(text) && text.n < LIMIT_NAME_BYTES) {
            return str_copy(arena, str_trim(text));
        }
    }
    return message_plain(page->call->language, MSG_RECORD_TITLE);
}

static str way_back(struct dataset_page *page)
{
    struct facet_context context = dataset_facet_context(page);
    str number = call_query(page->call, S("page"));
    str address = facet_address(&context, &page->filter);
    return number.n ? dataset_address_with(page, address, S("page"), number) : address;
}

static str api_address(struct dataset_page *page, str id)
{
    str version = dataset_api_version(page);
    return dataset_api_address(page, str_printf(&page->call->scope->arena, "/records/%.*s%s%.*s", STR_ARG(id),
                                                version.n ? "?" : "", STR_ARG(version)));
}

enum err record_get(struct call *call)
{
    struct dataset_page page cleanup_with(dataset_page_close) = {0};
    json_t *object cleanup_with(json_cleanup) = NULL;
    TRY(dataset_page_open(call, TAB_TABLE, &page));
    dataset_page_keep(&page, S("columns"));
    str id = str_lower_ascii(&call->scope->arena, call->path_values[page.version ? 2 : 1]);
    TRY(read_record(&page, id, &object));
    struct record record = {.title = make_title(&page, object),
                            .id = id,
                            .api = api_address(&page, id),
                            .back = way_back(&page),
                            .fields = show_fields(&page, object)};
    page.fault = page.condition.fault = page.leads_to = S(""); /* the filter is for the way back only */
    if (str_eq(call_query(call, S("fragment")), S("1"))) {
        struct page part = {.title_text = record.title, .body = &record_template, .data = &record,
                            .is_part = true, .is_public = true};
        page_send(call, &part);
        return ERR_OK;
    }
    page.path = str_printf(&call->scope->arena, "%.*srecords/%.*s", STR_ARG(dataset_base_path(&page)),
                           STR_ARG(id));
    struct dataset_body body = {.binding = &record_template, .data = &record, .title = MSG_RECORD_TITLE};
    return dataset_page_send(&page, &body);
}
