#include "web/shell/route.h"

#include "base/attr.h"

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

call_handler *route_handler(const struct route *route, enum http_method method)
{
    if (route->other && (route->other_methods & (1U << method))) {
        return route->other;
    }
    switch (method) {
    case HTTP_GET:
    case HTTP_HEAD:
        return route->handler;
    case HTTP_POST:
        return route->post;
    default:
        return NULL;
    }
}

bool route_offers(const struct route *route, enum http_method method)
{
    return method == HTTP_OPTIONS || route_handler(route, method);
}

str route_methods(struct arena *arena, const struct route *route)
{
    static const struct {
        enum http_method method;
        const char *name;
    } methods[] = {{HTTP_GET, "GET"},     {HTTP_HEAD, "HEAD"},   {HTTP_POST, "POST"},      {HTTP_PUT, "PUT"},
                   {HTTP_PATCH, "PATCH"}, {HTTP_DELETE, "DELETE"}, {HTTP_OPTIONS, "OPTIONS"}};
    struct buf names cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(methods); i++) {
        if (route_offers(route, methods[i].method)) {
            buf_printf(&names, "%s%s", names.n ? ", " : "", methods[i].name);
        }
    }
    return buf_copy(&names, arena);
}
