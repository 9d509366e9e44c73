// tools/check_layers refuses what the registry of cookies must be sure of: no other way to Set-Cookie.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './program.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = temporaryFolder();
mkdirSync(join(folder, 'tools'));
cpSync(join(root, 'tools/check_layers'), join(folder, 'tools/check_layers'));
cpSync(join(root, 'src'), join(folder, 'src'), { recursive: true });

/** Runs the check with one more file. */
function checkWith(path, text) {
  const file = join(folder, 'src', path);
  writeFileSync(file, text);
  const { status, stdout } = spawnSync(join(folder, 'tools/check_layers'), { encoding: 'utf8' });
  writeFileSync(file, '#include "base/str.h"\n');
  return { status, stdout };
}

test('the sources as they are pass', () => {
  const { status, stdout } = checkWith('web/front/stray.c', '#include "base/str.h"\n');
  assert.equal(status, 0, stdout);
});

for (const [what, path, line] of [
  ['a page that sets a cookie by its name', 'web/front/stray.c', 'response_cookie(exchange, S("tracker"), value, &attributes);'],
  ['the same with a blank', 'web/api/stray.c', 'response_cookie (exchange, S("tracker"), value, &attributes);'],
  ['the header by hand', 'web/front/stray.c', 'response_header(exchange, S("Set-Cookie"), S("a=b"));'],
  ['the header in other letters', 'web/back/stray.c', 'response_own_header(exchange, S("SET-COOKIE"), S("a=b"));'],
  ['below the web', 'domain/privacy/stray.c', 'response_cookie(exchange, name, value, &attributes);'],
]) {
  test(`${what} is refused, with its place`, () => {
    const { status, stdout } = checkWith(path, `#include "base/str.h"\n\n${line}\n`);
    assert.equal(status, 1, stdout);
    assert.match(stdout, new RegExp(`${path}:3:`));
    assert.match(stdout, /cookies are set by cookie_set alone/);
  });
}
