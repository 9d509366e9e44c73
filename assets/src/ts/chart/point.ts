// Pointing at values: with mouse, finger or keyboard, told in a box and in a live text.
import type { Drawing, Mark } from './draw';
import type { Model } from './model';
import { colour } from './svg';

export interface Pointer {
  /** Forgets what was drawn before. */
  follow(drawing: Drawing): void;
}

function add(parent: HTMLElement, name: string, className: string, text = ''): HTMLElement {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  parent.append(element);
  return element;
}

/** The marks in the order of the keys: along a series, or through all where there is one only. */
function neighbour(marks: Mark[], at: number, key: string, isRtl: boolean): number {
  if (at < 0) {
    return 0;
  }
  const forward = isRtl ? 'ArrowLeft' : 'ArrowRight';
  const backward = isRtl ? 'ArrowRight' : 'ArrowLeft';
  const own = marks[at]!;
  const ofSeries = marks.map((_, place) => place).filter((place) => marks[place]!.series === own.series);
  const among = ofSeries.indexOf(at);
  const isSingle = ofSeries.length === marks.length;
  const ofRow = marks.map((_, place) => place).filter((place) => marks[place]!.row === own.row);
  const amongRow = ofRow.indexOf(at);
  switch (key) {
    case forward: return ofSeries[Math.min(among + 1, ofSeries.length - 1)]!;
    case backward: return ofSeries[Math.max(among - 1, 0)]!;
    case 'ArrowDown': return isSingle ? Math.min(at + 1, marks.length - 1) : ofRow[(amongRow + 1) % ofRow.length]!;
    case 'ArrowUp': return isSingle ? Math.max(at - 1, 0) : ofRow[(amongRow + ofRow.length - 1) % ofRow.length]!;
    case 'Home': return ofSeries[0]!;
    case 'End': return ofSeries[ofSeries.length - 1]!;
    default: return at;
  }
}

const KEYS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'];

/** box: holds the SVG, of the same size. */
export function makePointer(model: Model, box: HTMLElement, svg: SVGSVGElement): Pointer {
  const tip = add(box, 'div', 'chart-tip');
  const live = add(box, 'p', 'visually-hidden');
  live.setAttribute('aria-live', 'polite');
  tip.hidden = true;
  let drawing: Drawing | undefined;
  let at = -1;

  function clear(): void {
    drawing?.marks[at]?.shape?.classList.remove('pointed');
    svg.classList.remove('is-pointed');
    tip.hidden = true;
    at = -1;
  }

  function fill(mark: Mark): void {
    tip.replaceChildren();
    add(tip, 'p', 'chart-tip-title', mark.label);
    const list = drawing!.isShared ? drawing!.marks.filter((other) => other.row === mark.row) : [mark];
    for (const one of list) {
      const line = add(tip, 'p', one === mark && list.length > 1 ? 'chart-tip-line own' : 'chart-tip-line');
      const hasName = model.series.length > 1 && model.kind !== 'treemap' && model.kind !== 'scatter';
      if (hasName) {
        add(line, 'span', `swatch ${colour(model.series[one.series]!.place)}`);
        add(line, 'span', 'chart-tip-name', model.series[one.series]!.label);
      } else if (model.kind === 'scatter') {
        add(line, 'span', 'chart-tip-name', model.yLabel);
      }
      add(line, 'strong', '', one.text);
    }
  }

  function place(mark: Mark): void {
    const { clientWidth, clientHeight } = box;
    const offset = svg.getBoundingClientRect().top - box.getBoundingClientRect().top;
    const left = Math.max(0, Math.min(clientWidth - tip.offsetWidth, mark.x - tip.offsetWidth / 2));
    const above = mark.y + offset - tip.offsetHeight - 12;
    const top = above >= 0 ? above : Math.min(clientHeight - tip.offsetHeight, mark.y + offset + 14);
    tip.style.left = `${left}px`;
    tip.style.top = `${Math.max(0, top)}px`;
  }

  function point(to: number, isSaid: boolean): void {
    const mark = drawing?.marks[to];
    if (!mark) {
      clear();
      return;
    }
    if (to !== at) {
      clear();
      at = to;
      mark.shape?.classList.add('pointed');
      svg.classList.add('is-pointed');
      fill(mark);
      tip.hidden = false;
      place(mark);
    }
    if (isSaid) {
      const name = model.series.length > 1 && model.kind !== 'treemap' && model.kind !== 'scatter' ? `, ${model.series[mark.series]!.label}` : '';
      live.textContent = `${mark.label}${name}: ${mark.text}`;
    }
  }

  function follow(event: PointerEvent): void {
    const frame = svg.getBoundingClientRect();
    point(drawing ? drawing.find(event.clientX - frame.left, event.clientY - frame.top) : -1, false);
  }

  svg.addEventListener('pointermove', follow);
  svg.addEventListener('pointerdown', follow);
  svg.addEventListener('pointerleave', (event) => {
    if (event.pointerType === 'mouse') {
      clear();
    }
  });
  svg.addEventListener('focus', () => {
    if (svg.matches(':focus-visible')) {
      point(at < 0 ? 0 : at, true);
    }
  });
  svg.addEventListener('blur', clear);
  svg.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      clear();
    } else if (KEYS.includes(event.key) && drawing?.marks.length) {
      event.preventDefault();
      point(neighbour(drawing.marks, at, event.key, model.isRtl), true);
    }
  });
  return {
    follow: (next) => {
      clear();
      drawing = next;
    },
  };
}
