// What the charts use of d3, which brings no types of its own.
declare module 'd3-scale' {
  export interface Linear {
    (value: number): number;
    invert(position: number): number;
    domain(): number[];
    domain(values: number[]): this;
    range(values: number[]): this;
    nice(count?: number): this;
    ticks(count?: number): number[];
  }
  export interface Time {
    (value: number): number;
    domain(values: number[]): this;
    range(values: number[]): this;
    ticks(count?: number): Date[];
  }
  export interface Band {
    (value: number): number | undefined;
    domain(values: number[]): this;
    range(values: number[]): this;
    padding(share: number): this;
    paddingInner(share: number): this;
    paddingOuter(share: number): this;
    bandwidth(): number;
    step(): number;
  }
  export function scaleLinear(): Linear;
  export function scaleUtc(): Time;
  export function scaleBand(): Band;
}

declare module 'd3-shape' {
  export interface Path<Item> {
    (items: Item[]): string | null;
    defined(test: (item: Item) => boolean): this;
    x(of: (item: Item) => number): this;
    y(of: (item: Item) => number): this;
    y0(of: (item: Item) => number): this;
    y1(of: (item: Item) => number): this;
  }
  export function line<Item>(): Path<Item>;
  export function area<Item>(): Path<Item>;
  export interface Slice { startAngle: number; endAngle: number; padAngle?: number }
  export interface Arc {
    (slice: Slice): string | null;
    innerRadius(radius: number): this;
    outerRadius(radius: number): this;
    centroid(slice: Slice): [number, number];
  }
  export function arc(): Arc;
  export interface Pie {
    (values: number[]): Slice[];
    sort(order: null): this;
    padAngle(angle: number): this;
  }
  export function pie(): Pie;
}

declare module 'd3-hierarchy' {
  export interface Node<Item> {
    data: Item;
    depth: number;
    x0: number;
    y0: number;
    x1: number;
    y1: number;
    parent: Node<Item> | null;
    children?: Node<Item>[];
    value?: number;
    leaves(): Node<Item>[];
    sum(of: (item: Item) => number): this;
  }
  export function hierarchy<Item>(root: Item, children: (item: Item) => Item[] | undefined): Node<Item>;
  export interface Layout<Item> {
    (root: Node<Item>): Node<Item>;
    size(size: [number, number]): this;
    paddingInner(pixels: number): this;
    paddingTop(of: (node: Node<Item>) => number): this;
    round(on: boolean): this;
  }
  export function treemap<Item>(): Layout<Item>;
}
