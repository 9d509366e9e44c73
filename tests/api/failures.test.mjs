// What failed is told to everybody in his own language, on every page that tells it; programs read it in English.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { jobWhen } from '../fault/source.mjs';
import { serve, temporaryFolder } from './program.mjs';
import { askStore } from './store.mjs';
import { makeUser } from './visitor.mjs';
import { makeDraft, publishDraft, revision, signedIn, upload, use } from './wizard.mjs';

const JSON_ACCEPT = { headers: { accept: 'application/json' } };
const data = join(temporaryFolder(), 'data');
const server = await serve(data, ['--fetch-allow', '127.0.0.1', '--access-log', 'off']);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
const ada = await signedIn(server, 'ada');

/** A page's text as somebody with this language reads it. */
async function readIn(language, path) {
  ada.cookies.set('django_language', language);
  const page = await ada.get(path);
  ada.cookies.set('django_language', 'en');
  assert.equal(page.status, 200, path);
  assert.match(page.text, new RegExp(`<html lang="${language}"`), path);
  return page.text.replaceAll('&#39;', "'").replaceAll('&amp;', '&').replaceAll('&quot;', '"');
}

/** Each page in each language has its words. */
async function tellsIn(pages, words) {
  for (const path of pages) {
    for (const [language, text] of Object.entries(words)) assert.match(await readIn(language, path), text, `${path} ${language}`);
  }
}

const jobOf = (dataset) => `/backoffice/jobs/${askStore(data,
  `select max(id) from job where dataset = (select uid from dataset where id = '${dataset}')`)}`;

test('a value that does not fit: log, list, dashboard and the steps say where and what to do', async () => {
  const draft = await makeDraft(ada, 'Numbers');
  await use(ada, draft, [await upload(ada, 'numbers', 'numbers.csv', Buffer.from('n,text\n1,a\ntwo,b\n'))]);
  assert.equal((await ada.post(`${draft}/source/fields/n`, { revision: await revision(ada, draft), type: 'int' })).status, 303);
  assert.ok((await publishDraft(ada, draft)).has_failed);
  const path = jobOf('numbers');
  const { job, log } = JSON.parse((await ada.get(path, JSON_ACCEPT)).text);
  assert.match(job.message, /^numbers\.csv, line 3, column 'n': 'two' was found, int is expected; choose the type text/);
  assert.equal(log.at(-1).text, job.message);
  await tellsIn([path, '/backoffice/jobs', '/backoffice', draft, `${draft}/source/publish`], {
    en: /numbers\.csv, line 3, column 'n': 'two' was found, whole number is expected; choose the type text/,
    fr: /numbers\.csv, ligne 3, colonne «\u00a0n\u00a0»\u00a0: «\u00a0two\u00a0» a été trouvé, le type attendu est\u00a0: nombre entier\. Choisissez le type texte/,
    de: /numbers\.csv, Zeile 3, Spalte „n“: „two“ wurde gefunden, erwartet wird: ganze Zahl\. Wählen Sie für das Feld n den Typ Text/,
    nl: /numbers\.csv, regel 3, kolom “n”: “two” werd gevonden/,
    es: /numbers\.csv, línea 3, columna «n»: se encontró «two»/,
    it: /numbers\.csv, riga 3, colonna «n»: è stato trovato «two»/,
  });
  // which stage is told depends on how long each takes
  await tellsIn([path], { fr: /Le fichier est ouvert\.|Les valeurs sont examinées\.|Les enregistrements sont lus\./,
    de: /Die Datei wird geöffnet\.|Die Werte werden angesehen\.|Die Einträge werden gelesen\./ });
});

test('what an earlier version wrote is read in English', async () => {
  const path = jobOf('numbers');
  askStore(data, "update job set explanation = ''; update job_line set explanation = ''");
  assert.match(await readIn('fr', path), /'two' was found, int is expected/);
});

test('files that cannot be read: the preview says why', async () => {
  const faults = [
    ['broken.zip', 'PK\x03\x04 this is no archive', /broken\.zip\u00a0: l’archive ZIP est endommagée, tronquée ou chiffrée/,
      /broken\.zip: Das ZIP-Archiv ist beschädigt, abgeschnitten oder verschlüsselt; erstellen Sie es neu/],
    ['picture.png', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR', /picture\.png\u00a0: c’est une image, pas un tableau/, /picture\.png: das ist ein Bild, keine Tabelle/],
    ['what.dat', '\x01\x02\x03\0\0\x04\0\x05\xff\xfe\0', /what\.dat\u00a0: ce n’est aucun des formats/, /what\.dat: Das ist keines der Formate/],
    ['cut.geojson', '{"type":"FeatureCollection","features":[{"type":"Feature","prop', /cut\.geojson, ligne 1.*?(mal formé|le fichier finit)/,
      /cut\.geojson, Zeile 1.*?(fehlerhaft|Die Datei endet)/],
    ['old.xls', Buffer.from('d0cf11e0a1b11ae1', 'hex').toString('latin1').padEnd(600, '\0'), /old\.xls\u00a0: c’est un ancien classeur/,
      /old\.xls: Das ist eine alte Arbeitsmappe/],
  ];
  for (const [i, [name, bytes, french, german]] of faults.entries()) {
    const draft = await makeDraft(ada, `Broken ${i}`);
    await use(ada, draft, [await upload(ada, draft.split('/').at(-1), name, Buffer.from(bytes, 'latin1'))]);
    await tellsIn([`${draft}/source/fields`], { fr: french, de: german });
  }
});

test('an address that gives no file: its page and the steps say why', async () => {
  const answers = { '/gone.csv': [404, 'text/plain', ''], '/page.csv': [200, 'text/html', '<!doctype html><title>Sign in</title>'] };
  const files = createServer((request, response) => {
    const [status, type, body] = answers[request.url];
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  await new Promise((resolve) => { files.listen(0, '127.0.0.1', resolve); });
  after(() => files.close());
  const base = `http://127.0.0.1:${files.address().port}`;
  const faults = [
    ['/gone.csv', /Il n’y a plus de fichier à l’adresse .*?\/gone\.csv.*?\(réponse 404\)\. Vérifiez l’adresse/, /Unter .*?\/gone\.csv gibt es keine Datei mehr.*?\(Antwort 404\)/],
    ['/page.csv', /a donné une page web \(HTML\) au lieu d’un fichier de données/, /kam eine Webseite \(HTML\) statt einer Datei mit Daten/],
  ];
  for (const [i, [path, french, german]] of faults.entries()) {
    const draft = await makeDraft(ada, `Fetched ${i}`);
    assert.equal((await ada.post(`${draft}/source`, { kind: 'url', url: `${base}${path}` })).status, 303);
    const job = jobOf(`fetched-${i}`);
    await jobWhen(ada, job, ({ state }) => state === 'failed');
    await tellsIn([job, `${draft}/source/fields`], { fr: french, de: german });
  }
  const draft = await makeDraft(ada, 'Typed');
  ada.cookies.set('django_language', 'de');
  const wrong = await ada.post(`${draft}/source`, { kind: 'url', url: 'file:///etc/passwd' });
  ada.cookies.set('django_language', 'en');
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /Die Adresse einer Datei wird erwartet/);
});
