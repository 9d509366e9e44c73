// A publisher who sends files and waits for jobs, for tests of new datasets.
import assert from 'node:assert/strict';
import { Visitor } from './visitor.mjs';

export const base64 = (text) => Buffer.from(text).toString('base64');

/** Path of the dataset of a title, made by the form. */
export async function makeDraft(visitor, title, id = '') {
  const made = await visitor.post('/backoffice/datasets/new', { title, id });
  assert.equal(made.status, 303, made.text);
  return made.location.replace(/\/source$/, '');
}

/** A request of the tus protocol. */
export function tus(visitor, method, path, headers = {}, body) {
  return visitor.send(method, path, { body, headers: { accept: 'application/json', 'tus-resumable': '1.0.0',
    'x-csrftoken': visitor.cookies.get('csrftoken') ?? '', ...headers } });
}

/** Begins an upload; gives its address. */
export async function begin(visitor, dataset, name, bytes) {
  const answer = await tus(visitor, 'POST', '/backoffice/uploads', { 'upload-length': String(bytes),
    'upload-metadata': `filename ${base64(name)},dataset ${base64(dataset)},lastmodified ${base64('1700000000000')}` });
  assert.equal(answer.status, 201, answer.text);
  return answer.headers.get('location');
}

export function patch(visitor, address, offset, bytes) {
  return tus(visitor, 'PATCH', address, { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' }, bytes);
}

/** Sends a whole file in pieces; gives its id. */
export async function upload(visitor, dataset, name, bytes, piece = 8 << 20) {
  const address = await begin(visitor, dataset, name, bytes.length);
  for (let at = 0; at < bytes.length; at += piece) {
    const answer = await patch(visitor, address, at, bytes.subarray(at, at + piece));
    assert.equal(answer.status, 204, answer.text);
  }
  return address.split('/').at(-1);
}

export async function revision(visitor, draft) {
  const answer = await visitor.get(`${draft}/source`, { headers: { accept: 'application/json' } });
  return JSON.parse(answer.text).revision;
}

/** Makes the records of uploads. */
export async function use(visitor, draft, ids, fields = {}) {
  const body = new URLSearchParams({ kind: 'upload', ...fields });
  ids.forEach((id) => body.append('use', id));
  const answer = await visitor.send('POST', `${draft}/source`, { body, headers: { 'x-csrftoken': visitor.cookies.get('csrftoken') } });
  assert.equal(answer.status, 303, answer.text);
  return answer;
}

/** The preview as a script has it. */
export async function preview(visitor, draft) {
  const answer = await visitor.get(`${draft}/source/fields`, { headers: { accept: 'application/json' } });
  assert.equal(answer.status, 200, answer.text);
  return JSON.parse(answer.text);
}

/** Waits for the publication to end: { is_done, has_failed, message }. */
export async function ended(visitor, draft) {
  for (;;) {
    const answer = await visitor.get(`${draft}/source/publish`, { headers: { accept: 'application/json' } });
    const state = JSON.parse(answer.text);
    if (state.is_there && !state.is_active) return state;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

export async function publishDraft(visitor, draft, fields = {}) {
  const answer = await visitor.post(`${draft}/source/publish`, { visible: 'public', ...fields });
  assert.equal(answer.status, 303, answer.text);
  return ended(visitor, draft);
}

/** A visitor who is signed in. */
export async function signedIn(server, name) {
  const visitor = new Visitor(server);
  assert.equal((await visitor.signIn(name)).status, 303);
  return visitor;
}
