/* Values of the metadata in the forms that vocabularies ask for. */
#include "base/date.h"
#include "base/url.h"
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
