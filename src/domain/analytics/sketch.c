#include "domain/analytics/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"

#define FIRST_ROOM 8

struct sketch {
    int bits;      /* of registers; 0: the marks themselves are here */
    int count;     /* of marks */
    int room;
    union {
        uint64_t *marks;
        uint8_t *registers;
    };
};

static void *room_for(size_t bytes)
{
    void *memory = calloc(1, bytes);
    if (!memory) {
        bug_out_of_memory(bytes);
    }
    return memory;
}

static void add_to_registers(struct sketch *sketch, uint64_t mark)
{
    size_t index = (size_t)(mark >> (64 - sketch->bits));
    uint64_t rest = mark << sketch->bits | UINT64_C(1) << (sketch->bits - 1);
    uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
    if (sketch->registers[index] < rank) {
        sketch->registers[index] = rank;
    }
}

static void become_large(struct sketch *sketch, int bits)
{
    uint64_t *marks = sketch->marks;
    int count = sketch->count;
    sketch->bits = bits;
    sketch->registers = room_for((size_t)1 << bits);
    for (int i = 0; i < count; i++) {
        add_to_registers(sketch, marks[i]);
    }
    explicit_bzero(marks, (size_t)sketch->room * sizeof(*marks));
    free(marks);
}

static void grow(struct sketch *sketch)
{
    int room = sketch->room * 2;
    uint64_t *marks = room_for((size_t)room * sizeof(*marks));
    memcpy(marks, sketch->marks, (size_t)sketch->count * sizeof(*marks));
    explicit_bzero(sketch->marks, (size_t)sketch->room * sizeof(*marks));
    free(sketch->marks);
    sketch->marks = marks;
    sketch->room = room;
}

void sketch_add(struct sketch **at, uint64_t mark, int bits)
{
    struct sketch *sketch = *at;
    if (!sketch) {
        sketch = *at = room_for(sizeof(*sketch));
        sketch->room = FIRST_ROOM;
        sketch->marks = room_for(FIRST_ROOM * sizeof(*sketch->marks));
    }
    if (sketch->bits) {
        add_to_registers(sketch, mark);
        return;
    }
    for (int i = 0; i < sketch->count; i++) {
        if (sketch->marks[i] == mark) {
            return;
        }
    }
    if (sketch->count == SKETCH_EXACT) {
        if (bits) {
            become_large(sketch, bits);
            add_to_registers(sketch, mark);
        }
        return;
    }
    if (sketch->count == sketch->room) {
        grow(sketch);
    }
    sketch->marks[sketch->count++] = mark;
}

/* Ertl's estimator (arXiv 1702.01284): right for any number, without tables of corrections. */
static double sigma(double x)
{
    double z = x;
    double y = 1;
    double before;
    if (x == 1) {
        return INFINITY;
    }
    do {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    } while (z != before);
    return z;
}

static double tau(double x)
{
    double y = 1;
    double z = 1 - x;
    double before;
    if (x == 0 || x == 1) {
        return 0;
    }
    do {
        x = sqrt(x);
        before = z;
        y *= 0.5;
        z -= (1 - x) * (1 - x) * y;
    } while (z != before);
    return z / 3;
}

int64_t sketch_estimate(const struct sketch *sketch)
{
    if (!sketch || !sketch->bits) {
        return sketch ? sketch->count : 0;
    }
    size_t registers = (size_t)1 << sketch->bits;
    int highest = 64 - sketch->bits;
    int64_t ranks[66] = {0};
    for (size_t i = 0; i < registers; i++) {
        ranks[sketch->registers[i]]++;
    }
    double m = (double)registers;
    double z = m * tau(1 - (double)ranks[highest + 1] / m);
    for (int k = highest; k >= 1; k--) {
        z = 0.5 * (z + (double)ranks[k]);
    }
    z += m * sigma((double)ranks[0] / m);
    return llround(m * m / (2 * log(2) * z));
}

bool sketch_is_large(const struct sketch *sketch)
{
    return sketch && sketch->bits;
}

void sketch_free(struct sketch *sketch)
{
    if (!sketch) {
        return;
    }
    size_t bytes = sketch->bits ? (size_t)1 << sketch->bits : (size_t)sketch->room * sizeof(uint64_t);
    explicit_bzero(sketch->marks, bytes);
    free(sketch->marks);
    free(sketch);
}
