/*
 * ICU gives the transitions of a zone once; they are kept as a sorted table, so that an offset is
 * a binary search without locks. Zones live until the program ends.
 */
#include "platform/text/zone.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/uenum.h>
#include <unicode/ustring.h>

#include "base/bug.h"
#include "base/date.h"

#define TRANSITIONS_KEPT 1024
#define ZONES_KEPT 1024
#define ZONE_NAME_BYTES 64

struct zone {
    struct zone *next;
    char name[ZONE_NAME_BYTES];
    int first_offset; /* before the first transition */
    size_t count;
    usec starts[TRANSITIONS_KEPT];
    int offsets[TRANSITIONS_KEPT];
};

static pthread_mutex_t zones_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct zone *zones; /* guarded by zones_mutex; entries are immutable */

static int offset_now(UCalendar *calendar, UErrorCode *status)
{
    int32_t milliseconds = ucal_get(calendar, UCAL_ZONE_OFFSET, status) +
                           ucal_get(calendar, UCAL_DST_OFFSET, status);
    return milliseconds / 1000;
}

static bool read_transitions(UCalendar *calendar, struct zone *zone)
{
    static const struct civil first = {.year = 1800, .month = 1, .day = 1};
    static const struct civil last = {.year = 2200, .month = 1, .day = 1};
    UErrorCode status = U_ZERO_ERROR;
    UDate at = (double)(date_instant(&first) / 1000);
    ucal_setMillis(calendar, at, &status);
    zone->first_offset = offset_now(calendar, &status);
    while (U_SUCCESS(status) && zone->count < TRANSITIONS_KEPT) {
        if (!ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &at, &status) ||
            (usec)at * 1000 > date_instant(&last)) {
            break;
        }
        ucal_setMillis(calendar, at, &status);
        zone->starts[zone->count] = (usec)at * 1000;
        zone->offsets[zone->count++] = offset_now(calendar, &status);
    }
    return U_SUCCESS(status);
}

/* ---- all names ---- */

#define NAMES_KEPT 800

static const char *place_names[NAMES_KEPT];
static size_t place_name_count;

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names without a place (Etc/GMT+5, PST8PDT) are of use to nobody who chooses where something is. */
static void list_names(void)
{
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration *all =
        ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL_LOCATION, NULL, NULL, &status);
    const char *name;
    while (U_SUCCESS(status) && place_name_count < NAMES_KEPT && (name = uenum_next(all, NULL, &status))) {
        place_names[place_name_count] = strdup(name);
        place_name_count += place_names[place_name_count] != NULL;
    }
    uenum_close(all);
    qsort(place_names, place_name_count, sizeof(*place_names), compare_names);
}

const char *const *zone_names(size_t *ret_count)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, list_names);
    *ret_count = place_name_count;
    return place_names;
}

/* ---- one ---- */

/* NULL when ICU does not know the name. */
static struct zone *zone_make(str name)
{
    UChar wide[ZONE_NAME_BYTES];
    UChar canonical[ZONE_NAME_BYTES];
    UBool is_system = 0;
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = 0;
    u_strFromUTF8(wide, ZONE_NAME_BYTES, &length, name.p, (int32_t)name.n, &status);
    int32_t canonical_length = ucal_getCanonicalTimeZoneID(wide, length, canonical,
                                                           ZONE_NAME_BYTES, &is_system, &status);
    if (U_FAILURE(status) || !is_system || canonical_length >= ZONE_NAME_BYTES) {
        return NULL;
    }
    UCalendar *calendar = ucal_open(wide, length, "", UCAL_GREGORIAN, &status);
    struct zone *zone = calloc(1, sizeof(*zone));
    if (!zone) {
        bug_out_of_memory(sizeof(*zone));
    }
    if (U_FAILURE(status) || !read_transitions(calendar, zone)) {
        ucal_close(calendar);
        free(zone);
        return NULL;
    }
    ucal_close(calendar);
    memcpy(zone->name, name.p, name.n);
    return zone;
}

/* The spelling of the time zone database for a name in any letter case. */
static bool known_spelling(str name, char *out)
{
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration *names = ucal_openTimeZones(&status);
    bool found = false;
    int32_t length = 0;
    for (const char *known = uenum_next(names, &length, &status); known && !found;
         known = uenum_next(names, &length, &status)) {
        if (str_eq_nocase(name, str_from(known)) && length < ZONE_NAME_BYTES) {
            memcpy(out, known, (size_t)length + 1);
            found = true;
        }
    }
    uenum_close(names);
    return found;
}

const struct zone *zone_find(str name)
{
    char spelling[ZONE_NAME_BYTES];
    if (name.n == 0) {
        name = S("UTC");
    }
    if (name.n >= ZONE_NAME_BYTES) {
        return NULL;
    }
    pthread_mutex_lock(&zones_mutex);
    struct zone *zone = zones;
    while (zone && !str_eq_nocase(str_from(zone->name), name)) {
        zone = zone->next;
    }
    if (!zone && known_spelling(name, spelling)) {
        zone = zone_make(str_from(spelling));
        if (zone) {
            zone->next = zones;
            zones = zone;
        }
    }
    pthread_mutex_unlock(&zones_mutex);
    return zone;
}

str zone_name(const struct zone *zone)
{
    return str_from(zone->name);
}

int zone_offset_at(const struct zone *zone, usec instant)
{
    size_t low = 0;
    size_t high = zone->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->starts[middle] <= instant) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low ? zone->offsets[low - 1] : zone->first_offset;
}

usec zone_instant_of_local(const struct zone *zone, usec local)
{
    int before = zone_offset_at(zone, local - USEC_DAY);
    usec first = local - before * USEC_SECOND;
    if (zone_offset_at(zone, first) == before) {
        return first;
    }
    int after = zone_offset_at(zone, local + USEC_DAY);
    usec second = local - after * USEC_SECOND;
    return zone_offset_at(zone, second) == after ? second : first;
}

size_t zone_changes(const struct zone *zone, const usec **ret_starts, const int **ret_offsets,
                    int *ret_first_offset)
{
    *ret_starts = zone->starts;
    *ret_offsets = zone->offsets;
    *ret_first_offset = zone->first_offset;
    return zone->count;
}
