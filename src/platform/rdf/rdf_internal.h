/* RDF/XML, as rdf.c calls it. Private to this directory. */
#ifndef PLATFORM_RDF_RDF_INTERNAL_H
#define PLATFORM_RDF_RDF_INTERNAL_H

#include "platform/rdf/rdf.h"

bool rdf_lang_is_valid(str lang);

/** Writes a name of the program with its namespace in place of its prefix. */
void rdf_write_expanded(struct rdf *rdf, str name);

void rdf_xml_open(struct rdf *rdf);
void rdf_xml_close(struct rdf *rdf);
void rdf_xml_begin(struct rdf *rdf, str predicate, const struct rdf_node *node);
/** Ends the node that was the innermost; depth is that of the enclosing one. */
void rdf_xml_end(struct rdf *rdf);
/** lang and datatype: at most one, the other empty. */
void rdf_xml_literal(struct rdf *rdf, str predicate, str text, str lang, str datatype);
void rdf_xml_link(struct rdf *rdf, str predicate, str iri);

#endif
