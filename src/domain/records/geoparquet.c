#include "domain/records/geoparquet.h"

#include "base/json_write.h"

static bool is_shape(const struct output *output)
{
    return output->form == OUTPUT_FIELD && output->field->type == FIELD_GEO_SHAPE;
}

bool geoparquet_is_geometry(const struct output *output)
{
    return output->form == OUTPUT_GEO_POINT || is_shape(output);
}

/* Without "crs" the coordinates are longitude and latitude in WGS 84. */
static void write_column(struct json_writer *json, const struct output *output)
{
    json_object_begin(json);
    json_key_text(json, S("encoding"), S("WKB"));
    json_key(json, S("geometry_types")); /* empty: not known */
    json_array_begin(json);
    if (output->form == OUTPUT_GEO_POINT) {
        json_text(json, S("Point"));
    }
    json_array_end(json);
    json_object_end(json);
}

bool geoparquet_write(const struct plan *plan, const str *names, struct buf *out)
{
    /* Readers that know one geometry take the primary one. */
    size_t primary = format_geometry(plan->outputs, plan->output_count);
    if (primary == NO_OUTPUT) {
        return false;
    }
    struct json_writer json = json_writer_to(out);
    json_object_begin(&json);
    json_key_text(&json, S("version"), S("1.1.0"));
    json_key_text(&json, S("primary_column"), names[primary]);
    json_key(&json, S("columns"));
    json_object_begin(&json);
    for (size_t i = 0; i < plan->output_count; i++) {
        if (geoparquet_is_geometry(&plan->outputs[i])) {
            json_key(&json, names[i]);
            write_column(&json, &plan->outputs[i]);
        }
    }
    json_object_end(&json);
    json_object_end(&json);
    return true;
}
