// What the benchmarks share: the program, the probe, a server, the rows of the table.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const program = `${root}build/release/parvis`;
export const probe = `${root}build/release/bench/probe`;
export const folder = `${root}build/bench`;
export const data = `${folder}/data`;
export const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
export const keep = process.argv.includes('--keep');

export const rows = [];
export function report(name, subject, reference, ratio, goal, unit) {
  const met = goal.startsWith('≤') ? ratio <= Number(goal.slice(1)) : ratio >= Number(goal.slice(1)); // no goal: always
  const show = (value) => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
  const row = `| ${name} | ${show(subject)} ${unit} | ${show(reference)} ${unit} | ${ratio.toFixed(2)} | ${goal || '–'} | ${!goal ? '–' : met ? 'yes' : '**no**'} |`;
  rows.push(row);
  console.log(row);
}

export function isWanted(name) {
  return wanted.length === 0 || wanted.some((word) => name.startsWith(word));
}

export function run(command, words) {
  const done = spawnSync(command, words, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`${command} ${words.slice(0, 3).join(' ')}: ${done.stderr}`);
  return done.stdout;
}

export function seconds(work) {
  const began = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - began) / 1e9;
}

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
export const probeSql = (database, rounds, ...statements) =>
  JSON.parse(run(probe, ['sql', database, String(rounds), ...statements]));

/** Starts a server over a data directory on a free port. */
export function serveFrom(directory, ...options) {
  const server = spawn(program, ['serve', '--listen', '127.0.0.1:0', '--data', directory, '--access-log', 'off', ...options],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    server.stdout.on('data', (bytes) => {
      const found = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(bytes);
      if (found) resolve({ port: found[1], pid: server.pid, stop: () => new Promise((done) => { server.on('exit', done); server.kill('SIGTERM'); }) });
    });
    server.on('exit', (code) => reject(new Error(`serve ended with ${code}`)));
  });
}

export const serve = (...options) => serveFrom(data, ...options);

export const residentMegabytes = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

/** The engine's file of a dataset that was imported once. */
export function versionFile(id, directory = data) {
  const uid = JSON.parse(run(program, ['describe', id, '--data', directory])).dataset_uid;
  return `${directory}/records/${uid}/1.duckdb`;
}

export const address = (id, rest) => `/api/explore/v2.1/catalog/datasets/${id}/${rest}`;
export const encode = (pairs) => Object.entries(pairs).map(([k, v]) => `${k}=${encodeURIComponent(v)}`).join('&');
