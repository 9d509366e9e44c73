/* What the files about pages of content share. */
#ifndef WEB_BACK_CONTENT_H
#define WEB_BACK_CONTENT_H

#include "web/back/site.h"
#include "web/front/content_page.h"

/** The page whose id is the first {} of the route, with its texts. Errors: ERR_NO_PAGE. */
enum err content_open(struct call *call, struct content *ret_content) must_check;

/** "/backoffice/pages/ID" followed by action. */
str content_path(const struct call *call, int64_t id, const char *action);

/** Its title in the visitor's language, else its slug. */
str content_title(const struct call *call, const struct site_page *page);

/** What its text looks like; pictures are those of the back office, where drafts have theirs, too. */
enum err content_show(struct call *call, const struct content *content, str text, struct html *ret_html) must_check;

/**
 * Shows beside a form how a map, chart or table of a dataset is put into its text; when its button was pressed, puts the
 * line at the end of *text. ret_is_asked: it was. Errors: those of reading the catalogue.
 */
enum err content_insert(struct office_form *form, str *text, bool *ret_is_asked) must_check;

extern const struct tpl_binding page_insert_template;

/**
 * Stores what a form says and answers; on a conflict the form is shown again with its text and, beside, what is
 * stored (saved_text; MESSAGE_NONE when it is no text). back: where the answer leads, empty: to the page; done: what it says.
 */
enum err content_form_save(struct office_form *form, struct content *content, language lang, const char *detail,
                           struct form_field *slug, str back, enum message done);

#endif
