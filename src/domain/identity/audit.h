/*
 * The audit log: who did what and when. The actions are those of audit.def.
 */
#ifndef DOMAIN_IDENTITY_AUDIT_H
#define DOMAIN_IDENTITY_AUDIT_H

#include "domain/identity/identity.h"

struct audit_row {
    usec at;
    str actor;    /* sign-in name, "command line" or "" */
    int64_t id;
    str action;   /* "sign_in", "user.disable", … a key of audit.def */
    str subject;  /* what it was done to: a user, dataset, key name */
    str detail;   /* never a secret */
    str network;
};

/** Adds a row; failures are logged, never returned: an audit must not stop the act. */
void audit_add(struct scope *scope, struct identity *identity, const struct actor *by,
               const struct origin *origin, const char *action, str subject, str detail);
/** The same for work that is done later in the name of somebody, by who has only the catalogue. */
void audit_add_work(struct catalog *catalog, const struct actor *by, const char *action, str subject, str detail);
/** What an action means, in English; NULL: not of audit.def. */
const char *audit_documentation(str action);
/** The actions of audit.def one by one; NULL behind the last. */
const char *audit_action_key(size_t at);
/* What rows are looked for; empty and 0: any. */
struct audit_filter {
    str actor;    /* a sign-in name, with what its keys did; "command line" */
    str action;   /* a key of audit.def, or the part before the dot: "user" */
    str subject;
    str network;  /* as rows have it */
    bool of_datasets; /* only what was done to datasets and their rules */
    usec from;    /* instants: at or after … */
    usec until;   /* … and before */
    usec before_at; /* of a place in the list: only rows after it. 0: from the newest */
    int64_t before_id;
};

/** Rows that fit, latest first; at most limit. Each filter has an index. Errors: ERR_DATABASE. */
enum err audit_search(struct scope *scope, struct identity *identity, const struct audit_filter *filter,
                      size_t limit, const struct audit_row **ret_rows, size_t *ret_count) must_check;

#endif
