#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/bug.h"

bool str_eq_nocase(str a, str b)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (ascii_lower(a.p[i]) != ascii_lower(b.p[i])) {
            return false;
        }
    }
    return true;
}

int str_compare(str a, str b)
{
    size_t shorter = a.n < b.n ? a.n : b.n;
    int order = shorter ? memcmp(a.p, b.p, shorter) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(str text, str prefix)
{
    return text.n >= prefix.n && str_eq(str_slice(text, 0, prefix.n), prefix);
}

bool str_ends(str text, str suffix)
{
    return text.n >= suffix.n && str_eq(str_slice(text, text.n - suffix.n, text.n), suffix);
}

size_t str_find_char(str text, char needle, size_t from)
{
    if (from >= text.n) {
        return SIZE_MAX;
    }
    const char *found = memchr(text.p + from, needle, text.n - from);
    return found ? (size_t)(found - text.p) : SIZE_MAX;
}

size_t str_find(str text, str needle, size_t from)
{
    if (from > text.n || needle.n > text.n - from) {
        return SIZE_MAX;
    }
    if (needle.n == 0) {
        return from;
    }
    const char *found = memmem(text.p + from, text.n - from, needle.p, needle.n);
    return found ? (size_t)(found - text.p) : SIZE_MAX;
}

str str_slice(str text, size_t from, size_t to)
{
    to = to > text.n ? text.n : to;
    from = from > to ? to : from;
    return (str){text.p ? text.p + from : NULL, to - from};
}

str str_trim(str text)
{
    while (text.n && is_ascii_space(text.p[0])) {
        text.p++;
        text.n--;
    }
    while (text.n && is_ascii_space(text.p[text.n - 1])) {
        text.n--;
    }
    return text;
}

bool str_split(str *rest, char separator, str *ret_part)
{
    if (!rest->p) {
        return false;
    }
    size_t at = str_find_char(*rest, separator, 0);
    if (at == SIZE_MAX) {
        *ret_part = *rest;
        *rest = STR_NONE;
    } else {
        *ret_part = str_slice(*rest, 0, at);
        *rest = str_slice(*rest, at + 1, rest->n);
    }
    return true;
}

bool str_split_blank(str *rest, str *ret_part)
{
    str text = str_trim(*rest);
    size_t end = 0;
    while (end < text.n && !is_ascii_space(text.p[end])) {
        end++;
    }
    *ret_part = str_slice(text, 0, end);
    *rest = str_trim(str_slice(text, end, text.n));
    return end > 0;
}

str str_join(struct arena *arena, const void *items, size_t count, size_t stride, str separator)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        n += (i ? separator.n : 0) + ((const str *)(const void *)((const char *)items + i * stride))->n;
    }
    char *out = arena_alloc(arena, n + 1);
    char *at = out;
    for (size_t i = 0; i < count; i++) {
        const str *text = (const void *)((const char *)items + i * stride);
        at = mempcpy(at, separator.p, i ? separator.n : 0);
        at = mempcpy(at, text->n ? text->p : "", text->n);
    }
    return (str){out, n};
}

str str_copy(struct arena *arena, str text)
{
    char *copy = arena_alloc(arena, text.n + 1);
    if (text.n) {
        memcpy(copy, text.p, text.n);
    }
    return (str){copy, text.n};
}

const char *str_cz(struct arena *arena, str text)
{
    return str_copy(arena, text).p;
}

str str_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    bug_if(n < 0);
    char *text = arena_alloc(arena, (size_t)n + 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)n + 1, format, arguments);
    va_end(arguments);
    return (str){text, (size_t)n};
}

str str_lower_ascii(struct arena *arena, str text)
{
    char *copy = arena_alloc(arena, text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        copy[i] = ascii_lower(text.p[i]);
    }
    return (str){copy, text.n};
}

uint64_t str_hash(str text)
{
    return XXH3_64bits(text.p, text.n);
}
