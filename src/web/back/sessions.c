/* The sessions of all users: /backoffice/sessions. */
#include "base/num.h"
#include "base/vec.h"
#include "web/back/security.h"

struct session_item {
    str name, address, label, network, created, last_seen, expires, end_address;
    bool is_current;
};

struct sessions_page {
    str lead;
    bool is_paged;
    int64_t page, pages;
    str previous_page, next_page;
    struct tpl_list sessions;
};

static const struct tpl_member item_members[] = {
    TPL_TEXT(struct session_item, name),      TPL_URL(struct session_item, address),
    TPL_TEXT(struct session_item, label),     TPL_TEXT(struct session_item, network),
    TPL_TEXT(struct session_item, created),   TPL_TEXT(struct session_item, last_seen),
    TPL_TEXT(struct session_item, expires),   TPL_URL(struct session_item, end_address),
    TPL_BOOL(struct session_item, is_current)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct session_item, item_members);

static const struct tpl_member page_members[] = {
    TPL_TEXT(struct sessions_page, lead),         TPL_BOOL(struct sessions_page, is_paged),
    TPL_INT(struct sessions_page, page),          TPL_INT(struct sessions_page, pages),
    TPL_URL(struct sessions_page, previous_page), TPL_URL(struct sessions_page, next_page),
    TPL_LIST(struct sessions_page, sessions, item_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct sessions_page, page_members);
const struct tpl_binding sessions_overview_template = {"back/sessions", &page_struct};

static struct session_item show(struct call *call, const struct session_row *row)
{
    return (struct session_item){
        .name = row->name,
        .address = office_user_path(call, row->user, ""),
        .label = row->label,
        .network = row->network,
        .created = office_instant(call, row->created, MESSAGE_NONE),
        .last_seen = office_instant(call, row->last_seen, MESSAGE_NONE),
        .expires = office_instant(call, row->expires, MESSAGE_NONE),
        .end_address = str_printf(&call->scope->arena, "/backoffice/sessions/%lld/end?user=%lld",
                                  (long long)row->row, (long long)row->user),
        .is_current = row->is_current};
}

enum err back_sessions(struct call *call)
{
    const struct session_row *rows;
    size_t count;
    VEC(struct session_item) items = {0};
    TRY(session_list_all(call->scope, call->app->identity, call->actor->session, &rows, &count));
    struct office_pages pages = office_pages(call, count, "/backoffice/sessions", S(""));
    for (size_t i = pages.from; i < pages.to; i++) {
        vec_add(&call->scope->arena, &items, show(call, &rows[i]));
    }
    struct sessions_page page = {
        .lead = office_tell(call, MSG_BACKOFFICE_SESSIONS_COUNT, ARG_INT("count", (int64_t)count)),
        .is_paged = pages.pages > 1,
        .page = pages.page,
        .pages = pages.pages,
        .previous_page = pages.previous_page,
        .next_page = pages.next_page,
        .sessions = {items.items, items.count}};
    return office_send(call, &(struct office_page){.section = SECTION_SESSIONS,
                                                   .title = office_say(call, MSG_BACKOFFICE_SESSIONS_TITLE),
                                                   .body = &sessions_overview_template,
                                                   .data = &page});
}

enum err back_session_end(struct call *call)
{
    struct user user;
    int64_t row;
    int64_t id;
    TRY(office_id(call, 0, ERR_NO_SESSION, &row));
    if (!num_read_int(call_query(call, S("user")), &id)) {
        return fail(call->scope, ERR_NO_SESSION, "There is no such session.");
    }
    TRY(user_get(call->scope, call->app->identity, id, &user));
    if (!office_is_post(call)) {
        return form_confirm(call, SECTION_SESSIONS,
                            office_tell(call, MSG_BACKOFFICE_SESSIONS_END_TITLE, ARG_TEXT("name", user.name)),
                            office_say(call, MSG_BACKOFFICE_SESSIONS_END_TEXT),
                            office_say(call, MSG_BACKOFFICE_SESSIONS_END_SUBMIT), S("/backoffice/sessions"), S(""));
    }
    TRY(session_end_row(call->scope, call->app->identity, call->actor, id, row));
    return office_done(call, S("/backoffice/sessions"), MSG_BACKOFFICE_DONE_SESSIONS);
}
