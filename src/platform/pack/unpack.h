/* Reading gzip (RFC 1952) and Zstandard (RFC 8878) streams. */
#ifndef PLATFORM_PACK_UNPACK_H
#define PLATFORM_PACK_UNPACK_H

#include "base/buf.h"
#include "base/scope.h"

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

/** Recognises a stream by its first bytes. */
enum packing packing_recognise(str start);

struct unpacker;

/** Makes an unpacker; PACKING_NONE passes bytes through. Undone by unpacker_close. */
struct unpacker *unpacker_open(enum packing packing);

#define UNPACK_PIECE_BYTES 1024 /* of zstd, which may unpack to 32 MB */

/**
 * Appends what bytes unpack to, to out; several streams one after the other are one. Gzip grows at most about a
 * thousandfold, zstd thirty times as much, so bytes should come in pieces. Errors: ERR_DATA (the stream is damaged).
 */
enum err unpacker_feed(struct scope *scope, struct unpacker *unpacker, str bytes, struct buf *out)
    must_check;

/** ERR_DATA when the stream was cut off. */
enum err unpacker_finish(struct scope *scope, const struct unpacker *unpacker) must_check;

/** Accepts NULL. */
void unpacker_close(struct unpacker *unpacker);

#endif
