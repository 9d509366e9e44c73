/*
 * Doubles of open data are mostly short decimals. value == m / 10^k with m below 2^53 proves that
 * the decimal "m shifted by k" reads back as value, because that division is correctly rounded;
 * the smallest such k gives the shortest text. Everything else goes through printf and strtod.
 */
#include "base/num.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233"
                                  "34353637383940414243444546474849505152535455565758596061626364656667"
                                  "6869707172737475767778798081828384858687888990919293949596979899";

static size_t write_unsigned(char *out, uint64_t value)
{
    char digits[NUM_INT_BYTES];
    char *at = digits + sizeof(digits);
    while (value >= 100) {
        at -= 2;
        memcpy(at, digit_pairs + 2 * (value % 100), 2);
        value /= 100;
    }
    if (value >= 10) {
        at -= 2;
        memcpy(at, digit_pairs + 2 * value, 2);
    } else {
        *--at = (char)('0' + value);
    }
    size_t n = (size_t)(digits + sizeof(digits) - at);
    memcpy(out, at, n);
    return n;
}

size_t num_write_int(char *out, int64_t value)
{
    if (value < 0) {
        *out = '-';
        return 1 + write_unsigned(out + 1, 0 - (uint64_t)value);
    }
    return write_unsigned(out, (uint64_t)value);
}

#define DECIMALS_MOST 18

static const uint64_t whole_powers[DECIMALS_MOST + 1] = {UINT64_C(1),
                                                         UINT64_C(10),
                                                         UINT64_C(100),
                                                         UINT64_C(1000),
                                                         UINT64_C(10000),
                                                         UINT64_C(100000),
                                                         UINT64_C(1000000),
                                                         UINT64_C(10000000),
                                                         UINT64_C(100000000),
                                                         UINT64_C(1000000000),
                                                         UINT64_C(10000000000),
                                                         UINT64_C(100000000000),
                                                         UINT64_C(1000000000000),
                                                         UINT64_C(10000000000000),
                                                         UINT64_C(100000000000000),
                                                         UINT64_C(1000000000000000),
                                                         UINT64_C(10000000000000000),
                                                         UINT64_C(100000000000000000),
                                                         UINT64_C(1000000000000000000)};

static size_t write_scaled(char *out, uint64_t scaled, int decimals)
{
    const uint64_t *powers = whole_powers;
    uint64_t whole = scaled / powers[decimals];
    uint64_t rest = scaled % powers[decimals];
    size_t n = write_unsigned(out, whole);
    out[n++] = '.';
    if (decimals == 0) {
        out[n++] = '0';
        return n;
    }
    for (int i = decimals - 1; i >= 0; i--) {
        out[n + (size_t)i] = (char)('0' + rest % 10);
        rest /= 10;
    }
    return n + (size_t)decimals;
}

/*
 * More digits by exact arithmetic: size is f * 2^-shift, so size * 10^k has a whole part m
 * and a remainder, and m / 10^k reads back as size when it is nearer than half of what f counts. Returns 0
 * when the numbers do not fit.
 */
static size_t write_long(char *out, double size)
{
    int exponent;
    uint64_t f = (uint64_t)ldexp(frexp(size, &exponent), 53);
    int shift = 53 - exponent;
    int before = 0; /* digits before the point; negative: zeros behind it */
    while (before < 16 && size >= (double)whole_powers[before]) {
        before++;
    }
    while (before > -4 && before <= 0 && size * (double)whole_powers[1 - before] < 1) {
        before--;
    }
    for (int digits = before < 0 ? 16 + before : 16; digits <= 17; digits++) { /* 16 decimals at least */
        int k = digits - before;
        if (shift < 1 || shift > 66 || k < 1 || k > DECIMALS_MOST) {
            return 0;
        }
        unsigned __int128 product = (unsigned __int128)f * whole_powers[k];
        unsigned __int128 half = (unsigned __int128)1 << (shift - 1);
        uint64_t m = (uint64_t)((product + half) >> shift);
        unsigned __int128 shown = (unsigned __int128)m << shift;
        unsigned __int128 off = shown > product ? shown - product : product - shown;
        uint64_t reach = whole_powers[k] / (f == UINT64_C(1) << 52 ? 4 : 2); /* finer below a power of two */
        if (off < reach) {
            for (; k > 1 && m % 10 == 0; k--) {
                m /= 10;
            }
            return write_scaled(out, m, k);
        }
    }
    return 0;
}

static size_t write_slow(char *out, double value)
{
    /* Below the normal range fewer than 15 digits tell doubles apart. */
    for (int precision = fabs(value) < DBL_MIN ? 1 : 15; precision <= 17; precision++) {
        int n = snprintf(out, NUM_DOUBLE_BYTES, "%.*g", precision, value);
        char *comma = strchr(out, ',');
        if (comma) {
            *comma = '.';
        }
        if (precision == 17 || strtod(out, NULL) == value) { /* NOLINT: exact by intent */
            if (!strpbrk(out, ".e")) {
                memcpy(out + n, ".0", 2);
                n += 2;
            }
            return (size_t)n;
        }
    }
    return 0;
}

size_t num_write_double(char *out, double value)
{
    static const double powers[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    double size = fabs(value);
    if (size < 9e15 && (size >= 1e-5 || size == 0)) {
        int most = size < 1e-4 ? 7 : 15; /* decimals; smaller numbers have an exponent then */
        for (int decimals = 0; decimals <= most; decimals++) {
            double scaled = nearbyint(size * powers[decimals]);
            if (scaled >= 9007199254740992.0) {
                break;
            }
            if (scaled / powers[decimals] == size) {
                size_t sign = signbit(value) && size != 0;
                *out = '-';
                return sign + write_scaled(out + sign, (uint64_t)scaled, decimals);
            }
        }
        size_t n = size >= 1e-4 ? write_long(out + (signbit(value) != 0), size) : 0;
        if (n) {
            *out = signbit(value) ? '-' : *out;
            return (signbit(value) != 0) + n;
        }
    }
    return write_slow(out, value);
}

bool num_read_int(str text, int64_t *ret_value)
{
    size_t at = 0;
    bool negative = false;
    if (text.n && (text.p[0] == '-' || text.p[0] == '+')) {
        negative = text.p[0] == '-';
        at = 1;
    }
    if (at == text.n || text.n - at > 19) {
        return false;
    }
    uint64_t value = 0;
    for (; at < text.n; at++) {
        if (!is_ascii_digit(text.p[at])) {
            return false;
        }
        value = value * 10 + (uint64_t)(text.p[at] - '0');
    }
    if (value > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    *ret_value = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

bool num_is_canonical(str text)
{
    int64_t value;
    char written[NUM_INT_BYTES];
    return num_read_int(text, &value) && str_eq(text, (str){written, num_write_int(written, value)});
}

static size_t skip_digits(str text, size_t at)
{
    while (at < text.n && is_ascii_digit(text.p[at])) {
        at++;
    }
    return at;
}

/* Digits of a decimal without its sign: value == mantissa * 10^exponent. False: too long to be exact. */
static bool read_exact(str digits, double *ret_value)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    uint64_t mantissa = 0;
    size_t fraction = 0;
    if (digits.n > 19) {
        return false;
    }
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] == '.') {
            fraction = digits.n - i - 1;
        } else {
            mantissa = mantissa * 10 + (uint64_t)(digits.p[i] - '0');
        }
    }
    if (mantissa > UINT64_C(1) << 53) {
        return false;
    }
    *ret_value = (double)mantissa / powers[fraction]; /* both exact, so correctly rounded */
    return true;
}

bool num_read_double(str text, double *ret_value)
{
    char copy[64];
    if (text.n == 0 || text.n >= sizeof(copy)) {
        return false;
    }
    size_t at = text.p[0] == '-' || text.p[0] == '+';
    size_t start = at;
    at = skip_digits(text, at);
    size_t digits = at - start;
    if (at < text.n && text.p[at] == '.') {
        size_t fraction = at + 1;
        at = skip_digits(text, fraction);
        digits += at - fraction;
    }
    if (digits == 0) {
        return false;
    }
    if (at == text.n && read_exact(str_slice(text, start, text.n), ret_value)) {
        *ret_value = text.p[0] == '-' ? -*ret_value : *ret_value;
        return true;
    }
    if (at < text.n && (text.p[at] | 32) == 'e') {
        at++;
        at += at < text.n && (text.p[at] == '-' || text.p[at] == '+');
        size_t exponent = at;
        at = skip_digits(text, at);
        if (at == exponent) {
            return false;
        }
    }
    if (at != text.n) {
        return false;
    }
    memcpy(copy, text.p, text.n);
    copy[text.n] = 0;
    double value = strtod(copy, NULL);
    if (!isfinite(value)) {
        return false;
    }
    *ret_value = value;
    return true;
}
