/* The context of GEOS of a thread. Private to this directory. */
#ifndef PLATFORM_GEOMETRY_GEOS_H
#define PLATFORM_GEOMETRY_GEOS_H

#define GEOS_USE_ONLY_R_API
#include <geos_c.h>

#include "platform/geometry/geometry.h"

/* What GEOS said last. */
struct geos_message {
    char text[200];
};

/** The calling thread's context; freed when the thread ends. */
GEOSContextHandle_t geos_context(void);

/* Literals of a thread (relate.c). */
struct geos_literals;

/** Where the calling thread's literals are kept. */
struct geos_literals **geos_literals_place(void);

/** Frees them; accepts NULL. */
void geos_literals_free(GEOSContextHandle_t context, struct geos_literals *literals);

/** Well-known text as WKB of ours; NULL, or why it is no geometry. */
const char *geos_read_wkt(const char *text, struct buf *wkb, struct geos_message *message);

/** Appends a geometry of GEOS as WKB of ours; NULL, or why it is none. */
const char *geos_write_wkb(GEOSContextHandle_t context, const GEOSGeometry *geometry, struct buf *wkb);

/** A geometry of GEOS; NULL when the bytes are none. The caller destroys it. */
GEOSGeometry *geos_of_wkb(GEOSContextHandle_t context, str wkb);

#endif
