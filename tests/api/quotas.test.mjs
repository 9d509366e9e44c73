// Quotas of callers and of the portal (explore-api.md 1.2, 1.3, 7.3), also for answers from the cache.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { API, publish, serve, temporaryFolder } from './program.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'numbers', 5);

test('without limits there are no rate-limit headers', async () => {
  const server = await serve(data);
  const answer = await server.get(`${API}/numbers/records`);
  assert.equal(answer.headers.get('x-ratelimit-limit'), null);
  server.child.kill('SIGTERM');
});

for (const [who, option, code] of [['one network', '--quota-anonymous', 10005], ['the portal', '--quota-portal', 10002]]) {
  test(`calls of ${who} are counted down and then refused`, async () => {
    const server = await serve(data, [option, '3']);
    for (const left of [2, 1, 0]) {
      const answer = await server.get(`${API}/numbers/records`);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('x-ratelimit-limit'), '3');
      assert.equal(answer.headers.get('x-ratelimit-remaining'), String(left));
      assert.match(answer.headers.get('x-ratelimit-reset'), /^\d{4}-\d\d-\d\d 00:00:00\+00:00$/);
      assert.equal((await answer.json()).total_count, 5);
    }
    for (const path of [`${API}/numbers/records`, `${API}/numbers/records?limit=1`, `${API}/numbers/exports/csv`]) {
      const answer = await server.get(path);
      assert.equal(answer.status, 429);
      assert.ok(Number(answer.headers.get('retry-after')) > 0);
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
      const body = await answer.json();
      assert.equal(body.errorcode, code);
      assert.equal(body.call_limit, 3);
      assert.equal(body.limit_time_unit, 'day');
      assert.match(body.reset_time, /^\d{4}-\d\d-\d\dT00:00:00Z$/);
      assert.equal(typeof body.error, 'string');
    }
    for (const path of ['/', '/healthz', '/cookies']) {
      assert.equal((await server.get(path)).status, 200, 'pages are not counted');
    }
    server.child.kill('SIGTERM');
  });
}

test('a question of the API console is a call of the API', async () => {
  const server = await serve(data, ['--quota-anonymous', '1']);
  const ask = async (limit) => (await server.get(`/explore/dataset/numbers/api/?p.limit=${limit}`)).text();
  assert.match(await ask(1), /200 ·/);
  assert.match(await ask(2), /429 ·/);
  assert.equal((await server.get(`${API}/numbers/records`)).status, 429);
  server.child.kill('SIGTERM');
});

test('an export carries the numbers too, and a 304 as well', async () => {
  const server = await serve(data, ['--quota-anonymous', '10']);
  const stream = await server.get(`${API}/numbers/exports/csv`);
  assert.equal(stream.headers.get('x-ratelimit-remaining'), '9');
  await stream.text();
  const first = await server.get(`${API}/numbers/records`);
  const again = await server.get(`${API}/numbers/records`, { headers: { 'if-none-match': first.headers.get('etag') } });
  assert.equal(again.status, 304);
  assert.equal(again.headers.get('x-ratelimit-remaining'), '7');
  server.child.kill('SIGTERM');
});
