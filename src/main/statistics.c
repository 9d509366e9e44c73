#include "main/statistics.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HOUR_DAYS_MOST 758 /* 25 months, the shortest there are: what is exempt from consent (cookies-and-privacy.md 3.3) */
#define DAY_MONTHS_MOST 25
#define DEBIAN_GEOIP "/usr/share/tor/geoip"

#ifdef PARVIS_DEVELOPMENT
/* Tests let days pass: a file that PARVIS_TEST_CLOCK names holds how many seconds this clock is ahead. */
static usec test_clock(void)
{
    const char *path = getenv("PARVIS_TEST_CLOCK");
    FILE *file = path ? fopen(path, "re") : NULL;
    long long ahead = 0;
    if (file) {
        ahead = fscanf(file, "%lld", &ahead) == 1 ? ahead : 0;
        fclose(file);
    }
    return clock_wall() + ahead * USEC_SECOND;
}
#define STATISTICS_CLOCK test_clock

/* … and look for what is made with the key of the day, in 64 hexadecimal digits; NULL: they do not. */
static const uint8_t *test_key(struct scope *scope)
{
    const char *text = getenv("PARVIS_TEST_DAY_KEY");
    uint8_t *key = arena_alloc(&scope->arena, SECRET_BYTES);
    for (int i = 0; text && i < SECRET_BYTES; i++) {
        text = sscanf(text + (size_t)2 * (size_t)i, "%2hhx", &key[i]) == 1 ? text : NULL;
    }
    return text ? key : NULL;
}
#define STATISTICS_KEY(scope) test_key(scope)
#else
#define STATISTICS_CLOCK clock_wall
#define STATISTICS_KEY(scope) NULL
#endif

static enum err read_number(struct scope *scope, const struct command_line *line, const char *name, int64_t low,
                            int64_t high, int *ret)
{
    int64_t number;
    TRY(option_number(scope, line, name, low, high, &number));
    *ret = (int)number;
    return ERR_OK;
}

/* Those of Debian's package need not be there; a file that was named must. */
static enum err read_geoip(struct scope *scope, const struct command_line *line, const char **ret_path)
{
    const char *path;
    TRY(option_text(scope, line, "geoip", &path));
    if (str_eq(str_from(path), S("off"))) {
        *ret_path = NULL;
    } else if (*path) {
        *ret_path = path;
    } else {
        *ret_path = access(DEBIAN_GEOIP, R_OK) == 0 && access(DEBIAN_GEOIP "6", R_OK) == 0 ? DEBIAN_GEOIP : NULL;
    }
    return ERR_OK;
}

static str host_of(str url)
{
    size_t slashes = str_find(url, S("://"), 0);
    str authority = slashes == SIZE_MAX ? S("") : url_authority(str_slice(url, slashes + 3, url.n));
    return str_slice(authority, 0, str_find_char(authority, ':', 0));
}

enum err statistics_read_settings(struct scope *scope, const struct command_line *line, str public_url,
                                  struct statistics_settings *ret_settings)
{
    struct statistics_settings settings = {.options.own_host = host_of(public_url)};
    struct analytics_options *options = &settings.options;
    TRY(option_switch(scope, line, "statistics", &settings.is_on));
    TRY(option_switch(scope, line, "statistics-public", &options->is_public));
    TRY(option_switch(scope, line, "statistics-campaigns", &options->has_campaigns));
    TRY(read_number(scope, line, "statistics-threshold", 1, 10000, &options->threshold_public));
    TRY(read_number(scope, line, "statistics-threshold-inside", 1, 10000, &options->threshold_inside));
    TRY(read_number(scope, line, "statistics-hours", 1, HOUR_DAYS_MOST, &options->days_of_hours));
    TRY(read_number(scope, line, "statistics-days", 1, DAY_MONTHS_MOST, &options->months_of_days));
    TRY(read_geoip(scope, line, &options->geoip));
    *ret_settings = settings;
    return ERR_OK;
}

static enum err make_tables(struct scope *scope, struct catalog *catalog)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(analytics_make_tables(scope, lease));
    return db_commit(scope, lease);
}

enum err statistics_open(struct scope *scope, const struct statistics_settings *settings, struct app *app)
{
    struct analytics_options options = settings->options;
    options.catalog = app->catalog;
    options.clock = STATISTICS_CLOCK;
    options.first_key = STATISTICS_KEY(scope);
    TRY(make_tables(scope, app->catalog));
    return settings->is_on ? analytics_open(scope, &options, &app->analytics) : ERR_OK;
}
