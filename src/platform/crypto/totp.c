#include "platform/crypto/totp.h"

#include <liboath/oath.h>
#include <pthread.h>
#include <qrencode.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/bug.h"
#include "platform/crypto/crypto.h"

#define QR_TEXT_BYTES 1000
#define QR_QUIET 4 /* modules around the symbol, ISO/IEC 18004 */

static pthread_once_t started = PTHREAD_ONCE_INIT;

static void start(void)
{
    bug_if(oath_init() != OATH_OK);
}

str totp_code(struct arena *arena, const uint8_t secret[TOTP_SECRET_BYTES], usec at)
{
    char *code = arena_alloc(arena, TOTP_DIGITS + 1);
    pthread_once(&started, start);
    bug_if(oath_totp_generate((const char *)secret, TOTP_SECRET_BYTES, (time_t)(at / USEC_SECOND),
                              (unsigned)(TOTP_STEP / USEC_SECOND), OATH_TOTP_DEFAULT_START_TIME,
                              TOTP_DIGITS, code) != OATH_OK);
    return (str){code, TOTP_DIGITS};
}

bool totp_check(struct arena *arena, const uint8_t secret[TOTP_SECRET_BYTES], str code, usec now,
                int64_t used, int64_t *ret_step)
{
    int64_t current = now / TOTP_STEP;
    int64_t found = -1;
    for (int64_t step = current - TOTP_STEPS_OFF; step <= current + TOTP_STEPS_OFF; step++) {
        if (step < 0) {
            continue;
        }
        bool is_right = equal_in_constant_time(totp_code(arena, secret, step * TOTP_STEP), code);
        found = is_right && step > used && found < 0 ? step : found;
    }
    *ret_step = found;
    return found >= 0;
}

str base32_encode(struct arena *arena, const uint8_t *bytes, size_t n)
{
    char *out = NULL;
    pthread_once(&started, start);
    if (oath_base32_encode((const char *)bytes, n, &out, NULL) != OATH_OK) {
        bug_out_of_memory(n * 2);
    }
    str text = str_from(out);
    while (text.n && text.p[text.n - 1] == '=') {
        text.n--;
    }
    text = str_copy(arena, text);
    free(out);
    return text;
}

bool base32_decode(str text, uint8_t *ret_bytes, size_t n)
{
    char *out = NULL;
    size_t length = 0;
    if (text.n == 0 || text.n != (n * 8 + 4) / 5) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (!((text.p[i] >= 'A' && text.p[i] <= 'Z') || (text.p[i] >= '2' && text.p[i] <= '7'))) {
            return false;
        }
    }
    pthread_once(&started, start);
    bool good = oath_base32_decode(text.p, text.n, &out, &length) == OATH_OK && length == n;
    if (good) {
        memcpy(ret_bytes, out, n);
    }
    free(out);
    return good;
}

str qr_svg(struct arena *arena, str text)
{
    bug_if(text.n == 0 || text.n > QR_TEXT_BYTES);
    QRcode *code = QRcode_encodeData((int)text.n, (const unsigned char *)text.p, 0, QR_ECLEVEL_M);
    if (!code) {
        bug_out_of_memory(text.n);
    }
    struct buf out = {0};
    int size = code->width + 2 * QR_QUIET;
    buf_printf(&out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
               "shape-rendering=\"crispEdges\"><path fill=\"currentColor\" d=\"",
               size, size);
    for (int y = 0; y < code->width; y++) {
        for (int x = 0; x < code->width;) {
            int from = x;
            while (x < code->width && (code->data[y * code->width + x] & 1)) {
                x++;
            }
            if (x > from) {
                buf_printf(&out, "M%d %dh%dv1h-%dz", from + QR_QUIET, y + QR_QUIET, x - from,
                           x - from);
            } else {
                x++;
            }
        }
    }
    buf_add(&out, S("\"/></svg>"));
    QRcode_free(code);
    str svg = buf_copy(&out, arena);
    buf_done(&out);
    return svg;
}
