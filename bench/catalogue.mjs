// The catalogue of a hundred thousand datasets: start, searches, facets, and a change of one of them.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { encode, folder, median, program, report, residentMegabytes, root, run, serveFrom } from './common.mjs';

const DATASETS = 100_000;
const SEARCHES = 1000;
const directory = `${folder}/catalogue`;
const CATALOG = '/api/explore/v2.1/catalog';
const python = (...words) => run('/usr/bin/python3', [`${root}bench/catalogue.py`, ...words]);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Milliseconds of a request over the one connection, and its answer. */
function ask(server, path) {
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint();
    get({ host: '127.0.0.1', port: server.port, path, agent }, (answer) => {
      const pieces = [];
      answer.on('data', (bytes) => pieces.push(bytes));
      answer.on('end', () => {
        const ms = Number(process.hrtime.bigint() - began) / 1e6;
        const text = Buffer.concat(pieces).toString();
        if (answer.statusCode !== 200) reject(new Error(`${path}: ${answer.statusCode} ${text}`));
        resolve({ ms, text });
      });
    }).on('error', reject);
  });
}

const sorted = (values) => [...values].sort((a, b) => a - b);
const percentile = (values, part) => sorted(values)[Math.ceil(values.length * part) - 1];

/** A row without a goal. */
function note(name, value, unit, reference) {
  const show = (figure) => `${figure >= 100 ? figure.toFixed(0) : figure.toFixed(2)} ${unit}`;
  const compared = reference ? `${show(reference)} | ${(value / reference).toFixed(2)}` : '|';
  console.log(`| ${name} | ${show(value)} | ${compared} | none | |`);
}

async function prepare() {
  if (existsSync(directory)) return;
  mkdirSync(folder, { recursive: true });
  await (await serveFrom(directory)).stop();
  python('make', directory, String(DATASETS));
}

/** From the start of the process until it listens, and until it has answered a first list. */
async function startOnce() {
  const began = process.hrtime.bigint();
  const since = () => Number(process.hrtime.bigint() - began) / 1e9;
  const server = await serveFrom(directory);
  const listening = since();
  await ask(server, `${CATALOG}/datasets?limit=10`);
  const listed = since();
  await server.stop();
  return { listening, listed };
}

async function benchChange(server) {
  const taken = [];
  for (let i = 0; i < 5; i += 1) {
    run(program, ['describe', `d${i * 7}`, '--title', `Changed ${i} ${Date.now()}`, '--data', directory]);
    const { ms } = await ask(server, `${CATALOG}/datasets?limit=1&offset=${i}`);
    taken.push(ms);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  note(`${DATASETS} datasets: the first list after a change of one of them (median of 5)`, median(taken), 'ms');
}

export async function benchCatalogue() {
  await prepare();
  run(program, ['list', '--data', directory]); // makes the index, where it is missing
  const starts = [await startOnce(), await startOnce(), await startOnce()];
  report(`start with ${DATASETS} datasets until it listens, against a second`, median(starts.map((start) => start.listening)), 1, median(starts.map((start) => start.listening)), '≤1', 's');
  note(`start with ${DATASETS} datasets until the first list of the catalogue is answered`, median(starts.map((start) => start.listed)), 's');
  const file = `${folder}/catalogue-queries.json`;
  writeFileSync(file, python('queries', directory, String(SEARCHES)));
  const searches = JSON.parse(python('queries', directory, String(SEARCHES)));
  const server = await serveFrom(directory, '--cache', '0');
  await ask(server, `${CATALOG}/datasets?limit=10`);
  const subject = [];
  for (const [where] of searches) subject.push((await ask(server, `${CATALOG}/datasets?${encode({ where, limit: 10 })}`)).ms);
  const reference = JSON.parse(python('measure', directory, file));
  const [a, b] = [percentile(subject, 0.5), percentile(reference, 0.5)];
  note(`${SEARCHES} searches of ${DATASETS} datasets, ten whole results each, median, against FTS5 alone, which gives ten numbers`, a, 'ms', b);
  const [c, d] = [percentile(subject, 0.99), percentile(reference, 0.99)];
  report('the same, 99th percentile (goal: under 10 ms; the ratio is to that)', c, d, c / 10, '≤1', 'ms');
  const facets = [];
  for (const [where] of searches.slice(0, 100)) facets.push((await ask(server, `${CATALOG}/facets?${encode({ where })}`)).ms);
  note('all facets below a search (median of 100)', median(facets), 'ms');
  note('all facets of all datasets', (await ask(server, `${CATALOG}/facets`)).ms, 'ms');
  note('resident memory', residentMegabytes(server.pid), 'MB');
  await benchChange(server);
  await server.stop();
}
