#include "domain/records/catalogue_values.h"

#include <stdlib.h>

#include "base/bug.h"
#include "base/limits.h"
#include "domain/records/catalogue_source.h"

#define PLACES_FIRST 64 /* a power of two */

/* Numbers by the hash of what they stand for, at the first free place from there on. */
struct value_places {
    struct value_place {
        uint32_t hash, code; /* code: the number plus 1; 0: free */
    } *items;
    size_t room, count;
};

struct catalogue_values {
    struct arena arena; /* holds all but places and numbers */
    size_t count;       /* of the table's columns */
    struct value_column *columns[LIMIT_FIELDS]; /* NULL: not kept */
    struct value_texts *texts[LIMIT_FIELDS];    /* all, each once */
    size_t texts_count;
    const struct metadata_row *rows[LIMIT_FIELDS]; /* of texts; NULL: features */
    uint32_t *numbers; /* of one list, while it is looked up */
    size_t numbers_room;
};

struct catalogue_values *catalogue_values_new(void)
{
    struct catalogue_values *values = calloc(1, sizeof(*values));
    if (!values) {
        bug_out_of_memory(sizeof(*values));
    }
    arena_init(&values->arena, SIZE_MAX); /* as large as the catalogue */
    return values;
}

static void places_free(struct value_places *places)
{
    if (places) {
        free(places->items);
    }
}

void catalogue_values_free(struct catalogue_values *values)
{
    if (!values) {
        return;
    }
    for (size_t i = 0; i < values->texts_count; i++) {
        places_free(values->texts[i]->text_places);
        places_free(values->texts[i]->set_places);
    }
    arena_done(&values->arena);
    free(values->numbers);
    free(values);
}

/* ---- lists that never move ---- */

static void *parts_next(struct arena *arena, struct parts *parts, size_t bytes)
{
    size_t in;
    size_t part = part_of(parts->count++, &in);
    bug_if(part >= PARTS_MOST);
    if (in == 0) {
        parts->items[part] =
            arena_alloc_array(arena, (size_t)1 << (part + PART_FIRST_BITS), bytes);
    }
    return (char *)parts->items[part] + in * bytes;
}

static uint32_t add_number(struct arena *arena, struct parts *parts, uint32_t number)
{
    *(uint32_t *)parts_next(arena, parts, sizeof(number)) = number;
    return (uint32_t)parts->count - 1;
}

/* ---- finding values again ---- */

static struct value_places *places_new(struct arena *arena)
{
    struct value_places *places = arena_new(arena, struct value_places);
    places->room = PLACES_FIRST;
    places->items = calloc(places->room, sizeof(*places->items));
    if (!places->items) {
        bug_out_of_memory(places->room * sizeof(*places->items));
    }
    return places;
}

static void places_put(struct value_places *places, struct value_place place)
{
    size_t at = place.hash & (places->room - 1);
    while (places->items[at].code) {
        at = (at + 1) & (places->room - 1);
    }
    places->items[at] = place;
    places->count++;
}

static void places_add(struct value_places *places, uint32_t hash, uint32_t number)
{
    if (3 * places->count >= 2 * places->room) {
        struct value_places larger = {.room = 2 * places->room};
        larger.items = calloc(larger.room, sizeof(*larger.items));
        if (!larger.items) {
            bug_out_of_memory(larger.room * sizeof(*larger.items));
        }
        for (size_t i = 0; i < places->room; i++) {
            if (places->items[i].code) {
                places_put(&larger, places->items[i]);
            }
        }
        free(places->items);
        *places = larger;
    }
    places_put(places, (struct value_place){hash, number + 1});
}

static uint32_t find_text(struct catalogue_values *values, struct value_texts *texts, str text)
{
    struct value_places *places = texts->text_places;
    uint32_t hash = (uint32_t)str_hash(text);
    for (size_t at = hash & (places->room - 1); places->items[at].code;
         at = (at + 1) & (places->room - 1)) {
        uint32_t number = places->items[at].code - 1;
        if (places->items[at].hash == hash && str_eq(value_text(texts, number), text)) {
            return number;
        }
    }
    *(str *)parts_next(&values->arena, &texts->texts, sizeof(str)) = str_copy(&values->arena, text);
    uint32_t number = (uint32_t)texts->texts.count - 1;
    places_add(places, hash, number);
    return number;
}

static bool is_set(const struct value_texts *texts, size_t number, const uint32_t *members,
                   size_t count)
{
    struct number_range range = value_set(texts, number);
    bool is_same = range.count == count;
    for (size_t i = 0; i < count && is_same; i++) {
        is_same = part_number(&texts->members, range.first + i) == members[i];
    }
    return is_same;
}

static uint32_t find_set(struct catalogue_values *values, struct value_texts *texts,
                         const uint32_t *members, size_t count)
{
    struct value_places *places = texts->set_places;
    uint32_t hash = (uint32_t)str_hash((str){(const char *)members, count * sizeof(*members)});
    for (size_t at = hash & (places->room - 1); places->items[at].code;
         at = (at + 1) & (places->room - 1)) {
        uint32_t number = places->items[at].code - 1;
        if (places->items[at].hash == hash && is_set(texts, number, members, count)) {
            return number;
        }
    }
    struct number_range *range = parts_next(&values->arena, &texts->sets, sizeof(*range));
    *range = (struct number_range){(uint32_t)texts->members.count, (uint32_t)count};
    for (size_t i = 0; i < count; i++) {
        add_number(&values->arena, &texts->members, members[i]);
    }
    uint32_t number = (uint32_t)texts->sets.count - 1;
    places_add(places, hash, number);
    return number;
}

/* ---- columns ---- */

static bool is_kept(const struct catalogue_column *column)
{
    if (!column->row) {
        return !column->template_name.n && str_eq(column->name, S("features"));
    }
    return column->row->flags & METADATA_FACET &&
           (column->type == METADATA_TEXT || column->type == METADATA_TEXTS ||
            column->type == METADATA_INSTANT);
}

/* Translations have their texts in common, so that they have one number in all languages. */
static struct value_texts *texts_of(struct catalogue_values *values,
                                    const struct catalogue_column *column)
{
    for (size_t i = 0; i < values->texts_count; i++) {
        if (values->rows[i] == column->row) {
            return values->texts[i];
        }
    }
    struct value_texts *texts = arena_new(&values->arena, struct value_texts);
    texts->is_list = column->type == METADATA_TEXTS;
    texts->text_places = places_new(&values->arena);
    texts->set_places = places_new(&values->arena);
    values->rows[values->texts_count] = column->row;
    values->texts[values->texts_count++] = texts;
    return texts;
}

static void add_instant(struct catalogue_values *values, struct value_column *column, usec instant)
{
    *(usec *)parts_next(&values->arena, &column->values, sizeof(instant)) = instant;
}

static void add_null(struct catalogue_values *values, struct value_column *column)
{
    if (column->of) {
        add_number(&values->arena, &column->values, 0);
    } else {
        add_instant(values, column, INSTANT_NONE);
    }
}

void catalogue_values_extend(struct catalogue_values *values, const struct catalogue_columns *columns,
                             size_t slots)
{
    for (; values->count < columns->count; values->count++) {
        const struct catalogue_column *column = &columns->items[values->count];
        if (!is_kept(column)) {
            continue;
        }
        struct value_column *made = arena_new(&values->arena, struct value_column);
        made->of = column->type == METADATA_INSTANT ? NULL : texts_of(values, column);
        values->columns[values->count] = made;
        while (made->values.count < slots) {
            add_null(values, made);
        }
    }
}

/* ---- rows ---- */

static int compare_numbers(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static void make_room(struct catalogue_values *values, size_t count)
{
    if (count > values->numbers_room) {
        size_t room = count < 64 ? 64 : 2 * count;
        uint32_t *numbers = realloc(values->numbers, room * sizeof(*numbers));
        if (!numbers) {
            bug_out_of_memory(room * sizeof(*numbers));
        }
        values->numbers = numbers;
        values->numbers_room = room;
    }
}

/* A row counts once for each different text of its list. */
static uint32_t find_list(struct catalogue_values *values, struct value_texts *texts,
                          const str *items, size_t count)
{
    make_room(values, count + 1);
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i].p) {
            values->numbers[found++] = find_text(values, texts, items[i]);
        }
    }
    qsort(values->numbers, found, sizeof(*values->numbers), compare_numbers);
    size_t kept = 0;
    for (size_t i = 0; i < found; i++) {
        if (i == 0 || values->numbers[i] != values->numbers[i - 1]) {
            values->numbers[kept++] = values->numbers[i];
        }
    }
    return find_set(values, texts, values->numbers, kept);
}

static void add_value(struct catalogue_values *values, struct value_column *column,
                      const struct column *cells, size_t row)
{
    if (column_is_null(cells, row)) {
        add_null(values, column);
    } else if (!column->of) {
        add_instant(values, column, cells->instants[row]);
    } else if (column->of->is_list) {
        struct span list = cells->lists[row];
        add_number(&values->arena, &column->values,
                   find_list(values, column->of, cells->items + list.from, list.count) + 1);
    } else {
        add_number(&values->arena, &column->values,
                   find_text(values, column->of, cells->texts[row]) + 1);
    }
}

void catalogue_values_add(struct catalogue_values *values, const struct batch *rows, size_t slot)
{
    for (size_t i = 0; i < rows->column_count; i++) {
        struct value_column *column = values->columns[i];
        bug_if(column && column->values.count != slot);
        for (size_t row = 0; column && row < rows->rows; row++) {
            add_value(values, column, &rows->columns[i], row);
        }
    }
}

const struct value_view *catalogue_values_view(struct arena *arena,
                                               const struct catalogue_values *values, size_t columns)
{
    struct value_view *views = arena_array(arena, struct value_view, columns + 1);
    for (size_t i = 0; i < columns && i < values->count; i++) {
        const struct value_column *column = values->columns[i];
        if (column) {
            views[i] = (struct value_view){column, column->of ? column->of->texts.count : 0,
                                           column->of ? column->of->sets.count : 0};
        }
    }
    return views;
}

size_t catalogue_values_bytes(const struct catalogue_values *values)
{
    size_t bytes = sizeof(*values) + values->arena.used_bytes +
                   values->numbers_room * sizeof(*values->numbers);
    for (size_t i = 0; i < values->texts_count; i++) {
        bytes += (values->texts[i]->text_places->room + values->texts[i]->set_places->room) *
                 sizeof(struct value_place);
    }
    return bytes;
}
