/* The texts of letters in the languages of the portal. */
#include "base/vec.h"
#include "domain/identity/internal.h"

/* In the order of the languages' codes: en, fr. */
static const struct {
    const char *subject;
    const char *before; /* the address */
    const char *after;
} texts[] = {
    {"Set a new password",
     "Somebody, probably you, asked for a new password. Set it here:\n\n",
     "\n\nThe link can be used once, within %d h. If it was not you, there is nothing to do: your\n"
     "password stays as it is.\n"},
    {"Choisir un nouveau mot de passe",
     "Quelqu’un, sans doute vous, a demandé un nouveau mot de passe. Choisissez-le ici :\n\n",
     "\n\nLe lien sert une seule fois, pendant %d h. Si ce n’était pas vous, il n’y a rien à faire :\n"
     "votre mot de passe reste le même.\n"},
};

void mail_texts(struct arena *arena, language chosen, str address, int hours, str *ret_subject,
                str *ret_text)
{
    size_t at = chosen >= 0 && (size_t)chosen < ARRAY_LENGTH(texts) ? (size_t)chosen : 0;
    const char *mark = strstr(texts[at].after, "%d");
    *ret_subject = str_from(texts[at].subject);
    *ret_text = str_printf(arena, "%s%.*s%.*s%d%s", texts[at].before, STR_ARG(address),
                           (int)(mark - texts[at].after), texts[at].after, hours, mark + 2);
}
