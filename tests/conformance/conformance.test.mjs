// Runs the tables of facts. A row tagged U is unconfirmed: nothing public settles it, and it says what we chose.
import test from 'node:test';
import { facts } from './facts.mjs';
import './http.mjs';
import './endpoints.mjs';
import './odsql.mjs';
import './functions.mjs';
import './rendering.mjs';
import './metadata.mjs';

const certainty = { D: 'documented', R: 'recorded', M: 'measured', C: 'from clients', I: 'from another implementation', U: 'unconfirmed' };
const chapters = [...new Set(facts.map((row) => row.at))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
for (const chapter of chapters) {
  test(`reference ${chapter}`, async (t) => {
    for (const { tag, says, shows } of facts.filter((row) => row.at === chapter)) {
      if (!certainty[tag]) throw new Error(`${chapter} ${says}: the tag ${tag} is not known`);
      await t.test(`${says} (${certainty[tag]})`, shows);
    }
  });
}
test(`${facts.length} facts: ${Object.entries(certainty).map(([tag, name]) => `${facts.filter((row) => row.tag === tag).length} ${name}`).join(', ')}`, () => {});
