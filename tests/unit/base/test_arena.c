/* Arenas and what grows in them. */
#include "../check.h"

#include "base/limits.h"
#include "base/vec.h"

static void test_memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 0);
    const size_t sizes[] = {0, 1, 7, 15, 16, 17, 1000, 20000, 100000, 5u << 20};
    for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
        unsigned char *bytes = arena_alloc(&arena, sizes[i]);
        assert_non_null(bytes);
        assert_int_equal((uintptr_t)bytes % sizeof(max_align_t) % 16, 0);
        for (size_t at = 0; at < sizes[i]; at++) {
            assert_int_equal(bytes[at], 0);
        }
        memset(bytes, 0xff, sizes[i]);
    }
    assert_true(arena.used_bytes >= 5u << 20);
    arena_done(&arena);
    assert_null(arena.chunk);
    assert_int_equal(arena.used_bytes, 0);
    arena_done(&arena);
    assert_non_null(arena_alloc(&arena, 10));
    arena_done(&arena);
}

static void test_allocations_do_not_overlap(void **state)
{
    (void)state;
    struct arena arena;
    unsigned char *items[300];
    arena_init(&arena, 0);
    for (size_t i = 0; i < ARRAY_LENGTH(items); i++) {
        items[i] = arena_alloc(&arena, i);
        memset(items[i], (int)(i % 251), i);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(items); i++) {
        for (size_t at = 0; at < i; at++) {
            assert_int_equal(items[i][at], i % 251);
        }
    }
    arena_done(&arena);
}

/* Memory given back is used again, zeroed, and a stream of batches does not grow the arena. */
static void test_rewind(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 0);
    struct arena_mark empty = arena_get_mark(&arena);
    char *kept = arena_alloc(&arena, 100);
    memcpy(kept, "kept", 5);
    struct arena_mark mark = arena_get_mark(&arena);
    char *first = arena_alloc(&arena, 100);
    memset(first, 'x', 100);
    arena_rewind(&arena, mark);
    char *again = arena_alloc(&arena, 100);
    assert_ptr_equal(first, again);
    assert_int_equal(again[0], 0);
    size_t used = arena.used_bytes;
    for (int i = 0; i < 1000; i++) {
        arena_rewind(&arena, mark);
        memset(arena_alloc(&arena, 60000), 'y', 60000);
        arena_alloc(&arena, 60000);
    }
    arena_rewind(&arena, mark);
    assert_int_equal(arena.used_bytes, used);
    assert_string_equal(kept, "kept");
    arena_rewind(&arena, empty);
    assert_null(arena.chunk);
    assert_int_equal(arena.used_bytes, 0);
    arena_done(&arena);
}

static void test_limit_is_usable(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 100000);
    memset(arena_alloc(&arena, 60000), 1, 60000);
    memset(arena_alloc(&arena, 30000), 1, 30000);
    assert_true(arena.used_bytes <= 100000);
    arena_done(&arena);
    arena_init(&arena, 0);
    assert_int_equal(arena.limit_bytes, LIMIT_ARENA_BYTES);
    arena_done(&arena);
}

static void pass_limit_at_once(void)
{
    struct arena arena;
    arena_init(&arena, 100000);
    arena_alloc(&arena, 100001);
}

static void pass_limit_slowly(void)
{
    struct arena arena;
    arena_init(&arena, 100000);
    for (int i = 0; i < 1000; i++) {
        arena_alloc(&arena, 1000);
    }
}

static void overflow_rounding(void)
{
    struct arena arena;
    arena_init(&arena, 0);
    arena_alloc(&arena, SIZE_MAX - 1);
}

static void overflow_product(void)
{
    struct arena arena;
    arena_init(&arena, 0);
    arena_alloc_array(&arena, SIZE_MAX / 2, 3);
}

static void rewind_to_another_arena(void)
{
    struct arena arena;
    struct arena other;
    arena_init(&arena, 0);
    arena_init(&other, 0);
    arena_alloc(&other, 1);
    arena_rewind(&arena, arena_get_mark(&other));
}

static void test_misuse_aborts(void **state)
{
    (void)state;
    check_aborts("limit at once", pass_limit_at_once);
    check_aborts("limit slowly", pass_limit_slowly);
    check_aborts("rounding", overflow_rounding);
    check_aborts("product", overflow_product);
    check_aborts("mark of another arena", rewind_to_another_arena);
}

static void test_vec(void **state)
{
    (void)state;
    struct arena arena;
    VEC(struct { int number; str text; }) items = {0};
    VEC(uint16_t) shorts = {0};
    arena_init(&arena, 0);
    for (int i = 0; i < 1000; i++) {
        vec_add(&arena, &items, (__typeof__(*items.items)){i, S("text")});
        vec_add(&arena, &shorts, (uint16_t)(i * 2));
        assert_int_equal(items.count, i + 1);
        assert_true(items.capacity >= items.count);
    }
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(items.items[i].number, i);
        assert_true(str_eq(items.items[i].text, S("text")));
        assert_int_equal(shorts.items[i], i * 2);
    }
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_zeroed_and_aligned),
        cmocka_unit_test(test_allocations_do_not_overlap),
        cmocka_unit_test(test_rewind),
        cmocka_unit_test(test_limit_is_usable),
        cmocka_unit_test(test_misuse_aborts),
        cmocka_unit_test(test_vec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
