/*
 * A chart of a dataset's records: what the address asks for, and the groups that answer it. Everything is read
 * by group_by under the page's clauses, so that a chart shows what the API would answer the same visitor.
 *   chart=KIND  x=FIELD  bucket=BUCKET  bins=N  y=FUNCTION  of=FIELD  series=FIELD  order=[-]x|y  limit=N  stacked=HOW
 */
#ifndef WEB_FRONT_CHART_H
#define WEB_FRONT_CHART_H

#include "web/front/dataset_page.h"

#define CHART_ROWS_MOST 1000   /* groups of x */
#define CHART_SERIES_MOST 10   /* further ones are "other", where that can be told */
#define CHART_POINTS_MOST 2000 /* records of a scatter plot, beyond that a sample */
#define CHART_BINS 20          /* ranges of a histogram, about */

enum chart_kind {
    CHART_BAR,
    CHART_HORIZONTAL,
    CHART_LINE,
    CHART_AREA,
    CHART_PIE,
    CHART_SCATTER,
    CHART_HISTOGRAM,
    CHART_TREEMAP,
    CHART_PIVOT,
    CHART__COUNT
};

/* What values of x are put together by. */
enum chart_bucket {
    BUCKET_AUTO,
    BUCKET_YEAR,
    BUCKET_QUARTER,
    BUCKET_MONTH,
    BUCKET_WEEK,
    BUCKET_DAY,
    BUCKET_HOUR,
    BUCKET_MINUTE,
    BUCKET_MONTH_OF_YEAR,
    BUCKET_DAY_OF_WEEK,
    BUCKET_HOUR_OF_DAY,
    BUCKET_VALUE,  /* each value by itself */
    BUCKET_RANGES, /* numbers in equal widths */
    BUCKET__COUNT
};

enum chart_function { CHART_COUNT, CHART_SUM, CHART_AVG, CHART_MEDIAN, CHART_MIN, CHART_MAX, CHART_FUNCTION__COUNT };

enum chart_order { ORDER_AUTO, ORDER_X, ORDER_X_DOWN, ORDER_Y, ORDER_Y_DOWN, CHART_ORDER__COUNT };

enum chart_stacking { STACKED_AUTO, STACKED_NO, STACKED_YES, STACKED_SHARE, CHART_STACKING__COUNT };

struct chart {
    enum chart_kind kind;      /* CHART__COUNT: not said */
    enum chart_bucket bucket;
    enum chart_function function;
    enum chart_order order;
    enum chart_stacking stacking;
    const struct field *x, *of, *series; /* of the page's schema; of: the number that y is made of, or y of a scatter plot */
    int64_t limit; /* groups of x; 0: not said */
    int64_t bins;  /* ranges, about; 0: not said */
    double width;  /* of BUCKET_RANGES */
    int decimals;  /* of values that are not whole, for people; -1: as many as they have */
    bool is_changed; /* parts of a whole were asked of what does not add up: bars instead */
};

/* A group: a value of x or of the series. */
struct chart_key {
    str key;        /* as the engine has it; p == NULL: records without a value */
    str value, end; /* for machines: a text, a number, a date in the dataset's time zone; end of a range */
    str label;      /* for people */
    bool is_missing, is_other;
};

struct chart_cell {
    double number;
    bool is_there;
    bool is_whole;
};

struct chart_data {
    struct chart_key *rows, *series; /* series_count 0: one column */
    size_t row_count, series_count;
    struct chart_cell *cells;        /* rows × columns */
    struct chart_cell *row_totals, *series_totals, total; /* of a pivot table, as the engine counts them */
    int64_t groups, series_groups;   /* there are so many */
    bool is_cut;                     /* not all of them are among the rows */
    bool is_series_cut;
};

/* A record of a scatter plot. */
struct chart_point {
    str x, x_label;
    struct chart_cell y;
    size_t series; /* of data.series */
};

/* ---- what is asked for: chart_request.c ---- */

/** Names of parameters' values, in the order of the enums; "" for the automatic ones. Static. */
str chart_kind_name(enum chart_kind kind);
str chart_bucket_name(enum chart_bucket bucket);
str chart_function_name(enum chart_function function);
str chart_order_name(enum chart_order order);
str chart_stacking_name(enum chart_stacking stacking);

/** Reads a chart from parameters. Errors: ERR_PARAMETER (named, with what is allowed). */
enum err chart_read(const struct dataset_page *page, const struct query *query, struct chart *ret_chart) must_check;

/** What can be on the axis x, apart the records, and be computed with. */
bool chart_takes_x(const struct field *field);
bool chart_takes_series(const struct field *field);
bool chart_is_number(const struct field *field);
bool chart_is_date(const struct field *field);

/** Whether values of parts add up to that of the whole. */
bool chart_adds_up(const struct chart *chart);

/** Whether x goes on evenly: dates and ranges, unlike names. */
bool chart_is_continuous(const struct chart *chart);

/** The chart's parameters for an address: "chart=line&x=date…". In the call's arena. */
str chart_query(const struct dataset_page *page, const struct chart *chart);

/* ---- what was not said: chart_default.c ---- */

/**
 * Chooses what the chart leaves open, by the records. ret_is_possible: false when no field of the dataset suits.
 * Errors: ERR_PARAMETER (fields do not suit the kind); those of reading.
 */
enum err chart_complete(struct dataset_page *page, struct chart *chart, bool *ret_is_possible) must_check;

/** A width of 1, 2 or 5 times a power of ten that divides a span in about so many; 1 at least of whole numbers. */
double chart_width(double low, double high, int64_t bins, bool is_whole);

/** The smallest calendar step that divides a span of time in 150 at most. */
enum chart_bucket chart_step(usec span, bool has_time);

/* ---- groups: chart_data.c ---- */

/** Runs clauses and gives the rows as a list of objects, which the caller drops. Errors: those of reading. */
enum err chart_ask(struct dataset_page *page, const struct clauses *clauses, json_t **ret_rows, int64_t *ret_total)
    must_check;

/** Reads the groups of a complete chart that is no scatter plot. In the call's arena. Errors: those of reading. */
enum err chart_data_read(struct dataset_page *page, const struct chart *chart, struct chart_data *ret_data) must_check;

/** Reads records for a scatter plot; ret_total: there are so many with both values. */
enum err chart_points_read(struct dataset_page *page, const struct chart *chart, struct chart_data *ret_data,
                           struct chart_point **ret_points, size_t *ret_count, int64_t *ret_total) must_check;

/** The condition that a record has both values. In the call's arena. */
str chart_points_condition(const struct dataset_page *page, const struct chart *chart);

/* ---- as a file: chart_export.c ---- */

/** Address of the API that exports what the chart shows. In the call's arena. */
str chart_export(const struct dataset_page *page, const struct chart *chart);

/* ---- names of groups: chart_key.c ---- */

/** A value of x (is_series: of the series) as the API gives it. */
struct chart_key chart_key_make(const struct dataset_page *page, const struct chart *chart, bool is_series,
                                const json_t *value);

/** Puts groups between those of dates and ranges where there are no records; not beyond CHART_ROWS_MOST. */
void chart_fill_gaps(const struct dataset_page *page, const struct chart *chart, struct chart_data *data);

/** The expression of x or of the series in ODSQL. */
str chart_x(const struct dataset_page *page, const struct chart *chart);
str chart_series(const struct dataset_page *page, const struct chart *chart);
str chart_y(const struct dataset_page *page, const struct chart *chart);

/* ---- for people: chart_view.c ---- */

struct chart_column {
    str label;
    str kind; /* for the script: "text", "time", "range", "number", "series", "total" */
    bool is_number;
};

struct chart_value {
    str text, value; /* value: a number for machines; empty: none */
    bool is_total, is_text;
};

struct chart_row {
    str label, value, end;
    bool is_missing, is_other, is_total, is_number;
    struct tpl_list values;
};

/* Of tpl/front/chart.html. size: class of the room for the drawing; empty: that of most. */
struct chart_view {
    str kind, title, subtitle, summary, x_label, y_label, series_label, bucket, stacking, export, notice, name, source, size;
    struct tpl_list columns, rows;
    bool is_empty, is_drawn; /* drawn: by the script, from the table */
    bool adds_up;            /* amounts: lines of them begin at 0 */
};
extern const struct tpl_struct chart_struct;

/** Reads a complete chart and tells it. Errors: those of reading. */
enum err chart_view_make(struct dataset_page *page, const struct chart *chart, struct chart_view *ret_view) must_check;

/** Name of a kind, a bucket, a function. */
enum message chart_kind_title(enum chart_kind kind);
enum message chart_bucket_title(enum chart_bucket bucket);
enum message chart_function_title(enum chart_function function);

/* ---- a chart of an address, from parameters to the view: chart_show.c ---- */

struct chart_shown {
    struct chart asked; /* what the address says alone */
    struct chart chart; /* with what it leaves open */
    struct chart_view view;
    str fault;       /* of the parameters, for people */
    struct fault_place place;
    bool has_chart;  /* view is filled */
};

/** Reads, completes and tells the chart that the address asks for; what is wrong with it is no error but fault. */
enum err chart_show(struct dataset_page *page, struct chart_shown *ret_shown) must_check;

/** Has the links and forms of the page keep the chart. */
void chart_keep(struct dataset_page *page);

extern const struct tpl_binding chart_template; /* of struct chart_view */

#endif
