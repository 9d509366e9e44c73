// A server of files that does what a test tells it, and a dataset whose source it is.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after } from 'node:test';
import { askStore } from '../api/store.mjs';

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** Listens on a port of 127.0.0.1; answer(request, response) may be replaced. */
export async function serveFiles() {
  const source = { answer: null, asked: [] };
  const sockets = new Set();
  const server = createServer((request, response) => {
    source.asked.push({ path: request.url, headers: request.headers });
    source.answer(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  source.port = server.address().port;
  source.address = `http://127.0.0.1:${source.port}`;
  return source;
}

export const rowsOf = (count, from = 0) => `n,text\n${Array.from({ length: count }, (_, i) => `${i + from},number ${i + from}\n`).join('')}`;

/** An answer with a file. */
export function file(text, headers = {}) {
  return (request, response) => response.writeHead(200, { 'content-type': 'text/csv', ...headers }).end(text);
}

/** Makes an address the source of a published dataset. */
export function setSource(data, dataset, location, schedule = '') {
  askStore(data, `delete from resource where dataset = (select uid from dataset where id = '${dataset}');
    insert into resource (dataset, kind, uploads, location, settings, etag, last_modified, schedule, checked, changed, changed_by)
    select uid, 'url', '[]', '${location}', '{}', '', '', '${schedule}', 1, 1, 'ada' from dataset where id = '${dataset}'`);
}

/** The job at a path, as soon as it is so. */
export async function jobWhen(visitor, path, isSo) {
  for (;;) {
    const answer = await visitor.get(path, { headers: { accept: 'application/json' } });
    assert.equal(answer.status, 200, answer.text);
    const { job, log } = JSON.parse(answer.text);
    if (isSo(job)) return { ...job, log };
    await sleep(50);
  }
}

/** Asks for a refresh; gives the job's path. */
export async function refresh(visitor, dataset, fields = {}) {
  const answer = await visitor.post(`/backoffice/datasets/${dataset}/refresh`, fields, { headers: { accept: 'application/json' } });
  assert.equal(answer.status, 200, answer.text);
  return JSON.parse(answer.text).location;
}

/** Number and records of the published version. */
export function published(data, dataset) {
  return askStore(data, `select version, records from dataset where id = '${dataset}'`);
}
