// Counting visits, against not counting: the same cached requests at 64 connections, in many short rounds by turns.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { median, report, serveFrom, data, folder, isWanted, root, run } from './common.mjs';

const ROUNDS = 21;
const BURSTS = 240;
const SECONDS = 1;

/** As browsers and programs send them: what is counted reads these headers. */
const senders = {
  program: ['curl/8.5.0'],
  browser: ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    'Accept-Language: fr-BE,fr;q=0.8,en;q=0.5', 'Referer: https://www.example.org/news', 'Accept: text/html,application/xhtml+xml,*/*;q=0.8'],
};

/** Microseconds of processor time that a process has taken. */
function taken(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10000;
}

/** Requests a second, and the microseconds that each took of the server's processor time. */
function rate({ port, pid }, path, [agent, ...headers]) {
  const words = ['-t1', '-c64', `-d${SECONDS}`, '-H', `User-Agent: ${agent}`, ...headers.flatMap((line) => ['-H', line]),
    `http://127.0.0.1:${port}${path}`];
  const before = taken(pid);
  const done = spawnSync('wrk', words, { encoding: 'utf8' });
  const requests = Number(/(\d+) requests in/.exec(done.stdout)[1]);
  return { rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(done.stdout)[1]), cost: (taken(pid) - before) / requests };
}

/** The hot path alone, from as many threads as a large server has: nanoseconds for one request, and the same texts copied. */
function benchCounting() {
  for (const threads of [1, 8]) {
    const place = mkdtempSync(`${folder}/counting-`);
    const said = JSON.parse(run(`${root}build/release/bench/counting`, [place, String(threads), String(BURSTS)]));
    rmSync(place, { recursive: true });
    if (said.counted + said.lost !== said.handed_over) throw new Error(`counting: ${JSON.stringify(said)}`);
    report(`statistics: taking down and handing over one request, ${threads} thread${threads > 1 ? 's' : ''} (${said.counted} counted, ${said.lost} lost)`,
      said.nanoseconds, said.copying, said.nanoseconds, '≤1000', 'ns');
  }
}

export async function benchStatistics(id = 'flights') {
  if (!isWanted('statistics')) return;
  benchCounting();
  const on = await serveFrom(data, '--statistics', 'on');
  const off = await serveFrom(data, '--statistics', 'off');
  const cases = [['a cached page of records', `/api/explore/v2.1/catalog/datasets/${id}/records?limit=20`, senders.program],
    ['a cached page of the site', `/explore/dataset/${id}/information`, senders.browser]];
  for (const [name, path, sender] of cases) {
    const rates = { on: [], off: [] };
    rate(on, path, sender);
    rate(off, path, sender);
    for (let i = 0; i < ROUNDS; i += 1) {
      for (const [which, server] of i % 2 ? [['on', on], ['off', off]] : [['off', off], ['on', on]]) {
        rates[which].push(rate(server, path, sender));
      }
    }
    const ratios = rates.on.map((one, i) => one.rate / rates.off[i].rate).sort((a, b) => a - b);
    const ratio = median(ratios);
    const [counting, plain] = ['on', 'off'].map((which) => median(rates[which].map((one) => one.rate)));
    report(`statistics: ${name}, 64 connections, counting against not counting (middle half of the ratios: ${ratios[ROUNDS >> 2].toFixed(2)} to ${ratios[ROUNDS - 1 - (ROUNDS >> 2)].toFixed(2)})`, counting, plain, ratio, '≥0.98', 'requests/s');
    const [more, less] = ['on', 'off'].map((which) => median(rates[which].map((one) => one.cost)));
    report(`statistics: ${name}, processor time of the server for one request`, more, less, more / less, '', 'µs');
  }
  await on.stop();
  await off.stop();
}
