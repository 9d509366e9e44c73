#!/usr/bin/env python3
"""A catalogue of many synthetic datasets, and searches of it.

make DATA COUNT: datasets without records, straight into the empty catalogue of a data directory.
queries DATA COUNT: searches as people make them, one JSON array of [ODSQL, expression of FTS5].
measure DATA QUERIES: milliseconds of the expressions in SQLite alone: all that match counted, ten read by bm25.
"""
import itertools
import json
import random
import re
import sqlite3
import sys
import time
import unicodedata

SUBJECTS = {
    'fr': ['écoles', 'bibliothèques', 'arbres', 'stations de vélo', 'qualité de l’air', 'budget', 'subventions',
           'marchés publics', 'zones inondables', 'transports', 'déchets', 'équipements sportifs', 'crèches', 'accidents'],
    'en': ['schools', 'libraries', 'trees', 'bicycle stations', 'air quality', 'budget', 'grants', 'procurement',
           'flood zones', 'transport', 'waste collection', 'sports facilities', 'nurseries', 'accidents'],
    'de': ['Schulen', 'Bibliotheken', 'Bäume', 'Radstationen', 'Luftqualität', 'Haushalt', 'Zuwendungen', 'Vergaben',
           'Überschwemmungsgebiete', 'Verkehr', 'Abfälle', 'Sportanlagen', 'Kindertagesstätten', 'Unfälle'],
    'es': ['escuelas', 'bibliotecas', 'árboles', 'estaciones de bicicletas', 'calidad del aire', 'presupuesto',
           'subvenciones', 'contratos', 'zonas inundables', 'transportes', 'residuos', 'instalaciones', 'guarderías', 'accidentes'],
}
THEMES = ['Éducation', 'Environnement', 'Transports', 'Finances', 'Culture', 'Santé', 'Logement', 'Économie', 'Citoyens']
SYLLABLES = ['ba', 'cou', 'dre', 'fon', 'gui', 'lau', 'mer', 'nan', 'poi', 'ros', 'saint', 'tour', 'val', 'ville', 'berg', 'heim']


def place(random):
    return ''.join(random.choice(SYLLABLES) for _ in range(random.randint(2, 4))).capitalize()


def make(directory, count):
    rng = random.Random(1)
    places = [place(rng) for _ in range(8000)]
    vocabulary = [''.join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 4))) for _ in range(30000)]
    weights = list(itertools.accumulate(1 / (i + 1) for i in range(len(vocabulary))))
    labels = ['Nom', 'Adresse', 'Commune', 'Code postal', 'Date', 'Montant', 'Coordonnées', 'Catégorie', 'Statut', 'Identifiant']
    publishers = [f'Ville de {p}' for p in places[:1500]]
    database = sqlite3.connect(f'{directory}/catalogue.sqlite', isolation_level=None)
    database.execute('pragma synchronous = off')
    database.execute('begin')
    for i in range(count):
        lang = rng.choice(list(SUBJECTS))
        subject = rng.randrange(len(SUBJECTS[lang]))
        where = rng.choice(places)
        words = ' '.join(rng.choices(vocabulary, cum_weights=weights, k=rng.randint(20, 120)))
        metadata = {'default': {
            'title': f'{SUBJECTS[lang][subject]} – {where} {rng.randint(2005, 2026)}', 'language': lang,
            'description': f'<p>{SUBJECTS[lang][subject]} {where}. {words}</p>', 'publisher': rng.choice(publishers),
            'keyword': rng.sample(SUBJECTS[lang], 3) + [where], 'theme': rng.sample(THEMES, rng.randint(1, 2)),
            'license': rng.choice(['Licence Ouverte v2.0', 'CC BY 4.0', 'ODbL'])}}
        if i % 5 == 0:
            metadata['languages'] = {'en': {'default': {'title': f'{SUBJECTS["en"][subject]} – {where}'}}}
        if i % 20 == 0:
            metadata['custom'] = {'owner': where}
        fields = [{'name': f'c{j}', 'label': rng.choice(labels), 'type': 'text', 'annotations': {}, 'description': None}
                  for j in range(rng.randint(4, 15))]
        modified = (1500000000 + rng.randrange(250000000)) * 1000000
        database.execute(
            'insert into dataset (uid, id, metadata, fields, version, last_version, records, created, modified, '
            'data_processed, metadata_processed, title) values (?, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, ?)',
            (f'da_{i:06d}', f'd{i}', json.dumps(metadata, ensure_ascii=False, separators=(',', ':')),
             json.dumps(fields, ensure_ascii=False), modified, modified, modified, modified, metadata['default']['title']))
    database.execute("update state set value = value + 1 where key = 'generation'")
    database.execute("delete from state where key = 'search_format'")
    database.execute('commit')


def words_of(text):
    return [word for word in re.findall(r'\w+', text) if len(word) > 2]


def folded(word):
    decomposed = unicodedata.normalize('NFKD', word.casefold())
    return ''.join(c for c in decomposed if not unicodedata.combining(c))


def misspelt(rng, word):
    at = rng.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2:]


def query(rng, metadata):
    """Three of ten have one word of a title, three two, two the beginning of one, one a word of the text, one a slip."""
    title = words_of(metadata['default']['title'])
    text = words_of(re.sub('<[^>]*>', ' ', metadata['default']['description']))
    kind = rng.randrange(10)
    if kind < 3:
        chosen = [rng.choice(title)]
    elif kind < 6:
        chosen = rng.sample(title, 2) if len(title) > 1 else title
    elif kind < 8:
        start = rng.choice(title)[:rng.randint(3, 5)]
        return f'suggest("{start}")', f'"{folded(start)}" *'
    elif kind < 9:
        chosen = [rng.choice(text)]
    else:
        slip, last = misspelt(rng, rng.choice(text)), rng.choice(title)[:4]
        return f'search("{slip} {last}")', f'"{folded(slip)}" AND "{folded(last)}" *'
    return '"' + ' '.join(chosen) + '"', ' AND '.join(f'"{folded(word)}"' for word in chosen)


def queries(directory, count):
    rng = random.Random(2)
    database = sqlite3.connect(f'{directory}/catalogue.sqlite')
    total = database.execute('select count(*) from dataset').fetchone()[0]
    made = {}
    while len(made) < count:
        row = database.execute('select metadata from dataset where id = ?', (f'd{rng.randrange(total)}',)).fetchone()
        made.update([query(rng, json.loads(row[0]))])
    print(json.dumps(list(made.items()), ensure_ascii=False))


def measure(directory, path):
    database = sqlite3.connect(f'{directory}/catalogue.sqlite')
    with open(path, encoding='utf-8') as file:
        expressions = [expression for _, expression in json.load(file)]
    taken = []
    for expression in expressions:
        began = time.perf_counter()
        database.execute('select count(*) from search where search match ?', (expression,)).fetchone()
        database.execute('select rowid from search where search match ? order by rank limit 10', (expression,)).fetchall()
        taken.append((time.perf_counter() - began) * 1000)
    print(json.dumps(taken))


actions = {'make': make, 'queries': queries, 'measure': measure}
action, directory, argument = sys.argv[1:]
actions[action](directory, argument if action == 'measure' else int(argument))
