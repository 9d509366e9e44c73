// Invitations, keys, sessions, limits, the tab Access and the audit log, over HTTP and on the command line.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { API, publish, run, serve, temporaryFolder } from './program.mjs';
import { askStore } from './store.mjs';
import { makeUser, PASSWORD, Visitor } from './visitor.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'numbers', 5);
const server = await serve(data);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
await makeUser(server, data, 'pia', ['--role', 'publisher']);
await makeUser(server, data, 'rob');
const command = (...words) => run([...words, '--data', data]);

async function signedIn(name) {
  const visitor = new Visitor(server);
  assert.equal((await visitor.signIn(name)).status, 303);
  return visitor;
}
const ada = await signedIn('ada');

/** Posts and follows the redirect. */
async function done(visitor, path, fields = {}) {
  const answer = await visitor.post(path, fields);
  assert.equal(answer.status, 303, `${path}: ${answer.text}`);
  return visitor.get(answer.location);
}

const secretOf = (page) => /<code id="secret">([^<]+)<\/code>/.exec(page.text)?.[1];
const call = (key) => fetch(`${server.portal}${API}/numbers/records?limit=0`, { headers: { authorization: `Apikey ${key}` } });
const auditOf = async (query, who = ada) => (await who.get(`/backoffice/audit.csv?${query}`)).text.trim().split('\r\n').slice(1);

test('who is invited chooses name and password, and has the role and the groups', async () => {
  command('group', 'add', 'Planners');
  const form = await ada.get('/backoffice/invitations/new');
  const group = /name="group" value="(\d+)"/.exec(form.text)[1];
  const wrong = await ada.post('/backoffice/invitations/new', { email: 'nobody', role: 'reader', language: 'en' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /value="nobody"/);
  const made = await ada.post('/backoffice/invitations/new', { email: 'grace@example.org', role: 'editor', group, language: 'fr' });
  assert.equal(made.status, 200, made.text);
  const path = new URL(secretOf(made)).pathname;
  assert.match(path, /^\/account\/invitation\/[\w-]{43}$/);
  assert.match((await ada.get('/backoffice/invitations')).text, /grace@example\.org[\s\S]*Editor[\s\S]*Planners/);
  assert.doesNotMatch((await ada.get('/backoffice/invitations')).text, /account\/invitation/);
  assert.equal((await ada.post('/backoffice/invitations/new', { email: 'Grace@example.org', role: 'reader', language: 'en' })).status, 422, 'twice');
  const grace = new Visitor(server);
  assert.match((await grace.get(path)).text, /grace@example\.org/);
  for (const fields of [{ name: 'ada', password: PASSWORD }, { name: 'gr ace', password: PASSWORD }, { name: 'grace', password: 'short' }]) {
    const refused = await grace.post(path, fields);
    assert.equal(refused.status, 422, JSON.stringify(fields));
    assert.match(refused.text, new RegExp(`value="${fields.name}"`), 'what was typed stays');
  }
  assert.equal((await grace.post(path, { name: 'grace', password: PASSWORD }, { token: '' })).status, 403);
  assert.equal((await grace.post(path, { name: 'grace', display_name: 'Grace H.', password: PASSWORD })).status, 303);
  assert.equal((await grace.post(path, { name: 'again', password: PASSWORD })).status, 404, 'used up');
  assert.equal((await grace.signIn('grace')).status, 303);
  assert.match((await grace.get('/backoffice')).text, /<dd>Editor<\/dd>/);
  assert.match(command('user', 'list').stdout, /^grace\teditor\tactive\t-\t\S+\tGrace H\.\tgrace@example\.org\tPlanners\t/m);
  assert.doesNotMatch((await ada.get('/backoffice/invitations')).text, /grace@/);
  assert.equal((await auditOf('action=invitation')).length, 2);
});

test('an invitation is sent again, taken back, and expires', async () => {
  const made = command('user', 'invite', 'hal@example.org', '--role', 'reader', '--group', 'Planners');
  assert.match(made.stdout, /^http\S+\/account\/invitation\/[\w-]{43}\n$/);
  const first = new URL(made.stdout.trim()).pathname;
  const list = await ada.get('/backoffice/invitations');
  const [send, revoke] = ['send', 'revoke'].map((action) => new RegExp(`href="(/backoffice/invitations/\\d+/${action})"`).exec(list.text)[1]);
  assert.equal((await ada.get(send)).status, 200);
  const second = new URL(secretOf(await ada.post(send, {}))).pathname;
  const hal = new Visitor(server);
  assert.equal((await hal.get(first)).status, 404);
  assert.equal((await hal.get(second)).status, 200);
  askStore(data, "update invitation set expires = 1 where email = 'hal@example.org'");
  assert.equal((await hal.get(second)).status, 404);
  assert.match((await ada.get('/backoffice/invitations')).text, /Expired/);
  assert.match((await done(ada, revoke)).text, /taken back/);
  assert.equal((await ada.post(send, {})).status, 404);
  for (const words of [['hal'], ['ada@example.org', '--role', 'king'], ['ada@example.org', '--group', 'absent'], ['ada@example.org', '--language', 'xx'], []]) {
    assert.notEqual(command('user', 'invite', ...words).status, 0, words.join(' '));
  }
});

test('keys: from the command line, of all users in the overview, revoked there', async () => {
  const key = command('key', 'add', 'rob', '--name', 'nightly', '--expires', '2999-12-31', '--write').stdout.trim();
  assert.match(key, /^[0-9a-f]{56}$/);
  assert.equal((await call(key)).status, 200);
  const row = command('key', 'list', 'rob').stdout.trim().split('\t');
  assert.deepEqual([row[1], row[2], row[3], row[4], row[5], row[8]], ['rob', 'nightly', `${key.slice(0, 8)}…`, 'write', 'active', '3000-01-01T00:00:00+00:00']);
  const page = await ada.get('/backoffice/keys?q=night');
  assert.match(page.text, /nightly[\s\S]*rob/);
  assert.match((await ada.get('/backoffice/keys?q=absent')).text, /No key fits/);
  const { keys } = JSON.parse((await ada.get('/backoffice/keys', { headers: { accept: 'application/json' } })).text);
  assert.equal(keys[0].owner, 'rob');
  assert.ok(!JSON.stringify(keys).includes(key));
  const revoke = /href="(\/backoffice\/keys\/\d+\/revoke)"/.exec(page.text)[1];
  assert.match((await ada.get(revoke)).text, /nightly of rob/);
  assert.match((await done(ada, revoke)).text, /Revoked/);
  assert.equal((await call(key)).status, 401);
  const other = command('key', 'add', 'rob').stdout.trim();
  const number = command('key', 'list', 'rob').stdout.split('\t')[0];
  assert.equal(command('key', 'revoke', number).status, 0);
  assert.equal((await call(other)).status, 401);
  for (const words of [['add', 'nobody'], ['add', 'rob', '--expires', 'soon'], ['add', 'rob', '--expires', '1999-01-01'], ['add', 'rob', '--calls', '0'],
    ['revoke', 'x'], ['revoke', number], ['list', '--write'], ['what'], ['add']]) {
    assert.notEqual(command('key', ...words).status, 0, words.join(' '));
  }
  assert.deepEqual((await auditOf('action=key.revoke')).map((line) => line.split(',')[1]), ['command line', 'ada']);
});

test('a key has a limit of its own, a user his, a group that of its members', async () => {
  const rob = await signedIn('rob');
  await rob.get('/account/keys');
  assert.equal((await rob.post('/account/keys', { name: 'k', calls: '-1' })).status, 422);
  const key = secretOf(await rob.post('/account/keys', { name: 'k', calls: '2' }));
  const statuses = async (one, times) => {
    const all = [];
    for (let i = 0; i < times; i++) all.push((await call(one)).status);
    return all;
  };
  assert.deepEqual(await statuses(key, 3), [200, 200, 429]);
  const free = command('key', 'add', 'rob').stdout.trim();
  assert.deepEqual(await statuses(free, 2), [200, 200], 'another key of the same user');
  const path = /href="(\/backoffice\/users\/\d+)">rob</.exec((await ada.get('/backoffice/users?q=rob')).text)[1];
  assert.equal((await ada.post(`${path}/limit`, { calls: 'many' })).status, 422);
  assert.match((await done(ada, `${path}/limit`, { calls: '5' })).text, /<dd>5<\/dd>/);
  const answer = await call(free);
  assert.equal(answer.headers.get('x-ratelimit-limit'), '5');
  assert.match((await rob.get('/account/keys')).text, /of 5; \d are left/);
  assert.ok((await statuses(free, 5)).includes(429));
  await done(ada, `${path}/limit`, { calls: '' });
  assert.equal((await call(free)).status, 200, 'the settings hold again');
  const group = /href="(\/backoffice\/groups\/\d+)">Planners</.exec((await ada.get('/backoffice/groups')).text)[1];
  command('group', 'member', 'Planners', '--add', 'rob');
  await done(ada, `${group}/limit`, { calls: '1000' });
  assert.equal((await call(free)).headers.get('x-ratelimit-limit'), '1000');
  command('group', 'add', 'Machines');
  command('group', 'member', 'Machines', '--add', 'rob');
  const other = /href="(\/backoffice\/groups\/\d+)">Machines</.exec((await ada.get('/backoffice/groups')).text)[1];
  await done(ada, `${other}/limit`, { calls: '2000' });
  assert.equal((await call(free)).headers.get('x-ratelimit-limit'), '2000', 'the highest of the groups');
  await done(ada, `${other}/limit`, { calls: '0' });
  assert.equal((await call(free)).headers.get('x-ratelimit-limit'), null, 'none is the highest');
  assert.equal(command('group', 'rename', 'Machines', '--name', 'Programs').status, 0);
  assert.equal(command('group', 'remove', 'Programs').status, 0);
  assert.equal((await call(free)).headers.get('x-ratelimit-limit'), '1000');
  const limits = (await ada.get('/backoffice/keys?q=k')).text;
  const limit = [...limits.matchAll(/href="(\/backoffice\/keys\/\d+\/limit)"/g)].pop()[1];
  await done(ada, limit, { calls: '' });
});

test('sessions of all are listed, and ended one by one', async () => {
  const rob = await signedIn('rob');
  const page = await ada.get('/backoffice/sessions');
  const rows = page.text.split('<tr>').filter((row) => row.includes('>rob</a>'));
  assert.ok(rows.length > 0);
  assert.match(page.text, /This one/);
  for (const row of rows) await done(ada, /href="([^"]+\/end[^"]*)"/.exec(row)[1].replace('&amp;', '&'));
  assert.equal((await rob.get('/account')).status, 303);
  assert.equal((await ada.get('/account')).status, 200);
});

test('the tab Access is for who may change the rules, and says what each gives', async () => {
  command('access', 'numbers', '--user', 'pia', '--manage');
  const pia = await signedIn('pia');
  const tab = '/backoffice/datasets/numbers/access';
  let page;
  const two = command('access', 'numbers', '--group', 'Planners', '--read', '--filter', 'n < 2');
  assert.equal(two.status, 0, two.stderr);
  do page = await pia.get(tab); while (!/sees 2 of 5 records/.test(page.text));
  assert.match(page.text, /sees all 5 records/);
  assert.match(page.text, /aria-current="page">Access/);
  const { rules, records } = JSON.parse((await pia.get(tab, { headers: { accept: 'application/json' } })).text);
  assert.equal(records, 5);
  assert.deepEqual(rules.map(({ subject, name, rights, records: seen }) => [subject, name, rights, seen]), [['group', 'Planners', 'read', 2], ['user', 'pia', 'manage', 5]]);
  assert.equal((await pia.get('/backoffice/access/numbers/rule?group=Planners')).location, `${tab}/rule?group=Planners`);
  assert.equal((await pia.get('/backoffice/access/numbers')).location, tab);
  assert.match((await done(pia, `${tab}/rule?group=Planners`, { rights: 'none', filter: '' })).text, /sees nothing/);
  const bad = await pia.post(`${tab}/rule?group=Planners`, { rights: 'read', filter: 'n <' });
  assert.equal(bad.status, 422);
  assert.match(bad.text, /n &lt;\s*<\/textarea>/, 'what was typed stays');
  assert.equal((await pia.post(`${tab}/rule`, { rights: 'none' }, { token: '' })).status, 403);
  await done(pia, `${tab}/remove?group=Planners`);
  assert.doesNotMatch((await pia.get(tab)).text, /Planners<span|sees nothing/);
  const write = command('key', 'add', 'pia', '--write').stdout.trim();
  const byKey = await new Visitor(server).post(`${tab}/rule?group=Planners`, { rights: 'edit', filter: '' }, { headers: { authorization: `Apikey ${write}`, accept: 'application/json' } });
  assert.equal(byKey.status, 200, byKey.text);
  assert.equal(JSON.parse(byKey.text).location, tab);
  const [latest] = await auditOf('action=access.change');
  assert.match(latest, /pia, key \d+",access\.change,numbers,group Planners: edit/);
});

test('the log is filtered by time, person, action, subject and network, and pages are stable', async () => {
  assert.ok((await auditOf('actor=pia')).every((line) => /,"?pia/.test(line)));
  assert.ok((await auditOf('actor=pia')).some((line) => line.includes('pia, key')), 'with what keys did');
  assert.ok((await auditOf('action=key')).every((line) => /,key\./.test(line)));
  assert.ok((await auditOf('subject=numbers&action=access')).every((line) => line.includes(',access.change,numbers,')));
  assert.deepEqual(await auditOf('until=2001-01-01'), []);
  assert.ok((await auditOf('from=2001-01-01')).length > 10);
  assert.deepEqual(await auditOf('network=203.0.113.0/24'), []);
  const network = /,([\d.]+\/24)$/m.exec((await auditOf('action=sign_in')).join('\n'))[1];
  assert.ok((await auditOf(`network=${encodeURIComponent(network)}`)).length > 3);
  const wrong = await ada.get('/backoffice/audit?from=soon');
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /value="soon"/);
  assert.equal((await ada.get('/backoffice/audit.csv?until=soon')).status, 400);
  askStore(data, `insert into audit (at, actor, action, subject, detail, network)
    ${Array.from({ length: 130 }, (_, n) => `select 1000000, 'old', 'group.add', '=old ${n}', '', ''`).join(' union all ')}`);
  const first = await ada.get('/backoffice/audit?actor=old');
  const older = /href="([^"]+)" rel="next"/.exec(first.text)[1].replaceAll('&amp;', '&');
  const again = await ada.get(older);
  askStore(data, "insert into audit (at, actor, action, subject, detail, network) values (2000000, 'old', 'group.add', 'newer', '', '')");
  const later = await ada.get(older);
  const subjects = (page) => [...page.text.matchAll(/>(=old \d+)</g)].map(([, one]) => one);
  assert.deepEqual(subjects(later), subjects(again));
  assert.equal(new Set([...subjects(first), ...subjects(again)]).size, 130, 'nothing twice, nothing left out');
  const csv = await auditOf('actor=old&subject=%3Dold%201');
  assert.match(csv[0], /"'=old 1"/, 'no formula');
  const jsonl = (await ada.get('/backoffice/audit.jsonl?actor=old')).text.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(jsonl.length, 131);
  assert.deepEqual(Object.keys(jsonl[0]), ['at', 'actor', 'action', 'subject', 'detail', 'network']);
});

test('who may change the rules of a dataset sees its log, and no other', async () => {
  const pia = await signedIn('pia');
  const page = await pia.get('/backoffice/audit?subject=numbers');
  assert.equal(page.status, 200);
  assert.match(page.text, /access\.change/);
  assert.doesNotMatch(page.text, /127\.0\.0|id="network"/);
  for (const query of ['', 'subject=', 'subject=ada', 'subject=absent', 'actor=pia']) {
    assert.equal((await pia.get(`/backoffice/audit?${query}`)).status, 403, query);
    assert.equal((await pia.get(`/backoffice/audit.jsonl?${query}`)).status, 403, query);
  }
  askStore(data, "insert into audit (at, actor, action, subject, detail, network) values (1, 'x', 'user.add', 'numbers', 'a person of that name', '')");
  assert.doesNotMatch((await pia.get('/backoffice/audit.jsonl?subject=numbers')).text, /a person of that name|127\.0\.0/);
  const rob = await signedIn('rob');
  assert.equal((await rob.get('/backoffice/audit?subject=numbers')).status, 403);
});
