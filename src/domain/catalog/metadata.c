#include "domain/catalog/metadata.h"

enum template_place {
#define TEMPLATE(place, name, kind, title) PLACE_##place,
#define METADATA(place, name, type, flags, label, help)
#include "domain/catalog/metadata_template.def"
#undef TEMPLATE
#undef METADATA
};

#define TEXT_OF(text) {text, sizeof(text) - 1}

static const struct metadata_template templates[] = {
#define TEMPLATE(place, name, kind, title) {TEXT_OF(name), TEMPLATE_##kind, TEXT_OF(title)},
#define METADATA(place, name, type, flags, label, help)
#include "domain/catalog/metadata_template.def"
#undef TEMPLATE
#undef METADATA
};

/* The names of flags as the rows give them. */
enum { LANG = METADATA_LANG, FACET = METADATA_FACET, MADE = METADATA_MADE, SEARCH = METADATA_SEARCH };

static const struct metadata_row rows[] = {
#define TEMPLATE(place, name, kind, title)
#define METADATA(place, name, type, flags, label, help)                                            \
    {&templates[PLACE_##place], TEXT_OF(name), METADATA_##type, flags, TEXT_OF(label), TEXT_OF(help)},
#include "domain/catalog/metadata_template.def"
#undef TEMPLATE
#undef METADATA
};

const struct metadata_template *metadata_templates(size_t *ret_count)
{
    *ret_count = ARRAY_LENGTH(templates);
    return templates;
}

const struct metadata_row *metadata_rows(size_t *ret_count)
{
    *ret_count = ARRAY_LENGTH(rows);
    return rows;
}

const struct metadata_template *metadata_template_find(str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(templates); i++) {
        if (str_eq(templates[i].name, name)) {
            return &templates[i];
        }
    }
    return NULL;
}

const struct metadata_row *metadata_find(str template_name, str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (str_eq(rows[i].in->name, template_name) && str_eq(rows[i].name, name)) {
            return &rows[i];
        }
    }
    return NULL;
}

bool metadata_is_open(const struct metadata_template *in)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (rows[i].in == in) {
            return false;
        }
    }
    return true;
}

/* ---- values ---- */

bool metadata_is_language(str text)
{
    str rest = text;
    str part;
    if (text.n > 35) { /* as long as tags of BCP 47 without private use can be */
        return false;
    }
    for (int i = 0; str_split(&rest, '-', &part); i++) {
        if (part.n < 2 || part.n > (i ? 8 : 3)) {
            return false;
        }
        for (size_t j = 0; j < part.n; j++) {
            bool is_lower = part.p[j] >= 'a' && part.p[j] <= 'z';
            if (!is_lower && !(i && is_ascii_digit(part.p[j]))) {
                return false;
            }
        }
    }
    return text.n > 0;
}

str metadata_own_language(const json_t *metadata)
{
    str named = json_read_text(
        json_object_get(json_object_get(metadata, "internal"), "metadata_source_language"));
    if (!named.n) {
        named = json_read_text(json_object_get(json_object_get(metadata, "default"), "language"));
    }
    return metadata_is_language(named) ? named : S("");
}

/* The values of a language, or of the first of its variants. */
static json_t *find_language(const json_t *metadata, str lang)
{
    json_t *languages = json_object_get(metadata, "languages");
    json_t *exact = json_object_getn(languages, lang.p ? lang.p : "", lang.n);
    if (exact || !lang.n) {
        return exact;
    }
    const char *tag;
    json_t *values;
    json_object_foreach(languages, tag, values) {
        str text = str_from(tag);
        if (text.n > lang.n && text.p[lang.n] == '-' && str_starts(text, lang)) {
            return values;
        }
    }
    return NULL;
}

bool metadata_has_language(const json_t *metadata, str lang)
{
    return find_language(metadata, lang) != NULL;
}

static json_t *find_value(const json_t *templates_of, str template_name, str name)
{
    json_t *values = json_object_getn(templates_of, template_name.p, template_name.n);
    return json_object_getn(values, name.p, name.n);
}

json_t *metadata_value(const json_t *metadata, str lang, str template_name, str name)
{
    json_t *value = lang.n ? find_value(find_language(metadata, lang), template_name, name) : NULL;
    return value ? value : find_value(metadata, template_name, name);
}

str metadata_field_text(const json_t *metadata, str lang, str field, const char *what)
{
    json_t *fields = json_object_get(find_language(metadata, lang), "fields");
    return json_read_text(json_object_get(json_object_getn(fields, field.p, field.n), what));
}
