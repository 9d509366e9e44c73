// A file of 10 GB uploaded in pieces, as a browser does, against writing the same bytes to the same disk; the memory that the
// server takes meanwhile, and for the preview of the first rows.
import { closeSync, fdatasyncSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { folder, keep, program, report, residentMegabytes, serveFrom } from './common.mjs';

const BYTES = Number(process.env.UPLOADS_BYTES ?? 10_000_000_000);
const PIECE = 16 << 20; // the largest that the server takes
const HEADER = Buffer.from('id,station,level,day,temperature\n');
const directory = `${folder}/uploads`;

const peakMegabytes = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const secondsSince = (began) => Number(process.hrtime.bigint() - began) / 1e9;

/** Lines of a table, as many as fit into a piece. */
function makePiece() {
  const lines = [];
  for (let i = 0, bytes = 0; bytes < PIECE - 100; i += 1) {
    const line = `${i},Station ${i % 997},${(i * 7919 % 100000) / 100},2024-0${i % 9 + 1}-1${i % 10},${(i * 31 % 9000) / 100}\n`;
    lines.push(line);
    bytes += line.length;
  }
  return Buffer.from(lines.join(''));
}

function writePieces(piece, count) {
  const file = openSync(`${directory}/reference.csv`, 'w');
  const began = process.hrtime.bigint();
  for (let i = 0; i < count; i += 1) writeSync(file, piece);
  fdatasyncSync(file);
  const seconds = secondsSince(began);
  closeSync(file);
  rmSync(`${directory}/reference.csv`);
  return seconds;
}

export async function benchUploads() {
  process.env.PARVIS_BINARY ??= program;
  const { Visitor, makeUser } = await import('../tests/api/visitor.mjs');
  const { begin, makeDraft, patch, preview, use } = await import('../tests/api/wizard.mjs');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(`${directory}/data`, { recursive: true });
  const piece = makePiece();
  const count = Math.floor(BYTES / piece.length);
  const server = await serveFrom(`${directory}/data`);
  const portal = { portal: `http://127.0.0.1:${server.port}` };
  await makeUser(portal, `${directory}/data`, 'ada', ['--role', 'administrator']);
  const ada = new Visitor(portal);
  await ada.signIn('ada');
  const draft = await makeDraft(ada, 'Measurements');
  const before = residentMegabytes(server.pid);
  const total = HEADER.length + count * piece.length;
  const upload = await begin(ada, draft.split('/').at(-1), 'measurements.csv', total);
  const began = process.hrtime.bigint();
  for (let at = 0; at < total;) {
    const next = at === 0 ? HEADER : piece;
    const answer = await patch(ada, upload, at, next);
    if (answer.status !== 204) throw new Error(`at ${at}: ${answer.status} ${answer.text}`);
    at += next.length;
  }
  const taken = secondsSince(began);
  const peak = peakMegabytes(server.pid);
  const asked = process.hrtime.bigint();
  await use(ada, draft, [upload.split('/').at(-1)]);
  const { fields } = await preview(ada, draft);
  const waited = secondsSince(asked);
  const last = peakMegabytes(server.pid);
  await server.stop();
  rmSync(`${directory}/data`, { recursive: true, force: true });
  const written = writePieces(piece, count);
  if (!keep) rmSync(directory, { recursive: true, force: true });
  const gigabytes = (count * piece.length / 1e9).toFixed(1);
  const [a, b] = [count * piece.length / 1e6 / taken, count * piece.length / 1e6 / written];
  report(`uploads: ${gigabytes} GB in pieces of 16 MB, against writing them to the disk`, a, b, a / b, '', 'MB/s');
  report(`uploads: memory of the server at most while ${gigabytes} GB come, against before`, peak, before, peak / before, '', 'MB');
  report(`uploads: the same with the preview of the first rows (${fields.length} fields found in ${waited.toFixed(1)} s), against before`, last, before,
    last / before, '', 'MB');
}
