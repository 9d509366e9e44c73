/* What the pages of a person's account share. */
#ifndef WEB_FRONT_ACCOUNT_H
#define WEB_FRONT_ACCOUNT_H

#include "domain/identity/api_key.h"
#include "domain/identity/link.h"
#include "domain/identity/second_factor.h"
#include "domain/identity/sign_in.h"
#include "web/shell/faults.h"
#include "web/shell/navigation.h"
#include "web/shell/page.h"
#include "web/shell/route.h"

extern const struct route account_routes[];
extern const size_t account_route_count;
extern const struct tpl_binding *const account_templates[];
extern const size_t account_template_count;

/* ---- handlers ---- */

call_handler account_sign_in, account_sign_in_post, account_code_post, account_sign_out;
call_handler account_confirm, account_confirm_post;
call_handler account_forgotten, account_forgotten_post, account_link, account_link_post;
call_handler account_invitation, account_invitation_post;
call_handler account_profile, account_profile_post, account_password, account_password_post;
call_handler account_sessions, account_session_end, account_sessions_end_others;
call_handler account_keys, account_key_make, account_key_revoke, account_key_uses;
call_handler account_second_factor, account_second_factor_enable, account_second_factor_disable,
    account_second_factor_recovery;

extern const struct tpl_binding sign_in_template, code_template, confirm_template,
    forgotten_template, forgotten_done_template, link_template, invitation_template, profile_template,
    password_template, sessions_template, keys_template, key_uses_template, second_factor_template;

/* ---- navigation beside the content ---- */

/** The pages of the account, with the one at address marked. */
struct tpl_list account_navigation(struct call *call, const char *address);

/* ---- what several do ---- */

/** 303 to a path with a message for the next page. */
enum err account_done(struct call *call, enum message message, str path) must_check;

/** Message for a fault of a new password; MESSAGE_NONE when it is good. */
enum message account_password_fault(enum password_fault fault);

/** Leads whoever has just set a password to sign in, and from there to where the role works. */
void account_welcome(struct call *call, enum role role);

#endif
