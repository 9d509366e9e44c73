/* The pages of the cookie layer and the home page: their routes, and their templates for tpl_open. */
#ifndef WEB_FRONT_PRIVACY_ROUTES_H
#define WEB_FRONT_PRIVACY_ROUTES_H

#include "web/shell/route.h"

extern const struct route privacy_routes[];
extern const size_t privacy_route_count;

extern const struct tpl_binding *const privacy_templates[];
extern const size_t privacy_template_count;

#endif
