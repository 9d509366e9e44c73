#include "domain/identity/view_as.h"

#include "domain/identity/internal.h"

/* ---- whose view ---- */

static struct actor actor_seeing(const struct view_as *view)
{
    return (struct actor){.kind = ACTOR_SESSION, .role = ROLE_READER, .scopes = SCOPE_ALL,
                          .name = view->name};
}

static enum err gone(struct scope *scope, enum access_subject kind)
{
    return kind == ACCESS_GROUP ? fail(scope, ERR_NO_GROUP, "There is no such group.") : no_user(scope);
}

/* A member of this group alone. */
static enum err become_group(struct scope *scope, struct db_lease *lease, struct view_as *view)
{
    cell name;
    TRY(DB_ASK(scope, lease, &name, "select name from user_group where id = ?", cell_int(view->subject)));
    if (name.type == CELL_NULL) {
        return gone(scope, ACCESS_GROUP);
    }
    int64_t *groups = arena_array(&scope->arena, int64_t, 1);
    groups[0] = view->subject;
    view->name = str_copy(&scope->arena, name.text);
    view->actor = actor_seeing(view);
    view->actor.groups = groups;
    view->actor.group_count = 1;
    return ERR_OK;
}

static enum err become_user(struct scope *scope, struct db_lease *lease, struct view_as *view)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *row;
    struct sql sql = STATEMENT(&scope->arena,
                               "select u.name, u.role, " GROUPS_OF " from \"user\" u"
                               " where u.id = ? and u.active = 1", cell_int(view->subject));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    if (!row) {
        return gone(scope, ACCESS_USER);
    }
    view->name = row_text(&scope->arena, row, 0);
    view->actor = actor_seeing(view);
    view->actor.user = view->subject;
    if (!role_find(row_text(&scope->arena, row, 1), &view->actor.role)) {
        view->actor.role = ROLE_READER;
    }
    actor_set_groups(&scope->arena, &view->actor, row_text(&scope->arena, row, 2));
    return ERR_OK;
}

static enum err become(struct scope *scope, struct identity *identity, struct view_as *view)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    if (view->kind == ACCESS_EVERYONE) {
        view->name = S("");
        view->actor = actor_anonymous;
        return ERR_OK;
    }
    TRY(db_lease(scope, identity->db, &lease));
    return view->kind == ACCESS_GROUP ? become_group(scope, lease, view)
                                      : become_user(scope, lease, view);
}

/* ---- who may ---- */

static enum err check(struct scope *scope, struct access *access, const struct actor *actor,
                      const struct view_as *view)
{
    if (actor->kind != ACTOR_SESSION) {
        return fail(scope, ERR_DENIED, "Only people who signed in see the portal as somebody else.");
    }
    if (actor_has_role(actor, ROLE_ADMINISTRATOR)) {
        return ERR_OK;
    }
    if (view->kind == ACCESS_USER || view->dataset.n == 0) {
        return fail(scope, ERR_DENIED, "Only administrators see the %s.",
                    view->dataset.n ? "dataset as one user does" : "whole portal as somebody else");
    }
    return access_check(scope, access, actor, view->dataset, RIGHT_MANAGE);
}

/* ---- beginning and ending ---- */

static str describe(struct arena *arena, const struct view_as *view)
{
    return str_printf(arena, "%s%s%.*s", access_subject_name(view->kind), view->name.n ? " " : "",
                      STR_ARG(view->name));
}

static enum err store(struct scope *scope, struct identity *identity, const struct actor *actor,
                      const struct origin *origin, const struct view_as *view, str dataset)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(DB_RUN(scope, lease,
               "insert into session_view (session, subject_kind, subject_id, dataset)"
               " select row, ?, ?, ? from session where row = ?"
               " on conflict (session) do update set subject_kind = excluded.subject_kind,"
               " subject_id = excluded.subject_id, dataset = excluded.dataset",
               cell_text(str_from(access_subject_name(view->kind))), cell_int(view->subject),
               cell_text(view->dataset), cell_int(actor->session)));
    audit_write(scope, lease, actor, origin, AUDIT_VIEW_BEGIN, dataset, describe(&scope->arena, view));
    return db_commit(scope, lease);
}

enum err view_as_begin(struct scope *scope, struct identity *identity, struct access *access,
                       const struct actor *actor, const struct origin *origin,
                       enum access_subject kind, str name, str dataset)
{
    struct view_as view = {.kind = kind, .dataset = dataset};
    TRY(check(scope, access, actor, &view));
    if (dataset.n) {
        TRY(access_find_dataset(scope, access, dataset, &view.dataset));
    }
    if (kind != ACCESS_EVERYONE) {
        TRY(access_find_subject(scope, access, kind, name, &view.subject));
    }
    TRY(become(scope, identity, &view));
    /* Of an administrator it is the whole portal, wherever he began. */
    if (actor_has_role(actor, ROLE_ADMINISTRATOR)) {
        view.dataset = S("");
    }
    return store(scope, identity, actor, origin, &view, dataset);
}

enum err view_as_end(struct scope *scope, struct identity *identity, const struct actor *actor,
                     const struct origin *origin)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(DB_RUN(scope, lease, "delete from session_view where session = ?", cell_int(actor->session)));
    if (db_changes(lease)) {
        audit_write(scope, lease, actor, origin, AUDIT_VIEW_END, S(""), S(""));
    }
    return db_commit(scope, lease);
}

/* ---- while it lasts ---- */

static bool is_final(enum err result)
{
    return result == ERR_NO_GROUP || result == ERR_NO_USER || result == ERR_NO_DATASET ||
           result == ERR_DENIED;
}

enum err view_as_find(struct scope *scope, struct identity *identity, struct access *access,
                      const struct session *session, bool *ret_is, struct view_as *ret_view)
{
    struct view_as view = {.kind = session->view_kind, .subject = session->view_subject,
                           .dataset = session->view_dataset};
    *ret_is = false;
    if (!session->has_view) {
        return ERR_OK;
    }
    enum err result = check(scope, access, &session->actor, &view);
    if (result == ERR_OK) {
        result = become(scope, identity, &view);
    }
    if (is_final(result)) {
        scope_forgive(scope);
        return view_as_end(scope, identity, &session->actor, NULL);
    }
    TRY(result);
    *ret_is = true;
    *ret_view = view;
    return ERR_OK;
}

enum err view_as_snapshot(struct scope *scope, struct access *access, const struct actor *own,
                          const struct view_as *view, const struct snapshot **ret_snapshot)
{
    return view->dataset.n
               ? access_snapshot_within(scope, access, own, &view->actor, view->dataset, ret_snapshot)
               : access_snapshot(scope, access, &view->actor, ret_snapshot);
}
