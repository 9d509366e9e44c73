// Sources at an address that hang, are cut, never end, lead elsewhere, change what they are: the published version stays,
// and the job says what happened.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { publish, serve, temporaryFolder } from '../api/program.mjs';
import { askStore } from '../api/store.mjs';
import { makeUser, Visitor } from '../api/visitor.mjs';
import { serveFtp } from './ftp.mjs';
import { file, jobWhen, published, refresh, rowsOf, serveFiles, setSource } from './source.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'lamps', 10);
publish(data, 'draft-like', 3);
const server = await serve(data, ['--fetch-allow', '127.0.0.1', '--fetch-idle', '1s', '--fetch-limit', '1M', '--access-log', 'off']);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
await makeUser(server, data, 'rita');
const ada = new Visitor(server);
assert.equal((await ada.signIn('ada')).status, 303);
const source = await serveFiles();

/** Reads the source of lamps; gives the job when it has ended, or waits for its next attempt. */
async function read(answer, location = `${source.address}/lamps.csv`, fields = {}) {
  source.answer = answer;
  const now = askStore(data, "select location from resource where dataset = (select uid from dataset where id = 'lamps')");
  if (now !== location) setSource(data, 'lamps', location);
  const path = await refresh(ada, 'lamps', fields);
  const job = await jobWhen(ada, path, ({ state, attempt }) => !['waiting', 'running'].includes(state) || (state === 'waiting' && attempt > 0));
  if (job.state === 'waiting') await ada.post(`${path}/cancel`, {}); // else it would be the next one asked for
  return job;
}

/** The same for what goes wrong. */
async function fails(state, message, answer, location) {
  const before = published(data, 'lamps');
  const job = await read(answer, location);
  assert.equal(job.state, state, job.message);
  assert.match(job.message, message);
  assert.ok(job.log.some((line) => line.is_fault && message.test(line.text)));
  assert.equal(published(data, 'lamps'), before);
  return job;
}

test('a changed file becomes the next version, an unchanged one does not', async () => {
  const first = await read(file(rowsOf(20), { etag: '"one"', 'last-modified': 'Mon, 05 Jan 2026 08:00:00 GMT' }));
  assert.equal(first.state, 'done', first.message);
  assert.equal(published(data, 'lamps'), '2|20');
  const second = await read((request, response) => {
    assert.equal(request.headers['if-none-match'], '"one"');
    assert.equal(request.headers['if-modified-since'], 'Mon, 05 Jan 2026 08:00:00 GMT');
    response.writeHead(304).end();
  });
  assert.equal(second.state, 'done');
  assert.deepEqual(second.result, { changed: false });
  assert.match(second.message, /^Nothing new/);
  assert.equal(published(data, 'lamps'), '2|20');
});

test('a server that tags nothing is noticed by its bytes', async () => {
  assert.equal((await read(file(rowsOf(21)))).state, 'done');
  assert.equal(published(data, 'lamps'), '3|21');
  assert.deepEqual((await read(file(rowsOf(21)))).result, { changed: false });
  assert.equal(published(data, 'lamps'), '3|21');
  assert.equal((await read(file(rowsOf(21)), undefined, { whole: '1' })).state, 'done');
  assert.equal(published(data, 'lamps'), '4|21');
});

test('a compressed answer is unpacked, redirects are followed', async () => {
  await read((request, response) => {
    if (request.url === '/lamps.csv') return response.writeHead(302, { location: '/elsewhere/x.csv?a=b' }).end();
    return file(gzipSync(rowsOf(22)), { 'content-encoding': 'gzip' })(request, response);
  });
  assert.equal(published(data, 'lamps'), '5|22');
});

test('nothing of this machine is sent along', () => {
  for (const { headers } of source.asked) {
    assert.match(headers['user-agent'], /^parvis\//);
    for (const name of ['cookie', 'authorization', 'referer', 'x-csrftoken']) assert.equal(headers[name], undefined);
  }
});

test('a source that hangs is given up', async () => {
  await fails('waiting', /does not go on/, () => {});
  await fails('waiting', /does not go on/, (request, response) => response.writeHead(200, { 'content-length': 1000 }).write('n,text\n1,'));
});

test('a source that is cut in the middle', async () => {
  await fails('waiting', /cut the connection after \d+ bytes/, (request, response) => {
    response.writeHead(200, { 'content-length': 100000 });
    response.write(rowsOf(100), () => setTimeout(() => response.socket.destroy(), 100));
  });
  await fails('waiting', /cut the connection/, (request, response) => response.socket.destroy());
});

test('a source that sends without end', async () => {
  await fails('failed', /larger than 1048576 bytes/, (request, response) => {
    const go = () => { while (!response.destroyed && response.write('1,endless\n'.repeat(1000))); };
    response.on('drain', go).writeHead(200);
    go();
  });
});

test('a small answer that unpacks to a huge one', async () => {
  const bomb = gzipSync(Buffer.alloc(200 << 20, 'a'));
  await fails('failed', /larger than 1048576 bytes/, file(bomb, { 'content-encoding': 'gzip' }));
});

test('a redirect into the inner network is refused', async () => {
  for (const location of ['http://127.0.0.2:80/', `http://localhost.localdomain@127.0.0.3:${source.port}/`, 'http://169.254.169.254/latest/meta-data/', 'http://[::1]:80/',
    'http://10.0.0.1/', 'http://[::ffff:192.168.0.1]/', 'http://0.0.0.0/']) {
    await fails('failed', /inner network/, (request, response) => response.writeHead(302, { location }).end());
  }
});

test('a redirect to anything but http and https is refused', async () => {
  for (const location of ['file:///etc/passwd', 'ftp://127.0.0.1/x', 'gopher://127.0.0.1/', 'sftp://127.0.0.1/x', 'dict://127.0.0.1/']) {
    await fails('failed', /none of http or https/, (request, response) => response.writeHead(302, { location }).end());
  }
  await fails('failed', /without an end/, (request, response) => response.writeHead(302, { location: `${request.url}x` }).end());
});

test('addresses of the inner network are refused unless they are allowed', async () => {
  await fails('failed', /inner network/, file(rowsOf(5)), 'http://127.0.0.5:80/lamps.csv');
  await fails('failed', /inner network/, file(rowsOf(5)), 'http://169.254.169.254/latest/');
});

test('a page for people where a file of data was expected', async () => {
  const page = '\ufeff\n<!-- cached -->\n<!DOCTYPE html><html><title>Sign in</title></html>';
  await fails('failed', /A page for people \(HTML\) came/, file(page, { 'content-type': 'text/html' }));
  await fails('failed', /A page for people \(HTML\) came/, file(page));
});

test('changed columns', async () => {
  await fails('failed', /columns of the file have changed: text/, file('n,title\n1,a\n2,b\n'));
  await fails('failed', /columns of the file have changed: n \(of another type\)/, file('n,text\none,a\ntwo,b\n'));
  const wider = await read(file('n,text,more\n1,a,x\n2,b,y\n'));
  assert.equal(wider.state, 'done', wider.message);
  assert.equal(published(data, 'lamps'), '6|2');
});

test('what is no file of data at all', async () => {
  const before = published(data, 'lamps');
  const job = await read(file(Buffer.from([0, 1, 2, 3, 0xff, 0xfe, 0, 0]), { 'content-type': 'application/octet-stream' }));
  assert.equal(job.state, 'failed', job.message);
  assert.equal(published(data, 'lamps'), before);
  assert.equal((await read(file(''))).state, 'failed');
  assert.equal(published(data, 'lamps'), before);
});

test('answers that are no file', async () => {
  for (const [status, state, message] of [[404, 'failed', /There is no file/], [410, 'failed', /There is no file/],
    [401, 'failed', /not for everybody/], [403, 'failed', /not for everybody/], [418, 'failed', /answer 418/],
    [204, 'failed', /answer 204/], [500, 'waiting', /at the moment/], [503, 'waiting', /at the moment/], [429, 'waiting', /at the moment/]]) {
    await fails(state, message, (request, response) => response.writeHead(status).end('x'));
  }
  await fails('waiting', /takes no connection/, file(''), 'http://127.0.0.1:9/x.csv');
  await fails('waiting', /is not found/, file(''), 'http://no-such-host.invalid/x.csv');
  await fails('failed', /begins with http/, file(''), 'file:///etc/passwd');
});

test('a password in an address is shown to nobody', async () => {
  const job = await read((request, response) => response.writeHead(404).end(), `http://ada:topsecret@127.0.0.1:${source.port}/x.csv`);
  assert.equal(source.asked.at(-1).headers.authorization, `Basic ${Buffer.from('ada:topsecret').toString('base64')}`);
  assert.doesNotMatch(JSON.stringify(job), /topsecret/);
  assert.doesNotMatch(server.errors, /topsecret/);
});

test('a file by FTP, and what its server may do', async () => {
  const ftp = await serveFtp('n,text,more\n1,by ftp,x\n2,b,y\n3,c,z\n');
  const job = await read(null, `${ftp.address}/folder/lamps.csv`);
  assert.equal(job.state, 'done', job.message);
  assert.match(published(data, 'lamps'), /^\d+\|3$/);
  assert.ok(ftp.asked.includes('USER ada') && ftp.asked.includes('PASS topsecret'));
  assert.doesNotMatch(JSON.stringify(job), /topsecret/);
  assert.deepEqual((await read(null, `${ftp.address}/folder/lamps.csv`)).result, { changed: false });
  await fails('failed', /There is no file/, null, `${ftp.address}/other.csv`);
  await fails('failed', /not for everybody/, null, `${(await serveFtp('', { refuses: true })).address}/lamps.csv`);
});

test('an SFTP server that is none', async () => {
  await fails('waiting', /cannot be fetched|takes no connection/, null, 'sftp://ada:topsecret@127.0.0.1:9/lamps.csv');
});

test('a source that hangs can be cancelled', async () => {
  let asked;
  const isAsked = new Promise((resolve) => { asked = resolve; });
  source.answer = (request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'), 200); // it never is idle
    response.on('close', () => clearInterval(timer));
    asked();
  };
  setSource(data, 'lamps', `${source.address}/slow.csv`);
  const path = await refresh(ada, 'lamps');
  await isAsked;
  assert.equal((await ada.post(`${path}/cancel`, {})).status, 303);
  const job = await jobWhen(ada, path, ({ state }) => state !== 'running');
  assert.equal(job.state, 'cancelled');
});

test('a source that comes back is read at the next attempt', async () => {
  const path = await (async () => {
    source.answer = (request, response) => response.writeHead(503).end();
    setSource(data, 'lamps', `${source.address}/again.csv`);
    return refresh(ada, 'lamps');
  })();
  const waits = await jobWhen(ada, path, ({ state, attempt }) => state === 'waiting' && attempt === 1);
  assert.ok(Date.parse(waits.not_before) - Date.now() > 30_000);
  const page = (await ada.get(path)).text;
  assert.match(page, /Next attempt/);
  source.answer = file('n,text,more\n1,a,x\n');
  assert.equal((await ada.post(`${path}/retry`, {})).status, 303);
  const job = await jobWhen(ada, path, ({ state }) => state === 'done' || state === 'failed');
  assert.equal(job.state, 'done', job.message);
});

test('only who may publish has a source read', async () => {
  const rita = new Visitor(server);
  await rita.signIn('rita');
  assert.equal((await rita.post('/backoffice/datasets/lamps/refresh', {})).status, 403);
  const none = await ada.post('/backoffice/datasets/draft-like/refresh', {}, { headers: { accept: 'application/json' } });
  assert.equal(none.status, 409);
  assert.match(none.text, /no address/);
});

test('the calendar adds a job once when its time has come', async () => {
  source.answer = file('n,text,more\n7,calendar,x\n');
  setSource(data, 'lamps', `${source.address}/calendar.csv`, 'hourly');
  askStore(data, 'update job set created = 1'); // else one of this hour's would be it
  const before = askStore(data, 'select coalesce(max(id), 0) from job');
  const added = () => askStore(data, `select id from job where id > ${before} and kind = 'refresh'`);
  while (!added()) await new Promise((resolve) => { setTimeout(resolve, 200); });
  const job = await jobWhen(ada, `/backoffice/jobs/${added()}`, ({ state }) => state === 'done' || state === 'failed');
  assert.equal(job.state, 'done', job.message);
  assert.equal(job.user, 'ada');
  assert.ok(Number(askStore(data, "select checked from resource where schedule = 'hourly'")) > 1);
});
