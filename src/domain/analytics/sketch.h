/*
 * How many different marks were seen: counted exactly as long as they are few, else estimated with HyperLogLog. A
 * sketch holds marks or what is left of them, so that it is as confidential as they are: it stays in memory.
 */
#ifndef DOMAIN_ANALYTICS_SKETCH_H
#define DOMAIN_ANALYTICS_SKETCH_H

#include <stdbool.h>
#include <stdint.h>

#define SKETCH_EXACT 128 /* marks that are counted exactly */

struct sketch;

/**
 * Adds a mark (not 0). *sketch NULL: a first one is made. bits: registers are 1 << bits (10 to 16), the standard
 * error 1.04 / √registers; 0: once there are SKETCH_EXACT, no more are counted.
 */
void sketch_add(struct sketch **sketch, uint64_t mark, int bits);

/** 0 for NULL. */
int64_t sketch_estimate(const struct sketch *sketch);

/** Whether registers were needed. */
bool sketch_is_large(const struct sketch *sketch);

/** Wipes and frees; accepts NULL. */
void sketch_free(struct sketch *sketch);

#endif
