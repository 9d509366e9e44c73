/* The parameters of the API as fields of a form, made of the rows that the API reads itself. */
#include "base/json_read.h"
#include "base/vec.h"
#include "web/front/console.h"
#include "web/shell/route.h"

struct option_view {
    str value, label;
    bool current;
};

static const struct tpl_member option_members[] = {TPL_TEXT(struct option_view, value),
                                                   TPL_TEXT(struct option_view, label),
                                                   TPL_BOOL(struct option_view, current)};
static const struct tpl_struct option_struct = TPL_STRUCT(struct option_view, option_members);

static const struct tpl_member parameter_members[] = {
    TPL_TEXT(struct parameter_view, name),     TPL_TEXT(struct parameter_view, id),
    TPL_TEXT(struct parameter_view, help),     TPL_TEXT(struct parameter_view, value),
    TPL_TEXT(struct parameter_view, fallback), TPL_BOOL(struct parameter_view, is_clause),
    TPL_BOOL(struct parameter_view, is_lines), TPL_BOOL(struct parameter_view, has_options),
    TPL_LIST(struct parameter_view, options, option_struct)};
const struct tpl_struct parameter_struct = TPL_STRUCT(struct parameter_view, parameter_members);

/* Help in the visitor's language; a parameter without one has that of the API's description. */
static const enum message helps[PARAMETER__COUNT] = {
    [PARAMETER_SELECT] = MSG_CONSOLE_HELP_SELECT,
    [PARAMETER_WHERE] = MSG_CONSOLE_HELP_WHERE,
    [PARAMETER_GROUP_BY] = MSG_CONSOLE_HELP_GROUP_BY,
    [PARAMETER_ORDER_BY] = MSG_CONSOLE_HELP_ORDER_BY,
    [PARAMETER_LIMIT] = MSG_CONSOLE_HELP_LIMIT,
    [PARAMETER_OFFSET] = MSG_CONSOLE_HELP_OFFSET,
    [PARAMETER_EXPORT_LIMIT] = MSG_CONSOLE_HELP_EXPORT_LIMIT,
    [PARAMETER_EXPORT_OFFSET] = MSG_CONSOLE_HELP_EXPORT_OFFSET,
    [PARAMETER_REFINE] = MSG_CONSOLE_HELP_REFINE,
    [PARAMETER_EXCLUDE] = MSG_CONSOLE_HELP_EXCLUDE,
    [PARAMETER_FACET] = MSG_CONSOLE_HELP_FACET,
    [PARAMETER_LANG] = MSG_CONSOLE_HELP_LANG,
    [PARAMETER_TIMEZONE] = MSG_CONSOLE_HELP_TIMEZONE,
    [PARAMETER_INCLUDE_LINKS] = MSG_CONSOLE_HELP_INCLUDE_LINKS,
    [PARAMETER_INCLUDE_APP_METAS] = MSG_CONSOLE_HELP_INCLUDE_APP_METAS,
    [PARAMETER_USE_LABELS] = MSG_CONSOLE_HELP_USE_LABELS,
    [PARAMETER_COMPRESSED] = MSG_CONSOLE_HELP_COMPRESSED,
    [PARAMETER_EPSG] = MSG_CONSOLE_HELP_EPSG,
    [PARAMETER_DELIMITER] = MSG_CONSOLE_HELP_DELIMITER,
    [PARAMETER_LIST_SEPARATOR] = MSG_CONSOLE_HELP_LIST_SEPARATOR,
    [PARAMETER_QUOTE_ALL] = MSG_CONSOLE_HELP_QUOTE_ALL,
    [PARAMETER_WITH_BOM] = MSG_CONSOLE_HELP_WITH_BOM,
    [PARAMETER_PARQUET_COMPRESSION] = MSG_CONSOLE_HELP_PARQUET_COMPRESSION,
    [PARAMETER_NAME_FIELD] = MSG_CONSOLE_HELP_NAME_FIELD,
    [PARAMETER_DESCRIPTION_FIELD_LIST] = MSG_CONSOLE_HELP_DESCRIPTION_FIELD_LIST,
    [PARAMETER_USE_EXTENSION] = MSG_CONSOLE_HELP_USE_EXTENSION,
    [PARAMETER_VERSION] = MSG_CONSOLE_HELP_VERSION,
};

/* Fields that everybody sees at once; the others are folded away. */
static bool is_first(enum parameter parameter)
{
    switch (parameter) {
    case PARAMETER_SELECT:
    case PARAMETER_WHERE:
    case PARAMETER_GROUP_BY:
    case PARAMETER_ORDER_BY:
    case PARAMETER_LIMIT:
    case PARAMETER_REFINE:
    case PARAMETER_FACET:
        return true;
    default:
        return false;
    }
}

static bool is_clause(enum parameter parameter)
{
    return parameter == PARAMETER_SELECT || parameter == PARAMETER_WHERE ||
           parameter == PARAMETER_GROUP_BY || parameter == PARAMETER_ORDER_BY;
}

static str default_of(struct arena *arena, const json_t *schema)
{
    const json_t *value = json_object_get(schema, "default");
    if (json_is_integer(value)) {
        return str_printf(arena, "%lld", (long long)json_integer_value(value));
    }
    if (json_is_boolean(value)) {
        return json_is_true(value) ? S("true") : S("false");
    }
    str text = json_read_text(value);
    return text.n ? str_copy(arena, text) : S("");
}

/* TAB is a blank that nobody sees. */
static str option_label(str value)
{
    return str_eq(value, S("\t")) ? S("TAB") : value;
}

static struct tpl_list list_options(struct call *call, const json_t *schema, str value)
{
    struct arena *arena = &call->scope->arena;
    const json_t *allowed = json_object_get(schema, "enum");
    VEC(struct option_view) views = {0};
    bool is_boolean = str_eq(json_read_text(json_object_get(schema, "type")), S("boolean"));
    if (!allowed && !is_boolean) {
        return (struct tpl_list){0};
    }
    vec_add(arena, &views,
            (struct option_view){S(""), message_plain(call->language, MSG_CONSOLE_DEFAULT), value.n == 0});
    if (is_boolean) {
        vec_add(arena, &views, (struct option_view){S("true"), S("true"), str_eq(value, S("true"))});
        vec_add(arena, &views, (struct option_view){S("false"), S("false"), str_eq(value, S("false"))});
    }
    for (size_t i = 0; i < json_array_size(allowed); i++) {
        str one = str_copy(arena, json_read_text(json_array_get(allowed, i)));
        vec_add(arena, &views, (struct option_view){one, option_label(one), str_eq(value, one)});
    }
    return (struct tpl_list){views.items, views.count};
}

/* Values of a parameter in the query, one a line. */
static str value_of(const struct console *console, str name)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < console->query.count; i++) {
        if (str_eq(console->query.items[i].name, name)) {
            buf_add(&out, out.n ? S("\n") : S(""));
            buf_add(&out, console->query.items[i].value);
        }
    }
    return buf_copy(&out, &console->page->call->scope->arena);
}

static struct parameter_view make_view(const struct console *console, enum parameter parameter)
{
    struct call *call = console->page->call;
    struct arena *arena = &call->scope->arena;
    const struct parameter_row *row = &parameter_rows()[parameter];
    json_t *schema cleanup_with(json_cleanup) = NULL;
    struct parameter_view view = {
        .name = row->name,
        .id = str_printf(arena, "p-%.*s", STR_ARG(row->name)),
        .help = helps[parameter] != MESSAGE_NONE ? message_plain(call->language, helps[parameter])
                                                 : row->documentation,
        .value = value_of(console, row->name),
        .is_clause = is_clause(parameter),
        .is_lines = row->is_repeatable && !is_clause(parameter)};
    if (json_read(call->scope, ERR_INTERNAL, row->schema, "parameter", &schema) != ERR_OK) {
        scope_forgive(call->scope); /* without what it allows */
        return view;
    }
    str fallback = default_of(arena, schema);
    view.fallback = option_label(fallback);
    view.options = list_options(call, schema, view.value);
    view.has_options = view.options.count > 0;
    return view;
}

void console_parameters(const struct console *console, struct tpl_list *ret_first, struct tpl_list *ret_more)
{
    struct arena *arena = &console->page->call->scope->arena;
    VEC(struct parameter_view) first = {0}, more = {0};
    for (int i = 0; i < PARAMETER__COUNT; i++) {
        enum parameter parameter = (enum parameter)i;
        bool is_old = parameter == PARAMETER_ROWS || parameter == PARAMETER_START;
        if (!(console->route->endpoint->parameters >> i & 1) || is_old) {
            continue;
        }
        struct parameter_view view = make_view(console, parameter);
        if (is_first(parameter)) {
            vec_add(arena, &first, view);
        } else {
            vec_add(arena, &more, view);
        }
    }
    *ret_first = (struct tpl_list){first.items, first.count};
    *ret_more = (struct tpl_list){more.items, more.count};
}
