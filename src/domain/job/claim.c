/* Taking a job: one statement finds those that are due, another takes one if it still is. */
#include "domain/job/internal.h"
#include "platform/crypto/crypto.h"

#define CANDIDATES 8
#define TOKEN_SYMBOLS 24
#define DEATHS_LEAST 3 /* so often at least a job is taken up again whose process died */

static const str token_symbols = {"abcdefghijklmnopqrstuvwxyz0123456789", 36};

struct candidate {
    int64_t id, attempt;
    str kind, runner;
    bool is_lost; /* it runs, its process is gone */
};

static const struct job_kind *find_kind(const struct job_kind *kinds, size_t count, str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(str_from(kinds[i].name), name)) {
            return &kinds[i];
        }
    }
    return NULL;
}

/* Due, and no other job of the dataset runs. */
static struct sql candidate_query(struct arena *arena, const struct job_kind *kinds, size_t count, usec now)
{
    struct sql sql = STATEMENT(arena,
                               "select id, attempt, kind, runner, state from job where"
                               " ((state = 'waiting' and not_before <= ? and (dataset = '' or not exists"
                               " (select 1 from job other where other.dataset = job.dataset and"
                               " other.dataset <> '' and other.state = 'running')))"
                               " or (state = 'running' and heartbeat < ?)) and kind in (",
                               cell_instant(now), cell_instant(now - JOB_LOST));
    for (size_t i = 0; i < count; i++) {
        sql_text_constant(&sql, i ? S(", ") : S(""));
        sql_bind(&sql, cell_text(str_from(kinds[i].name)));
    }
    sql_text(&sql, ") order by id limit ");
    sql_bind(&sql, cell_int(CANDIDATES));
    return sql;
}

static enum err find_candidates(struct scope *scope, struct db_lease *lease, const struct job_kind *kinds,
                                size_t count, struct candidate ret[CANDIDATES], size_t *ret_count)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    usec now;
    TRY(job_now(scope, lease, &now));
    struct sql sql = candidate_query(&scope->arena, kinds, count, now);
    *ret_count = 0;
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        ret[(*ret_count)++] =
            (struct candidate){row_number(row, 0), row_number(row, 1), row_text(&scope->arena, row, 2),
                               row_text(&scope->arena, row, 3),
                               str_eq(row_text(&scope->arena, row, 4), S("running"))};
    }
    return ERR_OK;
}

/* What made its process die so often would go on doing so. */
static enum err give_up(struct scope *scope, struct db_lease *lease, const struct candidate *candidate, usec now)
{
    struct explanation explanation = {.message = MSG_JOB_LINE_DIED,
                                      .arguments = SAYS(argument_digits(&scope->arena, "count", candidate->attempt))};
    return DB_RUN(scope, lease,
                  "update job set state = 'failed', ended = ?, runner = '', message = ?, explanation = ?"
                  " where id = ? and runner = ?",
                  cell_instant(now), cell_text(explanation_text(&scope->arena, language_find(S("en")), &explanation)),
                  cell_text(explanation_store(&scope->arena, &explanation)), cell_int(candidate->id),
                  cell_text(candidate->runner));
}

static enum err read_claimed(struct scope *scope, struct db_lease *lease, int64_t id, struct job_run *run)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *row;
    struct sql sql =
        STATEMENT(&scope->arena, "select " JOB_COLUMNS " from job where id = ?", cell_int(id));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    if (!row) {
        return fail(scope, ERR_NO_JOB, "The job is gone.");
    }
    run->job = job_read_row(&run->scope->arena, row);
    return ERR_OK;
}

/* Whoever takes a job does so in a transaction that writes, of which there is one at a time. */
static enum err claim(struct scope *scope, const struct job_kind *kinds, size_t count, struct job_run *run,
                      bool *ret_has)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct candidate candidates[CANDIDATES];
    size_t found;
    usec now;
    TRY(db_begin(scope, catalog_database(run->catalog), &lease));
    TRY(find_candidates(scope, lease, kinds, count, candidates, &found)); /* again: others were at it, too */
    TRY(job_now(scope, lease, &now));
    for (size_t i = 0; i < found && !*ret_has; i++) {
        const struct candidate *one = &candidates[i];
        const struct job_kind *kind = find_kind(kinds, count, one->kind);
        int64_t most = kind->attempts_most > DEATHS_LEAST ? kind->attempts_most : DEATHS_LEAST;
        if (one->is_lost && one->attempt >= most) {
            TRY(give_up(scope, lease, one, now));
            continue;
        }
        run->kind = kind;
        run->token = random_text(&run->scope->arena, token_symbols, TOKEN_SYMBOLS);
        TRY(DB_RUN(scope, lease,
                   "update job set state = 'running', attempt = attempt + 1, started = ?, ended = 0, runner = ?,"
                   " heartbeat = ?, done = 0, total = 0, unit = '' where id = ?",
                   cell_instant(now), cell_text(run->token), cell_instant(now), cell_int(one->id)));
        TRY(read_claimed(scope, lease, one->id, run));
        *ret_has = true;
    }
    return db_commit(scope, lease);
}

enum err job_claim(struct scope *scope, const struct job_kind *kinds, size_t count, struct job_run *run,
                   bool *ret_has)
{
    struct candidate candidates[CANDIDATES];
    size_t found = 0;
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    *ret_has = false;
    if (count == 0) {
        return ERR_OK;
    }
    TRY(db_lease(scope, catalog_database(run->catalog), &lease));
    TRY(find_candidates(scope, lease, kinds, count, candidates, &found));
    db_release(lease);
    lease = NULL;
    if (found == 0) { /* as mostly: no lock of writers is taken */
        return ERR_OK;
    }
    TRY(claim(scope, kinds, count, run, ret_has));
    if (*ret_has) {
        job_run_init(run);
    }
    return ERR_OK;
}
