/* What somebody sees of each dataset: the union of the rules for him. */
#include <pthread.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/log.h"
#include "base/vec.h"
#include "domain/identity/access_internal.h"

#define COUNTS_MOST 4096

/* ---- counts ---- */

struct known_count {
    uint64_t hash;
    str key;
    int64_t records;
};

struct counts {
    pthread_mutex_t mutex;
    struct scope scope; /* holds the keys */
    VEC(struct known_count) known;
};

struct counts *counts_new(void)
{
    struct counts *counts = calloc(1, sizeof(*counts));
    if (!counts) {
        bug_out_of_memory(sizeof(*counts));
    }
    scope_open(&counts->scope);
    pthread_mutex_init(&counts->mutex, NULL);
    return counts;
}

void counts_free(struct counts *counts)
{
    if (counts) {
        pthread_mutex_destroy(&counts->mutex);
        scope_close(&counts->scope);
        free(counts);
    }
}

/* A version never changes, so neither does what a filter leaves of it. */
static str count_key(struct scope *scope, const struct dataset *dataset)
{
    str key = str_printf(&scope->arena, "%.*s|%lld", STR_ARG(dataset->uid),
                         (long long)dataset->version);
    for (size_t i = 0; i < dataset->filter_count; i++) {
        key = str_printf(&scope->arena, "%.*s|%zu:%.*s", STR_ARG(key), dataset->filters[i].n,
                         STR_ARG(dataset->filters[i]));
    }
    return key;
}

static bool counts_find(struct counts *counts, str key, int64_t *ret_records)
{
    uint64_t hash = str_hash(key);
    bool found = false;
    pthread_mutex_lock(&counts->mutex);
    for (size_t i = 0; i < counts->known.count && !found; i++) {
        const struct known_count *known = &counts->known.items[i];
        found = known->hash == hash && str_eq(known->key, key);
        *ret_records = known->records;
    }
    pthread_mutex_unlock(&counts->mutex);
    return found;
}

static void counts_add(struct counts *counts, str key, int64_t records)
{
    pthread_mutex_lock(&counts->mutex);
    if (counts->known.count == COUNTS_MOST) { /* old versions and rules are among them: begins anew */
        scope_close(&counts->scope);
        scope_open(&counts->scope);
        memset(&counts->known, 0, sizeof(counts->known));
    }
    struct arena *arena = &counts->scope.arena;
    vec_add(arena, &counts->known,
            (struct known_count){str_hash(key), str_copy(arena, key), records});
    pthread_mutex_unlock(&counts->mutex);
}

enum err view_count(struct scope *scope, struct records *records, struct counts *counts,
                    struct dataset *dataset)
{
    str key = count_key(scope, dataset);
    if (dataset->filter_count == 0 || counts_find(counts, key, &dataset->records_count)) {
        return ERR_OK;
    }
    TRY(records_count(scope, records, dataset, &dataset->records_count));
    counts_add(counts, key, dataset->records_count);
    return ERR_OK;
}

/* whole is a light row of base; filters are those of dataset. */
static enum err count_records(struct scope *scope, struct records *records, struct counts *counts,
                              const struct snapshot *base, const struct dataset *whole,
                              struct dataset *dataset)
{
    const struct dataset *loaded;
    if (counts_find(counts, count_key(scope, dataset), &dataset->records_count)) {
        return ERR_OK;
    }
    TRY(dataset_load(scope, base, whole, &loaded));
    struct dataset filtered = *loaded;
    filtered.filters = dataset->filters;
    filtered.filter_count = dataset->filter_count;
    TRY(view_count(scope, records, counts, &filtered));
    dataset->records_count = filtered.records_count;
    return ERR_OK;
}

/* ---- one dataset ---- */

struct viewing {
    struct scope *scope; /* of the request */
    const struct rules *rules;
    const struct actor *actor;
    struct records *records;
    struct counts *counts;
    const struct snapshot *base;
    struct snapshot *view;
};

/* The rules for the actor that let him read. */
struct granted {
    const struct access_rule **rules;
    size_t count;
    bool is_public; /* there is no rule, so that everybody sees all */
    uint64_t view;  /* names these rules as they are set now */
};

static struct granted find_granted(const struct viewing *viewing, const struct dataset *dataset)
{
    size_t count;
    const struct stored_rule *own = rules_of(viewing->rules, dataset->uid, &count);
    enum access_subject kind = rules_kind_for(own, count, viewing->actor);
    struct granted granted = {.view = 1};
    granted.is_public = kind == ACCESS_EVERYONE && (count == 0 || own[0].rule.kind != kind);
    granted.rules = arena_array(&viewing->scope->arena, const struct access_rule *, count);
    for (size_t i = 0; i < count; i++) {
        if (rule_applies(&own[i], kind, viewing->actor) && (own[i].rule.rights & RIGHT_READ)) {
            granted.rules[granted.count++] = &own[i].rule;
            int64_t parts[] = {(int64_t)granted.view, (int64_t)kind, own[i].rule.subject,
                               own[i].changed};
            granted.view = str_hash((str){(const char *)parts, sizeof(parts)}) | 1;
        }
    }
    return granted;
}

/* Adds what any of the rules lets be seen; none: all records. */
static void join_filters(struct arena *arena, const struct granted *granted,
                         struct dataset *dataset)
{
    str *filters = arena_array(arena, str, granted->count);
    size_t count = 0;
    for (size_t i = 0; i < granted->count; i++) {
        str filter = granted->rules[i]->filter;
        bool is_known = false;
        if (filter.n == 0) {
            return;
        }
        for (size_t j = 0; j < count; j++) {
            is_known |= str_eq(filters[j], filter);
        }
        if (!is_known) {
            filters[count++] = str_copy(arena, filter);
        }
    }
    dataset->filters = filters;
    dataset->filter_count = count;
}

static bool hides(const struct access_rule *rule, str field)
{
    for (size_t i = 0; i < rule->hidden_count; i++) {
        if (str_eq(rule->hidden[i], field)) {
            return true;
        }
    }
    return false;
}

/* Adds the fields that all of the rules hide. */
static void join_hidden(struct arena *arena, const struct granted *granted,
                        struct dataset *dataset)
{
    const struct access_rule *first = granted->rules[0];
    str *hidden = arena_array(arena, str, first->hidden_count);
    size_t count = 0;
    for (size_t i = 0; i < first->hidden_count; i++) {
        bool by_all = true;
        for (size_t j = 1; j < granted->count && by_all; j++) {
            by_all = hides(granted->rules[j], first->hidden[i]);
        }
        if (by_all) {
            hidden[count++] = str_copy(arena, first->hidden[i]);
        }
    }
    dataset->hidden = hidden;
    dataset->hidden_count = count;
}

static enum err count_or_close(const struct viewing *viewing, const struct dataset *whole,
                               struct dataset *dataset, bool *ret_visible)
{
    struct scope work;
    scope_open(&work);
    work.deadline = viewing->scope->deadline;
    work.gone = viewing->scope->gone;
    enum err result = count_records(&work, viewing->records, viewing->counts, viewing->base, whole,
                                    dataset);
    *ret_visible = result == ERR_OK;
    if (err_is_passing(result)) {
        result = fail(viewing->scope, result, "%.*s", STR_ARG(work.failure.message));
    } else if (result != ERR_OK) {
        log_event(EV_ACCESS_CLOSED, "%.*s: the records under its filters cannot be counted: %.*s "
                  "(%.*s)", STR_ARG(dataset->id), STR_ARG(work.failure.message),
                  STR_ARG(work.failure.cause));
        result = ERR_OK;
    }
    scope_close(&work);
    return result;
}

/* ret_dataset is the whole one where all of it is seen. */
static enum err view_dataset(const struct viewing *viewing, const struct dataset *whole,
                             const struct dataset **ret_dataset, bool *ret_visible)
{
    struct arena *arena = &snapshot_scope(viewing->view)->arena;
    struct granted granted = find_granted(viewing, whole);
    struct dataset dataset = *whole;
    *ret_visible = granted.is_public || granted.count > 0;
    *ret_dataset = whole;
    if (granted.is_public || !*ret_visible) {
        return ERR_OK;
    }
    join_hidden(arena, &granted, &dataset);
    join_filters(arena, &granted, &dataset);
    if (dataset.hidden_count == 0 && dataset.filter_count == 0) {
        return ERR_OK;
    }
    if (dataset.filter_count) {
        TRY(count_or_close(viewing, whole, &dataset, ret_visible));
        dataset.is_partial = dataset.records_count != whole->records_count;
    }
    dataset.view = granted.view;
    struct dataset *seen = arena_new(arena, struct dataset);
    *seen = dataset;
    *ret_dataset = seen;
    return ERR_OK;
}

enum err view_fill(struct scope *scope, const struct rules *rules, const struct snapshot *base,
                   const struct actor *actor, struct records *records, struct counts *counts,
                   struct snapshot *view)
{
    struct viewing viewing = {scope, rules, actor, records, counts, base, view};
    view->datasets =
        arena_array(&snapshot_scope(view)->arena, const struct dataset *, base->count);
    for (size_t i = 0; i < base->count; i++) {
        bool visible;
        struct arena_mark mark = arena_get_mark(&scope->arena);
        TRY(view_dataset(&viewing, base->datasets[i], &view->datasets[view->count], &visible));
        view->count += visible;
        arena_rewind(&scope->arena, mark);
    }
    snapshot_index(view);
    return ERR_OK;
}

/* ---- what two may see ---- */

static bool names(const struct dataset *dataset, str field)
{
    for (size_t i = 0; i < dataset->hidden_count; i++) {
        if (str_eq(dataset->hidden[i], field)) {
            return true;
        }
    }
    return false;
}

static void add_hidden(struct arena *arena, const struct dataset *other, struct dataset *dataset)
{
    str *hidden = arena_array(arena, str, dataset->hidden_count + other->hidden_count);
    size_t count = 0;
    for (size_t i = 0; i < dataset->hidden_count; i++) {
        hidden[count++] = dataset->hidden[i];
    }
    for (size_t i = 0; i < other->hidden_count; i++) {
        if (!names(dataset, other->hidden[i])) {
            hidden[count++] = str_copy(arena, other->hidden[i]);
        }
    }
    dataset->hidden = hidden;
    dataset->hidden_count = count;
}

/* Each filter is a condition by itself, so that parentheses hold it together. */
static void any_of(struct buf *out, const struct dataset *dataset)
{
    buf_add_char(out, '(');
    for (size_t i = 0; i < dataset->filter_count; i++) {
        buf_printf(out, "%s(%.*s)", i ? " or " : "", STR_ARG(dataset->filters[i]));
    }
    buf_add_char(out, ')');
}

static void add_filters(struct arena *arena, const struct dataset *other, struct dataset *dataset)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    size_t count = other->filter_count && dataset->filter_count ? 1
                                                                : other->filter_count + dataset->filter_count;
    str *filters = arena_array(arena, str, count + 1);
    const struct dataset *only = dataset->filter_count ? dataset : other;
    if (other->filter_count && dataset->filter_count) {
        any_of(&out, dataset);
        buf_add(&out, S(" and "));
        any_of(&out, other);
        filters[0] = buf_copy(&out, arena);
    }
    for (size_t i = 0; i < count && out.n == 0; i++) {
        filters[i] = str_copy(arena, only->filters[i]);
    }
    dataset->filters = filters;
    dataset->filter_count = count;
}

/* Nothing is left of a dataset of which all fields are hidden. */
static enum err has_fields(struct scope *scope, const struct snapshot *base, const struct dataset *whole,
                           const struct dataset *dataset, bool *ret_has)
{
    const struct dataset *loaded;
    TRY(dataset_load(scope, base, whole, &loaded));
    *ret_has = dataset->hidden_count < loaded->schema.count;
    return ERR_OK;
}

enum err view_intersect(struct scope *scope, const struct snapshot *base, const struct dataset *own,
                        const struct dataset *other, struct records *records, struct counts *counts,
                        struct snapshot *view)
{
    struct arena *arena = &snapshot_scope(view)->arena;
    struct viewing viewing = {.scope = scope, .records = records, .counts = counts, .base = base, .view = view};
    const struct dataset *whole = own && other ? snapshot_find(base, own->uid) : NULL;
    bool is_visible = whole != NULL;
    view->datasets = arena_array(arena, const struct dataset *, 1);
    if (whole) {
        struct dataset *seen = arena_new(arena, struct dataset);
        *seen = *whole;
        add_hidden(arena, own, seen);
        add_hidden(arena, other, seen);
        add_filters(arena, own, seen);
        add_filters(arena, other, seen);
        if (seen->hidden_count) {
            TRY(has_fields(scope, base, whole, seen, &is_visible));
        }
        if (is_visible && seen->filter_count) {
            TRY(count_or_close(&viewing, whole, seen, &is_visible));
            seen->is_partial = seen->records_count != whole->records_count;
        }
        uint64_t parts[] = {own->view, other->view};
        if (seen->hidden_count || seen->filter_count) {
            seen->view = str_hash((str){(const char *)parts, sizeof(parts)}) | 1;
        }
        view->datasets[0] = seen;
        view->count = is_visible;
    }
    snapshot_index(view);
    return ERR_OK;
}
