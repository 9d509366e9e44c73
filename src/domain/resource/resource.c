#include "domain/resource/resource.h"

#include "domain/resource/settings.h"
#include "domain/resource/unsent.h"
#include "domain/resource/upload.h"
#include "platform/db/statement.h"
#include "platform/fetch/fetch.h"
#include "platform/i18n/explanation.h"

static const char *const kinds[] = {
    [RESOURCE_NONE] = "none", [RESOURCE_UPLOAD] = "upload", [RESOURCE_URL] = "url", [RESOURCE_DATASET] = "dataset"};

#define COLUMNS                                                                                    \
    "dataset, kind, uploads, location, settings, etag, last_modified, schedule, checked, changed, changed_by"

const char *resource_kind_name(enum resource_kind kind)
{
    return kinds[kind];
}

bool resource_kind_find(str name, enum resource_kind *ret_kind)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (str_eq(name, str_from(kinds[i]))) {
            *ret_kind = (enum resource_kind)i;
            return true;
        }
    }
    return false;
}

/* ---- reading ---- */

static enum err read_uploads(struct scope *scope, str text, struct resource *resource)
{
    json_t *list cleanup_with(json_cleanup) = NULL;
    TRY(json_read(scope, ERR_DATABASE, text, "uploads of a resource", &list));
    size_t count = json_array_size(list);
    str *uploads = arena_array(&scope->arena, str, count);
    for (size_t i = 0; i < count; i++) {
        uploads[i] = str_copy(&scope->arena, json_read_text(json_array_get(list, i)));
    }
    resource->uploads = uploads;
    resource->upload_count = count;
    return ERR_OK;
}

static enum err find(struct scope *scope, struct db_lease *lease, str dataset, struct resource *ret)
{
    struct arena *arena = &scope->arena;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(arena, "select " COLUMNS " from resource where dataset = ?", cell_text(dataset));
    const struct batch *row;
    *ret = (struct resource){.dataset = str_copy(arena, dataset), .settings = S("{}")};
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    if (!row) {
        return ERR_OK;
    }
    str uploads = row_text(arena, row, 2);
    ret->location = row_text(arena, row, 3);
    ret->settings = row_text(arena, row, 4);
    ret->etag = row_text(arena, row, 5);
    ret->last_modified = row_text(arena, row, 6);
    ret->schedule = row_text(arena, row, 7);
    ret->checked = row_number(row, 8);
    ret->changed = row_number(row, 9);
    ret->changed_by = row_text(arena, row, 10);
    if (!resource_kind_find(row_text(arena, row, 1), &ret->kind)) {
        ret->kind = RESOURCE_NONE; /* of a later version */
    }
    return read_uploads(scope, uploads, ret);
}

enum err resource_find(struct scope *scope, struct catalog *catalog, str dataset, struct resource *ret_resource)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    return find(scope, lease, dataset, ret_resource);
}

/* ---- saving ---- */

static str write_uploads(struct arena *arena, const struct resource *resource)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_array_begin(&json);
    for (size_t i = 0; i < resource->upload_count; i++) {
        json_text(&json, resource->uploads[i]);
    }
    json_array_end(&json);
    return buf_copy(&out, arena);
}

/* Those that were used before may be deleted some days later. */
static enum err use_uploads(struct scope *scope, struct db_lease *lease, const struct resource *resource)
{
    TRY(DB_RUN(scope, lease, "update upload set used = 0, changed = ? where dataset = ? and used <> 0",
               cell_int(clock_wall()), cell_text(resource->dataset)));
    if (resource->upload_count > RESOURCE_UPLOADS_MOST) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_SOURCE_FILES_MOST,
                             SAYS(argument_digits(&scope->arena, "most", RESOURCE_UPLOADS_MOST)));
    }
    for (size_t i = 0; i < resource->upload_count; i++) {
        cell left;
        TRY(DB_ASK(scope, lease, &left, "select bytes - received from upload where id = ? and dataset = ?",
                   cell_text(resource->uploads[i]), cell_text(resource->dataset)));
        if (left.type != CELL_INT) {
            return fail_in_words(scope, ERR_NO_UPLOAD, MSG_FAULT_UPLOAD_ONE_GONE, NULL);
        }
        if (left.number != 0) {
            return fail_in_words(scope, ERR_DATA, MSG_FAULT_UPLOAD_ONE_UNFINISHED, NULL);
        }
        TRY(DB_RUN(scope, lease, "update upload set used = 1 where id = ?", cell_text(resource->uploads[i])));
    }
    return ERR_OK;
}

static enum err check_seen(struct scope *scope, const struct resource *there, usec seen)
{
    return !seen || there->changed == seen
               ? ERR_OK
               : fail(scope, ERR_CONFLICT, "%.*s has changed this meanwhile. Nothing was overwritten.",
                      STR_ARG(there->changed_by.n ? there->changed_by : S("Somebody else")));
}

static enum err write_row(struct scope *scope, struct db_lease *lease, const struct resource *resource, usec changed)
{
    return DB_RUN(scope, lease,
                  "insert into resource (" COLUMNS ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                  "on conflict (dataset) do update set kind = excluded.kind, uploads = excluded.uploads, "
                  "location = excluded.location, settings = excluded.settings, etag = excluded.etag, "
                  "last_modified = excluded.last_modified, schedule = excluded.schedule, checked = excluded.checked, "
                  "changed = excluded.changed, changed_by = excluded.changed_by",
                  cell_text(resource->dataset), cell_text(str_from(kinds[resource->kind])),
                  cell_text(write_uploads(&scope->arena, resource)), cell_text(resource->location),
                  cell_text(resource->settings.n ? resource->settings : S("{}")), cell_text(resource->etag),
                  cell_text(resource->last_modified), cell_text(resource->schedule), cell_int(resource->checked),
                  cell_int(changed), cell_text(resource->changed_by));
}

enum err resource_save(struct scope *scope, struct catalog *catalog, const struct resource *resource, usec seen)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct resource there;
    struct resource_settings settings;
    usec now = clock_wall();
    TRY(resource_settings_read(scope, resource->settings, &settings));
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(find(scope, lease, resource->dataset, &there));
    TRY(check_seen(scope, &there, seen));
    TRY(use_uploads(scope, lease, resource));
    TRY(write_row(scope, lease, resource, now > there.changed ? now : there.changed + 1));
    return db_commit(scope, lease);
}

static enum err note_read(struct scope *scope, struct db_lease *lease, const struct resource *resource)
{
    return DB_RUN(scope, lease,
                  "update resource set etag = ?, last_modified = ?, checked = ? where dataset = ? and location = ?",
                  cell_text(resource->etag), cell_text(resource->last_modified), cell_int(resource->checked),
                  cell_text(resource->dataset), cell_text(resource->location));
}

enum err resource_note_read(struct scope *scope, struct catalog *catalog, const struct resource *resource)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(note_read(scope, lease, resource));
    return db_commit(scope, lease);
}

enum err resource_note_published(struct scope *scope, struct catalog *catalog, const struct resource *resource)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(note_read(scope, lease, resource));
    TRY(DB_RUN(scope, lease,
               "update upload set used = 0, changed = ? where dataset = ? and used <> 0 and exists "
               "(select 1 from resource where resource.dataset = upload.dataset and location = ?)",
               cell_int(clock_wall()), cell_text(resource->dataset), cell_text(resource->location)));
    TRY(DB_RUN(scope, lease, "update resource set uploads = '[]' where dataset = ? and location = ?",
               cell_text(resource->dataset), cell_text(resource->location)));
    return db_commit(scope, lease);
}

enum err resource_options(struct scope *scope, const struct resource *resource, struct publish_options *ret_options)
{
    struct resource_settings settings;
    TRY(resource_settings_read(scope, resource->settings, &settings));
    return resource_settings_options(scope, &settings, ret_options);
}

/* ---- rows that did not fit ---- */

enum err resource_rejects_find(struct scope *scope, struct catalog *catalog, str dataset,
                               struct resource_rejects *ret_rejects)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena, "select version, rows_left_out, lines from resource_rejects where dataset = ?",
                               cell_text(dataset));
    const struct batch *row;
    *ret_rejects = (struct resource_rejects){0};
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    if (row) {
        *ret_rejects = (struct resource_rejects){row_number(row, 0), row_number(row, 1), row_text(&scope->arena, row, 2)};
    }
    cursor_close(cursor);
    cursor = NULL;
    return ERR_OK;
}

enum err resource_rejects_save(struct scope *scope, struct catalog *catalog, str dataset,
                               const struct resource_rejects *rejects)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(DB_RUN(scope, lease, "delete from resource_rejects where dataset = ?", cell_text(dataset)));
    if (rejects->count) {
        TRY(DB_RUN(scope, lease, "insert into resource_rejects (dataset, version, rows_left_out, lines) values (?, ?, ?, ?)",
                   cell_text(dataset), cell_int(rejects->version), cell_int(rejects->count),
                   cell_bytes((const uint8_t *)rejects->lines.p, rejects->lines.n)));
    }
    return db_commit(scope, lease);
}

enum err resource_upkeep(struct scope *scope, struct catalog *catalog)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(db_script(scope, lease,
                  "delete from resource where not exists (select 1 from dataset where dataset.uid = resource.dataset);"
                  "delete from resource_rejects where not exists (select 1 from dataset where dataset.uid = resource_rejects.dataset)"));
    TRY(unsent_upkeep(scope, lease));
    return db_commit(scope, lease);
}

/* ---- copies without secrets ---- */

struct shown_address {
    str dataset, address;
};

static enum err list_addresses(struct scope *scope, struct db_lease *lease, const struct shown_address **ret_addresses,
                               size_t *ret_count)
{
    struct arena *arena = &scope->arena;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct shown_address) addresses = {0};
    struct sql sql = STATEMENT(arena, "select dataset, location from resource where kind = ?",
                               cell_text(str_from(kinds[RESOURCE_URL])));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        str dataset = row_text(arena, row, 0);
        vec_add(arena, &addresses, ((struct shown_address){dataset, fetch_shown_address(arena, row_text(arena, row, 1))}));
    }
    *ret_addresses = addresses.items;
    *ret_count = addresses.count;
    return ERR_OK;
}

enum err resource_forget_passwords(struct scope *scope, struct db_lease *lease)
{
    const struct shown_address *addresses;
    size_t count;
    TRY(resource_make_tables(scope, lease));
    TRY(list_addresses(scope, lease, &addresses, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(DB_RUN(scope, lease, "update resource set location = ? where dataset = ?", cell_text(addresses[i].address),
                   cell_text(addresses[i].dataset)));
    }
    return ERR_OK;
}
