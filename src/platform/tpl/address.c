/* A value must never decide scheme or host; whatever is not certain closes the address. */
#include "platform/tpl/address.h"

static enum url_state feed_relative(struct html_place *place, char c)
{
    if (c == '?' || c == '#') {
        return c == '?' ? URL_QUERY : URL_FRAGMENT;
    }
    str start = {place->url_start, place->url_bytes};
    bool is_scheme = str_ends(start, S(":"));
    if (c == '/' && !is_scheme && str_find_char(start, ':', 0) == SIZE_MAX) {
        return URL_PATH;
    }
    if (place->url_bytes == sizeof(place->url_start)) {
        return c == ':' || str_find_char(start, ':', 0) != SIZE_MAX ? URL_CLOSED : URL_RELATIVE;
    }
    place->url_start[place->url_bytes++] = ascii_lower(c);
    start.n = place->url_bytes;
    if (str_eq(start, S("http://")) || str_eq(start, S("https://"))) {
        return URL_AUTHORITY;
    }
    bool may_be_http = str_starts(S("http://"), start) || str_starts(S("https://"), start);
    return str_find_char(start, ':', 0) == SIZE_MAX || may_be_http ? URL_RELATIVE : URL_CLOSED;
}

void address_feed(struct html_place *place, char c)
{
    bool is_odd = c == '&' || c == '\\' || (unsigned char)c <= ' ';
    switch (place->url) {
    case URL_EMPTY:
        place->url_bytes = 0;
        place->url = is_odd ? URL_CLOSED : c == '/' ? URL_SLASH : feed_relative(place, c);
        break;
    case URL_RELATIVE:
        place->url = is_odd ? URL_CLOSED : feed_relative(place, c);
        break;
    case URL_SLASH:
        place->url = is_odd     ? URL_CLOSED
                     : c == '/' ? URL_AUTHORITY
                     : c == '?' ? URL_QUERY
                     : c == '#' ? URL_FRAGMENT
                                : URL_PATH;
        break;
    case URL_AUTHORITY: /* browsers skip further slashes: http:///x is the host x */
        place->url = is_odd || c == '/' || c == '?' || c == '#' ? URL_CLOSED : URL_HOST;
        break;
    case URL_HOST:
        place->url = is_odd     ? URL_CLOSED
                     : c == '/' ? URL_PATH
                     : c == '?' ? URL_QUERY
                     : c == '#' ? URL_FRAGMENT
                                : URL_HOST;
        break;
    case URL_PATH:
    case URL_QUERY:
        place->url = c == '#' ? URL_FRAGMENT : c == '?' ? URL_QUERY : place->url;
        break;
    case URL_WHOLE:
        place->url = c == '?' || c == '&' ? URL_QUERY : c == '#' ? URL_FRAGMENT : URL_CLOSED;
        break;
    case URL_FRAGMENT:
    case URL_CLOSED:
        break;
    }
}

const char *address_value(struct html_place *place, enum tpl_type type, enum escape *ret_escape)
{
    if (place->url == URL_EMPTY && type == TPL_TYPE_URL) {
        place->url = URL_WHOLE;
        *ret_escape = ESCAPE_URL;
        return NULL;
    }
    if (place->url == URL_EMPTY) {
        return "an address must begin with a literal path or be TPL_URL";
    }
    if (type != TPL_TYPE_TEXT && type != TPL_TYPE_NUMBER && type != TPL_TYPE_URL) {
        return "an address takes TPL_TEXT and TPL_NUMBER, and TPL_URL at its start or in its query";
    }
    switch (place->url) {
    case URL_SLASH:
    case URL_PATH:
        if (type == TPL_TYPE_URL) {
            return "TPL_URL stands at the start of an address or in its query";
        }
        place->url = URL_PATH;
        *ret_escape = ESCAPE_SEGMENT;
        return NULL;
    case URL_QUERY:
    case URL_FRAGMENT:
        *ret_escape = ESCAPE_COMPONENT;
        return NULL;
    default:
        return "a value here could change scheme or host of the address; begin it with a literal "
               "path";
    }
}

enum url_state address_stricter(enum url_state before, enum url_state after)
{
    bool ordered = before >= URL_SLASH && before <= URL_FRAGMENT && after >= URL_SLASH &&
                   after <= URL_FRAGMENT;
    if (before == after) {
        return before;
    }
    return !ordered ? URL_CLOSED : before < after ? before : after;
}
