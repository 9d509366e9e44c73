#include "web/shell/route.h"

/* Takes the next segment off *rest, without slashes; false at the end. A trailing slash is no segment. */
static bool next_segment(str *rest, str *ret_segment)
{
    if (rest->n == 0 || rest->p[0] != '/') {
        return false;
    }
    size_t end = str_find_char(*rest, '/', 1);
    end = end == SIZE_MAX ? rest->n : end;
    *ret_segment = str_slice(*rest, 1, end);
    *rest = str_slice(*rest, end, rest->n);
    return !(ret_segment->n == 0 && rest->n == 0);
}

static bool matches(const char *pattern, str path, str *values)
{
    str pattern_rest = str_from(pattern);
    size_t count = 0;
    for (;;) {
        str wanted;
        str given;
        bool more_wanted = next_segment(&pattern_rest, &wanted);
        bool more_given = next_segment(&path, &given);
        if (!more_wanted || !more_given) {
            return more_wanted == more_given;
        }
        if (str_starts(wanted, S("{}"))) {
            str ending = str_slice(wanted, 2, wanted.n);
            if (given.n <= ending.n || !str_ends(given, ending) || count == CALL_PATH_VALUES) {
                return false;
            }
            values[count++] = str_slice(given, 0, given.n - ending.n);
        } else if (!str_eq(wanted, given)) {
            return false;
        }
    }
}

const struct route *route_match(const struct route *routes, size_t count, str raw_path,
                                str ret_values[CALL_PATH_VALUES])
{
    for (size_t i = 0; i < count; i++) {
        memset(ret_values, 0, CALL_PATH_VALUES * sizeof(*ret_values)); /* of one that fits in part */
        if (matches(routes[i].pattern, raw_path, ret_values)) {
            return &routes[i];
        }
    }
    return NULL;
}

bool route_offers(const struct route *route, enum http_method method)
{
    switch (method) {
    case HTTP_GET:
    case HTTP_HEAD:
        return route->handler != NULL;
    case HTTP_POST:
        return route->post != NULL;
    case HTTP_OPTIONS:
        return true;
    case HTTP_PUT:
    case HTTP_PATCH:
    case HTTP_DELETE:
    case HTTP_OTHER:
        break;
    }
    return false;
}

str route_methods(const struct route *route)
{
    return !route->post     ? S("GET, HEAD, OPTIONS")
           : route->handler ? S("GET, HEAD, POST, OPTIONS")
                            : S("POST, OPTIONS");
}
