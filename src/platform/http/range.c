#include "platform/http/range.h"

/* Digits only; a number that does not fit becomes the largest one, which lies behind any end. */
static bool read_number(str text, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (text.n == 0) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (!is_ascii_digit(text.p[i])) {
            return false;
        }
        uint64_t digit = (uint64_t)(text.p[i] - '0');
        number = number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : number * 10 + digit;
    }
    *ret_number = number;
    return true;
}

static enum range_answer read_suffix(str digits, uint64_t size, struct byte_range *ret_range)
{
    uint64_t count;
    if (!read_number(digits, &count)) {
        return RANGE_WHOLE;
    }
    if (count == 0 || size == 0) {
        return RANGE_UNSATISFIABLE;
    }
    count = count < size ? count : size;
    *ret_range = (struct byte_range){size - count, count};
    return RANGE_PART;
}

static enum range_answer read_one(str spec, uint64_t size, struct byte_range *ret_range)
{
    size_t dash = str_find_char(spec, '-', 0);
    if (dash == SIZE_MAX) {
        return RANGE_WHOLE;
    }
    str first = str_slice(spec, 0, dash);
    str last = str_slice(spec, dash + 1, spec.n);
    uint64_t from;
    uint64_t to = UINT64_MAX;
    if (first.n == 0) {
        return read_suffix(last, size, ret_range);
    }
    if (!read_number(first, &from) || (last.n && !read_number(last, &to)) || to < from) {
        return RANGE_WHOLE;
    }
    if (from >= size) {
        return RANGE_UNSATISFIABLE;
    }
    to = to < size ? to : size - 1;
    *ret_range = (struct byte_range){from, to - from + 1};
    return RANGE_PART;
}

enum range_answer range_read(str header, uint64_t size, struct byte_range *ret_range)
{
    static const str unit = {"bytes=", 6};
    header = str_trim(header);
    if (!str_eq_nocase(str_slice(header, 0, unit.n), unit)) {
        return RANGE_WHOLE;
    }
    str rest = str_slice(header, unit.n, header.n);
    str only = STR_NONE;
    for (str part; str_split(&rest, ',', &part);) {
        part = str_trim(part);
        if (part.n == 0) {
            continue; /* lists may have empty items (RFC 9110 5.6.1.2) */
        }
        if (only.n) {
            return RANGE_WHOLE;
        }
        only = part;
    }
    return read_one(only, size, ret_range);
}

bool range_is_current(str if_range, str etag)
{
    if (!if_range.p) {
        return true;
    }
    str tag = str_trim(if_range);
    return tag.n == etag.n + 2 && tag.p[0] == '"' && tag.p[tag.n - 1] == '"' &&
           str_eq(str_slice(tag, 1, tag.n - 1), etag);
}
