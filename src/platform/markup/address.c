/* Which addresses may be linked to (WHATWG URL, 4.4, for what browsers do before they look at the scheme). */
#include "base/url.h"
#include "platform/markup/markup_internal.h"

#define ADDRESS_MOST 2048

/* Without blanks and control characters around it, and without tabs and line breaks. */
static str strip(struct arena *arena, str text)
{
    size_t from = 0;
    size_t to = text.n;
    while (from < to && (unsigned char)text.p[from] <= ' ') {
        from++;
    }
    while (to > from && (unsigned char)text.p[to - 1] <= ' ') {
        to--;
    }
    char *out = arena_alloc(arena, to - from + 1);
    size_t n = 0;
    for (size_t i = from; i < to; i++) {
        if (text.p[i] != '\t' && text.p[i] != '\n' && text.p[i] != '\r') {
            out[n++] = text.p[i];
        }
    }
    return (str){out, n};
}

static bool has_control(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7F) {
            return true;
        }
    }
    return false;
}

/* "//host…" with a host and without a name before it, which would hide where the link leads. */
static bool has_honest_host(str rest)
{
    str authority = str_starts(rest, S("//")) ? url_authority(str_slice(rest, 2, rest.n)) : STR_NONE;
    return authority.n && str_find_char(authority, '@', 0) == SIZE_MAX;
}

static str with_blanks_coded(struct arena *arena, str scheme, str rest)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    buf_add(&out, scheme);
    for (size_t i = 0; i < rest.n; i++) {
        if (rest.p[i] == ' ') {
            buf_add(&out, S("%20"));
        } else {
            buf_add_char(&out, rest.p[i]);
        }
    }
    return buf_copy(&out, arena);
}

bool address_check(struct arena *arena, str address, str *ret_address, bool *ret_elsewhere)
{
    if (address.n > ADDRESS_MOST) {
        return false;
    }
    str text = strip(arena, address);
    size_t scheme_length = url_scheme_length(text);
    str scheme = str_lower_ascii(arena, str_slice(text, 0, scheme_length));
    str rest = str_slice(text, scheme_length, text.n);
    bool is_web = str_eq(scheme, S("http")) || str_eq(scheme, S("https"));
    bool is_contact = str_eq(scheme, S("mailto")) || str_eq(scheme, S("tel"));
    bool is_path = scheme.n == 0 && str_starts(rest, S("/")) && !str_starts(rest, S("//"));
    bool is_fragment = scheme.n == 0 && str_starts(rest, S("#")) && rest.n > 1;
    bool has_backslash = str_find_char(rest, '\\', 0) != SIZE_MAX; /* browsers take it for a slash */
    if (has_control(text) || has_backslash) {
        return false;
    }
    if (!(is_web && has_honest_host(str_slice(rest, 1, rest.n))) && !(is_contact && rest.n > 1) && !is_path &&
        !is_fragment) {
        return false;
    }
    *ret_address = with_blanks_coded(arena, scheme, rest);
    *ret_elsewhere = is_web;
    return ret_address->n <= ADDRESS_MOST;
}
