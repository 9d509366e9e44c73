#include "platform/pack/unpack.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/bug.h"
#include "platform/i18n/explanation.h"

#define STEP_BYTES ((size_t)256 << 10)

struct unpacker {
    enum packing packing;
    z_stream gzip;
    ZSTD_DStream *zstd;
    bool between; /* at the end of a stream, where input may stop */
};

enum packing packing_recognise(str start)
{
    return str_starts(start, S("\x1f\x8b\x08"))       ? PACKING_GZIP
           : str_starts(start, S("\x28\xb5\x2f\xfd")) ? PACKING_ZSTD
                                                      : PACKING_NONE;
}

struct unpacker *unpacker_open(enum packing packing)
{
    struct unpacker *unpacker = calloc(1, sizeof(*unpacker));
    if (!unpacker) {
        bug_out_of_memory(sizeof(*unpacker));
    }
    unpacker->packing = packing;
    unpacker->between = true;
    bool ready = true;
    if (packing == PACKING_GZIP) {
        ready = inflateInit2(&unpacker->gzip, 15 + 16) == Z_OK;
    } else if (packing == PACKING_ZSTD) {
        unpacker->zstd = ZSTD_createDStream();
        ready = unpacker->zstd != NULL;
    }
    if (!ready) {
        bug_out_of_memory(sizeof(*unpacker));
    }
    return unpacker;
}

static enum err damaged(struct scope *scope, const char *what)
{
    return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_UNPACKED, SAYS(ARG_TEXT("reason", str_from(what))));
}

static enum err feed_gzip(struct scope *scope, struct unpacker *unpacker, str bytes,
                          struct buf *out)
{
    z_stream *stream = &unpacker->gzip;
    stream->next_in = (Bytef *)(uintptr_t)bytes.p;
    stream->avail_in = (uInt)bytes.n;
    while (stream->avail_in) {
        if (unpacker->between && inflateReset(stream) != Z_OK) {
            return damaged(scope, "gzip");
        }
        unpacker->between = false;
        for (int state = Z_OK; state == Z_OK && stream->avail_in;) {
            stream->next_out = (Bytef *)buf_reserve(out, STEP_BYTES);
            stream->avail_out = STEP_BYTES;
            state = inflate(stream, Z_NO_FLUSH);
            out->n += STEP_BYTES - stream->avail_out;
            if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) {
                return damaged(scope, stream->msg ? stream->msg : "gzip");
            }
            unpacker->between = state == Z_STREAM_END;
        }
    }
    return ERR_OK;
}

static enum err feed_zstd(struct scope *scope, struct unpacker *unpacker, str bytes,
                          struct buf *out)
{
    ZSTD_inBuffer input = {bytes.p, bytes.n, 0};
    bool is_full = false;
    while (input.pos < input.size || is_full) {
        ZSTD_outBuffer output = {buf_reserve(out, STEP_BYTES), STEP_BYTES, 0};
        size_t state = ZSTD_decompressStream(unpacker->zstd, &output, &input);
        if (ZSTD_isError(state)) {
            return damaged(scope, ZSTD_getErrorName(state));
        }
        out->n += output.pos;
        unpacker->between = state == 0;
        is_full = output.pos == output.size && state != 0; /* a finished frame holds nothing back */
    }
    return ERR_OK;
}

enum err unpacker_feed(struct scope *scope, struct unpacker *unpacker, str bytes, struct buf *out)
{
    switch (unpacker->packing) {
    case PACKING_GZIP:
        return feed_gzip(scope, unpacker, bytes, out);
    case PACKING_ZSTD:
        return feed_zstd(scope, unpacker, bytes, out);
    case PACKING_NONE:
        break;
    }
    buf_add(out, bytes);
    return ERR_OK;
}

enum err unpacker_finish(struct scope *scope, const struct unpacker *unpacker)
{
    return unpacker->between ? ERR_OK : damaged(scope, "it ends too early");
}

void unpacker_close(struct unpacker *unpacker)
{
    if (unpacker) {
        if (unpacker->packing == PACKING_GZIP) {
            inflateEnd(&unpacker->gzip);
        }
        ZSTD_freeDStream(unpacker->zstd);
        free(unpacker);
    }
}
