/* A text that somebody gave in one or several of the offered languages. */
#ifndef PLATFORM_I18N_TRANSLATED_H
#define PLATFORM_I18N_TRANSLATED_H

#include "platform/i18n/locale.h"

struct translated {
    str texts[LANGUAGES_MOST]; /* by language; empty where none was given: the first given one stands in */
};

/** Text in a language, else in the first language given; empty: none was. */
str translated_text(const struct translated *translated, language lang);

#endif
