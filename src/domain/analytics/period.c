/* Hours, days and months as numbers since 1970. */
#include "base/date.h"
#include "domain/analytics/internal.h"

#define HOUR (3600 * USEC_SECOND)

int64_t period_of_day(enum grain grain, int64_t day)
{
    struct civil civil = date_civil((int32_t)day);
    return grain == GRAIN_HOUR   ? day * 24
           : grain == GRAIN_DAY ? day
                                : ((int64_t)civil.year - 1970) * 12 + civil.month - 1;
}

int64_t period_of(enum grain grain, usec instant)
{
    return grain == GRAIN_HOUR ? instant / HOUR : period_of_day(grain, instant / (24 * HOUR));
}

int64_t period_first_day(enum grain grain, int64_t at)
{
    return grain == GRAIN_HOUR   ? at / 24
           : grain == GRAIN_DAY ? at
                                : date_days(1970 + (int)(at / 12), (int)(at % 12) + 1, 1);
}

str period_text(struct arena *arena, enum grain grain, int64_t at)
{
    struct civil civil = date_civil((int32_t)period_first_day(grain, at));
    if (grain == GRAIN_MONTH) {
        return str_printf(arena, "%04d-%02d", civil.year, civil.month);
    }
    return grain == GRAIN_DAY
               ? str_printf(arena, "%04d-%02d-%02d", civil.year, civil.month, civil.day)
               : str_printf(arena, "%04d-%02d-%02dT%02d:00Z", civil.year, civil.month, civil.day, (int)(at % 24));
}
