#include "platform/text/date_pattern.h"

#include <pthread.h>
#include <stdlib.h>
#include <unicode/udat.h>
#include <unicode/ustring.h>

#include "base/bug.h"
#include "base/date.h"

#define NAME_UNITS 40
#define NAME_BYTES 96
#define LANGUAGE_BYTES 16
#define LANGUAGES_KEPT 64

struct name {
    char text[NAME_BYTES];
    size_t n;
};

struct date_names {
    struct date_names *next;
    char language[LANGUAGE_BYTES];
    struct name months[12], lone_months[12];
    struct name short_months[12], short_lone_months[12];
    struct name weekdays[7], short_weekdays[7]; /* Monday first */
};

enum part {
    YEAR_2, YEAR_4, WEEK_YEAR_2, WEEK_YEAR_4, WEEK, WEEK_2, WEEKDAY, WEEKDAY_SHORT, WEEKDAY_NAME,
    YEAR_DAY, YEAR_DAY_3, MONTH, MONTH_2, MONTH_SHORT, MONTH_NAME, DAY, DAY_2, HOUR, HOUR_2,
    MINUTE, MINUTE_2, SECOND, SECOND_2
};

static const struct {
    str letters;
    enum part part;
} part_rows[] = {
    {{"yyyy", 4}, YEAR_4},     {{"YYYY", 4}, YEAR_4},      {{"yy", 2}, YEAR_2},
    {{"YY", 2}, YEAR_2},       {{"xxxx", 4}, WEEK_YEAR_4}, {{"xx", 2}, WEEK_YEAR_2},
    {{"w", 1}, WEEK},          {{"ww", 2}, WEEK_2},        {{"e", 1}, WEEKDAY},
    {{"E", 1}, WEEKDAY_SHORT}, {{"EEEE", 4}, WEEKDAY_NAME}, {{"D", 1}, YEAR_DAY},
    {{"DDD", 3}, YEAR_DAY_3},  {{"M", 1}, MONTH},          {{"MM", 2}, MONTH_2},
    {{"MMM", 3}, MONTH_SHORT}, {{"MMMM", 4}, MONTH_NAME},  {{"d", 1}, DAY},
    {{"dd", 2}, DAY_2},        {{"H", 1}, HOUR},           {{"HH", 2}, HOUR_2},
    {{"m", 1}, MINUTE},        {{"mm", 2}, MINUTE_2},      {{"s", 1}, SECOND},
    {{"ss", 2}, SECOND_2},
};

static pthread_mutex_t languages_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct date_names *languages; /* guarded by languages_mutex; entries are immutable */
static size_t language_count;

static bool read_names(const UDateFormat *format, UDateFormatSymbolType type, int first, size_t count,
                       struct name *names)
{
    for (size_t i = 0; i < count; i++) {
        UErrorCode status = U_ZERO_ERROR;
        UChar units[NAME_UNITS];
        int32_t length = 0;
        int32_t n = udat_getSymbols(format, type, first + (int32_t)i, units, NAME_UNITS, &status);
        u_strToUTF8(names[i].text, NAME_BYTES, &length, units, n, &status);
        if (U_FAILURE(status) || n > NAME_UNITS || length > NAME_BYTES) {
            return false;
        }
        names[i].n = (size_t)length;
    }
    return true;
}

/* NULL when ICU has no such names. */
static struct date_names *make_names(str language)
{
    struct date_names *names = calloc(1, sizeof(*names));
    UErrorCode status = U_ZERO_ERROR;
    const UChar no_pattern[1] = {0};
    bug_if(!names);
    memcpy(names->language, language.p, language.n);
    UDateFormat *format = udat_open(UDAT_PATTERN, UDAT_PATTERN, names->language, NULL, 0, no_pattern,
                                    0, &status);
    struct name sunday_first[7];
    struct name short_sunday_first[7];
    bool good = U_SUCCESS(status) &&
                read_names(format, UDAT_MONTHS, 0, 12, names->months) &&
                read_names(format, UDAT_STANDALONE_MONTHS, 0, 12, names->lone_months) &&
                read_names(format, UDAT_SHORT_MONTHS, 0, 12, names->short_months) &&
                read_names(format, UDAT_STANDALONE_SHORT_MONTHS, 0, 12, names->short_lone_months) &&
                read_names(format, UDAT_WEEKDAYS, 1, 7, sunday_first) &&
                read_names(format, UDAT_SHORT_WEEKDAYS, 1, 7, short_sunday_first);
    for (size_t i = 0; i < 7 && good; i++) {
        names->weekdays[i] = sunday_first[(i + 1) % 7];
        names->short_weekdays[i] = short_sunday_first[(i + 1) % 7];
    }
    udat_close(format);
    if (!good) {
        free(names);
        return NULL;
    }
    return names;
}

const struct date_names *date_names_find(str language)
{
    str wanted = language.n && language.n < LANGUAGE_BYTES ? language : S("en");
    pthread_mutex_lock(&languages_mutex);
    struct date_names *names = languages;
    while (names && !str_eq(str_from(names->language), wanted)) {
        names = names->next;
    }
    if (!names && language_count < LANGUAGES_KEPT) {
        names = make_names(wanted);
        if (names) {
            names->next = languages;
            languages = names;
            language_count++;
        }
    }
    pthread_mutex_unlock(&languages_mutex);
    bug_if(!names && str_eq(wanted, S("en")));
    return names ? names : date_names_find(S("en"));
}

static const enum part *find_part(str letters)
{
    for (size_t i = 0; i < ARRAY_LENGTH(part_rows); i++) {
        if (str_eq(letters, part_rows[i].letters)) {
            return &part_rows[i].part;
        }
    }
    return NULL;
}

/* What comes next in a pattern: letters of one part, or text; false at the end. */
static bool next_piece(str pattern, size_t *at, bool *quoted, str *ret_piece, bool *ret_is_letters)
{
    *ret_is_letters = false;
    while (*at < pattern.n) {
        size_t from = *at;
        char c = pattern.p[from];
        if (c == '\'' && from + 1 < pattern.n && pattern.p[from + 1] == '\'') {
            *at = from + 2;
            *ret_piece = str_slice(pattern, from, from + 1);
            return true;
        }
        ++*at;
        if (c == '\'') {
            *quoted = !*quoted;
            continue;
        }
        *ret_is_letters = !*quoted && is_ascii_letter(c);
        while (*ret_is_letters && *at < pattern.n && pattern.p[*at] == c) {
            ++*at;
        }
        *ret_piece = str_slice(pattern, from, *at);
        return true;
    }
    return false;
}

bool date_pattern_check(str pattern, str *ret_unknown)
{
    size_t at = 0;
    bool quoted = false;
    bool is_letters;
    while (next_piece(pattern, &at, &quoted, ret_unknown, &is_letters)) {
        if (is_letters && !find_part(*ret_unknown)) {
            return false;
        }
    }
    *ret_unknown = STR_NONE;
    return true;
}

static bool has_month_day(str pattern)
{
    size_t at = 0;
    bool quoted = false;
    bool is_letters;
    str piece;
    while (next_piece(pattern, &at, &quoted, &piece, &is_letters)) {
        if (is_letters && piece.p[0] == 'd') {
            return true;
        }
    }
    return false;
}

static void add_number(struct buf *out, int number, int digits)
{
    char text[16];
    int n = 0;
    if (number < 0) {
        buf_add_char(out, '-');
        number = -number;
    }
    while (number > 0 || n < digits) {
        text[n++] = (char)('0' + number % 10);
        number /= 10;
    }
    while (n > 0) {
        buf_add_char(out, text[--n]);
    }
}

static void add_name(struct buf *out, const struct name *name)
{
    buf_add(out, (str){name->text, name->n});
}

/* A week belongs to the year that has its Thursday. */
static int week_of(int32_t days, int *ret_year)
{
    int32_t thursday = days - date_weekday(days) + 3;
    *ret_year = date_civil(thursday).year;
    return (thursday - date_days(*ret_year, 1, 1)) / 7 + 1;
}

static void add_week_part(struct buf *out, enum part part, int32_t days)
{
    int year;
    int week = week_of(days, &year);
    switch (part) {
    case WEEK_YEAR_2:
        add_number(out, (year % 100 + 100) % 100, 2);
        return;
    case WEEK_YEAR_4:
        add_number(out, year, 4);
        return;
    default:
        add_number(out, week, part == WEEK_2 ? 2 : 1);
    }
}

static void add_part(struct buf *out, enum part part, const struct civil *civil, int32_t days,
                     const struct date_names *names, bool alone)
{
    size_t month = (size_t)civil->month - 1;
    switch (part) {
    case YEAR_2:
        return add_number(out, (civil->year % 100 + 100) % 100, 2);
    case YEAR_4:
        return add_number(out, civil->year, 4);
    case WEEK_YEAR_2:
    case WEEK_YEAR_4:
    case WEEK:
    case WEEK_2:
        return add_week_part(out, part, days);
    case WEEKDAY:
        return add_number(out, date_weekday(days) + 1, 1);
    case WEEKDAY_SHORT:
        return add_name(out, &names->short_weekdays[date_weekday(days)]);
    case WEEKDAY_NAME:
        return add_name(out, &names->weekdays[date_weekday(days)]);
    case YEAR_DAY:
    case YEAR_DAY_3:
        return add_number(out, days - date_days(civil->year, 1, 1) + 1, part == YEAR_DAY ? 1 : 3);
    case MONTH:
    case MONTH_2:
        return add_number(out, civil->month, part == MONTH ? 1 : 2);
    case MONTH_SHORT:
        return add_name(out, alone ? &names->short_lone_months[month] : &names->short_months[month]);
    case MONTH_NAME:
        return add_name(out, alone ? &names->lone_months[month] : &names->months[month]);
    case DAY:
    case DAY_2:
        return add_number(out, civil->day, part == DAY ? 1 : 2);
    case HOUR:
    case HOUR_2:
        return add_number(out, civil->hour, part == HOUR ? 1 : 2);
    case MINUTE:
    case MINUTE_2:
        return add_number(out, civil->minute, part == MINUTE ? 1 : 2);
    case SECOND:
    case SECOND_2:
        return add_number(out, civil->second, part == SECOND ? 1 : 2);
    }
}

void date_pattern_write(struct buf *out, str pattern, const struct date_names *names, usec local)
{
    struct civil civil = date_civil_instant(local);
    int32_t days = (int32_t)(local / USEC_DAY - (local % USEC_DAY < 0));
    bool alone = !has_month_day(pattern);
    size_t at = 0;
    bool quoted = false;
    bool is_letters;
    str piece;
    while (next_piece(pattern, &at, &quoted, &piece, &is_letters)) {
        if (is_letters) {
            add_part(out, *find_part(piece), &civil, days, names, alone);
        } else {
            buf_add(out, piece);
        }
    }
}

bool date_pattern_next(str pattern, struct date_pattern_place *place, struct date_piece *ret_piece)
{
    return next_piece(pattern, &place->at, &place->quoted, &ret_piece->text, &ret_piece->is_letters);
}

str date_pattern_names(struct arena *arena, const struct date_names *names, str pattern, str letters,
                       char separator)
{
    bool alone = !has_month_day(pattern);
    const struct name *list;
    size_t count = 12;
    switch (*find_part(letters)) {
    case WEEKDAY_SHORT:
        list = names->short_weekdays;
        count = 7;
        break;
    case WEEKDAY_NAME:
        list = names->weekdays;
        count = 7;
        break;
    case MONTH_SHORT:
        list = alone ? names->short_lone_months : names->short_months;
        break;
    case MONTH_NAME:
        list = alone ? names->lone_months : names->months;
        break;
    default:
        return STR_NONE;
    }
    struct buf joined = {0};
    for (size_t i = 0; i < count; i++) {
        if (i) {
            buf_add_char(&joined, separator);
        }
        add_name(&joined, &list[i]);
    }
    str text = buf_copy(&joined, arena);
    buf_done(&joined);
    return text;
}
