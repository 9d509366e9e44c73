// The card beside the map: one record, or the records of a place.
import type { Answer, Field, Island } from './island';

const VALUES_SHOWN = 12;
const RECORDS_SHOWN = 10;
const LETTERS = 200;

function element<K extends keyof HTMLElementTagNameMap>(name: K, text = ''): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function isPlace(field: Field): boolean {
  return field.type === 'geo_point_2d' || field.type === 'geo_shape';
}

export class Card {
  private readonly root: HTMLElement;
  private readonly body: HTMLElement;
  private readonly link: HTMLAnchorElement;
  private asked = 0;
  private before: Element | null = null;

  constructor(private readonly island: Island, private readonly closed: () => void) {
    this.root = island.part('card');
    this.body = island.part('card-body');
    this.link = island.part<HTMLAnchorElement>('card-link');
    island.part('close').addEventListener('click', () => this.close());
    this.root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        this.close();
      }
    });
  }

  close(): void {
    this.asked++;
    if (this.root.hidden) {
      return;
    }
    this.root.hidden = true;
    this.closed();
    this.opener()?.focus();
  }

  /** What the focus goes back to; the list of what is in view may have been written anew meanwhile. */
  private opener(): HTMLElement | null {
    if (!(this.before instanceof HTMLElement)) return null;
    if (this.before.isConnected) return this.before;
    const id = this.before.dataset.id ?? '';
    return this.island.part('view-list').querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`)
      ?? this.island.part('view').querySelector('summary');
  }

  private open(takesFocus: boolean): void {
    if (this.root.hidden) {
      this.before = takesFocus ? document.activeElement : null;
    }
    this.root.hidden = false;
    if (takesFocus) {
      this.root.focus();
    }
  }

  private text(field: Field, value: unknown): string {
    const { language } = this.island;
    if (typeof value === 'number') {
      return field.unit ? `${this.island.number(value)} ${field.unit}` : this.island.number(value);
    }
    if (typeof value === 'boolean') {
      return this.island.text(value ? 'yes' : 'no');
    }
    if (field.type === 'datetime' && typeof value === 'string') {
      return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' }).format(new Date(value));
    }
    if (field.type === 'date' && /^\d{4}-\d\d-\d\d$/.test(String(value))) {
      return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${value}T00:00:00Z`));
    }
    const text = Array.isArray(value) ? value.join(', ') : typeof value === 'object' ? JSON.stringify(value) : String(value);
    return text.length > LETTERS ? `${text.slice(0, LETTERS)}…` : text;
  }

  private titleOf(record: Answer, fallback: string): string {
    const title = this.island.label && record[this.island.label];
    return title ? String(title).slice(0, LETTERS) : fallback;
  }

  private showRecord(id: string, record: Answer): void {
    const list = element('dl');
    list.className = 'properties';
    const filled = this.island.fields.filter((field) =>
      !isPlace(field) && field.name !== this.island.label && record[field.name] !== null && record[field.name] !== undefined);
    for (const field of filled.slice(0, VALUES_SHOWN)) {
      const row = element('div');
      row.append(element('dt', field.label || field.name), element('dd', this.text(field, record[field.name])));
      list.append(row);
    }
    this.body.replaceChildren(element('h2', this.titleOf(record, id.slice(0, 8))), ...(list.hasChildNodes() ? [list] : []));
    this.link.href = this.island.recordAddress(id);
    this.link.hidden = false;
  }

  /** Shows the record of an id; rejects when it cannot be had. */
  async record(id: string, takesFocus: boolean): Promise<void> {
    const asked = ++this.asked;
    const answer = await fetch(`${this.island.api}/records/${id}`, { credentials: this.island.credentials });
    if (!answer.ok) {
      throw new Error(String(answer.status));
    }
    const record = await answer.json();
    if (asked === this.asked) {
      this.showRecord(id, record);
      this.open(takesFocus);
    }
  }

  /** Shows the first records of a box; count: how many there are. */
  async place(condition: string, count: number, takesFocus: boolean): Promise<void> {
    const asked = ++this.asked;
    const answer = await this.island.ask('records', { limit: String(RECORDS_SHOWN), include_links: 'true' }, [condition]);
    if (asked !== this.asked) {
      return;
    }
    const records: { id: string; record: Answer }[] = answer.results.map((record: Answer) => ({
      record, id: /\/records\/([0-9a-f]{40})/.exec(record._links?.[0]?.href ?? '')?.[1] ?? '' }));
    if (records.length === 1 && answer.total_count === 1) {
      this.showRecord(records[0]!.id, records[0]!.record);
    } else {
      const list = element('ul');
      for (const { id, record } of records) {
        const link = element('a', this.titleOf(record, id.slice(0, 8)));
        link.href = this.island.recordAddress(id);
        link.target = this.link.target;
        link.rel = this.link.rel;
        const item = element('li');
        item.append(link);
        list.append(item);
      }
      const total = this.island.number(Math.max(count, answer.total_count));
      this.body.replaceChildren(element('h2', `${this.island.text('records')} ${total}`), list);
      this.link.hidden = true;
    }
    this.open(takesFocus);
  }
}
