/* What is wrong with what a visitor asked for, in the visitor's language, with the place in the text marked. */
#ifndef WEB_SHELL_FAULT_TEXT_H
#define WEB_SHELL_FAULT_TEXT_H

#include "platform/tpl/tpl.h"
#include "web/shell/call.h"

/* Members of a page for the part part/fault_place. */
struct fault_place {
    str before, at, after; /* of the text; at is what is marked */
    bool has_place;
};

#define FAULT_PLACE_MEMBERS(type, member)                                                          \
    {"before", TPL_TYPE_TEXT, offsetof(type, member.before), NULL},                                \
    {"at", TPL_TYPE_TEXT, offsetof(type, member.at), NULL},                                        \
    {"after", TPL_TYPE_TEXT, offsetof(type, member.after), NULL},                                  \
    {"has_place", TPL_TYPE_BOOL, offsetof(type, member.has_place), NULL}

/**
 * What the call's failure says, in its language where there are words for it, else in English. Both live as long as
 * the call. ret_place may be NULL.
 */
str fault_text(struct call *call, struct fault_place *ret_place);

#endif
