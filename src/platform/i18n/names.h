/* Languages and countries of the world, by their codes, and what countries are called (ICU). */
#ifndef PLATFORM_I18N_NAMES_H
#define PLATFORM_I18N_NAMES_H

#include "platform/i18n/locale.h"

struct arena;

/** Languages with a code of ISO 639-1 ("fr"), NULL-terminated. Static. What they are called: format_language_name. */
const char *const *names_languages(void);

/** Countries and territories of ISO 3166-1 ("FR"), NULL-terminated. Static. */
const char *const *names_countries(void);

/** Name of a country by its code in a language; the code where it has none. In the arena. */
str names_country(struct arena *arena, language lang, str code);

#endif
