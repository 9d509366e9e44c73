/* Network addresses of clients and proxies. An IPv4 address in IPv6 (::ffff:192.0.2.7) is IPv4. */
#ifndef PLATFORM_HTTP_ADDRESS_H
#define PLATFORM_HTTP_ADDRESS_H

#include <sys/socket.h>

#include "base/str.h"

struct address {
    int family; /* AF_INET or AF_INET6 */
    uint8_t bytes[16];
};

struct network {
    struct address first;
    int bits; /* of the prefix */
};

/** Reads an address without port, brackets or zone. */
bool address_read(str text, struct address *ret_address);

/** Reads an address as proxies write it: 192.0.2.7, 192.0.2.7:4711, 2001:db8::1, [2001:db8::1]:4711. */
bool address_read_hop(str text, struct address *ret_address);

/** Address of a socket's peer; false when it is of another family. */
bool address_of_peer(const struct sockaddr *peer, struct address *ret_address);

str address_text(struct arena *arena, const struct address *address);

/** Its first 24 or 64 bits with the length of the prefix: 192.0.2.0/24, 2001:db8::/64. */
str address_network_text(struct arena *arena, const struct address *address);

/** Reads an address or ADDRESS/BITS without a bit set behind the prefix. */
bool network_read(str text, struct network *ret_network);

bool network_holds(const struct network *network, const struct address *address);

/**
 * The client of a connection from peer: peer itself, or, when that is one of the networks, the
 * right-most address in forwarded (X-Forwarded-For, lines joined with commas) that is in none of
 * them, or the first when all are. What cannot be read leaves peer.
 */
struct address address_of_client(const struct address *peer, str forwarded,
                                 const struct network *trusted, size_t count);

#endif
