// How times grow from ten thousand to ten million records: bench/plots/*.svg and growth.csv.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { address, encode, folder, probe, program, root, run, seconds, serveFrom } from './common.mjs';
import { exportSpeed, placeQueries, writePlaces } from './places.mjs';

const sizes = [10_000, 100_000, 1_000_000, 10_000_000];
const plots = `${root}bench/plots`;
const queries = [
  ['page of 20', 'records?limit=20'],
  ['page at offset 9,900', 'records?limit=100&offset=9900'],
  ['filter, sort, 20', `records?${encode({ where: 'amount > 990', order_by: 'amount desc', limit: 20 })}`],
  ['facet', 'facets?facet=category'],
  ['group_by', `records?${encode({ group_by: 'category', select: 'count(*) as n, avg(amount)' })}`],
  ['search', `records?${encode({ where: '"place 31415"', limit: 20 })}`],
  ...placeQueries.filter(([name]) => /^(in_bbox|within_distance|nearest|geo_cluster)/.test(name)).map(([name, path]) => [name.split(/,| of/)[0], path]),
];
const exported = ['csv', 'jsonl', 'geojson', 'parquet'];

/** A picture of lines over logarithmic axes. series: [name, [[x, y], …]]. */
export function plot(title, unit, series) {
  const [width, height, left, right, top, bottom] = [760, 460, 70, 210, 50, 50];
  const values = series.flatMap(([, points]) => points.map(([, y]) => y));
  const [low, high] = [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))];
  const x = (value) => left + (Math.log10(value) - 4) / 3 * (width - left - right);
  const y = (value) => height - bottom - (Math.log10(value) - low) / Math.max(1, high - low) * (height - top - bottom);
  const colours = ['#0b5cad', '#c2410c', '#15803d', '#7c3aed', '#b91c1c', '#0e7490', '#a16207', '#475569', '#be185d', '#4d7c0f'];
  const lines = sizes.map((n) => `<line x1="${x(n)}" x2="${x(n)}" y1="${top}" y2="${height - bottom}" class="grid"/>`
    + `<text x="${x(n)}" y="${height - bottom + 18}" text-anchor="middle">${n.toLocaleString('en')}</text>`);
  for (let power = low; power <= high; power += 1) {
    const at = y(10 ** power);
    lines.push(`<line x1="${left}" x2="${width - right}" y1="${at}" y2="${at}" class="grid"/>`
      + `<text x="${left - 8}" y="${at + 4}" text-anchor="end">${10 ** power}</text>`);
  }
  // Names stand at the ends of their lines, moved apart where lines end together.
  const ends = series.map(([name, points], i) => ({ name, i, at: y(points.at(-1)[1]) })).sort((a, b) => a.at - b.at);
  for (let i = 1; i < ends.length; i += 1) ends[i].at = Math.max(ends[i].at, ends[i - 1].at + 16);
  for (const { name, i, at } of ends) {
    const [, points] = series[i];
    lines.push(`<polyline fill="none" stroke="${colours[i]}" stroke-width="2" points="${points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(' ')}"/>`);
    for (const [a, b] of points) lines.push(`<circle cx="${x(a).toFixed(1)}" cy="${y(b).toFixed(1)}" r="3" fill="${colours[i]}"/>`);
    lines.push(`<text x="${width - right + 10}" y="${at + 4}" style="fill:${colours[i]}">${name}</text>`);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<style>text{font:13px sans-serif;fill:#333}.grid{stroke:#ddd}</style><rect width="${width}" height="${height}" fill="#fff"/>
<text x="${left}" y="24" style="font-size:16px;font-weight:bold">${title}</text><text x="${left}" y="42">${unit} over records</text>
${lines.join('\n')}
</svg>\n`;
}

export async function benchGrowth() {
  const directory = `${folder}/growth`;
  const file = `${folder}/growth.csv`;
  const rows = [];
  rmSync(directory, { recursive: true, force: true });
  for (const size of sizes) {
    rmSync(file, { force: true });
    writePlaces(size, file);
    const id = `places-${size}`;
    rows.push(['import', 'import', size, seconds(() => run(program, ['import', file, '--id', id, '--data', directory, '--annotate', 'category=facet'])) * 1000]);
    const server = await serveFrom(directory, '--cache', '0', '--bulk-deadline', '3600s');
    for (const [name, path] of queries) {
      rows.push(['queries', name, size, JSON.parse(run(probe, ['http', '127.0.0.1', server.port, '15', address(id, path)])).median_ms]);
    }
    for (const format of exported) {
      await exportSpeed(server.port, id, `exports/${format}?limit=10`);
      rows.push(['exports', format, size, (await exportSpeed(server.port, id, `exports/${format}?order_by=&limit=${size}`)).seconds * 1000]);
    }
    await server.stop();
  }
  rmSync(file, { force: true });
  mkdirSync(plots, { recursive: true });
  const series = (kind) => [...new Set(rows.filter((row) => row[0] === kind).map((row) => row[1]))]
    .map((name) => [name, rows.filter((row) => row[0] === kind && row[1] === name).map((row) => [row[2], row[3]])]);
  writeFileSync(`${plots}/queries.svg`, plot('Queries, uncached', 'milliseconds', series('queries')));
  writeFileSync(`${plots}/exports.svg`, plot('Exports over HTTP, and the import', 'milliseconds', [...series('exports'), ...series('import')]));
  writeFileSync(`${plots}/growth.csv`, `kind,name,records,milliseconds\n${rows.map(([kind, name, size, ms]) => [kind, `"${name}"`, size, ms.toFixed(3)].join(',')).join('\n')}\n`);
  console.log(`plots are in bench/plots (${rows.length} figures)`);
}
