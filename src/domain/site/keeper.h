/*
 * Keeps the settings of a site in the catalogue's database, above those of the file and of options, and has the
 * current state in memory. Each change is one transaction that raises the generation; other nodes notice it by
 * site_refresh.
 */
#ifndef DOMAIN_SITE_KEEPER_H
#define DOMAIN_SITE_KEEPER_H

#include "domain/catalog/catalog.h"
#include "domain/site/site.h"
#include "platform/crypto/crypto.h"

struct site_keeper;

struct site_options {
    struct site_layers layers; /* its JSON is kept by reference; path and password_file are copied */
    str public_url;            /* what links in mail begin with; without one no mail is sent */
    uint8_t key[SECRET_BYTES]; /* the password of the mail relay is sealed with it */
};

/**
 * Makes the tables where missing and reads the settings. Undone by site_close. Errors: ERR_FILE and ERR_METADATA
 * (what lies below the stored settings is wrong), ERR_DATABASE.
 */
enum err site_open(struct scope *scope, struct catalog *catalog, const struct site_options *options,
                   struct site_keeper **ret_keeper) must_check;
void site_close(struct site_keeper *keeper); /* accepts NULL */

/** Makes the tables where they are missing, in a transaction. */
enum err site_make_tables(struct scope *scope, struct db_lease *lease) must_check;

/** Takes the password of the mail relay out of the tables, which are made where they are missing, in a transaction. */
enum err site_forget_secrets(struct scope *scope, struct db_lease *lease) must_check;

/** Their names, in the order of their references. */
const struct stored_table *site_tables(size_t *ret_count);

/** The current state, which does not change while it is held. Given back by site_unref. */
const struct site *site_current(struct site_keeper *keeper);
void site_unref(const struct site *site); /* accepts NULL */

/** Generation of the current state, for caches. */
int64_t site_generation(struct site_keeper *keeper);

/** Reads the settings again when they were changed. Errors: ERR_DATABASE; the old state stays. */
enum err site_refresh(struct scope *scope, struct site_keeper *keeper, bool *ret_changed) must_check;

/**
 * How many versions of a dataset are kept, for work that has no keeper: what is stored, else SITE_VERSIONS_KEPT. The
 * tables are there. Errors: ERR_DATABASE.
 */
enum err site_versions_kept(struct scope *scope, struct catalog *catalog, int64_t *ret_versions) must_check;

/** The portal's language as it is stored, for work that has no keeper; else English. Errors: ERR_DATABASE. */
enum err site_stored_language(struct scope *scope, struct catalog *catalog, language *ret_language) must_check;

/* A change of a setting. */
struct site_change {
    enum site_member member;
    const json_t *value; /* NULL: what is stored goes, the layer below holds again */
};

struct site_save {
    const struct site_change *changes;
    size_t count;
    int64_t seen;  /* site_seen of the members when they were read */
    str author;    /* a sign-in name */
    str password;  /* of the mail relay; p NULL: it stays; empty: there is none any more */
};

/** A number that each change of one of the members raises. */
int64_t site_seen(const struct site *site, const enum site_member *members, size_t count);

/**
 * Stores changes. Errors: ERR_METADATA (a value is wrong: which member, what is expected), ERR_CONFLICT (somebody
 * stored one of the members since), ERR_DATABASE.
 */
enum err site_store(struct scope *scope, struct site_keeper *keeper, const struct site_save *save) must_check;

/** Whether a value of a member would be taken. Errors: ERR_METADATA, those of reading. */
enum err site_check(struct scope *scope, struct site_keeper *keeper, enum site_member member,
                    const json_t *value) must_check;

/**
 * Keeps a picture, so that {"stored": NAME} finds it. purpose: "logo" or "icon"; ending: ".svg". What no setting
 * names is removed a day later. Errors: ERR_DATABASE.
 */
enum err site_keep_file(struct scope *scope, struct site_keeper *keeper, const char *purpose, str ending,
                        str bytes, str *ret_name) must_check;

#endif
