/* The rules as they are read from the catalogue's database, and what they let somebody do. */
#include <stdlib.h>

#include "base/bug.h"
#include "base/log.h"
#include "base/vec.h"
#include "domain/identity/access_internal.h"
#include "domain/identity/access_store.h"
#include "platform/db/statement.h"

const char *right_name(enum right right)
{
    switch (right) {
    case RIGHT_READ:
        return "read";
    case RIGHT_EDIT:
        return "edit";
    case RIGHT_PUBLISH:
        return "publish";
    case RIGHT_MANAGE:
        return "manage";
    }
    return "";
}

const char *right_highest(unsigned rights)
{
    return right_name(rights & RIGHT_MANAGE    ? RIGHT_MANAGE
                      : rights & RIGHT_PUBLISH ? RIGHT_PUBLISH
                      : rights & RIGHT_EDIT    ? RIGHT_EDIT
                                               : rights & RIGHT_READ);
}

void rules_unref(struct rules *rules)
{
    if (rules && atomic_fetch_sub(&rules->references, 1) == 1) {
        scope_close(&rules->scope);
        free(rules);
    }
}

const struct stored_rule *rules_of(const struct rules *rules, str uid, size_t *ret_count)
{
    size_t low = 0;
    size_t high = rules->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_compare(rules->items[middle].uid, uid) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    size_t count = 0;
    while (low + count < rules->count && str_eq(rules->items[low + count].uid, uid)) {
        count++;
    }
    *ret_count = count;
    return rules->items + low;
}

static bool holds(const int64_t *numbers, size_t count, int64_t number)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (numbers[middle] == number) {
            return true;
        }
        if (numbers[middle] < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

bool rules_name(const struct rules *rules, enum access_subject kind, int64_t subject)
{
    return kind == ACCESS_GROUP ? holds(rules->groups, rules->group_count, subject)
                                : holds(rules->users, rules->user_count, subject);
}

/* ---- what they give ---- */

static bool is_for(const struct access_rule *rule, const struct actor *actor)
{
    switch (rule->kind) {
    case ACCESS_EVERYONE:
        return true;
    case ACCESS_GROUP:
        return actor_is_known(actor) && holds(actor->groups, actor->group_count, rule->subject);
    case ACCESS_USER:
        return actor_is_known(actor) && rule->subject == actor->user;
    }
    return false;
}

enum access_subject rules_kind_for(const struct stored_rule *rules, size_t count,
                                   const struct actor *actor)
{
    enum access_subject kind = ACCESS_EVERYONE;
    for (size_t i = 0; i < count; i++) {
        const struct access_rule *rule = &rules[i].rule;
        if (rule->kind > kind && is_for(rule, actor)) {
            kind = rule->kind;
        }
    }
    return kind;
}

bool rule_applies(const struct stored_rule *stored, enum access_subject kind,
                  const struct actor *actor)
{
    return stored->rule.kind == kind && stored->rule.fault.n == 0 && is_for(&stored->rule, actor);
}

/* The most that a role may be given, and what a key is limited to. */
static unsigned most_rights(const struct actor *actor)
{
    if (!actor_is_known(actor) || !(actor->scopes & SCOPE_WRITE)) {
        return RIGHT_READ;
    }
    switch (actor->role) {
    case ROLE_READER:
        return right_bits(RIGHT_READ);
    case ROLE_EDITOR:
        return right_bits(RIGHT_EDIT);
    case ROLE_PUBLISHER:
    case ROLE_ADMINISTRATOR:
        return right_bits(RIGHT_MANAGE);
    }
    return 0;
}

static const struct actor nobody = {.kind = ACTOR_ANONYMOUS};

unsigned rules_rights(const struct rules *rules, const struct actor *actor,
                      const struct dataset *dataset)
{
    size_t count;
    const struct stored_rule *own = rules_of(rules, dataset->uid, &count);
    if (actor_sees_all(actor)) {
        return most_rights(actor);
    }
    if (!(actor->scopes & SCOPE_READ)) {
        actor = &nobody;
    }
    enum access_subject kind = rules_kind_for(own, count, actor);
    bool is_public = kind == ACCESS_EVERYONE && (count == 0 || own[0].rule.kind != kind);
    unsigned rights = is_public ? RIGHT_READ : 0;
    for (size_t i = 0; i < count; i++) {
        if (rule_applies(&own[i], kind, actor)) {
            rights |= own[i].rule.rights;
        }
    }
    return rights & most_rights(actor);
}

/* ---- reading ---- */

static enum err read_hidden(struct scope *scope, str text, struct access_rule *rule)
{
    json_t *names cleanup_with(json_cleanup) = NULL;
    TRY(json_read(scope, ERR_DATABASE, text, "stored hidden fields", &names));
    size_t count = json_array_size(names);
    str *hidden = arena_array(&scope->arena, str, count);
    for (size_t i = 0; i < count; i++) {
        hidden[i] = str_copy(&scope->arena, json_read_text(json_array_get(names, i)));
    }
    rule->hidden = hidden;
    rule->hidden_count = count;
    return ERR_OK;
}

static enum err read_rule(struct scope *scope, const struct batch *row, struct stored_rule *ret)
{
    str kind = row_text(&scope->arena, row, 1);
    *ret = (struct stored_rule){.uid = row_text(&scope->arena, row, 0),
                                .rule = {.subject = row_number(row, 2),
                                         .rights = (unsigned)row_number(row, 3),
                                         .filter = row_text(&scope->arena, row, 4)},
                                .changed = row_number(row, 6)};
    return access_subject_find(kind, &ret->rule.kind)
               ? read_hidden(scope, row_text(&scope->arena, row, 5), &ret->rule)
               : fail(scope, ERR_DATABASE, "A rule of access is for '%.*s', which is not known.",
                      STR_ARG(kind));
}

static enum err read_all(struct scope *scope, struct db_lease *lease, struct rules *rules)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    VEC(struct stored_rule) items = {0};
    sql_text(&sql, "select uid, subject_kind, subject_id, rights, filter, hidden, changed "
                   "from dataset_access order by uid, subject_kind, subject_id");
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        struct stored_rule stored;
        TRY(read_rule(scope, row, &stored));
        vec_add(&scope->arena, &items, stored);
    }
    rules->items = items.items;
    rules->count = items.count;
    return ERR_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    const int64_t *left = a;
    const int64_t *right = b;
    return (*left > *right) - (*left < *right);
}

static const int64_t *collect_subjects(struct rules *rules, enum access_subject kind,
                                       size_t *ret_count)
{
    int64_t *subjects = arena_array(&rules->scope.arena, int64_t, rules->count);
    size_t count = 0;
    for (size_t i = 0; i < rules->count; i++) {
        if (rules->items[i].rule.kind == kind) {
            subjects[count++] = rules->items[i].rule.subject;
        }
    }
    qsort(subjects, count, sizeof(*subjects), compare_numbers);
    *ret_count = count;
    return subjects;
}

/* ---- whether they fit ---- */

/* A hidden field that is gone may be there under another name: until somebody looks, nothing is shown. */
static str find_fault(struct arena *arena, const struct schema *schema,
                      const struct access_rule *rule)
{
    str fault = S("");
    struct scope work;
    scope_open(&work);
    if (rule->filter.n && odsql_filter_check(&work, schema, rule->filter) != ERR_OK) {
        fault = str_copy(arena, work.failure.message);
    }
    scope_close(&work);
    size_t hidden = 0;
    for (size_t i = 0; i < rule->hidden_count && fault.n == 0; i++) {
        if (!schema_find(schema, rule->hidden[i])) {
            fault = str_printf(arena, "The hidden field %.*s is not in the dataset any more.",
                               STR_ARG(rule->hidden[i]));
        }
        hidden++;
    }
    if (fault.n == 0 && rule->hidden_count && hidden >= schema->count) {
        fault = S("All fields are hidden.");
    }
    return fault;
}

/* The rule for the same people as it was before; NULL: there was none. */
static const struct stored_rule *find_before(const struct rules *before,
                                             const struct stored_rule *stored)
{
    size_t count = 0;
    const struct stored_rule *known = before ? rules_of(before, stored->uid, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        if (known[i].rule.kind == stored->rule.kind &&
            known[i].rule.subject == stored->rule.subject) {
            return &known[i];
        }
    }
    return NULL;
}

/* Of a dataset that cannot be read nothing is shown either, unless it is for the moment only. */
static enum err check_rule(struct scope *scope, struct arena *arena, const struct snapshot *base,
                           const struct dataset *light, struct access_rule *rule)
{
    struct scope work;
    const struct dataset *dataset;
    scope_open(&work);
    work.deadline = scope->deadline;
    work.gone = scope->gone;
    enum err result = dataset_load(&work, base, light, &dataset);
    if (result == ERR_OK) {
        rule->fault = find_fault(arena, &dataset->schema, rule);
    } else if (err_is_passing(result)) {
        result = fail(scope, result, "%.*s", STR_ARG(work.failure.message));
    } else {
        rule->fault = str_copy(arena, work.failure.message);
        result = ERR_OK;
    }
    scope_close(&work);
    return result;
}

static void log_fault(const struct dataset *dataset, const struct stored_rule *stored)
{
    log_event(EV_ACCESS_CLOSED, "%.*s, rule for %s %lld: %.*s", STR_ARG(dataset->id),
              access_subject_name(stored->rule.kind), (long long)stored->rule.subject,
              STR_ARG(stored->rule.fault));
}

/* The schema matters to rules with filters or hidden fields only, and not again while neither changes. */
static enum err check_rules(struct scope *scope, struct rules *rules, const struct snapshot *base,
                            const struct rules *before)
{
    struct arena *arena = &rules->scope.arena;
    for (size_t i = 0; i < base->count && rules->count; i++) {
        const struct dataset *dataset = base->datasets[i];
        size_t count;
        size_t first = (size_t)(rules_of(rules, dataset->uid, &count) - rules->items);
        for (size_t j = first; j < first + count; j++) {
            struct stored_rule *stored = (struct stored_rule *)(uintptr_t)&rules->items[j];
            if (stored->rule.filter.n == 0 && stored->rule.hidden_count == 0) {
                continue;
            }
            const struct stored_rule *known = find_before(before, stored);
            stored->checked = dataset->changed;
            if (known && known->checked == dataset->changed) {
                stored->rule.fault = str_copy(arena, known->rule.fault);
                continue;
            }
            TRY(check_rule(scope, arena, base, dataset, &stored->rule));
            if (stored->rule.fault.n &&
                !(known && str_eq(known->rule.fault, stored->rule.fault))) {
                log_fault(dataset, stored);
            }
        }
    }
    return ERR_OK;
}

static enum err read_generation_and_rules(struct scope *scope, struct catalog *catalog,
                                          struct rules *rules)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    int64_t generation;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_begin_reading(scope, lease));
    TRY(catalog_generation(scope, lease, &generation));
    rules->generation = (uint64_t)generation;
    enum err result = read_all(&rules->scope, lease, rules);
    if (result != ERR_OK) {
        return fail_as(scope, result, &rules->scope.failure);
    }
    return db_script(scope, lease, "commit");
}

enum err rules_read(struct scope *scope, struct catalog *catalog, const struct snapshot *base,
                    const struct rules *before, struct rules **ret_rules)
{
    struct rules *rules = calloc(1, sizeof(*rules));
    if (!rules) {
        bug_out_of_memory(sizeof(*rules));
    }
    scope_open(&rules->scope);
    rules->references = 1;
    enum err result = read_generation_and_rules(scope, catalog, rules);
    if (result != ERR_OK) {
        rules_unref(rules);
        return result;
    }
    rules->groups = collect_subjects(rules, ACCESS_GROUP, &rules->group_count);
    rules->users = collect_subjects(rules, ACCESS_USER, &rules->user_count);
    result = rules->generation == base->generation ? check_rules(scope, rules, base, before) : ERR_OK;
    if (result != ERR_OK) {
        rules_unref(rules);
        return result;
    }
    *ret_rules = rules;
    return ERR_OK;
}
