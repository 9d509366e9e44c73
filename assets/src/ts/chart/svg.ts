// Making SVG, and measuring text before it is set.
const SPACE = 'http://www.w3.org/2000/svg';

export type Attributes = Record<string, string | number>;

export function make<Name extends keyof SVGElementTagNameMap>(
  name: Name, attributes: Attributes = {}, parent?: SVGElement, text?: string,
): SVGElementTagNameMap[Name] {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, typeof value === 'number' ? String(Math.round(value * 100) / 100) : value);
  }
  if (text !== undefined) {
    element.textContent = text;
  }
  parent?.append(element);
  return element;
}

const canvas = document.createElement('canvas').getContext('2d');

/** Width of a text in pixels, in the font of the charts' labels. */
export function widthOf(text: string, size = 13): number {
  if (!canvas) {
    return text.length * size * 0.55;
  }
  canvas.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return canvas.measureText(text).width;
}

/** The text, shortened with an ellipsis to a width. */
export function fit(text: string, width: number, size = 13): string {
  if (widthOf(text, size) <= width) {
    return text;
  }
  const letters = [...text];
  while (letters.length > 1 && widthOf(`${letters.join('')}…`, size) > width) {
    letters.splice(-Math.max(1, Math.ceil(letters.length / 12)));
  }
  return `${letters.join('').trimEnd()}…`;
}

/** Class of the colour of a series. */
export function colour(place: number): string {
  return place < 0 ? 'series other' : `series colour-${place % 10}`;
}

/**
 * Patterns, so that colours are not the only sign: an id for each place, beginning with prefix. The first is plain.
 */
export function addPatterns(svg: SVGSVGElement, places: number[], prefix: string): void {
  const defs = make('defs', {}, svg);
  for (const place of places) {
    const pattern = make('pattern', { id: `${prefix}${place}`, width: 8, height: 8, patternUnits: 'userSpaceOnUse', class: colour(place) }, defs);
    make('rect', { width: 8, height: 8, class: 'fill' }, pattern);
    const marks = [
      '', 'M-2 2l4-4M0 8l8-8M6 10l4-4', 'M2 2h.01M6 6h.01', 'M-2 6l4 4M0 0l8 8M6-2l4 4', 'M0 2h8M0 6h8',
      'M2 0v8M6 0v8', 'M0 4h8M4 0v8', 'M2 4h4', 'M-2 2l4-4M0 8l8-8M6 10l4-4M0 0l8 8', 'M2 2h.01M6 2h.01M2 6h.01M6 6h.01',
    ];
    make('path', { d: place < 0 ? marks[1]! : marks[place % marks.length]!, class: 'texture' }, pattern);
  }
}
