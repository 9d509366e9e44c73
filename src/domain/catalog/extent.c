#include "domain/catalog/extent.h"

static const str kinds[EXTENT_KINDS] = {{"", 0},
                                        {"Point", 5},
                                        {"LineString", 10},
                                        {"Polygon", 7},
                                        {"MultiPoint", 10},
                                        {"MultiLineString", 15},
                                        {"MultiPolygon", 12},
                                        {"GeometryCollection", 18}};

str extent_kind_text(unsigned kind)
{
    return kind < EXTENT_KINDS ? kinds[kind] : S("");
}

void extent_write(struct json_writer *json, const struct extent *extent)
{
    str kinds_there[EXTENT_KINDS];
    size_t count = extent_kinds(extent, kinds_there);
    json_object_begin(json);
    json_key(json, S("types"));
    json_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        json_text(json, kinds_there[i]);
    }
    json_array_end(json);
    if (extent->has_box) {
        json_key(json, S("box"));
        json_array_begin(json);
        json_double(json, extent->west);
        json_double(json, extent->south);
        json_double(json, extent->east);
        json_double(json, extent->north);
        json_array_end(json);
    }
    json_object_end(json);
}

void extent_join(struct extent *extent, const json_t *written)
{
    const json_t *types = json_object_get(written, "types");
    const json_t *box = json_object_get(written, "box");
    for (size_t i = 0; i < json_array_size(types); i++) {
        for (unsigned kind = 1; kind < EXTENT_KINDS; kind++) {
            bool is_this = str_eq(json_read_text(json_array_get(types, i)), kinds[kind]);
            extent->kinds |= is_this ? 1u << kind : 0;
        }
    }
    if (json_array_size(box) != 4) {
        return;
    }
    double edges[4];
    for (size_t i = 0; i < 4; i++) {
        edges[i] = json_number_value(json_array_get(box, i));
    }
    bool is_first = !extent->has_box;
    extent->west = is_first || edges[0] < extent->west ? edges[0] : extent->west;
    extent->south = is_first || edges[1] < extent->south ? edges[1] : extent->south;
    extent->east = is_first || edges[2] > extent->east ? edges[2] : extent->east;
    extent->north = is_first || edges[3] > extent->north ? edges[3] : extent->north;
    extent->has_box = true;
}

static void write_corner(struct json_writer *json, double longitude, double latitude)
{
    json_array_begin(json);
    json_double(json, longitude);
    json_double(json, latitude);
    json_array_end(json);
}

void extent_write_feature(struct json_writer *json, const struct extent *extent)
{
    if (!extent->has_box) {
        json_write_null(json);
        return;
    }
    json_object_begin(json);
    json_key_text(json, S("type"), S("Feature"));
    json_key(json, S("geometry"));
    json_object_begin(json);
    json_key(json, S("coordinates"));
    json_array_begin(json);
    json_array_begin(json);
    write_corner(json, extent->west, extent->south);
    write_corner(json, extent->east, extent->south);
    write_corner(json, extent->east, extent->north);
    write_corner(json, extent->west, extent->north);
    write_corner(json, extent->west, extent->south);
    json_array_end(json);
    json_array_end(json);
    json_key_text(json, S("type"), S("Polygon"));
    json_object_end(json);
    json_key(json, S("properties"));
    json_object_begin(json);
    json_object_end(json);
    json_object_end(json);
}

size_t extent_kinds(const struct extent *extent, str ret_kinds[EXTENT_KINDS])
{
    size_t count = 0;
    for (unsigned kind = 1; kind < EXTENT_KINDS; kind++) {
        if (extent->kinds >> kind & 1) {
            ret_kinds[count++] = extent_kind_text(kind);
        }
    }
    return count;
}
