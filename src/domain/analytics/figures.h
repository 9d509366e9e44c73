/*
 * Figures as they may be shown: what comes from fewer people or programs than a threshold is not told, and cannot be
 * found out by taking the rest from a total (cookies-and-privacy.md 4.7). There is no other way to read the sums for
 * pages, the API and datasets.
 */
#ifndef DOMAIN_ANALYTICS_FIGURES_H
#define DOMAIN_ANALYTICS_FIGURES_H

#include "domain/analytics/analytics.h"
#include "domain/catalog/uses.h"

struct figures_query {
    str dataset;             /* uid; empty: the portal as a whole */
    enum measure measure;
    enum dimension dimension;
    str value;               /* of the dimension, for a series; empty for DIMENSION_NONE */
    enum grain grain;
    int64_t from, to;        /* hours, days or months since 1970, both included */
    int threshold;           /* people or programs, at least 1 */
    bool is_public;          /* amounts are rounded to a multiple of 5, too */
};

struct figure {
    int64_t at;    /* of a series */
    str value;     /* of a list; "other": what has no room of its own or may not be told apart */
    int64_t amount;
    bool is_hidden; /* below the threshold: the amount is 0 whatever it was */
};

/** An amount as it is made public. */
int64_t figure_rounded(int64_t amount);

/** Each time from query->from to query->to, in order. Errors: as db_run. */
enum err figures_series(struct scope *scope, struct db *db, const struct figures_query *query,
                        const struct figure **ret_figures, size_t *ret_count) must_check;

/** The values of the dimension in the period, the largest first and "other" last; none of them hidden. */
enum err figures_list(struct scope *scope, struct db *db, const struct figures_query *query,
                      const struct figure **ret_figures, size_t *ret_count) must_check;

/** Sum over the period. */
enum err figures_total(struct scope *scope, struct db *db, const struct figures_query *query,
                       struct figure *ret_figure) must_check;

/** Milliseconds within which a share (0 to 1) of API answers was made; 0: not known, -1: more than all classes. */
enum err figures_percentile(struct scope *scope, struct db *db, str dataset, int64_t from_day, int64_t to_day,
                            double share, int64_t *ret_milliseconds) must_check;

/* A sum as it is stored, for whoever may read the database anyway. */
struct stored_sum {
    str dataset, measure, dimension, value;
    int64_t at, amount;
};

/** Calls with each sum of a period, by time; texts live until the next one. Errors: as db_run; those of the callback. */
enum err figures_each(struct scope *scope, struct db *db, enum grain grain, int64_t from, int64_t to,
                      enum err (*take)(struct scope *scope, void *user, const struct stored_sum *sum), void *user) must_check;

/* ---- uses of datasets, as they may be told everybody: rounded, 0 for what is below the threshold ---- */

struct use {
    str dataset; /* uid */
    int64_t downloads, calls, attachments, views;
};

/* Days or months, both ends included. */
struct use_period {
    enum grain grain;
    int64_t from, to;
};

/** Uses in some periods together, of datasets that have any; the most used first. Errors: as db_run. */
enum err figures_uses(struct scope *scope, struct db *db, const struct use_period *periods, size_t count, int threshold,
                      const struct use **ret_uses, size_t *ret_count) must_check;

/* ---- API keys ---- */

struct key_use {
    int64_t key, day, calls, records;
};

/** Uses of some keys by day, the latest first, without a threshold: for their owner alone. Errors: as db_run. */
enum err figures_keys(struct scope *scope, struct db *db, const int64_t *keys, size_t key_count, int64_t from_day,
                      int64_t to_day, const struct key_use **ret_uses, size_t *ret_count) must_check;

/* ---- uses of datasets, for the catalogue ---- */

#define USE_DAYS 30 /* that popularity is of */

/**
 * The uses of all datasets, of the days before today, as the catalogue keeps them: popularity grows with the logarithm of
 * what was used lately, so that it tells an order and no figure; the others only when with_figures. Errors: as db_run.
 */
enum err figures_for_catalogue(struct scope *scope, struct db *db, int64_t today, int threshold, bool with_figures,
                               const struct uses **ret_uses, size_t *ret_count) must_check;

#endif
