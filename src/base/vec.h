/*
 * Growable arrays in an arena. VEC(type) declares the struct, vec_add appends and returns nothing;
 * items stay where they are until the array grows. Growth leaves the old array in the arena.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <string.h>

#include "base/arena.h"

#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count;                                                                              \
        size_t capacity;                                                                           \
    }

/** Appends value to a VEC. */
#define vec_add(arena, vec, ...)                                                                   \
    do {                                                                                           \
        if ((vec)->count == (vec)->capacity) {                                                     \
            size_t vec_capacity_ = (vec)->capacity ? (vec)->capacity * 2 : 8;                      \
            void *vec_grown_ =                                                                     \
                arena_alloc_array((arena), vec_capacity_, sizeof(*(vec)->items));                  \
            if ((vec)->count) {                                                                    \
                memcpy(vec_grown_, (vec)->items, (vec)->count * sizeof(*(vec)->items));            \
            }                                                                                      \
            (vec)->items = vec_grown_;                                                             \
            (vec)->capacity = vec_capacity_;                                                       \
        }                                                                                          \
        (vec)->items[(vec)->count++] = (__VA_ARGS__);                                              \
    } while (0)

#endif
