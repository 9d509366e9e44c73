/* A file of GDAL that is a buffer of ours, for drivers that write from front to back. Private to this directory. */
#ifndef PLATFORM_GDAL_STREAM_H
#define PLATFORM_GDAL_STREAM_H

#include "base/buf.h"

#define STREAM_NAME_BYTES 64

struct stream_target {
    struct buf *out;  /* NULL: bytes are dropped */
    uint64_t written; /* in all; the buffer may have been emptied since */
};

/** A file name that GDAL opens as the target, written at name; valid while the target stays where it is. */
const char *stream_name(struct stream_target *target, char name[STREAM_NAME_BYTES]);

#endif
