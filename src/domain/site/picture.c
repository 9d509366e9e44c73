#include "domain/site/picture.h"

#include "platform/markup/svg.h"

#define PIXELS_MOST 20000

static unsigned byte_at(str bytes, size_t at)
{
    return at < bytes.n ? (unsigned char)bytes.p[at] : 0;
}

static int64_t big_endian(str bytes, size_t at, size_t count)
{
    int64_t value = 0;
    for (size_t i = 0; i < count; i++) {
        value = value << 8 | byte_at(bytes, at + i);
    }
    return value;
}

static int64_t little_endian(str bytes, size_t at, size_t count)
{
    int64_t value = 0;
    for (size_t i = count; i > 0; i--) {
        value = value << 8 | byte_at(bytes, at + i - 1);
    }
    return value;
}

/* ---- JPEG (ITU-T T.81, B.1): the size is in the first start of a frame ---- */

static void read_jpeg(str bytes, struct picture_kind *kind)
{
    size_t at = 2;
    while (at + 9 < bytes.n && byte_at(bytes, at) == 0xFF) {
        unsigned marker = byte_at(bytes, at + 1);
        bool is_frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (is_frame) {
            kind->height = big_endian(bytes, at + 5, 2);
            kind->width = big_endian(bytes, at + 7, 2);
            return;
        }
        at += marker == 0xFF ? 1 : 2 + (size_t)big_endian(bytes, at + 2, 2);
    }
}

/* ---- WebP: lossy, lossless, extended (RFC 9649, 2.5 to 2.7) ---- */

static void read_webp(str bytes, struct picture_kind *kind)
{
    str chunk = str_slice(bytes, 12, 16);
    if (str_eq(chunk, S("VP8X"))) {
        kind->width = little_endian(bytes, 24, 3) + 1;
        kind->height = little_endian(bytes, 27, 3) + 1;
    } else if (str_eq(chunk, S("VP8L")) && byte_at(bytes, 20) == 0x2F) {
        int64_t bits = little_endian(bytes, 21, 4);
        kind->width = (bits & 0x3FFF) + 1;
        kind->height = (bits >> 14 & 0x3FFF) + 1;
    } else if (str_eq(chunk, S("VP8 "))) {
        kind->width = little_endian(bytes, 26, 2) & 0x3FFF;
        kind->height = little_endian(bytes, 28, 2) & 0x3FFF;
    }
}

static enum picture_fault look_at_svg(str bytes, struct picture_kind *kind)
{
    double width, height;
    kind->ending = S(".svg");
    if (!svg_is_still(bytes, &width, &height)) {
        return PICTURE_ACTIVE;
    }
    bool is_sized = width > 0 && height > 0 && width < 1e6 && height < 1e6 && width / height < 1000 && height / width < 1000;
    kind->width = is_sized ? (int64_t)(width / height * 1000) : 0;
    kind->height = is_sized ? 1000 : 0;
    return is_sized ? PICTURE_GOOD : PICTURE_SIZE;
}

static bool looks_like_svg(str bytes)
{
    str text = str_trim(str_starts(bytes, S("\xEF\xBB\xBF")) ? str_slice(bytes, 3, bytes.n) : bytes);
    return str_starts(text, S("<")) && str_find(str_slice(text, 0, 4096), S("<svg"), 0) != SIZE_MAX;
}

enum picture_fault picture_look(str bytes, size_t most, bool may_be_icon,
                                struct picture_kind *ret_kind)
{
    *ret_kind = (struct picture_kind){0};
    if (bytes.n > most) {
        return PICTURE_LARGE;
    }
    if (looks_like_svg(bytes)) {
        return look_at_svg(bytes, ret_kind);
    }
    if (str_starts(bytes, S("\x89PNG\r\n\x1A\n")) && str_eq(str_slice(bytes, 12, 16), S("IHDR"))) {
        ret_kind->ending = S(".png");
        ret_kind->width = big_endian(bytes, 16, 4);
        ret_kind->height = big_endian(bytes, 20, 4);
    } else if (str_starts(bytes, S("\xFF\xD8\xFF"))) {
        ret_kind->ending = S(".jpg");
        read_jpeg(bytes, ret_kind);
    } else if (str_starts(bytes, S("RIFF")) && str_eq(str_slice(bytes, 8, 12), S("WEBP"))) {
        ret_kind->ending = S(".webp");
        read_webp(bytes, ret_kind);
    } else if (may_be_icon && str_starts(bytes, (str){"\0\0\1\0", 4})) {
        ret_kind->ending = S(".ico");
        ret_kind->width = byte_at(bytes, 6) ? (int64_t)byte_at(bytes, 6) : 256;
        ret_kind->height = byte_at(bytes, 7) ? (int64_t)byte_at(bytes, 7) : 256;
    } else {
        return PICTURE_KIND;
    }
    return ret_kind->width > 0 && ret_kind->height > 0 && ret_kind->width <= PIXELS_MOST && ret_kind->height <= PIXELS_MOST
               ? PICTURE_GOOD
               : PICTURE_SIZE;
}
