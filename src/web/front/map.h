/* Records on a map, as the tab and frames of other sites show it. */
#ifndef WEB_FRONT_MAP_H
#define WEB_FRONT_MAP_H

#include "web/front/dataset_page.h"

#define MAP_TRUSTED_TYPES "parvis-map" /* by which the script map.js starts its worker (struct page) */

/* What the template of the map shows. */
struct map_view;

/**
 * Makes the map that the address asks for, with a page of the list of its places; a wrong filter is the page's fault.
 * In the call's arena. Errors: ERR_PARAMETER (page), those of reading.
 */
enum err map_show(struct dataset_page *page, const struct map_view **ret_view) must_check;

#endif
