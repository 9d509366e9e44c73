#include "domain/ingest/date_form.h"

#include <string.h>

#include "base/date.h"

/* Names of months as people write them; a point behind a short one is passed over. */
static const char *const months[12][12] = {
    {"january", "jan", "janvier", "janv", "januar", "jän", "januari", "enero", "ene", "gennaio", "gen", NULL},
    {"february", "feb", "février", "févr", "februar", "februari", "febrero", "febbraio", "fév", "fevrier", NULL},
    {"march", "mar", "mars", "märz", "mär", "maart", "mrt", "marzo", "mrz", NULL},
    {"april", "apr", "avril", "avr", "abril", "abr", "aprile", NULL},
    {"may", "mai", "mei", "mayo", "maggio", "mag", NULL},
    {"june", "jun", "juin", "juni", "junio", "giugno", "giu", NULL},
    {"july", "jul", "juillet", "juil", "juli", "julio", "luglio", "lug", NULL},
    {"august", "aug", "août", "augustus", "agosto", "ago", "aout", NULL},
    {"september", "sep", "sept", "septembre", "septiembre", "settembre", "set", NULL},
    {"october", "oct", "octobre", "oktober", "okt", "octubre", "ottobre", "ott", NULL},
    {"november", "nov", "novembre", "noviembre", NULL},
    {"december", "dec", "décembre", "déc", "dezember", "dez", "diciembre", "dic", "dicembre", "decembre", NULL},
};

struct form_part {
    char letter; /* lower-case y and d; 0: text as it is */
    size_t count;
    str text;
};

/* The next part of a form; false at its end, or when a quotation has none. */
static bool next_part(str form, size_t *at, struct form_part *ret)
{
    if (*at >= form.n) {
        return false;
    }
    char c = form.p[*at];
    size_t from = *at;
    if (c == '\'') {
        size_t end = str_find_char(form, '\'', from + 1);
        end = end == SIZE_MAX ? form.n : end;
        *ret = (struct form_part){0, 0, str_slice(form, from + 1, end)};
        *at = end + 1;
        return true;
    }
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    while (*at < form.n && form.p[*at] == c && is_letter) {
        ++*at;
    }
    *at += !is_letter;
    char letter = c == 'Y' ? 'y' : c == 'D' ? 'd' : c;
    *ret = (struct form_part){is_letter ? letter : 0, *at - from, str_slice(form, from, *at)};
    return true;
}

static bool is_known(const struct form_part *part)
{
    static const struct {
        char letter;
        size_t most;
    } known[] = {{'y', 4}, {'M', 4}, {'d', 2}, {'H', 2}, {'h', 2}, {'m', 2}, {'s', 2}, {'S', 6}, {'a', 1}};
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        if (part->letter == known[i].letter) {
            return part->count <= known[i].most && (part->letter != 'y' || part->count % 2 == 0);
        }
    }
    return part->letter == 0;
}

bool date_form_check(str form)
{
    struct form_part part;
    bool has_year = false;
    for (size_t at = 0; next_part(form, &at, &part);) {
        has_year |= part.letter == 'y';
        if (!is_known(&part)) {
            return false;
        }
    }
    return has_year && form.n <= 60;
}

/* ---- reading ---- */

struct reading {
    str rest;
    struct civil civil;
    int half; /* of the day: 0 not said, 1 AM, 2 PM */
};

/* A number of at least and at most so many digits. */
static bool take_number(struct reading *reading, size_t least, size_t most, int *ret)
{
    size_t n = 0;
    *ret = 0;
    while (n < reading->rest.n && n < most && reading->rest.p[n] >= '0' && reading->rest.p[n] <= '9') {
        *ret = *ret * 10 + (reading->rest.p[n++] - '0');
    }
    reading->rest = str_slice(reading->rest, n, reading->rest.n);
    return n >= least;
}

static bool take_month(struct reading *reading)
{
    size_t longest = 0;
    for (int month = 0; month < 12; month++) {
        for (const char *const *name = months[month]; *name; name++) {
            str wanted = str_from(*name);
            if (wanted.n > longest && reading->rest.n >= wanted.n &&
                str_eq_nocase(str_slice(reading->rest, 0, wanted.n), wanted)) {
                longest = wanted.n;
                reading->civil.month = month + 1;
            }
        }
    }
    bool has_point = longest && longest < reading->rest.n && reading->rest.p[longest] == '.';
    reading->rest = str_slice(reading->rest, longest + has_point, reading->rest.n);
    return longest > 0;
}

static bool take_year(struct reading *reading, size_t count)
{
    int *year = &reading->civil.year;
    if (count == 2) {
        bool read = take_number(reading, 2, 2, year);
        *year += *year < 69 ? 2000 : 1900;
        return read;
    }
    return take_number(reading, 4, 4, year);
}

static bool take_fraction(struct reading *reading)
{
    size_t before = reading->rest.n;
    int fraction;
    bool read = take_number(reading, 1, 6, &fraction);
    for (size_t digits = before - reading->rest.n; digits < 6; digits++) {
        fraction *= 10;
    }
    reading->civil.microsecond = fraction;
    return read;
}

static bool take_half(struct reading *reading)
{
    str word = str_slice(reading->rest, 0, 2);
    reading->half = str_eq_nocase(word, S("am")) ? 1 : str_eq_nocase(word, S("pm")) ? 2 : 0;
    reading->rest = str_slice(reading->rest, 2, reading->rest.n);
    return reading->half != 0;
}

static bool take_part(struct reading *reading, const struct form_part *part)
{
    size_t least = part->count == 2 ? 2 : 1;
    switch (part->letter) {
    case 'y':
        return take_year(reading, part->count);
    case 'M':
        return part->count > 2 ? take_month(reading) : take_number(reading, least, 2, &reading->civil.month);
    case 'd':
        return take_number(reading, least, 2, &reading->civil.day);
    case 'H':
    case 'h':
        return take_number(reading, least, 2, &reading->civil.hour);
    case 'm':
        return take_number(reading, least, 2, &reading->civil.minute);
    case 's':
        return take_number(reading, least, 2, &reading->civil.second);
    case 'S':
        return take_fraction(reading);
    case 'a':
        return take_half(reading);
    default:
        if (!str_starts(reading->rest, part->text)) {
            return false;
        }
        reading->rest = str_slice(reading->rest, part->text.n, reading->rest.n);
        return true;
    }
}

static bool is_date(struct reading *reading)
{
    struct civil *civil = &reading->civil;
    if (reading->half) {
        if (civil->hour < 1 || civil->hour > 12) {
            return false;
        }
        civil->hour = civil->hour % 12 + (reading->half == 2 ? 12 : 0);
    }
    return civil->year >= 1 && civil->month >= 1 && civil->month <= 12 && civil->day >= 1 &&
           civil->day <= date_month_length(civil->year, civil->month) && civil->hour < 24 && civil->minute < 60 &&
           civil->second < 60;
}

bool date_form_read(str text, str form, usec *ret_instant)
{
    struct reading reading = {.rest = text, .civil = {.month = 1, .day = 1}};
    struct form_part part;
    for (size_t at = 0; next_part(form, &at, &part);) {
        if (!is_known(&part) || !take_part(&reading, &part)) {
            return false;
        }
    }
    if (reading.rest.n || !is_date(&reading)) {
        return false;
    }
    *ret_instant = date_instant(&reading.civil);
    return true;
}
