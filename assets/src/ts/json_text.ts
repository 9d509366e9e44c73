// JSON indented as it was written: numbers keep their digits, keys their order.

/** Indented text, and whether it was cut at so many letters. */
export function indentJson(json: string, most: number): { text: string; isCut: boolean } {
  const parts: string[] = [];
  let length = 0;
  let depth = 0;
  const token = /"(?:[^"\\]|\\.)*"?|[[\]{},:]|[^\s[\]{},:"]+/g;
  const add = (text: string): void => {
    parts.push(text);
    length += text.length;
  };
  const line = (): void => add(`\n${'  '.repeat(Math.min(depth, 64))}`);
  let last = '';
  for (let found = token.exec(json); found; found = token.exec(json)) {
    const [text] = found;
    const isOpening = last === '{' || last === '[';
    if (text === '}' || text === ']') {
      depth--;
      if (!isOpening) line();
    } else if (isOpening) {
      line();
    }
    add(text);
    if (text === '{' || text === '[') depth++;
    if (text === ',') line();
    if (text === ':') add(' ');
    last = text;
    if (length > most) {
      return { text: parts.join('').slice(0, most), isCut: true };
    }
  }
  return { text: parts.join(''), isCut: false };
}
