// What is drawn: base map below, records above.
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Coloring } from './coloring';
import type { Palette } from './palette';

const count: ExpressionSpecification = ['coalesce', ['get', '_count'], 1];
/* What counts ten times as much is drawn above. A key of its own for each count would be a call to draw each. */
const size: ExpressionSpecification = ['floor', ['log10', count]];
const isPoint: ExpressionSpecification = ['==', ['geometry-type'], 'Point'];
const isChosen: ExpressionSpecification = ['boolean', ['feature-state', 'chosen'], false];

/* Circles grow with what they stand for, and when there is more room. */
const sizes = (one: number, million: number): ExpressionSpecification =>
  ['interpolate', ['exponential', 1.6], ['log10', count], 0, one, 6, million];
const radius = ['interpolate', ['linear'], ['zoom'], 0, sizes(2.8, 20), 5, sizes(4.2, 22), 12, sizes(6.5, 24)] as unknown as ExpressionSpecification;

const fonts = ['sans-serif'];

/** Names of countries in the visitor's language, by their codes. */
function countryName(language: string): ExpressionSpecification {
  const names = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' });
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(65 + i));
  const cases = letters.flatMap((a) => letters.flatMap((b) => {
    const name = names.of(a + b);
    return name ? [a + b, name] : [];
  }));
  return ['match', ['coalesce', ['get', 'code'], ''], ...cases, ['get', 'name']] as unknown as ExpressionSpecification;
}

function baseLayers(palette: Palette, language: string): LayerSpecification[] {
  const rank: ExpressionSpecification = ['get', 'rank'];
  return [
    { id: 'water', type: 'background', paint: { 'background-color': palette.water } },
    { id: 'land', type: 'fill', source: 'base', 'source-layer': 'land', paint: { 'fill-color': palette.land } },
    { id: 'border', type: 'line', source: 'base', 'source-layer': 'border',
      paint: { 'line-color': palette.border, 'line-width': ['interpolate', ['linear'], ['zoom'], 0, 0.5, 6, 1.4] } },
    { id: 'country', type: 'symbol', source: 'base', 'source-layer': 'country',
      filter: ['<=', rank, ['+', 1, ['zoom']]],
      layout: { 'text-field': countryName(language), 'text-font': fonts, 'text-max-width': 7, 'symbol-sort-key': rank,
        'text-size': ['interpolate', ['linear'], ['zoom'], 1, 10, 5, 14] },
      paint: { 'text-color': palette.name, 'text-halo-color': palette.halo, 'text-halo-width': 1.2 } },
  ];
}

function recordLayers(palette: Palette, { color }: Coloring): LayerSpecification[] {
  const source = { source: 'records', 'source-layer': 'records' } as const;
  const lineColor: ExpressionSpecification = ['case', isChosen, palette.chosen, palette.edge];
  return [
    { id: 'areas', type: 'fill', ...source, filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': color, 'fill-opacity': ['case', isChosen, 0.85, 0.6] } },
    { id: 'outlines', type: 'line', ...source, filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'line-color': lineColor, 'line-width': ['case', isChosen, 3, 0.8] } },
    { id: 'lines', type: 'line', ...source, filter: ['==', ['geometry-type'], 'LineString'],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': ['case', isChosen, palette.chosen, color] as unknown as ExpressionSpecification,
        'line-width': ['case', isChosen, 5, 3] } },
    { id: 'points', type: 'circle', ...source, filter: isPoint, layout: { 'circle-sort-key': size },
      paint: { 'circle-color': color, 'circle-radius': radius, 'circle-opacity': 0.85,
        'circle-stroke-color': lineColor, 'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 0, ['case', isChosen, 3, 0.4], 10, ['case', isChosen, 3, 1.2]] } },
  ];
}

/** Layers of records that answer to the pointer. */
export const answering = ['areas', 'lines', 'points'];

/** A map of pictures from elsewhere, which the visitor accepted. */
export interface Pictures {
  tiles: string;
  zoom: number;
}

export function makeStyle(palette: Palette, coloring: Coloring, language: string, base: string | Pictures, records: string): StyleSpecification {
  const isOwn = typeof base === 'string';
  const pictures: LayerSpecification[] = [
    { id: 'water', type: 'background', paint: { 'background-color': palette.water } },
    { id: 'pictures', type: 'raster', source: 'base' }];
  return {
    version: 8,
    sources: {
      base: isOwn ? { type: 'vector', tiles: [base], maxzoom: 6 }
        : { type: 'raster', tiles: [base.tiles], tileSize: 256, maxzoom: base.zoom },
      records: { type: 'vector', tiles: [records], maxzoom: 22, promoteId: '_id' },
    },
    layers: [...(isOwn ? baseLayers(palette, language) : pictures), ...recordLayers(palette, coloring)],
  };
}
