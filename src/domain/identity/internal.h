/* What the files of this directory share. */
#ifndef DOMAIN_IDENTITY_INTERNAL_H
#define DOMAIN_IDENTITY_INTERNAL_H

#include <pthread.h>

#include "domain/identity/api_key.h"
#include "domain/identity/audit.h"
#include "domain/identity/link.h"
#include "domain/identity/second_factor.h"
#include "domain/identity/sign_in.h"
#include "domain/identity/user.h"
#include "platform/db/statement.h"
#include "platform/mail/mail.h"

#define MASTER_KEYS                                                                                \
    2 /* the one in use and, when there is a file secrets/master.former, the one before */
#define SESSIONS_MOST 50 /* of one user; the one used longest ago ends when there are more */

struct outbox;

struct identity {
    struct db *db;
    struct identity_options options;
    char *public_url;          /* a copy that options points to */
    pthread_mutex_t mail_mutex; /* guards the relay and options.language */
    char *relay[5];            /* url, from, user, password file, password; url NULL: no mail is sent */
    uint8_t masters[MASTER_KEYS][SECRET_BYTES];
    int master_count;
    uint8_t throttle_key[SECRET_BYTES];
    uint8_t device_key[SECRET_BYTES];
    uint8_t pending_key[SECRET_BYTES];
    struct outbox *outbox;
};

/* ---- rows ---- */

static inline cell cell_digest(const uint8_t digest[DIGEST_BYTES])
{
    return cell_bytes(digest, DIGEST_BYTES);
}

/** A digest of a row; zeros for anything else. */
static inline void row_digest(const struct batch *row, size_t column,
                              uint8_t ret_digest[DIGEST_BYTES])
{
    cell value = column_cell(&row->columns[column], 0);
    memset(ret_digest, 0, DIGEST_BYTES);
    if (value.type == CELL_BYTES && value.text.n == DIGEST_BYTES) {
        memcpy(ret_digest, value.text.p, DIGEST_BYTES);
    }
}

/* ---- audit ---- */

enum audit_action {
#define AUDIT(name, key, documentation) AUDIT_##name,
#include "domain/identity/audit.def"
#undef AUDIT
    AUDIT__COUNT
};

/** As audit_add, in a running transaction. */
void audit_write(struct scope *scope, struct db_lease *lease, const struct actor *by,
                 const struct origin *origin, enum audit_action action, str subject, str detail);

/* ---- mail ---- */

/** The relay as it is now, in the arena; false: no mail can be sent. */
bool mail_relay(struct scope *scope, struct identity *identity, struct mail_options *ret_relay);

/** The language of the portal. */
language mail_language(struct identity *identity);

/* ---- accounts ---- */

/* What the tables say of a user beyond struct user. */
struct account {
    struct user user;
    str password;        /* as password_store made it; empty: none */
    int64_t epoch;       /* raised by whatever ends all sessions */
    str second_factor;   /* sealed; empty: none */
    int64_t factor_step; /* of the last code used */
};

/** Folded form under which names are unique and looked up. */
str name_key(struct arena *arena, str name);
/** *ret_found false: there is none. */
enum err account_get(struct scope *scope, struct db_lease *lease, int64_t id, bool *ret_found,
                     struct account *ret_account) must_check;
/** As account_get. Errors: ERR_NO_USER. */
enum err account_require(struct scope *scope, struct db_lease *lease, int64_t id,
                         struct account *ret_account) must_check;
enum err account_find(struct scope *scope, struct db_lease *lease, str name, bool *ret_found,
                      struct account *ret_account) must_check;
/** The same on a lease of their own. */
enum err account_load(struct scope *scope, struct identity *identity, int64_t id, bool *ret_found,
                      struct account *ret_account) must_check;
enum err no_user(struct scope *scope) must_check;
/** As user_add, in a transaction. */
enum err user_insert(struct scope *scope, struct db_lease *lease, const struct actor *by,
                     const struct new_user *user, int64_t *ret_id) must_check;
/** An actor for the audit log: the user himself. */
struct actor actor_of(const struct user *user);
/** Groups of a user as "3,7,9", from the column that GROUPS_OF gives. */
#define GROUPS_OF "(select group_concat(group_id) from user_group_member where user_id = u.id)"
/**
 * Calls a day of a user: his own limit, else the highest of his groups, else CALLS_DEFAULT; 0: no limit, which
 * is the highest.
 */
#define CALLS_OF                                                                                   \
    "coalesce((select l.calls from call_limit l where l.subject_kind = 'user' and l.subject_id = u.id),"\
    " (select case when min(l.calls) = 0 then 0 else max(l.calls) end from call_limit l"           \
    " join user_group_member m on m.group_id = l.subject_id"                                       \
    " where l.subject_kind = 'group' and m.user_id = u.id), -1)"
void actor_set_groups(struct arena *arena, struct actor *actor, str list);
/** Ends sessions and links of a user, in a transaction; except: row of a session, 0: none. */
enum err user_end_access(struct scope *scope, struct db_lease *lease, int64_t user,
                         int64_t except) must_check;

/* ---- passwords ---- */

extern const str common_passwords; /* sorted, a line each; generated */

enum err fail_password(struct scope *scope, enum password_fault fault) must_check;
/** A password as stored: id of the pepper, ':', PHC string. Errors: ERR_BUSY. */
enum err password_store(struct scope *scope, const struct identity *identity, str password,
                        str *ret_stored) must_check;
/** stored empty: takes the same time and is false. ret_outdated: to be stored again. */
enum err password_matches(struct scope *scope, const struct identity *identity, str password,
                          str stored, bool *ret_right, bool *ret_outdated) must_check;

/* ---- throttling ---- */

/* One attempt to prove something. */
struct attempt {
    const char *kind; /* "password", "code", "link": counters of their own */
    str account;      /* name_key; also of accounts that do not exist */
    int64_t user;     /* 0: no such account */
    const struct origin *origin;
    bool is_known_device; /* set by throttle_begin, as is: */
    usec at;
};

/**
 * Counts an attempt as failed before it is made, so that attempts at the same time do not slip
 * through. *ret_allowed false: it must wait; nothing is counted then.
 */
enum err throttle_begin(struct scope *scope, struct identity *identity, struct attempt *attempt,
                        bool *ret_allowed) must_check;
/** It succeeded: the account's (or known device's) counter ends, the network's goes back by one. */
enum err throttle_succeed(struct scope *scope, struct identity *identity, struct db_lease *lease,
                          const struct attempt *attempt) must_check;
/** A write of the same cost as an audit's row, for attempts that had to wait. In a transaction. */
enum err throttle_pretend(struct scope *scope, struct identity *identity, struct db_lease *lease,
                          const struct attempt *attempt) must_check;
/** Ends the counters of an account and its known devices, in a transaction. */
enum err throttle_forget(struct scope *scope, struct identity *identity, struct db_lease *lease,
                         const struct user *user) must_check;

/** password_matches for an attempt that was begun; takes it back when no hash could be made. */
enum err attempt_password(struct scope *scope, struct identity *identity,
                          const struct attempt *attempt, bool allowed, str password, str stored,
                          bool *ret_right, bool *ret_outdated) must_check;

/* ---- devices ---- */

/** "Firefox on Linux", "curl", … or "Other": of a known set, never text of the client. */
str device_label(struct arena *arena, str user_agent);
/** Keyed digest of user, label and network. */
void device_digest(struct arena *arena, const struct identity *identity, int64_t user,
                   const struct origin *origin, uint8_t ret_digest[DIGEST_BYTES]);
enum err device_is_known(struct scope *scope, struct identity *identity, struct db_lease *lease,
                         int64_t user, const struct origin *origin, bool *ret_known) must_check;
enum err device_remember(struct scope *scope, struct identity *identity, struct db_lease *lease,
                         int64_t user, const struct origin *origin) must_check;

/* ---- tokens of links ---- */

/** A new token and its digest. */
str link_draw(struct scope *scope, uint8_t ret_digest[DIGEST_BYTES]);
/** Whether a text has the form of one. */
bool link_is_token(str token);

/* ---- sessions ---- */

bool session_id_is_valid(str id);
/** Inserts a session, in a transaction; ends previous when it is a valid id. */
enum err session_insert(struct scope *scope, struct identity *identity, struct db_lease *lease,
                        const struct account *account, bool remember, const struct origin *origin,
                        str previous, struct session_start *ret_start) must_check;

/* ---- second factor ---- */

/** Whether code is a right one-time or recovery code, which is used up by that. In a transaction.
 */
enum err second_factor_prove(struct scope *scope, struct identity *identity, struct db_lease *lease,
                             const struct account *account, const struct origin *origin, str code,
                             bool *ret_right) must_check;

/* ---- mail ---- */

/* What people are told of their accounts, so that they notice what was not their doing (ASVS 5.0 6.3.5, 6.3.7). */
enum notice {
    NOTICE_NONE,
    NOTICE_PASSWORD,
    NOTICE_FACTOR_ON,
    NOTICE_FACTOR_OFF,
    NOTICE_ADDRESS, /* to the old one */
    NOTICE_KEY,
    NOTICE_DEVICE
};

/*
 * Somebody asks for a new password, or a notice is due. All work on it is done by a thread, so that time
 * tells nothing and nobody waits for the relay.
 */
struct letter_request {
    str name; /* as typed; of a notice: empty */
    str network;
    language language;
    enum notice notice; /* NOTICE_NONE: a new password is asked for */
    int64_t user;       /* of a notice */
    str address;        /* of a notice; empty: the user's */
    str detail;         /* of a notice */
};

/**
 * Has a user told, when mail is set up and he has an address. Call it when the change is committed.
 * address: where to, when it is not his any more; else empty. detail: browser and network of NOTICE_DEVICE.
 */
void notice_add(struct identity *identity, int64_t user, str address, enum notice notice, str detail);
/** The work for one notice. */
void notice_answer(struct identity *identity, const struct letter_request *request);

struct outbox *outbox_new(struct identity *identity);
/** Waits for the letter being sent; drops those that wait. Accepts NULL. */
void outbox_free(struct outbox *outbox);
/** Texts are copied; drops the request, and logs that, when too many wait. */
void outbox_add(struct outbox *outbox, const struct letter_request *request);
/** Becomes true when the thread should end. */
const atomic_bool *outbox_closing(const struct outbox *outbox);
/** The work for one request. */
void link_answer_request(struct identity *identity, const struct letter_request *request);

/** Subject and text of a letter with a link; a language that is not offered becomes the first. */
void letter_write(struct arena *arena, language chosen, bool is_invitation, str name, str address,
                  usec lifetime, struct mail_message *ret_message);
/** Whether mail is set up and the user has an address. */
bool letter_can_go(struct identity *identity, const struct user *user);
/** Hands it to the relay and waits for that. Errors: those of mail_send. */
enum err letter_send(struct scope *scope, struct identity *identity, const struct user *user,
                     bool is_invitation, str token, usec lifetime, language chosen) must_check;

#endif
