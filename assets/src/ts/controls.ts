// Buttons that only work with a script; they are hidden without it.

/** button[data-copy=ID]: copies the text of an element, of a link its address, and says so. */
function enhanceCopying(button: HTMLButtonElement): void {
  const source = document.getElementById(button.dataset.copy!);
  if (!source || !navigator.clipboard) {
    return; // the clipboard is there on HTTPS only; the text can be selected with one click
  }
  const status = document.createElement('span');
  status.setAttribute('role', 'status');
  button.after(status);
  button.hidden = false;
  button.addEventListener('click', async () => {
    status.textContent = '';
    await navigator.clipboard.writeText(source instanceof HTMLAnchorElement ? source.href : source.textContent!.trim());
    status.textContent = button.dataset.copied!;
  });
}

/** button[data-show-password=ID]: shows what is typed, and hides it again before it is sent. */
function enhancePassword(button: HTMLButtonElement): void {
  const input = document.getElementById(button.dataset.showPassword!) as HTMLInputElement | null;
  if (!input) {
    return;
  }
  const show = (isShown: boolean): void => {
    input.type = isShown ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(isShown));
  };
  button.hidden = false;
  button.addEventListener('click', () => show(input.type === 'password'));
  input.form?.addEventListener('submit', () => show(false));
}

export function enhanceControls(root: ParentNode = document): void {
  root.querySelectorAll<HTMLButtonElement>('button[data-copy]').forEach(enhanceCopying);
  root.querySelectorAll<HTMLButtonElement>('button[data-show-password]').forEach(enhancePassword);
}
