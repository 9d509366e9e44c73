#include "web/api/params.h"

#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "web/api/endpoint.h"
#include "web/shell/route.h"

/* First value of a parameter that is not empty, or STR_NONE, also where the endpoint does not take it. */
static str find_value(const struct call *call, str name)
{
    if (!endpoint_takes(call->route->endpoint, name)) {
        return STR_NONE;
    }
    for (size_t i = 0; i < call->query.count; i++) {
        const struct query_parameter *parameter = &call->query.items[i];
        if (parameter->value.n && str_eq(parameter->name, name)) {
            return parameter->value;
        }
    }
    return STR_NONE;
}

static enum err refuse(struct call *call, str name, str value, struct message_argument expected)
{
    expected.name = "expects";
    return fail_in_words(call->scope, ERR_PARAMETER, MSG_FAULT_PARAMETER,
                         SAYS(ARG_TEXT("name", name), ARG_TEXT("value", utf8_truncate(value, LIMIT_NAME_BYTES)), expected));
}

enum err params_refuse(struct call *call, str name, str value, str expected)
{
    return refuse(call, name, value, ARG_TEXT("expects", expected));
}

enum err params_refuse_all_but(struct call *call, str name, str value, str names)
{
    return fail_in_words(call->scope, ERR_PARAMETER, MSG_FAULT_PARAMETER_ONE_OF,
                         SAYS(ARG_TEXT("name", name), ARG_TEXT("value", utf8_truncate(value, LIMIT_NAME_BYTES)),
                              ARG_TEXT("names", names)));
}

static enum err check_clause(struct call *call, str name, str text)
{
    if (text.n > LIMIT_CLAUSE_BYTES) {
        return fail_in_words(call->scope, ERR_TOO_LARGE, MSG_FAULT_TOO_LONG,
                             SAYS(ARG_TEXT("name", name), argument_digits(&call->scope->arena, "most", LIMIT_CLAUSE_BYTES)));
    }
    return ERR_OK;
}

static enum err read_clause(struct call *call, str name, str *ret_text)
{
    *ret_text = str_trim(find_value(call, name));
    return check_clause(call, name, *ret_text);
}

/* All values of a repeatable parameter that are not empty. */
static enum err read_repeated(struct call *call, str name, size_t limit, const str **ret_values,
                              size_t *ret_count)
{
    VEC(str) values = {0};
    bool is_taken = endpoint_takes(call->route->endpoint, name);
    for (size_t i = 0; is_taken && i < call->query.count; i++) {
        const struct query_parameter *parameter = &call->query.items[i];
        if (!str_eq(parameter->name, name) || parameter->value.n == 0) {
            continue;
        }
        TRY(check_clause(call, name, parameter->value));
        if (values.count == limit) {
            return fail_in_words(call->scope, ERR_TOO_LARGE, MSG_FAULT_TOO_OFTEN,
                                 SAYS(ARG_TEXT("name", name), argument_digits(&call->scope->arena, "most", (int64_t)limit)));
        }
        vec_add(&call->scope->arena, &values, parameter->value);
    }
    *ret_values = values.items;
    *ret_count = values.count;
    return ERR_OK;
}

static enum err read_boolean(struct call *call, str name, bool *value)
{
    str text = find_value(call, name);
    if (text.n == 0) {
        return ERR_OK;
    }
    if (str_eq_nocase(text, S("true")) || str_eq(text, S("1"))) {
        *value = true;
    } else if (str_eq_nocase(text, S("false")) || str_eq(text, S("0"))) {
        *value = false;
    } else {
        return fail_parameter(call->scope, name, text, MSG_FAULT_EXPECTS_BOOLEAN);
    }
    return ERR_OK;
}

static enum err read_lang(struct call *call, struct params *params)
{
    str text = find_value(call, S("lang"));
    size_t count;
    params->lang = S("en");
    if (text.n == 0) {
        return ERR_OK;
    }
    if (odsql_language_find(text, &params->lang)) {
        params->clauses.lang = params->lang;
        return ERR_OK;
    }
    const str *languages = odsql_languages(&count);
    str codes = str_join(&call->scope->arena, languages, count, sizeof(*languages), S(" "));
    return params_refuse_all_but(call, S("lang"), text, codes);
}

static enum err read_timezone(struct call *call, struct params *params)
{
    str text = find_value(call, S("timezone"));
    params->zone = zone_find(text);
    if (!params->zone) {
        return fail_parameter(call->scope, S("timezone"), text, MSG_FAULT_EXPECTS_ZONE);
    }
    params->clauses.timezone = zone_name(params->zone);
    return ERR_OK;
}

enum err params_read_version(struct call *call, int64_t *ret_version)
{
    str text = find_value(call, S("version"));
    *ret_version = 0;
    if (text.n && (!num_read_int(str_trim(text), ret_version) || *ret_version < 1)) {
        return fail_parameter(call->scope, S("version"), text, MSG_FAULT_EXPECTS_VERSION);
    }
    return ERR_OK;
}

/* ---- limit and offset ---- */

/* A whole number, by its name or its older alias. */
static enum err read_number(struct call *call, str name, str alias, struct message_argument expected,
                            int64_t lowest, int64_t highest, int64_t *value)
{
    str text = find_value(call, name);
    if (text.n == 0) {
        text = find_value(call, alias);
    }
    if (text.n == 0) {
        return ERR_OK;
    }
    int64_t number;
    if (!num_read_int(str_trim(text), &number) || number < lowest || number > highest) {
        return refuse(call, name, text, expected);
    }
    *value = number;
    return ERR_OK;
}

static enum err read_window(struct call *call, struct params *params)
{
    bool is_grouped = params->clauses.group_by.n > 0;
    int64_t rows = is_grouped ? LIMIT_GROUP_ROWS : LIMIT_PAGE_ROWS;
    int64_t window = is_grouped ? LIMIT_GROUP_ROWS : LIMIT_PAGE_WINDOW;
    struct arena *arena = &call->scope->arena;
    str limit_range = str_printf(arena, "-1 <= limit <= %lld", (long long)rows);
    int64_t limit = LIMIT_PAGE_ROWS_DEFAULT;
    int64_t offset = 0;
    TRY(read_number(call, S("limit"), S("rows"), ARG_TEXT("expects", limit_range), -1, rows, &limit));
    TRY(read_number(call, S("offset"), S("start"), ARG_TEXT("expects", S("offset >= 0")), 0, INT64_MAX - rows, &offset));
    if (limit < 0) {
        limit = offset <= window - rows ? rows : window - offset;
        limit = limit < 0 ? 0 : limit;
    }
    if (offset + limit > window) {
        str sum = str_printf(arena, "%lld", (long long)(offset + limit));
        return params_refuse(call, S("sum of offset + limit"), sum,
                            str_printf(arena, "<= %lld", (long long)window));
    }
    params->clauses.limit = limit;
    params->clauses.offset = offset;
    return ERR_OK;
}

static enum err read_export_window(struct call *call, struct params *params)
{
    params->clauses.limit = -1;
    TRY(read_number(call, S("limit"), S("rows"), ARG_TEXT("expects", S("limit >= -1")), -1, INT64_MAX,
                    &params->clauses.limit));
    return read_number(call, S("offset"), S("start"), ARG_TEXT("expects", S("offset >= 0")), 0, INT64_MAX,
                       &params->clauses.offset);
}

enum err params_read(struct call *call, enum params_kind kind, struct params *ret_params)
{
    struct params params = {.clauses = {.now = clock_wall(), .limit = -1}};
    struct clauses *clauses = &params.clauses;
    TRY(read_clause(call, S("select"), &clauses->select));
    TRY(read_repeated(call, S("where"), LIMIT_REFINES, &clauses->where, &clauses->where_count));
    TRY(read_repeated(call, S("refine"), LIMIT_REFINES, &clauses->refine, &clauses->refine_count));
    TRY(read_repeated(call, S("exclude"), LIMIT_REFINES, &clauses->exclude,
                      &clauses->exclude_count));
    TRY(read_repeated(call, S("facet"), LIMIT_FACETS, &params.facets, &params.facet_count));
    TRY(read_clause(call, S("field"), &params.field));
    TRY(read_repeated(call, S("property"), LIMIT_TILE_PROPERTIES, &params.properties, &params.property_count));
    TRY(read_lang(call, &params));
    TRY(read_timezone(call, &params));
    TRY(read_boolean(call, S("include_links"), &params.include_links));
    TRY(read_boolean(call, S("include_app_metas"), &params.include_app_metas));
    if (kind != PARAMS_WHOLE) {
        TRY(read_clause(call, S("group_by"), &clauses->group_by));
        TRY(read_clause(call, S("order_by"), &clauses->order_by));
    }
    if (kind == PARAMS_PAGE) {
        TRY(read_window(call, &params));
    } else if (kind == PARAMS_EXPORT) {
        TRY(read_export_window(call, &params));
    }
    *ret_params = params;
    return ERR_OK;
}

/* ---- exports ---- */

static enum err read_delimiter(struct call *call, char *delimiter)
{
    str text = find_value(call, S("delimiter"));
    if (text.n == 0 || format_delimiter_find(text, delimiter)) {
        return ERR_OK;
    }
    return params_refuse(call, S("delimiter"), text, S(FORMAT_DELIMITERS));
}

static enum err read_compression(struct call *call, str *compression)
{
    str text = find_value(call, S("parquet_compression"));
    if (text.n == 0 || format_compression_find(text, compression)) {
        return ERR_OK;
    }
    return params_refuse(call, S("parquet_compression"), text, S(FORMAT_COMPRESSIONS));
}

static enum err read_names(struct call *call, str name, const str **ret_names, size_t *ret_count)
{
    str text;
    TRY(read_clause(call, name, &text));
    *ret_names = format_names_read(&call->scope->arena, text, ret_count);
    return ERR_OK;
}

/* Of the geographic formats. */
static enum err read_geographic(struct call *call, struct format_options *options)
{
    str name;
    TRY(read_number(call, S("epsg"), S("epsg"), ARG_MESSAGE("expects", MSG_FAULT_EXPECTS_EPSG), 1, INT32_MAX,
                    &options->epsg));
    TRY(read_boolean(call, S("use_extension"), &options->use_extension));
    TRY(read_clause(call, S("name_field"), &name));
    options->name_field = name.n ? name : STR_NONE;
    return read_names(call, S("description_field_list"), &options->description_fields,
                      &options->description_field_count);
}

enum err params_read_export(struct call *call, const struct params *params,
                            struct export_params *ret_export)
{
    struct export_params read = {.options = format_options_default()};
    struct format_options *options = &read.options;
    options->zone = params->zone;
    TRY(read_delimiter(call, &options->delimiter));
    TRY(read_boolean(call, S("quote_all"), &options->quote_all));
    TRY(read_boolean(call, S("with_bom"), &options->with_bom));
    TRY(read_boolean(call, S("use_labels"), &options->use_labels));
    TRY(read_boolean(call, S("compressed"), &read.is_compressed));
    TRY(read_compression(call, &options->compression));
    TRY(read_geographic(call, options));
    str separator = find_value(call, S("list_separator"));
    if (separator.n > LIMIT_NAME_BYTES) {
        return fail_parameter(call->scope, S("list_separator"), separator, MSG_FAULT_EXPECTS_SHORTER);
    }
    if (separator.n) {
        options->list_separator = separator;
    }
    *ret_export = read;
    return ERR_OK;
}

static enum err refuse_export(struct call *call, str name)
{
    struct buf names cleanup_with(buf_cleanup) = {0};
    size_t count;
    const struct format *formats = formats_all(&count);
    for (size_t i = 0; i < count; i++) {
        buf_add(&names, i ? S(" ") : S(""));
        buf_add(&names, formats[i].name);
    }
    return params_refuse_all_but(call, S("include_exports"), name, buf_str(&names));
}

/* The formats named in a list, in the order of the table; all when it is empty. */
static enum err read_exports(struct call *call, str list, struct catalogue_options *options)
{
    size_t count;
    const struct format *formats = formats_all(&count);
    bool *is_wanted = arena_array(&call->scope->arena, bool, count);
    const struct format **exports = arena_array(&call->scope->arena, const struct format *, count);
    str rest = list;
    str part;
    while (rest.n && str_split(&rest, ',', &part)) {
        const struct format *format = format_find(str_trim(part));
        if (!format) {
            return refuse_export(call, str_trim(part));
        }
        is_wanted[format - formats] = true;
    }
    options->exports = exports;
    for (size_t i = 0; i < count; i++) {
        if (list.n == 0 || is_wanted[i]) {
            exports[options->export_count++] = &formats[i];
        }
    }
    return ERR_OK;
}

enum err params_read_distributions(struct call *call, struct catalogue_options *ret_options)
{
    struct catalogue_options options = {.labels_in_exports = true};
    TRY(read_boolean(call, S("use_labels_in_exports"), &options.labels_in_exports));
    TRY(read_exports(call, str_trim(find_value(call, S("include_exports"))), &options));
    *ret_options = options;
    return ERR_OK;
}

void params_identify(const struct params *params, struct buf *identity)
{
    /* Without lang a dataset shows its own language: that is not the same as asking for English. */
    buf_printf(identity, "|%.*s|%.*s|%d%d|%lld|%lld", STR_ARG(params->clauses.lang),
               STR_ARG(zone_name(params->zone)), params->include_links, params->include_app_metas,
               (long long)params->clauses.limit, (long long)params->clauses.offset);
}
