/* Which rows of the catalogue searches and choices leave. */
#include "domain/records/catalogue_count.h"
#include "domain/records/catalogue_reader.h"

/* ---- columns ---- */

struct value_reader value_reader_of(struct arena *arena, const struct catalogue_source *source,
                                    str lang, const struct field *field)
{
    size_t at = (size_t)(field - source->schema.fields);
    size_t *columns;
    size_t count = catalogue_translations(arena, source, at, lang, &columns);
    struct value_reader reader = {
        .columns = arena_array(arena, const struct value_column *, count + 1)};
    for (size_t i = 0; i <= count; i++) {
        size_t column = i < count ? columns[i] : source->used[at]; /* facets are fixed, which come first in both */
        const struct value_view *view = &source->values[column];
        bug_if(!view->column);
        reader.columns[reader.count++] = view->column;
        reader.texts = view->texts; /* the same in all of them */
        reader.sets = view->sets;
    }
    reader.of = reader.columns[0]->of;
    return reader;
}

/* ---- searches ---- */

static void mark_found(const struct catalogue_source *source, const struct choices *choices,
                       uint8_t *marks)
{
    memset(marks, 1, source->count);
    for (size_t i = 0; i < choices->search_count; i++) {
        const struct catalogue_ranks *ranks = choices->searches[i];
        for (size_t row = 0; row < source->count; row++) {
            marks[row] &= row < ranks->count && ranks->places[row] != 0;
        }
    }
}

/* ---- choices ---- */

static bool is_chosen_text(const struct choices *choices, size_t group, str text)
{
    for (size_t i = 0; i < choices->count; i++) {
        if (choices->items[i].group == group && str_eq(choices->items[i].value, text)) {
            return true;
        }
    }
    return false;
}

/* By code, whether the value is one of a group, or has one: 1. */
static const uint8_t *mark_values(struct arena *arena, const struct value_reader *reader,
                                  const struct choices *choices, size_t group)
{
    uint8_t *texts = arena_array(arena, uint8_t, reader->texts + 1);
    for (size_t i = 0; i < reader->texts; i++) {
        texts[i + 1] = is_chosen_text(choices, group, value_text(reader->of, i));
    }
    if (!reader->of->is_list) {
        return texts;
    }
    uint8_t *sets = arena_array(arena, uint8_t, reader->sets + 1);
    for (size_t i = 0; i < reader->sets; i++) {
        struct number_range range = value_set(reader->of, i);
        for (size_t j = 0; j < range.count && !sets[i + 1]; j++) {
            sets[i + 1] = texts[part_number(&reader->of->members, range.first + j) + 1];
        }
    }
    return sets;
}

static bool is_chosen_instant(const struct choices *choices, size_t group, usec instant)
{
    for (size_t i = 0; i < choices->count && instant != INSTANT_NONE; i++) {
        const struct choice *choice = &choices->items[i];
        if (choice->group == group && instant >= choice->start && instant < choice->end) {
            return true;
        }
    }
    return false;
}

static void apply_group(struct arena *arena, const struct catalogue_source *source, str lang,
                        const struct choices *choices, size_t first, uint8_t *marks)
{
    const struct choice *choice = &choices->items[first];
    struct value_reader reader = value_reader_of(arena, source, lang, choice->field);
    const uint8_t *chosen = reader.of ? mark_values(arena, &reader, choices, choice->group) : NULL;
    for (size_t row = 0; row < source->count; row++) {
        if (marks[row]) {
            size_t slot = source->slots[row];
            bool is_chosen = chosen ? chosen[value_reader_code(&reader, slot)]
                                    : is_chosen_instant(choices, choice->group,
                                                        value_instant(reader.columns[0], slot));
            marks[row] = is_chosen != choice->is_excluded;
        }
    }
}

static bool is_first_of_group(const struct choices *choices, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (choices->items[i].group == choices->items[at].group) {
            return false;
        }
    }
    return true;
}

struct chosen_rows catalogue_choose(struct arena *arena, const struct catalogue_source *source,
                                    str lang, const struct choices *choices)
{
    struct chosen_rows rows = {NULL, source->count};
    if (choices->search_count + choices->count == 0) {
        return rows;
    }
    uint8_t *marks = arena_array(arena, uint8_t, source->count + 1);
    mark_found(source, choices, marks);
    for (size_t i = 0; i < choices->count; i++) {
        if (is_first_of_group(choices, i)) {
            apply_group(arena, source, lang, choices, i, marks);
        }
    }
    rows.marks = marks;
    rows.count = 0;
    for (size_t row = 0; row < source->count; row++) {
        rows.count += marks[row];
    }
    return rows;
}

/* ---- pages ---- */

/* Rows by their place in the first search; 0: none, else the row plus 1. */
static const uint32_t *order_by_place(struct arena *arena, const struct chosen_rows *rows,
                                      const struct catalogue_ranks *ranks)
{
    uint32_t *ordered = arena_array(arena, uint32_t, ranks->found + 1);
    for (size_t row = 0; row < ranks->count; row++) {
        if (rows->marks[row]) {
            ordered[ranks->places[row] - 1] = (uint32_t)row + 1;
        }
    }
    return ordered;
}

const int64_t *catalogue_page(struct arena *arena, const struct catalogue_source *source, str lang,
                              const struct choices *choices, int64_t offset, int64_t limit,
                              size_t *ret_count, int64_t *ret_total)
{
    struct chosen_rows chosen = catalogue_choose(arena, source, lang, choices);
    const struct catalogue_ranks *first = choices->search_count ? choices->searches[0] : NULL;
    const uint32_t *ordered = first ? order_by_place(arena, &chosen, first) : NULL;
    int64_t left = offset < (int64_t)chosen.count ? (int64_t)chosen.count - offset : 0;
    size_t count = (size_t)(limit < left ? limit : left);
    int64_t *rows = arena_array(arena, int64_t, count + 1);
    size_t kept = 0;
    size_t end = first ? first->found : source->count;
    int64_t passed = chosen.marks ? 0 : offset; /* all rows: the first is known */
    for (size_t i = chosen.marks || !count ? 0 : (size_t)offset; i < end && kept < count; i++) {
        bool is_chosen = ordered ? ordered[i] != 0 : !chosen.marks || chosen.marks[i];
        if (is_chosen && passed++ >= offset) {
            rows[kept++] = ordered ? (int64_t)ordered[i] - 1 : (int64_t)i;
        }
    }
    *ret_count = kept;
    *ret_total = (int64_t)chosen.count;
    return rows;
}
