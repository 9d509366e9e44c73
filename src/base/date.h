/*
 * Civil dates (proleptic Gregorian, years 1 to 9999) and ISO 8601 text. No time zones here:
 * platform/text/zone.h has those.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/clock.h"
#include "base/str.h"

#define DATE_TEXT_BYTES 40
#define USEC_DAY (86400 * USEC_SECOND)

enum date_precision {
    PRECISION_YEAR,
    PRECISION_MONTH,
    PRECISION_DAY,
    PRECISION_HOUR,
    PRECISION_MINUTE,
    PRECISION_SECOND,
    PRECISION_FRACTION
};

struct civil {
    int year, month, day; /* 1..9999, 1..12, 1..31 */
    int hour, minute, second, microsecond;
};

/** Days since 1970-01-01. The civil date must be valid. */
int32_t date_days(int year, int month, int day);

/** Civil date of a day number; time parts are zero. */
struct civil date_civil(int32_t days);

/** Microseconds since 1970 of a civil time, as if it were UTC. */
usec date_instant(const struct civil *civil);

/** Civil time of an instant, in UTC. */
struct civil date_civil_instant(usec instant);

int date_month_length(int year, int month);

/** ISO weekday: 0 Monday … 6 Sunday. */
int date_weekday(int32_t days);

struct date_text {
    struct civil civil;
    enum date_precision precision;
    bool has_zone;            /* Z or ±hh:mm was given */
    int zone_offset_minutes;  /* east positive */
};

/**
 * Reads a whole text: 2026, 2026-08, 2026-08-29, 2026/08/29, 2026/08, then optional T or blank and
 * HH[:MM[:SS[.fraction]]] with optional Z, ±hh, ±hhmm, ±hh:mm. False when it is anything else or
 * not a calendar date. Source: explore-api.md 3.1 (date literals).
 */
bool date_read(str text, struct date_text *ret_date);

/** Start of the period that follows the one denoted by civil at this precision. */
struct civil date_next(struct civil civil, enum date_precision precision);

/**
 * Writes 2026-08-29 at out (DATE_TEXT_BYTES); returns the length. Years outside 0 to 9999, which
 * other programs may have stored, become +012026 or -000001.
 */
size_t date_write_day(char *out, int32_t days);

/**
 * Writes 2026-01-05T08:30:00[.ffffff]+01:00 at out (DATE_TEXT_BYTES) for an instant shown at an
 * offset of offset_seconds east of UTC; returns the length. Source: explore-api.md 4.2.
 */
size_t date_write_instant(char *out, usec instant, int offset_seconds);

/**
 * "Sun, 06 Nov 1994 08:49:37" in UTC, as headers have it; the zone is the caller's to add ("GMT",
 * RFC 9110 5.6.7; "+0000", RFC 5322 3.3).
 */
str date_header_text(struct arena *arena, usec instant);

#endif
