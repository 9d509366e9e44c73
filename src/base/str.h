/*
 * The string view: bytes [p, p+n), not NUL-terminated, usually UTF-8. A view borrows; it lives as
 * long as the bytes it points to. Only str_cz makes a NUL-terminated copy, for drivers and libc.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

typedef struct {
    const char *p;
    size_t n;
} str;

#define S(literal) ((str){"" literal, sizeof(literal) - 1})
#define STR_NONE ((str){NULL, 0})
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

/** View of a NUL-terminated text; NULL gives the empty view. */
static inline str str_from(const char *text)
{
    return (str){text, text ? strlen(text) : 0};
}

static inline bool str_eq(str a, str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/** Equal but for the case of ASCII letters. */
bool str_eq_nocase(str a, str b);

/** Byte order, as memcmp; shorter first. */
int str_compare(str a, str b);

bool str_starts(str text, str prefix);
bool str_ends(str text, str suffix);

/** Position of the first needle byte at or after from, or SIZE_MAX. */
size_t str_find_char(str text, char needle, size_t from);

/** Position of the first occurrence of needle at or after from, or SIZE_MAX. */
size_t str_find(str text, str needle, size_t from);

/** Bytes [from, to) of text; both are clamped to its length. */
str str_slice(str text, size_t from, size_t to);

/** Without ASCII white space at both ends. */
str str_trim(str text);

/** Cuts the part before the first separator off *rest; false when *rest was used up (p == NULL). */
bool str_split(str *rest, char separator, str *ret_part);

/** Cuts the part before the first ASCII white space off *rest; false when only white space was left. */
bool str_split_blank(str *rest, str *ret_part);

/** The texts with which count items of stride bytes begin, joined. */
str str_join(struct arena *arena, const void *items, size_t count, size_t stride, str separator);

/** Copy in the arena. */
str str_copy(struct arena *arena, str text);

/** NUL-terminated copy in the arena; a NUL inside text ends it. */
const char *str_cz(struct arena *arena, str text);

/** Formats into the arena. */
str str_printf(struct arena *arena, const char *format, ...) printf_like(2, 3);

/** Copy with ASCII letters in lower case. */
str str_lower_ascii(struct arena *arena, str text);

/** Seeded 64-bit hash (XXH3) for hash tables and caches; not stable between versions. */
uint64_t str_hash(str text);

static inline bool is_ascii_digit(char c)
{
    return c >= '0' && c <= '9';
}

/** -1: none. */
static inline int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static inline bool is_ascii_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool is_ascii_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

#endif
