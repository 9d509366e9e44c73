// The table tab, the form of conditions and the page of a record, as the server makes them.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { API, run, serve, temporaryFolder } from './program.mjs';
import { eventually } from './eventually.mjs';

const ROWS = 137;
const folder = temporaryFolder();
const data = join(folder, 'data');
mkdirSync(data);

function publish(id, text, metadata = {}, extension = 'csv') {
  const [path, described] = [join(folder, `${id}.${extension}`), join(folder, `${id}.json`)];
  writeFileSync(path, text);
  writeFileSync(described, JSON.stringify(metadata));
  const done = run(['import', path, '--id', id, '--data', data, '--metadata', described]);
  assert.equal(done.status, 0, done.stderr);
}

const HTML = '<script>alert(1)</script><b title="x">';
const HEBREW = 'שלום עולם';
function townRow(i) {
  const name = i === 1 ? HTML : i === 2 ? HEBREW : `Town ${i}`;
  const day = `2024-${String(1 + (i % 12)).padStart(2, '0')}-15`;
  return `c${i},"${name.replaceAll('"', '""')}",${i * 1000},${i % 7 ? i / 4 : ''},${day},${i % 2 ? 'true' : 'false'},`
    + `"48.${100 + i},2.${100 + i}","a${i % 3},b",https://www.example.org/${i},${i === 3 ? 'long '.repeat(200) : ''}`;
}
publish('towns', `code,name,population,area,founded,coastal,place,tags,web,note\n${Array.from({ length: ROWS }, (_, i) => townRow(i)).join('\n')}\n`, {
  default: { title: 'Towns & cities', language: 'en' },
  fields: { population: { label: 'Population' }, area: { annotations: { unit: 'km²' } }, code: { annotations: { id: true } },
    place: { type: 'geo_point_2d' }, founded: { label: 'Founded on' }, tags: { annotations: { multivalued: ',', facet: true } } },
});
publish('ordered', 'n,letter,other\n2,b,x\n1,a,y\n3,c,z\n', {
  visualization: { table_fields: ['letter', 'n'], table_default_sort_field: 'n', table_default_sort_direction: '-' },
});
const wide = Array.from({ length: 500 }, (_, i) => `f${i}`);
publish('wide', `${wide.join(',')}\n${wide.map((name, i) => i).join(',')}\n`);
publish('letters', `word\n${['Zoo', 'Éclair', 'apple', 'Fig', 'Ähre', 'banana', 'Zebra', 'Öl'].join('\n')}\n`,
  { fields: { word: { annotations: { facet: true, facetsort: 'alphanum' } } } });
publish('empty', 'a,b\n');
publish('nulls', 'a,b\n,x\n,y\n', { fields: { a: { type: 'text' } } });
const big = 'A'.repeat(1_000_000);
publish('big', Array.from({ length: 50 }, (_, n) => JSON.stringify({ n, text: big })).join('\n'), {}, 'jsonl');
publish('titled', 'a\n1\n', { default: { title: `${'T'.repeat(10000)}<i>` } });

const server = await serve(data, ['--access-log', 'off']);
const decode = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');

async function page(path, init) {
  const answer = await server.get(path, { redirect: 'manual', ...init });
  return { status: answer.status, location: answer.headers.get('location'), html: await answer.text() };
}
const table = (id, query = '', init) => page(`/explore/dataset/${id}/table/${query && `?${query}`}`, init);

/** Texts of the first cells of the rows. */
const firsts = (html) => [...html.matchAll(/<tr aria-rowindex="\d+"><th scope="row"[^>]*><a [^>]*>(.*?)<\/a>/g)].map((found) => decode(found[1]));
const headers = (html) => [...html.matchAll(/<th scope="col"[^>]*>(.*?)<\/th>/g)].map((found) => decode(found[1].replace(/<[^>]+>/g, '')).trim());
const chips = (html) => [...html.matchAll(/class="chip-value"[^>]*>(.*?)</g)].map((found) => decode(found[1]));
const condition = (query) => new URLSearchParams(query).toString();

test('50 records a page, over all of them, with links to the pages around', async () => {
  const first = await table('towns');
  assert.equal(first.status, 200);
  assert.equal(firsts(first.html).length, 50);
  assert.equal(firsts(first.html)[0], 'c0');
  assert.match(first.html, /href="\/explore\/dataset\/towns\/table\/\?page=2" rel="next"/);
  assert.doesNotMatch(first.html, /rel="prev"/);
  assert.match(first.html, /aria-rowcount="138"/);
  const last = await table('towns', 'page=3');
  assert.deepEqual(firsts(last.html), Array.from({ length: 37 }, (_, i) => `c${100 + i}`));
  assert.match(last.html, /101–137 of 137/);
  assert.doesNotMatch(last.html, /rel="next"/);
});

test('pages that are not there', async () => {
  for (const query of ['page=4', 'page=0', 'page=-1', 'page=x', 'page=99999999999999999999', 'page=1.5']) {
    const { status, html } = await table('towns', query);
    assert.equal(status, 400, query);
    assert.match(html, /a whole number from 1 to 3 is expected/, query);
    assert.equal(firsts(html).length, 0, query);
  }
});

test('rows alone for the script, without the frame', async () => {
  const rows = await table('towns', 'rows=120&sort=-population');
  assert.equal(rows.status, 200);
  assert.deepEqual(firsts(rows.html), Array.from({ length: 17 }, (_, i) => `c${16 - i}`));
  assert.match(rows.html, /aria-rowindex="122"/);
  assert.doesNotMatch(rows.html, /<html|<header|<thead/);
  for (const bad of ['137', '-1', 'x', '1e3', '9223372036854775808']) {
    assert.equal((await table('towns', `rows=${bad}`)).status, 400, bad);
  }
});

test('headers sort, up and down, and keep the filter', async () => {
  const plain = await table('towns', 'refine.tags=b');
  assert.match(plain.html, /href="\/explore\/dataset\/towns\/table\/\?refine.tags=b&amp;sort=-population#sorted"/);
  assert.doesNotMatch(plain.html, /aria-sort/);
  const up = await table('towns', 'sort=population');
  assert.match(up.html, /<th scope="col" id="sorted" aria-sort="ascending"[^>]*><a href="[^"]*sort=-population#sorted"/);
  const down = await table('towns', 'sort=-population');
  assert.match(down.html, /aria-sort="descending"/);
  assert.equal(firsts(down.html)[0], 'c136');
  for (const field of ['place', 'tags']) { // places and lists have no order
    assert.doesNotMatch(plain.html, new RegExp(`sort=-?${field}#`));
  }
});

test('an order that is not there is told, with status 400', async () => {
  for (const sort of ['nix', '-nix', 'place', '`', ') desc; drop']) {
    const { status, html } = await table('towns', condition({ sort }));
    assert.equal(status, 400, sort);
    assert.match(html, /role="alert"/, sort);
  }
});

test('the dataset names columns and order; a visitor overrules them', async () => {
  const own = await table('ordered');
  assert.deepEqual(headers(own.html), ['letter', 'n']);
  assert.deepEqual(firsts(own.html), ['c', 'b', 'a']);
  assert.match(own.html, /aria-sort="descending"/);
  assert.match(own.html, /<pre[^>]*>order_by=n desc<\/pre>/);
  const other = await table('ordered', 'sort=n&columns=n,other');
  assert.deepEqual(headers(other.html), ['n', 'other']);
  assert.deepEqual(firsts(other.html), ['1', '2', '3']);
});

test('columns: by commas, by ticked boxes, kept from link to link; unknown ones are refused', async () => {
  for (const query of ['columns=name,population', 'columns=name&columns=population', 'columns=%20name%20,,population,name']) {
    const { html } = await table('towns', query);
    assert.deepEqual(headers(html), ['name', 'Population'], query);
    assert.equal((html.match(/<input type="checkbox"[^>]* checked/g) ?? []).length, 2, query);
    assert.match(html, /page=2/);
    assert.match(html, /\?sort=name&amp;columns=/, query);
  }
  const unknown = await table('towns', 'columns=name,nix');
  assert.equal(unknown.status, 400);
  assert.match(unknown.html, /unknown field nix/);
});

test('500 columns: 30 at first, the rest by links', async () => {
  const { html } = await table('wide');
  assert.deepEqual(headers(html), wide.slice(0, 30));
  const next = decode(/class="columns-turn small"><a href="([^"]+)"/.exec(html)[1]);
  const second = await page(next);
  assert.deepEqual(headers(second.html), wide.slice(30, 60));
  assert.match(second.html, /Previous columns/);
  const many = await table('wide', `columns=${wide.join(',')}`);
  assert.equal(headers(many.html).length, 100);
});

test('values: numbers at the end, a dash for nothing, text escaped, addresses as links, directions', async () => {
  const { html } = await table('towns');
  assert.doesNotMatch(html, /<script>alert/);
  assert.ok(decode(html).includes(HTML));
  assert.match(html, new RegExp(`<td dir="auto">${HEBREW}</td>`));
  assert.match(html, /<td class="number">10,000<\/td>/);
  assert.match(html, /<span class="missing">/);
  assert.match(html, /<a href="https:\/\/www.example.org\/5" rel="noreferrer nofollow">/);
  assert.match(html, /<span dir="auto">area<\/span> <span class="unit">km²<\/span>/);
  assert.match(html, /<a href="\/explore\/dataset\/towns\/records\/[0-9a-f]{40}" rel="noreferrer nofollow">long [^<]*…<\/a>/);
  assert.ok(!html.includes('long '.repeat(60)));
});

test('datasets without records, and with nulls only', async () => {
  const empty = await table('empty');
  assert.equal(empty.status, 200);
  assert.match(empty.html, /No record is left/);
  const nulls = await table('nulls', 'columns=a');
  assert.equal(nulls.status, 200);
  assert.equal(firsts(nulls.html).length, 2);
  assert.match(nulls.html, /Record without a value here/);
});

test('cells of 1 MB are cut in the table and whole on the record', async () => {
  const { status, html } = await table('big');
  assert.equal(status, 200);
  assert.ok(html.length < 200_000, `${html.length} characters`);
  const address = decode(/<th scope="row"[^>]*><a href="([^"]+)"/.exec(html)[1]);
  const record = await page(address);
  assert.equal(record.status, 200);
  assert.ok(record.html.includes(big));
});

test('a title of 10,000 letters', async () => {
  const { status, html } = await table('titled');
  assert.equal(status, 200);
  assert.doesNotMatch(html, /T<i>/);
});

test('a record: its values, id, address in the API, and the way back', async () => {
  const list = await table('towns', 'where=population+%3E+60000&page=2');
  const address = decode(/<th scope="row"[^>]*><a href="([^"]+)"[^>]*>c/.exec(list.html)[1]);
  const id = /records\/([0-9a-f]{40})/.exec(address)[1];
  const record = await page(address);
  assert.equal(record.status, 200);
  assert.match(record.html, /<dt dir="auto">Population<\/dt>/);
  assert.match(record.html, /<code>[0-9a-f]{40}<\/code>/);
  assert.match(record.html, new RegExp(`${API}/towns/records/${id}"`));
  assert.match(record.html, /\/explore\/dataset\/towns\/map\/\?where=within_distance/);
  const back = decode(/record-back"><a href="([^"]+)"/.exec(record.html)[1]);
  assert.equal(back, '/explore/dataset/towns/table/?where=population%20%3E%2060000&page=2');
  const api = await (await server.get(`${API}/towns/records/${id}`)).json();
  assert.ok(record.html.includes(`>${api.code}<`) || record.html.includes(api.code));
  const part = await page(`${address}&fragment=1`);
  assert.match(part.html, /^<section class="record" id="record"/);
});

test('records that are not there', async () => {
  for (const id of ['0'.repeat(40), 'x', '0'.repeat(39), `${'0'.repeat(40)}0`, '%27', 'z'.repeat(3000)]) {
    assert.equal((await page(`/explore/dataset/towns/records/${id}`)).status, 404, id.slice(0, 60));
  }
  assert.equal((await page(`/explore/dataset/nix/records/${'0'.repeat(40)}`)).status, 404);
  assert.equal((await table('nix')).status, 404);
});

const conditions = [
  [{ 'filter.field': 'name', 'filter.operator': 'is', 'filter.value': 'Town "5"\\' }, 'name = "Town \\"5\\"\\\\"', 'name is Town "5"\\'],
  [{ 'filter.field': 'name', 'filter.operator': 'is_not', 'filter.value': 'Town 5' }, 'name != "Town 5"', 'name is not Town 5'],
  [{ 'filter.field': 'name', 'filter.operator': 'contains', 'filter.value': 'town' }, 'name like "town"', 'name contains the words town'],
  [{ 'filter.field': 'name', 'filter.operator': 'begins', 'filter.value': 'Tow' }, 'startswith(name, "Tow")', 'name begins with Tow'],
  [{ 'filter.field': 'name', 'filter.operator': 'one_of', 'filter.value': 'Town 5, Town 6' }, 'name in ("Town 5", "Town 6")', 'name is one of Town 5, Town 6'],
  [{ 'filter.field': 'name', 'filter.operator': 'one_of', 'filter.value': 'a, b; c' }, 'name in ("a, b", "c")', 'name is one of a, b, c'],
  [{ 'filter.field': 'note', 'filter.operator': 'empty', 'filter.value': '' }, 'note is null', 'note is empty'],
  [{ 'filter.field': 'note', 'filter.operator': 'filled', 'filter.value': 'ignored' }, 'note is not null', 'note is not empty'],
  [{ 'filter.field': 'population', 'filter.operator': 'more', 'filter.value': '20 000' }, 'population > 20000', 'Population > 20,000'],
  [{ 'filter.field': 'population', 'filter.operator': 'more', 'filter.value': '20,000' }, 'population > 20000', 'Population > 20,000'],
  [{ 'filter.field': 'population', 'filter.operator': 'differs', 'filter.value': '-3' }, 'population != -3', 'Population ≠ -3'],
  [{ 'filter.field': 'area', 'filter.operator': 'at_most', 'filter.value': '1,5' }, 'area <= 1.5', 'area ≤ 1.5'],
  [{ 'filter.field': 'population', 'filter.operator': 'between', 'filter.value': '5', 'filter.value2': '9' }, 'population in [5..9]', 'Population between 5 – 9'],
  [{ 'filter.field': 'population', 'filter.operator': 'between', 'filter.value': '5', 'filter.value2': '' }, 'population >= 5', 'Population ≥ 5'],
  [{ 'filter.field': 'founded', 'filter.operator': 'on', 'filter.value': '2024-03-15' }, "founded = date'2024-03-15'", 'Founded on on Mar 15, 2024'],
  [{ 'filter.field': 'founded', 'filter.operator': 'before', 'filter.value': '2024-03' }, "founded < date'2024-03'", 'Founded on before 2024-03'],
  [{ 'filter.field': 'founded', 'filter.operator': 'range', 'filter.value': '2024-03-01', 'filter.value2': '2024-04-30' }, "founded in [date'2024-03-01'..date'2024-04-30']", 'Founded on between Mar 1, 2024 – Apr 30, 2024'],
  [{ 'filter.field': 'founded', 'filter.operator': 'range', 'filter.value': '', 'filter.value2': '2024-04-30' }, "founded <= date'2024-04-30'", 'Founded on until Apr 30, 2024'],
  [{ 'filter.field': 'coastal', 'filter.operator': 'true' }, 'coastal is true', 'coastal is yes'],
  [{ 'filter.field': 'tags', 'filter.operator': 'is', 'filter.value': 'a1' }, 'tags = "a1"', 'tags is a1'],
  [{ 'filter.where': ' length(name) > 6 ' }, 'length(name) > 6', 'length(name) > 6'],
];

test('the form adds a condition: 303 to the address with it, where it reads as people speak', async () => {
  for (const [sent, where, words] of conditions) {
    const added = await table('towns', condition({ q: 'town', columns: 'name', ...sent }));
    assert.equal(added.status, 303, where);
    const url = new URL(added.location, server.portal);
    assert.deepEqual([...url.searchParams], [['q', 'town'], ['where', where], ['columns', 'name']], added.location);
    const followed = await table('towns', condition({ where }));
    assert.equal(followed.status, 200, where);
    assert.deepEqual(chips(followed.html), [words]);
    const api = await (await server.get(`${API}/towns/records?limit=0&${condition({ where })}`)).json();
    assert.match(followed.html, new RegExp(`role="status">${api.total_count} record`), where);
  }
});

test('a range of days takes the place of the one before, and goes when both ends are empty', async () => {
  const old = "founded in [date'2024-01-01'..date'2024-02-01']";
  const query = { where: old, 'filter.field': 'founded', 'filter.operator': 'range' };
  const changed = await table('towns', condition({ ...query, 'filter.value': '2024-05-01', 'filter.value2': '' }));
  assert.deepEqual(new URL(changed.location, server.portal).searchParams.getAll('where'), ["founded >= date'2024-05-01'"]);
  const gone = await table('towns', condition({ ...query, 'filter.value': '', 'filter.value2': '' }));
  assert.equal(gone.location, '/explore/dataset/towns/table/');
  const shown = await table('towns', condition({ where: old }));
  assert.match(shown.html, /id="range-from" type="date" name="filter.value" value="2024-01-01"/);
  assert.match(shown.html, /id="range-to" type="date" name="filter.value2" value="2024-02-01"/);
});

test('a filter of a hundred conditions makes no page of megabytes, and can be cleared', async () => {
  const where = Array.from({ length: 100 }, (unused, i) => `where=population%20%3E%20${i}%20or%20name%20%3D%20%22${'x'.repeat(400)}%22`);
  const { status, html } = await table('towns', where.join('&'));
  assert.equal(status, 200);
  assert.ok(html.length < 2_000_000, `${html.length} bytes`);
  assert.equal(html.match(/class="chip"/g).length, 100);
  assert.match(html, /class="chips-clear" href="\/explore\/dataset\/towns\/table\/"/);
});

test('conditions that cannot be made are told next to the form, with what was typed, and the records stay', async () => {
  const wrong = [
    [{ 'filter.field': 'population', 'filter.operator': 'more', 'filter.value': '<many>' }, 'Enter a number'],
    [{ 'filter.field': 'population', 'filter.operator': 'more', 'filter.value': '' }, 'Enter a value.'],
    [{ 'filter.field': 'population', 'filter.operator': 'between', 'filter.value': '', 'filter.value2': '' }, 'Enter a value.'],
    [{ 'filter.field': 'population', 'filter.operator': 'begins', 'filter.value': '1' }, 'does not fit the field Population'],
    [{ 'filter.field': 'population', 'filter.operator': 'nix', 'filter.value': '1' }, 'does not fit the field Population'],
    [{ 'filter.field': 'founded', 'filter.operator': 'on', 'filter.value': '2024-02-31' }, 'Enter a day'],
    [{ 'filter.field': 'founded', 'filter.operator': 'range', 'filter.value': 'yesterday' }, 'Enter a day'],
    [{ 'filter.field': 'nix', 'filter.operator': 'is', 'filter.value': '1' }, 'Choose a field.'],
    [{ 'filter.field': 'place', 'filter.operator': 'is', 'filter.value': '1' }, 'Choose a field.'],
    [{ 'filter.field': 'name', 'filter.operator': 'one_of', 'filter.value': ' , ' }, 'Enter a value.'],
    [{ 'filter.field': 'name', 'filter.operator': 'one_of', 'filter.value': 'a,'.repeat(60) }, 'too many values'],
    [{ 'filter.field': 'name', 'filter.operator': 'is', 'filter.value': 'x'.repeat(1001) }, 'too long'],
    [{ 'filter.where': 'population >' }, 'Syntax error: the text ends too early'],
    [{ 'filter.where': 'nix = 1' }, 'Unknown field'],
  ];
  for (const [sent, message] of wrong) {
    const { status, html } = await table('towns', condition(sent));
    assert.equal(status, 400, message);
    assert.match(html, new RegExp(`<(p|div) class="error"[^>]* role="alert">(<p>)?[^<]*${message}`), JSON.stringify(sent).slice(0, 100));
    assert.equal(firsts(html).length, 50, message);
    assert.ok(decode(html).includes(sent['filter.value'] ?? sent['filter.where']), message);
    assert.doesNotMatch(html, /<many>/);
  }
});

test('a condition that is broken in the address is told, and nothing else fails', async () => {
  for (const where of ['foo(', 'population > "x', '"'.repeat(3), `${'('.repeat(200)}1=1`, 'population in [1..', 'startswith(', '`', 'name in (']) {
    const { status, html } = await table('towns', condition({ where }));
    assert.equal(status, 400, where);
    assert.match(html, /The filter cannot be used/, where);
    assert.match(html, /class="chip"/, where);
  }
});

test('the query is shown as the API takes it, and the link gives the same records', async () => {
  const { html } = await table('towns', condition({ where: 'population > 100000', 'refine.tags': 'b', sort: '-population' }));
  const shown = decode(/<pre class="code" id="odsql"[^>]*>([^<]*)<\/pre>/.exec(html)[1]);
  assert.equal(shown, 'where=population > 100000\nrefine=tags:"b"\norder_by=population desc');
  const address = new URL(decode(/<a href="([^"]*\/records\?[^"]*)"/.exec(html)[1]));
  const api = await (await server.get(address.pathname + address.search)).json();
  assert.equal(api.total_count, 36);
  assert.equal(api.results[0].code, firsts(html)[0]);
  assert.equal(api.results.length, 36, 'all of them, not the first page of them');
});

test('the link to the API names a limit only where that gives all records', async () => {
  const limitOf = async (where, tab) => {
    const { text } = await server.get(`/explore/dataset/towns/${tab}/?${condition({ where })}`).then(async (answer) => ({ text: await answer.text() }));
    return /records\?[^"<]*?limit=(\d+)/.exec(decode(text))?.[1];
  };
  for (const tab of ['table', 'api']) {
    assert.equal(await limitOf('population >= 127000', tab), undefined, `${tab}: 10 come anyway`);
    assert.equal(await limitOf('population >= 126000', tab), '11', tab);
    assert.equal(await limitOf('population >= 37000', tab), '100', tab);
    assert.equal(await limitOf('population >= 36000', tab), undefined, `${tab}: 101 are too many for one question`);
  }
});

test('a place on the map is called by its name, not by a code that stands before it', async () => {
  const html = await (await server.get(`/explore/dataset/towns/map/?${condition({ where: 'population = 5000' })}`)).text();
  assert.match(html, />Town 5</);
  assert.doesNotMatch(html, />c5</);
});

test('a number that is missing stands where numbers stand', async () => {
  const { html } = await table('towns', condition({ where: 'area is null', columns: 'name,area' }));
  assert.match(html, /<td class="number"><span class="missing">/);
});

test('more values of a facet leave the filters open on a small screen', async () => {
  const checked = /id="filters-toggle" checked/;
  assert.match(await (await server.get('/explore/dataset/towns/table/?facet=tags')).text(), checked);
  assert.doesNotMatch(await (await server.get('/explore/dataset/towns/table/')).text(), checked);
});

test('in French: numbers with a comma, words of the chips', async () => {
  const french = { headers: { 'accept-language': 'fr' } };
  const added = await table('towns', condition({ 'filter.field': 'area', 'filter.operator': 'more', 'filter.value': '1,500' }), french);
  assert.equal(new URL(added.location, server.portal).searchParams.get('where'), 'area > 1.500');
  const { html } = await table('towns', condition({ where: 'population > 20000' }), french);
  assert.deepEqual(chips(html), ['Population > 20\u202f000']);
});

test('facets by the alphabet follow the language, not the numbers of letters', async () => {
  const { html } = await table('letters', 'facet=word');
  const labels = [...html.matchAll(/class="facet-label">(.*?)</g)].map((found) => decode(found[1]));
  assert.deepEqual(labels, ['Ähre', 'apple', 'banana', 'Éclair', 'Fig', 'Öl', 'Zebra', 'Zoo']);
  const few = await table('letters');
  assert.deepEqual([...few.html.matchAll(/class="facet-label">(.*?)</g)].map((found) => decode(found[1])), labels.slice(0, 6));
});

test('boxes that are no longer ticked are not sent again by the form of columns', async () => {
  const { html } = await table('towns', condition({ q: 'town', columns: 'name,population', lang: 'fr' }));
  const form = /<details class="columns-choice">([^]*?)<\/form>/.exec(html)[1];
  const hidden = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map((found) => found.slice(1));
  assert.deepEqual(hidden, [['q', 'town']]);
});

test('values that are longer than anybody reads are no choices of a facet, long ones are cut', async () => {
  const long = 'L'.repeat(900);
  publish('lengths', `${[...Array(8)].map((_, i) => JSON.stringify({ word: `${i}${'w'.repeat(300_000)}` })).join('\n')}\n${JSON.stringify({ word: long })}\n${JSON.stringify({ word: 'short' })}`,
    { fields: { word: { annotations: { facet: true, facetsort: 'alphanum' } } } }, 'jsonl');
  let answer;
  await eventually('the dataset', async () => {
    answer = await table('lengths');
    return answer.status === 200;
  });
  const labels = [...answer.html.matchAll(/<a href="([^"]*)"[^>]*><span class="facet-label">([^<]*)</g)];
  assert.deepEqual(labels.map((found) => found[2]), [`${'L'.repeat(200)}…`, 'short']);
  assert.ok(answer.html.length < 100_000, String(answer.html.length));
  const chosen = await page(decode(labels[0][1]));
  assert.equal(chosen.status, 200);
  assert.match(chosen.html, />1 record/);
});

test('a map has no page behind its last', async () => {
  assert.equal((await page('/explore/dataset/towns/map/?page=7')).status, 200);
  const { status, html } = await page('/explore/dataset/towns/map/?page=8');
  assert.equal(status, 400);
  assert.match(html, /page: a whole number from 1 to 7 is expected/);
});
