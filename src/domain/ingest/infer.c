#include "domain/ingest/infer.h"

#include "base/num.h"
#include "platform/geometry/geometry.h"

#define EXACT_DIGITS 15  /* decimal digits that a double always keeps */
#define DECIMAL_BYTES 63 /* longest text that is read as a decimal */

bool read_plain_integer(str text, int64_t *ret_number)
{
    size_t sign = text.n && text.p[0] == '-';
    if (sign == text.n || !is_ascii_digit(text.p[sign])) {
        return false;
    }
    bool leading_zero = text.p[sign] == '0' && (sign || text.n > 1);
    return !leading_zero && num_read_int(text, ret_number);
}

/* A decimal that a double keeps: no leading zero, no plus, at most 15 digits before the point. */
static bool is_plain_decimal(str text, char point)
{
    size_t at = text.n && text.p[0] == '-';
    size_t whole = at;
    while (at < text.n && is_ascii_digit(text.p[at])) {
        at++;
    }
    size_t digits = at - whole;
    bool leading_zero = digits > 1 && text.p[whole] == '0';
    if (digits == 0 || digits > EXACT_DIGITS || leading_zero || text.n > DECIMAL_BYTES) {
        return false;
    }
    if (at < text.n && text.p[at] == point) {
        size_t fraction = ++at;
        while (at < text.n && is_ascii_digit(text.p[at])) {
            at++;
        }
        if (at == fraction) {
            return false;
        }
    }
    if (at < text.n && (text.p[at] | 32) == 'e' && point == '.') {
        double ignored;
        return num_read_double(text, &ignored);
    }
    return at == text.n;
}

bool read_plain_decimal(str text, double *ret_real)
{
    return is_plain_decimal(text, '.') && num_read_double(text, ret_real);
}

bool read_comma_decimal(str text, double *ret_real)
{
    char copy[DECIMAL_BYTES];
    if (!is_plain_decimal(text, ',')) {
        return false;
    }
    memcpy(copy, text.p, text.n);
    char *comma = memchr(copy, ',', text.n);
    if (comma) {
        *comma = '.';
    }
    return num_read_double((str){copy, text.n}, ret_real);
}

bool read_day(str text, bool day_first, int32_t *ret_days)
{
    char iso[10];
    text = str_trim(text);
    if (day_first) {
        char between = text.n == 10 ? text.p[2] : 0;
        if (text.n != 10 || text.p[5] != between ||
            (between != '/' && between != '.' && between != '-')) {
            return false;
        }
        memcpy(iso, text.p + 6, 4);
        iso[4] = '-';
        memcpy(iso + 5, text.p + 3, 2);
        iso[7] = '-';
        memcpy(iso + 8, text.p, 2);
        text = (str){iso, 10};
    }
    struct date_text date;
    if (!date_read(text, &date) || date.precision != PRECISION_DAY) {
        return false;
    }
    *ret_days = date_days(date.civil.year, date.civil.month, date.civil.day);
    return true;
}

bool read_instant(str text, usec *ret_instant)
{
    struct date_text date;
    if (!date_read(str_trim(text), &date) || date.precision < PRECISION_DAY) {
        return false;
    }
    usec instant = date_instant(&date.civil) - (usec)date.zone_offset_minutes * 60 * USEC_SECOND;
    int year = date_civil_instant(instant).year;
    if (year < 1 || year > 9999) { /* the zone moved it out of what can be shown */
        return false;
    }
    *ret_instant = instant;
    return true;
}

bool read_point(str text, double *ret_lat, double *ret_lon)
{
    str rest = text;
    str lat;
    str lon;
    return str_split(&rest, ',', &lat) && rest.p && str_split(&rest, ',', &lon) && !rest.p &&
           num_read_double(str_trim(lat), ret_lat) && num_read_double(str_trim(lon), ret_lon) &&
           *ret_lat >= -90 && *ret_lat <= 90 && *ret_lon >= -180 && *ret_lon <= 180;
}

static int mask_of_dates(str text)
{
    int32_t days;
    usec instant;
    int mask = 0;
    mask |= read_day(text, false, &days) ? MASK_DATE : 0;
    mask |= read_day(text, true, &days) ? MASK_DAY_FIRST : 0;
    mask |= read_instant(text, &instant) ? MASK_DATETIME : 0;
    return mask;
}

/* Whether it is worth to read the text as a geometry. */
static bool may_be_shape(str text)
{
    static const char *const words[] = {"POINT", "LINESTRING", "POLYGON", "MULTI", "GEOMETRYCOLLECTION",
                                        "SRID="};
    if (text.p[0] == '{') {
        return str_find(text, S("\"coordinates\""), 0) != SIZE_MAX ||
               str_find(text, S("\"geometries\""), 0) != SIZE_MAX;
    }
    if (text.p[0] == '0') {
        return text.n >= 18 && (text.p[1] == '0' || text.p[1] == '1');
    }
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        str word = str_from(words[i]);
        if (str_eq_nocase(str_slice(text, 0, word.n), word)) {
            return true;
        }
    }
    return false;
}

static int mask_of_shape(str text)
{
    struct buf wkb cleanup_with(buf_cleanup) = {0};
    return text.n && may_be_shape(text) && geometry_try(text, &wkb) ? MASK_SHAPE : 0;
}

int mask_of_text(str text)
{
    int64_t number;
    double lat;
    double lon;
    str trimmed = str_trim(text);
    if (trimmed.n == 0) {
        return MASK_ALL;
    }
    int mask = MASK_TEXT;
    char first = trimmed.p[0];
    if (is_ascii_digit(first) || first == '-' || first == '+' || first == '.') {
        mask |= read_plain_integer(trimmed, &number) ? MASK_INT : 0;
        mask |= is_plain_decimal(trimmed, '.') ? MASK_DOUBLE : 0;
        mask |= is_plain_decimal(trimmed, ',') ? MASK_COMMA : 0;
        mask |= mask_of_dates(trimmed);
        mask |= read_point(trimmed, &lat, &lon) ? MASK_POINT : 0;
    }
    if (str_eq_nocase(trimmed, S("true")) || str_eq_nocase(trimmed, S("false"))) {
        mask |= MASK_BOOLEAN;
    }
    return mask | mask_of_shape(trimmed);
}

/* Arrays whose items are neither arrays nor objects. */
static bool is_scalar_array(str raw)
{
    bool in_text = false;
    for (size_t i = 1; i < raw.n; i++) {
        char c = raw.p[i];
        if (in_text) {
            i += c == '\\';
            in_text = c != '"';
        } else if (c == '"') {
            in_text = true;
        } else if (c == '[' || c == '{') {
            return false;
        }
    }
    return true;
}

static void skip_blanks(str raw, size_t *at)
{
    while (*at < raw.n && is_ascii_space(raw.p[*at])) {
        ++*at;
    }
}

static bool skip_char(str raw, size_t *at, char c)
{
    skip_blanks(raw, at);
    if (*at == raw.n || raw.p[*at] != c) {
        return false;
    }
    ++*at;
    return true;
}

/* Reads "key": value; values are numbers, texts without escapes, or flat arrays. */
static bool read_flat_member(str raw, size_t *at, str *ret_key, str *ret_value)
{
    size_t end = skip_char(raw, at, '"') ? str_find_char(raw, '"', *at) : SIZE_MAX;
    if (end == SIZE_MAX) {
        return false;
    }
    *ret_key = str_slice(raw, *at, end);
    *at = end + 1;
    if (!skip_char(raw, at, ':')) {
        return false;
    }
    skip_blanks(raw, at);
    size_t value = *at;
    bool is_array = value < raw.n && raw.p[value] == '[';
    while (*at < raw.n && raw.p[*at] != '}' && (is_array ? raw.p[*at] != ']' : raw.p[*at] != ',')) {
        ++*at;
    }
    *at += is_array && *at < raw.n && raw.p[*at] == ']';
    *ret_value = str_trim(str_slice(raw, value, *at));
    return true;
}

static bool read_coordinate(str text, double most, double *ret_real)
{
    return num_read_double(str_trim(text), ret_real) && *ret_real >= -most && *ret_real <= most;
}

static bool read_position(str array, double *ret_lat, double *ret_lon)
{
    str rest = str_slice(array, 1, array.n - 1);
    str lon;
    str lat;
    return array.n > 2 && array.p[0] == '[' && array.p[array.n - 1] == ']' &&
           str_split(&rest, ',', &lon) && str_split(&rest, ',', &lat) && !rest.p &&
           read_coordinate(lon, 180, ret_lon) && read_coordinate(lat, 90, ret_lat);
}

bool read_json_point(str raw, double *ret_lat, double *ret_lon)
{
    enum { LAT = 1, LON = 2, TYPE = 4, POSITION = 8 };
    size_t at = 0;
    int seen = 0;
    bool more = skip_char(raw, &at, '{');
    while (more) {
        str key;
        str value;
        if (!read_flat_member(raw, &at, &key, &value)) {
            return false;
        }
        int member = str_eq(key, S("lat")) && read_coordinate(value, 90, ret_lat)     ? LAT
                     : str_eq(key, S("lon")) && read_coordinate(value, 180, ret_lon)  ? LON
                     : str_eq(key, S("type")) && str_eq(value, S("\"Point\""))         ? TYPE
                     : str_eq(key, S("coordinates")) &&
                             read_position(value, ret_lat, ret_lon)                   ? POSITION
                                                                                      : 0;
        if (!member || seen & member) {
            return false;
        }
        seen |= member;
        more = skip_char(raw, &at, ',');
    }
    return skip_char(raw, &at, '}') && str_trim(str_slice(raw, at, raw.n)).n == 0 &&
           (seen == (LAT | LON) || seen == (TYPE | POSITION));
}

static int mask_of_object(str raw)
{
    double lat;
    double lon;
    return mask_of_shape(raw) | (read_json_point(raw, &lat, &lon) ? MASK_POINT_OBJECT : 0);
}

str json_shape_text(str raw)
{
    bool is_plain = raw.n >= 2 && raw.p[0] == '"' && str_find_char(raw, '\\', 0) == SIZE_MAX;
    return is_plain ? str_trim(str_slice(raw, 1, raw.n - 1)) : raw;
}

int mask_of_json(str raw)
{
    raw = str_trim(raw);
    if (raw.n == 0 || str_eq(raw, S("null")) || str_eq(raw, S("\"\""))) {
        return MASK_ALL;
    }
    switch (raw.p[0]) {
    case '"':
        return MASK_TEXT | mask_of_dates(str_slice(raw, 1, raw.n - 1)) |
               mask_of_shape(json_shape_text(raw));
    case 't':
    case 'f':
        return MASK_TEXT | MASK_BOOLEAN;
    case '[':
        return is_scalar_array(raw) ? MASK_LIST : 0;
    case '{':
        return mask_of_object(raw);
    default:
        return MASK_TEXT | (mask_of_text(raw) & (MASK_INT | MASK_DOUBLE));
    }
}

enum field_type type_of_mask(int mask)
{
    if (mask == MASK_ALL) {
        return FIELD_TEXT; /* nothing but empty values */
    }
    if (mask & MASK_BOOLEAN) {
        return FIELD_BOOLEAN;
    }
    if (mask & MASK_INT) {
        return FIELD_INT;
    }
    if (mask & (MASK_DOUBLE | MASK_COMMA)) {
        return FIELD_DOUBLE;
    }
    if (mask & (MASK_DATE | MASK_DAY_FIRST)) {
        return FIELD_DATE;
    }
    if (mask & MASK_DATETIME) {
        return FIELD_DATETIME;
    }
    if (mask & MASK_POINT_OBJECT) {
        return FIELD_GEO_POINT;
    }
    if (mask & MASK_SHAPE) {
        return FIELD_GEO_SHAPE;
    }
    return mask & (MASK_TEXT | MASK_LIST) ? FIELD_TEXT : FIELD_JSON;
}
