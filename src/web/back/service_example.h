#ifndef WEB_BACK_SERVICE_EXAMPLE_H
#define WEB_BACK_SERVICE_EXAMPLE_H

#include "domain/privacy/privacy.h"

/** The declaration of a base map of streets, for forms to begin with. Its texts are constants. */
struct service service_example(void);

/** The same as JSON, in the arena. */
str service_example_document(struct arena *arena);

#endif
