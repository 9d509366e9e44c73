/* Content encodings and gzip files: negotiation, whole and streamed compression. */
#ifndef PLATFORM_HTTP_ENCODE_H
#define PLATFORM_HTTP_ENCODE_H

#include "base/buf.h"

enum content_encoding { ENCODE_PLAIN, ENCODE_GZIP, ENCODE_ZSTD, ENCODE__COUNT };

/** "", "gzip", "zstd" as in Content-Encoding. */
str encoding_token(enum content_encoding encoding);

/** The best encoding an Accept-Encoding header allows (RFC 9110 12.5.3): zstd, gzip, else plain. */
enum content_encoding encoding_negotiate(str accept_encoding);

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
