#include "domain/identity/limit.h"

#include "domain/identity/internal.h"

static str kind_name(enum limited kind)
{
    static const char *const names[] = {
        [LIMITED_USER] = "user", [LIMITED_GROUP] = "group", [LIMITED_KEY] = "key"};
    return str_from(names[kind]);
}

enum err limit_get(struct scope *scope, struct identity *identity, enum limited kind, int64_t subject,
                   int64_t *ret_calls)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell calls;
    TRY(db_lease(scope, identity->db, &lease));
    TRY(DB_ASK(scope, lease, &calls,
               "select calls from call_limit where subject_kind = ? and subject_id = ?",
               cell_text(kind_name(kind)), cell_int(subject)));
    *ret_calls = calls.type == CELL_INT ? calls.number : CALLS_DEFAULT;
    return ERR_OK;
}

static enum err store(struct scope *scope, struct db_lease *lease, enum limited kind, int64_t subject,
                      int64_t calls)
{
    return calls == CALLS_DEFAULT
               ? DB_RUN(scope, lease, "delete from call_limit where subject_kind = ? and subject_id = ?",
                        cell_text(kind_name(kind)), cell_int(subject))
               : DB_RUN(scope, lease,
                        "insert into call_limit (subject_kind, subject_id, calls) values (?, ?, ?)"
                        " on conflict (subject_kind, subject_id) do update set calls = excluded.calls",
                        cell_text(kind_name(kind)), cell_int(subject), cell_int(calls));
}

enum err limit_set(struct scope *scope, struct identity *identity, const struct actor *by,
                   const struct origin *origin, enum limited kind, int64_t subject, str name, int64_t calls)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    if (calls < CALLS_DEFAULT) {
        return fail(scope, ERR_USAGE, "A number of calls is 0, which is no limit, or more.");
    }
    TRY(db_begin(scope, identity->db, &lease));
    TRY(store(scope, lease, kind, subject, calls));
    str number = calls == CALLS_DEFAULT ? S("default") : str_printf(&scope->arena, "%lld", (long long)calls);
    audit_write(scope, lease, by, origin, AUDIT_LIMIT_CHANGE, name,
                str_printf(&scope->arena, "%.*s: %.*s", STR_ARG(kind_name(kind)), STR_ARG(number)));
    return db_commit(scope, lease);
}
