// Colours of the map, from the style sheet (css/map.css), so that they follow light and dark.

export interface Palette {
  water: string;
  land: string;
  border: string;
  name: string;
  halo: string;
  point: string;
  many: string;
  edge: string;
  chosen: string;
  other: string;
  classes: string[]; // ten different ones
  steps: string[]; // five, from little to much
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(`--map-${name}`).trim();
  const list = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => color(`${name}-${i + 1}`));
  return {
    water: color('water'), land: color('land'), border: color('border'), name: color('name'), halo: color('halo'),
    point: color('point'), many: color('many'), edge: color('edge'), chosen: color('chosen'), other: color('other'),
    classes: list('class', 10), steps: list('step', 5),
  };
}
