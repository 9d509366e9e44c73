#include "platform/zip/gzip.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/bug.h"

#define GZIP_WINDOW_BITS (15 + 16) /* zlib: 16 more asks for the gzip frame */
#define GZIP_LEVEL 4               /* tables shrink well early; higher levels cost more than they save */
#define GZIP_MEMORY_LEVEL 8
#define GZIP_OUTPUT_BYTES ((size_t)64 << 10)
#define GZIP_INPUT_BYTES ((size_t)1 << 30) /* zlib counts in 32 bits */

struct gzip_writer {
    z_stream stream;
};

struct gzip_writer *gzip_writer_new(void)
{
    struct gzip_writer *writer = calloc(1, sizeof(*writer));
    if (!writer || deflateInit2(&writer->stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW_BITS,
                                GZIP_MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
        bug_out_of_memory(sizeof(*writer));
    }
    return writer;
}

void gzip_writer_free(struct gzip_writer *writer)
{
    if (writer) {
        deflateEnd(&writer->stream);
        free(writer);
    }
}

static void deflate_all(struct gzip_writer *writer, str bytes, int flush, struct buf *out)
{
    z_stream *stream = &writer->stream;
    stream->next_in = (Bytef *)(uintptr_t)bytes.p;
    stream->avail_in = (uInt)bytes.n;
    do {
        stream->next_out = (Bytef *)buf_reserve(out, GZIP_OUTPUT_BYTES);
        stream->avail_out = (uInt)GZIP_OUTPUT_BYTES;
        int state = deflate(stream, flush);
        bug_if(state == Z_STREAM_ERROR);
        out->n += GZIP_OUTPUT_BYTES - stream->avail_out;
    } while (stream->avail_out == 0);
}

void gzip_write(struct gzip_writer *writer, str bytes, struct buf *out)
{
    while (bytes.n) {
        str part = str_slice(bytes, 0, GZIP_INPUT_BYTES);
        deflate_all(writer, part, Z_NO_FLUSH, out);
        bytes = str_slice(bytes, part.n, bytes.n);
    }
}

void gzip_finish(struct gzip_writer *writer, struct buf *out)
{
    deflate_all(writer, S(""), Z_FINISH, out);
}
