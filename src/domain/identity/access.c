/*
 * The snapshots that were made are kept until the catalogue changes, one for each set of people who see
 * the same: those without a rule of their own, a set of groups, a user with rules of his own.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/bug.h"
#include "domain/identity/access_internal.h"
#include "domain/identity/access_store.h"
#include "platform/i18n/explanation.h"

#define VIEWS_MOST 64
#define ATTEMPTS 5 /* to read rules and catalogue of one generation, while others change them */

struct kept_view {
    str key; /* in the snapshot's arena */
    const struct snapshot *snapshot;
    uint64_t last_use;
};

struct access {
    struct catalog *catalog;
    struct records *records;
    struct counts *counts;
    pthread_mutex_t mutex; /* guards what follows */
    struct rules *rules;   /* NULL: not read yet */
    const struct snapshot *anonymous;
    struct kept_view views[VIEWS_MOST];
    size_t view_count;
    uint64_t uses;
};

struct access *access_open(struct catalog *catalog, struct records *records)
{
    struct access *access = calloc(1, sizeof(*access));
    if (!access) {
        bug_out_of_memory(sizeof(*access));
    }
    access->catalog = catalog;
    access->records = records;
    access->counts = counts_new();
    pthread_mutex_init(&access->mutex, NULL);
    return access;
}

/* Under the mutex. */
static void drop_views(struct access *access)
{
    snapshot_unref(access->anonymous);
    access->anonymous = NULL;
    for (size_t i = 0; i < access->view_count; i++) {
        snapshot_unref(access->views[i].snapshot);
    }
    access->view_count = 0;
}

void access_close(struct access *access)
{
    if (access) {
        drop_views(access);
        rules_unref(access->rules);
        counts_free(access->counts);
        pthread_mutex_destroy(&access->mutex);
        free(access);
    }
}

/* ---- catalogue and rules of one generation ---- */

struct state {
    const struct snapshot *base;
    struct rules *rules;
};

static void state_close(struct state *state)
{
    snapshot_unref(state->base);
    rules_unref(state->rules);
    *state = (struct state){0};
}

static struct rules *current_rules(struct access *access)
{
    pthread_mutex_lock(&access->mutex);
    struct rules *rules = access->rules;
    if (rules) {
        atomic_fetch_add(&rules->references, 1);
    }
    pthread_mutex_unlock(&access->mutex);
    return rules;
}

/* Puts newer rules in force; what was made by the old ones goes. */
static void install_rules(struct access *access, struct rules *rules)
{
    pthread_mutex_lock(&access->mutex);
    struct rules *old = NULL;
    if (!access->rules || access->rules->generation < rules->generation) {
        old = access->rules;
        atomic_fetch_add(&rules->references, 1);
        access->rules = rules;
        drop_views(access);
    }
    pthread_mutex_unlock(&access->mutex);
    rules_unref(old);
}

static enum err state_open(struct scope *scope, struct access *access, struct state *ret_state)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        struct state state cleanup_with(state_close) = {0};
        struct rules *read = NULL;
        bool changed;
        state.base = catalog_snapshot(access->catalog);
        state.rules = current_rules(access);
        if (!state.rules || state.rules->generation < state.base->generation) {
            TRY(rules_read(scope, access->catalog, state.base, state.rules, &read));
            rules_unref(state.rules);
            state.rules = read;
        }
        if (state.rules->generation == state.base->generation) {
            if (read) {
                install_rules(access, read);
            }
            *ret_state = state;
            state = (struct state){0};
            return ERR_OK;
        }
        TRY(catalog_refresh(scope, access->catalog, &changed));
    }
    return fail(scope, ERR_BUSY, "The catalogue is changing. Try again in a moment.");
}

/* ---- snapshots ---- */

/* Names those who see the same; empty: all without a rule of their own. */
static str view_key(struct scope *scope, const struct rules *rules, const struct actor *actor)
{
    struct buf key cleanup_with(buf_cleanup) = {0};
    if (!actor_is_known(actor) || !(actor->scopes & SCOPE_READ)) {
        return S("");
    }
    if (rules_name(rules, ACCESS_USER, actor->user)) {
        buf_printf(&key, "u%lld", (long long)actor->user);
    }
    for (size_t i = 0; i < actor->group_count; i++) {
        if (rules_name(rules, ACCESS_GROUP, actor->groups[i])) {
            buf_printf(&key, "g%lld", (long long)actor->groups[i]);
        }
    }
    return buf_copy(&key, &scope->arena);
}

static uint64_t fingerprint_of(str key)
{
    uint64_t hash = str_hash(key);
    return key.n == 0 ? SNAPSHOT_ANONYMOUS : hash > SNAPSHOT_WHOLE ? hash : hash + 2;
}

static const struct snapshot *find_view(struct access *access, str key, uint64_t generation)
{
    const struct snapshot *found = NULL;
    pthread_mutex_lock(&access->mutex);
    if (key.n == 0) {
        found = access->anonymous;
    }
    for (size_t i = 0; i < access->view_count && !found; i++) {
        if (str_eq(access->views[i].key, key)) {
            access->views[i].last_use = ++access->uses;
            found = access->views[i].snapshot;
        }
    }
    found = found && found->generation == generation ? snapshot_ref(found) : NULL;
    pthread_mutex_unlock(&access->mutex);
    return found;
}

static void keep_view(struct access *access, str key, const struct snapshot *view)
{
    const struct snapshot *old = NULL;
    pthread_mutex_lock(&access->mutex);
    if (!access->rules || access->rules->generation != view->generation) {
        pthread_mutex_unlock(&access->mutex);
        return;
    }
    if (key.n == 0) {
        old = access->anonymous;
        access->anonymous = snapshot_ref(view);
    } else {
        struct kept_view *place = &access->views[0];
        bool is_full = access->view_count == VIEWS_MOST;
        for (size_t i = 0; i < access->view_count; i++) {
            struct kept_view *at = &access->views[i];
            if (str_eq(at->key, key)) { /* another request made it meanwhile */
                place = at;
                is_full = true;
                break;
            }
            place = at->last_use < place->last_use ? at : place;
        }
        place = is_full ? place : &access->views[access->view_count++];
        old = is_full ? place->snapshot : NULL;
        *place = (struct kept_view){key, snapshot_ref(view), ++access->uses};
    }
    pthread_mutex_unlock(&access->mutex);
    snapshot_unref(old);
}

static enum err make_view(struct scope *scope, struct access *access, const struct state *state,
                          const struct actor *actor, str key, const struct snapshot **ret_view)
{
    static const struct actor nobody = {.kind = ACTOR_ANONYMOUS};
    bug_if(!access->records);
    struct snapshot *view = snapshot_new(state->base, fingerprint_of(key));
    enum err result = view_fill(scope, state->rules, state->base, key.n ? actor : &nobody,
                                access->records, access->counts, view);
    if (result != ERR_OK) {
        snapshot_unref(view);
        return result;
    }
    keep_view(access, str_copy(&snapshot_scope(view)->arena, key), view);
    *ret_view = view;
    return ERR_OK;
}

enum err access_snapshot(struct scope *scope, struct access *access, const struct actor *actor,
                         const struct snapshot **ret_snapshot)
{
    struct state state cleanup_with(state_close) = {0};
    TRY(state_open(scope, access, &state));
    if (actor_sees_all(actor)) {
        *ret_snapshot = snapshot_ref(state.base);
        return ERR_OK;
    }
    str key = view_key(scope, state.rules, actor);
    *ret_snapshot = find_view(access, key, state.base->generation);
    return *ret_snapshot ? ERR_OK : make_view(scope, access, &state, actor, key, ret_snapshot);
}

/* The snapshots of two actors, of one generation with base. */
struct pair {
    const struct snapshot *base, *own, *other;
};

static void pair_close(struct pair *pair)
{
    snapshot_unref(pair->base);
    snapshot_unref(pair->own);
    snapshot_unref(pair->other);
    *pair = (struct pair){0};
}

static enum err pair_open(struct scope *scope, struct access *access, const struct actor *own,
                          const struct actor *other, struct pair *ret_pair)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        struct pair pair cleanup_with(pair_close) = {0};
        pair.base = catalog_snapshot(access->catalog);
        TRY(access_snapshot(scope, access, own, &pair.own));
        TRY(access_snapshot(scope, access, other, &pair.other));
        if (pair.own->generation == pair.base->generation &&
            pair.other->generation == pair.base->generation) {
            *ret_pair = pair;
            pair = (struct pair){0};
            return ERR_OK;
        }
    }
    return fail(scope, ERR_BUSY, "The catalogue is changing. Try again in a moment.");
}

enum err access_snapshot_within(struct scope *scope, struct access *access, const struct actor *own,
                                const struct actor *other, str dataset,
                                const struct snapshot **ret_snapshot)
{
    struct pair pair cleanup_with(pair_close) = {0};
    TRY(pair_open(scope, access, own, other, &pair));
    str key = str_printf(&scope->arena, "%.*s within %llx %llx", STR_ARG(dataset),
                         (unsigned long long)pair.own->fingerprint,
                         (unsigned long long)pair.other->fingerprint);
    struct snapshot *view = snapshot_new(pair.base, fingerprint_of(key));
    enum err result = view_intersect(scope, pair.base, snapshot_find(pair.own, dataset),
                                     snapshot_find(pair.other, dataset), access->records, access->counts, view);
    if (result != ERR_OK) {
        snapshot_unref(view);
        return result;
    }
    *ret_snapshot = view;
    return ERR_OK;
}

const struct snapshot *access_anonymous(struct access *access)
{
    const struct snapshot *base = catalog_snapshot(access->catalog);
    const struct snapshot *found = find_view(access, S(""), base->generation);
    snapshot_unref(base);
    return found;
}

/* ---- checks ---- */

enum err access_check(struct scope *scope, struct access *access, const struct actor *actor,
                      str dataset, enum right right)
{
    struct state state cleanup_with(state_close) = {0};
    TRY(state_open(scope, access, &state));
    const struct dataset *found = snapshot_find(state.base, dataset);
    unsigned rights = found ? rules_rights(state.rules, actor, found) : 0;
    if (!(rights & RIGHT_READ)) {
        return dataset_absent(scope, dataset);
    }
    return rights & (unsigned)right
               ? ERR_OK
               : fail_and_tell(scope, ERR_DENIED, MSG_FAULT_DATASET_RIGHT,
                               SAYS(ARG_TEXT("right", str_from(right_name(right))), ARG_TEXT("dataset", found->id)),
                               "You do not have the right to %s the dataset %.*s.", right_name(right), STR_ARG(found->id));
}

unsigned access_rights(struct scope *scope, struct access *access, const struct actor *actor,
                       const struct dataset *dataset)
{
    struct state state cleanup_with(state_close) = {0};
    if (state_open(scope, access, &state) != ERR_OK) {
        scope_forgive(scope);
        return 0;
    }
    return rules_rights(state.rules, actor, dataset);
}

/* ---- the rules ---- */

enum err access_list(struct scope *scope, struct access *access, str dataset,
                     const struct access_rule **ret_rules, size_t *ret_count)
{
    struct state state cleanup_with(state_close) = {0};
    TRY(state_open(scope, access, &state));
    const struct dataset *found = snapshot_find(state.base, dataset);
    if (!found) {
        return dataset_absent(scope, dataset);
    }
    size_t count;
    const struct stored_rule *stored = rules_of(state.rules, found->uid, &count);
    struct access_rule *rules = arena_array(&scope->arena, struct access_rule, count);
    for (size_t i = 0; i < count; i++) {
        TRY(store_copy_rule(scope, access->catalog, &stored[i].rule, &rules[i]));
    }
    *ret_rules = rules;
    *ret_count = count;
    return ERR_OK;
}

/* Takes the change into service here at once; other processes notice it. */
static void renew(struct scope *scope, struct access *access)
{
    bool changed;
    if (catalog_refresh(scope, access->catalog, &changed) != ERR_OK) {
        scope_forgive(scope); /* the change is made; whoever looks next tries again */
    }
}

enum err access_set(struct scope *scope, struct access *access, str dataset,
                    const struct access_rule *rule)
{
    TRY(store_set(scope, access->catalog, dataset, rule));
    renew(scope, access);
    return ERR_OK;
}

enum err access_unset(struct scope *scope, struct access *access, str dataset,
                      enum access_subject kind, int64_t subject)
{
    TRY(store_unset(scope, access->catalog, dataset, kind, subject));
    renew(scope, access);
    return ERR_OK;
}

enum err access_find_dataset(struct scope *scope, struct access *access, str dataset, str *ret_uid)
{
    const struct snapshot *base = catalog_snapshot(access->catalog);
    const struct dataset *found = snapshot_find(base, dataset);
    *ret_uid = found ? str_copy(&scope->arena, found->uid) : STR_NONE;
    snapshot_unref(base);
    return found ? ERR_OK : dataset_absent(scope, dataset);
}

enum err access_count(struct scope *scope, struct access *access, const struct dataset *dataset,
                      const struct access_rule *rule, int64_t *ret_records)
{
    *ret_records = 0;
    if (!(rule->rights & RIGHT_READ) || rule->fault.n) {
        return ERR_OK;
    }
    struct dataset filtered = *dataset;
    filtered.filters = &rule->filter;
    filtered.filter_count = rule->filter.n > 0;
    TRY(view_count(scope, access->records, access->counts, &filtered));
    *ret_records = filtered.records_count;
    return ERR_OK;
}

enum err access_find_subject(struct scope *scope, struct access *access, enum access_subject kind,
                             str name, int64_t *ret_id)
{
    return store_find_subject(scope, access->catalog, kind, name, ret_id);
}
