/* Changing what is stored of the settings. */
#include "base/bug.h"
#include "base/utf8.h"
#include "domain/site/keeper_internal.h"

#define FILE_KEPT (86400 * USEC_SECOND) /* of what no setting names any more: pages in caches still do */

int64_t site_seen(const struct site *site, const enum site_member *members, size_t count)
{
    int64_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        seen += site->values[members[i]].revision;
    }
    return seen;
}

static enum err find_file(struct scope *scope, void *user, str name, struct site_file *ret_file)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct site_keeper *keeper = user;
    cell bytes;
    TRY(db_lease(scope, keeper->db, &lease));
    TRY(DB_ASK(scope, lease, &bytes, "select bytes from site_file where name = ?", cell_text(name)));
    *ret_file = (struct site_file){.bytes = bytes.type == CELL_BYTES ? bytes.text : STR_NONE};
    return ERR_OK;
}

enum err site_check(struct scope *scope, struct site_keeper *keeper, enum site_member member, const json_t *value)
{
    struct site alone;
    json_t *members cleanup_with(json_cleanup) = json_object();
    bug_if(json_object_set(members, site_member_name(member), (json_t *)(uintptr_t)value) != 0);
    return site_make(scope, NULL, members, find_file, keeper, &alone);
}

static enum err revision_of(struct scope *scope, struct db_lease *lease, enum site_member member, int64_t *ret)
{
    cell value;
    TRY(DB_ASK(scope, lease, &value, "select revision from site_setting where member = ?",
               cell_text(str_from(site_member_name(member)))));
    *ret = value.type == CELL_INT ? value.number : 0;
    return ERR_OK;
}

static enum err check_seen(struct scope *scope, struct db_lease *lease, const struct site_save *save)
{
    int64_t stored = 0;
    for (size_t i = 0; i < save->count; i++) {
        int64_t revision;
        TRY(revision_of(scope, lease, save->changes[i].member, &revision));
        stored += revision;
    }
    return stored == save->seen ? ERR_OK
                                : fail(scope, ERR_CONFLICT, "Somebody else saved these settings in the meantime.");
}

static enum err put(struct scope *scope, struct db_lease *lease, const struct site_change *change, str author)
{
    str text = change->value ? site_json_text(&scope->arena, change->value) : STR_NONE;
    return DB_RUN(scope, lease,
                  "insert into site_setting (member, value, secret, revision, changed, author)"
                  " values (?, ?, null, 1, ?, ?) on conflict (member) do update set value = excluded.value,"
                  " revision = site_setting.revision + 1, changed = excluded.changed, author = excluded.author",
                  cell_text(str_from(site_member_name(change->member))), text.p ? cell_text(text) : cell_null(),
                  cell_int(clock_wall()), cell_text(author));
}

static enum err put_password(struct scope *scope, const struct site_keeper *keeper, struct db_lease *lease, str password)
{
    str sealed = password.n ? seal(&scope->arena, keeper->key, password) : STR_NONE;
    return DB_RUN(scope, lease, "update site_setting set secret = ? where member = 'mail'",
                  sealed.n ? cell_bytes((const uint8_t *)sealed.p, sealed.n) : cell_null());
}

enum err site_store(struct scope *scope, struct site_keeper *keeper, const struct site_save *save)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    for (size_t i = 0; i < save->count; i++) {
        TRY(save->changes[i].value ? site_check(scope, keeper, save->changes[i].member, save->changes[i].value)
                                   : ERR_OK);
    }
    TRY(db_begin(scope, keeper->db, &lease));
    TRY(check_seen(scope, lease, save));
    for (size_t i = 0; i < save->count; i++) {
        const struct site_change *change = &save->changes[i];
        TRY(put(scope, lease, change, save->author));
        if (change->member == SITE_MEMBER_MAIL && !change->value) {
            TRY(put_password(scope, keeper, lease, S("")));
        }
    }
    TRY(save->password.p ? put_password(scope, keeper, lease, save->password) : ERR_OK);
    return site_finish(scope, keeper, lease);
}

/* Names hold a hash, so that no setting but one about the file can hold one. */
static enum err drop_unnamed(struct scope *scope, struct db_lease *lease)
{
    return DB_RUN(scope, lease,
                  "delete from site_file where added < ? and not exists (select 1 from site_setting"
                  " where value like '%' || site_file.name || '%')",
                  cell_int(clock_wall() - FILE_KEPT));
}

enum err site_keep_file(struct scope *scope, struct site_keeper *keeper, const char *purpose, str ending, str bytes,
                        str *ret_name)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    *ret_name = site_file_name(&scope->arena, purpose, bytes, ending);
    TRY(db_begin(scope, keeper->db, &lease));
    TRY(drop_unnamed(scope, lease));
    TRY(DB_RUN(scope, lease,
               "insert into site_file (name, bytes, added) values (?, ?, ?)"
               " on conflict (name) do update set added = excluded.added",
               cell_text(*ret_name), cell_bytes((const uint8_t *)bytes.p, bytes.n), cell_int(clock_wall())));
    return db_commit(scope, lease);
}
