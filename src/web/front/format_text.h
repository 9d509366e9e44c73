/* How the formats of files are told to people, on pages that offer them. */
#ifndef WEB_FRONT_FORMAT_TEXT_H
#define WEB_FRONT_FORMAT_TEXT_H

#include "base/str.h"
#include "platform/i18n/message.h"

enum format_group { GROUP_TABLES, GROUP_GEOGRAPHIC, GROUP_PROGRAMS, GROUP__COUNT };

struct format_text {
    const char *name;
    enum format_group group;
    const char *title;
    enum message help;
    bool has_headings; /* use_labels makes a difference */
};

/** That of a format of formats.def, or NULL: it is shown by its name alone. Static. */
const struct format_text *format_text_find(str name);

#endif
