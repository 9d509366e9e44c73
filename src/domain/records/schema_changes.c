#include "domain/records/schema_changes.h"

#include "base/vec.h"

typedef VEC(struct schema_change) change_list;
typedef VEC(str) aspect_list;

static bool same_type(const struct field *a, const struct field *b)
{
    return a->type == b->type && field_is_list(a) == field_is_list(b);
}

static void compare_texts(struct arena *arena, aspect_list *aspects, const char *name, str a, str b)
{
    if (!str_eq(a.n ? a : S(""), b.n ? b : S(""))) {
        vec_add(arena, aspects, str_from(name));
    }
}

static void compare_flags(struct arena *arena, aspect_list *aspects, const char *name, bool a, bool b)
{
    if (a != b) {
        vec_add(arena, aspects, str_from(name));
    }
}

static aspect_list compare_fields(struct arena *arena, const struct field *a, const struct field *b)
{
    aspect_list aspects = {0};
    compare_texts(arena, &aspects, "label", a->label, b->label);
    compare_texts(arena, &aspects, "description", a->description, b->description);
    compare_texts(arena, &aspects, "unit", a->unit, b->unit);
    compare_texts(arena, &aspects, "multivalued", a->multivalued, b->multivalued);
    compare_texts(arena, &aspects, "hierarchical", a->hierarchical, b->hierarchical);
    compare_texts(arena, &aspects, "facetsort", a->facetsort, b->facetsort);
    compare_texts(arena, &aspects, "timeserie_precision", a->timeserie_precision, b->timeserie_precision);
    compare_flags(arena, &aspects, "decimals", a->decimals != b->decimals, false);
    compare_flags(arena, &aspects, "facet", a->facet, b->facet);
    compare_flags(arena, &aspects, "disjunctive", a->disjunctive, b->disjunctive);
    compare_flags(arena, &aspects, "sortable", a->sortable, b->sortable);
    compare_flags(arena, &aspects, "id", a->id, b->id);
    compare_flags(arena, &aspects, "timerangeFilter", a->timerange_filter, b->timerange_filter);
    return aspects;
}

static void compare(struct arena *arena, const struct field *before, const struct field *after,
                    change_list *changes)
{
    if (!before) {
        vec_add(arena, changes, ((struct schema_change){.kind = SCHEMA_ADDED, .after = after}));
        return;
    }
    if (!same_type(before, after)) {
        vec_add(arena, changes,
                ((struct schema_change){.kind = SCHEMA_TYPE, .before = before, .after = after}));
        return;
    }
    aspect_list aspects = compare_fields(arena, before, after);
    if (aspects.count) {
        vec_add(arena, changes,
                ((struct schema_change){SCHEMA_DESCRIBED, before, after, aspects.items, aspects.count}));
    }
}

const struct schema_change *schema_changes(struct arena *arena, const struct schema *before,
                                           const struct schema *after, size_t *ret_count)
{
    change_list changes = {0};
    for (size_t i = 0; i < after->count; i++) {
        compare(arena, schema_find(before, after->fields[i].name), &after->fields[i], &changes);
    }
    for (size_t i = 0; i < before->count; i++) {
        if (!schema_find(after, before->fields[i].name)) {
            vec_add(arena, &changes,
                    ((struct schema_change){.kind = SCHEMA_REMOVED, .before = &before->fields[i]}));
        }
    }
    *ret_count = changes.count;
    return changes.items;
}

struct schema schema_common(struct arena *arena, const struct schema *before, const struct schema *after)
{
    struct schema common = {arena_array(arena, struct field, after->count + 1), 0};
    for (size_t i = 0; i < after->count; i++) {
        const struct field *other = schema_find(before, after->fields[i].name);
        if (other && same_type(other, &after->fields[i])) {
            common.fields[common.count++] = after->fields[i];
        }
    }
    return common;
}

bool schema_same_columns(const struct schema *before, const struct schema *after)
{
    bool same = before->count == after->count;
    for (size_t i = 0; same && i < before->count; i++) {
        same = same_type(&before->fields[i], &after->fields[i]) &&
               str_eq(before->fields[i].name, after->fields[i].name);
    }
    return same;
}
