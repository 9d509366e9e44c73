/* The two forms of an external service: the whole declaration as JSON, and a few fields for a base map. */
#ifndef WEB_BACK_SERVICE_FORM_H
#define WEB_BACK_SERVICE_FORM_H

#include "domain/privacy/privacy.h"
#include "web/back/form.h"

/** A form with a button that shows what visitors will see. */
struct office_form *service_form_make(struct call *call, str heading);

/** What visitors will see of a service (NULL: nothing yet), with the way to the other form (MESSAGE_NONE: there is none). */
struct html service_preview_html(struct call *call, const struct service *service, bool is_stored, bool asks_again,
                                 enum message other, str other_address);

/** Checks, shows or stores a declaration. What is wrong with it as a whole is said at field. stored: NULL: a new one. */
enum err service_form_finish(struct office_form *form, struct form_field *field, str document,
                             const struct service *stored, enum message other, str other_address) must_check;

/* ---- base maps ---- */

/** Whether a service is a base map that the few fields hold wholly. */
bool basemap_is_simple(const struct service *service);

/** The form of a base map. stored: NULL: a new one. Errors: those of service_put. */
enum err basemap_declare(struct call *call, str heading, const struct service *stored) must_check;

#endif
