/* Letters with a link that an administrator made. */
#include "base/vec.h"
#include "domain/identity/internal.h"
#include "platform/mail/mail.h"

#define HOUR (3600 * USEC_SECOND)

/* In the order of the languages' codes: en, fr. */
static const struct {
    const char *subject;
    const char *before; /* sign-in name */
    const char *middle; /* address */
    const char *after;  /* hours */
    const char *end;
} texts[] = {
    {"Your account", "An account was made for you; your sign-in name is ",
     ".\nChoose a password here:\n\n", "\n\nThe link can be used once, within ", " h.\n"},
    {"Votre compte", "Un compte a été créé pour vous ; votre nom de connexion est ",
     ".\nChoisissez un mot de passe ici :\n\n", "\n\nLe lien sert une seule fois, pendant ", " h.\n"},
};

static void invite(struct arena *arena, language chosen, str name, str address, int hours,
                   struct mail_message *message)
{
    size_t at = chosen >= 0 && (size_t)chosen < ARRAY_LENGTH(texts) ? (size_t)chosen : 0;
    message->subject = str_from(texts[at].subject);
    message->text = str_printf(arena, "%s%.*s%s%.*s%s%d%s", texts[at].before, STR_ARG(name),
                               texts[at].middle, STR_ARG(address), texts[at].after, hours,
                               texts[at].end);
}

enum err link_send(struct scope *scope, struct identity *identity, const struct user *user, str token,
                   usec lifetime, language chosen)
{
    const struct identity_options *options = &identity->options;
    struct mail_options relay = {options->smtp_url, options->smtp_from, options->smtp_user,
                                 options->smtp_password_file};
    struct mail_message message = {.to = user->email};
    if (!options->smtp_url || options->public_url.n == 0 || user->email.n == 0) {
        return fail(scope, ERR_REQUEST, "No mail can be sent to %.*s.", STR_ARG(user->name));
    }
    str address = str_printf(&scope->arena, "%.*s/account/link/%.*s", STR_ARG(options->public_url),
                             STR_ARG(token));
    if (user->has_password) {
        mail_texts(&scope->arena, chosen, address, (int)(lifetime / HOUR), &message.subject,
                   &message.text);
    } else {
        invite(&scope->arena, chosen, user->name, address, (int)(lifetime / HOUR), &message);
    }
    return mail_send(scope, &relay, &message);
}
