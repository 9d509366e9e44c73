// Serves the style guide (tpl/dev/styleguide.html) in the portal's frame, under a policy as strict as the portal's, with just
// enough behind it to try the consent script. Alone: node tests/browser/gallery.mjs PORT
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { files } from '../../tools/assets.mjs';
import { html, messages, render } from './template.mjs';

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
  + "form-action 'self'; base-uri 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

const part = (name) => readFileSync(new URL(name === 'gallery.html' ? '../../tpl/dev/styleguide.html' : `./${name}`, import.meta.url), 'utf8');

function page(assets, { direction, body, banner, signedIn = false, title = 'Gallery', path = '/', language = 'en', external = [] }) {
  const address = (name) => assets.find((file) => file.name === name).address;
  return render('frame', {
    lang: language,
    direction,
    title,
    portal: 'Open data of Valdoria',
    description: 'Every component of the portal',
    stylesheet: address('app.css'),
    script: address('app.js'),
    nonce: '',
    signed_in: signedIn,
    user_name: 'Ada Lovelace',
    has_office: signedIn,
    csrf: 'abc',
    path,
    body: html(body),
    banner: html(banner),
    view_as: '',
    view_address: '',
    flash: signedIn ? 'Your changes are saved.' : '',
    languages: [{ code: 'en', name: 'English', current: language === 'en' }, { code: 'fr', name: 'Français', current: language === 'fr' }],
    canonical: '',
    external_scripts: external,
    scripts: [],
    alternates: [],
    links: [{ label: 'Legal notice', address: '/legal' }],
    menu: [],
    head: html(''),
    theme: '',
    logo: '',
    logo_width: 0,
    logo_height: 0,
    logo_holds_name: false,
    icon: '/favicon.svg',
    wide: false,
    searches: true,
    selection: '',
    selection_address: '',
    selection_count: 0,
    noindex: true,
  }, messages(language));
}

/** Starts the gallery: { address, choices, stop }. fail: paths with fragment=1 that answer 500. */
export async function startGallery({ port = 0, fail = [] } = {}) {
  const assets = await files();
  const choices = [];
  // Fails at once where the frame has a member that page() does not set, rather than leaving a browser waiting.
  page(assets, { direction: 'ltr', body: '', banner: '' });
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://gallery');
    const isFragment = url.searchParams.get('fragment') === '1';
    const direction = url.searchParams.get('dir') ?? 'ltr';
    const language = url.searchParams.get('lang') ?? 'en';
    const send = (status, text, headers = {}) => {
      response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY, ...headers });
      response.end(text);
    };
    const asset = assets.find((file) => file.address === url.pathname || `/${file.name}` === url.pathname);
    if (asset) return send(200, asset.bytes, { 'Content-Type': asset.type });
    if (isFragment && fail.includes(url.pathname)) return send(500, 'broken');
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (bytes) => { body += bytes; });
      request.on('end', () => {
        const values = Object.fromEntries(new URLSearchParams(body));
        choices.push({ path: url.pathname, isFragment, values, site: request.headers['sec-fetch-site'] });
        if (isFragment) send(200, part('gallery_done.html'));
        else send(303, '', { Location: values.next || '/' });
      });
      return undefined;
    }
    if (url.pathname === '/cookies') {
      return send(200, isFragment ? part('gallery_preferences.html')
        : page(assets, { direction, body: part('gallery_preferences.html'), banner: '', title: 'Cookies', path: '/cookies' }));
    }
    if (url.pathname === '/' || url.pathname === '/account' || url.pathname === '/form') {
      const name = { '/': 'gallery.html', '/account': 'gallery_account.html', '/form': 'gallery_form.html' }[url.pathname];
      return send(200, page(assets, {
        direction,
        language,
        body: part(name),
        banner: url.searchParams.has('banner') ? part('gallery_banner.html') : '',
        signedIn: url.pathname === '/account',
        external: url.searchParams.has('external') ? [{ address: 'https://stats.example.org/s.js' }] : [],
      }));
    }
    return send(404, page(assets, { direction, body: '<h1>Page not found</h1>', banner: '', title: 'Page not found' }));
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    choices,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log((await startGallery({ port: Number(process.argv[2] ?? 8090) })).address);
}
