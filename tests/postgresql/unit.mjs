// Runs a unit test with an empty database: node unit.mjs STATE PROGRAM. STATE is the file of fixture.mjs.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createDatabase, dropDatabases } from './server.mjs';

const [, , state, program] = process.argv;
const at = JSON.parse(readFileSync(state, 'utf8'));
const name = `unit_${process.pid}`;
const url = createDatabase(at, name);
const { status, error } = spawnSync(program, [], { stdio: 'inherit', env: { ...process.env, PARVIS_TEST_POSTGRESQL_URL: url } });
dropDatabases(at, [name]);
if (error) throw error;
process.exit(status ?? 1);
