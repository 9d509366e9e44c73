/* What the files of fetch.h share. Private to this directory. */
#ifndef PLATFORM_FETCH_INTERNAL_H
#define PLATFORM_FETCH_INTERNAL_H

#include <curl/curl.h>
#include <sys/socket.h>

#include "platform/fetch/fetch.h"

#define HEAD_BYTES 512 /* of the file, looked at */

/* One fetch under way. */
struct fetching {
    struct scope *scope;
    const struct fetch_options *options;
    const struct fetch_request *request;
    CURL *curl;
    int file;
    int64_t bytes, bytes_most;
    char head[HEAD_BYTES];
    size_t head_bytes;
    str etag, last_modified, disposition; /* of the last answer's headers */
    bool was_inner;    /* a connection to an inner address was refused */
    bool is_too_large;
    const char *known_hosts; /* of SFTP: the file with the keys of servers; NULL: none */
    bool other_key;    /* the server of SFTP has another key than before */
    int file_fault;    /* errno of writing */
};

/** Whether a connection to a socket's address may be made. */
bool fetch_may_connect(const struct fetch_options *options, const struct sockaddr *address);

/** Why a fetch failed, for people; answer: status of HTTP or of FTP, 0: none. */
enum err fetch_fail(struct fetching *fetching, CURLcode code, long answer);

/** Fails when the file is a page for people. */
enum err fetch_refuse_page(struct fetching *fetching, str content_type);

#endif
