/* Addresses in attribute values: how far one has come, and which values may follow. */
#ifndef PLATFORM_TPL_ADDRESS_H
#define PLATFORM_TPL_ADDRESS_H

#include "platform/tpl/place.h"

/** Moves over a literal character. */
void address_feed(struct html_place *place, char c);

/** Whether a value may stand here, and how it is written; NULL or what is wrong. */
const char *address_value(struct html_place *place, enum tpl_type type, enum escape *ret_escape);

/** The state behind a section that may have been skipped: what follows must be right behind both.
 */
enum url_state address_stricter(enum url_state before, enum url_state after);

#endif
