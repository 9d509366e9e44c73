/* RDF/XML in its striped form: elements of nodes and of properties by turns. */
#include "platform/rdf/rdf_internal.h"

#include "base/xml_write.h"

static void indent(struct rdf *rdf, size_t levels)
{
    for (size_t i = 0; i < levels; i++) {
        buf_add(rdf->out, S("  "));
    }
}

void rdf_xml_open(struct rdf *rdf)
{
    buf_add(rdf->out, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rdf:RDF"));
    for (size_t i = 0; i < rdf->namespace_count; i++) {
        const struct rdf_namespace *space = &rdf->namespaces[i];
        buf_printf(rdf->out, "\n    xmlns:%.*s=\"%.*s\"", STR_ARG(space->prefix),
                   STR_ARG(space->iri));
    }
    buf_add(rdf->out, S(">\n"));
}

void rdf_xml_close(struct rdf *rdf)
{
    buf_add(rdf->out, S("</rdf:RDF>\n"));
}

void rdf_xml_begin(struct rdf *rdf, str predicate, const struct rdf_node *node)
{
    if (rdf->depth) {
        indent(rdf, 2 * rdf->depth);
        buf_printf(rdf->out, "<%.*s>\n", STR_ARG(predicate));
    }
    rdf->nodes[rdf->depth] = *node;
    rdf->nodes[rdf->depth].predicate = predicate;
    rdf->depth++;
    indent(rdf, 2 * rdf->depth - 1);
    buf_printf(rdf->out, "<%.*s", STR_ARG(node->class));
    if (node->iri.n) {
        buf_add(rdf->out, S(" rdf:about=\""));
        xml_escape(rdf->out, node->iri);
        buf_add_char(rdf->out, '"');
    }
    buf_add(rdf->out, S(">\n"));
}

void rdf_xml_end(struct rdf *rdf)
{
    const struct rdf_node *node = &rdf->nodes[rdf->depth];
    indent(rdf, 2 * rdf->depth + 1);
    buf_printf(rdf->out, "</%.*s>\n", STR_ARG(node->class));
    if (rdf->depth) {
        indent(rdf, 2 * rdf->depth);
        buf_printf(rdf->out, "</%.*s>\n", STR_ARG(node->predicate));
    }
}

void rdf_xml_literal(struct rdf *rdf, str predicate, str text, str lang, str datatype)
{
    indent(rdf, 2 * rdf->depth);
    buf_printf(rdf->out, "<%.*s", STR_ARG(predicate));
    if (lang.n) {
        buf_printf(rdf->out, " xml:lang=\"%.*s\"", STR_ARG(lang));
    }
    if (datatype.n) {
        buf_add(rdf->out, S(" rdf:datatype=\""));
        rdf_write_expanded(rdf, datatype);
        buf_add_char(rdf->out, '"');
    }
    buf_add_char(rdf->out, '>');
    xml_escape(rdf->out, text);
    buf_printf(rdf->out, "</%.*s>\n", STR_ARG(predicate));
}

void rdf_xml_link(struct rdf *rdf, str predicate, str iri)
{
    indent(rdf, 2 * rdf->depth);
    buf_printf(rdf->out, "<%.*s rdf:resource=\"", STR_ARG(predicate));
    xml_escape(rdf->out, iri);
    buf_add(rdf->out, S("\"/>\n"));
}
