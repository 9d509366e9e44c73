#include "domain/odsql/odsql.h"

static const str languages[] = {{"en", 2}, {"fr", 2}, {"nl", 2}, {"pt", 2}, {"it", 2}, {"ar", 2},
                                {"de", 2}, {"es", 2}, {"ca", 2}, {"eu", 2}, {"sv", 2}};

const str *odsql_languages(size_t *ret_count)
{
    *ret_count = ARRAY_LENGTH(languages);
    return languages;
}

bool odsql_language_find(str code, str *ret_language)
{
    for (size_t i = 0; i < ARRAY_LENGTH(languages); i++) {
        if (str_eq_nocase(code, languages[i])) {
            *ret_language = languages[i];
            return true;
        }
    }
    return false;
}
