/*
 * Writing RDF graphs as RDF/XML (W3C recommendation of 2014) or Turtle 1.1, one node after the
 * other, in constant memory. Nodes nest: a node begun within another is the object of one of its
 * properties, and RDF/XML shows it there. Classes, predicates and datatypes are names of the
 * program such as "dcterms:title", of letters and digits, with a prefix that was declared; all else
 * may come from anywhere:
 *   - literals may hold any text; characters that XML cannot hold become U+FFFD in both syntaxes,
 * so that both are the same graph;
 *   - addresses that are no IRIs are not written (rdf_link says so);
 *   - tags of languages that are none are left out.
 */
#ifndef PLATFORM_RDF_RDF_H
#define PLATFORM_RDF_RDF_H

#include "base/buf.h"

#define RDF_DEPTH_MOST 8

enum rdf_syntax { RDF_XML, RDF_TURTLE };

struct rdf_namespace {
    str prefix;
    str iri;
};

struct rdf_node {
    str iri;        /* borrowed until the node ends; empty: a blank node */
    uint64_t blank; /* number of a blank node */
    str class;
    str predicate; /* of the enclosing node; borrowed likewise */
};

/* One document under way; made by rdf_open. */
struct rdf {
    struct buf *out; /* borrowed; the caller may empty it between calls */
    enum rdf_syntax syntax;
    const struct rdf_namespace *namespaces; /* borrowed; one of them is "rdf" */
    size_t namespace_count;
    struct rdf_node nodes[RDF_DEPTH_MOST];
    size_t depth;
    uint64_t blanks;
    bool is_open; /* Turtle: the subject of the innermost node stands there already */
};

/** Begins a document: declares the namespaces. Ended by rdf_close. */
struct rdf rdf_open(struct buf *out, enum rdf_syntax syntax, const struct rdf_namespace *namespaces,
                    size_t namespace_count);
void rdf_close(struct rdf *rdf);

/**
 * Begins the description of a node, an instance of class. iri: empty, or no IRI, for a blank node.
 * predicate: the property of the enclosing node whose value it is; only the outermost has none.
 */
void rdf_begin(struct rdf *rdf, str predicate, str iri, str class);
void rdf_end(struct rdf *rdf);

/** A property with a plain text; nothing when text is empty. lang: empty for none. */
void rdf_text(struct rdf *rdf, str predicate, str text, str lang);

/** A property with a value of a datatype ("xsd:date"); nothing when text is empty. */
void rdf_typed(struct rdf *rdf, str predicate, str text, str datatype);

/** A property whose value is another resource. False, and nothing is written, when iri is no IRI.
 */
bool rdf_link(struct rdf *rdf, str predicate, str iri);

/** Whether text is an absolute IRI (RFC 3987) that can stand in every syntax. */
bool rdf_iri_is_valid(str text);

#endif
