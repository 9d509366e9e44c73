/* Types of attached files. Private to this directory. */
#ifndef DOMAIN_CATALOG_ATTACHMENT_TYPE_H
#define DOMAIN_CATALOG_ATTACHMENT_TYPE_H

#include "base/arena.h"
#include "base/str.h"

/** The type to send a file with, by its name: one that no browser runs. Static. */
str attachment_type(struct arena *arena, str file_name);

#endif
