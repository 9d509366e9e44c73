/* Letters: with a one-time link, and notices of what was done to an account. */
#include "base/buf.h"
#include "base/log.h"
#include "domain/identity/internal.h"
#include "platform/i18n/message.h"

void letter_write(struct arena *arena, language chosen, bool is_invitation, str name, str address,
                  usec lifetime, struct mail_message *ret_message)
{
    language in = chosen >= 0 && chosen < language_count() ? chosen : 0;
    struct message_argument who = ARG_TEXT("name", name);
    struct message_argument duration = ARG_TEXT("duration", format_duration(arena, in, lifetime));
    str once = message_text(arena, in, MSG_MAIL_ONCE, &duration, 1);
    if (is_invitation) {
        str text = message_text(arena, in, MSG_MAIL_INVITATION_TEXT, &who, 1);
        ret_message->subject = message_plain(in, MSG_MAIL_INVITATION_SUBJECT);
        ret_message->text = str_printf(arena, "%.*s\n\n%.*s\n\n%.*s\n", STR_ARG(text),
                                       STR_ARG(address), STR_ARG(once));
        return;
    }
    /* Without the name: who asked knows it, or is somebody else. */
    str text = message_plain(in, MSG_MAIL_PASSWORD_TEXT);
    ret_message->subject = message_plain(in, MSG_MAIL_PASSWORD_SUBJECT);
    ret_message->text =
        str_printf(arena, "%.*s\n\n%.*s\n\n%.*s %.*s\n", STR_ARG(text), STR_ARG(address),
                   STR_ARG(once), STR_ARG(message_plain(in, MSG_MAIL_PASSWORD_IGNORE)));
}

static bool can_send(struct identity *identity)
{
    pthread_mutex_lock(&identity->mail_mutex);
    bool has_relay = identity->relay[0] != NULL;
    pthread_mutex_unlock(&identity->mail_mutex);
    return has_relay && identity->options.public_url.n;
}

enum err identity_test_mail(struct scope *scope, struct identity *identity, str address, str portal, language lang)
{
    struct mail_options relay;
    struct message_argument arguments[] = {ARG_TEXT("portal", portal)};
    struct mail_message message = {
        .to = address,
        .subject = message_text(&scope->arena, lang, MSG_MAIL_TEST_SUBJECT, arguments, 1),
        .text = str_printf(&scope->arena, "%.*s\n\n%.*s\n",
                           STR_ARG(message_text(&scope->arena, lang, MSG_MAIL_TEST_TEXT, arguments, 1)),
                           STR_ARG(identity->options.public_url))};
    return mail_relay(scope, identity, &relay) ? mail_send(scope, &relay, &message)
                                               : fail(scope, ERR_REQUEST, "There is no mail relay.");
}

bool letter_can_go(struct identity *identity, const struct user *user)
{
    return can_send(identity) && user->email.n;
}

enum err letter_send(struct scope *scope, struct identity *identity, const struct user *user,
                     bool is_invitation, str token, usec lifetime, language chosen)
{
    struct mail_options relay;
    struct mail_message message = {.to = user->email};
    str address = str_printf(&scope->arena, "%.*s/account/link/%.*s",
                             STR_ARG(identity->options.public_url), STR_ARG(token));
    if (!mail_relay(scope, identity, &relay)) {
        return fail(scope, ERR_REQUEST, "There is no mail relay.");
    }
    letter_write(&scope->arena, chosen, is_invitation, user->name, address, lifetime, &message);
    return mail_send(scope, &relay, &message);
}

enum err link_send(struct scope *scope, struct identity *identity, const struct user *user,
                   str token, usec lifetime, language chosen)
{
    if (!letter_can_go(identity, user)) {
        return fail(scope, ERR_REQUEST, "No mail can be sent to %.*s.", STR_ARG(user->name));
    }
    return letter_send(scope, identity, user, !user->has_password, token, lifetime, chosen);
}

/* ---- notices ---- */

static const enum message notices[] = {[NOTICE_PASSWORD] = MSG_MAIL_NOTICE_PASSWORD,
                                       [NOTICE_FACTOR_ON] = MSG_MAIL_NOTICE_FACTOR_ON,
                                       [NOTICE_FACTOR_OFF] = MSG_MAIL_NOTICE_FACTOR_OFF,
                                       [NOTICE_ADDRESS] = MSG_MAIL_NOTICE_ADDRESS,
                                       [NOTICE_KEY] = MSG_MAIL_NOTICE_KEY,
                                       [NOTICE_DEVICE] = MSG_MAIL_NOTICE_DEVICE};

/*
 * In every language that the portal speaks, its own first: who did it may have chosen another than the one who
 * reads it.
 */
static void notice_write(struct arena *arena, const struct letter_request *request, str name,
                         struct identity *identity, struct mail_message *ret_message)
{
    language own = mail_language(identity);
    struct buf text = {0};
    struct message_argument arguments[] = {ARG_TEXT("name", name), ARG_TEXT("where", request->detail)};
    for (language i = 0; i < language_count(); i++) {
        language in = i == 0 ? own : i <= own ? i - 1 : i;
        str said = message_text(arena, in, notices[request->notice], arguments,
                                request->notice == NOTICE_DEVICE ? 2 : 1);
        buf_printf(&text, "%.*s\n%.*s\n\n", STR_ARG(said),
                   STR_ARG(message_plain(in, MSG_MAIL_NOTICE_IGNORE)));
    }
    buf_printf(&text, "%.*s\n", STR_ARG(identity->options.public_url));
    ret_message->subject = message_plain(own, MSG_MAIL_NOTICE_SUBJECT);
    ret_message->text = buf_copy(&text, arena);
    buf_done(&text);
}

static enum err notice_send(struct scope *scope, struct identity *identity,
                            const struct letter_request *request)
{
    struct mail_options relay;
    struct mail_message message;
    struct user user;
    if (!mail_relay(scope, identity, &relay)) {
        return ERR_OK; /* it was taken away since */
    }
    TRY(user_get(scope, identity, request->user, &user));
    message.to = request->address.n ? request->address : user.email;
    if (message.to.n == 0) {
        return ERR_OK;
    }
    notice_write(&scope->arena, request, user.name, identity, &message);
    return mail_send(scope, &relay, &message);
}

void notice_answer(struct identity *identity, const struct letter_request *request)
{
    struct scope scope;
    scope_open(&scope);
    scope.gone = outbox_closing(identity->outbox);
    if (notice_send(&scope, identity, request) != ERR_OK) {
        log_event(EV_MAIL_FAILED, "%.*s", STR_ARG(scope.failure.message));
    }
    scope_close(&scope);
}

void notice_add(struct identity *identity, int64_t user, str address, enum notice notice, str detail)
{
    struct letter_request request = {
        .notice = notice, .user = user, .address = address, .detail = detail};
    if (can_send(identity)) {
        outbox_add(identity->outbox, &request);
    }
}
