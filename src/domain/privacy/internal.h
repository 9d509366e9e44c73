/* What the files of this directory share: the registry with what holds it, and making JSON. */
#ifndef DOMAIN_PRIVACY_INTERNAL_H
#define DOMAIN_PRIVACY_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/date.h"
#include "base/json_read.h"
#include "domain/privacy/privacy.h"
#include "platform/db/statement.h"

#define SERVICE_JSON_BYTES (64u << 10) /* one declaration of a service */
#define UNKNOWN_NAMES 200
#define UNKNOWN_NAME_BYTES 64

/* A registry together with the scope that holds everything it points to. */
struct held_registry {
    struct registry registry; /* first, see registry_unref */
    struct scope scope;
    atomic_int references;
    int64_t generation;
};

struct unknown_count {
    uint64_t hash;
    char name[UNKNOWN_NAME_BYTES];
    size_t length;
    int64_t count;
    usec first, last;
};

/* Names seen since they were last written; one place more, of all that found none. */
struct unknown_table {
    pthread_mutex_t mutex;
    struct unknown_count rows[UNKNOWN_NAMES + 1];
    size_t count;
};

struct privacy {
    struct db *db; /* the catalogue's */
    int64_t consent_seconds;
    str controller, public_url; /* on the heap */
    bool is_https;
    uint8_t seed[SECRET_BYTES];
    uint8_t public_key[PUBLIC_KEY_BYTES];
    pthread_mutex_t mutex; /* guards current and its reference being taken */
    struct held_registry *current;
    struct unknown_table unknown;
};

/* Services as they are in the database. */
struct service_list {
    const struct service *items; /* by id */
    size_t count;
};

/* ---- service.c ---- */

/**
 * Reads a declaration. is_strict: as an administrator hands it in; else as it was stored, when a
 * language that is no longer offered is passed over. Errors: code.
 */
enum err service_read(struct scope *scope, enum err code, str json, bool is_strict,
                      struct service *ret_service) must_check;

/** The declaration as JSON again, with every member. The caller drops it. */
json_t *service_json(const struct service *service);

/* ---- services.c ---- */

enum err service_list_read(struct scope *scope, struct db_lease *lease,
                           struct service_list *ret_list) must_check;

/* ---- revision.c ---- */

/** Whether what is asked of visitors has grown, or changed in a way that their answer did not cover. */
bool services_need_new_consent(const struct service_list *before, const struct service_list *after);

/** Keeps a declaration as what visitors are asked from now on. */
enum err revision_freeze(struct scope *scope, struct db_lease *lease,
                         const struct revision *revision) must_check;

/** The last one; number 0 when there is none. */
enum err revision_latest(struct scope *scope, struct db_lease *lease,
                         struct revision *ret_revision) must_check;

/* ---- declaration.c ---- */

/** The declaration as JSON text, and its hash. */
str declaration_make(struct scope *scope, const struct privacy *privacy,
                     const struct service_list *services, int64_t revision, usec began,
                     str *ret_hash);

/* ---- privacy.c ---- */

/** Takes what the database says into service. */
enum err privacy_load(struct scope *scope, struct privacy *privacy, struct db_lease *lease) must_check;

/* ---- JSON; running out of memory is the only way to fail ---- */

static inline void json_put(json_t *object, const char *key, json_t *value)
{
    bug_if(json_object_set_new(object, key, value) != 0);
}

static inline void json_push(json_t *array, json_t *value)
{
    bug_if(json_array_append_new(array, value) != 0);
}

/** text is valid UTF-8. */
static inline json_t *json_from(str text)
{
    return json_stringn(text.p ? text.p : "", text.n);
}

/** Text of a value in the one form that is hashed and signed. */
static inline str json_canonical(struct arena *arena, const json_t *value)
{
    char *text = json_dumps(value, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENSURE_ASCII);
    bug_if(!text);
    str copy = str_copy(arena, str_from(text));
    free(text);
    return copy;
}

/** "2026-08-29". */
static inline str day_text(struct arena *arena, int64_t day)
{
    char text[DATE_TEXT_BYTES];
    return str_copy(arena, (str){text, date_write_day(text, (int32_t)day)});
}

/** "2026-08-29T12:00:00+00:00". */
static inline str instant_text(struct arena *arena, usec instant)
{
    char text[DATE_TEXT_BYTES];
    return str_copy(arena, (str){text, date_write_instant(text, instant, 0)});
}

#endif
