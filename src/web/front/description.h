/* HTML of the metadata (descriptions, tooltips) on our pages. */
#ifndef WEB_FRONT_DESCRIPTION_H
#define WEB_FRONT_DESCRIPTION_H

#include "web/shell/call.h"

/**
 * What people wrote about a dataset, fit for a page: in an element of the class prose that holds blocks, below
 * a heading of level 2. Where it is too large to be made harmless, the beginning of its text without markup; empty when
 * there is nothing to show. In the call's arena.
 */
struct html sanitized_html(struct call *call, str text);

#endif
