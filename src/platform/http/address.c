#include "platform/http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/num.h"

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

/* Takes an IPv4 address out of IPv6. */
static void unmap(struct address *address)
{
    if (address->family == AF_INET6 &&
        memcmp(address->bytes, mapped_prefix, sizeof(mapped_prefix)) == 0) {
        struct address inner = {.family = AF_INET};
        memcpy(inner.bytes, address->bytes + sizeof(mapped_prefix), 4);
        *address = inner;
    }
}

static bool read_plain(str text, struct address *ret_address)
{
    char copy[INET6_ADDRSTRLEN];
    struct address address = {0};
    if (text.n == 0 || text.n >= sizeof(copy) || memchr(text.p, 0, text.n)) {
        return false;
    }
    memcpy(copy, text.p, text.n);
    copy[text.n] = 0;
    address.family = str_find_char(text, ':', 0) == SIZE_MAX ? AF_INET : AF_INET6;
    if (inet_pton(address.family, copy, address.bytes) != 1) {
        return false;
    }
    *ret_address = address;
    return true;
}

bool address_read(str text, struct address *ret_address)
{
    if (!read_plain(text, ret_address)) {
        return false;
    }
    unmap(ret_address);
    return true;
}

static bool is_port(str text)
{
    int64_t number;
    return text.n && text.n <= 5 && is_ascii_digit(text.p[0]) && num_read_int(text, &number) &&
           number < 65536;
}

bool address_read_hop(str text, struct address *ret_address)
{
    text = str_trim(text);
    size_t colon = str_find_char(text, ':', 0);
    if (text.n && text.p[0] == '[') {
        size_t end = str_find_char(text, ']', 0);
        str inner = str_slice(text, 1, end);
        if (end == SIZE_MAX || str_find_char(inner, ':', 0) == SIZE_MAX) {
            return false;
        }
        str rest = str_slice(text, end + 1, text.n);
        bool good = rest.n == 0 || (rest.p[0] == ':' && is_port(str_slice(rest, 1, rest.n)));
        return good && address_read(inner, ret_address);
    }
    if (colon != SIZE_MAX && str_find_char(text, ':', colon + 1) == SIZE_MAX) {
        return is_port(str_slice(text, colon + 1, text.n)) &&
               address_read(str_slice(text, 0, colon), ret_address);
    }
    return address_read(text, ret_address);
}

bool address_of_peer(const struct sockaddr *peer, struct address *ret_address)
{
    struct address address = {.family = peer->sa_family};
    if (peer->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, peer, sizeof(v4));
        memcpy(address.bytes, &v4.sin_addr, 4);
    } else if (peer->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, peer, sizeof(v6));
        memcpy(address.bytes, &v6.sin6_addr, 16);
    } else {
        return false;
    }
    unmap(&address);
    *ret_address = address;
    return true;
}

str address_text(struct arena *arena, const struct address *address)
{
    char text[INET6_ADDRSTRLEN];
    return inet_ntop(address->family, address->bytes, text, sizeof(text))
               ? str_copy(arena, str_from(text))
               : S("");
}

/* Clears what stands behind the prefix; whether anything did. */
static bool clear_behind(struct address *address, int bits)
{
    bool any = false;
    int all = address->family == AF_INET ? 32 : 128;
    for (int i = bits; i < all; i++) {
        uint8_t bit = (uint8_t)(0x80 >> (i % 8));
        any |= address->bytes[i / 8] & bit;
        address->bytes[i / 8] &= (uint8_t)~bit;
    }
    return any;
}

str address_network_text(struct arena *arena, const struct address *address)
{
    struct address first = *address;
    int bits = first.family == AF_INET ? 24 : 64;
    clear_behind(&first, bits);
    return str_printf(arena, "%.*s/%d", STR_ARG(address_text(arena, &first)), bits);
}

bool network_read(str text, struct network *ret_network)
{
    struct network network;
    size_t slash = str_find_char(text, '/', 0);
    if (!read_plain(str_slice(text, 0, slash), &network.first)) {
        return false;
    }
    int all = network.first.family == AF_INET ? 32 : 128;
    int64_t bits = all;
    str number = slash == SIZE_MAX ? S("") : str_slice(text, slash + 1, text.n);
    if (slash != SIZE_MAX && (number.n == 0 || number.n > 3 || !is_ascii_digit(number.p[0]) ||
                              !num_read_int(number, &bits) || bits > all)) {
        return false;
    }
    unmap(&network.first);
    if (all == 128 && network.first.family == AF_INET) {
        bits -= 96;
    }
    network.bits = (int)bits;
    if (bits < 0 || clear_behind(&network.first, network.bits)) {
        return false;
    }
    *ret_network = network;
    return true;
}

bool network_holds(const struct network *network, const struct address *address)
{
    struct address first = *address;
    if (address->family != network->first.family) {
        return false;
    }
    clear_behind(&first, network->bits);
    return memcmp(first.bytes, network->first.bytes, sizeof(first.bytes)) == 0;
}

static bool is_trusted(const struct address *address, const struct network *trusted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (network_holds(&trusted[i], address)) {
            return true;
        }
    }
    return false;
}

struct address address_of_client(const struct address *peer, str forwarded,
                                 const struct network *trusted, size_t count)
{
    struct address client = *peer;
    while (is_trusted(&client, trusted, count) && str_trim(forwarded).n) {
        size_t start = forwarded.n;
        while (start > 0 && forwarded.p[start - 1] != ',') {
            start--;
        }
        str hop = str_trim(str_slice(forwarded, start, forwarded.n));
        forwarded = str_slice(forwarded, 0, start ? start - 1 : 0);
        if (hop.n && !address_read_hop(hop, &client)) {
            return *peer;
        }
    }
    return client;
}
