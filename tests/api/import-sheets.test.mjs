// Workbooks (XLSX by openpyxl and by hand, ODS by hand): what import makes of them. PARVIS_BINARY names the program.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { binary } from './store.mjs';
import { zipOf } from './zip.mjs';

const folder = mkdtempSync(join(tmpdir(), 'parvis-import-sheets-'));
const data = join(folder, 'data');
after(() => rmSync(folder, { recursive: true, force: true }));

const at = (name) => join(folder, name);
let made = 0;

function put(name, content) {
  writeFileSync(at(name), content);
  return at(name);
}

function parvis(words, input) {
  return spawnSync(binary, [...words, '--data', data], { encoding: 'utf8', maxBuffer: 1 << 28, input });
}

function publish(path, ...options) {
  const id = `sheet${++made}`;
  const done = parvis(['import', path, '--id', id, ...options]);
  assert.equal(done.status, 0, done.stderr);
  assert.deepEqual(readdirSync(join(data, 'spool')), [], 'the spool is empty');
  return { ...look(id), notes: done.stdout };
}

function look(id) {
  const fields = JSON.parse(parvis(['describe', id]).stdout).fields;
  const records = JSON.parse(parvis(['export', id, '--format', 'json']).stdout);
  return { id, types: Object.fromEntries(fields.map((f) => [f.name, f.type])), labels: fields.map((f) => f.label), records };
}

function refuse(path, pattern, ...options) {
  const done = parvis(['import', path, '--id', 'refused', ...options]);
  assert.ok(done.status > 0 && done.status < 100, `${path}: status ${done.status}, signal ${done.signal}`);
  assert.match(done.stderr, pattern);
  assert.deepEqual(readdirSync(join(data, 'spool')), [], 'the spool is empty');
}

publish(put('first.csv', 'a\n1\n')); // makes the directories

/** A workbook made by openpyxl: the script has wb, ws (its first sheet), dt (datetime) and the path. */
function openpyxl(name, script) {
  execFileSync('/usr/bin/python3', ['-c', `import sys, openpyxl, datetime as dt
wb = openpyxl.Workbook()
ws = wb.active
${script}
wb.save(sys.argv[1])`, at(name)]);
  return at(name);
}

/* ---- XLSX by hand ---- */

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const xml = (text) => `<?xml version="1.0" encoding="UTF-8"?>${text}`;

/** sheets: [{name, rows (XML inside sheetData), tail, state}] */
function xlsxOf(sheets, { strings, styles, properties = '', replace = {} } = {}) {
  const parts = {
    '[Content_Types].xml': xml('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'),
    'xl/workbook.xml': xml(`<workbook xmlns="${main}" xmlns:r="${office}">${properties}<sheets>${sheets.map(({ name, state }, i) =>
      `<sheet name="${name}" sheetId="${i + 1}" r:id="rId${i + 1}"${state ? ` state="${state}"` : ''}/>`).join('')}</sheets></workbook>`),
    'xl/_rels/workbook.xml.rels': xml(`<Relationships>${sheets.map((_, i) =>
      `<Relationship Id="rId${i + 1}" Type="${office}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`).join('')}
      <Relationship Id="s" Type="${office}/sharedStrings" Target="/xl/sharedStrings.xml"/>
      <Relationship Id="t" Type="${office}/styles" Target="./styles.xml"/></Relationships>`),
    'xl/sharedStrings.xml': xml(`<sst xmlns="${main}">${strings ?? ''}</sst>`),
    'xl/styles.xml': xml(`<styleSheet xmlns="${main}">${styles ?? ''}</styleSheet>`),
  };
  sheets.forEach(({ rows, tail = '' }, i) => {
    parts[`xl/worksheets/sheet${i + 1}.xml`] = xml(`<worksheet xmlns="${main}"><sheetData>${rows}</sheetData>${tail}</worksheet>`);
  });
  return zipOf(Object.entries({ ...parts, ...replace }).filter(([, content]) => content !== null)
    .map(([name, content]) => ({ name, content: Buffer.from(content) })));
}

const inline = (text) => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
const row = (...cells) => `<row>${cells.join('')}</row>`;
const header = row(inline('a'), inline('b'));
const sheetOf = (rows, options) => xlsxOf([{ name: 'S', rows: header + rows }], options);
const importOf = (name, bytes, ...options) => publish(put(name, bytes), ...options);

/* ---- ODS by hand ---- */

const names = 'urn:oasis:names:tc:opendocument:xmlns';
function odsOf(tables, styles = '', more = []) {
  const content = xml(`<office:document-content xmlns:office="${names}:office:1.0" xmlns:table="${names}:table:1.0"
    xmlns:text="${names}:text:1.0" xmlns:style="${names}:style:1.0" xmlns:draw="${names}:drawing:1.0"
    xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">
    <office:automatic-styles>${styles}</office:automatic-styles><office:body><office:spreadsheet>${tables}
    </office:spreadsheet></office:body></office:document-content>`);
  return zipOf([{ name: 'mimetype', content: Buffer.from('application/vnd.oasis.opendocument.spreadsheet') },
    { name: 'content.xml', content: Buffer.from(content) }, ...more]);
}
const odsRow = (...cells) => `<table:table-row>${cells.join('')}</table:table-row>`;
const odsText = (text) => `<table:table-cell office:value-type="string"><text:p>${text}</text:p></table:table-cell>`;
const odsValue = (type, attributes) => `<table:table-cell office:value-type="${type}" ${attributes}><text:p>shown</text:p></table:table-cell>`;
const odsTable = (name, rows, style = 'ta1') => `<table:table table:name="${name}" table:style-name="${style}">${rows}</table:table>`;

/* ---- */

const typical = openpyxl('typical.xlsx', `
ws.title = 'Lisez-moi'
ws['A1'] = 'Notes'
w = wb.create_sheet('Données')
w['A1'] = 'Population des communes'; w.merge_cells('A1:J1')
w['A2'] = 'Source : INSEE'
w.append([])
w.append(['Code', 'Nom', 'Population\\nmunicipale', 'Mis à jour', 'Le', 'Heure', 'Actif', 'Taux', None, 'Mélange'])
w.append(['01', 'Bourg', 41365, dt.datetime(2024, 1, 2, 10, 30, 15, 250000), dt.date(2024, 2, 29), dt.time(8, 5), True, 0.5, None, 1])
w.append([])
w.append(['02', 'Sète 😀 שלום', 44000, dt.datetime(2024, 1, 3), dt.date(1969, 1, 2), dt.time(23, 5, 9), False, 2, None, 'n/a'])
w['H8'] = '#N/A'; w['H8'].data_type = 'e'
w['A8'] = '2A'; w['C8'] = '=SUM(C5:C7)'; w['L8'] = dt.timedelta(hours=25, minutes=30)
hidden = wb.create_sheet('Caché', 0)
hidden.append(['x']); hidden.append([1]); hidden.sheet_state = 'hidden'
`);

const typicalTypes = { code: 'text', nom: 'text', population_municipale: 'int', mis_a_jour: 'datetime', le: 'date', heure: 'text',
  actif: 'boolean', taux: 'double', melange: 'text', column_l: 'text' };

test('a typical workbook: title, notes, hidden sheet, types, formulas without values, errors', () => {
  const { types, labels, records, notes } = publish(typical);
  assert.deepEqual(types, typicalTypes);
  assert.equal(labels[2], 'Population municipale');
  assert.deepEqual(records, [
    { code: '01', nom: 'Bourg', population_municipale: 41365, mis_a_jour: '2024-01-02T10:30:15.25+00:00', le: '2024-02-29',
      heure: '08:05:00', actif: true, taux: 0.5, melange: '1', column_l: null },
    { code: '02', nom: 'Sète 😀 שלום', population_municipale: 44000, mis_a_jour: '2024-01-03T00:00:00+00:00',
      le: '1969-01-02', heure: '23:05:09', actif: false, taux: 2, melange: 'n/a', column_l: null },
    { code: '2A', nom: null, population_municipale: null, mis_a_jour: null, le: null, heure: null, actif: null, taux: null,
      melange: null, column_l: '25:30:00' }]);
  assert.match(notes, /the sheet 'Données' was read; its header is row 4/);
  assert.match(notes, /1 cell with an error, such as #N\/A, is empty/);
  assert.match(notes, /1 formula is without a saved value/);
  assert.match(notes, /column 'Mélange' is text.*first in row 7/);
});

test('whole numbers keep every digit', () => {
  const { id, types } = importOf('digits.xlsx', sheetOf(row('<c><v>9007199254740993</v></c>', '<c><v>9007199254740993</v></c>') +
    row('<c><v>-9223372036854775808</v></c>', '<c><v>0.5</v></c>')));
  assert.deepEqual(types, { a: 'int', b: 'text' });
  assert.equal(parvis(['export', id, '--format', 'jsonl']).stdout,
    '{"a": 9007199254740993, "b": "9007199254740993"}\n{"a": -9223372036854775808, "b": "0.5"}\n');
});

test('sheets by name and number, header by row; what is wrong is listed', () => {
  assert.deepEqual(publish(typical, '--sheet', 'Caché').records, [{ x: 1 }]);
  assert.deepEqual(publish(typical, '--sheet', '1').records, [{ x: 1 }]);
  assert.equal(publish(typical, '--sheet', '3', '--header-row', '4').records.length, 3);
  const headless = publish(typical, '--sheet', 'Caché', '--header-row', '0');
  assert.deepEqual(headless.records, [{ column_a: 'x' }, { column_a: '1' }]);
  refuse(typical, /--sheet: .* has no sheet 'Nope'; it has 1 'Caché' \(2 rows, hidden\), 2 'Lisez-moi' \(1 rows\), 3 'Données' \(6 rows\)/, '--sheet', 'Nope');
  refuse(typical, /has no sheet '0'/, '--sheet', '0');
  refuse(typical, /--header-row: row 3 of the sheet 'Données'.* is empty/, '--sheet', 'Données', '--header-row', '3');
  refuse(typical, /the sheet 'Lisez-moi' has no records below its header/, '--sheet', 'Lisez-moi');
  refuse(at('first.csv'), /--sheet is for workbooks/, '--sheet', 'x');
  refuse(typical, /--header-row: 'x' was given/, '--header-row', 'x');
});

test('standard input, gzip, any name of the file, --format', () => {
  const bytes = readFileSync(typical);
  const done = parvis(['import', '-', '--id', 'piped'], bytes);
  assert.equal(done.status, 0, done.stderr);
  assert.equal(look('piped').records.length, 3);
  assert.equal(importOf('typical.xlsx.gz', gzipSync(bytes)).records.length, 3);
  assert.equal(importOf('typical.zip', bytes, '--format', 'xlsx').records.length, 3);
  refuse(typical, /typical\.xlsx: the workbook has no content\.xml, which it needs/, '--format', 'ods');
});

test('bad values name the row of the sheet, and are kept aside with it', () => {
  refuse(typical, /typical\.xlsx, row 7, column 'Mélange': 'n\/a' was found, int is expected/, '--type', 'melange=int');
  const done = parvis(['import', typical, '--id', 'skipping', '--type', 'melange=int', '--on-error', 'skip']);
  assert.equal(done.status, 0, done.stderr);
  const reject = JSON.parse(readFileSync(/they are in (.*)\n/.exec(done.stdout)[1], 'utf8'));
  assert.deepEqual([reject.record, reject.line, reject.column], [2, 7, 'Mélange']);
  assert.deepEqual(look('skipping').records.map((r) => r.melange), [1, null]);
});

test('merged cells of a header of two rows', () => {
  const book = openpyxl('merged.xlsx', `
for line in [['Commune', 'Population', None], [None, 2019, 2020], ['Sète', 1, 2], ['Agde', 3, 4]]: ws.append(line)
ws.merge_cells('A1:A2'); ws.merge_cells('B1:C1')`);
  assert.deepEqual(publish(book).labels, ['Commune', 'Population', 'Population']);
  const { labels, records } = publish(book, '--header-row', '2');
  assert.deepEqual(labels, ['Commune', '2019', '2020']);
  assert.deepEqual(records[1], { commune: 'Agde', 2019: 3, 2020: 4 });
});

test('tables without a header keep all rows', () => {
  const { records, notes } = publish(openpyxl('bare.xlsx', `
for line in [[1, 'a'], [2, 'b'], [3, 'c']]: ws.append(line)`));
  assert.deepEqual(records, [{ column_a: 1, column_b: 'a' }, { column_a: 2, column_b: 'b' }, { column_a: 3, column_b: 'c' }]);
  assert.match(notes, /no row was taken for a header/);
});

const formats = [
  ['dd/mm/yyyy', 45000, 'date'], ['mmm yy', 45000, 'date'], ['[$-40C]d mmmm yyyy;@', 45000, 'date'],
  ['yyyy-mm-dd hh:mm', 45000, 'datetime'], ['h:mm AM/PM', 0.5, 'text'], ['[h]:mm', 2.5, 'text'],
  ['mm:ss.0', 0.001, 'text'], ['0.00', 1.5, 'double'], ['#,##0 "dollars"', 7, 'int'], ['[Red]0', 7, 'int'],
  ['0.00E+00', 1.5, 'double'], ['General', 1.5, 'double'], ['\\d0', 7, 'int'], ['[$€-407] 0', 7, 'int'], ['0;"day"', 7, 'int'],
];

test('which number formats show dates', () => {
  const book = openpyxl('formats.xlsx', `
import json
formats = json.loads(r'''${JSON.stringify(formats)}''')
ws.append(['f%d' % i for i in range(len(formats))])
for i, (code, value, kind) in enumerate(formats):
    cell = ws.cell(2, i + 1, value); cell.number_format = code`);
  const { types, records } = publish(book);
  formats.forEach(([code, , kind], i) => assert.equal(types[`f${i}`], kind, code));
  assert.equal(records[0].f0, '2023-03-15');
  assert.equal(records[0].f3, '2023-03-15T00:00:00+00:00');
  assert.equal(records[0].f4, '12:00:00');
  assert.equal(records[0].f5, '60:00:00');
  assert.equal(records[0].f6, '00:01:26.400');
});

test('builtin formats, both epochs, the day that never was', () => {
  const styles = `<cellXfs>${[0, 14, 22, 46, 47, 21].map((id) => `<xf numFmtId="${id}"/>`).join('')}</cellXfs>`;
  const rows = [1, 59, 60, 61, 36526.25, 0, 2958465].map((serial) =>
    row(`<c s="1"><v>${serial}</v></c>`, `<c s="3"><v>${serial}</v></c>`)).join('');
  const old = importOf('epoch1900.xlsx', sheetOf(rows, { styles }));
  assert.deepEqual(old.records.map((r) => r.a?.slice(0, 10) ?? null), ['1900-01-01', '1900-02-28', null, '1900-03-01', '2000-01-01', null, '9999-12-31']);
  assert.equal(old.records[4].a, '2000-01-01T06:00:00+00:00');
  assert.equal(old.records[4].b, '876630:00:00');
  assert.match(old.notes, /2 cells with an error, such as 1900-02-29, are empty/);
  const apple = importOf('epoch1904.xlsx', sheetOf(rows, { styles, properties: '<workbookPr date1904="1"/>' }));
  assert.deepEqual(apple.records.map((r) => r.a?.slice(0, 10) ?? null).slice(0, 6), ['1904-01-02', '1904-02-29', '1904-03-01', '1904-03-02', '2004-01-02', '1904-01-01']);
});

test('cells of every type: rich and phonetic texts, escapes, saved values of formulas, ISO dates', () => {
  const strings = '<si><r><t>Ri</t></r><r><rPr><b/></rPr><t xml:space="preserve">ch </t></r><rPh sb="0" eb="1"><t>no</t></rPh></si>' +
    '<si><t>a_x000D_b_x005F_c &amp; &lt;d&gt;</t></si><si/>';
  const { records, types } = importOf('cells.xlsx', xlsxOf([{ name: 'A &amp; B', rows:
    row(...['shared', 'formula', 'text', 'bool', 'error', 'iso', 'far'].map(inline)) +
    '<row r="5"><c r="A5" t="s"><v>0</v></c><c r="B5"><f>1+1</f><v>2</v></c><c r="C5" t="str"><f>"x"</f><v>x</v></c>' +
    '<c r="D5" t="b"><v>1</v></c><c r="E5" t="e"><v>#DIV/0!</v></c><c r="F5" t="d"><v>2024-01-02T03:04:05Z</v></c><c r="AB5"><v>1E+3</v></c></row>' +
    row('<c t="s"><v>1</v></c>', '<c><f>A1</f><v></v></c>', '<c t="str"><f>A1</f><v></v></c>', '<c t="b"><v>0</v></c>', '<c><v>4</v></c>') +
    row('<c t="s"><v>2</v></c>', '<c><v>7.0</v></c>') }], { strings }), '--sheet', 'A & B');
  assert.deepEqual(types, { shared: 'text', formula: 'int', text: 'text', bool: 'boolean', error: 'int', iso: 'datetime', far: 'text', column_ab: 'int' });
  assert.deepEqual(records.map((r) => Object.values(r)), [
    ['Rich ', 2, 'x', true, null, '2024-01-02T03:04:05+00:00', null, 1000],
    ['a\rb_c & <d>', null, null, false, 4, null, null, null],
    [null, 7, null, null, null, null, null, null]]);
});

test('digits in texts stay texts; texts that are dates, points and shapes are these', () => {
  const { types } = publish(openpyxl('texts.xlsx', `
ws.append(['code', 'day', 'position', 'area', 'other'])
ws.append(['0123', '2024-01-02', '48.5, 2.25', 'POINT (1 2)', '48.5, 2.25'])
ws.append(['4567', '2024-01-03', '-1, 2', 'LINESTRING (0 0, 1 1)', '-1, 2'])`));
  assert.deepEqual(types, { code: 'text', day: 'date', position: 'geo_point_2d', area: 'geo_shape', other: 'text' });
});

test('a hundred thousand rows', () => {
  const book = openpyxl('large.xlsx', `
wb = openpyxl.Workbook(write_only=True)
ws = wb.create_sheet()
ws.append(['n', 'name', 'half'])
for i in range(100000): ws.append([i, 'name %d' % (i % 1000), i / 2])`);
  const { records, types } = publish(book);
  assert.deepEqual(types, { n: 'int', name: 'text', half: 'double' });
  assert.equal(records.length, 100000);
  records.forEach((record, i) => {
    if (record.n !== i || record.name !== `name ${i % 1000}` || record.half !== i / 2) assert.fail(`record ${i}: ${JSON.stringify(record)}`);
  });
});

test('ODS: types, repeated cells and rows, paragraphs, annotations, hidden tables', () => {
  const styles = `<style:style style:name="ta1"><style:table-properties table:display="true"/></style:style>
    <style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>`;
  const tail = '<table:table-cell table:number-columns-repeated="16377"/>';
  const bytes = odsOf(odsTable('Caché', odsRow(odsText('x')) + odsRow(odsText('y')), 'ta2') + odsTable('Données & co'.replace('&', '&amp;'),
    odsRow(odsText('Titre')) +
    odsRow(...['text', 'n', 'part', 'price', 'day', 'at', 'clock'].map(odsText), tail) +
    odsRow(`<table:table-cell office:value-type="string"><office:annotation><text:p>no</text:p></office:annotation><text:p>one  <text:s text:c="2"/>two</text:p>
      <text:p>th<text:span>ree</text:span><text:tab/>&amp;<draw:frame><text:p>no</text:p></draw:frame></text:p></table:table-cell>`,
    odsValue('float', 'office:value="12"'), odsValue('percentage', 'office:value="0.25"'), odsValue('currency', 'office:value="9.99"'),
    odsValue('date', 'office:date-value="2024-02-29"'), odsValue('date', 'office:date-value="2024-02-29T10:30:00.5"'),
    odsValue('time', 'office:time-value="PT26H05M09S"'), tail) +
    '<table:table-row table:number-rows-repeated="10"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>' +
    `<table:table-row table:number-rows-repeated="2">${odsValue('boolean', 'office:boolean-value="true"')}
      <table:table-cell office:value-type="float" office:value="7" table:number-columns-repeated="2"><text:p>7</text:p></table:table-cell>
      <table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell></table:table-row>` +
    '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'), styles);
  const { records, types, notes } = importOf('a.ods', bytes);
  assert.deepEqual(types, { text: 'text', n: 'int', part: 'double', price: 'double', day: 'date', at: 'datetime', clock: 'text' });
  assert.deepEqual(records.map((r) => Object.values(r)), [
    ['one   two\nthree\t&', 12, 0.25, 9.99, '2024-02-29', '2024-02-29T10:30:00.5+00:00', '26:05:09'],
    ['true', 7, 7, null, null, null, null], ['true', 7, 7, null, null, null, null]]);
  assert.match(notes, /the sheet 'Données & co' was read; its header is row 2/);
  assert.match(notes, /2 cells with an error, such as #N\/A/);
  assert.deepEqual(publish(at('a.ods'), '--sheet', '1').records, [{ x: 'y' }]);
});

test('a dataset that is exported as XLSX and imported again has the same records', () => {
  const lines = [
    { n: 1, text: 'a_x000D_b', whole: -5, real: 0.1, born: '1899-12-31', at: '2026-01-01T00:00:00.250+00:00', ok: true, position: { lat: 50.85, lon: 4.35 }, area: { type: 'Point', coordinates: [1, 2, 3] } },
    { n: 2, text: 'two\nlines\r\n\t=1+1 😀 שלום \u0001', whole: 9007199254740992, real: 1e300, born: '2024-02-29', at: '1899-12-31T23:00:00+00:00', ok: false, position: null, area: null },
    { n: 3, text: ' ', whole: 0, real: -1e-7, born: '0001-01-01', at: '9999-12-31T12:00:00+00:00', ok: null, position: { lat: -90, lon: 180 }, area: { type: 'LineString', coordinates: [[0, 0], [1, 1]] } },
    { n: 4, text: '01', whole: null, real: null, born: null, at: null, ok: null, position: null, area: null }];
  const first = importOf('round.jsonl', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const book = spawnSync(binary, ['export', first.id, '--format', 'xlsx', '--data', data], { maxBuffer: 1 << 28 });
  assert.equal(book.status, 0, String(book.stderr));
  const second = importOf('round.xlsx', book.stdout);
  assert.deepEqual(second.types, first.types);
  assert.deepEqual(second.records, first.records);
});

/* ---- what is damaged or hostile ---- */

test('files that are no workbook of ours say what to do', () => {
  refuse(put('old.xls', Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(2000)])), /old workbook \(XLS\), or one that is protected by a password; open it.*save it as XLSX/);
  refuse(put('letter.docx', zipOf([{ name: '[Content_Types].xml', content: Buffer.from('x') }, { name: 'word/document.xml', content: Buffer.from('x') }])), /document of an office program, but no XLSX or ODS/);
  const manifest = Buffer.from('<m:manifest xmlns:m="x"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>');
  refuse(put('secret.ods', odsOf('', '', [{ name: 'META-INF/manifest.xml', content: manifest }])), /protected by a password; save it without one/);
  refuse(put('charts.xlsx', xlsxOf([])), /has no sheet of cells/);
  refuse(put('empty.xlsx', xlsxOf([{ name: 'S', rows: '' }])), /no sheet that is visible has records.*1 'S' \(0 rows\)/);
});

test('missing, cut and malformed parts', () => {
  const whole = readFileSync(typical);
  for (const part of ['xl/_rels/workbook.xml.rels', 'xl/worksheets/sheet1.xml', 'xl/sharedStrings.xml', 'xl/styles.xml']) {
    refuse(put('missing.xlsx', sheetOf(row(inline('x')), { replace: { [part]: null } })), /the workbook has no xl\/.*, which it needs/);
  }
  for (const n of [100, whole.length >> 1, whole.length - 10]) {
    refuse(put('cut.xlsx', whole.subarray(0, n)), /damaged|cut off/);
  }
  refuse(put('broken.xlsx', sheetOf('<row><c><v>1</c></row>')), /sheet1\.xml in the workbook is not well-formed XML/);
  refuse(put('nothing.xlsx', sheetOf('', { replace: { 'xl/worksheets/sheet1.xml': '' } })), /is empty|not well-formed/);
  const flipped = Buffer.from(sheetOf(row(inline('first'), inline('x'))));
  flipped[flipped.indexOf('first')] ^= 1;
  refuse(put('flipped.xlsx', flipped), /damaged/);
});

test('entities and document types are refused', () => {
  const bomb = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>';
  const external = '<!DOCTYPE w SYSTEM "http://127.0.0.1:9/x.dtd">';
  for (const [i, type] of [bomb, external].entries()) {
    const part = `<?xml version="1.0"?>${type}<worksheet xmlns="${main}"><sheetData/></worksheet>`;
    refuse(put(`entity${i}.xlsx`, sheetOf('', { replace: { 'xl/worksheets/sheet1.xml': part } })), /declares a document type/);
  }
  refuse(put('undeclared.xlsx', sheetOf(row(inline('&x;')))), /not well-formed XML/);
});

test('references that are out of order or absurd', () => {
  const cell = (place) => `<row r="2"><c r="${place}"><v>1</v></c></row>`;
  for (const place of ['AAAAAA1', 'XFE2', 'A3', '2', 'A', 'A2x', 'A99999999999999999999', '']) {
    refuse(put('place.xlsx', sheetOf(cell(place))), /sheet 'S', row 2: a cell says that it is elsewhere/);
  }
  for (const number of ['1', '0', '-1', '1048577', '99999999999999999999', 'x']) {
    refuse(put('row.xlsx', sheetOf(`<row r="${number}"><c><v>1</v></c></row>`)), /sheet 'S', row 1: the (next )?row/);
  }
  const edge = importOf('edge.xlsx', sheetOf('<row r="1048576"><c r="XFD1048576"><v>1</v></c><c r="B1048576"><v>2</v></c></row>'));
  assert.deepEqual(edge.records, [{ a: null, b: 2, column_xfd: 1 }]);
  refuse(put('beyond.xlsx', sheetOf('<row r="2"><c r="XFD2"><v>1</v></c><c><v>2</v></c></row>')), /more than 16384 columns/);
  refuse(put('wide.xlsx', sheetOf(row(...Array.from({ length: 1001 }, (_, i) => `<c><v>${i}</v></c>`)))), /more than 1000 columns/);
  refuse(put('string.xlsx', sheetOf('<row><c t="s"><v>5</v></c></row>')), /a text that is missing/);
  refuse(put('wide.ods', odsOf(odsTable('S', odsRow('<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="999999999"/>')))), /more than 16384 columns/);
  refuse(put('high.ods', odsOf(odsTable('S', odsRow(odsText('a')) + '<table:table-row table:number-rows-repeated="99999999"><table:table-cell office:value-type="float" office:value="1"/></table:table-row>'))), /more than 1048576 rows/);
});

test('values that are none of their type are empty, and counted', () => {
  const { records, notes } = importOf('wrong.xlsx', sheetOf(row('<c><v>abc</v></c>', '<c t="b"><v>7</v></c>') + row('<c><v>1</v></c>', '<c t="b"><v>1</v></c>')
    + row('<c s="99999"><v>2</v></c>', '<c t="nonsense"><v></v></c>')));
  assert.deepEqual(records, [{ a: null, b: null }, { a: 1, b: true }, { a: 2, b: null }]);
  assert.match(notes, /2 cells with an error, such as abc, are empty/);
});

test('texts, archives and sheets that are too large', () => {
  const long = 'x'.repeat(20 << 20);
  refuse(put('long.xlsx', sheetOf(row(inline('a')), { strings: `<si><t>${long}</t></si>` })), /sharedStrings\.xml has a cell with a text of more than 1024 KB/);
  refuse(put('long-inline.xlsx', sheetOf(row(inline(long)))), /a text of more than 1024 KB/);
  refuse(put('spaces.ods', odsOf(odsTable('S', odsRow(odsText('<text:s text:c="999999999"/>'.repeat(3)))))), /a text of more than 1024 KB/);
  const claims = zipOf([['[Content_Types].xml', 'x'], ['xl/workbook.xml', 'x'], ['xl/_rels/workbook.xml.rels', 'x']]
    .map(([name, content]) => ({ name, content: Buffer.from(content), claims: 0xfffffff0 })));
  refuse(put('claims.xlsx', claims), /damaged|not well-formed/);
  refuse(put('many.xlsx', zipOf([{ name: '[Content_Types].xml', content: Buffer.from('x') }, { name: 'xl/workbook.xml', content: Buffer.from('x') },
    ...Array.from({ length: 10000 }, (_, i) => ({ name: `${i}`, content: Buffer.from('') }))])), /more than 10000 entries/);
});

test('a small archive that unpacks to much', () => {
  // A sheet of blanks between rows, deflated a thousand times smaller than it is.
  const blanks = Buffer.alloc(64 << 20, ' ');
  const content = Buffer.concat([Buffer.from(`<worksheet><sheetData>${header}${row('<c><v>1</v></c>')}`), blanks, Buffer.from('</sheetData></worksheet>')]);
  const packed = deflateRawSync(content);
  assert.ok(packed.length < 100000);
  const rest = ['[Content_Types].xml', 'xl/workbook.xml', 'xl/_rels/workbook.xml.rels'];
  const parts = { 'xl/workbook.xml': `<workbook xmlns:r="${office}"><sheets><sheet name="S" r:id="a"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<R><Relationship Id="a" Type="${office}/worksheet" Target="s.xml"/></R>`, '[Content_Types].xml': '<Types/>' };
  const book = zipOf([...rest.map((name) => ({ name, content: Buffer.from(parts[name]) })), { name: 'xl/s.xml', content, packed }]);
  assert.ok(book.length < 200000);
  const { records } = importOf('blanks.xlsx', book);
  assert.deepEqual(records, [{ a: 1, b: null }]);
});
