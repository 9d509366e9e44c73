/* Cookies of the request: splitting and unquoting (cookies-and-privacy.md 2.3). */
#include "platform/http/cookie.h"

#include "base/limits.h"
#include "platform/http/internal.h"

static bool has_control(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return true;
        }
    }
    return false;
}

/* Next pair as it stands; false at the end. Pairs with control bytes and empty ones are passed
 * over. */
static bool next_raw(str *rest, struct cookie_pair *ret_pair)
{
    str part;
    while (rest->n && str_split(rest, ';', &part)) {
        size_t equals = str_find_char(part, '=', 0);
        bool has_name = equals != SIZE_MAX;
        str name = has_name ? str_trim(str_slice(part, 0, equals)) : S("");
        str value = str_trim(has_name ? str_slice(part, equals + 1, part.n) : part);
        if ((name.n || value.n) && !has_control(part)) {
            *ret_pair = (struct cookie_pair){name, value};
            return true;
        }
    }
    return false;
}

static bool is_octal(char c, char most)
{
    return c >= '0' && c <= most;
}

/* As http.cookies of Python: \ooo is a byte, a backslash before anything else goes. */
static str unquote(struct arena *arena, str value)
{
    if (value.n < 2 || value.p[0] != '"' || value.p[value.n - 1] != '"') {
        return value;
    }
    value = str_slice(value, 1, value.n - 1);
    if (str_find_char(value, '\\', 0) == SIZE_MAX) {
        return value;
    }
    char *out = arena_alloc(arena, value.n);
    size_t n = 0;
    for (size_t i = 0; i < value.n; i++) {
        const char *at = value.p + i;
        size_t left = value.n - i;
        if (left > 3 && at[0] == '\\' && is_octal(at[1], '3') && is_octal(at[2], '7') &&
            is_octal(at[3], '7')) {
            out[n++] = (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0'));
            i += 3;
        } else if (left > 1 && at[0] == '\\') {
            out[n++] = at[1];
            i++;
        } else {
            out[n++] = at[0];
        }
    }
    return (str){out, n};
}

bool cookie_next(struct arena *arena, str *rest, struct cookie_pair *ret_pair)
{
    struct cookie_pair pair;
    while (next_raw(rest, &pair)) {
        pair.value = unquote(arena, pair.value);
        if (!has_control(pair.value)) {
            *ret_pair = pair;
            return true;
        }
    }
    return false;
}

str cookie_value(struct arena *arena, str header, str name, bool *ret_conflict)
{
    str found = STR_NONE;
    bool conflict = false;
    struct cookie_pair pair;
    for (int i = 0; i < LIMIT_COOKIES && next_raw(&header, &pair); i++) {
        if (!str_eq(pair.name, name)) {
            continue;
        }
        str value = unquote(arena, pair.value);
        if (!has_control(value)) {
            conflict |= found.p && !str_eq(found, value);
            found = value.p ? value : S("");
        }
    }
    if (ret_conflict) {
        *ret_conflict = conflict;
    }
    return found;
}

/* ---- of a request ---- */

struct lines {
    struct exchange *exchange;
    char *at;
};

static enum MHD_Result add_line(void *user, enum MHD_ValueKind kind, const char *name,
                                size_t name_bytes, const char *value, size_t value_bytes)
{
    struct lines *lines = user;
    str text = lines->exchange->known[HEADER_COOKIE].text;
    (void)kind;
    if (!str_eq_nocase((str){name, name_bytes}, S("Cookie"))) {
        return MHD_YES;
    }
    if (lines->at != text.p) {
        lines->at = mempcpy(lines->at, "; ", 2);
    }
    if (value_bytes) {
        lines->at = mempcpy(lines->at, value, value_bytes);
    }
    return MHD_YES;
}

/* Several lines come from HTTP/2 by way of a proxy. The library's memory has them all. */
static str join_lines(struct exchange *exchange)
{
    struct header_value *known = &exchange->known[HEADER_COOKIE];
    size_t room = known->bytes + 2 * (size_t)known->lines;
    char *text = arena_alloc(&exchange->scope.arena, room + 1);
    struct lines lines = {exchange, text};
    known->text = (str){text, 0};
    MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, add_line, &lines);
    return (str){text, (size_t)(lines.at - text)};
}

/* Only the first LIMIT_COOKIES parts, whoever reads on. */
static str first_parts(str header)
{
    size_t end = 0;
    for (int i = 0; i < LIMIT_COOKIES; i++) {
        size_t semicolon = str_find_char(header, ';', end);
        if (semicolon == SIZE_MAX) {
            return header;
        }
        end = semicolon + 1;
    }
    return str_slice(header, 0, end - 1);
}

str exchange_cookies(struct exchange *exchange)
{
    struct header_value *known = &exchange->known[HEADER_COOKIE];
    if (known->lines == 0) {
        return S("");
    }
    if (!exchange->has_read_cookies) {
        str whole = known->lines > 1 ? join_lines(exchange) : known->text;
        known->text = first_parts(whole);
        exchange->has_read_cookies = true;
    }
    return known->text;
}
