// Several nodes on one PostgreSQL database, behind nginx, for tests of that.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { createDatabase, freePort, PostgresServer, psql } from '../postgresql/server.mjs';
import { send, serveNginx } from './nginx.mjs';
import { API, binary, run, temporaryFolder } from './program.mjs';

export class Portal {
  /** A database server of its own, and so many nodes; options are those of each. Everything ends with the test file. */
  static async start(count, options = [], server = {}) {
    const portal = new Portal();
    portal.folder = temporaryFolder();
    portal.options = ['--access-log', 'off', '--trusted-proxy', '127.0.0.1', ...options];
    portal.database = await PostgresServer.start({ tcp: true, ...server });
    portal.nodes = [];
    after(async () => {
      await Promise.all(portal.nodes.map((_, i) => portal.killNode(i)));
      await portal.database.stop();
    });
    portal.url = createDatabase(portal.database, 'nodes');
    portal.ports = [];
    for (let i = 0; i < count; i += 1) portal.ports.push(await freePort());
    await Promise.all(portal.ports.map((_, i) => portal.startNode(i)));
    portal.front = await serveNginx(portal.ports);
    return portal;
  }

  /** Where a node has its caches, and its name for the database. */
  where(i) {
    const data = join(this.folder, `node${i}`);
    mkdirSync(data, { recursive: true });
    return ['--data', data, '--store', `${this.url}?application_name=node${i}`];
  }

  /** Starts a node, at its port; also again. */
  async startNode(i, options = []) {
    const child = spawn(binary, ['serve', ...this.where(i), '--listen', `127.0.0.1:${this.ports[i]}`, ...this.options, ...options],
      { stdio: ['ignore', 'pipe', 'pipe'] });
    const node = { child, errors: '', port: this.ports[i], portal: `http://127.0.0.1:${this.ports[i]}` };
    node.get = (path, init) => fetch(node.portal + path, init);
    node.stopped = new Promise((resolve) => { child.on('close', (code, signal) => resolve(code ?? signal)); });
    child.stderr.on('data', (bytes) => { node.errors += bytes; });
    this.nodes[i] = node;
    await Promise.race([
      new Promise((resolve) => { child.stdout.on('data', (bytes) => { if (/listening on/.test(String(bytes))) resolve(); }); }),
      node.stopped.then((code) => { throw new Error(`node ${i} ended with ${code}: ${node.errors}`); }),
    ]);
  }

  async killNode(i) {
    this.nodes[i].child.kill('SIGKILL');
    await this.nodes[i].stopped;
  }

  /** A command on the machine of a node. */
  command(i, ...words) {
    return run([...words, ...this.where(i)]);
  }

  done(i, ...words) {
    const { status, stdout, stderr } = this.command(i, ...words);
    assert.equal(status, 0, `${words.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** Publishes rows {generation, n, text} on the machine of a node; returns the command's end. */
  publish(i, id, generation, rows, bytes = 20) {
    const path = join(this.folder, `${id}-${generation}.csv`);
    const text = 'x'.repeat(bytes);
    writeFileSync(path, `generation,n,text\n${Array.from({ length: rows }, (_, n) => `${generation},${n},${text} ${n}\n`).join('')}`);
    return this.command(i, 'import', path, '--id', id);
  }

  ask(statement) {
    return psql(this.database, `set search_path to parvis, public; ${statement}`, 'nodes');
  }
}

let asked = 0;

/**
 * { status, count, from, to (generations), retry, body } of a dataset's records, as a server (a node, or nginx) answers.
 * No two calls are the same question, so that caches do not answer.
 */
export async function look(server, id, headers = {}) {
  asked += 1;
  const select = encodeURIComponent('count(*) as c, min(generation) as a, max(generation) as z');
  const address = `${API}/${id}/records?select=${select}&limit=1&where=n${encodeURIComponent(` > -${asked}`)}`;
  const { status, headers: answered, body } = await send(server, address, { headers });
  const [row] = status === 200 ? JSON.parse(body).results : [];
  return { status, retry: answered['retry-after'], count: row?.c, from: row?.a, to: row?.z, body: String(body) };
}
