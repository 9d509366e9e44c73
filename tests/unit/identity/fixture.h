/* A data directory with accounts, at a fixed time, with cheap password hashes. */
#ifndef TESTS_UNIT_IDENTITY_FIXTURE_H
#define TESTS_UNIT_IDENTITY_FIXTURE_H

#include "../directory.h"

#include "domain/identity/internal.h"
#include "platform/crypto/password_cost.h"
#include "platform/i18n/message.h"

#define NOON INT64_C(1620302400000000) /* 2021-05-06T12:00 */
#define MINUTE (60 * USEC_SECOND)
#define HOUR (3600 * USEC_SECOND)
#define DAY (86400 * USEC_SECOND)
#define PHRASE S("a phrase long enough")

struct fixture {
    struct scope scope;
    struct directory directory;
    const char *data;
    struct catalog *catalog;
    struct identity_options options;
    struct identity *identity;
    usec now;
};

static const struct origin home = {
    S("192.0.2.0/24"), S("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")};
static const struct origin desk = {S("203.0.113.0/24"), S("")}; /* where links are used */
static const struct origin abroad = {S("198.51.100.0/24"), S("curl/8.0")};

static inline void open_identity(struct fixture *fixture)
{
    check_ok("catalogue", &fixture->scope,
             catalog_open(&fixture->scope, fixture->data, &fixture->catalog));
    check_ok(
        "identity", &fixture->scope,
        identity_open(&fixture->scope, fixture->catalog, &fixture->options, &fixture->identity));
}

static inline void close_identity(struct fixture *fixture)
{
    identity_close(fixture->identity);
    catalog_close(fixture->catalog);
}

static inline int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    scope_open(&fixture->scope);
    directory_make(&fixture->directory);
    password_set_cost(1, 8192);
    messages_start();
    fixture->now = NOON;
    clock_set_wall(NOON);
    fixture->data = directory_file(&fixture->scope, &fixture->directory, "data");
    fixture->options = (struct identity_options){.idle = SESSION_IDLE,
                                                 .absolute = SESSION_ABSOLUTE,
                                                 .remembered_idle = SESSION_REMEMBERED_IDLE,
                                                 .remembered_absolute = SESSION_REMEMBERED_ABSOLUTE,
                                                 .recent = SESSION_RECENT};
    open_identity(fixture);
    *state = fixture;
    return 0;
}

static inline int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    clock_set_wall(0);
    close_identity(fixture);
    directory_remove(&fixture->directory);
    scope_close(&fixture->scope);
    free(fixture);
    return 0;
}

#define IDENTITY_TEST(function)                                                                    \
    cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)

static inline void pass(struct fixture *fixture, usec duration)
{
    fixture->now += duration;
    clock_set_wall(fixture->now);
}

/** An account without a password. */
static inline int64_t invite(struct fixture *fixture, const char *name, enum role role)
{
    struct new_user user = {.name = str_from(name), .role = role};
    int64_t id = 0;
    check_ok(name, &fixture->scope,
             user_add(&fixture->scope, fixture->identity, &actor_command_line, &user, &id));
    return id;
}

static inline str make_link(struct fixture *fixture, int64_t user)
{
    str token = S("");
    check_ok("link", &fixture->scope,
             link_make(&fixture->scope, fixture->identity, &actor_command_line, user, LINK_LIFETIME,
                       &token));
    return token;
}

static inline void set_password(struct fixture *fixture, int64_t user, str password)
{
    str token = make_link(fixture, user);
    check_ok("password", &fixture->scope,
             link_use(&fixture->scope, fixture->identity, &desk, token, password));
}

/** An account with the password PHRASE. */
static inline int64_t add(struct fixture *fixture, const char *name, enum role role)
{
    int64_t id = invite(fixture, name, role);
    set_password(fixture, id, PHRASE);
    return id;
}

static inline struct user user_of(struct fixture *fixture, int64_t id)
{
    struct user user = {0};
    check_ok("user", &fixture->scope, user_get(&fixture->scope, fixture->identity, id, &user));
    return user;
}

static inline enum sign_in_result enter_with(struct fixture *fixture, const struct sign_in *given,
                                             str previous, struct session_start *ret_start,
                                             str *ret_pending)
{
    enum sign_in_result result = SIGN_IN_REFUSED;
    check_ok("sign in", &fixture->scope,
             sign_in(&fixture->scope, fixture->identity, given, previous, &result, ret_start,
                     ret_pending));
    return result;
}

static inline enum sign_in_result enter(struct fixture *fixture, const char *name, str password,
                                        const struct origin *origin)
{
    struct sign_in given = {.name = str_from(name), .password = password, .origin = *origin};
    struct session_start start = {0};
    str pending;
    return enter_with(fixture, &given, STR_NONE, &start, &pending);
}

/** Signs in, which must succeed. */
static inline struct session_start start_of(struct fixture *fixture, const char *name,
                                            const struct origin *origin, bool remember)
{
    struct sign_in given = {
        .name = str_from(name), .password = PHRASE, .remember = remember, .origin = *origin};
    struct session_start start = {0};
    str pending;
    check_int(name, enter_with(fixture, &given, STR_NONE, &start, &pending), SIGN_IN_DONE);
    return start;
}

static inline bool find(struct fixture *fixture, str id, struct session *ret_session)
{
    bool found = false;
    struct session session;
    check_ok("session", &fixture->scope,
             session_find(&fixture->scope, fixture->identity, id, &found,
                          ret_session ? ret_session : &session));
    return found;
}

static inline struct session session_of(struct fixture *fixture, str id)
{
    struct session session = {0};
    assert_true(find(fixture, id, &session));
    return session;
}

/** The newest row of the audit log must be this. */
static inline void check_audit(struct fixture *fixture, const char *actor, const char *action,
                               const char *subject, const char *detail)
{
    const struct audit_row *rows;
    size_t count;
    check_ok("audit", &fixture->scope,
             audit_search(&fixture->scope, fixture->identity, &(struct audit_filter){0}, 1, &rows, &count));
    assert_int_equal(count, 1);
    check_text("action", rows[0].action, str_from(action));
    check_text("actor", rows[0].actor, str_from(actor));
    check_text("subject", rows[0].subject, str_from(subject));
    check_text("detail", rows[0].detail, str_from(detail));
    assert_int_equal(rows[0].at, fixture->now);
    assert_non_null(audit_documentation(rows[0].action));
}

/** First cell of a query over the tables, as a number. */
static inline int64_t count_rows(struct fixture *fixture, struct sql sql)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell value;
    check_ok("lease", &fixture->scope, db_lease(&fixture->scope, fixture->identity->db, &lease));
    check_ok("query", &fixture->scope, db_query_cell(&fixture->scope, lease, &sql, &value));
    return value.number;
}

#define COUNT(fixture, literal, ...)                                                               \
    count_rows((fixture), STATEMENT(&(fixture)->scope.arena, literal __VA_OPT__(, ) __VA_ARGS__))

#endif
