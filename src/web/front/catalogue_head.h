/* What the catalogue says in <head>: the forms in which programs read it. */
#ifndef WEB_FRONT_CATALOGUE_HEAD_H
#define WEB_FRONT_CATALOGUE_HEAD_H

#include "web/front/filter.h"

/** Links to the feed of the datasets that the clauses leave, and to the whole catalogue in DCAT and data.json. */
struct html catalogue_head(struct call *call, const struct clauses *clauses);

extern const struct tpl_binding catalogue_head_template;

#endif
