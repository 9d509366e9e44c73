/* What holds the settings and the pages of content. */
#ifndef DOMAIN_SITE_KEEPER_INTERNAL_H
#define DOMAIN_SITE_KEEPER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "domain/site/internal.h"
#include "domain/site/keeper.h"
#include "platform/db/statement.h"

struct site_keeper {
    struct db *db;          /* the catalogue's */
    json_t *layers[SITE_ORIGIN__COUNT]; /* but for what is stored */
    char *path, *password_file;
    bool has_public_url;
    uint8_t key[SECRET_BYTES];
    pthread_mutex_t mutex;  /* guards current and its reference being taken */
    struct held_site *current;
};

/* A site together with the scope that holds everything it points to. */
struct held_site {
    struct site site; /* first, see site_unref */
    struct scope scope;
    atomic_int references;
};

/** Generation of what is stored. */
enum err site_stored_generation(struct scope *scope, struct db_lease *lease, int64_t *ret) must_check;

/** Ends a transaction that changed something: raises the generation, commits, takes it into service. */
enum err site_finish(struct scope *scope, struct site_keeper *keeper, struct db_lease *lease) must_check;

/** Fills in the pages of content, without their texts (content.c). */
enum err content_list_read(struct scope *scope, struct db_lease *lease, struct site *site) must_check;

#endif
