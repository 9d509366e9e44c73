/* Opening, the current state and its replacement. */
#include "domain/site/keeper.h"

#include <stdlib.h>

#include "base/bug.h"
#include "base/log.h"
#include "domain/site/keeper_internal.h"
#include "platform/i18n/message.h"

/* ---- the current state ---- */

const struct site *site_current(struct site_keeper *keeper)
{
    pthread_mutex_lock(&keeper->mutex);
    struct held_site *held = keeper->current;
    atomic_fetch_add(&held->references, 1);
    pthread_mutex_unlock(&keeper->mutex);
    return &held->site;
}

void site_unref(const struct site *site)
{
    if (!site) {
        return;
    }
    /* site is the first member of what holds it. */
    struct held_site *held = (struct held_site *)(uintptr_t)site;
    if (atomic_fetch_sub(&held->references, 1) == 1) {
        scope_close(&held->scope);
        free(held);
    }
}

int64_t site_generation(struct site_keeper *keeper)
{
    pthread_mutex_lock(&keeper->mutex);
    int64_t generation = keeper->current->site.generation;
    pthread_mutex_unlock(&keeper->mutex);
    return generation;
}

/* ---- reading ---- */

enum err site_stored_generation(struct scope *scope, struct db_lease *lease, int64_t *ret)
{
    cell value;
    TRY(DB_ASK(scope, lease, &value, "select value from site_state where key = 'generation'"));
    *ret = value.type == CELL_INT ? value.number : 0;
    return ERR_OK;
}

static enum err find_file(struct scope *scope, void *user, str name, struct site_file *ret_file)
{
    size_t dot = name.n;
    cell bytes;
    TRY(DB_ASK(scope, user, &bytes, "select bytes from site_file where name = ?", cell_text(name)));
    while (dot > 0 && name.p[dot - 1] != '.') {
        dot--;
    }
    str type = dot ? site_file_type(str_slice(name, dot - 1, name.n)) : STR_NONE;
    if (bytes.type == CELL_BYTES && bytes.text.n && type.n) {
        *ret_file = (struct site_file){bytes.text, type, str_copy(&scope->arena, name)};
    }
    return ERR_OK;
}

/* What is stored of one member. */
struct stored {
    json_t *value; /* NULL: nothing */
    str secret;
    int64_t revision;
    usec changed;
    str author;
};

static void drop_stored(struct stored stored[SITE_MEMBER__COUNT])
{
    for (int i = 0; i < SITE_MEMBER__COUNT; i++) {
        json_decref(stored[i].value);
    }
}

/*
 * What is stored was checked; it can be wrong all the same when a later version of the program, or one with more
 * languages, wrote it. That member is then left out, and the portal goes on with what lies below.
 */
static void add_stored(struct scope *scope, struct db_lease *lease, int member, str text, struct stored *stored)
{
    struct site alone;
    const char *name = site_member_name((enum site_member)member);
    json_t *value = json_loadb(text.p, text.n, JSON_DECODE_ANY, NULL);
    json_t *members cleanup_with(json_cleanup) = json_object();
    enum err result = value ? ERR_OK : fail(scope, ERR_METADATA, "%s: no JSON", name);
    if (result == ERR_OK) {
        bug_if(json_object_set(members, name, value) != 0);
        result = site_make(scope, NULL, members, find_file, lease, &alone);
    }
    if (result == ERR_OK) {
        stored->value = value;
        return;
    }
    json_decref(value);
    log_event(EV_CATALOG_FAILED, "a stored setting of the site is passed over: %.*s", STR_ARG(scope->failure.message));
    scope_forgive(scope);
}

struct stored_row {
    str member, text;
    struct stored stored;
};

static enum err read_rows(struct scope *scope, struct db_lease *lease, struct stored_row *rows, size_t *ret_count)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena, "select member, value, secret, revision, changed, author from site_setting");
    TRY(db_run(scope, lease, &sql, &cursor));
    *ret_count = 0;
    for (;;) {
        const struct batch *row;
        TRY(cursor_next(scope, cursor, &row));
        if (!row || *ret_count == SITE_MEMBER__COUNT) {
            return ERR_OK;
        }
        struct arena *arena = &scope->arena;
        rows[(*ret_count)++] = (struct stored_row){
            row_text(arena, row, 0), row_text(arena, row, 1),
            {NULL, row_text(arena, row, 2), row_number(row, 3), row_number(row, 4), row_text(arena, row, 5)}};
    }
}

static enum err read_stored(struct scope *scope, struct db_lease *lease, struct stored stored[SITE_MEMBER__COUNT])
{
    struct stored_row rows[SITE_MEMBER__COUNT];
    size_t count;
    TRY(read_rows(scope, lease, rows, &count));
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < SITE_MEMBER__COUNT; k++) {
            if (str_eq(rows[i].member, str_from(site_member_name((enum site_member)k)))) {
                stored[k] = rows[i].stored;
                if (rows[i].text.n) {
                    add_stored(scope, lease, k, rows[i].text, &stored[k]);
                }
            }
        }
    }
    return ERR_OK;
}

/* The members of all layers, the upper ones in place of the lower ones, and where each comes from. */
static json_t *merge(struct scope *scope, const struct site_keeper *keeper,
                     const struct stored stored[SITE_MEMBER__COUNT], struct site_value values[SITE_MEMBER__COUNT])
{
    json_t *members = json_object();
    for (int i = 0; i < SITE_MEMBER__COUNT; i++) {
        const char *name = site_member_name((enum site_member)i);
        struct site_value *value = &values[i];
        *value = (struct site_value){.revision = stored[i].revision, .changed = stored[i].changed, .author = stored[i].author};
        for (int layer = SITE_FROM_DEFAULT; layer < SITE_FROM_STORE; layer++) {
            json_t *set = json_object_get(keeper->layers[layer], name);
            if (set) {
                bug_if(json_object_set(members, name, set) != 0);
                value->origin = (enum site_origin)layer;
                value->text = site_json_text(&scope->arena, set);
            }
        }
        value->below = value->text;
        value->below_origin = value->origin;
        if (stored[i].value) {
            bug_if(json_object_set(members, name, stored[i].value) != 0);
            value->origin = SITE_FROM_STORE;
            value->text = site_json_text(&scope->arena, stored[i].value);
        }
    }
    return members;
}

static void set_mail(struct scope *scope, const struct site_keeper *keeper, str sealed, struct site *site)
{
    str password;
    if (site->values[SITE_MEMBER_MAIL].origin == SITE_FROM_OPTION) {
        site->mail.password_file = keeper->password_file;
    } else if (sealed.n && unseal(&scope->arena, keeper->key, sealed, &password)) {
        site->mail.password = str_cz(&scope->arena, password);
    }
    site->sends_mail = site->mail.url && keeper->has_public_url;
}

static enum err fill(struct scope *scope, const struct site_keeper *keeper, struct db_lease *lease, struct site *site)
{
    struct stored stored[SITE_MEMBER__COUNT] = {0};
    struct site_value values[SITE_MEMBER__COUNT];
    int64_t generation;
    TRY(site_stored_generation(scope, lease, &generation));
    enum err result = read_stored(scope, lease, stored);
    if (result == ERR_OK) {
        json_t *members cleanup_with(json_cleanup) = merge(scope, keeper, stored, values);
        result = site_make(scope, keeper->path, members, find_file, lease, site);
    }
    drop_stored(stored);
    TRY(result);
    site->generation = generation;
    memcpy(site->values, values, sizeof(values));
    set_mail(scope, keeper, stored[SITE_MEMBER_MAIL].secret, site);
    return content_list_read(scope, lease, site);
}

static int offset_in(const void *zone, usec instant)
{
    return zone_offset_at(zone, instant);
}

/* Another thread may have read later and come first; what it has is not taken back. */
static void replace(struct site_keeper *keeper, struct held_site *held)
{
    pthread_mutex_lock(&keeper->mutex);
    struct held_site *old = keeper->current;
    if (old && old->site.generation > held->site.generation) {
        old = held;
    } else {
        keeper->current = held;
        format_use_zone(offset_in, held->site.zone);
    }
    pthread_mutex_unlock(&keeper->mutex);
    site_unref(old ? &old->site : NULL);
}

/* All is read in one transaction, so that it belongs together. */
static enum err load(struct scope *scope, struct site_keeper *keeper, struct db_lease *lease)
{
    struct held_site *held = calloc(1, sizeof(*held));
    if (!held) {
        bug_out_of_memory(sizeof(*held));
    }
    scope_open(&held->scope);
    held->references = 1;
    enum err result = db_begin_reading(scope, lease);
    if (result == ERR_OK) {
        result = fill(&held->scope, keeper, lease, &held->site);
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
    replace(keeper, held);
    return ERR_OK;
}

enum err site_versions_kept(struct scope *scope, struct catalog *catalog, int64_t *ret_versions)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell text;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &text, "select value from site_setting where member = 'retention'"));
    json_t *value cleanup_with(json_cleanup) = text.type == CELL_TEXT ? json_loadb(text.text.p, text.text.n, 0, NULL) : NULL;
    *ret_versions = json_integer_value(json_object_get(value, "versions"));
    *ret_versions = *ret_versions > 0 ? *ret_versions : SITE_VERSIONS_KEPT;
    return ERR_OK;
}

enum err site_stored_language(struct scope *scope, struct catalog *catalog, language *ret_language)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell text;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &text, "select value from site_setting where member = 'language'"));
    json_t *value cleanup_with(json_cleanup) =
        text.type == CELL_TEXT ? json_loadb(text.text.p, text.text.n, JSON_DECODE_ANY, NULL) : NULL;
    language found = json_is_string(value) ? language_exact(json_read_text(value)) : LANGUAGE_NONE;
    *ret_language = found == LANGUAGE_NONE ? language_exact(S("en")) : found;
    return ERR_OK;
}

enum err site_refresh(struct scope *scope, struct site_keeper *keeper, bool *ret_changed)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    int64_t generation;
    *ret_changed = false;
    TRY(db_lease(scope, keeper->db, &lease));
    TRY(site_stored_generation(scope, lease, &generation));
    if (site_generation(keeper) == generation) {
        return ERR_OK;
    }
    *ret_changed = true;
    return load(scope, keeper, lease);
}

enum err site_finish(struct scope *scope, struct site_keeper *keeper, struct db_lease *lease)
{
    TRY(db_script(scope, lease, "update site_state set value = value + 1 where key = 'generation'; commit"));
    return load(scope, keeper, lease);
}

/* ---- opening ---- */

static char *keep_text(const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy) {
        bug_out_of_memory(strlen(text));
    }
    return copy;
}

static json_t *keep_json(const json_t *value)
{
    return json_incref((json_t *)(uintptr_t)value);
}

static enum err start(struct scope *scope, struct site_keeper *keeper)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, keeper->db, &lease));
    TRY(site_make_tables(scope, lease));
    TRY(db_commit(scope, lease));
    db_release(lease);
    lease = NULL;
    TRY(db_lease(scope, keeper->db, &lease));
    return load(scope, keeper, lease);
}

enum err site_open(struct scope *scope, struct catalog *catalog, const struct site_options *options,
                   struct site_keeper **ret_keeper)
{
    struct site_keeper *keeper = calloc(1, sizeof(*keeper));
    if (!keeper) {
        bug_out_of_memory(sizeof(*keeper));
    }
    keeper->db = catalog_database(catalog);
    keeper->layers[SITE_FROM_DEFAULT] = keep_json(options->layers.defaults);
    keeper->layers[SITE_FROM_FILE] = keep_json(options->layers.file);
    keeper->layers[SITE_FROM_OPTION] = keep_json(options->layers.options);
    keeper->path = keep_text(options->layers.path);
    keeper->password_file = keep_text(options->layers.password_file);
    keeper->has_public_url = options->public_url.n > 0;
    memcpy(keeper->key, options->key, sizeof(keeper->key));
    pthread_mutex_init(&keeper->mutex, NULL);
    enum err result = start(scope, keeper);
    if (result != ERR_OK) {
        site_close(keeper);
        return result;
    }
    *ret_keeper = keeper;
    return ERR_OK;
}

void site_close(struct site_keeper *keeper)
{
    if (!keeper) {
        return;
    }
    site_unref(keeper->current ? &keeper->current->site : NULL);
    for (int i = 0; i < SITE_ORIGIN__COUNT; i++) {
        json_decref(keeper->layers[i]);
    }
    free(keeper->path);
    free(keeper->password_file);
    pthread_mutex_destroy(&keeper->mutex);
    explicit_bzero(keeper->key, sizeof(keeper->key));
    free(keeper);
}
