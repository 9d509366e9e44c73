// Results that follow while somebody types in a form of words: parts of the page, and the address.
import { fetchDocument, takeParts } from './document';

const PAUSE = 150; // milliseconds without a key

function addressOf(form: HTMLFormElement): string {
  const query = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
  if (!query.get('q')) {
    query.delete('q');
  }
  const text = query.toString();
  return form.getAttribute('action')! + (text && `?${text}`);
}

/** Follows the input named q. The first of the ids is that of the results; taken: what to do with new parts. */
export function followWords(form: HTMLFormElement, ids: string[], taken?: () => void): void {
  const input = form.querySelector<HTMLInputElement>('input[name=q]');
  let timer = 0;
  let running: AbortController | undefined;

  async function follow(): Promise<void> {
    const address = addressOf(form);
    running?.abort();
    running = new AbortController();
    document.getElementById(ids[0])?.setAttribute('aria-busy', 'true');
    try {
      const page = await fetchDocument(address, running.signal);
      takeParts(page, ids);
      document.title = page.title;
      history.replaceState(null, '', address);
      taken?.();
    } catch {
      document.getElementById(ids[0])?.removeAttribute('aria-busy'); // the button still sends the form
    }
  }

  input?.addEventListener('input', () => {
    clearTimeout(timer);
    timer = window.setTimeout(follow, PAUSE);
  });
}
