/* How the facets of the catalogue and their values are named, for links that narrow it down. */
#ifndef WEB_FRONT_CATALOGUE_NAMES_H
#define WEB_FRONT_CATALOGUE_NAMES_H

#include "web/front/facets.h"

/** The catalogue's context of facets and filters; filter is borrowed. */
struct facet_context catalogue_context(struct call *call, const struct filter *filter);

/** Name of a theme in the visitor's language, and the class of its colour; as the settings of the site say. */
str theme_label(const struct call *call, str value);
str theme_class(const struct call *call, str value);

#endif
