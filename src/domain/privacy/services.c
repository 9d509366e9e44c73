/* The declared services in the database. Each change is one transaction with what it brings about.
 */
#include "base/utf8.h"
#include "base/vec.h"
#include "domain/privacy/internal.h"

/* ---- reading ---- */

enum err service_list_read(struct scope *scope, struct db_lease *lease,
                           struct service_list *ret_list)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct service) services = {0};
    struct sql sql = STATEMENT(&scope->arena,
                               "select number, document from external_service"
                               " where document is not null order by id");
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        struct service service;
        TRY(service_read(scope, ERR_DATABASE, row_text(&scope->arena, row, 1), false,
                         &service));
        service.number = (int)row_number(row, 0);
        vec_add(&scope->arena, &services, service);
    }
    *ret_list = (struct service_list){services.items, services.count};
    return ERR_OK;
}

/* ---- changing ---- */

/* The number that the id has or once had, else the next one that nobody had. */
static enum err choose_number(struct scope *scope, struct db_lease *lease, str id, int64_t *ret)
{
    cell number;
    TRY(DB_ASK(scope, lease, &number, "select number from external_service where id = ?",
               cell_text(id)));
    if (number.type == CELL_INT) {
        *ret = number.number;
        return ERR_OK;
    }
    TRY(DB_ASK(scope, lease, &number, "select coalesce(max(number) + 1, 0) from external_service"));
    *ret = number.number;
    return number.number < SERVICES_MOST
               ? ERR_OK
               : fail(scope, ERR_CONFLICT,
                      "service %.*s: %d services are or were declared, and the place of a removed "
                      "one is not given to another; declare it under the id of a removed one",
                      STR_ARG(id), SERVICES_MOST);
}

static enum err check_embeds(struct scope *scope, const struct service_list *list,
                             const struct service *service)
{
    struct registry others = {.services = list->items, .service_count = list->count};
    for (size_t i = 0; i < service->embed_count; i++) {
        const struct service *owner;
        if (registry_embed(&others, service->embeds[i].id, &owner) &&
            !str_eq(owner->id, service->id)) {
            return fail(scope, ERR_METADATA,
                        "service: embeds[%zu].id: the service %.*s has an embed of this id", i,
                        STR_ARG(owner->id));
        }
    }
    return ERR_OK;
}

static enum err save(struct scope *scope, struct db_lease *lease, const struct service *service)
{
    json_t *document cleanup_with(json_cleanup) = service_json(service);
    return DB_RUN(scope, lease,
                  "insert into external_service (number, id, document, changed)"
                  " values (?, ?, ?, ?) on conflict (number) do update"
                  " set document = excluded.document, changed = excluded.changed",
                  cell_int(service->number), cell_text(service->id),
                  cell_text(json_canonical(&scope->arena, document)), cell_int(clock_wall()));
}

/* Visitors are asked anew only when there is more to ask. */
static enum err finish(struct scope *scope, struct privacy *privacy, struct db_lease *lease,
                       const struct service_list *before)
{
    struct service_list after;
    struct revision revision;
    TRY(service_list_read(scope, lease, &after));
    if (services_need_new_consent(before, &after)) {
        TRY(revision_latest(scope, lease, &revision));
        revision.number++;
        revision.began = clock_wall();
        revision.declaration = declaration_make(scope, privacy, &after, revision.number,
                                                revision.began, &revision.hash);
        TRY(revision_freeze(scope, lease, &revision));
    }
    TRY(db_script(scope, lease,
                  "update privacy_state set value = value + 1 where key = 'generation'; commit"));
    return privacy_load(scope, privacy, lease);
}

enum err service_put(struct scope *scope, struct privacy *privacy, str json, str *ret_id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct service service;
    struct service_list before;
    int64_t number;
    TRY(service_read(scope, ERR_METADATA, json, true, &service));
    TRY(db_begin(scope, privacy->db, &lease));
    TRY(service_list_read(scope, lease, &before));
    TRY(check_embeds(scope, &before, &service));
    TRY(choose_number(scope, lease, service.id, &number));
    service.number = (int)number;
    TRY(save(scope, lease, &service));
    TRY(finish(scope, privacy, lease, &before));
    *ret_id = service.id;
    return ERR_OK;
}

/* The list as it would be with a service in the place of the one of the same id. */
static struct service_list with_service(struct arena *arena, const struct service_list *list,
                                        const struct service *service)
{
    struct service *items = arena_array(arena, struct service, list->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (!str_eq(list->items[i].id, service->id)) {
            items[count++] = list->items[i];
        }
    }
    items[count++] = *service;
    return (struct service_list){items, count};
}

enum err service_preview(struct scope *scope, struct privacy *privacy, str json,
                         struct service *ret_service, bool *ret_asks_again)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct service_list before;
    TRY(service_read(scope, ERR_METADATA, json, true, ret_service));
    TRY(db_lease(scope, privacy->db, &lease));
    TRY(service_list_read(scope, lease, &before));
    TRY(check_embeds(scope, &before, ret_service));
    struct service_list after = with_service(&scope->arena, &before, ret_service);
    *ret_asks_again = services_need_new_consent(&before, &after);
    return ERR_OK;
}

enum err service_remove(struct scope *scope, struct privacy *privacy, str id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct service_list before;
    TRY(db_begin(scope, privacy->db, &lease));
    TRY(service_list_read(scope, lease, &before));
    TRY(DB_RUN(scope, lease,
               "update external_service set document = null, changed = ?"
               " where document is not null and id = ?",
               cell_int(clock_wall()), cell_text(id)));
    if (db_changes(lease) == 0) {
        return fail(scope, ERR_NO_SERVICE, "The service %.*s is not declared.",
                    STR_ARG(utf8_truncate(id, 100)));
    }
    return finish(scope, privacy, lease, &before);
}
