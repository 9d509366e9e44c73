/* The choice of a language from any list of codes, for tests with more than are offered. */
#ifndef PLATFORM_I18N_LOCALE_INTERNAL_H
#define PLATFORM_I18N_LOCALE_INTERNAL_H

#include "platform/i18n/locale.h"

struct language_list {
    const char *const
        *codes; /* lower case; a generic code falls to its first variant in this order */
    int count;
};

/** Places in the list, or LANGUAGE_NONE; otherwise as the functions of locale.h. */
int language_list_exact(const struct language_list *list, str code);
int language_list_find(const struct language_list *list, str code);
int language_list_accepted(const struct language_list *list, str header);
int language_list_choose(const struct language_list *list, str cookie, str header, int fallback);

#endif
