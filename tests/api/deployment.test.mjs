// What docs/deployment.md and packaging/ say to do: nginx itself before nodes, the systemd unit, and that
// all settings which they name are there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { send, serveNginx } from './nginx.mjs';
import { API, binary, metric, publish, run, serve, temporaryFolder } from './program.mjs';
import { addressesOf, embedded, ofPostgresql } from './store.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const folder = temporaryFolder();
const fileOf = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const records = `${API}/numbers/records`;
const options = ['--access-log', 'off', '--trusted-proxy', '127.0.0.1', '--public-url', 'https://data.example.org'];
const nodes = [];
for (const name of ['one', 'two']) {
  const data = join(folder, name, 'data');
  mkdirSync(join(folder, name));
  publish(data, 'numbers', 1000, 100);
  nodes.push({ data, ...await serve(data, [...options, '--quota-anonymous', '200']) });
}
const front = await serveNginx(nodes.map(({ port }) => port), { tls: true });
const served = (node) => metric(node, 'parvis_requests_total{status="2xx"}'.replace(/[{}"=]/g, (c) => `\\${c}`));

/** A server that stands for a node and answers 503; counts what it was asked. */
async function fullNode() {
  const full = { asked: [] };
  const server = http.createServer((request, response) => {
    full.asked.push(request.method);
    request.resume();
    response.writeHead(503, { 'retry-after': '7', 'content-type': 'application/json' }).end('{"error_code": "Full"}');
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  after(() => server.close());
  return Object.assign(full, { port: server.address().port });
}

test('nginx passes requests on, to all nodes, over TLS', async () => {
  const before = await Promise.all(nodes.map(served));
  for (let i = 0; i < 20; i += 1) {
    const answer = await send(front, `${records}?limit=1&offset=${i}&include_links=true`);
    assert.equal(answer.status, 200);
    assert.ok(JSON.parse(answer.body).links ?? JSON.parse(answer.body)._links);
    assert.match(String(answer.body), /"https:\/\/data\.example\.org\/api/, 'links are those of the public address');
    assert.equal(answer.headers['access-control-allow-origin'], '*');
  }
  for (const [i, node] of nodes.entries()) assert.ok(await served(node) >= before[i] + 5, `node ${i} had its share`);
});

test('a client is known by its own address, whatever it says itself', async () => {
  const left = async (localAddress, headers) =>
    Number((await send(front, `${records}?limit=1`, { localAddress, headers })).headers['x-ratelimit-remaining']);
  const counts = [];
  for (let i = 0; i < 6; i += 1) counts.push(await left('127.0.3.1', { 'x-forwarded-for': `198.51.${i}.7` }));
  assert.ok(Math.min(...counts) <= 197, `each node counts them together: ${counts}`);
  assert.equal(await left('127.0.4.1'), 199, 'another network has a quota of its own');
});

test('connections to the nodes are kept', async () => {
  for (let i = 0; i < 6; i += 1) await send(front, '/api/explore/v2.1/catalog/datasets?limit=1', { localAddress: '127.0.5.1' });
  for (const node of nodes) assert.ok(await metric(node, 'parvis_connections') > 1, 'one is open beside the one that asks');
});

test('long queries pass, longer ones are 414, bodies have their limits', async () => {
  const condition = `&where=${encodeURIComponent('n > 1 and '.repeat(600))}n%20%3E%201`;
  const words = (bytes) => `${records}?limit=0${condition.repeat(bytes / condition.length)}`;
  const answer = await send(front, words(30000), { localAddress: '127.0.6.1' });
  assert.equal(answer.status, 200, String(answer.body).slice(0, 300));
  assert.equal((await send(front, words(90000), { localAddress: '127.0.6.1' })).status, 414);
  const post = (bytes, path) => send(front, path, { method: 'POST', body: 'x'.repeat(bytes), localAddress: '127.0.6.1',
    headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  assert.equal((await post(2000, '/account/sign-in')).status, 403, 'it arrives, and has no token');
  assert.equal((await post(2 << 20, '/account/sign-in')).status, 413);
});

test('an export arrives whole, and the cookies of a form are for HTTPS only', async () => {
  const exported = await send(front, `${API}/numbers/exports/csv`, { localAddress: '127.0.7.1' });
  assert.equal(exported.status, 200);
  assert.equal(String(exported.body).trim().split('\n').length, 1001);
  const form = await send(front, '/account/sign-in', { localAddress: '127.0.7.1' });
  assert.match(form.headers['set-cookie'].join('\n'), /csrftoken=.*Secure/);
});

test('sign-ins are slowed down per address, and what is for operators is closed', async () => {
  const answers = [];
  for (let i = 0; i < 30; i += 1) answers.push((await send(front, '/account/sign-in', { localAddress: '127.0.8.1' })).status);
  assert.ok(answers.slice(0, 15).every((status) => status === 200), `${answers}`);
  assert.ok(answers.includes(429), `${answers}`);
  assert.equal((await send(front, '/account/sign-in', { localAddress: '127.0.9.1' })).status, 200);
  for (const path of ['/metrics', '/healthz']) assert.equal((await send(front, path)).status, 403, path);
});

test('who cannot answer is passed over for reads; what changes something is never sent twice', async () => {
  const full = await fullNode();
  const mixed = await serveNginx([full.port, nodes[0].port]);
  for (let i = 0; i < 12; i += 1) {
    assert.equal((await send(mixed, `${records}?limit=1`, { localAddress: '127.0.10.1' })).status, 200);
  }
  assert.ok(full.asked.length >= 1, 'it was tried');
  const onlyFull = await serveNginx([full.port]);
  full.asked.length = 0;
  const answer = await send(onlyFull, '/account/sign-in', { method: 'POST', body: 'a=b' });
  assert.equal(answer.status, 503);
  assert.equal(answer.headers['retry-after'], '7', "the node's own answer");
  const [other, another] = [await fullNode(), await fullNode()];
  const allFull = await serveNginx([other.port, another.port]);
  await send(allFull, '/account/sign-in', { method: 'POST', body: 'a=b' });
  assert.equal(other.asked.length + another.asked.length, 1);
});

test('a node that is gone is not noticed; without any the answer is 503 with Retry-After', async () => {
  const own = [await serve(nodes[0].data, options), await serve(nodes[1].data, options)];
  const proxy = await serveNginx(own.map(({ port }) => port));
  const ask = () => send(proxy, `${records}?limit=1`);
  for (const [i, node] of own.entries()) {
    for (let n = 0; n < 8; n += 1) {
      if (n === 3) node.child.kill('SIGKILL');
      const answer = await ask();
      if (i === 0) assert.equal(answer.status, 200, `request ${n}`);
    }
    await node.stopped;
  }
  const answer = await ask();
  assert.equal(answer.status, 503);
  assert.equal(answer.headers['retry-after'], '5');
  assert.equal(JSON.parse(answer.body).error_code, 'ServiceUnavailable');
});

test('the systemd unit is one, and exposes little', { skip: spawnSync('systemd-analyze', ['--version']).error ? 'systemd-analyze is not there' : false }, () => {
  const unit = readFileSync(fileOf('packaging/systemd/parvis.service'), 'utf8');
  const path = join(folder, 'parvis.service');
  const program = join(folder, 'parvis'); // verify wants the program to be there
  copyFileSync('/bin/true', program);
  writeFileSync(path, unit.replace('/opt/parvis/current/bin/parvis', program));
  const verified = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' });
  assert.equal(verified.status, 0, verified.stderr);
  assert.equal(verified.stderr.split('\n').filter((line) => line.includes('parvis.service')).join('\n'), '');
  const security = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', path], { encoding: 'utf8' });
  assert.equal(security.status, 0, security.stdout);
});

test('what documents and packages name is there', () => {
  const help = ['serve', 'import', 'check', 'user', 'consent', 'backup', 'restore'].map((command) => run([command, '--help']).stdout).join('\n');
  const known = new Set([...help.matchAll(/--([a-z][a-z-]+)/g)].map(([, name]) => name));
  const document = readFileSync(fileOf('docs/deployment.md'), 'utf8');
  const texts = [document, readFileSync(fileOf('packaging/systemd/parvis.service'), 'utf8')];
  const variables = texts.flatMap((text) => [...text.matchAll(/\bPARVIS_([A-Z_]+)\b/g)].map(([, name]) => name.toLowerCase().replaceAll('_', '-')));
  const lines = [...document.matchAll(/(?:^|`|-u parvis )(parvis [a-z]+ [^`\n]*)|`(--[a-z][^`]*)`/gm)].map(([, a, b]) => a ?? b);
  const named = lines.flatMap((line) => [...line.matchAll(/--([a-z][a-z-]+)/g)].map(([, name]) => name));
  assert.ok(variables.length > 3 && named.length > 3);
  for (const name of [...variables, ...named]) assert.ok(known.has(name), `${name} is no setting`);
  for (const [, path] of document.matchAll(/`((?:packaging|docs|bench)\/[^`\s…]+)`/g)) readFileSync(fileOf(path));
  assert.equal(spawnSync(binary, ['version']).status, 0);
});

/** A script of the document, by the remark above it. */
function scriptOf(title) {
  return new RegExp(`<!-- ${title} -->\\n\`\`\`sh\\n([^]*?)\`\`\``).exec(readFileSync(fileOf('docs/deployment.md'), 'utf8'))[1];
}

function shell(title, variables) {
  const commands = join(folder, 'commands');
  mkdirSync(commands, { recursive: true });
  if (!existsSync(join(commands, 'parvis'))) symlinkSync(binary, join(commands, 'parvis'));
  const done = spawnSync('sh', ['-euc', scriptOf(title)],
    { encoding: 'utf8', env: { ...process.env, ...variables, PATH: `${commands}:${process.env.PATH}` } });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout;
}

test('the commands that back up and restore one machine', embedded('copies of its files'), async () => {
  const [backup, data] = [join(folder, 'backup'), join(folder, 'restored')];
  const plain = await serve(nodes[0].data, ['--access-log', 'off']);
  await makeUser(plain, nodes[0].data, 'ada', ['--role', 'publisher']);
  shell('backup of one machine', { DATA: nodes[0].data, BACKUP: backup });
  publish(nodes[0].data, 'later', 5);
  assert.match(shell('restore on one machine', { DATA: data, BACKUP: backup }), /^ok\tnumbers\t/m);
  const restored = await serve(data, ['--access-log', 'off']);
  assert.equal((await (await restored.get(records)).json()).total_count, 1000);
  assert.equal((await restored.get(`${API}/later`)).status, 404);
  assert.equal((await new Visitor(restored).signIn('ada')).status, 303, 'passwords are good with the secrets');
});

test('the commands that back up and restore a database', ofPostgresql('a dump of it'), async () => {
  const [backup, name] = [join(folder, 'dump'), `restored_${process.pid}`];
  mkdirSync(backup);
  const addresses = addressesOf(nodes[0].data);
  const plain = await serve(nodes[0].data, ['--access-log', 'off']);
  await makeUser(plain, nodes[0].data, 'ada', ['--role', 'publisher']);
  shell('backup with PostgreSQL', { STORE: addresses.portal, BACKUP: backup });
  publish(nodes[0].data, 'later', 5);
  try {
    shell('restore with PostgreSQL', { ADMIN: addresses.admin('postgres'), OWNER: 'portal', DATABASE: name,
      RESTORED: addresses.admin(name), BACKUP: backup });
    const store = ['--store', addresses.of(name)];
    const data = join(folder, 'restored');
    assert.match(run(['check', '--data', data, ...store]).stdout, /^ok\tnumbers\t/m);
    const restored = await serve(data, ['--access-log', 'off', ...store]);
    assert.equal((await (await restored.get(records)).json()).total_count, 1000);
    assert.equal((await restored.get(`${API}/later`)).status, 404);
    assert.equal((await new Visitor(restored).signIn('ada')).status, 303);
    restored.child.kill('SIGTERM');
    await restored.stopped;
  } finally {
    addresses.drop(name);
  }
});
