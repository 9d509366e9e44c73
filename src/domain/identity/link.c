/* One-time links to set a password: of random tokens only the digest is kept. */
#include "base/log.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "domain/identity/internal.h"

#define MAILS_MOST 5 /* for one request; several accounts may have one address */

static const str token_symbols = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 64};

bool link_is_token(str token)
{
    bool good = token.n == LINK_TOKEN_SYMBOLS;
    for (size_t i = 0; i < token.n && good; i++) {
        good = str_find_char(token_symbols, token.p[i], 0) != SIZE_MAX;
    }
    return good;
}

str link_draw(struct scope *scope, uint8_t ret_digest[DIGEST_BYTES])
{
    str token = random_text(&scope->arena, token_symbols, LINK_TOKEN_SYMBOLS);
    digest_sha256(token, ret_digest);
    return token;
}

static enum err no_link(struct scope *scope)
{
    return fail(scope, ERR_NO_LINK,
                "The link is not valid: it was used, replaced, or its time has passed.");
}

static enum err link_insert(struct scope *scope, struct db_lease *lease, int64_t user, usec lifetime,
                     str *ret_token)
{
    uint8_t digest[DIGEST_BYTES];
    usec now = clock_wall();
    *ret_token = link_draw(scope, digest);
    return DB_RUN(scope, lease, "insert into link (user_id, digest, created, expires) values (?, ?, ?, ?)"
                  " on conflict (user_id) do update set digest = excluded.digest,"
                  " created = excluded.created, expires = excluded.expires",
                  cell_int(user),
               cell_digest(digest), cell_instant(now), cell_instant(now + lifetime));
}

enum err link_make(struct scope *scope, struct identity *identity, const struct actor *by,
                   int64_t user, usec lifetime, str *ret_token)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct account account;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(account_require(scope, lease, user, &account));
    if (!account.user.active) {
        return fail(scope, ERR_CONFLICT, "%.*s is disabled; enable the account first.",
                    STR_ARG(account.user.name));
    }
    TRY(link_insert(scope, lease, user, lifetime, ret_token));
    audit_write(scope, lease, by, NULL, AUDIT_PASSWORD_LINK, account.user.name, S(""));
    return db_commit(scope, lease);
}

static enum err find_owner(struct scope *scope, struct db_lease *lease, str token,
                           struct account *ret_account)
{
    uint8_t digest[DIGEST_BYTES];
    cell user;
    bool found;
    if (!link_is_token(token)) {
        return no_link(scope);
    }
    digest_sha256(token, digest);
    TRY(DB_ASK(scope, lease, &user, "select user_id from link where digest = ? and expires > ?",
            cell_digest(digest), cell_instant(clock_wall())));
    if (user.type == CELL_NULL) {
        return no_link(scope);
    }
    TRY(account_get(scope, lease, user.number, &found, ret_account));
    return found && ret_account->user.active ? ERR_OK : no_link(scope);
}

static enum err load_owner(struct scope *scope, struct identity *identity, str token,
                           struct account *ret_account)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, identity->db, &lease));
    return find_owner(scope, lease, token, ret_account);
}

enum err link_find(struct scope *scope, struct identity *identity, str token, struct user *ret_user)
{
    struct account account;
    TRY(load_owner(scope, identity, token, &account));
    *ret_user = account.user;
    return ERR_OK;
}

enum err link_use(struct scope *scope, struct identity *identity, const struct origin *origin,
                  str token, str password)
{
    struct account account;
    str stored;
    TRY(load_owner(scope, identity, token, &account));
    TRY(fail_password(scope, password_check(identity, account.user.name, password)));
    TRY(password_store(scope, identity, password, &stored));
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(find_owner(scope, lease, token, &account)); /* it may have been used meanwhile */
    struct actor self = actor_of(&account.user);
    TRY(DB_RUN(scope, lease, "update \"user\" set password = ?, password_changed = ? where id = ?",
            cell_text(stored), cell_instant(clock_wall()), cell_int(account.user.id)));
    TRY(user_end_access(scope, lease, account.user.id, 0)); /* the link, too */
    /* Who had the link need not wait for what strangers did, neither to the account nor in this
     * network. */
    TRY(throttle_forget(scope, identity, lease, &account.user));
    if (!account.user.has_second_factor) { /* which is yet to be proved on this device */
        TRY(device_remember(scope, identity, lease, account.user.id, origin));
    }
    audit_write(scope, lease, &self, origin, AUDIT_PASSWORD_SET, account.user.name, S(""));
    TRY(db_commit(scope, lease));
    if (account.user.has_password) { /* else it was an invitation */
        notice_add(identity, account.user.id, S(""), NOTICE_PASSWORD, S(""));
    }
    return ERR_OK;
}

/* ---- requests of people who are not signed in ---- */

enum err link_request(struct scope *scope, struct identity *identity, const struct origin *origin,
                      str name, language chosen)
{
    (void)scope;
    struct letter_request request = {.name = name, .network = origin->network, .language = chosen};
    outbox_add(identity->outbox, &request);
    return ERR_OK;
}

/* Active users of a name or an address; *ret_count may be 0. */
static enum err find_users(struct scope *scope, struct identity *identity, str name,
                           int64_t ret_ids[MAILS_MOST], size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    str key = name_key(&scope->arena, name);
    size_t count = 0;
    *ret_count = 0;
    if (key.n == 0) {
        return ERR_OK;
    }
    struct sql sql =
        STATEMENT(&scope->arena,
                  "select id from \"user\" where active = 1 and"
                  " (name_key = ? or (email_key <> '' and email_key = ?)) order by id limit ?",
                  cell_text(key), cell_text(key), cell_int(MAILS_MOST));
    TRY(db_lease(scope, identity->db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        ret_ids[count++] = row_number(row, 0);
    }
    *ret_count = count;
    return ERR_OK;
}

static enum err answer_for(struct scope *scope, struct identity *identity, int64_t id,
                           const struct letter_request *request)
{
    struct origin origin = {.network = request->network, .user_agent = S("")};
    struct user user;
    bool allowed;
    TRY(user_get(scope, identity, id, &user));
    struct attempt attempt = {
        .kind = "link", .account = name_key(&scope->arena, user.name), .origin = &origin};
    TRY(throttle_begin(scope, identity, &attempt, &allowed));
    if (!allowed) {
        return ERR_OK;
    }
    audit_add(scope, identity, &actor_anonymous, &origin, "password.request", user.name, S(""));
    if (!letter_can_go(identity, &user)) {
        log_event(EV_PASSWORD_REQUESTED, "parvis user reset %.*s", STR_ARG(user.name));
        return ERR_OK;
    }
    str token;
    TRY(link_make(scope, identity, &actor_anonymous, user.id, LINK_LIFETIME, &token));
    return letter_send(scope, identity, &user, false, token, LINK_LIFETIME, request->language);
}

void link_answer_request(struct identity *identity, const struct letter_request *request)
{
    struct scope scope;
    int64_t ids[MAILS_MOST];
    size_t count = 0;
    scope_open(&scope);
    scope.gone = outbox_closing(identity->outbox);
    if (find_users(&scope, identity, request->name, ids, &count) != ERR_OK) {
        log_event(EV_MAIL_FAILED, "%.*s", STR_ARG(scope.failure.message));
    }
    for (size_t i = 0; i < count; i++) {
        if (answer_for(&scope, identity, ids[i], request) != ERR_OK) {
            log_event(EV_MAIL_FAILED, "%.*s", STR_ARG(scope.failure.message));
            scope_forgive(&scope);
        }
    }
    scope_close(&scope);
}
