// A visitor with cookies, as a script written for a Django site is one: keeps cookies, reads the token,
// posts forms. Redirects are not followed.
import assert from 'node:assert/strict';
import { run } from './program.mjs';

export const PASSWORD = 'a sentence only this test says';

/** { name, value, attributes: { path, … } } of a Set-Cookie line; names of attributes in lower case. */
export function readSetCookie(line) {
  const [pair, ...rest] = line.split(/; */);
  const at = pair.indexOf('=');
  const attributes = Object.fromEntries(rest.map((part) => {
    const [name, ...value] = part.split('=');
    return [name.toLowerCase(), value.length ? value.join('=') : true];
  }));
  return { name: pair.slice(0, at), value: pair.slice(at + 1), attributes, line };
}

/** The Set-Cookie lines of an answer; Node 18 knows them only joined by commas. */
export function setCookieLines(headers) {
  if (headers.getSetCookie) return headers.getSetCookie();
  return headers.get('set-cookie')?.split(/, (?=[^ ;,=]+=)/) ?? [];
}

export class Visitor {
  constructor(server) {
    this.server = server;
    this.cookies = new Map();
  }

  /** Sends a request; the answer has text, and cookies: those that it set. */
  async send(method, path, { headers = {}, body, cookies = true } = {}) {
    const jar = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(new URL(path, this.server.portal), {
      method, body, redirect: 'manual',
      headers: { accept: 'text/html', 'user-agent': 'node', ...(cookies && jar ? { cookie: jar } : {}), ...headers },
    });
    const set = setCookieLines(answer.headers).map(readSetCookie);
    for (const cookie of set) {
      if (cookie.attributes['max-age'] === '0') this.cookies.delete(cookie.name);
      else this.cookies.set(cookie.name, cookie.value);
    }
    return { status: answer.status, headers: answer.headers, set, text: await answer.text(),
      location: answer.headers.get('location') };
  }

  get(path, options) {
    return this.send('GET', path, options);
  }

  /** Posts fields with the token of the cookie in the header, as Django's documentation tells scripts to. */
  post(path, fields, { headers = {}, token = this.cookies.get('csrftoken'), ...options } = {}) {
    return this.send('POST', path, { ...options, body: new URLSearchParams(fields),
      headers: { ...(token ? { 'x-csrftoken': token } : {}), ...headers } });
  }

  async signIn(username, password = PASSWORD, extra = {}) {
    await this.get('/account/sign-in');
    return this.post('/account/sign-in', { username, password, next: '/account', ...extra });
  }
}

/** Makes a user on the command line, and sets the password by the link that it prints. */
export async function makeUser(server, data, name, words = [], password = PASSWORD) {
  const made = run(['user', 'add', name, '--data', data, ...words]);
  assert.equal(made.status, 0, made.stderr);
  const path = /\/account\/link\/\S+/.exec(made.stdout)[0];
  const visitor = new Visitor(server);
  const page = await visitor.get(path);
  assert.equal(page.status, 200, page.text);
  const answer = await visitor.post(path, { password });
  assert.equal(answer.status, 303, answer.text);
  return { name, path, leadsTo: answer.headers.get('location') };
}
