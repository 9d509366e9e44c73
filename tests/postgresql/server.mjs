// A PostgreSQL server for tests: in a temporary directory, as an unprivileged user, gone at the end.
// Its defaults are those of a server that others set up for other ends: times are not in UTC, dates are
// not ISO, and texts sort as in a dictionary. The portal must say itself what it needs.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LEAST = 15;
const TEMPLATE = 'portal'; // databases are copies of it

/** Directory of the newest PostgreSQL of Debian; PARVIS_TEST_POSTGRESQL_BIN names another. */
export function programs() {
  if (process.env.PARVIS_TEST_POSTGRESQL_BIN) return process.env.PARVIS_TEST_POSTGRESQL_BIN;
  const root = '/usr/lib/postgresql';
  let versions = [];
  try {
    versions = readdirSync(root).map(Number).filter((version) => version >= LEAST);
  } catch { /* said below */ }
  if (!versions.length) throw new Error(`no PostgreSQL ${LEAST} or newer is below ${root}; see tools/setup.sh --tests`);
  return join(root, String(Math.max(...versions)), 'bin');
}

/** The user that servers run as, for PostgreSQL refuses root. Undefined: the user who runs the tests. */
export function unprivileged() {
  if (process.getuid() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const ids = ['-u', '-g'].map((option) => spawnSync('id', [option, name], { encoding: 'utf8' }));
    if (ids.every(({ status }) => status === 0)) {
      const [uid, gid] = ids.map(({ stdout }) => Number(stdout));
      return { uid, gid };
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor nobody');
}

/** A port of the loopback that nobody listens on now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** A temporary directory that is removed when this process is gone, however that ended. */
export function ownFolder(prefix) {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  spawn('sh', ['-c', 'while kill -0 "$0" 2>/dev/null; do sleep 1; done; sleep 1; rm -rf "$1"', String(process.pid), folder],
    { detached: true, stdio: 'ignore' }).unref();
  return folder;
}

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** What psql prints for statements, as the server's superuser; each is a transaction of its own. */
export function psql(at, statements, database = 'postgres') {
  return execFileSync(join(at.programs, 'psql'),
    ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', at.directory, '-p', String(at.port), '-U', at.user ?? 'postgres', '-d', database],
    { encoding: 'utf8', input: [statements].flat().join(';\n'), stdio: ['pipe', 'pipe', 'pipe'] }).trim();
}

/** Address of a database for the portal. */
export function urlOf(at, database) {
  if (at.workers) return `postgresql://${at.user}@${at.directory}:${at.port}/${database}`;
  if (at.password) return `postgresql://portal:${at.password}@127.0.0.1:${at.port}/${database}`;
  return `postgresql://portal@/${database}?host=${encodeURIComponent(at.directory)}&port=${at.port}`;
}

const nodesOf = (at) => [at, ...at.workers.map(([directory, port]) => ({ ...at, directory, port }))];

/** The same on a coordinator and workers of Citus, which know each other for each database anew. */
function createDistributed(at, database) {
  for (const node of nodesOf(at)) {
    psql(node, `create database "${database}"`);
    psql(node, ['create extension citus', 'create extension postgis', 'create extension fuzzystrmatch'], database);
  }
  psql(at, [`select citus_set_coordinator_host('${at.directory}', ${at.port})`,
    ...at.workers.map(([host, port]) => `select citus_add_node('${host}', ${port})`)], database);
}

/** Makes an empty database that belongs to the portal's user, PostGIS in it. Returns its address. */
export function createDatabase(at, database) {
  if (at.workers) {
    createDistributed(at, database);
    return urlOf(at, database);
  }
  psql(at, `create database "${database}" template ${TEMPLATE} owner portal`);
  return urlOf(at, database);
}

/** Removes databases, also those in use. */
export function dropDatabases(at, names) {
  if (at.workers) {
    for (const node of nodesOf(at)) dropDatabases({ ...node, workers: undefined }, names);
    return;
  }
  if (names.length) psql(at, names.map((name) => `drop database if exists "${name}" with (force)`));
}

export class PostgresServer {
  /**
   * Starts a server. durable: what it acknowledges survives its death (else it is fast); tcp: it listens
   * on a port of the loopback and asks for a password (else only on a socket); wal: megabytes of a file of the
   * log; settings: more of them.
   * onLost is called when it ends unasked.
   */
  static async start({ durable = false, tcp = false, wal = 16, settings = {}, onLost = () => {} } = {}) {
    const server = new PostgresServer();
    server.programs = programs();
    server.account = unprivileged();
    server.onLost = onLost;
    server.directory = ownFolder('parvis-pg-');
    try {
      if (server.account) chownSync(server.directory, server.account.uid, server.account.gid);
      server.port = tcp ? await freePort() : 5432;
      server.#initialise(tcp, wal);
      server.#configure({ durable, tcp, settings });
      await server.run();
      server.#makeTemplate(tcp);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get cluster() { return join(this.directory, 'cluster'); }

  get log() { return readFileSync(join(this.directory, 'log'), 'utf8'); }

  #initialise(tcp, wal) {
    const done = spawnSync(join(this.programs, 'initdb'), ['-D', this.cluster, '--username=postgres', '--encoding=UTF8',
      '--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US', '--auth-local=trust',
      `--auth-host=${tcp ? 'scram-sha-256' : 'reject'}`, `--wal-segsize=${wal}`, '--no-sync', '--no-instructions'],
    { ...this.account, cwd: this.directory, encoding: 'utf8', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } });
    if (done.status !== 0) throw new Error(`initdb: ${done.stderr ?? done.error}`);
  }

  #configure({ durable, tcp, settings }) {
    const all = {
      listen_addresses: tcp ? '127.0.0.1' : '', port: this.port, unix_socket_directories: this.directory, unix_socket_permissions: '0700',
      max_connections: 400, shared_buffers: '256MB', max_wal_size: '2GB',
      wal_level: 'minimal', max_wal_senders: 0,
      timezone: 'Asia/Kathmandu', datestyle: 'SQL, DMY', intervalstyle: 'postgres_verbose', extra_float_digits: 0,
      ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
      ...settings,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name} = '${value}'\n`);
    writeFileSync(join(this.cluster, 'postgresql.conf'), lines.join(''));
  }

  #makeTemplate(tcp) {
    this.password = tcp ? randomBytes(12).toString('hex') : '';
    psql(this, [`create role portal login${tcp ? ` password '${this.password}'` : ''}`, `create database ${TEMPLATE}`]);
    psql(this, ['create extension postgis', 'create extension fuzzystrmatch'], TEMPLATE);
  }

  /** Runs it, also again after kill(), and waits until it answers. */
  async run() {
    const child = spawn('setpriv', ['--pdeathsig', 'QUIT',
      ...(this.account ? [`--reuid=${this.account.uid}`, `--regid=${this.account.gid}`, '--clear-groups'] : []),
      'sh', '-c', 'exec "$0" -D "$1" 2>>"$2"', join(this.programs, 'postgres'), this.cluster, join(this.directory, 'log')],
    { cwd: this.directory, stdio: 'ignore', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } });
    this.child = child;
    this.wanted = true;
    this.ended = new Promise((resolve) => child.on('close', resolve));
    let over = false;
    this.ended.then(() => {
      over = true;
      if (this.wanted && this.child === child) this.onLost();
    });
    for (const deadline = Date.now() + 60000; ;) {
      const asked = spawnSync(join(this.programs, 'pg_isready'), ['-q', '-h', this.directory, '-p', String(this.port)]);
      if (asked.status === 0) return;
      if (over || Date.now() > deadline) throw new Error(`PostgreSQL does not start: ${this.log}`);
      await sleep(30);
    }
  }

  /** Ends it at once, all its processes, as a loss of power would; run() begins anew. */
  async kill() {
    this.wanted = false;
    // the postmaster first, so that it starts nothing in place of those who end
    const pids = this.processes();
    for (const pid of pids) {
      try { process.kill(pid, 'SIGKILL'); } catch { /* ended by itself */ }
    }
    await this.ended;
    while (pids.some((pid) => { try { return process.kill(pid, 0); } catch { return false; } })) await sleep(10);
  }

  /** Process ids, the one that starts the others first. */
  processes() {
    const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(this.child.pid)], { encoding: 'utf8' });
    return [this.child.pid, ...(stdout ?? '').split('\n').map(Number).filter(Boolean)];
  }

  /** Stops it (without kindness to whoever is connected) and leaves its files for run(). */
  async halt() {
    this.wanted = false;
    if (this.child?.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGQUIT');
      await this.ended;
    }
  }

  /** Stops it and removes everything. */
  async stop() {
    await this.halt();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
