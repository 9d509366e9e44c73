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
/**
 * Rows of one action, or of all when it is empty, latest first. before: only rows older than that id,
 * 0: from the newest. *ret_oldest: id of the last row given, 0 without any.
 */
enum err audit_search(struct scope *scope, struct identity *identity, str action, int64_t before,
                      size_t limit, const struct audit_row **ret_rows, size_t *ret_count,
                      int64_t *ret_oldest) must_check;

#endif
