/*
 * Accounts, sessions, API keys and what protects them: opening it, its secrets, and cleaning up. What
 * each is for has a header of its own: user.h, link.h, sign_in.h, session.h, second_factor.h,
 * api_key.h, audit.h; group.h and access.h for permissions. State lives in the catalogue's database;
 * secrets of the installation are files of mode 0600 in the data directory. No password, key,
 * session id or token is stored or logged in clear.
 * Source: cookies-and-privacy.md 1.2, 7.1, 7.2, 7.5.
 */
#ifndef DOMAIN_IDENTITY_IDENTITY_H
#define DOMAIN_IDENTITY_IDENTITY_H

#include "domain/catalog/catalog.h"
#include "domain/identity/actor.h"
#include "platform/crypto/crypto.h"
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
    language language;         /* of the portal */
};

/* Settings' defaults. */
#define SESSION_IDLE (2 * 3600 * USEC_SECOND)
#define SESSION_ABSOLUTE (12 * 3600 * USEC_SECOND)
#define SESSION_REMEMBERED_IDLE (14 * 86400 * USEC_SECOND)
#define SESSION_REMEMBERED_ABSOLUTE (30 * 86400 * USEC_SECOND)
#define SESSION_RECENT (15 * 60 * USEC_SECOND)

#define SESSION_ID_SYMBOLS 32 /* of a-z0-9, as Django's */

/**
 * Makes the tables where missing, reads the secrets. options are copied. Undone by identity_close.
 * Errors: ERR_FILE, ERR_DATABASE, ERR_USAGE (settings for mail).
 */
enum err identity_open(struct scope *scope, struct catalog *catalog,
                       const struct identity_options *options, struct identity **ret_identity) must_check;
void identity_close(struct identity *identity);

/** Makes the tables where they are missing, in a transaction. */
enum err identity_make_tables(struct scope *scope, struct db_lease *lease) must_check;

/** Their names, in the order of their references; not the secrets. */
const struct stored_table *identity_tables(size_t *ret_count);

/* The secrets of an installation: the master key, and the one that was it before, which may open what is old. */
enum { SECRET_MASTER, SECRET_FORMER, SECRET__COUNT };

/** Reads one of the secrets from where a store keeps it; false: it is not there. Errors: ERR_FILE, ERR_DATABASE. */
enum err identity_secret(struct scope *scope, const struct store *store, struct db_lease *lease,
                         int which, uint8_t ret_secret[SECRET_BYTES], bool *ret_found) must_check;

/** Puts one there, in place of another, in the transaction of a lease where that is the database. Errors: the same. */
enum err identity_secret_put(struct scope *scope, const struct store *store, struct db_lease *lease,
                             int which, const uint8_t secret[SECRET_BYTES]) must_check;

struct mail_options;

/**
 * The mail relay from now on, and the language of letters that are for nobody in particular; all is copied.
 * relay->url NULL: no mail is sent.
 */
void identity_use_mail(struct identity *identity, const struct mail_options *relay, language lang);

/** Sends a letter that says that letters arrive; waits. Errors: ERR_REQUEST (no relay, no address), as mail_send. */
enum err identity_test_mail(struct scope *scope, struct identity *identity, str address, str portal, language lang)
    must_check;

/** Ends all sessions, and all links to set a password, in a transaction: of a copy that is to be a portal. */
enum err identity_end_sessions(struct scope *scope, struct db_lease *lease) must_check;

/**
 * Takes out of the tables, in a transaction, whatever can open something or is of no use without the master secret:
 * sessions, links, keys, passwords, second factors, known devices.
 */
enum err identity_forget_secrets(struct scope *scope, struct db_lease *lease) must_check;

/** How long a proof of the password allows dangerous actions. */
usec identity_recent(const struct identity *identity);

/**
 * Reads the master key, or makes it: DATA/secrets/master, or, beside PostgreSQL and without such a file, the
 * one in the database. Errors: ERR_FILE, ERR_DATABASE.
 */
enum err identity_master(struct scope *scope, struct catalog *catalog,
                         uint8_t ret_master[SECRET_BYTES]) must_check;

/** A key of the installation for one purpose ("consent receipts"); of the master key. */
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

/** Whether an active administrator with a password exists. */
enum err identity_has_administrator(struct scope *scope, struct identity *identity, bool *ret_has) must_check;

/**
 * Deletes expired sessions, links, throttle counters, audit rows older than audit_kept (0: none), in bounded batches.
 * Call once a minute.
 */
void identity_upkeep(struct scope *scope, struct identity *identity, usec audit_kept);

#endif
