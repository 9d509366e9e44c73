/* How the portal works: mail, who may embed, for how long things are kept. */
#include "platform/mail/mail.h"
#include "web/back/site.h"
#include "web/shell/site_mail.h"

#define PASSWORD_MOST 1000

/* ---- mail ---- */

static str text_of(const char *text)
{
    return text ? str_from(text) : S("");
}

static void check_mail(struct office_form *form, struct form_field *url, struct form_field *from,
                       struct form_field *password)
{
    struct call *call = form->call;
    if (url->value.n == 0) {
        return; /* no mail */
    }
    if (!mail_url_is_valid(url->value)) {
        form_fault(form, url, office_say(call, MSG_BACKOFFICE_SITE_FAULT_RELAY));
    }
    if (!mail_address_is_valid(from->value)) {
        form_fault(form, from, office_say(call, MSG_BACKOFFICE_SITE_FAULT_ADDRESS));
    }
    if (password->value.n > PASSWORD_MOST) {
        form_fault(form, password, office_tell(call, MSG_BACKOFFICE_SITE_FAULT_LONG, ARG_INT("most", PASSWORD_MOST)));
    }
}

enum err back_site_mail(struct call *call)
{
    const struct site_mail *mail = &call->site->mail;
    const struct site_section *section = site_section_find(S("mail"));
    struct office_form *form = site_form_make(call, section);
    struct form_field *url = form_line(form, "url", MSG_BACKOFFICE_SITE_RELAY, MSG_BACKOFFICE_SITE_RELAY_HINT, text_of(mail->url));
    struct form_field *from = form_line(form, "from", MSG_BACKOFFICE_SITE_SENDER, MESSAGE_NONE, text_of(mail->from));
    struct form_field *user = form_line(form, "user", MSG_BACKOFFICE_SITE_USER, MSG_BACKOFFICE_SITE_USER_HINT, text_of(mail->user));
    struct form_field *password = form_line(
        form, "password", MSG_BACKOFFICE_SITE_PASSWORD,
        mail->password ? MSG_BACKOFFICE_SITE_PASSWORD_KEPT : MSG_BACKOFFICE_SITE_PASSWORD_NONE, S(""));
    struct form_field *drop = form_checks(form, "drop_password", MSG_BACKOFFICE_SITE_PASSWORD_DROP, MESSAGE_NONE);
    password->type = S("password");
    password->autocomplete = S("new-password");
    form_choice(form, drop, S("1"), office_say(call, MSG_BACKOFFICE_SITE_PASSWORD_DROP_YES), S(""), false);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    check_mail(form, url, from, password);
    json_t *value = json_object();
    if (url->value.n) {
        site_put(value, "url", site_text(url->value));
        site_put(value, "from", site_text(from->value));
        site_put(value, "user", user->value.n ? site_text(user->value) : NULL);
    }
    /* A password belongs to one relay and one user: it does not go to others. */
    bool is_same = mail->url && str_eq(url->value, text_of(mail->url)) && str_eq(user->value, text_of(mail->user));
    str secret = password->value.n ? str_copy(&call->scope->arena, password->value)
                 : !is_same || form_is_chosen(drop, S("1")) ? S("")
                                                              : STR_NONE;
    password->value = S(""); /* never shown again */
    enum err result = site_form_save(form, section, &value, secret);
    site_use_mail(call->app);
    return result;
}

enum err back_site_mail_test(struct call *call)
{
    struct user user;
    str back = S("/backoffice/site/mail");
    TRY(user_get(call->scope, call->app->identity, call->actor->user, &user));
    if (!office_is_post(call)) {
        return form_confirm(call, SECTION_SITE, office_say(call, MSG_BACKOFFICE_SITE_TEST_TITLE),
                            office_tell(call, MSG_BACKOFFICE_SITE_TEST_TEXT,
                                        ARG_TEXT("address", user.email.n ? user.email : S("–"))),
                            office_say(call, MSG_BACKOFFICE_SITE_TEST_SUBMIT), back, S(""));
    }
    enum err result = user.email.n ? identity_test_mail(call->scope, call->app->identity, user.email, call->site->name,
                                                        call->language)
                                   : fail(call->scope, ERR_REQUEST, "no address");
    if (result != ERR_OK) {
        str reason = call->scope->failure.message;
        str said = user.email.n == 0         ? office_say(call, MSG_BACKOFFICE_SITE_TEST_NO_ADDRESS)
                   : !call->site->sends_mail ? office_say(call, MSG_BACKOFFICE_SITE_TEST_NO_RELAY)
                                             : office_tell(call, MSG_BACKOFFICE_SITE_TEST_FAILED, ARG_TEXT("reason", reason));
        scope_forgive(call->scope);
        return form_confirm(call, SECTION_SITE, office_say(call, MSG_BACKOFFICE_SITE_TEST_TITLE),
                            office_tell(call, MSG_BACKOFFICE_SITE_TEST_TEXT, ARG_TEXT("address", user.email)),
                            office_say(call, MSG_BACKOFFICE_SITE_TEST_SUBMIT), back, said);
    }
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "site.mail_test", call->actor->name, S(""));
    return office_done(call, back, MSG_BACKOFFICE_SITE_TEST_DONE);
}

/* ---- embeds ---- */

/* As it was typed, not as the header has it. */
static str stored_text(struct call *call, enum site_member member)
{
    json_t *value cleanup_with(json_cleanup) = json_loadb(call->site->values[member].text.p ? call->site->values[member].text.p : "",
                                                          call->site->values[member].text.n, JSON_DECODE_ANY, NULL);
    return str_copy(&call->scope->arena, json_read_text(value));
}

enum err back_site_embeds(struct call *call)
{
    const struct site_section *section = site_section_find(S("embeds"));
    struct office_form *form = site_form_make(call, section);
    struct form_field *sites = form_line(form, "embed_ancestors", MSG_BACKOFFICE_SITE_ANCESTORS,
                                         MSG_BACKOFFICE_SITE_ANCESTORS_HINT,
                                         stored_text(call, SITE_MEMBER_EMBED_ANCESTORS));
    if (!office_is_post(call)) {
        return form_send(form);
    }
    if (sites->value.n == 0 || !site_ancestors(&call->scope->arena, sites->value).p) {
        form_fault(form, sites, office_say(call, MSG_BACKOFFICE_SITE_FAULT_ANCESTORS));
    }
    json_t *value = site_text(sites->value);
    return site_form_save(form, section, &value, STR_NONE);
}

/* ---- retention ---- */

static struct form_field *add_number(struct office_form *form, const char *name, enum message label,
                                     enum message hint, int64_t value)
{
    struct form_field *field =
        form_line(form, name, label, hint, str_printf(&form->call->scope->arena, "%lld", (long long)value));
    field->type = S("number");
    return field;
}

enum err back_site_retention(struct call *call)
{
    const struct site_retention *now = &call->site->retention;
    const struct site_section *section = site_section_find(S("retention"));
    struct office_form *form = site_form_make(call, section);
    struct form_field *audit = add_number(form, "audit_days", MSG_BACKOFFICE_SITE_AUDIT_DAYS,
                                          MSG_BACKOFFICE_SITE_DAYS_HINT, now->audit_days);
    struct form_field *jobs = add_number(form, "job_days", MSG_BACKOFFICE_SITE_JOB_DAYS,
                                         MSG_BACKOFFICE_SITE_DAYS_HINT, now->job_days);
    struct form_field *versions = add_number(form, "versions", MSG_BACKOFFICE_SITE_VERSIONS,
                                             MSG_BACKOFFICE_SITE_VERSIONS_HINT, now->versions);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    json_t *value = json_object();
    site_put(value, "audit_days", json_integer(site_number(form, audit, 0, 36500, now->audit_days)));
    site_put(value, "job_days", json_integer(site_number(form, jobs, 0, 36500, now->job_days)));
    site_put(value, "versions", json_integer(site_number(form, versions, 1, 1000, now->versions)));
    return site_form_save(form, section, &value, STR_NONE);
}
