/* Values of the metadata in the forms that vocabularies ask for. */
#include "base/date.h"
#include "base/num.h"
#include "base/url.h"
#include "base/utf8.h"
#include "domain/interop/interop.h"
#include "platform/rdf/rdf.h"

bool interop_is_web_address(str address)
{
    str scheme = str_slice(address, 0, url_scheme_length(address));
    bool is_web = str_eq_nocase(scheme, S("http")) || str_eq_nocase(scheme, S("https"));
    str rest = str_slice(address, scheme.n, address.n);
    return is_web && str_starts(rest, S("://")) && rest.n > 3 && rdf_iri_is_valid(address);
}

str interop_mail_address(struct arena *arena, str mail)
{
    struct buf encoded cleanup_with(buf_cleanup) = {0};
    str address = str_starts(mail, S("mailto:")) ? str_slice(mail, 7, mail.n) : mail;
    size_t at = str_find_char(address, '@', 0);
    buf_add(&encoded, S("mailto:"));
    url_encode(&encoded, str_slice(address, 0, at));
    if (at != SIZE_MAX) {
        buf_add_char(&encoded, '@');
        url_encode(&encoded, str_slice(address, at + 1, address.n));
    }
    return buf_copy(&encoded, arena);
}

str interop_media_type(const struct format *format)
{
    size_t semicolon = str_find_char(format->content_type, ';', 0);
    return str_trim(str_slice(format->content_type, 0, semicolon));
}

/* ---- dates ---- */

bool interop_read_instant(str text, usec *ret_instant)
{
    struct date_text date;
    if (!date_read(text, &date) || date.precision < PRECISION_DAY) {
        return false;
    }
    usec offset = date.has_zone ? date.zone_offset_minutes * 60 * USEC_SECOND : 0;
    *ret_instant = date_instant(&date.civil) - offset;
    return true;
}

str interop_instant(struct arena *arena, str text)
{
    usec instant;
    if (!interop_read_instant(text, &instant)) {
        return STR_NONE;
    }
    char *out = arena_alloc(arena, DATE_TEXT_BYTES);
    return (str){out, date_write_instant(out, instant, 0)};
}

str interop_day(str text)
{
    struct date_text date;
    str day = str_slice(text, 0, 10);
    bool is_day =
        day.n == 10 && day.p[4] == '-' && date_read(text, &date) && date.precision >= PRECISION_DAY;
    return is_day ? day : STR_NONE;
}

/* ---- plain text of HTML ---- */

static const struct {
    str name, text;
} entities[] = {{{"amp", 3}, {"&", 1}},   {{"lt", 2}, {"<", 1}},   {{"gt", 2}, {">", 1}},
                {{"quot", 4}, {"\"", 1}}, {{"apos", 4}, {"'", 1}}, {{"nbsp", 4}, {" ", 1}}};

static void add_code_point(struct buf *out, str digits)
{
    bool is_hex = digits.n > 1 && (digits.p[0] == 'x' || digits.p[0] == 'X');
    uint32_t value = 0;
    for (size_t i = is_hex; i < digits.n; i++) {
        int digit = hex_digit(digits.p[i]);
        if (digit < 0 || (!is_hex && digit > 9) || value > 0x10FFFF) {
            return;
        }
        value = value * (is_hex ? 16 : 10) + (uint32_t)digit;
    }
    bool is_character = value >= 0x20 && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
    if (is_character) {
        out->n += utf8_write(buf_reserve(out, 4), value);
    }
}

/* Adds what stands at html.p[at] == '&' and returns where it ends; an ampersand alone is itself. */
static size_t add_entity(struct buf *out, str html, size_t at)
{
    size_t end = str_find_char(str_slice(html, 0, at + 12), ';', at);
    str name = end == SIZE_MAX ? STR_NONE : str_slice(html, at + 1, end);
    if (name.n > 1 && name.p[0] == '#') {
        add_code_point(out, str_slice(name, 1, name.n));
        return end + 1;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(entities); i++) {
        if (str_eq(entities[i].name, name)) {
            buf_add(out, entities[i].text);
            return end + 1;
        }
    }
    buf_add_char(out, '&');
    return at + 1;
}

static bool begins_tag(str html, size_t at)
{
    char next = at + 1 < html.n ? html.p[at + 1] : ' ';
    return html.p[at] == '<' && (is_ascii_letter(next) || next == '/' || next == '!');
}

/* White space of any length, and what tags leave, is one blank. */
static void add_blank(struct buf *out)
{
    if (out->n && out->p[out->n - 1] != ' ') {
        buf_add_char(out, ' ');
    }
}

str interop_plain_text(struct arena *arena, str html)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t at = 0; at < html.n;) {
        if (begins_tag(html, at)) {
            size_t end = str_find_char(html, '>', at);
            at = end == SIZE_MAX ? html.n : end + 1;
            add_blank(&out);
        } else if (html.p[at] == '&') {
            at = add_entity(&out, html, at);
        } else if (is_ascii_space(html.p[at])) {
            add_blank(&out);
            at++;
        } else {
            buf_add_char(&out, html.p[at++]);
        }
    }
    return str_trim(buf_copy(&out, arena));
}
