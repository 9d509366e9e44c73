/*
 * Numbers, dates and durations through ICU. Its number formatters and plural rules may be shared by
 * threads; a date format is used under its language's lock.
 */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/ucol.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/uloc.h>
#include <unicode/unumberformatter.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

#include "base/bug.h"
#include "base/date.h"
#include "platform/i18n/message_internal.h"

#define TEXT_UNITS 128 /* UTF-16 units of the longest date; ICU says when it is not enough */
#define EXACT_MOST 120 /* seconds, minutes or hours that are still read easily */

static const struct {
    const char *name;
    int64_t seconds;
} units[] = {
    {"second", 1},  {"minute", 60},        {"hour", 3600},
    {"day", 86400}, {"month", 30 * 86400}, {"year", 365 * 86400},
};

#define UNIT_DAY 3
#define DECIMALS_MOST 12

static const char *const size_units[] = {"byte", "kilobyte", "megabyte", "gigabyte", "terabyte"};

#define COMPACT_LEAST 10000 /* smaller numbers are read as easily whole */

struct language_format {
    UNumberFormatter *number;
    UNumberFormatter *values[DECIMALS_MOST + 2]; /* by decimals; the last one has as many as there are */
    UNumberFormatter *compact;
    UNumberFormatter *sizes[ARRAY_LENGTH(size_units)];
    UCollator *collator;
    UNumberFormatter *durations[ARRAY_LENGTH(units)];
    UPluralRules *cardinal;
    UPluralRules *ordinal;
    pthread_mutex_t dates_lock;
    UDateFormat *date; /* guarded by dates_lock, as is time */
    UDateFormat *time;
    UDateFormat *month;
    UDateFormat *local; /* date and time */
    UDateFormat *month_name; /* alone */
    UDateFormat *weekday;
    char locale[ULOC_FULLNAME_CAPACITY];
    bool plain_digits; /* numbers below 1000 are their ASCII digits */
};

static struct language_format formats[LANGUAGES_MOST]; /* written by formats_start only */

static void add_utf16(struct buf *out, const UChar *text, int32_t length)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t written = 0;
    int32_t room = length * 3 + 1;
    u_strToUTF8WithSub(buf_reserve(out, (size_t)room), room, &written, text, length, 0xfffd, NULL,
                       &status);
    bug_if(U_FAILURE(status));
    out->n += (size_t)written;
}

static void add_formatted(struct buf *out, const UFormattedNumber *formatted)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = 0;
    const UChar *text =
        ufmtval_getString(unumf_resultAsValue(formatted, &status), &length, &status);
    bug_if(U_FAILURE(status));
    add_utf16(out, text, length);
}

static void add_int(struct buf *out, const UNumberFormatter *formatter, int64_t number)
{
    UErrorCode status = U_ZERO_ERROR;
    UFormattedNumber *formatted = unumf_openResult(&status);
    unumf_formatInt(formatter, number, formatted, &status);
    bug_if(U_FAILURE(status));
    add_formatted(out, formatted);
    unumf_closeResult(formatted);
}

static UNumberFormatter *open_number(const char *skeleton, const char *locale)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[TEXT_UNITS];
    u_uastrncpy(wide, skeleton, TEXT_UNITS);
    UNumberFormatter *formatter = unumf_openForSkeletonAndLocale(wide, -1, locale, &status);
    bug_if(U_FAILURE(status));
    return formatter;
}

static UDateFormat *open_date(UDateFormatStyle time, UDateFormatStyle date, const char *locale)
{
    static const UChar utc[] = {'U', 'T', 'C', 0};
    UErrorCode status = U_ZERO_ERROR;
    UDateFormat *format = udat_open(time, date, locale, utc, -1, NULL, 0, &status);
    bug_if(U_FAILURE(status));
    return format;
}

/* Month and year in the order of the language. */
static UDateFormat *open_month(const char *locale)
{
    static const UChar utc[] = {'U', 'T', 'C', 0};
    static const UChar skeleton[] = {'y', 'M', 'M', 'M', 'M', 0};
    UErrorCode status = U_ZERO_ERROR;
    UChar pattern[TEXT_UNITS];
    UDateTimePatternGenerator *generator = udatpg_open(locale, &status);
    int32_t length = udatpg_getBestPattern(generator, skeleton, -1, pattern, TEXT_UNITS, &status);
    udatpg_close(generator);
    UDateFormat *format =
        udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, utc, -1, pattern, length, &status);
    bug_if(U_FAILURE(status));
    return format;
}

/* A name as it stands alone, by one letter of ICU's patterns. */
static UDateFormat *open_name(char letter, const char *locale)
{
    static const UChar utc[] = {'U', 'T', 'C', 0};
    UErrorCode status = U_ZERO_ERROR;
    UChar pattern[] = {(UChar)letter, (UChar)letter, (UChar)letter, (UChar)letter, 0};
    UDateFormat *format = udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, utc, -1, pattern, 4, &status);
    bug_if(U_FAILURE(status));
    return format;
}

static void open_formats(struct language_format *format, const char *code)
{
    char locale[ULOC_FULLNAME_CAPACITY];
    UErrorCode status = U_ZERO_ERROR;
    int32_t parsed = 0;
    uloc_forLanguageTag(code, locale, (int32_t)sizeof(locale), &parsed, &status);
    bug_if(U_FAILURE(status) || (size_t)parsed != strlen(code));
    format->number = open_number("", locale);
    for (int i = 0; i <= DECIMALS_MOST; i++) {
        char skeleton[TEXT_UNITS];
        snprintf(skeleton, sizeof(skeleton), "group-min2 %s%.*s", i ? "." : "precision-integer", i,
                 "000000000000");
        format->values[i] = open_number(skeleton, locale);
    }
    format->values[DECIMALS_MOST + 1] = open_number("group-min2 .############", locale);
    format->compact = open_number("compact-long", locale);
    for (size_t i = 0; i < ARRAY_LENGTH(size_units); i++) {
        char skeleton[TEXT_UNITS];
        snprintf(skeleton, sizeof(skeleton), "measure-unit/digital-%s unit-width-short %s",
                 size_units[i], i ? "@@#" : "");
        format->sizes[i] = open_number(skeleton, locale);
    }
    format->collator = ucol_open(locale, &status);
    bug_if(U_FAILURE(status));
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
        char skeleton[TEXT_UNITS];
        snprintf(skeleton, sizeof(skeleton), "measure-unit/duration-%s unit-width-full-name",
                 units[i].name);
        format->durations[i] = open_number(skeleton, locale);
    }
    format->cardinal = uplrules_openForType(locale, UPLURAL_TYPE_CARDINAL, &status);
    format->ordinal = uplrules_openForType(locale, UPLURAL_TYPE_ORDINAL, &status);
    bug_if(U_FAILURE(status));
    bug_if(pthread_mutex_init(&format->dates_lock, NULL) != 0);
    format->date = open_date(UDAT_NONE, UDAT_MEDIUM, locale);
    format->time = open_date(UDAT_SHORT, UDAT_NONE, locale);
    format->month = open_month(locale);
    format->local = open_date(UDAT_SHORT, UDAT_MEDIUM, locale);
    format->month_name = open_name('L', locale);
    format->weekday = open_name('c', locale);
    memcpy(format->locale, locale, sizeof(locale));
    struct buf digits = {0};
    add_int(&digits, format->number, 987);
    format->plain_digits = str_eq(buf_str(&digits), S("987"));
    buf_done(&digits);
}

void formats_start(void)
{
    UErrorCode status = U_ZERO_ERROR;
    uloc_setDefault("en", &status); /* what ICU falls back to must not depend on LANG */
    bug_if(U_FAILURE(status));
    bug_if(language_texts_count > LANGUAGES_MOST);
    for (int i = 0; i < language_texts_count; i++) {
        open_formats(&formats[i], language_texts[i].code);
    }
}

static struct language_format *format_of(language lang)
{
    bug_if(lang < 0 || lang >= language_texts_count);
    bug_if(!formats[lang].number); /* messages_start was not called */
    return &formats[lang];
}

void format_add_int(struct buf *out, language lang, int64_t number)
{
    struct language_format *format = format_of(lang);
    if (format->plain_digits && number >= 0 && number < 1000) {
        buf_add_int(out, number);
    } else {
        add_int(out, format->number, number);
    }
}

static void add_double(struct buf *out, const UNumberFormatter *formatter, double number)
{
    UErrorCode status = U_ZERO_ERROR;
    UFormattedNumber *formatted = unumf_openResult(&status);
    unumf_formatDouble(formatter, number, formatted, &status);
    bug_if(U_FAILURE(status));
    add_formatted(out, formatted);
    unumf_closeResult(formatted);
}

void format_add_double(struct buf *out, language lang, double number)
{
    add_double(out, format_of(lang)->number, number);
}

str format_plural_class(language lang, bool is_ordinal, double number, char out[16])
{
    struct language_format *format = format_of(lang);
    UErrorCode status = U_ZERO_ERROR;
    UChar keyword[16];
    int32_t length = uplrules_select(is_ordinal ? format->ordinal : format->cardinal, number,
                                     keyword, (int32_t)ARRAY_LENGTH(keyword), &status);
    bug_if(U_FAILURE(status) || length > 15);
    for (int32_t i = 0; i < length; i++) {
        out[i] = (char)keyword[i];
    }
    return (str){out, (size_t)length};
}

str format_int(struct arena *arena, language lang, int64_t number)
{
    cleanup_with(buf_cleanup) struct buf out = {0};
    format_add_int(&out, lang, number);
    return buf_copy(&out, arena);
}

str format_number(struct arena *arena, language lang, double number, int decimals)
{
    if (!isfinite(number)) {
        return S("–");
    }
    struct language_format *format = format_of(lang);
    int kind = decimals < 0 ? DECIMALS_MOST + 1 : decimals > DECIMALS_MOST ? DECIMALS_MOST : decimals;
    cleanup_with(buf_cleanup) struct buf out = {0};
    add_double(&out, format->values[kind], number);
    return buf_copy(&out, arena);
}

str format_whole(struct arena *arena, language lang, int64_t number)
{
    cleanup_with(buf_cleanup) struct buf out = {0};
    add_int(&out, format_of(lang)->values[0], number);
    return buf_copy(&out, arena);
}

str format_compact(struct arena *arena, language lang, int64_t number)
{
    if (number > -COMPACT_LEAST && number < COMPACT_LEAST) {
        return format_int(arena, lang, number);
    }
    cleanup_with(buf_cleanup) struct buf out = {0};
    add_int(&out, format_of(lang)->compact, number);
    return buf_copy(&out, arena);
}

str format_bytes(struct arena *arena, language lang, int64_t bytes)
{
    double size = (double)bytes;
    size_t unit = 0;
    while (size >= 999.5 && unit + 1 < ARRAY_LENGTH(size_units)) {
        size /= 1000;
        unit++;
    }
    cleanup_with(buf_cleanup) struct buf out = {0};
    add_double(&out, format_of(lang)->sizes[unit], size);
    return buf_copy(&out, arena);
}

str format_language_name(struct arena *arena, language lang, str code)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[TEXT_UNITS];
    int32_t length = uloc_getDisplayName(str_cz(arena, code), format_of(lang)->locale, wide,
                                         (int32_t)ARRAY_LENGTH(wide), &status);
    if (U_FAILURE(status) || length == 0) {
        return code;
    }
    cleanup_with(buf_cleanup) struct buf out = {0};
    add_utf16(&out, wide, length);
    return buf_copy(&out, arena);
}

str format_country_name(struct arena *arena, language lang, str code)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[TEXT_UNITS];
    str tag = str_printf(arena, "und_%.*s", STR_ARG(code));
    int32_t length = uloc_getDisplayCountry(tag.p, format_of(lang)->locale, wide, (int32_t)ARRAY_LENGTH(wide), &status);
    if (U_FAILURE(status) || length == 0) {
        return code;
    }
    cleanup_with(buf_cleanup) struct buf out = {0};
    add_utf16(&out, wide, length);
    return buf_copy(&out, arena);
}

int format_compare(language lang, str a, str b)
{
    UErrorCode status = U_ZERO_ERROR;
    UCollationResult result =
        ucol_strcollUTF8(format_of(lang)->collator, a.p ? a.p : "", (int32_t)a.n, b.p ? b.p : "",
                         (int32_t)b.n, &status);
    return U_FAILURE(status) ? str_compare(a, b) : (int)result;
}

static str date_text(struct arena *arena, struct language_format *format, UDateFormat *kind,
                     usec local)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[TEXT_UNITS];
    pthread_mutex_lock(&format->dates_lock);
    int32_t length = udat_format(kind, floor((double)local / 1000), wide,
                                 (int32_t)ARRAY_LENGTH(wide), NULL, &status);
    pthread_mutex_unlock(&format->dates_lock);
    bug_if(U_FAILURE(status));
    cleanup_with(buf_cleanup) struct buf out = {0};
    add_utf16(&out, wide, length);
    return buf_copy(&out, arena);
}

str format_date(struct arena *arena, language lang, usec local)
{
    struct language_format *format = format_of(lang);
    return date_text(arena, format, format->date, local);
}

str format_local(struct arena *arena, language lang, usec local)
{
    struct language_format *format = format_of(lang);
    return date_text(arena, format, format->local, local);
}

str format_month(struct arena *arena, language lang, usec local)
{
    struct language_format *format = format_of(lang);
    return date_text(arena, format, format->month, local);
}

str format_month_name(struct arena *arena, language lang, int month)
{
    struct language_format *format = format_of(lang);
    bug_if(month < 1 || month > 12);
    return date_text(arena, format, format->month_name, date_days(2001, month, 15) * USEC_DAY);
}

str format_weekday(struct arena *arena, language lang, int weekday)
{
    struct language_format *format = format_of(lang);
    bug_if(weekday < 1 || weekday > 7);
    return date_text(arena, format, format->weekday, date_days(2001, 1, weekday) * USEC_DAY);
}

/* ---- instants ---- */

static _Atomic(format_offset *) zone_offset;
static _Atomic(const void *) used_zone; /* NULL: UTC */

void format_use_zone(format_offset *offset, const void *zone)
{
    atomic_store(&zone_offset, offset);
    atomic_store(&used_zone, zone);
}

/* Seconds east of UTC. */
static int offset_at(usec instant)
{
    const void *zone = atomic_load(&used_zone);
    return zone ? atomic_load(&zone_offset)(zone, instant) : 0;
}

/* Instants at the ends of what can be said stay where they are. */
static usec local_of(usec instant, int offset)
{
    usec local;
    return __builtin_add_overflow(instant, offset * USEC_SECOND, &local) ? instant : local;
}

/* "UTC+5:30"; offsets of long ago had seconds, which are left out. */
static str offset_text(struct arena *arena, int offset)
{
    int minutes = abs(offset) / 60;
    if (minutes == 0) {
        return S("UTC");
    }
    return minutes % 60 ? str_printf(arena, "UTC%s%d:%02d", offset < 0 ? "\u2212" : "+", minutes / 60, minutes % 60)
                        : str_printf(arena, "UTC%s%d", offset < 0 ? "\u2212" : "+", minutes / 60);
}

str format_instant_date(struct arena *arena, language lang, usec instant)
{
    return format_date(arena, lang, local_of(instant, offset_at(instant)));
}

str format_instant(struct arena *arena, language lang, usec instant)
{
    struct language_format *format = format_of(lang);
    int offset = offset_at(instant);
    usec local = local_of(instant, offset);
    struct message_argument parts[] = {
        ARG_TEXT("date", date_text(arena, format, format->date, local)),
        ARG_TEXT("time", date_text(arena, format, format->time, local)),
        ARG_TEXT("zone", offset_text(arena, offset)),
    };
    return message_text(arena, lang, MSG_FORMAT_INSTANT, parts, ARRAY_LENGTH(parts));
}

str format_duration(struct arena *arena, language lang, usec duration)
{
    struct language_format *format = format_of(lang);
    int64_t seconds = duration / USEC_SECOND + (duration % USEC_SECOND > 0);
    size_t unit = 0;
    for (size_t i = 1; seconds && i < ARRAY_LENGTH(units); i++) {
        unit = seconds % units[i].seconds == 0 ? i : unit;
    }
    while (unit < UNIT_DAY && llabs(seconds / units[unit].seconds) >= EXACT_MOST) {
        unit++;
    }
    int64_t count = seconds / units[unit].seconds + (seconds % units[unit].seconds > 0);
    cleanup_with(buf_cleanup) struct buf out = {0};
    add_int(&out, format->durations[unit], count);
    return buf_copy(&out, arena);
}
