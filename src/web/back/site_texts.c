/* Texts of the site, links of the footer, languages. */
#include "base/bug.h"
#include "web/back/site.h"

#define NAME_MOST 200
#define LEAD_MOST 400
#define ABOUT_MOST 10000
#define LINKS_MOST 30

enum err back_site_texts(struct call *call)
{
    const struct site_section *section = site_section_find(S("texts"));
    struct office_form *form = site_form_make(call, section);
    struct form_field *name =
        form_line(form, "name", MSG_BACKOFFICE_SITE_NAME, MSG_BACKOFFICE_SITE_NAME_HINT, call->site->name);
    struct form_field *lead = site_form_texts(form, "lead", MSG_BACKOFFICE_SITE_TAGLINE, 0, &call->site->lead);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    if (name->value.n == 0 || name->value.n > NAME_MOST) {
        form_fault(form, name, office_tell(call, MSG_BACKOFFICE_SITE_FAULT_LENGTH, ARG_INT("most", NAME_MOST)));
    }
    json_t *values[] = {site_text(name->value), site_typed_texts(form, lead, LEAD_MOST)};
    return site_form_save(form, section, values, STR_NONE);
}

enum err back_site_about(struct call *call)
{
    const struct site_section *section = site_section_find(S("about"));
    struct office_form *form = site_form_make(call, section);
    struct form_field *about = site_form_texts(form, "about", MSG_BACKOFFICE_SITE_WELCOME, 6, &call->site->about);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    json_t *values[] = {site_typed_texts(form, about, ABOUT_MOST)};
    return site_form_save(form, section, values, STR_NONE);
}

/* ---- the footer: a link a line, ADDRESS | LABEL | fr=LABEL … ---- */

static bool is_same_everywhere(const struct translated *label)
{
    for (language lang = 1; lang < language_count(); lang++) {
        if (!str_eq(label->texts[lang], label->texts[0])) {
            return false;
        }
    }
    return true;
}

static str footer_lines(struct call *call)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < call->site->footer_count; i++) {
        const struct site_link *link = &call->site->footer[i];
        buf_add(&out, link->address);
        if (is_same_everywhere(&link->label)) {
            buf_printf(&out, " | %.*s\n", STR_ARG(link->label.texts[0]));
            continue;
        }
        for (language lang = 0; lang < language_count(); lang++) {
            if (link->label.texts[lang].n) {
                buf_printf(&out, " | %.*s=%.*s", STR_ARG(language_code(lang)), STR_ARG(link->label.texts[lang]));
            }
        }
        buf_add_char(&out, '\n');
    }
    return buf_copy(&out, &call->scope->arena);
}

/* A label for one language, or for all of them. */
static void add_label(struct arena *arena, json_t *labels, json_t **all, str part)
{
    size_t equals = str_find_char(part, '=', 0);
    language lang = equals == SIZE_MAX ? LANGUAGE_NONE : language_exact(str_trim(str_slice(part, 0, equals)));
    if (lang != LANGUAGE_NONE) {
        site_put(labels, str_cz(arena, language_code(lang)), site_text(str_trim(str_slice(part, equals + 1, part.n))));
    } else if (!*all) {
        *all = site_text(part);
    }
}

static bool is_address(str address)
{
    return (str_starts(address, S("/")) && !str_starts(address, S("//"))) || str_starts(address, S("https://")) ||
           str_starts(address, S("http://"));
}

/* NULL: the line is none. */
static json_t *read_link(struct arena *arena, str line)
{
    str rest = line;
    str part;
    json_t *all = NULL;
    json_t *labels = json_object();
    if (!str_split(&rest, '|', &part) || !is_address(str_trim(part))) {
        json_decref(labels);
        return NULL;
    }
    str address = str_trim(part);
    while (rest.p && str_split(&rest, '|', &part)) {
        add_label(arena, labels, &all, str_trim(part));
    }
    bool has_texts = json_object_size(labels) > 0;
    json_t *link = json_object();
    site_put(link, "address", site_text(address));
    if (!all && !has_texts) {
        json_decref(labels);
        json_decref(link);
        return NULL;
    }
    site_put(link, "label", has_texts ? json_incref(labels) : json_incref(all));
    json_decref(labels);
    json_decref(all);
    return link;
}

static json_t *read_footer(struct office_form *form, struct form_field *field)
{
    struct arena *arena = &form->call->scope->arena;
    json_t *list = json_array();
    str rest = field->value;
    str line;
    for (int64_t number = 1; rest.p && rest.n && str_split(&rest, '\n', &line); number++) {
        line = str_trim(line);
        json_t *link = line.n ? read_link(arena, line) : NULL;
        if (line.n && !link) {
            form_fault(form, field, office_tell(form->call, MSG_BACKOFFICE_SITE_FAULT_LINK, ARG_INT("line", number)));
        }
        bug_if(link && json_array_append_new(list, link) != 0);
    }
    if (json_array_size(list) > LINKS_MOST) {
        form_fault(form, field, office_tell(form->call, MSG_BACKOFFICE_SITE_FAULT_MANY, ARG_INT("most", LINKS_MOST)));
    }
    return list;
}

enum err back_site_footer(struct call *call)
{
    const struct site_section *section = site_section_find(S("footer"));
    struct office_form *form = site_form_make(call, section);
    struct form_field *links = form_area(form, "footer", MSG_BACKOFFICE_SITE_LINKS, MSG_BACKOFFICE_SITE_LINKS_HINT, 8,
                                         footer_lines(call));
    if (!office_is_post(call)) {
        return form_send(form);
    }
    json_t *values[] = {read_footer(form, links)};
    return site_form_save(form, section, values, STR_NONE);
}

/* ---- languages and the time zone ---- */

static void suggest_zones(struct office_form *form, struct form_field *field)
{
    size_t count;
    const char *const *names = zone_names(&count);
    form_suggest(form, field, S("UTC"));
    for (size_t i = 0; i < count; i++) {
        form_suggest(form, field, str_from(names[i]));
    }
}

enum err back_site_languages(struct call *call)
{
    const struct site_section *section = site_section_find(S("languages"));
    struct office_form *form = site_form_make(call, section);
    struct form_field *offered =
        form_checks(form, "languages", MSG_BACKOFFICE_SITE_OFFERED, MSG_BACKOFFICE_SITE_OFFERED_HINT);
    struct form_field *own =
        form_radios(form, "language", MSG_BACKOFFICE_SITE_LANGUAGE, MSG_BACKOFFICE_SITE_LANGUAGE_HINT);
    for (language lang = 0; lang < language_count(); lang++) {
        form_choice(form, offered, language_code(lang), language_own_name(lang), S(""), site_offers(call->site, lang));
        form_choice(form, own, language_code(lang), language_own_name(lang), S(""), lang == call->site->language);
    }
    struct form_field *zone = form_line(form, "timezone", MSG_BACKOFFICE_SITE_TIMEZONE, MSG_BACKOFFICE_SITE_TIMEZONE_HINT,
                                        zone_name(call->site->zone));
    suggest_zones(form, zone);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    json_t *list = json_array();
    for (language lang = 0; lang < language_count(); lang++) {
        bug_if(form_is_chosen(offered, language_code(lang)) &&
               json_array_append_new(list, site_text(language_code(lang))) != 0);
    }
    if (json_array_size(list) == 0) {
        form_fault(form, offered, office_say(call, MSG_BACKOFFICE_SITE_FAULT_LANGUAGES));
    }
    if (!form_is_chosen(offered, own->value)) {
        form_fault(form, own, office_say(call, MSG_BACKOFFICE_SITE_FAULT_LANGUAGE));
    }
    const struct zone *chosen = zone->value.n ? zone_find(zone->value) : zone_find(S("UTC"));
    if (!chosen) {
        form_fault(form, zone, office_say(call, MSG_BACKOFFICE_SITE_FAULT_TIMEZONE));
    }
    json_t *values[] = {list, site_text(own->value), site_text(chosen ? zone_name(chosen) : zone->value)};
    return site_form_save(form, section, values, STR_NONE);
}
