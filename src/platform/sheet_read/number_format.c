/*
 * Whether a number format shows dates: cells have no type of their own for them.
 * Source: ECMA-376 part 1, 18.8.30 (numFmt) and 18.8.31 (numFmts).
 */
#include "platform/sheet_read/reading.h"

int number_format_shows_builtin(int64_t id)
{
    if (id == 22) {
        return SHOWS_DAY | SHOWS_TIME;
    }
    if (id == 46) {
        return SHOWS_TIME | SHOWS_DURATION;
    }
    if ((id >= 18 && id <= 21) || id == 45 || id == 47 || (id >= 32 && id <= 35) || id == 55 || id == 56) {
        return SHOWS_TIME;
    }
    /* 27 to 36 and 50 to 58 are those of East Asia. */
    bool is_day = (id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
    return is_day ? SHOWS_DAY : 0;
}

/* The part in brackets: a colour, a currency, a condition; or hours, minutes or seconds that go on. */
static bool is_elapsed(str inside)
{
    for (size_t i = 0; i < inside.n; i++) {
        char c = ascii_lower(inside.p[i]);
        if ((c != 'h' && c != 'm' && c != 's') || c != ascii_lower(inside.p[0])) {
            return false;
        }
    }
    return inside.n > 0;
}

static bool begins(str code, size_t at, str word)
{
    return str_eq_nocase(str_slice(code, at, at + word.n), word);
}

int number_format_shows(str code)
{
    int shows = 0;
    bool has_m = false;
    for (size_t i = 0; i < code.n && code.p[i] != ';'; i++) {
        char c = ascii_lower(code.p[i]);
        if (c == '"') {
            i = str_find_char(code, '"', i + 1);
        } else if (c == '[') {
            size_t end = str_find_char(code, ']', i);
            bool goes_on = is_elapsed(str_slice(code, i + 1, end));
            shows |= goes_on ? SHOWS_TIME | SHOWS_DURATION : 0;
            i = end;
        } else if (c == '\\' || c == '_' || c == '*') {
            i++;
        } else if (begins(code, i, S("general"))) {
            i += 6;
        } else if (begins(code, i, S("am/pm")) || begins(code, i, S("a/p"))) {
            shows |= SHOWS_TIME;
            i += code.p[i + 1] == '/' ? 2 : 4;
        } else {
            has_m |= c == 'm';
            shows |= c == 'y' || c == 'd' ? SHOWS_DAY : c == 'h' || c == 's' ? SHOWS_TIME : 0;
        }
        if (i == SIZE_MAX) {
            break; /* quotes or brackets without an end */
        }
    }
    return shows == 0 && has_m ? SHOWS_DAY : shows;
}
