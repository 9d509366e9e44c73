/*
 * Who is asking: nobody known, a person with a session, or a program with an API key. Made once per
 * request; everything that is allowed or refused is decided from it.
 */
#ifndef DOMAIN_IDENTITY_ACTOR_H
#define DOMAIN_IDENTITY_ACTOR_H

#include "base/clock.h"
#include "base/scope.h"

/* What a user may do in the whole portal; each may do all that those before may. */
enum role {
    ROLE_READER,       /* sees what is shared with him or his groups */
    ROLE_EDITOR,       /* describes datasets that he was given the right for */
    ROLE_PUBLISHER,    /* creates datasets and publishes them */
    ROLE_ADMINISTRATOR /* everything, for every dataset and user */
};

/* The command line is whoever may read the data directory: an administrator without an account. */
enum actor_kind { ACTOR_ANONYMOUS, ACTOR_SESSION, ACTOR_KEY, ACTOR_COMMAND_LINE };

/* What a key may be used for; a session has all. */
enum key_scope {
    SCOPE_READ = 1,    /* read what its user may read */
    SCOPE_WRITE = 2,   /* change what its user may change */
    SCOPE_ALL = 3
};

#define CALLS_DEFAULT (-1)

struct actor {
    enum actor_kind kind;
    int64_t user;              /* id; 0: anonymous */
    str name;                  /* sign-in name */
    str display_name;
    enum role role;
    const int64_t *groups;     /* ids, ascending */
    size_t group_count;
    unsigned scopes;           /* of enum key_scope */
    int64_t key;               /* id of the API key; 0: none */
    int64_t session;           /* row of the session; 0: none */
    bool has_second_factor;    /* sessions only */
    usec authenticated;        /* when the password was last proved; 0: never, as with keys */
    int64_t calls;             /* of the API that he has a day; CALLS_DEFAULT: what the settings say; 0: no limit */
    int64_t key_calls;         /* of them by this key alone; 0: no limit */
};

extern const struct actor actor_anonymous;
extern const struct actor actor_command_line;

static inline bool actor_is_known(const struct actor *actor)
{
    return actor->kind != ACTOR_ANONYMOUS;
}

/** Whether the actor's role is at least this one. */
static inline bool actor_has_role(const struct actor *actor, enum role role)
{
    return actor_is_known(actor) && actor->role >= role;
}

/** "reader" … "administrator", as stored and as on the command line. */
const char *role_name(enum role role);
bool role_find(str name, enum role *ret_role);

#endif
