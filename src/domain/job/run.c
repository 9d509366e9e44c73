/* A job that runs here: what it says is kept in memory and written by who keeps it, so that the work never waits. */
#include <stdio.h>
#include <time.h>

#include "base/log.h"
#include "base/vec.h"
#include "domain/job/internal.h"
#include "platform/crypto/crypto.h"
#include "platform/i18n/failure_words.h"

#define LINES_AT_ONCE 200 /* that wait to be written; more are counted only */
#define WRITE_PERIOD USEC_SECOND
#define FIRST_PAUSE (10 * USEC_SECOND)
#define LONGEST_PAUSE (3600 * USEC_SECOND)
#define END_PAUSE USEC_SECOND /* between attempts to write how a job ended */
#define KEEP_PATIENCE (5 * USEC_SECOND)
#define END_PATIENCE (20 * USEC_SECOND)

void job_run_init(struct job_run *run)
{
    pthread_mutex_init(&run->mutex, NULL);
    scope_open(&run->notes);
    run->scope->gone = &run->gone;
    run->written = run->beaten = clock_monotonic();
}

void job_run_done(struct job_run *run)
{
    scope_close(&run->notes);
    buf_done(&run->result);
    pthread_mutex_destroy(&run->mutex);
}

const struct job *job_of_run(const struct job_run *run)
{
    return &run->job;
}

struct catalog *job_catalog(const struct job_run *run)
{
    return run->catalog;
}

/* ---- what the work says ---- */

/* explanation: as it is stored. */
static void add_line(struct job_run *run, bool is_fault, str text, str explanation)
{
    pthread_mutex_lock(&run->mutex);
    struct arena *arena = &run->notes.arena;
    struct job_line line = {clock_wall(), is_fault, job_clean_text(arena, text, JOB_LINE_BYTES_MOST),
                            job_clean_text(arena, explanation, EXPLANATION_BYTES_MOST)};
    run->message = line.text;
    run->explanation = line.explanation;
    if (run->lines.count < LINES_AT_ONCE) {
        vec_add(arena, &run->lines, line);
    } else {
        run->left_out++;
        run->lines.items[LINES_AT_ONCE - 1] = line;
    }
    pthread_mutex_unlock(&run->mutex);
}

static void tell(struct job_run *run, bool is_fault, enum message message, const struct message_argument *arguments)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct remark remark = remark_in_words(&arena, message, arguments);
    add_line(run, is_fault, remark.text, remark.explanation);
    arena_done(&arena);
}

void job_tell(struct job_run *run, enum message message, const struct message_argument *arguments)
{
    tell(run, false, message, arguments);
}

void job_tell_fault(struct job_run *run, enum message message, const struct message_argument *arguments)
{
    tell(run, true, message, arguments);
}

void job_remark(struct job_run *run, const struct remark *remark)
{
    add_line(run, false, remark->text, remark->explanation);
}

void job_progress(struct job_run *run, int64_t done, int64_t total, const char *unit)
{
    pthread_mutex_lock(&run->mutex);
    run->done = done;
    run->total = total;
    snprintf(run->unit, sizeof(run->unit), "%s", unit);
    run->has_progress = true;
    pthread_mutex_unlock(&run->mutex);
}

void job_result(struct job_run *run, str json)
{
    pthread_mutex_lock(&run->mutex);
    buf_clear(&run->result);
    buf_add(&run->result, json);
    pthread_mutex_unlock(&run->mutex);
}

/* ---- writing it ---- */

/* What was said since it was written last, copied out of the way of the work. */
struct said {
    const struct job_line *lines;
    size_t count, left_out;
    str message, explanation, unit;
    int64_t done, total;
    bool has_progress;
};

static struct said take_said(struct job_run *run, struct arena *arena)
{
    struct job_line *lines = NULL;
    pthread_mutex_lock(&run->mutex);
    struct said said = {.count = run->lines.count,
                        .left_out = run->left_out,
                        .message = run->message.p ? str_copy(arena, run->message) : STR_NONE,
                        .explanation = run->message.p ? str_copy(arena, run->explanation) : STR_NONE,
                        .done = run->done,
                        .total = run->total,
                        .has_progress = run->has_progress,
                        .unit = str_copy(arena, str_from(run->unit))};
    lines = said.count ? arena_array(arena, struct job_line, said.count) : NULL;
    for (size_t i = 0; i < said.count; i++) {
        lines[i] = run->lines.items[i];
        lines[i].text = str_copy(arena, lines[i].text);
        lines[i].explanation = str_copy(arena, lines[i].explanation);
    }
    said.lines = lines;
    pthread_mutex_unlock(&run->mutex);
    return said;
}

/* Forgets what is written now; what was said meanwhile stays. */
static void forget_said(struct job_run *run, const struct said *said)
{
    struct scope rest;
    VEC(struct job_line) lines = {0};
    scope_open(&rest);
    pthread_mutex_lock(&run->mutex);
    bool is_same = run->message.p && said->message.p && str_eq(run->message, said->message);
    str message = run->message.p && !is_same ? str_copy(&rest.arena, run->message) : STR_NONE;
    str explanation = message.p ? str_copy(&rest.arena, run->explanation) : STR_NONE;
    for (size_t i = said->count; i < run->lines.count; i++) {
        struct job_line line = run->lines.items[i];
        line.text = str_copy(&rest.arena, line.text);
        line.explanation = str_copy(&rest.arena, line.explanation);
        vec_add(&rest.arena, &lines, line);
    }
    scope_close(&run->notes);
    run->notes = rest;
    run->lines.items = lines.items;
    run->lines.count = lines.count;
    run->lines.capacity = lines.capacity;
    run->left_out -= said->left_out;
    run->message = message;
    run->explanation = explanation;
    run->has_progress &= run->done != said->done || run->total != said->total;
    pthread_mutex_unlock(&run->mutex);
}

static enum err write_line(struct scope *scope, struct db_lease *lease, struct job_run *run,
                           const struct job_line *line)
{
    TRY(DB_RUN(scope, lease,
               "insert into job_line (job_id, number, at, is_fault, text, explanation) values (?, ?, ?, ?, ?, ?)",
               cell_int(run->job.id), cell_int(run->next_line), cell_instant(line->at), cell_int(line->is_fault),
               cell_text(line->text.n ? line->text : S("")),
               cell_text(line->explanation.n ? line->explanation : S(""))));
    run->next_line++;
    return ERR_OK;
}

static enum err write_lines(struct scope *scope, struct db_lease *lease, struct job_run *run,
                            const struct said *said)
{
    cell last;
    if (said->count == 0) {
        return ERR_OK;
    }
    TRY(DB_ASK(scope, lease, &last, "select coalesce(max(number), 0) from job_line where job_id = ?",
               cell_int(run->job.id)));
    run->next_line = last.number + 1;
    for (size_t i = 0; i < said->count; i++) {
        if (said->left_out && i == said->count - 1) {
            struct explanation explanation = {
                .message = MSG_JOB_LINE_LEFT_OUT,
                .arguments = SAYS(argument_digits(&scope->arena, "count", (int64_t)said->left_out))};
            struct job_line note = {said->lines[i].at, false,
                                    explanation_text(&scope->arena, language_find(S("en")), &explanation),
                                    explanation_store(&scope->arena, &explanation)};
            TRY(write_line(scope, lease, run, &note));
        }
        TRY(write_line(scope, lease, run, &said->lines[i]));
    }
    return DB_RUN(scope, lease, "delete from job_line where job_id = ? and number < ?", cell_int(run->job.id),
                  cell_int(run->next_line - JOB_LINES_MOST));
}

/* *ret_is_ours: whether the row still bears the token. */
static enum err write_said(struct scope *scope, struct db_lease *lease, struct job_run *run,
                           const struct said *said, bool *ret_is_ours)
{
    usec now;
    struct sql sql = STATEMENT(&scope->arena, "update job set heartbeat = ");
    TRY(job_now(scope, lease, &now));
    sql_bind(&sql, cell_instant(now));
    if (said->message.p) {
        sql_text(&sql, ", message = ");
        sql_bind(&sql, cell_text(said->message));
        sql_text(&sql, ", explanation = ");
        sql_bind(&sql, cell_text(said->explanation.n ? said->explanation : S("")));
    }
    if (said->has_progress) {
        sql_text(&sql, ", done = ");
        sql_bind(&sql, cell_int(said->done));
        sql_text(&sql, ", total = ");
        sql_bind(&sql, cell_int(said->total));
        sql_text(&sql, ", unit = ");
        sql_bind(&sql, cell_text(said->unit));
    }
    sql_text(&sql, " where id = ");
    sql_bind(&sql, cell_int(run->job.id));
    sql_text(&sql, " and runner = ");
    sql_bind(&sql, cell_text(run->token));
    TRY(db_execute(scope, lease, &sql));
    *ret_is_ours = db_changes(lease) > 0;
    return *ret_is_ours ? write_lines(scope, lease, run, said) : ERR_OK;
}

static void stop_when_asked(struct job_run *run, bool is_ours, bool is_cancelled)
{
    if (!is_ours) {
        run->is_lost = true;
    }
    if (is_cancelled) {
        run->is_cancelled = true;
    }
    if (!is_ours || is_cancelled) {
        run->gone = true;
    }
}

/* Its transaction waits for no other that writes on PostgreSQL: a long one keeps no heartbeat back. */
static enum err keep(struct scope *scope, struct job_run *run, bool is_due)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    bool is_ours = true;
    cell cancelled;
    TRY(db_lease(scope, catalog_database(run->catalog), &lease));
    TRY(DB_ASK(scope, lease, &cancelled, "select is_cancelled from job where id = ? and runner = ?",
               cell_int(run->job.id), cell_text(run->token)));
    db_release(lease);
    lease = NULL;
    is_ours = cancelled.type == CELL_INT;
    struct said said = take_said(run, &scope->arena);
    if (is_ours && (is_due || said.count || said.has_progress)) {
        TRY(db_begin_adding(scope, catalog_database(run->catalog), &lease));
        TRY(write_said(scope, lease, run, &said, &is_ours));
        TRY(db_commit(scope, lease));
        forget_said(run, &said);
        run->beaten = clock_monotonic();
    }
    stop_when_asked(run, is_ours, is_ours && cancelled.number != 0);
    return ERR_OK;
}

/* What could not be written is, a second later. */
void job_run_keep(struct job_run *run)
{
    struct scope scope;
    usec now = clock_monotonic();
    if (now - run->written < WRITE_PERIOD) {
        return;
    }
    run->written = now;
    scope_open(&scope);
    scope.deadline = now + KEEP_PATIENCE;
    if (keep(&scope, run, now - run->beaten >= JOB_HEARTBEAT) != ERR_OK) {
        scope_forgive(&scope);
    }
    scope_close(&scope);
}

/* ---- the end ---- */

/* Three quarters to five quarters of the pause, so that jobs that failed together do not come back together. */
static usec pause_before(const struct job_run *run)
{
    usec pause = run->kind->pause ? run->kind->pause : FIRST_PAUSE;
    uint16_t chance;
    for (int64_t i = 1; i < run->job.attempt && pause < LONGEST_PAUSE; i++) {
        pause *= 2;
    }
    pause = pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE;
    random_bytes(&chance, sizeof(chance));
    return pause * 3 / 4 + pause / 2 * chance / UINT16_MAX;
}

static bool may_pass(enum err code)
{
    return code == ERR_BUSY || code == ERR_DEADLINE || code == ERR_DATABASE || code == ERR_FILE;
}

struct end {
    enum job_state state;
    usec pause;        /* of one that waits again */
    int64_t attempts;  /* that do not count */
};

static struct end judge(struct job_run *run, enum err result)
{
    if (result == ERR_OK) {
        return (struct end){JOB_DONE, 0, 0};
    }
    if (run->is_cancelled) {
        job_tell(run, MSG_JOB_LINE_CANCELLED, NULL);
        return (struct end){JOB_CANCELLED, 0, 0};
    }
    if (run->is_stopped) {
        job_tell(run, MSG_JOB_LINE_STOPPED, NULL);
        return (struct end){JOB_WAITING, 0, 1};
    }
    str cause = run->scope->failure.cause;
    str message = run->scope->failure.message;
    if (!message.n) {
        scope_forgive(run->scope);
        fail_in_words(run->scope, result, MSG_JOB_LINE_NO_REASON, NULL);
        message = run->scope->failure.message;
    }
    add_line(run, true, message, failure_store(&run->scope->arena, &run->scope->failure));
    if (err_kind(result) == KIND_BROKEN) {
        log_event(EV_JOB_FAILED, "job %lld: %.*s (%.*s)", (long long)run->job.id, STR_ARG(message), STR_ARG(cause));
    }
    if (!may_pass(result) || run->job.attempt >= run->kind->attempts_most) {
        return (struct end){JOB_FAILED, 0, 0};
    }
    return (struct end){JOB_WAITING, pause_before(run), 0};
}

static enum err write_end(struct scope *scope, struct job_run *run, struct end end)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct said said = take_said(run, &scope->arena);
    bool is_ours;
    cell cancelled;
    usec now;
    TRY(db_begin(scope, catalog_database(run->catalog), &lease));
    TRY(write_said(scope, lease, run, &said, &is_ours));
    run->is_lost = !is_ours;
    if (!is_ours) {
        return ERR_OK;
    }
    TRY(DB_ASK(scope, lease, &cancelled, "select is_cancelled from job where id = ?", cell_int(run->job.id)));
    if (end.state == JOB_WAITING && cancelled.number) { /* while it failed or the program stopped */
        end.state = JOB_CANCELLED;
    }
    TRY(job_now(scope, lease, &now));
    TRY(DB_RUN(scope, lease,
               "update job set state = ?, ended = ?, attempt = attempt - ?, not_before = ?, result = ?, runner = ''"
               " where id = ? and runner = ?",
               cell_text(str_from(job_state_name(end.state))), cell_instant(end.state == JOB_WAITING ? 0 : now),
               cell_int(end.attempts), cell_instant(now + end.pause),
               cell_text(run->result.n ? buf_str(&run->result) : S("")), cell_int(run->job.id),
               cell_text(run->token)));
    return db_commit(scope, lease);
}

static void wait_a_moment(const struct job_run *run)
{
    usec until = clock_monotonic() + END_PAUSE;
    while (clock_monotonic() < until && !run->is_stopped) {
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
}

void job_run_work(struct job_run *run)
{
    enum err result = run->kind->work(run->scope, run, run->kind->user);
    struct end end = judge(run, result);
    bool is_written = false;
    while (!is_written && !run->is_lost) {
        struct scope scope;
        scope_open(&scope);
        scope.deadline = clock_monotonic() + END_PATIENCE;
        is_written = write_end(&scope, run, end) == ERR_OK;
        if (!is_written) {
            log_event(EV_JOB_FAILED, "job %lld: %.*s (%.*s)", (long long)run->job.id,
                      STR_ARG(scope.failure.message), STR_ARG(scope.failure.cause));
        }
        scope_close(&scope);
        if (!is_written && run->is_stopped) {
            return; /* another process takes it up when its heartbeat is old */
        }
        if (!is_written) {
            wait_a_moment(run);
        }
    }
}
