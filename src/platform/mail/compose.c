/* The text of a message: headers that nothing can be slipped into, and a body in base64. */
#include <stdio.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/utf8.h"
#include "platform/mail/mail.h"

#define LINE_BYTES 57 /* of plain text; 76 symbols of base64, RFC 2045 6.8 */
#define ENCODED_BYTES                                                                              \
    39 /* of plain text; 52 symbols, so that its line stays within 76, RFC 2047 2 */

bool mail_address_is_valid(str text)
{
    size_t at = str_find_char(text, '@', 0);
    if (at == SIZE_MAX || at == 0 || at + 1 == text.n || at > 64 || text.n > MAIL_ADDRESS_BYTES ||
        str_find_char(text, '@', at + 1) != SIZE_MAX || text.p[0] == '-') {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] <= ' ' || text.p[i] >= 0x7f || strchr("\"<>()[]\\,;:", text.p[i])) {
            return false;
        }
    }
    return true;
}

bool mail_url_is_valid(str text)
{
    size_t scheme = str_starts(text, S("smtp://")) ? 7 : str_starts(text, S("smtps://")) ? 8 : 0;
    for (size_t i = scheme; i < text.n; i++) {
        char c = text.p[i];
        if (!is_ascii_letter(c) && !is_ascii_digit(c) && (c == '\0' || !strchr(".-:[]", c))) {
            return false;
        }
    }
    return scheme && text.n > scheme && text.p[scheme] != ':';
}

static void add_base64(struct buf *out, str text)
{
    static const char symbols[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)text.p;
    for (size_t i = 0; i < text.n; i += 3) {
        size_t left = text.n - i;
        unsigned bits = (unsigned)p[i] << 16 | (left > 1 ? (unsigned)p[i + 1] << 8 : 0) |
                        (left > 2 ? (unsigned)p[i + 2] : 0);
        buf_add_char(out, symbols[bits >> 18]);
        buf_add_char(out, symbols[bits >> 12 & 63]);
        buf_add_char(out, left > 1 ? symbols[bits >> 6 & 63] : '=');
        buf_add_char(out, left > 2 ? symbols[bits & 63] : '=');
    }
}

static bool is_plain(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < ' ' || text.p[i] >= 0x7f) {
            return false;
        }
    }
    /* "=?" could be taken for an encoded word. */
    return text.n <= 66 && str_find(text, S("=?"), 0) == SIZE_MAX;
}

static void add_subject(struct scope *scope, struct buf *out, str subject)
{
    char *clean = arena_alloc(&scope->arena, subject.n + 1);
    for (size_t i = 0; i < subject.n; i++) {
        bool is_control = (unsigned char)subject.p[i] < ' ' || subject.p[i] == 0x7f;
        clean[i] = is_control ? ' ' : subject.p[i];
    }
    str rest = {clean, subject.n};
    buf_add(out, S("Subject: "));
    if (is_plain(rest)) {
        buf_add(out, rest);
        buf_add(out, S("\r\n"));
        return;
    }
    while (rest.n) {
        str part = utf8_truncate(rest, ENCODED_BYTES);
        rest = str_slice(rest, part.n, rest.n);
        buf_add(out, S("=?UTF-8?B?"));
        add_base64(out, part);
        buf_add(out, rest.n ? S("?=\r\n ") : S("?=\r\n"));
    }
}

/* Lines of the body end with CRLF before they are encoded, RFC 2045 6.8. */
static void add_body(struct buf *out, str text)
{
    struct buf lines = {0};
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n' && (i == 0 || text.p[i - 1] != '\r')) {
            buf_add_char(&lines, '\r');
        }
        buf_add_char(&lines, text.p[i]);
    }
    for (size_t at = 0; at < lines.n; at += LINE_BYTES) {
        add_base64(out, str_slice(buf_str(&lines), at, at + LINE_BYTES));
        buf_add(out, S("\r\n"));
    }
    buf_done(&lines);
}

enum err mail_compose(struct scope *scope, const char *from, const struct mail_message *message,
                      usec at, str id, str *ret_bytes)
{
    str sender = str_from(from);
    if (!mail_address_is_valid(sender) || !mail_address_is_valid(message->to)) {
        return fail(scope, ERR_REQUEST, "A mail address is not valid.");
    }
    if (message->text.n > MAIL_TEXT_BYTES || message->subject.n > 1000 ||
        !utf8_is_valid(message->text) || !utf8_is_valid(message->subject)) {
        return fail(scope, ERR_REQUEST, "The text of a mail is too long or not UTF-8.");
    }
    struct buf out = {0};
    str domain = str_slice(sender, str_find_char(sender, '@', 0) + 1, sender.n);
    buf_printf(&out, "Date: %.*s +0000\r\n", STR_ARG(date_header_text(&scope->arena, at)));
    buf_printf(&out, "From: <%.*s>\r\nTo: <%.*s>\r\n", STR_ARG(sender), STR_ARG(message->to));
    buf_printf(&out, "Message-ID: <%.*s@%.*s>\r\n", STR_ARG(id), STR_ARG(domain));
    add_subject(scope, &out, message->subject);
    buf_add(&out, S("MIME-Version: 1.0\r\n"
                    "Content-Type: text/plain; charset=utf-8\r\n"
                    "Content-Transfer-Encoding: base64\r\n"
                    "Auto-Submitted: auto-generated\r\n\r\n")); /* RFC 3834: no automatic replies */
    add_body(&out, message->text);
    *ret_bytes = buf_copy(&out, &scope->arena);
    buf_done(&out);
    return ERR_OK;
}
