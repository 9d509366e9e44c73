/* What the pages of the tab Metadata share. */
#ifndef WEB_BACK_METADATA_PAGE_H
#define WEB_BACK_METADATA_PAGE_H

#include "web/back/metadata_form.h"

/* Parts of the tab besides the templates. */
#define METADATA_PART_FIELDS S("fields")
#define METADATA_PART_ATTACHMENTS S("attachments")
#define METADATA_PART_REUSES S("reuses")

/**
 * The links to all parts of the tab, with the one of the key (of a template, or a part) marked. lang: that is
 * written, which links of templates keep; may be empty. Errors: those of reading.
 */
enum err metadata_navigation(struct call *call, const struct dataset *dataset, str key, str lang, struct html *ret_html)
    must_check;

/** The languages one may write in, each with what misses in it, at "PATH?FIXED&write=". */
enum err metadata_languages(struct metadata_form *form, str path, str fixed, struct html *ret_html) must_check;

/** Answers a script with the description as JSON, or takes one. */
enum err metadata_tell(struct call *call, const struct dataset *dataset);
enum err metadata_take(struct call *call, const struct dataset *dataset);

/** Metadata as compact JSON in the scope's arena. */
str metadata_json(struct scope *scope, const json_t *metadata);

/** Whether a script sent a whole description: a body of JSON, or a field "metadata". */
bool metadata_is_document(const struct call *call);

/** Writes what was changed into the audit log. names: what, as "default.title default.theme"; may be empty. */
void metadata_note(struct call *call, const struct dataset *dataset, str names);

/** Reads the dataset anew, as others may have left it. Errors: as office_open_dataset. */
enum err metadata_reload(struct call *call, const struct dataset **ret_dataset) must_check;

extern const struct tpl_binding metadata_template, metadata_fields_template, metadata_attachments_template,
    metadata_reuses_template, metadata_navigation_template, metadata_languages_template;

#endif
