// Simulated traffic of a portal with known figures, and the figures of a portal as `parvis stats export` has them.
import { Agent, request } from 'node:http';
import { execFileSync } from 'node:child_process';
import { binary } from './program.mjs';

/** Numbers that look random and are the same in each run. */
export function numbers(seed) {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

/** Sends requests { path, address, agent, headers }, some at once, as through a proxy; gives their statuses. */
export async function send(server, requests, atOnce = 16) {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const statuses = new Array(requests.length);
  let next = 0;
  const one = (wanted) => new Promise((resolve, reject) => {
    const headers = { 'x-forwarded-for': wanted.address, ...(wanted.agent === undefined ? {} : { 'user-agent': wanted.agent }), ...wanted.headers };
    const asked = request({ host: '127.0.0.1', port: server.port, path: wanted.path, method: wanted.method ?? 'GET', agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < requests.length) {
      const at = next++;
      statuses[at] = await one(requests[at]);
    }
  }));
  agent.destroy();
  return statuses;
}

/** All figures of a data directory: figure(measure, dimension, value, dataset, time), 0 where there is none; rows. */
export function figures(data, by = 'day', period = []) {
  const text = execFileSync(binary, ['stats', 'export', '--data', data, '--by', by, ...period], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const rows = text.trim().split('\n').slice(1).map((line) => {
    const cells = [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(,|$)/g)].map(([, cell]) =>
      cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    const [time, dataset, measure, dimension, value, amount] = cells;
    return { time, dataset, measure, dimension, value, amount: Number(amount) };
  });
  const figure = (measure, dimension = '', value = '', dataset = '', time = undefined) => rows
    .filter((row) => row.measure === measure && row.dimension === dimension && row.value === value && row.dataset === dataset
      && (time === undefined || row.time === time))
    .reduce((sum, row) => sum + row.amount, 0);
  const list = (measure, dimension, dataset = '') => Object.fromEntries(rows
    .filter((row) => row.measure === measure && row.dimension === dimension && row.dataset === dataset)
    .map((row) => [row.value, row.amount]).sort());
  return { rows, figure, list };
}
