// Exports of the catalogue, each read again by a reader that is not ours and compared with the list of datasets.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { test } from 'node:test';
import { address } from './address.mjs';
import { API, run, serve, temporaryFolder } from './program.mjs';
import { cloneDatasets } from './store.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const CATALOG = '/api/explore/v2.1/catalog';
const folder = temporaryFolder();
const data = join(folder, 'data');
const script = fileURLToPath(new URL('./read_catalogue.py', import.meta.url));
const fixture = (name) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

function command(...words) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stderr}`);
}
function python(...words) {
  return JSON.parse(execFileSync('/usr/bin/python3', [script, ...words], { encoding: 'utf8', maxBuffer: 1 << 29 }));
}
function file(name, content) {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** What nobody would write, and somebody will. */
const hostile = {
  default: {
    title: 'Qu"otes <b>&amp; \u0001\u0008\uFFFE😀 ]]> --> \\ "" \'\'\' end\\',
    description: '<p>One\r\ntwo &lt; three</p>\t<script>alert(1)</script> مرحبا <![CDATA[',
    theme: ['Mobility; & <x>', 'Ünïcode'], keyword: ['a,b', '"q"', "it's", 'a\nb', '\u202Eabc'],
    license: 'CC <evil>', license_url: 'javascript:alert(1)', references: 'http://bad url/<x>"',
    publisher: 'City "Works" & Co\\', language: 'fr', metadata_languages: ['fr'], update_frequency: 'Hebdomadaire',
  },
  dcat: {
    contact_name: 'N <n@x>', contact_email: 'a b"<>@example.org?x&y', conforms_to: ['not an iri', 'urn:x:1', 'http://[::1', 'http://x/[', 'http://a\u2100b/', 'http://\uFF0F', 'x:'],
    relation: ['http://ok.example/%zz', 'https://ok.example/ü'], temporal_coverage_start: '2020-01-01',
    temporal_coverage_end: 'later', issued: '2020-02-03', publisher_type: 'http://x y', creator: 'C',
    spatial: 'Some"where', accessRights: 'http://a b',
  },
  custom: { 'data-owner': 'O;"O"' },
};
const plain = {
  default: {
    title: 'Plain', description: 'Text', theme: ['Mobility'], keyword: ['light'], license: 'CC BY 4.0',
    license_url: 'https://creativecommons.org/licenses/by/4.0/', publisher: 'City Works', language: 'en',
  },
  dcat: { contact_name: 'Desk', contact_email: 'desk@example.org', accrualperiodicity: 'http://purl.org/cld/freq/monthly',
    temporal_coverage_start: '2020-01-01', temporal_coverage_end: '2021-12-31' },
};

command('import', fixture('street-lamps.csv'), '--id', 'street-lamps', '--metadata', fixture('street-lamps.json'));
command('import', fixture('places.csv'), '--id', 'places', '--metadata', fixture('places.json'));
command('import', fixture('street-lamps.csv'), '--id', 'secret', '--title', 'Secret');
command('access', 'secret', '--restrict');
cloneDatasets(data, 'street-lamps', { hostile, plain, empty: {} });
const server = await serve(data, ['--dcat-ap', 'ch', '--portal-name', 'Portal <&>']);
await makeUser(server, data, 'ada', ['--role', 'administrator']);

const fetchExport = async (format, parameters, init) => {
  const response = await server.get(address(`${CATALOG}/exports/${format}`, parameters), init);
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(response.status, 200, bytes.toString());
  return { headers: response.headers, bytes, text: bytes.toString('utf8') };
};
const read = async (format, parameters, action = format) =>
  python(action, file(`export.${action}`, (await fetchExport(format, parameters)).bytes));
const list = async (parameters = {}) => {
  const response = await server.get(address(API, { limit: 100, ...parameters }));
  return (await response.json()).results;
};
const page = (id) => `${server.portal}/explore/dataset/${id}/`;
const exportOf = (id, format) => `${server.portal}${API}/${id}/exports/${format}`;
const readRdf = async (parameters) => python('rdf', file('one.rdf', (await fetchExport('rdf', parameters)).bytes),
  file('two.ttl', (await fetchExport('ttl', parameters)).bytes));
const clean = (text) => text.replace(/[\u0001\u0008\uFFFE]/g, '\uFFFD');
const formats = ['csv', 'json', 'xlsx', 'rss', 'rdf', 'ttl', 'data.json', 'dcat', 'dublin_core', 'dcat_ap_ch'];
const ids = (await list()).map((dataset) => dataset.dataset_id);

test('the list names the formats there are, each with its type and file name', async () => {
  const { links } = await (await server.get(`${CATALOG}/exports`)).json();
  assert.deepEqual(links, [{ rel: 'self', href: `${server.portal}${CATALOG}/exports` },
    ...formats.map((rel) => ({ rel, href: `${server.portal}${CATALOG}/exports/${rel}` }))]);
  const types = { csv: 'text/csv; charset=utf-8', json: 'application/json; charset=utf-8',
    xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', rss: 'application/rss+xml; charset=utf-8',
    rdf: 'application/rdf+xml', ttl: 'text/turtle; charset=utf-8', 'data.json': 'application/json; charset=utf-8',
    dcat: 'application/rdf+xml', dublin_core: 'application/rdf+xml', dcat_ap_ch: 'application/rdf+xml' };
  for (const format of formats) {
    const { headers, bytes } = await fetchExport(format);
    assert.equal(headers.get('content-type'), types[format], format);
    assert.match(headers.get('content-disposition'), /^attachment; filename="(datasets\.\w+|data\.json)"$/);
    const head = await server.get(`${CATALOG}/exports/${format}`, { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(head.headers.get('content-type'), types[format]);
    assert.equal(await head.text(), '');
    const packed = await fetchExport(format, { compressed: 'true' });
    assert.equal(packed.headers.get('content-type'), 'application/gzip');
    if (format !== 'xlsx') assert.deepEqual(gunzipSync(packed.bytes), bytes, format);
    const again = await server.get(`${CATALOG}/exports/${format}`, { headers: { 'if-none-match': headers.get('etag') } });
    assert.equal(again.status, 304, format);
  }
  const { headers } = await fetchExport('csv');
  assert.equal(headers.get('content-disposition'), 'attachment; filename="datasets.csv"');
});

test('a format that is not there is refused with those that are; hyphens are accepted', async () => {
  for (const format of ['nosuch', 'dcat_ap_de', 'dcat-ap-de', 'data_json', 'CSV']) {
    const response = await server.get(`${CATALOG}/exports/${format}`);
    assert.equal(response.status, 400);
    const { error_code: code, message } = await response.json();
    assert.equal(code, 'InvalidRESTParameterError');
    assert.equal(message, `Invalid value for format API parameter: ${format} was found but one of ${formats.join(' ')} is expected.`);
  }
  assert.equal((await fetchExport('dcat-ap-ch')).text, (await fetchExport('dcat')).text);
  assert.equal((await server.get(`${CATALOG}/exports/dcat?include_exports=nosuch`)).status, 400);
  assert.equal((await server.get(`${CATALOG}/exports/dcat?use_labels_in_exports=x`)).status, 400);
});

test('json is the list, bare', async () => {
  assert.deepEqual(JSON.parse((await fetchExport('json')).text), await list());
  // The latest modified first: 'places' was imported last, the others are copies of one dataset with its instant.
  assert.deepEqual(ids, ['places', 'empty', 'hostile', 'plain', 'street-lamps']);
});

/** A value of a dataset object as a cell of csv. */
const cell = (value) => value === null || value === undefined ? '' : value === true ? 'True' : value === false ? 'False'
  : Array.isArray(value) ? value.map(cell).join(',') : typeof value === 'object' ? value : `${value}`;

test('csv has a column a metadata value and the id in the last', async () => {
  const { bytes, text } = await fetchExport('csv');
  assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  assert.ok(text.endsWith('\r\n'));
  const header = text.slice(1).split('\r\n')[0].split(';');
  assert.equal(header[0], 'default.title');
  assert.equal(header[1], 'default.description');
  assert.equal(header.at(-1), 'datasetid');
  assert.ok(header.includes('custom.data-owner'));
  assert.equal(new Set(header).size, header.length);
  const rows = python('csv', file('datasets.csv', bytes));
  const datasets = await list();
  assert.deepEqual(rows.map((row) => row.datasetid), ids);
  rows.forEach((row, i) => {
    for (const [name, text] of Object.entries(row)) {
      if (name === 'datasetid') continue;
      const at = name.indexOf('.');
      const value = cell(datasets[i].metas[name.slice(0, at)]?.[name.slice(at + 1)]);
      if (typeof value === 'object') assert.deepEqual(JSON.parse(text), value);
      else assert.equal(text, value, `${ids[i]} ${name}`);
    }
    for (const [template, values] of Object.entries(datasets[i].metas)) {
      for (const name of Object.keys(values)) { // of names that differ in letter case only the first is a column
        assert.ok(header.some((column) => column.toLowerCase() === `${template}.${name}`.toLowerCase()), name);
      }
    }
  });
});

test('csv takes the options of records', async () => {
  const { text } = await fetchExport('csv', { delimiter: '|', with_bom: 'false', quote_all: 'true', list_separator: '+', use_labels: 'true' });
  assert.ok(text.startsWith('"Title"|"Description"|'));
  assert.ok(text.includes('"a,b+""q""+it\'s+'));
});

test('a workbook has the same cells', async () => {
  const rows = await read('xlsx');
  const table = python('csv', file('datasets.csv', (await fetchExport('csv')).bytes));
  assert.deepEqual(Object.keys(rows[0]), Object.keys(table[0]));
  rows.forEach((row, i) => {
    for (const name of ['default.publisher', 'default.keyword', 'default.license', 'custom.data-owner', 'datasetid']) {
      assert.equal(row[name] ?? '', table[i][name], name);
    }
    assert.equal(row['default.modified'].slice(0, 19), table[i]['default.modified'].slice(0, 19).replace('T', ' '));
    assert.equal(Number(row['default.records_count']), Number(table[i]['default.records_count']));
  });
});

test('select and group_by make rows of csv, json and xlsx', async () => {
  const where = 'publisher is not null';
  const query = { select: 'count(*) as n', group_by: 'publisher', where };
  const expected = await list(query);
  assert.deepEqual(JSON.parse((await fetchExport('json', query)).text), expected);
  const chosen = { select: 'dataset_id, default.title', order_by: 'dataset_id desc', limit: 2 };
  const rows = await list(chosen);
  assert.equal(rows.length, 2);
  assert.deepEqual(JSON.parse((await fetchExport('json', chosen)).text), rows);
  assert.deepEqual(await read('csv', chosen), rows);
  const sheet = await read('xlsx', { ...chosen, where: 'not dataset_id = "hostile"' });
  assert.deepEqual(sheet.map((row) => row.dataset_id), ['street-lamps', 'plain']);
  assert.equal((await server.get(`${CATALOG}/exports/json?where=nosuch=1`)).status, 400);
  assert.equal((await server.get(`${CATALOG}/exports/rss?order_by=nosuch`)).status, 400);
});

test('every format obeys where, refine, exclude, order_by, limit and offset', async () => {
  const seen = {
    csv: (rows) => rows.map((row) => row.datasetid), xlsx: (rows) => rows.map((row) => row.datasetid),
    rss: (feed) => feed.items.map((item) => item.link.split('/').at(-2)),
  };
  const idsIn = async (format, parameters) => {
    if (format in seen) return seen[format](await read(format, parameters));
    const { text } = await fetchExport(format, parameters);
    if (format === 'json') return JSON.parse(text).map((dataset) => dataset.dataset_id);
    if (format === 'data.json') return JSON.parse(text).dataset.map((dataset) => dataset.identifier.split('/').at(-2));
    return [...text.matchAll(/<(?:dcat|dctype):Dataset rdf:about="[^"]*\/([^"/]+)\/"|^<[^>]*\/([^>/]+)\/> a dcat:Dataset/gm)].map((m) => m[1] ?? m[2]);
  };
  for (const parameters of [{ where: 'title = "Plain"' }, { refine: 'publisher:City Works' }, { exclude: 'publisher:City Works' },
    { order_by: 'dataset_id desc', limit: 2, offset: 1 }, { limit: 0 }, { where: 'dataset_id = "nosuch"' }]) {
    const expected = (await list(parameters)).map((dataset) => dataset.dataset_id);
    for (const format of formats.filter((name) => name !== 'xlsx' || parameters.order_by)) {
      assert.deepEqual(await idsIn(format, parameters), expected, `${format} ${JSON.stringify(parameters)}`);
    }
  }
});

test('rss', async () => {
  const { bytes } = await fetchExport('rss');
  execFileSync('xmllint', ['--noout', file('feed.xml', bytes)]);
  const feed = await read('rss');
  assert.equal(feed.version, '2.0');
  assert.equal(feed.title, 'Portal <&>');
  assert.deepEqual(feed.self, { href: `${server.portal}${CATALOG}/exports/rss`, rel: 'self', type: 'application/rss+xml' });
  const datasets = await list();
  feed.items.forEach((item, i) => {
    const { title, description, theme, keyword, modified } = datasets[i].metas.default;
    assert.equal(item.title, clean(title));
    assert.equal(item.description, clean(description ?? title));
    assert.equal(item.link, page(ids[i]));
    assert.equal(item.guid, page(ids[i]));
    assert.match(item.pubDate, /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$/);
    assert.equal(Math.floor(Date.parse(item.pubDate) / 1000), Math.floor(Date.parse(modified) / 1000));
    assert.deepEqual(item.category, [...theme ?? [], ...keyword ?? []]);
  });
});

test('RDF/XML and Turtle are one graph, with everything in it', async () => {
  const graph = await readRdf();
  assert.equal(graph.same, true);
  assert.ok(graph.triples[0] > 100);
  const datasets = await list();
  assert.deepEqual(graph.datasets.flat().sort(), ids.map(page).sort());
  const of = (name, id) => graph[name].filter(([iri]) => iri === page(id)).map((row) => row.slice(1));
  for (const dataset of datasets) {
    const id = dataset.dataset_id;
    const metas = dataset.metas.default;
    assert.deepEqual(of('titles', id).map(([title]) => title), [clean(metas.title)]);
    assert.deepEqual(of('descriptions', id), [[clean(metas.description ?? metas.title)]]);
    assert.deepEqual(of('keywords', id).map(([word]) => word).sort(), [...metas.keyword ?? []].sort());
    assert.deepEqual(of('themes', id).flat().sort(), [...metas.theme ?? []].sort());
    assert.deepEqual(of('publishers', id), metas.publisher ? [[metas.publisher]] : []);
    assert.deepEqual(of('modified', id)[0][1], 'http://www.w3.org/2001/XMLSchema#dateTime');
    assert.equal(Date.parse(of('modified', id)[0][0]), Date.parse(metas.modified));
    const { links } = await (await server.get(`${API}/${id}/exports`)).json();
    assert.deepEqual(of('distributions', id).map(([href]) => href).sort(),
      links.slice(1).map(({ rel, href }) => ['csv', 'xlsx'].includes(rel) ? `${href}?use_labels=true` : href).sort());
  }
  assert.ok(of('distributions', 'plain').some(([href, type]) => href === `${exportOf('plain', 'csv')}?use_labels=true`
    && type === 'https://www.iana.org/assignments/media-types/text/csv'));
  assert.deepEqual(of('titles', 'hostile').map((row) => row[1]), ['fr']);
  assert.deepEqual(of('licenses', 'plain'), [['https://creativecommons.org/licenses/by/4.0/']]);
  assert.deepEqual(of('licenses', 'hostile'), []);
  assert.deepEqual(of('contacts', 'plain'), [['Desk', 'mailto:desk@example.org']]);
  assert.deepEqual(of('contacts', 'hostile'), [['N <n@x>', 'mailto:a%20b%22%3C%3E@example.org%3Fx%26y']]);
  const frequency = 'http://publications.europa.eu/resource/authority/frequency';
  assert.deepEqual(of('frequencies', 'plain'), [[`${frequency}/MONTHLY`]]);
  assert.deepEqual(of('frequencies', 'hostile'), [[`${frequency}/WEEKLY`]]);
  assert.deepEqual(of('periods', 'plain'), [['2020-01-01', '2021-12-31']]);
  assert.deepEqual(of('periods', 'hostile'), [['2020-01-01', null]]);
  assert.deepEqual(of('access', 'plain'), [['http://publications.europa.eu/resource/authority/access-right/PUBLIC']]);
  const [[wkt, geojson]] = of('boxes', 'street-lamps');
  const { geometry } = datasets.find((dataset) => dataset.dataset_id === 'street-lamps').metas.default.bbox;
  assert.deepEqual(JSON.parse(geojson), geometry);
  assert.equal(wkt.replace(/(\d)\.0\b/g, '$1'), `POLYGON((${geometry.coordinates[0].map((point) => point.join(' ')).join(', ')}))`);
});

test('dcat describes the formats that are asked for', async () => {
  const graph = await readRdf({ include_exports: 'json, csv', use_labels_in_exports: 'false', where: 'dataset_id = "plain"' });
  assert.deepEqual(graph.distributions.map((row) => row[1]).sort(), [exportOf('plain', 'csv'), exportOf('plain', 'json')]);
  const { text } = await fetchExport('dcat', { where: 'dataset_id = "plain"' });
  assert.equal(text, (await fetchExport('rdf', { where: 'dataset_id = "plain"' })).text);
  assert.match(text, /<dcat:Catalog rdf:about="[^"]*\/explore\/">[^]*<dcat:dataset>\s*<dcat:Dataset [^]*<dcat:distribution>\s*<dcat:Distribution/);
});

test('Dublin Core', async () => {
  const graph = await read('dublin_core', {}, 'core');
  const dc = (name) => `http://purl.org/dc/elements/1.1/${name}`;
  const of = (id, name) => graph.filter(([s, p]) => s === page(id) && p === dc(name)).map((row) => row[2]).sort();
  assert.deepEqual(of('hostile', 'title'), [clean(hostile.default.title)]);
  assert.deepEqual(of('hostile', 'subject'), [...hostile.default.theme, ...hostile.default.keyword].sort());
  assert.deepEqual(of('plain', 'rights'), ['CC BY 4.0', 'https://creativecommons.org/licenses/by/4.0/']);
  assert.deepEqual(of('hostile', 'rights'), ['CC <evil>']);
});

test('data.json has what Project Open Data asks for', async () => {
  const catalogue = JSON.parse((await fetchExport('data.json')).text);
  assert.equal(catalogue.conformsTo, 'https://project-open-data.cio.gov/v1.1/schema');
  assert.equal(catalogue['@type'], 'dcat:Catalog');
  const datasets = await list();
  catalogue.dataset.forEach((dataset, i) => {
    for (const name of ['title', 'description', 'modified', 'identifier', 'accessLevel']) {
      assert.ok(typeof dataset[name] === 'string' && dataset[name].length, `${ids[i]}.${name}`);
    }
    assert.equal(dataset.title, datasets[i].metas.default.title);
    assert.equal(dataset['@type'], 'dcat:Dataset');
    assert.equal(dataset.accessLevel, 'public');
    assert.ok(dataset.keyword.length && dataset.keyword.every((word) => typeof word === 'string' && word.length));
    assert.ok(dataset.publisher.name.length);
    assert.equal(dataset.contactPoint['@type'], 'vcard:Contact');
    assert.ok(dataset.contactPoint.fn.length);
    if (dataset.license) assert.match(dataset.license, /^https?:/);
    for (const item of dataset.distribution) {
      assert.equal(item['@type'], 'dcat:Distribution');
      assert.ok(item.downloadURL.startsWith(exportOf(ids[i], item.format)));
      assert.match(item.mediaType, /^[a-z]+\/[a-z0-9.+-]+$/);
    }
  });
  const find = (id) => catalogue.dataset[ids.indexOf(id)];
  assert.equal(find('plain').contactPoint.hasEmail, 'mailto:desk@example.org');
  assert.equal(find('plain').accrualPeriodicity, 'R/P1M');
  assert.equal(find('plain').temporal, '2020-01-01/2021-12-31');
  assert.equal(find('hostile').description, 'One two < three مرحبا');
  assert.equal(find('hostile').references, undefined);
});

test('schema.org describes one dataset, fit for a script element', async () => {
  const get = async (id) => {
    const response = await server.get(`/explore/dataset/${id}/schema.jsonld`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/ld+json');
    return response.text();
  };
  const text = await get('hostile');
  assert.doesNotMatch(text, /[<>&]/);
  const object = JSON.parse(text);
  assert.equal(object.name, hostile.default.title);
  assert.equal(object.license, 'CC <evil>');
  const lamps = JSON.parse(await get('street-lamps'));
  assert.equal(lamps['@context'], 'https://schema.org/');
  assert.equal(lamps['@type'], 'Dataset');
  assert.equal(lamps.url, page('street-lamps'));
  const { links } = await (await server.get(`${API}/street-lamps/exports`)).json();
  assert.equal(lamps.distribution.length, links.length - 1);
  const { fields } = (await list({ where: 'dataset_id = "street-lamps"' }))[0];
  assert.deepEqual(lamps.variableMeasured.map((variable) => variable.name), fields.map((field) => field.label));
  assert.match(lamps.spatialCoverage.geo.box, /^-?[\d.]+ -?[\d.]+ -?[\d.]+ -?[\d.]+$/);
  assert.equal((await server.get('/explore/dataset/nosuch/schema.jsonld')).status, 404);
});

test('a restricted dataset is in the exports of those who may see it', async () => {
  const ada = new Visitor(server);
  assert.equal((await ada.signIn('ada')).status, 303);
  for (const format of formats.filter((name) => name !== 'xlsx')) {
    assert.doesNotMatch((await fetchExport(format)).text, /secret/i, format);
    const answer = await ada.get(`${CATALOG}/exports/${format}`);
    assert.match(answer.text, /dataset\/secret\/|"dataset_id": "secret"|;secret\r\n/, format);
    assert.match(answer.headers.get('cache-control'), /private|no-store/);
  }
  assert.match((await ada.get(`${CATALOG}/exports/ttl`)).text, /access-right\/RESTRICTED/);
  assert.match((await ada.get(`${CATALOG}/exports/data.json`)).text, /"restricted public"/);
  assert.equal((await server.get('/explore/dataset/secret/schema.jsonld')).status, 404);
  assert.equal((await ada.get('/explore/dataset/secret/schema.jsonld')).status, 200);
});

test('values are in the language that is asked for, and are tagged with it', async () => {
  const target = join(folder, 'languages');
  const done = run(['import', fixture('street-lamps.csv'), '--id', 'lamps', '--data', target, '--metadata',
    file('languages.json', JSON.stringify({ default: { title: 'Street lamps', language: 'en' } }))]);
  const described = run(['describe', 'lamps', '--data', target, '--set-language', 'fr:default.title=Lampadaires']);
  assert.equal(done.status + described.status, 0, done.stderr + described.stderr);
  const portal = await serve(target);
  const turtle = async (query) => (await portal.get(`${CATALOG}/exports/ttl${query}`)).text();
  assert.match(await turtle(''), /dcterms:title "Street lamps"@en/);
  assert.match(await turtle('?lang=fr'), /dcterms:title "Lampadaires"@fr/);
  const [{ metas }] = JSON.parse(await (await portal.get(`${CATALOG}/exports/json?lang=fr`)).text());
  assert.equal(metas.default.title, 'Lampadaires');
});

test('a thousand datasets', async () => {
  const target = join(folder, 'many');
  assert.equal(run(['import', fixture('street-lamps.csv'), '--id', 'lamps', '--data', target]).status, 0);
  const description = 'long '.repeat(40);
  cloneDatasets(target, 'lamps', Object.fromEntries(Array.from({ length: 1000 }, (_, i) =>
    [`many-${i}`, { default: { title: `Title ${i}`, description, keyword: [`k${i % 7}`] } }])));
  const portal = await serve(target);
  const text = async (format, query = '') => (await portal.get(`${CATALOG}/exports/${format}${query}`)).text();
  assert.equal(JSON.parse(await text('json')).length, 1001);
  assert.equal(JSON.parse(await text('data.json')).dataset.length, 1001);
  assert.equal(python('csv', file('many.csv', await text('csv'))).length, 1001);
  assert.equal(python('rss', file('many.rss', await text('rss'))).items.length, 1001);
  assert.equal((await text('ttl')).match(/a dcat:Dataset/g).length, 1001);
  const rdf = file('many.rdf', await text('rdf'));
  assert.equal(execFileSync('xmllint', ['--huge', '--xpath', 'count(//*[local-name()="Dataset"])', rdf], { encoding: 'utf8' }).trim(), '1001');
  const sheet = file('many.xlsx', Buffer.from(await (await portal.get(`${CATALOG}/exports/xlsx?limit=500`)).arrayBuffer()));
  assert.equal(python('xlsx', sheet).length, 500);
});
