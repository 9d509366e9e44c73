// Runs a program with an empty database of its own, of the server that fixture.mjs keeps:
//   PARVIS_TEST_POSTGRESQL=STATE node with_database.mjs PROGRAM [ARGUMENT …]
// PARVIS_TEST_DATABASE is its address.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createDatabase, dropDatabases } from './server.mjs';

const [program, ...words] = process.argv.slice(2);
const at = JSON.parse(readFileSync(process.env.PARVIS_TEST_POSTGRESQL, 'utf8'));
const name = `unit_${process.pid}`;
const url = createDatabase(at, name);
const { status, error } = spawnSync(program, words,
  { stdio: 'inherit', env: { ...process.env, PARVIS_TEST_DATABASE: url } });
dropDatabases(at, [name]);
if (error) throw error;
process.exitCode = status ?? 1;
