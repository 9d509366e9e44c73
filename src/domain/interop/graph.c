/* The catalogue as RDF: DCAT in two syntaxes, and simple Dublin Core (DCMI, "Expressing Dublin Core
 * in RDF/XML"). */
#include "domain/interop/dcat.h"

static enum err dcat_begin(struct catalogue_writing *writing, enum rdf_syntax syntax)
{
    struct rdf *rdf = arena_new(&writing->scope->arena, struct rdf);
    *rdf = dcat_open(writing->out, syntax, &writing->portal);
    writing->state = rdf;
    return ERR_OK;
}

static enum err xml_begin(struct catalogue_writing *writing)
{
    return dcat_begin(writing, RDF_XML);
}

static enum err turtle_begin(struct catalogue_writing *writing)
{
    return dcat_begin(writing, RDF_TURTLE);
}

static enum err dataset(struct catalogue_writing *writing, const struct entry *entry)
{
    dcat_dataset(writing->state, &writing->scope->arena, &writing->portal, &writing->options,
                 entry);
    return ERR_OK;
}

static enum err end(struct catalogue_writing *writing)
{
    dcat_close(writing->state);
    return ERR_OK;
}

const struct catalogue_encoder catalogue_dcat_xml = {
    .begin = xml_begin, .dataset = dataset, .end = end};
const struct catalogue_encoder catalogue_dcat_turtle = {
    .begin = turtle_begin, .dataset = dataset, .end = end};

/* ---- Dublin Core ---- */

#define TEXT_OF(text)                                                                              \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const struct rdf_namespace core_namespaces[] = {
    {TEXT_OF("rdf"), TEXT_OF("http://www.w3.org/1999/02/22-rdf-syntax-ns#")},
    {TEXT_OF("dc"), TEXT_OF("http://purl.org/dc/elements/1.1/")},
    {TEXT_OF("dctype"), TEXT_OF("http://purl.org/dc/dcmitype/")}};

static enum err core_begin(struct catalogue_writing *writing)
{
    struct rdf *rdf = arena_new(&writing->scope->arena, struct rdf);
    *rdf = rdf_open(writing->out, RDF_XML, core_namespaces, ARRAY_LENGTH(core_namespaces));
    writing->state = rdf;
    return ERR_OK;
}

static void core_items(struct rdf *rdf, const struct entry *entry, str predicate, const char *name,
                       str lang)
{
    str text;
    for (size_t i = 0; (text = entry_item(entry, "default", name, i)).p; i++) {
        rdf_text(rdf, predicate, text, lang);
    }
}

static enum err core_dataset(struct catalogue_writing *writing, const struct entry *entry)
{
    struct rdf *rdf = writing->state;
    str lang = entry->lang;
    str license_url = entry_text(entry, "default", "license_url");
    rdf_begin(rdf, STR_NONE, entry->address, S("dctype:Dataset"));
    rdf_text(rdf, S("dc:identifier"), entry->address, STR_NONE);
    rdf_text(rdf, S("dc:title"), entry_title(entry), lang);
    rdf_text(rdf, S("dc:description"), entry_description(entry), lang);
    core_items(rdf, entry, S("dc:subject"), "theme", lang);
    core_items(rdf, entry, S("dc:subject"), "keyword", lang);
    rdf_text(rdf, S("dc:publisher"), entry_text(entry, "default", "publisher"), STR_NONE);
    rdf_text(rdf, S("dc:creator"), entry_text(entry, "dcat", "creator"), STR_NONE);
    rdf_text(rdf, S("dc:contributor"), entry_text(entry, "dcat", "contributor"), STR_NONE);
    rdf_text(rdf, S("dc:date"), entry_text(entry, "default", "modified"), STR_NONE);
    rdf_text(rdf, S("dc:language"), entry_text(entry, "default", "language"), STR_NONE);
    rdf_text(rdf, S("dc:rights"), entry_text(entry, "default", "license"), STR_NONE);
    if (interop_is_web_address(license_url)) {
        rdf_link(rdf, S("dc:rights"), license_url);
    }
    rdf_text(rdf, S("dc:source"), entry_text(entry, "default", "references"), STR_NONE);
    core_items(rdf, entry, S("dc:coverage"), "territory", lang);
    rdf_text(rdf, S("dc:coverage"), entry_text(entry, "dcat", "spatial"), lang);
    rdf_text(rdf, S("dc:coverage"), entry_text(entry, "dcat", "temporal"), lang);
    rdf_end(rdf);
    return ERR_OK;
}

static enum err core_end(struct catalogue_writing *writing)
{
    rdf_close(writing->state);
    return ERR_OK;
}

const struct catalogue_encoder catalogue_dublin_core = {
    .begin = core_begin, .dataset = core_dataset, .end = core_end};
