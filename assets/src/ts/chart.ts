// Draws the chart of a page from its table (tpl/front/chart.html), and follows its form.
import { draw } from './chart/draw';
import type { Drawing } from './chart/draw';
import { readModel } from './chart/model';
import type { Model } from './chart/model';
import { makePointer } from './chart/point';
import { savePng, saveSvg } from './chart/save';
import { colour, make } from './chart/svg';
import { enhanceControls } from './controls';
import { fetchDocument, takeParts } from './document';

let watcher: ResizeObserver | undefined;

function makeLegend(model: Model, space: HTMLElement, redraw: () => void): void {
  if (model.series.length < 2) {
    return;
  }
  const list = document.createElement('ul');
  list.className = 'chart-legend';
  list.setAttribute('role', 'list');
  list.setAttribute('aria-label', model.legend);
  for (const series of model.series) {
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    button.setAttribute('aria-pressed', 'true');
    const swatch = document.createElement('span');
    swatch.className = `swatch ${colour(series.place)}`;
    const sign = make('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true', class: colour(series.place) });
    make('rect', { width: 16, height: 16, class: 'fill', fill: `url(#texture${series.place})` }, sign);
    swatch.append(sign);
    const name = document.createElement('span');
    name.textContent = series.label;
    button.append(swatch, name);
    button.addEventListener('click', () => {
      const isLast = !series.isHidden && model.series.filter((one) => !one.isHidden).length === 1;
      if (!isLast) {
        series.isHidden = !series.isHidden;
        button.setAttribute('aria-pressed', String(!series.isHidden));
        redraw();
      }
    });
    item.append(button);
    list.append(item);
  }
  space.append(list);
}

function enhanceSaving(model: Model, figure: HTMLElement, svg: SVGSVGElement): void {
  const ratio = (): number => svg.clientHeight / Math.max(1, svg.clientWidth) * (model.kind === 'horizontal' ? svg.clientWidth / 912 : 1);
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-chart-save]')) {
    button.hidden = false;
    button.addEventListener('click', () => {
      if (button.dataset.chartSave === 'svg') {
        saveSvg(model, figure, ratio());
      } else {
        void savePng(model, figure, ratio());
      }
    });
  }
}

function show(): void {
  const figure = document.getElementById('chart');
  const space = document.getElementById('chart-space');
  const table = document.getElementById('chart-data') as HTMLTableElement | null;
  watcher?.disconnect();
  if (!figure || !space || !table) {
    return;
  }
  const model = readModel(figure, table);
  const svg = make('svg', { role: 'img', tabindex: 0, 'aria-label': model.summary, 'aria-describedby': 'chart-hint', class: 'chart-drawing' });
  const hint = document.createElement('p');
  hint.id = 'chart-hint';
  hint.className = 'visually-hidden';
  hint.textContent = model.hint;
  let size = '';
  const redraw = (): void => {
    const { clientWidth, clientHeight } = svg;
    if (!clientWidth || !clientHeight) {
      return;
    }
    svg.replaceChildren();
    svg.setAttribute('viewBox', `0 0 ${clientWidth} ${clientHeight}`);
    const drawing: Drawing = draw(model, svg, clientWidth, clientHeight);
    pointer.follow(drawing);
  };
  makeLegend(model, space, redraw);
  space.append(svg, hint);
  const pointer = makePointer(model, space, svg);
  redraw();
  watcher = new ResizeObserver(() => {
    const now = `${svg.clientWidth} ${svg.clientHeight}`;
    if (now !== size) {
      size = now;
      redraw();
    }
  });
  watcher.observe(svg);
  enhanceSaving(model, figure, svg);
}

// ---- the form: each choice shows at once

let running: AbortController | undefined;

function addressOf(form: HTMLFormElement): string {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value !== '') {
      query.append(name, String(value));
    }
  }
  return `${form.getAttribute('action')}?${query}`;
}

async function follow(form: HTMLFormElement, isSent = false): Promise<void> {
  const address = addressOf(form);
  const focus = document.activeElement?.id;
  running?.abort();
  const own = new AbortController();
  running = own;
  document.getElementById('chart-result')?.setAttribute('aria-busy', 'true');
  try {
    const page = await fetchDocument(address, own.signal);
    if (!page.getElementById('chart-form')) {
      throw new Error(address);
    }
    takeParts(page, ['chart-form', 'chart-result', 'filters']);
    document.title = page.title;
    history.replaceState(null, '', address);
    if (focus) {
      document.getElementById(focus)?.focus();
    }
    start();
    enhanceControls(document.getElementById('chart-result')!);
  } catch {
    if (own.signal.aborted) {
      return;
    }
    document.getElementById('chart-result')?.removeAttribute('aria-busy');
    if (isSent) {
      location.assign(address);
    } else {
      form.classList.remove('is-live'); // the button still sends the form
    }
  }
}

// A list that has the focus chooses at each key: a form that is made anew between them would lose what was typed.
const KEYS_PAUSE = 700; // milliseconds

function start(): void {
  const form = document.getElementById('chart-form') as HTMLFormElement | null;
  form?.classList.add('is-live');
  let timer = 0; // of a chart that waits for the end of typing
  let typed = -KEYS_PAUSE;
  const followLater = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      timer = 0;
      void follow(form!);
    }, Math.max(0, typed + KEYS_PAUSE - performance.now()));
  };
  form?.addEventListener('change', followLater);
  form?.addEventListener('keydown', () => {
    typed = performance.now();
    if (timer) followLater();
  });
  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    void follow(form, true);
  });
  show();
}

start();
