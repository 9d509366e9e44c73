/*
 * Seeing the portal as somebody else does: a state of one session, kept beside its row, so that it ends with it.
 * Administrators see the whole portal as everybody, a group or a user sees it; who may change the rules of
 * a dataset sees that dataset alone, and never more of it than he may himself. What he may do stays as it is.
 */
#ifndef DOMAIN_IDENTITY_VIEW_AS_H
#define DOMAIN_IDENTITY_VIEW_AS_H

#include "domain/identity/access.h"
#include "domain/identity/session.h"

struct view_as {
    enum access_subject kind;
    int64_t subject;    /* of the group or user; 0: everybody */
    str name;           /* of the group or user */
    str dataset;        /* uid of the only one that is seen; empty: the whole portal */
    struct actor actor; /* who sees it so; may do nothing else */
};

/**
 * Begins for a session of actor. dataset: id or uid; empty: the whole portal. Only administrators may have that,
 * and a user's view. Written into the audit log.
 * Errors: ERR_DENIED, ERR_NO_DATASET, ERR_NO_GROUP, ERR_NO_USER.
 */
enum err view_as_begin(struct scope *scope, struct identity *identity, struct access *access,
                       const struct actor *actor, const struct origin *origin,
                       enum access_subject kind, str name, str dataset) must_check;

/** Ends it, if there is one. */
enum err view_as_end(struct scope *scope, struct identity *identity, const struct actor *actor,
                     const struct origin *origin) must_check;

/**
 * As whom a session sees the portal. *ret_is false: as himself; also when what was chosen is not there any more
 * or not his to choose, which ends it.
 */
enum err view_as_find(struct scope *scope, struct identity *identity, struct access *access,
                      const struct session *session, bool *ret_is, struct view_as *ret_view) must_check;

/** What is seen so, as access_snapshot gives it. own: of whose session it is. Errors: as access_snapshot. */
enum err view_as_snapshot(struct scope *scope, struct access *access, const struct actor *own,
                          const struct view_as *view, const struct snapshot **ret_snapshot) must_check;

#endif
