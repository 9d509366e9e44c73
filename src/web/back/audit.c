/* The audit log: who did what and when, latest first, by what is asked for. */
#include "base/vec.h"
#include "web/back/audit_filter.h"
#include "web/shell/faults.h"

#define ROWS_SHOWN 100

struct audit_item {
    str at, actor, action, key, subject, detail, network;
};

struct action_item {
    str key, label;
    bool chosen;
};

struct audit_page {
    str from, until, actor, subject, network, from_error, until_error;
    str newest_page, older_page, csv_address, jsonl_address;
    bool found, has_pages, shows_network;
    struct tpl_list rows, actions, errors;
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
    TPL_TEXT(struct audit_page, from),         TPL_TEXT(struct audit_page, until),
    TPL_TEXT(struct audit_page, actor),        TPL_TEXT(struct audit_page, subject),
    TPL_TEXT(struct audit_page, network),      TPL_TEXT(struct audit_page, from_error),
    TPL_TEXT(struct audit_page, until_error),  TPL_URL(struct audit_page, newest_page),
    TPL_URL(struct audit_page, older_page),    TPL_URL(struct audit_page, csv_address),
    TPL_URL(struct audit_page, jsonl_address), TPL_BOOL(struct audit_page, found),
    TPL_BOOL(struct audit_page, has_pages),    TPL_BOOL(struct audit_page, shows_network),
    TPL_LIST(struct audit_page, rows, row_struct),
    TPL_LIST(struct audit_page, actions, action_struct),
    TPL_LIST(struct audit_page, errors, fault_struct)};
static const struct tpl_struct audit_struct = TPL_STRUCT(struct audit_page, audit_members);
const struct tpl_binding audit_template = {"back/audit", &audit_struct};

/* The parts before the dots, which stand for all of theirs, and each action. */
static struct tpl_list list_actions(struct call *call, str chosen)
{
    VEC(struct action_item) items = {0};
    for (size_t i = 0; audit_action_key(i); i++) {
        str key = str_from(audit_action_key(i));
        vec_add(&call->scope->arena, &items,
                (struct action_item){key, office_action(call, key), str_eq(key, chosen)});
    }
    if (chosen.n && !audit_documentation(chosen)) {
        vec_add(&call->scope->arena, &items,
                (struct action_item){chosen, str_printf(&call->scope->arena, "%.*s.*", STR_ARG(chosen)), true});
    }
    return (struct tpl_list){items.items, items.count};
}

static struct tpl_list list_rows(struct call *call, const struct audit_row *rows, size_t count, bool shows_network)
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
            .network = shows_network ? rows[i].network : S("")};
    }
    return (struct tpl_list){items, count};
}

static str address(struct call *call, const char *path, str query, const struct audit_row *last)
{
    struct arena *arena = &call->scope->arena;
    str base = str_printf(arena, "%s%s%.*s", path, query.n ? "?" : "", STR_ARG(query));
    return last ? str_printf(arena, "%.*s%sbefore=%lld-%lld", STR_ARG(base), query.n ? "&" : "?",
                             (long long)last->at, (long long)last->id)
                : base;
}

static void tell_faults(struct call *call, const struct audit_request *request, struct audit_page *page)
{
    struct faults *faults = arena_new(&call->scope->arena, struct faults);
    if (request->from_fault) {
        page->from_error = faults_add(call, faults, S("from"), MSG_BACKOFFICE_AUDIT_FAULT_DAY);
    }
    if (request->until_fault) {
        page->until_error = faults_add(call, faults, S("until"), MSG_BACKOFFICE_AUDIT_FAULT_DAY);
    }
    page->errors = faults_list(faults);
}

enum err back_audit(struct call *call)
{
    struct audit_request request;
    const struct audit_row *rows = NULL;
    size_t count = 0;
    TRY(audit_read(call, &request));
    bool is_wrong = request.from_fault || request.until_fault;
    if (!is_wrong) { /* one more than is shown tells whether there are older ones */
        TRY(audit_search(call->scope, call->app->identity, &request.filter, ROWS_SHOWN + 1, &rows, &count));
    }
    bool has_older = count > ROWS_SHOWN;
    count = has_older ? ROWS_SHOWN : count;
    str query = audit_query(call, &request);
    struct audit_page page = {
        .from = request.from,
        .until = request.until,
        .actor = request.filter.actor,
        .subject = request.filter.subject,
        .network = request.filter.network,
        .newest_page = request.filter.before_at ? address(call, "/backoffice/audit", query, NULL) : S(""),
        .older_page = has_older ? address(call, "/backoffice/audit", query, &rows[count - 1]) : S(""),
        .csv_address = address(call, "/backoffice/audit.csv", query, NULL),
        .jsonl_address = address(call, "/backoffice/audit.jsonl", query, NULL),
        .found = count > 0,
        .has_pages = request.filter.before_at || has_older,
        .shows_network = !request.is_limited,
        .rows = list_rows(call, rows, count, !request.is_limited),
        .actions = list_actions(call, request.filter.action)};
    tell_faults(call, &request, &page);
    return office_send(call, &(struct office_page){.section = SECTION_AUDIT,
                                                   .title = office_say(call, MSG_BACKOFFICE_AUDIT_TITLE),
                                                   .body = &audit_template,
                                                   .data = &page,
                                                   .is_wide = true,
                                                   .has_errors = is_wrong});
}
