// Waiting for what another process or thread does: as long as it takes on a busy machine, and not for ever.
import assert from 'node:assert/strict';

const MOST = 120000; // milliseconds: something is broken then

export const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** Asks until the answer is true. Returns how long it took, in milliseconds. */
export async function eventually(what, ask) {
  const began = performance.now();
  while (!await ask()) {
    assert.ok(performance.now() - began < MOST, `${what}: still not so`);
    await sleep(20);
  }
  return performance.now() - began;
}
