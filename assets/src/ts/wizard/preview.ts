// The preview below the form of a field follows what is chosen, without saving it.
import { takeParts } from '../document';
import { noticeOffline } from '../offline';

const PAUSE = 400; // milliseconds without a change

/** The page that a form's answer is; XMLHttpRequest makes documents without a Trusted Types policy. */
function send(form: HTMLFormElement, signal: AbortSignal): Promise<Document> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
    body.set('preview', '1');
    request.open('POST', location.pathname);
    request.setRequestHeader('Accept', 'text/html');
    request.responseType = 'document';
    request.onloadend = () => {
      const page: Document | null = request.response;
      if (page && (request.status === 200 || request.status === 422)) {
        resolve(page);
      } else {
        noticeOffline();
        reject(new Error(String(request.status)));
      }
    };
    signal.addEventListener('abort', () => request.abort());
    request.send(body);
  });
}

export function followPreview(): void {
  const form = document.querySelector<HTMLFormElement>('main form[method=post]:has(button[name=preview])');
  let timer = 0;
  let running: AbortController | undefined;

  async function follow(): Promise<void> {
    running?.abort();
    running = new AbortController();
    document.getElementById('preview')?.setAttribute('aria-busy', 'true');
    try {
      takeParts(await send(form!, running.signal), ['preview']);
    } catch {
      document.getElementById('preview')?.removeAttribute('aria-busy'); // the button still shows it
    }
  }

  form?.addEventListener('input', () => {
    clearTimeout(timer);
    timer = window.setTimeout(follow, PAUSE);
  });
}
