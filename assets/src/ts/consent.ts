// Consent without leaving the page: the preference page in a dialog, choices sent in the background.
// Whatever goes wrong, the browser follows the link or sends the form as if there were no script.
// Documents come from XMLHttpRequest, which needs no Trusted Types policy and runs no scripts of theirs.

/** Asks for a document and hands on its element with the attribute. */
function ask(address: string, body: URLSearchParams | null, attribute: string,
  use: (found: HTMLElement) => void, otherwise: () => void): void {
  const url = new URL(address, location.href);
  url.searchParams.set('fragment', '1');
  const request = new XMLHttpRequest();
  request.open(body ? 'POST' : 'GET', url);
  request.responseType = 'document';
  request.onloadend = () => {
    const page: Document | null = request.response;
    const found = request.status === 200 && page?.querySelector<HTMLElement>(`[${attribute}]`);
    found ? use(document.adoptNode(found)) : otherwise();
  };
  request.send(body);
}

function openDialog(link: HTMLAnchorElement): void {
  ask(link.href, null, 'data-consent-page', (page) => {
    const dialog = document.createElement('dialog');
    const close = document.createElement('button');
    const title = page.querySelector('h1');
    dialog.className = 'dialog';
    dialog.onclose = () => dialog.remove();
    close.className = 'button secondary small';
    close.textContent = link.dataset.consentDialog!;
    close.onclick = () => dialog.close();
    if (title) {
      dialog.setAttribute('aria-labelledby', title.id ||= 'dialog-title');
      title.tabIndex = -1;
      title.autofocus = true;
    }
    dialog.append(close, page);
    document.body.append(dialog);
    dialog.showModal();
  }, () => location.assign(link.href));
}

function send(form: HTMLFormElement, button: HTMLElement | null): void {
  const body = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
  if (button instanceof HTMLButtonElement && button.name) {
    body.append(button.name, button.value);
  }
  form.inert = true; // no second choice while this one is on its way
  ask(form.getAttribute('action')!, body, 'data-consent-done', (done) => {
    form.closest('dialog')?.close();
    const banner = document.querySelector('.consent');
    banner ? banner.replaceWith(done) : document.body.prepend(done);
    done.focus();
  }, () => {
    form.inert = false;
    delete form.dataset.consent;
    form.requestSubmit(button);
  });
}

export function enhanceConsent(): void {
  document.addEventListener('click', (event) => {
    const target = event.target as Element;
    const link = target.closest<HTMLAnchorElement>('a[data-consent-dialog]');
    const hide = target.closest('[data-consent-hide]');
    const asksForTab = event.button || event.ctrlKey || event.metaKey || event.shiftKey;
    // On the preference page itself, a dialog would hold every id a second time.
    if (link && !asksForTab && link.pathname !== location.pathname) {
      event.preventDefault();
      openDialog(link);
    } else if (hide) {
      event.preventDefault();
      hide.closest('.consent')?.remove();
      document.querySelector('main')?.focus();
    }
  });
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement;
    // What a choice lets in or sends away, only a new page can: its policy names the hosts, and a script
    // from elsewhere (async, in the frame) that has begun ends with its page. So with the preference page
    // itself, which shows the choice.
    if ('consent' in form.dataset && form.closest('.consent, dialog')
      && !document.querySelector('.blocked, .embed, script[async]')) {
      event.preventDefault();
      send(form, event.submitter);
    }
  });
}
