/*
 * Figures for people and programs: a page, its data as JSON and CSV, for the public (/analytics) and for the back office
 * alike. What is shown is read through domain/analytics/figures.h, with the threshold of the place.
 */
#ifndef WEB_FRONT_STATISTICS_H
#define WEB_FRONT_STATISTICS_H

#include "domain/analytics/figures.h"
#include "web/shell/page.h"

#define STATISTICS_LISTS 21
#define STATISTICS_KEYS 16

/* What is asked for. */
struct statistics {
    struct call *call;
    str base;                       /* path of the page: "/analytics" */
    bool is_public;                 /* days that are over, rounded, above the public threshold */
    int threshold;
    const struct dataset *dataset;  /* NULL: the portal as a whole */
    str page;                       /* of the portal, whose views alone are shown; empty: none */
    enum measure shown;             /* in the chart */
    str period;                     /* "30d" …; empty: from and to were given */
    int64_t from_day, to_day;
    enum grain grain;               /* of the chart */
};

/**
 * Reads the parameters period, from, to, dataset, page and show. The dataset is one of the snapshot of the call. Errors:
 * ERR_PARAMETER, ERR_NO_DATASET; ERR_NO_ROUTE (nothing is counted).
 */
enum err statistics_read(struct call *call, str base, bool is_public, struct statistics *ret) must_check;

/** Address of the page with a parameter changed; value empty: without it. */
str statistics_address(const struct statistics *statistics, const char *name, str value);

/* ---- figures, as they are shown ---- */

/* One of the figures on top. */
struct statistics_key {
    enum measure measure;
    struct figure now, before; /* of the period, and of the one before it that is as long */
};

struct statistics_list {
    enum measure measure;
    enum dimension dimension;
    const struct figure *items;
    size_t count;
};

struct statistics_figures {
    struct statistics_key keys[STATISTICS_KEYS];
    size_t key_count;
    const struct figure *points; /* of the chart */
    size_t point_count;
    struct statistics_list lists[STATISTICS_LISTS]; /* those with something in them */
    size_t list_count;
    int64_t median, slowest; /* milliseconds within which half and 95 % of the API's answers were made; 0: not known */
    int64_t live;            /* -1: below the threshold, or not told here */
};

enum err statistics_figures(const struct statistics *statistics, struct statistics_figures *ret) must_check;

/** A value of a dimension for people: a country's name, a dataset's title. */
str statistics_label(const struct statistics *statistics, enum dimension dimension, str value);

/* ---- answers ---- */

/** The page's data, for its template. Errors: those of statistics_figures. */
enum err statistics_page(const struct statistics *statistics, const void **ret_data) must_check;
extern const struct tpl_binding statistics_template;

/** Answers with all figures as JSON or as a CSV file. */
enum err statistics_send_json(const struct statistics *statistics) must_check;
enum err statistics_send_csv(const struct statistics *statistics) must_check;

/* ---- the public page ---- */
call_handler analytics_get, analytics_json, analytics_csv;

#endif
