/*
 * Counters of failures that make the next attempt wait: 1, 2, 4 … seconds up to 15 minutes after
 * some free ones, per account and per network. A device from which a user signed in before has a
 * counter of its own and is held up by no other, so that strangers cannot keep anybody out; and no
 * wait is ever longer than 15 minutes. Counters are kept in the database under keyed digests and
 * survive a restart. Source: cookies-and-privacy.md 7.1; ASVS 5.0 6.1.1, 6.3.1.
 */
#include <stdio.h>

#include "base/vec.h"
#include "domain/identity/internal.h"

#define ACCOUNT_FREE 2  /* failures without a wait: typing errors, a button pressed twice */
#define NETWORK_FREE 20 /* more, since many people share one */
#define WAIT_MOST (15 * 60 * USEC_SECOND)
#define FORGOTTEN_AFTER (24 * 3600 * USEC_SECOND)

struct counter {
    uint8_t digest[DIGEST_BYTES];
    int free;
};

#define COUNTERS_MOST 2

static void counter_digest(struct scope *scope, const struct identity *identity, const char *kind,
                           const char *what, str whose, uint8_t ret_digest[DIGEST_BYTES])
{
    str text = str_printf(&scope->arena, "%s %s %.*s", kind, what, STR_ARG(whose));
    digest_hmac(identity->throttle_key, text, ret_digest);
}

static str device_text(struct scope *scope, const struct identity *identity,
                       const struct attempt *attempt)
{
    uint8_t device[DIGEST_BYTES];
    device_digest(&scope->arena, identity, attempt->user, attempt->origin, device);
    return hex_encode(&scope->arena, device, sizeof(device));
}

/* The counters that hold an attempt up; the account's or device's first. */
static size_t counters_of(struct scope *scope, const struct identity *identity,
                          const struct attempt *attempt, struct counter ret[COUNTERS_MOST])
{
    if (attempt->is_known_device) {
        counter_digest(scope, identity, attempt->kind, "device",
                       device_text(scope, identity, attempt), ret[0].digest);
        ret[0].free = ACCOUNT_FREE;
        return 1;
    }
    counter_digest(scope, identity, attempt->kind, "account", attempt->account, ret[0].digest);
    ret[0].free = ACCOUNT_FREE;
    counter_digest(scope, identity, attempt->kind, "network", attempt->origin->network,
                   ret[1].digest);
    ret[1].free = NETWORK_FREE;
    return 2;
}

static usec wait_after(int64_t failures, int free)
{
    if (failures <= free) {
        return 0;
    }
    int64_t doublings = failures - free - 1;
    usec wait = doublings < 20 ? USEC_SECOND << doublings : WAIT_MOST;
    return wait < WAIT_MOST ? wait : WAIT_MOST;
}

static enum err read_counter(struct scope *scope, struct db_lease *lease,
                             const struct counter *counter, usec now, int64_t *ret_failures,
                             bool *ret_waits)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *row;
    struct sql sql =
        STATEMENT(&scope->arena, "select failures, last, until from throttle where counter = ?",
                  cell_digest(counter->digest));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    usec until = row ? row_number(row, 2) : 0;
    bool is_old = row && now - row_number(row, 1) > FORGOTTEN_AFTER;
    *ret_failures = row && !is_old ? row_number(row, 0) : 0;
    /* A clock that was set back must not make anybody wait for long. */
    *ret_waits = until > now && until - now <= WAIT_MOST;
    return ERR_OK;
}

static enum err count_failure(struct scope *scope, struct db_lease *lease,
                              const struct counter *counter, int64_t failures, usec now)
{
    return DB_RUN(scope, lease, "insert into throttle (counter, failures, last, until) values (?, ?, ?, ?)"
                  " on conflict (counter) do update set failures = excluded.failures,"
                  " last = excluded.last, until = excluded.until",
               cell_digest(counter->digest), cell_int(failures), cell_instant(now),
               cell_instant(now + wait_after(failures, counter->free)));
}

enum err throttle_begin(struct scope *scope, struct identity *identity, struct attempt *attempt,
                        bool *ret_allowed)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct counter counters[COUNTERS_MOST];
    int64_t failures[COUNTERS_MOST];
    bool waits = false;
    usec now = clock_wall();
    TRY(db_begin(scope, identity->db, &lease));
    TRY(device_is_known(scope, identity, lease, attempt->user, attempt->origin,
                        &attempt->is_known_device));
    attempt->at = now;
    size_t count = counters_of(scope, identity, attempt, counters);
    for (size_t i = 0; i < count; i++) {
        bool this_waits;
        TRY(read_counter(scope, lease, &counters[i], now, &failures[i], &this_waits));
        waits |= this_waits;
    }
    for (size_t i = 0; i < count && !waits; i++) {
        TRY(count_failure(scope, lease, &counters[i], failures[i] + 1, now));
    }
    if (waits) {
        TRY(throttle_pretend(scope, identity, lease, attempt));
    }
    *ret_allowed = !waits;
    return db_commit(scope, lease);
}

enum err throttle_pretend(struct scope *scope, struct identity *identity, struct db_lease *lease,
                          const struct attempt *attempt)
{
    struct counter counters[COUNTERS_MOST];
    counters_of(scope, identity, attempt, counters);
    return DB_RUN(scope, lease,
               "update throttle set failures = failures where counter = ?",
               cell_digest(counters[0].digest));
}

/* The wait of this attempt ends too, unless another failure came after it. */
static enum err count_back(struct scope *scope, struct db_lease *lease,
                           const struct counter *counter, usec at)
{
    return DB_RUN(scope, lease,
               "update throttle set failures = failures - 1, until = case when last = ? then 0 "
               "else until end"
               " where counter = ? and failures > 0",
               cell_instant(at), cell_digest(counter->digest));
}

enum err throttle_succeed(struct scope *scope, struct identity *identity, struct db_lease *lease,
                          const struct attempt *attempt)
{
    struct counter counters[COUNTERS_MOST];
    size_t count = counters_of(scope, identity, attempt, counters);
    TRY(DB_RUN(scope, lease, "delete from throttle where counter = ?",
            cell_digest(counters[0].digest)));
    return count == 1 ? ERR_OK : count_back(scope, lease, &counters[1], attempt->at);
}

static enum err take_back(struct scope *scope, struct identity *identity,
                          const struct attempt *attempt)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct counter counters[COUNTERS_MOST];
    size_t count = counters_of(scope, identity, attempt, counters);
    TRY(db_begin(scope, identity->db, &lease));
    for (size_t i = 0; i < count; i++) {
        TRY(count_back(scope, lease, &counters[i], attempt->at));
    }
    return db_commit(scope, lease);
}

static void throttle_take_back(struct identity *identity, const struct attempt *attempt)
{
    struct scope own; /* that of the attempt has failed */
    scope_open(&own);
    enum err result = take_back(&own, identity, attempt);
    (void)result; /* it counts as a failure then */
    scope_close(&own);
}

enum err attempt_password(struct scope *scope, struct identity *identity,
                          const struct attempt *attempt, bool allowed, str password, str stored,
                          bool *ret_right, bool *ret_outdated)
{
    enum err result = password_matches(scope, identity, password, stored, ret_right, ret_outdated);
    if (result != ERR_OK && allowed) {
        throttle_take_back(identity, attempt);
    }
    return result;
}

enum err throttle_forget(struct scope *scope, struct identity *identity, struct db_lease *lease,
                         const struct user *user)
{
    /* Not "code": who reads somebody's mail must not get more guesses at the second factor by it. */
    static const char *const kinds[] = {"password"};
    str account = name_key(&scope->arena, user->name);
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(str) devices = {0};
    struct sql sql = STATEMENT(&scope->arena, "select device from login_history where user_id = ?",
                               cell_int(user->id));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        uint8_t device[DIGEST_BYTES];
        row_digest(row, 0, device);
        vec_add(&scope->arena, &devices, hex_encode(&scope->arena, device, sizeof(device)));
    }
    cursor_close(cursor);
    cursor = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(kinds) * (devices.count + 1); i++) {
        const char *kind = kinds[i % ARRAY_LENGTH(kinds)];
        size_t at = i / ARRAY_LENGTH(kinds);
        uint8_t digest[DIGEST_BYTES];
        counter_digest(scope, identity, kind, at ? "device" : "account",
                       at ? devices.items[at - 1] : account, digest);
        TRY(DB_RUN(scope, lease, "delete from throttle where counter = ?", cell_digest(digest)));
    }
    return ERR_OK;
}
