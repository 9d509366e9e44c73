/*
 * Sessions: what a sign-in gives a browser (cookies-and-privacy.md 1.2, 7.2).
 */
#ifndef DOMAIN_IDENTITY_SESSION_H
#define DOMAIN_IDENTITY_SESSION_H

#include "domain/identity/access.h"
#include "domain/identity/identity.h"

struct session_start {
    str id;               /* for the cookie; nowhere stored in clear */
    int64_t max_age;      /* of the cookie, seconds, at most SESSION_REMEMBERED_IDLE; 0: until the browser closes */
    int64_t user;
    bool is_new_device;   /* signed in before, but never from this browser label and network */
};

struct session {
    struct actor actor;
    int64_t row;              /* names the session in lists; not the id */
    bool remembered;
    str label;                /* of the browser that signed in, as device_label gives it */
    str flash;                /* one message for the next page; taken by session_take_flash */
    bool has_view;            /* it sees the portal as somebody else does: view_as.h, as stored */
    enum access_subject view_kind;
    int64_t view_subject;
    str view_dataset;
};

/**
 * The session of an id as the cookie has it. Ids of another form are refused without a look-up. Updates
 * "last seen" at most once a minute. *ret_found false: none, ended, expired, or the user is inactive.
 */
enum err session_find(struct scope *scope, struct identity *identity, str id, bool *ret_found,
                      struct session *ret_session) must_check;
/** Whether a request comes from a browser of the same family, on the same system, as the one that signed in. */
bool session_fits(struct arena *arena, const struct session *session, const struct origin *origin);
enum err session_end(struct scope *scope, struct identity *identity, str id) must_check;
/** Proves the password again: new id, old id ends. *ret_right false: wrong or throttled. */
enum err session_confirm(struct scope *scope, struct identity *identity, const struct origin *origin,
                         str id, str password, bool *ret_right, struct session_start *ret_session) must_check;
/** New id for a session, without a proof: at changes of privilege. Errors: ERR_NO_SESSION (it has ended). */
enum err session_renew(struct scope *scope, struct identity *identity, str id,
                       struct session_start *ret_session) must_check;
enum err session_set_flash(struct scope *scope, struct identity *identity, int64_t row, str text) must_check;
enum err session_take_flash(struct scope *scope, struct identity *identity, int64_t row, str *ret_text) must_check;

struct session_row {
    int64_t row;
    str label;        /* "Firefox on Linux" */
    str network;      /* "192.0.2.0/24" */
    usec created, last_seen, expires;
    bool is_current;
    int64_t user;     /* whose it is */
    str name;         /* his sign-in name */
};

/** Sessions of a user, latest use first. current: row of the one that asks. */
enum err session_list(struct scope *scope, struct identity *identity, int64_t user, int64_t current,
                      const struct session_row **ret_rows, size_t *ret_count) must_check;
/** Sessions of all users, latest use first. current: row of the one that asks. */
enum err session_list_all(struct scope *scope, struct identity *identity, int64_t current,
                          const struct session_row **ret_rows, size_t *ret_count) must_check;
/** Ends one session of a user. Errors: ERR_NO_SESSION. */
enum err session_end_row(struct scope *scope, struct identity *identity, const struct actor *by,
                         int64_t user, int64_t row) must_check;
/** Ends all sessions of a user but one (0: all). */
enum err session_end_others(struct scope *scope, struct identity *identity, const struct actor *by,
                            int64_t user, int64_t except_row, int64_t *ret_ended) must_check;

#endif
