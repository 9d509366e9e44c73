// What failed is told to everybody in his own language, on every page that tells it; programs read it in English.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { jobWhen } from '../fault/source.mjs';
import { publish, serve, temporaryFolder } from './program.mjs';
import { askStore } from './store.mjs';
import { makeUser } from './visitor.mjs';
import { begin, makeDraft, patch, publishDraft, revision, signedIn, tus, upload, use } from './wizard.mjs';

const JSON_ACCEPT = { headers: { accept: 'application/json' } };
const folder = temporaryFolder();
const data = join(folder, 'data');
publish(data, 'city', 3);
const server = await serve(data, ['--fetch-allow', '127.0.0.1', '--access-log', 'off', '--backup-directory', join(folder, 'backups')]);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
await makeUser(server, data, 'bob', ['--role', 'editor']);
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

/** A workbook made by openpyxl: the script has ws, its first sheet. */
function workbook(name, script) {
  const path = join(folder, name);
  execFileSync('/usr/bin/python3', ['-c', `import sys, openpyxl
wb = openpyxl.Workbook()
ws = wb.active
${script}
wb.save(sys.argv[1])`, path]);
  return readFileSync(path);
}

test('what a reading notes besides: the preview and the log', async () => {
  const mixed = workbook('mixed.xlsx', `ws.title = 'Lamps'
for row in [('id', 'Height', 'lat', 'lon', 'height'), (1, 4.5, 50.8, 4.3, '=1+1'), (2, 'tall', 50.9, 4.4, '=2+2')]: ws.append(row)`);
  const draft = await makeDraft(ada, 'Mixed');
  await use(ada, draft, [await upload(ada, 'mixed', 'mixed.xlsx', mixed)]);
  assert.ok((await publishDraft(ada, draft)).is_done);
  const path = jobOf('mixed');
  const notes = JSON.parse((await ada.get(path, JSON_ACCEPT)).text).log.map(({ text }) => text);
  for (const note of ["the sheet 'Lamps' was read; its header is row 1",
    "column 'Height' is text, because not all of its values are numbers or dates: some are a text, first in row 3",
    '2 formulas are without a saved value and are empty; open the workbook in a spreadsheet program and save it to have them computed',
    "column 'height' is the field height_2, because height is taken", 'geo_point_2d was made of lat and lon']) {
    assert.ok(notes.includes(note), `${note}: ${notes.join('\n')}`);
  }
  const pages = [path, `${draft}/source/fields`];
  await tellsIn(pages, { en: /the sheet 'Lamps' was read; its header is row 1/, fr: /La feuille «\u00a0Lamps\u00a0» a été lue\u00a0; son en-tête est la ligne 1\./,
    de: /Das Blatt „Lamps“ wurde gelesen; seine Kopfzeile ist Zeile 1\./, nl: /Het blad “Lamps” is gelezen; de kopregel is rij 1\./ });
  await tellsIn(pages, { fr: /La colonne «\u00a0Height\u00a0» est du texte, car .*?\u00a0: il y a un texte, d’abord à la ligne 3\./,
    es: /La columna «Height» es texto, .*?: hay un texto, el primero en la fila 3\./, it: /La colonna «Height» è testo, .*?: c’è un testo, per primo alla riga 3\./ });
  await tellsIn(pages, { de: /2 Formeln haben keinen gespeicherten Wert und sind leer; öffnen Sie/ });
  await tellsIn(pages, { fr: /La colonne «\u00a0height\u00a0» est le champ height_2, car height est déjà pris\./, it: /geo_point_2d è stato formato con lat e lon\./ });
  await tellsIn(pages, { de: /^(?![^]*(is text, because|was made of|is the field|was read;))/ }); // nothing stays in English
  const bare = await makeDraft(ada, 'Bare');
  await use(ada, bare, [await upload(ada, 'bare', 'bare.xlsx', workbook('bare.xlsx', 'for row in [(1, 2), (3, 4)]: ws.append(row)'))]);
  await tellsIn([`${bare}/source/fields`], {
    en: /no row was taken for a header, so columns are called by their letters; it can be chosen under “How the file is read”/,
    fr: /aucune ligne n’a été prise pour en-tête, .*? sous «\u00a0Comment le fichier est lu\u00a0»\./ });
});

test('a change of many datasets: what is wrong with one of them', async () => {
  const fields = { all: '1', path: 'default.keyword', operation: 'add', value: 'by a job', old: '', write: '', confirm: '1', job: '1' };
  const ordered = await ada.post('/backoffice/metadata/bulk', fields);
  assert.equal(ordered.status, 303, ordered.text);
  const path = ordered.location.replace(/\?.*/, '');
  const id = path.split('/').at(-1);
  await jobWhen(ada, path, ({ state }) => state === 'done');
  /** The same again, on these datasets, by somebody else. */
  async function again(change) {
    askStore(data, `update job set state = 'waiting', attempt = 0, ended = 0, not_before = 0, result = '', ${change} where id = ${id}; delete from job_line where job_id = ${id}`);
    await jobWhen(ada, path, ({ state }) => state === 'done' || state === 'failed');
  }
  await again(`arguments = replace(arguments, '"city"', '"town"')`);
  const { log } = JSON.parse((await ada.get(path, JSON_ACCEPT)).text);
  assert.ok(log.some(({ text, is_fault: isFault }) => isFault && text === 'town: There is no dataset town any more, or it is not for you.'), JSON.stringify(log));
  await tellsIn([path], { en: /town: There is no dataset town any more/, fr: /town\u00a0: Il n’y a plus de jeu de données town, ou il ne vous est pas ouvert\./,
    de: /town: Es gibt keinen Datensatz town mehr, oder er ist nicht für Sie bestimmt\./, es: /town: Ya no hay un conjunto de datos town/ });
  await again(`arguments = replace(arguments, '"town"', '"city"'), user_id = (select id from "user" where name = 'bob'), user_name = 'bob'`);
  await tellsIn([path], { en: /city: You do not have the right to edit the dataset city\./, fr: /city\u00a0: Vous n’avez pas le droit de modifier le jeu de données city\./,
    nl: /city: U hebt niet het recht om de dataset city te bewerken\./ });
});

test('backups and statistics: the lines of their logs', async () => {
  assert.equal((await ada.post('/backoffice/backups/new', {})).status, 303);
  const latest = (kind) => `/backoffice/jobs/${askStore(data, `select max(id) from job where kind = '${kind}'`)}`;
  const made = latest('backup');
  await jobWhen(ada, made, ({ state }) => state === 'done');
  await tellsIn([made], { en: /generation \d+: \d+ datasets, \d+ versions, \d+ files with \d+ bytes are held/,
    fr: /Génération \d+\u00a0: jeux de données\u00a0: \d+, versions\u00a0: \d+, fichiers retenus/, de: /Stand \d+: Datensätze: \d+, Versionen: \d+/ });
  await tellsIn([made], { en: /: \d+ files, 0 of them unchanged; 0 older backups were removed/, it: /: file: \d+, di cui invariati: 0; backup più vecchi eliminati: 0\./ });
  const [{ name }] = JSON.parse((await ada.get('/backoffice/backups', JSON_ACCEPT)).text).backups;
  assert.equal((await ada.post(`/backoffice/backups/${name}/check`, {})).status, 303);
  const checked = latest('backup');
  await jobWhen(ada, checked, ({ state }) => state === 'done');
  await tellsIn([checked], { en: /all \d+ files are as its manifest says/, es: /los \d+ archivos son como dice el manifiesto\./ });
  askStore(data, `update job set kind = 'statistics', state = 'waiting', attempt = 0, arguments = '{}', ended = 0 where id = ${checked.split('/').at(-1)}`);
  await jobWhen(ada, checked, ({ state }) => state === 'done');
  await tellsIn([checked], { en: /0 hours and 0 days deleted, 0 small figures of months merged/, fr: /Heures supprimées\u00a0: 0, jours supprimés\u00a0: 0/,
    nl: /Verwijderde uren: 0, verwijderde dagen: 0/ });
});

test('a script of a page has the words in the language of the page, and English for programs beside them', async () => {
  const draft = await makeDraft(ada, 'Sent');
  const address = await begin(ada, draft.split('/').at(-1), 'sent.csv', 100);
  const inFrench = async (send) => {
    ada.cookies.set('django_language', 'fr');
    const answer = await send();
    ada.cookies.set('django_language', 'en');
    return { status: answer.status, ...JSON.parse(answer.text) };
  };
  const refusals = [
    [() => patch(ada, address, 7, Buffer.from('abc')), 409, /^The upload has 0 bytes/, /^L’envoi compte 0 octets, et le morceau commence à 7/],
    [() => patch(ada, address, 0, Buffer.alloc(200)), 413, /goes beyond the 100 bytes/, /^Le morceau dépasse les 100 octets/],
    [() => tus(ada, 'DELETE', '/backoffice/uploads/00000000000000000000000000000000'), 404, /^There is no such upload/, /^Cet envoi n’existe pas/],
    [() => tus(ada, 'POST', '/backoffice/uploads', { 'upload-length': '0', 'upload-metadata': 'dataset c2VudA==' }), 400, /^The file is empty/, /^Le fichier est vide/],
    [() => tus(ada, 'POST', '/backoffice/uploads', { 'upload-length': '9', 'upload-metadata': 'dataset bm9uZQ==' }), 404, /^The requested dataset none does not exist/, /^Il n’y a plus de jeu de données none/],
  ];
  for (const [send, status, english, french] of refusals) {
    const told = await inFrench(send);
    assert.equal(told.status, status);
    assert.match(told.message, english);
    assert.match(told.explanation, french);
  }
  const job = jobOf('mixed');
  const state = await inFrench(() => ada.get(job, JSON_ACCEPT));
  assert.match(state.job.message, /^Version 1 is published/);
  assert.match(state.job.explanation, /^La version 1 est publiée/);
});
