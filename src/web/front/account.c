/* Routes, navigation and common steps of a person's account. */
#include "web/front/account.h"


#define PAGE .kind = ROUTE_PAGE
#define OWN PAGE, .guard = GUARD_SIGNED_IN
#define HASHES .post_lane = LANE_HEAVY /* a password: slow, and 64 MiB each */

const struct route account_routes[] = {
    {"/account/sign-in", account_sign_in, LANE_QUICK, false, "account.sign_in",
     "Sign in with name and password.", PAGE, .post = account_sign_in_post, HASHES},
    {"/account/sign-in/code", account_sign_in, LANE_QUICK, false, "account.code",
     "The second factor.", PAGE, .post = account_code_post},
    {"/account/sign-out", NULL, LANE_QUICK, false, "account.sign_out", "End this session.", PAGE,
     .post = account_sign_out},
    {"/account/confirm", account_confirm, LANE_QUICK, false, "account.confirm",
     "Prove the password again before something dangerous.", OWN, .post = account_confirm_post, HASHES},
    {"/account/forgotten", account_forgotten, LANE_QUICK, false, "account.forgotten",
     "Ask for a link to set a new password.", PAGE, .post = account_forgotten_post},
    {"/account/link/{}", account_link, LANE_QUICK, false, "account.link",
     "Set a password with a one-time link.", PAGE, .post = account_link_post, HASHES, .hides_path = true},
    {"/account/invitation/{}", account_invitation, LANE_QUICK, false, "account.invitation",
     "Make an account by an invitation.", PAGE, .post = account_invitation_post, HASHES, .hides_path = true},
    {"/account", account_profile, LANE_QUICK, false, "account.profile", "Name and e-mail address.",
     OWN, .post = account_profile_post},
    {"/account/password", account_password, LANE_QUICK, false, "account.password",
     "Change the password.", OWN, .post = account_password_post, HASHES},
    {"/account/sessions", account_sessions, LANE_QUICK, false, "account.sessions",
     "Where one is signed in.", OWN},
    {"/account/sessions/end", NULL, LANE_QUICK, false, "account.session_end", "End one session.",
     OWN, .post = account_session_end, .recent = true},
    {"/account/sessions/end-others", NULL, LANE_QUICK, false, "account.sessions_end_others",
     "End all sessions but this one.", OWN, .post = account_sessions_end_others, .recent = true},
    {"/account/keys", account_keys, LANE_QUICK, false, "account.keys", "API keys.", OWN,
     .post = account_key_make, .recent = true},
    {"/account/keys/uses", account_key_uses, LANE_QUICK, false, "account.key_uses", "Calls by API key and day.", OWN},
    {"/account/keys/revoke", NULL, LANE_QUICK, false, "account.key_revoke", "Revoke an API key.",
     OWN, .post = account_key_revoke, .recent = true},
    {"/account/second-factor", account_second_factor, LANE_QUICK, false, "account.second_factor",
     "Codes of an app beside the password.", OWN, .post = account_second_factor_enable,
     .recent = true},
    {"/account/second-factor/disable", NULL, LANE_QUICK, false, "account.second_factor_disable",
     "Sign in with the password alone again.", OWN, .post = account_second_factor_disable,
     .recent = true},
    {"/account/second-factor/recovery", NULL, LANE_QUICK, false, "account.second_factor_recovery",
     "New recovery codes.", OWN, .post = account_second_factor_recovery, .recent = true},
};
const size_t account_route_count = ARRAY_LENGTH(account_routes);

const struct tpl_binding *const account_templates[] = {
    &sign_in_template,  &code_template,     &confirm_template,  &forgotten_template,
    &forgotten_done_template, &link_template, &invitation_template, &profile_template, &password_template,
    &sessions_template, &keys_template,     &key_uses_template, &second_factor_template};
const size_t account_template_count = ARRAY_LENGTH(account_templates);

/* ---- navigation ---- */

static const struct navigation_entry entries[] = {
    {"/account", MSG_ACCOUNT_PROFILE_TITLE},
    {"/account/password", MSG_ACCOUNT_PASSWORD_TITLE},
    {"/account/second-factor", MSG_ACCOUNT_SECOND_FACTOR_TITLE},
    {"/account/sessions", MSG_ACCOUNT_SESSIONS_TITLE},
    {"/account/keys", MSG_ACCOUNT_KEYS_TITLE},
};

struct tpl_list account_navigation(struct call *call, const char *address)
{
    return navigation_list(call, entries, ARRAY_LENGTH(entries), address);
}

/* ---- common steps ---- */

enum err account_done(struct call *call, enum message message, str path)
{
    TRY(session_set_flash(call->scope, call->app->identity, call->session->row,
                          str_from(message_key(message))));
    page_redirect(call, path);
    return ERR_OK;
}

enum message account_password_fault(enum password_fault fault)
{
    switch (fault) {
    case PASSWORD_GOOD:
        break;
    case PASSWORD_SHORT:
        return MSG_PASSWORD_FAULT_SHORT;
    case PASSWORD_LONG:
        return MSG_PASSWORD_FAULT_LONG;
    case PASSWORD_COMMON:
        return MSG_PASSWORD_FAULT_COMMON;
    case PASSWORD_LIKE_NAME:
        return MSG_PASSWORD_FAULT_LIKE_NAME;
    case PASSWORD_NOT_TEXT:
        return MSG_PASSWORD_FAULT_NOT_TEXT;
    }
    return MESSAGE_NONE;
}
