#include "domain/identity/group.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "domain/identity/row.h"

static enum err check_name(struct scope *scope, str name)
{
    bool good = name.n > 0 && name.n <= LIMIT_NAME_BYTES && utf8_is_valid(name) &&
                str_trim(name).n == name.n;
    for (size_t i = 0; i < name.n; i++) {
        good &= (unsigned char)name.p[i] >= ' ' && name.p[i] != 0x7f;
    }
    return good ? ERR_OK
                : fail(scope, ERR_USAGE,
                       "name of a group: 1 to %d bytes of text are expected, without blanks at its "
                       "ends and without control characters",
                       LIMIT_NAME_BYTES);
}

enum err group_add(struct scope *scope, struct catalog *catalog, str name, int64_t *ret_id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    cell id;
    TRY(check_name(scope, name));
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    sql_text(&sql, "insert into user_group (name, created) values (");
    sql_bind(&sql, cell_text(name));
    sql_text(&sql, ", ");
    sql_bind(&sql, cell_instant(clock_wall()));
    sql_text(&sql, ") on conflict do nothing returning id");
    TRY(db_query_cell(scope, lease, &sql, &id));
    if (id.type != CELL_INT) {
        return fail(scope, ERR_CONFLICT, "There is a group %.*s already.", STR_ARG(name));
    }
    *ret_id = id.number;
    return ERR_OK;
}

#define GROUP_COLUMNS                                                                              \
    "select id, name, created, (select count(*) from user_group_member "                           \
    "where group_id = user_group.id) from user_group "

static enum err read_groups(struct scope *scope, struct catalog *catalog, const struct sql *sql,
                            const struct group **ret_groups, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct group) groups = {0};
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_run(scope, lease, sql, &cursor));
    for (;;) {
        const struct batch *row;
        TRY(cursor_next(scope, cursor, &row));
        if (!row) {
            break;
        }
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
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, GROUP_COLUMNS "order by name");
    return read_groups(scope, catalog, &sql, ret_groups, ret_count);
}

enum err group_list_of_user(struct scope *scope, struct catalog *catalog, int64_t user,
                            const struct group **ret_groups, size_t *ret_count)
{
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, GROUP_COLUMNS
             "where id in (select group_id from user_group_member where user_id = ");
    sql_bind(&sql, cell_int(user));
    sql_text(&sql, ") order by name");
    return read_groups(scope, catalog, &sql, ret_groups, ret_count);
}

static enum err no_group(struct scope *scope)
{
    return fail(scope, ERR_NO_GROUP, "There is no such group.");
}

enum err group_get(struct scope *scope, struct catalog *catalog, int64_t id, struct group *ret_group)
{
    struct sql sql = sql_in(&scope->arena);
    const struct group *groups;
    size_t count;
    sql_text(&sql, GROUP_COLUMNS "where id = ");
    sql_bind(&sql, cell_int(id));
    TRY(read_groups(scope, catalog, &sql, &groups, &count));
    if (count == 0) {
        return no_group(scope);
    }
    *ret_group = groups[0];
    return ERR_OK;
}

enum err group_rename(struct scope *scope, struct catalog *catalog, int64_t id, str name)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct sql taken = sql_in(&scope->arena);
    struct sql sql = sql_in(&scope->arena);
    cell other;
    TRY(check_name(scope, name));
    sql_text(&taken, "select id from user_group where name = ");
    sql_bind(&taken, cell_text(name));
    sql_text(&taken, " and id <> ");
    sql_bind(&taken, cell_int(id));
    sql_text(&sql, "update user_group set name = ");
    sql_bind(&sql, cell_text(name));
    sql_text(&sql, " where id = ");
    sql_bind(&sql, cell_int(id));
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_script(scope, lease, "begin immediate"));
    TRY(db_query_cell(scope, lease, &taken, &other));
    if (other.type == CELL_INT) {
        return fail(scope, ERR_CONFLICT, "There is a group %.*s already.", STR_ARG(name));
    }
    TRY(db_execute(scope, lease, &sql));
    return db_changes(lease) ? db_script(scope, lease, "commit") : no_group(scope);
}

enum err group_find(struct scope *scope, struct catalog *catalog, str name, int64_t *ret_id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    cell id;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    sql_text(&sql, "select id from user_group where name = ");
    sql_bind(&sql, cell_text(name));
    TRY(db_query_cell(scope, lease, &sql, &id));
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
    struct sql rules = sql_in(&scope->arena);
    struct sql group = sql_in(&scope->arena);
    sql_text(&rules, "delete from dataset_access where subject_kind = 'group' and subject_id = ");
    sql_bind(&rules, cell_int(id));
    sql_text(&group, "delete from user_group where id = ");
    sql_bind(&group, cell_int(id));
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_script(scope, lease, "begin immediate"));
    TRY(db_execute(scope, lease, &rules));
    TRY(db_execute(scope, lease, &group));
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
    struct sql groups = sql_in(&scope->arena);
    struct sql users = sql_in(&scope->arena);
    cell found;
    sql_text(&groups, "select id from user_group where id = ");
    sql_bind(&groups, cell_int(group));
    TRY(db_query_cell(scope, lease, &groups, &found));
    if (found.type != CELL_INT) {
        return no_group(scope);
    }
    sql_text(&users, "select id from user where id = ");
    sql_bind(&users, cell_int(user));
    TRY(db_query_cell(scope, lease, &users, &found));
    return found.type == CELL_INT ? ERR_OK : fail(scope, ERR_NO_USER, "There is no such user.");
}

enum err group_add_member(struct scope *scope, struct catalog *catalog, int64_t group, int64_t user)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_script(scope, lease, "begin immediate"));
    TRY(check_exists(scope, lease, group, user));
    sql_text(&sql, "insert or ignore into user_group_member (group_id, user_id) values (");
    sql_bind(&sql, cell_int(group));
    sql_text(&sql, ", ");
    sql_bind(&sql, cell_int(user));
    sql_text(&sql, ")");
    TRY(db_execute(scope, lease, &sql));
    return db_script(scope, lease, "commit");
}

enum err group_remove_member(struct scope *scope, struct catalog *catalog, int64_t group,
                             int64_t user)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    sql_text(&sql, "delete from user_group_member where group_id = ");
    sql_bind(&sql, cell_int(group));
    sql_text(&sql, " and user_id = ");
    sql_bind(&sql, cell_int(user));
    return db_execute(scope, lease, &sql);
}

enum err group_members(struct scope *scope, struct catalog *catalog, int64_t group,
                       const struct member **ret_members, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    VEC(struct member) members = {0};
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    sql_text(&sql, "select user.id, user.name from user join user_group_member on user_id = user.id "
                   "where group_id = ");
    sql_bind(&sql, cell_int(group));
    sql_text(&sql, " order by user.name");
    TRY(db_run(scope, lease, &sql, &cursor));
    for (;;) {
        const struct batch *row;
        TRY(cursor_next(scope, cursor, &row));
        if (!row) {
            break;
        }
        vec_add(&scope->arena, &members,
                (struct member){row_number(row, 0), row_text(&scope->arena, row, 1)});
    }
    *ret_members = members.items;
    *ret_count = members.count;
    return ERR_OK;
}
