#include "domain/identity/invitation.h"

#include "base/vec.h"
#include "domain/identity/internal.h"
#include "platform/i18n/message.h"
#include "platform/mail/mail.h"

#define COLUMNS "id, email, role, group_ids, language, invited_by, created, sent, expires"

static enum err no_invitation(struct scope *scope)
{
    return fail(scope, ERR_NO_LINK,
                "The invitation is not valid: it was used, taken back, or its time has passed.");
}

static struct invitation read_invitation(struct arena *arena, const struct batch *row)
{
    struct actor groups = {0};
    struct invitation invitation = {.id = row_number(row, 0),
                                    .email = row_text(arena, row, 1),
                                    .language = row_text(arena, row, 4),
                                    .invited_by = row_text(arena, row, 5),
                                    .created = row_number(row, 6),
                                    .sent = row_number(row, 7),
                                    .expires = row_number(row, 8)};
    if (!role_find(row_text(arena, row, 2), &invitation.role)) {
        invitation.role = ROLE_READER;
    }
    actor_set_groups(arena, &groups, row_text(arena, row, 3));
    invitation.groups = groups.groups;
    invitation.group_count = groups.group_count;
    return invitation;
}

static enum err read_one(struct scope *scope, struct db_lease *lease, struct sql sql,
                         struct invitation *ret_invitation)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *row;
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    if (!row) {
        return no_invitation(scope);
    }
    *ret_invitation = read_invitation(&scope->arena, row);
    return ERR_OK;
}

static enum err get(struct scope *scope, struct db_lease *lease, int64_t id, struct invitation *ret)
{
    return read_one(scope, lease,
                    STATEMENT(&scope->arena, "select " COLUMNS " from invitation where id = ?", cell_int(id)),
                    ret);
}

/* ---- making ---- */

static str list_groups(struct arena *arena, const struct invitation *invitation)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < invitation->group_count; i++) {
        buf_printf(&out, "%s%lld", i ? "," : "", (long long)invitation->groups[i]);
    }
    return buf_copy(&out, arena);
}

static enum err check_address(struct scope *scope, struct db_lease *lease, str email)
{
    cell taken;
    if (!mail_address_is_valid(email)) {
        return fail(scope, ERR_USAGE, "The e-mail address is not valid, as in ada@example.org.");
    }
    TRY(DB_ASK(scope, lease, &taken,
               "select (select count(*) from \"user\" where email_key = ?)"
               " + (select count(*) from invitation where email_key = ?)",
               cell_text(name_key(&scope->arena, email)), cell_text(name_key(&scope->arena, email))));
    return taken.number == 0 ? ERR_OK
                             : fail(scope, ERR_CONFLICT,
                                    "There is an account or an open invitation for %.*s already.",
                                    STR_ARG(email));
}

enum err invitation_make(struct scope *scope, struct identity *identity, const struct actor *by,
                         const struct origin *origin, const struct invitation *invitation, int64_t *ret_id,
                         str *ret_token)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    uint8_t digest[DIGEST_BYTES];
    cell id;
    usec now = clock_wall();
    str role = str_from(role_name(invitation->role));
    TRY(db_begin(scope, identity->db, &lease));
    TRY(check_address(scope, lease, invitation->email));
    *ret_token = link_draw(scope, digest);
    TRY(DB_ASK(scope, lease, &id,
               "insert into invitation (digest, email, email_key, role, group_ids, language, invited_by,"
               " created, sent, expires) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id",
               cell_digest(digest), cell_text(invitation->email),
               cell_text(name_key(&scope->arena, invitation->email)), cell_text(role),
               cell_text(list_groups(&scope->arena, invitation)), cell_text(invitation->language),
               cell_text(by->name), cell_instant(now), cell_instant(now),
               cell_instant(now + INVITATION_LIFETIME)));
    audit_write(scope, lease, by, origin, AUDIT_INVITATION_ADD, invitation->email, role);
    TRY(db_commit(scope, lease));
    *ret_id = id.number;
    return ERR_OK;
}

/* ---- while they are open ---- */

enum err invitation_list(struct scope *scope, struct identity *identity,
                         const struct invitation **ret_invitations, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct invitation) invitations = {0};
    struct sql sql = STATEMENT(&scope->arena, "select " COLUMNS " from invitation order by id desc");
    TRY(db_lease(scope, identity->db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, &invitations, read_invitation(&scope->arena, row));
    }
    *ret_invitations = invitations.items;
    *ret_count = invitations.count;
    return ERR_OK;
}

enum err invitation_get(struct scope *scope, struct identity *identity, int64_t id,
                        struct invitation *ret_invitation)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, identity->db, &lease));
    return get(scope, lease, id, ret_invitation);
}

enum err invitation_renew(struct scope *scope, struct identity *identity, const struct actor *by,
                          const struct origin *origin, int64_t id, str *ret_token)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct invitation invitation;
    uint8_t digest[DIGEST_BYTES];
    usec now = clock_wall();
    TRY(db_begin(scope, identity->db, &lease));
    TRY(get(scope, lease, id, &invitation));
    *ret_token = link_draw(scope, digest);
    TRY(DB_RUN(scope, lease, "update invitation set digest = ?, sent = ?, expires = ? where id = ?",
               cell_digest(digest), cell_instant(now), cell_instant(now + INVITATION_LIFETIME), cell_int(id)));
    audit_write(scope, lease, by, origin, AUDIT_INVITATION_SEND, invitation.email, S(""));
    return db_commit(scope, lease);
}

enum err invitation_revoke(struct scope *scope, struct identity *identity, const struct actor *by,
                           const struct origin *origin, int64_t id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct invitation invitation;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(get(scope, lease, id, &invitation));
    TRY(DB_RUN(scope, lease, "delete from invitation where id = ?", cell_int(id)));
    audit_write(scope, lease, by, origin, AUDIT_INVITATION_REVOKE, invitation.email, S(""));
    return db_commit(scope, lease);
}

enum err invitation_send(struct scope *scope, struct identity *identity,
                         const struct invitation *invitation, str token)
{
    const struct identity_options *options = &identity->options;
    struct mail_options relay;
    struct arena *arena = &scope->arena;
    language in = language_exact(invitation->language);
    if (!mail_relay(scope, identity, &relay)) {
        return fail(scope, ERR_REQUEST, "No mail is set up.");
    }
    in = in == LANGUAGE_NONE ? mail_language(identity) : in;
    struct message_argument portal = ARG_TEXT("portal", options->public_url);
    struct message_argument duration = ARG_TEXT("duration", format_duration(arena, in, INVITATION_LIFETIME));
    str text = message_text(arena, in, MSG_MAIL_INVITED_TEXT, &portal, 1);
    str once = message_text(arena, in, MSG_MAIL_ONCE, &duration, 1);
    struct mail_message message = {
        .to = invitation->email,
        .subject = message_plain(in, MSG_MAIL_INVITATION_SUBJECT),
        .text = str_printf(arena, "%.*s\n\n%.*s/account/invitation/%.*s\n\n%.*s\n", STR_ARG(text),
                           STR_ARG(options->public_url), STR_ARG(token), STR_ARG(once))};
    return mail_send(scope, &relay, &message);
}

/* ---- accepting ---- */

static enum err find(struct scope *scope, struct db_lease *lease, str token, struct invitation *ret)
{
    uint8_t digest[DIGEST_BYTES];
    if (!link_is_token(token)) {
        return no_invitation(scope);
    }
    digest_sha256(token, digest);
    return read_one(scope, lease,
                    STATEMENT(&scope->arena, "select " COLUMNS " from invitation where digest = ? and expires > ?",
                              cell_digest(digest), cell_instant(clock_wall())),
                    ret);
}

enum err invitation_find(struct scope *scope, struct identity *identity, str token,
                         struct invitation *ret_invitation)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, identity->db, &lease));
    return find(scope, lease, token, ret_invitation);
}

static enum err join_groups(struct scope *scope, struct db_lease *lease, const struct invitation *invitation,
                            int64_t user)
{
    for (size_t i = 0; i < invitation->group_count; i++) {
        TRY(DB_RUN(scope, lease,
                   "insert into user_group_member (group_id, user_id) select id, ? from user_group where id = ?",
                   cell_int(user), cell_int(invitation->groups[i])));
    }
    return ERR_OK;
}

enum err invitation_accept(struct scope *scope, struct identity *identity, const struct origin *origin,
                           str token, str name, str display_name, str password)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct invitation invitation;
    str stored;
    int64_t id;
    TRY(invitation_find(scope, identity, token, &invitation));
    TRY(fail_password(scope, password_check(identity, name, password)));
    TRY(password_store(scope, identity, password, &stored));
    TRY(db_begin(scope, identity->db, &lease));
    TRY(find(scope, lease, token, &invitation)); /* it may have been used meanwhile */
    struct new_user new = {.name = name, .display_name = display_name, .email = invitation.email,
                           .role = invitation.role};
    struct actor self = {.kind = ACTOR_SESSION, .name = name};
    TRY(user_insert(scope, lease, &self, &new, &id));
    TRY(DB_RUN(scope, lease, "update \"user\" set password = ?, password_changed = ? where id = ?",
               cell_text(stored), cell_instant(clock_wall()), cell_int(id)));
    TRY(join_groups(scope, lease, &invitation, id));
    TRY(DB_RUN(scope, lease, "delete from invitation where id = ?", cell_int(invitation.id)));
    TRY(device_remember(scope, identity, lease, id, origin));
    audit_write(scope, lease, &self, origin, AUDIT_INVITATION_ACCEPT, invitation.email, name);
    return db_commit(scope, lease);
}
