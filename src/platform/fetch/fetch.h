/*
 * Fetching a file from an address that somebody typed (libcurl): http, https, ftp, sftp. The address, what answers
 * there and how long it takes are not to be trusted: addresses of inner networks are refused when a connection is
 * made, so that neither names that change nor redirects lead there; redirects are few and stay with http and https;
 * time and bytes are limited; nothing that this machine knows (passwords, keys, proxies, cookies) is sent.
 */
#ifndef PLATFORM_FETCH_FETCH_H
#define PLATFORM_FETCH_FETCH_H

#include "base/scope.h"

/* ---- networks ---- */

struct fetch_network {
    uint8_t first[16]; /* IPv4 as ::ffff:a.b.c.d */
    int bits;
};

/** Reads an address or ADDRESS/BITS without a bit set behind the prefix. */
bool fetch_network_read(str text, struct fetch_network *ret_network);

/** Whether an address (IPv4 as ::ffff:a.b.c.d) is not one of the public internet: private, loopback, link-local … */
bool fetch_address_is_inner(const uint8_t address[16]);

/* ---- addresses of files ---- */

#define FETCH_ADDRESS_BYTES 2000

/** Checks scheme, host and characters of an address. Errors: ERR_USAGE, what is expected. */
enum err fetch_check_address(struct scope *scope, str address) must_check;

/** The address without a password, for people and logs; in the arena. */
str fetch_shown_address(struct arena *arena, str address);

/* ---- fetching ---- */

struct fetch_options {
    const struct fetch_network *allowed; /* inner networks that may be connected to */
    size_t allowed_count;
    usec connect_limit;     /* 0: 15 s */
    usec idle_limit;        /* without a byte; 0: a minute */
    usec total_limit;       /* 0: 6 hours */
    int64_t bytes_most;     /* 0: 10 GB; also unpacked, when it comes compressed */
    const char *known_hosts; /* file with the keys of SFTP servers, of servers at other ports than 22 with "-PORT" behind
                                it: the first key seen is remembered, another one refused; NULL: any is taken */
};

struct fetch_request {
    str address;
    str etag, last_modified; /* of what is there already; empty: none */
    const char *path;        /* of the file, which must not exist */
    void (*progress)(void *user, int64_t done, int64_t total); /* total 0: not known; NULL: nobody listens */
    void *user;
};

struct fetch_result {
    bool is_unchanged;        /* since etag and last_modified; there is no file then */
    int64_t bytes;
    str etag, last_modified;  /* empty: it says none */
    str content_type;         /* without parameters, in lower case; empty: not said */
    str name;                 /* a name for the file, without folders, as the server or the address has it */
};

/**
 * Fetches. After a failure there is no file. Errors, with messages for people: ERR_USAGE (the address), ERR_DENIED (an
 * inner network), ERR_DATA (certificate, 404 and the like, an HTML page), ERR_TOO_LARGE, ERR_BUSY (host not found, refused,
 * cut off, 5xx, no room on the disk: may pass), ERR_DEADLINE (hangs), ERR_CANCELLED, ERR_FILE.
 */
enum err fetch_file(struct scope *scope, const struct fetch_options *options, const struct fetch_request *request,
                    struct fetch_result *ret_result) must_check;

#endif
