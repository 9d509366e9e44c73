/* Texts that points share, numbered from 1 on: each is kept once. Private to this directory. */
#ifndef DOMAIN_RECORDS_POINT_TEXTS_H
#define DOMAIN_RECORDS_POINT_TEXTS_H

#include "base/str.h"
#include "base/vec.h"
#include "platform/db/cell.h"

struct point_texts_slot {
    uint32_t number; /* 0: free */
    uint32_t mark;   /* half of the text's hash, that others in the way are told from it without a look at them */
};

struct point_texts {
    struct arena arena;
    VEC(str) texts; /* the first has number 1 */
    struct point_texts_slot *slots; /* by hash; allocated */
    size_t slot_count;
    size_t bytes; /* that they take, about */
};

/** Makes an empty list. Undone by point_texts_done. */
void point_texts_init(struct point_texts *texts);
void point_texts_done(struct point_texts *texts);

/** The numbers of a column's texts, which are copied where they are new; a null has number 0. */
void point_texts_number(struct point_texts *texts, const struct column *column, size_t rows, uint32_t *ret_numbers);

/** Nothing is added any more: gives back what only adding needs. */
void point_texts_close(struct point_texts *texts);

#endif
