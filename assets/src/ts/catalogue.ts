// The catalogue while somebody types: results and facets follow, and so does the address.
import { followWords } from './live';
import { enhanceSort } from './sort';

const form = document.getElementById('search-form') as HTMLFormElement | null;
if (form) {
  followWords(form, ['results', 'filters'], enhanceSort);
}
enhanceSort();
