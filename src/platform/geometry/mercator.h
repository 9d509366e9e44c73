/* The square map of the world that web maps show (EPSG:3857), some number of units wide, y down. */
#ifndef PLATFORM_GEOMETRY_MERCATOR_H
#define PLATFORM_GEOMETRY_MERCATOR_H

#include <math.h>
#include <stdint.h>

#define MERCATOR_LATITUDE_MOST 85.0511287798066 /* of the map's upper edge */

/** How often so many units, a power of 2, can be halved. */
static inline int mercator_bits(int64_t units)
{
    return __builtin_ctzll((unsigned long long)units);
}

static inline double mercator_x(double longitude, double size)
{
    return (longitude + 180) / 360 * size;
}

/** Places nearer the poles than the map reaches lie on its edge. */
static inline double mercator_y(double latitude, double size)
{
    double y = 0.5 - asinh(tan(latitude * M_PI / 180)) / (2 * M_PI);
    return fmin(fmax(y, 0), 1) * size;
}

static inline double mercator_longitude(double x, double size)
{
    return x / size * 360 - 180;
}

static inline double mercator_latitude(double y, double size)
{
    return atan(sinh(M_PI * (1 - 2 * y / size))) * 180 / M_PI;
}

#endif
