// Files chosen or dropped are sent in pieces by tus. One that was begun before, here or on another machine, goes on
// where it stopped: the server knows it by name, size and time of change.
import BaseUpload from 'tus-js-client/lib.esm/upload.js';
import NoopUrlStorage from 'tus-js-client/lib.esm/noopUrlStorage.js';
import HttpStack from 'tus-js-client/lib.esm/browser/httpStack.js';
import FileReader from 'tus-js-client/lib.esm/browser/fileReader.js';
import type { UploadOptions } from 'tus-js-client';
import { fetchDocument, takeParts } from '../document';

const PIECE = 8 << 20; // bytes
const AT_ONCE = 2; // uploads
const RETRIES = [0, 1000, 3000, 5000, 10000, 20000, 30000]; // milliseconds

interface Known {
  address: string;
  name: string;
  bytes: number;
  last_modified: number;
  is_finished: boolean;
  is_own: boolean;
}

interface Item {
  file: File;
  line: HTMLLIElement;
  state: HTMLElement;
  progress: HTMLProgressElement;
  pause: HTMLButtonElement;
  upload?: BaseUpload;
  status: 'waiting' | 'running' | 'paused' | 'done' | 'gone';
}

function button(text: string, name: string): HTMLButtonElement {
  const made = document.createElement('button');
  const hidden = document.createElement('span');
  made.type = 'button';
  made.className = 'button secondary small';
  made.textContent = text;
  hidden.className = 'visually-hidden';
  hidden.textContent = ` ${name}`;
  made.append(hidden);
  return made;
}

/** Changes the word of a button, and leaves the name behind it. */
function rename(made: HTMLButtonElement, text: string): void {
  made.firstChild!.textContent = text;
}

function tokenOf(form: HTMLFormElement): string {
  return (form.elements.namedItem('csrfmiddlewaretoken') as HTMLInputElement).value;
}

class Uploader {
  private readonly items: Item[] = [];
  private readonly percent = new Intl.NumberFormat(document.documentElement.lang, { style: 'percent' });
  private readonly list = document.getElementById('uploading')!;

  /** received: a file of the dataset is there; isBusy: others are still on their way. */
  constructor(private readonly form: HTMLFormElement, private readonly dataset: string,
    private readonly received: (upload: string, isBusy: boolean, count: number) => Promise<void>) {}

  private text(name: string): string {
    return this.form.dataset[name] ?? '';
  }

  /** Uploads of this dataset that the server has, finished or not. */
  private async known(): Promise<Known[]> {
    try {
      const address = `${this.text('uploads')}?dataset=${encodeURIComponent(this.dataset)}`;
      const answer = await fetch(address, { headers: { Accept: 'application/json' } });
      return answer.ok ? (await answer.json()).uploads : [];
    } catch {
      return [];
    }
  }

  async add(files: File[]): Promise<void> {
    const known = await this.known();
    for (const file of files) {
      const begun = known.find((one) => one.name === file.name && one.bytes === file.size && one.is_own &&
        !one.is_finished && one.last_modified === file.lastModified);
      this.addOne(file, begun?.address);
    }
    this.next();
  }

  private addOne(file: File, address?: string): void {
    const line = document.createElement('li');
    const name = document.createElement('span');
    const state = document.createElement('span');
    const progress = document.createElement('progress');
    const pause = button(this.text('pause'), file.name);
    const cancel = button(this.text('cancel'), file.name);
    const item: Item = { file, line, state, progress, pause, status: 'waiting' };
    name.className = 'file-name';
    name.textContent = file.name;
    state.className = 'small';
    progress.max = 1;
    progress.value = 0;
    progress.setAttribute('aria-label', file.name);
    line.append(name, progress, state, pause, cancel);
    this.list.append(line);
    this.items.push(item);
    pause.addEventListener('click', () => this.toggle(item));
    cancel.addEventListener('click', () => this.cancel(item));
    if (file.size === 0 || file.size > Number(this.text('most'))) {
      this.end(item, this.text(file.size ? 'large' : 'empty'));
      return;
    }
    item.upload = this.make(item, address);
  }

  private make(item: Item, address?: string): BaseUpload {
    const { file } = item;
    const options = {
      ...BaseUpload.defaultOptions,
      httpStack: new HttpStack(),
      fileReader: new FileReader(),
      urlStorage: new NoopUrlStorage(),
      fingerprint: () => Promise.resolve(null),
      storeFingerprintForResuming: false,
      endpoint: this.text('uploads'),
      ...(address ? { uploadUrl: address } : {}),
      chunkSize: PIECE,
      retryDelays: RETRIES,
      headers: { 'X-CSRFToken': tokenOf(this.form), Accept: 'application/json' },
      metadata: { filename: file.name, dataset: this.dataset, lastmodified: String(file.lastModified) },
      onProgress: (sent: number, total: number) => {
        item.progress.value = total ? sent / total : 0;
        item.state.textContent = this.percent.format(item.progress.value);
      },
      onSuccess: () => this.finished(item),
      onError: (error: Error) => this.failed(item, error),
    };
    return new BaseUpload(file, options as unknown as UploadOptions);
  }

  private next(): void {
    let running = this.items.filter((item) => item.status === 'running').length;
    for (const item of this.items) {
      if (item.status === 'waiting' && item.upload && running < AT_ONCE) {
        item.status = 'running';
        item.upload.start();
        running += 1;
      }
    }
  }

  private toggle(item: Item): void {
    if (item.status === 'running' || item.status === 'waiting') {
      void item.upload?.abort();
      item.status = 'paused';
      item.state.textContent = this.text('paused');
      rename(item.pause, this.text('resume'));
    } else if (item.status === 'paused') {
      item.status = 'waiting';
      rename(item.pause, this.text('pause'));
    }
    this.next();
  }

  private async cancel(item: Item): Promise<void> {
    item.status = 'gone';
    item.line.remove();
    await item.upload?.abort(true).catch(() => undefined);
    this.next();
  }

  private end(item: Item, text: string): void {
    item.status = 'gone';
    item.state.textContent = text;
    item.progress.remove();
    item.pause.remove();
  }

  private failed(item: Item, error: Error): void {
    const response = (error as unknown as { originalResponse?: { getBody(): string } }).originalResponse;
    item.status = 'paused';
    rename(item.pause, this.text('resume'));
    item.state.textContent = this.text('failed');
    try {
      const answer = JSON.parse(response!.getBody());
      item.state.textContent = answer.explanation ?? answer.message;
    } catch {
      // the network is why
    }
    this.next();
  }

  private async finished(item: Item): Promise<void> {
    item.status = 'done';
    item.line.remove();
    this.next();
    const busy = this.items.some((one) => one.status !== 'done' && one.status !== 'gone');
    await this.received(item.upload?.url?.split('/').pop() ?? '', busy, this.items.length);
  }
}

/** Calls take with what is dropped there. */
function acceptDrops(zone: HTMLElement, take: (files: FileList | null | undefined) => void): void {
  zone.addEventListener('dragover', (event) => {
    event.preventDefault();
    zone.classList.add('over');
  });
  zone.addEventListener('dragleave', () => zone.classList.remove('over'));
  zone.addEventListener('drop', (event) => {
    event.preventDefault();
    zone.classList.remove('over');
    take(event.dataTransfer?.files);
  });
}

/** Shows the new file; a single one is chosen, as there is nothing to choose. */
async function showReceived(_upload: string, isBusy: boolean, count: number): Promise<void> {
  takeParts(await fetchDocument(location.pathname), ['files']);
  const files = document.querySelectorAll('#files input[name=use]');
  if (!isBusy && files.length === 1 && count === 1) {
    (document.getElementById('files-form') as HTMLFormElement).requestSubmit();
  }
}

/** "street_lamps.csv" → "street lamps", as the server makes titles of files. */
function titleOf(name: string): string {
  return name.replace(/(?<=.)\.[^.]*$/, '').replace(/_/g, ' ').slice(0, 300);
}

async function send(address: string, token: string, fields: Record<string, string>): Promise<string> {
  const answer = await fetch(address, {
    method: 'POST',
    headers: { 'X-CSRFToken': token, Accept: 'application/json' },
    body: new URLSearchParams(fields),
  });
  if (!answer.ok) {
    throw new Error(String(answer.status));
  }
  return (await answer.json()).location;
}

/** The dashboard: files that are dropped make a dataset, named by the first one. */
export function enhanceBeginning(): void {
  const form = document.getElementById('begin') as HTMLFormElement | null;
  const zone = form?.parentElement;
  let hasBegun = false;
  if (!form || !zone) {
    return;
  }
  const begin = async (files: File[]): Promise<void> => {
    const token = tokenOf(form);
    const source = await send(form.action, token, { title: titleOf(files[0]!.name) });
    const dataset = decodeURIComponent(source.split('/')[3] ?? '');
    const uploader = new Uploader(form, dataset, async (upload, isBusy, count) => {
      if (!isBusy) {
        location.assign(count === 1 ? await send(source, token, { kind: 'upload', use: upload }) : source);
      }
    });
    await uploader.add(files);
  };
  form.querySelectorAll<HTMLElement>('.with-script').forEach((element) => { element.hidden = false; });
  acceptDrops(zone, (files) => {
    if (files?.length && !hasBegun) {
      hasBegun = true; // the next ones would be another dataset
      begin([...files]).catch(() => { location.assign(form.action); });
    }
  });
}

export function enhanceUploads(): void {
  const form = document.getElementById('uploader') as HTMLFormElement | null;
  const input = document.getElementById('file') as HTMLInputElement | null;
  const zone = document.getElementById('drop-zone');
  if (!form || !input || !zone) {
    return;
  }
  const uploader = new Uploader(form, form.dataset.dataset ?? '', showReceived);
  const take = (files: FileList | null | undefined): void => {
    if (files?.length) {
      void uploader.add([...files]);
    }
  };
  form.querySelectorAll<HTMLElement>('.with-script').forEach((element) => { element.hidden = false; });
  form.querySelectorAll<HTMLElement>('.without-script').forEach((element) => { element.hidden = true; });
  form.addEventListener('submit', (event) => event.preventDefault());
  input.addEventListener('change', () => {
    take(input.files);
    input.value = '';
  });
  acceptDrops(zone, take);
}
