/* Texts that points share, numbered from 1 on: each is kept once. Private to this directory. */
#ifndef DOMAIN_RECORDS_POINT_TEXTS_H
#define DOMAIN_RECORDS_POINT_TEXTS_H

#include "base/str.h"
#include "base/vec.h"

struct point_texts {
    struct arena arena;
    VEC(str) texts; /* the first has number 1 */
    uint32_t *slots; /* by hash: numbers, 0: free; allocated */
    size_t slot_count;
    size_t bytes; /* that they take, about */
};

/** Makes an empty list. Undone by point_texts_done. */
void point_texts_init(struct point_texts *texts);
void point_texts_done(struct point_texts *texts);

/** The number of a text, which is copied where it is new. */
uint32_t point_texts_number(struct point_texts *texts, str text);

/** Nothing is added any more: gives back what only adding needs. */
void point_texts_close(struct point_texts *texts);

#endif
