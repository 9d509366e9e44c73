/*
 * What somebody has typed into a form about a dataset and not sent yet, so that neither a reload nor a browser that ends takes
 * it away. It is nobody's but his who typed it, and nothing of the dataset: nothing of it is published. It is kept here because
 * the portal stores nothing in browsers.
 */
#ifndef DOMAIN_RESOURCE_UNSENT_H
#define DOMAIN_RESOURCE_UNSENT_H

#include "domain/catalog/catalog.h"

#define UNSENT_DAYS 14                     /* it is kept without being touched */
#define UNSENT_MOST 100                    /* forms of one person; the oldest ones make room */
#define UNSENT_FORM_BYTES 400              /* of a form's name */
#define UNSENT_VALUES_BYTES ((size_t)200000)

/* Which form of whom. */
struct unsent_key {
    str dataset;   /* uid */
    int64_t owner; /* the user */
    str form;      /* "description", "field/NAME", "metadata/TEMPLATE/LANGUAGE" */
};

struct unsent {
    str values; /* JSON object, as the page's script writes it; empty: there is nothing */
    usec changed;
};

/** What was typed; values empty when nothing is kept, or only what is too old. In the scope's arena. Errors: ERR_DATABASE. */
enum err unsent_find(struct scope *scope, struct catalog *catalog, const struct unsent_key *key,
                     struct unsent *ret_unsent) must_check;

/** Keeps it in place of what was kept of this form. Errors: ERR_METADATA (no JSON object, or too large), ERR_DATABASE. */
enum err unsent_keep(struct scope *scope, struct catalog *catalog, const struct unsent_key *key, str values) must_check;

/** Forgets it: it was sent, or is not wanted any more. Errors: ERR_DATABASE. */
enum err unsent_forget(struct scope *scope, struct catalog *catalog, const struct unsent_key *key) must_check;

/** Deletes what is too old or of datasets that are gone, in a transaction. Errors: ERR_DATABASE. */
enum err unsent_upkeep(struct scope *scope, struct db_lease *lease) must_check;

#endif
