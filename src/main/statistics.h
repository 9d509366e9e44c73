/* Statistics as the server runs them: settings, start and end. */
#ifndef MAIN_STATISTICS_H
#define MAIN_STATISTICS_H

#include "domain/analytics/analytics.h"
#include "main/options.h"
#include "web/shell/call.h"

struct statistics_settings {
    bool is_on;
    struct analytics_options options; /* without catalog */
};

/** Reads the settings that begin with statistics, and geoip. Errors: ERR_USAGE. */
enum err statistics_read_settings(struct scope *scope, const struct command_line *line, str public_url,
                                  struct statistics_settings *ret_settings) must_check;

/** Makes the tables, and begins to count when that is on: app->analytics. Undone by analytics_close. Errors: as analytics_open. */
enum err statistics_open(struct scope *scope, const struct statistics_settings *settings, struct app *app) must_check;

/* ---- the job of each day: deletes what is old, publishes the days that are over as datasets ---- */

#define STATISTICS_KIND "statistics"

struct job_run;

/** Orders the job of today, unless it was. Errors: as job_add. */
enum err statistics_order(struct scope *scope, const struct app *app) must_check;

/** The work of the job; user: the app. */
enum err statistics_work(struct scope *scope, struct job_run *run, void *user) must_check;

#endif
