"""Reads exports of the catalogue with readers that are not ours: read_catalogue.py ACTION FILE [FILE].

csv FILE: rows as objects. xlsx FILE: likewise. rss FILE: channel and items. rdf XML TURTLE: whether
both are the same graph, and what SPARQL finds in it. core FILE: literals of a graph in RDF/XML.
Writes one JSON value.
"""
import csv
import json
import sys
import xml.etree.ElementTree as tree

csv.field_size_limit(1 << 30)


def read_csv(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";", strict=True))


def read_xlsx(path):
    import openpyxl
    sheet = openpyxl.load_workbook(path).worksheets[0]
    rows = [[None if cell.value is None else str(cell.value) for cell in row] for row in sheet.iter_rows()]
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def read_rss(path):
    root = tree.parse(path).getroot()
    channel = root.find("channel")
    atom = channel.find("{http://www.w3.org/2005/Atom}link")
    items = [{"title": item.findtext("title"), "link": item.findtext("link"), "guid": item.findtext("guid"),
              "description": item.findtext("description"), "pubDate": item.findtext("pubDate"),
              "category": [category.text for category in item.findall("category")]}
             for item in channel.findall("item")]
    return {"version": root.get("version"), "title": channel.findtext("title"), "self": dict(atom.attrib), "items": items}


PREFIXES = """prefix dcat: <http://www.w3.org/ns/dcat#> prefix dcterms: <http://purl.org/dc/terms/>
prefix foaf: <http://xmlns.com/foaf/0.1/> prefix vcard: <http://www.w3.org/2006/vcard/ns#>
prefix skos: <http://www.w3.org/2004/02/skos/core#> prefix locn: <http://www.w3.org/ns/locn#>
"""
QUERIES = {
    "datasets": "select ?d where { ?c a dcat:Catalog ; dcat:dataset ?d . ?d a dcat:Dataset }",
    "distributions": """select ?d ?a ?m where { ?d dcat:distribution ?x . ?x a dcat:Distribution ;
        dcat:accessURL ?a ; dcat:downloadURL ?a ; dcat:mediaType ?m ; dcterms:format ?m }""",
    "titles": "select ?d ?t (lang(?t) as ?l) where { ?d a dcat:Dataset ; dcterms:title ?t }",
    "descriptions": "select ?d ?t where { ?d a dcat:Dataset ; dcterms:description ?t }",
    "keywords": "select ?d ?t (lang(?t) as ?l) where { ?d dcat:keyword ?t }",
    "themes": "select ?d ?t where { ?d dcat:theme ?x . ?x a skos:Concept ; skos:prefLabel ?t }",
    "publishers": "select ?d ?t where { ?d a dcat:Dataset ; dcterms:publisher ?x . ?x a foaf:Agent ; foaf:name ?t }",
    "contacts": "select ?d ?n ?m where { ?d dcat:contactPoint ?x . ?x vcard:fn ?n . optional { ?x vcard:hasEmail ?m } }",
    "licenses": "select ?d ?l where { ?d a dcat:Dataset ; dcterms:license ?l . filter isIRI(?l) }",
    "frequencies": "select ?d ?f where { ?d dcterms:accrualPeriodicity ?f }",
    "modified": "select ?d ?m (datatype(?m) as ?t) where { ?d a dcat:Dataset ; dcterms:modified ?m }",
    "periods": "select ?d ?s ?e where { ?d dcterms:temporal ?p . ?p dcat:startDate ?s . optional { ?p dcat:endDate ?e } }",
    "boxes": "select ?d ?w ?g where { ?d dcterms:spatial ?p . ?p dcat:bbox ?w ; locn:geometry ?g }",
    "access": "select ?d ?a where { ?d a dcat:Dataset ; dcterms:accessRights ?a }",
}


def read_rdf(xml, turtle):
    import rdflib
    from rdflib.compare import isomorphic
    one = rdflib.Graph().parse(xml, format="xml")
    two = rdflib.Graph().parse(turtle, format="turtle")
    answers = {name: [[None if value is None else str(value) for value in row] for row in two.query(PREFIXES + query)]
               for name, query in QUERIES.items()}
    return {"triples": [len(one), len(two)], "same": isomorphic(one, two), **answers}


def read_core(path):
    import rdflib
    return [[str(s), str(p), str(o)] for s, p, o in rdflib.Graph().parse(path, format="xml")]


ACTIONS = {"csv": read_csv, "xlsx": read_xlsx, "rss": read_rss, "rdf": read_rdf, "core": read_core}
print(json.dumps(ACTIONS[sys.argv[1]](*sys.argv[2:])))
