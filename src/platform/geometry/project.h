/* Shapes in the units of a map. Private to this directory. */
#ifndef PLATFORM_GEOMETRY_PROJECT_H
#define PLATFORM_GEOMETRY_PROJECT_H

#include "platform/geometry/cut.h"

/**
 * Appends a shape as WKB in units of the window, from its upper left corner, without positions that are nearer to the
 * one before than the tolerance. False when the bytes are no geometry.
 */
bool geometry_project(str wkb, const struct cut_window *window, struct buf *out);

#endif
