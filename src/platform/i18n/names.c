#include "platform/i18n/names.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include "base/arena.h"

#define LANGUAGES_KEPT 300
#define NAME_UNITS 128
#define NAME_BYTES 400

static const char *short_codes[LANGUAGES_KEPT + 1];

/* ICU lists those of ISO 639-2 with three letters, too. */
static void list_languages(void)
{
    size_t count = 0;
    for (const char *const *code = uloc_getISOLanguages(); *code && count < LANGUAGES_KEPT; code++) {
        if (strlen(*code) == 2) {
            short_codes[count++] = *code;
        }
    }
}

const char *const *names_languages(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, list_languages);
    return short_codes;
}

const char *const *names_countries(void)
{
    return uloc_getISOCountries();
}

str names_country(struct arena *arena, language lang, str code)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[NAME_UNITS];
    char locale[16];
    char text[NAME_BYTES];
    int32_t n = 0;
    snprintf(locale, sizeof(locale), "und_%.*s", (int)(code.n < 8 ? code.n : 8), code.p);
    int32_t length =
        uloc_getDisplayCountry(locale, language_code(lang).p, wide, NAME_UNITS, &status);
    if (U_SUCCESS(status) && length > 0) {
        u_strToUTF8(text, sizeof(text), &n, wide, length, &status);
    }
    return U_SUCCESS(status) && n > 0 ? str_copy(arena, (str){text, (size_t)n}) : code;
}
