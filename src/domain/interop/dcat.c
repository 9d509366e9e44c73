/*
 * DCAT 2 as DCAT-AP 2.1 profiles it, in the structure of explore-api.md 2.10. Values that are to be
 * resources and are no IRIs are given as nodes with a label, or left out where the profile wants an
 * IRI.
 */
#include "domain/interop/dcat.h"

#include "base/url.h"
#include "domain/interop/place.h"

#define NAMESPACE(prefix, iri)                                                                     \
    {                                                                                              \
        {prefix, sizeof(prefix) - 1},                                                              \
        {                                                                                          \
            iri, sizeof(iri) - 1                                                                   \
        }                                                                                          \
    }

static const struct rdf_namespace namespaces[] = {
    NAMESPACE("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    NAMESPACE("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    NAMESPACE("xsd", "http://www.w3.org/2001/XMLSchema#"),
    NAMESPACE("dcat", "http://www.w3.org/ns/dcat#"),
    NAMESPACE("dcterms", "http://purl.org/dc/terms/"),
    NAMESPACE("foaf", "http://xmlns.com/foaf/0.1/"),
    NAMESPACE("skos", "http://www.w3.org/2004/02/skos/core#"),
    NAMESPACE("vcard", "http://www.w3.org/2006/vcard/ns#"),
    NAMESPACE("locn", "http://www.w3.org/ns/locn#"),
    NAMESPACE("geosparql", "http://www.opengis.net/ont/geosparql#"),
};

#define EU "http://publications.europa.eu/resource/authority/"

/* What a dataset is described with. */
struct description {
    struct rdf *rdf;
    struct arena *arena;
    const struct interop_portal *portal;
    const struct catalogue_options *options;
    const struct entry *entry;
    str lang;    /* of the metadata's texts */
    str license; /* address of the licence, or empty */
};

static void link_language(struct rdf *rdf, struct arena *arena, str code)
{
    struct buf encoded cleanup_with(buf_cleanup) = {0};
    if (code.n) {
        url_encode(&encoded, code);
        rdf_link(rdf, S("dcterms:language"),
                 str_printf(arena, "http://id.loc.gov/vocabulary/iso639-1/%.*s",
                            STR_ARG(buf_str(&encoded))));
    }
}

struct rdf dcat_open(struct buf *out, enum rdf_syntax syntax, const struct interop_portal *portal)
{
    struct arena arena;
    struct rdf rdf = rdf_open(out, syntax, namespaces, ARRAY_LENGTH(namespaces));
    arena_init(&arena, 0);
    rdf_begin(&rdf, STR_NONE, portal->catalogue, S("dcat:Catalog"));
    rdf_text(&rdf, S("dcterms:title"), portal->name, portal->lang);
    rdf_text(&rdf, S("dcterms:description"), portal->name, portal->lang);
    link_language(&rdf, &arena, portal->lang);
    rdf_link(&rdf, S("foaf:homepage"), portal->catalogue);
    rdf_begin(&rdf, S("dcterms:publisher"), STR_NONE, S("foaf:Agent"));
    rdf_text(&rdf, S("foaf:name"), portal->name, STR_NONE);
    rdf_end(&rdf);
    arena_done(&arena);
    return rdf;
}

void dcat_close(struct rdf *rdf)
{
    rdf_end(rdf);
    rdf_close(rdf);
}

static str refined(const struct description *d, const char *facet, str value)
{
    struct buf encoded cleanup_with(buf_cleanup) = {0};
    url_encode(&encoded, value);
    return str_printf(d->arena, "%.*s?refine.%s=%.*s", STR_ARG(d->portal->catalogue), facet,
                      STR_ARG(buf_str(&encoded)));
}

/* A value that should be a resource: its IRI, or a node of a class that is called so. */
static void resource(const struct description *d, str predicate, str value, str class, str label)
{
    if (value.n == 0 || rdf_link(d->rdf, predicate, value)) {
        return;
    }
    rdf_begin(d->rdf, predicate, STR_NONE, class);
    rdf_text(d->rdf, label, value, d->lang);
    rdf_end(d->rdf);
}

static void agent(const struct description *d, str predicate, str iri, str name)
{
    if (name.n) {
        rdf_begin(d->rdf, predicate, iri, S("foaf:Agent"));
        rdf_text(d->rdf, S("foaf:name"), name, STR_NONE);
        if (iri.n) {
            rdf_link(d->rdf, S("dcterms:type"), entry_text(d->entry, "dcat", "publisher_type"));
        }
        rdf_end(d->rdf);
    }
}

static void agents(const struct description *d)
{
    str publisher = entry_text(d->entry, "default", "publisher");
    agent(d, S("dcterms:publisher"), refined(d, "publisher", publisher), publisher);
    agent(d, S("dcterms:creator"), STR_NONE, entry_text(d->entry, "dcat", "creator"));
    agent(d, S("dcterms:contributor"), STR_NONE, entry_text(d->entry, "dcat", "contributor"));
}

static void contact(const struct description *d)
{
    str name = entry_text(d->entry, "dcat", "contact_name");
    str mail = entry_text(d->entry, "dcat", "contact_email");
    if (name.n == 0 && mail.n == 0) {
        return;
    }
    rdf_begin(d->rdf, S("dcat:contactPoint"), STR_NONE, S("vcard:Kind"));
    rdf_text(d->rdf, S("vcard:fn"), name.n ? name : mail, STR_NONE);
    if (mail.n) {
        rdf_link(d->rdf, S("vcard:hasEmail"), interop_mail_address(d->arena, mail));
    }
    rdf_end(d->rdf);
}

static void subjects(const struct description *d)
{
    str text;
    for (size_t i = 0; (text = entry_item(d->entry, "default", "keyword", i)).p; i++) {
        rdf_text(d->rdf, S("dcat:keyword"), text, d->lang);
    }
    for (size_t i = 0; (text = entry_item(d->entry, "default", "theme", i)).p; i++) {
        rdf_begin(d->rdf, S("dcat:theme"), refined(d, "theme", text), S("skos:Concept"));
        rdf_text(d->rdf, S("skos:prefLabel"), text, d->lang);
        rdf_end(d->rdf);
    }
}

static void places(const struct description *d)
{
    const json_t *bbox = entry_value(d->entry, "default", "bbox");
    str wkt = place_wkt(d->arena, bbox);
    if (wkt.n) {
        rdf_begin(d->rdf, S("dcterms:spatial"), STR_NONE, S("dcterms:Location"));
        rdf_typed(d->rdf, S("dcat:bbox"), wkt, S("geosparql:wktLiteral"));
        rdf_typed(d->rdf, S("locn:geometry"), place_geojson(d->arena, bbox),
                  S("geosparql:geoJSONLiteral"));
        rdf_end(d->rdf);
    }
    str text;
    for (size_t i = 0; (text = entry_item(d->entry, "default", "territory", i)).p; i++) {
        resource(d, S("dcterms:spatial"), text, S("dcterms:Location"), S("skos:prefLabel"));
    }
    resource(d, S("dcterms:spatial"), entry_text(d->entry, "dcat", "spatial"),
             S("dcterms:Location"), S("skos:prefLabel"));
}

static void times(const struct description *d)
{
    str words = entry_text(d->entry, "dcat", "temporal");
    str start = interop_day(entry_text(d->entry, "dcat", "temporal_coverage_start"));
    str end = interop_day(entry_text(d->entry, "dcat", "temporal_coverage_end"));
    if (words.n == 0 && start.n == 0 && end.n == 0) {
        return;
    }
    rdf_begin(d->rdf, S("dcterms:temporal"), STR_NONE, S("dcterms:PeriodOfTime"));
    rdf_text(d->rdf, S("rdfs:label"), words, d->lang);
    rdf_typed(d->rdf, S("dcat:startDate"), start, S("xsd:date"));
    rdf_typed(d->rdf, S("dcat:endDate"), end, S("xsd:date"));
    rdf_end(d->rdf);
}

static void instant(const struct description *d, str predicate, str text)
{
    rdf_typed(d->rdf, predicate, interop_instant(d->arena, text), S("xsd:dateTime"));
}

static void dates(const struct description *d)
{
    instant(d, S("dcterms:created"), entry_text(d->entry, "dcat", "created"));
    instant(d, S("dcterms:issued"), entry_text(d->entry, "dcat", "issued"));
    instant(d, S("dcterms:modified"), entry_text(d->entry, "default", "modified"));
}

static void rights(const struct description *d)
{
    if (d->license.n) {
        rdf_link(d->rdf, S("dcterms:license"), d->license);
    } else {
        resource(d, S("dcterms:license"), entry_text(d->entry, "default", "license"),
                 S("dcterms:LicenseDocument"), S("dcterms:title"));
    }
}

static void access_rights(const struct description *d)
{
    str said = entry_text(d->entry, "dcat", "accessRights");
    if (said.n) {
        resource(d, S("dcterms:accessRights"), said, S("dcterms:RightsStatement"), S("rdfs:label"));
    } else {
        rdf_link(d->rdf, S("dcterms:accessRights"),
                 d->entry->dataset->is_restricted ? S(EU "access-right/RESTRICTED")
                                                  : S(EU "access-right/PUBLIC"));
    }
}

static void relations(const struct description *d)
{
    str text;
    for (size_t i = 0; (text = entry_item(d->entry, "dcat", "conforms_to", i)).p; i++) {
        resource(d, S("dcterms:conformsTo"), text, S("dcterms:Standard"), S("rdfs:label"));
    }
    for (size_t i = 0; (text = entry_item(d->entry, "dcat", "relation", i)).p; i++) {
        rdf_link(d->rdf, S("dcterms:relation"), text);
    }
    str references = entry_text(d->entry, "default", "references");
    if (interop_is_web_address(references)) {
        rdf_link(d->rdf, S("dcterms:source"), references);
    }
    const struct frequency *frequency = entry_frequency(d->entry);
    if (frequency) {
        rdf_link(d->rdf, S("dcterms:accrualPeriodicity"),
                 str_printf(d->arena, EU "frequency/%.*s", STR_ARG(frequency->code)));
    }
}

static void distribution(const struct description *d, const struct format *format)
{
    str address =
        entry_export_address(d->arena, d->portal, d->entry, format, d->options->labels_in_exports);
    str type = str_printf(d->arena, "https://www.iana.org/assignments/media-types/%.*s",
                          STR_ARG(interop_media_type(format)));
    rdf_begin(
        d->rdf, S("dcat:distribution"),
        str_printf(d->arena, "%.*s#export-%.*s", STR_ARG(d->entry->address), STR_ARG(format->name)),
        S("dcat:Distribution"));
    rdf_text(d->rdf, S("dcterms:title"),
             str_printf(d->arena, "%.*s.%.*s", STR_ARG(d->entry->dataset->id),
                        STR_ARG(format->extension)),
             STR_NONE);
    rdf_link(d->rdf, S("dcat:accessURL"), address);
    rdf_link(d->rdf, S("dcat:downloadURL"), address);
    rdf_link(d->rdf, S("dcterms:format"), type);
    rdf_link(d->rdf, S("dcat:mediaType"), type);
    link_language(d->rdf, d->arena, entry_text(d->entry, "default", "language"));
    instant(d, S("dcterms:issued"), entry_text(d->entry, "dcat", "issued"));
    instant(d, S("dcterms:modified"), entry_text(d->entry, "default", "modified"));
    rights(d);
    rdf_end(d->rdf);
}

static void facts(const struct description *d)
{
    struct rdf *rdf = d->rdf;
    rdf_typed(rdf, S("dcterms:identifier"), d->entry->address, S("xsd:anyURI"));
    rdf_text(rdf, S("dcterms:title"), entry_title(d->entry), d->lang);
    rdf_text(rdf, S("dcterms:description"), entry_description(d->entry), d->lang);
    link_language(rdf, d->arena, entry_text(d->entry, "default", "language"));
    rdf_link(rdf, S("dcat:landingPage"), d->entry->address);
    dates(d);
    relations(d);
    access_rights(d);
    str quality = entry_text(d->entry, "dcat", "dataquality");
    if (quality.n) {
        resource(d, S("dcterms:provenance"), quality, S("dcterms:ProvenanceStatement"),
                 S("rdfs:label"));
    }
}

void dcat_dataset(struct rdf *rdf, struct arena *arena, const struct interop_portal *portal,
                  const struct catalogue_options *options, const struct entry *entry)
{
    struct description d = {.rdf = rdf,
                            .arena = arena,
                            .portal = portal,
                            .options = options,
                            .entry = entry,
                            .lang = entry->lang};
    str license = entry_text(entry, "default", "license_url");
    d.license = interop_is_web_address(license) ? license : STR_NONE;
    rdf_begin(rdf, S("dcat:dataset"), entry->address, S("dcat:Dataset"));
    facts(&d);
    rights(&d);
    subjects(&d);
    agents(&d);
    contact(&d);
    places(&d);
    times(&d);
    for (size_t i = 0; i < options->export_count; i++) {
        if (entry_has_export(entry, options->exports[i])) {
            distribution(&d, options->exports[i]);
        }
    }
    rdf_end(rdf);
}
