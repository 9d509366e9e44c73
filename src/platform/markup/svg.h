/* SVG pictures that strangers made: only those that do nothing but draw are taken. */
#ifndef PLATFORM_MARKUP_SVG_H
#define PLATFORM_MARKUP_SVG_H

#include "base/str.h"

/**
 * Whether bytes are an SVG that only draws: elements and attributes that are known to be still, no scripts, no
 * handlers, no styles that load, no links but to its own parts, no document type. *ret_width, *ret_height: its
 * proportion, by viewBox or size; 0: not known. Any bytes.
 */
bool svg_is_still(str bytes, double *ret_width, double *ret_height);

#endif
