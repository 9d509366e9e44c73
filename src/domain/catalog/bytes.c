#include "domain/catalog/bytes.h"

#include <stdlib.h>

#include "base/vec.h"
#include "platform/db/statement.h"

/* The list of attachments stands in the metadata, of few datasets. */
#define SQLITE_ATTACHMENTS                                                                         \
    "select uid, (select coalesce(sum(json_extract(value, '$.bytes')), 0) from "                   \
    "json_each(metadata, '$.attachments')) from dataset where has_attachments = 1"
#define POSTGRES_ATTACHMENTS                                                                       \
    "select uid, (select coalesce(sum((value ->> 'bytes')::bigint), 0)::bigint from "              \
    "json_array_elements(metadata::json -> 'attachments')) from dataset where has_attachments = 1"

typedef VEC(struct dataset_bytes) bytes_list;

static int compare(const void *a, const void *b)
{
    const struct dataset_bytes *left = a;
    const struct dataset_bytes *right = b;
    return str_compare(left->uid, right->uid);
}

static void add_uid(struct sql *sql, const char *before, str uid)
{
    if (uid.n) {
        sql_text_constant(sql, str_from(before));
        sql_bind(sql, cell_text(uid));
    }
}

static enum err read_versions(struct scope *scope, struct db_lease *lease, str uid, bytes_list *all)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select uid, count(*), cast(sum(bytes) as bigint) from version");
    add_uid(&sql, " where uid = ", uid);
    sql_text(&sql, " group by uid");
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        struct dataset_bytes one = {row_text(&scope->arena, row, 0), row_number(row, 1), row_number(row, 2), 0};
        vec_add(&scope->arena, all, one);
    }
    return ERR_OK;
}

static struct dataset_bytes *find(struct dataset_bytes *bytes, size_t count, str uid)
{
    const struct dataset_bytes key = {.uid = uid};
    return count ? bsearch(&key, bytes, count, sizeof(key), compare) : NULL;
}

static enum err read_attachments(struct scope *scope, struct db_lease *lease, str of, bytes_list *all)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    size_t sorted = all->count;
    sql_text_constant(&sql, db_lease_engine(lease) == DB_POSTGRES ? S(POSTGRES_ATTACHMENTS) : S(SQLITE_ATTACHMENTS));
    add_uid(&sql, " and uid = ", of);
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        str uid = row_text(&scope->arena, row, 0);
        struct dataset_bytes *found = find(all->items, sorted, uid);
        if (found) {
            found->attachments = row_number(row, 1);
        } else {
            struct dataset_bytes one = {.uid = uid, .attachments = row_number(row, 1)};
            vec_add(&scope->arena, all, one);
        }
    }
    return ERR_OK;
}

static void sort(bytes_list *all)
{
    if (all->count) {
        qsort(all->items, all->count, sizeof(*all->items), compare);
    }
}

enum err catalog_bytes(struct scope *scope, struct catalog *catalog, str uid, const struct dataset_bytes **ret_bytes,
                       size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    bytes_list all = {0};
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(read_versions(scope, lease, uid, &all));
    sort(&all);
    TRY(read_attachments(scope, lease, uid, &all));
    sort(&all);
    *ret_bytes = all.items;
    *ret_count = all.count;
    return ERR_OK;
}

struct dataset_bytes bytes_of(const struct dataset_bytes *bytes, size_t count, str uid)
{
    const struct dataset_bytes key = {.uid = uid};
    const struct dataset_bytes *found = count ? bsearch(&key, bytes, count, sizeof(key), compare) : NULL;
    return found ? *found : key;
}
