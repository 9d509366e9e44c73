/* Collectors and their merge against the plain truth: every (word, field, row) exactly once. */
#include "one_scope.h"

#include "domain/records/postings.h"

#define ROWS 6000
#define COLLECTORS 3
#define RARE_WORDS 2000

/* Row r holds "all" in field 0, "half" in field 1 when even, and one of the rare words twice. */
static str rare_word(int64_t row)
{
    return str_printf(&scope.arena, "%s%lld", row % 3 ? "rare" : "a-word-longer-than-a-slot-",
                      (long long)(row * 7919 % RARE_WORDS));
}

static void add(struct postings *postings, str word, uint16_t field, int64_t row)
{
    assert_int_equal(postings_add(&scope, postings, word, field, row), ERR_OK);
}

static void add_row(struct postings *postings, int64_t row)
{
    add(postings, S("all"), 0, row);
    if (row % 2 == 0) {
        add(postings, S("half"), 1, row);
    }
    add(postings, rare_word(row), 2, row);
    add(postings, rare_word(row), 2, row);
    assert_int_equal(postings_settle(&scope, postings), ERR_OK);
}

static bool holds(str word, int64_t field, int64_t row)
{
    return (field == 0 && str_eq(word, S("all"))) ||
           (field == 1 && str_eq(word, S("half")) && row % 2 == 0) ||
           (field == 2 && str_eq(word, rare_word(row)));
}

/* Yields everything; returns how many rows, after checking each and the order of the blocks. */
static size_t check_merge(struct postings *const *collectors)
{
    struct postings_merge *merge = postings_merge_new(collectors, COLLECTORS);
    bool(*seen)[3] = arena_alloc(&scope.arena, ROWS * sizeof(*seen));
    str last = S("");
    size_t count = 0;
    for (;;) {
        struct posting_block block;
        bool found;
        assert_int_equal(postings_merge_next(&scope, merge, &block, &found), ERR_OK);
        if (!found) {
            break;
        }
        int64_t rows[POSTINGS_BLOCK_BYTES];
        assert_in_range(block.packed.n, 1, POSTINGS_BLOCK_BYTES);
        size_t held = postings_unpack(block.packed, rows);
        assert_in_range(held, 1, POSTINGS_BLOCK_BYTES);
        assert_true(str_compare(last, block.word) <= 0);
        last = str_copy(&scope.arena, block.word);
        for (size_t i = 0; i < held; i++) {
            int64_t row = rows[i];
            assert_in_range(row, 0, ROWS - 1);
            assert_true(holds(block.word, block.field, row));
            assert_false(seen[row][block.field]);
            seen[row][block.field] = true;
            count++;
        }
    }
    postings_merge_free(merge);
    return count;
}

static void check_collecting(size_t memory_bytes)
{
    struct postings *collectors[COLLECTORS];
    for (size_t i = 0; i < COLLECTORS; i++) {
        collectors[i] = postings_new(".", memory_bytes);
    }
    for (int64_t row = 0; row < ROWS; row++) {
        add_row(collectors[row / 100 % COLLECTORS], row);
    }
    for (size_t i = 0; i < COLLECTORS; i++) {
        postings_sort(collectors[i]);
    }
    assert_int_equal(check_merge(collectors), ROWS + ROWS / 2 + ROWS);
    for (size_t i = 0; i < COLLECTORS; i++) {
        postings_free(collectors[i]);
    }
}

static void test_in_memory(void **state)
{
    (void)state;
    check_collecting(64u << 20);
}

static void test_with_runs(void **state)
{
    (void)state;
    check_collecting(160u << 10);
}

static void test_nothing(void **state)
{
    (void)state;
    struct postings *collectors[COLLECTORS];
    for (size_t i = 0; i < COLLECTORS; i++) {
        collectors[i] = postings_new(".", 1u << 20);
        postings_sort(collectors[i]);
    }
    assert_int_equal(check_merge(collectors), 0);
    for (size_t i = 0; i < COLLECTORS; i++) {
        postings_free(collectors[i]);
    }
}

/* Threads may take parts of a table in any order. */
static void test_rows_that_do_not_ascend(void **state)
{
    (void)state;
    struct postings *collectors[COLLECTORS];
    for (size_t i = 0; i < COLLECTORS; i++) {
        collectors[i] = postings_new(".", 1u << 20);
    }
    for (int64_t part = ROWS / 100; part-- > 0;) {
        for (int64_t row = part * 100; row < part * 100 + 100; row++) {
            add_row(collectors[0], row);
        }
    }
    for (size_t i = 0; i < COLLECTORS; i++) {
        postings_sort(collectors[i]);
    }
    assert_int_equal(check_merge(collectors), ROWS + ROWS / 2 + ROWS);
    for (size_t i = 0; i < COLLECTORS; i++) {
        postings_free(collectors[i]);
    }
}

static void test_damaged_bytes(void **state)
{
    (void)state;
    int64_t rows[16];
    assert_int_equal(postings_unpack(S("\x03\x01\x05\x02"), rows), 2);
    assert_int_equal(rows[0], 5);
    assert_int_equal(rows[1], 7);
    assert_int_equal(postings_unpack(S(""), rows), 0);
    assert_int_equal(postings_unpack(S("\x04\x01\x05"), rows), SIZE_MAX);     /* cut off */
    assert_int_equal(postings_unpack(S("\x02\x01\x85"), rows), SIZE_MAX);     /* in a number */
    assert_int_equal(postings_unpack(S("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), rows),
                     SIZE_MAX);
}

static void test_directory_is_missing(void **state)
{
    (void)state;
    struct postings *postings = postings_new("/nonexistent-parvis", 1);
    add(postings, S("word"), 0, 0);
    assert_int_equal(postings_settle(&scope, postings), ERR_FILE);
    assert_non_null(strstr(scope.failure.message.p, "/nonexistent-parvis"));
    scope_forgive(&scope);
    postings_free(postings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_in_memory, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_with_runs, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_nothing, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_rows_that_do_not_ascend, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_damaged_bytes, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_directory_is_missing, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
