// The kinds of charts. Each draws into an SVG and tells where its values are.
import { scaleBand } from 'd3-scale';
import { arc, area, line, pie } from 'd3-shape';
import { hierarchy, treemap } from 'd3-hierarchy';
import {
  drawLabels, drawLengthAxis, drawNumberAxis, drawTimeAxis, drawValueAxis, drawValueName, makeFrame, percent, planLabels, TEXT, valueScale,
} from './axes';
import type { Frame } from './axes';
import type { Model, Series } from './model';
import { addPatterns, colour, fit, make, widthOf } from './svg';

/** A value that can be pointed at. */
export interface Mark {
  x: number; // in the drawing, mirrored already
  y: number;
  row: number;
  series: number; // of model.series; a scatter plot's row is the point
  label: string;
  text: string;
  shape?: SVGElement; // that is set off
}

export interface Drawing {
  marks: Mark[];
  /** The mark at a position; -1: none. */
  find(x: number, y: number): number;
  /** Whether values of all series at a row are told together. */
  isShared: boolean;
}

const SHARES = 'share';
const BOLD = 14.3; // bold letters are wider, as if of this size

function shown(model: Model): Series[] {
  return model.series.filter((series) => !series.isHidden);
}

function nearest(marks: Mark[], x: number, y: number, most: number, weight = 1): number {
  let best = -1;
  let least = most * most;
  marks.forEach((mark, place) => {
    const distance = (mark.x - x) ** 2 + weight * (mark.y - y) ** 2;
    if (distance < least) {
      least = distance;
      best = place;
    }
  });
  return best;
}

/** Where each value of a stack begins and ends, by series and row; shares of 1 where that is asked for. */
function stack(model: Model): { from: number[][]; to: number[][] } {
  const series = shown(model);
  const from = series.map(() => [] as number[]);
  const to = series.map(() => [] as number[]);
  model.rows.forEach((_, row) => {
    const sum = series.reduce((total, one) => total + Math.abs(one.values[row] ?? 0), 0) || 1;
    let up = 0;
    let down = 0;
    series.forEach((one, place) => {
      const value = (one.values[row] ?? 0) / (model.stacking === SHARES ? sum : 1);
      const begin = value < 0 ? down : up;
      from[place]![row] = begin;
      to[place]![row] = begin + value;
      if (value < 0) {
        down += value;
      } else {
        up += value;
      }
    });
  });
  return { from, to };
}

function isStacked(model: Model): boolean {
  return shown(model).length > 1 && (model.stacking === 'yes' || model.stacking === SHARES);
}

function valuesOf(model: Model): number[] {
  const values = isStacked(model) ? stack(model).to.flat() : shown(model).flatMap((series) => series.values.filter((value) => value !== null));
  return values.length ? values as number[] : [0];
}

function textOf(model: Model, series: Series, row: number): string {
  if (model.stacking !== SHARES || !isStacked(model)) {
    return series.texts[row]!;
  }
  const sum = shown(model).reduce((total, one) => total + Math.abs(one.values[row] ?? 0), 0) || 1;
  return `${series.texts[row]} (${percent(model)((series.values[row] ?? 0) / sum)})`;
}

function markOf(model: Model, series: Series, row: number, x: number, y: number, shape?: SVGElement): Mark {
  return {
    x, y, row, series: model.series.indexOf(series), label: model.rows[row]!.label, text: textOf(model, series, row), ...(shape ? { shape } : {}),
  };
}

function fillOf(model: Model, series: Series): string {
  return model.series.length > 1 ? `url(#texture${series.place})` : '';
}

function paint(shape: SVGElement, fill: string): void {
  if (fill) {
    shape.setAttribute('fill', fill);
  }
}

// ---- columns and histograms

function drawColumns(model: Model, frame: Frame): Drawing {
  const series = shown(model);
  const isRanges = model.kind === 'histogram';
  const stacked = isStacked(model) ? stack(model) : undefined;
  const marks: Mark[] = [];
  drawValueName(frame, model.stacking === SHARES && stacked ? model.share : model.yLabel);
  frame.bottom = 48;
  const labels = model.rows.map((row) => row.label);
  const plan = isRanges ? undefined : planLabels(frame, labels, frame.width - 70);
  const y = valueScale(valuesOf(model), true, 5);
  drawValueAxis(model, frame, y, model.stacking === SHARES && !!stacked);
  const band = scaleBand().domain(labels.map((_, row) => row)).range([frame.left, frame.width - frame.right])
    .paddingInner(0.22).paddingOuter(0.12);
  const starts = model.rows.map((row) => row.start);
  const number = isRanges
    ? drawNumberAxis(model, frame, Math.min(...starts), Math.max(...model.rows.map((row) => row.end)), false) : undefined;
  if (plan) {
    drawLabels(frame, labels, (row) => band(row)! + band.bandwidth() / 2, plan);
  } else {
    make('text', { x: frame.at((frame.left + frame.width) / 2), y: frame.height - 8, 'text-anchor': 'middle', class: 'axis-name' }, frame.svg, fit(model.xLabel, frame.width - frame.left, TEXT));
  }
  const group = make('g', {}, frame.svg);
  series.forEach((one, place) => {
    const inner = make('g', { class: colour(model.series.length > 1 ? one.place : 0) }, group);
    one.values.forEach((value, row) => {
      if (value === null) {
        return;
      }
      let left = number ? number(model.rows[row]!.start) + 0.5 : band(row)!;
      let width = number ? number(model.rows[row]!.end) - number(model.rows[row]!.start) - 1 : band.bandwidth();
      if (!stacked && series.length > 1) {
        width = band.bandwidth() / series.length;
        left += place * width;
      }
      const from = y(stacked ? stacked.from[place]![row]! : 0);
      const to = y(stacked ? stacked.to[place]![row]! : value);
      const bar = make('rect', {
        x: frame.isRtl ? frame.at(left + width) : left, y: Math.min(from, to), width: Math.max(0.5, width - (series.length > 1 && !stacked ? 1 : 0)),
        height: Math.max(value ? 0.75 : 0, Math.abs(to - from) - (stacked ? 1 : 0)), class: model.rows[row]!.isOther ? 'fill rest' : 'fill', ...(width > 10 && !stacked ? { rx: 1.5 } : {}),
      }, inner);
      paint(bar, fillOf(model, one));
      marks.push(markOf(model, one, row, frame.at(left + width / 2), Math.min(from, to), bar));
    });
  });
  return {
    marks, isShared: false,
    find: (px, py) => {
      const under = marks.findIndex(({ shape }) => inside(shape!, px, py));
      return under >= 0 || stacked ? (under >= 0 ? under : nearest(marks, px, py, 60, 0.2)) : nearest(marks, px, py, frame.width, 0.001);
    },
  };
}

function inside(shape: SVGElement, x: number, y: number): boolean {
  const [left, top, width, height] = ['x', 'y', 'width', 'height'].map((name) => Number(shape.getAttribute(name)));
  return x >= left! && x <= left! + width! && y >= top! && y <= top! + height!;
}

// ---- bars

function drawBars(model: Model, frame: Frame): Drawing {
  const series = shown(model);
  const stacked = isStacked(model) ? stack(model) : undefined;
  const marks: Mark[] = [];
  const labels = model.rows.map((row) => row.label);
  drawValueName(frame, model.stacking === SHARES && stacked ? model.share : model.yLabel);
  frame.top += 16;
  const hasValues = series.length === 1;
  const widestValue = hasValues ? Math.max(0, ...series[0]!.texts.map((text) => widthOf(text, TEXT))) : 0;
  const room = Math.min(Math.max(0, ...labels.map((label) => widthOf(label, TEXT))), frame.width * (frame.width < 480 ? 0.38 : 0.32));
  frame.left = room + 12;
  frame.right = hasValues ? Math.max(20, widestValue + 10) : 20;
  const x = valueScale(valuesOf(model), true, 5);
  drawLengthAxis(model, frame, x, model.stacking === SHARES && !!stacked);
  const band = scaleBand().domain(labels.map((_, row) => row)).range([frame.top, frame.height - frame.bottom]).paddingInner(0.24).paddingOuter(0.1);
  const names = make('g', { class: 'axis' }, frame.svg);
  const every = Math.max(1, Math.ceil(14 / band.step()));
  labels.forEach((label, row) => {
    if (row % every === 0) {
      make('text', { x: frame.at(frame.left - 8), y: band(row)! + band.bandwidth() / 2, dy: '0.32em', 'text-anchor': 'end', class: 'name' }, names, fit(label, room, TEXT));
    }
  });
  series.forEach((one, place) => {
    const group = make('g', { class: colour(model.series.length > 1 ? one.place : 0) }, frame.svg);
    one.values.forEach((value, row) => {
      if (value === null) {
        return;
      }
      const height = !stacked && series.length > 1 ? band.bandwidth() / series.length : band.bandwidth();
      const top = band(row)! + (stacked ? 0 : place * height);
      const from = x(stacked ? stacked.from[place]![row]! : 0);
      const to = x(stacked ? stacked.to[place]![row]! : value);
      const width = Math.max(value ? 0.75 : 0, Math.abs(to - from) - (stacked ? 1 : 0));
      const left = Math.min(from, to);
      const bar = make('rect', {
        x: frame.isRtl ? frame.at(left + width) : left, y: top, width, height: Math.max(0.5, height - (series.length > 1 && !stacked ? 1 : 0)), class: model.rows[row]!.isOther ? 'fill rest' : 'fill',
      }, group);
      paint(bar, fillOf(model, one));
      if (hasValues && row % every === 0) {
        make('text', { x: frame.at(Math.max(from, to) + 6), y: top + height / 2, dy: '0.32em', class: 'value' }, frame.svg, one.texts[row]!);
      }
      marks.push(markOf(model, one, row, frame.at(Math.max(from, to)), top + height / 2, bar));
    });
  });
  if (!stacked && series.length > 1) {
    marks.sort((a, b) => a.row - b.row || a.series - b.series);
  }
  return {
    marks, isShared: false,
    find: (px, py) => {
      const under = marks.findIndex(({ shape }) => inside(shape!, px, py));
      return under >= 0 ? under : nearest(marks, px, py, frame.width, 1e4);
    },
  };
}

// ---- lines and areas

/** Moves labels apart that would cover each other. */
function spread(places: { y: number; wanted: number }[], low: number, high: number): void {
  places.sort((a, b) => a.wanted - b.wanted);
  places.forEach((place, at) => {
    place.y = Math.max(place.wanted, at ? places[at - 1]!.y + 16 : low);
  });
  for (let at = places.length - 1; at >= 0; at--) {
    places[at]!.y = Math.min(places[at]!.y, at === places.length - 1 ? high : places[at + 1]!.y - 16);
  }
}

function drawLines(model: Model, frame: Frame): Drawing {
  const series = shown(model);
  const isArea = model.kind === 'area';
  const stacked = isArea && isStacked(model) ? stack(model) : undefined;
  const hasEndLabels = model.series.length > 1 && frame.width >= 560;
  const marks: Mark[] = [];
  drawValueName(frame, model.stacking === SHARES && stacked ? model.share : model.yLabel);
  const labels = model.rows.map((row) => row.label);
  const isTime = model.xKind === 'time';
  const isRange = model.xKind === 'range';
  frame.bottom = 30;
  const plan = isTime || isRange ? undefined : planLabels(frame, labels, frame.width - 70);
  frame.right = hasEndLabels ? Math.min(150, Math.max(...series.map((one) => widthOf(one.label, BOLD)), 0)) + 18 : 12;
  const y = valueScale(stacked ? stacked.to.flat() : valuesOf(model), isArea || model.isAmounts || fitsZero(valuesOf(model)), 5);
  drawValueAxis(model, frame, y, model.stacking === SHARES && !!stacked);
  const band = scaleBand().domain(labels.map((_, row) => row)).range([frame.left, frame.width - frame.right]).padding(0.2);
  const axis = isTime ? drawTimeAxis(model, frame, model.rows[0]?.start ?? 0, model.rows[model.rows.length - 1]?.start ?? 1)
    : isRange ? drawNumberAxis(model, frame, model.rows[0]?.start ?? 0, model.rows[model.rows.length - 1]?.start ?? 1, false) : undefined;
  const x = (row: number): number => (axis ? axis(model.rows[row]!.start) : band(row)! + band.bandwidth() / 2);
  if (plan) {
    drawLabels(frame, labels, x, plan);
  }
  const rows = model.rows.map((_, row) => row).filter((row) => Number.isFinite(x(row)) && !model.rows[row]!.isOther);
  const ends: { y: number; wanted: number; series: Series }[] = [];
  series.forEach((one, place) => {
    const group = make('g', { class: `${colour(model.series.length > 1 ? one.place : 0)} dash-${model.series.length > 1 && !isArea ? place % 5 : 0}` }, frame.svg);
    const to = (row: number): number => y(stacked ? stacked.to[place]![row]! : one.values[row] ?? 0);
    const isThere = (row: number): boolean => one.values[row] !== null || !!stacked;
    if (isArea) {
      const shape = make('path', {
        d: area<number>().defined(isThere).x((row) => frame.at(x(row))).y0((row) => y(stacked ? stacked.from[place]![row]! : 0)).y1(to)(rows) ?? '', class: 'area',
      }, group);
      paint(shape, fillOf(model, one));
    }
    make('path', { d: line<number>().defined(isThere).x((row) => frame.at(x(row))).y(to)(rows) ?? '', class: 'line' }, group);
    const dots = rows.length <= 40 && !isArea;
    rows.filter((row) => one.values[row] !== null).forEach((row) => {
      const isAlone = one.values[row - 1] == null && one.values[row + 1] == null;
      const dot = make('circle', { cx: frame.at(x(row)), cy: to(row), r: dots || isAlone ? 3 : 4.5, class: dots || isAlone ? 'dot' : 'dot hidden' }, group);
      marks.push(markOf(model, one, row, frame.at(x(row)), to(row), dot));
    });
    const last = [...rows].reverse().find((row) => one.values[row] !== null);
    if (last !== undefined) {
      const wanted = stacked ? (y(stacked.from[place]![last]!) + to(last)) / 2 : to(last);
      ends.push({ y: wanted, wanted, series: one });
    }
  });
  if (hasEndLabels) {
    spread(ends, frame.top, frame.height - frame.bottom);
    ends.forEach((end) => make('text', { x: frame.at(frame.width - frame.right + 8), y: end.y, dy: '0.32em', class: `${colour(end.series.place)} end` }, frame.svg, fit(end.series.label, frame.right - 10, BOLD)));
  }
  return { marks, isShared: model.series.length > 1, find: (px, py) => nearest(marks, px, py, frame.width, 0.001) };
}

/** Lines need not begin at 0 where that would make them flat. */
function fitsZero(values: number[]): boolean {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low >= 0 ? high === 0 || low / high < 0.6 : high <= 0;
}

// ---- pies

function drawPie(model: Model, frame: Frame): Drawing {
  const series = model.series[0]!;
  const all = series.values.map((value) => Math.max(0, value ?? 0));
  const sum = all.reduce((total, value) => total + value, 0) || 1;
  const isNarrow = frame.width < 520;
  const radius = Math.max(40, Math.min(frame.height / 2 - 14, isNarrow ? frame.width / 2 - 8 : frame.width / 2 - 170));
  const center: [number, number] = [frame.width / 2, frame.height / 2];
  const slices = pie().sort(null).padAngle(0.008)(all);
  const shape = arc().innerRadius(radius * 0.52).outerRadius(radius);
  const group = make('g', { transform: `translate(${center[0]} ${center[1]})` }, frame.svg);
  const marks: Mark[] = [];
  const format = percent(model);
  const sides = { left: [] as { y: number; wanted: number; at: number }[], right: [] as { y: number; wanted: number; at: number }[] };
  slices.forEach((slice, row) => {
    const turned = frame.isRtl ? { ...slice, startAngle: -slice.endAngle, endAngle: -slice.startAngle } : slice;
    const place = model.rows[row]!.isOther ? -1 : row;
    const path = make('path', { d: shape(turned) ?? '', class: `${colour(place)} fill` }, group);
    path.setAttribute('fill', `url(#texture${place < 0 ? -1 : place % 10})`);
    const middle = (turned.startAngle + turned.endAngle) / 2;
    const [cx, cy] = shape.centroid(turned);
    marks.push({
      x: center[0] + cx, y: center[1] + cy, row, series: 0, label: model.rows[row]!.label, text: `${series.texts[row]} (${format(all[row]! / sum)})`, shape: path,
    });
    if (turned.endAngle - turned.startAngle > 0.05 || slices.length <= 12) {
      const side = Math.sin(middle) >= 0 ? sides.right : sides.left;
      side.push({ y: 0, wanted: -Math.cos(middle) * (radius + 14), at: row });
    }
  });
  if (!isNarrow) {
    for (const [name, list] of Object.entries(sides)) {
      spread(list, -frame.height / 2 + 12, frame.height / 2 - 12);
      const sign = name === 'right' ? 1 : -1;
      list.forEach((label) => {
        const slice = slices[label.at]!;
        const middle = (slice.startAngle + slice.endAngle) / 2 * (frame.isRtl ? -1 : 1);
        const edge = [Math.sin(middle) * (radius + 3), -Math.cos(middle) * (radius + 3)];
        const x = sign * (radius + 22);
        make('path', { d: `M${edge[0]} ${edge[1]}L${x - sign * 6} ${label.y}h${sign * 3}`, class: 'leader' }, group);
        const width = frame.width / 2 - radius - 30;
        const share = ` ${format(all[label.at]! / sum)}`;
        const text = make('text', { x, y: label.y, dy: '0.32em', 'text-anchor': (sign > 0) === frame.isRtl ? 'end' : 'start', class: 'name' }, group, fit(model.rows[label.at]!.label, width - widthOf(share, TEXT), TEXT));
        make('tspan', { class: 'value' }, text, share);
      });
    }
  }
  return {
    marks, isShared: false,
    find: (px, py) => {
      const [dx, dy] = [px - center[0], py - center[1]];
      const distance = Math.hypot(dx, dy);
      if (distance > radius || distance < radius * 0.4) {
        return -1;
      }
      const angle = (Math.atan2(frame.isRtl ? -dx : dx, -dy) + 2 * Math.PI) % (2 * Math.PI);
      return slices.findIndex((slice) => angle >= slice.startAngle && angle < slice.endAngle);
    },
  };
}

// ---- scatter plots

function drawPoints(model: Model, frame: Frame): Drawing {
  const points = model.points.filter((point) => !model.series[point.series]?.isHidden);
  const marks: Mark[] = [];
  drawValueName(frame, model.yLabel);
  frame.bottom = 50;
  const ys = points.map((point) => point.y);
  const xs = points.map((point) => point.x);
  const y = valueScale(ys.length ? ys : [0, 1], false, 6);
  drawValueAxis(model, frame, y, false);
  frame.right = 14;
  const low = Math.min(...(xs.length ? xs : [0]));
  const high = Math.max(...(xs.length ? xs : [1]));
  const x = model.xKind === 'time' ? drawTimeAxis(model, frame, low, high) : drawNumberAxis(model, frame, low, high, true);
  make('text', { x: frame.at((frame.left + frame.width) / 2), y: frame.height - 8, 'text-anchor': 'middle', class: 'axis-name' }, frame.svg, fit(model.xLabel, frame.width - frame.left, TEXT));
  const radius = points.length > 500 ? 2.6 : points.length > 100 ? 3.4 : 4.5;
  const group = make('g', { class: points.length > 300 ? 'points crowded' : 'points' }, frame.svg);
  for (const point of points) {
    const place = model.series.length > 1 ? model.series[point.series]!.place : 0;
    const position = { x: frame.at(x(point.x)), y: y(point.y) };
    const shape = make('path', { d: symbol(place, position.x, position.y, radius), class: `${colour(place)} point` }, group);
    const name = model.series.length > 1 ? `${model.series[point.series]!.label}, ` : '';
    marks.push({ ...position, row: marks.length, series: point.series, label: `${name}${point.label}`, text: point.text, shape });
  }
  marks.sort((a, b) => (frame.isRtl ? b.x - a.x : a.x - b.x));
  marks.forEach((mark, row) => { mark.row = row; });
  return { marks, isShared: false, find: (px, py) => nearest(marks, px, py, 40) };
}

/** A mark of its own for each series: circle, square, triangle, diamond, cross. */
function symbol(place: number, x: number, y: number, r: number): string {
  const at = `M${x.toFixed(1)} ${y.toFixed(1)}`;
  switch (place < 0 ? 4 : place % 5) {
    case 0: return `${at}m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
    case 1: return `${at}m${-r} ${-r}h${2 * r}v${2 * r}h${-2 * r}z`;
    case 2: return `${at}m0 ${-1.25 * r}l${1.2 * r} ${2.2 * r}h${-2.4 * r}z`;
    case 3: return `${at}m0 ${-1.35 * r}l${1.35 * r} ${1.35 * r}l${-1.35 * r} ${1.35 * r}l${-1.35 * r} ${-1.35 * r}z`;
    default: return `${at}m${-r} ${-r / 3}h${r * 0.67}v${-r * 0.67}h${r * 0.67}v${r * 0.67}h${r * 0.67}v${r * 0.67}h${-r * 0.67}v${r * 0.67}h${-r * 0.67}v${-r * 0.67}h${-r * 0.67}z`;
  }
}

// ---- treemaps

interface Leaf { row: number; series: number; value: number; children?: Leaf[] }

function drawTreemap(model: Model, frame: Frame): Drawing {
  const isNested = model.series.length > 1;
  const groups: Leaf[] = model.rows.map((_, row) => ({
    row, series: -1, value: isNested ? 0 : Math.max(0, model.series[0]!.values[row] ?? 0),
    ...(isNested ? {
      children: model.series.map((series, place) => ({ row, series: place, value: series.isHidden ? 0 : Math.max(0, series.values[row] ?? 0) }))
        .filter((leaf) => leaf.value > 0),
    } : {}),
  }));
  const root = hierarchy<Leaf>({ row: -1, series: -1, value: 0, children: groups }, (leaf) => leaf.children).sum((leaf) => leaf.value);
  const layout = treemap<Leaf>().size([frame.width, frame.height]).paddingInner(2).round(true)
    .paddingTop((node) => (isNested && node.depth === 1 ? 20 : 0))(root);
  const marks: Mark[] = [];
  const total = layout.value || 1;
  const format = percent(model);
  if (isNested) {
    (layout.children ?? []).filter((node) => node.x1 - node.x0 > 30).forEach((node) => {
      make('text', { x: frame.at(node.x0 + 2), y: node.y0 + 14, class: 'name strong' }, frame.svg, fit(model.rows[node.data.row]!.label, node.x1 - node.x0 - 4, BOLD));
    });
  }
  for (const node of layout.leaves()) {
    const width = node.x1 - node.x0;
    const height = node.y1 - node.y0;
    if (node.data.row < 0 || width <= 0 || height <= 0 || !node.value) {
      continue;
    }
    const series = model.series[Math.max(0, node.data.series)]!;
    const row = model.rows[node.data.row]!;
    const place = isNested ? series.place : row.isOther ? -1 : 0;
    const group = make('g', { class: colour(place) }, frame.svg);
    const left = frame.isRtl ? frame.at(node.x1) : node.x0;
    const shape = make('rect', { x: left, y: node.y0, width, height, class: 'fill', rx: 2 }, group);
    const label = isNested ? series.label : row.label;
    const text = series.texts[node.data.row]!;
    if (width > 44 && height > 20) {
      make('text', { x: frame.at(node.x0 + 6), y: node.y0 + 17, class: 'inside name' }, group, fit(label, width - 12, BOLD));
      if (height > 38 && widthOf(text, TEXT) < width - 10) {
        make('text', { x: frame.at(node.x0 + 6), y: node.y0 + 34, class: 'inside' }, group, text);
      }
    }
    marks.push({
      x: left + width / 2, y: node.y0 + height / 2, row: node.data.row, series: Math.max(0, node.data.series),
      label: isNested ? `${row.label}, ${series.label}` : row.label, text: `${text} (${format(node.value / total)})`, shape,
    });
  }
  return { marks, isShared: false, find: (px, py) => marks.findIndex(({ shape }) => inside(shape!, px, py)) };
}

const kinds: Record<string, (model: Model, frame: Frame) => Drawing> = {
  bar: drawColumns, histogram: drawColumns, horizontal: drawBars, line: drawLines, area: drawLines, pie: drawPie, scatter: drawPoints, treemap: drawTreemap,
};

/** Draws the chart into an empty SVG of a size. */
export function draw(model: Model, svg: SVGSVGElement, width: number, height: number): Drawing {
  const places = model.kind === 'pie' ? [...Array.from({ length: 10 }, (_, place) => place), -1] : model.series.map((series) => series.place);
  addPatterns(svg, [...new Set(places)], 'texture');
  return kinds[model.kind]!(model, makeFrame(svg, width, height, model.isRtl));
}
