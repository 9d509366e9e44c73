/*
 * Threads: each thread that answers sums up visits that are alike, and puts others into a ring of its own; the collector
 * empties both several times a second and adds to tallies; the writer takes sums out of the tallies every few seconds and
 * writes them. The collector and the writer share a mutex; who answers takes none but at its first visit.
 */
#include "domain/analytics/analytics.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/bug.h"
#include "base/log.h"
#include "domain/analytics/internal.h"

#define PATIENCE (USEC_SECOND / 2) /* with a database that another process holds; sums wait for the next turn */
#define RINGS_MOST 64
#define COLLECT_NSEC 100000000L
#define WRITE_PERIOD (5 * USEC_SECOND)
#define TELL_PERIOD (60 * USEC_SECOND)
#define OUTCOMES (1u << 13)
#define UNWRITTEN_MOST 200 /* lots of sums that wait for the database */

/* Sums that were taken and are not written yet. */
struct lot {
    struct lot *next;
    struct scope scope;
    sum_list sums;
};

struct analytics {
    struct analytics_options options;
    uint64_t number; /* of this object, for threads to know theirs */
    pthread_mutex_t rings_mutex;
    struct ring *rings[RINGS_MOST];
    struct alike *alike[RINGS_MOST]; /* of the same threads */
    atomic_size_t ring_count;
    atomic_llong lost;
    _Atomic usec key_changed;

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t wake;   /* the writer */
    pthread_cond_t done;   /* it has written */
    struct classifier classifier;
    struct presence *presence;
    struct outcome *outcomes;
    int64_t hour;          /* since 1970; that all tallies belong to */
    int64_t lost_counted;
    int64_t asked, written; /* how often writing was asked for, and done */
    struct lot *first_lot, **last_lot;
    int lot_count;
    bool closing;

    sem_t called;          /* a ring is half full */
    pthread_t collector, writer;
    char node[24];
    int64_t told_live;     /* of the writer */
    usec told_key;
    usec told;
};

/* ---- the thread that counts ---- */

static _Thread_local struct {
    uint64_t number;
    struct ring *ring; /* NULL: there are too many threads */
    struct alike *alike;
} own;

static void take_ring(struct analytics *analytics)
{
    own.number = analytics->number;
    own.ring = NULL;
    pthread_mutex_lock(&analytics->rings_mutex);
    size_t count = analytics->ring_count;
    if (count < RINGS_MOST) {
        own.ring = analytics->rings[count] = ring_new();
        own.alike = analytics->alike[count] = alike_new();
        analytics->ring_count = count + 1;
    }
    pthread_mutex_unlock(&analytics->rings_mutex);
}

void analytics_count(struct analytics *analytics, struct visit *visit)
{
    if (own.number != analytics->number) {
        take_ring(analytics);
    }
    visit->likeness = visit_likeness(visit);
    if (own.ring && alike_add(own.alike, visit)) {
        return;
    }
    if (!own.ring || !ring_put(own.ring, visit)) {
        atomic_fetch_add_explicit(&analytics->lost, 1, memory_order_relaxed);
    } else if (ring_calls(own.ring)) {
        sem_post(&analytics->called);
    }
}

/* ---- the collector ---- */

static void apply_all(struct analytics *analytics)
{
    for (size_t i = 0; i < OUTCOMES; i++) {
        if (analytics->outcomes[i].requests) {
            outcome_apply(&analytics->outcomes[i]);
        }
    }
}

/* What is counted by one round of the collector. */
struct collection {
    struct analytics *analytics;
    int64_t second;
};

/* Requests that are alike are taken apart once. */
static void count_visits(void *context, const struct visit *visit, const struct repeats *repeats)
{
    const struct collection *collection = context;
    struct analytics *analytics = collection->analytics;
    struct outcome *outcome = &analytics->outcomes[visit->likeness % OUTCOMES];
    if (outcome->hash != visit->likeness) {
        if (outcome->requests) {
            outcome_apply(outcome);
        }
        *outcome = (struct outcome){.hash = visit->likeness};
        classify(&analytics->classifier, visit, outcome);
    }
    outcome_add(outcome, repeats, analytics->presence, collection->second);
}

static void empty_ring(struct collection *collection, struct ring *ring)
{
    const struct visit *visit;
    while ((visit = ring_peek(ring))) {
        struct repeats once = {0};
        repeats_add(&once, visit);
        count_visits(collection, visit, &once);
        ring_drop(ring);
    }
}

/* With the mutex: puts aside what is not written. */
static void take_lot(struct analytics *analytics)
{
    struct tally *total = tallies_find(analytics->classifier.tallies, S(""), DIMENSION_NONE, S(""));
    int64_t lost = analytics->lost;
    if (lost > analytics->lost_counted) {
        tally_add(total, MEASURE_LOST, lost - analytics->lost_counted);
        analytics->lost_counted = lost;
    }
    apply_all(analytics);
    if (analytics->lot_count == UNWRITTEN_MOST) {
        return; /* the tallies go on adding up */
    }
    struct lot *lot = calloc(1, sizeof(*lot));
    if (!lot) {
        bug_out_of_memory(sizeof(*lot));
    }
    scope_open(&lot->scope);
    tallies_take(analytics->classifier.tallies, &lot->scope.arena, analytics->hour, &lot->sums);
    if (lot->sums.count == 0) {
        scope_close(&lot->scope);
        free(lot);
        return;
    }
    *analytics->last_lot = lot;
    analytics->last_lot = &lot->next;
    analytics->lot_count++;
}

/* The day is over: key, marks and sums of it go. */
static void begin_day(struct analytics *analytics, usec now)
{
    tallies_end_day(analytics->classifier.tallies);
    explicit_bzero(analytics->outcomes, OUTCOMES * sizeof(*analytics->outcomes));
    presence_forget(analytics->presence);
    fleeting_key_renew(analytics->classifier.key);
    analytics->key_changed = now;
}

static void keep_time(struct analytics *analytics, usec now)
{
    int64_t hour = now / (3600 * USEC_SECOND);
    if (hour == analytics->hour) {
        return;
    }
    take_lot(analytics);
    if (hour / 24 != analytics->hour / 24) {
        begin_day(analytics, now);
    } else {
        tallies_end_hour(analytics->classifier.tallies);
    }
    analytics->hour = hour;
}

/* With the mutex: counts what the rings hold. */
static void collect(struct analytics *analytics)
{
    usec now = analytics->options.clock();
    keep_time(analytics, now);
    struct collection collection = {analytics, now / USEC_SECOND};
    for (size_t i = 0; i < analytics->ring_count; i++) {
        alike_take(analytics->alike[i], count_visits, &collection);
        empty_ring(&collection, analytics->rings[i]);
    }
}

/* Until a ring is half full, and not long. */
static void await_visits(struct analytics *analytics)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (until.tv_nsec + COLLECT_NSEC) / 1000000000L;
    until.tv_nsec = (until.tv_nsec + COLLECT_NSEC) % 1000000000L;
    (void)sem_clockwait(&analytics->called, CLOCK_MONOTONIC, &until); /* whatever ends it */
}

static void *run_collector(void *argument)
{
    struct analytics *analytics = argument;
    bool closing = false;
    while (!closing) {
        await_visits(analytics);
        pthread_mutex_lock(&analytics->mutex);
        closing = analytics->closing;
        collect(analytics);
        pthread_mutex_unlock(&analytics->mutex);
    }
    return NULL;
}

/* ---- the writer ---- */

static void complain(struct scope *scope)
{
    log_event(EV_STATISTICS_FAILED, "%.*s (%.*s)", STR_ARG(scope->failure.message), STR_ARG(scope->failure.cause));
    scope_forgive(scope);
}

/* Lots are written one by one, the oldest first; what fails waits. */
static void write_lots(struct analytics *analytics, struct db *db)
{
    for (;;) {
        struct scope scope;
        pthread_mutex_lock(&analytics->mutex);
        struct lot *lot = analytics->first_lot;
        pthread_mutex_unlock(&analytics->mutex);
        if (!lot) {
            return;
        }
        scope_open(&scope);
        scope.deadline = clock_monotonic() + PATIENCE;
        bool is_written = store_add(&scope, db, &lot->sums) == ERR_OK;
        if (!is_written) {
            complain(&scope);
        }
        scope_close(&scope);
        if (!is_written) {
            return;
        }
        pthread_mutex_lock(&analytics->mutex);
        analytics->first_lot = lot->next;
        analytics->last_lot = lot->next ? analytics->last_lot : &analytics->first_lot;
        analytics->lot_count--;
        pthread_mutex_unlock(&analytics->mutex);
        scope_close(&lot->scope);
        free(lot);
    }
}

static void tell(struct analytics *analytics, struct db *db)
{
    struct scope scope;
    struct node_facts facts = {.node = str_from(analytics->node), .now = analytics->options.clock()};
    pthread_mutex_lock(&analytics->mutex);
    facts.live = presence_live(analytics->presence, facts.now / USEC_SECOND);
    pthread_mutex_unlock(&analytics->mutex);
    facts.key_changed = analytics->key_changed;
    usec since = clock_monotonic() - analytics->told;
    bool is_news = facts.live != analytics->told_live || facts.key_changed != analytics->told_key;
    if (!is_news && since < TELL_PERIOD) {
        return;
    }
    scope_open(&scope);
    scope.deadline = clock_monotonic() + PATIENCE;
    if (store_tell(&scope, db, &facts) == ERR_OK) {
        analytics->told_live = facts.live;
        analytics->told_key = facts.key_changed;
        analytics->told = clock_monotonic();
    } else {
        complain(&scope);
    }
    scope_close(&scope);
}

/* False: the end was asked for. */
static bool await_turn(struct analytics *analytics)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WRITE_PERIOD / USEC_SECOND;
    while (!analytics->closing && analytics->asked == analytics->written &&
           pthread_cond_timedwait(&analytics->wake, &analytics->mutex, &until) == 0) {
    }
    return !analytics->closing;
}

static void *run_writer(void *argument)
{
    struct analytics *analytics = argument;
    struct db *db = catalog_database(analytics->options.catalog);
    bool goes_on = true;
    while (goes_on) {
        pthread_mutex_lock(&analytics->mutex);
        goes_on = await_turn(analytics);
        int64_t asked = analytics->asked;
        collect(analytics);
        take_lot(analytics);
        pthread_mutex_unlock(&analytics->mutex);
        write_lots(analytics, db);
        tell(analytics, db);
        pthread_mutex_lock(&analytics->mutex);
        analytics->written = asked;
        pthread_cond_broadcast(&analytics->done);
        pthread_mutex_unlock(&analytics->mutex);
    }
    return NULL;
}

void analytics_flush(struct analytics *analytics)
{
    pthread_mutex_lock(&analytics->mutex);
    int64_t asked = ++analytics->asked;
    pthread_cond_signal(&analytics->wake);
    while (analytics->written < asked && !analytics->closing) {
        pthread_cond_wait(&analytics->done, &analytics->mutex);
    }
    pthread_mutex_unlock(&analytics->mutex);
}

/* ---- opening and closing ---- */

static void make_locks(struct analytics *analytics)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&analytics->rings_mutex, NULL);
    pthread_mutex_init(&analytics->mutex, NULL);
    pthread_cond_init(&analytics->wake, &attributes);
    pthread_cond_init(&analytics->done, NULL);
    sem_init(&analytics->called, 0, 0);
    pthread_condattr_destroy(&attributes);
}

static void free_all(struct analytics *analytics)
{
    for (size_t i = 0; i < analytics->ring_count; i++) {
        ring_free(analytics->rings[i]);
        alike_free(analytics->alike[i]);
    }
    while (analytics->first_lot) {
        struct lot *lot = analytics->first_lot;
        analytics->first_lot = lot->next;
        scope_close(&lot->scope);
        free(lot);
    }
    tallies_free(analytics->classifier.tallies);
    agents_close(analytics->classifier.agents);
    countries_close(analytics->classifier.countries);
    fleeting_key_free(analytics->classifier.key);
    presence_free(analytics->presence);
    private_memory_free(analytics->outcomes);
    pthread_cond_destroy(&analytics->done);
    sem_destroy(&analytics->called);
    pthread_cond_destroy(&analytics->wake);
    pthread_mutex_destroy(&analytics->mutex);
    pthread_mutex_destroy(&analytics->rings_mutex);
    free(analytics);
}

static enum err start_threads(struct scope *scope, struct analytics *analytics)
{
    if (pthread_create(&analytics->collector, NULL, run_collector, analytics) != 0) {
        return fail(scope, ERR_INTERNAL, "No thread can be had for statistics.");
    }
    if (pthread_create(&analytics->writer, NULL, run_writer, analytics) == 0) {
        return ERR_OK;
    }
    pthread_mutex_lock(&analytics->mutex);
    analytics->closing = true;
    pthread_mutex_unlock(&analytics->mutex);
    pthread_join(analytics->collector, NULL);
    return fail(scope, ERR_INTERNAL, "No thread can be had for statistics.");
}

static void name_node(struct analytics *analytics)
{
    uint8_t bytes[8];
    random_bytes(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        snprintf(analytics->node + 2 * i, 3, "%02x", bytes[i]);
    }
}

enum err analytics_open(struct scope *scope, const struct analytics_options *options,
                        struct analytics **ret_analytics)
{
    static atomic_ullong numbers;
    struct countries *countries = NULL;
    TRY(options->geoip ? countries_open(scope, options->geoip, &countries) : ERR_OK);
    struct analytics *analytics = calloc(1, sizeof(*analytics));
    if (!analytics) {
        bug_out_of_memory(sizeof(*analytics));
    }
    process_forbid_dumps();
    make_locks(analytics);
    name_node(analytics);
    analytics->options = *options;
    analytics->number = ++numbers;
    analytics->last_lot = &analytics->first_lot;
    analytics->presence = presence_new();
    analytics->outcomes = private_memory(OUTCOMES * sizeof(*analytics->outcomes));
    analytics->key_changed = options->clock();
    analytics->hour = analytics->key_changed / (3600 * USEC_SECOND);
    analytics->classifier = (struct classifier){.catalog = options->catalog,
                                                .agents = agents_open(),
                                                .countries = countries,
                                                .has_campaigns = options->has_campaigns,
                                                .tallies = tallies_new(),
                                                .key = fleeting_key_new(),
                                                .own_host = options->own_host};
    if (options->first_key) {
        fleeting_key_set(analytics->classifier.key, options->first_key);
    }
    tally_add(tallies_find(analytics->classifier.tallies, S(""), DIMENSION_NONE, S("")), MEASURE_STARTS, 1);
    enum err result = start_threads(scope, analytics);
    if (result != ERR_OK) {
        free_all(analytics);
        return result;
    }
    *ret_analytics = analytics;
    return ERR_OK;
}

void analytics_close(struct analytics *analytics)
{
    struct scope scope;
    if (!analytics) {
        return;
    }
    pthread_mutex_lock(&analytics->mutex);
    analytics->closing = true;
    pthread_cond_broadcast(&analytics->wake);
    pthread_cond_broadcast(&analytics->done);
    pthread_mutex_unlock(&analytics->mutex);
    pthread_join(analytics->collector, NULL);
    pthread_join(analytics->writer, NULL);
    scope_open(&scope);
    scope.deadline = clock_monotonic() + PATIENCE;
    if (store_forget_node(&scope, catalog_database(analytics->options.catalog), str_from(analytics->node)) != ERR_OK) {
        complain(&scope);
    }
    scope_close(&scope);
    free_all(analytics);
}

usec analytics_key_changed(const struct analytics *analytics)
{
    return analytics->key_changed;
}

const struct analytics_options *analytics_settings(const struct analytics *analytics)
{
    return &analytics->options;
}
