// What the page tells the map (tpl/front/map.html), and how it asks the portal.

export interface Field {
  name: string;
  label: string;
  type: string;
  unit: string;
}

// Answers of the API are of any form.
export type Answer = any;

export class Island {
  readonly api: string;
  readonly page: string;
  readonly records: string;
  private readonly recordQuery: string;
  readonly query: string;
  readonly field: string;
  readonly kind: string;
  readonly label: string;
  readonly language: string;
  readonly fields: Field[];
  private readonly legend: HTMLElement;
  private readonly format: Intl.NumberFormat;

  constructor(readonly root: HTMLElement) {
    const data = root.dataset;
    this.api = new URL(data.api!, location.href).href;
    this.page = data.page!;
    this.records = data.records!;
    this.recordQuery = data.recordQuery!;
    this.query = data.query!;
    this.field = data.field!;
    this.kind = data.kind!;
    this.label = data.label!;
    this.fields = JSON.parse(data.fields!);
    this.language = document.documentElement.lang;
    this.legend = this.part('legend');
    this.format = new Intl.NumberFormat(this.language, { maximumSignificantDigits: 6 });
  }

  /** An element of the page's markup by its attribute data-map-…. */
  part<T extends HTMLElement = HTMLElement>(name: string): T {
    return this.root.querySelector<T>(`[data-map-${name}]`)!;
  }

  /** What only the page of the portal has, not a frame of another site. */
  optional<T extends HTMLElement = HTMLElement>(name: string): T | null {
    return this.root.querySelector<T>(`[data-map-${name}]`);
  }

  recordAddress(id: string): string {
    return this.records + id + this.recordQuery;
  }

  /** A text in the visitor's language. */
  text(name: string): string {
    return this.legend.getAttribute(`data-text-${name}`) ?? '';
  }

  number(value: number): string {
    return this.format.format(value);
  }

  fieldNamed(name: string): Field | undefined {
    return this.fields.find((field) => field.name === name);
  }

  /** A frame of another site shows what everybody sees, whoever is signed in. */
  get credentials(): RequestCredentials {
    return document.body.classList.contains('embed-page') ? 'omit' : 'same-origin';
  }

  /** The filter of the page as parameters of the API, with others. */
  parameters(more: Record<string, string> = {}, where: string[] = []): URLSearchParams {
    const all = new URLSearchParams(this.query);
    all.delete('order_by');
    where.forEach((condition) => all.append('where', condition));
    Object.entries(more).forEach(([name, value]) => all.set(name, value));
    return all;
  }

  /** An answer of the API about the records that the filter leaves. */
  async ask(path: string, more: Record<string, string> = {}, where: string[] = []): Promise<Answer> {
    const response = await fetch(`${this.api}/${path}?${this.parameters(more, where)}`, { credentials: this.credentials });
    if (!response.ok) {
      throw new Error(String(response.status));
    }
    return response.json();
  }
}
