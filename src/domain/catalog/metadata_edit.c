/* Changing single values of metadata. */
#include "base/date.h"
#include "domain/catalog/metadata_check.h"
#include "domain/catalog/metadata_read.h"

/* "dcat.creator" → "dcat", "creator"; "title" → "default", "title". */
static void split_path(str path, str *ret_template, str *ret_name)
{
    size_t dot = str_find_char(path, '.', 0);
    *ret_template = dot == SIZE_MAX ? S("default") : str_slice(path, 0, dot);
    *ret_name = dot == SIZE_MAX ? path : str_slice(path, dot + 1, path.n);
}

enum err metadata_set_field(struct scope *scope, json_t *metadata, str lang, str field, str what,
                            str text)
{
    TRY(metadata_check_language(scope, lang));
    if (!field.n || (!str_eq(what, S("label")) && !str_eq(what, S("description")))) {
        return fail(scope, ERR_METADATA,
                    "languages.%.*s.fields: '%.*s.%.*s' was given, the label or description of a "
                    "field is expected",
                    STR_ARG(lang), STR_ARG(field), STR_ARG(what));
    }
    json_t *fields = metadata_object_in(metadata_object_in(metadata_object_in(metadata, S("languages")), lang), S("fields"));
    json_object_setn_new(metadata_object_in(fields, field), what.p, what.n, json_stringn(text.p, text.n));
    return ERR_OK;
}

/* Objects that are left without a value go too. */
static void take_away(json_t *templates, str template_name, str name)
{
    json_t *values = json_object_getn(templates, template_name.p, template_name.n);
    json_object_deln(values, name.p, name.n);
    if (values && json_object_size(values) == 0) {
        json_object_deln(templates, template_name.p, template_name.n);
    }
}

static enum err set_value(struct scope *scope, json_t *templates, str where, str template_name, str name,
                          const struct metadata_row *row, const json_t *value)
{
    if (!value || json_is_null(value)) {
        take_away(templates, template_name, name);
        return ERR_OK;
    }
    return metadata_put(scope, templates, where, template_name, name, row, value);
}

/* row NULL: of a template that takes any names. */
static enum err set_in_language(struct scope *scope, json_t *metadata, str lang, str template_name, str name,
                                const struct metadata_row *row, const json_t *value)
{
    str where = str_printf(&scope->arena, "%.*s%s%.*s.%.*s", STR_ARG(lang), lang.n ? ":" : "",
                           STR_ARG(template_name), STR_ARG(name));
    TRY(metadata_check_row(scope, row, where, lang.n > 0));
    if (!lang.n) {
        return set_value(scope, metadata, where, template_name, name, row, value);
    }
    TRY(metadata_check_language(scope, lang));
    json_t *languages = metadata_object_in(metadata, S("languages"));
    enum err result = set_value(scope, metadata_object_in(languages, lang), where, template_name, name, row, value);
    if (json_object_size(json_object_getn(languages, lang.p, lang.n)) == 0) {
        json_object_deln(languages, lang.p, lang.n);
    }
    if (json_object_size(languages) == 0) {
        json_object_del(metadata, "languages");
    }
    return result;
}

enum err metadata_set(struct scope *scope, json_t *metadata, str lang, str path, const json_t *value)
{
    const struct metadata_row *row;
    str template_name;
    str name;
    split_path(path, &template_name, &name);
    TRY(metadata_find_row(scope, template_name, name, &row));
    return set_in_language(scope, metadata, lang, template_name, name, row, value);
}

enum err metadata_set_row(struct scope *scope, json_t *metadata, str lang, const struct metadata_row *row,
                          const json_t *value)
{
    return set_in_language(scope, metadata, lang, row->in->name, row->name, row, value);
}

enum err metadata_parse(struct scope *scope, str path, str text, json_t **ret_value)
{
    const struct metadata_row *row;
    str template_name;
    str name;
    split_path(path, &template_name, &name);
    TRY(metadata_find_row(scope, template_name, name, &row));
    bool is_list = str_starts(text, S("["));
    enum metadata_type type = row ? row->type : is_list ? METADATA_TEXTS : METADATA_TEXT;
    bool is_json = type == METADATA_INT || type == METADATA_DOUBLE || type == METADATA_BOOLEAN ||
                   type == METADATA_ANY || (type == METADATA_TEXTS && is_list);
    if (is_json) {
        str what = str_printf(&scope->arena, "%.*s.%.*s", STR_ARG(template_name), STR_ARG(name));
        json_t *wrapped cleanup_with(json_cleanup) = NULL; /* a document is a list or an object */
        str list = str_printf(&scope->arena, "[%.*s]", STR_ARG(text));
        TRY(json_read(scope, ERR_METADATA, list, what.p, &wrapped));
        if (json_array_size(wrapped) != 1) {
            return fail(scope, ERR_METADATA, "%.*s: one value is expected", STR_ARG(what));
        }
        *ret_value = json_incref(json_array_get(wrapped, 0));
        return ERR_OK;
    }
    *ret_value = json_stringn(text.p, text.n);
    return *ret_value ? ERR_OK
                      : fail(scope, ERR_METADATA, "%.*s: UTF-8 is expected", STR_ARG(path));
}

usec metadata_take_modified(json_t *metadata)
{
    struct date_text date;
    json_t *values = json_object_get(metadata, "default");
    if (!date_read(json_read_text(json_object_get(values, "modified")), &date)) {
        return 0;
    }
    json_object_del(values, "modified");
    return date_instant(&date.civil) - (usec)date.zone_offset_minutes * 60 * USEC_SECOND;
}
