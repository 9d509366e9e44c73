/*
 * Values of the catalogue's facets in memory, beside its table: for each of its columns that is a facet one
 * number a slot, which stands for a text or a set of texts, or one instant. Private to this directory.
 *
 * Slots, numbers and texts are only added, by one thread at a time, and nothing moves. Who reads keeps to the
 * slots that were there when his source was made, and to numbers below those that catalogue_values_view noted
 * then: these are written before the source is handed to other threads under a mutex, and never again, so
 * that reading needs no lock while slots of later sources are added.
 */
#ifndef DOMAIN_RECORDS_CATALOGUE_VALUES_H
#define DOMAIN_RECORDS_CATALOGUE_VALUES_H

#include "base/arena.h"
#include "base/clock.h"
#include "platform/db/cell.h"

struct catalogue_columns; /* catalogue_source.h */

/* ---- lists that never move ---- */

#define PARTS_MOST 24 /* numbers have 32 bits */
#define PART_FIRST_BITS 8 /* the first part has so many items, each further one as many as all before it and these */

struct parts {
    void *items[PARTS_MOST];
    size_t count; /* for who adds; others read below what they know */
};

static inline size_t part_of(size_t at, size_t *ret_in)
{
    size_t shifted = at + ((size_t)1 << PART_FIRST_BITS);
    size_t bit = 63 - (size_t)__builtin_clzll(shifted);
    *ret_in = shifted - ((size_t)1 << bit);
    return bit - PART_FIRST_BITS;
}

static inline uint32_t part_number(const struct parts *parts, size_t at)
{
    size_t in;
    const uint32_t *items = parts->items[part_of(at, &in)];
    return items[in];
}

/* ---- columns ---- */

struct number_range {
    uint32_t first, count;
};

/* The texts of a metadata in all languages. */
struct value_texts {
    bool is_list;
    struct parts texts; /* str, by number */
    struct parts sets;  /* struct number_range of members, by number; of lists */
    struct parts members; /* uint32_t, numbers of texts: those of a set ascend */
    struct value_places *text_places, *set_places; /* to find them again; for who adds */
};

struct value_column {
    struct value_texts *of; /* NULL: instants */
    struct parts values;    /* of slots: uint32_t, the number of the text or set plus 1, 0 for null; or usec */
};

#define INSTANT_NONE INT64_MIN

/* What a source may read of a column. */
struct value_view {
    const struct value_column *column; /* NULL: not kept */
    size_t texts, sets;                /* there are */
};

/** Number plus 1 of the text or set in a slot; 0: null. */
static inline uint32_t value_code(const struct value_column *column, size_t slot)
{
    return part_number(&column->values, slot);
}

static inline usec value_instant(const struct value_column *column, size_t slot)
{
    size_t in;
    const usec *instants = column->values.items[part_of(slot, &in)];
    return instants[in];
}

static inline str value_text(const struct value_texts *texts, size_t number)
{
    size_t in;
    const str *items = texts->texts.items[part_of(number, &in)];
    return items[in];
}

static inline struct number_range value_set(const struct value_texts *texts, size_t number)
{
    size_t in;
    const struct number_range *items = texts->sets.items[part_of(number, &in)];
    return items[in];
}

/* ---- of a table ---- */

struct catalogue_values;

/** Undone by catalogue_values_free, which accepts NULL. */
struct catalogue_values *catalogue_values_new(void);
void catalogue_values_free(struct catalogue_values *values);

/** Makes room for columns that are new; in the slots so far they are null. */
void catalogue_values_extend(struct catalogue_values *values, const struct catalogue_columns *columns,
                             size_t slots);

/** Adds the values of rows, whose first one has the next slot: slot. */
void catalogue_values_add(struct catalogue_values *values, const struct batch *rows, size_t slot);

/** What there is now, by column. In the arena. */
const struct value_view *catalogue_values_view(struct arena *arena,
                                               const struct catalogue_values *values, size_t columns);

/** Memory that it takes. */
size_t catalogue_values_bytes(const struct catalogue_values *values);

#endif
