/*
 * Streams are made here with zlib and zstd, then unpacked whole and in pieces of several sizes; all
 * must give back what was packed.
 */
#include "../check.h"
#include "../one_scope.h"

#include <zlib.h>
#include <zstd.h>

#include "platform/pack/unpack.h"

#define STEP ((size_t)256 << 10) /* room that the unpacker offers at a time */

/* ---- packing ---- */

static void add_gzip(struct buf *out, str bytes)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t most = deflateBound(&stream, bytes.n);
    stream.next_in = (Bytef *)(uintptr_t)bytes.p;
    stream.avail_in = (uInt)bytes.n;
    stream.next_out = (Bytef *)buf_reserve(out, most);
    stream.avail_out = (uInt)most;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out->n += most - stream.avail_out;
    deflateEnd(&stream);
}

static void add_zstd(struct buf *out, str bytes)
{
    size_t most = ZSTD_compressBound(bytes.n);
    size_t n = ZSTD_compress(buf_reserve(out, most), most, bytes.p, bytes.n, 3);
    assert_false(ZSTD_isError(n));
    out->n += n;
}

static void add_packed(enum packing packing, struct buf *out, str bytes)
{
    if (packing == PACKING_GZIP) {
        add_gzip(out, bytes);
    } else if (packing == PACKING_ZSTD) {
        add_zstd(out, bytes);
    } else {
        buf_add(out, bytes);
    }
}

/* Bytes that do not pack away to nothing, the same in every run. */
static str noise(size_t n)
{
    char *bytes = arena_alloc(&scope.arena, n + 1);
    uint32_t state = 12345;
    for (size_t i = 0; i < n; i++) {
        state = state * 1103515245 + 12345;
        bytes[i] = (char)('a' + (state >> 16) % 26);
    }
    return (str){bytes, n};
}

static str zeros(size_t n)
{
    return (str){arena_alloc(&scope.arena, n + 1), n};
}

/* ---- unpacking ---- */

static enum err unpack(enum packing packing, str packed, size_t piece, struct buf *out)
{
    struct unpacker *unpacker = unpacker_open(packing);
    enum err result = ERR_OK;
    for (size_t at = 0; at < packed.n && result == ERR_OK; at += piece) {
        result = unpacker_feed(&scope, unpacker, str_slice(packed, at, at + piece), out);
    }
    if (result == ERR_OK) {
        result = unpacker_finish(&scope, unpacker);
    }
    unpacker_close(unpacker);
    return result;
}

static const enum packing packings[] = {PACKING_NONE, PACKING_GZIP, PACKING_ZSTD};
static const char *const names[] = {"none", "gzip", "zstd"};

static void check_gives_back(const char *what, enum packing packing, str packed, str expected)
{
    const size_t pieces[] = {1, 2, 7, 4096, SIZE_MAX / 2};
    for (size_t i = packed.n > 100000 ? 3 : 0; i < ARRAY_LENGTH(pieces); i++) {
        struct buf out = {0};
        enum err result = unpack(packing, packed, pieces[i], &out);
        if (result != ERR_OK || !str_eq(buf_str(&out), expected)) {
            print_error("%s, %s, pieces of %zu: error %d, %zu bytes, %zu expected\n", what,
                        names[packing], pieces[i], (int)result, out.n, expected.n);
        }
        assert_int_equal(result, ERR_OK);
        assert_true(str_eq(buf_str(&out), expected));
        buf_done(&out);
    }
}

static void test_gives_back(void **state)
{
    (void)state;
    const struct {
        const char *what;
        str bytes;
    } cases[] = {
        {"nothing", S("")},
        {"one byte", S("x")},
        {"text", S("name;value\nÉlan;1\n")},
        {"noise", noise(5000)},
        {"one step less a byte", zeros(STEP - 1)},
        {"exactly one step", zeros(STEP)},
        {"one step and a byte", zeros(STEP + 1)},
        {"exactly two steps", zeros(2 * STEP)},
        {"much noise", noise(3 * STEP)},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        for (size_t p = 0; p < ARRAY_LENGTH(packings); p++) {
            struct buf packed = {0};
            add_packed(packings[p], &packed, cases[i].bytes);
            check_gives_back(cases[i].what, packings[p], buf_str(&packed), cases[i].bytes);
            buf_done(&packed);
        }
    }
}

static void test_several_members_are_one(void **state)
{
    (void)state;
    for (size_t p = 1; p < ARRAY_LENGTH(packings); p++) {
        struct buf packed = {0};
        add_packed(packings[p], &packed, S("a;b\n"));
        add_packed(packings[p], &packed, S(""));
        add_packed(packings[p], &packed, zeros(STEP));
        add_packed(packings[p], &packed, S("1;2\n"));
        struct buf expected = {0};
        buf_add(&expected, S("a;b\n"));
        buf_add(&expected, zeros(STEP));
        buf_add(&expected, S("1;2\n"));
        check_gives_back("members", packings[p], buf_str(&packed), buf_str(&expected));
        buf_done(&packed);
        buf_done(&expected);
    }
}

/* Every proper prefix of a stream but the empty one is cut off, fed whole or byte by byte. */
static void test_cut_streams(void **state)
{
    (void)state;
    for (size_t p = 1; p < ARRAY_LENGTH(packings); p++) {
        struct buf packed = {0};
        add_packed(packings[p], &packed, S("name;value\nabc;1\n"));
        for (size_t n = 1; n < packed.n; n++) {
            for (size_t piece = 1; piece <= packed.n; piece += packed.n - 1) {
                struct buf out = {0};
                str cut = str_slice(buf_str(&packed), 0, n);
                check_int(names[p], unpack(packings[p], cut, piece, &out), ERR_DATA);
                check_failure(names[p], &scope, ERR_DATA, "it ends too early");
                buf_done(&out);
            }
        }
        buf_done(&packed);
    }
}

/* A second member that is cut: the first one was whole, the file is not. */
static void test_cut_second_member(void **state)
{
    (void)state;
    for (size_t p = 1; p < ARRAY_LENGTH(packings); p++) {
        struct buf packed = {0};
        struct buf out = {0};
        add_packed(packings[p], &packed, S("first"));
        size_t first = packed.n;
        add_packed(packings[p], &packed, S("second"));
        str cut = str_slice(buf_str(&packed), 0, first + 6);
        check_int(names[p], unpack(packings[p], cut, SIZE_MAX / 2, &out), ERR_DATA);
        check_failure(names[p], &scope, ERR_DATA, "damaged");
        buf_done(&packed);
        buf_done(&out);
    }
}

static void test_damage(void **state)
{
    (void)state;
    for (size_t p = 1; p < ARRAY_LENGTH(packings); p++) {
        struct buf packed = {0};
        struct buf out = {0};
        check_int("garbage", unpack(packings[p], S("no stream at all"), 5, &out), ERR_DATA);
        check_failure(names[p], &scope, ERR_DATA, "the compressed file is damaged");
        add_packed(packings[p], &packed, S("first"));
        buf_add(&packed, S("garbage behind a whole stream"));
        check_int("tail", unpack(packings[p], buf_str(&packed), 4096, &out), ERR_DATA);
        check_failure(names[p], &scope, ERR_DATA, "the compressed file is damaged");
        buf_done(&packed);
        buf_done(&out);
    }
}

/* Gzip ends with a checksum over what was packed. */
static void test_wrong_checksum(void **state)
{
    (void)state;
    struct buf packed = {0};
    struct buf out = {0};
    add_gzip(&packed, S("name;value\n"));
    packed.p[packed.n - 8] ^= 1;
    check_int("checksum", unpack(PACKING_GZIP, buf_str(&packed), 4096, &out), ERR_DATA);
    check_failure("checksum", &scope, ERR_DATA, "incorrect data check");
    buf_done(&packed);
    buf_done(&out);
}

static void test_recognise(void **state)
{
    (void)state;
    const struct {
        str start;
        enum packing packing;
    } cases[] = {
        {S(""), PACKING_NONE},
        {S("\x1f\x8b"), PACKING_NONE},
        {S("\x1f\x8b\x08"), PACKING_GZIP},
        {S("\x1f\x8b\x00"), PACKING_NONE},
        {S("\x28\xb5\x2f"), PACKING_NONE},
        {S("\x28\xb5\x2f\xfd\x00"), PACKING_ZSTD},
        {S("a;b\n"), PACKING_NONE},
        {S(" \x1f\x8b\x08"), PACKING_NONE},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        check_int(names[cases[i].packing], packing_recognise(cases[i].start), cases[i].packing);
    }
    unpacker_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_gives_back, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_several_members_are_one, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_cut_streams, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_cut_second_member, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_damage, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_wrong_checksum, open_scope, close_scope),
        cmocka_unit_test(test_recognise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
