// One PostgreSQL server for many tests, in a process of its own that ends with its owner:
//   node fixture.mjs start STATE [OWNER]   starts it; STATE (a file) says where it is. OWNER is a process id,
//                                          else whoever started this: ctest. The server ends when that has ended.
//   node fixture.mjs stop STATE            ends it and removes everything
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PostgresServer } from './server.mjs';

const [, , command, state, owner = process.ppid] = process.argv;
const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const runs = (pid) => {
  try {
    return process.kill(Number(pid), 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
};

async function keep() {
  let over = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => { over = true; });
  const server = await PostgresServer.start({ onLost: () => { over = true; } });
  const { directory, port, programs } = server;
  writeFileSync(`${state}.new`, JSON.stringify({ directory, port, programs, keeper: process.pid }));
  renameSync(`${state}.new`, state);
  while (!over && runs(owner)) await sleep(200);
  await server.stop();
  rmSync(state, { force: true });
}

async function stop() {
  if (!existsSync(state)) return;
  const { keeper } = JSON.parse(readFileSync(state, 'utf8'));
  if (runs(keeper)) process.kill(keeper, 'SIGTERM');
  for (let i = 0; runs(keeper) && i < 300; i += 1) await sleep(100);
  rmSync(state, { force: true });
}

async function start() {
  await stop(); // one that an earlier run left behind
  const log = `${state}.log`;
  const keeper = spawn(process.execPath, [fileURLToPath(import.meta.url), 'keep', state, String(owner)],
    { detached: true, stdio: ['ignore', 'ignore', openSync(log, 'w')] });
  let ended = false;
  keeper.on('exit', () => { ended = true; });
  keeper.unref();
  while (!existsSync(state)) {
    if (ended) throw new Error(readFileSync(log, 'utf8'));
    await sleep(20);
  }
  rmSync(log);
}

const commands = { keep, start, stop };
await commands[command]();
