/* Somebody's datasets on the overview of the back office. */
#ifndef WEB_BACK_DASHBOARD_H
#define WEB_BACK_DASHBOARD_H

#include "web/back/office.h"

/** What the one who asks should know of the datasets that he may edit. Errors: ERR_DATABASE, ERR_BUSY. */
enum err dashboard_make(struct call *call, struct html *ret_html) must_check;

extern const struct tpl_binding dashboard_template;

#endif
