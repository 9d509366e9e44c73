/*
 * Sessions: rows found by the SHA-256 of an id that only the browser has. Rows are changed by
 * updates that name the row, never inserted again, so that one that was ended meanwhile stays
 * ended. Source: cookies-and-privacy.md 1.2, 7.2.
 */
#include "base/bug.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "domain/identity/internal.h"

#define SEEN_PERIOD (60 * USEC_SECOND) /* "last seen" is written this often at most */
#define FLASH_BYTES 2000

static const str id_symbols = {"abcdefghijklmnopqrstuvwxyz0123456789", 36};

bool session_id_is_valid(str id)
{
    bool good = id.n == SESSION_ID_SYMBOLS;
    for (size_t i = 0; i < id.n && good; i++) {
        good = (id.p[i] >= 'a' && id.p[i] <= 'z') || is_ascii_digit(id.p[i]);
    }
    return good;
}

static str draw_id(struct scope *scope, uint8_t ret_digest[DIGEST_BYTES])
{
    str id = random_text(&scope->arena, id_symbols, SESSION_ID_SYMBOLS);
    digest_sha256(id, ret_digest);
    return id;
}

/* Of the cookie: no longer than the session can last without a request, nor than the policy
 * declares. */
static int64_t cookie_age(bool remembered, usec idle, usec left)
{
    usec age = idle < left ? idle : left;
    age = age < SESSION_REMEMBERED_IDLE ? age : SESSION_REMEMBERED_IDLE;
    return remembered ? age / USEC_SECOND : 0;
}

/* ---- making ---- */

static enum err end_previous(struct scope *scope, struct db_lease *lease, str previous)
{
    uint8_t digest[DIGEST_BYTES];
    if (!session_id_is_valid(previous)) {
        return ERR_OK;
    }
    digest_sha256(previous, digest);
    return DB_RUN(scope, lease, "delete from session where digest = ?", cell_digest(digest));
}

enum err session_insert(struct scope *scope, struct identity *identity, struct db_lease *lease,
                        const struct account *account, bool remember, const struct origin *origin,
                        str previous, struct session_start *ret_start)
{
    const struct identity_options *options = &identity->options;
    struct session_start start = {.user = account->user.id};
    uint8_t digest[DIGEST_BYTES];
    usec now = clock_wall();
    usec idle = remember ? options->remembered_idle : options->idle;
    usec absolute = remember ? options->remembered_absolute : options->absolute;
    start.id = draw_id(scope, digest);
    start.max_age = cookie_age(remember, idle, absolute);
    TRY(end_previous(scope, lease, previous));
    TRY(DB_RUN(scope, lease,
            "insert into session (digest, user_id, epoch, created, last_seen, authenticated, idle,"
            " expires, remembered, label, network) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            cell_digest(digest), cell_int(account->user.id), cell_int(account->epoch),
            cell_instant(now), cell_instant(now), cell_instant(now),
            cell_int(idle), cell_instant(now + absolute), cell_bool(remember),
            cell_text(device_label(&scope->arena, origin->user_agent)),
            cell_text(origin->network)));
    TRY(DB_RUN(scope, lease,
            "delete from session where user_id = ? and row not in (select row from session"
            " where user_id = ? order by last_seen desc, row desc limit ?)",
            cell_int(account->user.id), cell_int(account->user.id), cell_int(SESSIONS_MOST)));
    *ret_start = start;
    return ERR_OK;
}

/* ---- finding ---- */

#define LIVE "u.active = 1 and s.epoch = u.epoch and s.expires > ? and s.last_seen + s.idle > ?"

static void read_session(struct arena *arena, const struct batch *row, struct session *ret,
                         usec *ret_seen)
{
    struct session session = {.row = row_number(row, 0), .remembered = row_number(row, 1) != 0};
    session.label = row_text(arena, row, 2);
    session.flash = row_text(arena, row, 3);
    *ret_seen = row_number(row, 4);
    session.actor = (struct actor){.kind = ACTOR_SESSION,
                                   .user = row_number(row, 6),
                                   .name = row_text(arena, row, 7),
                                   .display_name = row_text(arena, row, 8),
                                   .scopes = SCOPE_ALL,
                                   .session = session.row,
                                   .authenticated = row_number(row, 5)};
    if (!role_find(row_text(arena, row, 9), &session.actor.role)) {
        session.actor.role = ROLE_READER;
    }
    actor_set_groups(arena, &session.actor, row_text(arena, row, 10));
    session.actor.has_second_factor = row_number(row, 11) != 0;
    session.actor.calls = row_number(row, 12);
    session.has_view = access_subject_find(row_text(arena, row, 13), &session.view_kind);
    session.view_subject = row_number(row, 14);
    session.view_dataset = row_text(arena, row, 15);
    *ret = session;
}

static enum err look_up(struct scope *scope, struct db_lease *lease, str id, bool *ret_found,
                        struct session *ret_session, usec *ret_seen)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *row;
    uint8_t digest[DIGEST_BYTES];
    usec now = clock_wall();
    digest_sha256(id, digest);
    struct sql sql =
        STATEMENT(&scope->arena,
                  "select s.row, s.remembered, s.label, s.flash, s.last_seen, s.authenticated,"
                  " u.id, u.name, u.display_name, u.role, " GROUPS_OF ", u.second_factor is not null,"
                  " " CALLS_OF ", v.subject_kind, v.subject_id, v.dataset"
                  " from session s join \"user\" u on u.id = s.user_id"
                  " left join session_view v on v.session = s.row"
                  " where s.digest = ? and " LIVE,
                  cell_digest(digest), cell_instant(now), cell_instant(now));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    *ret_found = row != NULL;
    if (row) {
        read_session(&scope->arena, row, ret_session, ret_seen);
    }
    return ERR_OK;
}

enum err session_find(struct scope *scope, struct identity *identity, str id, bool *ret_found,
                      struct session *ret_session)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    usec seen = 0;
    usec now = clock_wall();
    *ret_found = false;
    if (!session_id_is_valid(id)) {
        return ERR_OK;
    }
    TRY(db_lease(scope, identity->db, &lease));
    TRY(look_up(scope, lease, id, ret_found, ret_session, &seen));
    if (*ret_found && now - seen >= SEEN_PERIOD &&
        DB_RUN(scope, lease, "update session set last_seen = ? where row = ? and last_seen = ?",
            cell_instant(now), cell_int(ret_session->row), cell_instant(seen)) != ERR_OK) {
        scope_forgive(scope); /* the next request does it */
    }
    return ERR_OK;
}

/* ---- ending ---- */

enum err session_end(struct scope *scope, struct identity *identity, str id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    uint8_t digest[DIGEST_BYTES];
    cell user;
    bool found;
    struct account account;
    if (!session_id_is_valid(id)) {
        return ERR_OK;
    }
    digest_sha256(id, digest);
    TRY(db_begin(scope, identity->db, &lease));
    TRY(DB_ASK(scope, lease, &user, "delete from session where digest = ? returning user_id",
            cell_digest(digest)));
    if (user.type == CELL_NULL) {
        return ERR_OK;
    }
    TRY(account_get(scope, lease, user.number, &found, &account));
    struct actor self = actor_of(&account.user);
    audit_write(scope, lease, &self, NULL, AUDIT_SIGN_OUT, S(""), S(""));
    return db_commit(scope, lease);
}

enum err session_end_others(struct scope *scope, struct identity *identity, const struct actor *by,
                            int64_t user, int64_t except_row, int64_t *ret_ended)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct account account;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(account_require(scope, lease, user, &account));
    TRY(DB_RUN(scope, lease, "delete from session where user_id = ? and row <> ?", cell_int(user),
            cell_int(except_row)));
    *ret_ended = db_changes(lease);
    str detail = str_printf(&scope->arena, "%lld", (long long)*ret_ended);
    audit_write(scope, lease, by, NULL, AUDIT_SESSION_END, account.user.name, detail);
    return db_commit(scope, lease);
}

enum err session_end_row(struct scope *scope, struct identity *identity, const struct actor *by,
                         int64_t user, int64_t row)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    bool found;
    struct account account;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(DB_RUN(scope, lease, "delete from session where user_id = ? and row = ?", cell_int(user),
            cell_int(row)));
    if (db_changes(lease) == 0) {
        return fail(scope, ERR_NO_SESSION, "There is no such session.");
    }
    TRY(account_get(scope, lease, user, &found, &account));
    audit_write(scope, lease, by, NULL, AUDIT_SESSION_END, account.user.name, S("1"));
    return db_commit(scope, lease);
}

/* ---- listing ---- */

#define SESSIONS                                                                                   \
    "select s.row, s.label, s.network, s.created, s.last_seen,"                                    \
    " case when s.expires < s.last_seen + s.idle then s.expires else s.last_seen + s.idle end,"    \
    " u.id, u.name from session s join \"user\" u on u.id = s.user_id where " LIVE

static enum err read_rows(struct scope *scope, struct identity *identity, struct sql sql, int64_t current,
                          const struct session_row **ret_rows, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct session_row) rows = {0};
    struct arena *arena = &scope->arena;
    TRY(db_lease(scope, identity->db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(arena, &rows,
                (struct session_row){.row = row_number(row, 0),
                                     .label = row_text(arena, row, 1),
                                     .network = row_text(arena, row, 2),
                                     .created = row_number(row, 3),
                                     .last_seen = row_number(row, 4),
                                     .expires = row_number(row, 5),
                                     .is_current = row_number(row, 0) == current,
                                     .user = row_number(row, 6),
                                     .name = row_text(arena, row, 7)});
    }
    *ret_rows = rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

enum err session_list(struct scope *scope, struct identity *identity, int64_t user, int64_t current,
                      const struct session_row **ret_rows, size_t *ret_count)
{
    usec now = clock_wall();
    return read_rows(scope, identity,
                     STATEMENT(&scope->arena, SESSIONS " and s.user_id = ? order by s.last_seen desc, s.row desc",
                               cell_instant(now), cell_instant(now), cell_int(user)),
                     current, ret_rows, ret_count);
}

enum err session_list_all(struct scope *scope, struct identity *identity, int64_t current,
                          const struct session_row **ret_rows, size_t *ret_count)
{
    usec now = clock_wall();
    return read_rows(scope, identity,
                     STATEMENT(&scope->arena, SESSIONS " order by s.last_seen desc, s.row desc",
                               cell_instant(now), cell_instant(now)),
                     current, ret_rows, ret_count);
}

/* ---- proving the password again, new ids ---- */

static enum err session_gone(struct scope *scope)
{
    return fail(scope, ERR_NO_SESSION, "The session has ended. Sign in again.");
}

/* Replaces the id of a session that still has the old one. */
static enum err replace_id(struct scope *scope, struct db_lease *lease, str old, usec authenticated,
                           struct session_start *ret_start)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct session_start start = {0};
    uint8_t old_digest[DIGEST_BYTES];
    uint8_t digest[DIGEST_BYTES];
    const struct batch *row;
    digest_sha256(old, old_digest);
    start.id = draw_id(scope, digest);
    struct sql sql = STATEMENT(&scope->arena,
                               "update session set digest = ?,"
                               " authenticated = case when authenticated > ? then authenticated else ? end"
                               " where digest = ?"
                               " returning user_id, remembered, idle, expires",
                               cell_digest(digest), cell_instant(authenticated),
                               cell_instant(authenticated), cell_digest(old_digest));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    if (!row) {
        return session_gone(scope);
    }
    start.user = row_number(row, 0);
    start.max_age =
        cookie_age(row_number(row, 1) != 0, row_number(row, 2), row_number(row, 3) - clock_wall());
    *ret_start = start;
    return ERR_OK;
}

enum err session_renew(struct scope *scope, struct identity *identity, str id,
                       struct session_start *ret_session)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct session session;
    usec seen;
    bool found = false;
    TRY(db_begin(scope, identity->db, &lease));
    if (session_id_is_valid(id)) {
        TRY(look_up(scope, lease, id, &found, &session, &seen));
    }
    if (!found) {
        return session_gone(scope);
    }
    TRY(replace_id(scope, lease, id, 0, ret_session));
    return db_commit(scope, lease);
}

static enum err confirm_right(struct scope *scope, struct identity *identity,
                              const struct attempt *attempt, const struct account *account, str id,
                              struct session_start *ret_session)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct session session;
    usec seen;
    bool found;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(look_up(scope, lease, id, &found, &session, &seen)); /* it may have ended meanwhile */
    if (!found || session.actor.user != account->user.id) {
        return session_gone(scope);
    }
    TRY(throttle_succeed(scope, identity, lease, attempt));
    TRY(replace_id(scope, lease, id, clock_wall(), ret_session));
    audit_write(scope, lease, &session.actor, attempt->origin, AUDIT_SESSION_CONFIRM, S(""), S(""));
    return db_commit(scope, lease);
}

static enum err confirm_wrong(struct scope *scope, struct identity *identity,
                              const struct attempt *attempt, const struct account *account)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct actor self = actor_of(&account->user);
    TRY(db_begin(scope, identity->db, &lease));
    audit_write(scope, lease, &self, attempt->origin, AUDIT_SESSION_CONFIRM_REFUSED, S(""), S(""));
    return db_commit(scope, lease);
}

enum err session_confirm(struct scope *scope, struct identity *identity,
                         const struct origin *origin, str id, str password, bool *ret_right,
                         struct session_start *ret_session)
{
    struct session session;
    struct account account;
    bool found;
    bool allowed;
    bool right;
    bool outdated;
    *ret_right = false;
    TRY(session_find(scope, identity, id, &found, &session));
    if (found) {
        TRY(account_load(scope, identity, session.actor.user, &found, &account));
    }
    if (!found) {
        return session_gone(scope);
    }
    struct attempt attempt = {.kind = "password",
                              .account = name_key(&scope->arena, account.user.name),
                              .user = account.user.id,
                              .origin = origin};
    TRY(throttle_begin(scope, identity, &attempt, &allowed));
    TRY(attempt_password(scope, identity, &attempt, allowed, password, account.password, &right,
                         &outdated));
    if (!right || !allowed) {
        return allowed ? confirm_wrong(scope, identity, &attempt, &account) : ERR_OK;
    }
    TRY(confirm_right(scope, identity, &attempt, &account, id, ret_session));
    *ret_right = true;
    return ERR_OK;
}

/* ---- one message for the next page ---- */

enum err session_set_flash(struct scope *scope, struct identity *identity, int64_t row, str text)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(DB_RUN(scope, lease, "update session set flash = ? where row = ?",
            cell_text(utf8_truncate(text, FLASH_BYTES)), cell_int(row)));
    return db_commit(scope, lease);
}

enum err session_take_flash(struct scope *scope, struct identity *identity, int64_t row,
                            str *ret_text)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell text;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(DB_ASK(scope, lease, &text, "select flash from session where row = ?", cell_int(row)));
    *ret_text = text.type == CELL_TEXT ? text.text : S("");
    TRY(DB_RUN(scope, lease, "update session set flash = null where row = ?", cell_int(row)));
    return db_commit(scope, lease);
}
