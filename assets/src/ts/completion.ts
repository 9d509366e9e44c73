// Completion of ODSQL while somebody types: a combobox with a list of suggestions (ARIA Authoring Practices,
// "Editable Combobox With List Autocomplete"). The field stays a plain text field without it.

export interface Suggestion {
  text: string; // what is put in place of the word
  label: string; // beside it
  caret?: number; // where writing goes on, from the end of the text
}

/** What may stand where the caret is; from: where the word begins that it takes the place of. */
export type Suggest = (text: string, caret: number) => Promise<{ from: number; items: Suggestion[] }>;

const SHOWN_MOST = 12;
let count = 0;

export class Completion {
  private readonly list = document.createElement('ul');
  private readonly status = document.createElement('span');
  private items: Suggestion[] = [];
  private from = 0;
  private active = -1;
  private asked = 0;

  constructor(private readonly input: HTMLInputElement, private readonly suggest: Suggest, label: string) {
    this.list.id = `suggestions-${++count}`;
    this.list.className = 'suggestions';
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', label);
    this.list.hidden = true;
    this.status.className = 'visually-hidden';
    this.status.setAttribute('role', 'status');
    const box = document.createElement('div');
    box.className = 'suggested';
    input.replaceWith(box);
    box.append(input, this.list, this.status);
    for (const [name, value] of [['role', 'combobox'], ['aria-autocomplete', 'list'], ['aria-expanded', 'false'],
      ['aria-controls', this.list.id], ['aria-haspopup', 'listbox']]) {
      input.setAttribute(name, value);
    }
    input.addEventListener('input', () => this.ask());
    input.addEventListener('keydown', (event) => this.press(event));
    input.addEventListener('blur', () => this.close());
  }

  private async ask(): Promise<void> {
    const mine = ++this.asked;
    const caret = this.input.selectionStart ?? this.input.value.length;
    const { from, items } = await this.suggest(this.input.value, caret);
    if (mine === this.asked && document.activeElement === this.input) {
      this.show(from, items.slice(0, SHOWN_MOST));
    }
  }

  private show(from: number, items: Suggestion[]): void {
    this.from = from;
    this.items = items;
    this.active = -1;
    this.list.replaceChildren(...items.map((item, at) => {
      const option = document.createElement('li');
      option.id = `${this.list.id}-${at}`;
      option.setAttribute('role', 'option');
      option.setAttribute('aria-selected', 'false');
      const text = document.createElement('code');
      text.textContent = item.text;
      const label = document.createElement('span');
      label.textContent = item.label;
      option.append(text, ' ', label);
      // mousedown: the field must not lose the focus
      option.addEventListener('mousedown', (event) => {
        event.preventDefault();
        this.take(at);
      });
      return option;
    }));
    this.list.hidden = items.length === 0;
    this.input.setAttribute('aria-expanded', String(items.length > 0));
    this.input.removeAttribute('aria-activedescendant');
    this.status.textContent = items.length ? `${items.length} ${this.list.getAttribute('aria-label')}` : '';
  }

  private close(): void {
    this.asked++;
    this.show(0, []);
  }

  private mark(at: number): void {
    const options = this.list.children;
    options[this.active]?.setAttribute('aria-selected', 'false');
    this.active = (at + options.length) % options.length;
    const option = options[this.active];
    option.setAttribute('aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
    this.input.setAttribute('aria-activedescendant', option.id);
  }

  private take(at: number): void {
    const { input } = this;
    const { text, caret = 0 } = this.items[at];
    const end = input.selectionStart ?? input.value.length;
    input.setRangeText(text, this.from, end, 'end');
    const place = this.from + text.length + caret;
    input.setSelectionRange(place, place);
    this.close();
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }

  private press(event: KeyboardEvent): void {
    const isOpen = !this.list.hidden;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (isOpen) {
        const step = event.key === 'ArrowDown' ? 1 : -1;
        this.mark(this.active < 0 && step < 0 ? -1 : this.active + step);
        event.preventDefault();
      } else if (event.key === 'ArrowDown') {
        this.ask();
        event.preventDefault();
      }
    } else if (event.key === 'Enter' && isOpen && this.active >= 0) {
      this.take(this.active);
      event.preventDefault();
    } else if (event.key === 'Escape' && isOpen) {
      this.close();
      event.preventDefault();
    } else if (event.key === 'Tab' && isOpen && this.active >= 0) {
      this.take(this.active);
    }
  }
}
