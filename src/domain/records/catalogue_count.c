/* Counting the values of the catalogue's facets. */
#include "domain/records/catalogue_count.h"

#include <stdlib.h>

#include "base/date.h"
#include "base/limits.h"
#include "base/vec.h"
#include "domain/records/catalogue_reader.h"
#include "platform/text/zone.h"

typedef VEC(struct counted_value) value_list;

bool catalogue_can_count(const struct facet_plan *plan, const struct facet_request *request)
{
    const struct field *field = request->field;
    return plan->choices.are_known && field->facet &&
           (field->type == FIELD_DATETIME ||
            (field->type == FIELD_TEXT && !request->separator.n));
}

/* ---- order ---- */

enum value_order { ORDER_MOST_FIRST, ORDER_LEAST_FIRST, ORDER_ASCENDING, ORDER_DESCENDING };

static enum value_order order_of(const struct facet_request *request)
{
    str sort = request->sort;
    return str_eq(sort, S("alphanum")) || str_eq(sort, S("num"))     ? ORDER_ASCENDING
           : str_eq(sort, S("-alphanum")) || str_eq(sort, S("-num")) ? ORDER_DESCENDING
           : str_eq(sort, S("-count"))                               ? ORDER_LEAST_FIRST
                                                                     : ORDER_MOST_FIRST;
}

/* Less than 0: a comes first. No two values are equal. */
static int compare_values(const struct counted_value *a, const struct counted_value *b,
                          enum value_order order)
{
    int by_count = (a->count > b->count) - (a->count < b->count);
    if (by_count && (order == ORDER_MOST_FIRST || order == ORDER_LEAST_FIRST)) {
        return order == ORDER_MOST_FIRST ? -by_count : by_count;
    }
    int by_value = str_compare(a->value, b->value);
    return order == ORDER_DESCENDING ? -by_value : by_value;
}

static int compare_in_order(const void *a, const void *b, void *order)
{
    return compare_values(a, b, *(const enum value_order *)order);
}

/* The first values in an order: a heap whose root is the last of them. */
struct first_values {
    struct counted_value *items;
    size_t count, most;
    enum value_order order;
};

static void sink_root(const struct first_values *first)
{
    struct counted_value *items = first->items;
    for (size_t at = 0, child; (child = 2 * at + 1) < first->count; at = child) {
        child += child + 1 < first->count &&
                 compare_values(&items[child + 1], &items[child], first->order) > 0;
        if (compare_values(&items[at], &items[child], first->order) >= 0) {
            return;
        }
        struct counted_value moved = items[at];
        items[at] = items[child];
        items[child] = moved;
    }
}

static void rise_last(const struct first_values *first)
{
    struct counted_value *items = first->items;
    for (size_t at = first->count - 1, parent; at > 0; at = parent) {
        parent = (at - 1) / 2;
        if (compare_values(&items[parent], &items[at], first->order) >= 0) {
            return;
        }
        struct counted_value moved = items[at];
        items[at] = items[parent];
        items[parent] = moved;
    }
}

static void offer(struct first_values *first, struct counted_value value)
{
    if (first->count < first->most) {
        first->items[first->count++] = value;
        rise_last(first);
    } else if (first->most && compare_values(&value, &first->items[0], first->order) < 0) {
        first->items[0] = value;
        sink_root(first);
    }
}

static struct first_values first_values_begin(struct arena *arena, size_t values, int64_t limit,
                                              const struct facet_request *request)
{
    size_t most = (uint64_t)limit < values ? (size_t)limit : values;
    return (struct first_values){.items = arena_array(arena, struct counted_value, most + 1),
                                 .most = most,
                                 .order = order_of(request)};
}

static const struct counted_value *first_values_end(struct first_values *first, size_t *ret_count)
{
    qsort_r(first->items, first->count, sizeof(*first->items), compare_in_order, &first->order);
    *ret_count = first->count;
    return first->items;
}

/* ---- texts ---- */

/* By code, of how many chosen rows it is. */
static const uint32_t *count_codes(struct arena *arena, const struct catalogue_source *source,
                                   const struct value_reader *reader, const struct chosen_rows *rows)
{
    size_t codes = reader->of->is_list ? reader->sets : reader->texts;
    uint32_t *counts = arena_array(arena, uint32_t, codes + 1);
    for (size_t row = 0; row < source->count; row++) {
        if (!rows->marks || rows->marks[row]) {
            counts[value_reader_code(reader, source->slots[row])]++;
        }
    }
    return counts;
}

/* By number plus 1, in how many of the counted sets a text is. */
static const uint32_t *count_members(struct arena *arena, const struct value_reader *reader,
                                     const uint32_t *sets)
{
    uint32_t *counts = arena_array(arena, uint32_t, reader->texts + 1);
    for (size_t i = 0; i < reader->sets; i++) {
        if (sets[i + 1]) {
            struct number_range range = value_set(reader->of, i);
            for (size_t j = 0; j < range.count; j++) {
                counts[part_number(&reader->of->members, range.first + j) + 1] += sets[i + 1];
            }
        }
    }
    return counts;
}

static const struct counted_value *count_texts(struct arena *arena,
                                               const struct catalogue_source *source,
                                               const struct value_reader *reader,
                                               const struct chosen_rows *rows,
                                               const struct facet_plan *plan,
                                               const struct facet_request *request,
                                               size_t *ret_count)
{
    const uint32_t *counts = count_codes(arena, source, reader, rows);
    if (reader->of->is_list) {
        counts = count_members(arena, reader, counts);
    }
    struct first_values first = first_values_begin(arena, reader->texts, plan->limit, request);
    for (size_t i = 0; i < reader->texts; i++) {
        if (counts[i + 1]) {
            offer(&first, (struct counted_value){value_text(reader->of, i), counts[i + 1]});
        }
    }
    return first_values_end(&first, ret_count);
}

/* ---- days ---- */

static int compare_days(const void *a, const void *b)
{
    int32_t left = *(const int32_t *)a;
    int32_t right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

static int32_t day_of(const struct zone *zone, bool is_utc, usec instant)
{
    usec local = is_utc ? instant : instant + zone_offset_at(zone, instant) * USEC_SECOND;
    usec day = local / USEC_DAY;
    return (int32_t)(day - (local % USEC_DAY < 0));
}

/* Local days of the chosen rows, ascending; rows come the latest first, mostly. */
static const int32_t *list_days(struct arena *arena, const struct catalogue_source *source,
                                const struct value_column *column, const struct chosen_rows *rows,
                                const struct zone *zone, size_t *ret_count)
{
    bool is_utc = str_eq(zone_name(zone), S("UTC"));
    int32_t *days = arena_array(arena, int32_t, rows->count + 1);
    size_t count = 0;
    bool is_sorted = true;
    for (size_t row = source->count; row-- > 0;) {
        usec instant = value_instant(column, source->slots[row]);
        if ((!rows->marks || rows->marks[row]) && instant != INSTANT_NONE) {
            days[count] = day_of(zone, is_utc, instant);
            is_sorted &= count == 0 || days[count - 1] <= days[count];
            count++;
        }
    }
    if (!is_sorted) {
        qsort(days, count, sizeof(*days), compare_days);
    }
    *ret_count = count;
    return days;
}

/* ---- places of days ---- */

/* What is opened: places below a prefix have so many bytes of the path 2024/03/31. */
struct opened {
    str prefix;
    size_t levels;
};

typedef VEC(struct opened) opened_list;

static void add_opened(struct arena *arena, opened_list *list, str prefix, size_t levels)
{
    for (size_t i = 0; i < list->count; i++) {
        if (str_eq(list->items[i].prefix, prefix)) {
            return;
        }
    }
    vec_add(arena, list, (struct opened){prefix, levels});
}

/* The levels of refined values open the ones below them (append_places of odsql/facet.c). */
static opened_list list_opened(struct arena *arena, const struct facet_plan *plan, str separator)
{
    opened_list list = {0};
    for (size_t i = 0; i < plan->refined_count; i++) {
        str value = plan->refined[i];
        size_t levels = 1;
        for (size_t at = 0, end = 0; levels < LIMIT_FACET_LEVELS && end != SIZE_MAX;
             at = end + separator.n) {
            end = str_find(value, separator, at);
            str above = end == SIZE_MAX ? value : str_slice(value, 0, end);
            add_opened(arena, &list,
                       str_printf(arena, "%.*s%.*s", STR_ARG(above), STR_ARG(separator)), ++levels);
        }
    }
    return list;
}

static str first_levels(str path, str separator, size_t levels)
{
    size_t at = 0;
    for (size_t end; levels > 0 && (end = str_find(path, separator, at)) != SIZE_MAX; levels--) {
        if (levels == 1) {
            return str_slice(path, 0, end);
        }
        at = end + separator.n;
    }
    return path;
}

static int compare_places(const void *a, const void *b)
{
    return str_compare(((const struct counted_value *)a)->value,
                       ((const struct counted_value *)b)->value);
}

static void add_places(struct arena *arena, int32_t day, int64_t count, str separator,
                       const opened_list *opened, value_list *list)
{
    struct civil civil = date_civil(day);
    if (opened->count == 0) { /* a number, as date_part() makes it */
        vec_add(arena, list, (struct counted_value){str_printf(arena, "%d", civil.year), count});
        return;
    }
    str path = str_printf(arena, "%04d/%02d/%02d", civil.year, civil.month, civil.day);
    vec_add(arena, list, (struct counted_value){first_levels(path, separator, 1), count});
    for (size_t i = 0; i < opened->count; i++) {
        if (str_starts(path, opened->items[i].prefix)) {
            str place = first_levels(path, separator, opened->items[i].levels);
            vec_add(arena, list, (struct counted_value){place, count});
        }
    }
}

/* Equal places become one, that of all their rows. */
static size_t merge_places(struct counted_value *items, size_t count)
{
    size_t kept = 0;
    if (count) {
        qsort(items, count, sizeof(*items), compare_places);
    }
    for (size_t i = 0; i < count; i++) {
        if (kept && str_eq(items[kept - 1].value, items[i].value)) {
            items[kept - 1].count += items[i].count;
        } else {
            items[kept++] = items[i];
        }
    }
    return kept;
}

static const struct counted_value *count_days(struct arena *arena,
                                              const struct catalogue_source *source,
                                              const struct value_reader *reader,
                                              const struct chosen_rows *rows,
                                              const struct facet_plan *plan,
                                              const struct facet_request *request,
                                              size_t *ret_count)
{
    size_t count;
    value_list places = {0};
    opened_list opened = list_opened(arena, plan, request->separator);
    const int32_t *days =
        list_days(arena, source, reader->columns[0], rows, plan->zone, &count);
    for (size_t i = 0, first = 0; i < count; i++) {
        if (i + 1 == count || days[i + 1] != days[i]) {
            add_places(arena, days[i], (int64_t)(i + 1 - first), request->separator, &opened, &places);
            first = i + 1;
        }
    }
    places.count = merge_places(places.items, places.count);
    struct first_values first = first_values_begin(arena, places.count, plan->limit, request);
    for (size_t i = 0; i < places.count; i++) {
        offer(&first, places.items[i]);
    }
    return first_values_end(&first, ret_count);
}

const struct counted_value *catalogue_count(struct arena *arena, const struct catalogue_source *source,
                                            str lang, const struct facet_plan *plan,
                                            const struct facet_request *request, size_t *ret_count)
{
    struct chosen_rows rows = catalogue_choose(arena, source, lang, &plan->choices);
    struct value_reader reader = value_reader_of(arena, source, lang, request->field);
    return reader.of ? count_texts(arena, source, &reader, &rows, plan, request, ret_count)
                     : count_days(arena, source, &reader, &rows, plan, request, ret_count);
}
