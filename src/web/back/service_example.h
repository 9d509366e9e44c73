#ifndef WEB_BACK_SERVICE_EXAMPLE_H
#define WEB_BACK_SERVICE_EXAMPLE_H

#include "domain/privacy/privacy.h"

/** The declaration of a base map of streets as JSON, in the arena, for the form to begin with. */
str service_example(struct arena *arena);

#endif
