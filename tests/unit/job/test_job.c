/* Jobs: rows, runs, what becomes of them when something breaks. Runs on both stores (parvis_database_test). */
#include "../directory.h"

#include <pthread.h>
#include <time.h>

#include "domain/job/job.h"
#include "platform/crypto/crypto.h"
#include "platform/db/statement.h"

struct fixture {
    struct scope scope;
    struct directory directory;
    struct catalog *catalog;
};

static atomic_int calls;
static atomic_bool may_end;
static enum err outcome;

static void change(struct fixture *fixture, struct sql sql)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    check_ok("lease", &fixture->scope, db_lease(&fixture->scope, catalog_database(fixture->catalog), &lease));
    check_ok("statement", &fixture->scope, db_execute(&fixture->scope, lease, &sql));
}

#define CHANGE(fixture, ...) change((fixture), STATEMENT(&(fixture)->scope.arena, __VA_ARGS__))

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    crypto_start();
    scope_open(&fixture->scope);
    directory_make(&fixture->directory);
    struct store store = {.data_directory = directory_file(&fixture->scope, &fixture->directory, "data"),
                          .url = getenv("PARVIS_TEST_DATABASE")};
    check_ok("open", &fixture->scope, catalog_open_store(&fixture->scope, &store, &fixture->catalog));
    check_ok("begin", &fixture->scope, db_begin(&fixture->scope, catalog_database(fixture->catalog), &lease));
    check_ok("tables", &fixture->scope, job_make_tables(&fixture->scope, lease));
    check_ok("tables", &fixture->scope, DB_RUN(&fixture->scope, lease, "delete from job where id > ?", cell_int(0)));
    check_ok("commit", &fixture->scope, db_commit(&fixture->scope, lease));
    calls = 0;
    may_end = false;
    outcome = ERR_OK;
    *state = fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    catalog_close(fixture->catalog);
    scope_close(&fixture->scope);
    directory_remove(&fixture->directory);
    free(fixture);
    return 0;
}

/* ---- kinds ---- */

static enum err succeed(struct scope *scope, struct job_run *run, void *user)
{
    (void)scope;
    (void)user;
    calls++;
    job_progress(run, 3, 7, "rows");
    job_remark(run, &(struct remark){.text = S("Part of work")});
    job_tell_fault(run, MSG_JOB_LINE_DATASET_FAULT,
                   SAYS(ARG_TEXT("dataset", S("row 2")), ARG_TEXT("fault", S("\xff\n, which is no number"))));
    job_result(run, S("{\"version\": 0}"));
    job_result(run, S("{\"version\": 1}"));
    job_remark(run, &(struct remark){.text = S("Published version 1.")});
    return ERR_OK;
}

static enum err end_badly(struct scope *scope, struct job_run *run, void *user)
{
    (void)run;
    (void)user;
    calls++;
    return fail(scope, outcome, "the source does not answer");
}

/* Runs until it is let go or told to stop. */
static enum err linger(struct scope *scope, struct job_run *run, void *user)
{
    (void)run;
    (void)user;
    calls++;
    while (!may_end) {
        TRY(scope_check(scope));
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    return ERR_OK;
}

/* Fails as the reading of a file does: in words, by a known kind of failure, in English only. */
static enum err fail_told(struct scope *scope, struct job_run *run, void *user)
{
    (void)user;
    job_tell(run, MSG_JOB_LINE_ASKED, SAYS(ARG_TEXT("address", S("https://example.org/a.csv"))));
    return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_LINE_LONG,
                         SAYS(ARG_TEXT("file", S("a \"b\".csv")), ARG_TEXT("line", S("12")), ARG_TEXT("most", S("4"))));
}

static enum err fail_full(struct scope *scope, struct job_run *run, void *user)
{
    (void)run;
    (void)user;
    return fail_no_room(scope, S("disk"));
}

static enum err fail_plainly(struct scope *scope, struct job_run *run, void *user)
{
    (void)run;
    (void)user;
    return fail(scope, ERR_DATA, "Only English.");
}

static enum err chatter(struct scope *scope, struct job_run *run, void *user)
{
    (void)user;
    for (int i = 0; i < 900; i++) { /* fewer than the log holds, however often they are written */
        job_remark(run, &(struct remark){.text = str_printf(&scope->arena, "%4000d", i)});
    }
    return ERR_OK;
}

static atomic_int at_once;

static enum err be_alone(struct scope *scope, struct job_run *run, void *user)
{
    (void)scope;
    (void)run;
    (void)user;
    check_int("at once", ++at_once, 1);
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    at_once--;
    calls++;
    return ERR_OK;
}

static const struct job_kind kinds[] = {
    {.name = "succeed", .work = succeed, .attempts_most = 1},
    {.name = "fail", .work = end_badly, .attempts_most = 2},
    {.name = "linger", .work = linger, .attempts_most = 1},
    {.name = "told", .work = fail_told, .attempts_most = 1},
    {.name = "full", .work = fail_full, .attempts_most = 1},
    {.name = "plain", .work = fail_plainly, .attempts_most = 1},
    {.name = "chatter", .work = chatter, .attempts_most = 1},
    {.name = "alone", .work = be_alone, .attempts_most = 1},
};

/* ---- helpers ---- */

static int64_t add_job(struct fixture *fixture, const char *kind, str dataset)
{
    int64_t id = 0;
    struct new_job job = {.kind = kind, .dataset = dataset, .label = S("lamps"), .by = &actor_command_line};
    check_ok(kind, &fixture->scope, job_add(&fixture->scope, fixture->catalog, &job, &id));
    return id;
}

static struct job job_now_is(struct fixture *fixture, int64_t id)
{
    struct job job = {0};
    check_ok("find", &fixture->scope, job_find(&fixture->scope, fixture->catalog, id, &job));
    return job;
}

static void run_due(struct fixture *fixture, int64_t expected)
{
    int64_t count;
    check_ok("run", &fixture->scope,
             job_run_due(&fixture->scope, fixture->catalog, kinds, ARRAY_LENGTH(kinds), &count));
    check_int("jobs that ran", count, expected);
}

static struct job_runner *start(struct fixture *fixture, int threads)
{
    return job_runner_start(fixture->catalog, kinds, ARRAY_LENGTH(kinds), threads);
}

static void await_state(struct fixture *fixture, int64_t id, enum job_state state)
{
    for (int i = 0; job_now_is(fixture, id).state != state; i++) {
        assert_true(i < 2000);
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
}

static size_t count_listed(struct fixture *fixture, struct job_filter filter)
{
    const struct job *jobs;
    size_t count;
    filter.limit = 100;
    check_ok("list", &fixture->scope, job_list(&fixture->scope, fixture->catalog, &filter, &jobs, &count));
    for (size_t i = 1; i < count; i++) {
        assert_true(jobs[i].id < jobs[i - 1].id);
    }
    return count;
}

/* ---- tests ---- */

static void test_rows(void **state)
{
    struct fixture *fixture = *state;
    struct actor ada = {.kind = ACTOR_SESSION, .user = 7, .name = S("ada")};
    struct new_job new = {.kind = "succeed", .dataset = S("da_1"), .label = S("two\nlines"), .by = &ada,
                          .arguments = S("{\"n\": 1}"), .is_single = true};
    int64_t first, same, other;
    check_ok("add", &fixture->scope, job_add(&fixture->scope, fixture->catalog, &new, &first));
    check_ok("add", &fixture->scope, job_add(&fixture->scope, fixture->catalog, &new, &same));
    assert_int_equal(first, same);
    new.dataset = S("da_2");
    new.by = NULL;
    check_ok("add", &fixture->scope, job_add(&fixture->scope, fixture->catalog, &new, &other));
    assert_true(other > first);
    struct job job = job_now_is(fixture, first);
    check_text("kind", job.kind, S("succeed"));
    check_text("label", job.label, S("two lines"));
    check_text("arguments", job.arguments, S("{\"n\": 1}"));
    check_text("user", job.user_name, S("ada"));
    assert_int_equal(job.user, 7);
    assert_int_equal(job.state, JOB_WAITING);
    assert_int_equal(count_listed(fixture, (struct job_filter){0}), 2);
    assert_int_equal(count_listed(fixture, (struct job_filter){.dataset = S("da_2")}), 1);
    assert_int_equal(count_listed(fixture, (struct job_filter){.user = 7}), 1);
    assert_int_equal(count_listed(fixture, (struct job_filter){.before = other}), 1);
    assert_int_equal(count_listed(fixture, (struct job_filter){.kind = S("refresh")}), 0);
    assert_int_equal(count_listed(fixture, (struct job_filter){.has_state = true, .state = JOB_DONE}), 0);
    assert_int_equal(job_find(&fixture->scope, fixture->catalog, other + 1, &job), ERR_NO_JOB);
    check_failure("absent", &fixture->scope, ERR_NO_JOB, "There is no job");
}

static void test_once_since(void **state)
{
    struct fixture *fixture = *state;
    int64_t first = add_job(fixture, "succeed", S("da_1")), second;
    run_due(fixture, 1);
    struct new_job new = {.kind = "succeed", .dataset = S("da_1"), .is_single = true};
    new.since = job_now_is(fixture, first).created;
    check_ok("add", &fixture->scope, job_add(&fixture->scope, fixture->catalog, &new, &second));
    assert_int_equal(first, second);
    new.since++;
    check_ok("add", &fixture->scope, job_add(&fixture->scope, fixture->catalog, &new, &second));
    assert_true(second > first);
}

static void test_done(void **state)
{
    struct fixture *fixture = *state;
    const struct job_line *lines;
    size_t count;
    int64_t id = add_job(fixture, "succeed", S("da_1"));
    run_due(fixture, 1);
    run_due(fixture, 0);
    struct job job = job_now_is(fixture, id);
    assert_int_equal(job.state, JOB_DONE);
    assert_int_equal(job.attempt, 1);
    assert_true(job.created <= job.started && job.started <= job.ended);
    check_text("result", job.result, S("{\"version\": 1}"));
    check_text("message", job.message, S("Published version 1."));
    check_text("unit", job.unit, S("rows"));
    check_int("done", job.done, 3);
    check_int("total", job.total, 7);
    check_ok("log", &fixture->scope, job_log(&fixture->scope, fixture->catalog, id, 2, &lines, &count));
    assert_int_equal(count, 2);
    check_text("line", lines[0].text, S("row 2: \xef\xbf\xbd , which is no number"));
    assert_true(lines[0].is_fault && !lines[1].is_fault && lines[0].at <= lines[1].at);
    assert_int_equal(job_cancel(&fixture->scope, fixture->catalog, id), ERR_CONFLICT);
    check_failure("cancel", &fixture->scope, ERR_CONFLICT, "is done");
    assert_int_equal(job_retry(&fixture->scope, fixture->catalog, id), ERR_CONFLICT);
    check_failure("retry", &fixture->scope, ERR_CONFLICT, "is done");
}

static str message_in(struct fixture *fixture, int64_t id, str lang)
{
    struct job job = job_now_is(fixture, id);
    return job_message(&fixture->scope.arena, language_find(lang), &job);
}

static void test_words(void **state)
{
    struct fixture *fixture = *state;
    const struct job_line *lines;
    size_t count;
    int64_t id = add_job(fixture, "told", S("da_1"));
    run_due(fixture, 1);
    check_text("English", job_now_is(fixture, id).message,
               S("a \"b\".csv, line 12: the line is longer than 4 MB; is this a table?"));
    check_text("in English", message_in(fixture, id, S("en")), job_now_is(fixture, id).message);
    check_text("in German", message_in(fixture, id, S("de")),
               S("a \"b\".csv, Zeile 12: Die Zeile ist länger als 4 MB. Ist es eine Tabelle? Prüfen Sie Zeilenenden und "
                 "Anführungszeichen."));
    check_ok("log", &fixture->scope, job_log(&fixture->scope, fixture->catalog, id, 10, &lines, &count));
    assert_int_equal(count, 2);
    check_text("line", job_line_text(&fixture->scope.arena, language_find(S("fr")), &lines[0]),
               S("https://example.org/a.csv est interrogé."));
    assert_true(lines[1].is_fault);

    int64_t full = add_job(fixture, "full", S("da_1")), plain = add_job(fixture, "plain", S("da_1"));
    run_due(fixture, 2);
    assert_true(str_find(message_in(fixture, full, S("nl")), S("De schijf van de server is vol"), 0) == 0);
    check_text("only English", message_in(fixture, plain, S("fr")), S("Only English."));
}

/* What an earlier or a later program wrote is never rendered by force: the English text is there. */
static void test_words_of_others(void **state)
{
    static const char *const stored[] = {
        "", "null", "[]", "{", "{\"message\":\"fault.unheard_of\",\"arguments\":[]}",
        "{\"message\":\"fault.file.line_long\",\"arguments\":[[\"file\",\"text\",\"a.csv\"]]}",
        "{\"message\":\"fault.file.empty\",\"arguments\":[[\"file\",\"text\",7]]}",
        "{\"message\":\"fault.file.empty\",\"arguments\":[[\"file\",\"wide\",\"a.csv\"]]}",
        "{\"message\":\"fault.row.shape\",\"arguments\":[[\"file\",\"text\",\"a\"],[\"line\",\"text\",\"1\"],"
        "[\"shape\",\"int\",3],[\"text\",\"text\",\"b\"]]}",
        "{\"message\":\"fault.file.empty\",\"arguments\":[[\"file\",\"message\",\"fault.file.empty\"]]}"};
    struct fixture *fixture = *state;
    int64_t id = add_job(fixture, "plain", S("da_1"));
    run_due(fixture, 1);
    for (size_t i = 0; i < ARRAY_LENGTH(stored); i++) {
        CHANGE(fixture, "update job set explanation = ? where id = ?", cell_text(str_from(stored[i])), cell_int(id));
        check_text(stored[i], message_in(fixture, id, S("fr")), S("Only English."));
    }
}

/* The tables of before this column get it, and keep their rows. */
static void test_upgrade(void **state)
{
    struct fixture *fixture = *state;
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    int64_t id = add_job(fixture, "plain", S("da_1"));
    run_due(fixture, 1);
    check_ok("begin", &fixture->scope, db_begin(&fixture->scope, catalog_database(fixture->catalog), &lease));
    check_ok("old", &fixture->scope,
             db_script(&fixture->scope, lease, "alter table job drop column explanation;"
                                               "alter table job_line drop column explanation"));
    check_ok("tables", &fixture->scope, job_make_tables(&fixture->scope, lease));
    check_ok("again", &fixture->scope, job_make_tables(&fixture->scope, lease));
    check_ok("commit", &fixture->scope, db_commit(&fixture->scope, lease));
    db_release(lease);
    lease = NULL;
    check_text("of before", message_in(fixture, id, S("fr")), S("Only English."));
    id = add_job(fixture, "told", S("da_1"));
    run_due(fixture, 1);
    assert_true(str_find(message_in(fixture, id, S("de")), S("Zeile 12"), 0) != SIZE_MAX);
}

static void test_failures(void **state)
{
    struct fixture *fixture = *state;
    int64_t id = add_job(fixture, "fail", S(""));
    outcome = ERR_BUSY;
    run_due(fixture, 1);
    struct job job = job_now_is(fixture, id);
    assert_int_equal(job.state, JOB_WAITING);
    assert_true(job.not_before - job.started >= 7 * USEC_SECOND);
    assert_true(job.not_before - job.started <= 14 * USEC_SECOND);
    check_text("message", job.message, S("the source does not answer"));
    run_due(fixture, 0);
    CHANGE(fixture, "update job set not_before = 1 where id = ?", cell_int(id)); /* time passes */
    run_due(fixture, 1);
    job = job_now_is(fixture, id);
    assert_int_equal(job.state, JOB_FAILED);
    assert_int_equal(job.attempt, 2);
    check_ok("retry", &fixture->scope, job_retry(&fixture->scope, fixture->catalog, id));
    outcome = ERR_DATA; /* does not pass by itself */
    run_due(fixture, 1);
    job = job_now_is(fixture, id);
    assert_int_equal(job.state, JOB_FAILED);
    assert_int_equal(job.attempt, 1);
    assert_true(job.ended != 0);
}

static void test_cancel(void **state)
{
    struct fixture *fixture = *state;
    int64_t waits = add_job(fixture, "linger", S("da_1"));
    check_ok("cancel", &fixture->scope, job_cancel(&fixture->scope, fixture->catalog, waits));
    assert_int_equal(job_now_is(fixture, waits).state, JOB_CANCELLED);
    run_due(fixture, 0);
    int64_t runs = add_job(fixture, "linger", S("da_1"));
    struct job_runner *runner = start(fixture, 1);
    await_state(fixture, runs, JOB_RUNNING);
    check_ok("cancel", &fixture->scope, job_cancel(&fixture->scope, fixture->catalog, runs));
    await_state(fixture, runs, JOB_CANCELLED);
    job_runner_stop(runner);
    check_text("message", job_now_is(fixture, runs).message, S("Cancelled."));
}

static void test_stop(void **state)
{
    struct fixture *fixture = *state;
    int64_t id = add_job(fixture, "linger", S("da_1"));
    struct job_runner *runner = start(fixture, 2);
    await_state(fixture, id, JOB_RUNNING);
    job_runner_stop(runner);
    struct job job = job_now_is(fixture, id);
    assert_int_equal(job.state, JOB_WAITING);
    assert_int_equal(job.attempt, 0);
    may_end = true;
    run_due(fixture, 1);
    assert_int_equal(job_now_is(fixture, id).state, JOB_DONE);
    job_runner_stop(NULL);
}

/* The row of a job whose process died without a word. */
static void leave_behind(struct fixture *fixture, int64_t id, int64_t attempt, usec age)
{
    CHANGE(fixture, "update job set state = 'running', runner = 'gone', attempt = ?, started = 1, heartbeat = ? where id = ?",
           cell_int(attempt), cell_instant(clock_wall() - age), cell_int(id));
}

static void test_lost(void **state)
{
    struct fixture *fixture = *state;
    int64_t id = add_job(fixture, "succeed", S("da_1"));
    leave_behind(fixture, id, 1, USEC_SECOND);
    run_due(fixture, 0); /* it may live */
    leave_behind(fixture, id, 1, 60 * USEC_SECOND);
    run_due(fixture, 1);
    assert_int_equal(job_now_is(fixture, id).state, JOB_DONE);
    assert_int_equal(job_now_is(fixture, id).attempt, 2);
    id = add_job(fixture, "succeed", S("da_1"));
    leave_behind(fixture, id, 3, 60 * USEC_SECOND);
    run_due(fixture, 0);
    struct job job = job_now_is(fixture, id);
    assert_int_equal(job.state, JOB_FAILED);
    assert_true(str_starts(job.message, S("The program ended while it did this, 3 times")));
}

/* Another process has taken the job: what this one does counts no more, and it is told to stop. */
static void test_taken_away(void **state)
{
    struct fixture *fixture = *state;
    int64_t id = add_job(fixture, "linger", S("da_1"));
    struct job_runner *runner = start(fixture, 1);
    await_state(fixture, id, JOB_RUNNING);
    CHANGE(fixture, "update job set runner = ?, heartbeat = heartbeat + 1000000000", cell_text(S("other")));
    int64_t next = add_job(fixture, "succeed", S("da_2"));
    await_state(fixture, next, JOB_DONE);
    job_runner_stop(runner);
    struct job job = job_now_is(fixture, id);
    assert_int_equal(job.state, JOB_RUNNING);
    assert_int_equal(job.ended, 0);
}

static void test_two_runners(void **state)
{
    struct fixture *fixture = *state;
    int64_t last = 0;
    at_once = 0;
    for (int i = 0; i < 12; i++) {
        last = add_job(fixture, "alone", S("da_1"));
    }
    struct job_runner *one = start(fixture, 2);
    struct job_runner *two = start(fixture, 2);
    await_state(fixture, last, JOB_DONE);
    while (count_listed(fixture, (struct job_filter){.has_state = true, .state = JOB_DONE}) < 12) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    job_runner_stop(one);
    job_runner_stop(two);
    check_int("runs", calls, 12);
}

static void test_long_log(void **state)
{
    struct fixture *fixture = *state;
    const struct job_line *lines;
    size_t count;
    int64_t id = add_job(fixture, "chatter", S(""));
    for (int i = 0; i < 1100; i++) {
        CHANGE(fixture, "insert into job_line (job_id, number, at, is_fault, text) values (?, ?, 1, 0, 'old')",
               cell_int(id), cell_int(i));
    }
    run_due(fixture, 1);
    check_ok("log", &fixture->scope, job_log(&fixture->scope, fixture->catalog, id, 5000, &lines, &count));
    check_int("lines", (long long)count, JOB_LINES_MOST);
    check_int("bytes", (long long)lines[count - 1].text.n, JOB_LINE_BYTES_MOST);
    check_text("oldest", lines[0].text, S("old"));
    assert_true(str_ends(lines[count - 2].text, S("lines are left out)")));
}

static void test_upkeep(void **state)
{
    struct fixture *fixture = *state;
    int64_t old = add_job(fixture, "succeed", S("")), fresh = add_job(fixture, "succeed", S(""));
    run_due(fixture, 2);
    int64_t waits = add_job(fixture, "succeed", S(""));
    CHANGE(fixture, "update job set ended = 1000 where id = ?", cell_int(old));
    check_ok("upkeep", &fixture->scope, job_upkeep(&fixture->scope, fixture->catalog, 0));
    assert_int_equal(count_listed(fixture, (struct job_filter){0}), 3);
    check_ok("upkeep", &fixture->scope, job_upkeep(&fixture->scope, fixture->catalog, 86400 * USEC_SECOND));
    assert_int_equal(count_listed(fixture, (struct job_filter){0}), 2);
    job_now_is(fixture, fresh);
    job_now_is(fixture, waits);
}

#define JOB_TEST(function) cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOB_TEST(test_rows),       JOB_TEST(test_once_since), JOB_TEST(test_done),
        JOB_TEST(test_failures),   JOB_TEST(test_cancel),     JOB_TEST(test_stop),
        JOB_TEST(test_lost),       JOB_TEST(test_taken_away), JOB_TEST(test_two_runners),
        JOB_TEST(test_long_log),   JOB_TEST(test_upkeep),     JOB_TEST(test_words),
        JOB_TEST(test_words_of_others), JOB_TEST(test_upgrade),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
