/*
 * Reading the layers of a file by one driver of GDAL, a record at a time, with geometries in WGS 84,
 * longitude first. The file is only read, and nothing beside it but what belongs to it.
 */
#ifndef PLATFORM_GDAL_READ_H
#define PLATFORM_GDAL_READ_H

#include "base/json_write.h"
#include "platform/gdal/gdal.h"

enum column_kind {
    COLUMN_TEXT,
    COLUMN_INT,
    COLUMN_DOUBLE,
    COLUMN_BOOLEAN,
    COLUMN_DAY,
    COLUMN_TIME,  /* an instant; in UTC when the file does not say the zone */
    COLUMN_BYTES  /* which nobody reads */
};

struct layer_column {
    str name;
    enum column_kind kind;
    bool is_list;
};

struct layer {
    str name;
    int64_t records; /* -1: not known without reading all */
};

struct layer_reader;

/**
 * Opens path by the driver of that name. shown is what messages call the file. Undone by
 * layer_reader_close. Errors: ERR_DATA (it cannot be read as such), ERR_FILE (no GDAL).
 */
enum err layer_reader_open(struct scope *scope, const char *path, const char *shown,
                           const char *driver, const char *const *options,
                           struct layer_reader **ret_reader) must_check;
void layer_reader_close(struct layer_reader *reader);

/** The layers, in the arena. */
struct layer *layer_reader_list(struct arena *arena, struct layer_reader *reader, size_t *ret_count);

/**
 * Chooses the layer to read from its start. source_epsg: the reference system of coordinates when the
 * file does not say it; 0: none. Errors: ERR_DATA (it is needed and missing, or the file's cannot be
 * projected), ERR_USAGE (no such system).
 */
enum err layer_reader_choose(struct scope *scope, struct layer_reader *reader, size_t layer,
                             int64_t source_epsg) must_check;

/** The columns of the chosen layer, in the arena. */
struct layer_column *layer_reader_columns(struct arena *arena, struct layer_reader *reader,
                                          size_t *ret_count);

/**
 * Goes to the next record; ret_more is false behind the last. Errors: ERR_DATA (damaged, or a geometry
 * cannot be projected; with the number of the record), those of scope_check.
 */
enum err layer_reader_next(struct scope *scope, struct layer_reader *reader, bool *ret_more) must_check;

/** Writes a value of the record as JSON; false: null was written. */
bool layer_reader_write(struct layer_reader *reader, size_t column, struct json_writer *json);

/** The geometry of the record as WKB, empty when it has none; valid until the next record. */
str layer_reader_geometry(const struct layer_reader *reader);

/**
 * Looks at the directory of a ZIP archive before anything is unpacked; entries whose names lead out of the
 * archive are as if they were not there. Errors: ERR_DATA (it cannot be read), ERR_TOO_LARGE (more entries or unpacked bytes than these).
 * each, when not NULL, is called with the name of each file.
 */
enum err archive_check(struct scope *scope, const char *path, const char *shown, int64_t entries_most,
                       uint64_t bytes_most, void (*each)(void *user, const char *name), void *user)
    must_check;

/**
 * Unpacks a file of a ZIP archive that archive_check has looked at to a descriptor: as many bytes as the directory says.
 * Errors: ERR_DATA (damaged, encrypted, more or fewer bytes), ERR_FILE (it cannot be written), those of scope_check.
 */
enum err archive_extract(struct scope *scope, const char *path, const char *shown, str entry, int to) must_check;

/** Refuses XML with declarations of types or entities. Errors: ERR_DATA, ERR_TOO_LARGE. */
enum err xml_check(struct scope *scope, const char *path, const char *shown, uint64_t bytes_most)
    must_check;

#endif
