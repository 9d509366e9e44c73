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
