/* From what a file writes in a cell to values. */
#include <math.h>
#include <stdio.h>

#include "base/num.h"
#include "platform/sheet_read/reading.h"

#define DAY_MILLISECONDS 86400000LL
#define EXACT_WHOLE 9007199254740992.0 /* doubles hold every whole number up to here */
#define SERIAL_MOST 3000000.0          /* beyond the year 9999 */
#define LEAP_SERIAL 60                 /* 29 February 1900, which never was */

struct workbook_cell value_of_text(str text)
{
    return (struct workbook_cell){.kind = text.n ? VALUE_TEXT : VALUE_EMPTY, .text = text};
}

static struct workbook_cell error_of(str text)
{
    return (struct workbook_cell){.kind = VALUE_ERROR, .text = text};
}

static struct workbook_cell value_of_real(double real)
{
    bool is_whole = fabs(real) <= EXACT_WHOLE && real == floor(real) && !(real == 0 && signbit(real));
    return is_whole ? (struct workbook_cell){.kind = VALUE_INT, .whole = (int64_t)real, .real = real}
                    : (struct workbook_cell){.kind = VALUE_DOUBLE, .real = real};
}

static struct workbook_cell clock_of(int64_t milliseconds, char scratch[VALUE_TEXT_BYTES])
{
    int64_t size = milliseconds < 0 ? -milliseconds : milliseconds;
    int n = snprintf(scratch, VALUE_TEXT_BYTES, "%s%02lld:%02lld:%02lld", milliseconds < 0 ? "-" : "",
                     (long long)(size / 3600000), (long long)(size / 60000 % 60),
                     (long long)(size / 1000 % 60));
    if (size % 1000) {
        n += snprintf(scratch + n, (size_t)(VALUE_TEXT_BYTES - n), ".%03lld", (long long)(size % 1000));
    }
    return value_of_text((str){scratch, (size_t)n});
}

/* A serial number: days since an epoch, of which there are two. Programs show milliseconds, no less. */
static struct workbook_cell value_of_serial(double serial, int shows, bool is_1904,
                                            char scratch[VALUE_TEXT_BYTES])
{
    if (fabs(serial) > SERIAL_MOST || (serial < 0 && !(shows & SHOWS_DURATION))) {
        return value_of_real(serial);
    }
    int64_t milliseconds = llround(serial * (double)DAY_MILLISECONDS);
    int64_t day = milliseconds / DAY_MILLISECONDS;
    bool is_time_only = !(shows & SHOWS_DAY) && (day == 0 || (shows & SHOWS_DURATION));
    if (is_time_only || (day == 0 && milliseconds && !is_1904)) {
        return clock_of(milliseconds, scratch);
    }
    if (!is_1904 && (day == 0 || day == LEAP_SERIAL)) {
        return error_of(day ? S("1900-02-29") : S("0 as a date"));
    }
    int32_t epoch = is_1904            ? date_days(1904, 1, 1)
                    : day < LEAP_SERIAL ? date_days(1899, 12, 31)
                                        : date_days(1899, 12, 30);
    int32_t days = epoch + (int32_t)day;
    if (days > date_days(9999, 12, 31)) {
        return value_of_real(serial);
    }
    int64_t rest = milliseconds % DAY_MILLISECONDS;
    if (rest || (shows & SHOWS_TIME)) {
        return (struct workbook_cell){.kind = VALUE_INSTANT, .whole = days * USEC_DAY + rest * 1000};
    }
    return (struct workbook_cell){.kind = VALUE_DAY, .whole = days};
}

struct workbook_cell value_of_number(str text, int shows, bool is_1904, char scratch[VALUE_TEXT_BYTES])
{
    int64_t whole;
    double real;
    text = str_trim(text);
    if (text.n == 0) {
        return (struct workbook_cell){.kind = VALUE_EMPTY};
    }
    if (!num_read_double(text, &real)) {
        return error_of(text);
    }
    if (shows) {
        return value_of_serial(real, shows, is_1904, scratch);
    }
    if (num_read_int(text, &whole) && !(whole == 0 && signbit(real))) {
        return (struct workbook_cell){.kind = VALUE_INT, .whole = whole, .real = real};
    }
    return value_of_real(real);
}

struct workbook_cell value_of_date(str text)
{
    struct date_text date;
    text = str_trim(text);
    if (!date_read(text, &date) || date.precision < PRECISION_DAY) {
        return value_of_text(text); /* as a year before 1 */
    }
    if (date.precision == PRECISION_DAY) {
        return (struct workbook_cell){
            .kind = VALUE_DAY, .whole = date_days(date.civil.year, date.civil.month, date.civil.day)};
    }
    usec instant = date_instant(&date.civil) - date.zone_offset_minutes * 60 * USEC_SECOND;
    return (struct workbook_cell){.kind = VALUE_INSTANT, .whole = instant};
}

/* PT26H30M15.5S (XML Schema 3.3.6), as far as spreadsheets write it. */
struct workbook_cell value_of_duration(str text, char scratch[VALUE_TEXT_BYTES])
{
    static const char units[] = "HMS";
    static const double lengths[] = {3600000, 60000, 1000};
    text = str_trim(text);
    bool is_negative = str_starts(text, S("-"));
    size_t at = is_negative ? 1 : 0;
    double sum = 0;
    if (!str_starts(str_slice(text, at, text.n), S("PT"))) {
        return value_of_text(text);
    }
    at += 2;
    for (size_t unit = 0; unit < 3; unit++) {
        size_t end = str_find_char(text, units[unit], at);
        char digits[24] = "";
        double number;
        if (end == SIZE_MAX) {
            continue;
        }
        for (size_t i = at; i < end && i - at < sizeof(digits) - 1; i++) {
            digits[i - at] = text.p[i] == ',' ? '.' : text.p[i];
        }
        if (end - at >= sizeof(digits) || !num_read_double(str_from(digits), &number) || number < 0) {
            return value_of_text(text);
        }
        sum += number * lengths[unit];
        at = end + 1;
    }
    if (at != text.n || sum > 1e15) {
        return value_of_text(text);
    }
    return clock_of(is_negative ? -llround(sum) : llround(sum), scratch);
}

struct workbook_cell value_of_boolean(str text)
{
    text = str_trim(text);
    bool is_true = str_eq(text, S("1")) || str_eq_nocase(text, S("true"));
    bool is_false = str_eq(text, S("0")) || str_eq_nocase(text, S("false"));
    return text.n == 0 ? (struct workbook_cell){.kind = VALUE_EMPTY}
           : is_true || is_false
               ? (struct workbook_cell){.kind = VALUE_BOOLEAN, .whole = is_true}
               : error_of(text);
}
