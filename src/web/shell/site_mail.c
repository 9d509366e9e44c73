#include "web/shell/site_mail.h"

#include "platform/mail/mail.h"

void site_use_mail(struct app *app)
{
    const struct site *site = site_current(app->sites);
    const struct mail_options relay = {site->mail.url, site->mail.from, site->mail.user, site->mail.password_file,
                                       site->mail.password};
    identity_use_mail(app->identity, &relay, site->language);
    site_unref(site);
}
