// Small files that unpack to huge ones: the preview and the publication say so, the server stays small, and what was published stays.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import { API, serve, temporaryFolder } from '../api/program.mjs';
import { makeUser } from '../api/visitor.mjs';
import { makeDraft, preview, publishDraft, signedIn, upload, use } from '../api/wizard.mjs';
import { zipOf } from '../api/zip.mjs';

const MB = 1 << 20;
const data = join(temporaryFolder(), 'data');
const server = await serve(data, ['--access-log', 'off']);
await makeUser(server, data, 'paula', ['--role', 'publisher']);
const paula = await signedIn(server, 'paula');

/** A deflated stream: head, times a block, tail; the block is packed once. */
function deflated(head, block, times, tail = '') {
  const flushed = (bytes) => deflateRawSync(bytes, { finishFlush: constants.Z_FULL_FLUSH, level: 9 });
  const packed = flushed(Buffer.from(block));
  return Buffer.concat([flushed(Buffer.from(head)), ...Array(times).fill(packed), deflateRawSync(Buffer.from(tail))]);
}

/** An archive that says of each packed entry how large it is, whatever that is. */
const archive = (entries) => zipOf(entries.map((entry) => ({ content: Buffer.alloc(0), ...entry })));

const workbook = (parts) => archive([
  { name: '[Content_Types].xml', content: Buffer.from('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>') },
  { name: '_rels/.rels', content: Buffer.from('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>') },
  { name: 'xl/workbook.xml', content: Buffer.from('<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>') },
  { name: 'xl/_rels/workbook.xml.rels', content: Buffer.from('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>') },
  ...parts]);
const SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>';
const ROW = '<row><c t="inlineStr"><is><t>x</t></is></c></row>';
const sheet = (text) => ({ name: 'xl/worksheets/sheet1.xml', content: Buffer.from(text) });
const small = sheet(`${SHEET}<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c></row></sheetData></worksheet>`);
const noStrings = { name: 'xl/sharedStrings.xml', content: Buffer.from('<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>') };
const strings = (times, claims) => ({ name: 'xl/sharedStrings.xml', claims, packed: deflated('<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">',
  `<si><t>${'y'.repeat(32000)}</t></si>`.repeat(500), times, '</sst>') });

/** An archive of so many empty entries, of which its end says another number where that has no room for it. */
function crowd(count) {
  const end = zipOf([]);
  const local = Buffer.alloc(37);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(7, 26);
  const central = Buffer.alloc(53);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(7, 28);
  const all = Buffer.alloc((local.length + central.length) * count);
  for (let i = 0; i < count; i += 1) {
    const name = i.toString(36).padStart(7, '0');
    local.write(name, 30);
    local.copy(all, i * local.length);
    central.write(name, 46);
    central.writeUInt32LE(i * local.length, 42);
    central.copy(all, local.length * count + i * central.length);
  }
  const directory = { at: local.length * count, bytes: central.length * count };
  const zip64 = Buffer.alloc(56 + 20);
  zip64.writeUInt32LE(0x06064b50, 0);
  zip64.writeBigUInt64LE(44n, 4);
  zip64.writeBigUInt64LE(BigInt(count), 24);
  zip64.writeBigUInt64LE(BigInt(count), 32);
  zip64.writeBigUInt64LE(BigInt(directory.bytes), 40);
  zip64.writeBigUInt64LE(BigInt(directory.at), 48);
  zip64.writeUInt32LE(0x07064b50, 56);
  zip64.writeBigUInt64LE(BigInt(directory.at + directory.bytes), 64);
  zip64.writeUInt32LE(1, 72);
  end.writeUInt16LE(count > 65535 ? 65535 : count, 8);
  end.writeUInt16LE(count > 65535 ? 65535 : count, 10);
  end.writeUInt32LE(directory.bytes, 12);
  end.writeUInt32LE(directory.at, 16);
  return Buffer.concat([all, zip64, end]);
}

/** The most memory that the server had since the last question, in MB. */
function peak() {
  const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
  writeFileSync(`/proc/${server.child.pid}/clear_refs`, '5');
  return Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1024;
}

const nested = (depth) => (depth ? zipOf([{ name: `${depth}.zip`, content: nested(depth - 1) }, { name: `${depth}b.zip`, content: nested(depth - 1) }])
  : archive([{ name: 'a.csv', packed: deflated('', '1\n'.repeat(MB), 500), claims: 1000 * MB }]));
const tower = (depth) => (depth ? zipOf([{ name: `${depth}.zip`, content: tower(depth - 1) }]) : zipOf([{ name: 'a.csv', content: Buffer.from('n\n1\n') }]));
let gzipped = gzipSync(Buffer.alloc(64 * MB));
for (let i = 0; i < 3; i += 1) gzipped = gzipSync(Buffer.concat(Array(8).fill(gzipped)));

// file, bytes, what is said, most memory in MB
const cases = [
  ['archives in archives', 'nested.zip', nested(6), /holds 2 files|none of the formats/, 200],
  ['a tower of archives', 'tower.zip', tower(40), /none of the formats|archive/, 200],
  ['a million entries', 'crowd.zip', crowd(1_000_000), /more than 10000 entries/, 200],
  ['ten thousand and one entries', 'crowd-small.zip', crowd(10_001), /more than 10000 entries/, 200],
  ['one line of 400 MB', 'line.zip', archive([{ name: 'a.csv', packed: deflated('n\n', 'x'.repeat(4 * MB), 100), claims: 400 * MB + 2 }]), /longer than 4 MB/, 300],
  ['a gzip of one line', 'line.csv.gz', gzipSync(Buffer.alloc(300 * MB, 'x')), /longer than 4 MB/, 300],
  ['a gzip in a gzip', 'gz.csv.gz', gzipped, /cannot be read as csv/, 400],
  ['a zstd of one line', 'line.csv.zst', execFileSync('zstd', ['-qc'], { input: Buffer.alloc(300 * MB, 'x') }), /longer than 4 MB/, 300],
  ['shared texts without end', 'strings.xlsx', workbook([small, strings(100, 1)]), /more than 512 MB|holds more than|damaged/, 1300],
  ['shared texts of 4.6 GB', 'strings4.xlsx', workbook([small, strings(300, 0xfffffff0)]), /more than 4 GB unpacked|more than 4096 MB|more than 512 MB/, 1300],
  ['a sheet with too many rows', 'rows.xlsx', workbook([noStrings, { ...sheet(''), packed: deflated(SHEET, ROW.repeat(10_000), 300), claims: 200 * MB }]), /row 1048576/, 900, true],
  ['a sheet of nothing but white space', 'white.xlsx', workbook([noStrings, { ...sheet(''), packed: deflated(SHEET, ' '.repeat(16 * MB), 30), claims: 500 * MB }]), /./, 400],
  ['five thousand columns', 'wide.csv', Buffer.from(`${Array.from({ length: 5000 }, (_, i) => `c${i}`)}\n${`${Array(5000).fill('1')}\n`.repeat(2000)}`), /more than 1000 fields/, 400],
  ['elements in elements', 'deep.xlsx', workbook([noStrings, { ...sheet(''), packed: deflated(SHEET, '<a>'.repeat(MB), 100), claims: 300 * MB }]), /not well-formed/, 400],
];

for (const [name, file, bytes, expected, most, isLater] of cases) {
  test(`${name} (${file})`, async () => {
    const before = peak();
    const draft = await makeDraft(paula, `Bomb ${file}`);
    const id = draft.split('/').at(-1);
    await use(paula, draft, [await upload(paula, id, file, bytes)]);
    peak();
    const start = Date.now();
    const found = await preview(paula, draft);
    const looked = [Date.now() - start, peak()];
    const state = await publishDraft(paula, draft);
    const tried = [Date.now() - start - looked[0], peak()];
    console.log(`# ${file}: ${bytes.length} bytes; preview ${looked[0]} ms, ${Math.round(looked[1])} MB; publication ${tried[0]} ms, ${Math.round(tried[1])} MB (before ${Math.round(before)}): ${found.fault} | ${state.message}`);
    if (!isLater) assert.match(found.fault, expected); // the first rows are good
    assert.ok(state.has_failed, state.message);
    assert.match(state.message, expected);
    assert.ok(Math.max(looked[1], tried[1]) < most);
    assert.equal((await server.get(`${API}/${id}`)).status, 404);
    assert.equal((await server.get('/')).status, 200);
  });
}
