// What a form will make, shown while one types: presses its button "preview" in the background. Lines that show a
// dataset, put into its text.
import { postDocument, takeParts } from './document';

const PAUSE = 500; // milliseconds without a key

function follow(form: HTMLFormElement): void {
  const target = form.dataset.preview!;
  let timer = 0;
  let running: AbortController | undefined;

  async function show(): Promise<void> {
    const fields = new FormData(form);
    fields.set('preview', '1');
    for (const input of form.querySelectorAll<HTMLInputElement>('input[type=file]')) {
      fields.delete(input.name); // what is sent once is enough
    }
    running?.abort();
    running = new AbortController();
    try {
      takeParts(await postDocument(form.getAttribute('action') || location.href, fields, running.signal), [target]);
    } catch {
      // the button still does it
    }
  }

  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = window.setTimeout(show, PAUSE);
  });
}

/** Puts the line of what is chosen where somebody was writing; without a script the server puts it at the end. */
function insertLines(section: HTMLElement): void {
  const area = document.getElementById(section.dataset.insert!) as HTMLTextAreaElement;
  const chosen = (id: string) => section.querySelector<HTMLSelectElement>(`#${id}`)!.value;
  let wasThere = false;
  area.addEventListener('focus', () => { wasThere = true; });
  section.querySelector('button')?.addEventListener('click', (event) => {
    event.preventDefault();
    const at = wasThere ? area.selectionEnd : area.value.length;
    const before = area.value.slice(0, at);
    const behind = area.value.slice(at);
    const start = !before || before.endsWith('\n\n') ? '' : before.endsWith('\n') ? '\n' : '\n\n';
    const end = behind.startsWith('\n\n') ? '' : behind.startsWith('\n') ? '\n' : '\n\n';
    area.setRangeText(`${start}{{${chosen('insert_kind')} ${chosen('insert_dataset')}}}${end}`, at, at, 'end');
    area.focus();
    area.dispatchEvent(new Event('input', { bubbles: true }));
  });
}

document.querySelectorAll<HTMLElement>('[data-insert]').forEach(insertLines);
document.querySelectorAll<HTMLFormElement>('form[data-preview]').forEach(follow);
