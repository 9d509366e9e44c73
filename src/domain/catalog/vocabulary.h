/*
 * Vocabularies: which values are offered for metadata. Some are lists that others keep (vocabulary.def,
 * licence.def), some the portal's own, which its administrators change; languages, countries and time zones are
 * those of ICU, and fields those of the dataset, which the pages add.
 */
#ifndef DOMAIN_CATALOG_VOCABULARY_H
#define DOMAIN_CATALOG_VOCABULARY_H

#include "domain/catalog/catalog.h"
#include "domain/catalog/metadata.h"
#include "platform/i18n/translated.h"

enum vocabulary {
    VOCABULARY_NONE,
    /* The portal's own. */
    VOCABULARY_THEME,
    VOCABULARY_PUBLISHER,
    VOCABULARY_KEYWORD,
    VOCABULARY_LICENSE,
    /* Of vocabulary.def. */
    VOCABULARY_DATA_THEME,
    VOCABULARY_ACCESS_RIGHT,
    VOCABULARY_FREQUENCY,
    VOCABULARY_PUBLISHER_TYPE,
    VOCABULARY_INSPIRE_THEME,
    /* Of ICU. */
    VOCABULARY_LANGUAGE,
    VOCABULARY_COUNTRY,
    VOCABULARY_TIMEZONE,
    /* Of the dataset, and of the program. */
    VOCABULARY_FIELD,
    VOCABULARY_DIRECTION,
    VOCABULARY__COUNT
};

/* A value of a list that others keep. */
struct vocabulary_term {
    enum vocabulary in;
    str code;
    str value; /* what is stored */
};

/** All terms of vocabulary.def, by list. Static. */
const struct vocabulary_term *vocabulary_terms(size_t *ret_count);

/** The term of a list with that value (http and https are the same), or NULL. */
const struct vocabulary_term *vocabulary_find(enum vocabulary in, str value);

/** Name of a list, as in messages and addresses: "data_theme". */
str vocabulary_name(enum vocabulary vocabulary);

/** The portal's own list of that name; VOCABULARY_NONE: there is none. */
enum vocabulary vocabulary_own(str name);

/** The list for a row of metadata. ret_is_closed: other values make no sense. */
enum vocabulary vocabulary_of(const struct metadata_row *row, bool *ret_is_closed);

/* An entry of the portal's own lists. */
struct vocabulary_entry {
    str value;                /* what is stored in metadata */
    struct translated labels; /* what it is called in other languages; may be empty */
    str address;              /* of a licence: of its text; else empty */
};

#define VOCABULARY_VALUE_BYTES 500 /* of a value, a label */
#define VOCABULARY_ENTRIES_MOST 2000 /* of a list */

/**
 * The entries of one of the portal's own lists, sorted by value; of licences, when there is none, those of
 * licence.def. ret_is_ours: it is that list. In the scope's arena. Errors: ERR_DATABASE.
 */
enum err vocabulary_entries(struct scope *scope, struct catalog *catalog, enum vocabulary list,
                            const struct vocabulary_entry **ret_entries, size_t *ret_count,
                            bool *ret_is_ours) must_check;

/** The licences of licence.def. Static. */
const struct vocabulary_entry *vocabulary_licenses(size_t *ret_count);

/**
 * Adds an entry, or changes that of the value before (no bytes: none). Errors: ERR_CONFLICT (another entry has that
 * value; the list is full), ERR_NO_RECORD (before is not there), ERR_DATABASE.
 */
enum err vocabulary_put(struct scope *scope, struct catalog *catalog, enum vocabulary list, str before,
                        const struct vocabulary_entry *entry) must_check;

/** Takes an entry away; datasets keep the value. Errors: ERR_NO_RECORD, ERR_DATABASE. */
enum err vocabulary_remove(struct scope *scope, struct catalog *catalog, enum vocabulary list, str value)
    must_check;

/** Texts by language as a JSON object, and back; languages that are not offered are left out. In the scope's arena. */
str translated_json(struct scope *scope, const struct translated *texts);
void translated_read(struct scope *scope, str json, struct translated *ret_texts);

#endif
