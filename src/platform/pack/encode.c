#include "platform/pack/encode.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/bug.h"
#include "base/num.h"

#define GZIP_LEVEL 5
#define ZSTD_LEVEL 3
#define STEP_BYTES 65536

struct encoder {
    enum content_encoding encoding;
    z_stream gzip;
    ZSTD_CCtx *zstd;
};

str encoding_token(enum content_encoding encoding)
{
    return encoding == ENCODE_GZIP ? S("gzip") : encoding == ENCODE_ZSTD ? S("zstd") : S("");
}

/* Quality of one element of the header, 1 when none is given. */
static double quality_of(str parameters)
{
    double quality = 1;
    str parameter;
    while (str_split(&parameters, ';', &parameter)) {
        parameter = str_trim(parameter);
        if (str_starts(parameter, S("q=")) || str_starts(parameter, S("Q="))) {
            num_read_double(str_trim(str_slice(parameter, 2, parameter.n)), &quality);
        }
    }
    return quality;
}

struct accepted encoding_read(str accept_encoding)
{
    static const char *const names[] = {"identity", "gzip", "zstd"};
    struct accepted accepted = {.quality = {-1, -1, -1}};
    double others = -1; /* of "*" */
    str part;
    while (str_split(&accept_encoding, ',', &part)) {
        str name;
        if (!str_split(&part, ';', &name)) {
            continue;
        }
        name = str_trim(name);
        if (str_eq(name, S("*"))) {
            others = quality_of(part);
        }
        for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
            if (str_eq_nocase(name, str_from(names[i])) ||
                (i == ENCODE_GZIP && str_eq_nocase(name, S("x-gzip")))) {
                accepted.quality[i] = quality_of(part);
            }
        }
    }
    accepted.prefers_plain = accepted.quality[ENCODE_PLAIN] > 0;
    if (accepted.quality[ENCODE_PLAIN] < 0) {
        accepted.quality[ENCODE_PLAIN] = others < 0 ? 1 : others; /* accepted unless excluded */
    }
    if (accepted.quality[ENCODE_GZIP] < 0) {
        accepted.quality[ENCODE_GZIP] = others; /* "*" does not promise that zstd is known */
    }
    return accepted;
}

bool encoding_is_accepted(const struct accepted *accepted, enum content_encoding encoding)
{
    return accepted->quality[encoding] > 0;
}

enum content_encoding encoding_choose(const struct accepted *accepted)
{
    double gzip = accepted->quality[ENCODE_GZIP];
    double zstd = accepted->quality[ENCODE_ZSTD];
    enum content_encoding best = zstd > 0 && zstd >= gzip ? ENCODE_ZSTD : ENCODE_GZIP;
    double plain = accepted->prefers_plain ? accepted->quality[ENCODE_PLAIN] : 0;
    return accepted->quality[best] > 0 && accepted->quality[best] >= plain ? best : ENCODE_PLAIN;
}

bool encoding_suits(str content_type)
{
    return str_starts(content_type, S("text/")) ||
           str_find(content_type, S("json"), 0) != SIZE_MAX ||
           str_find(content_type, S("vector-tile"), 0) != SIZE_MAX ||
           str_find(content_type, S("/xml"), 0) != SIZE_MAX ||
           str_find(content_type, S("+xml"), 0) != SIZE_MAX; /* not a workbook, …openxmlformats… */
}

void encode_whole(enum content_encoding encoding, str bytes, struct buf *out)
{
    struct encoder *encoder = encoder_open(encoding);
    bug_if(!encoder);
    encoder_feed(encoder, bytes, true, out);
    encoder_close(encoder);
}

struct encoder *encoder_open(enum content_encoding encoding)
{
    if (encoding == ENCODE_PLAIN) {
        return NULL;
    }
    struct encoder *encoder = calloc(1, sizeof(*encoder));
    if (!encoder) {
        bug_out_of_memory(sizeof(*encoder));
    }
    encoder->encoding = encoding;
    if (encoding == ENCODE_GZIP) {
        /* 15 + 16: largest window, gzip header */
        bug_if(deflateInit2(&encoder->gzip, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8,
                            Z_DEFAULT_STRATEGY) != Z_OK);
    } else {
        encoder->zstd = ZSTD_createCCtx();
        bug_if(!encoder->zstd);
        ZSTD_CCtx_setParameter(encoder->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
    }
    return encoder;
}

void encoder_close(struct encoder *encoder)
{
    if (!encoder) {
        return;
    }
    if (encoder->encoding == ENCODE_GZIP) {
        deflateEnd(&encoder->gzip);
    } else {
        ZSTD_freeCCtx(encoder->zstd);
    }
    free(encoder);
}

static void feed_gzip(struct encoder *encoder, str bytes, bool last, struct buf *out)
{
    z_stream *gzip = &encoder->gzip;
    gzip->next_in = (Bytef *)(uintptr_t)bytes.p;
    gzip->avail_in = (uInt)bytes.n;
    int code;
    do {
        gzip->next_out = (Bytef *)buf_reserve(out, STEP_BYTES);
        gzip->avail_out = STEP_BYTES;
        code = deflate(gzip, last ? Z_FINISH : Z_NO_FLUSH);
        out->n += STEP_BYTES - gzip->avail_out;
    } while (gzip->avail_out == 0 || (last && code == Z_OK));
}

static void feed_zstd(struct encoder *encoder, str bytes, bool last, struct buf *out)
{
    ZSTD_inBuffer input = {bytes.p ? bytes.p : "", bytes.n, 0};
    size_t left;
    do {
        ZSTD_outBuffer output = {buf_reserve(out, STEP_BYTES), STEP_BYTES, 0};
        left = ZSTD_compressStream2(encoder->zstd, &output, &input,
                                    last ? ZSTD_e_end : ZSTD_e_continue);
        bug_if(ZSTD_isError(left));
        out->n += output.pos;
    } while (last ? left > 0 : input.pos < input.size);
}

void encoder_feed(struct encoder *encoder, str bytes, bool last, struct buf *out)
{
    if (encoder->encoding == ENCODE_GZIP) {
        feed_gzip(encoder, bytes, last, out);
    } else {
        feed_zstd(encoder, bytes, last, out);
    }
}
