// Random conditions, each made together with what it means: { text, level, of(row) true or false, parts }.
import { KINDS, TAGS, WORDS } from './table.mjs';
import { civil, DAY, dayText, fromLocal, toLocal } from './time.mjs';
import { field, localOf, moment, number, quote, text } from './values.mjs';

const OR = 1;
const AND = 2;
const NOT = 3;
const ATOM = 4;

const within = (part, level) => (part.level < level ? `(${part.text})` : part.text);
const atom = (shown, of, parts = []) => ({ text: shown, level: ATOM, of, parts });

/** Order of texts: by code points. */
export function order(a, b) {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : Number(a > b);
}

const HOLDS = { '=': (c) => c === 0, '!=': (c) => c !== 0, '<': (c) => c < 0, '<=': (c) => c <= 0, '>': (c) => c > 0, '>=': (c) => c >= 0 };

function compare(choices, make) {
  const op = choices.pick(Object.keys(HOLDS));
  const [a, b] = [make(), make()];
  const space = choices.pick([' ', ' ', '']);
  return atom(a.text + space + op + space + b.text, (row) => {
    const [left, right] = [a.of(row), b.of(row)];
    return left !== null && right !== null && HOLDS[op](order(left, right));
  });
}

function compareMoments(choices, zone) {
  const op = choices.pick(Object.keys(HOLDS));
  const [a, b] = [moment(choices, zone, 1), moment(choices, zone, 1)];
  const local = a.type !== b.type;
  return atom(`${a.text} ${op} ${b.text}`, (row) => {
    const values = [a, b].map((part) => [part, part.of(row)]);
    if (values.some(([, value]) => value === null)) return false;
    return HOLDS[op](order(...values.map(([part, value]) => (local ? localOf(zone, part.type, value) : value))));
  });
}

/** A date literal: its text, and the first and last-but-one instants and local times of the period it names. */
export function dateLiteral(choices, zone, wholeDays = false) {
  const base = choices.chance(0.5) ? civil(choices.pick([1969, 2023, 2024]), choices.int(1, 12), choices.int(1, 28), choices.int(0, 23), choices.int(0, 59))
    : choices.pick([civil(2024, 3, 31, 2, 30), civil(2024, 10, 27, 2, 30), civil(2024, 3, 10, 2, 30), civil(2024, 12, 31), civil(1970), civil(2018, 11, 4), civil(2018, 2, 17, 23, 30), civil(2011, 12, 30, 5)]);
  const d = new Date(base);
  const [year, month, day, hour, minute] = [d.getUTCFullYear(), d.getUTCMonth() + 1, d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes()];
  const iso = d.toISOString();
  const precision = choices.int(0, wholeDays ? 2 : 5);
  const ends = [[year + 1], [year, month + 1], [year, month, day + 1], [year, month, day, hour + 1], [year, month, day, hour, minute + 1],
    [year, month, day, hour, minute, 1]];
  const starts = [[year], [year, month], [year, month, day], [year, month, day, hour], [year, month, day, hour, minute], [year, month, day, hour, minute, 0]];
  let shown = iso.slice(0, [4, 7, 10, 13, 16, 19][precision]);
  if (precision < 3 && choices.chance(0.3)) shown = shown.replaceAll('-', '/');
  const [start, end] = [civil(...starts[precision]), civil(...ends[precision])];
  const zoned = precision > 3 && choices.chance(0.4);
  const offset = zoned ? choices.pick([0, 2, -5]) : 0;
  if (zoned) shown += offset === 0 ? 'Z' : `${offset < 0 ? '-' : '+'}0${Math.abs(offset)}:00`;
  const instant = (local) => (zoned ? local - offset * 3600000 : fromLocal(zone, local));
  return {
    text: `date${choices.pick(["'", '"'])}${shown}`.replace(/^date(.)(.*)$/, 'date$1$2$1'),
    start: instant(start),
    end: instant(end),
    localStart: zoned ? toLocal(zone, instant(start)) : start,
    localEnd: zoned ? toLocal(zone, instant(end)) : end,
  };
}

function periodHolds(op, value, start, end) {
  switch (op) {
    case '=': return value >= start && value < end;
    case '!=': return value < start || value >= end;
    case '<': return value < start;
    case '<=': return value < end;
    case '>': return value >= end;
    default: return value >= start;
  }
}

function periodTest(time, op, literal) {
  const isDate = time.type === 'date';
  return (row) => {
    const value = time.of(row);
    return value !== null && periodHolds(op, value, isDate ? literal.localStart : literal.start, isDate ? literal.localEnd : literal.end);
  };
}

const FLIPPED = { '=': '=', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

function compareLiteral(choices, zone) {
  const time = moment(choices, zone, 1);
  const op = choices.pick(Object.keys(HOLDS));
  const literal = dateLiteral(choices, zone);
  if (choices.chance(0.2)) return atom(`${literal.text} ${FLIPPED[op]} ${time.text}`, periodTest(time, op, literal));
  return atom(`${time.text}${choices.pick([' ', ''])}${op}${literal.text}`, periodTest(time, op, literal));
}

function inRange(choices, zone) {
  const [open, close] = [choices.chance(0.5), choices.chance(0.5)];
  const frame = (low, high) => `${open ? ']' : '['}${low}${choices.pick(['..', ' TO ', ' to ', ' .. '])}${high}${close ? '[' : ']'}`;
  const word = choices.pick([' in ', ' IN ']);
  if (choices.chance(0.5)) {
    const value = number(choices, zone, 1);
    const [low, high] = [choices.int(-20, 30), choices.int(-5, 120)];
    return atom(`${value.text}${word}${frame(low, high)}`, (row) => {
      const found = value.of(row);
      return found !== null && (open ? found > low : found >= low) && (close ? found < high : found <= high);
    });
  }
  const time = moment(choices, zone, 0);
  const [low, high] = [dateLiteral(choices, zone), dateLiteral(choices, zone)];
  const [from, to] = [periodTest(time, open ? '>' : '>=', low), periodTest(time, close ? '<' : '<=', high)];
  return atom(`${time.text}${time.name && choices.chance(0.2) ? ' : ' : word}${frame(low.text, high.text)}`, (row) => from(row) && to(row));
}

function inList(choices, zone) {
  if (choices.chance(0.5)) {
    const value = text(choices, zone, 1);
    const items = choices.some([...KINDS, ...WORDS], 1, 4);
    return atom(`${value.text} in (${items.map((item) => quote(choices, item)).join(', ')})`, (row) => items.includes(value.of(row)));
  }
  const value = number(choices, zone, 1);
  const items = choices.some([0, 1, 2, 3.5, 5, 42, -17, 100], 1, 4);
  return atom(`${value.text} in (${items.join(',')})`, (row) => { const found = value.of(row); return found !== null && items.some((item) => Number(found) === item); });
}

function ofTags(choices) {
  const items = choices.some(TAGS, 1, 2);
  const [first] = items;
  const shown = quote(choices, first);
  const holds = (row, item) => row.m !== null && row.m.includes(item);
  return choices.pick([
    () => atom(`m = ${shown}`, (row) => holds(row, first)),
    () => atom(`m : ${shown}`, (row) => holds(row, first)),
    () => atom(`m != ${shown}`, (row) => row.m !== null && !row.m.includes(first)),
    () => atom(`${shown} in m`, (row) => holds(row, first)),
    () => atom(`m in (${items.map((item) => quote(choices, item)).join(',')})`, (row) => items.some((item) => holds(row, item))),
  ])();
}

function isSomething(choices, zone) {
  const word = choices.pick(['is', 'IS']);
  const not = choices.chance(0.5);
  const kind = choices.int(0, 2);
  const shown = `${word} ${not ? choices.pick(['not ', 'NOT ']) : ''}`;
  if (kind === 0) {
    const name = choices.pick(['t', 'k', 'n', 'x', 'd', 'at', 'ok', 'm']);
    return atom(`${name} ${shown}null`, (row) => (row[name] === null) !== not);
  }
  if (kind === 1) {
    const value = number(choices, zone, 2);
    return atom(`${value.text} ${shown}null`, (row) => (value.of(row) === null) !== not);
  }
  const wanted = choices.chance(0.5);
  return atom(`ok ${shown}${wanted}`, (row) => (row.ok === wanted) !== not);
}

// ---- texts

const fold = (shown) => shown.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
const words = (shown) => fold(shown).match(/[\p{L}\p{N}]+/gu) ?? [];
const textsOf = (row, names) => names.flatMap((name) => row[name] ?? []).filter((shown) => shown !== null);
const wordsOf = (row, names) => textsOf(row, names).flatMap(words);
const ALL = ['t', 'k', 'm'];

function distance(a, b) {
  let before = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const line = [i];
    for (let j = 1; j <= b.length; j++) {
      line.push(Math.min(before[j] + 1, line[j - 1] + 1, before[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    before = line;
  }
  return before[b.length];
}

const allowed = (word) => (word.length < 3 ? 0 : word.length <= 5 ? 1 : 2);
const near = (word, other) => distance(word, other) <= allowed(word);

/** A number or date that is searched for, as a value of a field. */
function isValue(piece, row, zone) {
  if (/^-?\d+(\.\d+)?$/.test(piece)) {
    if (/^-?\d+$/.test(piece) && (row.n === BigInt(piece) || row.id === BigInt(piece))) return true;
    if (row.x === Number(piece)) return true;
  }
  const [, year, month, day] = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(piece) ?? [];
  if (!year) return false;
  return [row.d, row.at === null ? null : toLocal(zone, row.at)].some((local) => local !== null
    && dayText(Math.floor(local / DAY) * DAY).startsWith([year, month, day].filter(Boolean).join('-')));
}

const PIECES = ['alpha', 'BETA', 'elan', 'éric', 'smorgas', 'a', 'unicode', 'red', 'z', 'q', '42', '-17', '1.5', '2024', '2024-03', '1969-07-20', 'green'];

function fullText(choices, zone) {
  const pieces = choices.some(PIECES, 1, 2).map((piece) => (choices.chance(0.25) && /^[a-zé]/i.test(piece) ? `${piece.slice(0, 3)}*` : piece));
  return atom(quote(choices, pieces.join(' ')), (row) => pieces.every((piece) => {
    if (piece.endsWith('*')) return wordsOf(row, ALL).some((word) => word.startsWith(fold(piece.slice(0, -1))));
    const there = wordsOf(row, ALL);
    return words(piece).every((word) => there.includes(word)) || isValue(piece, row, zone);
  }));
}

function textCall(choices, zone) {
  const names = choices.pick([['t'], ['k'], ['t', 'k'], ['m'], []]);
  const fields = names.length ? `${names.join(', ')}, ` : choices.pick(['', '*, ']);
  const searched = names.length ? names : ALL;
  const kind = choices.pick(['search', 'suggest', 'startswith']);
  if (kind === 'startswith') {
    const start = choices.pick(['al', 'B', 'é', 'E', 're', 'Z ', '"q', 'a ']);
    return atom(`startswith(${fields}${quote(choices, start)})`, (row) => textsOf(row, searched).some((shown) => shown.startsWith(start)));
  }
  const pieces = choices.some(['alpha', 'alpah', 'gamma', 'gama', 'beta', 'red', 'grene', 'smorgos', 'unicod', '42'], 1, 2);
  const last = choices.pick(['al', 'b', 'gam', 'elan', '2024', 're']);
  const isThere = (row, piece) => names.length === 0 && isValue(piece, row, zone);
  const startsThere = (row, piece) => wordsOf(row, searched).some((word) => word.startsWith(piece)) || isThere(row, piece);
  if (kind === 'suggest') return atom(`suggest(${fields}${quote(choices, last)})`, (row) => startsThere(row, last));
  return atom(`search(${fields}${quote(choices, [...pieces, last].join(' '))})`, (row) => startsThere(row, last)
    && pieces.every((piece) => wordsOf(row, searched).some((word) => near(piece, word)) || isThere(row, piece)));
}

function like(choices) {
  const name = choices.pick(['t', 'k', 'm']);
  if (choices.chance(0.5)) {
    const pieces = choices.some(['alpha', 'élan', 'Beta', 'a', 'alph*', 'gam*', '42', 'red', 'ete'], 1, 2);
    return atom(`${name} like ${quote(choices, pieces.join(' '))}`, (row) => pieces.every((piece) => (piece.endsWith('*')
      ? wordsOf(row, [name]).some((word) => word.startsWith(fold(piece.slice(0, -1)))) : words(piece).every((word) => wordsOf(row, [name]).includes(word)))));
  }
  const inner = choices.pick(['lph', 'É', 'a', 'eta', ' ', 'GAM']);
  return atom(`${name === 'm' ? 't' : name} LIKE "%${inner}%"`, (row) => textsOf(row, [name === 'm' ? 't' : name]).some((shown) => fold(shown).includes(fold(inner))));
}

function predicate(choices, zone) {
  return choices.pick([
    () => compare(choices, () => number(choices, zone, 2)), () => compare(choices, () => number(choices, zone, 1)),
    () => compare(choices, () => text(choices, zone, 1)), () => compareMoments(choices, zone), () => compareLiteral(choices, zone),
    () => compareLiteral(choices, zone), () => inRange(choices, zone), () => inRange(choices, zone), () => inList(choices, zone),
    () => ofTags(choices), () => isSomething(choices, zone), () => atom('ok', (row) => row.ok === true),
    () => fullText(choices, zone), () => textCall(choices, zone), () => like(choices),
    () => { const f = field(choices, 'text', 'k'); const v = choices.pick(KINDS); return atom(`${f.text} : ${quote(choices, v)}`, (row) => row.k === v); },
  ])();
}

export function condition(choices, zone, depth) {
  const kind = depth > 0 ? choices.int(0, 5) : 5;
  if (kind <= 2) {
    const level = kind <= 1 ? AND : OR;
    const parts = Array.from({ length: choices.int(2, 3) }, () => condition(choices, zone, depth - 1));
    const word = choices.pick(level === AND ? ['and', 'AND'] : ['or', 'OR']);
    const test = level === AND ? 'every' : 'some';
    return { level, parts, text: parts.map((part) => within(part, level + 1)).join(` ${word} `), of: (row) => parts[test]((part) => part.of(row)) };
  }
  if (kind === 3) {
    const part = condition(choices, zone, depth - 1);
    return { level: NOT, parts: [part], text: `${choices.pick(['not', 'NOT'])} ${within(part, NOT)}`, of: (row) => !part.of(row) };
  }
  return predicate(choices, zone);
}
