// What a form will make, shown while one types: presses its button "preview" in the background.
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

document.querySelectorAll<HTMLFormElement>('form[data-preview]').forEach(follow);
