/*
 * Signing in. Every way through it costs one password hash and two transactions, whether the
 * account exists or not, is active or not, and must wait or not, so that neither answer nor time
 * tells which.
 */
#include "base/num.h"
#include "domain/identity/internal.h"

#define PENDING_LIFETIME (5 * 60 * USEC_SECOND)
#define NEW_DEVICE_MESSAGE "account.sessions.new_device" /* key of a message of i18n */
#define NAME_BYTES_READ 600 /* of what was typed as a name; longer ones are nobody's */

/* What is known of the attempt while it is worked on. */
struct progress {
    const struct sign_in *given;
    struct attempt attempt;
    struct account account;
    bool found;
    bool remember;
    str previous;
};

static enum err refuse(struct scope *scope, struct identity *identity,
                       const struct progress *progress, bool allowed)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    /* A name that is no account's may be a password typed in the wrong place. */
    str subject = progress->found ? progress->account.user.name : S("");
    TRY(db_begin(scope, identity->db, &lease));
    if (allowed) {
        audit_write(scope, lease, &actor_anonymous, progress->attempt.origin, AUDIT_SIGN_IN_REFUSED,
                    subject, S(""));
    } else {
        TRY(throttle_pretend(scope, identity, lease, &progress->attempt));
    }
    return db_commit(scope, lease);
}

/* ---- the proof that the password was right, while the second factor is typed ---- */

static str make_pending(struct scope *scope, const struct identity *identity,
                        const struct account *account, bool remember)
{
    str text = str_printf(&scope->arena, "%lld %lld %lld %d", (long long)account->user.id,
                          (long long)account->epoch, (long long)clock_wall(), remember);
    str sealed = seal(&scope->arena, identity->pending_key, text);
    return base64_encode(&scope->arena, (const uint8_t *)sealed.p, sealed.n);
}

#define PENDING_BYTES 400

static bool read_pending(struct scope *scope, const struct identity *identity, str pending,
                         int64_t ret_parts[4])
{
    str sealed;
    str text;
    str part;
    if (pending.n > PENDING_BYTES || !base64_decode_any(&scope->arena, pending, &sealed) ||
        !unseal(&scope->arena, identity->pending_key, sealed, &text)) {
        return false;
    }
    for (size_t i = 0; i < 4; i++) {
        if (!str_split(&text, ' ', &part) || !num_read_int(part, &ret_parts[i])) {
            return false;
        }
    }
    usec age = clock_wall() - ret_parts[2];
    return age >= 0 && age < PENDING_LIFETIME;
}

/* ---- success ---- */

/* The next page of the person's other sessions tells of a sign-in from elsewhere. */
static enum err tell_others(struct scope *scope, struct db_lease *lease, int64_t user, str id)
{
    uint8_t digest[DIGEST_BYTES];
    digest_sha256(id, digest);
    return DB_RUN(scope, lease, "update session set flash = ? where user_id = ? and digest <> ?",
               cell_text(S(NEW_DEVICE_MESSAGE)), cell_int(user), cell_digest(digest));
}

static enum err start_session(struct scope *scope, struct identity *identity,
                              struct db_lease *lease, const struct progress *progress,
                              struct session_start *ret_session)
{
    const struct account *account = &progress->account;
    const struct origin *origin = progress->attempt.origin;
    struct actor self = actor_of(&account->user);
    bool known;
    TRY(device_is_known(scope, identity, lease, account->user.id, origin, &known));
    TRY(session_insert(scope, identity, lease, account, progress->remember, origin,
                       progress->previous, ret_session));
    TRY(device_remember(scope, identity, lease, account->user.id, origin));
    TRY(DB_RUN(scope, lease, "update \"user\" set last_sign_in = ? where id = ?",
            cell_instant(clock_wall()), cell_int(account->user.id)));
    ret_session->is_new_device = !known && account->user.last_sign_in != 0;
    if (ret_session->is_new_device) {
        TRY(tell_others(scope, lease, account->user.id, ret_session->id));
    }
    audit_write(scope, lease, &self, origin, AUDIT_SIGN_IN, S(""),
                ret_session->is_new_device ? S("new device") : S(""));
    return ERR_OK;
}

/* After the sign-in is committed. */
static void tell_of_device(struct scope *scope, struct identity *identity,
                           const struct origin *origin, const struct session_start *session)
{
    if (session->is_new_device) {
        str where = str_printf(&scope->arena, "%.*s, %.*s",
                               STR_ARG(device_label(&scope->arena, origin->user_agent)),
                               STR_ARG(origin->network));
        notice_add(identity, session->user, S(""), NOTICE_DEVICE, where);
    }
}

/* The account as it is now; *ret_same false when it was disabled or its password changed meanwhile.
 */
static enum err read_again(struct scope *scope, struct db_lease *lease, struct account *account,
                           bool *ret_same)
{
    struct account now;
    TRY(account_get(scope, lease, account->user.id, ret_same, &now));
    *ret_same = *ret_same && now.user.active && now.epoch == account->epoch;
    *account = now;
    return ERR_OK;
}

static enum err finish_password(struct scope *scope, struct identity *identity,
                                struct progress *progress, enum sign_in_result *ret_result,
                                struct session_start *ret_session, str *ret_pending)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    bool same;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(read_again(scope, lease, &progress->account, &same));
    if (!same) {
        *ret_result = SIGN_IN_REFUSED;
        return ERR_OK;
    }
    TRY(throttle_succeed(scope, identity, lease, &progress->attempt));
    if (progress->account.user.has_second_factor) {
        *ret_pending = make_pending(scope, identity, &progress->account, progress->remember);
        *ret_result = SIGN_IN_NEEDS_CODE;
    } else {
        TRY(start_session(scope, identity, lease, progress, ret_session));
        *ret_result = SIGN_IN_DONE;
    }
    TRY(db_commit(scope, lease));
    if (*ret_result == SIGN_IN_DONE) {
        tell_of_device(scope, identity, progress->attempt.origin, ret_session);
    }
    return ERR_OK;
}

/* The hash under the parameters and pepper of today, unless the password has changed meanwhile. */
static enum err store_again(struct scope *scope, struct identity *identity,
                            const struct account *account, str password)
{
    str stored;
    TRY(password_store(scope, identity, password, &stored));
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(DB_RUN(scope, lease, "update \"user\" set password = ? where id = ? and password = ?",
            cell_text(stored), cell_int(account->user.id), cell_text(account->password)));
    return db_commit(scope, lease);
}

static enum err load_by_name(struct scope *scope, struct identity *identity, str name,
                             struct progress *progress)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, identity->db, &lease));
    return account_find(scope, lease, name, &progress->found, &progress->account);
}

enum err sign_in(struct scope *scope, struct identity *identity, const struct sign_in *given,
                 str previous, enum sign_in_result *ret_result, struct session_start *ret_session,
                 str *ret_pending)
{
    struct progress progress = {.given = given, .remember = given->remember, .previous = previous};
    str name = str_slice(given->name, 0, NAME_BYTES_READ);
    bool allowed;
    bool right;
    bool outdated;
    *ret_result = SIGN_IN_REFUSED;
    *ret_pending = STR_NONE;
    TRY(load_by_name(scope, identity, name, &progress));
    const struct account *account = &progress.account;
    progress.attempt = (struct attempt){.kind = "password",
                                        .account = name_key(&scope->arena, name),
                                        .user = account->user.id,
                                        .origin = &given->origin};
    TRY(throttle_begin(scope, identity, &progress.attempt, &allowed));
    TRY(attempt_password(scope, identity, &progress.attempt, allowed, given->password,
                         account->password, &right, &outdated));
    if (!right || !allowed || !account->user.active) {
        return refuse(scope, identity, &progress, allowed);
    }
    str stored = account->password;
    TRY(finish_password(scope, identity, &progress, ret_result, ret_session, ret_pending));
    if (outdated && *ret_result != SIGN_IN_REFUSED) {
        progress.account.password = stored;
        if (store_again(scope, identity, &progress.account, given->password) != ERR_OK) {
            scope_forgive(scope); /* the next time */
        }
    }
    if (*ret_result == SIGN_IN_NEEDS_CODE && given->code.n) {
        return sign_in_code(scope, identity, *ret_pending, given, previous, ret_result,
                            ret_session);
    }
    return ERR_OK;
}

/* ---- the second factor ---- */

static enum err finish_code(struct scope *scope, struct identity *identity,
                            struct progress *progress, enum sign_in_result *ret_result,
                            struct session_start *ret_session)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    bool same;
    bool right;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(read_again(scope, lease, &progress->account, &same));
    if (!same || !progress->account.user.has_second_factor) {
        *ret_result = SIGN_IN_REFUSED; /* to begin again with the password */
        return ERR_OK;
    }
    TRY(second_factor_prove(scope, identity, lease, &progress->account, progress->attempt.origin,
                            progress->given->code, &right));
    if (right) {
        TRY(throttle_succeed(scope, identity, lease, &progress->attempt));
        TRY(start_session(scope, identity, lease, progress, ret_session));
    } else {
        audit_write(scope, lease, &actor_anonymous, progress->attempt.origin, AUDIT_SIGN_IN_REFUSED,
                    progress->account.user.name, S("code"));
    }
    *ret_result = right ? SIGN_IN_DONE : SIGN_IN_WRONG_CODE;
    TRY(db_commit(scope, lease));
    if (right) {
        tell_of_device(scope, identity, progress->attempt.origin, ret_session);
    }
    return ERR_OK;
}

enum err sign_in_code(struct scope *scope, struct identity *identity, str pending,
                      const struct sign_in *given, str previous, enum sign_in_result *ret_result,
                      struct session_start *ret_session)
{
    struct progress progress = {.given = given, .previous = previous};
    int64_t parts[4];
    bool allowed;
    *ret_result = SIGN_IN_REFUSED;
    if (!read_pending(scope, identity, pending, parts)) {
        return ERR_OK;
    }
    TRY(account_load(scope, identity, parts[0], &progress.found, &progress.account));
    if (!progress.found || progress.account.epoch != parts[1]) {
        return ERR_OK;
    }
    progress.remember = parts[3] != 0;
    progress.attempt =
        (struct attempt){.kind = "code",
                         .account = name_key(&scope->arena, progress.account.user.name),
                         .user = progress.account.user.id,
                         .origin = &given->origin};
    TRY(throttle_begin(scope, identity, &progress.attempt, &allowed));
    if (!allowed) {
        *ret_result = SIGN_IN_WRONG_CODE;
        return ERR_OK;
    }
    return finish_code(scope, identity, &progress, ret_result, ret_session);
}
