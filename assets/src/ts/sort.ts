// A choice of order is followed at once; its button is for those without a script.

export function enhanceSort(): void {
  document.querySelectorAll<HTMLFormElement>('.sort-form').forEach((form) => {
    form.querySelector('button')?.setAttribute('hidden', '');
    form.querySelector('select')?.addEventListener('change', () => form.requestSubmit());
  });
}
