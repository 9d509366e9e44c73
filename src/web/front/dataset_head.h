/* What the pages of a dataset say in <head>: for previews of links, harvesters and search engines. */
#ifndef WEB_FRONT_DATASET_HEAD_H
#define WEB_FRONT_DATASET_HEAD_H

#include "domain/interop/interop.h"
#include "web/front/dataset_page.h"

/** What descriptions of datasets say of the portal; lang: of the values that are wanted. */
struct interop_portal front_portal(struct call *call, str lang);

/**
 * Open Graph, and links to the forms in which programs read the dataset, with more behind them. Nothing but more
 * for a dataset that not everybody may see.
 */
struct html dataset_head(struct dataset_page *page, struct html more);

/** Its page in the back office, for people who are signed in and may edit it; else empty. */
str dataset_edit_address(const struct dataset_page *page);

/** The dataset as schema.org describes it: a <script> that holds data, which browsers do not run. */
struct html dataset_json_ld(struct call *call, const struct interop_portal *portal, const struct entry *entry);

extern const struct tpl_binding dataset_head_template;

#endif
