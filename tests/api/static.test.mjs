// Browser assets: addresses with a hash, kept for ever, the same for everyone (cookies-and-privacy.md 2.4, 7.4).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { files } from '../../tools/assets.mjs';
import { get } from './harness.mjs';

const assets = await files();

test('each file is served as it was bundled, immutable, with its type and no cookie', async () => {
  const names = assets.map((file) => file.name);
  for (const name of ['app.css', 'app.js', 'favicon.svg', 'map.js', 'map_worker.js']) assert.ok(names.includes(name), name);
  for (const file of assets) {
    const answer = await get(file.address, { headers: { Cookie: 'sessionid=x; csrftoken=y', 'Accept-Encoding': 'identity' } });
    assert.equal(answer.status, 200, file.name);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), file.bytes, file.name);
    assert.equal(answer.headers.get('content-type'), file.type);
    assert.equal(answer.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(answer.headers.get('cross-origin-resource-policy'), 'same-origin');
    assert.equal(answer.headers.get('access-control-allow-origin'), null);
    assert.equal(answer.headers.get('set-cookie'), null);
    assert.match(answer.headers.get('content-security-policy'),
      file.isWorker ? /^default-src 'none'; connect-src 'self'; frame-ancestors 'none'$/ : /default-src 'none'.*sandbox/);
    assert.equal(answer.headers.get('etag'), `"${file.hash}"`);
  }
});

test('a known tag is answered with 304', async () => {
  const file = assets[0];
  const answer = await get(file.address, { headers: { 'If-None-Match': `"${file.hash}"`, 'Accept-Encoding': 'identity' } });
  assert.equal(answer.status, 304);
  assert.equal(answer.headers.get('set-cookie'), null);
});

test('HEAD, and compression for those who ask for it', async () => {
  const { address } = assets[0];
  const head = await get(address, { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), '');
  const compressed = await get(address, { headers: { 'Accept-Encoding': 'gzip' } });
  assert.equal(compressed.headers.get('content-encoding'), 'gzip');
  assert.equal(await compressed.text(), String(assets[0].bytes));
});

test('names that are not there are not found, and not kept', async () => {
  const { address } = assets[0];
  const wrong = ['/static/app.css', '/static/', `${address}x`, address.slice(0, -1), `${address}/x`, '/static/..%2fapp.css',
    address.replace(/.\.css$/, 'g.css'), '/static/app-.css'];
  for (const path of wrong) {
    const answer = await get(path);
    assert.equal(answer.status, 404, path);
    assert.doesNotMatch(answer.headers.get('cache-control') ?? '', /public|immutable/, path);
  }
});

test('the icon has the names that browsers know', async () => {
  for (const path of ['/favicon.svg', '/favicon.ico']) {
    const answer = await get(path);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'image/svg+xml');
    assert.equal(answer.headers.get('cache-control'), 'public, max-age=86400');
    assert.match(await answer.text(), /^<svg /);
  }
});
