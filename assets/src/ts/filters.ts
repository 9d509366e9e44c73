// The filters of a dataset's page: comparisons and inputs that fit the chosen field, results that follow words.
import { followWords } from './live';

/** Offers the comparisons of the field's kind, and as many inputs of its kind as the comparison takes. */
function enhanceCondition(form: HTMLFormElement): void {
  const field = form.elements.namedItem('filter.field') as HTMLSelectElement;
  const operator = form.elements.namedItem('filter.operator') as HTMLSelectElement;
  const inputs = ['filter.value', 'filter.value2'].map((name) => form.elements.namedItem(name) as HTMLInputElement);
  const operators = [...operator.options];

  const showValues = (): void => {
    const kind = field.selectedOptions[0]?.dataset.kind ?? 'text';
    const values = Number(operator.selectedOptions[0]?.dataset.values ?? 1);
    inputs.forEach((input, i) => {
      const wanted = values === 3 ? 1 : values;
      // A number stays a text: people write it as their language does.
      input.type = kind === 'date' ? 'date' : 'text';
      input.inputMode = kind === 'number' ? 'decimal' : '';
      input.disabled = i >= wanted;
      input.closest<HTMLElement>('[data-value]')!.hidden = i >= wanted;
    });
    form.querySelector<HTMLElement>('[data-list]')!.hidden = values !== 3;
  };
  const showOperators = (): void => {
    const kind = field.selectedOptions[0]?.dataset.kind ?? 'text';
    const chosen = operator.value;
    const fitting = operators.filter((option) => option.dataset.kinds!.split(' ').includes(kind));
    operator.replaceChildren(...fitting);
    operator.value = (fitting.find((option) => option.value === chosen) ?? fitting[0]).value;
    showValues();
  };
  field.addEventListener('change', () => {
    inputs.forEach((input) => { input.value = ''; });
    showOperators();
  });
  operator.addEventListener('change', showValues);
  showOperators();
}

function enhanceConditions(): void {
  document.querySelectorAll<HTMLFormElement>('form[data-condition]').forEach(enhanceCondition);
}

document.querySelectorAll<HTMLFormElement>('form[data-live]').forEach((form) => {
  followWords(form, form.dataset.live!.split(' '), enhanceConditions);
});
enhanceConditions();
