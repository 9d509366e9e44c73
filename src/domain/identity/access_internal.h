/* What the files of access.h share. Private to this directory. */
#ifndef DOMAIN_IDENTITY_ACCESS_INTERNAL_H
#define DOMAIN_IDENTITY_ACCESS_INTERNAL_H

#include "domain/identity/access.h"

struct counts;

/* A rule as stored. */
struct stored_rule {
    str uid;         /* of the dataset */
    struct access_rule rule;
    int64_t changed; /* generation that it came with */
    int64_t checked; /* dataset->changed that its fault was looked for in; 0: not yet */
};

/* All rules of one generation; immutable, shared by reference count. */
struct rules {
    atomic_int references;
    struct scope scope; /* holds everything */
    uint64_t generation;
    const struct stored_rule *items; /* by dataset */
    size_t count;
    const int64_t *groups, *users;   /* that have a rule somewhere; ascending */
    size_t group_count, user_count;
};

/**
 * Reads all rules in one transaction and looks whether they fit the datasets of base. before: those in
 * force until now, or NULL; faults that it has are not logged again. Undone by rules_unref.
 */
enum err rules_read(struct scope *scope, struct catalog *catalog, const struct snapshot *base,
                    const struct rules *before, struct rules **ret_rules) must_check;
void rules_unref(struct rules *rules);

/** Rules of a dataset: everybody's, groups', users'. */
const struct stored_rule *rules_of(const struct rules *rules, str uid, size_t *ret_count);

/** Whether some dataset has a rule for a group or user. */
bool rules_name(const struct rules *rules, enum access_subject kind, int64_t subject);

/** What an actor may do with a dataset. */
unsigned rules_rights(const struct rules *rules, const struct actor *actor,
                      const struct dataset *dataset);

/** Counts of records under filters, as far as known. */
struct counts *counts_new(void);
void counts_free(struct counts *counts);

/**
 * Fills a snapshot made over base with what an actor may see. A dataset whose records cannot be
 * counted under his filters is left out and logged.
 */
enum err view_fill(struct scope *scope, const struct rules *rules, const struct snapshot *base,
                   const struct actor *actor, struct records *records, struct counts *counts,
                   struct snapshot *view) must_check;

/**
 * Fills a snapshot made over base with what there is in two light rows of a dataset; with nothing, when one of
 * them is NULL.
 */
enum err view_intersect(struct scope *scope, const struct snapshot *base, const struct dataset *own,
                        const struct dataset *other, struct records *records, struct counts *counts,
                        struct snapshot *view) must_check;

/** Sets records_count of a loaded dataset to what its filters leave. */
enum err view_count(struct scope *scope, struct records *records, struct counts *counts,
                    struct dataset *dataset) must_check;

/** Errors that say nothing of a dataset: they are the request's own. */
static inline bool err_is_passing(enum err result)
{
    return result == ERR_BUSY || result == ERR_DEADLINE || result == ERR_CANCELLED;
}

static inline bool actor_sees_all(const struct actor *actor)
{
    return actor_has_role(actor, ROLE_ADMINISTRATOR) && (actor->scopes & SCOPE_READ);
}

/** Which rules are for an actor: of several kinds the last one that has any, see applies. */
enum access_subject rules_kind_for(const struct stored_rule *rules, size_t count,
                                   const struct actor *actor);

/** Whether a rule is for an actor, and gives anything at present. */
bool rule_applies(const struct stored_rule *stored, enum access_subject kind,
                  const struct actor *actor);

#endif
