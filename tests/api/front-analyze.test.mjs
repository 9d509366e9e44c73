// The tab Analyze without a script: its table holds what the API answers, for each kind of chart, and nothing that
// a visitor may not see; broken parameters are told; embeds are for anybody, and read no cookie.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { API, binary, serve, temporaryFolder } from './program.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
mkdirSync(data);

// 400 sales over three years with a month that has none, a shop without a name, 30 towns, an amount that is missing.
const shops = ['North', 'South', 'East & "West"', ''];
const lines = Array.from({ length: 400 }, (_, i) => {
  const month = i % 30 === 5 ? 6 : i % 30; // none in the sixth month
  const day = `${2020 + Math.floor(month / 12)}-${String(month % 12 + 1).padStart(2, '0')}-${String(i % 28 + 1).padStart(2, '0')}`;
  const shop = shops[i % 4] && `"${shops[i % 4].replaceAll('"', '""')}"`;
  return `${day},${day}T${String(i % 24).padStart(2, '0')}:30:00Z,${shop},town ${i % 30},${i % 50 === 7 ? '' : (i * 7 % 100) / 4},${i % 12},${i % 3 === 0}`;
});
writeFileSync(join(folder, 'sales.csv'), `day,moment,shop,town,amount,level,paid\n${lines.join('\n')}\n`);
writeFileSync(join(folder, 'names.csv'), 'name\n"<b>bold</b>"\n"<b>bold</b>"\nplain\n');
const load = (id, ...words) => execFileSync(binary, ['import', join(folder, `${id}.csv`), '--id', id, '--data', data, ...words], { stdio: 'ignore' });
load('sales', '--annotate', 'shop=facet', '--annotate', 'town=facet');
load('names');
writeFileSync(join(folder, 'hidden.csv'), 'a\n1\n');
load('hidden');
execFileSync(binary, ['access', 'hidden', '--restrict', '--data', data], { stdio: 'ignore' });
const server = await serve(data);

const decode = (text) => text.replaceAll('&quot;', '"').replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** { status, html, title, columns, rows: [{ label, value, cells: [number | null], texts }] } of a page with a chart. */
async function chart(query, { path = '/explore/dataset/sales/analyze/', headers = {} } = {}) {
  const answer = await server.get(`${path}?${new URLSearchParams(query)}`, { headers });
  const html = await answer.text();
  const table = /<table class="table" id="chart-data">[^]*?<\/table>/.exec(html)?.[0] ?? '';
  const columns = [...table.matchAll(/<th scope="col"[^>]*>([^<]*)</g)].map((match) => decode(match[1]));
  const rows = [...table.matchAll(/<tr([^>]*)><th scope="row"[^>]*data-value="([^"]*)"[^>]*>([^<]*)<\/th>(.*?)<\/tr>/g)].map((match) => {
    const cells = [...match[4].matchAll(/<td[^>]*data-value="([^"]*)"[^>]*>([^<]*)</g)];
    return {
      isOther: match[1].includes('data-other'), isMissing: match[1].includes('data-missing'), isTotal: match[1].includes('data-total'),
      value: decode(match[2]), label: decode(match[3]), texts: cells.map((cell) => decode(cell[2])),
      cells: cells.map((cell) => (cell[1] === '' ? null : Number(cell[1]))),
    };
  });
  return { status: answer.status, html, headers: answer.headers, title: decode(/<figcaption[^>]*>([^<]*)/.exec(html)?.[1] ?? ''), columns, rows };
}

async function records(parameters, dataset = 'sales') {
  const answer = await server.get(`${API}/${dataset}/records?${new URLSearchParams(parameters)}`);
  assert.equal(answer.status, 200);
  return (await answer.json()).results;
}

function close(found, wanted) {
  assert.equal(found.length, wanted.length);
  found.forEach((value, i) => {
    assert.ok(value === wanted[i] || Math.abs(value - wanted[i]) < 1e-9, `${value} is ${wanted[i]}`);
  });
}

test('without a parameter: the first date, counted by a step that fits', async () => {
  const { status, title, rows } = await chart({});
  assert.equal(status, 200);
  assert.equal(title, 'Number of records by day (month)');
  const counts = await records({ select: 'count(*) as n', group_by: 'range(`day`, 1 month) as m', limit: 100 });
  assert.deepEqual(rows.filter((row) => row.cells[0]).map((row) => row.cells[0]), counts.map((row) => row.n));
  const gap = rows.find((row) => row.value === '2020-06-01');
  assert.deepEqual([gap.label, gap.cells[0]], ['June 2020', 0]);
  assert.equal(rows.length, 30);
});

for (const kind of ['bar', 'horizontal', 'line', 'area', 'pie', 'treemap', 'pivot']) {
  test(`${kind}: groups of names with the sum of a field`, async () => {
    const { rows, status } = await chart({ chart: kind, x: 'shop', y: 'sum', of: 'amount' });
    const wanted = await records({ select: 'sum(amount) as n', group_by: 'shop', order_by: '-n, shop', limit: 10 });
    const own = rows.filter((row) => !row.isTotal);
    assert.equal(status, 200);
    assert.deepEqual(own.map((row) => (row.isMissing ? null : row.value)), wanted.map((row) => row.shop));
    close(own.map((row) => row.cells[0]), wanted.map((row) => row.n));
    assert.equal(own.find((row) => row.isMissing).label, '(no value)');
  });
}

test('each function and each step of dates are those of the API', async () => {
  for (const name of ['avg', 'median', 'min', 'max', 'sum']) {
    const { rows } = await chart({ chart: 'bar', x: 'shop', y: name, of: 'amount', order: 'x' });
    const wanted = await records({ select: `${name}(amount) as n`, group_by: 'shop', order_by: 'shop', limit: 10 });
    close(rows.map((row) => row.cells[0]), wanted.map((row) => row.n));
  }
  const steps = { year: 'range(moment, 1 year)', quarter: 'range(moment, 1 quarter)', month: 'range(moment, 1 month)', week: 'range(moment, 1 week)',
    day: 'range(moment, 1 day)', month_of_year: 'month(moment)', hour_of_day: 'hour(moment)', day_of_week: "date_format(moment, 'e')" };
  for (const [bucket, expression] of Object.entries(steps)) {
    const { rows, status } = await chart({ chart: 'bar', x: 'moment', bucket });
    const wanted = await records({ select: 'count(*) as n', group_by: `${expression} as g`, order_by: 'g', limit: 1000 });
    assert.equal(status, 200, bucket);
    assert.deepEqual(rows.map((row) => row.cells[0]).filter(Boolean), wanted.map((row) => row.n), bucket);
  }
  const { rows } = await chart({ chart: 'bar', x: 'moment', bucket: 'day_of_week' });
  assert.equal(rows[0].label, 'Monday');
});

test('series: each cell is a group of both, and none is lost', async () => {
  const { columns, rows } = await chart({ chart: 'bar', x: 'shop', series: 'paid' });
  const wanted = await records({ select: 'count(*) as n', group_by: 'shop, paid', limit: 100 });
  assert.deepEqual(columns, ['shop', 'no', 'yes']);
  for (const row of rows) {
    const own = wanted.filter((one) => (row.isMissing ? one.shop === null : one.shop === row.value));
    assert.deepEqual(row.cells, [false, true].map((paid) => own.find((one) => one.paid === paid)?.n ?? 0));
  }
});

test('what is cut is told, and remains in the sum as "Other"', async () => {
  const { rows, html } = await chart({ chart: 'bar', x: 'town', limit: '5', series: 'town' });
  assert.equal(rows.length, 6);
  assert.ok(rows[5].isOther);
  assert.equal(rows.reduce((sum, row) => sum + row.cells[0], 0), 400);
  assert.match(html, /The largest 5 of 30 groups are shown\./);
  const split = await chart({ chart: 'bar', x: 'shop', series: 'town' });
  assert.equal(split.columns.length, 12); // shop, ten towns, the others
  assert.equal(split.columns[11], 'Other');
  assert.equal(split.rows.flatMap((row) => row.cells).reduce((sum, cell) => sum + cell, 0), 400);
  assert.match(split.html, /The largest 10 of 30 series are shown\./);
  const both = await chart({ chart: 'pivot', x: 'town', series: 'shop', limit: '3' });
  const cells = both.rows.filter((row) => !row.isTotal);
  assert.equal(cells.flatMap((row) => row.cells.slice(0, -1)).reduce((sum, cell) => sum + cell, 0), 400);
  assert.deepEqual(both.rows.at(-1).cells.at(-1), 400);
  const mean = await chart({ chart: 'bar', x: 'town', limit: '5', y: 'avg', of: 'amount' });
  assert.equal(mean.rows.length, 5); // means of others cannot be told by subtraction
  assert.ok(!mean.rows.some((row) => row.isOther));
});

test('a pivot table has the totals that the API gives, of means too', async () => {
  const { columns, rows } = await chart({ chart: 'pivot', x: 'shop', series: 'paid', y: 'avg', of: 'amount', order: 'x' });
  const [{ n: all }] = await records({ select: 'avg(amount) as n', limit: 1 });
  const byShop = await records({ select: 'avg(amount) as n', group_by: 'shop', order_by: 'shop' });
  assert.deepEqual(columns, ['shop', 'no', 'yes', 'Total']);
  close(rows.map((row) => row.cells[2]), [...byShop.map((row) => row.n), all]);
});

test('a histogram counts every number once, in ranges without gaps', async () => {
  const { rows, title } = await chart({ chart: 'histogram', x: 'amount' });
  const [{ n }] = await records({ select: 'count(amount) as n', limit: 1 });
  const ranges = rows.filter((row) => !row.isMissing);
  assert.equal(title, 'Distribution of amount');
  assert.equal(ranges.reduce((sum, row) => sum + row.cells[0], 0), n);
  ranges.forEach((row, i) => assert.equal(Number(row.value), Number(ranges[0].value) + i));
  const fewer = await chart({ chart: 'histogram', x: 'amount', bins: '5' });
  assert.equal(fewer.rows.filter((row) => !row.isMissing).length, 5);
  const whole = await chart({ chart: 'histogram', x: 'level' });
  assert.deepEqual(whole.rows.map((row) => row.label), Array.from({ length: 12 }, (_, i) => String(i)));
});

test('a scatter plot shows records: all, or a sample that is told of', async () => {
  const { rows, columns } = await chart({ chart: 'scatter', x: 'level', of: 'amount', series: 'shop' });
  const wanted = await records({ select: 'level, amount', where: 'level is not null and amount is not null', limit: 100 });
  assert.deepEqual(columns, ['level', 'amount', 'shop']);
  assert.equal(rows.length, 392);
  const seen = new Set(rows.map((row) => `${row.value} ${row.cells[0]}`));
  wanted.forEach((row) => assert.ok(seen.has(`${row.level} ${row.amount}`)));
  writeFileSync(join(folder, 'many.csv'), `a,b\n${Array.from({ length: 5000 }, (_, i) => `${i},${i * i % 997}`).join('\n')}\n`);
  load('many');
  let many;
  do many = await chart({ chart: 'scatter', x: 'a', of: 'b' }, { path: '/explore/dataset/many/analyze/' }); while (many.status === 404);
  assert.equal(many.rows.length, 2000);
  assert.match(many.html, /A random sample of 2,000 out of 5,000 records is shown\./);
  const mean = many.rows.reduce((sum, row) => sum + Number(row.value), 0) / 2000;
  assert.ok(Math.abs(mean - 2500) < 150, `fair: mean ${mean}`);
});

test('the filter holds, and stays in links, form and export', async () => {
  const { rows, html } = await chart({ chart: 'bar', x: 'town', 'refine.shop': 'North', where: 'amount > 5', q: 'town' });
  const wanted = await records({ select: 'count(*) as n', group_by: 'town', refine: 'shop:"North"', where: 'amount > 5', order_by: '-n, town', limit: 20 });
  assert.deepEqual(rows.map((row) => [row.value, row.cells[0]]), wanted.map((row) => [row.town, row.n]));
  const form = /<form class="chart-form"[^]*?<\/form>/.exec(html)[0];
  assert.match(form, /<input type="hidden" name="refine.shop" value="North">/);
  assert.ok(!/type="hidden" name="(chart|x)"/.test(form), 'the form says each parameter once');
  assert.match(html.replace(form, ''), /<input type="hidden" name="chart" value="bar">/); // other forms keep it
  assert.match(html, /href="[^"]*chart=bar&amp;x=town[^"]*" rel="nofollow"|href="[^"]*refine[^"]*chart=bar/);
});

test('the export has the numbers of the chart', async () => {
  for (const query of [{ chart: 'bar', x: 'shop', y: 'avg', of: 'amount' }, { chart: 'line', x: 'day', bucket: 'month' }, { chart: 'pivot', x: 'town', series: 'shop' },
    { chart: 'scatter', x: 'level', of: 'amount' }, { chart: 'histogram', x: 'amount' }]) {
    const { html } = await chart(query);
    const address = decode(/href="([^"]*exports\/csv[^"]*)" rel="nofollow" download/.exec(html)[1]);
    const answer = await server.get(address);
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    assert.ok(text.split('\n').length > 3, text);
  }
  const { html, rows } = await chart({ chart: 'bar', x: 'shop', y: 'sum', of: 'amount' });
  const address = decode(/href="([^"]*exports\/csv[^"]*)" rel="nofollow" download/.exec(html)[1]);
  const values = (await (await server.get(address)).text()).trim().split(/\r?\n/).slice(1).map((line) => Number(line.split(';').at(-1)));
  close(rows.map((row) => row.cells[0]), values);
});

test('parts of what does not add up are bars, and that is told', async () => {
  const { html, status } = await chart({ chart: 'pie', x: 'shop', y: 'avg', of: 'amount' });
  assert.equal(status, 200);
  assert.match(html, /data-chart="horizontal"/);
  assert.match(html, /Parts of a whole need a count or a sum/);
});

test('broken parameters: status 400, a notice that names them, and the form stays', async () => {
  const wrong = {
    'chart=spiral': /chart: spiral is none of bar, horizontal/, 'x=nothing': /x: the dataset has no field nothing/, 'of=shop': /of: the field shop is of type text/,
    'y=product': /y: product is none of count, sum/, 'limit=0': /limit: a whole number from 1 to 1000/, 'limit=1001': /limit:/, 'bins=x': /bins:/,
    'order=z': /order: z is none of x, -x/, 'stacked=high': /stacked:/, 'bucket=century': /bucket: century is none of year/,
    'chart=histogram&x=shop': /a histogram needs a field of numbers/, 'chart=scatter&x=shop': /a scatter plot needs/, 'series=amount': /series: the field amount/,
    'x=%3Cscript%3E': /no field &lt;script&gt;/, 'where=%28%28': /The filter cannot be used/,
  };
  for (const [query, message] of Object.entries(wrong)) {
    const answer = await server.get(`/explore/dataset/sales/analyze/?${query}`);
    const html = await answer.text();
    assert.equal(answer.status, 400, query);
    assert.match(html, message, query);
    assert.match(html, /<form class="chart-form"/, query);
    assert.ok(!html.includes('id="chart-data"'), query);
  }
  const long = await server.get(`/explore/dataset/sales/analyze/?x=${'x'.repeat(10000)}`);
  assert.equal(long.status, 400);
  assert.ok((await long.text()).length < 70000); // links of the frame come back to this address
});

test('what does not suit a field is passed over, as a form without a script sends it', async () => {
  const { status, rows } = await chart({ chart: 'bar', x: 'shop', bucket: 'month', bins: '7', y: 'count', of: 'amount', series: '', order: '', limit: '' });
  assert.equal(status, 200);
  assert.equal(rows.length, 4);
});

test('values are text, whatever they hold', async () => {
  const { html, rows } = await chart({}, { path: '/explore/dataset/names/analyze/' });
  assert.deepEqual(rows.map((row) => [row.label, row.cells[0]]), [['<b>bold</b>', 2], ['plain', 1]]);
  assert.ok(!html.includes('<b>bold'));
});

test('an embed is for anybody: no cookie read or set, any frame, the language of the address', async () => {
  const path = '/embed/dataset/sales/chart';
  const cookie = 'sessionid=abcdef; csrftoken=x; django_language=fr; cookies_preferences=y';
  const { headers, rows, html, status } = await chart({ chart: 'bar', x: 'shop' }, { path, headers: { cookie } });
  assert.equal(status, 200);
  assert.equal(rows.length, 4);
  assert.equal(headers.get('set-cookie'), null);
  assert.equal(headers.get('x-frame-options'), null);
  assert.match(headers.get('content-security-policy'), /frame-ancestors \*(;|$)/);
  assert.equal(headers.get('vary').includes('Cookie'), false);
  assert.equal(headers.get('cross-origin-resource-policy'), 'cross-origin');
  assert.equal(headers.get('content-language'), 'en');
  assert.match(html, /<a href="\/explore\/dataset\/sales\/analyze\/\?chart=bar&amp;x=shop" target="_blank" rel="noopener">/);
  assert.ok(!/csrf|data-consent|\/account/.test(html));
  const french = await chart({ chart: 'bar', x: 'shop', lang: 'fr' }, { path });
  assert.equal(french.headers.get('content-language'), 'fr');
  assert.match(french.title, /Nombre d’enregistrements par shop/);
  const wrong = await chart({ chart: 'spiral' }, { path, headers: { cookie } });
  assert.equal(wrong.status, 400);
  for (const dataset of ['hidden', 'absent']) {
    const none = await server.get(`/embed/dataset/${dataset}/chart`, { headers: { cookie, accept: 'text/html' } });
    assert.equal(none.status, 404);
    assert.equal(none.headers.get('set-cookie'), null);
    assert.match(none.headers.get('content-security-policy'), /frame-ancestors \*/);
  }
});

test('--embed-ancestors narrows who may show embeds', async () => {
  const narrow = await serve(data, ['--embed-ancestors', 'https://www.example.org, https://*.example.net']);
  const answer = await narrow.get('/embed/dataset/sales/chart');
  assert.match(answer.headers.get('content-security-policy'), /frame-ancestors 'self' https:\/\/www\.example\.org https:\/\/\*\.example\.net(;|$)/);
  const none = await serve(data, ['--embed-ancestors', 'none']);
  assert.match((await none.get('/embed/dataset/sales/chart')).headers.get('content-security-policy'), /frame-ancestors 'self'(;|$)/, 'but for the portal itself');
  assert.throws(() => execFileSync(binary, ['serve', '--data', data, '--embed-ancestors', 'x; script-src *'], { stdio: 'pipe' }), /embed-ancestors/);
});

test('the publisher\'s first chart is the one without parameters; one that does not fit is passed over', async () => {
  const set = (text) => {
    writeFileSync(join(folder, 'meta.json'), JSON.stringify({ metas: { visualization: { analyze_default: text } } }));
    execFileSync(binary, ['describe', 'sales', '--metadata', join(folder, 'meta.json'), '--data', data], { stdio: 'pipe' });
  };
  set('chart=bar&x=shop&y=max&of=amount');
  let found;
  do found = await chart({}); while (found.title.startsWith('Number of records by day'));
  assert.equal(found.title, 'Maximum: amount by shop');
  set('chart=bar&x=gone');
  do found = await chart({}); while (found.title.startsWith('Maximum'));
  assert.equal(found.title, 'Number of records by day (month)');
});
