// Pages of the front office with ten thousand datasets, against a file that the same server keeps in memory:
// addresses asked for the first time (made) and again (kept).
import { existsSync, mkdirSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { folder, median, report, root, run, serveFrom } from './common.mjs';

const DATASETS = 10_000;
const ROUNDS = 200;
const directory = `${folder}/front`;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function ask(server, path) {
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint();
    get({ host: '127.0.0.1', port: server.port, path, agent, headers: { 'Accept-Encoding': 'gzip', 'Accept-Language': 'en' } }, (answer) => {
      answer.resume();
      answer.on('end', () => {
        if (answer.statusCode !== 200) reject(new Error(`${path}: ${answer.statusCode}`));
        resolve(Number(process.hrtime.bigint() - began) / 1e6);
      });
    }).on('error', reject);
  });
}

const words = ['trees', 'schools', 'budget', 'air', 'transport', 'bibliothèques', 'Verkehr', 'residuos', 'accidents', 'ville'];
const themes = ['Éducation', 'Environnement', 'Transports', 'Finances', 'Culture', 'Santé'];

/** Different addresses of one kind of page. */
const kinds = {
  'home page': (i) => `/?n=${i}`,
  'catalogue, all datasets': (i) => `/explore/?n=${i}`,
  'catalogue, later pages': (i) => `/explore/?page=${i + 2}`,
  'catalogue, a search': (i) => `/explore/?q=${encodeURIComponent(`${words[i % words.length]} ${2005 + (i % 20)}`)}&n=${i}`,
  'catalogue, a theme': (i) => `/explore/?refine.theme=${encodeURIComponent(themes[i % themes.length])}&n=${i}`,
  'dataset page': (i) => `/explore/dataset/d${i * 37 % DATASETS}/`,
};

export async function benchFront() {
  if (!existsSync(directory)) {
    mkdirSync(folder, { recursive: true });
    await (await serveFrom(directory)).stop();
    run('/usr/bin/python3', [`${root}bench/catalogue.py`, 'make', directory, String(DATASETS)]);
  }
  const server = await serveFrom(directory);
  await ask(server, '/explore/');
  const page = await fetch(`http://127.0.0.1:${server.port}/`).then((answer) => answer.text());
  const asset = /href="(\/static\/app-[^"]+\.css)"/.exec(page)[1];
  for (let i = 0; i < ROUNDS; i++) await ask(server, asset);
  const reference = [];
  for (let i = 0; i < ROUNDS; i++) reference.push(await ask(server, asset));
  for (const [name, address] of Object.entries(kinds)) {
    const made = [];
    const kept = [];
    for (let i = 0; i < ROUNDS; i++) made.push(await ask(server, address(i)));
    for (let i = 0; i < ROUNDS; i++) kept.push(await ask(server, address(i)));
    report(`${name}, made: median against a static file (goal 5 ms)`, median(made), median(reference), median(made) / median(reference), '', 'ms');
    report(`${name}, kept`, median(kept), median(reference), median(kept) / median(reference), '', 'ms');
  }
  await server.stop();
}
