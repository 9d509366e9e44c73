/*
 * Writing features by a driver of GDAL: one layer, or several of one form, of one file, a feature at a
 * time and in bounded memory as far as the driver allows. Geometries come as WKB in WGS 84 and are
 * written in the layer's reference system.
 */
#ifndef PLATFORM_GDAL_WRITE_H
#define PLATFORM_GDAL_WRITE_H

#include "base/buf.h"
#include "platform/gdal/guard.h"

enum attribute_type {
    ATTRIBUTE_TEXT,
    ATTRIBUTE_INT,
    ATTRIBUTE_DOUBLE,
    ATTRIBUTE_BOOLEAN,
    ATTRIBUTE_DAY,
    ATTRIBUTE_TIME
};

struct attribute {
    str name;
    enum attribute_type type;
};

/* What a layer's geometries are; the driver must take it. */
enum layer_kind { LAYER_ANY, LAYER_POINTS, LAYER_MULTI_POINTS, LAYER_LINES, LAYER_POLYGONS };

struct writer_options {
    const char *driver;       /* name of the driver, such as "FlatGeobuf" */
    const char *path;         /* file to make; NULL: bytes are appended to out as they come */
    struct gdal_guard *guard; /* of path, which is that of gdal_guard_path; NULL: none */
    struct buf *out;
    const char *const *file_options;  /* NAME=VALUE, ended by NULL; NULL: none */
    const char *const *layer_options;
    int64_t epsg;             /* reference system to write in */
    bool is_xml;              /* characters that XML cannot hold are left out of names and texts */
};

struct feature_writer;

/** Makes the file. Undone by feature_writer_close. Errors: ERR_FILE, ERR_PARAMETER (epsg). */
enum err feature_writer_open(struct scope *scope, const struct writer_options *options,
                             struct feature_writer **ret_writer) must_check;

/**
 * Begins the next layer. Attributes that the format has already, by name, are used as they are.
 * has_height: geometries have a third dimension. Errors: ERR_FILE.
 */
enum err feature_writer_layer(struct scope *scope, struct feature_writer *writer, str name,
                              enum layer_kind kind, bool has_height,
                              const struct attribute *attributes, size_t count) must_check;

/* A feature: begin, attributes by their number in the layer, geometry, add. What is not set is null. */
void feature_begin(struct feature_writer *writer);
void feature_text(struct feature_writer *writer, size_t attribute, str text);
void feature_int(struct feature_writer *writer, size_t attribute, int64_t number);
void feature_double(struct feature_writer *writer, size_t attribute, double real);
void feature_day(struct feature_writer *writer, size_t attribute, int32_t days);
/** An instant as it shows offset seconds east of UTC. */
void feature_time(struct feature_writer *writer, size_t attribute, usec instant, int offset);
/** Sets the geometry; as_lines: polygons by their rings. Errors: ERR_DATA (it cannot be projected). */
enum err feature_geometry(struct scope *scope, struct feature_writer *writer, str wkb, bool as_lines)
    must_check;
/** Errors: ERR_FILE (the disk is full …), ERR_DATA (the format cannot hold it). */
enum err feature_add(struct scope *scope, struct feature_writer *writer) must_check;

/** Completes the file. Errors: ERR_FILE. */
enum err feature_writer_finish(struct scope *scope, struct feature_writer *writer) must_check;

/** Frees; an unfinished file stays as it is. Accepts NULL. */
void feature_writer_close(struct feature_writer *writer);

#endif
