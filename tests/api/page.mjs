// Reading the portal's own pages in tests: texts and addresses out of HTML that our templates write.

const names = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** Text of HTML without its character references. */
export function unescape(html) {
  return html.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name) => {
    if (/^#x/i.test(name)) return String.fromCodePoint(parseInt(name.slice(2), 16));
    return names[name] ?? (name.startsWith('#') ? String.fromCodePoint(Number(name.slice(1))) : whole);
  });
}

/** The text inside the element with this id, without markup. */
export function textOf(html, id) {
  const found = new RegExp(`<(\\w+)[^>]*\\sid="${id}"[^>]*>([\\s\\S]*?)</\\1>`).exec(html);
  return found && unescape(found[2].replace(/<[^>]*>/g, ''));
}

/** The address of the link with this id. */
export function addressOf(html, id) {
  const tag = new RegExp(`<a[^>]*\\sid="${id}"[^>]*>`).exec(html)?.[0];
  return tag && unescape(/\shref="([^"]*)"/.exec(tag)[1]);
}

/** Addresses of all links. */
export function addresses(html) {
  return [...html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)].map((found) => unescape(found[1]));
}
