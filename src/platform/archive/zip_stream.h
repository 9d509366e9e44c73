/*
 * Writes a ZIP archive as a stream (APPNOTE.TXT 6.3, with ZIP64 where sizes are not known before): nothing is
 * kept of an entry but its line in the directory at the end. One thread at a time.
 */
#ifndef PLATFORM_ARCHIVE_ZIP_STREAM_H
#define PLATFORM_ARCHIVE_ZIP_STREAM_H

#include "base/scope.h"

struct zip_stream;

/** Takes bytes of the archive, in order; borrowed for the call. An error ends the archive. */
typedef enum err zip_stream_sink(void *user, str bytes);

/** Begins an archive. Undone by zip_stream_close. Errors: ERR_INTERNAL. */
enum err zip_stream_open(struct scope *scope, zip_stream_sink *sink, void *user, struct zip_stream **ret_zip) must_check;

/**
 * Begins an entry and ends the one before. name: a relative path in ASCII. Errors: those of the sink;
 * ERR_INTERNAL.
 */
enum err zip_stream_entry(struct zip_stream *zip, str name, usec modified) must_check;

/** Adds bytes to the entry that was begun last. Errors as zip_stream_entry. */
enum err zip_stream_write(struct zip_stream *zip, str bytes) must_check;

/** Writes the directory; nothing may be added afterwards. Errors as zip_stream_entry. */
enum err zip_stream_finish(struct zip_stream *zip) must_check;

/** Frees the writer; without zip_stream_finish the archive stays broken. Accepts NULL. */
void zip_stream_close(struct zip_stream *zip);

#endif
