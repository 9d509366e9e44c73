/* Error codes, what a scope records of a failure, and the lines of the log. */
#include "../check.h"
#include "../one_scope.h"

#include <fcntl.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/json_read.h"
#include "base/log.h"
#include "base/utf8.h"

/* ---- codes ---- */

/* Every row has a kind and a code for clients; only success has neither. */
static void test_every_error_is_complete(void **state)
{
    (void)state;
    assert_int_equal(err_kind(ERR_OK), KIND_NONE);
    assert_string_equal(err_explore_code(ERR_OK), "");
    for (int code = ERR_OK + 1; code < ERR__COUNT; code++) {
        const char *explore = err_explore_code((enum err)code);
        check_int(explore, err_kind((enum err)code) > KIND_NONE, true);
        check_int(explore, err_kind((enum err)code) <= KIND_BROKEN, true);
        assert_true(strlen(explore) > 3);
        for (const char *at = explore; *at; at++) {
            check_int(explore, is_ascii_letter(*at), true);
        }
    }
    assert_int_equal(err_kind(ERR_NO_DATASET), KIND_ABSENT);
    assert_int_equal(err_kind(ERR_DATA), KIND_CALLER);
    assert_int_equal(err_kind(ERR_BUSY), KIND_BUSY);
    assert_string_equal(err_explore_code(ERR_SYNTAX), "ODSQLSyntaxError");
}

static void ask_for_no_error(void)
{
    err_kind(ERR__COUNT);
}

static void test_unknown_code_aborts(void **state)
{
    (void)state;
    check_aborts("code", ask_for_no_error);
}

/* ---- failures ---- */

static void test_first_failure_is_kept(void **state)
{
    (void)state;
    assert_int_equal(fail(&scope, ERR_DATA, "first %d", 1), ERR_DATA);
    assert_int_equal(fail(&scope, ERR_FILE, "second"), ERR_FILE);
    assert_int_equal(fail_with_cause(&scope, ERR_DATABASE, S("driver"), "third"), ERR_DATABASE);
    check_text("message", scope.failure.message, S("first 1"));
    check_text("cause", scope.failure.cause, S(""));
    assert_int_equal(scope.failure.code, ERR_DATA);
    scope_forgive(&scope);
    assert_int_equal(scope.failure.code, ERR_OK);
    char cause[] = "driver text";
    assert_int_equal(fail_with_cause(&scope, ERR_DATABASE, str_from(cause), "%s", "x"),
                     ERR_DATABASE);
    cause[0] = '?';
    check_text("cause is copied", scope.failure.cause, S("driver text"));
    check_text("message", scope.failure.message, S("x"));
}

/* Long messages are cut, and never inside a character, wherever the cut falls. */
static void test_long_messages_are_cut_between_characters(void **state)
{
    (void)state;
    static const char *const characters[] = {"x", "é", "€", "😀"};
    for (size_t c = 0; c < ARRAY_LENGTH(characters); c++) {
        for (int shift = 0; shift < 5; shift++) {
            struct buf text = {0};
            for (int i = 0; i < shift; i++) {
                buf_add_char(&text, 'a');
            }
            while (text.n < 3000) {
                buf_add(&text, str_from(characters[c]));
            }
            fail(&scope, ERR_DATA, "%.*s", (int)text.n, text.p);
            str message = scope.failure.message;
            check_int(characters[c], utf8_is_valid(message), true);
            check_int(characters[c], message.n >= 2047 - 3 && message.n <= 2047, true);
            check_int(characters[c], str_starts(buf_str(&text), message), true);
            scope_forgive(&scope);
            buf_done(&text);
        }
    }
}

/* A message that just fits is not cut. */
static void test_longest_whole_message(void **state)
{
    (void)state;
    for (int n = 2040; n <= 2047; n++) {
        str text = str_printf(&scope.arena, "%0*dé", n - 2, 7);
        fail(&scope, ERR_DATA, "%.*s", STR_ARG(text));
        check_text("whole", scope.failure.message, text);
        scope_forgive(&scope);
    }
}

static enum err pass_on(struct scope *work, int *steps)
{
    ++*steps;
    TRY(fail(work, ERR_BUSY, "busy"));
    ++*steps;
    return ERR_OK;
}

static void test_try_returns_at_once(void **state)
{
    (void)state;
    int steps = 0;
    assert_int_equal(pass_on(&scope, &steps), ERR_BUSY);
    assert_int_equal(steps, 1);
}

static void test_deadline_and_cancellation(void **state)
{
    (void)state;
    atomic_bool gone = false;
    check_ok("no limit", &scope, scope_check(&scope));
    scope.gone = &gone;
    scope.deadline = INT64_MAX;
    check_ok("in time", &scope, scope_check(&scope));
    scope.deadline = 1;
    assert_int_equal(scope_check(&scope), ERR_DEADLINE);
    check_failure("late", &scope, ERR_DEADLINE, "took too long");
    gone = true;
    assert_int_equal(scope_check(&scope), ERR_CANCELLED);
    check_failure("gone", &scope, ERR_CANCELLED, "cancelled");
}

/* ---- log ---- */

static int stderr_copy;

/* Sends standard error to a file that nobody else can name. */
static int catch_stderr(void)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    int caught = dup(fileno(file));
    fclose(file);
    fflush(stderr);
    stderr_copy = dup(STDERR_FILENO);
    dup2(caught, STDERR_FILENO);
    return caught;
}

static str read_caught(int caught)
{
    dup2(stderr_copy, STDERR_FILENO);
    close(stderr_copy);
    char *bytes = arena_alloc(&scope.arena, 1 << 16);
    ssize_t n = pread(caught, bytes, 1 << 16, 0);
    close(caught);
    assert_true(n >= 0);
    return (str){bytes, (size_t)n};
}

static void test_log_line(void **state)
{
    (void)state;
    clock_set_wall(INT64_C(1620302400000000));
    int caught = catch_stderr();
    log_event(EV_SERVER_START, "%s:%d", "127.0.0.1", 8080);
    log_event(EV_REQUEST_FAILED, "a \"quote\"\nand a line");
    log_event(EV_SERVER_STOP, "%s", "");
    log_line(S("{\"access\": 1}"));
    str lines = read_caught(caught);
    clock_set_wall(0);
    check_text("lines", lines,
               S("{\"time\": \"2021-05-06T12:00:00+00:00\", \"level\": \"info\", "
                 "\"event\": \"server.start\", \"detail\": \"127.0.0.1:8080\"}\n"
                 "{\"time\": \"2021-05-06T12:00:00+00:00\", \"level\": \"error\", "
                 "\"event\": \"request.failed\", \"detail\": \"a \\\"quote\\\"\\nand a line\"}\n"
                 "{\"time\": \"2021-05-06T12:00:00+00:00\", \"level\": \"info\", "
                 "\"event\": \"server.stop\"}\n"
                 "{\"access\": 1}\n"));
}

static void test_log_level(void **state)
{
    (void)state;
    int caught = catch_stderr();
    log_set_level(LOG_WARNING);
    log_event(EV_SERVER_START, "dropped");
    log_event(EV_DEBRIS_REMOVED, "kept");
    log_set_level(LOG_ERROR);
    log_event(EV_DEBRIS_REMOVED, "dropped");
    log_set_level(LOG_INFO);
    str lines = read_caught(caught);
    assert_true(str_find(lines, S("dropped"), 0) == SIZE_MAX);
    assert_true(str_find(lines, S("\"warning\", \"event\": \"debris.removed\""), 0) != SIZE_MAX);
}

/* Every event has a name of its own, and its line is JSON; long details stay UTF-8. */
static void test_every_event(void **state)
{
    (void)state;
    struct buf detail = {0};
    for (int i = 0; i < 2000; i++) {
        buf_add(&detail, S("é"));
    }
    log_set_level(LOG_DEBUG);
    int caught = catch_stderr();
    for (int i = 0; i < EV__COUNT; i++) {
        log_event((enum log_event)i, "%d%.*s", i % 2, (int)detail.n, detail.p);
        log_event((enum log_event)i, "%d1%.*s", i % 2, (int)detail.n, detail.p);
    }
    log_set_level(LOG_INFO);
    str rest = read_caught(caught);
    str line;
    str last = S("");
    int count = 0;
    while (str_split(&rest, '\n', &line) && line.n) {
        json_t *value cleanup_with(json_cleanup) = NULL;
        check_ok("line", &scope, json_read(&scope, ERR_DATA, line, "line", &value));
        str event = json_read_text(json_object_get(value, "event"));
        assert_true(event.n > 0 && json_read_text(json_object_get(value, "level")).n > 0);
        check_int("event", str_eq(event, last), count % 2);
        last = str_copy(&scope.arena, event);
        count++;
    }
    assert_int_equal(count, 2 * EV__COUNT);
    buf_done(&detail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_error_is_complete),
        cmocka_unit_test(test_unknown_code_aborts),
        cmocka_unit_test_setup_teardown(test_first_failure_is_kept, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_long_messages_are_cut_between_characters, open_scope,
                                        close_scope),
        cmocka_unit_test_setup_teardown(test_longest_whole_message, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_try_returns_at_once, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_deadline_and_cancellation, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_log_line, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_log_level, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_every_event, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
