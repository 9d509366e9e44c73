#!/usr/bin/env python3
"""Synthetic datasets without records: catalogue.py DATA_DIRECTORY COUNT. The directory holds an empty catalogue."""
import itertools
import json
import random
import sqlite3
import sys

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


def main(directory, count):
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


main(sys.argv[1], int(sys.argv[2]))
