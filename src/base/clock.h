/* Instants and durations in microseconds. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

typedef int64_t usec; /* an instant since 1970 UTC, a monotonic instant, or a duration */

#define USEC_SECOND ((usec)1000000)

/** Wall clock, since 1970-01-01T00:00:00Z. */
usec clock_wall(void);

/** Never goes back; only differences mean something. */
usec clock_monotonic(void);

/** Makes clock_wall return instant from now on (tests); 0 gives the real clock back. */
void clock_set_wall(usec instant);

#endif
