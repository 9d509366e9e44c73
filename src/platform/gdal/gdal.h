/*
 * What reading (read.h), writing (write.h) and projecting (projection.h) by GDAL share. GDAL is set
 * up once, on first use: only the drivers we name are registered, nothing is fetched from a network,
 * messages go to the failure of the scope and never to the terminal.
 */
#ifndef PLATFORM_GDAL_GDAL_H
#define PLATFORM_GDAL_GDAL_H

#include "base/scope.h"

/** Sets GDAL up. Any thread, any number of times. */
void gdal_start(void);

/** Records a failure with GDAL's last message on this thread as its cause. Returns code. */
enum err gdal_fail(struct scope *scope, enum err code, const char *format, ...) printf_like(3, 4);

#endif
