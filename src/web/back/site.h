/* Settings of the site in the back office: sections of members, each a form. */
#ifndef WEB_BACK_SITE_H
#define WEB_BACK_SITE_H

#include "domain/site/content.h"
#include "web/back/form.h"
#include "web/back/routes.h"

#define SECTION_MEMBERS_MOST 3

/* Settings that are edited and saved together, at /backoffice/site/NAME. */
struct site_section {
    const char *name;
    enum message title, lead;
    enum site_member members[SECTION_MEMBERS_MOST];
    size_t count;
};

extern const struct site_section site_sections[];
extern const size_t site_section_count;

/** The section of a name, which is one of ours. */
const struct site_section *site_section_find(str name);

/** Begins the form of a section: heading, where the values come from, what was seen. */
struct office_form *site_form_make(struct call *call, const struct site_section *section);

/** A field "NAME_CODE" for each language: a line, or with rows an area. Returns the first. */
struct form_field *site_form_texts(struct office_form *form, const char *name, enum message label, int64_t rows,
                                   const struct translated *texts);

/**
 * What was typed into these fields as {"en": …}, or NULL where all are empty; faults are told beside them. The
 * caller drops it.
 */
json_t *site_typed_texts(struct office_form *form, struct form_field *first, size_t most);

/** Puts a value into an object; running out of memory is the only way to fail. value NULL: nothing. */
void site_put(json_t *object, const char *key, json_t *value);

json_t *site_text(str text);

/**
 * Saves what a form says and answers: values by member, in the order of the section; NULL: back to what lies
 * below. The values are dropped. With faults, and when somebody else saved since, the form is shown again.
 */
enum err site_form_save(struct office_form *form, const struct site_section *section, json_t **values, str password);

/** What a part of the home page is called. */
enum message site_block_title(enum site_block block);

/** The titles of the catalogue's facets in their order: those chosen, or all. */
str site_facets_shown(struct call *call, const struct site *site);

/** A value of a setting for people: short, in their language. */
str site_shown(struct call *call, enum site_member member, const struct site *site);

/** "from the settings file …" */
enum message site_origin_title(enum site_origin origin);

/** A field's number; empty is what it says; anything else is told beside it. */
int64_t site_number(struct office_form *form, struct form_field *field, int64_t least, int64_t most, int64_t empty);

/** Which name is shown at which place: a field with the place of each of the names, in the order of the places. */
void site_form_places(struct office_form *form, const char *prefix, const str *names, const str *labels, size_t count,
                      const str *chosen, size_t chosen_count);

/** The names that have a place, as a JSON list in its order. */
json_t *site_typed_places(struct office_form *form, const char *prefix, const str *names, size_t count);

call_handler back_site, back_site_reset;
call_handler back_site_texts, back_site_about, back_site_look, back_site_preview, back_site_home, back_site_languages,
    back_site_facets, back_site_footer, back_site_mail, back_site_mail_test, back_site_embeds, back_site_retention;
call_handler back_pages, back_page_new, back_page, back_page_settings, back_page_text, back_page_restore,
    back_page_revision, back_page_delete, back_page_files, back_page_file, back_page_file_remove;

extern const struct tpl_binding site_template, site_beside_template, site_look_template, pages_template,
    page_template, page_preview_template, page_text_template, page_files_template;

#endif
