// The table of a chart as numbers: what the script knows, it reads in the page.

export type Kind = 'bar' | 'horizontal' | 'line' | 'area' | 'pie' | 'scatter' | 'histogram' | 'treemap';

export interface Row {
  label: string;
  value: string;
  start: number; // of a time in milliseconds, of a range, of a number; NaN: none
  end: number;
  isOther: boolean;
}

export interface Series {
  label: string;
  place: number; // of its colour; -1: the rest
  values: (number | null)[]; // by row
  texts: string[];
  isHidden: boolean;
}

export interface Point {
  x: number;
  y: number;
  series: number;
  label: string;
  text: string;
}

export interface Model {
  kind: Kind;
  title: string;
  summary: string;
  source: string;
  name: string;
  hint: string;
  share: string;
  legend: string;
  xLabel: string;
  yLabel: string;
  bucket: string;
  xKind: string; // text, time, range, number
  stacking: string;
  isAmounts: boolean; // counts and sums, which begin at 0
  rows: Row[];
  series: Series[];
  points: Point[];
  number: Intl.NumberFormat;
  short: Intl.NumberFormat;
  lang: string;
  isRtl: boolean;
}

/** Milliseconds of a local time, as if it were UTC; NaN: none. */
export function readTime(text: string): number {
  const match = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?/.exec(text);
  if (!match) {
    return NaN;
  }
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00'] = match;
  const time = new Date(Date.UTC(2000, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)));
  time.setUTCFullYear(Number(year), Number(month) - 1, Number(day)); // Date.UTC takes 99 for 1999
  return time.getTime();
}

function readNumber(text: string | undefined): number {
  return text ? Number(text) : NaN;
}

function startOf(cell: HTMLElement, xKind: string): number {
  const value = cell.dataset.value ?? '';
  return xKind === 'time' ? readTime(value) : readNumber(value);
}

function textOf(element: Element): string {
  return element.textContent!.trim();
}

function makeSeries(head: HTMLElement[], body: HTMLElement[][]): Series[] {
  return head.slice(1).map((cell, column) => ({
    label: textOf(cell),
    place: cell.dataset.kind === 'other' ? -1 : column,
    values: body.map((row) => {
      const value = row[column + 1]!.dataset.value;
      return value ? Number(value) : null;
    }),
    texts: body.map((row) => textOf(row[column + 1]!)),
    isHidden: false,
  }));
}

/** Points of a scatter plot, with the series that their third cells name. */
function makePoints(head: HTMLElement[], body: HTMLElement[][], xKind: string): { points: Point[]; series: Series[] } {
  const labels = new Map<number, string>();
  const hasSeries = head.length > 2;
  const points = body.map((cells) => {
    const series = hasSeries ? Number(cells[2]!.dataset.value) : 0;
    labels.set(series, hasSeries ? textOf(cells[2]!) : textOf(head[1]!));
    return { x: startOf(cells[0]!, xKind), y: readNumber(cells[1]!.dataset.value), series, label: textOf(cells[0]!), text: textOf(cells[1]!) };
  });
  const most = Math.max(-1, ...labels.keys());
  const series = Array.from({ length: most + 1 }, (_, place) => ({
    label: labels.get(place) ?? '', place: place < 10 ? place : -1, values: [], texts: [], isHidden: false,
  }));
  return { points: points.filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y)), series };
}

export function readModel(figure: HTMLElement, table: HTMLTableElement): Model {
  const data = figure.dataset;
  const lang = document.documentElement.lang || 'en';
  const rows = [...table.tBodies[0]!.rows];
  const head = [...table.tHead!.rows[0]!.cells] as HTMLElement[];
  const xKind = head[0]!.dataset.kind ?? 'text';
  const isOnAxis = xKind !== 'text'; // where records without a value have no place
  const body = rows.filter((row) => !(isOnAxis && 'missing' in row.dataset)).map((row) => [...row.cells] as HTMLElement[]);
  const isScatter = data.chart === 'scatter';
  const { points, series } = isScatter ? makePoints(head, body, xKind) : { points: [], series: makeSeries(head, body) };
  return {
    kind: data.chart as Kind,
    title: data.title!, summary: data.summary!, source: data.source!, name: data.name!, hint: data.hint!, share: data.share!,
    legend: data.legend!, xLabel: data.x!, yLabel: data.y!, bucket: data.bucket!, stacking: data.stacking!, isAmounts: data.amounts !== undefined,
    xKind, points, series, lang,
    rows: isScatter ? [] : body.map(([cell]) => ({
      label: textOf(cell!),
      value: cell!.dataset.value ?? '',
      start: startOf(cell!, xKind),
      end: readNumber(cell!.dataset.end),
      isOther: 'other' in (cell!.parentElement as HTMLElement).dataset,
    })),
    number: new Intl.NumberFormat(lang, { maximumSignificantDigits: 4 }),
    short: new Intl.NumberFormat(lang, { notation: 'compact', maximumSignificantDigits: 3 }),
    isRtl: document.documentElement.dir === 'rtl',
  };
}
