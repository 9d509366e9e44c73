/* Rules for passwords, and their hashes under the pepper. */
#include "base/bug.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "domain/identity/internal.h"
#include "platform/text/fold.h"

#define OWN_SYMBOLS 6   /* that a password must have beside the user's name */
#define CONTEXT_LEAST 3 /* symbols of a name, shorter ones are in anything */
#define PEPPER_ID_SYMBOLS 8

/* ---- rules ---- */

/* Binary search in lines: the line around the middle is compared. */
static bool is_common(str word)
{
    size_t low = 0;
    size_t high = common_passwords.n; /* both at the start of a line */
    while (low < high) {
        size_t from = low + (high - low) / 2;
        while (from > low && common_passwords.p[from - 1] != '\n') {
            from--;
        }
        size_t end = str_find_char(common_passwords, '\n', from);
        int order = str_compare(str_slice(common_passwords, from, end), word);
        if (order == 0) {
            return true;
        }
        if (order < 0) {
            low = end + 1;
        } else {
            high = from;
        }
    }
    return false;
}

/* Without digits and signs at both ends: "!Password2024" is "password". */
static str core_of(str folded)
{
    size_t from = 0;
    size_t to = folded.n;
    while (from < to && (unsigned char)folded.p[from] < 0x80 && !is_ascii_letter(folded.p[from])) {
        from++;
    }
    while (to > from && (unsigned char)folded.p[to - 1] < 0x80 &&
           !is_ascii_letter(folded.p[to - 1])) {
        to--;
    }
    return str_slice(folded, from, to);
}

/* The shortest part that repeated makes the text; the text itself when there is none. */
static str period_of(str text)
{
    for (size_t n = 1; n <= text.n / 2; n++) {
        if (memcmp(text.p, text.p + n, text.n - n) == 0) {
            return str_slice(text, 0, n);
        }
    }
    return text;
}

/* "123456789012", "abcdefghijkl", "aaaaaaaaaaaa", and the same backwards; 9 is followed by 0. */
static bool is_sequence(str text)
{
    if (text.n < 2) {
        return true;
    }
    int step = text.p[1] - text.p[0];
    if (step < -1 || step > 1) {
        return false;
    }
    for (size_t i = 1; i < text.n; i++) {
        int expected = text.p[i - 1] + step;
        expected = expected == '9' + 1 && step > 0   ? '0'
                   : expected == '0' - 1 && step < 0 ? '9'
                                                     : expected;
        if (text.p[i] != expected) {
            return false;
        }
    }
    return true;
}

static bool is_guessable(str folded)
{
    str part = period_of(folded);
    return is_common(folded) || is_common(core_of(folded)) || is_sequence(folded) || part.n < 6 ||
           (part.n < folded.n && (is_common(part) || is_common(core_of(part))));
}

/* Whether little is left of the password besides a word that is known to belong to it. */
static bool is_like(struct arena *arena, str folded, str word)
{
    word = text_fold(arena, word);
    if (utf8_length(word) < CONTEXT_LEAST) {
        return false;
    }
    size_t own = utf8_length(folded);
    size_t at = str_find(folded, word, 0);
    bool is_found = at != SIZE_MAX;
    while (at != SIZE_MAX) {
        own -= utf8_length(word);
        at = str_find(folded, word, at + word.n);
    }
    return is_found && own < OWN_SYMBOLS;
}

enum password_fault password_check(const struct identity *identity, str name, str password)
{
    (void)identity;
    if (password.n > PASSWORD_BYTES_MOST) {
        return PASSWORD_LONG;
    }
    if (!utf8_is_valid(password)) {
        return PASSWORD_NOT_TEXT;
    }
    if (utf8_length(password) < PASSWORD_SYMBOLS_LEAST) {
        return PASSWORD_SHORT;
    }
    struct arena arena;
    arena_init(&arena, 0);
    str folded = text_fold(&arena, password);
    str local = str_slice(name, 0, str_find_char(name, '@', 0));
    bool is_own = is_like(&arena, folded, name) || is_like(&arena, folded, local) ||
                  is_like(&arena, folded, S("parvis"));
    bool is_known = is_guessable(folded);
    arena_done(&arena);
    return is_own ? PASSWORD_LIKE_NAME : is_known ? PASSWORD_COMMON : PASSWORD_GOOD;
}

enum err fail_password(struct scope *scope, enum password_fault fault)
{
    switch (fault) {
    case PASSWORD_GOOD:
        return ERR_OK;
    case PASSWORD_SHORT:
        return fail(scope, ERR_REQUEST, "The password needs at least %d characters.",
                    PASSWORD_SYMBOLS_LEAST);
    case PASSWORD_LONG:
        return fail(scope, ERR_REQUEST, "The password has more than %d bytes.",
                    PASSWORD_BYTES_MOST);
    case PASSWORD_COMMON:
        return fail(scope, ERR_REQUEST, "The password is one of those that are tried first.");
    case PASSWORD_LIKE_NAME:
        return fail(scope, ERR_REQUEST, "The password is hardly more than the name.");
    case PASSWORD_NOT_TEXT:
        return fail(scope, ERR_REQUEST, "The password is not valid text (UTF-8).");
    }
    bug_unreachable();
}

/* ---- hashes ---- */

static str pepper_id(struct scope *scope, const uint8_t pepper[SECRET_BYTES])
{
    uint8_t digest[DIGEST_BYTES];
    digest_sha256((str){(const char *)pepper, SECRET_BYTES}, digest);
    return hex_encode(&scope->arena, digest, PEPPER_ID_SYMBOLS / 2);
}

static str peppered(struct scope *scope, const uint8_t pepper[SECRET_BYTES], str password)
{
    uint8_t *digest = arena_alloc(&scope->arena, DIGEST_BYTES);
    digest_hmac(pepper, password, digest);
    return (str){(const char *)digest, DIGEST_BYTES};
}

enum err password_store(struct scope *scope, const struct identity *identity, str password,
                        str *ret_stored)
{
    uint8_t pepper[SECRET_BYTES];
    str hash;
    identity_key(identity, S("password"), pepper);
    TRY(password_hash(scope, peppered(scope, pepper, password), &hash));
    *ret_stored =
        str_printf(&scope->arena, "%.*s:%.*s", STR_ARG(pepper_id(scope, pepper)), STR_ARG(hash));
    explicit_bzero(pepper, sizeof(pepper));
    return ERR_OK;
}

enum err password_matches(struct scope *scope, const struct identity *identity, str password,
                          str stored, bool *ret_right, bool *ret_outdated)
{
    uint8_t pepper[SECRET_BYTES];
    str id = str_slice(stored, 0, PEPPER_ID_SYMBOLS);
    str hash = S(""); /* a password under a pepper that is lost costs a hash, too */
    bool is_former = false;
    bool is_bounded = password.n <= PASSWORD_BYTES_MOST;
    key_derive(identity->masters[0], S("password"), pepper);
    for (int i = 0; i < identity->master_count && hash.n == 0; i++) {
        uint8_t tried[SECRET_BYTES];
        key_derive(identity->masters[i], S("password"), tried);
        if (stored.n > PEPPER_ID_SYMBOLS + 1 && str_eq(id, pepper_id(scope, tried))) {
            hash = str_slice(stored, PEPPER_ID_SYMBOLS + 1, stored.n);
            memcpy(pepper, tried, sizeof(pepper));
            is_former = i > 0;
        }
        explicit_bzero(tried, sizeof(tried));
    }
    str text = peppered(scope, pepper, is_bounded ? password : S(""));
    explicit_bzero(pepper, sizeof(pepper));
    TRY(password_verify(scope, text, hash, ret_right, ret_outdated));
    *ret_right &= is_bounded;
    *ret_outdated |= is_former;
    return ERR_OK;
}

/* ---- changing the own one ---- */

static enum err prove_old(struct scope *scope, struct identity *identity,
                          const struct origin *origin, const struct account *account, str old)
{
    bool allowed;
    bool right;
    bool outdated;
    struct attempt attempt = {.kind = "password",
                              .account = name_key(&scope->arena, account->user.name),
                              .user = account->user.id,
                              .origin = origin};
    struct actor self = actor_of(&account->user);
    TRY(throttle_begin(scope, identity, &attempt, &allowed));
    if (!allowed) {
        return fail(scope, ERR_THROTTLED, "There were too many attempts. Try again later.");
    }
    TRY(attempt_password(scope, identity, &attempt, true, old, account->password, &right,
                         &outdated));
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, identity->db, &lease));
    if (right) {
        TRY(throttle_succeed(scope, identity, lease, &attempt));
    } else {
        audit_write(scope, lease, &self, origin, AUDIT_PASSWORD_CHANGE_REFUSED, self.name, S(""));
    }
    TRY(db_commit(scope, lease));
    return right ? ERR_OK : fail(scope, ERR_DENIED, "The old password is wrong.");
}

enum err user_change_password(struct scope *scope, struct identity *identity,
                              const struct origin *origin, const struct actor *actor, str old,
                              str password)
{
    bool found;
    struct account account;
    str stored;
    if (actor->kind != ACTOR_SESSION) {
        return fail(scope, ERR_DENIED, "Passwords are changed by people who signed in.");
    }
    TRY(account_load(scope, identity, actor->user, &found, &account));
    if (!found) {
        return no_user(scope);
    }
    TRY(fail_password(scope, password_check(identity, account.user.name, password)));
    TRY(prove_old(scope, identity, origin, &account, old));
    TRY(password_store(scope, identity, password, &stored));
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(DB_RUN(scope, lease,
            "update \"user\" set password = ?, password_changed = ? where id = ? and password = ? and "
            "active = 1",
            cell_text(stored), cell_instant(clock_wall()), cell_int(actor->user),
            cell_text(account.password)));
    if (db_changes(lease) == 0) {
        return fail(scope, ERR_DENIED, "The password was changed meanwhile.");
    }
    TRY(user_end_access(scope, lease, actor->user, actor->session));
    audit_write(scope, lease, actor, origin, AUDIT_PASSWORD_CHANGE, account.user.name, S(""));
    TRY(db_commit(scope, lease));
    notice_add(identity, actor->user, S(""), NOTICE_PASSWORD, S(""));
    return ERR_OK;
}
