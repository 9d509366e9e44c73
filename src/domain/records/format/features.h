/* Records as features of GDAL: which output is the geometry, which are attributes, and how their values go over.
 * Private to the formats. */
#ifndef DOMAIN_RECORDS_FORMAT_FEATURES_H
#define DOMAIN_RECORDS_FORMAT_FEATURES_H

#include "domain/records/format/rendered.h"
#include "platform/gdal/write.h"

struct features {
    struct writing *writing;
    size_t geometry; /* output */
    struct attribute *attributes;
    size_t *outputs; /* of the attributes */
    size_t count;
    struct buf wkb, text;
};

/** Maps outputs to attributes; batch is the first one, or NULL when there is none. Undone by features_done. */
struct features features_of(struct writing *writing, const struct batch *batch);
void features_done(struct features *features);

/** Makes texts of attributes of a type that the format does not have. */
void features_as_text(struct features *features, enum attribute_type type);

/** WKB of a record's geometry, valid until the next call; p == NULL: it has none. A batch must be in view. */
str features_wkb(struct features *features, const struct batch *batch, size_t row);

/** Sets an attribute of the feature begun in the writer; nothing for null. */
void features_set(struct features *features, struct feature_writer *writer, const struct batch *batch,
                  size_t attribute, size_t row);

/** Text of a value as the CSV export shows it; p == NULL for null. Valid until the next call. */
str features_text(struct features *features, const struct batch *batch, size_t output, size_t row);

#endif
