// Rows of the conformance tables: where the reference says so, how sure that is (D documented, R recorded, M measured,
// C from clients, I from another implementation, U unconfirmed), what, and how to see it.
import assert from 'node:assert/strict';
import { ask, records, sites } from './sites.mjs';

const rows = [];

/** All rows, in the order in which they were written. */
export const facts = rows;

/** A fact that a function shows. */
export function fact(at, tag, says, shows) {
  rows.push({ at, tag, says, shows });
}

/** The answer to a request is 200 and a function of it holds. */
export function answers(at, tag, says, path, parameters, holds) {
  fact(at, tag, says, async () => {
    const answer = await ask(path, parameters);
    assert.equal(answer.status, 200, answer.text);
    await holds(answer.json ?? answer.text, answer);
  });
}

/** A condition finds the sites that a function keeps. */
export function finds(at, tag, where, keeps, more = {}) {
  fact(at, tag, `where=${where}`, async () => {
    const answer = await ask(records, { select: 'code', where, limit: 100, order_by: 'code', ...more });
    assert.equal(answer.status, 200, answer.text);
    const expected = sites.filter(keeps).map((site) => site.code);
    assert.deepEqual(answer.json.results.map((row) => row.code), expected);
    assert.equal(answer.json.total_count, expected.length);
  });
}

/** The results of a query on the sites. */
export function yields(at, tag, parameters, expected) {
  fact(at, tag, Object.entries(parameters).map(([name, value]) => `${name}=${value}`).join('&'), async () => {
    const answer = await ask(records, parameters);
    assert.equal(answer.status, 200, answer.text);
    const results = answer.json.results;
    if (typeof expected === 'function') await expected(results, answer.json);
    else assert.deepEqual(results, expected);
  });
}

/** A request is refused with a status, an error_code and a message that matches. */
export function refuses(at, tag, says, path, parameters, status, code, message = /./) {
  fact(at, tag, says, async () => {
    const answer = await ask(path, parameters);
    assert.equal(answer.status, status, answer.text);
    assert.deepEqual(Object.keys(answer.json), ['error_code', 'message']);
    assert.equal(answer.json.error_code, code, answer.text);
    assert.match(answer.json.message, message);
  });
}

/** A clause on the sites is refused. */
export function rejects(at, tag, parameters, code, message) {
  refuses(at, tag, `refused: ${Object.entries(parameters).map(([name, value]) => `${name}=${value}`).join('&')}`, records, parameters,
    400, code, message);
}
