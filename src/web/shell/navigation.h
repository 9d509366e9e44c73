/* Links to the pages beside a page, for tpl/part/navigation.html: a member "navigation" of its struct. */
#ifndef WEB_SHELL_NAVIGATION_H
#define WEB_SHELL_NAVIGATION_H

#include "web/shell/call.h"

struct navigation_entry {
    const char *address;
    enum message label;
};

/** The items of such a list. */
extern const struct tpl_struct navigation_struct;

/** A list of entries in the visitor's language, with the one at the address current marked. */
struct tpl_list navigation_list(struct call *call, const struct navigation_entry *entries,
                                size_t count, const char *current);

#endif
