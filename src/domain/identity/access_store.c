#include "domain/identity/access_store.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "domain/identity/group.h"
#include "domain/identity/internal.h"

/* As stored; sorted by these names everybody comes first, users last. */
static const char *const kind_names[] = {
    [ACCESS_EVERYONE] = "everyone", [ACCESS_GROUP] = "group", [ACCESS_USER] = "user"};

const char *access_subject_name(enum access_subject kind)
{
    return kind_names[kind];
}

bool access_subject_find(str name, enum access_subject *ret_kind)
{
    for (enum access_subject kind = ACCESS_EVERYONE; kind <= ACCESS_USER; kind++) {
        if (str_eq(name, str_from(kind_names[kind]))) {
            *ret_kind = kind;
            return true;
        }
    }
    return false;
}

/* ---- names ---- */

enum err store_find_subject(struct scope *scope, struct catalog *catalog, enum access_subject kind,
                            str name, int64_t *ret_id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell id;
    if (kind == ACCESS_EVERYONE) {
        *ret_id = 0;
        return ERR_OK;
    }
    if (kind == ACCESS_GROUP) {
        return group_find(scope, catalog, name, ret_id);
    }
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &id, "select id from \"user\" where name_key = ?",
               cell_text(name_key(&scope->arena, name))));
    if (id.type != CELL_INT) {
        return fail(scope, ERR_NO_USER, "There is no user %.*s.",
                    STR_ARG(utf8_truncate(name, LIMIT_NAME_BYTES)));
    }
    *ret_id = id.number;
    return ERR_OK;
}

/* Name of a group or user; none: there is no such one. */
static enum err read_name(struct scope *scope, struct db_lease *lease, enum access_subject kind,
                          int64_t subject, str *ret_name)
{
    cell name;
    TRY(kind == ACCESS_GROUP
            ? DB_ASK(scope, lease, &name, "select name from user_group where id = ?",
                     cell_int(subject))
            : DB_ASK(scope, lease, &name, "select name from \"user\" where id = ?", cell_int(subject)));
    *ret_name = name.type == CELL_TEXT ? name.text : STR_NONE;
    return ERR_OK;
}

enum err store_copy_rule(struct scope *scope, struct catalog *catalog,
                         const struct access_rule *rule, struct access_rule *ret_rule)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct access_rule copy = *rule;
    str *hidden = arena_array(&scope->arena, str, rule->hidden_count);
    for (size_t i = 0; i < rule->hidden_count; i++) {
        hidden[i] = str_copy(&scope->arena, rule->hidden[i]);
    }
    copy.hidden = hidden;
    copy.filter = str_copy(&scope->arena, rule->filter);
    copy.fault = str_copy(&scope->arena, rule->fault);
    if (rule->kind != ACCESS_EVERYONE) {
        TRY(db_lease(scope, catalog_database(catalog), &lease));
        TRY(read_name(scope, lease, rule->kind, rule->subject, &copy.name));
    }
    *ret_rule = copy;
    return ERR_OK;
}

/* ---- changes ---- */

static enum err check_hidden(struct scope *scope, const struct access_rule *rule,
                             const struct schema *schema)
{
    size_t left = schema->count;
    for (size_t i = 0; i < rule->hidden_count; i++) {
        bool again = false;
        for (size_t j = 0; j < i; j++) {
            again |= str_eq(rule->hidden[j], rule->hidden[i]);
        }
        if (!schema_find(schema, rule->hidden[i])) {
            return fail(scope, ERR_USAGE, "the dataset has no field '%.*s'",
                        STR_ARG(utf8_truncate(rule->hidden[i], LIMIT_NAME_BYTES)));
        }
        left -= !again;
    }
    return left || rule->hidden_count == 0
               ? ERR_OK
               : fail(scope, ERR_USAGE, "all fields would be hidden; take the right to read instead");
}

/* The highest right with all that it includes. */
static unsigned complete(unsigned rights)
{
    static const enum right all[] = {RIGHT_MANAGE, RIGHT_PUBLISH, RIGHT_EDIT, RIGHT_READ};
    for (size_t i = 0; i < ARRAY_LENGTH(all); i++) {
        if (rights & (unsigned)all[i]) {
            return right_bits(all[i]);
        }
    }
    return 0;
}

static enum err check_rule(struct scope *scope, struct db_lease *lease,
                           const struct access_rule *rule, const struct schema *schema)
{
    str name = S("");
    if (rule->kind != ACCESS_EVERYONE) {
        TRY(read_name(scope, lease, rule->kind, rule->subject, &name));
    }
    if (!name.p) {
        return rule->kind == ACCESS_GROUP ? fail(scope, ERR_NO_GROUP, "There is no such group.")
                                          : fail(scope, ERR_NO_USER, "There is no such user.");
    }
    if (rule->kind == ACCESS_EVERYONE && complete(rule->rights) > RIGHT_READ) {
        return fail(scope, ERR_USAGE,
                    "everybody can only be given the right to read; give the others to groups or "
                    "users");
    }
    if (complete(rule->rights) == 0 && (rule->filter.n || rule->hidden_count)) {
        return fail(scope, ERR_USAGE,
                    "a filter or hidden fields have no meaning without the right to read");
    }
    TRY(check_hidden(scope, rule, schema));
    return rule->filter.n ? odsql_filter_check(scope, schema, rule->filter) : ERR_OK;
}

static str hidden_text(struct scope *scope, const struct access_rule *rule)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_array_begin(&json);
    for (size_t i = 0; i < rule->hidden_count; i++) {
        bool again = false;
        for (size_t j = 0; j < i; j++) {
            again |= str_eq(rule->hidden[j], rule->hidden[i]);
        }
        if (!again) {
            json_text(&json, rule->hidden[i]);
        }
    }
    json_array_end(&json);
    return buf_copy(&out, &scope->arena);
}

static enum err save_rule(struct scope *scope, struct db_lease *lease, str uid,
                          const struct access_rule *rule)
{
    return DB_RUN(scope, lease,
                  "insert into dataset_access (uid, subject_kind, subject_id, rights,"
                  " filter, hidden, changed) select ?, ?, ?, ?, ?, ?, value + 1 from state"
                  " where key = 'generation' on conflict (uid, subject_kind, subject_id) do update"
                  " set rights = excluded.rights, filter = excluded.filter,"
                  " hidden = excluded.hidden, changed = excluded.changed",
                  cell_text(uid), cell_text(str_from(kind_names[rule->kind])),
                  cell_int(rule->kind == ACCESS_EVERYONE ? 0 : rule->subject),
                  cell_int(complete(rule->rights)), cell_text(rule->filter),
                  cell_text(hidden_text(scope, rule)));
}

/* The dataset as it is in the transaction of the change. */
static enum err read_dataset(struct scope *scope, struct db_lease *lease, str dataset, str *ret_uid,
                             struct schema *ret_schema)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    json_t *fields cleanup_with(json_cleanup) = NULL;
    const struct batch *row;
    struct sql sql =
        STATEMENT(&scope->arena, "select uid, fields from dataset where id = ? or uid = ?",
                  cell_text(dataset), cell_text(dataset));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    if (!row) {
        return dataset_absent(scope, dataset);
    }
    *ret_uid = row_text(&scope->arena, row, 0);
    TRY(json_read(scope, ERR_DATABASE, row_text(&scope->arena, row, 1), "stored fields", &fields));
    return schema_read(scope, fields, ret_schema);
}

enum err store_set(struct scope *scope, struct catalog *catalog, str dataset,
                   const struct access_rule *rule)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct schema schema;
    str uid;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(read_dataset(scope, lease, dataset, &uid, &schema));
    TRY(check_rule(scope, lease, rule, &schema));
    TRY(save_rule(scope, lease, uid, rule));
    return catalog_finish_change(scope, lease);
}

enum err store_unset(struct scope *scope, struct catalog *catalog, str dataset,
                     enum access_subject kind, int64_t subject)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct schema schema;
    str uid;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(read_dataset(scope, lease, dataset, &uid, &schema));
    TRY(DB_RUN(scope, lease,
               "delete from dataset_access where uid = ? and subject_kind = ? and subject_id = ?",
               cell_text(uid), cell_text(str_from(kind_names[kind])),
               cell_int(kind == ACCESS_EVERYONE ? 0 : subject)));
    return catalog_finish_change(scope, lease);
}
