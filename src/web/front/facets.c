#include "web/front/facets.h"

#include "base/num.h"
#include "base/utf8.h"
#include "base/vec.h"

#define VALUE_BYTES 1000 /* longer ones are no choices: each would be in the addresses of all the others */
#define LABEL_BYTES 200
#define LINKED_FILTER_BYTES 8192

static const struct tpl_member choice_members[] = {
    TPL_TEXT(struct facet_choice, label),    TPL_INT(struct facet_choice, count),
    TPL_URL(struct facet_choice, address),   TPL_BOOL(struct facet_choice, chosen),
    TPL_BOOL(struct facet_choice, excluded), TPL_NUMBER(struct facet_choice, level)};
static const struct tpl_struct choice_struct = TPL_STRUCT(struct facet_choice, choice_members);

static const struct tpl_member facet_members[] = {
    TPL_TEXT(struct facet_view, name),       TPL_TEXT(struct facet_view, title),
    TPL_LIST(struct facet_view, choices, choice_struct), TPL_URL(struct facet_view, more)};
const struct tpl_struct facet_struct = TPL_STRUCT(struct facet_view, facet_members);

static const struct tpl_member chip_members[] = {TPL_TEXT(struct filter_chip, label),
                                                 TPL_TEXT(struct filter_chip, value),
                                                 TPL_URL(struct filter_chip, address)};
const struct tpl_struct chip_struct = TPL_STRUCT(struct filter_chip, chip_members);

static const struct tpl_member hidden_members[] = {TPL_TEXT(struct hidden_field, name),
                                                   TPL_TEXT(struct hidden_field, value)};
const struct tpl_struct hidden_struct = TPL_STRUCT(struct hidden_field, hidden_members);

typedef VEC(struct facet_choice) choice_list;

static struct arena *arena_of(const struct facet_context *context)
{
    return &context->call->scope->arena;
}

static str join(const struct facet_context *context, str address, str parameters)
{
    if (!parameters.n) {
        return address;
    }
    bool has_query = str_find_char(address, '?', 0) != SIZE_MAX;
    return str_printf(arena_of(context), "%.*s%c%.*s", STR_ARG(address), has_query ? '&' : '?',
                      STR_ARG(parameters));
}

str facet_address(const struct facet_context *context, const struct filter *filter)
{
    str address = join(context, filter_address(arena_of(context), context->path, filter), context->extra);
    return selection_link(arena_of(context), context->selection, address);
}

void facet_requests_follow(const struct filter *filter, const struct source *source,
                           struct facet_request *requests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        requests[i].disjunctive |=
            filter_is_disjunctive(filter, facet_name(source, requests[i].field));
    }
}

/* ---- values ---- */

static str label_of(const struct facet_context *context, str field, const struct facet_value *value)
{
    str label = context->value_label ? context->value_label(context->call, field, value->value,
                                                            value->name, context->user)
                                     : STR_NONE;
    label = label.n ? label : value->name;
    str cut = utf8_truncate(label, LABEL_BYTES);
    return cut.n < label.n ? str_printf(arena_of(context), "%.*s…", STR_ARG(cut)) : label;
}

static str choice_address(const struct facet_context *context, str field,
                          const struct facet_value *value)
{
    struct arena *arena = arena_of(context);
    enum filter_kind kind = value->state == FACET_EXCLUDED ? FILTER_EXCLUDE : FILTER_REFINE;
    size_t at = filter_find(context->filter, kind, field, value->value);
    struct filter changed =
        at != SIZE_MAX
            ? filter_without(arena, context->filter, at)
            : filter_with(arena, context->filter,
                          (struct filter_part){FILTER_REFINE, field, str_copy(arena, value->value)});
    return facet_address(context, &changed);
}

static bool is_alphabetical(const struct facet_request *request)
{
    str sort = request->sort.n ? request->sort : request->field->facetsort;
    return request->field->type == FIELD_TEXT && (str_eq(sort, S("alphanum")) || str_eq(sort, S("-alphanum")));
}

/* The engine's order is by letters' numbers: É comes behind Z. People want the order of their language. */
static void sort_values(const struct facet_context *context, const struct facet_request *request,
                        const struct facet_value **values, size_t count)
{
    str sort = request->sort.n ? request->sort : request->field->facetsort;
    int way = str_starts(sort, S("-")) ? -1 : 1;
    for (size_t i = 1; i < count; i++) {
        const struct facet_value *value = values[i];
        size_t at = i;
        while (at > 0 && way * format_compare(context->call->language, values[at - 1]->name, value->name) > 0) {
            values[at] = values[at - 1];
            at--;
        }
        values[at] = value;
    }
}

static void add_choices(const struct facet_context *context, const struct facet_request *request, str field,
                        const struct facet_value *first, int64_t level, choice_list *list)
{
    VEC(const struct facet_value *) values = {0};
    for (const struct facet_value *value = first; value; value = value->next) {
        vec_add(arena_of(context), &values, value);
    }
    if (is_alphabetical(request)) {
        sort_values(context, request, values.items, values.count);
    }
    for (size_t i = 0; i < values.count; i++) {
        const struct facet_value *value = values.items[i];
        if (value->value.n > VALUE_BYTES && value->state == FACET_DISPLAYED) {
            continue;
        }
        vec_add(arena_of(context), list,
                (struct facet_choice){.label = label_of(context, field, value),
                                      .count = value->count,
                                      .address = choice_address(context, field, value),
                                      .chosen = value->state != FACET_DISPLAYED,
                                      .excluded = value->state == FACET_EXCLUDED,
                                      .level = level});
        add_choices(context, request, field, value->children, level + 1, list);
    }
}

static bool is_asked_whole(const struct facet_context *context, str name)
{
    for (size_t i = 0; i < context->call->query.count; i++) {
        const struct query_parameter *parameter = &context->call->query.items[i];
        if (str_eq(parameter->name, S("facet")) && str_eq(parameter->value, name)) {
            return true;
        }
    }
    return false;
}

/* One more than shown tells that there are more; what is chosen is shown in any case. */
static enum err read_view(const struct facet_context *context, struct records_lease *lease,
                          const struct clauses *clauses, const struct facet_request *asked,
                          struct facet_view *ret_view)
{
    struct scope *scope = context->call->scope;
    struct facet_request request = *asked;
    struct facet_view view = {.name = facet_name(&lease->source, request.field)};
    const struct facet_value *values;
    choice_list list = {0};
    bool is_whole = is_asked_whole(context, view.name);
    request.limit = is_whole || is_alphabetical(&request) ? request.limit : context->shown + 1;
    TRY(facet_read(scope, lease, clauses, &request, &values));
    add_choices(context, &request, view.name, values, 1, &list);
    size_t top = 0, kept = 0;
    for (size_t i = 0; i < list.count; i++) {
        top += list.items[i].level == 1;
        if (is_whole || (int64_t)top <= context->shown || list.items[i].chosen) {
            list.items[kept++] = list.items[i];
        }
    }
    if (kept < list.count) {
        struct buf more cleanup_with(buf_cleanup) = {0};
        buf_add(&more, S("facet="));
        url_encode(&more, view.name);
        view.more = join(context, facet_address(context, context->filter), buf_str(&more));
        view.more = str_printf(&scope->arena, "%.*s#facet-%.*s", STR_ARG(view.more), STR_ARG(view.name));
    }
    view.title = context->title(context->call, view.name, context->user);
    view.choices = (struct tpl_list){list.items, kept};
    *ret_view = view;
    return ERR_OK;
}

/* Each of many links would repeat a long filter; its page would be of megabytes. */
static bool is_too_long_for_links(const struct facet_context *context)
{
    return facet_address(context, context->filter).n > LINKED_FILTER_BYTES;
}

enum err facet_views(const struct facet_context *context, struct records_lease *lease,
                     const struct clauses *clauses, const struct facet_request *requests, size_t count,
                     struct tpl_list *ret_views)
{
    VEC(struct facet_view) views = {0};
    count = is_too_long_for_links(context) ? 0 : count;
    for (size_t i = 0; i < count; i++) {
        struct facet_view view;
        TRY(read_view(context, lease, clauses, &requests[i], &view));
        if (view.choices.count) {
            vec_add(arena_of(context), &views, view);
        }
    }
    *ret_views = (struct tpl_list){views.items, views.count};
    return ERR_OK;
}

/* ---- active filters ---- */

static struct filter_chip chip_of(const struct facet_context *context, size_t at, bool is_linked)
{
    struct call *call = context->call;
    const struct filter_part *part = &context->filter->parts[at];
    struct filter without = filter_without(arena_of(context), context->filter, at);
    struct filter_chip chip = {.value = part->value,
                               .address = is_linked ? facet_address(context, &without) : S("")};
    if (part->kind == FILTER_WORDS) {
        chip.label = message_plain(call->language, MSG_FILTER_WORDS);
    } else if (part->kind == FILTER_WHERE) {
        str words = context->where_label ? context->where_label(call, part->value, context->user) : STR_NONE;
        chip.label = words.n ? S("") : message_plain(call->language, MSG_FILTER_WHERE);
        chip.value = words.n ? words : part->value;
    } else {
        str title = context->title(call, part->field, context->user);
        str value = context->value_label
                        ? context->value_label(call, part->field, part->value, part->value, context->user)
                        : STR_NONE;
        chip.value = value.n ? value : part->value;
        chip.label = part->kind == FILTER_EXCLUDE
                         ? message_text(arena_of(context), call->language, MSG_FILTER_EXCLUDED,
                                        &ARG_TEXT("title", title), 1)
                         : title;
    }
    return chip;
}

struct tpl_list filter_chips(const struct facet_context *context)
{
    VEC(struct filter_chip) chips = {0};
    bool is_linked = !is_too_long_for_links(context);
    for (size_t i = 0; i < context->filter->count; i++) {
        enum filter_kind kind = context->filter->parts[i].kind;
        if (kind != FILTER_SORT && kind != FILTER_DISJUNCTIVE) {
            vec_add(arena_of(context), &chips, chip_of(context, i, is_linked));
        }
    }
    return (struct tpl_list){chips.items, chips.count};
}

struct tpl_list filter_hidden(const struct facet_context *context, enum filter_kind left_out)
{
    static const char *const prefixes[] = {
        [FILTER_WORDS] = "q",          [FILTER_REFINE] = "refine.",
        [FILTER_EXCLUDE] = "exclude.", [FILTER_WHERE] = "where",
        [FILTER_DISJUNCTIVE] = "disjunctive.", [FILTER_SORT] = "sort"};
    VEC(struct hidden_field) fields = {0};
    for (size_t i = 0; i < context->filter->count; i++) {
        const struct filter_part *part = &context->filter->parts[i];
        if (part->kind != left_out) {
            str name = str_printf(arena_of(context), "%s%.*s", prefixes[part->kind],
                                  STR_ARG(part->field));
            vec_add(arena_of(context), &fields, (struct hidden_field){name, part->value});
        }
    }
    struct query query = {0};
    str extra = selection_link(arena_of(context), context->selection,
                               str_printf(arena_of(context), "?%.*s", STR_ARG(context->extra)));
    if (query_parse(context->call->scope, str_slice(extra, 1, extra.n), &query) != ERR_OK) {
        scope_forgive(context->call->scope); /* it is ours, and good */
    }
    for (size_t i = 0; i < query.count; i++) {
        vec_add(arena_of(context), &fields, (struct hidden_field){query.items[i].name, query.items[i].value});
    }
    return (struct tpl_list){fields.items, fields.count};
}
