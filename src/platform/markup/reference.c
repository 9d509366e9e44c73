/* Character references; the names are those of HTML 4, of which libxml2 has the table. */
#include <libxml/HTMLparser.h>

#include "base/utf8.h"
#include "platform/markup/markup_internal.h"

#define NAME_MOST 9      /* bytes of the longest name, thetasym, and its end */
#define DIGITS_MOST 4096 /* leading zeros are allowed, but not without end */

/* What browsers take 128 to 159 for: they were written by programs that meant windows-1252. */
static uint32_t as_meant(uint32_t number)
{
    static const uint16_t meant[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                       0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                       0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                       0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
    return number >= 128 && number < 160 ? meant[number - 128] : number;
}

static void add_character(struct buf *out, uint32_t number)
{
    number = as_meant(number);
    bool is_control = (number < 0x20 && number != '\t' && number != '\n') || number == 0x7F;
    bool is_none = number > 0x10FFFF || (number >= 0xD800 && number < 0xE000) || number == 0xFFFE || number == 0xFFFF;
    if (!is_control && !is_none) {
        out->n += utf8_write(buf_reserve(out, 4), number);
    }
}

/* "&#65;", "&#x41", as browsers without the semicolon, too. Returns where it ends, at: there is none. */
static size_t add_number(struct buf *out, str text, size_t at)
{
    size_t i = at + 2;
    bool is_hex = i < text.n && ascii_lower(text.p[i]) == 'x';
    i += is_hex;
    size_t from = i;
    uint32_t number = 0;
    for (; i < text.n && i - from < DIGITS_MOST; i++) {
        int digit = hex_digit(text.p[i]);
        if (digit < 0 || (!is_hex && digit > 9)) {
            break;
        }
        number = number > 0x10FFFF ? number : number * (is_hex ? 16 : 10) + (uint32_t)digit;
    }
    if (i == from) {
        return at;
    }
    add_character(out, number);
    return i < text.n && text.p[i] == ';' ? i + 1 : i;
}

/* "&eacute;". */
static size_t add_name(struct buf *out, str text, size_t at)
{
    char name[NAME_MOST + 1];
    size_t n = 0;
    for (size_t i = at + 1; i < text.n && n < NAME_MOST; i++) {
        if (!is_ascii_letter(text.p[i]) && !is_ascii_digit(text.p[i])) {
            break;
        }
        name[n++] = text.p[i];
    }
    size_t end = at + 1 + n;
    if (n == 0 || end >= text.n || text.p[end] != ';') {
        return at;
    }
    name[n] = '\0';
    const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)name);
    if (!entity) {
        return at;
    }
    add_character(out, entity->value);
    return end + 1;
}

void reference_decode(struct buf *out, str text)
{
    for (size_t at = 0; at < text.n;) {
        size_t next = str_find_char(text, '&', at);
        buf_add(out, str_slice(text, at, next));
        if (next == SIZE_MAX) {
            return;
        }
        bool is_number = next + 1 < text.n && text.p[next + 1] == '#';
        at = is_number ? add_number(out, text, next) : add_name(out, text, next);
        if (at == next) {
            buf_add_char(out, '&');
            at++;
        }
    }
}
