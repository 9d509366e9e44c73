/* Geometries of texts: which form a text has, and what is wrong with it. */
#include <stdlib.h>

#include "platform/geometry/geos.h"
#include "platform/geometry/wkb.h"

static enum err finish(struct scope *scope, const char *fault, size_t length, struct buf *wkb)
{
    if (!fault) {
        return ERR_OK;
    }
    wkb->n = length;
    return fail(scope, ERR_DATA, "%s", fault);
}

enum err geometry_read_json(struct scope *scope, str json, struct buf *wkb)
{
    size_t length = wkb->n;
    return finish(scope, geojson_fault(json, wkb), length, wkb);
}

enum err geometry_read_wkb(struct scope *scope, str bytes, struct buf *wkb)
{
    size_t length = wkb->n;
    return finish(scope, wkb_fault(bytes, wkb), length, wkb);
}

static const char *hex_fault(str hex, struct buf *wkb)
{
    struct buf bytes cleanup_with(buf_cleanup) = {0};
    if (hex.n % 2) {
        return "hexadecimal WKB with half a byte";
    }
    char *at = buf_reserve(&bytes, hex.n / 2 + 1);
    for (size_t i = 0; i < hex.n; i += 2) {
        int high = hex_digit(hex.p[i]);
        int low = hex_digit(hex.p[i + 1]);
        if (high < 0 || low < 0) {
            return "hexadecimal WKB with something that is no digit";
        }
        at[i / 2] = (char)(high << 4 | low);
    }
    bytes.n = hex.n / 2;
    return wkb_fault(buf_str(&bytes), wkb);
}

enum err geometry_read_hex(struct scope *scope, str hex, struct buf *wkb)
{
    size_t length = wkb->n;
    return finish(scope, hex_fault(str_trim(hex), wkb), length, wkb);
}

/*
 * The reader of GEOS goes one call deeper for each parenthesis, and does not look at what stands behind
 * the geometry.
 */
static const char *outline_fault(str text)
{
    int depth = 0;
    for (size_t i = 0; i < text.n; i++) {
        depth += text.p[i] == '(' ? 1 : text.p[i] == ')' ? -1 : 0;
        if (depth > GEOMETRY_DEPTH_MOST + 3) {
            return "collections that lie too deep in each other";
        }
        if (text.p[i] == ')' && depth == 0 && i + 1 < text.n) {
            return "well-known text with more behind the geometry";
        }
    }
    bool is_empty = text.n > 5 && str_eq_nocase(str_slice(text, text.n - 5, text.n), S("EMPTY"));
    return text.n && (text.p[text.n - 1] == ')' || is_empty) && depth == 0
               ? NULL
               : "well-known text without its end, or with more behind it";
}

/* "SRID=4326;" in front, as PostGIS writes it, says what is taken for granted. */
static str without_reference(str text)
{
    str prefix = S("SRID=4326;");
    return text.n > prefix.n && str_eq_nocase(str_slice(text, 0, prefix.n), prefix)
               ? str_slice(text, prefix.n, text.n)
               : text;
}

static const char *wkt_fault(str text, struct buf *wkb, struct geos_message *message)
{
    struct buf copy cleanup_with(buf_cleanup) = {0};
    const char *fault = outline_fault(text);
    if (fault || str_find_char(text, 0, 0) != SIZE_MAX) {
        return fault ? fault : "well-known text with a NUL in it";
    }
    buf_add(&copy, without_reference(text));
    buf_add_char(&copy, 0);
    return geos_read_wkt(copy.p, wkb, message);
}

enum err geometry_read_text(struct scope *scope, str text, struct buf *wkb)
{
    size_t length = wkb->n;
    struct geos_message message;
    return finish(scope, wkt_fault(str_trim(text), wkb, &message), length, wkb);
}

static const char *any_fault(str text, struct buf *wkb, struct geos_message *message)
{
    text = str_trim(text);
    if (text.n == 0) {
        return "nothing";
    }
    if (text.p[0] == '{') {
        return geojson_fault(text, wkb);
    }
    if (text.p[0] == '0') {
        return hex_fault(text, wkb);
    }
    if (!is_ascii_letter(text.p[0])) {
        return "neither well-known text, hexadecimal WKB nor GeoJSON";
    }
    return wkt_fault(text, wkb, message);
}

enum err geometry_read_any(struct scope *scope, str text, struct buf *wkb)
{
    size_t length = wkb->n;
    struct geos_message message;
    return finish(scope, any_fault(text, wkb, &message), length, wkb);
}

bool geometry_try(str text, struct buf *wkb)
{
    size_t length = wkb->n;
    struct geos_message message;
    if (any_fault(text, wkb, &message)) {
        wkb->n = length;
        return false;
    }
    return true;
}
