/*
 * Quotas: calls of the API per day (UTC) of one caller, and of all together (explore-api.md 1.2, 1.3,
 * 7.3). Kept in memory, bounded; a restart begins the day anew. A caller is a user, or for those who are
 * not known a network of 24 or 64 bits, of which only a hash under a key of this process is kept. A user or
 * the key may have a limit of his own (identity/limit.h).
 */
#ifndef WEB_SHELL_QUOTA_H
#define WEB_SHELL_QUOTA_H

#include "base/clock.h"
#include "domain/identity/actor.h"

struct quotas;

struct quota_limits {
    int64_t portal;    /* calls a day of all callers together; 0: no limit */
    int64_t anonymous; /* of one network */
    int64_t user;      /* of one user, with session or keys together, unless he has a limit of his own */
};

struct quota_answer {
    bool limited;      /* a limit applies: the numbers below are set */
    bool refused;
    bool by_portal;    /* it is the portal's limit that refuses */
    int64_t limit, remaining;
    int64_t calls;     /* made today; of quota_look */
    usec reset;        /* next midnight, UTC */
};

struct quotas *quotas_open(const struct quota_limits *limits);
void quotas_close(struct quotas *quotas);

/** Whether anything is limited for callers who are not known: then their calls must be counted. */
bool quotas_limit_anonymous(const struct quotas *quotas);

/** Counts a call of a caller and says whether it may go on. Any thread; never blocks for long. */
struct quota_answer quota_take(struct quotas *quotas, const struct actor *actor, str network);

/** What a user's limit is, how many calls he made today on this node, and how many are left. Counts nothing. */
struct quota_answer quota_look(struct quotas *quotas, const struct actor *actor);

#endif
