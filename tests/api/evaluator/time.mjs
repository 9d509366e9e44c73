// Civil time and zones, in milliseconds, on nothing but Date and Intl.
export const DAY = 86400000;
export const ZONES = ['UTC', 'Europe/Paris', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe',
  'America/Sao_Paulo', 'Pacific/Apia'];

const formats = new Map();
const offsets = new Map();

/** Milliseconds of a civil time as if it were UTC; a month of 13 is January. */
export function civil(year, month = 1, day = 1, hour = 0, minute = 0, second = 0, ms = 0) {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, ms);
  return date.getTime();
}

/** What is to be added to an instant for the local time. */
export function offsetAt(zone, instant) {
  if (zone === 'UTC') return 0;
  const key = `${zone} ${instant}`;
  if (!offsets.has(key)) {
    if (!formats.has(zone)) {
      formats.set(zone, new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', era: 'short',
        year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }));
    }
    const whole = Math.floor(instant / 1000) * 1000;
    const part = Object.fromEntries(formats.get(zone).formatToParts(whole).map(({ type, value }) => [type, Number(value)]));
    offsets.set(key, civil(part.year, part.month, part.day, part.hour, part.minute, part.second) - whole);
  }
  return offsets.get(key);
}

export const toLocal = (zone, instant) => instant + offsetAt(zone, instant);

/** The first instant of a local time; one that was left out counts from the offset before. */
export function fromLocal(zone, local) {
  const around = [offsetAt(zone, local - DAY), offsetAt(zone, local + DAY)];
  const instants = around.map((offset) => local - offset).filter((instant) => toLocal(zone, instant) === local);
  return instants.length ? Math.min(...instants) : local - around[0];
}

const two = (number) => String(number).padStart(2, '0');

export const dayText = (local) => new Date(local).toISOString().slice(0, 10);

function offsetText(offset) {
  const minutes = Math.trunc(Math.abs(offset) / 60000);
  return `${offset < 0 && minutes > 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** As records show it: fractions only where there are some. */
export function instantText(zone, instant) {
  const text = new Date(toLocal(zone, instant)).toISOString().slice(0, -1).replace(/\.000$|(?<=\.\d+)0+$/, '');
  return text + offsetText(offsetAt(zone, instant));
}

/** As the keys of ranges show it. */
export function edgeText(zone, instant) {
  const text = new Date(toLocal(zone, instant)).toISOString().slice(0, -1);
  return text + (zone === 'UTC' ? 'Z' : offsetText(offsetAt(zone, instant)));
}

/** ISO week: [year, week, weekday from 1]. */
export function isoWeek(local) {
  const day = Math.floor(local / DAY) * DAY;
  const weekday = (new Date(day).getUTCDay() + 6) % 7;
  const thursday = day + (3 - weekday) * DAY;
  const year = new Date(thursday).getUTCFullYear();
  return [year, Math.floor((thursday - civil(year)) / DAY / 7) + 1, weekday + 1];
}
