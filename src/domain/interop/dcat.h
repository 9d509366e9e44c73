/* The one builder of DCAT's triples. Private to this directory. */
#ifndef DOMAIN_INTEROP_DCAT_H
#define DOMAIN_INTEROP_DCAT_H

#include "domain/interop/interop.h"
#include "platform/rdf/rdf.h"

/** Begins a document and in it the description of the catalogue, which stays open. */
struct rdf dcat_open(struct buf *out, enum rdf_syntax syntax, const struct interop_portal *portal);
void dcat_close(struct rdf *rdf);

/** Describes a dataset with its agents and distributions inside the catalogue. */
void dcat_dataset(struct rdf *rdf, struct arena *arena, const struct interop_portal *portal,
                  const struct catalogue_options *options, const struct entry *entry);

#endif
