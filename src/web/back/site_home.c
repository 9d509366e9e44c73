/* The home page and the facets of the catalogue: what is shown, in which order. */
#include "base/bug.h"
#include "web/back/site.h"

#define FEATURED_MOST 12

enum message site_block_title(enum site_block block)
{
    static const enum message titles[SITE_BLOCK__COUNT] = {
        [SITE_THEMES] = MSG_BACKOFFICE_SITE_BLOCK_THEMES,     [SITE_POPULAR] = MSG_BACKOFFICE_SITE_BLOCK_POPULAR,
        [SITE_LATEST] = MSG_BACKOFFICE_SITE_BLOCK_LATEST,
        [SITE_FIGURES] = MSG_BACKOFFICE_SITE_BLOCK_FIGURES,   [SITE_ABOUT] = MSG_BACKOFFICE_SITE_BLOCK_ABOUT,
        [SITE_EMBEDS] = MSG_BACKOFFICE_SITE_BLOCK_EMBEDS,     [SITE_FEATURED] = MSG_BACKOFFICE_SITE_BLOCK_FEATURED,
        [SITE_SEARCH] = MSG_BACKOFFICE_SITE_BLOCK_SEARCH};
    return titles[block];
}

/* Ids, one a line or with commas; a dataset that is not there is told, not dropped. */
static json_t *read_featured(struct office_form *form, struct form_field *field)
{
    struct call *call = form->call;
    json_t *list = json_array();
    str rest = field->value;
    str id;
    while (str_split_blank(&rest, &id)) {
        id = str_ends(id, S(",")) ? str_slice(id, 0, id.n - 1) : id;
        if (!snapshot_find(call->snapshot, id)) {
            form_fault(form, field, office_tell(call, MSG_BACKOFFICE_SITE_FAULT_DATASET, ARG_TEXT("id", id)));
        }
        bug_if(json_array_append_new(list, site_text(id)) != 0);
    }
    if (json_array_size(list) > FEATURED_MOST) {
        form_fault(form, field, office_tell(call, MSG_BACKOFFICE_SITE_FAULT_MANY, ARG_INT("most", FEATURED_MOST)));
    }
    return list;
}

enum err back_site_home(struct call *call)
{
    const struct site *site = call->site;
    const struct site_section *section = site_section_find(S("home"));
    struct office_form *form = site_form_make(call, section);
    str names[SITE_BLOCK__COUNT], labels[SITE_BLOCK__COUNT], chosen[SITE_BLOCK__COUNT];
    for (int i = 0; i < SITE_BLOCK__COUNT; i++) {
        names[i] = str_from(site_block_name((enum site_block)i));
        labels[i] = office_say(call, site_block_title((enum site_block)i));
    }
    for (size_t i = 0; i < site->block_count; i++) {
        chosen[i] = str_from(site_block_name(site->blocks[i]));
    }
    site_form_places(form, "place", names, labels, SITE_BLOCK__COUNT, chosen, site->block_count);
    struct form_field *featured =
        form_area(form, "featured", MSG_BACKOFFICE_SITE_FEATURED, MSG_BACKOFFICE_SITE_FEATURED_HINT, 4,
                  str_join(&call->scope->arena, site->featured, site->featured_count, sizeof(str), S("\n")));
    if (!office_is_post(call)) {
        return form_send(form);
    }
    json_t *values[] = {site_typed_places(form, "place", names, SITE_BLOCK__COUNT), read_featured(form, featured)};
    return site_form_save(form, section, values, STR_NONE);
}

/* The facets that the catalogue has (records/catalogue_columns.c). */
static const struct {
    const char *name;
    enum message title;
} facets[] = {{"features", MSG_CATALOGUE_FEATURES}, {"theme", MSG_CATALOGUE_THEME},
              {"publisher", MSG_CATALOGUE_PUBLISHER}, {"keyword", MSG_CATALOGUE_KEYWORD},
              {"modified", MSG_CATALOGUE_MODIFIED}, {"language", MSG_CATALOGUE_LANGUAGE},
              {"license", MSG_CATALOGUE_LICENSE}};

str site_facets_shown(struct call *call, const struct site *site)
{
    str titles[ARRAY_LENGTH(facets)];
    size_t count = 0;
    for (size_t place = 0; place < site->facet_count; place++) {
        for (size_t i = 0; i < ARRAY_LENGTH(facets); i++) {
            if (count < ARRAY_LENGTH(facets) && str_eq(site->facets[place], str_from(facets[i].name))) {
                titles[count++] = office_say(call, facets[i].title);
            }
        }
    }
    for (size_t i = 0; site->facet_count == 0 && i < ARRAY_LENGTH(facets); i++) {
        titles[count++] = office_say(call, facets[i].title);
    }
    return str_join(&call->scope->arena, titles, count, sizeof(str), S(", "));
}

enum err back_site_facets(struct call *call)
{
    const struct site_section *section = site_section_find(S("facets"));
    struct office_form *form = site_form_make(call, section);
    str names[ARRAY_LENGTH(facets)], labels[ARRAY_LENGTH(facets)];
    for (size_t i = 0; i < ARRAY_LENGTH(facets); i++) {
        names[i] = str_from(facets[i].name);
        labels[i] = office_say(call, facets[i].title);
    }
    bool is_all = call->site->facet_count == 0;
    site_form_places(form, "place", names, labels, ARRAY_LENGTH(facets), is_all ? names : call->site->facets,
                     is_all ? ARRAY_LENGTH(facets) : call->site->facet_count);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    json_t *values[] = {site_typed_places(form, "place", names, ARRAY_LENGTH(facets))};
    if (json_array_size(values[0]) == 0) {
        form_fault(form, &form->items[0], office_say(call, MSG_BACKOFFICE_SITE_FAULT_FACETS));
    }
    return site_form_save(form, section, values, STR_NONE);
}
