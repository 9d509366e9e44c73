#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic usec fixed_wall;

static usec read_clock(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (usec)now.tv_sec * USEC_SECOND + now.tv_nsec / 1000;
}

usec clock_wall(void)
{
    usec fixed = fixed_wall;
    return fixed ? fixed : read_clock(CLOCK_REALTIME);
}

usec clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

void clock_set_wall(usec instant)
{
    fixed_wall = instant;
}
