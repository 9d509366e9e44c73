/* Members that are lists: themes, links of the footer, blocks of the home page, facets, languages. */
#include "domain/site/internal.h"

#define THEMES_MOST 100
#define LINKS_MOST 30
#define FEATURED_MOST 12
#define FACETS_MOST 12
#define NAME_BYTES 100


static enum err read_themes(struct reading *reading, const json_t *list)
{
    size_t count = json_array_size(list);
    struct colour colour;
    if (!json_is_array(list) || count > THEMES_MOST) {
        return site_wrong(reading, "themes", "a list of at most 100 themes is expected");
    }
    struct site_theme *themes = arena_array(&reading->scope->arena, struct site_theme, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        json_t *label = json_object_get(item, "label");
        json_t *shade = json_object_get(item, "colour");
        themes[i] = (struct site_theme){.colour = S("")};
        TRY(site_read_line(reading, "themes.name", json_object_get(item, "name"), LABEL_BYTES, false,
                      &themes[i].name));
        TRY(label ? site_read_translated(reading, "themes.label", label, LABEL_BYTES, false, &themes[i].label)
                  : ERR_OK);
        if (shade && !colour_read(json_read_text(shade), &colour)) {
            return site_wrong(reading, "themes.colour", "a colour as in #2e7d32 is expected");
        }
        themes[i].colour = shade ? colour_text(&reading->scope->arena, colour) : S("");
    }
    reading->site->themes = themes;
    reading->site->theme_count = count;
    return ERR_OK;
}

static enum err read_footer(struct reading *reading, const json_t *list)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > LINKS_MOST) {
        return site_wrong(reading, "footer", "a list of at most 30 links is expected");
    }
    struct site_link *links = arena_array(&reading->scope->arena, struct site_link, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        links[i] = (struct site_link){0};
        TRY(site_read_translated(reading, "footer.label", json_object_get(item, "label"), LABEL_BYTES, false,
                            &links[i].label));
        TRY(site_read_address(reading, "footer.address", json_object_get(item, "address"), &links[i].address));
    }
    reading->site->footer = links;
    reading->site->footer_count = count;
    return ERR_OK;
}

static const char *const block_names[] = {[SITE_THEMES] = "themes",     [SITE_POPULAR] = "popular", [SITE_LATEST] = "latest",
                                          [SITE_FIGURES] = "figures",   [SITE_ABOUT] = "about",
                                          [SITE_EMBEDS] = "embeds",     [SITE_FEATURED] = "featured",
                                          [SITE_SEARCH] = "search"};

const char *site_block_name(enum site_block block)
{
    return block_names[block];
}

static bool find_block(str name, enum site_block *ret)
{
    for (int i = 0; i < SITE_BLOCK__COUNT; i++) {
        if (str_eq(name, str_from(block_names[i]))) {
            *ret = (enum site_block)i;
            return true;
        }
    }
    return false;
}

static enum err read_blocks(struct reading *reading, const json_t *list)
{
    struct site *site = reading->site;
    site->block_count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        enum site_block block;
        bool is_new = find_block(json_read_text(json_array_get(list, i)), &block);
        for (size_t k = 0; is_new && k < site->block_count; k++) {
            is_new = site->blocks[k] != block;
        }
        if (!is_new) {
            return site_wrong(reading, "home",
                              "some of search, themes, popular, latest, figures, about, embeds, featured, each once");
        }
        site->blocks[site->block_count++] = block;
    }
    return json_is_array(list) ? ERR_OK : site_wrong(reading, "home", "a list is expected");
}

/* ---- names: featured datasets, facets ---- */

static enum err read_names(const struct reading *reading, const char *member, const json_t *list, size_t most,
                           const str **ret_names, size_t *ret_count)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > most) {
        return site_wrong(reading, member,
                          str_printf(&reading->scope->arena, "a list of at most %zu names is expected", most).p);
    }
    str *names = arena_array(&reading->scope->arena, str, count + 1);
    for (size_t i = 0; i < count; i++) {
        TRY(site_read_line(reading, member, json_array_get(list, i), NAME_BYTES, false, &names[i]));
        for (size_t k = 0; k < i; k++) {
            if (str_eq(names[i], names[k])) {
                return site_wrong(reading, member, "each name is expected once");
            }
        }
    }
    *ret_names = names;
    *ret_count = count;
    return ERR_OK;
}

/* ---- languages ---- */

static enum err read_languages(struct reading *reading, const json_t *list)
{
    struct site *site = reading->site;
    memset(site->offers, 0, sizeof(site->offers));
    for (size_t i = 0; i < json_array_size(list); i++) {
        language lang = language_exact(json_read_text(json_array_get(list, i)));
        if (lang == LANGUAGE_NONE) {
            return site_wrong(reading, "languages", "codes of languages that there are, as en or fr, are expected");
        }
        site->offers[lang] = true;
    }
    return json_array_size(list) ? ERR_OK
                                 : site_wrong(reading, "languages", "a list of at least one language is expected");
}

static enum err read_language(struct reading *reading, const json_t *value)
{
    reading->site->language = language_exact(json_read_text(value));
    return reading->site->language != LANGUAGE_NONE
               ? ERR_OK
               : site_wrong(reading, "language", "the code of a language that there is, as en or fr, is expected");
}

static enum err read_timezone(struct reading *reading, const json_t *value)
{
    str name = json_read_text(value);
    const struct zone *zone = name.n ? zone_find(name) : NULL;
    reading->site->zone = zone ? zone : reading->site->zone;
    return zone ? ERR_OK
                : site_wrong(reading, "timezone", "the name of a time zone is expected, as in Europe/Paris, or UTC");
}

enum err site_read_lists(struct reading *reading, const json_t *settings)
{
    struct site *site = reading->site;
    json_t *value;
    if ((value = json_object_get(settings, "themes"))) {
        TRY(read_themes(reading, value));
    }
    if ((value = json_object_get(settings, "footer"))) {
        TRY(read_footer(reading, value));
    }
    if ((value = json_object_get(settings, "home"))) {
        TRY(read_blocks(reading, value));
    }
    if ((value = json_object_get(settings, "featured"))) {
        TRY(read_names(reading, "featured", value, FEATURED_MOST, &site->featured, &site->featured_count));
    }
    if ((value = json_object_get(settings, "facets"))) {
        TRY(read_names(reading, "facets", value, FACETS_MOST, &site->facets, &site->facet_count));
    }
    if ((value = json_object_get(settings, "languages"))) {
        TRY(read_languages(reading, value));
    }
    if ((value = json_object_get(settings, "language"))) {
        TRY(read_language(reading, value));
    }
    if ((value = json_object_get(settings, "timezone"))) {
        TRY(read_timezone(reading, value));
    }
    site->offers[site->language] = true;
    return ERR_OK;
}
