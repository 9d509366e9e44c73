/* Cookie headers: what cookie_value finds is what cookie_next shows last, and nothing else is. */
#include <stdlib.h>

#include "base/bug.h"
#include "base/limits.h"
#include "platform/http/cookie.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool has_control(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (((unsigned char)text.p[i] < ' ' && text.p[i] != '\t') || text.p[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

/* The last value of a name by reading all pairs, and whether they differ. */
static str last_of(struct arena *arena, str header, str name, bool *ret_conflict)
{
    struct cookie_pair pair;
    str last = STR_NONE;
    *ret_conflict = false;
    while (cookie_next(arena, &header, &pair)) {
        if (str_eq(pair.name, name)) {
            *ret_conflict |= last.p && !str_eq(last, pair.value);
            last = pair.value;
        }
    }
    return last;
}

static void check_pair(struct arena *arena, str header, const struct cookie_pair *pair)
{
    bool conflict;
    bool expected_conflict;
    str value = cookie_value(arena, header, pair->name, &conflict);
    str expected = last_of(arena, header, pair->name, &expected_conflict);
    bug_if(!value.p || !str_eq(value, expected) || conflict != expected_conflict);
    bug_if(has_control(pair->name) || has_control(pair->value));
    bug_if(str_find_char(pair->name, ';', 0) != SIZE_MAX);
    bug_if(str_find_char(pair->name, '=', 0) != SIZE_MAX);
    bug_if(!str_eq(str_trim(pair->name), pair->name));
    bug_if(pair->name.n == 0 && pair->value.n == 0 && str_find_char(header, '"', 0) == SIZE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena arena;
    struct cookie_pair pair;
    int count = 0;
    int parts = 1;
    char *copy = malloc(size); /* nothing stands behind it */
    if (size) {
        memcpy(copy, bytes, size);
    }
    str header = {copy, size};
    for (size_t i = 0; i < size; i++) {
        parts += copy[i] == ';';
    }
    arena_init(&arena, 0);
    bool all_are_read = parts <= LIMIT_COOKIES;
    for (str rest = header; count < 20 && cookie_next(&arena, &rest, &pair); count++) {
        if (all_are_read) {
            check_pair(&arena, header, &pair);
        }
    }
    bug_if(count > parts);
    cookie_value(&arena, header, S("csrftoken"), NULL);
    arena_done(&arena);
    free(copy);
    return 0;
}
