#include "base/url.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "base/vec.h"

bool url_decode(struct arena *arena, str text, bool plus_is_blank, str *ret_text)
{
    char *out = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '%') {
            bool room = text.n - i > 2;
            int high = room ? hex_digit(text.p[i + 1]) : -1;
            int low = room ? hex_digit(text.p[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        out[n++] = c;
    }
    *ret_text = (str){out, n};
    return utf8_is_valid(*ret_text);
}

enum err query_parse(struct scope *scope, str text, struct query *ret_query)
{
    if (text.n > LIMIT_QUERY_BYTES) {
        return fail(scope, ERR_TOO_LARGE, "The query string is longer than %u bytes.",
                    LIMIT_QUERY_BYTES);
    }
    VEC(struct query_parameter) items = {0};
    str rest = text;
    str pair;
    while (rest.n && str_split(&rest, '&', &pair)) {
        if (pair.n == 0) {
            continue;
        }
        if (items.count == LIMIT_QUERY_PARAMETERS) {
            return fail(scope, ERR_TOO_LARGE, "The query string has more than %d parameters.",
                        LIMIT_QUERY_PARAMETERS);
        }
        size_t equals = str_find_char(pair, '=', 0);
        struct query_parameter item;
        str value = equals == SIZE_MAX ? (str){"", 0} : str_slice(pair, equals + 1, pair.n);
        if (!url_decode(&scope->arena, str_slice(pair, 0, equals), true, &item.name) ||
            !url_decode(&scope->arena, value, true, &item.value)) {
            return fail(scope, ERR_REQUEST,
                        "The query string is not percent-encoded UTF-8 near parameter %zu.",
                        items.count + 1);
        }
        vec_add(&scope->arena, &items, item);
    }
    *ret_query = (struct query){items.items, items.count};
    return ERR_OK;
}

const str *query_find(const struct query *query, str name)
{
    for (size_t i = 0; i < query->count; i++) {
        if (str_eq(query->items[i].name, name)) {
            return &query->items[i].value;
        }
    }
    return NULL;
}

void url_encode(struct buf *buf, str text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (is_ascii_letter(c) || is_ascii_digit(c) || (c && strchr("-._~", c))) {
            buf_add_char(buf, c);
        } else {
            char *out = buf_reserve(buf, 3);
            out[0] = '%';
            out[1] = digits[(unsigned char)c >> 4];
            out[2] = digits[(unsigned char)c & 15];
            buf->n += 3;
        }
    }
}

size_t url_scheme_length(str address)
{
    size_t colon = str_find_char(address, ':', 0);
    if (colon == SIZE_MAX || colon == 0 || !is_ascii_letter(address.p[0])) {
        return 0;
    }
    for (size_t i = 0; i < colon; i++) {
        char c = address.p[i];
        if (!is_ascii_letter(c) && !is_ascii_digit(c) && c != '+' && c != '-' && c != '.') {
            return 0;
        }
    }
    return colon;
}

str url_authority(str text)
{
    size_t end = 0;
    while (end < text.n && text.p[end] != '/' && text.p[end] != '?' && text.p[end] != '#') {
        end++;
    }
    return str_slice(text, 0, end);
}
