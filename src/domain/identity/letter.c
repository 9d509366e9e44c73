/* Letters with a one-time link. */
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

bool letter_can_go(const struct identity *identity, const struct user *user)
{
    return identity->options.smtp_url && identity->options.public_url.n && user->email.n;
}

enum err letter_send(struct scope *scope, struct identity *identity, const struct user *user,
                     bool is_invitation, str token, usec lifetime, language chosen)
{
    const struct identity_options *options = &identity->options;
    struct mail_options relay = {options->smtp_url, options->smtp_from, options->smtp_user,
                                 options->smtp_password_file};
    struct mail_message message = {.to = user->email};
    str address = str_printf(&scope->arena, "%.*s/account/link/%.*s", STR_ARG(options->public_url),
                             STR_ARG(token));
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
