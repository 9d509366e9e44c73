/* The overview: your datasets, what an administrator should look at, who you are here and what you may do. */
#include "base/vec.h"
#include "domain/backup/plan.h"
#include "web/back/dashboard.h"
#include "web/back/routes.h"

#define EVENTS_SHOWN 10

struct figure_item {
    str address, label, text;
    int64_t number;
};

struct hint_item {
    str title, text, address, label;
};

struct event_item {
    str at, actor, action, subject;
};

struct overview {
    str name, role, role_text;
    bool is_administrator, has_hints;
    struct tpl_list figures, hints, events;
    struct html own;
};

static const struct tpl_member figure_members[] = {
    TPL_URL(struct figure_item, address), TPL_TEXT(struct figure_item, label),
    TPL_TEXT(struct figure_item, text), TPL_INT(struct figure_item, number)};
static const struct tpl_struct figure_struct = TPL_STRUCT(struct figure_item, figure_members);

static const struct tpl_member hint_members[] = {
    TPL_TEXT(struct hint_item, title), TPL_TEXT(struct hint_item, text),
    TPL_URL(struct hint_item, address), TPL_TEXT(struct hint_item, label)};
static const struct tpl_struct hint_struct = TPL_STRUCT(struct hint_item, hint_members);

static const struct tpl_member event_members[] = {
    TPL_TEXT(struct event_item, at), TPL_TEXT(struct event_item, actor),
    TPL_TEXT(struct event_item, action), TPL_TEXT(struct event_item, subject)};
static const struct tpl_struct event_struct = TPL_STRUCT(struct event_item, event_members);

static const struct tpl_member overview_members[] = {
    TPL_TEXT(struct overview, name),
    TPL_TEXT(struct overview, role),
    TPL_TEXT(struct overview, role_text),
    TPL_BOOL(struct overview, is_administrator),
    TPL_LIST(struct overview, figures, figure_struct),
    TPL_LIST(struct overview, hints, hint_struct),
    TPL_LIST(struct overview, events, event_struct),
    TPL_BOOL(struct overview, has_hints),
    TPL_HTML(struct overview, own)};
static const struct tpl_struct overview_struct = TPL_STRUCT(struct overview, overview_members);
const struct tpl_binding overview_template = {"back/overview", &overview_struct};

typedef VEC(struct hint_item) hint_list;

/* ---- for administrators ---- */

static void add_hint(struct call *call, hint_list *hints, enum message title, str text,
                     const char *address, enum message label)
{
    vec_add(&call->scope->arena, hints,
            (struct hint_item){office_say(call, title), text, str_from(address),
                               office_say(call, label)});
}

static void hint_at_accounts(struct call *call, const struct user *users, size_t count,
                             hint_list *hints)
{
    int64_t bare = 0;
    for (size_t i = 0; i < count; i++) {
        bare +=
            users[i].active && users[i].role == ROLE_ADMINISTRATOR && !users[i].has_second_factor;
    }
    if (bare) {
        add_hint(call, hints, MSG_BACKOFFICE_HINT_FACTOR_TITLE,
                 office_tell(call, MSG_BACKOFFICE_HINT_FACTOR_TEXT, ARG_INT("count", bare)),
                 "/backoffice/users?q=administrator", MSG_BACKOFFICE_USERS_TITLE);
    }
}

static void hint_at_settings(struct call *call, hint_list *hints)
{
    if (!call->site->sends_mail) {
        add_hint(call, hints, MSG_BACKOFFICE_HINT_MAIL_TITLE,
                 office_say(call, MSG_BACKOFFICE_HINT_MAIL_TEXT), "/backoffice/site/mail",
                 MSG_BACKOFFICE_SITE_MAIL_TITLE);
    }
    if (!call->app->backups->directory || call->app->backups->is_beside_data) {
        add_hint(call, hints, MSG_BACKOFFICE_HINT_BACKUP_TITLE, office_say(call, MSG_BACKOFFICE_HINT_BACKUP_TEXT),
                 "/backoffice/backups", MSG_BACKOFFICE_BACKUPS_TITLE);
    }
    if (!call->is_https) {
        add_hint(call, hints, MSG_BACKOFFICE_HINT_HTTPS_TITLE,
                 office_say(call, MSG_BACKOFFICE_HINT_HTTPS_TEXT), "", MESSAGE_NONE);
    }
}

static struct figure_item figure(struct call *call, enum section section, enum message label,
                                 enum message text, int64_t number)
{
    static const char *const addresses[SECTION__COUNT] = {
        [SECTION_USERS] = "/backoffice/users",     [SECTION_GROUPS] = "/backoffice/groups",
        [SECTION_ACCESS] = "/backoffice/access",   [SECTION_SERVICES] = "/backoffice/services",
        [SECTION_COOKIES] = "/backoffice/cookies", [SECTION_AUDIT] = "/backoffice/audit"};
    return (struct figure_item){str_from(addresses[section]), office_say(call, label),
                                office_tell(call, text, ARG_INT("count", number)), number};
}

static enum err list_events(struct call *call, struct tpl_list *ret_events)
{
    const struct audit_row *rows;
    size_t count;
    TRY(audit_search(call->scope, call->app->identity, &(struct audit_filter){0}, EVENTS_SHOWN, &rows, &count));
    struct event_item *items = arena_array(&call->scope->arena, struct event_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct event_item){
            .at = office_instant(call, rows[i].at, MESSAGE_NONE),
            .actor = office_audit_actor(call, rows[i].actor),
            .action = office_action(call, rows[i].action),
            .subject = rows[i].subject};
    }
    *ret_events = (struct tpl_list){items, count};
    return ERR_OK;
}

static enum err administrate(struct call *call, struct overview *overview)
{
    struct scope *scope = call->scope;
    const struct user *users;
    const struct group *groups;
    const struct unknown_cookie *unknown;
    size_t user_count;
    size_t group_count;
    size_t unknown_count;
    hint_list hints = {0};
    VEC(struct figure_item) figures = {0};
    TRY(user_list(scope, call->app->identity, &users, &user_count));
    TRY(group_list(scope, call->app->catalog, &groups, &group_count));
    TRY(privacy_unknown_cookies(scope, call->app->privacy, &unknown, &unknown_count));
    vec_add(&scope->arena, &figures,
            figure(call, SECTION_USERS, MSG_BACKOFFICE_USERS_TITLE, MSG_BACKOFFICE_USERS_COUNT,
                   (int64_t)user_count));
    vec_add(&scope->arena, &figures,
            figure(call, SECTION_GROUPS, MSG_BACKOFFICE_GROUPS_TITLE, MSG_BACKOFFICE_GROUPS_COUNT,
                   (int64_t)group_count));
    vec_add(&scope->arena, &figures,
            figure(call, SECTION_ACCESS, MSG_BACKOFFICE_ACCESS_TITLE, MSG_BACKOFFICE_ACCESS_COUNT,
                   (int64_t)call->snapshot->count));
    vec_add(&scope->arena, &figures,
            figure(call, SECTION_SERVICES, MSG_BACKOFFICE_SERVICES_TITLE,
                   MSG_BACKOFFICE_SERVICES_COUNT, (int64_t)call->registry->service_count));
    vec_add(&scope->arena, &figures,
            figure(call, SECTION_COOKIES, MSG_BACKOFFICE_COOKIES_TITLE,
                   MSG_BACKOFFICE_COOKIES_COUNT, (int64_t)COOKIE__COUNT));
    hint_at_accounts(call, users, user_count, &hints);
    hint_at_settings(call, &hints);
    if (unknown_count) {
        add_hint(call, &hints, MSG_BACKOFFICE_HINT_UNKNOWN_TITLE,
                 office_tell(call, MSG_BACKOFFICE_HINT_UNKNOWN_TEXT,
                             ARG_INT("count", (int64_t)unknown_count)),
                 "/backoffice/cookies", MSG_BACKOFFICE_COOKIES_TITLE);
    }
    overview->figures = (struct tpl_list){figures.items, figures.count};
    overview->hints = (struct tpl_list){hints.items, hints.count};
    overview->has_hints = hints.count > 0;
    return list_events(call, &overview->events);
}

enum err back_overview(struct call *call)
{
    struct overview overview = {
        .name = call->actor->display_name.n ? call->actor->display_name : call->actor->name,
        .role = office_say(call, office_role_title(call->actor->role)),
        .role_text = office_say(call, office_role_text(call->actor->role)),
        .is_administrator = actor_has_role(call->actor, ROLE_ADMINISTRATOR)};
    TRY(dashboard_make(call, &overview.own));
    if (overview.is_administrator) {
        TRY(administrate(call, &overview));
    }
    return office_send(
        call, &(struct office_page){.section = SECTION_OVERVIEW,
                                    .title = office_say(call, MSG_BACKOFFICE_OVERVIEW_TITLE),
                                    .body = &overview_template,
                                    .data = &overview,
                                    .scripts = {"wizard.js"}});
}
