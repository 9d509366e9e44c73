#include <stdio.h>

#include "base/csv_write.h"
#include "base/date.h"
#include "domain/analytics/figures.h"
#include "main/commands.h"
#include "main/open.h"
#include "main/people.h"

/* What the command was asked for. */
struct request {
    const struct command_line *line;
    struct catalog *catalog;
    const struct snapshot *snapshot;
    enum grain grain;
    int64_t from_day, to_day;
};

static enum err read_day(struct scope *scope, const struct command_line *line, const char *name, int64_t otherwise,
                         int64_t *ret_day)
{
    const char *text;
    struct date_text date;
    TRY(option_text(scope, line, name, &text));
    *ret_day = otherwise;
    if (!text || !*text) {
        return ERR_OK;
    }
    if (!date_read(str_from(text), &date) || date.precision != PRECISION_DAY) {
        return option_wrong(scope, line, name, "a day as in 2026-11-27");
    }
    *ret_day = date_days(date.civil.year, date.civil.month, date.civil.day);
    return ERR_OK;
}

static enum err read_grain(struct scope *scope, const struct command_line *line, enum grain *ret_grain)
{
    const char *text;
    TRY(option_text(scope, line, "by", &text));
    for (enum grain grain = 0; grain < GRAIN__COUNT; grain++) {
        if (str_eq(str_from(text), str_from(grain_key(grain)))) {
            *ret_grain = grain;
            return ERR_OK;
        }
    }
    return option_wrong(scope, line, "by", "hour, day or month");
}

static enum err print_sum(struct scope *scope, void *user, const struct stored_sum *sum)
{
    const struct request *request = user;
    const struct dataset *dataset = sum->dataset.n ? snapshot_find(request->snapshot, sum->dataset) : NULL;
    str cells[] = {period_text(&scope->arena, request->grain, sum->at), dataset ? dataset->id : sum->dataset,
                   sum->measure, sum->dimension, sum->value};
    struct buf line cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(cells); i++) {
        csv_text(&line, i == 0, cells[i]);
    }
    csv_int(&line, false, sum->amount);
    printf("%.*s\n", STR_ARG(buf_str(&line)));
    return ERR_OK;
}

static int64_t last_of(const struct request *request)
{
    return request->grain == GRAIN_HOUR ? request->to_day * 24 + 23 : period_of_day(request->grain, request->to_day);
}

static enum err export(struct scope *scope, struct request *request)
{
    printf("time,dataset,measure,dimension,value,amount\n");
    return figures_each(scope, catalog_database(request->catalog), request->grain,
                        period_of_day(request->grain, request->from_day), last_of(request), print_sum, request);
}

static enum err show(struct scope *scope, struct request *request)
{
    for (enum measure measure = 0; measure < MEASURE__COUNT; measure++) {
        struct figures_query query = {.measure = measure, .grain = GRAIN_DAY, .from = request->from_day,
                                      .to = request->to_day, .threshold = 1};
        struct figure total;
        if (measure_has(measure, DIMENSION_NONE)) {
            TRY(figures_total(scope, catalog_database(request->catalog), &query, &total));
            printf("%-22s %lld\n", measure_key(measure), (long long)total.amount);
        }
    }
    return ERR_OK;
}

/* All figures, or those before --to: what is gone cannot be had again, so one of both must be said. */
static enum err purge(struct scope *scope, struct request *request)
{
    const char *before;
    int64_t rows;
    bool is_all = option_flag(request->line, "all");
    TRY(option_text(scope, request->line, "before", &before));
    if (is_all == (before && *before)) {
        return fail(scope, ERR_USAGE, "say --all, or --before DAY: figures that are deleted cannot be had again");
    }
    int64_t day = INT32_MAX / 2;
    if (!is_all) {
        TRY(read_day(scope, request->line, "before", 0, &day));
    }
    TRY(analytics_purge(scope, request->catalog, is_all ? date_days(9999, 12, 31) : day, &rows));
    catalog_audit(scope, request->catalog, "statistics.purge", is_all ? S("all") : str_from(before), S(""));
    printf("%lld figures deleted\n", (long long)rows);
    return ERR_OK;
}

static const struct {
    const char *name;
    enum err (*run)(struct scope *scope, struct request *request);
} actions[] = {{"show", show}, {"export", export}, {"purge", purge}};

static enum err make_tables(struct scope *scope, struct catalog *catalog)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(analytics_make_tables(scope, lease));
    return db_commit(scope, lease);
}

enum err command_stats(struct scope *scope, const struct command_line *line)
{
    struct request request = {.line = line};
    int64_t today = clock_wall() / USEC_DAY;
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++) {
        if (!str_eq(str_from(actions[i].name), str_from(line->arguments[0]))) {
            continue;
        }
        TRY(read_grain(scope, line, &request.grain));
        TRY(read_day(scope, line, "from", today - 29, &request.from_day));
        TRY(read_day(scope, line, "to", today, &request.to_day));
        TRY(open_catalog(scope, line, &request.catalog));
        request.snapshot = catalog_snapshot(request.catalog);
        enum err result = make_tables(scope, request.catalog);
        if (result == ERR_OK) {
            result = actions[i].run(scope, &request);
        }
        snapshot_unref(request.snapshot);
        catalog_close(request.catalog);
        return result;
    }
    return fail(scope, ERR_USAGE, "'%s': show, export or purge is expected", line->arguments[0]);
}
