// <record-table>: all records of a table in its window, however many; rows come from the server as they are
// needed. A click on a row shows its record in a dialog. Without this the page has 50 rows and links to others.
import { showDialog } from './dialog';
import { fetchDocument } from './document';

const BLOCK = 50; // rows that are fetched at once
const KEPT = 60; // blocks that are kept
const BEYOND = 10; // rows that are there above and below the window
const TALLEST = 8e6; // pixels; browsers end elements at some more
const PAUSE = 80; // milliseconds at rest before rows are fetched

class RecordTable extends HTMLElement {
  private area!: HTMLElement;
  private table!: HTMLTableElement;
  private body!: HTMLTableSectionElement;
  private below = this.spacer();
  private blocks = new Map<number, HTMLTableRowElement[]>();
  private running = new Map<number, AbortController>();
  private failed = new Set<number>();
  private total = 0;
  private rowHeight = 0;
  private headHeight = 0;
  private columns = 0;
  private height = 0; // of all rows, as the scroll bar has it
  private shift = 0; // what the scroll bar's position is short of the place in the table
  private lastTop = 0;
  private active = 0; // the row that Tab reaches
  private timer = 0;
  private settling = 0;
  private frame = 0;

  connectedCallback(): void {
    const table = this.querySelector('table');
    const first = table?.tBodies[0]?.rows[0];
    if (this.rowHeight || !table || !first) {
      return;
    }
    this.table = table;
    this.area = table.parentElement!;
    this.body = table.tBodies[0];
    this.total = Number(this.dataset.total);
    this.columns = first.cells.length;
    this.rowHeight = first.getBoundingClientRect().height;
    this.headHeight = table.tHead!.getBoundingClientRect().height;
    const offset = Number(this.dataset.offset);
    this.blocks.set(Math.floor(offset / BLOCK), [...this.body.rows]);
    this.active = offset;
    this.addEventListener('click', (event) => this.open(event));
    this.addEventListener('keydown', (event) => this.move(event));
    if (this.total > this.body.rows.length) {
      this.begin(offset);
    }
    this.mark();
  }

  disconnectedCallback(): void {
    this.running.forEach((request) => request.abort());
    clearTimeout(this.timer);
    clearTimeout(this.settling);
    cancelAnimationFrame(this.frame);
  }

  // ---- the place in the table: pixels of rows as if there were no limit

  private get whole(): number {
    return this.total * this.rowHeight;
  }

  private get room(): number {
    return this.area.clientHeight - this.headHeight;
  }

  private get place(): number {
    return Math.max(0, Math.min(this.area.scrollTop + this.shift, this.whole - this.room));
  }

  private begin(offset: number): void {
    this.keepWidths();
    this.height = Math.min(this.whole, TALLEST);
    this.body.after(this.below);
    this.querySelector('.pager')?.setAttribute('hidden', '');
    this.goTo(offset * this.rowHeight);
    this.area.addEventListener('scroll', () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.area);
  }

  /** Columns stay as wide as the first rows made them. */
  private keepWidths(): void {
    const cells = [...this.table.tHead!.rows[0].cells];
    const widths = cells.map((cell) => cell.getBoundingClientRect().width);
    const whole = this.table.getBoundingClientRect().width;
    cells.forEach((cell, i) => { cell.style.inlineSize = `${widths[i]}px`; });
    this.table.style.inlineSize = `${whole}px`;
    this.classList.add('fixed');
  }

  private goTo(place: number): void {
    const bounded = Math.max(0, Math.min(place, this.whole - this.room));
    const share = bounded / Math.max(1, this.whole - this.room);
    const top = Math.round(share * (this.height - this.room));
    this.setSpace(this.body.rows.length);
    this.area.scrollTop = top;
    this.lastTop = this.area.scrollTop;
    this.shift = bounded - this.lastTop;
    this.draw();
  }

  /** Small steps move by pixels; a jump of the scroll bar goes to its share of all rows. */
  private scrolled(): void {
    const top = this.area.scrollTop;
    if (top === this.lastTop) {
      return;
    }
    const isJump = Math.abs(top - this.lastTop) > 2 * this.room;
    const isEnd = top <= 0 || top >= this.height - this.room - 1;
    this.lastTop = top;
    if (this.height < this.whole && (isJump || isEnd)) {
      this.shift = (top / (this.height - this.room)) * (this.whole - this.room) - top;
    }
    clearTimeout(this.settling);
    if (this.height < this.whole && !isJump && !isEnd) {
      this.settling = window.setTimeout(() => this.goTo(this.place), 250); // the bar says again where we are
    }
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  // ---- rows

  private spacer(): HTMLTableSectionElement {
    const section = document.createElement('tbody');
    section.setAttribute('aria-hidden', 'true');
    section.insertRow().insertCell();
    return section;
  }

  /** Rows stand at the top as far as the layout knows, and are moved to their place: nothing else moves then. */
  private setSpace(rows: number): void {
    this.below.rows[0].style.blockSize = `${Math.max(0, this.height - rows * this.rowHeight)}px`;
  }

  private placeholder(row: number): HTMLTableRowElement {
    const element = document.createElement('tr');
    element.className = 'pending';
    element.setAttribute('aria-rowindex', String(row + 2));
    element.setAttribute('aria-busy', 'true');
    for (let i = 0; i < this.columns; i++) {
      element.append(document.createElement(i ? 'td' : 'th'));
    }
    return element;
  }

  private draw(): void {
    if (!this.height) {
      return;
    }
    const from = this.place;
    const origin = this.area.scrollTop - from; // where row 0 would begin
    const least = Math.max(0, Math.ceil(-origin / this.rowHeight));
    const first = Math.max(least, Math.floor(from / this.rowHeight) - BEYOND, 0);
    const fitting = Math.round((this.height - origin) / this.rowHeight); // without making the whole taller
    const end = Math.min(this.total, fitting, Math.ceil((from + this.room) / this.rowHeight) + BEYOND);
    const rows: HTMLTableRowElement[] = [];
    for (let row = first; row < end; row++) {
      rows.push(this.blocks.get(Math.floor(row / BLOCK))?.[row % BLOCK] ?? this.placeholder(row));
    }
    const top = Math.max(0, origin + first * this.rowHeight);
    const hadFocus = this.body.contains(document.activeElement);
    const isSame = rows.length === this.body.rows.length && rows.every((row, i) => row === this.body.rows[i]);
    if (!isSame) {
      this.body.replaceChildren(...rows);
    }
    this.setSpace(rows.length);
    this.body.style.transform = `translateY(${top}px)`;
    if (hadFocus && !this.body.contains(document.activeElement)) {
      (this.rowOf(this.active)?.querySelector('a') ?? this.area).focus({ preventScroll: true });
    }
    this.say(from);
    this.mark();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.fetchBlocks(first, end), PAUSE);
  }

  private fetchBlocks(first: number, end: number): void {
    const from = Math.floor(first / BLOCK);
    const to = Math.floor((end - 1) / BLOCK);
    this.running.forEach((request, block) => {
      if (block < from || block > to) {
        request.abort();
        this.running.delete(block);
      }
    });
    for (let block = from; block <= to; block++) {
      if (!this.blocks.has(block) && !this.running.has(block) && !this.failed.has(block)) {
        void this.fetchBlock(block);
      }
    }
  }

  private async fetchBlock(block: number): Promise<void> {
    const request = new AbortController();
    this.running.set(block, request);
    try {
      const page = await fetchDocument(this.dataset.address! + block * BLOCK, request.signal);
      const rows = [...page.querySelectorAll('tr')].map((row) => document.adoptNode(row));
      this.blocks.set(block, rows);
      while (this.blocks.size > KEPT) {
        this.blocks.delete(this.blocks.keys().next().value!);
      }
      this.draw();
    } catch {
      if (!request.signal.aborted) {
        this.failed.add(block); // until the visitor comes by again
        window.setTimeout(() => this.failed.delete(block), 3000);
      }
    } finally {
      if (this.running.get(block) === request) {
        this.running.delete(block);
      }
    }
  }

  private say(from: number): void {
    const position = this.querySelector('.records-position');
    const format = new Intl.NumberFormat(document.documentElement.lang);
    const first = Math.round(from / this.rowHeight) + 1;
    const last = Math.min(this.total, first + Math.floor(this.room / this.rowHeight) - 1);
    const text = this.dataset.position!.replace('{first}', format.format(first)).replace('{last}', format.format(last))
      .replace('{total}', format.format(this.total));
    if (position && position.textContent !== text) {
      position.textContent = text;
    }
  }

  // ---- the keyboard: one row can be reached by Tab, arrows go on from there

  private rowOf(row: number): HTMLTableRowElement | null {
    return this.body.querySelector(`tr[aria-rowindex="${row + 2}"]`);
  }

  private mark(): void {
    const rows = [...this.body.rows];
    if (!this.rowOf(this.active)) {
      const top = this.area.getBoundingClientRect().top + this.headHeight;
      const first = rows.find((row) => row.getBoundingClientRect().top >= top - 1) ?? rows[0];
      this.active = Number(first?.getAttribute('aria-rowindex')) - 2;
    }
    for (const row of rows) {
      const isActive = row.getAttribute('aria-rowindex') === String(this.active + 2);
      row.querySelectorAll('a').forEach((link) => { link.tabIndex = isActive ? 0 : -1; });
    }
  }

  private move(event: KeyboardEvent): void {
    const current = (event.target as Element).closest('tbody tr');
    if (!current || event.altKey || event.metaKey || event.shiftKey) {
      return; // on the window itself the keys scroll
    }
    const page = Math.max(1, Math.floor(this.room / this.rowHeight) - 1);
    const row = Number(current.getAttribute('aria-rowindex')) - 2;
    const targets: Record<string, number> = {
      ArrowDown: row + 1, ArrowUp: row - 1, PageDown: row + page, PageUp: row - page, Home: 0, End: this.total - 1,
    };
    if (!(event.key in targets)) {
      return;
    }
    event.preventDefault();
    void this.focusRow(Math.max(0, Math.min(this.total - 1, targets[event.key])));
  }

  private async focusRow(row: number): Promise<void> {
    this.active = row;
    const top = row * this.rowHeight;
    if (this.height) {
      if (top < this.place) {
        this.goTo(top);
      } else if (top + this.rowHeight > this.place + this.room) {
        this.goTo(top + this.rowHeight - this.room);
      }
    }
    const block = Math.floor(row / BLOCK);
    if (!this.blocks.has(block)) {
      this.area.focus({ preventScroll: true });
      await this.fetchBlock(block);
      if (this.active !== row) {
        return; // gone on meanwhile
      }
    }
    this.mark();
    this.rowOf(row)?.querySelector<HTMLElement>('th a')?.focus({ preventScroll: !!this.height });
  }

  // ---- one record

  private open(event: MouseEvent): void {
    const target = event.target as Element;
    const row = target.closest('tbody tr');
    const link = row?.querySelector<HTMLAnchorElement>('th a');
    const other = target.closest('a');
    const asksForTab = event.button || event.ctrlKey || event.metaKey || event.shiftKey;
    if (!row || !link || (other && other.href !== link.href) || asksForTab || String(getSelection())) {
      return;
    }
    if (link.target && other) {
      return; // the browser opens its tab
    }
    event.preventDefault();
    this.active = Number(row.getAttribute('aria-rowindex')) - 2;
    this.mark();
    if (link.target) {
      link.click(); // in a frame of another site records are shown on the portal
      return;
    }
    void this.show(link);
  }

  private async show(link: HTMLAnchorElement): Promise<void> {
    const address = new URL(link.href);
    address.searchParams.set('fragment', '1');
    try {
      const page = await fetchDocument(address.pathname + address.search);
      const record = page.getElementById('record')!;
      record.querySelector('.record-back')?.remove();
      const dialog = showDialog(document.adoptNode(record), this.dataset.close!, record.querySelector('h2'));
      dialog.addEventListener('close', () => link.focus({ preventScroll: true }));
    } catch {
      location.assign(link.href);
    }
  }
}

customElements.define('record-table', RecordTable);
