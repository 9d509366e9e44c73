// A real server of SFTP (OpenSSH's) that runs as no administrator, with a host key, an account and a folder of its own. The
// account is given by libnss_wrapper, as without it only who may read the machine's passwords can check one.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after } from 'node:test';

const NOBODY = 65534;

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

const takesConnections = (port) => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
  socket.on('error', () => resolve(false));
});

/** Listens on a port of 127.0.0.1; files are those of its folder, seen by ada with the password topsecret. */
export async function serveSftp(folder) {
  const at = (name) => join(folder, name);
  const isRoot = process.getuid() === 0;
  const uid = isRoot ? NOBODY : process.getuid();
  const port = await freePort();
  mkdirSync(at('files'), { recursive: true });
  const hash = execFileSync('openssl', ['passwd', '-6', 'topsecret'], { encoding: 'utf8' }).trim();
  writeFileSync(at('passwd'), `ada:x:${uid}:${uid}:ada:${at('files')}:/bin/sh\nsshd:x:100:65534::/run/sshd:/bin/false\n`);
  writeFileSync(at('group'), `ada:x:${uid}:\n`);
  writeFileSync(at('shadow'), `ada:${hash}:19000:0:99999:7:::\n`);
  const settings = [`ListenAddress 127.0.0.1:${port}`, `HostKey ${at('host')}`, 'PidFile none', 'UsePAM no', 'StrictModes no',
    'PasswordAuthentication yes', 'Subsystem sftp internal-sftp'];
  writeFileSync(at('sshd_config'), `${settings.join('\n')}\n`);
  const server = { folder: at('files'), port, log: '', address: `sftp://ada:topsecret@127.0.0.1:${port}${at('files')}` };
  let child;
  let ended;
  server.stop = async () => {
    child?.kill('SIGTERM');
    await ended;
  };
  /** Begins anew, with a new host key of a type. */
  server.start = async (type = 'ed25519') => {
    await server.stop();
    rmSync(at('host'), { force: true });
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', at('host')]);
    server.key = readFileSync(at('host.pub'), 'utf8').split(' ')[1];
    if (isRoot) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, folder]);
    chmodSync(folder, 0o755);
    const wrapper = Object.fromEntries(['passwd', 'group', 'shadow'].map((name) => [`NSS_WRAPPER_${name.toUpperCase()}`, at(name)]));
    child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', at('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...wrapper, LD_PRELOAD: 'libnss_wrapper.so' }, ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}) });
    child.stderr.on('data', (bytes) => { server.log += bytes; });
    ended = new Promise((resolve) => { child.on('close', resolve); });
    while (child.exitCode === null && !await takesConnections(port));
    if (child.exitCode !== null) throw new Error(`sshd ended: ${server.log}`);
  };
  after(() => child?.kill('SIGKILL'));
  await server.start();
  return server;
}
