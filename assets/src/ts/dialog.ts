// A part of another page in a native dialog; Escape and a button close it.

/** Shows an element; label: of the button; title: the element in it that names the dialog and takes the focus. */
export function showDialog(content: HTMLElement, label: string, title: HTMLElement | null): HTMLDialogElement {
  const dialog = document.createElement('dialog');
  const close = document.createElement('button');
  dialog.className = 'dialog';
  dialog.onclose = () => dialog.remove();
  dialog.onclick = (event) => { // beside it
    if (event.target === dialog) dialog.close();
  };
  close.className = 'button secondary small';
  close.textContent = label;
  close.onclick = () => dialog.close();
  if (title) {
    dialog.setAttribute('aria-labelledby', title.id ||= 'dialog-title');
    title.tabIndex = -1;
    title.autofocus = true;
  }
  dialog.append(close, content);
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
