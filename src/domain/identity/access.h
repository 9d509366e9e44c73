/*
 * Permissions: who may do what with a dataset, and what of it he sees.
 *
 * A rule is for everybody, for a group or for a user. A user's own rule replaces those of his groups,
 * and those replace the rule for everybody. Of several groups the rights add up, a record is seen when
 * the filter of any of them lets it, and a field is hidden when all of them hide it. A dataset without
 * a rule for everybody is public. Administrators see and may do everything.
 * Source: explore-api.md 8 ("Dataset security", "Groups").
 *
 * Enforcement is a snapshot of the catalogue that has only what somebody may see: the statements
 * made from its datasets hold filters and hidden fields already (odsql/filter.c).
 */
#ifndef DOMAIN_IDENTITY_ACCESS_H
#define DOMAIN_IDENTITY_ACCESS_H

#include "domain/catalog/catalog.h"
#include "domain/identity/actor.h"
#include "domain/records/records.h"

struct access;

/* Each right includes those before it. */
enum right {
    RIGHT_READ = 1,    /* see metadata and records */
    RIGHT_EDIT = 2,    /* change metadata */
    RIGHT_PUBLISH = 4, /* publish versions, remove the dataset */
    RIGHT_MANAGE = 8   /* change these rules */
};

/** This right and all that it includes. */
static inline unsigned right_bits(enum right right)
{
    return 2 * (unsigned)right - 1;
}

/** "read", "edit", "publish", "manage". */
const char *right_name(enum right right);

/** Name of the highest of these rights; "" without any. */
const char *right_highest(unsigned rights);

/**
 * Opens the rules of a catalogue; their tables and those of users and groups are made by catalog_open
 * and identity_open. records counts what filters leave, for access_snapshot; NULL: it will not be
 * called. catalog and records are borrowed. Undone by access_close.
 */
struct access *access_open(struct catalog *catalog, struct records *records);
/** Accepts NULL. Snapshots given out stay. */
void access_close(struct access *access);

/**
 * The catalogue as an actor may see it, with one more reference for the caller (snapshot_unref). It is
 * made when the catalogue has changed or for the first of those who see the same; else it is at hand.
 * Call it without a lease of records. Thread-safe.
 * Errors: ERR_DATABASE, ERR_BUSY, ERR_DEADLINE, ERR_CANCELLED.
 */
enum err access_snapshot(struct scope *scope, struct access *access, const struct actor *actor,
                         const struct snapshot **ret_snapshot) must_check;

/**
 * A snapshot with one dataset alone, of which there is what both actors may see; it is empty when one of them
 * may not see it. Errors: as access_snapshot.
 */
enum err access_snapshot_within(struct scope *scope, struct access *access, const struct actor *own,
                                const struct actor *other, str dataset,
                                const struct snapshot **ret_snapshot) must_check;

/**
 * What visitors without a name may see, if that has been made for the catalogue as it is now: never waits,
 * for event loops. NULL: access_snapshot must make it. Referenced as by access_snapshot.
 */
const struct snapshot *access_anonymous(struct access *access);

/**
 * Whether an actor may do something with a dataset (id or uid).
 * Errors: ERR_NO_DATASET (it does not exist, or he may not even see it: not told apart), ERR_DENIED,
 * and those of reading the rules.
 */
enum err access_check(struct scope *scope, struct access *access, const struct actor *actor,
                      str dataset, enum right right) must_check;

/** What an actor may do with a dataset: bits of enum right, 0 where nothing is known. For pages. */
unsigned access_rights(struct scope *scope, struct access *access, const struct actor *actor,
                       const struct dataset *dataset);

/* ---- the rules ---- */

enum access_subject { ACCESS_EVERYONE, ACCESS_GROUP, ACCESS_USER };

/** "everyone", "group", "user". */
const char *access_subject_name(enum access_subject kind);
bool access_subject_find(str name, enum access_subject *ret_kind);

struct access_rule {
    enum access_subject kind;
    int64_t subject;         /* id of the group or user; 0 for everybody */
    str name;                /* of the group or user; only from access_list */
    unsigned rights;         /* bits; 0: not even reading */
    str filter;              /* ODSQL condition; empty: all records */
    const str *hidden;       /* names of fields */
    size_t hidden_count;
    str fault;               /* why the rule gives nothing at present; empty: it fits. Only from access_list */
};

/** Rules of a dataset: everybody's, groups', users'. Errors: ERR_NO_DATASET, ERR_DATABASE. */
enum err access_list(struct scope *scope, struct access *access, str dataset,
                     const struct access_rule **ret_rules, size_t *ret_count) must_check;

/**
 * Sets the rule of its subject. Rights are completed by those they include; everybody can only be given
 * reading. The filter is compiled, hidden fields must exist, and one field must stay.
 * Errors: ERR_NO_DATASET, ERR_NO_GROUP, ERR_NO_USER, ERR_USAGE (fields, rights), ERR_SYNTAX and ERR_QUERY
 * (filter), ERR_DATABASE.
 */
enum err access_set(struct scope *scope, struct access *access, str dataset,
                    const struct access_rule *rule) must_check;

/** Removes a rule, if there is one; without one for everybody the dataset is public. Errors as access_set. */
enum err access_unset(struct scope *scope, struct access *access, str dataset,
                      enum access_subject kind, int64_t subject) must_check;

/** The uid of a dataset, by id or uid. Errors: ERR_NO_DATASET. */
enum err access_find_dataset(struct scope *scope, struct access *access, str dataset, str *ret_uid) must_check;

/**
 * How many records a rule lets be seen of a dataset, which is whole: 0 when it gives nothing.
 * Errors: ERR_SYNTAX and ERR_QUERY (its filter), those of access_snapshot.
 */
enum err access_count(struct scope *scope, struct access *access, const struct dataset *dataset,
                      const struct access_rule *rule, int64_t *ret_records) must_check;

/** Id of a group or user by its name. Errors: ERR_NO_GROUP, ERR_NO_USER. */
enum err access_find_subject(struct scope *scope, struct access *access, enum access_subject kind,
                             str name, int64_t *ret_id) must_check;

#endif
