/* The quality of a dataset's description on pages of the back office: score, what is missing, ways to mend it. */
#ifndef WEB_BACK_QUALITY_VIEW_H
#define WEB_BACK_QUALITY_VIEW_H

#include "domain/catalog/quality.h"
#include "web/back/office.h"

/**
 * Score and what is missing, each with a link to the field of the form that mends it, below a heading of level 2.
 * The dataset is loaded. Errors: as quality_of.
 */
enum err office_quality(struct call *call, const struct dataset *dataset, struct html *ret_html) must_check;

/** Where a check is mended: "/backoffice/datasets/ID/metadata?template=dcat#dcat-creator". field: the first that misses it. */
str office_quality_address(const struct call *call, str dataset, enum quality_check check, str field);

/** What to do for it: "Choose a licence". */
str office_quality_text(const struct call *call, enum quality_check check, const struct quality_result *result);

/** Id of the control of a value in the form of metadata: "dcat-creator". */
str office_metadata_anchor(const struct call *call, str template_name, str name);

extern const struct tpl_binding quality_template;

#endif
