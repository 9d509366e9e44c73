#include "domain/privacy/origin.h"

#include "base/num.h"
#include "base/url.h"

#define HOST_BYTES 253
#define LABEL_BYTES 63

static bool is_label(str label)
{
    for (size_t i = 0; i < label.n; i++) {
        char c = label.p[i];
        if (!(c >= 'a' && c <= 'z') && !is_ascii_digit(c) && c != '-') {
            return false;
        }
    }
    return label.n > 0 && label.n <= LABEL_BYTES && label.p[0] != '-' &&
           label.p[label.n - 1] != '-';
}

static bool is_port(str digits)
{
    int64_t port;
    return digits.n > 0 && digits.n <= 5 && is_ascii_digit(digits.p[0]) && digits.p[0] != '0' &&
           num_read_int(digits, &port) && port <= 65535;
}

/* host[:port]; with_star: the first label may be "*" when two follow. */
static bool is_authority(str text, bool with_star)
{
    size_t colon = str_find_char(text, ':', 0);
    str host = str_slice(text, 0, colon);
    str label;
    size_t count = 0;
    bool has_star = with_star && str_starts(host, S("*."));
    if (colon != SIZE_MAX && !is_port(str_slice(text, colon + 1, text.n))) {
        return false;
    }
    if (host.n == 0 || host.n > HOST_BYTES) {
        return false;
    }
    if (has_star) {
        host = str_slice(host, 2, host.n);
    }
    while (str_split(&host, '.', &label)) {
        if (!is_label(label)) {
            return false;
        }
        count++;
    }
    return count >= (has_star ? 2u : 1u);
}

static bool cut_scheme(str address, str *ret_rest)
{
    *ret_rest = str_slice(address, S("https://").n, address.n);
    return str_starts(address, S("https://"));
}

bool origin_is_good(str origin)
{
    str rest;
    return cut_scheme(origin, &rest) && is_authority(rest, true);
}

bool host_is_good(str host)
{
    return str_find_char(host, ':', 0) == SIZE_MAX && is_authority(host, false);
}

bool address_is_good(str address)
{
    str rest;
    if (!cut_scheme(address, &rest) || !is_authority(url_authority(rest), false)) {
        return false;
    }
    for (size_t i = 0; i < rest.n; i++) {
        char c = rest.p[i];
        if (c <= ' ' || c >= 0x7F || str_find_char(S("\"'<>\\`{|}^"), c, 0) != SIZE_MAX) {
            return false;
        }
    }
    return true;
}

bool origin_covers(str origin, str address)
{
    str pattern;
    str rest;
    if (!cut_scheme(origin, &pattern) || !cut_scheme(address, &rest)) {
        return false;
    }
    str host = url_authority(rest);
    if (!str_starts(pattern, S("*."))) {
        return str_eq(host, pattern);
    }
    str domain = str_slice(pattern, 1, pattern.n); /* with its dot */
    return host.n > domain.n && str_ends(host, domain);
}
