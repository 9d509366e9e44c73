/*
 * What counting a request costs the thread that answers it, without a server around: counting DIRECTORY THREADS ROUNDS.
 * Each thread takes down and hands over visits in bursts, as analytics.h is used: by turns ones that are all alike and
 * ones that differ by their query, which go through its queue. As often, it copies the same texts to memory of malloc and
 * frees it. Prints nanoseconds for one as JSON: medians of bursts.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/clock.h"
#include "domain/analytics/analytics.h"
#include "platform/crypto/crypto.h"
#include "platform/db/statement.h"

#define BURST 500
#define DIFFERENT_BURST 100 /* each of these is taken apart */
#define THREADS_MOST 64
#define ROUNDS_MOST 2000

struct worker {
    pthread_t thread;
    struct analytics *analytics;
    int rounds;
    double alike[ROUNDS_MOST], different[ROUNDS_MOST], copied[ROUNDS_MOST]; /* nanoseconds of the processor's time */
};

static const struct counted_route route = {COUNTED_CALL, "api.records", "/api/explore/v2.1/catalog/datasets/{}/records", true};
#define QUERY "limit=20&where=delay%3E30&order_by=date"

static const str texts[VISIT__TEXTS] = {
    [VISIT_DATASET] = {"flights", 7},
    [VISIT_QUERY] = {QUERY, sizeof(QUERY) - 1},
    [VISIT_AGENT] = {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", 71},
    [VISIT_REFERRER] = {"https://www.example.org/news", 28},
    [VISIT_LANGUAGES] = {"fr-BE,fr;q=0.8,en;q=0.5", 23},
    [VISIT_HOST] = {"data.example.org", 16}};

static double now_of(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double count_burst(struct analytics *analytics, struct arena *arena, bool is_alike)
{
    char query[] = QUERY;
    str sent[VISIT__TEXTS];
    memcpy(sent, texts, sizeof(sent));
    sent[VISIT_QUERY].p = query;
    static const uint8_t address[4] = {192, 0, 2, 7};
    double start = now_of();
    int burst = is_alike ? BURST : DIFFERENT_BURST;
    for (int i = 0; i < burst; i++) {
        struct arena_mark mark = arena_get_mark(arena);
        if (!is_alike) {
            memcpy(query, &i, sizeof(i));
        }
        struct visit *visit = visit_make(arena, &route, address, sizeof(address), sent);
        visit->status = 200;
        visit->records = 20;
        visit->bytes = 4000;
        visit->duration = 25;
        analytics_count(analytics, visit);
        arena_rewind(arena, mark);
    }
    return (now_of() - start) / burst;
}

static double copy_burst(void)
{
    double start = now_of();
    for (int i = 0; i < BURST; i++) {
        char *copy = malloc(512);
        char *at = copy;
        for (size_t k = 0; k < VISIT__TEXTS; k++) {
            at = texts[k].n ? mempcpy(at, texts[k].p, texts[k].n) : at;
        }
        __asm__ volatile("" : : "r"(copy) : "memory"); /* it is needed, as far as the compiler knows */
        free(copy);
    }
    return (now_of() - start) / BURST;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct arena arena;
    arena_init(&arena, 0);
    for (int i = 0; i < worker->rounds; i++) {
        worker->alike[i] = count_burst(worker->analytics, &arena, true);
        worker->different[i] = count_burst(worker->analytics, &arena, false);
        worker->copied[i] = copy_burst();
        usleep(7000);
    }
    arena_done(&arena);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    double one = *(const double *)a;
    double other = *(const double *)b;
    return (one > other) - (one < other);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return values[count / 2];
}

static int64_t sum_of(struct scope *scope, struct db *db, const char *measure)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell sum = cell_null();
    if (db_lease(scope, db, &lease) != ERR_OK ||
        DB_ASK(scope, lease, &sum,
               "select cast(sum(amount) as bigint) from statistic where measure = ? and grain = 'day' and dimension = ''",
               cell_text(str_from(measure))) != ERR_OK) {
        fprintf(stderr, "counting: %.*s\n", STR_ARG(scope->failure.message));
    }
    return sum.type == CELL_INT ? sum.number : 0;
}

static int run(struct scope *scope, struct analytics *analytics, int threads, int rounds)
{
    struct db *db = catalog_database(analytics_settings(analytics)->catalog);
    int64_t before = sum_of(scope, db, "api_calls");
    int64_t lost_before = sum_of(scope, db, "lost");
    static struct worker workers[THREADS_MOST];
    static double alike[THREADS_MOST * ROUNDS_MOST], different[THREADS_MOST * ROUNDS_MOST], copied[THREADS_MOST * ROUNDS_MOST];
    size_t count = 0;
    for (int i = 0; i < threads; i++) {
        workers[i].analytics = analytics;
        workers[i].rounds = rounds;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            return 1;
        }
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        for (int k = 0; k < rounds; k++) {
            alike[count] = workers[i].alike[k];
            different[count] = workers[i].different[k];
            copied[count++] = workers[i].copied[k];
        }
    }
    analytics_flush(analytics);
    printf("{\"threads\": %d, \"handed_over\": %zu, \"counted\": %lld, \"lost\": %lld, \"alike\": %.1f, \"different\": %.1f,"
           " \"copying\": %.1f}\n",
           threads, count * (BURST + DIFFERENT_BURST), (long long)(sum_of(scope, db, "api_calls") - before),
           (long long)(sum_of(scope, db, "lost") - lost_before), median(alike, count), median(different, count),
           median(copied, count));
    return 0;
}

static enum err open_all(struct scope *scope, const char *directory, struct catalog **ret_catalog, struct analytics **ret_analytics)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(catalog_open(scope, directory, ret_catalog));
    TRY(db_begin(scope, catalog_database(*ret_catalog), &lease));
    TRY(analytics_make_tables(scope, lease));
    TRY(db_commit(scope, lease));
    struct analytics_options options = {.catalog = *ret_catalog, .clock = clock_wall, .threshold_public = 10,
                                        .threshold_inside = 5, .days_of_hours = 40, .months_of_days = 25};
    return analytics_open(scope, &options, ret_analytics);
}

int main(int count, char **words)
{
    struct scope scope;
    struct catalog *catalog = NULL;
    struct analytics *analytics = NULL;
    int threads = count == 4 ? atoi(words[2]) : 0;
    int rounds = count == 4 ? atoi(words[3]) : 0;
    if (threads < 1 || threads > THREADS_MOST || rounds < 1 || rounds > ROUNDS_MOST) {
        fputs("counting DIRECTORY THREADS ROUNDS\n", stderr);
        return 2;
    }
    scope_open(&scope);
    crypto_start();
    int status = 1;
    if (open_all(&scope, words[1], &catalog, &analytics) == ERR_OK) {
        status = run(&scope, analytics, threads, rounds);
    } else {
        fprintf(stderr, "counting: %.*s\n", STR_ARG(scope.failure.message));
    }
    analytics_close(analytics);
    catalog_close(catalog);
    scope_close(&scope);
    return status;
}
