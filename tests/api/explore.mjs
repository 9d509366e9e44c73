// Short hands for requests to the Explore API.
import assert from 'node:assert/strict';
import { address } from './address.mjs';
import { get } from './harness.mjs';

export { address };

export const root = '/api/explore/v2.1/catalog';
export const lampsPath = `${root}/datasets/street-lamps`;

/** The JSON of a successful answer. */
export async function json(path, parameters) {
  const response = await get(address(path, parameters));
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
  return JSON.parse(text);
}

/** Asserts an error answer in the form of the reference's section 1.3 and returns its message. */
export async function refused(path, parameters, status, code) {
  const response = await get(address(path, parameters));
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
  const body = JSON.parse(text);
  assert.deepEqual(Object.keys(body), ['error_code', 'message']);
  assert.equal(body.error_code, code, text);
  assert.equal(text, JSON.stringify(body, null, 2));
  return body.message;
}
