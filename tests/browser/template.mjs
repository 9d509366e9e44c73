// The portal's templates and messages for the gallery, which has no server: variables, sections, parts and
// messages without arguments. The real engine is src/platform/tpl.
import { readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const messages = (language) => JSON.parse(readFileSync(new URL(`i18n/${language}.json`, root), 'utf8'));

function escape(text) {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const raw = Symbol('html');
/** Text that is HTML already. */
export const html = (text) => ({ [raw]: text });

function find(stack, name) {
  const holder = stack.find((values) => name in values);
  if (!holder) throw new Error(`the template asks for '${name}'`);
  return holder[name];
}

function renderText(text, stack, texts) {
  const section = /\{\{([#^])([a-z_]+)\}\}([\s\S]*?)\{\{\/\2\}\}/;
  for (let match = section.exec(text); match; match = section.exec(text)) {
    const [whole, kind, name, inner] = match;
    const value = find(stack, name);
    const items = Array.isArray(value) ? value : value ? [{}] : [];
    const shown = kind === '^'
      ? (items.length ? '' : renderText(inner, stack, texts))
      : items.map((item) => renderText(inner, [item, ...stack], texts)).join('');
    return renderText(text.slice(0, match.index), stack, texts) + shown
      + renderText(text.slice(match.index + whole.length), stack, texts);
  }
  return text.replace(/\{\{(>?)([a-z_./]+)\}\}/g, (_, isPart, name) => {
    if (isPart) return render(name, stack, texts);
    if (name.startsWith('_')) {
      if (!(name.slice(1) in texts)) throw new Error(`no message ${name}`);
      return escape(texts[name.slice(1)]);
    }
    const value = find(stack, name);
    return value[raw] ?? escape(value);
  });
}

/** tpl/NAME.html with values; texts: of i18n. */
export function render(name, stack, texts = messages('en')) {
  const text = readFileSync(new URL(`tpl/${name}.html`, root), 'utf8').replace(/\{\{![^}]*\}\}/g, '').trim();
  return renderText(text, Array.isArray(stack) ? stack : [stack], texts);
}

export { messages };
