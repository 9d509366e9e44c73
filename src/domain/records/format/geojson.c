/*
 * Records as a GeoJSON FeatureCollection (RFC 7946; explore-api.md 4.4). The geometry is that of
 * the first selected shape, else of the first selected point; everything else is in the properties
 * as the JSON export shows it. In another reference system than WGS 84 the collection has the
 * member "crs" of the format's first edition (2008), which its readers still know.
 */
#include <math.h>

#include "base/num.h"
#include "domain/records/format/rendered.h"
#include "platform/gdal/projection.h"
#include "platform/geometry/geometry.h"

#define WGS84 4326

struct collection {
    size_t geometry;               /* output, or NO_OUTPUT */
    struct projection *projection; /* NULL: WGS 84 */
    struct buf wkb;
};

static bool is_there(const struct rendered *rendered, size_t row)
{
    if (rendered->latitude) {
        return !rendered_is_null(rendered, row) && isfinite(rendered->column->reals[row]) &&
               isfinite(rendered->latitude->reals[row]);
    }
    return rendered->column->type == CELL_BYTES && !column_is_null(rendered->column, row);
}

static void write_position(struct buf *out, double longitude, double latitude)
{
    buf_add(out, S("{\"coordinates\": ["));
    out->n += num_write_double(buf_reserve(out, NUM_DOUBLE_BYTES), longitude);
    buf_add(out, S(", "));
    out->n += num_write_double(buf_reserve(out, NUM_DOUBLE_BYTES), latitude);
    buf_add(out, S("], \"type\": \"Point\"}"));
}

static void write_shape(struct buf *out, str wkb)
{
    if (!geometry_write_json(wkb, out)) {
        buf_add(out, S("null"));
    }
}

static enum err write_projected(struct writing *writing, const struct rendered *rendered,
                                size_t row)
{
    struct collection *collection = writing->state;
    struct buf *wkb = &collection->wkb;
    buf_clear(wkb);
    if (rendered->latitude) {
        geometry_write_point(rendered->column->reals[row], rendered->latitude->reals[row], wkb);
    } else {
        buf_add(wkb, rendered->column->texts[row]);
    }
    TRY(projection_apply(writing->scope, collection->projection, wkb->p, wkb->n));
    write_shape(writing->out, buf_str(wkb));
    return ERR_OK;
}

static enum err write_geometry(struct writing *writing, size_t row)
{
    const struct collection *collection = writing->state;
    const struct rendered *rendered =
        collection->geometry == NO_OUTPUT ? NULL : &writing->rendered[collection->geometry];
    if (!rendered || !is_there(rendered, row)) {
        buf_add(writing->out, S("null"));
    } else if (collection->projection) {
        return write_projected(writing, rendered, row);
    } else if (rendered->latitude) {
        write_position(writing->out, rendered->column->reals[row], rendered->latitude->reals[row]);
    } else {
        write_shape(writing->out, rendered->column->texts[row]);
    }
    return ERR_OK;
}

static void write_property(struct writing *writing, size_t output, size_t row)
{
    struct buf *out = writing->out;
    struct rendered *rendered = &writing->rendered[output];
    buf_add(out, rendered_name(writing, output));
    if (rendered->column->type != CELL_BYTES) {
        json_write_value(out, rendered, writing->options.zone, row);
    } else if (column_is_null(rendered->column, row)) {
        buf_add(out, S("null"));
    } else {
        buf_add(out, S("{\"type\": \"Feature\", \"geometry\": "));
        write_shape(out, rendered->column->texts[row]);
        buf_add(out, S(", \"properties\": {}}"));
    }
}

static enum err write_feature(struct writing *writing, size_t row)
{
    const struct collection *collection = writing->state;
    struct buf *out = writing->out;
    bool any = false;
    buf_add(out, S("{\"type\": \"Feature\", \"geometry\": "));
    TRY(write_geometry(writing, row));
    buf_add(out, S(", \"properties\": {"));
    for (size_t i = 0; i < writing->output_count; i++) {
        if (i == collection->geometry) {
            continue;
        }
        if (any) {
            buf_add(out, S(", "));
        }
        any = true;
        write_property(writing, i, row);
    }
    buf_add(out, S("}}"));
    return ERR_OK;
}

static enum err geojson_begin(struct writing *writing)
{
    struct collection *collection = arena_new(&writing->scope->arena, struct collection);
    int64_t epsg = writing->options.epsg;
    *collection =
        (struct collection){.geometry = format_geometry(writing->outputs, writing->output_count)};
    writing->state = collection;
    buf_add(writing->out, S("{\"type\": \"FeatureCollection\", "));
    if (epsg != WGS84) {
        TRY(projection_open(writing->scope, epsg, &collection->projection));
        buf_printf(writing->out,
                   "\"crs\": {\"type\": \"name\", \"properties\": {\"name\": "
                   "\"urn:ogc:def:crs:EPSG::%lld\"}}, ",
                   (long long)epsg);
    }
    buf_add(writing->out, S("\"features\": ["));
    return ERR_OK;
}

static enum err geojson_batch(struct writing *writing, const struct batch *batch)
{
    writing_view(writing, batch);
    for (size_t row = 0; row < batch->rows; row++) {
        if (writing->records++) {
            buf_add_char(writing->out, ',');
        }
        TRY(write_feature(writing, row));
    }
    return ERR_OK;
}

static enum err geojson_end(struct writing *writing)
{
    buf_add(writing->out, S("]}"));
    return ERR_OK;
}

static void geojson_close(struct writing *writing)
{
    struct collection *collection = writing->state;
    if (collection) {
        projection_close(collection->projection);
        buf_done(&collection->wkb);
    }
}

const struct format_encoder encoder_geojson = {
    .begin = geojson_begin, .batch = geojson_batch, .end = geojson_end, .close = geojson_close};
