/*
 * What reading (read.h), writing (write.h) and projecting (projection.h) by GDAL share. The library is
 * loaded and set up once, on first use, so that nobody pays for it who does not need it: only the
 * drivers we name are registered, nothing is fetched from a network, no plugin is loaded, and messages
 * go to the failure of the scope, never to the terminal.
 */
#ifndef PLATFORM_GDAL_GDAL_H
#define PLATFORM_GDAL_GDAL_H

#include "base/scope.h"
#include "platform/i18n/explanation.h"

/** Sets GDAL up. Any thread, any number of times. Errors: ERR_FILE (the library cannot be loaded). */
enum err gdal_start(struct scope *scope) must_check;

/** As fail_in_words(), with GDAL's last message on this thread as the cause. Returns code. */
enum err gdal_fail_in_words(struct scope *scope, enum err code, enum message message,
                            const struct message_argument *arguments);

#endif
