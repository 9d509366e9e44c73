/*
 * Records as a GeoJSON FeatureCollection (RFC 7946; explore-api.md 4.4). The geometry is that of the
 * first selected shape, else of the first selected point; everything else is in the properties as the
 * JSON export shows it.
 */
#include <math.h>

#include "base/num.h"
#include "domain/records/format/rendered.h"

static void write_point(struct buf *out, const struct rendered *rendered, size_t row)
{
    double longitude = rendered->column->reals[row];
    double latitude = rendered->latitude->reals[row];
    if (!isfinite(longitude) || !isfinite(latitude)) {
        buf_add(out, S("null"));
        return;
    }
    buf_add(out, S("{\"type\": \"Point\", \"coordinates\": ["));
    out->n += num_write_double(buf_reserve(out, NUM_DOUBLE_BYTES), longitude);
    buf_add(out, S(", "));
    out->n += num_write_double(buf_reserve(out, NUM_DOUBLE_BYTES), latitude);
    buf_add(out, S("]}"));
}

static void write_geometry(struct buf *out, const struct rendered *rendered, size_t row)
{
    if (rendered_is_null(rendered, row)) {
        buf_add(out, S("null"));
    } else if (rendered->shape == SHAPE_POINT) {
        write_point(out, rendered, row);
    } else {
        json_write_embedded(out, rendered->column->texts[row]);
    }
}

static void write_feature(struct writing *writing, size_t geometry, size_t row)
{
    struct buf *out = writing->out;
    bool any = false;
    buf_add(out, S("{\"type\": \"Feature\", \"geometry\": "));
    if (geometry == NO_OUTPUT) {
        buf_add(out, S("null"));
    } else {
        write_geometry(out, &writing->rendered[geometry], row);
    }
    buf_add(out, S(", \"properties\": {"));
    for (size_t i = 0; i < writing->output_count; i++) {
        if (i == geometry) {
            continue;
        }
        if (any) {
            buf_add(out, S(", "));
        }
        any = true;
        buf_add(out, rendered_name(writing, i));
        json_write_value(out, &writing->rendered[i], writing->options.zone, row);
    }
    buf_add(out, S("}}"));
}

static enum err geojson_begin(struct writing *writing)
{
    buf_add(writing->out, S("{\"type\": \"FeatureCollection\", \"features\": ["));
    return ERR_OK;
}

static enum err geojson_batch(struct writing *writing, const struct batch *batch)
{
    size_t geometry = format_geometry(writing->outputs, writing->output_count);
    writing_view(writing, batch);
    for (size_t row = 0; row < batch->rows; row++) {
        if (writing->records++) {
            buf_add_char(writing->out, ',');
        }
        write_feature(writing, geometry, row);
    }
    return ERR_OK;
}

static enum err geojson_end(struct writing *writing)
{
    buf_add(writing->out, S("]}"));
    return ERR_OK;
}

const struct format_encoder encoder_geojson = {
    .begin = geojson_begin, .batch = geojson_batch, .end = geojson_end};
