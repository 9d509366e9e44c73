// The map of a dataset's records: the portal's own tiles on the portal's own base map.
import { Map as LibraryMap, setWorkerUrl } from 'maplibre-gl';
import type { MapGeoJSONFeature, MapMouseEvent } from 'maplibre-gl';
import { Card } from './map/card';
import { coloringBy, plainColoring } from './map/coloring';
import type { Coloring } from './map/coloring';
import { Island } from './map/island';
import { readPalette } from './map/palette';
import { answering, makeStyle } from './map/style';

const CELL = 1 / 64; // of a tile's edge, in which many points are counted
const CLOSEST = 20;
const LISTED = 50;
const PADDING = 40;
const CONTROLS = 72; // their column, at the end of the line: no place may lie under it

const reduced = matchMedia('(prefers-reduced-motion: reduce)');
const dark = matchMedia('(prefers-color-scheme: dark)');
const contrast = matchMedia('(prefers-contrast: more)');

type Box = [number, number, number, number]; // west, south, east, north

const rounded = (value: number): string => String(Math.round(value * 1e6) / 1e6);
const wrapped = (longitude: number): number =>
  longitude === 180 ? 180 : longitude - 360 * Math.floor((longitude + 180) / 360);
const mercator = (latitude: number): number => Math.log(Math.tan(Math.PI / 4 + latitude * Math.PI / 360));
const latitudeOf = (y: number): number => (2 * Math.atan(Math.exp(y)) - Math.PI / 2) * 180 / Math.PI;

const pointOf = (feature: MapGeoJSONFeature): [number, number] =>
  (feature.geometry as unknown as { coordinates: [number, number] }).coordinates;

/** in_bbox(field, south, west, north, east): with west beyond east it reaches across 180 degrees. */
function boxCondition(field: string, [west, south, east, north]: Box): string {
  const all = east - west >= 360 ? [-180, 180] : [wrapped(west), wrapped(east)];
  return `in_bbox(\`${field}\`, ${rounded(Math.max(-90, south))}, ${rounded(all[0]!)}, ${rounded(Math.min(90, north))}, ${rounded(all[1]!)})`;
}

class RecordsMap {
  private readonly island: Island;
  private readonly canvas: HTMLElement;
  private readonly card: Card;
  private readonly select: HTMLSelectElement;
  private map!: LibraryMap;
  private coloring: Coloring;
  private chosen: string | undefined;
  private listed = '';
  private credit: string | undefined;

  constructor(root: HTMLElement) {
    this.island = new Island(root);
    this.canvas = this.island.part('canvas');
    this.select = this.island.part<HTMLSelectElement>('color');
    this.card = new Card(this.island, () => this.choose(undefined));
    this.coloring = plainColoring(this.island, readPalette(root));
  }

  async start(): Promise<void> {
    const [bounds] = await Promise.all([this.bounds(), this.readColoring()]);
    this.map = new LibraryMap({
      container: this.canvas,
      style: this.style(),
      bounds: bounds ?? [-170, -60, 170, 75],
      fitBoundsOptions: { padding: this.padding(), maxZoom: 14 },
      attributionControl: false,
      transformRequest: (url) => ({ url, credentials: this.island.credentials as 'same-origin' }), // 'omit' as well
      maxZoom: 22,
      maxPitch: 0,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      rollEnabled: false,
      fadeDuration: reduced.matches ? 0 : 200,
      cooperativeGestures: false,
      locale: { 'Map.Title': `${this.canvas.dataset.title}: ${this.canvas.dataset.textCanvas}` },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.listen();
    this.showLegend();
  }

  // ---- what is drawn ----

  private tiles(): string {
    const color = this.select.value;
    const names = new Set([color, this.island.label].filter(Boolean));
    const parameters = this.island.parameters({ field: this.island.field });
    names.forEach((name) => parameters.append('property', name));
    return `${this.island.api}/tiles/{z}/{x}/{y}.mvt?${parameters}`;
  }

  private style() {
    const option = this.island.root.querySelector<HTMLSelectElement>('[data-map-base]')?.selectedOptions[0];
    const credit = this.island.part('credit');
    this.credit ??= credit.textContent ?? '';
    credit.textContent = option?.dataset.attribution ?? this.credit;
    if (option?.dataset.tiles) {
      const pictures = { tiles: option.dataset.tiles, zoom: Number(option.dataset.zoom) };
      return makeStyle(readPalette(this.island.root), this.coloring, this.island.language, pictures, this.tiles());
    }
    const base = new URL(this.island.root.dataset.basemap!.replace(/[{}]/g, (brace) => brace === '{' ? '(' : ')'), location.href)
      .href.replace(/\(/g, '{').replace(/\)/g, '}');
    return makeStyle(readPalette(this.island.root), this.coloring, this.island.language, base, this.tiles());
  }

  private async readColoring(): Promise<void> {
    const palette = readPalette(this.island.root);
    const field = this.island.fieldNamed(this.select.value);
    try {
      this.coloring = field ? await coloringBy(this.island, field, palette) : plainColoring(this.island, palette);
    } catch {
      this.coloring = plainColoring(this.island, palette);
      this.say('failed');
    }
  }

  private async redraw(): Promise<void> {
    await this.readColoring();
    this.map.setStyle(this.style(), { diff: true });
    this.showLegend();
  }

  private showLegend(): void {
    const list = document.createElement('ul');
    for (const { color, label } of this.coloring.rows) {
      const item = document.createElement('li');
      const mark = document.createElement('span');
      mark.className = 'map-swatch';
      mark.style.backgroundColor = color;
      item.append(mark, document.createTextNode(label));
      list.append(item);
    }
    this.island.part('legend').replaceChildren(list);
  }

  private async boxOf(where: string[] = []): Promise<Box | undefined> {
    const answer = await this.island.ask('records', { select: `bbox(\`${this.island.field}\`) as box`, limit: '1' }, where);
    const ring: [number, number][] = answer.results?.[0]?.box?.geometry?.coordinates?.[0] ?? [];
    if (ring.length === 0) {
      return undefined;
    }
    const xs = ring.map(([x]) => x);
    const ys = ring.map(([, y]) => Math.max(-85, Math.min(85, y)));
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  }

  /** The smallest box around the records that the filter leaves, across 180 degrees where that is the shorter way. */
  private async bounds(): Promise<Box | undefined> {
    try {
      const whole = await this.boxOf();
      if (!whole || whole[2] - whole[0] <= 180) {
        return whole;
      }
      const [east, west] = await Promise.all([[0, -90, 180, 90], [-180, -90, 0, 90]].map((half) =>
        this.boxOf([boxCondition(this.island.field, half as Box)]).catch(() => undefined)));
      return east && west && west[2] + 360 - east[0] < whole[2] - whole[0]
        ? [east[0], whole[1], west[2] + 360, whole[3]] : whole;
    } catch {
      return undefined;
    }
  }

  /** Links and forms of the dataset's pages lead on with the colours that are chosen here. */
  private keepColor(): void {
    const [base] = /^\/explore\/dataset\/[^/]+\/(version\/\d+\/)?/.exec(location.pathname) ?? [];
    if (!base) return;
    document.querySelectorAll<HTMLAnchorElement>('main a[href]').forEach((link) => {
      const address = new URL(link.href);
      if (address.origin !== location.origin || !address.pathname.startsWith(base) || link.hasAttribute('download')) return;
      this.select.value ? address.searchParams.set('color', this.select.value) : address.searchParams.delete('color');
      link.href = address.href;
    });
    document.querySelectorAll<HTMLFormElement>('main form').forEach((form) => {
      if (form.contains(this.select) || !form.getAttribute('action')?.startsWith(base)) return;
      form.querySelectorAll('input[name="color"]').forEach((input) => input.remove());
      if (this.select.value) {
        const input = document.createElement('input');
        Object.assign(input, { type: 'hidden', name: 'color', value: this.select.value });
        form.append(input);
      }
    });
  }

  /** The code of a frame has the colours that are chosen here. */
  private recode(): void {
    const code = document.getElementById('embed-code');
    const address = /src="([^"]*)"/.exec(code?.textContent ?? '')?.[1];
    if (code && address) {
      const changed = new URL(address.split('&amp;').join('&'));
      this.select.value ? changed.searchParams.set('color', this.select.value) : changed.searchParams.delete('color');
      code.textContent = code.textContent!.replace(address, () => changed.href.split('&').join('&amp;'));
    }
  }

  private say(name: string): void {
    const note = this.island.part('note');
    note.textContent = note.getAttribute(`data-text-${name}`);
    note.hidden = false;
    setTimeout(() => { note.hidden = true; }, 8000);
  }

  // ---- what people do ----

  private listen(): void {
    const { map, island } = this;
    map.on('click', (event) => this.click(event));
    map.on('mousemove', (event) => this.point(event));
    map.on('mouseout', () => { island.part('tip').hidden = true; });
    map.on('movestart', () => { island.part('tip').hidden = true; });
    map.on('error', (event) => {
      if ((event as { sourceId?: string }).sourceId) {
        this.say('failed');
      }
    });
    map.on('idle', () => this.follow());
    island.root.querySelectorAll<HTMLElement>('[data-map-zoom]').forEach((button) =>
      button.addEventListener('click', () => map.zoomTo(map.getZoom() + Number(button.dataset.mapZoom))));
    island.part('fit').addEventListener('click', () => this.fit());
    island.optional('locate')?.addEventListener('click', () => this.locate());
    this.listenFull();
    this.select.addEventListener('change', () => {
      const address = new URL(location.href);
      this.select.value ? address.searchParams.set('color', this.select.value) : address.searchParams.delete('color');
      history.replaceState(null, '', address);
      this.keepColor();
      this.recode();
      void this.redraw();
    });
    island.root.querySelector<HTMLSelectElement>('[data-map-base]')?.addEventListener('change', (event) => {
      const { value } = event.currentTarget as HTMLSelectElement;
      const address = new URL(location.href);
      value ? address.searchParams.set('base', value) : address.searchParams.delete('base');
      history.replaceState(null, '', address);
      void this.redraw();
    });
    [dark, contrast].forEach((query) => query.addEventListener('change', () => this.redraw()));
  }

  private padding(): { top: number; bottom: number; left: number; right: number } {
    const isRightToLeft = getComputedStyle(this.canvas).direction === 'rtl';
    return {
      top: PADDING,
      bottom: PADDING,
      left: isRightToLeft ? CONTROLS : PADDING,
      right: isRightToLeft ? PADDING : CONTROLS,
    };
  }

  private async fit(): Promise<void> {
    const bounds = await this.bounds();
    if (bounds) {
      this.map.fitBounds(bounds, { padding: this.padding(), maxZoom: 14 });
    }
  }

  private locate(): void {
    navigator.geolocation?.getCurrentPosition(
      ({ coords }) => this.map.easeTo({ center: [coords.longitude, coords.latitude], zoom: Math.max(12, this.map.getZoom()) }),
      () => this.say('lost'), { maximumAge: 60000, timeout: 10000 });
  }

  private listenFull(): void {
    const frame = this.island.part('frame');
    const button = this.island.part('full');
    button.hidden = !document.fullscreenEnabled;
    button.addEventListener('click', () =>
      void (document.fullscreenElement ? document.exitFullscreen() : frame.requestFullscreen()));
    document.addEventListener('fullscreenchange', () =>
      button.setAttribute('aria-pressed', String(document.fullscreenElement === frame)));
  }

  private featureAt({ point }: MapMouseEvent): MapGeoJSONFeature | undefined {
    const layers = answering.filter((id) => this.map.getLayer(id));
    const found = this.map.queryRenderedFeatures([[point.x - 4, point.y - 4], [point.x + 4, point.y + 4]], { layers });
    const points = found.filter((feature) => feature.geometry.type === 'Point');
    const near = (feature: MapGeoJSONFeature): number => {
      const place = this.map.project(pointOf(feature));
      return Math.hypot(place.x - point.x, place.y - point.y);
    };
    return points.sort((a, b) => near(a) - near(b))[0] ?? found[0];
  }

  /** What the pointer is over: its name and the value that colours it, or how many records. */
  private point(event: MapMouseEvent): void {
    const feature = this.featureAt(event);
    const tip = this.island.part('tip');
    this.map.getCanvas().style.cursor = feature ? 'pointer' : '';
    tip.hidden = !feature;
    if (!feature) {
      return;
    }
    const { _count: count, ...values } = feature.properties;
    const field = this.island.fieldNamed(this.select.value);
    const value = field && values[field.name];
    const shown = typeof value === 'number' ? this.island.number(value) : value;
    const name = count > 1 ? `${this.island.text('records')} ${this.island.number(count)}` : values[this.island.label] ?? '';
    tip.textContent = [name, shown === undefined || field?.name === this.island.label ? '' : `${field!.label}: ${shown}`]
      .filter(Boolean).join(' · ');
    tip.hidden = tip.textContent === '';
    const isFar = event.point.x > this.canvas.clientWidth / 2;
    tip.style.transform = `translate(${event.point.x}px, ${event.point.y}px) translate(${isFar ? 'calc(-100% - 12px)' : '12px'}, 12px)`;
  }

  private click(event: MapMouseEvent): void {
    const feature = this.featureAt(event);
    feature ? void this.open(feature, false) : this.card.close();
  }

  private choose(id: string | undefined): void {
    const source = { source: 'records', sourceLayer: 'records' };
    if (this.chosen) {
      this.map.setFeatureState({ ...source, id: this.chosen }, { chosen: false });
    }
    if (id) {
      this.map.setFeatureState({ ...source, id }, { chosen: true });
    }
    this.chosen = id;
  }

  private async open(feature: MapGeoJSONFeature, takesFocus: boolean): Promise<void> {
    const { _id: id, _count: count } = feature.properties;
    try {
      if (id) {
        this.choose(id);
        await this.card.record(id, takesFocus);
        this.uncover(feature);
        return;
      }
      this.choose(undefined);
      const place = pointOf(feature);
      if ((count ?? 1) > 1 && this.map.getZoom() < CLOSEST) {
        this.map.easeTo({ center: place, zoom: Math.min(CLOSEST, this.map.getZoom() + 2.5) });
        return;
      }
      await this.card.place(boxCondition(this.island.field, this.cellAround(place)), count ?? 1, takesFocus);
    } catch {
      this.say('failed');
    }
  }

  /** Moves the map until its point is beside the card. */
  private uncover(feature: MapGeoJSONFeature): void {
    if (feature.geometry.type !== 'Point') {
      return;
    }
    const place = this.map.project(pointOf(feature));
    const frame = this.canvas.getBoundingClientRect();
    const card = this.island.part('card').getBoundingClientRect();
    const [x, y] = [frame.left + place.x, frame.top + place.y];
    const isCovered = x > card.left - 12 && x < card.right + 12 && y > card.top - 12 && y < card.bottom + 12;
    if (isCovered) {
      const isBelow = card.width > frame.width * 0.8;
      const isLeft = card.left - frame.left < frame.right - card.right;
      this.map.panBy(isBelow ? [0, y - card.top + 40] : [isLeft ? x - card.right - 40 : x - card.left + 40, 0]);
    }
  }

  /** The cell of the grid that a point was counted in. */
  private cellAround([longitude, latitude]: [number, number]): Box {
    const edge = CELL / 2 ** Math.floor(this.map.getZoom()); // of the whole map
    const x = Math.floor((longitude + 180) / 360 / edge) * edge;
    const y = Math.floor((0.5 + mercator(latitude) / (2 * Math.PI)) / edge) * edge;
    const north = (share: number): number => latitudeOf((share - 0.5) * 2 * Math.PI);
    return [x * 360 - 180, north(y), (x + edge) * 360 - 180, north(y + edge)];
  }

  // ---- what follows the view ----

  private follow(): void {
    const bounds = this.map.getBounds();
    const address = new URL(this.island.page, location.href);
    const now = new URLSearchParams(location.search);
    const beginning = `in_bbox(\`${this.island.field}\`,`;
    now.delete('page');
    now.forEach((value, name) => {
      if (!(name === 'where' && value.startsWith(beginning))) {
        address.searchParams.append(name, value);
      }
    });
    const box: Box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    address.searchParams.append('where', boxCondition(this.island.field, box));
    this.island.part<HTMLAnchorElement>('extent').href = address.href;
    this.listView();
  }

  private listView(): void {
    const single = new Map<string, MapGeoJSONFeature>();
    const layers = answering.filter((id) => this.map.getLayer(id));
    for (const feature of this.map.queryRenderedFeatures({ layers })) {
      const id = feature.properties._id;
      if (id && !single.has(id) && single.size < LISTED) {
        single.set(id, feature);
      }
    }
    const list = this.island.part('view-list');
    const ids = [...single.keys()].sort().join();
    if (ids === this.listed) {
      return; // whoever is in the list stays where he is
    }
    this.listed = ids;
    const focused = list.contains(document.activeElement) ? document.activeElement?.getAttribute('data-id') : undefined;
    list.replaceChildren(...[...single].map(([id, feature]) => {
      const item = document.createElement('li');
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'link-button';
      button.dataset.id = id;
      button.textContent = String(feature.properties[this.island.label] ?? id.slice(0, 8));
      button.addEventListener('click', () => void this.open(feature, true));
      item.append(button);
      return item;
    }));
    if (focused) {
      list.querySelector<HTMLElement>(`[data-id="${focused}"]`)?.focus();
    }
    this.island.part('view-count').textContent = single.size ? `(${single.size}${single.size === LISTED ? '+' : ''})` : '';
    this.island.part('view-empty').hidden = single.size > 0;
  }
}

function hasWebgl(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null;
}

const root = document.querySelector<HTMLElement>('[data-map]');
if (root) {
  if (hasWebgl()) {
    root.hidden = false;
    document.querySelector('[data-map-places]')?.removeAttribute('open');
    setWorkerUrl(new URL(root.dataset.worker!, location.href).href);
    void new RecordsMap(root).start();
  } else {
    document.querySelector<HTMLElement>('[data-map-missing]')!.hidden = false;
  }
}
document.querySelector<HTMLFormElement>('[data-map-fields]')?.addEventListener('change', (event) =>
  (event.currentTarget as HTMLFormElement).submit());
