/* Morton's order: places whose numbers lie between two powers' multiples are one square of the map. Any thread. */
#ifndef PLATFORM_GEOMETRY_MORTON_H
#define PLATFORM_GEOMETRY_MORTON_H

#include <stdint.h>

/* Bit i of a number of 32 bits at bit 2i. */
static inline uint64_t morton_spread(uint32_t number)
{
    uint64_t bits = number;
    bits = (bits | bits << 16) & UINT64_C(0x0000ffff0000ffff);
    bits = (bits | bits << 8) & UINT64_C(0x00ff00ff00ff00ff);
    bits = (bits | bits << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    bits = (bits | bits << 2) & UINT64_C(0x3333333333333333);
    return (bits | bits << 1) & UINT64_C(0x5555555555555555);
}

/* The other way round; bits between are not looked at. */
static inline uint32_t morton_gather(uint64_t bits)
{
    bits &= UINT64_C(0x5555555555555555);
    bits = (bits | bits >> 1) & UINT64_C(0x3333333333333333);
    bits = (bits | bits >> 2) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    bits = (bits | bits >> 4) & UINT64_C(0x00ff00ff00ff00ff);
    bits = (bits | bits >> 8) & UINT64_C(0x0000ffff0000ffff);
    return (uint32_t)(bits | bits >> 16);
}

/** The number of a place: those of a square of 2^n units, set on multiples of them, follow each other. */
static inline uint64_t morton_of(uint32_t x, uint32_t y)
{
    return morton_spread(x) | morton_spread(y) << 1;
}

#endif
