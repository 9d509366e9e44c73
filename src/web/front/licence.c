#include "web/front/licence.h"

/* In order: what is narrower comes first, as "by-nc" before "by". Words stand in lower case, with blanks for - and _. */
static const struct {
    const char *words; /* "a|b": either is in the name or in the address */
    enum message statement;
} licences[] = {
    {"by nc|noncommercial|non commercial|nicht kommerziell|non commerciale", MSG_INFORMATION_LICENSE_NON_COMMERCIAL},
    {"by nd|noderiv", MSG_INFORMATION_LICENSE_NO_DERIVATIVES},
    {"odbl|open database|by sa|sharealike|share alike", MSG_INFORMATION_LICENSE_SHARE_ALIKE},
    {"cc0|cc zero|publicdomain|public domain|pddl|government works|domaine public|zero 2.0",
     MSG_INFORMATION_LICENSE_PUBLIC},
    {"licence ouverte|open licence|etalab", MSG_INFORMATION_LICENSE_ATTRIBUTION_DATE},
    {"cc by|licenses/by|creative commons attribution|odc by|open government licence|dl de by|iodl",
     MSG_INFORMATION_LICENSE_ATTRIBUTION},
};

static str comparable(struct arena *arena, str text)
{
    char *out = arena_alloc(arena, text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        char c = ascii_lower(text.p[i]);
        out[i] = c == '-' || c == '_' ? ' ' : c;
    }
    return (str){out, text.n};
}

static bool has_word(str words, str name, str address)
{
    str word;
    while (str_split(&words, '|', &word)) {
        if (str_find(name, word, 0) != SIZE_MAX || str_find(address, word, 0) != SIZE_MAX) {
            return true;
        }
    }
    return false;
}

enum message licence_statement(struct arena *arena, str name, str address)
{
    if (name.n == 0 && address.n == 0) {
        return MSG_INFORMATION_LICENSE_NONE;
    }
    str own_name = comparable(arena, name);
    str own_address = comparable(arena, address);
    for (size_t i = 0; i < ARRAY_LENGTH(licences); i++) {
        if (has_word(str_from(licences[i].words), own_name, own_address)) {
            return licences[i].statement;
        }
    }
    return MSG_INFORMATION_LICENSE_OTHER;
}
