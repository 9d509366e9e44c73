/* The mail relay of the site's settings, put into use. */
#ifndef WEB_SHELL_SITE_MAIL_H
#define WEB_SHELL_SITE_MAIL_H

#include "web/shell/call.h"

/** Letters go by the relay that the settings name now, in the portal's language. */
void site_use_mail(struct app *app);

#endif
