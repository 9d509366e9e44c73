/* People and permissions: access to datasets, seeing as others do, invitations, keys, sessions, the audit log. */
#include "base/attr.h"
#include "web/back/security.h"

/* A form of daily work that proves the password lately, when a person sends it. */
#define DANGEROUS_WORK(pattern, handle, title, what) WORK(GUARD_SIGNED_IN, pattern, handle, title, what), .recent = true
#define ACCESS "/backoffice/datasets/{}/access"

static const struct route routes[] = {
    {PAGE_FOR(GUARD_SIGNED_IN, ACCESS, back_access_tab, "back.access_tab",
              "The rules of one dataset, and what each gives."), .keys = true},
    {DANGEROUS_WORK(ACCESS "/rule", back_access_rule, "back.access_rule",
                    "What everybody, a group or a user may do with a dataset.")},
    {DANGEROUS_WORK(ACCESS "/remove", back_access_remove, "back.access_remove", "Remove a rule.")},
    {PAGE("/backoffice/access", back_access, "back.access", "Datasets and who may see them.")},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/access/{}", back_access_moved, "back.access_moved",
              "Where the rules of a dataset were.")},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/access/{}/rule", back_access_moved, "back.access_rule_moved",
              "Where a rule was.")},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/access/{}/remove", back_access_moved, "back.access_remove_moved",
              "Where a rule was removed.")},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/view-as", back_view_as, "back.view_as",
              "See the portal, or one dataset, as others do."), .post = back_view_as},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/view-as/end", NULL, "back.view_as_end",
              "See the portal as oneself again."), .post = back_view_as_end},
    {PAGE("/backoffice/invitations", back_invitations, "back.invitations", "Who is invited.")},
    {FORM("/backoffice/invitations/new", back_invitation_new, "back.invitation_new", "Invite somebody.")},
    {FORM("/backoffice/invitations/{}/send", back_invitation_send, "back.invitation_send",
          "A new link for an invitation.")},
    {FORM("/backoffice/invitations/{}/revoke", back_invitation_revoke, "back.invitation_revoke",
          "Take an invitation back.")},
    {PAGE("/backoffice/keys", back_keys, "back.keys", "The API keys of all users.")},
    {FORM("/backoffice/keys/{}/revoke", back_key_revoke, "back.key_revoke", "Revoke an API key.")},
    {FORM("/backoffice/keys/{}/limit", back_key_limit, "back.key_limit", "Calls a day of an API key.")},
    {FORM("/backoffice/users/{}/limit", back_user_limit, "back.user_limit", "Calls a day of a user.")},
    {FORM("/backoffice/groups/{}/limit", back_group_limit, "back.group_limit", "Calls a day of a group's members.")},
    {PAGE("/backoffice/sessions", back_sessions, "back.sessions", "The sessions of all users.")},
    {FORM("/backoffice/sessions/{}/end", back_session_end, "back.session_end", "End a session.")},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/audit", back_audit, "back.audit", "Who did what and when.")},
    {"/backoffice/audit.csv", back_audit_csv, LANE_BULK, false, "back.audit_csv", "The same as a file, CSV.",
     .kind = ROUTE_PAGE, .guard = GUARD_SIGNED_IN, .office = true},
    {"/backoffice/audit.jsonl", back_audit_jsonl, LANE_BULK, false, "back.audit_jsonl",
     "The same as a file, JSON Lines.", .kind = ROUTE_PAGE, .guard = GUARD_SIGNED_IN, .office = true},
};

static const struct tpl_binding *const templates[] = {
    &access_template,        &access_tab_template,        &invitations_template, &invitation_link_template,
    &keys_overview_template, &sessions_overview_template, &audit_template};

const struct office_part security_part = {routes, ARRAY_LENGTH(routes), templates, ARRAY_LENGTH(templates)};
