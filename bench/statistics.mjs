// Counting visits, against not counting: the same cached requests at 64 connections, in many short rounds by turns
// (README.md says how the ratio is made).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { median, report, serveFrom, data, folder, isWanted, root, run } from './common.mjs';

const PAIRS_OF_SERVERS = 6; // where a process lies in memory makes it faster or slower as long as it runs
const ROUNDS = 6; // of each pair
const BURSTS = 240;
const SECONDS = 1; // wrk takes no less

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
    for (const [name, time] of [['one of many that are alike', said.alike], ['one of many that differ', said.different]]) {
      report(`statistics: taking down and handing over ${name}, ${threads} thread${threads > 1 ? 's' : ''} (${said.counted} counted, ${said.lost} lost)`,
        time, said.copying, time, '≤1000', 'ns');
    }
  }
}

/** One round: as much of the drift of a machine falls on the one as on the other. */
function measureRound(servers, path, sender, order) {
  const sums = { on: { rate: 0, cost: 0 }, off: { rate: 0, cost: 0 } };
  for (const which of order) {
    const one = rate(servers[which], path, sender);
    sums[which].rate += one.rate / 2;
    sums[which].cost += one.cost / 2;
  }
  return sums;
}

async function measurePair(path, sender, pair) {
  const order = pair % 2 ? ['on', 'off'] : ['off', 'on'];
  const servers = {};
  for (const which of order) servers[which] = await serveFrom(data, '--statistics', which);
  for (const which of order) rate(servers[which], path, sender);
  const rounds = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    const [first, second] = i % 2 ? order : [...order].reverse();
    rounds.push(measureRound(servers, path, sender, [first, second, second, first]));
  }
  for (const which of order) await servers[which].stop();
  return rounds;
}

/** Ends of the interval that holds the true median with a probability of 95 percent (order statistics). */
function interval(sorted) {
  const away = 0.98 * Math.sqrt(sorted.length);
  const at = (place) => sorted[Math.min(Math.max(Math.round(place), 0), sorted.length - 1)].toFixed(3);
  return `${at(sorted.length / 2 - away - 0.5)} to ${at(sorted.length / 2 + away - 0.5)}`;
}

export async function benchStatistics(id = 'flights') {
  if (!isWanted('statistics')) return;
  benchCounting();
  const cases = [['a cached page of records', `/api/explore/v2.1/catalog/datasets/${id}/records?limit=20`, senders.program],
    ['a cached page of the site', `/explore/dataset/${id}/information`, senders.browser]];
  for (const [name, path, sender] of cases) {
    const rounds = [];
    for (let i = 0; i < PAIRS_OF_SERVERS; i += 1) rounds.push(...await measurePair(path, sender, i));
    const ratios = rounds.map(({ on, off }) => on.rate / off.rate).sort((a, b) => a - b);
    const of = (which, what) => median(rounds.map((round) => round[which][what]));
    report(`statistics: ${name}, 64 connections, counting against not counting (the median of ${ratios.length} ratios is within ${interval(ratios)})`,
      of('on', 'rate'), of('off', 'rate'), median(ratios), '≥0.98', 'requests/s');
    report(`statistics: ${name}, processor time of the server for one request`, of('on', 'cost'), of('off', 'cost'),
      median(rounds.map(({ on, off }) => on.cost / off.cost)), '', 'µs');
  }
}
