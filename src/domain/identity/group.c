#include "domain/identity/group.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "platform/db/statement.h"

static enum err check_name(struct scope *scope, str name)
{
    bool good = name.n > 0 && name.n <= LIMIT_NAME_BYTES && utf8_is_line(name) &&
                str_trim(name).n == name.n;
    return good ? ERR_OK
                : fail(scope, ERR_USAGE,
                       "name of a group: 1 to %d bytes of text are expected, without blanks at its "
                       "ends and without control characters",
                       LIMIT_NAME_BYTES);
}

enum err group_add(struct scope *scope, struct catalog *catalog, str name, int64_t *ret_id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell id;
    TRY(check_name(scope, name));
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &id,
               "insert into user_group (name, created) values (?, ?) on conflict do nothing"
               " returning id",
               cell_text(name), cell_instant(clock_wall())));
    if (id.type != CELL_INT) {
        return fail(scope, ERR_CONFLICT, "There is a group %.*s already.", STR_ARG(name));
    }
    *ret_id = id.number;
    return ERR_OK;
}

#define GROUP_COLUMNS                                                                              \
    "select id, name, created, (select count(*) from user_group_member "                           \
    "where group_id = user_group.id) from user_group "

static enum err read_groups(struct scope *scope, struct catalog *catalog, struct sql sql,
                            const struct group **ret_groups, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct group) groups = {0};
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, &groups,
                (struct group){.id = row_number(row, 0),
                               .name = row_text(&scope->arena, row, 1),
                               .created = row_number(row, 2),
                               .members = row_number(row, 3)});
    }
    *ret_groups = groups.items;
    *ret_count = groups.count;
    return ERR_OK;
}

enum err group_list(struct scope *scope, struct catalog *catalog, const struct group **ret_groups,
                    size_t *ret_count)
{
    return read_groups(scope, catalog, STATEMENT(&scope->arena, GROUP_COLUMNS "order by name"),
                       ret_groups, ret_count);
}

enum err group_list_of_user(struct scope *scope, struct catalog *catalog, int64_t user,
                            const struct group **ret_groups, size_t *ret_count)
{
    struct sql sql =
        STATEMENT(&scope->arena,
                  GROUP_COLUMNS "where id in (select group_id from user_group_member"
                                " where user_id = ?) order by name",
                  cell_int(user));
    return read_groups(scope, catalog, sql, ret_groups, ret_count);
}

static enum err no_group(struct scope *scope)
{
    return fail(scope, ERR_NO_GROUP, "There is no such group.");
}

enum err group_get(struct scope *scope, struct catalog *catalog, int64_t id, struct group *ret_group)
{
    const struct group *groups;
    size_t count;
    TRY(read_groups(scope, catalog,
                    STATEMENT(&scope->arena, GROUP_COLUMNS "where id = ?", cell_int(id)), &groups,
                    &count));
    if (count == 0) {
        return no_group(scope);
    }
    *ret_group = groups[0];
    return ERR_OK;
}

enum err group_rename(struct scope *scope, struct catalog *catalog, int64_t id, str name)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell other;
    TRY(check_name(scope, name));
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &other, "select id from user_group where name = ? and id <> ?",
               cell_text(name), cell_int(id)));
    if (other.type == CELL_INT) {
        return fail(scope, ERR_CONFLICT, "There is a group %.*s already.", STR_ARG(name));
    }
    TRY(DB_RUN(scope, lease, "update user_group set name = ? where id = ?", cell_text(name),
               cell_int(id)));
    return db_changes(lease) ? db_commit(scope, lease) : no_group(scope);
}

enum err group_find(struct scope *scope, struct catalog *catalog, str name, int64_t *ret_id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell id;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &id, "select id from user_group where name = ?", cell_text(name)));
    if (id.type != CELL_INT) {
        return fail(scope, ERR_NO_GROUP, "There is no group %.*s.",
                    STR_ARG(utf8_truncate(name, LIMIT_NAME_BYTES)));
    }
    *ret_id = id.number;
    return ERR_OK;
}

/* The rules go with it in one transaction: a later group may get the same id. */
enum err group_remove(struct scope *scope, struct catalog *catalog, int64_t id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(DB_RUN(scope, lease,
               "delete from dataset_access where subject_kind = 'group' and subject_id = ?",
               cell_int(id)));
    TRY(DB_RUN(scope, lease, "delete from call_limit where subject_kind = 'group' and subject_id = ?",
               cell_int(id)));
    TRY(DB_RUN(scope, lease, "delete from user_group where id = ?", cell_int(id)));
    if (db_changes(lease) == 0) {
        return no_group(scope);
    }
    TRY(catalog_finish_change(scope, lease));
    bool changed;
    return catalog_refresh(scope, catalog, &changed);
}

static enum err check_exists(struct scope *scope, struct db_lease *lease, int64_t group,
                             int64_t user)
{
    cell found;
    TRY(DB_ASK(scope, lease, &found, "select id from user_group where id = ?", cell_int(group)));
    if (found.type != CELL_INT) {
        return no_group(scope);
    }
    TRY(DB_ASK(scope, lease, &found, "select id from \"user\" where id = ?", cell_int(user)));
    return found.type == CELL_INT ? ERR_OK : fail(scope, ERR_NO_USER, "There is no such user.");
}

enum err group_add_member(struct scope *scope, struct catalog *catalog, int64_t group, int64_t user)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(check_exists(scope, lease, group, user));
    TRY(DB_RUN(scope, lease,
               "insert into user_group_member (group_id, user_id) values (?, ?) on conflict do nothing",
               cell_int(group), cell_int(user)));
    return db_commit(scope, lease);
}

enum err group_remove_member(struct scope *scope, struct catalog *catalog, int64_t group,
                             int64_t user)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    return DB_RUN(scope, lease, "delete from user_group_member where group_id = ? and user_id = ?",
                  cell_int(group), cell_int(user));
}

enum err group_members(struct scope *scope, struct catalog *catalog, int64_t group,
                       const struct member **ret_members, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct member) members = {0};
    struct sql sql =
        STATEMENT(&scope->arena,
                  "select u.id, u.name from \"user\" u join user_group_member on user_id = u.id"
                  " where group_id = ? order by u.name",
                  cell_int(group));
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, &members,
                (struct member){row_number(row, 0), row_text(&scope->arena, row, 1)});
    }
    *ret_members = members.items;
    *ret_count = members.count;
    return ERR_OK;
}
