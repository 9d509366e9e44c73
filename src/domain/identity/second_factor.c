/* One-time codes and recovery codes. Secrets are sealed, recovery codes kept as keyed digests. */
#include "base/buf.h"
#include "base/url.h"
#include "base/utf8.h"
#include "domain/identity/internal.h"
#include "platform/crypto/totp.h"

#define RECOVERY_SYMBOLS 12 /* of 30: 58 bits; written in three groups */
#define CODE_BYTES 64       /* typed codes are no longer, with blanks */
#define SHOWN_NAME_BYTES 90 /* of portal and user in an app */

/* Without those that are read for others: 0 o, 1 l i, and u. */
static const str recovery_alphabet = {"23456789abcdefghjkmnpqrstvwxyz", 30};

str second_factor_secret(struct arena *arena)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    random_bytes(secret, sizeof(secret));
    str text = base32_encode(arena, secret, sizeof(secret));
    explicit_bzero(secret, sizeof(secret));
    return text;
}

bool second_factor_is_secret(str text)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    bool good = base32_decode(text, secret, sizeof(secret));
    explicit_bzero(secret, sizeof(secret));
    return good;
}

/* Names are cut so that the address fits a QR code; apps show no more of them. */
str second_factor_address(struct arena *arena, str portal, str user, str secret)
{
    struct buf out = {0};
    portal = utf8_truncate(portal, SHOWN_NAME_BYTES);
    user = utf8_truncate(user, SHOWN_NAME_BYTES);
    buf_add(&out, S("otpauth://totp/"));
    url_encode(&out, portal);
    buf_add(&out, S(":"));
    url_encode(&out, user);
    buf_add(&out, S("?secret="));
    url_encode(&out, secret);
    buf_add(&out, S("&issuer="));
    url_encode(&out, portal);
    buf_add(&out, S("&algorithm=SHA1&digits=6&period=30"));
    str address = buf_copy(&out, arena);
    buf_done(&out);
    return address;
}

str second_factor_svg(struct arena *arena, str address)
{
    return qr_svg(arena, address);
}

/* ---- sealed secrets ---- */

static str seal_secret(struct scope *scope, const struct identity *identity, int64_t user,
                       str secret)
{
    uint8_t key[SECRET_BYTES];
    str text = str_printf(&scope->arena, "%lld %.*s", (long long)user, STR_ARG(secret));
    identity_key(identity, S("second factor"), key);
    str sealed = seal(&scope->arena, key, text);
    explicit_bzero(key, sizeof(key));
    return sealed;
}

/* Sealed with the user's id, so that one user's secret does not work in the row of another. */
static bool unseal_secret(struct scope *scope, const struct identity *identity,
                          const struct account *account, uint8_t ret_secret[TOTP_SECRET_BYTES],
                          bool *ret_is_former)
{
    str text = S("");
    bool opened = false;
    for (int i = 0; i < identity->master_count && !opened; i++) {
        uint8_t key[SECRET_BYTES];
        key_derive(identity->masters[i], S("second factor"), key);
        opened = unseal(&scope->arena, key, account->second_factor, &text);
        *ret_is_former = i > 0;
        explicit_bzero(key, sizeof(key));
    }
    str owner = str_printf(&scope->arena, "%lld ", (long long)account->user.id);
    return opened && str_starts(text, owner) &&
           base32_decode(str_slice(text, owner.n, text.n), ret_secret, TOTP_SECRET_BYTES);
}

/* ---- recovery codes ---- */

/* Lower case without blanks and dashes. */
static str plain_code(struct arena *arena, str code)
{
    char *out = arena_alloc(arena, CODE_BYTES + 1);
    size_t n = 0;
    for (size_t i = 0; i < code.n && n < CODE_BYTES; i++) {
        if (code.p[i] != ' ' && code.p[i] != '-') {
            out[n++] = ascii_lower(code.p[i]);
        }
    }
    return (str){out, n};
}

/* Under the master key in use (0) or the former one (1). */
static void recovery_digest(struct scope *scope, const struct identity *identity, int master,
                            int64_t user, str plain, uint8_t ret_digest[DIGEST_BYTES])
{
    uint8_t key[SECRET_BYTES];
    str text = str_printf(&scope->arena, "%lld %.*s", (long long)user, STR_ARG(plain));
    key_derive(identity->masters[master], S("recovery codes"), key);
    digest_hmac(key, text, ret_digest);
    explicit_bzero(key, sizeof(key));
}

static enum err replace_codes(struct scope *scope, struct identity *identity,
                              struct db_lease *lease, int64_t user,
                              str ret_recovery[RECOVERY_CODES])
{
    TRY(DB_RUN(scope, lease, "delete from recovery_code where user_id = ?", cell_int(user)));
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        uint8_t digest[DIGEST_BYTES];
        str code = random_text(&scope->arena, recovery_alphabet, RECOVERY_SYMBOLS);
        recovery_digest(scope, identity, 0, user, code, digest);
        TRY(DB_RUN(scope, lease, "insert into recovery_code values (?, ?)", cell_int(user),
                cell_digest(digest)));
        ret_recovery[i] =
            str_printf(&scope->arena, "%.4s-%.4s-%.4s", code.p, code.p + 4, code.p + 8);
    }
    return ERR_OK;
}

/* ---- proving ---- */

static enum err prove_code(struct scope *scope, struct identity *identity, struct db_lease *lease,
                           const struct account *account, str code, bool *ret_right)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    int64_t step = 0;
    bool is_former = false;
    *ret_right = unseal_secret(scope, identity, account, secret, &is_former) &&
                 totp_check(&scope->arena, secret, code, clock_wall(), account->factor_step, &step);
    if (*ret_right) {
        TRY(DB_RUN(scope, lease, "update \"user\" set factor_step = ? where id = ? and factor_step < ?",
                cell_int(step), cell_int(account->user.id), cell_int(step)));
        *ret_right = db_changes(lease) == 1;
    }
    if (*ret_right && is_former) {
        str sealed = seal_secret(scope, identity, account->user.id,
                                 base32_encode(&scope->arena, secret, sizeof(secret)));
        TRY(DB_RUN(scope, lease, "update \"user\" set second_factor = ? where id = ?",
                cell_bytes((const uint8_t *)sealed.p, sealed.n), cell_int(account->user.id)));
    }
    explicit_bzero(secret, sizeof(secret));
    return ERR_OK;
}

static enum err prove_recovery(struct scope *scope, struct identity *identity,
                               struct db_lease *lease, const struct account *account,
                               const struct origin *origin, str plain, bool *ret_right)
{
    uint8_t digest[DIGEST_BYTES];
    cell left;
    struct actor self = actor_of(&account->user);
    for (int i = 0; i < identity->master_count && !*ret_right; i++) {
        recovery_digest(scope, identity, i, account->user.id, plain, digest);
        TRY(DB_RUN(scope, lease, "delete from recovery_code where user_id = ? and digest = ?",
                cell_int(account->user.id), cell_digest(digest)));
        *ret_right = db_changes(lease) == 1;
    }
    if (*ret_right) {
        TRY(DB_ASK(scope, lease, &left, "select count(*) from recovery_code where user_id = ?",
                cell_int(account->user.id)));
        str detail = str_printf(&scope->arena, "%lld left", (long long)left.number);
        audit_write(scope, lease, &self, origin, AUDIT_SECOND_FACTOR_RECOVERY, S(""), detail);
    }
    return ERR_OK;
}

enum err second_factor_prove(struct scope *scope, struct identity *identity, struct db_lease *lease,
                             const struct account *account, const struct origin *origin, str code,
                             bool *ret_right)
{
    str plain = plain_code(&scope->arena, code);
    *ret_right = false;
    if (plain.n == TOTP_DIGITS) {
        return prove_code(scope, identity, lease, account, plain, ret_right);
    }
    return plain.n == RECOVERY_SYMBOLS
               ? prove_recovery(scope, identity, lease, account, origin, plain, ret_right)
               : ERR_OK;
}

/* ---- putting in force and taking away ---- */

enum err second_factor_enable(struct scope *scope, struct identity *identity,
                              const struct actor *actor, str secret, str code,
                              str ret_recovery[RECOVERY_CODES])
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    uint8_t bytes[TOTP_SECRET_BYTES];
    int64_t step;
    str plain = plain_code(&scope->arena, code);
    bool is_right = actor->kind == ACTOR_SESSION && base32_decode(secret, bytes, sizeof(bytes)) &&
                    totp_check(&scope->arena, bytes, plain, clock_wall(), 0, &step);
    explicit_bzero(bytes, sizeof(bytes));
    if (!is_right) {
        return fail(scope, ERR_DENIED,
                    "The code is wrong. Check the time of the device that shows it.");
    }
    str sealed = seal_secret(scope, identity, actor->user, secret);
    TRY(db_begin(scope, identity->db, &lease));
    TRY(DB_RUN(
        scope, lease, "update \"user\" set second_factor = ?, factor_step = ? where id = ? and active = 1",
        cell_bytes((const uint8_t *)sealed.p, sealed.n), cell_int(step), cell_int(actor->user)));
    if (db_changes(lease) == 0) {
        return no_user(scope);
    }
    TRY(replace_codes(scope, identity, lease, actor->user, ret_recovery));
    TRY(user_end_access(scope, lease, actor->user, actor->session));
    audit_write(scope, lease, actor, NULL, AUDIT_SECOND_FACTOR_ON, actor->name, S(""));
    TRY(db_commit(scope, lease));
    notice_add(identity, actor->user, S(""), NOTICE_FACTOR_ON, S(""));
    return ERR_OK;
}

enum err second_factor_disable(struct scope *scope, struct identity *identity,
                               const struct actor *by, int64_t user)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct account account;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(account_require(scope, lease, user, &account));
    TRY(DB_RUN(scope, lease, "update \"user\" set second_factor = null, factor_step = 0 where id = ?",
            cell_int(user)));
    TRY(DB_RUN(scope, lease, "delete from recovery_code where user_id = ?", cell_int(user)));
    TRY(user_end_access(scope, lease, user, by->user == user ? by->session : 0));
    audit_write(scope, lease, by, NULL, AUDIT_SECOND_FACTOR_OFF, account.user.name, S(""));
    TRY(db_commit(scope, lease));
    if (account.user.has_second_factor) {
        notice_add(identity, user, S(""), NOTICE_FACTOR_OFF, S(""));
    }
    return ERR_OK;
}

enum err second_factor_recovery(struct scope *scope, struct identity *identity,
                                const struct actor *actor, str ret_recovery[RECOVERY_CODES])
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    bool found;
    struct account account;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(account_get(scope, lease, actor->user, &found, &account));
    if (!found || !account.user.has_second_factor || actor->kind != ACTOR_SESSION) {
        return fail(scope, ERR_DENIED,
                    "There is no second factor that the codes would stand in for.");
    }
    TRY(replace_codes(scope, identity, lease, actor->user, ret_recovery));
    audit_write(scope, lease, actor, NULL, AUDIT_SECOND_FACTOR_CODES, actor->name, S(""));
    return db_commit(scope, lease);
}
