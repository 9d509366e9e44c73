/* Numbers to text and back. */
#include "../check.h"

#include <float.h>
#include <math.h>

#include "base/num.h"

static void test_write_int(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {
        {0, "0"}, {7, "7"}, {10, "10"}, {99, "99"}, {100, "100"}, {-1, "-1"}, {-10, "-10"},
        {1234567890123, "1234567890123"}, {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"}, {INT64_MIN + 1, "-9223372036854775807"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char out[NUM_INT_BYTES];
        int64_t back = 0;
        size_t n = num_write_int(out, cases[i].value);
        check_text(cases[i].text, (str){out, n}, str_from(cases[i].text));
        assert_true(num_read_int((str){out, n}, &back));
        assert_true(back == cases[i].value);
    }
}

static void test_read_int(void **state)
{
    (void)state;
    static const struct {
        str text;
        bool good;
        int64_t value;
    } cases[] = {
        {S("0"), true, 0}, {S("-0"), true, 0}, {S("+5"), true, 5}, {S("007"), true, 7},
        {S("9223372036854775807"), true, INT64_MAX}, {S("9223372036854775808"), false, 0},
        {S("-9223372036854775808"), true, INT64_MIN}, {S("-9223372036854775809"), false, 0},
        {S("9999999999999999999"), false, 0}, {S("18446744073709551616"), false, 0},
        {S("00000000000000000001"), false, 0}, /* twenty digits */
        {S(""), false, 0}, {S("-"), false, 0}, {S("+"), false, 0}, {S("--1"), false, 0},
        {S("1 "), false, 0}, {S(" 1"), false, 0}, {S("1a"), false, 0}, {S("1.0"), false, 0},
        {S("1e3"), false, 0}, {S("0x10"), false, 0}, {S("1_000"), false, 0},
        {S("1\0"), false, 0}, {S("١"), false, 0}, {STR_NONE, false, 0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        int64_t value = 4711;
        str text = exact_copy(cases[i].text);
        bool good = num_read_int(text, &value);
        exact_free(text);
        check_int(cases[i].text.p, good, cases[i].good);
        check_int(cases[i].text.p, value, good ? cases[i].value : 4711);
    }
}

static void test_write_double(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0.0"}, {-0.0, "0.0"}, {1, "1.0"}, {-1, "-1.0"}, {12, "12.0"}, {0.1, "0.1"},
        {0.3, "0.3"}, {0.1 + 0.2, "0.30000000000000004"}, {1.0 / 3, "0.3333333333333333"},
        {2.0 / 3, "0.6666666666666666"}, {-2.5, "-2.5"}, {100, "100.0"}, {0.5, "0.5"},
        {123456789.125, "123456789.125"}, {1e-5, "0.00001"}, {0.00001234567, "1.234567e-05"},
        {0.0000012, "1.2e-06"}, {1e15, "1000000000000000.0"},
        {8e15, "8000000000000000.0"}, {9e15, "9e+15"},
        {9007199254740991, "9007199254740991.0"}, {9007199254740992, "9007199254740992.0"},
        {1e16, "1e+16"}, {1e22, "1e+22"}, {1e23, "1e+23"}, {1e300, "1e+300"},
        {123456789012345680, "1.2345678901234568e+17"}, {48.8566969, "48.8566969"},
        {2.3514616, "2.3514616"}, {DBL_MAX, "1.7976931348623157e+308"},
        {DBL_MIN, "2.2250738585072014e-308"}, {4.9406564584124654e-324, "5e-324"},
        {1e-310, "1e-310"}, {5e-320, "5e-320"}, {0.07, "0.07"}, {4.35, "4.35"},
        {0.000035, "0.000035"}, {1234567.8901234567, "1234567.8901234567"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char out[NUM_DOUBLE_BYTES];
        size_t n = num_write_double(out, cases[i].value);
        check_text(cases[i].text, (str){out, n}, str_from(cases[i].text));
    }
}

/* Length of the shortest digits that read back as the value, found the slow way. */
static int shortest_digits(double value)
{
    char text[64];
    for (int digits = 1; digits < 17; digits++) {
        snprintf(text, sizeof(text), "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value) {
            return digits;
        }
    }
    return 17;
}

/* Digits without leading and trailing zeros, of what stands before an exponent. */
static int count_digits(str text)
{
    int digits = 0;
    int zeros = 0;
    for (size_t i = 0; i < text.n && text.p[i] != 'e'; i++) {
        if (!is_ascii_digit(text.p[i])) {
            continue;
        }
        zeros = text.p[i] == '0' ? zeros + 1 : 0;
        digits += digits > 0 || text.p[i] != '0';
    }
    zeros = zeros > digits ? digits : zeros;
    return digits - zeros;
}

static void check_round_trip(double value)
{
    char out[NUM_DOUBLE_BYTES];
    double back = 0;
    size_t n = num_write_double(out, value);
    bool good = n <= sizeof(out) && num_read_double((str){out, n}, &back) && back == value &&
                (memchr(out, '.', n) || memchr(out, 'e', n)) &&
                (value == 0 || count_digits((str){out, n}) <= shortest_digits(value));
    if (!good) {
        print_error("%a is written as '%.*s', which reads as %a\n", value, (int)n, out, back);
    }
    assert_true(good);
}

static uint64_t next_bits(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void test_round_trips(void **state)
{
    (void)state;
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        double value;
        uint64_t pattern = next_bits(&bits);
        memcpy(&value, &pattern, sizeof(value));
        if (isfinite(value)) {
            check_round_trip(value);
        }
        check_round_trip((double)(int64_t)(pattern >> 20) / pow(10, (double)(pattern % 9)));
        check_round_trip((double)(pattern >> 60) * DBL_TRUE_MIN);
    }
    for (int exponent = -1074; exponent < 1024; exponent++) {
        check_round_trip(ldexp(1, exponent));
        check_round_trip(nextafter(ldexp(1, exponent), 0));
    }
}

static void test_read_double(void **state)
{
    (void)state;
    static const struct {
        str text;
        bool good;
        double value;
    } cases[] = {
        {S("0"), true, 0}, {S("-1.5"), true, -1.5}, {S("+1.5"), true, 1.5}, {S("2e3"), true, 2000},
        {S("2E+3"), true, 2000}, {S("2e-3"), true, 0.002}, {S(".5"), true, 0.5},
        {S("5."), true, 5}, {S("00.5"), true, 0.5}, {S("9007199254740993"), true, 9007199254740992},
        {S("123456789012345678901234567890"), true, 123456789012345678901234567890.0},
        {S("0.1"), true, 0.1}, {S("0.30000000000000004"), true, 0.1 + 0.2},
        {S("1.7976931348623157e308"), true, DBL_MAX}, {S("1.7976931348623159e308"), false, 0},
        {S("1e400"), false, 0}, {S("-1e400"), false, 0}, {S("1e-400"), true, 0},
        {S("5e-324"), true, DBL_TRUE_MIN}, {S("0e999999999"), true, 0},
        {S(""), false, 0}, {S("."), false, 0}, {S("-"), false, 0}, {S("-."), false, 0},
        {S("e5"), false, 0}, {S("1e"), false, 0}, {S("1e+"), false, 0}, {S("1,5"), false, 0},
        {S("1 "), false, 0}, {S(" 1"), false, 0}, {S("1.2.3"), false, 0}, {S("1e2.5"), false, 0},
        {S("nan"), false, 0}, {S("inf"), false, 0}, {S("-Infinity"), false, 0},
        {S("0x1p3"), false, 0}, {S("0x10"), false, 0}, {S("--1"), false, 0}, {S("1\0"), false, 0},
        {S("1e5f"), false, 0}, {STR_NONE, false, 0},
        {S("0000000000000000000000000000000000000000000000000000000000000001"), false, 0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        double value = 47.11;
        str text = exact_copy(cases[i].text);
        bool good = num_read_double(text, &value);
        exact_free(text);
        check_int(cases[i].text.p, good, cases[i].good);
        if (value != (good ? cases[i].value : 47.11)) {
            print_error("'%s' is read as %a\n", cases[i].text.p, value);
            assert_true(false);
        }
    }
    double minus_zero = 1;
    assert_true(num_read_double(S("-0.0"), &minus_zero) && signbit(minus_zero));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_int),    cmocka_unit_test(test_read_int),
        cmocka_unit_test(test_write_double), cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_read_double),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
