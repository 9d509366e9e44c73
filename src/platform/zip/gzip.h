/* Writing gzip files (RFC 1952) piece by piece with zlib. */
#ifndef PLATFORM_ZIP_GZIP_H
#define PLATFORM_ZIP_GZIP_H

#include "base/buf.h"

struct gzip_writer;

/** Begins a file; one owner, one thread at a time. Undone by gzip_writer_free. */
struct gzip_writer *gzip_writer_new(void);

/** Accepts NULL. */
void gzip_writer_free(struct gzip_writer *writer);

/** Takes bytes in and appends to out what is ready of the file, which may be nothing. */
void gzip_write(struct gzip_writer *writer, str bytes, struct buf *out);

/** Appends the rest of the file; nothing may be written afterwards. */
void gzip_finish(struct gzip_writer *writer, struct buf *out);

#endif
