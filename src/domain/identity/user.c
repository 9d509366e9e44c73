/* Accounts. */
#include "base/utf8.h"
#include "base/vec.h"
#include "domain/identity/internal.h"
#include "platform/mail/mail.h"
#include "platform/text/fold.h"

#define NAME_SYMBOLS 150

str name_key(struct arena *arena, str name)
{
    return text_fold(arena, name);
}

static bool is_name(struct arena *arena, str name)
{
    if (name.n == 0 || !utf8_is_valid(name) || utf8_length(name) > NAME_SYMBOLS) {
        return false;
    }
    for (size_t at = 0; at < name.n;) {
        uint32_t c = utf8_next(name, &at);
        bool is_sign = c < 0x80 && strchr("@.+-_", (int)c);
        if (!is_sign && !text_is_word_character(c)) {
            return false;
        }
    }
    return name_key(arena, name).n > 0;
}

static enum err check_profile(struct scope *scope, str display_name, str email)
{
    if (display_name.n > DISPLAY_NAME_BYTES || !utf8_is_line(display_name)) {
        return fail(scope, ERR_USAGE,
                    "The displayed name has at most %d bytes of one line of text.",
                    DISPLAY_NAME_BYTES);
    }
    if (email.n && !mail_address_is_valid(email)) {
        return fail(scope, ERR_USAGE, "The e-mail address is not valid, as in ada@example.org.");
    }
    return ERR_OK;
}

enum err no_user(struct scope *scope)
{
    return fail(scope, ERR_NO_USER, "There is no such user.");
}

/* ---- reading ---- */

#define ACCOUNT_COLUMNS                                                                            \
    "id, name, display_name, email, role, active, password, created, last_sign_in, "               \
    "password_changed, epoch, second_factor, factor_step"

static struct account read_account(struct arena *arena, const struct batch *row)
{
    struct account account = {.user = {.id = row_number(row, 0),
                                       .name = row_text(arena, row, 1),
                                       .display_name = row_text(arena, row, 2),
                                       .email = row_text(arena, row, 3),
                                       .active = row_number(row, 5) != 0,
                                       .created = row_number(row, 7),
                                       .last_sign_in = row_number(row, 8),
                                       .password_changed = row_number(row, 9)},
                              .password = row_text(arena, row, 6),
                              .epoch = row_number(row, 10),
                              .second_factor = row_text(arena, row, 11),
                              .factor_step = row_number(row, 12)};
    if (!role_find(row_text(arena, row, 4), &account.user.role)) {
        account.user.role = ROLE_READER; /* of a later version: the least */
    }
    account.user.has_password = account.password.n > 0;
    account.user.has_second_factor = account.second_factor.n > 0;
    return account;
}

static enum err read_one(struct scope *scope, struct db_lease *lease, struct sql sql,
                         bool *ret_found, struct account *ret_account)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *row;
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    *ret_found = row != NULL;
    *ret_account = row ? read_account(&scope->arena, row) : (struct account){0};
    return ERR_OK;
}

enum err account_get(struct scope *scope, struct db_lease *lease, int64_t id, bool *ret_found,
                     struct account *ret_account)
{
    return read_one(
        scope, lease,
        STATEMENT(&scope->arena, "select " ACCOUNT_COLUMNS " from \"user\" where id = ?", cell_int(id)),
        ret_found, ret_account);
}

enum err account_require(struct scope *scope, struct db_lease *lease, int64_t id,
                         struct account *ret_account)
{
    bool found;
    TRY(account_get(scope, lease, id, &found, ret_account));
    return found ? ERR_OK : no_user(scope);
}

enum err account_find(struct scope *scope, struct db_lease *lease, str name, bool *ret_found,
                      struct account *ret_account)
{
    return read_one(scope, lease,
                    STATEMENT(&scope->arena,
                              "select " ACCOUNT_COLUMNS " from \"user\" where name_key = ?",
                              cell_text(name_key(&scope->arena, name))),
                    ret_found, ret_account);
}

enum err account_load(struct scope *scope, struct identity *identity, int64_t id, bool *ret_found,
                      struct account *ret_account)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, identity->db, &lease));
    return account_get(scope, lease, id, ret_found, ret_account);
}

enum err user_get(struct scope *scope, struct identity *identity, int64_t id, struct user *ret_user)
{
    bool found;
    struct account account;
    TRY(account_load(scope, identity, id, &found, &account));
    *ret_user = account.user;
    return found ? ERR_OK : no_user(scope);
}

enum err user_find(struct scope *scope, struct identity *identity, str name, struct user *ret_user)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    bool found = false;
    struct account account = {0};
    if (is_name(&scope->arena, name)) {
        TRY(db_lease(scope, identity->db, &lease));
        TRY(account_find(scope, lease, name, &found, &account));
    }
    *ret_user = account.user;
    return found ? ERR_OK : no_user(scope);
}

enum err user_list(struct scope *scope, struct identity *identity, const struct user **ret_users,
                   size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct user) users = {0};
    TRY(db_lease(scope, identity->db, &lease));
    struct sql sql =
        STATEMENT(&scope->arena, "select " ACCOUNT_COLUMNS " from \"user\" order by name_key");
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, &users, read_account(&scope->arena, row).user);
    }
    *ret_users = users.items;
    *ret_count = users.count;
    return ERR_OK;
}

/* ---- changing ---- */

enum err user_end_access(struct scope *scope, struct db_lease *lease, int64_t user, int64_t except)
{
    TRY(DB_RUN(scope, lease, "update \"user\" set epoch = epoch + 1 where id = ?", cell_int(user)));
    TRY(DB_RUN(scope, lease, "delete from link where user_id = ?", cell_int(user)));
    TRY(DB_RUN(scope, lease, "delete from session where user_id = ? and row <> ?", cell_int(user),
            cell_int(except)));
    return DB_RUN(scope, lease,
               "update session set epoch = (select epoch from \"user\" where id = ?) where row = ?",
               cell_int(user), cell_int(except));
}

enum err user_insert(struct scope *scope, struct db_lease *lease, const struct actor *by,
                     const struct new_user *user, int64_t *ret_id)
{
    bool taken;
    struct account other;
    cell id;
    str role = str_from(role_name(user->role));
    if (!is_name(&scope->arena, user->name)) {
        return fail(scope, ERR_USAGE,
                    "The name of a user is 1 to %d letters, digits and any of @ . + - _",
                    NAME_SYMBOLS);
    }
    TRY(check_profile(scope, user->display_name, user->email));
    TRY(account_find(scope, lease, user->name, &taken, &other));
    if (taken) {
        return fail(scope, ERR_CONFLICT, "There is a user of the name %.*s already.",
                    STR_ARG(other.user.name));
    }
    TRY(DB_ASK(scope, lease, &id,
            "insert into \"user\" (name, name_key, display_name, email, email_key, role, active,"
            " password_changed, epoch, factor_step, created, last_sign_in)"
            " values (?, ?, ?, ?, ?, ?, 1, 0, 0, 0, ?, 0) returning id",
            cell_text(user->name), cell_text(name_key(&scope->arena, user->name)),
            cell_text(user->display_name.n ? user->display_name : user->name),
            cell_text(user->email), cell_text(name_key(&scope->arena, user->email)),
            cell_text(role), cell_instant(clock_wall())));
    audit_write(scope, lease, by, NULL, AUDIT_USER_ADD, user->name, role);
    *ret_id = id.number;
    return ERR_OK;
}

enum err user_add(struct scope *scope, struct identity *identity, const struct actor *by,
                  const struct new_user *user, int64_t *ret_id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(user_insert(scope, lease, by, user, ret_id));
    return db_commit(scope, lease);
}

/* The portal must not be left without somebody who can administer it. */
static enum err check_others(struct scope *scope, struct db_lease *lease, const struct user *user)
{
    cell others;
    if (!user->active || user->role != ROLE_ADMINISTRATOR) {
        return ERR_OK;
    }
    TRY(DB_ASK(scope, lease, &others,
            "select count(*) from \"user\" where active = 1 and role = ? and id <> ? and"
            " (password is not null or ? = 0)",
            cell_text(str_from(role_name(ROLE_ADMINISTRATOR))), cell_int(user->id),
            cell_bool(user->has_password)));
    return others.number ? ERR_OK
                         : fail(scope, ERR_CONFLICT,
                                "%.*s is the last active administrator; make another one first.",
                                STR_ARG(user->name));
}

enum err user_set_active(struct scope *scope, struct identity *identity, const struct actor *by,
                         int64_t id, bool active)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct account account;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(account_require(scope, lease, id, &account));
    if (account.user.active == active) {
        return ERR_OK;
    }
    if (!active) {
        TRY(check_others(scope, lease, &account.user));
        TRY(user_end_access(scope, lease, id, 0));
        TRY(DB_RUN(scope, lease, "update api_key set revoked = ? where user_id = ? and revoked = 0",
                cell_instant(clock_wall()), cell_int(id)));
    }
    TRY(DB_RUN(scope, lease, "update \"user\" set active = ? where id = ?", cell_bool(active),
            cell_int(id)));
    audit_write(scope, lease, by, NULL, active ? AUDIT_USER_ENABLE : AUDIT_USER_DISABLE,
                account.user.name, S(""));
    return db_commit(scope, lease);
}

enum err user_set_role(struct scope *scope, struct identity *identity, const struct actor *by,
                       int64_t id, enum role role)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct account account;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(account_require(scope, lease, id, &account));
    if (account.user.role == role) {
        return ERR_OK;
    }
    TRY(check_others(scope, lease, &account.user));
    TRY(DB_RUN(scope, lease, "update \"user\" set role = ?, epoch = epoch + 1 where id = ?",
            cell_text(str_from(role_name(role))), cell_int(id)));
    TRY(DB_RUN(scope, lease, "delete from session where user_id = ?", cell_int(id)));
    str detail =
        str_printf(&scope->arena, "%s to %s", role_name(account.user.role), role_name(role));
    audit_write(scope, lease, by, NULL, AUDIT_USER_ROLE, account.user.name, detail);
    return db_commit(scope, lease);
}

enum err user_set_profile(struct scope *scope, struct identity *identity, const struct actor *by,
                          int64_t id, str display_name, str email)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct account account;
    TRY(check_profile(scope, display_name, email));
    TRY(db_begin(scope, identity->db, &lease));
    TRY(account_require(scope, lease, id, &account));
    bool is_email_new = !str_eq(account.user.email, email);
    TRY(DB_RUN(scope, lease, "update \"user\" set display_name = ?, email = ?, email_key = ? where id = ?",
            cell_text(display_name.n ? display_name : account.user.name), cell_text(email),
            cell_text(name_key(&scope->arena, email)), cell_int(id)));
    if (is_email_new) { /* links may have gone to the old address */
        TRY(DB_RUN(scope, lease, "delete from link where user_id = ?", cell_int(id)));
    }
    audit_write(scope, lease, by, NULL, AUDIT_USER_PROFILE, account.user.name,
                is_email_new ? S("name, e-mail") : S("name"));
    TRY(db_commit(scope, lease));
    if (is_email_new && account.user.email.n) {
        notice_add(identity, id, account.user.email, NOTICE_ADDRESS, S(""));
    }
    return ERR_OK;
}
