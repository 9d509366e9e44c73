// What was typed and not sent is there again after a reload, or when one comes back. Nothing is stored in the browser: the
// server keeps it for the person who typed it. Passwords, files and hidden fields are left out.

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
type Values = [name: string, value: string | boolean][];

interface Kept {
  values: { base: Values; typed: Values } | null; // base: what the form said before anybody typed
  notice: string;
  discard: string;
}

const PAUSE = 800; // milliseconds without a key
const LEFT_OUT = ['password', 'file', 'hidden', 'submit', 'button', 'reset', 'image'];

function controlsOf(form: HTMLFormElement): Control[] {
  return [...form.elements].filter((one): one is Control => (one instanceof HTMLInputElement ||
    one instanceof HTMLTextAreaElement || one instanceof HTMLSelectElement) && one.name !== '' && !LEFT_OUT.includes(one.type));
}

function isCheckable(control: Control): control is HTMLInputElement {
  return control.type === 'checkbox' || control.type === 'radio';
}

function valueOf(control: Control): string | boolean {
  return isCheckable(control) ? control.checked : control.value;
}

/** What the server wrote into the page, whatever was done to it since. */
function writtenIn(control: Control): string | boolean {
  if (control instanceof HTMLSelectElement) {
    const options = [...control.options];
    return (options.find((option) => option.defaultSelected) ?? options[0])?.value ?? '';
  }
  return isCheckable(control) ? control.defaultChecked : control.defaultValue;
}

function read(form: HTMLFormElement, of: (control: Control) => string | boolean): Values {
  return controlsOf(form).map((control) => [control.name, of(control)]);
}

function same(one: Values, other: Values): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Puts values back where nothing was typed meanwhile. */
function putBack(form: HTMLFormElement, typed: Values): void {
  controlsOf(form).forEach((control, i) => {
    const [name, value] = typed[i] ?? [];
    if (name !== control.name || value === undefined || valueOf(control) !== writtenIn(control)) {
      return;
    }
    if (isCheckable(control)) {
      control.checked = value === true;
    } else {
      control.value = String(value);
    }
  });
}

function cameBack(): boolean {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return navigation?.type === 'reload' || navigation?.type === 'back_forward';
}

class Keeper {
  private base: Values;
  private timer = 0;

  constructor(private readonly form: HTMLFormElement) {
    this.base = read(form, writtenIn);
  }

  private async send(fields: Record<string, string>, isLeaving = false): Promise<void> {
    const token = (this.form.elements.namedItem('csrfmiddlewaretoken') as HTMLInputElement).value;
    try {
      await fetch(this.form.dataset.unsent!, {
        method: 'POST',
        headers: { 'X-CSRFToken': token, Accept: 'application/json' },
        body: new URLSearchParams({ form: this.form.dataset.form!, ...fields }),
        keepalive: isLeaving, // of 64 KB at most, which is why it is not always so
      });
    } catch {
      // the network may come back: the next key sends all
    }
  }

  private async keep(isLeaving = false): Promise<void> {
    const typed = read(this.form, valueOf);
    this.forgetTimer();
    await this.send(same(typed, this.base) ? { forget: '1' } : { values: JSON.stringify({ base: this.base, typed }) },
      isLeaving);
  }

  private forgetTimer(): void {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  private notice({ notice, discard }: Kept): void {
    const box = document.createElement('div');
    const text = document.createElement('p');
    const button = document.createElement('button');
    box.className = 'notice unsent';
    box.setAttribute('role', 'status');
    text.textContent = notice;
    button.type = 'button';
    button.className = 'button secondary small';
    button.textContent = discard;
    button.addEventListener('click', () => {
      this.form.reset();
      this.form.dispatchEvent(new Event('input', { bubbles: true })); // a preview follows
      this.forgetTimer();
      void this.send({ forget: '1' });
      box.remove();
      controlsOf(this.form)[0]?.focus();
    });
    box.append(text, button);
    (this.form.closest('.form-beside') ?? this.form).before(box); // not in the columns of form and preview
  }

  private async ask(): Promise<Kept | undefined> {
    const query = new URLSearchParams({ form: this.form.dataset.form! });
    const answer = await fetch(`${this.form.dataset.unsent}?${query}`, { headers: { Accept: 'application/json' } });
    const kept = await answer.json() as Kept;
    return answer.ok && kept.values ? kept : undefined;
  }

  private async find(): Promise<void> {
    let kept = await this.ask();
    if (!kept && cameBack()) {
      await new Promise((resolve) => { setTimeout(resolve, PAUSE); }); // what the page sent when it was left may be on its way
      kept = await this.ask();
    }
    if (!kept?.values) {
      return;
    }
    if ('answer' in this.form.dataset) {
      this.base = kept.values.base; // the page shows what was sent, perhaps with its faults
    } else if (!same(kept.values.base, this.base)) {
      await this.send({ forget: '1' }); // it was saved since, here or by somebody else
    } else if (!same(kept.values.typed, this.base)) {
      putBack(this.form, kept.values.typed);
      this.notice(kept);
      this.form.dispatchEvent(new Event('input', { bubbles: true }));
    }
  }

  async start(): Promise<void> {
    const wait = (): void => {
      this.forgetTimer();
      this.timer = window.setTimeout(() => this.keep(), PAUSE);
    };
    const hurry = (): void => {
      if (this.timer) {
        void this.keep(true);
      }
    };
    await this.find().catch(() => undefined); // what is typed now is kept all the same
    this.form.addEventListener('input', wait);
    this.form.addEventListener('submit', hurry);
    addEventListener('pagehide', hurry);
    document.addEventListener('visibilitychange', hurry);
    if (!same(read(this.form, valueOf), read(this.form, writtenIn))) {
      wait(); // somebody was quicker than the answer
    }
  }
}

document.querySelectorAll<HTMLFormElement>('form[data-unsent]').forEach((form) => new Keeper(form).start());
