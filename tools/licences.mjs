// Writes the licences that the program offers, src/domain/catalog/licence.def, from the list of SPDX
// (npm package spdx-license-list, pinned in package.json).
//   node tools/licences.mjs write   makes the file anew
//   node tools/licences.mjs check   says whether it is as it would be made; exit code 1 where it is not
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { argv, exit, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';

const list = createRequire(import.meta.url)('spdx-license-list');
const path = fileURLToPath(new URL('../src/domain/catalog/licence.def', import.meta.url));

// Licences of data, in the order in which they are offered: open ones first.
const OFFERED = ['CC0-1.0', 'CC-BY-4.0', 'CC-BY-SA-4.0', 'ODbL-1.0', 'ODC-By-1.0', 'PDDL-1.0', 'etalab-2.0', 'DL-DE-BY-2.0',
  'DL-DE-ZERO-2.0', 'OGL-UK-3.0', 'OGL-Canada-2.0', 'NLOD-2.0', 'CDLA-Permissive-2.0', 'CDLA-Sharing-1.0', 'CC-BY-3.0',
  'CC-BY-SA-3.0', 'CC-BY-ND-4.0', 'CC-BY-NC-4.0', 'CC-BY-NC-SA-4.0', 'CC-BY-NC-ND-4.0', 'CC-PDM-1.0'];

// Where the list has an address that people can do nothing with.
const ADDRESSES = { 'etalab-2.0': 'https://www.etalab.gouv.fr/licence-ouverte-open-licence/' };

const quoted = (text) => JSON.stringify(text);

function made() {
  const rows = OFFERED.map((id) => {
    if (!list[id]) throw new Error(`the list of SPDX has no ${id}`);
    // The first of several addresses; that of the deed, which people can read, not of the legal text.
    const address = ADDRESSES[id] ?? list[id].url.split('\n')[0].replace(/\/legalcode$/, '/');
    return `LICENCE(${quoted(id)}, ${quoted(list[id].name.replace(/\s+/g, ' '))}, ${quoted(address)})`;
  });
  return `/*\n * LICENCE(SPDX identifier, name, address)\n * Made from the list of SPDX by tools/licences.mjs; change the choice there.\n */\n${rows.join('\n')}\n`;
}

if (argv[2] === 'write') {
  writeFileSync(path, made());
} else if (readFileSync(path, 'utf8') !== made()) {
  stderr.write('src/domain/catalog/licence.def is not what tools/licences.mjs makes: node tools/licences.mjs write\n');
  exit(1);
}
