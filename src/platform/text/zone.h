/* Time zones by IANA name (ICU). A zone is found once and kept for the life of the program. */
#ifndef PLATFORM_TEXT_ZONE_H
#define PLATFORM_TEXT_ZONE_H

#include "base/clock.h"
#include "base/str.h"

struct zone;

/** Zone of an IANA name (any letter case), NULL when unknown. Empty: UTC. Any thread. */
const struct zone *zone_find(str name);

/** Canonical IANA spelling. */
str zone_name(const struct zone *zone);

/** The names of all zones that stand for a place, as "Europe/Paris", sorted. In static memory, made once. */
const char *const *zone_names(size_t *ret_count);

/** Seconds east of UTC at an instant. */
int zone_offset_at(const struct zone *zone, usec instant);

/** Instant of a local civil time given as if it were UTC (gaps: shifted; overlaps: the first). */
usec zone_instant_of_local(const struct zone *zone, usec local);

/**
 * The instants from 1800 to 2200 at which offsets change, in ascending order, and the offset from each one on.
 * Returns how many; ret_first_offset is that before the first.
 */
size_t zone_changes(const struct zone *zone, const usec **ret_starts, const int **ret_offsets,
                    int *ret_first_offset);

#endif
