#include "domain/catalog/metadata_check.h"

#include <stdlib.h>

#include "base/date.h"
#include "base/limits.h"

#define NAME_BYTES_MOST 200 /* of a name in a template that takes any */

/* ---- names ---- */

/* Edits that make one word of the other; at most 64 bytes of each are compared. */
static size_t distance(str a, str b)
{
    size_t row[65];
    a = str_slice(a, 0, 64);
    b = str_slice(b, 0, 64);
    for (size_t j = 0; j <= b.n; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.n; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t change = corner + (a.p[i - 1] != b.p[j - 1]);
            corner = row[j];
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            row[j] = change < least ? change : least;
        }
    }
    return row[b.n];
}

/* " Did you mean …?" with the nearest names, or nothing when none is near. */
static str suggest_name(struct scope *scope, const struct metadata_template *in, str name)
{
    size_t count;
    const struct metadata_row *rows = metadata_rows(&count);
    size_t nearest = name.n / 3 + 2;
    str names = S("");
    for (size_t i = 0; i < count; i++) {
        size_t away = distance(name, rows[i].name);
        if (rows[i].in != in || away > nearest) {
            continue;
        }
        names = away < nearest || !names.n
                    ? rows[i].name
                    : str_printf(&scope->arena, "%.*s or %.*s", STR_ARG(names),
                                 STR_ARG(rows[i].name));
        nearest = away;
    }
    return names.n ? str_printf(&scope->arena, " Did you mean %.*s?", STR_ARG(names)) : S("");
}

static str list_templates(struct scope *scope)
{
    size_t count;
    const struct metadata_template *templates = metadata_templates(&count);
    return str_join(&scope->arena, &templates[0].name, count, sizeof(templates[0]), S(", "));
}

/* The row of a name; NULL in an open template. */
enum err metadata_find_row(struct scope *scope, str template_name, str name,
                           const struct metadata_row **ret_row)
{
    const struct metadata_template *in = metadata_template_find(template_name);
    *ret_row = metadata_find(template_name, name);
    if (!in) {
        return fail(scope, ERR_METADATA, "%.*s: there is no such template; there are %.*s",
                    STR_ARG(template_name), STR_ARG(list_templates(scope)));
    }
    if (*ret_row) {
        return ERR_OK;
    }
    if (!metadata_is_open(in)) {
        str near = suggest_name(scope, in, name);
        return fail(scope, ERR_METADATA,
                    "%.*s.%.*s: the template has no such name.%.*s Names of your own go into the "
                    "template custom.",
                    STR_ARG(template_name), STR_ARG(name), STR_ARG(near));
    }
    if (!name.n || name.n > NAME_BYTES_MOST) {
        return fail(scope, ERR_METADATA, "%.*s: names of 1 to %d bytes are expected",
                    STR_ARG(template_name), NAME_BYTES_MOST);
    }
    return ERR_OK;
}

/* ---- values ---- */

static bool is_list_of_texts(const json_t *value)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (!json_is_string(json_array_get(value, i))) {
            return false;
        }
    }
    return json_is_array(value);
}

static bool fits(enum metadata_type type, const json_t *value)
{
    struct date_text date;
    switch (type) {
    case METADATA_TEXT:
    case METADATA_HTML:
        return json_is_string(value);
    case METADATA_TEXTS:
        return json_is_string(value) || is_list_of_texts(value);
    case METADATA_INT:
        return json_is_integer(value);
    case METADATA_DOUBLE:
        return json_is_number(value);
    case METADATA_BOOLEAN:
        return json_is_boolean(value);
    case METADATA_DAY:
    case METADATA_INSTANT:
        return date_read(json_read_text(value), &date);
    case METADATA_SHAPE:
        return json_is_object(value);
    case METADATA_ANY:
        break;
    }
    return true;
}

static const char *expectation(enum metadata_type type)
{
    static const char *const texts[] = {
        [METADATA_TEXT] = "a text",
        [METADATA_HTML] = "a text",
        [METADATA_TEXTS] = "a list of texts",
        [METADATA_INT] = "a whole number",
        [METADATA_DOUBLE] = "a number",
        [METADATA_BOOLEAN] = "true or false",
        [METADATA_DAY] = "a day such as 2026-08-29",
        [METADATA_INSTANT] = "a day or time such as 2026-08-29T10:00:00Z",
        [METADATA_SHAPE] = "a GeoJSON Feature",
        [METADATA_ANY] = "a value"};
    return texts[type];
}

str metadata_shown(struct scope *scope, const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    str copy = str_copy(&scope->arena, str_from(text ? text : ""));
    free(text);
    return copy.n > 60 ? str_printf(&scope->arena, "%.*s…", 57, copy.p) : copy;
}

/* The value as it is stored, with a reference of its own. row NULL: of an open template. */
static enum err check_value(struct scope *scope, const struct metadata_row *row, str where,
                            const json_t *value, json_t **ret_value)
{
    enum metadata_type type = row ? row->type : METADATA_ANY;
    bool is_right = fits(type, value);
    if (is_right && row && str_eq(row->in->name, S("default")) && str_eq(row->name, S("language")) &&
        !metadata_is_language(json_read_text(value))) {
        return fail(scope, ERR_METADATA,
                    "%.*s: %.*s was given, the code of a language such as fr or pt-br is expected",
                    STR_ARG(where), STR_ARG(metadata_shown(scope, value)));
    }
    if (!is_right) {
        return fail(scope, ERR_METADATA, "%.*s: %.*s was given, %s is expected", STR_ARG(where),
                    STR_ARG(metadata_shown(scope, value)), expectation(type));
    }
    *ret_value = type == METADATA_TEXTS && json_is_string(value)
                     ? json_pack("[O]", (json_t *)(uintptr_t)value)
                     : json_deep_copy(value);
    return ERR_OK;
}

json_t *metadata_object_in(json_t *parent, str name)
{
    json_t *object = json_object_getn(parent, name.p, name.n);
    if (!json_is_object(object)) {
        object = json_object();
        json_object_setn_new(parent, name.p, name.n, object);
    }
    return object;
}

enum err metadata_put(struct scope *scope, json_t *templates, str where, str template_name, str name,
                      const struct metadata_row *row, const json_t *value)
{
    json_t *stored;
    TRY(check_value(scope, row, where, value, &stored));
    json_object_setn_new(metadata_object_in(templates, template_name), name.p, name.n, stored);
    return ERR_OK;
}

enum err metadata_check_row(struct scope *scope, const struct metadata_row *row, str where,
                            bool by_language)
{
    if (row && row->flags & METADATA_MADE) {
        return fail(scope, ERR_METADATA, "%.*s: the program makes this value itself",
                    STR_ARG(where));
    }
    if (row && by_language && !(row->flags & METADATA_LANG)) {
        return fail(scope, ERR_METADATA, "%.*s: this value is the same in all languages",
                    STR_ARG(where));
    }
    return ERR_OK;
}

enum err metadata_check_language(struct scope *scope, str tag)
{
    return metadata_is_language(tag)
               ? ERR_OK
               : fail(scope, ERR_METADATA,
                      "languages: '%.*s' was given, the code of a language such as fr or pt-br is "
                      "expected", STR_ARG(tag));
}
