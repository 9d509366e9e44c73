"""Reads an exported file with Python's own readers or openpyxl: read_export.py FORMAT FILE [DELIMITER].

Writes one JSON line per record. Numbers are written as {"number": text}, so that nothing rounds them
on the way; cells of workbooks as [type, text].
"""
import csv
import json
import sys


def number(text):
    return {"number": text}


def load(text):
    def refuse(constant):
        raise ValueError(constant + " is no JSON")
    return json.loads(text, parse_int=number, parse_float=number, parse_constant=refuse)


def read_csv(path, delimiter):
    with open(path, encoding="utf-8", newline="") as file:
        yield from csv.reader(file, delimiter=delimiter, strict=True)


def read_json(path):
    with open(path, encoding="utf-8") as file:
        yield from load(file.read())


def read_jsonl(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        for line in file:
            assert line.endswith("\n")
            yield load(line)


def read_geojson(path):
    with open(path, encoding="utf-8") as file:
        collection = load(file.read())
    assert collection["type"] == "FeatureCollection"
    for feature in collection["features"]:
        assert sorted(feature) == ["geometry", "properties", "type"], feature
        assert feature["type"] == "Feature"
        yield feature


def cell(value):
    from openpyxl.utils.escape import unescape
    if value is None:
        return None
    if isinstance(value, bool):
        return ["boolean", str(value)]
    if isinstance(value, (int, float)):
        return ["number", repr(value)]
    if isinstance(value, str):
        return ["text", unescape(value)]
    return ["time", value.isoformat()]


def read_xlsx(path):
    import openpyxl
    with open(path, "rb") as file:
        sheets = openpyxl.load_workbook(file, read_only=True).worksheets
        assert len(sheets) == 1
        for row in sheets[0].iter_rows(values_only=True):
            yield [cell(value) for value in row]


def main(kind, path, delimiter=";"):
    rows = {
        "csv": lambda: read_csv(path, delimiter),
        "json": lambda: read_json(path),
        "jsonl": lambda: read_jsonl(path),
        "geojson": lambda: read_geojson(path),
        "xlsx": lambda: read_xlsx(path),
    }[kind]()
    sys.stdout.reconfigure(encoding="utf-8")
    for row in rows:
        print(json.dumps(row, ensure_ascii=False, separators=(",", ":")))


csv.field_size_limit(1 << 30)
main(*sys.argv[1:])
