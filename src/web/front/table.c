/* The records of a dataset as a table: a page of them, or rows alone for the script that scrolls. */
#include "web/front/table.h"

#include "base/num.h"
#include "base/vec.h"
#include "domain/records/window.h"
#include "web/front/embed_page.h"
#include "web/front/explore.h"

#define PAGE_ROWS 50
#define CELL_LETTERS 160      /* of a text in a cell */
#define ADDRESS_BYTES 1000    /* of a filter that links to records carry along */

static const str own_parameters[] = {{"columns", 7}};

struct cell_view {
    str text, address;
    bool is_number, is_cut, is_missing;
};

struct row_view {
    str address, title;
    int64_t index; /* aria-rowindex: the header is 1 */
    bool is_number, is_missing, is_cut;
    struct tpl_list cells; /* behind the first */
};

struct table {
    str caption, rows_address, position, position_text, no_page, embed;
    str previous_page, next_page, api, clauses, shown, action, next_columns, previous_columns, all_columns;
    int64_t total, offset, page, pages, row_count, column_count;
    bool has_rows, has_pages, has_clauses, has_ticks, has_names, is_chosen, is_empty, opens_tabs;
    int64_t columns_shown, columns_all;
    struct tpl_list columns, rows, choices, hidden;
};

static const struct tpl_member cell_members[] = {
    TPL_TEXT(struct cell_view, text), TPL_URL(struct cell_view, address),
    TPL_BOOL(struct cell_view, is_number), TPL_BOOL(struct cell_view, is_cut),
    TPL_BOOL(struct cell_view, is_missing)};
static const struct tpl_struct cell_struct = TPL_STRUCT(struct cell_view, cell_members);

static const struct tpl_member row_members[] = {
    TPL_URL(struct row_view, address), TPL_TEXT(struct row_view, title), TPL_NUMBER(struct row_view, index),
    TPL_BOOL(struct row_view, is_number), TPL_BOOL(struct row_view, is_missing),
    TPL_BOOL(struct row_view, is_cut), TPL_LIST(struct row_view, cells, cell_struct)};
static const struct tpl_struct row_struct = TPL_STRUCT(struct row_view, row_members);

static const struct tpl_member table_members[] = {
    TPL_TEXT(struct table, caption),          TPL_URL(struct table, rows_address),
    TPL_TEXT(struct table, position),         TPL_TEXT(struct table, position_text),
    TPL_TEXT(struct table, no_page),          TPL_URL(struct table, previous_page),
    TPL_URL(struct table, next_page),         TPL_URL(struct table, api),
    TPL_TEXT(struct table, clauses),          TPL_TEXT(struct table, shown),
    TPL_URL(struct table, action),            TPL_URL(struct table, next_columns),
    TPL_URL(struct table, previous_columns),  TPL_URL(struct table, all_columns),
    TPL_NUMBER(struct table, total),          TPL_NUMBER(struct table, offset),
    TPL_INT(struct table, page),              TPL_INT(struct table, pages),
    TPL_NUMBER(struct table, row_count),      TPL_NUMBER(struct table, column_count),
    TPL_BOOL(struct table, has_rows),         TPL_BOOL(struct table, has_pages),
    TPL_BOOL(struct table, has_clauses),      TPL_BOOL(struct table, has_ticks),
    TPL_BOOL(struct table, has_names),        TPL_BOOL(struct table, is_chosen),
    TPL_BOOL(struct table, is_empty),         TPL_INT(struct table, columns_shown),
    TPL_INT(struct table, columns_all),       TPL_TEXT(struct table, embed),
    TPL_BOOL(struct table, opens_tabs),
    TPL_LIST(struct table, columns, column_struct),
    TPL_LIST(struct table, rows, row_struct),
    TPL_LIST(struct table, choices, column_choice_struct),
    TPL_LIST(struct table, hidden, hidden_struct)};
static const struct tpl_struct table_struct = TPL_STRUCT(struct table, table_members);
const struct tpl_binding dataset_table_template = {"front/table", &table_struct};
const struct tpl_binding table_embed_template = {"front/table_embed", &table_struct};
const struct tpl_binding table_rows_template = {"front/table_rows", &table_struct};

/* ---- rows ---- */

/* The record's page knows the filter, so that it leads back; a very long one is left behind. */
static str record_address(struct dataset_page *page, str id, str query)
{
    return str_printf(&page->call->scope->arena, "/explore/dataset/%.*s/records/%.*s%s%.*s",
                      STR_ARG(page->dataset->id), STR_ARG(id), query.n ? "?" : "", STR_ARG(query));
}

static str record_query(struct dataset_page *page, int64_t offset)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct facet_context context = dataset_facet_context(page);
    str address = facet_address(&context, &page->filter);
    size_t at = str_find_char(address, '?', 0);
    str query = at == SIZE_MAX ? S("") : str_slice(address, at + 1, address.n);
    if (query.n > ADDRESS_BYTES) {
        return S("");
    }
    buf_add(&out, query);
    if (offset >= PAGE_ROWS) {
        buf_printf(&out, "%spage=%lld", query.n ? "&" : "", (long long)(offset / PAGE_ROWS + 1));
    }
    return buf_copy(&out, &page->call->scope->arena);
}

static bool is_number(const struct field *field)
{
    return (field->type == FIELD_INT || field->type == FIELD_DOUBLE) && !field_is_list(field);
}

static enum err make_row(struct dataset_page *page, const struct table_columns *columns,
                         const struct window_row *row, struct row_view *ret_row)
{
    struct call *call = page->call;
    json_t *object cleanup_with(json_cleanup) = NULL;
    struct cell_view *cells = arena_array(&call->scope->arena, struct cell_view, columns->count + 1);
    TRY(json_read(call->scope, ERR_INTERNAL, row->object, "record", &object));
    for (size_t i = 0; i < columns->count; i++) {
        const struct field *field = columns->fields[i];
        json_t *value = json_object_getn(object, field->name.p, field->name.n);
        struct value_view view = value_view(call, field, value, CELL_LETTERS);
        cells[i] = (struct cell_view){.text = str_copy(&call->scope->arena, view.text),
                                      .address = view.is_cut ? ret_row->address : str_copy(&call->scope->arena, view.address),
                                      .is_number = view.is_number || (view.is_missing && is_number(field)),
                                      .is_cut = view.is_cut,
                                      .is_missing = view.is_missing || view.text.n == 0};
    }
    ret_row->title = cells[0].text;
    ret_row->is_number = cells[0].is_number;
    ret_row->is_missing = cells[0].is_missing;
    ret_row->is_cut = cells[0].is_cut;
    ret_row->cells = (struct tpl_list){cells + 1, columns->count - 1};
    return ERR_OK;
}

static enum err read_rows(struct dataset_page *page, const struct table_columns *columns, int64_t offset,
                          struct tpl_list *ret_rows)
{
    struct scope *scope = page->call->scope;
    struct window_request request = {.clauses = &page->clauses,
                                     .fields = columns->fields,
                                     .field_count = columns->count,
                                     .offset = offset,
                                     .limit = PAGE_ROWS,
                                     .zone = page->zone,
                                     .longest = 4 * CELL_LETTERS};
    const struct window_row *rows;
    size_t count;
    TRY(window_read(scope, &page->lease, &request, &rows, &count));
    struct row_view *views = arena_array(&scope->arena, struct row_view, count + 1);
    str query = record_query(page, offset);
    for (size_t i = 0; i < count; i++) {
        views[i] = (struct row_view){.address = record_address(page, rows[i].id, query),
                                     .index = offset + (int64_t)i + 2};
        TRY(make_row(page, columns, &rows[i], &views[i]));
    }
    *ret_rows = (struct tpl_list){views, count};
    return ERR_OK;
}

/* The order that the dataset has of itself goes to the API, too. */
static void set_order(struct dataset_page *page, const struct table_columns *columns)
{
    struct filter_part part = {FILTER_SORT, S(""), columns->sort};
    struct filter order = {&part, 1};
    struct clauses clauses = {0};
    if (columns->sort.n && !page->clauses.order_by.n) {
        filter_clauses(&page->call->scope->arena, &order, FILTER_SEARCH_RECORDS, &clauses);
        page->clauses.order_by = clauses.order_by;
    }
}

/* ---- what stands around them ---- */

/* The page of the table with the columns from a place of the schema on. */
static str columns_address(struct dataset_page *page, size_t from)
{
    str names = table_columns_names(page, from);
    str address = filter_address(&page->call->scope->arena, page->path, &page->filter);
    return from == 0 ? address : dataset_address_with(page, address, S("columns"), names);
}

static void fill_columns(struct dataset_page *page, const struct table_columns *columns, struct table *table)
{
    size_t all = page->schema->count;
    size_t first = columns->count ? (size_t)(columns->fields[0] - page->schema->fields) : 0;
    size_t next = first + columns->count;
    bool is_run = columns->count && columns->fields[columns->count - 1] == &page->schema->fields[next - 1];
    table->columns = table_columns_views(page, columns);
    table->columns_shown = (int64_t)columns->count;
    table->columns_all = (int64_t)all;
    table->shown = table_columns_shown(page, columns);
    table->is_chosen = columns->is_chosen;
    table->hidden = dataset_page_hidden(page, FILTER_NONE, own_parameters[0]);
    table->action = page->path;
    table->all_columns = columns_address(page, 0);
    if (all > COLUMNS_DEFAULT && is_run) {
        table->next_columns = next < all ? columns_address(page, next) : S("");
        table->previous_columns =
            first ? columns_address(page, first > COLUMNS_DEFAULT ? first - COLUMNS_DEFAULT : 0) : S("");
    }
    table->has_names = all > COLUMNS_TICKED;
    table->has_ticks = !table->has_names;
    if (table->has_ticks) {
        table->choices = table_columns_choices(page, columns);
    }
}

static void add_clauses(struct buf *out, const char *name, const str *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%s%s=%.*s", out->n ? "\n" : "", name, STR_ARG(texts[i]));
    }
}

static void fill_query(struct dataset_page *page, struct table *table)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    const struct clauses *clauses = &page->clauses;
    struct arena *arena = &page->call->scope->arena;
    int64_t limit = dataset_api_limit(page);
    str query = dataset_api_query(page);
    query = limit ? str_printf(arena, "%.*s%slimit=%lld", STR_ARG(query), query.n ? "&" : "", (long long)limit) : query;
    add_clauses(&out, "where", clauses->where, clauses->where_count);
    add_clauses(&out, "refine", clauses->refine, clauses->refine_count);
    add_clauses(&out, "exclude", clauses->exclude, clauses->exclude_count);
    add_clauses(&out, "order_by", &clauses->order_by, clauses->order_by.n > 0);
    table->clauses = buf_copy(&out, arena);
    table->has_clauses = out.n > 0;
    table->api = dataset_api_address(page, str_printf(arena, "/records%s%.*s", query.n ? "?" : "", STR_ARG(query)));
}

static str position_text(struct dataset_page *page, str first, str last, str total)
{
    struct message_argument arguments[] = {ARG_TEXT("first", first), ARG_TEXT("last", last),
                                           ARG_TEXT("total", total)};
    return message_text(&page->call->scope->arena, page->call->language, MSG_TABLE_POSITION, arguments,
                        ARRAY_LENGTH(arguments));
}

static void fill(struct dataset_page *page, const struct table_columns *columns, struct table *table)
{
    struct call *call = page->call;
    struct arena *arena = &call->scope->arena;
    fill_columns(page, columns, table);
    fill_query(page, table);
    table->caption = page->title;
    table->total = page->total;
    table->row_count = page->total + 1;
    table->column_count = (int64_t)columns->count;
    table->has_rows = table->rows.count > 0;
    table->is_empty = !table->has_rows && !page->fault.n;
    table->has_pages = table->pages > 1;
    table->previous_page = table->page > 1 ? dataset_page_address(page, table->page - 1) : S("");
    table->next_page = table->page < table->pages ? dataset_page_address(page, table->page + 1) : S("");
    table->rows_address = dataset_address_with(page, dataset_page_address(page, 1), S("rows"), S(""));
    table->embed = embed_code(page, embed_query(page, own_parameters, ARRAY_LENGTH(own_parameters)), page->title);
    /* The script fills in other numbers. */
    table->position = position_text(page, S("{first}"), S("{last}"), S("{total}"));
    table->position_text =
        position_text(page, format_int(arena, call->language, table->offset + 1),
                      format_int(arena, call->language, table->offset + (int64_t)table->rows.count),
                      format_int(arena, call->language, page->total));
}

/* ---- where in the table ---- */

static enum err read_rows_offset(struct dataset_page *page, int64_t *ret_offset)
{
    if (!num_read_int(call_query(page->call, S("rows")), ret_offset) || *ret_offset < 0 ||
        (*ret_offset > 0 && *ret_offset >= page->total)) {
        return fail_in_words(page->call->scope, ERR_PARAMETER, MSG_FAULT_ROWS, NULL);
    }
    return ERR_OK;
}

static void read_page_number(struct dataset_page *page, struct table *table)
{
    struct call *call = page->call;
    str text = call_query(call, S("page"));
    table->page = 1;
    table->pages = (page->total + PAGE_ROWS - 1) / PAGE_ROWS;
    int64_t last = table->pages > 0 ? table->pages : 1;
    bool is_good = !text.n || (num_read_int(text, &table->page) && table->page >= 1 && table->page <= last);
    if (!is_good) {
        table->page = 1;
        if (!page->fault.n) {
            page->fault = message_text(&call->scope->arena, call->language, MSG_TABLE_NO_PAGE,
                                       &ARG_INT("pages", last), 1);
        }
    }
    table->offset = (table->page - 1) * PAGE_ROWS;
}

static enum err send_rows(struct dataset_page *page, const struct table_columns *columns)
{
    struct table table = {.opens_tabs = page->is_embed};
    TRY(read_rows_offset(page, &table.offset));
    TRY(read_rows(page, columns, table.offset, &table.rows));
    records_release(&page->lease);
    struct page sent = {.title_text = page->title,
                        .body = &table_rows_template,
                        .data = &table,
                        .is_part = true,
                        .is_public = true};
    page_send(page->call, &sent);
    return ERR_OK;
}

static enum err show(struct dataset_page *page, const struct table_columns *columns, struct table *table)
{
    table->opens_tabs = page->is_embed;
    read_page_number(page, table);
    if (!page->fault.n && !page->leads_to.n && columns->count) {
        enum err result = read_rows(page, columns, table->offset, &table->rows);
        TRY(dataset_page_excuse(page, result) ? ERR_OK : result);
    }
    fill(page, columns, table);
    return ERR_OK;
}

enum err table_show(struct dataset_page *page, const struct table **ret_table)
{
    struct table_columns columns = {0};
    *ret_table = NULL;
    dataset_page_keep(page, own_parameters[0]);
    enum err result = table_columns_read(page, &columns);
    TRY(dataset_page_excuse(page, result) ? ERR_OK : result);
    set_order(page, &columns);
    if (call_query(page->call, S("rows")).n && !page->fault.n) {
        return send_rows(page, &columns);
    }
    struct table *table = arena_new(&page->call->scope->arena, struct table);
    *ret_table = table;
    return show(page, &columns, table);
}

enum err dataset_table_get(struct call *call)
{
    struct dataset_page page cleanup_with(dataset_page_close) = {0};
    const struct table *table;
    TRY(dataset_page_open(call, TAB_TABLE, &page));
    TRY(table_show(&page, &table));
    if (!table) {
        return ERR_OK;
    }
    struct dataset_body body = {.binding = &dataset_table_template,
                                .data = table,
                                .scripts = {"table.js"},
                                .title = MSG_DATASET_TABLE,
                                .has_filters = true,
                                .is_live = true,
                                .is_indexed = !filter_narrows(&page.filter) && table->page == 1};
    return dataset_page_send(&page, &body);
}
