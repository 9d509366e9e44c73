/*
 * Each day: old figures go, uses of datasets are set in the catalogue, and the days that are over become records of two
 * datasets, once and never again. They are
 * ordinary datasets with a place of their own in the API, too (source monitoring); what they hold may be shown to
 * everybody (threshold, "other", rounding), whoever they are shown to.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/json_write.h"
#include "domain/analytics/figures.h"
#include "domain/ingest/publish.h"
#include "domain/job/job.h"
#include "main/statistics.h"

#define FIRST_DAYS_MOST 400 /* published at once when there is no dataset yet */
#define KEEP 3
#define TRIED_AGAIN (600 * USEC_SECOND)
#define MEMORY ((uint64_t)256 << 20)

struct work {
    struct scope *scope;
    const struct app *app;
    const struct analytics_options *options;
    const struct snapshot *everybody; /* what everybody may see: of other datasets nothing is told */
    FILE *uses, *figures;             /* JSON Lines */
    int64_t use_rows, figure_rows;
};

static int64_t today(const struct app *app)
{
    return period_of(GRAIN_DAY, analytics_settings(app->analytics)->clock());
}

/* What uses of today are made for: they are made anew when it is another. */
static int64_t uses_wanted(const struct app *app)
{
    const struct analytics_options *options = analytics_settings(app->analytics);
    return (today(app) * 1000000 + options->threshold_public % 1000000) * 2 + options->is_public;
}

enum err statistics_order(struct scope *scope, const struct app *app)
{
    int64_t first, next, made, id;
    if (!app->analytics) {
        return ERR_OK;
    }
    TRY(analytics_published(scope, app->catalog, &first, &next));
    TRY(analytics_uses_made(scope, app->catalog, &made));
    bool has_days = first != 0 && first < today(app);
    bool has_new_days = has_days && next < today(app); /* that are over and were not seen to */
    if (!has_new_days && (made == uses_wanted(app) || (made == 0 && !has_days))) {
        return ERR_OK;
    }
    usec now = analytics_settings(app->analytics)->clock();
    struct new_job job = {.kind = STATISTICS_KIND,
                          .label = period_text(&scope->arena, GRAIN_DAY, today(app) - 1),
                          .is_single = true,
                          .since = has_new_days ? today(app) * 86400 * USEC_SECOND : now - TRIED_AGAIN};
    return job_add(scope, app->catalog, &job, &id);
}

/* ---- the rows ---- */

static void write_line(FILE *file, struct buf *line)
{
    buf_add_char(line, '\n');
    fwrite(line->p, 1, line->n, file);
    buf_clear(line);
}

static enum err write_uses(struct work *work, int64_t day)
{
    struct scope *scope = work->scope;
    struct buf out cleanup_with(buf_cleanup) = {0};
    const struct use *uses;
    size_t count;
    const struct use_period period = {GRAIN_DAY, day, day};
    TRY(figures_uses(scope, catalog_database(work->app->catalog), &period, 1, work->options->threshold_public, &uses, &count));
    for (size_t i = 0; i < count; i++) {
        const struct dataset *dataset = snapshot_find(work->everybody, uses[i].dataset);
        if (!dataset) {
            continue;
        }
        struct json_writer json = json_writer_to(&out);
        json_object_begin(&json);
        json_key_text(&json, S("date"), period_text(&scope->arena, GRAIN_DAY, day));
        json_key_text(&json, S("dataset_id"), dataset->id);
        json_key_int(&json, S("download_count"), uses[i].downloads);
        json_key_int(&json, S("api_call_count"), uses[i].calls);
        json_key_int(&json, S("attachment_download_count"), uses[i].attachments);
        json_key_int(&json, S("page_view_count"), uses[i].views);
        json_object_end(&json);
        write_line(work->uses, &out);
        work->use_rows++;
    }
    return ERR_OK;
}

static void write_figure(struct work *work, int64_t day, const struct figures_query *query, const struct figure *figure)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_text(&json, S("date"), period_text(&work->scope->arena, GRAIN_DAY, day));
    json_key_text(&json, S("measure"), str_from(measure_key(query->measure)));
    json_key_text(&json, S("dimension"), str_from(query->dimension == DIMENSION_NONE ? "total" : dimension_key(query->dimension)));
    json_key_text(&json, S("value"), query->dimension == DIMENSION_NONE ? S("total") : figure->value);
    json_key_int(&json, S("amount"), figure->amount);
    json_object_end(&json);
    write_line(work->figures, &out);
    work->figure_rows++;
}

static bool is_published(enum measure measure, enum dimension dimension)
{
    return measure_has(measure, dimension) && dimension != DIMENSION_DATASET && dimension != DIMENSION_PAGE &&
           dimension != DIMENSION_KEY && measure != MEASURE_LOST && measure != MEASURE_STARTS;
}

static enum err write_figures(struct work *work, int64_t day)
{
    struct db *db = catalog_database(work->app->catalog);
    for (enum measure measure = 0; measure < MEASURE__COUNT; measure++) {
        for (enum dimension dimension = 0; dimension < DIMENSION__COUNT; dimension++) {
            struct figures_query query = {.measure = measure, .dimension = dimension, .grain = GRAIN_DAY, .from = day,
                                          .to = day, .threshold = work->options->threshold_public, .is_public = true};
            const struct figure *figures;
            size_t count = 0;
            struct figure total;
            if (!is_published(measure, dimension)) {
                continue;
            }
            if (dimension == DIMENSION_NONE) {
                TRY(figures_total(work->scope, db, &query, &total));
                figures = &total;
                count = !total.is_hidden;
            } else {
                TRY(figures_list(work->scope, db, &query, &figures, &count));
            }
            for (size_t i = 0; i < count; i++) {
                write_figure(work, day, &query, &figures[i]);
            }
        }
    }
    return ERR_OK;
}

/* ---- publishing ---- */

/* Records of a day that was published before a crash replace themselves. */
static void wish(struct scope *scope, struct field_wish *field, const char *name, bool is_id, bool is_date)
{
    *field = (struct field_wish){.name = str_from(name), .has_type = is_date, .type = FIELD_DATE};
    if (is_id) {
        vec_add(&scope->arena, &field->annotations, (struct annotation_wish){S("id"), S("")});
        vec_add(&scope->arena, &field->annotations, (struct annotation_wish){S("facet"), S("")});
    }
}

static enum err publish(struct work *work, const char *path, const char *id, str title, const char *const *keys,
                        size_t key_count)
{
    struct scope *scope = work->scope;
    struct publish_result result;
    const struct snapshot *whole = catalog_snapshot(work->app->catalog);
    bool is_there = snapshot_find(whole, str_from(id)) != NULL;
    snapshot_unref(whole);
    struct field_wish *wishes = arena_array(&scope->arena, struct field_wish, key_count);
    for (size_t i = 0; i < key_count; i++) {
        wish(scope, &wishes[i], keys[i], true, i == 0);
    }
    struct publish_options options = {.path = path, .format = "jsonl", .header_row = SHEET_HEADER_FIND,
                                      .dataset_id = str_from(id), .title = title,
                                      .wishes = wishes, .wish_count = key_count, .appends = is_there,
                                      .is_restricted = !work->options->is_public, .keep = KEEP, .memory_bytes = MEMORY,
                                      .threads = 1};
    return publish_file(scope, work->app->catalog, &options, &result);
}

static enum err publish_rows(struct work *work, const char *uses, const char *figures)
{
    static const char *const use_keys[] = {"date", "dataset_id"};
    static const char *const figure_keys[] = {"date", "measure", "dimension", "value"};
    if (work->use_rows) {
        TRY(publish(work, uses, STATISTICS_DATASET "datasets", S("Uses of datasets by day"), use_keys,
                    ARRAY_LENGTH(use_keys)));
    }
    if (work->figure_rows) {
        TRY(publish(work, figures, STATISTICS_DATASET "figures", S("Figures of this portal by day"), figure_keys,
                    ARRAY_LENGTH(figure_keys)));
    }
    return ERR_OK;
}

static enum err open_file(struct scope *scope, const struct app *app, const char *name, const char **ret_path, FILE **ret_file)
{
    *ret_path = str_printf(&scope->arena, "%s/%s.%d.jsonl", catalog_data_directory(app->catalog), name, (int)getpid()).p;
    *ret_file = fopen(*ret_path, "we");
    return *ret_file ? ERR_OK : fail(scope, ERR_FILE, "%s cannot be written (%s)", *ret_path, strerror(errno));
}

static enum err write_days(struct work *work, int64_t first, int64_t end)
{
    for (int64_t day = first; day < end; day++) {
        TRY(scope_check(work->scope));
        TRY(write_uses(work, day));
        TRY(write_figures(work, day));
    }
    return fflush(work->uses) == 0 && fflush(work->figures) == 0
               ? ERR_OK
               : fail(work->scope, ERR_FILE, "The figures could not be written to a file (%s).", strerror(errno));
}

static enum err publish_days(struct work *work, int64_t first, int64_t end)
{
    const char *uses;
    const char *figures;
    TRY(open_file(work->scope, work->app, "statistics-datasets", &uses, &work->uses));
    enum err result = open_file(work->scope, work->app, "statistics-figures", &figures, &work->figures);
    if (result == ERR_OK) {
        result = write_days(work, first, end);
        if (result == ERR_OK) {
            result = publish_rows(work, uses, figures);
        }
        fclose(work->figures);
        unlink(figures);
    }
    fclose(work->uses);
    unlink(uses);
    return result;
}

/* A portal whose figures are not public tells the order in which datasets are used, and no figure. */
static enum err set_uses(struct work *work, int64_t *ret_changed)
{
    const struct app *app = work->app;
    const struct uses *uses;
    size_t count;
    int64_t made_for = uses_wanted(app);
    TRY(figures_for_catalogue(work->scope, catalog_database(app->catalog), today(app), work->options->threshold_public,
                              work->options->is_public, &uses, &count));
    TRY(catalog_set_uses(work->scope, app->catalog, uses, count, ret_changed));
    return analytics_note_uses(work->scope, app->catalog, made_for);
}

static enum err work_off(struct work *work, struct job_run *run)
{
    int64_t changed;
    struct roll_up rolled;
    int64_t first, next;
    int64_t end = today(work->app);
    TRY(analytics_published(work->scope, work->app->catalog, &first, &next));
    TRY(analytics_roll_up(work->scope, work->app->catalog, work->options, &rolled));
    struct arena *arena = &work->scope->arena;
    job_tell(run, MSG_JOB_LINE_STATISTICS_ROLLED,
             SAYS(argument_digits(arena, "hours", rolled.hours), argument_digits(arena, "days", rolled.days),
                  argument_digits(arena, "merged", rolled.merged)));
    TRY(set_uses(work, &changed));
    if (first == 0) {
        return ERR_OK;
    }
    next = next > first ? next : first;
    next = end - next > FIRST_DAYS_MOST ? end - FIRST_DAYS_MOST : next;
    TRY(publish_days(work, next, end));
    TRY(analytics_note_published(work->scope, work->app->catalog, end));
    job_tell(run, MSG_JOB_LINE_STATISTICS_PUBLISHED,
             SAYS(argument_digits(arena, "figures", (int64_t)(work->use_rows + work->figure_rows)),
                  argument_digits(arena, "days", end - next), argument_digits(arena, "datasets", changed)));
    return ERR_OK;
}

enum err statistics_work(struct scope *scope, struct job_run *run, void *user)
{
    const struct app *app = user;
    if (!app->analytics) {
        return ERR_OK;
    }
    struct work work = {.scope = scope, .app = app, .options = analytics_settings(app->analytics)};
    TRY(access_snapshot(scope, app->access, &actor_anonymous, &work.everybody));
    enum err result = work_off(&work, run);
    snapshot_unref(work.everybody);
    return result;
}
