// The console of the API: the answer follows while somebody types, and ODSQL is completed.
import { Completion, Suggestion } from './completion';
import { indentJson } from './json_text';

const PAUSE = 350; // milliseconds without a key
const SHOWN_MOST = 100 * 1024;
const VALUES_MOST = 50;

interface Field { name: string; label: string; type: string; facet: boolean }
interface Function extends Record<string, unknown> { name: string; label: string }

const root = document.getElementById('console');
const form = document.getElementById('console-form') as HTMLFormElement | null;
const byId = (id: string): HTMLElement => document.getElementById(id)!;

/* ---- the question ---- */

const PATHS: Record<string, (own: FormData) => string> = {
  records: () => '/records',
  record: (own) => `/records/${encodeURIComponent(String(own.get('p.record_id') ?? ''))}`,
  facets: () => '/facets',
  dataset: () => '',
  attachments: () => '/attachments',
  export: (own) => `/exports/${encodeURIComponent(String(own.get('p.format') ?? ''))}`,
};

function addressOf(base: string, endpoint: string, own: HTMLFormElement): string {
  const data = new FormData(own);
  const query = new URLSearchParams();
  for (const [name, value] of data) {
    if (!name.startsWith('p.') || name === 'p.record_id' || name === 'p.format') continue;
    const isLines = own.elements.namedItem(name) instanceof HTMLTextAreaElement;
    const values = isLines ? String(value).split('\n').map((line) => line.trim()) : [String(value)];
    values.filter(Boolean).forEach((one) => query.append(name.slice(2), one));
  }
  const text = query.toString().replace(/\+/g, '%20');
  return base + PATHS[endpoint](data) + (text && `?${text}`);
}

/* ---- the answer ---- */

function wordsOf(own: HTMLElement, status: number): string {
  const { good, refused, absent, other } = own.dataset;
  return `${status} · ${status === 200 ? good : status === 400 ? refused : status === 404 ? absent : other}`;
}

function sizeOf(bytes: number): string {
  const [number, unit] = bytes < 1000 ? [bytes, 'byte'] : bytes < 1e6 ? [bytes / 1000, 'kilobyte'] : [bytes / 1e6, 'megabyte'];
  return new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit, maximumSignificantDigits: 3 }).format(number);
}

/** What is wrong in words of the page's language, which the page itself has for the same question. */
let explaining: XMLHttpRequest | undefined;

function explain(own: HTMLFormElement): void {
  const request = new XMLHttpRequest();
  explaining = request;
  request.open('GET', `${own.action}?${new URLSearchParams(new FormData(own) as unknown as Record<string, string>)}`);
  request.responseType = 'document';
  request.onloadend = () => {
    const fault = request.response?.getElementById('console-fault');
    if (explaining === request && fault) {
      byId('console-fault').replaceChildren(...fault.childNodes);
      byId('console-fault').hidden = fault.hidden;
    }
  };
  request.send();
}

/** Shows a fault and marks the clause that the API names: "error(s): NAME". */
function showFault(own: HTMLFormElement, message: string): void {
  const name = /containing the error\(s\): (\w+)/.exec(message)?.[1];
  const input = name ? own.elements.namedItem(`p.${name}`) : null;
  explaining?.abort();
  explaining = undefined;
  own.querySelectorAll('[aria-invalid]').forEach((element) => element.removeAttribute('aria-invalid'));
  byId('console-fault').hidden = true;
  if (input instanceof HTMLInputElement) input.setAttribute('aria-invalid', 'true');
  if (message) explain(own);
}

function showAnswer(own: HTMLElement, request: XMLHttpRequest, began: number): void {
  const milliseconds = Math.max(1, Math.round(performance.now() - began));
  const { text, isCut } = indentJson(request.responseText, SHOWN_MOST);
  const tag = document.createElement('span');
  tag.className = `tag ${request.status === 200 ? 'success' : 'danger'}`;
  tag.textContent = request.status ? wordsOf(own, request.status) : own.dataset.offline!;
  const bytes = new TextEncoder().encode(request.responseText).length;
  byId('console-status').replaceChildren(tag, request.status ? ` ${milliseconds} ${own.dataset.milliseconds} · ${sizeOf(bytes)}` : '');
  byId('console-text').textContent = text;
  byId('console-cut').hidden = !isCut;
  let message = '';
  if (request.status === 400) {
    try {
      message = JSON.parse(request.responseText).message ?? '';
    } catch { /* not an error of the API */ }
  }
  showFault(form!, message);
}

/* ---- live ---- */

let timer = 0;
let running: XMLHttpRequest | undefined;

function ask(own: HTMLElement, address: string): void {
  running?.abort();
  const request = new XMLHttpRequest();
  const began = performance.now();
  running = request;
  request.open('GET', address);
  byId('console-text').setAttribute('aria-busy', 'true');
  request.onloadend = () => {
    if (running === request) {
      byId('console-text').removeAttribute('aria-busy');
      showAnswer(own, request, began);
    }
  };
  request.send();
}

/** The base as this browser reaches it: pages may name the portal by another address. */
function baseOf(own: HTMLElement): string {
  return new URL(own.dataset.api!).pathname;
}

function follow(own: HTMLElement): void {
  const endpoint = own.dataset.endpoint!;
  const address = addressOf(own.dataset.api!, endpoint, form!);
  const link = byId('console-address') as HTMLAnchorElement;
  link.href = address;
  link.textContent = address;
  byId('console-curl').textContent = `curl '${address.replace(/'/g, '%27')}'`;
  own.querySelectorAll<HTMLAnchorElement>('a[download]').forEach((one) => { one.href = address; });
  const isComplete = endpoint !== 'export' && (endpoint !== 'record' || (form!.elements.namedItem('p.record_id') as HTMLInputElement).value.trim());
  if (isComplete) {
    ask(own, addressOf(baseOf(own), endpoint, form!));
  }
}

/* ---- completion ---- */

const words: Record<string, string[]> = {
  select: ['as'],
  where: ['and', 'or', 'not', 'in', 'like', 'is null', 'is not null', 'between'],
  group_by: ['as'],
  order_by: ['asc', 'desc'],
};
const values = new Map<string, Promise<string[]>>();

function valuesOf(own: HTMLElement, field: string): Promise<string[]> {
  let known = values.get(field);
  if (!known) {
    known = new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open('GET', `${baseOf(own)}/facets?facet=${encodeURIComponent(field)}`);
      request.responseType = 'json';
      request.onloadend = () => {
        const list = request.response?.facets?.[0]?.facets ?? [];
        resolve(list.slice(0, VALUES_MOST).map((value: { value: string }) => value.value));
      };
      request.send();
    });
    values.set(field, known);
  }
  return known;
}

const escape = (text: string): string => text.replace(/["\\]/g, '\\$&');

async function suggest(own: HTMLElement, fields: Field[], functions: Function[], clause: string,
  text: string, caret: number): Promise<{ from: number; items: Suggestion[] }> {
  const before = text.slice(0, caret);
  const quoted = /(`[^`]+`|[\w.]+)\s*(?:!?=|:|<>|\blike\b|\bin\s*\((?:\s*"[^"]*"\s*,)*)\s*"([^"]*)$/i.exec(before);
  if (quoted) {
    const field = fields.find((one) => one.name === quoted[1] && one.facet);
    const typed = quoted[2].toLowerCase();
    const list = field ? await valuesOf(own, field.name) : [];
    const items = list.filter((value) => value.toLowerCase().includes(typed))
      .map((value) => ({ text: `"${escape(value)}"`, label: field!.label }));
    return { from: caret - quoted[2].length - 1, items };
  }
  const isInQuotes = (before.match(/"/g) ?? []).length % 2 === 1;
  const word = /[\p{L}\p{N}_`.]*$/u.exec(before)![0];
  if (isInQuotes || !word) {
    return { from: caret, items: [] };
  }
  const start = word.toLowerCase().replace(/^`/, '');
  const starts = (one: string): number => one.toLowerCase().replace(/^`/, '').startsWith(start) ? 0
    : one.toLowerCase().includes(start) ? 1 : 2;
  const all: Suggestion[] = [
    ...fields.map(({ name, label, type }) => ({ text: name, label: label === name ? type : `${label} · ${type}` })),
    ...functions.filter((one) => one[clause]).map(({ name, label }) => ({ text: `${name}()`, label, caret: -1 })),
    ...words[clause].map((one) => ({ text: one, label: '' })),
  ];
  const items = all.filter(({ text: one }) => starts(one) < 2 && one !== word)
    .sort((a, b) => starts(a.text) - starts(b.text));
  return { from: caret - word.length, items };
}

/* ---- beginning ---- */

if (root && form) {
  const fields: Field[] = JSON.parse(root.dataset.fields!);
  const functions: Function[] = JSON.parse(root.dataset.functions!);
  form.querySelectorAll<HTMLInputElement>('input[data-clause]').forEach((input) => {
    const clause = input.dataset.clause!;
    new Completion(input, (text, caret) => suggest(root, fields, functions, clause, text, caret), root.dataset.suggestions!);
  });
  const later = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => follow(root), PAUSE);
  };
  form.addEventListener('input', later);
  form.addEventListener('change', later);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    clearTimeout(timer);
    follow(root);
  });
}
