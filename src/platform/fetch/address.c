/* Which addresses may be connected to, and how addresses of files are written. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/num.h"
#include "platform/fetch/internal.h"
#include "platform/i18n/explanation.h"

/* ---- networks ---- */

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool holds(const uint8_t *first, int bits, const uint8_t *address)
{
    int whole = bits / 8;
    int rest = bits % 8;
    uint8_t mask = rest ? (uint8_t)(0xff << (8 - rest)) : 0;
    return memcmp(first, address, (size_t)whole) == 0 &&
           (rest == 0 || (first[whole] & mask) == (address[whole] & mask));
}

struct special {
    const char *first;
    int bits;
};

/* The special-purpose registries of IANA, and what clouds keep for themselves. */
static const struct special inner_v4[] = {
    {"0.0.0.0", 8},       {"10.0.0.0", 8},     {"100.64.0.0", 10},   {"127.0.0.0", 8},
    {"168.63.129.16", 32}, {"169.254.0.0", 16}, {"172.16.0.0", 12},   {"192.0.0.0", 24},
    {"192.0.2.0", 24},    {"192.88.99.0", 24}, {"192.168.0.0", 16},  {"198.18.0.0", 15},
    {"198.51.100.0", 24}, {"203.0.113.0", 24}, {"224.0.0.0", 4},     {"240.0.0.0", 4},
};

/* Of IPv6 all but 2000::/3, and of that: */
static const struct special inner_v6[] = {
    {"2001::", 23}, {"2001:db8::", 32}, {"2002::", 16}, {"3fff::", 20},
};

static bool is_special(int family, const struct special *list, size_t count, const uint8_t *address)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t first[16];
        if (inet_pton(family, list[i].first, first) == 1 && holds(first, list[i].bits, address)) {
            return true;
        }
    }
    return false;
}

static bool is_inner_v4(const uint8_t *address)
{
    return is_special(AF_INET, inner_v4, ARRAY_LENGTH(inner_v4), address);
}

bool fetch_address_is_inner(const uint8_t address[16])
{
    static const uint8_t translated[12] = {0x00, 0x64, 0xff, 0x9b}; /* NAT64: an IPv4 address behind it */
    if (memcmp(address, mapped_prefix, sizeof(mapped_prefix)) == 0 ||
        memcmp(address, translated, sizeof(translated)) == 0) {
        return is_inner_v4(address + 12);
    }
    return (address[0] & 0xe0) != 0x20 ||
           is_special(AF_INET6, inner_v6, ARRAY_LENGTH(inner_v6), address);
}

/* Whether no bit is set behind the prefix. */
static bool is_first(const struct fetch_network *network)
{
    for (int bit = network->bits; bit < 128; bit++) {
        if (network->first[bit / 8] & (0x80 >> bit % 8)) {
            return false;
        }
    }
    return true;
}

bool fetch_network_read(str text, struct fetch_network *ret_network)
{
    char address[64];
    size_t slash = str_find_char(text, '/', 0);
    str host = str_slice(text, 0, slash == SIZE_MAX ? text.n : slash);
    struct fetch_network network = {.bits = 128};
    int64_t bits;
    if (host.n == 0 || host.n >= sizeof(address)) {
        return false;
    }
    memcpy(address, host.p, host.n);
    address[host.n] = 0;
    bool is_v4 = inet_pton(AF_INET, address, network.first + 12) == 1;
    if (is_v4) {
        memcpy(network.first, mapped_prefix, sizeof(mapped_prefix));
    } else if (inet_pton(AF_INET6, address, network.first) != 1) {
        return false;
    }
    if (slash != SIZE_MAX) {
        if (!num_read_int(str_slice(text, slash + 1, text.n), &bits) || bits < 0 || bits > (is_v4 ? 32 : 128)) {
            return false;
        }
        network.bits = (int)bits + (is_v4 ? 96 : 0);
    }
    if (!is_first(&network)) {
        return false;
    }
    *ret_network = network;
    return true;
}

bool fetch_may_connect(const struct fetch_options *options, const struct sockaddr *socket_address)
{
    uint8_t address[16];
    if (socket_address->sa_family == AF_INET) {
        memcpy(address, mapped_prefix, sizeof(mapped_prefix));
        memcpy(address + 12, &((const struct sockaddr_in *)(const void *)socket_address)->sin_addr, 4);
    } else if (socket_address->sa_family == AF_INET6) {
        memcpy(address, &((const struct sockaddr_in6 *)(const void *)socket_address)->sin6_addr, 16);
    } else {
        return false;
    }
    for (size_t i = 0; i < options->allowed_count; i++) {
        if (holds(options->allowed[i].first, options->allowed[i].bits, address)) {
            return true;
        }
    }
    return !fetch_address_is_inner(address);
}

/* ---- addresses of files ---- */

static const struct {
    str prefix;
} schemes[] = {{{"http://", 7}}, {{"https://", 8}}, {{"ftp://", 6}}, {{"sftp://", 7}}};

/* Length of "scheme://"; 0: none that is known. */
static size_t scheme_of(str address)
{
    for (size_t i = 0; i < ARRAY_LENGTH(schemes); i++) {
        str prefix = schemes[i].prefix;
        if (str_eq_nocase(str_slice(address, 0, prefix.n), prefix)) {
            return prefix.n;
        }
    }
    return 0;
}

/* End of the part with the host. */
static size_t host_end(str address, size_t from)
{
    size_t at = from;
    while (at < address.n && address.p[at] != '/' && address.p[at] != '?' && address.p[at] != '#') {
        at++;
    }
    return at;
}

enum err fetch_check_address(struct scope *scope, str address)
{
    size_t scheme = scheme_of(address);
    if (!scheme || host_end(address, scheme) == scheme) {
        return fail_in_words(scope, ERR_USAGE, MSG_FAULT_FETCH_ADDRESS, NULL);
    }
    if (address.n > FETCH_ADDRESS_BYTES) {
        return fail_in_words(scope, ERR_USAGE, MSG_FAULT_FETCH_ADDRESS_LONG,
                             SAYS(argument_digits(&scope->arena, "bytes", (int64_t)address.n),
                                  argument_digits(&scope->arena, "most", FETCH_ADDRESS_BYTES)));
    }
    for (size_t i = 0; i < address.n; i++) {
        unsigned char c = (unsigned char)address.p[i];
        if (c <= ' ' || c == 0x7f || c == '\\' || c == '"' || c == '<' || c == '>') {
            return fail_in_words(scope, ERR_USAGE, MSG_FAULT_FETCH_ADDRESS_CHARACTER,
                                 SAYS(argument_digits(&scope->arena, "position", (int64_t)(i + 1))));
        }
    }
    return ERR_OK;
}

str fetch_shown_address(struct arena *arena, str address)
{
    size_t scheme = scheme_of(address);
    size_t end = host_end(address, scheme);
    size_t at = SIZE_MAX;
    for (size_t i = scheme; i < end; i++) {
        at = address.p[i] == '@' ? i : at;
    }
    return at == SIZE_MAX ? address
                          : str_printf(arena, "%.*s%.*s", (int)scheme, address.p, (int)(address.n - at - 1),
                                       address.p + at + 1);
}
