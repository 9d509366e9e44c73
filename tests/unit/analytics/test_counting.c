/* Counting in memory: sketches, agents, countries, rings, visits that are alike, tallies, marks. */
#include "../directory.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>

#include "../one_scope.h"
#include "domain/analytics/internal.h"

static void test_sketch(void **state)
{
    (void)state;
    static const int sizes[] = {1, 100, 128, 129, 500, 5000, 100000};
    for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
        struct fleeting_key *key = fleeting_key_new();
        struct sketch *sketch = NULL;
        for (int k = 0; k < sizes[i] * 2; k++) { /* each twice */
            char text[32];
            int n = snprintf(text, sizeof(text), "visitor %d", k % sizes[i]);
            sketch_add(&sketch, fleeting_mark(key, (str){text, (size_t)n}), 14);
        }
        int64_t error = sketch_estimate(sketch) - sizes[i];
        double allowed = sizes[i] <= SKETCH_EXACT ? 0 : sizes[i] * 5 * 1.04 / 128;
        if (fabs((double)error) > allowed) {
            print_error("%d marks: %lld more\n", sizes[i], (long long)error);
        }
        assert_true(fabs((double)error) <= allowed);
        sketch_free(sketch);
        fleeting_key_free(key);
    }
    assert_int_equal(sketch_estimate(NULL), 0);
}

static void test_sketch_without_registers(void **state)
{
    (void)state;
    struct sketch *sketch = NULL;
    for (uint64_t mark = 1; mark <= 1000; mark++) {
        sketch_add(&sketch, mark, 0);
    }
    assert_int_equal(sketch_estimate(sketch), SKETCH_EXACT);
    assert_false(sketch_is_large(sketch));
    sketch_free(sketch);
}

static void test_marks_die(void **state)
{
    (void)state;
    struct fleeting_key *key = fleeting_key_new();
    uint64_t first = fleeting_mark(key, S("somebody"));
    assert_true(first == fleeting_mark(key, S("somebody")));
    assert_true(first != fleeting_mark(key, S("somebody else")));
    fleeting_key_renew(key);
    assert_true(first != fleeting_mark(key, S("somebody")));
    fleeting_key_free(key);
}

static void test_agents(void **state)
{
    (void)state;
    static const struct {
        const char *agent, *family;
        bool is_library, is_browser;
        const char *browser, *system, *device;
    } rows[] = {
        {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", NULL, false, true, "Firefox", "Linux", "desktop"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0", NULL, false, true, "Edge", "Windows", "desktop"},
        {"Mozilla/5.0 (Linux; Android 14; SM-X700) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36", NULL, false, true, "Chrome", "Android", "tablet"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Version/17.4 Mobile/15E148 Safari/604.1", NULL, false, true, "Safari", "iOS", "phone"},
        {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot", false, false, "other", "other", "desktop"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 8_3 like Mac OS X) Mobile Safari (compatible; Googlebot/2.1)", "Googlebot", false, false, "other", "iOS", "phone"},
        {"curl/8.5.0", "curl", true, false, "other", "other", "desktop"},
        {"a program with curl/8", NULL, false, false, "other", "other", "desktop"},
        {"python-requests/2.31.0", "python-requests", true, false, "other", "other", "desktop"},
        {"Ahrefsxyz AhrefsBot", "Ahrefs", false, false, "other", "other", "desktop"},
        {"", "none", false, false, "other", "other", "desktop"},
    };
    struct agents *agents = agents_open();
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        str exact = exact_copy(str_from(rows[i].agent));
        struct agent agent = agent_read(agents, exact);
        check_text(rows[i].agent, agent.family ? str_from(agent.family) : S("-"), rows[i].family ? str_from(rows[i].family) : S("-"));
        check_int(rows[i].agent, agent.is_library, rows[i].is_library);
        check_int(rows[i].agent, agent.is_browser, rows[i].is_browser);
        check_text(rows[i].agent, str_from(agent.browser), str_from(rows[i].browser));
        check_text(rows[i].agent, str_from(agent.system), str_from(rows[i].system));
        check_text(rows[i].agent, str_from(agent.device), str_from(rows[i].device));
        exact_free(exact);
    }
    agents_close(agents);
}

/* ---- countries ---- */

static struct directory directory;

static int open_directory(void **state)
{
    directory_make(&directory);
    return open_scope(state);
}

static int close_directory(void **state)
{
    directory_remove(&directory);
    return close_scope(state);
}

static const char *write_file(const char *name, const char *text)
{
    const char *path = directory_file(&scope, &directory, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

static void test_countries(void **state)
{
    (void)state;
    static const struct {
        uint8_t address[16];
        size_t bytes;
        const char *code;
    } rows[] = {{{1, 0, 0, 0}, 4, "AU"},   {{1, 0, 0, 255}, 4, "AU"}, {{1, 0, 1, 0}, 4, "??"},
                {{0, 255, 0, 1}, 4, "??"}, {{1, 0, 2, 9}, 4, "CN"},   {{255, 0, 0, 1}, 4, "??"},
                {{0x20, 0x01, 0x0d, 0xb8, 1}, 16, "DE"}, {{0x20, 0x01, 0x0d, 0xb9}, 16, "??"}, {{0}, 0, "??"}};
    const char *path = write_file("four", "# comment\n16777216,16777471,AU\n16777728,16778239,CN\n");
    write_file("four6", "2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,DE\n");
    struct countries *countries = NULL;
    check_ok("open", &scope, countries_open(&scope, path, &countries));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char code[3];
        countries_find(countries, rows[i].address, rows[i].bytes, code);
        check_text(rows[i].code, str_from(code), str_from(rows[i].code));
    }
    countries_close(countries);
}

static void test_country_faults(void **state)
{
    (void)state;
    static const char *const texts[] = {"x", "1,2", "1,2,DEU", "2,1,DE", "5,9,DE\n7,8,FR", "1,99999999999,DE"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        const char *path = write_file("bad", texts[i]);
        struct countries *countries = NULL;
        assert_int_equal(countries_open(&scope, path, &countries), ERR_DATA);
        check_failure(texts[i], &scope, ERR_DATA, "FIRST,LAST,CODE");
    }
    struct countries *countries = NULL;
    assert_int_equal(countries_open(&scope, "/nowhere", &countries), ERR_FILE);
    check_failure("missing", &scope, ERR_FILE, "/nowhere");
}

/* ---- the queue ---- */

static struct visit *a_visit(size_t query_bytes)
{
    static const struct counted_route route = {COUNTED_PAGE, "home", "/", false};
    static const uint8_t address[4] = {10, 0, 0, 1};
    char *query = arena_alloc(&scope.arena, query_bytes + 1);
    memset(query, 'q', query_bytes);
    str texts[VISIT__TEXTS] = {[VISIT_QUERY] = {query, query_bytes}, [VISIT_AGENT] = S("agent")};
    return visit_make(&scope.arena, &route, address, sizeof(address), texts);
}

static void test_ring(void **state)
{
    (void)state;
    struct ring *ring = ring_new();
    int64_t put = 0;
    int64_t taken = 0;
    for (int round = 0; round < 40; round++) { /* around the end several times, with visits of many sizes */
        for (int k = 0; k < 250; k++) {
            struct visit *visit = a_visit((size_t)((round * 37 + k * 13) % 1500));
            visit->records = put;
            assert_true(ring_put(ring, visit));
            put++;
        }
        const struct visit *visit;
        while ((visit = ring_peek(ring))) {
            assert_int_equal(visit->records, taken);
            assert_true(str_eq(visit_text_of(visit, VISIT_AGENT), S("agent")));
            ring_drop(ring);
            taken++;
        }
    }
    assert_int_equal(taken, put);
    ring_free(ring);
}

static void test_full_ring(void **state)
{
    (void)state;
    struct ring *ring = ring_new();
    int count = 0;
    while (ring_put(ring, a_visit(1000))) {
        count++;
    }
    assert_in_range(count, 1500, 2000);
    ring_drop(ring);
    assert_non_null(ring_peek(ring));
    assert_true(ring_put(ring, a_visit(1000)) || ring_put(ring, a_visit(10)));
    ring_free(ring);
}

/* Once, each time that it has become half full. */
static void test_ring_calls(void **state)
{
    (void)state;
    struct ring *ring = ring_new();
    for (int round = 0; round < 3; round++) {
        int calls = 0;
        int count = 0;
        while (ring_put(ring, a_visit(1000))) {
            calls += ring_calls(ring);
            if (++count * 1100 < (1000 << 10)) { /* of the 2 MiB that it has */
                assert_int_equal(calls, 0);
            }
        }
        assert_int_equal(calls, 1);
        while (ring_peek(ring)) {
            ring_drop(ring);
        }
    }
    ring_free(ring);
}

/* ---- visits that are alike ---- */

struct collected {
    int64_t visits;
    struct repeats repeats;
    bool has_address;
};

static void collect(void *context, const struct visit *visit, const struct repeats *repeats)
{
    struct collected *collected = context;
    collected->visits++;
    collected->repeats.requests += repeats->requests;
    collected->repeats.complete += repeats->complete;
    collected->repeats.from_store += repeats->from_store;
    collected->repeats.bytes += repeats->bytes;
    collected->repeats.records += repeats->records;
    collected->repeats.without_records += repeats->without_records;
    for (int i = 0; i < DURATIONS; i++) {
        collected->repeats.durations[i] += repeats->durations[i];
    }
    collected->has_address = visit->address_bytes == 4;
    assert_true(str_eq(visit_text_of(visit, VISIT_AGENT), S("agent")));
}

static struct visit *a_visit_of(size_t query_bytes, int32_t status)
{
    struct visit *visit = a_visit(query_bytes);
    visit->status = status;
    visit->likeness = visit_likeness(visit);
    return visit;
}

static void test_alike(void **state)
{
    (void)state;
    struct alike *alike = alike_new();
    for (int i = 0; i < 10; i++) {
        struct visit *visit = a_visit_of(30, 200);
        visit->records = i;
        visit->bytes = 100;
        visit->is_complete = i > 0;
        visit->from_store = i > 1;
        visit->duration = i < 5 ? 900 : 40000;
        assert_true(alike_add(alike, visit));
    }
    assert_true(alike_add(alike, a_visit_of(31, 200)));
    assert_false(alike_add(alike, a_visit_of(1000, 200))); /* too long */
    struct collected collected = {0};
    alike_take(alike, collect, &collected);
    assert_int_equal(collected.visits, 2);
    assert_true(collected.has_address);
    assert_int_equal(collected.repeats.requests, 11);
    assert_int_equal(collected.repeats.complete, 9);
    assert_int_equal(collected.repeats.from_store, 8);
    assert_int_equal(collected.repeats.bytes, 1000);
    assert_int_equal(collected.repeats.records, 45);
    assert_int_equal(collected.repeats.without_records, 1);
    assert_int_equal(collected.repeats.durations[duration_class(900)], 5 + 1);
    assert_int_equal(collected.repeats.durations[duration_class(40000)], 5);
    collected = (struct collected){0};
    alike_take(alike, collect, &collected); /* nothing has stayed */
    assert_int_equal(collected.visits, 0);
    alike_free(alike);
}

/* Those that are told apart have places as long as there are any; whoever has none is told so. */
static void test_alike_is_bounded(void **state)
{
    (void)state;
    struct alike *alike = alike_new();
    int64_t added = 0;
    for (int32_t status = 0; status < 5000; status++) {
        added += alike_add(alike, a_visit_of(10, status));
    }
    assert_in_range(added, 32, 64);
    struct collected collected = {0};
    alike_take(alike, collect, &collected);
    assert_int_equal(collected.visits, added);
    assert_int_equal(collected.repeats.requests, added);
    alike_free(alike);
}

struct sender {
    struct alike *alike;
    struct visit *visits[8];
    int64_t added;
    atomic_bool is_done;
};

static void *send_visits(void *argument)
{
    struct sender *sender = argument;
    /* Refused visits are not counted down: a machine may stop the thread that takes while it is in there. */
    while (sender->added < 50000) {
        if (alike_add(sender->alike, sender->visits[sender->added % 8])) {
            sender->added++;
        } else {
            sched_yield();
        }
    }
    sender->is_done = true;
    return NULL;
}

static void test_alike_while_taking(void **state)
{
    (void)state;
    struct sender sender = {.alike = alike_new()};
    struct collected collected = {0};
    pthread_t thread;
    for (int i = 0; i < 8; i++) {
        sender.visits[i] = a_visit_of(10, 200 + i);
    }
    assert_int_equal(pthread_create(&thread, NULL, send_visits, &sender), 0);
    while (!sender.is_done) {
        alike_take(sender.alike, collect, &collected);
        sched_yield();
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    alike_take(sender.alike, collect, &collected);
    assert_int_equal(collected.repeats.requests, sender.added);
    alike_free(sender.alike);
}

/* Requests at once count as the same ones one by one. */
static void test_outcome_of_many(void **state)
{
    (void)state;
    struct tallies *tallies = tallies_new();
    struct tally *total = tallies_find(tallies, S(""), DIMENSION_NONE, S(""));
    struct presence *presence = presence_new();
    struct outcome view = {.mark = 1, .measures = 1u << MEASURE_PAGEVIEWS, .is_view = true, .tallies = {total},
                           .tally_count = 1, .totals = {total}};
    struct outcome file = {.mark = 1, .file = 5, .measures = 1u << MEASURE_CALLS | 1u << MEASURE_DOWNLOADS, .tallies = {total},
                           .tally_count = 1, .totals = {total}};
    outcome_add(&view, &(struct repeats){.requests = 7, .complete = 7}, presence, 1000);
    outcome_apply(&view);
    assert_int_equal(total->pending[MEASURE_PAGEVIEWS], 7);
    assert_int_equal(total->pending[MEASURE_VISITS], 1);
    assert_int_equal(total->pending[MEASURE_BOUNCES], 0);
    outcome_add(&file, &(struct repeats){.requests = 4, .complete = 0}, presence, 1000); /* all broken off */
    outcome_add(&file, &(struct repeats){.requests = 4, .complete = 3}, presence, 1001);
    outcome_add(&file, &(struct repeats){.requests = 4, .complete = 4}, presence, 1002); /* the same one again */
    outcome_apply(&file);
    outcome_apply(&file);
    assert_int_equal(total->pending[MEASURE_CALLS], 12);
    assert_int_equal(total->pending[MEASURE_DOWNLOADS], 1);
    presence_free(presence);
    tallies_free(tallies);
}

static void test_long_texts(void **state)
{
    (void)state;
    struct visit *visit = a_visit(50000);
    assert_int_equal(visit_text_of(visit, VISIT_QUERY).n, VISIT_TEXT_BYTES);
    assert_true(str_eq(visit_text_of(visit, VISIT_AGENT), S("agent")));
}

/* ---- values ---- */

static void test_bounded_values(void **state)
{
    (void)state;
    struct tallies *tallies = tallies_new();
    for (int i = 0; i < 5000; i++) {
        char host[32];
        int n = snprintf(host, sizeof(host), "host%d.example", i);
        tally_add(tallies_find(tallies, S(""), DIMENSION_REFERRER, (str){host, (size_t)n}), MEASURE_PAGEVIEWS, 1);
    }
    sum_list sums = {0};
    tallies_take(tallies, &scope.arena, 500000, &sums);
    int64_t all = 0;
    int64_t other = 0;
    size_t days = 0;
    for (size_t i = 0; i < sums.count; i++) {
        if (sums.items[i].grain == GRAIN_DAY) {
            days++;
            all += sums.items[i].amount;
            other += str_eq(sums.items[i].value, S("other")) ? sums.items[i].amount : 0;
        }
    }
    assert_int_equal(all, 5000);
    assert_int_equal(other, 5000 - 200);
    assert_int_equal(days, 201);
    sum_list nothing = {0};
    tallies_take(tallies, &scope.arena, 500000, &nothing);
    assert_int_equal(nothing.count, 0);
    tallies_free(tallies);
}

static void test_terms_wait(void **state)
{
    (void)state;
    struct tallies *tallies = tallies_new();
    struct tally *tally = tallies_find(tallies, S(""), DIMENSION_TERM, S("rare"));
    for (uint64_t mark = 1; mark <= TERM_VISITORS_LEAST; mark++) {
        sum_list sums = {0};
        tally_add(tally, MEASURE_SEARCHES, 1);
        tally_add_person(tallies, tally, mark);
        tallies_take(tallies, &scope.arena, 500000, &sums);
        assert_int_equal(sums.count, mark < TERM_VISITORS_LEAST ? 0 : 4); /* searches and visitors, day and month */
    }
    tallies_free(tallies);
}

static void test_visits(void **state)
{
    (void)state;
    struct presence *presence = presence_new();
    struct tallies *tallies = tallies_new();
    struct tally *tally = tallies_find(tallies, S(""), DIMENSION_NONE, S(""));
    presence_view(presence, tally, 1, 1000);
    presence_view(presence, tally, 2, 1000);
    presence_view(presence, tally, 1, 1060);
    assert_int_equal(presence_live(presence, 1100), 2);
    assert_int_equal(presence_live(presence, 1310), 1);
    presence_view(presence, tally, 1, 1060 + 1800);
    presence_view(presence, tally, 1, 1060 + 1800 + 1801);
    assert_int_equal(tally->pending[MEASURE_VISITS], 3);
    assert_int_equal(tally->pending[MEASURE_BOUNCES], 2);
    assert_int_equal(tally->pending[MEASURE_VISIT_SECONDS], 60 + 1800);
    assert_true(presence_downloads(presence, 7, 5000));
    assert_false(presence_downloads(presence, 7, 5029));
    assert_true(presence_downloads(presence, 8, 5029));
    assert_true(presence_downloads(presence, 7, 5030));
    presence_forget(presence);
    assert_int_equal(presence_live(presence, 1100), 0);
    tallies_free(tallies);
    presence_free(presence);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_directory, close_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sketch),    TEST(test_sketch_without_registers), TEST(test_marks_die), TEST(test_agents),
        TEST(test_countries), TEST(test_country_faults),           TEST(test_ring),      TEST(test_full_ring),
        TEST(test_ring_calls), TEST(test_alike), TEST(test_alike_is_bounded), TEST(test_alike_while_taking),
        TEST(test_outcome_of_many),
        TEST(test_long_texts), TEST(test_bounded_values),          TEST(test_terms_wait), TEST(test_visits),
    };
    crypto_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
