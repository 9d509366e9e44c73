// The OpenAPI description: valid by a validator of its own, complete, and true to what the server does.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { address } from './address.mjs';
import { fixture } from './lamps.mjs';
import { run, serve, temporaryFolder } from './program.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
writeFileSync(join(folder, 'guide.txt'), 'A guide.');
for (const words of [['import', fixture.pathname, '--id', 'street-lamps', '--metadata', fixture.pathname.replace('.csv', '.json')],
  ['attach', 'street-lamps', join(folder, 'guide.txt'), '--id', 'guide']]) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, 0, done.stderr);
}
const { portal, get } = await serve(data);
const json = async (path, parameters) => (await get(address(path, parameters))).json();

const description = await json('/api/explore/v2.1/swagger.json');
const resolve = (thing) => thing.$ref ? thing.$ref.slice(2).split('/').reduce((at, key) => at[key], description) : thing;
const values = { dataset_id: 'street-lamps', format: 'csv', attachment_id: 'guide', z: '0', x: '0', y: '0' };
const recordId = /records\/([0-9a-f]{40})/.exec(JSON.stringify(await json('/api/explore/v2.1/catalog/datasets/street-lamps/records',
  { include_links: 'true', limit: 1 })))[1];
const pathOf = (pattern) => `/api/explore/v2.1${pattern.replace(/\{(\w+)\}/g,
  (all, name) => name === 'record_id' ? recordId : pattern.startsWith('/catalog/exports') ? 'json' : values[name])}`;

test('it is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  const result = await validator.validate(structuredClone(description));
  assert.ok(result.valid, JSON.stringify(result.errors, null, 1)?.slice(0, 2000));
  assert.equal(description.openapi, '3.1.0');
  assert.equal(description.servers[0].url, `${portal}/api/explore/v2.1`);
});

test('every reference leads somewhere, every operation has a name of its own', () => {
  const text = JSON.stringify(description);
  for (const [, reference] of text.matchAll(/"\$ref":"([^"]+)"/g)) assert.ok(resolve({ $ref: reference }), reference);
  const names = Object.values(description.paths).map((path) => path.get.operationId);
  assert.equal(new Set(names).size, names.length);
});

/** Whether a value fits a schema of the description: types, required members, choices. */
function check(value, schema, where) {
  schema = resolve(schema);
  const type = value === null ? 'null' : Array.isArray(value) ? 'array'
    : Number.isInteger(value) ? 'integer' : typeof value;
  if (schema.type) assert.ok([schema.type].flat().some((t) => t === type || (t === 'number' && type === 'integer')), `${where}: ${type}`);
  for (const name of schema.required ?? []) assert.ok(name in value, `${where}.${name} is missing`);
  if (schema.enum) assert.ok(schema.enum.includes(value), `${where}: ${value}`);
  if (type === 'array' && schema.items) value.forEach((item, i) => check(item, schema.items, `${where}[${i}]`));
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    if (type === 'object' && name in value) check(value[name], part, `${where}.${name}`);
  }
}

test('answers are what it says, with and without links', async () => {
  for (const [pattern, { get: operation }] of Object.entries(description.paths)) {
    for (const parameters of [{}, { include_links: 'true', include_app_metas: 'true' }]) {
      const response = await get(address(pathOf(pattern), parameters));
      assert.equal(response.status, 200, pattern);
      const content = operation.responses[200].content['application/json'];
      if (content) check(await response.json(), content.schema, pattern);
      else await response.arrayBuffer();
    }
  }
});

test('errors are what it says', async () => {
  for (const [pattern, { get: operation }] of Object.entries(description.paths)) {
    if (operation.parameters.some((parameter) => resolve(parameter).name === 'lang')) {
      const refused = await get(address(pathOf(pattern), { lang: 'xx' }));
      assert.equal(refused.status, 400, pattern);
      check(await refused.json(), resolve(operation.responses[400]).content['application/json'].schema, pattern);
    }
    if (operation.responses[404]) {
      const absent = await get(pathOf(pattern).replace('street-lamps', 'nosuch').replace('exports/json', 'exports/nosuch'));
      assert.ok([400, 404].includes(absent.status), `${pattern}: ${absent.status}`);
      check(await absent.json(), resolve(operation.responses[404]).content['application/json'].schema, pattern);
    }
  }
});

test('a parameter that is described is read, one that is not is ignored', async () => {
  const wrong = { select: 'nosuch', where: 'nosuch', group_by: 'nosuch', order_by: 'nosuch', refine: 'nosuch:1', exclude: 'nosuch:1',
    facet: 'nosuch', limit: 'x', offset: 'x', rows: 'x', start: 'x', lang: 'x', timezone: 'x', include_links: 'x', include_app_metas: 'x',
    field: 'nosuch', property: 'nosuch', use_labels: 'x', compressed: 'x', delimiter: 'x', quote_all: 'x', with_bom: 'x' };
  for (const [pattern, { get: operation }] of Object.entries(description.paths)) {
    const taken = new Set(operation.parameters.map(resolve).filter((p) => p.in === 'query').map((p) => p.name));
    for (const [name, value] of Object.entries(wrong)) {
      const response = await get(address(pathOf(pattern), { [name]: value }));
      await response.arrayBuffer();
      assert.equal(response.status, taken.has(name) ? 400 : 200, `${pattern}?${name}=${value}`);
    }
  }
});
