/* Pictures of pages of content. */
#include "base/vec.h"
#include "domain/site/content.h"
#include "domain/site/keeper_internal.h"

enum err content_files(struct scope *scope, struct site_keeper *keeper, int64_t id,
                       const struct content_file **ret_files, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct content_file) files = {0};
    struct sql sql = STATEMENT(&scope->arena,
                               "select name, length(bytes) from content_file where page = ? order by name", cell_int(id));
    TRY(db_lease(scope, keeper->db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, &files, (struct content_file){row_text(&scope->arena, row, 0), row_number(row, 1)});
    }
    cursor_close(cursor);
    cursor = NULL;
    *ret_files = files.items;
    *ret_count = files.count;
    return ERR_OK;
}

enum err content_file_get(struct scope *scope, struct site_keeper *keeper, int64_t id, str name,
                          struct site_file *ret_file)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell bytes;
    size_t dot = name.n;
    while (dot > 0 && name.p[dot - 1] != '.') {
        dot--;
    }
    TRY(db_lease(scope, keeper->db, &lease));
    TRY(DB_ASK(scope, lease, &bytes, "select bytes from content_file where page = ? and name = ?", cell_int(id),
               cell_text(name)));
    str type = dot ? site_file_type(str_slice(name, dot - 1, name.n)) : STR_NONE;
    *ret_file = bytes.type == CELL_BYTES && type.n ? (struct site_file){bytes.text, type, name} : (struct site_file){0};
    return ERR_OK;
}

enum err content_file_put(struct scope *scope, struct site_keeper *keeper, int64_t id, str name, str bytes)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell page, count;
    TRY(db_begin(scope, keeper->db, &lease));
    TRY(DB_ASK(scope, lease, &page, "select id from content_page where id = ?", cell_int(id)));
    if (page.type != CELL_INT) {
        return fail(scope, ERR_NO_PAGE, "There is no such page.");
    }
    TRY(DB_ASK(scope, lease, &count, "select count(*) from content_file where page = ? and name <> ?", cell_int(id),
               cell_text(name)));
    if (count.number >= CONTENT_FILES_MOST) {
        return fail(scope, ERR_CONFLICT, "The page has %d pictures; remove one first.", CONTENT_FILES_MOST);
    }
    TRY(DB_RUN(scope, lease,
               "insert into content_file (page, name, bytes, added) values (?, ?, ?, ?)"
               " on conflict (page, name) do update set bytes = excluded.bytes, added = excluded.added",
               cell_int(id), cell_text(name), cell_bytes((const uint8_t *)bytes.p, bytes.n), cell_int(clock_wall())));
    return site_finish(scope, keeper, lease);
}

enum err content_file_remove(struct scope *scope, struct site_keeper *keeper, int64_t id, str name)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, keeper->db, &lease));
    TRY(DB_RUN(scope, lease, "delete from content_file where page = ? and name = ?", cell_int(id), cell_text(name)));
    return site_finish(scope, keeper, lease);
}
