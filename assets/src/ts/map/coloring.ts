// Which colour a record has: by the values of a field, as expressions of the map and rows of the legend.
import type { ExpressionSpecification } from 'maplibre-gl';
import type { Palette } from './palette';
import type { Field, Island } from './island';

export interface LegendRow {
  color: string;
  label: string;
}

export interface Coloring {
  color: ExpressionSpecification | string;
  rows: LegendRow[];
}

const VALUES = 10;
const LETTERS = 100; // of a text in a tile

const count: ExpressionSpecification = ['coalesce', ['get', '_count'], 1];

/** One colour, the deeper the more records a point stands for. */
export function plainColoring(island: Island, palette: Palette): Coloring {
  return {
    color: ['interpolate', ['linear'], ['log10', count], 0, palette.point, 4, palette.many],
    rows: island.kind === 'shape' ? [] : [
      { color: palette.point, label: island.text('one') }, { color: palette.many, label: island.text('many') }],
  };
}

async function byValue(island: Island, field: Field, palette: Palette): Promise<Coloring> {
  const answer = await island.ask('facets', { facet: `facet(name="${field.name}", sort="count", limit=${VALUES})` });
  const values: { value: string }[] = answer.facets?.[0]?.facets ?? [];
  const cut = (text: string): string => [...text.slice(0, 2 * LETTERS)].slice(0, LETTERS).join('');
  // Texts that begin alike are one in tiles.
  const shown = [...new Map(values.map(({ value }) => [cut(value), value])).entries()].slice(0, VALUES);
  const isTruth = field.type === 'boolean';
  const label = (value: string): string => !isTruth ? value : island.text(value === 'true' ? 'yes' : 'no');
  const cases = shown.flatMap(([start, value], i) => [isTruth ? String(value === 'true') : start, palette.classes[i]!]);
  return {
    color: cases.length
      ? ['match', ['to-string', ['get', field.name]], ...cases, palette.other] as unknown as ExpressionSpecification
      : palette.other,
    rows: [...shown.map(([start, value], i) => ({ color: palette.classes[i]!, label: start === value ? label(value) : `${start}…` })),
      { color: palette.other, label: island.text('other') }],
  };
}

async function byNumber(island: Island, field: Field, palette: Palette): Promise<Coloring> {
  const name = `\`${field.name}\``;
  const shares = [20, 40, 60, 80];
  const select = [`min(${name}) as p0`, ...shares.map((share, i) => `percentile(${name}, ${share}) as p${i + 1}`), `max(${name}) as p5`];
  const row = (await island.ask('records', { select: select.join(', '), limit: '1' })).results?.[0] ?? {};
  const all = [0, 1, 2, 3, 4, 5].map((i) => row[`p${i}`]).filter((value) => typeof value === 'number');
  if (all.length === 0) {
    return { color: palette.other, rows: [{ color: palette.other, label: island.text('none') }] };
  }
  const edges = [...new Set<number>(all)]; // from the least to the most, no step is empty
  const steps = edges.length > 1 ? edges.slice(0, -1) : edges;
  const colors = steps.map((_, i) => palette.steps[steps.length === 1 ? 4 : Math.round(i * 4 / (steps.length - 1))]!);
  const value: ExpressionSpecification = ['to-number', ['get', field.name]];
  const ranged = ['step', value, colors[0], ...steps.slice(1).flatMap((edge, i) => [edge, colors[i + 1]])];
  return {
    color: ['case', ['has', field.name], ranged, palette.other] as unknown as ExpressionSpecification,
    rows: [...steps.map((edge, i) => ({ color: colors[i]!,
      label: `${island.number(edge)} – ${island.number(edges[i + 1] ?? edge)}${field.unit ? ` ${field.unit}` : ''}` })),
    { color: palette.other, label: island.text('none') }],
  };
}

export function coloringBy(island: Island, field: Field, palette: Palette): Promise<Coloring> {
  return field.type === 'int' || field.type === 'double' ? byNumber(island, field, palette) : byValue(island, field, palette);
}
