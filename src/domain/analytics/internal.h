/* What the files of analytics.h share. Private to this directory. */
#ifndef DOMAIN_ANALYTICS_INTERNAL_H
#define DOMAIN_ANALYTICS_INTERNAL_H

#include <pthread.h>

#include "base/url.h"
#include "base/vec.h"
#include "domain/analytics/agent.h"
#include "domain/analytics/analytics.h"
#include "domain/analytics/sketch.h"
#include "platform/crypto/fleeting.h"

#define TERM_VISITORS_LEAST 5 /* of a day, before a term or a campaign is written */
#define DURATIONS 15          /* classes of times */

/** A text of a visit; a view. */
str visit_text_of(const struct visit *visit, enum visit_text which);

/* ---- ring.c: a queue from one thread to the one that counts ---- */

struct ring;
struct ring *ring_new(void);
void ring_free(struct ring *ring);
/** False: it is full. For the thread that it belongs to. */
bool ring_put(struct ring *ring, const struct visit *visit);
/** Whether the ring has become half full, so that the one that counts should be called; true once. For the same thread. */
bool ring_calls(struct ring *ring);
/** The oldest visit, or NULL; ring_drop wipes it. For the thread that counts. */
const struct visit *ring_peek(struct ring *ring);
void ring_drop(struct ring *ring);

/* ---- alike.c: requests that count alike, summed up by the thread that answers them ---- */

/* What such requests come to together. */
struct repeats {
    int64_t requests, complete, from_store, bytes;
    int64_t records, without_records; /* records returned, and requests that found none */
    int32_t durations[DURATIONS];
};
void repeats_add(struct repeats *repeats, const struct visit *visit);
/** A hash of what visits that count alike have in common; never 0. */
uint64_t visit_likeness(const struct visit *visit);

struct alike;
struct alike *alike_new(void); /* undone by alike_free, which accepts NULL */
void alike_free(struct alike *alike);
/** Adds a visit whose likeness is set. False: there is no place for it. For the thread that it belongs to; never waits. */
bool alike_add(struct alike *alike, const struct visit *visit);
/** Hands over each visit with what it and those like it come to, and wipes them. For the thread that counts. */
void alike_take(struct alike *alike, void (*count)(void *context, const struct visit *visit, const struct repeats *repeats),
                void *context);

/* ---- country.c ---- */

struct countries;
enum err countries_open(struct scope *scope, const char *path, struct countries **ret_countries) must_check;
void countries_close(struct countries *countries);
/** Two letters into ret_code, or "??". */
void countries_find(const struct countries *countries, const uint8_t *address, size_t bytes, char ret_code[3]);

/* ---- tallies.c: the sums of the day in memory ---- */

/* Who or what is counted by a dimension's value, of the portal or a dataset. */
struct tally {
    struct tally *chain, *next;
    uint64_t hash;
    enum dimension dimension;
    char dataset[12]; /* uid; empty: the portal */
    str value;        /* behind the cell */
    bool is_dirty;
    int64_t pending[MEASURE__COUNT];   /* not yet written */
    struct sketch *people, *callers;   /* marks of the day */
    int64_t people_written, callers_written;
    struct totals *totals;             /* of DIMENSION_NONE; else NULL */
};

struct totals {
    struct sketch *people, *callers;   /* marks of the hour */
    int64_t people_written, callers_written;
    int64_t durations[DURATIONS];
    int values[DIMENSION__COUNT];      /* of this day, per dimension */
};

struct tallies;
struct tallies *tallies_new(void);
void tallies_free(struct tallies *tallies);

/** The cell of a value, or that of "other"; NULL: there is no room for either. */
struct tally *tallies_find(struct tallies *tallies, str dataset, enum dimension dimension, str value);
void tally_add_person(struct tallies *tallies, struct tally *tally, uint64_t mark);
void tally_add_caller(struct tallies *tallies, struct tally *tally, uint64_t mark);
static inline void tally_add(struct tally *tally, enum measure measure, int64_t amount)
{
    tally->pending[measure] += amount;
    tally->is_dirty = true;
}

/* A sum to be written. */
struct sum {
    enum grain grain;
    int64_t at;
    enum measure measure;
    enum dimension dimension;
    str dataset, value;
    int64_t amount;
};
typedef VEC(struct sum) sum_list;

/** Takes what is not yet written, for an hour (since 1970) and its day. Texts are copied to the arena. */
void tallies_take(struct tallies *tallies, struct arena *arena, int64_t hour, sum_list *ret);
/** The hour is over: its marks are forgotten. */
void tallies_end_hour(struct tallies *tallies);
/** The day is over: all is forgotten. */
void tallies_end_day(struct tallies *tallies);

int duration_class(usec duration);
str duration_text(int class);

/* ---- presence.c: visits, who is there now, downloads that were counted a moment ago ---- */

struct presence;
struct presence *presence_new(void);
void presence_free(struct presence *presence);
void presence_forget(struct presence *presence);
/** A page view: adds to visits, bounces and seconds of the cell. Seconds since 1970. */
void presence_view(struct presence *presence, struct tally *tally, uint64_t mark, int64_t second);
int64_t presence_live(const struct presence *presence, int64_t second);
/** Whether the same download of the same visitor was not counted in the last 30 seconds. */
bool presence_downloads(struct presence *presence, uint64_t mark, int64_t second);

/* ---- classify.c: what a visit is ---- */

#define OUTCOME_TALLIES 40

/* How requests count that are alike. */
struct outcome {
    uint64_t hash;   /* of what they have in common; 0: none is here */
    uint64_t mark;   /* of the visitor */
    uint64_t file;   /* of a download and its visitor; 0: it is none */
    unsigned measures; /* bits 1 << enum measure that each request adds one to, or its amount */
    bool is_view;    /* a page that a person sees */
    struct tally *tallies[OUTCOME_TALLIES];
    int tally_count;
    struct tally *totals[2]; /* of the portal, and of the dataset or NULL: their times */
    int64_t requests; /* since they were last applied, as what follows */
    int64_t amounts[MEASURE__COUNT]; /* beside the requests */
    int64_t durations[DURATIONS];
};

/** Adds requests to an outcome that was classified, at a second since 1970. */
void outcome_add(struct outcome *outcome, const struct repeats *repeats, struct presence *presence, int64_t second);
/** Adds what has come together to its tallies. */
void outcome_apply(struct outcome *outcome);

struct classifier {
    struct catalog *catalog;
    struct agents *agents;
    struct countries *countries;
    struct tallies *tallies;
    struct fleeting_key *key;
    str own_host;
    bool has_campaigns;
};

void classify(struct classifier *classifier, const struct visit *visit, struct outcome *ret_outcome);

/* ---- query.c: what the query string of a visit says ---- */

struct asked {
    str term;              /* folded; p NULL: no search, empty: one that is not to be shown */
    str campaign;          /* of a link that led here; folded, empty: none, or one that is not to be shown */
    const str *fields;     /* of filters */
    size_t field_count;
};
void query_read(struct scope *scope, const struct visit *visit, const struct schema *schema, struct asked *ret);

/* ---- analytics.c ---- */

/** When the key of this node was drawn. */
usec analytics_key_changed(const struct analytics *analytics);

/* ---- store.c ---- */

/** Adds sums to the table in one transaction, and says who is there on this node. Errors: as db_run. */
enum err store_add(struct scope *scope, struct db *db, const sum_list *sums) must_check;

struct node_facts {
    str node;
    int64_t live;
    usec now, key_changed;
};
enum err store_tell(struct scope *scope, struct db *db, const struct node_facts *facts) must_check;
enum err store_forget_node(struct scope *scope, struct db *db, str node) must_check;

#endif
