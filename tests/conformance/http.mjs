// Chapter 1: conventions, headers, errors; 7: cross-origin use.
import assert from 'node:assert/strict';
import { answers, fact, refuses } from './facts.mjs';
import { ask, records, root, server, sites } from './sites.mjs';

answers('1.1', 'C', 'a trailing slash is accepted on every address, without a redirect', `${records}/`, { limit: 1 },
  ({ total_count }) => assert.equal(total_count, sites.length));
answers('1.1', 'M', 'unknown parameters are ignored', records, { nosuch: '1', Where: 'x' }, ({ total_count }) => assert.equal(total_count, sites.length));
fact('1.1', 'C', 'both + and %20 are a blank in a query string', async () => {
  for (const blank of ['+', '%20']) {
    const answer = await ask(`${records}?where=power${blank}=${blank}20`);
    assert.equal(answer.json.total_count, 1, answer.text);
  }
});
for (const [value, links] of [['true', true], ['True', true], ['false', false], ['False', false], ['FALSE', false]]) {
  answers('1.1', 'R', `include_links=${value}`, records, { include_links: value }, (body) => assert.equal('_links' in body, links));
}
answers('1.1', 'D', 'several where are joined by AND', records, { where: ['power > 10', 'power < 40'] }, (body) => assert.equal(body.total_count, 2));
answers('1.1', 'M', 'q is accepted', records, { q: 'x' }, () => {});
answers('1.1', 'M', 'rows and start are limit and offset', records, { rows: 2, start: 3, select: 'code' },
  ({ results }) => assert.deepEqual(results, [{ code: 's04' }, { code: 's05' }]));

fact('1.2', 'R', 'headers of a successful answer', async () => {
  const { header } = await ask(records);
  assert.equal(header('content-type'), 'application/json; charset=utf-8');
  assert.equal(header('access-control-allow-origin'), '*');
  assert.match(header('access-control-expose-headers'), /ODS-Explore-API-Deprecation/);
  assert.match(header('access-control-expose-headers'), /X-RateLimit-Remaining/);
  assert.ok(header('content-language'));
  assert.equal(header('x-content-type-options'), 'nosniff');
  assert.ok(header('referrer-policy'));
});
fact('1.2', 'R', 'an answer that follows Accept-Language says so in Vary', async () => {
  const [en, fr] = [await ask(records, {}, { headers: { 'accept-language': 'en' } }), await ask(records, {}, { headers: { 'accept-language': 'fr' } })];
  const follows = en.header('content-language') !== fr.header('content-language') || en.text !== fr.text;
  assert.equal(/accept-language/i.test(fr.header('vary') ?? ''), follows);
});
fact('1.2', 'R', 'answers are compressed when the client accepts it', async () => {
  const answer = await ask(records, { limit: 12 }, { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(answer.header('content-encoding'), 'gzip');
  assert.equal(answer.json.results.length, 12);
});
fact('1.2', 'C', 'the header of the widgets library is allowed', async () => {
  const answer = await ask(records, {}, { method: 'OPTIONS', headers: { origin: 'https://other.example',
    'access-control-request-method': 'GET', 'access-control-request-headers': 'ods-widgets-version,authorization' } });
  assert.ok(answer.status < 300);
  for (const name of ['Authorization', 'X-Requested-With', 'ODS-API-Analytics-App', 'ODS-Widgets-Version', 'Accept']) {
    assert.match(answer.header('access-control-allow-headers'), new RegExp(name, 'i'));
  }
  assert.match(answer.header('access-control-allow-methods'), /GET/);
});

fact('1.3', 'R', 'errors are an object of two texts, indented by two', async () => {
  const answer = await ask(records, { select: 'nosuch' });
  assert.equal(answer.status, 400);
  assert.match(answer.header('content-type'), /^application\/json/);
  assert.match(answer.text, /^\{\n {2}"error_code": "ODSQLError",\n {2}"message": "ODSQL query is malformed: .*"\n\}\s*$/);
  assert.match(answer.json.message, /Unknown field: nosuch\. Clause\(s\) containing the error\(s\): select\./);
  assert.equal(answer.header('access-control-allow-origin'), '*');
});
refuses('1.3', 'M', 'text that does not parse', records, { where: 'garbage==' }, 400, 'ODSQLSyntaxError',
  /^ODSQL syntax exception: unexpected = at position 8 in garbage==\. Clause\(s\) containing the error\(s\): where\./);
refuses('1.3', 'M', 'an unknown function', records, { where: 'contains(name, "x")' }, 400, 'ODSQLSyntaxError', /unexpected \( at position 8/);
refuses('1.3', 'M', 'a clause that ends too soon', records, { where: 'power >' }, 400, 'ODSQLSyntaxError', /unexpected end of line/);
refuses('1.3', 'M', 'limit out of its range', records, { limit: 200 }, 400, 'InvalidRESTParameterError',
  /^Invalid value for limit API parameter: 200 was found but -1 <= limit <= 100 is expected\.$/);
refuses('1.3', 'M', 'offset + limit out of its range', records, { offset: 9950, limit: 100 }, 400, 'InvalidRESTParameterError',
  /^Invalid value for sum of offset \+ limit API parameter: 10050 was found but <= 10000 is expected\.$/);
refuses('1.3', 'R', 'an unknown dataset', `${root}/datasets/nosuch/records`, {}, 404, 'NotFoundResource', /^The requested dataset nosuch does not exist\.$/);
refuses('1.3', 'R', 'an unknown record', `${records}/${'0'.repeat(40)}`, {}, 404, 'NotFoundResource');
refuses('1.3', 'M', 'no such address', `${root}/nowhere`, {}, 404, 'NotFoundURI', /^The requested URI does not exist\./);
refuses('1.3', 'M', 'a date that is none is 400, not 503', records, { where: "opened > date'-01'" }, 400, 'ODSQLError', /Invalid date to parse '-01'/);
refuses('1.3', 'M', 'sum of texts', records, { select: 'sum(name)' }, 400, 'ODSQLError', /StatAggregation only supports numeric or date expression\./);
refuses('1.3', 'M', 'a date compared with a number', records, { where: 'opened > 5' }, 400, 'ODSQLError', /Incompatible types.*Left type: date, right_type: int/);
refuses('1.3', 'M', 'a date compared with a text', records, { where: 'opened > "2024-01-01"' }, 400, 'ODSQLError', /Incompatible types/);
refuses('1.3', 'M', 'an alias in select and in group_by', records, { select: 'count(*) as k', group_by: 'kind as k' }, 400, 'ODSQLError',
  /Alias '?k'? is declared several times/);
for (const name of ['facet', 'refine', 'exclude']) {
  refuses('1.3', 'U', `an unknown field in ${name}`, `${root}/datasets/sites/facets`, { [name]: name === 'facet' ? 'nosuch' : 'nosuch:1' }, 400,
    'ODSQLError', /Unknown field/);
}
answers('1.3', 'M', 'a query that matches nothing is no error', records, { where: 'power = 12345' },
  (body, { text }) => assert.equal(text, '{"total_count": 0, "results": []}'));
refuses('2.2', 'U', 'an unknown time zone', records, { timezone: 'Nowhere/City' }, 400, 'InvalidRESTParameterError', /timezone/);
refuses('2.2', 'U', 'an unknown language', records, { lang: 'xx' }, 400, 'InvalidRESTParameterError', /lang/);
refuses('2.9', 'U', 'an unknown export format', `${root}/datasets/sites/exports/nosuch`, {}, 400, 'InvalidRESTParameterError', /format/);
fact('7', 'D', 'a key that is not known is 401', async () => {
  assert.equal((await ask(records, { apikey: 'nosuch' })).status, 401);
  assert.equal((await ask(records, {}, { headers: { authorization: 'Apikey nosuch' } })).status, 401);
});
fact('1.1', 'M', 'the API describes itself', async () => {
  const answer = await ask('/api/explore/v2.1/swagger.json');
  assert.match(answer.json.openapi, /^3\.1/);
  assert.ok(answer.json.servers[0].url.startsWith(server.portal));
});
