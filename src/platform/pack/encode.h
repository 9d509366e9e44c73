/* Content encodings and gzip files: negotiation, whole and streamed compression. */
#ifndef PLATFORM_PACK_ENCODE_H
#define PLATFORM_PACK_ENCODE_H

#include "base/buf.h"

enum content_encoding { ENCODE_PLAIN, ENCODE_GZIP, ENCODE_ZSTD, ENCODE__COUNT };

/** "", "gzip", "zstd" as in Content-Encoding. */
str encoding_token(enum content_encoding encoding);

/* What an Accept-Encoding header says (RFC 9110 12.5.3): a quality per encoding, 0 or less:
 * refused. */
struct accepted {
    double quality[ENCODE__COUNT];
    bool prefers_plain; /* identity stands in the header, so that its quality is a wish */
};

/** Reads the header; absent or empty text accepts only the plain bytes. */
struct accepted encoding_read(str accept_encoding);

bool encoding_is_accepted(const struct accepted *accepted, enum content_encoding encoding);

/** The encoding to use: by quality, zstd before gzip before none; none when nothing else is
 * accepted. */
enum content_encoding encoding_choose(const struct accepted *accepted);

/** Whether compressing this media type is worth it. */
bool encoding_suits(str content_type);

/** Compresses bytes as a whole, appended to out. */
void encode_whole(enum content_encoding encoding, str bytes, struct buf *out);

struct encoder;

/** NULL for ENCODE_PLAIN. Undone by encoder_close. */
struct encoder *encoder_open(enum content_encoding encoding);
void encoder_close(struct encoder *encoder);

/** Appends what compressing bytes yields; last ends the encoding. */
void encoder_feed(struct encoder *encoder, str bytes, bool last, struct buf *out);

#endif
