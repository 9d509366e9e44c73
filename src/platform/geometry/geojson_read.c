/*
 * GeoJSON to WKB without a tree: an object is scanned for where its members stand, then the
 * coordinates are read straight into the output. Collections are the only recursion.
 */
#include "base/limits.h"
#include "base/num.h"
#include "platform/geometry/wkb.h"

struct reader {
    const char *at, *end;
    struct buf *out;
    size_t points;
    bool has_z;    /* positions are written with three numbers */
    bool wants_z;  /* a position with a third number was met while has_z is false */
    const char *fault;
};

static bool refuse(struct reader *reader, const char *fault)
{
    reader->fault = reader->fault ? reader->fault : fault;
    return false;
}

static inline void skip_space(struct reader *reader)
{
    while (reader->at < reader->end && is_ascii_space(*reader->at)) {
        reader->at++;
    }
}

static inline bool skip_char(struct reader *reader, char c)
{
    skip_space(reader);
    if (reader->at < reader->end && *reader->at == c) {
        reader->at++;
        return true;
    }
    return false;
}

static const char malformed[] = "no well-formed JSON";

/* ---- values that are not of interest ---- */

static bool read_string(struct reader *reader, str *ret_raw)
{
    const char *start = reader->at;
    while (reader->at < reader->end && *reader->at != '"') {
        reader->at += *reader->at == '\\' ? 2 : 1;
    }
    if (reader->at >= reader->end) {
        return refuse(reader, malformed);
    }
    *ret_raw = (str){start, (size_t)(reader->at - start)};
    reader->at++;
    return true;
}

static bool is_word_char(char c)
{
    return is_ascii_letter(c) || is_ascii_digit(c) || c == '-' || c == '+' || c == '.';
}

static str read_word(struct reader *reader)
{
    const char *start = reader->at;
    while (reader->at < reader->end && is_word_char(*reader->at)) {
        reader->at++;
    }
    return (str){start, (size_t)(reader->at - start)};
}

static bool skip_scalar(struct reader *reader)
{
    str text;
    double number;
    if (skip_char(reader, '"')) {
        return read_string(reader, &text);
    }
    text = read_word(reader);
    return str_eq(text, S("null")) || str_eq(text, S("true")) || str_eq(text, S("false")) ||
                   num_read_double(text, &number)
               ? true
               : refuse(reader, malformed);
}

static bool skip_key(struct reader *reader)
{
    str key;
    return skip_char(reader, '"') && read_string(reader, &key) && skip_char(reader, ':')
               ? true
               : refuse(reader, malformed);
}

/* Skips one value of any kind; a bit a level tells whether it is an object. */
static bool skip_value(struct reader *reader)
{
    uint64_t objects = 0;
    int depth = 0;
    do {
        bool opens_object = skip_char(reader, '{');
        if (opens_object || skip_char(reader, '[')) {
            if (++depth >= LIMIT_JSON_DEPTH) {
                return refuse(reader, "JSON that lies too deep");
            }
            objects = objects << 1 | opens_object;
            if (skip_char(reader, opens_object ? '}' : ']')) {
                objects >>= 1;
                depth--;
            } else if (opens_object && !skip_key(reader)) {
                return false;
            } else {
                continue; /* with the first value in it */
            }
        } else if (!skip_scalar(reader)) {
            return false;
        }
        while (depth && skip_char(reader, objects & 1 ? '}' : ']')) {
            objects >>= 1;
            depth--;
        }
        if (depth && (!skip_char(reader, ',') || (objects & 1 && !skip_key(reader)))) {
            return refuse(reader, malformed);
        }
    } while (depth);
    return true;
}

/* ---- coordinates ---- */

static bool read_number(struct reader *reader, double *ret_number)
{
    skip_space(reader);
    str word = read_word(reader);
    return num_read_double(word, ret_number)
               ? true
               : refuse(reader, "a coordinate that is not a finite number");
}

/* Numbers behind the third are ignored (RFC 7946 3.1.1). Empty, where allowed, is an empty point. */
static bool read_position(struct reader *reader, bool may_be_empty)
{
    double numbers[3] = {NAN, NAN, NAN};
    double more;
    size_t count = 0;
    if (!skip_char(reader, '[')) {
        return refuse(reader, "coordinates that do not lie as deep as the type asks for");
    }
    if (!(may_be_empty && skip_char(reader, ']'))) {
        do {
            if (!read_number(reader, count < 3 ? &numbers[count] : &more)) {
                return false;
            }
            count++;
        } while (skip_char(reader, ','));
        if (count < 2 || !skip_char(reader, ']')) {
            return refuse(reader, "a position that is not two or three numbers");
        }
    }
    if (++reader->points > GEOMETRY_POINTS_MOST) {
        return refuse(reader, "a geometry of too many points");
    }
    reader->wants_z |= count > 2;
    size_t bytes = wkb_stride(reader->has_z);
    memcpy(buf_reserve(reader->out, bytes), numbers, bytes);
    reader->out->n += bytes;
    return true;
}

static bool read_run(struct reader *reader, enum geometry_kind kind)
{
    size_t place = reader->out->n;
    uint32_t count = 0;
    wkb_put_u32(reader->out, 0);
    if (!skip_char(reader, '[')) {
        return refuse(reader, "coordinates that do not lie as deep as the type asks for");
    }
    if (!skip_char(reader, ']')) {
        do {
            if (!read_position(reader, false)) {
                return false;
            }
            count++;
        } while (skip_char(reader, ','));
        if (!skip_char(reader, ']')) {
            return refuse(reader, malformed);
        }
    }
    wkb_set_u32(reader->out, place, count);
    const char *fault = wkb_run_fault(kind, reader->out->p + place + 4, count,
                                      wkb_stride(reader->has_z));
    return fault ? refuse(reader, fault) : true;
}

static bool read_coordinates(struct reader *reader, enum geometry_kind kind);

/* A list of rings, or of the parts of a multi-geometry. */
static bool read_list(struct reader *reader, enum geometry_kind kind)
{
    size_t place = reader->out->n;
    uint32_t count = 0;
    wkb_put_u32(reader->out, 0);
    if (!skip_char(reader, '[')) {
        return refuse(reader, "coordinates that do not lie as deep as the type asks for");
    }
    if (!skip_char(reader, ']')) {
        do {
            if (kind == GEOMETRY_POLYGON ? !read_run(reader, kind)
                                         : !read_coordinates(reader, kind - 3)) {
                return false;
            }
            count++;
        } while (skip_char(reader, ','));
        if (!skip_char(reader, ']')) {
            return refuse(reader, malformed);
        }
    }
    wkb_set_u32(reader->out, place, count);
    return true;
}

/* Header and coordinates; at most two deep, for the parts of a multi-geometry are simple ones. */
static bool read_coordinates(struct reader *reader, enum geometry_kind kind)
{
    wkb_put_head(reader->out, kind, reader->has_z);
    switch (kind) {
    case GEOMETRY_POINT:
        return read_position(reader, true);
    case GEOMETRY_LINE:
        return read_run(reader, kind);
    default:
        return read_list(reader, kind);
    }
}

/* Positions with and without a third number may lie in one geometry: then it is written again with it. */
static bool read_simple(struct reader *reader, enum geometry_kind kind)
{
    const char *start = reader->at;
    size_t length = reader->out->n;
    size_t points = reader->points;
    reader->has_z = false;
    reader->wants_z = false;
    if (!read_coordinates(reader, kind)) {
        return false;
    }
    if (reader->wants_z) {
        reader->at = start;
        reader->out->n = length;
        reader->points = points;
        reader->has_z = true;
        return read_coordinates(reader, kind);
    }
    return true;
}

/* ---- objects ---- */

/* Where the values of an object's members begin; NULL: absent. */
struct members {
    str type;
    const char *coordinates, *geometries, *geometry;
};

static bool scan_member(struct reader *reader, struct members *members)
{
    str key;
    if (!skip_char(reader, '"') || !read_string(reader, &key) || !skip_char(reader, ':')) {
        return refuse(reader, malformed);
    }
    skip_space(reader);
    const char *value = reader->at;
    if (!skip_value(reader)) {
        return false;
    }
    if (str_eq(key, S("type"))) {
        members->type = (str){value, (size_t)(reader->at - value)};
    } else if (str_eq(key, S("coordinates"))) {
        members->coordinates = value;
    } else if (str_eq(key, S("geometries"))) {
        members->geometries = value;
    } else if (str_eq(key, S("geometry"))) {
        members->geometry = value;
    }
    return true;
}

static bool scan_object(struct reader *reader, struct members *ret_members)
{
    struct members members = {0};
    if (!skip_char(reader, '{')) {
        return refuse(reader, "no JSON object");
    }
    if (!skip_char(reader, '}')) {
        do {
            if (!scan_member(reader, &members)) {
                return false;
            }
        } while (skip_char(reader, ','));
        if (!skip_char(reader, '}')) {
            return refuse(reader, malformed);
        }
    }
    *ret_members = members;
    return true;
}

static bool find_kind(str quoted, enum geometry_kind *ret_kind)
{
    static const char *const names[] = {
        [GEOMETRY_POINT] = "\"Point\"",
        [GEOMETRY_LINE] = "\"LineString\"",
        [GEOMETRY_POLYGON] = "\"Polygon\"",
        [GEOMETRY_MULTI_POINT] = "\"MultiPoint\"",
        [GEOMETRY_MULTI_LINE] = "\"MultiLineString\"",
        [GEOMETRY_MULTI_POLYGON] = "\"MultiPolygon\"",
        [GEOMETRY_COLLECTION] = "\"GeometryCollection\"",
    };
    for (size_t i = GEOMETRY_POINT; i < ARRAY_LENGTH(names); i++) {
        if (str_eq(quoted, str_from(names[i]))) {
            *ret_kind = (enum geometry_kind)i;
            return true;
        }
    }
    return false;
}

static bool read_geometry(struct reader *reader, int depth);

static bool read_parts(struct reader *reader, int depth)
{
    size_t place = reader->out->n;
    uint32_t count = 0;
    wkb_put_u32(reader->out, 0);
    if (!skip_char(reader, '[')) {
        return refuse(reader, "geometries that are no list");
    }
    if (!skip_char(reader, ']')) {
        do {
            if (!read_geometry(reader, depth + 1)) {
                return false;
            }
            count++;
        } while (skip_char(reader, ','));
        if (!skip_char(reader, ']')) {
            return refuse(reader, malformed);
        }
    }
    wkb_set_u32(reader->out, place, count);
    return true;
}

/* Members were scanned up to the end of the object; their values are read by going back. */
static bool read_geometry(struct reader *reader, int depth)
{
    struct members members;
    enum geometry_kind kind;
    if (depth > GEOMETRY_DEPTH_MOST) {
        return refuse(reader, "collections that lie too deep in each other");
    }
    if (!scan_object(reader, &members)) {
        return false;
    }
    const char *behind = reader->at;
    bool good;
    if (depth == 0 && str_eq(members.type, S("\"Feature\"")) && members.geometry) {
        reader->at = members.geometry;
        good = read_geometry(reader, 1);
    } else if (!find_kind(members.type, &kind)) {
        return refuse(reader, "no GeoJSON geometry: its type is not one of Point, LineString, Polygon, "
                              "MultiPoint, MultiLineString, MultiPolygon, GeometryCollection");
    } else if (kind == GEOMETRY_COLLECTION) {
        wkb_put_head(reader->out, kind, false);
        reader->at = members.geometries;
        good = reader->at ? read_parts(reader, depth) : refuse(reader, "no geometries");
    } else {
        reader->at = members.coordinates;
        good = reader->at ? read_simple(reader, kind) : refuse(reader, "no coordinates");
    }
    reader->at = behind;
    return good;
}

const char *geojson_fault(str json, struct buf *wkb)
{
    struct reader reader = {.at = json.p, .end = json.p + json.n, .out = wkb};
    if (!read_geometry(&reader, 0)) {
        return reader.fault;
    }
    skip_space(&reader);
    return reader.at == reader.end ? NULL : "JSON with more behind the geometry";
}
