// The chart as a file: SVG with its styles written out, and PNG drawn from that.
import { draw } from './draw';
import type { Model } from './model';
import { colour, fit, make, widthOf } from './svg';

const WIDTH = 960;
const EDGE = 24;
const STYLES = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity', 'fill-opacity', 'font-size', 'font-weight', 'font-family', 'visibility'];

/** Writes what the style sheet says into attributes, which files take along. Reads all first: styles depend on classes above. */
function resolve(svg: SVGSVGElement): void {
  const elements = [svg, ...svg.querySelectorAll<SVGElement>('*')];
  const styles = elements.map((element) => {
    const style = getComputedStyle(element);
    return STYLES.map((name) => [name, style.getPropertyValue(name)] as const);
  });
  elements.forEach((element, place) => {
    for (const [name, value] of styles[place]!) {
      if (value && !element.getAttribute(name)?.startsWith('url(')) {
        element.setAttribute(name, value);
      }
    }
    element.removeAttribute('class');
  });
}

function addLegend(model: Model, svg: SVGSVGElement, top: number): number {
  if (model.series.length < 2) {
    return top;
  }
  let x = EDGE;
  let y = top;
  for (const series of model.series.filter((one) => !one.isHidden)) {
    const label = fit(series.label, 220);
    const width = widthOf(label) + 40;
    if (x + width > WIDTH - EDGE) {
      x = EDGE;
      y += 22;
    }
    const at = (position: number): number => (model.isRtl ? WIDTH - position : position);
    const group = make('g', { class: colour(series.place) }, svg);
    make('rect', { x: model.isRtl ? at(x + 14) : x, y: y - 11, width: 14, height: 14, class: 'fill', fill: `url(#texture${series.place})` }, group);
    make('text', { x: at(x + 20), y }, svg, label);
    x += width;
  }
  return y + 14;
}

/** The chart with title, legend and source as an SVG of its own; in the page until it is resolved. */
function compose(model: Model, figure: HTMLElement, ratio: number): SVGSVGElement {
  const start = model.isRtl ? WIDTH - EDGE : EDGE;
  const svg = make('svg', { class: 'chart-picture', 'aria-hidden': 'true', direction: model.isRtl ? 'rtl' : 'ltr' });
  const ground = make('rect', { class: 'ground', width: WIDTH }, svg);
  make('text', { x: start, y: 42, class: 'title' }, svg, fit(model.title, WIDTH - 2 * EDGE, 22));
  const top = addLegend(model, svg, 74) + (model.series.length < 2 ? -12 : 6);
  const width = WIDTH - 2 * EDGE;
  const height = Math.min(4000, Math.max(420, width * ratio));
  const inner = make('svg', { x: EDGE, y: top, width, height }, svg);
  draw(model, inner, width, height);
  make('text', { x: start, y: top + height + 30, class: 'source' }, svg, fit(model.source, width));
  const whole = top + height + 46;
  ground.setAttribute('height', String(whole));
  for (const [name, value] of Object.entries({ width: WIDTH, height: whole, viewBox: `0 0 ${WIDTH} ${whole}` })) {
    svg.setAttribute(name, String(value));
  }
  figure.append(svg);
  resolve(svg);
  svg.remove();
  svg.removeAttribute('aria-hidden');
  return svg;
}

function offer(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function textOf(svg: SVGSVGElement): string {
  return new XMLSerializer().serializeToString(svg);
}

export function saveSvg(model: Model, figure: HTMLElement, ratio: number): void {
  offer(`${model.name}.svg`, new Blob([textOf(compose(model, figure, ratio))], { type: 'image/svg+xml' }));
}

/** By way of a data: address, which the portal's policy allows for images. */
export async function savePng(model: Model, figure: HTMLElement, ratio: number): Promise<void> {
  const svg = compose(model, figure, ratio);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(textOf(svg))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  const scale = 2;
  canvas.width = Number(svg.getAttribute('width')) * scale;
  canvas.height = Number(svg.getAttribute('height')) * scale;
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) => { canvas.toBlob(done, 'image/png'); });
  if (blob) {
    offer(`${model.name}.png`, blob);
  }
}
