/* Records as placemarks of KML 2.2 (OGC 07-147r2), named by their first text, as they are read. */
#include <stdlib.h>

#include "base/bug.h"
#include "domain/records/format/features.h"

struct placemarks {
    struct features features;
    struct feature_writer *writer;
};

static const char *name_option(struct arena *arena, const struct features *features)
{
    for (size_t i = 0; i < features->count; i++) {
        if (features->attributes[i].type == ATTRIBUTE_TEXT) {
            return str_printf(arena, "NameField=%.*s", STR_ARG(features->attributes[i].name)).p;
        }
    }
    return NULL;
}

static enum err open_document(struct writing *writing, const struct batch *batch)
{
    struct placemarks *placemarks = calloc(1, sizeof(*placemarks));
    if (!placemarks) {
        bug_out_of_memory(sizeof(*placemarks));
    }
    writing->state = placemarks;
    placemarks->features = features_of(writing, batch);
    features_as_text(&placemarks->features, ATTRIBUTE_TIME);
    features_as_text(&placemarks->features, ATTRIBUTE_DAY);
    const char *file_options[] = {name_option(&writing->scope->arena, &placemarks->features), NULL};
    struct writer_options options = {
        .driver = "KML", .out = writing->out, .file_options = file_options, .epsg = 4326, .is_xml = true};
    TRY(feature_writer_open(writing->scope, &options, &placemarks->writer));
    return feature_writer_layer(writing->scope, placemarks->writer, writing->options.dataset_id, LAYER_ANY,
                                false, placemarks->features.attributes, placemarks->features.count);
}

static enum err kml_batch(struct writing *writing, const struct batch *batch)
{
    if (!writing->state) {
        TRY(open_document(writing, batch));
    }
    struct placemarks *placemarks = writing->state;
    struct features *features = &placemarks->features;
    writing_view(writing, batch);
    for (size_t row = 0; row < batch->rows; row++) {
        str wkb = features_wkb(features, batch, row);
        feature_begin(placemarks->writer);
        for (size_t i = 0; i < features->count; i++) {
            features_set(features, placemarks->writer, batch, i, row);
        }
        if (wkb.p) {
            TRY(feature_geometry(writing->scope, placemarks->writer, wkb, false));
        }
        TRY(feature_add(writing->scope, placemarks->writer));
    }
    writing->records += batch->rows;
    return ERR_OK;
}

static enum err kml_end(struct writing *writing)
{
    if (!writing->state) {
        TRY(open_document(writing, NULL));
    }
    return feature_writer_finish(writing->scope, ((struct placemarks *)writing->state)->writer);
}

static void kml_close(struct writing *writing)
{
    struct placemarks *placemarks = writing->state;
    if (placemarks) {
        feature_writer_close(placemarks->writer);
        features_done(&placemarks->features);
        free(placemarks);
    }
}

const struct format_encoder encoder_kml = {.batch = kml_batch, .end = kml_end, .close = kml_close};
