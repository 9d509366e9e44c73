#include "domain/odsql/odsql.h"

#include "domain/odsql/parser.h"

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

static bool is_plain(str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool is_digit = c >= '0' && c <= '9';
        if (!is_ascii_letter(c) && c != '_' && !(is_digit && i)) {
            return false;
        }
    }
    return name.n && !is_reserved(name);
}

str odsql_name(struct arena *arena, str name)
{
    return is_plain(name) ? str_copy(arena, name) : str_printf(arena, "`%.*s`", STR_ARG(name));
}

str odsql_literal(struct arena *arena, str text)
{
    char *quoted = arena_alloc(arena, 2 * text.n + 2);
    size_t n = 0;
    quoted[n++] = '"';
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\') {
            quoted[n++] = '\\';
        }
        quoted[n++] = text.p[i];
    }
    quoted[n++] = '"';
    return (str){quoted, n};
}
