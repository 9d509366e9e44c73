/*
 * Accounts, sessions, API keys and what protects them. State lives in the catalogue's database;
 * secrets of the installation are files of mode 0600 in the data directory. No password, key,
 * session id or token is stored or logged in clear.
 * Source: cookies-and-privacy.md 1.2, 7.1, 7.2, 7.5.
 */
#ifndef DOMAIN_IDENTITY_IDENTITY_H
#define DOMAIN_IDENTITY_IDENTITY_H

#include "domain/catalog/catalog.h"
#include "domain/identity/actor.h"
#include "platform/crypto/crypto.h"
#include "platform/db/db.h"
#include "platform/i18n/locale.h"

struct identity;

struct identity_options {
    usec idle;                 /* a session ends so long after its last request … */
    usec absolute;             /* … and so long after sign-in, whatever happens */
    usec remembered_idle;      /* the same with "remember me" */
    usec remembered_absolute;
    usec recent;               /* how long a proof of the password allows dangerous actions */
    const char *smtp_url;      /* NULL: no mail is sent */
    const char *smtp_from;
    const char *smtp_user;     /* NULL: no sign-in at the relay */
    const char *smtp_password_file;
    str public_url;            /* links in mail begin with it; without one none is sent */
};

/* Settings' defaults. */
#define SESSION_IDLE (2 * 3600 * USEC_SECOND)
#define SESSION_ABSOLUTE (12 * 3600 * USEC_SECOND)
#define SESSION_REMEMBERED_IDLE (14 * 86400 * USEC_SECOND)
#define SESSION_REMEMBERED_ABSOLUTE (30 * 86400 * USEC_SECOND)
#define SESSION_RECENT (15 * 60 * USEC_SECOND)

#define SESSION_ID_SYMBOLS 32 /* of a-z0-9, as Django's */
#define CSRF_SECRET_SYMBOLS 32 /* see privacy/csrf.h */

/**
 * Makes the tables where missing, reads the secrets. options are copied. Undone by identity_close.
 * Errors: ERR_FILE, ERR_DATABASE, ERR_USAGE (settings for mail).
 */
enum err identity_open(struct scope *scope, struct catalog *catalog,
                       const struct identity_options *options, struct identity **ret_identity) must_check;
void identity_close(struct identity *identity);

/** How long a proof of the password allows dangerous actions. */
usec identity_recent(const struct identity *identity);

/** Reads the master key of a data directory, or makes it, without opening anything else. Errors: ERR_FILE. */
enum err identity_master(struct scope *scope, const char *data_directory,
                         uint8_t ret_master[SECRET_BYTES]) must_check;

/** A key of the installation for one purpose ("consent receipts"); the master key is DATA/secrets/master. */
void identity_key(const struct identity *identity, str purpose, uint8_t ret_key[SECRET_BYTES]);

/**
 * For the start of the server: when there is no active administrator with a password, makes the user
 * "admin" with that role if he is missing ("admin-2" … when somebody else has the name), and a fresh link
 * for him (INVITATION_LIFETIME); else *ret_token is STR_NONE.
 */
enum err identity_first_link(struct scope *scope, struct identity *identity, str *ret_token) must_check;

/* Where a request comes from, as far as sessions, throttling and the audit log need to know. */
struct origin {
    str network;    /* /24 or /64, exchange_client_network */
    str user_agent; /* header; only a label of browser and system is kept */
};

/* ---- accounts ---- */

struct user {
    int64_t id;
    str name;          /* sign-in name: 1 to 150 of letters, digits and @.+-_ , unique without case */
    str display_name;
    str email;         /* may be empty */
    enum role role;
    bool active;
    bool has_password; /* false until the first link was used */
    bool has_second_factor;
    usec created;
    usec last_sign_in; /* 0: never */
    usec password_changed;
};

struct new_user {
    str name, display_name, email;
    enum role role;
};

/** Errors: ERR_USAGE (name, e-mail), ERR_CONFLICT (the name is taken). by: who did it, for the audit log. */
enum err user_add(struct scope *scope, struct identity *identity, const struct actor *by,
                  const struct new_user *user, int64_t *ret_id) must_check;
enum err user_list(struct scope *scope, struct identity *identity, const struct user **ret_users,
                   size_t *ret_count) must_check;
/** By id. Errors: ERR_NO_USER. */
enum err user_get(struct scope *scope, struct identity *identity, int64_t id, struct user *ret_user) must_check;
/** By sign-in name in any case. Errors: ERR_NO_USER. */
enum err user_find(struct scope *scope, struct identity *identity, str name, struct user *ret_user) must_check;
/** Disabling ends all sessions and keys of the user at once. Errors: ERR_NO_USER, ERR_CONFLICT (last administrator). */
enum err user_set_active(struct scope *scope, struct identity *identity, const struct actor *by,
                         int64_t id, bool active) must_check;
/** A change of role ends the user's sessions (new id at privilege change). Errors as user_set_active. */
enum err user_set_role(struct scope *scope, struct identity *identity, const struct actor *by,
                       int64_t id, enum role role) must_check;
enum err user_set_profile(struct scope *scope, struct identity *identity, const struct actor *by,
                          int64_t id, str display_name, str email) must_check;

/** Whether an active administrator with a password exists. */
enum err identity_has_administrator(struct scope *scope, struct identity *identity, bool *ret_has) must_check;

/* ---- passwords ---- */

enum password_fault { PASSWORD_GOOD, PASSWORD_SHORT, PASSWORD_LONG, PASSWORD_COMMON, PASSWORD_LIKE_NAME, PASSWORD_NOT_TEXT };

#define PASSWORD_SYMBOLS_LEAST 12 /* Unicode code points; ASVS 5.0 6.2.1 asks 8, recommends 15 */
#define PASSWORD_BYTES_MOST 1024

/** ASVS 5.0 6.2: length, lists of common passwords, own name; no rules of composition. */
enum password_fault password_check(const struct identity *identity, str name, str password);

/**
 * Changes a password, when old is right; ends links and all sessions of the user but actor->session. Call
 * session_renew afterwards, so that this one gets a new id too.
 * Errors: ERR_DENIED (old is wrong), ERR_REQUEST (fault), ERR_THROTTLED.
 */
enum err user_change_password(struct scope *scope, struct identity *identity, const struct origin *origin,
                              const struct actor *actor, str old, str password) must_check;

/* ---- one-time links: first administrator, invitation, reset ---- */

#define LINK_TOKEN_SYMBOLS 43
#define LINK_LIFETIME (3600 * USEC_SECOND)
#define INVITATION_LIFETIME (7 * 86400 * USEC_SECOND)

/** Makes a link's token for a user; earlier ones of his end. It dies with use, time, or a change of password. */
enum err link_make(struct scope *scope, struct identity *identity, const struct actor *by, int64_t user,
                   usec lifetime, str *ret_token) must_check;
/**
 * Sends a link that was made to its user by mail: an invitation to who has no password yet. Waits for the
 * relay. Errors: ERR_REQUEST (no mail is set up, no address), those of mail_send.
 */
enum err link_send(struct scope *scope, struct identity *identity, const struct user *user, str token,
                   usec lifetime, language language) must_check;
/** The user a token is for. Errors: ERR_NO_LINK (unknown, used, expired: not told apart). */
enum err link_find(struct scope *scope, struct identity *identity, str token, struct user *ret_user) must_check;
/** Sets the password, uses the token up, ends all sessions. Second factors stay. Errors: ERR_NO_LINK, ERR_REQUEST (fault). */
enum err link_use(struct scope *scope, struct identity *identity, const struct origin *origin, str token,
                  str password) must_check;
/**
 * Somebody says that he forgot the password of name (or e-mail). Sends mail with a link when there is such
 * a user and mail is set up, else logs an event that tells the administrator to run parvis user reset.
 * Same time and result in every case; throttled. language: of the mail.
 */
enum err link_request(struct scope *scope, struct identity *identity, const struct origin *origin,
                      str name, language language) must_check;

/* ---- signing in ---- */

struct sign_in {
    str name, password;
    str code;        /* second factor or recovery code; empty at first */
    bool remember;
    struct origin origin;
};

enum sign_in_result {
    SIGN_IN_DONE,
    SIGN_IN_REFUSED,       /* unknown user, wrong password, inactive, throttled: not told apart */
    SIGN_IN_NEEDS_CODE,    /* password right, second factor missing; pending holds a proof for 5 minutes */
    SIGN_IN_WRONG_CODE
};

struct session_start {
    str id;               /* for the cookie; nowhere stored in clear */
    str csrf_secret;      /* new; its hash is in the session */
    int64_t max_age;      /* of the cookie, seconds, at most SESSION_REMEMBERED_IDLE; 0: until the browser closes */
    int64_t user;
    bool is_new_device;   /* signed in before, but never from this browser label and network */
};

/**
 * Checks and starts a session. Throttled per account (known device and others apart) and per network with
 * growing waits up to 15 minutes: never a lock that others can cause. *ret_pending is for SIGN_IN_NEEDS_CODE;
 * sign_in_code continues with it. previous: id of a session that the browser had; it ends.
 * Errors: ERR_BUSY, ERR_DATABASE only; all else is in *ret_result.
 */
enum err sign_in(struct scope *scope, struct identity *identity, const struct sign_in *attempt,
                 str previous, enum sign_in_result *ret_result, struct session_start *ret_session,
                 str *ret_pending) must_check;
enum err sign_in_code(struct scope *scope, struct identity *identity, str pending,
                      const struct sign_in *attempt, str previous, enum sign_in_result *ret_result,
                      struct session_start *ret_session) must_check;

/* ---- sessions ---- */

struct session {
    struct actor actor;
    int64_t row;              /* names the session in lists; not the id */
    bool remembered;
    uint8_t csrf_digest[DIGEST_BYTES]; /* SHA-256 of the CSRF secret that belongs to it */
    str flash;                /* one message for the next page; taken by session_take_flash */
};

/**
 * The session of an id as the cookie has it. Ids of another form are refused without a look-up. Updates
 * "last seen" at most once a minute. *ret_found false: none, ended, expired, or the user is inactive.
 */
enum err session_find(struct scope *scope, struct identity *identity, str id, bool *ret_found,
                      struct session *ret_session) must_check;
enum err session_end(struct scope *scope, struct identity *identity, str id) must_check;
/** Proves the password again: new id and CSRF secret, old id ends. *ret_right false: wrong or throttled. */
enum err session_confirm(struct scope *scope, struct identity *identity, const struct origin *origin,
                         str id, str password, bool *ret_right, struct session_start *ret_session) must_check;
/** New id and CSRF secret for a session, without a proof: at changes of privilege. Errors: ERR_NO_SESSION (it has ended). */
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
};

/** Sessions of a user, latest use first. current: row of the one that asks. */
enum err session_list(struct scope *scope, struct identity *identity, int64_t user, int64_t current,
                      const struct session_row **ret_rows, size_t *ret_count) must_check;
/** Ends one session of a user. Errors: ERR_NO_SESSION. */
enum err session_end_row(struct scope *scope, struct identity *identity, const struct actor *by,
                         int64_t user, int64_t row) must_check;
/** Ends all sessions of a user but one (0: all). */
enum err session_end_others(struct scope *scope, struct identity *identity, const struct actor *by,
                            int64_t user, int64_t except_row, int64_t *ret_ended) must_check;

/* ---- second factor (RFC 6238) ---- */

/** A fresh secret, not yet in force: for the page that shows it. Base32. */
str second_factor_secret(struct arena *arena);
/** Whether text is a secret as second_factor_secret makes them. */
bool second_factor_is_secret(str text);
/** otpauth:// address of a secret, and its QR code as an SVG document with fill="currentColor". Long names are cut. */
str second_factor_address(struct arena *arena, str portal, str user, str secret);
str second_factor_svg(struct arena *arena, str address);
#define RECOVERY_CODES 10
/** Puts a secret in force when code is right for it; gives the recovery codes, shown this once. Errors: ERR_DENIED. */
enum err second_factor_enable(struct scope *scope, struct identity *identity, const struct actor *actor,
                              str secret, str code, str ret_recovery[RECOVERY_CODES]) must_check;
enum err second_factor_disable(struct scope *scope, struct identity *identity, const struct actor *by,
                               int64_t user) must_check;
enum err second_factor_recovery(struct scope *scope, struct identity *identity, const struct actor *actor,
                                str ret_recovery[RECOVERY_CODES]) must_check;

/* ---- API keys ---- */

struct api_key {
    int64_t id;
    str name;
    str prefix;       /* first 8 symbols, to recognise it by */
    unsigned scopes;
    usec created, expires /* 0: never */, last_used /* day; 0: never */, revoked /* 0: not */;
};

#define API_KEY_SYMBOLS 56 /* hex, as those of the reference (explore-api.md 7.1) */
#define API_KEYS_MOST 100  /* of one user, not counting revoked ones */

/** *ret_key is shown once. Errors: ERR_REQUEST (name empty or over 100 bytes), ERR_CONFLICT (too many). */
enum err api_key_make(struct scope *scope, struct identity *identity, const struct actor *actor, str name,
                      unsigned scopes, usec expires, str *ret_key) must_check;
enum err api_key_list(struct scope *scope, struct identity *identity, int64_t user,
                      const struct api_key **ret_keys, size_t *ret_count) must_check;
/** Errors: ERR_NO_KEY. */
enum err api_key_revoke(struct scope *scope, struct identity *identity, const struct actor *by,
                        int64_t user, int64_t key) must_check;
/** The actor of a key. Errors: ERR_KEY (unknown, revoked, expired, inactive user: not told apart). */
enum err api_key_find(struct scope *scope, struct identity *identity, str key, struct actor *ret_actor) must_check;

/* ---- audit ---- */

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
/** What an action means, in English; NULL: not of audit.def. */
const char *audit_documentation(str action);
/** The actions of audit.def one by one; NULL behind the last. */
const char *audit_action_key(size_t at);
/** Latest first; before: only rows older than that id, 0: from the newest. */
enum err audit_list(struct scope *scope, struct identity *identity, int64_t before, size_t limit,
                    const struct audit_row **ret_rows, size_t *ret_count, int64_t *ret_oldest) must_check;

/** As audit_list, of one action only; empty: of all. */
enum err audit_search(struct scope *scope, struct identity *identity, str action, int64_t before,
                      size_t limit, const struct audit_row **ret_rows, size_t *ret_count,
                      int64_t *ret_oldest) must_check;

/* ---- upkeep ---- */

/** Deletes expired sessions, links, throttle counters, old audit rows, in bounded batches. Call once a minute. */
void identity_upkeep(struct scope *scope, struct identity *identity);

#endif
