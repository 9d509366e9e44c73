/* The rows of analytics.def as tables. */
#include "domain/analytics/internal.h"

static const struct {
    const char *key;
    bool is_of_people;
    enum message title;
} measures[MEASURE__COUNT] = {
#define MEASURE(name, key, people) [MEASURE_##name] = {key, people, MSG_STATISTICS_MEASURE_##name},
#include "domain/analytics/analytics.def"
};

static const struct {
    const char *key;
    enum message title;
} dimensions[DIMENSION__COUNT] = {
#define DIMENSION(name, key, most) [DIMENSION_##name] = {key, MSG_STATISTICS_DIMENSION_##name},
#include "domain/analytics/analytics.def"
};

static const bool counted_by[MEASURE__COUNT][DIMENSION__COUNT] = {
#define BY(measure, dimension) [MEASURE_##measure][DIMENSION_##dimension] = true,
#include "domain/analytics/analytics.def"
};

const char *measure_key(enum measure measure)
{
    return measures[measure].key;
}

const char *dimension_key(enum dimension dimension)
{
    return dimensions[dimension].key;
}

const char *grain_key(enum grain grain)
{
    static const char *const keys[GRAIN__COUNT] = {"hour", "day", "month"};
    return keys[grain];
}

bool measure_find(str key, enum measure *ret_measure)
{
    for (enum measure i = 0; i < MEASURE__COUNT; i++) {
        if (str_eq(key, str_from(measures[i].key))) {
            *ret_measure = i;
            return true;
        }
    }
    return false;
}

bool dimension_find(str key, enum dimension *ret_dimension)
{
    for (enum dimension i = 0; i < DIMENSION__COUNT; i++) {
        if (str_eq(key, str_from(dimensions[i].key))) {
            *ret_dimension = i;
            return true;
        }
    }
    return false;
}

enum message measure_title(enum measure measure)
{
    return measures[measure].title;
}

enum message dimension_title(enum dimension dimension)
{
    return dimensions[dimension].title;
}

bool measure_has(enum measure measure, enum dimension dimension)
{
    return counted_by[measure][dimension];
}

enum measure measure_people(enum measure measure)
{
    switch (measure) {
    case MEASURE_ERRORS: /* of people and programs alike, and of no use to tell them apart */
    case MEASURE_ANSWERS:
    case MEASURE_BOTS:
    case MEASURE_STARTS:
    case MEASURE_LOST:
    case MEASURE_TILES:
        return MEASURE__COUNT;
    default:
        return measures[measure].is_of_people ? MEASURE_VISITORS : MEASURE_CALLERS;
    }
}
