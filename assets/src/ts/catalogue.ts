// The catalogue while somebody types: results and facets follow, and so does the address.
import { fetchDocument, takeParts } from './document';
import { enhanceSort } from './sort';

const PAUSE = 150; // milliseconds without a key

const form = document.getElementById('search-form') as HTMLFormElement | null;
const input = form?.querySelector<HTMLInputElement>('input[name=q]');
let timer = 0;
let running: AbortController | undefined;

function addressOf(own: HTMLFormElement): string {
  const query = new URLSearchParams(new FormData(own) as unknown as Record<string, string>);
  if (!query.get('q')) {
    query.delete('q');
  }
  const text = query.toString();
  return own.getAttribute('action')! + (text && `?${text}`);
}

async function follow(own: HTMLFormElement): Promise<void> {
  const address = addressOf(own);
  running?.abort();
  running = new AbortController();
  document.getElementById('results')?.setAttribute('aria-busy', 'true');
  try {
    const page = await fetchDocument(address, running.signal);
    takeParts(page, ['results', 'filters']);
    enhanceSort();
    document.title = page.title;
    history.replaceState(null, '', address);
  } catch {
    document.getElementById('results')?.removeAttribute('aria-busy'); // the button still sends the form
  }
}

if (form && input) {
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => follow(form), PAUSE);
  });
}
enhanceSort();
