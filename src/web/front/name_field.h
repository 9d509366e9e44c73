/* The field that names a record for people. */
#ifndef WEB_FRONT_NAME_FIELD_H
#define WEB_FRONT_NAME_FIELD_H

#include "domain/catalog/field.h"

/** A text field that is called a name or title, else the first text field; NULL: there is none. Borrowed. */
const struct field *choose_name_field(const struct schema *schema);

#endif
