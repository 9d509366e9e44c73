// parvis consent and parvis service: what they print, what they refuse. Receipts are made here, without
// the program, as docs/privacy.md describes them.
import assert from 'node:assert/strict';
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { publish, run, temporaryFolder } from './program.mjs';
import { embedded, masterSecret, store } from './store.mjs';

const data = join(temporaryFolder(), 'data');
const file = (name, text) => {
  const path = join(data, '..', name);
  writeFileSync(path, text);
  return path;
};
const parvis = (...words) => run([...words, '--data', data]);

const videos = {
  id: 'videos', name: 'Example Video', provider: 'Example Video Ltd', location: 'Ireland',
  policy_url: 'https://video.example/privacy', purpose: 'content',
  description: { en: 'Shows films.', fr: 'Montre des films.' },
  hosts: [{ origin: 'https://player.video.example', loads: ['frame'] }],
};

// Sorted members, no blanks, ASCII: JSON_SORT_KEYS | JSON_COMPACT | JSON_ENSURE_ASCII.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value && typeof value === 'object') {
    return `{${Object.keys(value).sort().map((key) => `${canonical(key)}:${canonical(value[key])}`).join(',')}}`;
  }
  return JSON.stringify(value).replace(/[\u0080-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`);
}

function signer() {
  const master = masterSecret(data);
  const seed = createHmac('sha256', master).update('consent receipts').digest();
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), format: 'der', type: 'pkcs8',
  });
  const raw = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { key, raw, id: createHash('sha256').update(raw).digest('hex').slice(0, 16) };
}

function receipt(changes = {}) {
  const { key, id } = signer();
  const content = {
    schema: 'parvis-consent-receipt-1', controller: 'Ville d’Été 😀', chosen: true, chosen_on: '2026-01-02',
    revision: 1, purposes: [{ id: 'content', accepted: true, needs_consent: true }], services: [], ...changes,
  };
  const value = sign(null, Buffer.from(canonical(content)), key).toString('base64url');
  return { receipt: content, signature: { algorithm: 'Ed25519', key_id: id, value } };
}

const documentation = (name) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const example = /```json\n(\{\n {4}"id"[\s\S]*?\n\})\n```/.exec(documentation('privacy.md'))[1];

// As much of JSON Schema as the declaration's schema uses; any other word is a fault of the test.
function check(schema, value, root, path = '$') {
  const kind = Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
  const rules = {
    $ref: (to) => check(root.$defs[to.slice('#/$defs/'.length)], value, root, path),
    const: (expected) => assert.equal(value, expected, path),
    enum: (values) => assert.ok(values.includes(value), `${path}: ${value}`),
    type: (expected) => assert.equal(kind, expected, path),
    pattern: (pattern) => assert.match(value, new RegExp(pattern, 'u'), path),
    minimum: (least) => assert.ok(value >= least, path),
    maximum: (most) => assert.ok(value <= most, path),
    minLength: (least) => assert.ok(value.length >= least, path),
    minItems: (least) => assert.ok(value.length >= least, path),
    maxItems: (most) => assert.ok(value.length <= most, path),
    minProperties: (least) => assert.ok(Object.keys(value).length >= least, path),
    required: (names) => names.forEach((name) => assert.ok(name in value, `${path}.${name} is missing`)),
    items: (inner) => value.forEach((item, i) => check(inner, item, root, `${path}[${i}]`)),
    properties: (members) => Object.keys(members).filter((name) => name in value)
      .forEach((name) => check(members[name], value[name], root, `${path}.${name}`)),
    additionalProperties: (inner) => Object.keys(value).filter((name) => !(name in (schema.properties ?? {})))
      .forEach((name) => (inner ? check(inner, value[name], root, `${path}.${name}`) : assert.fail(`${path}.${name}`))),
  };
  for (const [word, rule] of Object.entries(schema)) {
    if (!['$schema', '$defs', 'title', 'description'].includes(word)) rules[word](rule);
  }
}

before(() => publish(data, 'one', 3));

describe('consent', () => {
  test('key prints the public key in both forms and keeps its secret private', () => {
    const { status, stdout } = parvis('consent', 'key');
    assert.equal(status, 0);
    const { raw, id } = signer();
    assert.equal(stdout, `key id\t${id}\nbase64url\t${raw.toString('base64url')}\nhex\t${raw.toString('hex')}\n`);
    if (store !== 'duckdb') return;
    assert.equal(statSync(join(data, 'secrets', 'master')).mode & 0o777, 0o600);
    assert.equal(statSync(join(data, 'secrets')).mode & 0o777, 0o700);
  });

  test('verify says what a receipt says', () => {
    const path = file('receipt.json', JSON.stringify(receipt(), null, 4));
    const { raw } = signer();
    for (const words of [[], ['--key', raw.toString('hex')], ['--key', raw.toString('base64url')]]) {
      const { status, stdout, stderr } = parvis('consent', 'verify', path, ...words);
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^The signature is good/);
      assert.match(stdout, /controller: Ville d’Été 😀\nchosen on: 2026-01-02\nrevision: 1\npurpose content: accepted\n$/);
    }
    const piped = run(['consent', 'verify', '-', '--data', data], { input: JSON.stringify(receipt()) });
    assert.equal(piped.status, 0, piped.stderr);
  });

  test('verify needs no data directory when it has a key, and makes none', embedded('a database is there before the portal'), () => {
    const path = file('receipt.json', JSON.stringify(receipt()));
    const elsewhere = join(data, '..', 'nothing');
    const good = run(['consent', 'verify', path, '--key', signer().raw.toString('hex'), '--data', elsewhere]);
    assert.equal(good.status, 0, good.stderr);
    const bad = run(['consent', 'verify', path, '--data', elsewhere]);
    assert.equal(bad.status, 2);
    assert.match(bad.stderr, /there is no key/);
    assert.ok(!existsSync(elsewhere));
    mkdirSync(elsewhere);
    assert.equal(run(['consent', 'verify', path, '--data', elsewhere]).status, 2);
    assert.ok(!existsSync(join(elsewhere, 'secrets')));
  });

  test('verify ends with 3 and the reason', () => {
    const changed = receipt();
    changed.receipt.purposes[0].accepted = false;
    const rows = [
      [JSON.stringify(changed), /does not fit/], ['', /receipt/], ['{}', /receipt and signature/],
      [JSON.stringify(receipt({ schema: 'x' })), /schema/], ['x'.repeat(70000), /larger/],
    ];
    for (const [text, reason] of rows) {
      const { status, stdout, stderr } = parvis('consent', 'verify', file('bad.json', text));
      assert.equal(status, 3, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, reason);
    }
    const other = parvis('consent', 'verify', file('good.json', JSON.stringify(receipt())), '--key', '00'.repeat(32));
    assert.equal(other.status, 3);
    assert.match(other.stderr, /another key/);
  });

  test('declaration follows its schema and its hash', () => {
    const schema = JSON.parse(documentation('cookies-declaration.schema.json'));
    const settings = ['--controller', 'Ville d’Été', '--public-url', 'https://data.example/', '--consent-days', '30'];
    const read = () => JSON.parse(parvis('consent', 'declaration', ...settings).stdout);
    run(['service', 'add', '-', '--data', data, ...settings], { input: example });
    const full = read();
    check(schema, full, schema);
    assert.deepEqual(full.services.map((service) => service.cookies[0].party), ['third']);
    parvis('service', 'remove', 'videos');
    const declaration = read();
    check(schema, declaration, schema);
    assert.deepEqual(declaration.services, []);
    const { hash, ...rest } = declaration;
    assert.equal(hash, createHash('sha256').update(canonical(rest)).digest('hex'));
    assert.notEqual(hash, full.hash);
    assert.deepEqual(declaration.cookies.map(({ name, max_age_seconds: age, secure }) => [name, age, secure]), [
      ['sessionid', 1209600, true], ['django_language', 31536000, true], ['csrftoken', 31449600, true],
      ['cookies_preferences', 2592000, true]]);
    assert.equal(declaration.portal, 'https://data.example');
    assert.equal(declaration.controller, 'Ville d’Été');
    for (const cookie of declaration.cookies) {
      assert.deepEqual(Object.keys(cookie.purpose_text).sort(), [...declaration.languages].sort());
    }
    assert.throws(() => check(schema, { ...declaration, more: 1 }, schema));
    assert.throws(() => check(schema, { ...declaration, storage: { ...declaration.storage, indexed_db: ['x'] } }, schema));
  });

  test('figures is a CSV', () => {
    const { status, stdout } = parvis('consent', 'figures');
    assert.equal(status, 0);
    assert.equal(stdout, 'day,revision,language,way,purposes,count\n');
  });

  test('wrong words are refused', () => {
    const good = file('good.json', JSON.stringify(receipt()));
    for (const words of [['consent'], ['consent', 'verify'], ['consent', 'look'], ['consent', 'key', 'x'],
      ['consent', 'verify', good, 'more'], ['consent', 'verify', good, '--key', 'abc'],
      ['consent', 'verify', good, '--key', `${'0'.repeat(63)}g`], ['consent', 'verify', good, '--key', '0'.repeat(62)],
      ['consent', 'verify', good, '--key', '']]) {
      assert.equal(parvis(...words).status, 2, words.join(' '));
    }
    assert.equal(parvis('consent', 'verify', join(data, 'absent.json')).status, 1);
    if (store === 'duckdb') assert.equal(run(['consent', 'figures', '--data', join(data, 'absent')]).status, 4);
  });
});

describe('service', () => {
  test('add, list, show, remove', () => {
    const path = file('videos.json', JSON.stringify(videos));
    let answer = parvis('service', 'add', path, '--controller', 'Ville', '--public-url', 'https://data.example');
    assert.equal(answer.status, 0, answer.stderr);
    assert.equal(answer.stdout, 'videos: declared; visitors are asked again (revision 3)\n');
    answer = run(['service', 'add', '-', '--data', data], { input: JSON.stringify({ ...videos, name: 'Films' }) });
    assert.equal(answer.stdout, "videos: declared; visitors' choices stay valid (revision 3)\n");
    answer = parvis('service', 'list');
    assert.equal(answer.stdout, 'videos\tcontent\tFilms\tExample Video Ltd\thttps://player.video.example\n');
    answer = parvis('service', 'show', 'videos');
    assert.deepEqual(JSON.parse(answer.stdout), { ...videos, name: 'Films', cookies: [], embeds: [] });
    answer = run(['service', 'add', '-', '--data', data], { input: answer.stdout });
    assert.equal(answer.status, 0, answer.stderr);
    assert.equal(parvis('service', 'remove', 'videos').stdout, 'videos: removed\n');
    assert.equal(parvis('service', 'list').stdout, '');
    assert.equal(parvis('service', 'show', 'videos').status, 4);
    assert.equal(parvis('service', 'remove', 'videos').status, 4);
  });

  test('the example of the documentation is taken', () => {
    const answer = run(['service', 'add', '-', '--data', data], { input: example });
    assert.equal(answer.status, 0, answer.stderr);
    parvis('service', 'remove', JSON.parse(example).id);
  });

  test('the place of a fault is named', () => {
    const bad = { ...videos, hosts: [{ origin: 'http://player.video.example', loads: ['frame'] }] };
    const answer = parvis('service', 'add', file('bad.json', JSON.stringify(bad)));
    assert.equal(answer.status, 3);
    assert.match(answer.stderr, /service: hosts\[0\]\.origin: https:\/\//);
    assert.equal(parvis('service', 'add', file('bad.json', '{')).status, 3);
    for (const words of [['add'], ['list', 'x'], ['show'], ['remove'], ['change', 'x'], []]) {
      assert.equal(parvis('service', ...words).status, 2, words.join(' '));
    }
  });
});
