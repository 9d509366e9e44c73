// What the policy page says of statistics is what the server does: its settings, its key, all that may be counted. And
// figures that an earlier version published go on where it knew fewer fields.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { publish, run, serve, temporaryFolder } from './program.mjs';
import { askStore } from './store.mjs';
import { figures, send } from './traffic.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const clock = join(folder, 'clock');
const geoip = join(folder, 'countries');
mkdirSync(data);
publish(data, 'lamps', 5);
writeFileSync(geoip, '167772160,184549375,BE\n');
writeFileSync(`${geoip}6`, '2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,DE\n');
writeFileSync(clock, '0');
const begin = (...more) => serve(data, more, { env: { ...process.env, PARVIS_TEST_CLOCK: clock } });
async function end(server) {
  server.child.kill('SIGTERM');
  assert.equal(await server.stopped, 0);
}

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const messages = Object.fromEntries(['en', 'fr'].map((language) => [language, JSON.parse(read(`i18n/${language}.json`))]));

/** The part of the policy page that is about statistics. */
async function told(server, language) {
  const page = await (await server.get('/cookies/policy', { headers: { accept: 'text/html', 'accept-language': language } })).text();
  return /<h2 id="statistics">[^]*?(?=<h2>)/.exec(page)?.[0] ?? '';
}

/** The values that a message has on a page; undefined when one of them is missing. */
function find(text, message) {
  const pattern = message.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, '(?<$1>.+?)');
  const plain = text.replace(/<[^>]*>/g, '').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
  return new RegExp(pattern).exec(plain)?.groups;
}

async function facts(server, language) {
  const text = await told(server, language);
  const say = messages[language];
  return { text, key: find(text, say['policy.counting_key'])?.key_changed, small: find(text, say['policy.counting_small'])?.threshold,
    ...find(text, say['policy.counting_kept']) };
}

test('the policy says the settings that the server has, in each language', async () => {
  const cases = [
    { words: ['--geoip', geoip], threshold: '10', hours: '40', days: '25', countries: true, campaigns: false, isPublic: false },
    { words: ['--geoip', 'off', '--statistics-threshold', '23', '--statistics-hours', '31', '--statistics-days', '7', '--statistics-public', 'on', '--statistics-campaigns', 'on'],
      threshold: '23', hours: '31', days: '7', countries: false, campaigns: true, isPublic: true },
  ];
  for (const { words, threshold, hours, days, countries, campaigns, isPublic } of cases) {
    const server = await begin(...words);
    for (const language of ['en', 'fr']) {
      const say = messages[language];
      const said = await facts(server, language);
      assert.equal(said.small, threshold, language);
      assert.equal(said.hours, hours, language);
      assert.equal(said.days, days, language);
      assert.ok(said.key, `${language}: when the key was changed is not said: ${said.text.slice(0, 900)}`);
      assert.equal(said.text.includes(say['policy.counting_countries']), countries, language);
      assert.equal(said.text.includes(say['statistics.dimension.country']), countries, `${language}: countries in the table`);
      assert.equal(said.text.includes(say['policy.counting_campaigns']), campaigns, language);
      assert.equal(said.text.includes(say['statistics.dimension.campaign']), campaigns, `${language}: campaigns in the table`);
      assert.equal(said.text.includes('href="/analytics"'), isPublic, language);
      assert.match(said.text, /href="\/cookies#counting"/);
      assert.ok(said.text.includes(say['policy.counting_keys']), `${language}: calls by key`);
    }
    await end(server);
  }
  const off = await begin('--statistics', 'off');
  assert.equal(await told(off, 'en'), '');
  await end(off);
});

test('the table of the policy is all that can be counted, and by what', async () => {
  const rows = read('src/domain/analytics/analytics.def');
  const names = (kind) => [...rows.matchAll(new RegExp(`^${kind}\\((\\w+),`, 'gm'))].map(([, name]) => name.toLowerCase());
  const [measures, dimensions] = [names('MEASURE'), names('DIMENSION')];
  const by = [...rows.matchAll(/^BY\((\w+), (\w+)\)/gm)].map(([, measure, dimension]) => `${measure} ${dimension}`.toLowerCase());
  const server = await begin('--geoip', geoip, '--statistics-campaigns', 'on');
  for (const language of ['en', 'fr']) {
    const say = messages[language];
    const text = (await told(server, language)).replaceAll('&#39;', "'");
    const shown = Object.fromEntries([...text.matchAll(/<tr><th scope="row"[^>]*>([^<]*)<\/th><td[^>]*>([^<]*)/g)].map(([, what, list]) => [what, list]));
    assert.equal(Object.keys(shown).length, measures.length);
    for (const measure of measures) {
      const wanted = dimensions.filter((one) => one !== 'none' && by.includes(`${measure} ${one}`)).map((one) => say[`statistics.dimension.${one}`]);
      assert.equal(shown[say[`statistics.measure.${measure}`]], wanted.join(', ') || '–', `${language} ${measure}`);
    }
  }
  await end(server);
});

test('the policy says when the key was changed: at the start, and at midnight (UTC)', async (t) => {
  const now = Math.floor(Date.now() / 1000);
  const toMidnight = 86400 - (now % 86400);
  writeFileSync(clock, String(toMidnight - 7200));
  const server = await begin('--geoip', geoip);
  if ((await server.get('/styleguide')).status !== 200) {
    t.skip('of development builds: their clock can be set');
    return;
  }
  const before = await facts(server, 'en');
  writeFileSync(clock, String(toMidnight + 60));
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const after = await facts(server, 'en');
  const french = await facts(server, 'fr');
  await end(server);
  writeFileSync(clock, '0');
  t.diagnostic(`${before.key} / ${after.key} / ${french.key}`);
  assert.notEqual(after.key, before.key);
  const tomorrow = new Date((now + toMidnight + 60) * 1000);
  for (const [language, said] of [['en', after.key], ['fr', french.key]]) {
    const month = new Intl.DateTimeFormat(language, { month: 'long', timeZone: 'UTC' }).format(tomorrow).slice(0, 3).toLowerCase();
    assert.ok(said.includes(String(tomorrow.getUTCDate())) && said.includes(String(tomorrow.getUTCFullYear())) && said.toLowerCase().includes(month), `${language}: ${said}`);
  }
});

test('campaigns are counted where the portal is told to, by a name that five visitors share', async () => {
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
  const links = [ // how many visitors follow it, and what is counted
    ['utm_campaign=Spring%20Letter&utm_source=mail&utm_medium=private', 6], ['utm_campaign=SPRING++letter', 2], ['utm_campaign=rare', 4],
    ['utm_campaign=ada%40example.org', 6], ['utm_campaign=member-1234567', 6], [`utm_campaign=${'x'.repeat(61)}`, 6],
    ['utm_source=only', 6], ['utm_campaign=', 6], ['utm_campaign=a%00b', 6], ['utm_campaign=%ff', 6]];
  let visitor = 0;
  const requests = links.flatMap(([query, visitors]) => Array.from({ length: visitors }, () => {
    visitor += 1;
    return { path: `/explore/?${query}`, agent, address: `10.2.${visitor >> 8}.${visitor & 255}` };
  }));
  for (const isOn of [false, true]) {
    const place = join(folder, `campaigns-${isOn}`);
    mkdirSync(place);
    publish(place, 'lamps', 5);
    const server = await serve(place, ['--trusted-proxy', '127.0.0.1', ...(isOn ? ['--statistics-campaigns', 'on'] : [])]);
    const statuses = await send(server, requests);
    await end(server);
    const { figure, list } = figures(place);
    const good = statuses.filter((status) => status === 200).length;
    assert.ok(good >= requests.length - 12, `a page takes parameters of campaigns: ${statuses}`);
    assert.equal(figure('pageviews'), good);
    assert.deepEqual(list('pageviews', 'campaign'), isOn ? { 'spring letter': 8 } : {});
    assert.deepEqual(list('visitors', 'campaign'), isOn ? { 'spring letter': 8 } : {});
  }
});

test('a dataset of figures that was made with fewer fields takes the new ones', async () => {
  const place = join(folder, 'upgraded');
  mkdirSync(place);
  publish(place, 'lamps', 5);
  const old = join(folder, 'old.jsonl');
  writeFileSync(old, `${JSON.stringify({ date: '2026-01-05', dataset_id: 'lamps', download_count: 15, api_call_count: 20 })}\n`);
  const made = run(['import', old, '--id', 'monitoring-datasets', '--title', 'Uses', '--data', place, '--type', 'date=date', '--annotate', 'date=id,facet', '--annotate', 'dataset_id=id,facet']);
  assert.equal(made.status, 0, made.stderr);
  const first = await serve(place, ['--trusted-proxy', '127.0.0.1']);
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
  await send(first, Array.from({ length: 40 }, (_, i) => ({ path: '/explore/dataset/lamps/information', agent, address: `10.1.0.${i + 1}` })));
  await end(first);
  askStore(place, "update statistic set at = at - 2 where grain = 'day'; update statistic set at = at - 48 where grain = 'hour';");
  const server = await serve(place, ['--statistics-public', 'on']);
  const ask = async () => (await server.get('/api/explore/v2.1/catalog/datasets/monitoring-datasets/records?order_by=date')).json();
  let answer = await ask();
  for (const until = Date.now() + 60000; answer.total_count < 2 && Date.now() < until;) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    answer = await ask();
  }
  await end(server);
  const jobs = run(['job', 'list', '--data', place]).stdout;
  assert.equal(answer.total_count, 2, jobs);
  assert.deepEqual({ ...answer.results[0] }, { date: '2026-01-05', dataset_id: 'lamps', download_count: 15, api_call_count: 20,
    attachment_download_count: null, page_view_count: null });
  assert.equal(answer.results[1].page_view_count, 40);
  assert.equal(answer.results[1].dataset_id, 'lamps');
});
