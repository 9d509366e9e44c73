// Random queries over the table: { path, parameters, expected, smaller() }. expected is what the answer must be,
// worked out row by row; smaller() gives simpler queries of the same kind, to look for the cause of a difference.
import { condition, dateLiteral, order } from './conditions.mjs';
import { KINDS, TAGS } from './table.mjs';
import { civil, DAY, dayText, edgeText, fromLocal, instantText } from './time.mjs';
import { field, localOf, moment, number, quote, text, value } from './values.mjs';

const shown = (zone, type, found) => {
  if (found === null) return null;
  if (type === 'date') return dayText(found);
  if (type === 'datetime') return instantText(zone, found);
  return typeof found === 'bigint' ? Number(found) : found;
};

/** A filter that is there more often than not, with the rows it leaves. */
function filtered(choices, zone, rows, share = 0.6) {
  const where = choices.chance(share) ? condition(choices, zone, 2) : null;
  return { where, rows: where ? rows.filter((row) => where.of(row)) : rows };
}

const smallerWheres = (where, make) => (where ? [...(where.parts ?? []).filter((part) => part.parts).map(make), make(null)] : []);

// ---- where, refine and exclude

function refinement(choices, zone) {
  const bare = (found) => (/^["']/.test(found) || choices.chance(0.5) ? quote(choices, found) : found);
  const year = choices.pick([1969, 2023, 2024]);
  const month = choices.int(1, 12);
  const [from, to, literal] = choices.pick([[civil(year), civil(year + 1), `${year}`],
    [civil(year, month), civil(year, month + 1), `${year}/${String(month).padStart(2, '0')}`]]);
  const [kind, tag, number_] = [choices.pick(KINDS), choices.pick(TAGS), choices.pick([1, 5, 42, -17])];
  return choices.pick([
    { text: `k:${bare(kind)}`, of: (row) => row.k === kind },
    { text: `m:${bare(tag)}`, of: (row) => row.m !== null && row.m.includes(tag) },
    { text: `ok:${choices.pick(['true', '"true"'])}`, of: (row) => row.ok === true },
    { text: `n:${number_}`, of: (row) => row.n === BigInt(number_) },
    { text: `d:${bare(literal)}`, of: (row) => row.d !== null && row.d >= from && row.d < to },
    { text: `at:${bare(literal)}`, of: (row) => { const at = row.at === null ? null : localOf(zone, 'datetime', row.at); return at !== null && at >= from && at < to; } },
  ]);
}

function filterQuery(zone, rows, where, refines, excludes) {
  const left = rows.filter((row) => (!where || where.of(row)) && refines.every((one) => one.of(row)) && !excludes.some((one) => one.of(row)));
  return {
    path: 'records',
    parameters: { ...(where && { where: where.text }), refine: refines.map((one) => one.text), exclude: excludes.map((one) => one.text), select: 'id', limit: 100, timezone: zone },
    expected: { total_count: left.length, results: left.map((row) => ({ id: Number(row.id) })) },
    smaller: () => [...smallerWheres(where, (part) => filterQuery(zone, rows, part, refines, excludes)),
      ...(refines.length ? [filterQuery(zone, rows, where, refines.slice(1), excludes)] : []),
      ...(excludes.length ? [filterQuery(zone, rows, where, refines, excludes.slice(1))] : [])],
  };
}

const filters = (choices, zone, rows) => filterQuery(zone, rows, condition(choices, zone, 3), [], []);
const refined = (choices, zone, rows) => filterQuery(zone, rows, choices.chance(0.4) ? condition(choices, zone, 1) : null,
  Array.from({ length: choices.int(1, 2) }, () => refinement(choices, zone)), Array.from({ length: choices.int(0, 2) }, () => refinement(choices, zone)));

// ---- select and order_by

function selectQuery(zone, rows, columns) {
  return {
    path: 'records',
    parameters: { select: columns.map(({ part, name }) => (name === part.text ? part.text : `${part.text} as ${name}`)).join(','), order_by: 'id', limit: 100, timezone: zone },
    expected: { total_count: rows.length,
      results: rows.map((row) => Object.fromEntries(columns.map(({ part, name }) => [name, shown(zone, part.type, part.of(row))]))) },
    smaller: () => [...(columns.length > 1 ? columns.map((_, i) => selectQuery(zone, rows, columns.filter((__, j) => j !== i))) : []),
      ...columns.flatMap((column, i) => column.part.parts.map((part) => selectQuery(zone, rows, columns.with
        ? columns.with(i, { part, name: `c${i}` }) : columns.map((one, j) => (j === i ? { part, name: `c${i}` } : one)))))],
  };
}

function selects(choices, zone, rows) {
  const columns = Array.from({ length: choices.int(1, 4) }, (_, i) => {
    const part = value(choices, zone, 3);
    return { part, name: i === 0 && !part.name && choices.chance(0.4) ? part.text : `c${i}` };
  });
  return selectQuery(zone, rows, columns);
}

const nullsLast = (descending) => (a, b) => (a === null || b === null ? Number(a === null) - Number(b === null) : descending ? order(b, a) : order(a, b));

function orderQuery(zone, rows, keys, page) {
  const by = keys.map(({ part, descending }) => [part, nullsLast(descending)]);
  const sorted = [...rows].sort((a, b) => by.reduce((found, [part, compare]) => found || compare(part.of(a), part.of(b)), 0) || order(a.id, b.id));
  return {
    path: 'records',
    parameters: { select: 'id', order_by: keys.map(({ part, word }) => part.text + word).join(', '), ...page, timezone: zone },
    expected: { total_count: rows.length, results: sorted.slice(page.offset, page.offset + page.limit).map((row) => ({ id: Number(row.id) })) },
    smaller: () => (keys.length > 1 ? keys.map((_, i) => orderQuery(zone, rows, keys.filter((__, j) => j !== i), page)) : []),
  };
}

function orders(choices, zone, rows) {
  const keys = Array.from({ length: choices.int(1, 3) }, () => {
    if (choices.chance(0.3)) {
      const part = field(choices, choices.pick(['int']), choices.pick(['n', 'n', 'id']));
      return { part: { ...part, text: `-${part.text}` }, word: '', descending: true };
    }
    const word = choices.pick(['', ' asc', ' desc', ' DESC']);
    const part = choices.pick([value(choices, zone, 2), value(choices, zone, 0), { type: 'boolean', text: 'ok', of: (row) => row.ok }]);
    return { part, word, descending: word.toLowerCase() === ' desc' };
  });
  return orderQuery(zone, rows, keys, { limit: choices.int(1, 100), offset: choices.int(0, 20) });
}

// ---- group_by

const numberText = (found, whole) => (whole ? String(found) : Number.isInteger(found) ? `${found}.0` : String(found));

function staticRange(choices, zone) {
  const steps = [choices.int(-20, 0), choices.int(1, 9), choices.int(10, 60)].slice(choices.int(0, 1));
  const bounds = [...(choices.chance(0.7) ? [null] : []), ...steps, ...(choices.chance(0.7) ? [null] : [])];
  if (bounds.length < 2) bounds.push(null);
  const part = number(choices, zone, choices.int(0, 1));
  const star = (bound) => bound ?? '*';
  return { text: `range(${part.text}, ${bounds.map(star).join(', ')})`, of: (row) => {
    const found = part.of(row);
    if (found === null) return null;
    for (let i = 0; i + 1 < bounds.length; i++) {
      if ((bounds[i] === null || found >= bounds[i]) && (bounds[i + 1] === null || found < bounds[i + 1])) {
        return { key: `[${star(bounds[i])}, ${star(bounds[i + 1])}[`, rank: i };
      }
    }
    return null;
  } };
}

function equalWidth(choices, zone) {
  const part = number(choices, zone, choices.int(0, 1));
  const width = choices.pick([1, 5, 10, 0.5, 0.25]);
  const whole = part.type === 'int' && Number.isInteger(width);
  return { text: choices.pick([`range(${part.text}, ${width})`, `range(${part.text}, equi(${width}))`]), of: (row) => {
    const found = part.of(row);
    if (found === null) return null;
    const step = Math.floor(Number((Number(found) / width).toFixed(9)));
    return { key: `[${numberText(step * width, whole)}, ${numberText((step + 1) * width, whole)}[`, rank: step };
  } };
}

const floorTo = (local, size) => Math.floor((local - civil(2000)) / size) * size + civil(2000);
const STEPS = {
  '1 hour': 3600000, '15m': 900000, '1s': 1000, '30 minutes': 1800000, '6 hours': 6 * 3600000, '1 day': DAY, '1d': DAY, '3 days': 3 * DAY,
  '1 week': 'w', '1w': 'w', '1 month': 'M', '1M': 'M', '1 quarter': 'q', '1 year': 'y', '1y': 'y',
};

function stepOf(size, local) {
  const date = new Date(local);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1];
  switch (size) {
    case 'w': { const start = floorTo(local - 2 * DAY, 7 * DAY) + 2 * DAY; return [start, start + 7 * DAY]; }
    case 'M': return [civil(year, month), civil(year, month + 1)];
    case 'q': { const first = month - ((month - 1) % 3); return [civil(year, first), civil(year, first + 3)]; }
    case 'y': return [civil(year), civil(year + 1)];
    default: return [floorTo(local, size), floorTo(local, size) + size];
  }
}

function calendarSteps(choices, zone) {
  const part = choices.pick([() => moment(choices, zone, 0), () => moment(choices, zone, 1)])();
  const name = choices.pick(Object.keys(STEPS));
  const size = STEPS[name];
  return { text: `range(${part.text}, ${name})`, of: (row) => {
    const found = part.of(row);
    if (found === null) return null;
    const local = localOf(zone, part.type, found);
    const [start, end] = stepOf(size, local);
    const byInstant = size <= 3600000 && part.type === 'datetime';
    const instants = byInstant ? [found - (local - start), found - (local - start) + size] : [fromLocal(zone, start), fromLocal(zone, end)];
    return { key: `[${edgeText(zone, instants[0])}, ${edgeText(zone, instants[1])}[`, rank: byInstant ? instants[0] : start };
  } };
}

function dateRanges(choices, zone) {
  const part = moment(choices, zone, 0);
  const bounds = [dateLiteral(choices, zone, true), dateLiteral(choices, zone, true)].sort((a, b) => a.start - b.start);
  if (bounds[0].start === bounds[1].start) bounds.pop();
  const edge = (bound) => (part.type === 'date' ? bound.localStart : bound.start);
  const steps = [null, ...bounds, null];
  const star = (bound, of) => (bound ? of(bound) : '*');
  return { text: `range(${part.text}, ${steps.map((bound) => star(bound, (one) => one.text)).join(', ')})`, of: (row) => {
    const found = part.of(row);
    if (found === null) return null;
    const i = steps.findLastIndex ? steps.findLastIndex((bound, j) => j < steps.length - 1 && (bound === null || found >= edge(bound)))
      : [...bounds].reduce((last, bound, j) => (found >= edge(bound) ? j + 1 : last), 0);
    const words = [steps[i], steps[i + 1]].map((bound) => star(bound, (one) => edgeText(zone, one.start)));
    return { key: `[${words[0]}, ${words[1]}[`, rank: i };
  } };
}

function valueKey(choices, zone) {
  const part = choices.pick([() => value(choices, zone, 1), () => field(choices, 'text', 'k'), () => text(choices, zone, 1),
    () => ({ type: 'boolean', text: 'ok', of: (row) => row.ok })])();
  return { text: part.text, of: (row) => {
    const found = part.of(row);
    return found === null ? null : { key: shown(zone, part.type, found), rank: typeof found === 'bigint' ? Number(found) : found };
  } };
}

const tagKey = { text: 'm', spreads: true, of: (row) => (row.tag === null ? null : { key: row.tag, rank: row.tag }) };

const sum = (values) => values.reduce((total, one) => total + Number(one), 0);
function quantile(values, share) {
  const sorted = values.map(Number).sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (at - low);
}
const extreme = (values, sign) => values.reduce((found, one) => (sign * order(one, found) > 0 ? one : found));

function aggregate(choices, zone) {
  const kind = choices.pick(['count(*)', 'count', 'distinct', 'sum', 'avg', 'min', 'max', 'median', 'percentile', 'share', 'momentMin', 'momentMax']);
  if (kind === 'count(*)') return { text: 'count(*)', of: (rows) => rows.length };
  if (kind === 'share') return { text: 'sum(n)/count(*)*100', of: (rows) => { const found = rows.map((row) => row.n).filter((n) => n !== null); return found.length ? (sum(found) / rows.length) * 100 : null; } };
  const part = kind.startsWith('moment') ? moment(choices, zone, 1) : kind === 'count' || kind === 'distinct' ? value(choices, zone, 1) : number(choices, zone, 1);
  const percentage = choices.pick([0, 5, 25, 50, 0.95, 99.5, 100]);
  const ways = {
    count: [`count(${part.text})`, (found) => found.length, 0],
    distinct: [`count(distinct ${part.text})`, (found) => new Set(found.map((one) => (typeof one === 'bigint' ? Number(one) : one))).size, 0],
    sum: [`sum(${part.text})`, sum, null], avg: [`avg(${part.text})`, (found) => sum(found) / found.length, null],
    min: [`MIN(${part.text})`, (found) => extreme(found, -1), null], max: [`max(${part.text})`, (found) => extreme(found, 1), null],
    momentMin: [`min(${part.text})`, (found) => extreme(found, -1), null], momentMax: [`max(${part.text})`, (found) => extreme(found, 1), null],
    median: [`median(${part.text})`, (found) => quantile(found, 0.5), null],
    percentile: [`percentile(${part.text}, ${percentage})`, (found) => quantile(found, percentage / 100), null],
  };
  const [shownText, of, ofNothing] = ways[kind];
  const isValue = ['min', 'max', 'momentMin', 'momentMax'].includes(kind);
  return { text: shownText, of: (rows) => {
    const found = rows.map((row) => part.of(row)).filter((one) => one !== null);
    const result = found.length ? of(found) : ofNothing;
    return isValue ? shown(zone, part.type, result) : result;
  } };
}

const nullsFirst = (a, b) => (a === null || b === null ? Number(b === null) - Number(a === null) : order(a, b));

function groupQuery(zone, rows, where, keys, columns, sorting) {
  const left = where ? rows.filter((row) => where.of(row)) : rows;
  const spread = keys.some((key) => key.spreads) ? left.flatMap((row) => (row.m ?? [null]).map((tag) => ({ ...row, tag }))) : left;
  const groups = new Map();
  for (const row of spread) {
    const parts = keys.map((key) => key.of(row));
    const name = JSON.stringify(parts.map((part) => part && [part.rank]));
    if (!groups.has(name)) groups.set(name, { parts, rows: [] });
    groups.get(name).rows.push(row);
  }
  const results = [...groups.values()].map((group) => ({ group, columns: columns.map((column) => column.of(group.rows)) }));
  const rank = (result, i) => result.group.parts[i]?.rank ?? null;
  results.sort((a, b) => (sorting ? nullsLast(sorting.descending)(a.columns[0], b.columns[0]) : 0)
    || keys.reduce((found, _, i) => found || nullsFirst(rank(a, i), rank(b, i)), 0));
  return {
    path: 'records',
    parameters: { ...(where && { where: where.text }), group_by: keys.map((key, i) => `${key.text} as k${i}`).join(', '),
      select: columns.map((column, i) => `${column.text} as a${i}`).join(', '), ...(sorting && { order_by: sorting.text }), limit: 1000, timezone: zone },
    expected: { total_count: results.length, results: results.map((result) => Object.fromEntries([
      ...keys.map((_, i) => [`k${i}`, result.group.parts[i]?.key ?? null]), ...result.columns.map((found, i) => [`a${i}`, found])])) },
    smaller: () => [...smallerWheres(where, (part) => groupQuery(zone, rows, part, keys, columns, sorting)),
      ...(sorting ? [groupQuery(zone, rows, where, keys, columns, null)] : []),
      ...(columns.length > 1 ? columns.map((_, i) => groupQuery(zone, rows, where, keys, columns.filter((__, j) => j !== i), null)) : []),
      ...(keys.length > 1 ? keys.map((_, i) => groupQuery(zone, rows, where, keys.filter((__, j) => j !== i), columns, sorting)) : [])],
  };
}

function groups(choices, zone, rows) {
  const makers = [valueKey, valueKey, staticRange, equalWidth, calendarSteps, dateRanges];
  const keys = Array.from({ length: choices.pick([1, 1, 2]) }, () => choices.pick(makers)(choices, zone));
  if (choices.chance(0.15)) keys[0] = tagKey;
  const columns = Array.from({ length: choices.int(1, 3) }, () => aggregate(choices, zone));
  if (columns[0].text !== 'count(*)' && choices.chance(0.3)) columns.unshift({ text: 'count(*)', of: (left) => left.length });
  const descending = choices.chance(0.5);
  const sorting = columns[0].text === 'count(*)' && choices.chance(0.4)
    ? { descending, text: choices.pick(descending ? ['a0 desc', '-a0', 'count(*) desc'] : ['a0', 'count(*)', 'a0 asc']) } : null;
  const { where } = filtered(choices, zone, rows, 0.4);
  return groupQuery(zone, rows, where, keys, columns, sorting);
}

// ---- aggregates without groups, facets

function totals(choices, zone, rows) {
  const { where, rows: left } = filtered(choices, zone, rows);
  const columns = Array.from({ length: choices.int(1, 3) }, () => aggregate(choices, zone));
  const limit = choices.int(1, 3);
  const make = (where_, left_) => ({
    path: 'records',
    parameters: { ...(where_ && { where: where_.text }), select: columns.map((column, i) => `${column.text} as a${i}`).join(', '), limit, timezone: zone },
    expected: { total_count: left_.length, results: Array(limit).fill(Object.fromEntries(columns.map((column, i) => [`a${i}`, column.of(left_)]))) },
    smaller: () => smallerWheres(where_, (part) => make(part, part ? rows.filter((row) => part.of(row)) : rows)),
  });
  return make(where, left);
}

function facets(choices, zone, rows) {
  const { where, rows: left } = filtered(choices, zone, rows, 0.8);
  const name = choices.pick(['k', 'm', 'ok', 'n']);
  const make = (where_, left_) => {
    const counts = new Map();
    for (const row of left_) {
      for (const found of [row[name]].flat().filter((one) => one !== null)) counts.set(String(found), (counts.get(String(found)) ?? 0) + 1);
    }
    const values = [...counts].sort((a, b) => b[1] - a[1] || order(a[0], b[0])).slice(0, 100);
    return {
      path: 'facets',
      parameters: { ...(where_ && { where: where_.text }), facet: choices.pick([name, `facet(name="${name}")`]), timezone: zone },
      expected: { facets: [{ name, facets: values.map(([found, count]) => ({ name: found, count, state: 'displayed', value: found })) }] },
      smaller: () => smallerWheres(where_, (part) => make(part, part ? rows.filter((row) => part.of(row)) : rows)),
    };
  };
  return make(where, left);
}

/** A query of any kind. */
export function query(choices, zone, rows) {
  return choices.pick([filters, filters, filters, refined, selects, selects, orders, groups, groups, groups, totals, facets])(choices, zone, rows);
}
