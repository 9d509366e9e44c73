// The table that queries are made for: every type, missing values, several values, distant dates, emoji.
import { civil, DAY, dayText } from './time.mjs';

export const WORDS = ['alpha', 'Beta', 'gamma', 'élan', 'Éric', 'smörgås', '😀', 'a', '42', '2024', '-', 'Ünïcode', 'alphabet'];
export const KINDS = ['A', 'B', 'b', 'é', 'Z z', '"q\' \\'];
export const TAGS = ['red', 'green', 'Été', '7', 'a b'];

const DATES = ['1900-01-01', '1969-07-20', '1969-12-31', '1970-01-01', '2000-02-29', '2023-12-31', '2024-01-01', '2024-02-29',
  '2024-03-10', '2024-03-31', '2024-08-29', '2024-10-27', '2024-12-30', '2018-11-04', '2011-12-30', '2011-12-31'];
const INSTANTS = ['1900-01-01T00:00:00Z', '1969-07-20T20:17:40Z', '1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00Z',
  '2023-12-31T23:30:00Z', '2024-02-29T12:00:00Z', '2024-03-10T06:59:59Z', '2024-03-10T07:30:00Z', '2024-03-31T00:30:00Z',
  '2024-03-31T01:00:00Z', '2024-04-06T15:15:00Z', '2024-10-26T22:00:00Z', '2024-10-27T00:30:00Z', '2024-10-27T01:30:00Z',
  '2024-11-03T05:30:00Z', '2024-11-03T06:30:00Z', '2024-12-31T23:00:00.25Z',
  '2018-11-04T02:30:00Z', '2018-11-04T03:00:00Z', '2018-02-18T01:30:00Z', '2018-02-18T02:30:00Z', '2011-12-30T09:00:00Z', '2011-12-30T11:00:00Z'];

export const METADATA = { fields: {
  ...Object.fromEntries(Object.entries({ id: 'int', t: 'text', k: 'text', n: 'int', x: 'double', d: 'date', at: 'datetime', ok: 'boolean', m: 'text' })
    .map(([name, type]) => [name, { type }])),
  m: { type: 'text', annotations: { multivalued: '|', facet: true } },
} };

/** Rows as the file has them; an empty text is a missing value there. */
export function makeRows(choices, count) {
  const maybe = (value, share = 0.12) => (choices.chance(share) ? null : value);
  return Array.from({ length: count }, (_, i) => ({
    id: i + 1,
    t: maybe(choices.chance(0.05) ? '' : choices.some(WORDS, 1, 3).join(choices.pick([' ', ' ', ', ', '\n']))),
    k: maybe(choices.pick(KINDS)),
    n: maybe(choices.pick([0, 1, -1, 2, 3, 5, 7, 10, 42, -17, 100, choices.int(-999, 999)])),
    x: maybe(choices.pick([0.5, -0.25, 1.5, 2.5, 0.1, 0.3, 1e-3, 42.5, choices.int(-5000, 5000) / 8])),
    d: maybe(choices.chance(0.6) ? choices.pick(DATES) : dayText(civil(1950) + choices.int(0, 30000) * DAY)),
    at: maybe(choices.chance(0.7) ? choices.pick(INSTANTS) : new Date(civil(1960) + choices.int(0, 2e9) * 1000).toISOString()),
    ok: maybe(choices.chance(0.5)),
    m: maybe([...new Set(choices.some(TAGS, 1, 3))]),
  }));
}

/** Rows as values: dates and instants in milliseconds, whole numbers as BigInt. */
export function asValues(rows) {
  return rows.map((row) => ({
    ...row,
    id: BigInt(row.id),
    t: row.t || null,
    n: row.n === null ? null : BigInt(row.n),
    d: row.d === null ? null : Date.parse(`${row.d}T00:00:00Z`),
    at: row.at === null ? null : Date.parse(row.at),
  }));
}
