/* What the pages about people and permissions share. */
#ifndef WEB_BACK_SECURITY_H
#define WEB_BACK_SECURITY_H

#include "domain/identity/access.h"
#include "domain/identity/invitation.h"
#include "domain/identity/limit.h"
#include "web/back/routes.h"

call_handler back_access, back_access_moved, back_access_tab, back_access_rule, back_access_remove;
call_handler back_view_as, back_view_as_end;
call_handler back_invitations, back_invitation_new, back_invitation_send, back_invitation_revoke;
call_handler back_keys, back_key_revoke, back_key_limit, back_user_limit, back_group_limit;
call_handler back_sessions, back_session_end;
call_handler back_audit, back_audit_csv, back_audit_jsonl;

extern const struct tpl_binding access_template, access_tab_template, invitations_template,
    invitation_link_template, keys_overview_template, sessions_overview_template, audit_template;

/** What somebody without a name sees of a dataset by its rules; ret_kind: classes of its tag. */
enum message office_access_state(const struct access_rule *rules, size_t count, str *ret_kind);

/** Answers with the rules of a dataset. user, user_fault: what was typed for a new rule, and what is wrong. */
enum err office_show_rules(struct call *call, const struct dataset *dataset, str user, str user_fault);

/** The groups as choices, by id. */
enum err office_group_choices(struct office_form *form, struct form_field *field) must_check;

/** The chosen ids of such a field, in the arena. */
const int64_t *office_chosen_groups(const struct office_form *form, const struct form_field *field, size_t *ret_count);

/** A field for calls a day, which may be empty. calls: CALLS_DEFAULT for empty. */
struct form_field *office_calls_field(struct office_form *form, enum message hint, int64_t calls);

/** What was typed into it; false: no number, and a fault is beside it. */
bool office_read_calls(struct office_form *form, struct form_field *field, int64_t *ret_calls);

/** "1,000", "No limit", or what there is by default. */
str office_calls(const struct call *call, int64_t calls, enum message by_default);

#endif
