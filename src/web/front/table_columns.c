#include "base/vec.h"
#include "web/front/table.h"

typedef VEC(const struct field *) field_list;

static const struct tpl_member column_members[] = {
    TPL_TEXT(struct column_view, name),   TPL_TEXT(struct column_view, title),
    TPL_TEXT(struct column_view, unit),   TPL_URL(struct column_view, address),
    TPL_TEXT(struct column_view, order),  TPL_TEXT(struct column_view, id),  TPL_BOOL(struct column_view, is_number)};
const struct tpl_struct column_struct = TPL_STRUCT(struct column_view, column_members);

static const struct tpl_member choice_members[] = {TPL_TEXT(struct column_choice, name),
                                                   TPL_TEXT(struct column_choice, title),
                                                   TPL_BOOL(struct column_choice, chosen)};
const struct tpl_struct column_choice_struct = TPL_STRUCT(struct column_choice, choice_members);

static bool has_field(const struct field *const *fields, size_t count, const struct field *field)
{
    for (size_t i = 0; i < count; i++) {
        if (fields[i] == field) {
            return true;
        }
    }
    return false;
}

static void add_field(struct arena *arena, field_list *list, const struct field *field)
{
    if (field && list->count < COLUMNS_MOST && !has_field(list->items, list->count, field)) {
        vec_add(arena, list, field);
    }
}

static enum err read_chosen(struct dataset_page *page, field_list *list)
{
    struct call *call = page->call;
    for (size_t i = 0; i < call->query.count; i++) {
        str rest = call->query.items[i].value, name;
        if (!str_eq(call->query.items[i].name, S("columns"))) {
            continue;
        }
        while (str_split(&rest, ',', &name)) {
            name = str_trim(name);
            const struct field *field = schema_find(page->schema, name);
            if (name.n && !field) {
                return fail_in_words(call->scope, ERR_PARAMETER, MSG_FAULT_UNKNOWN_COLUMN,
                                     SAYS(ARG_TEXT("name", name)));
            }
            add_field(&call->scope->arena, list, field);
        }
    }
    return ERR_OK;
}

/* Those that the dataset names, else the first ones. */
static void read_default(struct dataset_page *page, field_list *list)
{
    struct arena *arena = &page->call->scope->arena;
    const json_t *names = dataset_page_value(page, "visualization", "table_fields");
    for (size_t i = 0; i < json_array_size(names); i++) {
        add_field(arena, list, schema_find(page->schema, json_read_text(json_array_get(names, i))));
    }
    bool has_own = list->count > 0;
    for (size_t i = 0; !has_own && i < page->schema->count && i < COLUMNS_DEFAULT; i++) {
        add_field(arena, list, &page->schema->fields[i]);
    }
}

/* Words come by their relevance, unless the visitor sorts; else the dataset may have an order of its own. */
static str default_sort(struct dataset_page *page)
{
    str name = dataset_page_text(page, "visualization", "table_default_sort_field");
    str direction = dataset_page_text(page, "visualization", "table_default_sort_direction");
    const struct field *field = schema_find(page->schema, name);
    bool has_words = filter_value(&page->filter, FILTER_WORDS).n > 0;
    if (!field || has_words || field->type == FIELD_GEO_POINT || field->type == FIELD_GEO_SHAPE ||
        field->type == FIELD_JSON || field_is_list(field)) {
        return S("");
    }
    bool is_down = str_starts(direction, S("-")) || str_eq_nocase(direction, S("desc"));
    return is_down ? str_printf(&page->call->scope->arena, "-%.*s", STR_ARG(name)) : name;
}

enum err table_columns_read(struct dataset_page *page, struct table_columns *ret_columns)
{
    field_list list = {0};
    str sort = filter_value(&page->filter, FILTER_SORT);
    TRY(read_chosen(page, &list));
    bool is_chosen = list.count > 0;
    if (!is_chosen) {
        read_default(page, &list);
    }
    *ret_columns = (struct table_columns){.fields = list.items,
                                          .count = list.count,
                                          .sort = sort.n ? sort : default_sort(page),
                                          .is_chosen = is_chosen,
                                          .has_more = list.count < page->schema->count};
    return ERR_OK;
}

static bool is_sortable(const struct field *field)
{
    return field->type != FIELD_GEO_POINT && field->type != FIELD_GEO_SHAPE && field->type != FIELD_JSON &&
           !field_is_list(field);
}

#define SORTED_ID "sorted" /* of the header of the column that is sorted by */

/* Of amounts and times people look for the largest and latest, of words for the first. */
static bool is_largest_first(const struct field *field)
{
    return field->type == FIELD_INT || field->type == FIELD_DOUBLE || field->type == FIELD_DATE ||
           field->type == FIELD_DATETIME;
}

/* The other direction of a field that is sorted by; the page then shows the column where it was. */
static str sort_address(struct dataset_page *page, const struct facet_context *context,
                        const struct field *field, bool is_down)
{
    struct arena *arena = &page->call->scope->arena;
    str sort = is_down ? str_printf(arena, "-%.*s", STR_ARG(field->name)) : field->name;
    struct filter filter = filter_with(arena, &page->filter, (struct filter_part){FILTER_SORT, S(""), sort});
    return str_printf(arena, "%.*s#" SORTED_ID, STR_ARG(facet_address(context, &filter)));
}

struct tpl_list table_columns_views(struct dataset_page *page, const struct table_columns *columns)
{
    struct facet_context context = dataset_facet_context(page);
    struct column_view *views =
        arena_array(&page->call->scope->arena, struct column_view, columns->count + 1);
    bool is_down = str_starts(columns->sort, S("-"));
    str sorted = str_slice(columns->sort, is_down, columns->sort.n);
    for (size_t i = 0; i < columns->count; i++) {
        const struct field *field = columns->fields[i];
        bool is_sorted = str_eq(field->name, sorted);
        bool is_number = field->type == FIELD_INT || field->type == FIELD_DOUBLE;
        views[i] = (struct column_view){
            .name = field->name,
            .title = field_title(field),
            .unit = field->unit.p ? field->unit : S(""),
            .address = is_sortable(field) ? sort_address(page, &context, field, is_sorted ? !is_down : is_largest_first(field))
                                           : S(""),
            .id = is_sorted ? S(SORTED_ID) : S(""),
            .order = !is_sorted ? S("") : is_down ? S("descending") : S("ascending"),
            .is_number = is_number};
    }
    return (struct tpl_list){views, columns->count};
}

struct tpl_list table_columns_choices(struct dataset_page *page, const struct table_columns *columns)
{
    struct column_choice *choices =
        arena_array(&page->call->scope->arena, struct column_choice, page->schema->count + 1);
    for (size_t i = 0; i < page->schema->count; i++) {
        const struct field *field = &page->schema->fields[i];
        choices[i] = (struct column_choice){field->name, field_title(field),
                                            has_field(columns->fields, columns->count, field)};
    }
    return (struct tpl_list){choices, page->schema->count};
}

static void add_name(struct buf *out, str name)
{
    buf_add(out, out->n ? S(",") : S(""));
    buf_add(out, name);
}

str table_columns_names(struct dataset_page *page, size_t from)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = from; i < page->schema->count && i < from + COLUMNS_DEFAULT; i++) {
        add_name(&out, page->schema->fields[i].name);
    }
    return buf_copy(&out, &page->call->scope->arena);
}

str table_columns_shown(struct dataset_page *page, const struct table_columns *columns)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < columns->count; i++) {
        add_name(&out, columns->fields[i]->name);
    }
    return buf_copy(&out, &page->call->scope->arena);
}
