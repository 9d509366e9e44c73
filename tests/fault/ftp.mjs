// A server of FTP that has one file, in passive mode; what it is asked is in asked.
import { createServer } from 'node:net';
import { after } from 'node:test';

/** Listens on a port of 127.0.0.1. passive: the address that it names for data in answer to PASV. */
export async function serveFtp(text, { passive = '127,0,0,1', refuses = false } = {}) {
  const server = { asked: [] };
  const listeners = [];
  const control = createServer((socket) => {
    let data;
    const say = (line) => socket.write(`${line}\r\n`);
    const open = (answer) => {
      const listener = createServer();
      listeners.push(listener);
      data = new Promise((resolve) => { listener.on('connection', resolve); });
      listener.listen(0, '127.0.0.1', () => say(answer(listener.address().port)));
    };
    const commands = {
      USER: () => say('331 password'),
      PASS: () => say(refuses ? '530 no' : '230 welcome'),
      PWD: () => say('257 "/"'),
      TYPE: () => say('200 ok'),
      CWD: () => say('250 ok'),
      EPSV: () => open((port) => `229 passive (|||${port}|)`),
      PASV: () => open((port) => `227 passive (${passive},${port >> 8},${port & 255})`),
      MDTM: () => say('213 20260105080000'),
      SIZE: () => say(`213 ${Buffer.byteLength(text)}`),
      RETR: (name) => {
        if (!name.endsWith('lamps.csv')) {
          say('550 no such file');
          return;
        }
        say('150 here it comes');
        data.then((peer) => peer.end(text, () => say('226 done')));
      },
      QUIT: () => { say('221 bye'); socket.end(); },
    };
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      for (const line of String(bytes).split('\r\n').filter(Boolean)) {
        const [word, ...rest] = line.split(' ');
        server.asked.push(line);
        (commands[word] ?? (() => say('502 not here')))(rest.join(' '));
      }
    });
    say('220 hello');
  });
  await new Promise((resolve) => { control.listen(0, '127.0.0.1', resolve); });
  after(() => { for (const one of [control, ...listeners]) one.close(); });
  server.address = `ftp://ada:topsecret@127.0.0.1:${control.address().port}`;
  return server;
}
