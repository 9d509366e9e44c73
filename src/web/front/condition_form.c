#include "web/front/condition_form.h"

#include "base/vec.h"
#include "web/front/dataset_page.h"

struct option_view {
    str value, label, kind; /* of an operator: kinds, separated by blanks */
    int64_t values;
    bool chosen;
};

struct form_view {
    str action, value, other, where, fault, range_field, range_title, range_from, range_to;
    bool has_fields, has_range, is_open, is_own_open, has_form_fault, has_own_fault, has_range_fault;
    struct tpl_list hidden, fields, operators;
    struct fault_place place; /* of fault */
};

static const struct tpl_member option_members[] = {
    TPL_TEXT(struct option_view, value), TPL_TEXT(struct option_view, label),
    TPL_TEXT(struct option_view, kind), TPL_NUMBER(struct option_view, values),
    TPL_BOOL(struct option_view, chosen)};
static const struct tpl_struct option_struct = TPL_STRUCT(struct option_view, option_members);

static const struct tpl_member form_members[] = {
    TPL_URL(struct form_view, action),        TPL_TEXT(struct form_view, value),
    TPL_TEXT(struct form_view, other),        TPL_TEXT(struct form_view, where),
    FAULT_PLACE_MEMBERS(struct form_view, place),
    TPL_TEXT(struct form_view, fault),        TPL_TEXT(struct form_view, range_field),
    TPL_TEXT(struct form_view, range_title),  TPL_TEXT(struct form_view, range_from),
    TPL_TEXT(struct form_view, range_to),     TPL_BOOL(struct form_view, has_fields),
    TPL_BOOL(struct form_view, has_range),    TPL_BOOL(struct form_view, is_open),
    TPL_BOOL(struct form_view, is_own_open),  TPL_BOOL(struct form_view, has_form_fault),
    TPL_BOOL(struct form_view, has_own_fault), TPL_BOOL(struct form_view, has_range_fault),
    TPL_LIST(struct form_view, hidden, hidden_struct),
    TPL_LIST(struct form_view, fields, option_struct),
    TPL_LIST(struct form_view, operators, option_struct)};
static const struct tpl_struct form_struct = TPL_STRUCT(struct form_view, form_members);
const struct tpl_binding condition_form_template = {"part/condition_form", &form_struct};

/* The operator of the range of days; it takes the place of an older range of the same field. */
#define RANGE_OPERATOR S("range")

/* ---- reading ---- */

struct condition_input condition_input_read(struct call *call)
{
    struct condition_input input = {.field = call_query(call, S("filter.field")),
                                    .operator_ = call_query(call, S("filter.operator")),
                                    .value = call_query(call, S("filter.value")),
                                    .other = call_query(call, S("filter.value2")),
                                    .where = call_query(call, S("filter.where")),
                                    .fault = S("")};
    input.is_sent = input.field.n || str_trim(input.where).n;
    return input;
}

static bool refuse(struct dataset_page *page, enum message message, str name)
{
    struct call *call = page->call;
    page->condition.fault =
        message_argument_names(message)[0]
            ? message_text(&call->scope->arena, call->language, message, &ARG_TEXT("field", name), 1)
            : message_plain(call->language, message);
    return false;
}

static bool is_range(const struct condition_input *input)
{
    return str_eq(input->operator_, RANGE_OPERATOR);
}

static bool find_operator(struct dataset_page *page, struct condition *condition)
{
    const struct condition_input *input = &page->condition;
    enum condition_kind kind = condition_kind_of(condition->field);
    str name = is_range(input) ? S("between") : input->operator_;
    for (int i = 0; i < OPERATOR__COUNT; i++) {
        if (str_eq(name, str_from(condition_operators[i].name)) && (condition_operators[i].kinds & kind)) {
            condition->operator_ = (enum condition_operator)i;
            return true;
        }
    }
    return refuse(page, MSG_CONDITION_NO_FIT, field_title(condition->field));
}

/* Values of one of: between semicolons, where there are any, else between commas. */
static bool read_list(struct dataset_page *page, struct condition *condition)
{
    struct arena *arena = &page->call->scope->arena;
    str rest = page->condition.value, part;
    char between = str_find_char(rest, ';', 0) != SIZE_MAX ? ';' : ',';
    VEC(str) values = {0};
    while (str_split(&rest, between, &part)) {
        if (str_trim(part).n) {
            vec_add(arena, &values, str_trim(part));
        }
    }
    condition->values = values.items;
    condition->count = values.count;
    return values.count == 0                       ? refuse(page, MSG_CONDITION_NO_VALUE, S(""))
           : values.count > CONDITION_VALUES_MOST ? refuse(page, MSG_CONDITION_TOO_MANY, S(""))
                                                   : true;
}

static bool read_one(struct dataset_page *page, const struct condition *condition, str typed, str *ret_value)
{
    enum message fault =
        condition_value(page->call, condition_kind_of(condition->field), typed, ret_value);
    return fault == MESSAGE_NONE || refuse(page, fault, S(""));
}

/* With one end only it is that end. */
static bool read_ends(struct dataset_page *page, struct condition *condition)
{
    const struct condition_input *input = &page->condition;
    bool is_date = condition_kind_of(condition->field) == CONDITION_DATE;
    str *values = arena_array(&page->call->scope->arena, str, 2);
    bool has_from = str_trim(input->value).n > 0, has_to = str_trim(input->other).n > 0;
    condition->values = values;
    if (!has_from && !has_to) {
        return refuse(page, MSG_CONDITION_NO_VALUE, S(""));
    }
    if (has_from && !read_one(page, condition, input->value, &values[condition->count++])) {
        return false;
    }
    if (has_to && !read_one(page, condition, input->other, &values[condition->count++])) {
        return false;
    }
    if (!has_to) {
        condition->operator_ = is_date ? OPERATOR_FROM : OPERATOR_AT_LEAST;
    } else if (!has_from) {
        condition->operator_ = is_date ? OPERATOR_UNTIL : OPERATOR_AT_MOST;
    }
    return true;
}

static bool read_values(struct dataset_page *page, struct condition *condition)
{
    int values = condition_operators[condition->operator_].values;
    if (values == 0) {
        return true;
    }
    if (values == 3) {
        return read_list(page, condition);
    }
    if (values == 2) {
        return read_ends(page, condition);
    }
    str *value = arena_array(&page->call->scope->arena, str, 1);
    condition->values = value;
    condition->count = 1;
    return read_one(page, condition, page->condition.value, value);
}

static bool read_condition(struct dataset_page *page, struct condition *ret_condition)
{
    struct condition condition = {.field = schema_find(page->schema, page->condition.field)};
    if (!condition.field || condition_kind_of(condition.field) == CONDITION_NONE) {
        return refuse(page, MSG_CONDITION_NO_FIELD, S(""));
    }
    if (!find_operator(page, &condition) || !read_values(page, &condition)) {
        return false;
    }
    *ret_condition = condition;
    return true;
}

/* ---- the filter with it ---- */

static bool is_range_of(struct dataset_page *page, const struct filter_part *part, const struct field *field,
                        struct condition *ret_condition)
{
    return part->kind == FILTER_WHERE &&
           condition_read(&page->call->scope->arena, page->schema, part->value, ret_condition) &&
           ret_condition->field == field &&
           (ret_condition->operator_ == OPERATOR_BETWEEN || ret_condition->operator_ == OPERATOR_FROM ||
            ret_condition->operator_ == OPERATOR_UNTIL);
}

static struct filter without_range(struct dataset_page *page, const struct field *field)
{
    struct filter filter = page->filter;
    struct condition condition;
    for (size_t i = filter.count; i-- > 0;) {
        if (is_range_of(page, &filter.parts[i], field, &condition)) {
            filter = filter_without(&page->call->scope->arena, &filter, i);
        }
    }
    return filter;
}

static enum err check(struct dataset_page *page, str where, bool *ret_good)
{
    struct scope *scope = page->call->scope;
    struct plan *plan;
    struct clauses clauses = page->clauses;
    clauses.where = &where;
    clauses.where_count = 1;
    clauses.order_by = S("");
    clauses.limit = 0;
    enum err result = odsql_compile(scope, &page->lease.source, &clauses, &plan);
    *ret_good = result == ERR_OK;
    if (result != ERR_OK && err_kind(result) == KIND_CALLER) {
        page->condition.fault = fault_text(page->call, &page->condition.place);
        scope_forgive(scope);
        return ERR_OK;
    }
    return result;
}

enum err condition_input_apply(struct dataset_page *page, struct filter *ret_filter, bool *ret_done)
{
    struct arena *arena = &page->call->scope->arena;
    const struct condition_input *input = &page->condition;
    struct condition condition = {0};
    struct filter filter = page->filter;
    *ret_done = false;
    str where = str_trim(input->where);
    if (input->field.n && is_range(input)) {
        filter = without_range(page, schema_find(page->schema, input->field));
        if (!str_trim(input->value).n && !str_trim(input->other).n) {
            *ret_filter = filter;
            *ret_done = true;
            return ERR_OK;
        }
    }
    if (input->field.n) {
        if (!read_condition(page, &condition)) {
            return ERR_OK;
        }
        where = condition_write(arena, &condition);
    }
    TRY(check(page, where, ret_done));
    *ret_filter = filter_with(arena, &filter, (struct filter_part){FILTER_WHERE, S(""), where});
    return ERR_OK;
}

/* ---- the form ---- */

static struct tpl_list list_fields(struct dataset_page *page)
{
    VEC(struct option_view) views = {0};
    for (size_t i = 0; i < page->schema->count; i++) {
        const struct field *field = &page->schema->fields[i];
        enum condition_kind kind = condition_kind_of(field);
        if (kind != CONDITION_NONE) {
            vec_add(&page->call->scope->arena, &views,
                    (struct option_view){.value = field->name,
                                         .label = field_title(field),
                                         .kind = condition_kind_text(kind),
                                         .chosen = str_eq(field->name, page->condition.field)});
        }
    }
    return (struct tpl_list){views.items, views.count};
}

static str kinds_text(struct arena *arena, unsigned kinds)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (unsigned kind = 1; kind <= CONDITION_BOOLEAN; kind *= 2) {
        if (kinds & kind) {
            buf_add(&out, out.n ? S(" ") : S(""));
            buf_add(&out, condition_kind_text((enum condition_kind)kind));
        }
    }
    return buf_copy(&out, arena);
}

static struct tpl_list list_operators(struct dataset_page *page)
{
    struct arena *arena = &page->call->scope->arena;
    VEC(struct option_view) views = {0};
    for (int i = 0; i < OPERATOR__COUNT; i++) {
        const struct operator_row *row = &condition_operators[i];
        if (row->is_offered) {
            vec_add(arena, &views,
                    (struct option_view){.value = str_from(row->name),
                                         .label = message_plain(page->call->language, row->label),
                                         .kind = kinds_text(arena, row->kinds),
                                         .values = row->values,
                                         .chosen = str_eq(str_from(row->name), page->condition.operator_)});
        }
    }
    return (struct tpl_list){views.items, views.count};
}

static const struct field *range_field(const struct schema *schema)
{
    const struct field *first = NULL;
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];
        if (condition_kind_of(field) == CONDITION_DATE && (!first || (field->timerange_filter && !first->timerange_filter))) {
            first = field;
        }
    }
    return first;
}

static void fill_range(struct dataset_page *page, const struct field *field, struct form_view *view)
{
    struct condition condition;
    view->has_range = true;
    view->range_field = field->name;
    view->range_title = field_title(field);
    view->range_from = view->range_to = S("");
    if (is_range(&page->condition)) {
        view->range_from = page->condition.value;
        view->range_to = page->condition.other;
        return;
    }
    for (size_t i = 0; i < page->filter.count; i++) {
        if (is_range_of(page, &page->filter.parts[i], field, &condition)) {
            bool has_from = condition.operator_ != OPERATOR_UNTIL;
            view->range_from = has_from ? condition.values[0] : S("");
            view->range_to = condition.operator_ == OPERATOR_FROM ? S("") : condition.values[condition.count - 1];
        }
    }
}

struct html condition_form_make(struct dataset_page *page, struct tpl_list hidden)
{
    const struct condition_input *input = &page->condition;
    bool has_range_fault = input->fault.n && is_range(input);
    bool has_own_fault = input->fault.n && !input->field.n;
    const struct field *field = range_field(page->schema);
    struct form_view view = {.action = page->path,
                             .hidden = hidden,
                             .value = is_range(input) ? S("") : input->value,
                             .other = is_range(input) ? S("") : input->other,
                             .where = input->where,
                             .fault = input->fault,
                             .place = input->place,
                             .fields = list_fields(page),
                             .operators = list_operators(page),
                             .has_range_fault = has_range_fault,
                             .has_own_fault = has_own_fault,
                             .has_form_fault = input->fault.n && !has_own_fault && !has_range_fault};
    view.has_fields = view.fields.count > 0;
    view.is_open = view.has_form_fault;
    view.is_own_open = has_own_fault;
    if (field) {
        fill_range(page, field, &view);
    }
    return tpl_html(page->call->scope, page->call->app->tpl, &condition_form_template,
                    page->call->language, &view);
}
