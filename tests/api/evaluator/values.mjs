// Random expressions that have a value. Each is made together with what it means: { type, text, level, of(row),
// parts }; text is ODSQL, of() the value, null when missing; zone is the request's.
import { KINDS, WORDS } from './table.mjs';
import { civil, fromLocal, isoWeek, toLocal } from './time.mjs';

const SUM = 1;
const PRODUCT = 2;
const ATOM = 3;

/** A text as a literal, in any of the ways it may be written. */
export function quote(choices, text) {
  const mark = choices.pick(['"', "'"]);
  const body = [...text].map((c) => {
    if (c === mark || c === '\\') return `\\${c}`;
    if (c === '\n') return '\\n';
    if (c.codePointAt(0) > 127 && choices.chance(0.2)) {
      return [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
    }
    return c;
  });
  return mark + body.join('') + mark;
}

const within = (part, level) => (part.level < level ? `(${part.text})` : part.text);

export function field(choices, type, name) {
  const text = choices.pick([name, name, name.toUpperCase(), `\`${name}\``]);
  return { type, text, level: ATOM, of: (row) => row[name], parts: [], name };
}

function call(choices, type, name, parts, of, extra = '') {
  const shown = choices.pick([name, name, name.toUpperCase()]);
  return { type, text: `${shown}(${parts.map((part) => part.text).join(choices.pick([', ', ',']))}${extra})`, level: ATOM, parts,
    of: (row) => { const values = parts.map((part) => part.of(row)); return values.includes(null) ? null : of(...values); } };
}

const isInt = (value) => typeof value === 'bigint';

function calculate(op, a, b) {
  if (a === null || b === null) return null;
  const whole = isInt(a) && isInt(b) && op !== '/';
  const [left, right] = whole ? [a, b] : [Number(a), Number(b)];
  switch (op) {
    case '+': return left + right;
    case '-': return left - right;
    case '*': return left * right;
    default: return right === 0 ? null : left / right;
  }
}

function arithmetic(choices, zone, depth) {
  const op = choices.pick(['+', '-', '*', '/']);
  const level = op === '+' || op === '-' ? SUM : PRODUCT;
  const [a, b] = [number(choices, zone, depth - 1), number(choices, zone, depth - 1)];
  const type = a.type === 'int' && b.type === 'int' && op !== '/' ? 'int' : 'double';
  const space = choices.pick([' ', ' ', '']);
  return { type, level, parts: [a, b], text: within(a, level) + space + op + space + within(b, level + 1),
    of: (row) => calculate(op, a.of(row), b.of(row)) };
}

function literalNumber(choices) {
  const whole = choices.chance(0.7);
  const value = whole ? BigInt(choices.int(0, 50)) : choices.int(0, 400) / 8;
  const text = whole || !Number.isInteger(value) ? String(value) : `${value}.0`;
  return { type: whole ? 'int' : 'double', text, level: ATOM, parts: [], of: () => value };
}

function ifnull(choices, type, a, b) {
  return { type, text: `ifnull(${a.text}, ${b.text})`, level: ATOM, parts: [a, b], of: (row) => a.of(row) ?? b.of(row) };
}

const PARTS = { year: (date) => date.getUTCFullYear(), month: (date) => date.getUTCMonth() + 1, day: (date) => date.getUTCDate(),
  hour: (date) => date.getUTCHours(), minute: (date) => date.getUTCMinutes(), second: (date) => date.getUTCSeconds() };

/** The local time of a date or an instant. */
export const localOf = (zone, type, value) => (type === 'date' ? value : toLocal(zone, value));

export function number(choices, zone, depth) {
  const kind = choices.int(0, depth > 0 ? 11 : 4);
  if (kind <= 1) return field(choices, 'int', choices.pick(['n', 'n', 'id']));
  if (kind === 2) return field(choices, 'double', 'x');
  if (kind <= 4) return literalNumber(choices);
  if (kind <= 7) return arithmetic(choices, zone, depth);
  if (kind === 8) {
    const part = number(choices, zone, 0);
    return { type: part.type, text: `-${within(part, ATOM)}`, level: ATOM, parts: [part],
      of: (row) => { const value = part.of(row); return value === null ? null : -value; } };
  }
  if (kind === 9) {
    return call(choices, 'int', 'length', [text(choices, zone, depth - 1)], (value) => BigInt([...value].length));
  }
  if (kind === 10) {
    const name = choices.pick(Object.keys(PARTS));
    const time = moment(choices, zone, depth - 1);
    return call(choices, 'int', name, [time], (value) => BigInt(PARTS[name](new Date(localOf(zone, time.type, value)))));
  }
  const [a, b] = [number(choices, zone, depth - 1), number(choices, zone, depth - 1)];
  const type = a.type === 'int' && b.type === 'int' ? 'int' : 'double';
  const made = ifnull(choices, type, a, b);
  return type === 'int' ? made : { ...made, of: (row) => { const value = made.of(row); return value === null ? null : Number(value); } };
}

const two = (value, digits = 2) => String(value).padStart(digits, '0');
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const yearDay = (date) => Math.floor((date.getTime() - civil(date.getUTCFullYear())) / 86400000) + 1;
const LETTERS = {
  yyyy: (d) => two(d.getUTCFullYear(), 4), YYYY: (d) => two(d.getUTCFullYear(), 4), yy: (d) => two(d.getUTCFullYear() % 100),
  YY: (d) => two(d.getUTCFullYear() % 100), xxxx: (d) => two(isoWeek(d)[0], 4), xx: (d) => two(isoWeek(d)[0] % 100),
  w: (d) => String(isoWeek(d)[1]), ww: (d) => two(isoWeek(d)[1]), e: (d) => String(isoWeek(d)[2]), E: (d) => DAYS[d.getUTCDay()].slice(0, 3),
  EEEE: (d) => DAYS[d.getUTCDay()], D: (d) => String(yearDay(d)), DDD: (d) => two(yearDay(d), 3), M: (d) => String(d.getUTCMonth() + 1),
  MM: (d) => two(d.getUTCMonth() + 1), MMM: (d) => MONTHS[d.getUTCMonth()].slice(0, 3).replace('Sep', 'Sep'), MMMM: (d) => MONTHS[d.getUTCMonth()],
  d: (d) => String(d.getUTCDate()), dd: (d) => two(d.getUTCDate()), H: (d) => String(d.getUTCHours()), HH: (d) => two(d.getUTCHours()),
  m: (d) => String(d.getUTCMinutes()), mm: (d) => two(d.getUTCMinutes()), s: (d) => String(d.getUTCSeconds()), ss: (d) => two(d.getUTCSeconds()),
  "'of'": () => 'of', "''": () => "'",
};

function dateInWords(choices, zone, depth) {
  const time = moment(choices, zone, depth - 1);
  const pieces = choices.some(Object.keys(LETTERS), 1, 3);
  const separator = choices.pick(['-', ' ', '/', ': ']);
  return call(choices, 'text', 'date_format', [time],
    (value) => pieces.map((piece) => LETTERS[piece](new Date(localOf(zone, time.type, value)))).join(separator),
    `, "${pieces.join(separator)}"`);
}

export function text(choices, zone, depth) {
  const kind = choices.int(0, depth > 0 ? 8 : 4);
  if (kind <= 3) return field(choices, 'text', choices.pick(['t', 'k', 'k']));
  if (kind === 4) {
    const value = choices.pick([...KINDS, ...WORDS, '']);
    return { type: 'text', text: quote(choices, value), level: ATOM, parts: [], of: () => value, isLiteral: true };
  }
  if (kind === 5) return call(choices, 'text', 'lower', [text(choices, zone, depth - 1)], (value) => value.toLowerCase());
  if (kind === 6) return call(choices, 'text', 'upper', [text(choices, zone, depth - 1)], (value) => value.toUpperCase());
  if (kind === 7) return ifnull(choices, 'text', text(choices, zone, depth - 1), text(choices, zone, depth - 1));
  return dateInWords(choices, zone, depth);
}

/** A date or an instant. */
export function moment(choices, zone, depth) {
  const kind = choices.int(0, depth > 0 ? 7 : 5);
  if (kind <= 2) return field(choices, 'date', 'd');
  if (kind <= 5) return field(choices, 'datetime', 'at');
  if (kind === 6) {
    const [year, month, day, hour, minute] = [choices.int(1960, 2030), choices.int(1, 12), choices.int(1, 40), choices.int(0, 23), choices.int(0, 59)];
    const last = new Date(civil(year, month + 1, 0)).getUTCDate();
    const instant = fromLocal(zone, civil(year, month, Math.min(day, last), hour, minute, 0));
    return { type: 'datetime', level: ATOM, parts: [], of: () => instant,
      text: `now(year=${year}, minute=${minute}, second=0, day=${day}, microsecond=0, month=${month},hour=${hour})` };
  }
  const [a, b] = [moment(choices, zone, 0), moment(choices, zone, 0)];
  const type = a.type === 'date' && b.type === 'date' ? 'date' : 'datetime';
  const asInstant = (part, row) => {
    const value = part.of(row);
    return value !== null && type === 'datetime' && part.type === 'date' ? fromLocal(zone, value) : value;
  };
  return { type, text: `ifnull(${a.text},${b.text})`, level: ATOM, parts: [a, b], of: (row) => asInstant(a, row) ?? asInstant(b, row) };
}

export function value(choices, zone, depth) {
  return choices.pick([number, number, text, moment])(choices, zone, depth);
}
