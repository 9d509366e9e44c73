// The records of fixtures/street-lamps.csv as the API must show them.
import { readFileSync } from 'node:fs';

export const fixture = new URL('./fixtures/street-lamps.csv', import.meta.url);

/** Rows of a CSV text, cells as text. */
export function parseCsv(text, delimiter = ',') {
  const rows = [];
  let row = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') { cell += '"'; i++; }
      else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"') quoted = true;
    else if (c === delimiter) { row.push(cell); cell = ''; }
    else if (c === '\n') { row.push(cell); rows.push(row); row = []; cell = ''; }
    else if (c !== '\r') cell += c;
  }
  return rows;
}

function toRecord([lampId, lampType, power, height, installed, checked, tags, position, broken, note]) {
  const [lat, lon] = position.split(',').map(Number);
  return {
    lamp_id: lampId,
    lamp_type: lampType || null,
    power_w: Number(power),
    height_m: Number(height),
    installed,
    checked_at: checked.replace('Z', '+00:00'),
    tags: tags.split(','),
    position: position ? { lon, lat } : null,
    broken: broken === 'true',
    note: note || null,
  };
}

export const lamps = parseCsv(readFileSync(fixture, 'utf8')).slice(1).map(toRecord);
export const fieldNames = Object.keys(lamps[0]);

/** [[value, how often], …], largest count first, then by value. */
export function countBy(records, valuesOf) {
  const counts = new Map();
  for (const record of records) {
    for (const value of valuesOf(record)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
