// The dataset that the facts are shown on: every type of field, nulls, accents, dates before 1970, a polygon with a hole.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, serve, temporaryFolder } from '../api/program.mjs';

const square = (west, south, size) => [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]];
const hole = (ring) => [...ring].reverse();
export const holed = { type: 'Polygon', coordinates: [square(4, 50, 2), hole(square(4.5, 50.5, 1))] };
export const plain = { type: 'Polygon', coordinates: [square(10, 40, 1)] };
export const line = { type: 'LineString', coordinates: [[0, 0], [1, 1]] };

export const sites = [
  ['s01', 'Élan', 'lamp', ['park', 'road'], 'Europe/Belgium/Ghent', 10, 1.5, '2023-08-15', '2026-01-05T07:30:00', true, 4.35, 50.85, holed, '{"a": [1, 2]}', '1988-01-01'],
  ['s02', 'elan vital', 'lamp', ['park'], 'Europe/Belgium/Ghent', 20, 2.25, '2023-08-29', '2026-01-05T23:30:00', false, 4.4, 50.9, plain, 'not json', '1988-06-01'],
  ['s03', 'Films', 'lamp', ['road', 'dimmable'], 'Europe/Belgium/Liège', 30, null, '2023-09-01', '2026-01-06T00:15:00', true, 5.57, 50.63, null, 'null', '1990-01-01'],
  ['s04', 'Filmography', 'lamp', null, 'Europe/France', 40, 12, '2024-03-09', '2026-07-01T12:00:00', null, 2.35, 48.85, line, null, null],
  ['s05', 'school', 'bench', ['park'], 'Europe/France/Lyon', 50, -3.5, '2024-03-10', '2026-07-01T12:00:00.25', false, 4.85, 45.75, null, '"text"', '2000-01-01'],
  ['s06', 'Schoolhouse "A"', 'bench', ['indoor'], 'Africa/Benin', null, 0, '1969-07-20', '1969-07-20T20:17:40', true, -179.9, 10, null, '12', '1969-01-01'],
  ['s07', '🌳 arbre', 'tree', ['park', 'road', 'dimmable'], 'Africa', -5, 100.125, '1900-01-01', null, false, 179.9, 10, null, null, null],
  ['s08', 'line\nbreak; "quoted"', null, ['road'], null, 0, 0.1, null, '2025-12-31T23:59:59', true, null, null, plain, 'true', '2025-01-01'],
  ['s09', 'مرحبا', null, null, null, 7, null, null, null, null, 0, 0, null, null, null],
  ['s10', null, null, ['park'], 'Asia/Japan', 10, 7.5, '2024-12-31', '2024-12-31T23:59:59', true, 139.7, 35.7, null, null, '2024-01-01'],
  ['s11', 'ELAN', 'Lamp', ['Park'], 'Asia/Japan', 9007199254740993n, 1e-7, '2025-01-01', '2025-01-01T00:00:00', false, -73.9, 40.7, null, null, '2025-01-01'],
  ['s12', 'the end', 'tree', ['road'], 'Asia', 100, 1e12, '2025-02-28', '2025-02-28T10:00:00', false, 0, 90, null, null, '2025-01-01'],
].map(([code, name, kind, kinds, path, power, height, opened, checked, active, lon, lat, area, raw, built]) => ({
  code, name, kind, kinds, path, power, height, opened, checked: checked === null ? null : `${checked}+00:00`, active,
  place: lon === null ? null : { lon, lat }, area, raw, built, year: opened === null ? null : Number(opened.slice(0, 4)),
}));

export const metadata = {
  default: {
    title: 'Sites', description: '<p>Lamps, benches and trees.</p>', theme: ['Mobility'], keyword: ['light', 'street'],
    license: 'CC BY 4.0', license_url: 'https://creativecommons.org/licenses/by/4.0/', language: 'en',
    publisher: 'City Works', references: 'https://city.example/sites',
  },
  custom: { 'data-owner': 'Works dept.' },
  fields: {
    code: { label: 'Site code', annotations: { id: true, sortable: true } },
    name: { annotations: { sortable: true } },
    kind: { annotations: { facet: true } },
    kinds: { annotations: { facet: true, multivalued: ',' } },
    path: { annotations: { facet: true, hierarchical: '/' } },
    power: { label: 'Power', description: 'Rated', annotations: { unit: 'W' } },
    opened: { annotations: { facet: true } },
    active: { annotations: { facet: true, disjunctive: true } },
    built: { annotations: { timeserie_precision: 'year' } },
  },
};

const folder = temporaryFolder();
const data = join(folder, 'data');
const text = (value) => typeof value === 'bigint' ? `${value}` : JSON.stringify(value);
const lines = sites.map((site) => `{${Object.entries(site).map(([key, value]) => `"${key}": ${text(value)}`).join(', ')}}`);
writeFileSync(join(folder, 'sites.jsonl'), `${lines.join('\n')}\n`);
writeFileSync(join(folder, 'sites.json'), JSON.stringify(metadata));
writeFileSync(join(folder, 'plain.csv'), 'n,label,1_uai\n1,one,x\n2,two,y\n');
function command(...words) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stdout}${done.stderr}`);
}
command('import', join(folder, 'sites.jsonl'), '--id', 'sites', '--metadata', join(folder, 'sites.json'));
command('import', join(folder, 'plain.csv'), '--id', 'plain', '--title', 'Plain numbers', '--annotate', '1_uai=facet');
command('import', join(folder, 'plain.csv'), '--id', 'closed', '--restricted');

export const server = await serve(data);
export const root = '/api/explore/v2.1/catalog';
export const records = `${root}/datasets/sites/records`;
export const facets = `${root}/datasets/sites/facets`;
export const exports = `${root}/datasets/sites/exports`;

/** What the API shows of a site. */
export const shown = (site) => ({
  ...site,
  power: site.power === null ? null : Number(site.power),
  area: site.area && { type: 'Feature', geometry: site.area, properties: {} },
  built: site.built && site.built.slice(0, 4),
});

/** Sends a request; parameters may be lists. The answer has text, and json when it is JSON. */
export async function ask(path, parameters = {}, init = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) for (const one of [value].flat()) query.append(name, one);
  const response = await fetch(`${server.portal}${path}${query.size === 0 || !`${query}` ? '' : `?${query}`}`, init);
  const bytes = Buffer.from(await response.arrayBuffer());
  const answer = { status: response.status, header: (name) => response.headers.get(name), text: bytes.toString('utf8'), bytes };
  if (/json/.test(answer.header('content-type')) && !/jsonl/.test(answer.header('content-type'))) {
    try { answer.json = JSON.parse(answer.text); } catch { /* the fact says whether it must be */ }
  }
  return answer;
}
