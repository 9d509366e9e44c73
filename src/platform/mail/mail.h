/*
 * Mail through a relay: SMTP or SMTPS (libcurl), one plain-text message at a time. The caller
 * waits; who must not wait sends from a thread of his own. Source: RFC 5322 (message), RFC 2045 and
 * 2047 (base64 bodies, encoded subjects).
 */
#ifndef PLATFORM_MAIL_MAIL_H
#define PLATFORM_MAIL_MAIL_H

#include "base/scope.h"

#define MAIL_ADDRESS_BYTES 254 /* RFC 5321 4.5.3.1.3 */
#define MAIL_TEXT_BYTES ((size_t)64 << 10)

/* The relay. Texts are borrowed. */
struct mail_options {
    const char *url;  /* smtp://host[:port] or smtps://host[:port] */
    const char *from; /* address of the sender */
    const char *user; /* NULL: no sign-in at the relay; with one TLS is demanded */
    const char
        *password_file; /* its first line; read for each message, so that it can be changed */
    const char *password; /* where there is no file; NULL: none */
};

struct mail_message {
    str to;      /* one address */
    str subject; /* UTF-8; control characters become blanks */
    str text;    /* UTF-8, lines end with \n */
};

/** Whether text is one plain address: printable ASCII, no blanks, quotes, brackets or commas, one
 * @. */
bool mail_address_is_valid(str text);

/** Whether text is smtp://HOST[:PORT] or smtps://HOST[:PORT]. */
bool mail_url_is_valid(str text);

/**
 * The message as sent, lines ended by CRLF; for tests and mail_send. at: its date; id: left part of
 * the Message-ID. Errors: ERR_REQUEST (an address that is not valid, a text that is too long).
 */
enum err mail_compose(struct scope *scope, const char *from, const struct mail_message *message,
                      usec at, str id, str *ret_bytes) must_check;

/** Hands the message to the relay. Errors: ERR_REQUEST as mail_compose, ERR_FILE (password),
 * ERR_BUSY (relay). */
enum err mail_send(struct scope *scope, const struct mail_options *options,
                   const struct mail_message *message) must_check;

#endif
