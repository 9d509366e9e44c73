/* Day arithmetic after the usual era method: 400-year eras of 146097 days, years from March. */
#include "base/date.h"

int32_t date_days(int year, int month, int day)
{
    year -= month <= 2;
    int era = (year >= 0 ? year : year - 399) / 400;
    int year_of_era = year - era * 400;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct civil date_civil(int32_t days)
{
    int64_t since_march = (int64_t)days + 719468;
    int era = (int)((since_march >= 0 ? since_march : since_march - 146096) / 146097);
    int day_of_era = (int)(since_march - (int64_t)era * 146097);
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted_month = (5 * day_of_year + 2) / 153;
    struct civil civil = {0};
    civil.day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    civil.month = shifted_month + (shifted_month < 10 ? 3 : -9);
    civil.year = year_of_era + era * 400 + (civil.month <= 2);
    return civil;
}

usec date_instant(const struct civil *civil)
{
    usec seconds = (usec)date_days(civil->year, civil->month, civil->day) * 86400 +
                   civil->hour * 3600 + civil->minute * 60 + civil->second;
    return seconds * USEC_SECOND + civil->microsecond;
}

struct civil date_civil_instant(usec instant)
{
    usec days = instant / USEC_DAY;
    usec rest = instant % USEC_DAY;
    if (rest < 0) {
        rest += USEC_DAY;
        days--;
    }
    struct civil civil = date_civil((int32_t)days);
    civil.microsecond = (int)(rest % USEC_SECOND);
    int seconds = (int)(rest / USEC_SECOND);
    civil.hour = seconds / 3600;
    civil.minute = seconds / 60 % 60;
    civil.second = seconds % 60;
    return civil;
}

int date_month_length(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : lengths[month - 1];
}

int date_weekday(int32_t days)
{
    return (int)((((int64_t)days + 3) % 7 + 7) % 7);
}

/* Reads exactly count digits at *at. */
static bool read_digits(str text, size_t *at, int count, int *ret_value)
{
    if (text.n - *at < (size_t)count) {
        return false;
    }
    int value = 0;
    for (int i = 0; i < count; i++) {
        char c = text.p[*at + (size_t)i];
        if (!is_ascii_digit(c)) {
            return false;
        }
        value = value * 10 + (c - '0');
    }
    *at += (size_t)count;
    *ret_value = value;
    return true;
}

static bool peek(str text, size_t at, char c)
{
    return at < text.n && text.p[at] == c;
}

static bool read_zone(str text, size_t *at, struct date_text *date)
{
    if (*at == text.n) {
        return true;
    }
    if (peek(text, *at, 'Z') || peek(text, *at, 'z')) {
        date->has_zone = true;
        return ++*at == text.n;
    }
    int sign = peek(text, *at, '+') ? 1 : peek(text, *at, '-') ? -1 : 0;
    int hours = 0;
    int minutes = 0;
    if (sign == 0) {
        return false;
    }
    ++*at;
    if (!read_digits(text, at, 2, &hours)) {
        return false;
    }
    if (*at < text.n) {
        *at += peek(text, *at, ':');
        if (!read_digits(text, at, 2, &minutes)) {
            return false;
        }
    }
    date->has_zone = true;
    date->zone_offset_minutes = sign * (hours * 60 + minutes);
    return *at == text.n && hours <= 18 && minutes < 60;
}

static bool read_fraction(str text, size_t *at, int *ret_microsecond)
{
    int value = 0;
    int digits = 0;
    for (; *at < text.n && is_ascii_digit(text.p[*at]); ++*at, digits++) {
        if (digits < 6) {
            value = value * 10 + (text.p[*at] - '0');
        }
    }
    for (int i = digits; i < 6; i++) {
        value *= 10;
    }
    *ret_microsecond = value;
    return digits > 0;
}

static bool read_time(str text, size_t *at, struct date_text *date)
{
    struct civil *civil = &date->civil;
    if (!read_digits(text, at, 2, &civil->hour) || civil->hour > 23) {
        return false;
    }
    date->precision = PRECISION_HOUR;
    if (peek(text, *at, ':')) {
        ++*at;
        if (!read_digits(text, at, 2, &civil->minute) || civil->minute > 59) {
            return false;
        }
        date->precision = PRECISION_MINUTE;
        if (peek(text, *at, ':')) {
            ++*at;
            if (!read_digits(text, at, 2, &civil->second) || civil->second > 59) {
                return false;
            }
            date->precision = PRECISION_SECOND;
            if (peek(text, *at, '.') || peek(text, *at, ',')) {
                ++*at;
                date->precision = PRECISION_FRACTION;
                if (!read_fraction(text, at, &civil->microsecond)) {
                    return false;
                }
            }
        }
    }
    return read_zone(text, at, date);
}

bool date_read(str text, struct date_text *ret_date)
{
    struct date_text date = {.civil = {.month = 1, .day = 1}};
    size_t at = 0;
    if (!read_digits(text, &at, 4, &date.civil.year) || date.civil.year == 0) {
        return false;
    }
    date.precision = PRECISION_YEAR;
    char separator = at < text.n ? text.p[at] : 0;
    if (separator == '-' || separator == '/') {
        at++;
        if (!read_digits(text, &at, 2, &date.civil.month) || date.civil.month < 1 ||
            date.civil.month > 12) {
            return false;
        }
        date.precision = PRECISION_MONTH;
        if (peek(text, at, separator)) {
            at++;
            if (!read_digits(text, &at, 2, &date.civil.day) || date.civil.day < 1 ||
                date.civil.day > date_month_length(date.civil.year, date.civil.month)) {
                return false;
            }
            date.precision = PRECISION_DAY;
        }
    }
    if (at < text.n) {
        bool time_follows = text.p[at] == 'T' || text.p[at] == 't' || text.p[at] == ' ';
        at++;
        if (date.precision != PRECISION_DAY || !time_follows || !read_time(text, &at, &date)) {
            return false;
        }
    }
    *ret_date = date;
    return true;
}

struct civil date_next(struct civil civil, enum date_precision precision)
{
    static const usec steps[] = {[PRECISION_DAY] = USEC_DAY,
                                 [PRECISION_HOUR] = 3600 * USEC_SECOND,
                                 [PRECISION_MINUTE] = 60 * USEC_SECOND,
                                 [PRECISION_SECOND] = USEC_SECOND,
                                 [PRECISION_FRACTION] = 1};
    if (precision == PRECISION_YEAR) {
        civil.year++;
        return civil;
    }
    if (precision == PRECISION_MONTH) {
        civil.year += civil.month == 12;
        civil.month = civil.month % 12 + 1;
        return civil;
    }
    return date_civil_instant(date_instant(&civil) + steps[precision]);
}

static void put_digits(char *out, int value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* Years that four digits cannot hold have a sign and six or seven (ISO 8601, expanded). */
static size_t write_year(char *out, int year)
{
    if (year >= 0 && year <= 9999) {
        put_digits(out, year, 4);
        return 4;
    }
    int digits = year > 999999 || year < -999999 ? 7 : 6;
    out[0] = year < 0 ? '-' : '+';
    put_digits(out + 1, year < 0 ? -year : year, digits);
    return 1 + (size_t)digits;
}

static size_t write_civil_day(char *out, const struct civil *civil)
{
    size_t n = write_year(out, civil->year);
    out[n] = '-';
    put_digits(out + n + 1, civil->month, 2);
    out[n + 3] = '-';
    put_digits(out + n + 4, civil->day, 2);
    return n + 6;
}

size_t date_write_day(char *out, int32_t days)
{
    struct civil civil = date_civil(days);
    return write_civil_day(out, &civil);
}

size_t date_write_instant(char *out, usec instant, int offset_seconds)
{
    usec local;
    if (__builtin_add_overflow(instant, offset_seconds * USEC_SECOND, &local)) {
        local = instant; /* the ends of what an engine holds */
    }
    struct civil civil = date_civil_instant(local);
    size_t n = write_civil_day(out, &civil);
    memcpy(out + n, "T00:00:00", 9);
    put_digits(out + n + 1, civil.hour, 2);
    put_digits(out + n + 4, civil.minute, 2);
    put_digits(out + n + 7, civil.second, 2);
    n += 9;
    if (civil.microsecond) {
        out[n++] = '.';
        put_digits(out + n, civil.microsecond, 6);
        n += 6;
        while (out[n - 1] == '0') {
            n--;
        }
    }
    int minutes = offset_seconds / 60;
    out[n++] = minutes < 0 ? '-' : '+';
    minutes = minutes < 0 ? -minutes : minutes;
    put_digits(out + n, minutes / 60, 2);
    out[n + 2] = ':';
    put_digits(out + n + 3, minutes % 60, 2);
    return n + 5;
}

str date_header_text(struct arena *arena, usec instant)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct civil civil = date_civil_instant(instant);
    int day = date_weekday(date_days(civil.year, civil.month, civil.day));
    return str_printf(arena, "%s, %02d %s %04d %02d:%02d:%02d", days[day], civil.day,
                      months[civil.month - 1], civil.year, civil.hour, civil.minute, civil.second);
}
