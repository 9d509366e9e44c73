/* The audit log: who did what and when, latest first; by action; as a file. */
#include "base/num.h"
#include "base/vec.h"
#include "web/back/csv.h"
#include "web/back/routes.h"

#define ROWS_SHOWN 100
#define ROWS_OF_FILE 1000 /* read at once */

struct audit_item {
    str at, actor, action, key, subject, detail, network;
};

struct action_item {
    str key, label;
    bool chosen;
};

struct audit_page {
    str action, newest_page, older_page, csv_address;
    bool found, has_pages;
    struct tpl_list rows, actions;
};

static const struct tpl_member row_members[] = {
    TPL_TEXT(struct audit_item, at),      TPL_TEXT(struct audit_item, actor),
    TPL_TEXT(struct audit_item, action),  TPL_TEXT(struct audit_item, key),
    TPL_TEXT(struct audit_item, subject), TPL_TEXT(struct audit_item, detail),
    TPL_TEXT(struct audit_item, network)};
static const struct tpl_struct row_struct = TPL_STRUCT(struct audit_item, row_members);

static const struct tpl_member action_members[] = {TPL_TEXT(struct action_item, key),
                                                   TPL_TEXT(struct action_item, label),
                                                   TPL_BOOL(struct action_item, chosen)};
static const struct tpl_struct action_struct = TPL_STRUCT(struct action_item, action_members);

static const struct tpl_member audit_members[] = {
    TPL_TEXT(struct audit_page, action),
    TPL_URL(struct audit_page, newest_page),
    TPL_URL(struct audit_page, older_page),
    TPL_URL(struct audit_page, csv_address),
    TPL_BOOL(struct audit_page, found),
    TPL_BOOL(struct audit_page, has_pages),
    TPL_LIST(struct audit_page, rows, row_struct),
    TPL_LIST(struct audit_page, actions, action_struct)};
static const struct tpl_struct audit_struct = TPL_STRUCT(struct audit_page, audit_members);
const struct tpl_binding audit_template = {"back/audit", &audit_struct};

/* The action that is asked for; a name that there is not counts as none. */
static str chosen_action(const struct call *call)
{
    str asked = call_query(call, S("action"));
    for (size_t i = 0; audit_action_key(i); i++) {
        if (str_eq(asked, str_from(audit_action_key(i)))) {
            return str_from(audit_action_key(i));
        }
    }
    return S("");
}

static struct tpl_list list_actions(struct call *call, str chosen)
{
    VEC(struct action_item) items = {0};
    for (size_t i = 0; audit_action_key(i); i++) {
        str key = str_from(audit_action_key(i));
        vec_add(&call->scope->arena, &items,
                (struct action_item){key, office_action(call, key), str_eq(key, chosen)});
    }
    return (struct tpl_list){items.items, items.count};
}

static struct tpl_list list_rows(struct call *call, const struct audit_row *rows, size_t count)
{
    struct audit_item *items = arena_array(&call->scope->arena, struct audit_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct audit_item){
            .at = office_instant(call, rows[i].at, MESSAGE_NONE),
            .actor = office_audit_actor(call, rows[i].actor),
            .action = office_action(call, rows[i].action),
            .key = rows[i].action,
            .subject = rows[i].subject,
            .detail = rows[i].detail,
            .network = rows[i].network};
    }
    return (struct tpl_list){items, count};
}

static str with_action(struct call *call, const char *path, str action, int64_t before)
{
    struct arena *arena = &call->scope->arena;
    str address =
        action.n ? str_printf(arena, "%s?action=%.*s", path, STR_ARG(action)) : str_from(path);
    return before ? str_printf(arena, "%.*s%sbefore=%lld", STR_ARG(address), action.n ? "&" : "?",
                               (long long)before)
                  : address;
}

enum err back_audit(struct call *call)
{
    const struct audit_row *rows;
    size_t count;
    int64_t before = 0;
    int64_t oldest;
    str action = chosen_action(call);
    if (!num_read_int(call_query(call, S("before")), &before) || before < 0) {
        before = 0;
    }
    /* One more than is shown tells whether there are older ones. */
    TRY(audit_search(call->scope, call->app->identity, action, before, ROWS_SHOWN + 1, &rows,
                     &count, &oldest));
    bool has_older = count > ROWS_SHOWN;
    count = has_older ? ROWS_SHOWN : count;
    struct audit_page page = {
        .action = action,
        .newest_page = before ? with_action(call, "/backoffice/audit", action, 0) : S(""),
        .older_page =
            has_older ? with_action(call, "/backoffice/audit", action, rows[count - 1].id) : S(""),
        .csv_address = with_action(call, "/backoffice/audit.csv", action, 0),
        .found = count > 0,
        .has_pages = before || has_older,
        .rows = list_rows(call, rows, count),
        .actions = list_actions(call, action)};
    return office_send(call,
                       &(struct office_page){.section = SECTION_AUDIT,
                                             .title = office_say(call, MSG_BACKOFFICE_AUDIT_TITLE),
                                             .body = &audit_template,
                                             .data = &page});
}

/* ---- the same as a file ---- */

static void add_row(struct buf *out, const struct audit_row *row)
{
    csv_instant(out, true, row->at);
    csv_text(out, false, row->actor);
    csv_text(out, false, row->action);
    csv_text(out, false, row->subject);
    csv_text(out, false, row->detail);
    csv_text(out, false, row->network);
    csv_line(out);
}

static enum err write_rows(struct call *call, str action, struct buf *out)
{
    int64_t before = 0;
    for (;;) {
        struct arena_mark mark = arena_get_mark(&call->scope->arena);
        const struct audit_row *rows;
        size_t count;
        TRY(audit_search(call->scope, call->app->identity, action, before, ROWS_OF_FILE, &rows,
                         &count, &before));
        for (size_t i = 0; i < count; i++) {
            add_row(out, &rows[i]);
        }
        TRY(response_write(call->exchange, buf_str(out)));
        buf_clear(out);
        arena_rewind(&call->scope->arena, mark);
        if (count < ROWS_OF_FILE) {
            return ERR_OK;
        }
    }
}

enum err back_audit_csv(struct call *call)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    csv_headers(call, "audit.csv");
    TRY(response_stream(call->exchange));
    if (exchange_method(call->exchange) == HTTP_HEAD) {
        return ERR_OK;
    }
    buf_add(&out, S("at,actor,action,subject,detail,network\r\n"));
    return write_rows(call, chosen_action(call), &out);
}
