/* API keys: random, so that a fast hash of them is enough; found by one indexed look-up. */
#include "base/date.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "domain/identity/internal.h"

#define PREFIX_SYMBOLS 8

static bool is_key(str key)
{
    bool good = key.n == API_KEY_SYMBOLS;
    for (size_t i = 0; i < key.n && good; i++) {
        good = is_ascii_digit(key.p[i]) || (key.p[i] >= 'a' && key.p[i] <= 'f');
    }
    return good;
}

static enum err check_request(struct scope *scope, str name, unsigned scopes, usec expires)
{
    bool good = name.n <= API_KEY_NAME_BYTES && utf8_is_line(name);
    if (!good || str_trim(name).n == 0) {
        return fail(scope, ERR_REQUEST, "The name of a key has 1 to %d bytes of one line of text.",
                    API_KEY_NAME_BYTES);
    }
    if (scopes == 0 || (scopes & ~(unsigned)SCOPE_ALL)) {
        return fail(scope, ERR_REQUEST, "A key needs a scope: read, write or both.");
    }
    if (expires && expires <= clock_wall()) {
        return fail(scope, ERR_REQUEST, "The end of the key's validity has passed already.");
    }
    return ERR_OK;
}

static const char *scopes_text(unsigned scopes)
{
    return scopes == SCOPE_ALL ? "read, write" : scopes == SCOPE_READ ? "read" : "write";
}

static enum err make(struct scope *scope, struct identity *identity, const struct actor *by, int64_t user,
                     str name, unsigned scopes, usec expires, str *ret_key)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    uint8_t digest[DIGEST_BYTES];
    cell count;
    TRY(check_request(scope, name, scopes, expires));
    str key = random_text(&scope->arena, S("0123456789abcdef"), API_KEY_SYMBOLS);
    str prefix = str_slice(key, 0, PREFIX_SYMBOLS);
    digest_sha256(key, digest);
    TRY(db_begin(scope, identity->db, &lease));
    TRY(DB_ASK(scope, lease, &count, "select count(*) from api_key where user_id = ? and revoked = 0",
            cell_int(user)));
    if (count.number >= API_KEYS_MOST) {
        return fail(scope, ERR_CONFLICT, "There are %d keys already. Revoke one first.",
                    API_KEYS_MOST);
    }
    TRY(DB_RUN(scope, lease,
            "insert into api_key (digest, user_id, name, prefix, scopes, created, expires, "
            "last_used, revoked)"
            " select ?, id, ?, ?, ?, ?, ?, 0, 0 from \"user\" where id = ? and active = 1",
            cell_digest(digest), cell_text(name), cell_text(prefix), cell_int(scopes),
            cell_instant(clock_wall()), cell_instant(expires), cell_int(user)));
    if (db_changes(lease) == 0) {
        return no_user(scope);
    }
    str detail = str_printf(&scope->arena, "%.*s…, %s", STR_ARG(prefix), scopes_text(scopes));
    audit_write(scope, lease, by, NULL, AUDIT_KEY_ADD, name, detail);
    TRY(db_commit(scope, lease));
    notice_add(identity, user, S(""), NOTICE_KEY, S(""));
    *ret_key = key;
    return ERR_OK;
}

enum err api_key_make(struct scope *scope, struct identity *identity, const struct actor *actor,
                      str name, unsigned scopes, usec expires, str *ret_key)
{
    if (actor->kind != ACTOR_SESSION) {
        return fail(scope, ERR_DENIED, "Keys are made by people who signed in.");
    }
    return make(scope, identity, actor, actor->user, name, scopes, expires, ret_key);
}

enum err api_key_make_for(struct scope *scope, struct identity *identity, const struct actor *by, int64_t user,
                          str name, unsigned scopes, usec expires, str *ret_key)
{
    if (by->kind != ACTOR_COMMAND_LINE) {
        return fail(scope, ERR_DENIED, "Keys for others are made from the command line.");
    }
    return make(scope, identity, by, user, name, scopes, expires, ret_key);
}

/* ---- listing ---- */

#define KEYS                                                                                       \
    "select k.id, k.name, k.prefix, k.scopes, k.created, k.expires, k.last_used, k.revoked,"       \
    " coalesce(l.calls, 0), k.user_id, u.name from api_key k join \"user\" u on u.id = k.user_id" \
    " left join call_limit l on l.subject_kind = 'key' and l.subject_id = k.id "

static struct api_key read_key(struct arena *arena, const struct batch *row)
{
    return (struct api_key){.id = row_number(row, 0),
                            .name = row_text(arena, row, 1),
                            .prefix = row_text(arena, row, 2),
                            .scopes = (unsigned)row_number(row, 3),
                            .created = row_number(row, 4),
                            .expires = row_number(row, 5),
                            .last_used = row_number(row, 6),
                            .revoked = row_number(row, 7),
                            .calls = row_number(row, 8),
                            .user = row_number(row, 9),
                            .owner = row_text(arena, row, 10)};
}

static enum err read_keys(struct scope *scope, struct identity *identity, struct sql sql,
                          const struct api_key **ret_keys, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct api_key) keys = {0};
    TRY(db_lease(scope, identity->db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, &keys, read_key(&scope->arena, row));
    }
    *ret_keys = keys.items;
    *ret_count = keys.count;
    return ERR_OK;
}

enum err api_key_list(struct scope *scope, struct identity *identity, int64_t user,
                      const struct api_key **ret_keys, size_t *ret_count)
{
    return read_keys(scope, identity,
                     STATEMENT(&scope->arena, KEYS "where k.user_id = ? order by k.id desc", cell_int(user)),
                     ret_keys, ret_count);
}

enum err api_key_list_all(struct scope *scope, struct identity *identity, const struct api_key **ret_keys,
                          size_t *ret_count)
{
    return read_keys(scope, identity, STATEMENT(&scope->arena, KEYS "order by k.id desc"), ret_keys, ret_count);
}

enum err api_key_get(struct scope *scope, struct identity *identity, int64_t key, struct api_key *ret_key)
{
    const struct api_key *keys;
    size_t count;
    TRY(read_keys(scope, identity, STATEMENT(&scope->arena, KEYS "where k.id = ?", cell_int(key)), &keys,
                  &count));
    if (count == 0) {
        return fail(scope, ERR_NO_KEY, "There is no such key.");
    }
    *ret_key = keys[0];
    return ERR_OK;
}

enum err api_key_revoke(struct scope *scope, struct identity *identity, const struct actor *by,
                        int64_t user, int64_t key)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell name;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(DB_ASK(scope, lease, &name,
            "update api_key set revoked = ? where id = ? and user_id = ? and revoked = 0 returning "
            "name",
            cell_instant(clock_wall()), cell_int(key), cell_int(user)));
    if (name.type == CELL_NULL) {
        return fail(scope, ERR_NO_KEY, "There is no such key.");
    }
    audit_write(scope, lease, by, NULL, AUDIT_KEY_REVOKE, name.text, S(""));
    return db_commit(scope, lease);
}

/* ---- the key of a request ---- */

static enum err look_up(struct scope *scope, struct db_lease *lease, str key,
                        struct actor *ret_actor, usec *ret_last_used)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct arena *arena = &scope->arena;
    const struct batch *row;
    uint8_t digest[DIGEST_BYTES];
    digest_sha256(key, digest);
    struct sql sql = STATEMENT(
        arena,
        "select k.id, k.scopes, k.last_used, u.id, u.name, u.display_name, u.role, " GROUPS_OF ", " CALLS_OF ","
        " (select l.calls from call_limit l where l.subject_kind = 'key' and l.subject_id = k.id)"
        " from api_key k join \"user\" u on u.id = k.user_id"
        " where k.digest = ? and k.revoked = 0 and (k.expires = 0 or k.expires > ?)"
        " and u.active = 1",
        cell_digest(digest), cell_instant(clock_wall()));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    if (!row) {
        return fail(scope, ERR_KEY, "The API key is not valid.");
    }
    struct actor actor = {.kind = ACTOR_KEY,
                          .key = row_number(row, 0),
                          .scopes = (unsigned)row_number(row, 1),
                          .user = row_number(row, 3),
                          .name = row_text(arena, row, 4),
                          .display_name = row_text(arena, row, 5),
                          .calls = row_number(row, 8),
                          .key_calls = row_number(row, 9)};
    if (!role_find(row_text(arena, row, 6), &actor.role)) {
        actor.role = ROLE_READER;
    }
    actor_set_groups(arena, &actor, row_text(arena, row, 7));
    *ret_last_used = row_number(row, 2);
    *ret_actor = actor;
    return ERR_OK;
}

enum err api_key_find(struct scope *scope, struct identity *identity, str key,
                      struct actor *ret_actor)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    usec last_used;
    usec today = clock_wall() / USEC_DAY * USEC_DAY;
    if (!is_key(key)) {
        return fail(scope, ERR_KEY, "The API key is not valid.");
    }
    TRY(db_lease(scope, identity->db, &lease));
    TRY(look_up(scope, lease, key, ret_actor, &last_used));
    if (last_used < today &&
        DB_RUN(scope, lease, "update api_key set last_used = ? where id = ? and last_used < ?",
            cell_instant(today), cell_int(ret_actor->key), cell_instant(today)) != ERR_OK) {
        scope_forgive(scope); /* the next call does it */
    }
    return ERR_OK;
}
