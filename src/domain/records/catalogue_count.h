/*
 * What choices (odsql.h) leave of a source of the catalogue, and how often the values of its facets occur
 * there, told from memory. Private to this directory.
 */
#ifndef DOMAIN_RECORDS_CATALOGUE_COUNT_H
#define DOMAIN_RECORDS_CATALOGUE_COUNT_H

#include "domain/records/catalogue_source.h"

struct chosen_rows {
    const uint8_t *marks; /* 1 for each row that is chosen, else 0; NULL: all are */
    size_t count;
};

/** The rows of known choices, with values in lang. In the arena. */
struct chosen_rows catalogue_choose(struct arena *arena, const struct catalogue_source *source,
                                    str lang, const struct choices *choices);

/**
 * The rows of a page of known choices in their order, at most limit from offset on; ret_total: of all pages. In
 * the arena.
 */
const int64_t *catalogue_page(struct arena *arena, const struct catalogue_source *source, str lang,
                              const struct choices *choices, int64_t offset, int64_t limit,
                              size_t *ret_count, int64_t *ret_total);

struct counted_value {
    str value;
    int64_t count;
};

/** Whether the values of a facet are counted without the engine: texts that are flat, dates and times. */
bool catalogue_can_count(const struct facet_plan *plan, const struct facet_request *request);

/**
 * The values of such a facet as the plan's statement has them: the same, in the same order. In the arena;
 * texts are borrowed from the source.
 */
const struct counted_value *catalogue_count(struct arena *arena, const struct catalogue_source *source,
                                            str lang, const struct facet_plan *plan,
                                            const struct facet_request *request, size_t *ret_count);

#endif
