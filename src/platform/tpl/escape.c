#include "base/url.h"
#include "base/utf8.h"
#include "platform/tpl/tpl_internal.h"

#define REPLACEMENT S("\xef\xbf\xbd") /* U+FFFD, for bytes that are not UTF-8 and for NUL */

static str entity(char c)
{
    switch (c) {
    case '&':
        return S("&amp;");
    case '<':
        return S("&lt;");
    case '>':
        return S("&gt;");
    case '"':
        return S("&quot;");
    case '\'':
        return S("&#39;");
    default:
        return STR_NONE;
    }
}

static void escape_valid(struct buf *out, str text)
{
    size_t from = 0;
    for (size_t i = 0; i < text.n; i++) {
        str written = entity(text.p[i]);
        if (written.n) {
            buf_add(out, str_slice(text, from, i));
            buf_add(out, written);
            from = i + 1;
        }
    }
    buf_add(out, str_slice(text, from, text.n));
}

/* Length of the valid character at the start, 0 when there is none. */
static size_t valid_character(str text)
{
    for (size_t n = 1; n <= 4 && n <= text.n; n++) {
        if (utf8_is_valid(str_slice(text, 0, n))) {
            return n;
        }
    }
    return 0;
}

static void html_escape(struct buf *out, str text)
{
    if (utf8_is_valid(text)) {
        escape_valid(out, text);
        return;
    }
    for (size_t i = 0; i < text.n;) {
        size_t n = valid_character(str_slice(text, i, text.n));
        if (n) {
            escape_valid(out, str_slice(text, i, i + n));
        } else {
            buf_add(out, REPLACEMENT);
        }
        i += n ? n : 1;
    }
}

/*
 * A path, query, fragment, http(s) or mail address. Browsers drop tabs and line ends and read \ as /, so
 * addresses with them are refused whole.
 */
static bool is_safe_url(str url)
{
    for (size_t i = 0; i < url.n; i++) {
        if ((unsigned char)url.p[i] <= ' ' || url.p[i] == '\\' || url.p[i] == 0x7f) {
            return false;
        }
    }
    if (url.n == 0 || url.p[0] == '?' || url.p[0] == '#') {
        return true;
    }
    if (url.p[0] == '/') {
        return url.n == 1 || url.p[1] != '/';
    }
    if (url.n > 7 && str_eq_nocase(str_slice(url, 0, 7), S("mailto:"))) {
        return true; /* opens a letter, and nothing else */
    }
    for (size_t i = 0; i < 2; i++) {
        str scheme = i == 0 ? S("http://") : S("https://");
        if (url.n > scheme.n && str_eq_nocase(str_slice(url, 0, scheme.n), scheme) &&
            url.p[scheme.n] != '/') {
            return true;
        }
    }
    return false;
}

void escape_add(struct buf *out, enum escape escape, str text)
{
    switch (escape) {
    case ESCAPE_HTML:
        html_escape(out, text);
        break;
    case ESCAPE_NONE:
        buf_add(out, text);
        break;
    case ESCAPE_URL:
        html_escape(out, is_safe_url(text) ? text : S("#"));
        break;
    case ESCAPE_SEGMENT:
        if (text.n == 0 || str_eq(text, S(".")) || str_eq(text, S(".."))) {
            text = REPLACEMENT; /* the address keeps its number of segments */
        }
        url_encode(out, text);
        break;
    case ESCAPE_COMPONENT:
        url_encode(out, text);
        break;
    }
}
