#include "base/utf8.h"
#include "base/vec.h"
#include "domain/job/internal.h"
#include "platform/i18n/explanation.h"

#define DELETED_AT_ONCE 500

static const char *const state_names[] = {"waiting", "running", "done", "failed", "cancelled"};

const char *job_state_name(enum job_state state)
{
    return state_names[state];
}

bool job_state_find(str name, enum job_state *ret_state)
{
    for (size_t i = 0; i < ARRAY_LENGTH(state_names); i++) {
        if (str_eq(name, str_from(state_names[i]))) {
            *ret_state = (enum job_state)i;
            return true;
        }
    }
    return false;
}

str job_clean_text(struct arena *arena, str text, size_t most)
{
    struct buf clean cleanup_with(buf_cleanup) = {0};
    for (size_t at = 0; at < text.n && clean.n < most + 4;) {
        size_t n = 1;
        while (n < 4 && at + n <= text.n && !utf8_is_valid(str_slice(text, at, at + n))) {
            n++;
        }
        str one = str_slice(text, at, at + n);
        if (!utf8_is_valid(one)) {
            buf_add(&clean, S("\xef\xbf\xbd"));
            n = 1;
        } else if (utf8_is_line(one)) {
            buf_add(&clean, one);
        } else {
            buf_add_char(&clean, ' ');
        }
        at += n;
    }
    str whole = buf_copy(&clean, arena);
    return whole.n > most ? utf8_truncate(whole, most) : whole;
}

struct job job_read_row(struct arena *arena, const struct batch *row)
{
    struct job job = {.id = row_number(row, 0),
                      .kind = row_text(arena, row, 1),
                      .dataset = row_text(arena, row, 2),
                      .label = row_text(arena, row, 3),
                      .arguments = row_text(arena, row, 4),
                      .result = row_text(arena, row, 5),
                      .state = JOB_FAILED,
                      .user = row_number(row, 7),
                      .user_name = row_text(arena, row, 8),
                      .attempt = row_number(row, 9),
                      .created = row_number(row, 10),
                      .started = row_number(row, 11),
                      .ended = row_number(row, 12),
                      .not_before = row_number(row, 13),
                      .message = row_text(arena, row, 14),
                      .done = row_number(row, 15),
                      .total = row_number(row, 16),
                      .unit = row_text(arena, row, 17),
                      .is_cancelled = row_number(row, 18) != 0,
                      .explanation = row_text(arena, row, 19)};
    if (!job_state_find(row_text(arena, row, 6), &job.state)) {
        job.state = JOB_FAILED;
    }
    return job;
}

str job_message(struct arena *arena, language lang, const struct job *job)
{
    return explanation_say(arena, lang, job->explanation, job->message);
}

str job_line_text(struct arena *arena, language lang, const struct job_line *line)
{
    return explanation_say(arena, lang, line->explanation, line->text);
}

/* ---- adding ---- */

/* The one that is it already; 0: none. */
static enum err find_same(struct scope *scope, struct db_lease *lease, const struct new_job *job,
                          int64_t *ret_id)
{
    cell found = cell_null();
    cell kind = cell_text(str_from(job->kind));
    if (job->is_single) {
        TRY(DB_ASK(scope, lease, &found,
                   "select min(id) from job where kind = ? and dataset = ? and state = 'waiting'", kind,
                   cell_text(job->dataset)));
    }
    if (found.type == CELL_NULL && job->since) {
        TRY(DB_ASK(scope, lease, &found,
                   "select max(id) from job where kind = ? and dataset = ? and created >= ?", kind,
                   cell_text(job->dataset), cell_instant(job->since)));
    }
    *ret_id = found.type == CELL_INT ? found.number : 0;
    return ERR_OK;
}

static enum err insert(struct scope *scope, struct db_lease *lease, const struct new_job *job, int64_t *ret_id)
{
    usec now;
    cell id;
    str label = job_clean_text(&scope->arena, job->label, JOB_LINE_BYTES_MOST);
    TRY(job_now(scope, lease, &now));
    TRY(DB_ASK(
        scope, lease, &id,
        "insert into job (kind, dataset, label, arguments, result, state, user_id, user_name, attempt,"
        " created, started, ended, not_before, message, done, total, unit, is_cancelled, runner,"
        " heartbeat, explanation) values (?, ?, ?, ?, '', 'waiting', ?, ?, 0, ?, 0, 0, ?, '', 0, 0, '', 0, '', 0, '')"
        " returning id",
        cell_text(str_from(job->kind)), cell_text(job->dataset), cell_text(label),
        cell_text(job->arguments.n ? job->arguments : S("{}")), cell_int(job->by ? job->by->user : 0),
        cell_text(job->by && job->by->name.n ? job->by->name : S("")), cell_instant(now),
        cell_instant(job->not_before ? job->not_before : now)));
    *ret_id = id.number;
    return ERR_OK;
}

/* Each waits for a worker that all share. */
static enum err check_waiting(struct scope *scope, struct db_lease *lease, const struct new_job *job)
{
    cell waiting;
    if (!job->by || !job->by->user) {
        return ERR_OK;
    }
    TRY(DB_ASK(scope, lease, &waiting,
               "select count(*) from job where user_id = ? and (state = 'waiting' or state = 'running')",
               cell_int(job->by->user)));
    return waiting.number < JOBS_WAITING_MOST
               ? ERR_OK
               : fail_in_words(scope, ERR_QUOTA, MSG_FAULT_JOB_QUOTA,
                               SAYS(argument_digits(&scope->arena, "count", waiting.number)));
}

enum err job_add(struct scope *scope, struct catalog *catalog, const struct new_job *job, int64_t *ret_id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct new_job whole = *job;
    int64_t id;
    whole.dataset = job->dataset.n ? job->dataset : S("");
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(find_same(scope, lease, &whole, &id));
    if (!id) {
        TRY(check_waiting(scope, lease, &whole));
        TRY(insert(scope, lease, &whole, &id));
    }
    TRY(db_commit(scope, lease));
    *ret_id = id;
    return ERR_OK;
}

/* ---- looking ---- */

static enum err no_job(struct scope *scope, int64_t id)
{
    return fail(scope, ERR_NO_JOB, "There is no job %lld; jobs that ended long ago are deleted.",
                (long long)id);
}

static enum err read_rows(struct scope *scope, struct catalog *catalog, const struct sql *sql,
                          const struct job **ret_jobs, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct job) jobs = {0};
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_run(scope, lease, sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, &jobs, job_read_row(&scope->arena, row));
    }
    *ret_jobs = jobs.items;
    *ret_count = jobs.count;
    return ERR_OK;
}

enum err job_find(struct scope *scope, struct catalog *catalog, int64_t id, struct job *ret_job)
{
    const struct job *jobs;
    size_t count;
    struct sql sql =
        STATEMENT(&scope->arena, "select " JOB_COLUMNS " from job where id = ?", cell_int(id));
    TRY(read_rows(scope, catalog, &sql, &jobs, &count));
    if (count == 0) {
        return no_job(scope, id);
    }
    *ret_job = jobs[0];
    return ERR_OK;
}

enum err job_list(struct scope *scope, struct catalog *catalog, const struct job_filter *filter,
                  const struct job **ret_jobs, size_t *ret_count)
{
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select " JOB_COLUMNS " from job where id < ");
    sql_bind(&sql, cell_int(filter->before ? filter->before : INT64_MAX));
    if (filter->dataset.n) {
        sql_text(&sql, " and dataset = ");
        sql_bind(&sql, cell_text(filter->dataset));
    }
    if (filter->kind.n) {
        sql_text(&sql, " and kind = ");
        sql_bind(&sql, cell_text(filter->kind));
    }
    if (filter->has_state) {
        sql_text(&sql, " and state = ");
        sql_bind(&sql, cell_text(str_from(job_state_name(filter->state))));
    }
    if (filter->user) {
        sql_text(&sql, " and user_id = ");
        sql_bind(&sql, cell_int(filter->user));
    }
    sql_text(&sql, " order by id desc limit ");
    sql_bind(&sql, cell_int((int64_t)filter->limit));
    return read_rows(scope, catalog, &sql, ret_jobs, ret_count);
}

enum err job_log(struct scope *scope, struct catalog *catalog, int64_t id, size_t most,
                 const struct job_line **ret_lines, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct job_line) lines = {0};
    struct sql sql = STATEMENT(&scope->arena,
                               "select at, is_fault, text, explanation from job_line where job_id = ?"
                               " order by number desc limit ?",
                               cell_int(id), cell_int((int64_t)most));
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        struct job_line line = {row_number(row, 0), row_number(row, 1) != 0, row_text(&scope->arena, row, 2),
                                row_text(&scope->arena, row, 3)};
        vec_add(&scope->arena, &lines, line);
    }
    for (size_t i = 0; i < lines.count / 2; i++) {
        struct job_line line = lines.items[i];
        lines.items[i] = lines.items[lines.count - 1 - i];
        lines.items[lines.count - 1 - i] = line;
    }
    *ret_lines = lines.items;
    *ret_count = lines.count;
    return ERR_OK;
}

/* ---- cancelling, another round ---- */

/* Why nothing was changed. */
static enum err refuse(struct scope *scope, struct catalog *catalog, int64_t id, enum message message, const char *what)
{
    struct job job;
    TRY(job_find(scope, catalog, id, &job));
    return fail_and_tell(scope, ERR_CONFLICT, message, SAYS(argument_digits(&scope->arena, "job", id)),
                         "Job %lld is %s; %s.", (long long)id, job_state_name(job.state), what);
}

static enum err cancel(struct scope *scope, struct db_lease *lease, int64_t id, bool *ret_done)
{
    usec now;
    TRY(job_now(scope, lease, &now));
    TRY(DB_RUN(scope, lease,
               "update job set state = 'cancelled', ended = ?, is_cancelled = 1 where id = ? and state = 'waiting'",
               cell_instant(now), cell_int(id)));
    *ret_done = db_changes(lease) > 0;
    if (!*ret_done) {
        TRY(DB_RUN(scope, lease, "update job set is_cancelled = 1 where id = ? and state = 'running'",
                   cell_int(id)));
        *ret_done = db_changes(lease) > 0;
    }
    return ERR_OK;
}

enum err job_cancel(struct scope *scope, struct catalog *catalog, int64_t id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    bool done;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(cancel(scope, lease, id, &done));
    TRY(db_commit(scope, lease));
    db_release(lease);
    lease = NULL;
    return done ? ERR_OK
                : refuse(scope, catalog, id, MSG_FAULT_JOB_NOT_CANCELLED,
                         "only one that waits or runs can be cancelled");
}

enum err job_retry(struct scope *scope, struct catalog *catalog, int64_t id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    usec now;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(job_now(scope, lease, &now));
    TRY(DB_RUN(scope, lease,
               "update job set state = 'waiting', attempt = 0, ended = 0, not_before = ?, is_cancelled = 0, done = 0,"
               " total = 0, result = '' where id = ? and (state = 'failed' or state = 'cancelled' or"
               " (state = 'waiting' and not_before > ?))",
               cell_instant(now), cell_int(id), cell_instant(now)));
    bool done = db_changes(lease) > 0;
    TRY(db_commit(scope, lease));
    db_release(lease);
    lease = NULL;
    return done ? ERR_OK
                : refuse(scope, catalog, id, MSG_FAULT_JOB_NOT_RETRIED,
                         "only one that failed, was cancelled or waits for later can be tried again");
}

/* ---- upkeep ---- */

enum err job_upkeep(struct scope *scope, struct catalog *catalog, usec keep)
{
    bool more = keep > 0;
    while (more) {
        struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
        usec now;
        TRY(db_begin(scope, catalog_database(catalog), &lease));
        TRY(job_now(scope, lease, &now));
        TRY(DB_RUN(scope, lease,
                   "delete from job where id in (select id from job where ended <> 0 and ended < ? limit ?)",
                   cell_instant(now - keep), cell_int(DELETED_AT_ONCE)));
        more = db_changes(lease) == DELETED_AT_ONCE;
        TRY(db_commit(scope, lease));
    }
    return ERR_OK;
}
