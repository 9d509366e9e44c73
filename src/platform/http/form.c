/* Forms: the type of a body, urlencoded ones, and looking up fields. */
#include "platform/http/form.h"

#include "base/limits.h"
#include "base/url.h"
#include "base/utf8.h"
#include "platform/http/form_parts.h"

enum err form_add(struct form_builder *builder, struct form_item item)
{
    if (builder->items.count == LIMIT_FORM_ITEMS) {
        return fail(builder->scope, ERR_TOO_LARGE, "The form has more than %d fields.",
                    LIMIT_FORM_ITEMS);
    }
    vec_add(&builder->scope->arena, &builder->items, item);
    return ERR_OK;
}

/* ---- parameters of a header's value: type/subtype; name=value; name="value" ---- */

bool parameter_next(str *rest, struct parameter *ret_parameter)
{
    *rest = str_trim(*rest);
    if (rest->n == 0) {
        return false;
    }
    *ret_parameter = (struct parameter){.is_malformed = true};
    size_t equals = str_find_char(*rest, '=', 0);
    if (rest->p[0] != ';' || equals == SIZE_MAX) {
        *rest = STR_NONE;
        return true;
    }
    str name = str_trim(str_slice(*rest, 1, equals));
    str value = str_trim(str_slice(*rest, equals + 1, rest->n));
    if (value.n && value.p[0] == '"') {
        size_t end = 1;
        while (end < value.n && value.p[end] != '"') {
            end += value.p[end] == '\\' && end + 1 < value.n &&
                           (value.p[end + 1] == '"' || value.p[end + 1] == '\\')
                       ? 2
                       : 1;
        }
        if (end >= value.n) {
            *rest = STR_NONE;
            return true;
        }
        *rest = str_slice(value, end + 1, value.n);
        value = str_slice(value, 1, end);
        ret_parameter->is_quoted = true;
    } else {
        size_t end = str_find_char(value, ';', 0);
        *rest = end == SIZE_MAX ? STR_NONE : str_slice(value, end, value.n);
        value = str_trim(str_slice(value, 0, end));
    }
    ret_parameter->name = name;
    ret_parameter->value = value;
    ret_parameter->is_malformed = name.n == 0 || str_find_char(name, ';', 0) != SIZE_MAX;
    return true;
}

str header_token(str value, str *ret_parameters)
{
    size_t end = str_find_char(value, ';', 0);
    *ret_parameters = end == SIZE_MAX ? STR_NONE : str_slice(value, end, value.n);
    return str_trim(str_slice(value, 0, end));
}

static bool is_utf8_name(str charset)
{
    return str_eq_nocase(charset, S("utf-8")) || str_eq_nocase(charset, S("utf8"));
}

enum err type_read(struct scope *scope, str content_type, struct media_type *ret_type)
{
    struct media_type type = {0};
    struct parameter parameter;
    str rest;
    type.name = header_token(content_type, &rest);
    while (parameter_next(&rest, &parameter)) {
        if (parameter.is_malformed) {
            return fail(scope, ERR_REQUEST, "The type of the body or of a part is malformed.");
        }
        if (str_eq_nocase(parameter.name, S("boundary"))) {
            if (type.boundary.p) {
                return fail(scope, ERR_REQUEST, "The body has two boundaries.");
            }
            type.boundary = parameter.value;
        } else if (str_eq_nocase(parameter.name, S("charset")) && !is_utf8_name(parameter.value)) {
            return fail(scope, ERR_REQUEST, "A form must be sent as UTF-8.");
        }
    }
    *ret_type = type;
    return ERR_OK;
}

/* ---- application/x-www-form-urlencoded ---- */

static enum err read_pair(struct form_builder *builder, str pair)
{
    struct scope *scope = builder->scope;
    struct form_item item = {0};
    size_t equals = str_find_char(pair, '=', 0);
    str value = equals == SIZE_MAX ? S("") : str_slice(pair, equals + 1, pair.n);
    if (!url_decode(&scope->arena, str_slice(pair, 0, equals), true, &item.name)) {
        return fail(scope, ERR_REQUEST,
                    "The name of field %zu of the form is not percent-encoded UTF-8.",
                    builder->items.count + 1);
    }
    if (!url_decode(&scope->arena, value, true, &item.value)) {
        return fail(scope, ERR_REQUEST,
                    "The value of the field '%.*s' is not percent-encoded UTF-8.",
                    STR_ARG(utf8_truncate(item.name, FORM_SHOWN_BYTES)));
    }
    return form_add(builder, item);
}

static enum err read_urlencoded(struct form_builder *builder, str body)
{
    str pair;
    while (body.n && str_split(&body, '&', &pair)) {
        if (pair.n) {
            TRY(read_pair(builder, pair));
        }
    }
    return ERR_OK;
}

enum err form_read(struct scope *scope, str content_type, str body, struct form *ret_form)
{
    struct form_builder builder = {.scope = scope};
    struct media_type type;
    if (body.n) {
        TRY(type_read(scope, content_type, &type));
        if (str_eq_nocase(type.name, S("application/x-www-form-urlencoded"))) {
            TRY(read_urlencoded(&builder, body));
        } else if (str_eq_nocase(type.name, S("multipart/form-data"))) {
            TRY(form_read_multipart(&builder, type.boundary, body));
        } else {
            return fail(scope, ERR_REQUEST,
                        "The body must be a form: application/x-www-form-urlencoded or "
                        "multipart/form-data.");
        }
    }
    *ret_form = (struct form){builder.items.items, builder.items.count};
    return ERR_OK;
}

static const struct form_item *find(const struct form *form, str name)
{
    for (size_t i = 0; i < form->count; i++) {
        const struct form_item *item = &form->items[i];
        if (!item->is_file && str_eq(item->name, name)) {
            return item;
        }
    }
    return NULL;
}

str form_value(const struct form *form, str name)
{
    const struct form_item *item = find(form, name);
    return item ? item->value : STR_NONE;
}

bool form_has(const struct form *form, str name)
{
    return find(form, name) != NULL;
}
