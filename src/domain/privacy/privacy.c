/* Opening, the current registry and its replacement. */
#include "domain/privacy/privacy.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "domain/privacy/internal.h"

/* ---- the registry ---- */

const struct registry *privacy_registry(struct privacy *privacy)
{
    pthread_mutex_lock(&privacy->mutex);
    struct held_registry *held = privacy->current;
    atomic_fetch_add(&held->references, 1);
    pthread_mutex_unlock(&privacy->mutex);
    return &held->registry;
}

void registry_unref(const struct registry *registry)
{
    if (!registry) {
        return;
    }
    /* registry is the first member of what holds it. */
    struct held_registry *held = (struct held_registry *)(uintptr_t)registry;
    if (atomic_fetch_sub(&held->references, 1) == 1) {
        scope_close(&held->scope);
        free(held);
    }
}

static enum err read_generation(struct scope *scope, struct db_lease *lease, int64_t *ret)
{
    cell value;
    TRY(DB_ASK(scope, lease, &value, "select value from privacy_state where key = 'generation'"));
    *ret = value.type == CELL_INT ? value.number : 0;
    return ERR_OK;
}

static enum err fill(struct scope *scope, const struct privacy *privacy, struct db_lease *lease,
                     struct held_registry *held)
{
    struct service_list services;
    struct revision revision;
    struct registry *registry = &held->registry;
    TRY(read_generation(scope, lease, &held->generation));
    TRY(service_list_read(scope, lease, &services));
    TRY(revision_latest(scope, lease, &revision));
    registry->services = services.items;
    registry->service_count = services.count;
    registry->revision = revision.number;
    registry->changed = revision.began;
    registry->revision_hash = revision.hash;
    registry->declaration = declaration_make(scope, privacy, &services, revision.number,
                                             revision.began, &registry->hash);
    return ERR_OK;
}

/* All is read in one transaction, so that it belongs together. */
enum err privacy_load(struct scope *scope, struct privacy *privacy, struct db_lease *lease)
{
    struct held_registry *held = calloc(1, sizeof(*held));
    if (!held) {
        bug_out_of_memory(sizeof(*held));
    }
    scope_open(&held->scope);
    held->references = 1;
    enum err result = db_begin_reading(scope, lease);
    if (result == ERR_OK) {
        result = fill(&held->scope, privacy, lease, held);
        if (result != ERR_OK) {
            struct failure cause = held->scope.failure;
            fail_as(scope, result, &cause);
        }
    }
    if (result == ERR_OK) {
        result = db_script(scope, lease, "commit");
    }
    if (result != ERR_OK) {
        scope_close(&held->scope);
        free(held);
        return result;
    }
    /* Another thread may have read later and come first; what it has is not taken back. */
    pthread_mutex_lock(&privacy->mutex);
    struct held_registry *old = privacy->current;
    if (old && old->generation > held->generation) {
        old = held;
    } else {
        privacy->current = held;
    }
    pthread_mutex_unlock(&privacy->mutex);
    registry_unref(old ? &old->registry : NULL);
    return ERR_OK;
}

enum err privacy_refresh(struct scope *scope, struct privacy *privacy)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    int64_t generation;
    TRY(db_lease(scope, privacy->db, &lease));
    TRY(read_generation(scope, lease, &generation));
    pthread_mutex_lock(&privacy->mutex);
    bool is_current = privacy->current->generation == generation;
    pthread_mutex_unlock(&privacy->mutex);
    return is_current ? ERR_OK : privacy_load(scope, privacy, lease);
}

/* ---- opening ---- */

/* What the very first visitors are asked is revision 1. */
static enum err freeze_first(struct scope *scope, struct privacy *privacy)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct service_list services;
    struct revision revision;
    TRY(db_begin(scope, privacy->db, &lease));
    TRY(revision_latest(scope, lease, &revision));
    if (revision.number == 0) {
        TRY(service_list_read(scope, lease, &services));
        revision.number = 1;
        revision.began = clock_wall();
        revision.declaration =
            declaration_make(scope, privacy, &services, 1, revision.began, &revision.hash);
        TRY(revision_freeze(scope, lease, &revision));
    }
    return db_commit(scope, lease);
}

static enum err make_tables(struct scope *scope, struct privacy *privacy)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, privacy->db, &lease));
    TRY(privacy_make_tables(scope, lease));
    return db_commit(scope, lease);
}

static enum err start(struct scope *scope, struct privacy *privacy)
{
    TRY(make_tables(scope, privacy));
    TRY(freeze_first(scope, privacy));
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, privacy->db, &lease));
    return privacy_load(scope, privacy, lease);
}

static enum err check_options(struct scope *scope, const struct privacy_options *options)
{
    int64_t most = cookie_entry(COOKIE_PREFERENCES)->max_age;
    if (options->consent_seconds &&
        (options->consent_seconds < 86400 || options->consent_seconds > most)) {
        return fail(scope, ERR_USAGE, "the lifetime of a choice: 1 to %lld days are expected",
                    (long long)(most / 86400));
    }
    if (!utf8_is_valid(options->controller) || !utf8_is_valid(options->public_url)) {
        return fail(scope, ERR_USAGE, "controller and public URL must be UTF-8");
    }
    return ERR_OK;
}

static str heap_copy(str text)
{
    char *copy = malloc(text.n + 1);
    if (!copy) {
        bug_out_of_memory(text.n + 1);
    }
    memcpy(copy, text.n ? text.p : "", text.n);
    return (str){copy, text.n};
}

enum err privacy_open(struct scope *scope, struct catalog *catalog,
                      const struct privacy_options *options,
                      const uint8_t receipt_seed[SECRET_BYTES], struct privacy **ret_privacy)
{
    str url = options->public_url;
    TRY(check_options(scope, options));
    struct privacy *privacy = calloc(1, sizeof(*privacy));
    if (!privacy) {
        bug_out_of_memory(sizeof(*privacy));
    }
    while (str_ends(url, S("/"))) {
        url.n--;
    }
    privacy->db = catalog_database(catalog);
    privacy->consent_seconds = options->consent_seconds ? options->consent_seconds
                                                        : cookie_entry(COOKIE_PREFERENCES)->max_age;
    privacy->controller = heap_copy(str_trim(options->controller));
    privacy->public_url = heap_copy(url);
    privacy->is_https = options->is_https;
    memcpy(privacy->seed, receipt_seed, SECRET_BYTES);
    signature_public_key(privacy->seed, privacy->public_key);
    pthread_mutex_init(&privacy->mutex, NULL);
    pthread_mutex_init(&privacy->unknown.mutex, NULL);
    enum err result = start(scope, privacy);
    if (result != ERR_OK) {
        privacy_close(privacy);
        return result;
    }
    *ret_privacy = privacy;
    return ERR_OK;
}

void privacy_close(struct privacy *privacy)
{
    if (!privacy) {
        return;
    }
    registry_unref(privacy->current ? &privacy->current->registry : NULL);
    pthread_mutex_destroy(&privacy->mutex);
    pthread_mutex_destroy(&privacy->unknown.mutex);
    free((char *)(uintptr_t)privacy->controller.p);
    free((char *)(uintptr_t)privacy->public_url.p);
    explicit_bzero(privacy->seed, sizeof(privacy->seed));
    free(privacy);
}

str privacy_controller(const struct privacy *privacy)
{
    return privacy->controller;
}
