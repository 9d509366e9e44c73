// Axes: where values lie, ticks in the visitor's language, lines behind the chart.
import { scaleLinear, scaleUtc } from 'd3-scale';
import type { Linear } from 'd3-scale';
import type { Model } from './model';
import { fit, make, widthOf } from './svg';

export interface Frame {
  svg: SVGSVGElement;
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** A position from the start of the line, mirrored where the language reads from right to left. */
  at(x: number): number;
  isRtl: boolean;
}

export const TEXT = 13;

export function makeFrame(svg: SVGSVGElement, width: number, height: number, isRtl: boolean): Frame {
  return {
    svg, width, height, left: 8, right: 8, top: 10, bottom: 8, isRtl,
    at: (x) => (isRtl ? width - x : x),
  };
}

/** Formats ticks of an axis: as many digits as they differ by. */
export function tickFormat(model: Model, ticks: number[]): (value: number) => string {
  const most = Math.max(...ticks.map(Math.abs));
  const step = ticks.length > 1 ? Math.abs(ticks[1]! - ticks[0]!) : most;
  const digits = step > 0 ? Math.min(12, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))) : 0;
  const options: Intl.NumberFormatOptions = most >= 1e5 || (most > 0 && most < 1e-4)
    ? { notation: 'compact', maximumSignificantDigits: 4 }
    : { maximumFractionDigits: digits, minimumFractionDigits: digits };
  if (most < 1e4) {
    options.useGrouping = false; // years stay years
  }
  const format = new Intl.NumberFormat(model.lang, options);
  return (value) => format.format(value);
}

/** No half records: ticks between whole numbers go, where all amounts are whole. */
function wholeTicks(model: Model, ticks: number[]): number[] {
  const isWhole = model.isAmounts && model.series.every((one) => one.values.every((value) => Number.isInteger(value ?? 0)));
  return isWhole ? ticks.filter(Number.isInteger) : ticks;
}

/** The scale of values: with 0 where lengths are compared. */
export function valueScale(values: number[], fromZero: boolean, count: number): Linear {
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (fromZero) {
    low = Math.min(0, low);
    high = Math.max(0, high);
  }
  if (!(high > low)) {
    low -= fromZero && low === 0 ? 0 : 1;
    high += 1;
  }
  return scaleLinear().domain([low, high]).nice(count);
}

/** A vertical axis of values at the start of the line, with lines across. Sets frame.left. */
export function drawValueAxis(model: Model, frame: Frame, scale: Linear, isShare: boolean): void {
  const count = Math.max(2, Math.round((frame.height - frame.top - frame.bottom) / 60));
  const ticks = isShare ? scale.ticks(count) : wholeTicks(model, scale.nice(count).ticks(count));
  const format = isShare ? percent(model) : tickFormat(model, ticks);
  frame.left = Math.max(...ticks.map((tick) => widthOf(format(tick), TEXT))) + 16;
  scale.range([frame.height - frame.bottom, frame.top]);
  const group = make('g', { class: 'axis' }, frame.svg);
  for (const tick of ticks) {
    const y = Math.round(scale(tick)) + 0.5;
    make('line', { x1: frame.at(frame.left), x2: frame.at(frame.width - frame.right), y1: y, y2: y, class: tick === 0 ? 'zero' : 'grid' }, group);
    make('text', { x: frame.at(frame.left - 8), y, dy: '0.32em', 'text-anchor': 'end' }, group, format(tick));
  }
}

/** A horizontal axis of values at the top, with lines down. */
export function drawLengthAxis(model: Model, frame: Frame, scale: Linear, isShare: boolean): void {
  const count = Math.max(2, Math.round((frame.width - frame.left - frame.right) / 90));
  const ticks = isShare ? scale.ticks(count) : wholeTicks(model, scale.nice(count).ticks(count));
  const format = isShare ? percent(model) : tickFormat(model, ticks);
  scale.range([frame.left, frame.width - frame.right]);
  const group = make('g', { class: 'axis' }, frame.svg);
  for (const tick of ticks) {
    const x = Math.round(frame.at(scale(tick))) + 0.5;
    make('line', { x1: x, x2: x, y1: frame.top, y2: frame.height - frame.bottom, class: tick === 0 ? 'zero' : 'grid' }, group);
    make('text', { x, y: frame.top - 8, 'text-anchor': 'middle' }, group, format(tick));
  }
}

export function percent(model: Model): (value: number) => string {
  const format = new Intl.NumberFormat(model.lang, { style: 'percent', maximumFractionDigits: 1 });
  return (value) => format.format(value);
}

/** The name of the values above the axis. */
export function drawValueName(frame: Frame, text: string): void {
  make('text', { x: frame.at(0), y: 13, class: 'axis-name' }, frame.svg, fit(text, frame.width, TEXT));
  frame.top += 22;
}

function drawTick(frame: Frame, group: SVGGElement, x: number, text: string, isStrong = false): void {
  const y = frame.height - frame.bottom;
  make('line', { x1: frame.at(x), x2: frame.at(x), y1: y, y2: y + 5, class: 'tick' }, group);
  make('text', { x: frame.at(x), y: y + 19, 'text-anchor': 'middle', ...(isStrong ? { class: 'strong' } : {}) }, group, text);
}

/** Formats of times, by what changes from one tick to the next. */
function timeFormat(model: Model): (time: Date) => { text: string; isStrong: boolean } {
  const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat(model.lang, { timeZone: 'UTC', ...options });
  const year = format({ year: 'numeric' });
  const month = format({ month: 'short' });
  const day = format({ day: 'numeric', month: 'short' });
  const hour = format({ hour: '2-digit', minute: '2-digit' });
  return (time) => {
    if (time.getUTCHours() || time.getUTCMinutes()) {
      return { text: hour.format(time), isStrong: false };
    }
    if (time.getUTCDate() !== 1) {
      return { text: day.format(time), isStrong: false };
    }
    return time.getUTCMonth() ? { text: month.format(time), isStrong: false } : { text: year.format(time), isStrong: true };
  };
}

/** An axis of time; gives the scale. frame.bottom must have room (28). */
export function drawTimeAxis(model: Model, frame: Frame, low: number, high: number): (value: number) => number {
  const scale = scaleUtc().domain([low, high > low ? high : low + 86400000]).range([frame.left + 4, frame.width - frame.right - 4]);
  const format = timeFormat(model);
  const group = make('g', { class: 'axis' }, frame.svg);
  let end = -Infinity;
  for (const tick of scale.ticks(Math.max(2, Math.round((frame.width - frame.left) / 85)))) {
    const x = scale(tick.getTime());
    const { text, isStrong } = format(tick);
    const half = widthOf(text, TEXT) / 2;
    if (x - half > end + 6 && x - half >= frame.left - 20 && x + half <= frame.width) {
      drawTick(frame, group, x, text, isStrong);
      end = x + half;
    }
  }
  return scale;
}

/** An axis of numbers; gives the scale. */
export function drawNumberAxis(model: Model, frame: Frame, low: number, high: number, isNice: boolean): Linear {
  const scale = scaleLinear().domain([low, high > low ? high : low + 1]);
  const count = Math.max(2, Math.round((frame.width - frame.left) / 80));
  if (isNice) {
    scale.nice(count);
  }
  scale.range([frame.left, frame.width - frame.right - 8]);
  const ticks = scale.ticks(count);
  const format = tickFormat(model, ticks);
  const group = make('g', { class: 'axis' }, frame.svg);
  ticks.forEach((tick) => drawTick(frame, group, scale(tick), format(tick)));
  return scale;
}

/** Labels of groups below a chart: straight if they fit, else slanted, and not more than fit. Sets frame.bottom. */
export function planLabels(frame: Frame, labels: string[], room: number): { isSlanted: boolean; every: number; width: number } {
  const step = room / Math.max(1, labels.length);
  const widest = Math.max(0, ...labels.map((label) => widthOf(label, TEXT)));
  if (widest <= step - 8) {
    frame.bottom = 30;
    return { isSlanted: false, every: 1, width: step };
  }
  const isShort = widest < 56; // numbers, hours, years: some are left out rather than slanted
  if (isShort) {
    frame.bottom = 30;
    return { isSlanted: false, every: Math.ceil((widest + 10) / step), width: widest + 1 };
  }
  const width = Math.min(widest, 120, frame.height * 0.35);
  frame.bottom = width * 0.71 + 24;
  return { isSlanted: true, every: Math.max(1, Math.ceil(18 / step)), width };
}

export function drawLabels(
  frame: Frame, labels: string[], at: (place: number) => number, plan: { isSlanted: boolean; every: number; width: number },
): void {
  const group = make('g', { class: 'axis' }, frame.svg);
  const y = frame.height - frame.bottom;
  labels.forEach((label, place) => {
    if (place % plan.every) {
      return;
    }
    const x = frame.at(at(place));
    const text = fit(label, plan.width, TEXT);
    make('text', plan.isSlanted
      ? { transform: `translate(${x + (frame.isRtl ? -4 : 4)} ${y + 14}) rotate(${frame.isRtl ? 45 : -45})`, 'text-anchor': 'end' }
      : { x, y: y + 19, 'text-anchor': 'middle' }, group, text);
  });
}
