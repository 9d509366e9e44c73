#include <stdlib.h>

#include "base/bug.h"
#include "domain/analytics/internal.h"

#define BUCKETS (1u << 16)
#define TALLIES_MOST 60000
#define LARGE_MOST 4096 /* sketches with registers */
#define BITS_PORTAL 14
#define BITS_DATASET 12
#define BITS_VALUE 11

struct tallies {
    struct tally *buckets[BUCKETS];
    struct tally *first; /* all of them */
    size_t count;
    size_t large;
};

static const int most_values[DIMENSION__COUNT] = {
#define DIMENSION(name, key, most) [DIMENSION_##name] = most,
#include "domain/analytics/analytics.def"
};

/* Upper ends in milliseconds. */
static const int durations[DURATIONS - 1] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 30000};

int duration_class(usec duration)
{
    int class = 0;
    while (class < DURATIONS - 1 && duration > (usec)durations[class] * 1000) {
        class++;
    }
    return class;
}

str duration_text(int class)
{
    static const char *const texts[DURATIONS] = {"1",   "2",   "5",    "10",   "20",   "50",    "100",  "200",
                                                 "500", "1000", "2000", "5000", "10000", "30000", "more"};
    return str_from(texts[class]);
}

struct tallies *tallies_new(void)
{
    struct tallies *tallies = calloc(1, sizeof(*tallies));
    if (!tallies) {
        bug_out_of_memory(sizeof(*tallies));
    }
    return tallies;
}

static void free_tally(struct tally *tally)
{
    sketch_free(tally->people);
    sketch_free(tally->callers);
    if (tally->totals) {
        sketch_free(tally->totals->people);
        sketch_free(tally->totals->callers);
        free(tally->totals);
    }
    free(tally);
}

void tallies_end_day(struct tallies *tallies)
{
    struct tally *next;
    for (struct tally *tally = tallies->first; tally; tally = next) {
        next = tally->next;
        free_tally(tally);
    }
    memset(tallies, 0, sizeof(*tallies));
}

void tallies_free(struct tallies *tallies)
{
    if (tallies) {
        tallies_end_day(tallies);
        free(tallies);
    }
}

static struct tally *look_up(const struct tallies *tallies, uint64_t hash, str dataset, enum dimension dimension, str value)
{
    struct tally *tally = tallies->buckets[hash % BUCKETS];
    while (tally && !(tally->hash == hash && tally->dimension == dimension && str_eq(tally->value, value) &&
                     str_eq(str_from(tally->dataset), dataset))) {
        tally = tally->chain;
    }
    return tally;
}

static struct tally *make(struct tallies *tallies, uint64_t hash, str dataset, enum dimension dimension, str value)
{
    struct tally *tally = calloc(1, sizeof(*tally) + value.n);
    bug_if(dataset.n >= sizeof(tally->dataset));
    if (!tally) {
        bug_out_of_memory(sizeof(*tally));
    }
    memcpy(tally + 1, value.p ? value.p : "", value.n);
    memcpy(tally->dataset, dataset.p ? dataset.p : "", dataset.n);
    tally->value = (str){(const char *)(tally + 1), value.n};
    tally->hash = hash;
    tally->dimension = dimension;
    tally->chain = tallies->buckets[hash % BUCKETS];
    tallies->buckets[hash % BUCKETS] = tally;
    tally->next = tallies->first;
    tallies->first = tally;
    tallies->count++;
    if (dimension == DIMENSION_NONE) {
        tally->totals = calloc(1, sizeof(*tally->totals));
        if (!tally->totals) {
            bug_out_of_memory(sizeof(*tally->totals));
        }
    }
    return tally;
}

static uint64_t hash_of(str dataset, enum dimension dimension, str value)
{
    return (str_hash(dataset) * 31 + (uint64_t)dimension) * UINT64_C(0x9e3779b97f4a7c15) ^ str_hash(value);
}

/* Whether one more value may be told apart. */
static bool takes(struct tallies *tallies, str dataset, enum dimension dimension)
{
    struct tally *total = tallies_find(tallies, dataset, DIMENSION_NONE, S(""));
    if (!total || tallies->count >= TALLIES_MOST || total->totals->values[dimension] >= most_values[dimension]) {
        return false;
    }
    total->totals->values[dimension]++;
    return true;
}

struct tally *tallies_find(struct tallies *tallies, str dataset, enum dimension dimension, str value)
{
    uint64_t hash = hash_of(dataset, dimension, value);
    struct tally *tally = look_up(tallies, hash, dataset, dimension, value);
    if (tally) {
        return tally;
    }
    if (dimension == DIMENSION_NONE) {
        return dataset.n && tallies->count >= TALLIES_MOST ? NULL : make(tallies, hash, dataset, dimension, value);
    }
    if (takes(tallies, dataset, dimension)) {
        return make(tallies, hash, dataset, dimension, value);
    }
    str other = S("other");
    hash = hash_of(dataset, dimension, other);
    tally = look_up(tallies, hash, dataset, dimension, other);
    /* There is always room for the portal's, of which there are as many as dimensions. */
    return tally || (dataset.n && tallies->count >= TALLIES_MOST) ? tally : make(tallies, hash, dataset, dimension, other);
}

/* ---- marks ---- */

static void add_mark(struct tallies *tallies, const struct tally *tally, struct sketch **sketch, uint64_t mark)
{
    int bits = tally->dimension != DIMENSION_NONE ? BITS_VALUE : tally->dataset[0] ? BITS_DATASET : BITS_PORTAL;
    bool was_large = sketch_is_large(*sketch);
    bool may_grow = tallies->large < LARGE_MOST || (tally->totals && !tally->dataset[0]);
    sketch_add(sketch, mark, may_grow ? bits : 0);
    tallies->large += !was_large && sketch_is_large(*sketch);
}

void tally_add_person(struct tallies *tallies, struct tally *tally, uint64_t mark)
{
    add_mark(tallies, tally, &tally->people, mark);
    if (tally->totals && !tally->dataset[0]) {
        add_mark(tallies, tally, &tally->totals->people, mark);
    }
    tally->is_dirty = true;
}

void tally_add_caller(struct tallies *tallies, struct tally *tally, uint64_t mark)
{
    add_mark(tallies, tally, &tally->callers, mark);
    if (tally->totals && !tally->dataset[0]) {
        add_mark(tallies, tally, &tally->totals->callers, mark);
    }
    tally->is_dirty = true;
}

/* ---- what is to be written ---- */

struct taking {
    struct arena *arena;
    int64_t hour;
    sum_list *sums;
};

static void take(struct taking *taking, const struct tally *tally, enum grain grain, enum measure measure,
                 enum dimension dimension, str value, int64_t amount)
{
    int64_t day = taking->hour / 24;
    if (amount) {
        vec_add(taking->arena, taking->sums,
                (struct sum){.grain = grain,
                             .at = grain == GRAIN_HOUR ? taking->hour : grain == GRAIN_DAY ? day : period_of_day(GRAIN_MONTH, day),
                             .measure = measure,
                             .dimension = dimension,
                             .dataset = str_copy(taking->arena, str_from(tally->dataset)),
                             .value = str_copy(taking->arena, value),
                             .amount = amount});
    }
}

static void take_long(struct taking *taking, const struct tally *tally, enum measure measure, enum dimension dimension,
                      str value, int64_t amount)
{
    take(taking, tally, GRAIN_DAY, measure, dimension, value, amount);
    take(taking, tally, GRAIN_MONTH, measure, dimension, value, amount);
}

static int64_t news(const struct sketch *sketch, int64_t *written)
{
    int64_t estimate = sketch_estimate(sketch);
    int64_t more = estimate - *written;
    *written = estimate;
    return more;
}

static void take_totals(struct taking *taking, struct tally *tally)
{
    struct totals *totals = tally->totals;
    if (!tally->dataset[0]) {
        take(taking, tally, GRAIN_HOUR, MEASURE_VISITORS, DIMENSION_NONE, S(""),
             news(totals->people, &totals->people_written));
        take(taking, tally, GRAIN_HOUR, MEASURE_CALLERS, DIMENSION_NONE, S(""),
             news(totals->callers, &totals->callers_written));
    }
    for (int i = 0; i < DURATIONS; i++) {
        take_long(taking, tally, MEASURE_ANSWERS, DIMENSION_DURATION, duration_text(i), totals->durations[i]);
        totals->durations[i] = 0;
    }
}

static void take_tally(struct taking *taking, struct tally *tally)
{
    bool is_free_text = tally->dimension == DIMENSION_TERM || tally->dimension == DIMENSION_CAMPAIGN;
    if (is_free_text && sketch_estimate(tally->people) < TERM_VISITORS_LEAST) {
        return; /* it stays in memory, and goes with the day */
    }
    for (enum measure measure = 0; measure < MEASURE__COUNT; measure++) {
        if (tally->dimension == DIMENSION_NONE) {
            take(taking, tally, GRAIN_HOUR, measure, DIMENSION_NONE, S(""), tally->pending[measure]);
        }
        take_long(taking, tally, measure, tally->dimension, tally->value, tally->pending[measure]);
        tally->pending[measure] = 0;
    }
    if (measure_has(MEASURE_VISITORS, tally->dimension)) {
        take_long(taking, tally, MEASURE_VISITORS, tally->dimension, tally->value,
                  news(tally->people, &tally->people_written));
    }
    if (measure_has(MEASURE_CALLERS, tally->dimension)) {
        take_long(taking, tally, MEASURE_CALLERS, tally->dimension, tally->value,
                  news(tally->callers, &tally->callers_written));
    }
    if (tally->totals) {
        take_totals(taking, tally);
    }
    tally->is_dirty = false;
}

void tallies_take(struct tallies *tallies, struct arena *arena, int64_t hour, sum_list *ret)
{
    struct taking taking = {arena, hour, ret};
    for (struct tally *tally = tallies->first; tally; tally = tally->next) {
        if (tally->is_dirty) {
            take_tally(&taking, tally);
        }
    }
}

void tallies_end_hour(struct tallies *tallies)
{
    struct tally *tally = tallies_find(tallies, S(""), DIMENSION_NONE, S(""));
    tallies->large -= (size_t)sketch_is_large(tally->totals->people) + sketch_is_large(tally->totals->callers);
    sketch_free(tally->totals->people);
    sketch_free(tally->totals->callers);
    tally->totals->people = tally->totals->callers = NULL;
    tally->totals->people_written = tally->totals->callers_written = 0;
}
