#include "web/shell/redirect.h"

#include "base/limits.h"
#include "base/url.h"
#include "base/utf8.h"

/* Parts of an address as the reference's parser sees them, which is not always what RFC 3986 says.
 */
struct address {
    str scheme; /* empty: none */
    str host;   /* with user-info and port; empty: none */
    str path;   /* with the query, without the fragment */
};

static struct address split(str text)
{
    struct address address = {0};
    size_t scheme = url_scheme_length(text);
    if (scheme) {
        address.scheme = str_slice(text, 0, scheme);
        text = str_slice(text, scheme + 1, text.n);
    }
    if (str_starts(text, S("//"))) {
        text = str_slice(text, 2, text.n);
        address.host = url_authority(text);
        text = str_slice(text, address.host.n, text.n);
    }
    address.path = str_slice(text, 0, str_find_char(text, '#', 0));
    return address;
}

static bool stays_here(str text, str host, bool is_https)
{
    if (str_starts(text, S("///"))) {
        return false; /* browsers take any number of slashes for two */
    }
    struct address address = split(text);
    if (address.host.n == 0) {
        return address.scheme.n == 0;
    }
    if (!str_eq(address.host, host)) {
        return false;
    }
    if (str_eq_nocase(address.scheme, S("https"))) {
        return true;
    }
    return !is_https && (address.scheme.n == 0 || str_eq_nocase(address.scheme, S("http")));
}

static bool has_control(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < 0x20 || c == 0x7F) {
            return true;
        }
    }
    return false;
}

/* For browsers '\' is '/': the other reading of the same bytes. */
static str with_slashes(struct arena *arena, str text)
{
    char *out = arena_alloc(arena, text.n);
    for (size_t i = 0; i < text.n; i++) {
        out[i] = text.p[i] == '\\' ? '/' : text.p[i];
    }
    return (str){out, text.n};
}

static bool is_plain(str text, size_t at)
{
    char c = text.p[at];
    if (c == '%') {
        return at + 2 < text.n && hex_digit(text.p[at + 1]) >= 0 &&
               hex_digit(text.p[at + 2]) >= 0;
    }
    return is_ascii_letter(c) || is_ascii_digit(c) ||
           str_find_char(S("-._~/?[]=:;$&()+,!*@'"), c, 0) != SIZE_MAX;
}

/* One '/' in front whatever there was, so that no part of the path can become a host. */
static str target(struct arena *arena, str path)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = arena_alloc(arena, path.n * 3 + 1);
    size_t n = 0;
    size_t from = 0;
    while (from < path.n && path.p[from] == '/') {
        from++;
    }
    out[n++] = '/';
    for (size_t i = from; i < path.n; i++) {
        unsigned char c = (unsigned char)path.p[i];
        if (is_plain(path, i)) {
            out[n++] = (char)c;
        } else {
            out[n++] = '%';
            out[n++] = hex[c >> 4];
            out[n++] = hex[c & 15];
        }
    }
    return (str){out, n};
}

bool redirect_is_safe(struct arena *arena, str next, str host, bool is_https, str *ret_target)
{
    str text = str_trim(next);
    if (text.n == 0 || text.n > LIMIT_PATH_BYTES || has_control(text) || !utf8_is_valid(text)) {
        return false;
    }
    if (!stays_here(text, host, is_https) ||
        !stays_here(with_slashes(arena, text), host, is_https)) {
        return false;
    }
    *ret_target = target(arena, split(text).path);
    return true;
}
