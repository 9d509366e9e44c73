#include "web/back/office.h"

#include "base/date.h"
#include "base/json_write.h"
#include "base/num.h"
#include "web/shell/navigation.h"

struct office {
    struct tpl_list navigation;
    struct html content;
};

static const struct tpl_member office_members[] = {
    TPL_LIST(struct office, navigation, navigation_struct), TPL_HTML(struct office, content)};
static const struct tpl_struct office_struct = TPL_STRUCT(struct office, office_members);
const struct tpl_binding office_template = {"back/office", &office_struct};

static const struct tpl_member link_members[] = {TPL_URL(struct office_link, address),
                                                 TPL_TEXT(struct office_link, label),
                                                 TPL_BOOL(struct office_link, danger)};
const struct tpl_struct office_link_struct = TPL_STRUCT(struct office_link, link_members);

/* Sections without an address are not there. */
static const struct {
    struct navigation_entry entry;
    enum role least;
} sections[SECTION__COUNT] = {
    [SECTION_OVERVIEW] = {{"/backoffice", MSG_BACKOFFICE_OVERVIEW_TITLE}, ROLE_READER},
    [SECTION_DATASETS] = {{"/backoffice/datasets", MSG_BACKOFFICE_DATASETS_TITLE}, ROLE_READER},
    [SECTION_JOBS] = {{"/backoffice/jobs", MSG_BACKOFFICE_JOBS_TITLE}, ROLE_READER},
    [SECTION_STATISTICS] = {{"/backoffice/statistics", MSG_STATISTICS_TITLE}, ROLE_EDITOR},
    [SECTION_USERS] = {{"/backoffice/users", MSG_BACKOFFICE_USERS_TITLE}, ROLE_ADMINISTRATOR},
    [SECTION_GROUPS] = {{"/backoffice/groups", MSG_BACKOFFICE_GROUPS_TITLE}, ROLE_ADMINISTRATOR},
    [SECTION_KEYS] = {{"/backoffice/keys", MSG_BACKOFFICE_KEYS_TITLE}, ROLE_ADMINISTRATOR},
    [SECTION_SESSIONS] = {{"/backoffice/sessions", MSG_BACKOFFICE_SESSIONS_TITLE}, ROLE_ADMINISTRATOR},
    [SECTION_ACCESS] = {{"/backoffice/access", MSG_BACKOFFICE_ACCESS_TITLE}, ROLE_ADMINISTRATOR},
    [SECTION_TEMPLATES] = {{"/backoffice/metadata", MSG_BACKOFFICE_VOCABULARY_TITLE}, ROLE_ADMINISTRATOR},
    [SECTION_SITE] = {{"/backoffice/site", MSG_BACKOFFICE_SITE_TITLE}, ROLE_ADMINISTRATOR},
    [SECTION_PAGES] = {{"/backoffice/pages", MSG_BACKOFFICE_PAGES_TITLE}, ROLE_ADMINISTRATOR},
    [SECTION_SERVICES] = {{"/backoffice/services", MSG_BACKOFFICE_SERVICES_TITLE}, ROLE_ADMINISTRATOR},
    [SECTION_COOKIES] = {{"/backoffice/cookies", MSG_BACKOFFICE_COOKIES_TITLE}, ROLE_ADMINISTRATOR},
    [SECTION_BACKUPS] = {{"/backoffice/backups", MSG_BACKOFFICE_BACKUPS_TITLE}, ROLE_ADMINISTRATOR},
    [SECTION_AUDIT] = {{"/backoffice/audit", MSG_BACKOFFICE_AUDIT_TITLE}, ROLE_ADMINISTRATOR},
};

static struct tpl_list list_sections(struct call *call, enum section current)
{
    struct navigation_entry entries[SECTION__COUNT];
    size_t count = 0;
    for (size_t i = 0; i < SECTION__COUNT; i++) {
        if (sections[i].entry.address && actor_has_role(call->actor, sections[i].least)) {
            entries[count++] = sections[i].entry;
        }
    }
    return navigation_list(call, entries, count, sections[current].entry.address);
}

enum err office_json(struct call *call, int status, struct buf *json)
{
    response_status(call->exchange, status);
    response_header(call->exchange, S("Content-Type"), S("application/json; charset=utf-8"));
    response_header(call->exchange, S("Cache-Control"), S("no-store"));
    response_body(call->exchange, json);
    return ERR_OK;
}

enum err office_send(struct call *call, const struct office_page *page)
{
    struct office office = {
        .navigation = list_sections(call, page->section),
        .content = tpl_html(call->scope, call->app->tpl, page->body, call->language, page->data)};
    struct page whole = {.title_text = page->title,
                         .has_faults = page->has_errors,
                         .body = &office_template,
                         .data = &office,
                         .is_wide = page->is_wide,
                         .status = page->has_errors ? 422 : 200};
    memcpy(whole.scripts, page->scripts, sizeof(whole.scripts));
    page_send(call, &whole);
    return ERR_OK;
}

static enum err tell_done(struct call *call, str path, enum message flash)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_text(&json, S("location"), path);
    json_key_text(&json, S("message"), office_say(call, flash));
    json_object_end(&json);
    return office_json(call, 200, &out);
}

enum err office_done(struct call *call, str path, enum message flash)
{
    /* The session may have ended by what was done: of oneself, say. */
    if (flash != MESSAGE_NONE && call->session &&
        session_set_flash(call->scope, call->app->identity, call->session->row,
                          str_from(message_key(flash))) != ERR_OK) {
        scope_forgive(call->scope);
    }
    if (page_is_for_script(call)) {
        return tell_done(call, path, flash);
    }
    page_redirect(call, path);
    return ERR_OK;
}

enum err office_apply(struct call *call)
{
    bool changed;
    return catalog_refresh(call->scope, call->app->catalog, &changed);
}

bool office_is_post(const struct call *call)
{
    return exchange_method(call->exchange) == HTTP_POST;
}

str office_instant(const struct call *call, usec instant, enum message never)
{
    return instant ? format_instant(&call->scope->arena, call->language, instant)
                   : office_say(call, never);
}

str office_json_instant(const struct call *call, usec instant)
{
    char text[DATE_TEXT_BYTES];
    return instant ? str_copy(&call->scope->arena, (str){text, date_write_instant(text, instant, 0)}) : S("");
}

str office_path(const struct call *call, const char *base, str value)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    buf_add(&out, str_from(base));
    url_encode(&out, value);
    return buf_copy(&out, &call->scope->arena);
}

str office_path_id(const struct call *call, const char *base, int64_t id)
{
    return str_printf(&call->scope->arena, "%s%lld", base, (long long)id);
}

enum err office_id(struct call *call, size_t at, enum err absent, int64_t *ret_id)
{
    return num_read_int(call->path_values[at], ret_id)
               ? ERR_OK
               : fail(call->scope, absent, "There is nothing at this address.");
}

static str page_address(const struct call *call, const char *base, str query, int64_t page)
{
    return str_printf(&call->scope->arena, "%s?%.*s%spage=%lld", base, STR_ARG(query),
                      query.n ? "&" : "", (long long)page);
}

struct office_pages office_pages(const struct call *call, size_t count, const char *base, str query)
{
    struct office_pages pages = {
        .page = 1, .pages = (int64_t)((count + OFFICE_PAGE_ITEMS - 1) / OFFICE_PAGE_ITEMS)};
    int64_t asked;
    if (pages.pages == 0) {
        pages.pages = 1;
    }
    if (num_read_int(call_query(call, S("page")), &asked) && asked > 1) {
        pages.page = asked < pages.pages ? asked : pages.pages;
    }
    pages.from = (size_t)(pages.page - 1) * OFFICE_PAGE_ITEMS;
    pages.to = count - pages.from < OFFICE_PAGE_ITEMS ? count : pages.from + OFFICE_PAGE_ITEMS;
    if (pages.page > 1) {
        pages.previous_page = page_address(call, base, query, pages.page - 1);
    }
    if (pages.page < pages.pages) {
        pages.next_page = page_address(call, base, query, pages.page + 1);
    }
    return pages;
}

enum message office_role_title(enum role role)
{
    switch (role) {
    case ROLE_READER:
        return MSG_BACKOFFICE_ROLE_READER_TITLE;
    case ROLE_EDITOR:
        return MSG_BACKOFFICE_ROLE_EDITOR_TITLE;
    case ROLE_PUBLISHER:
        return MSG_BACKOFFICE_ROLE_PUBLISHER_TITLE;
    case ROLE_ADMINISTRATOR:
        return MSG_BACKOFFICE_ROLE_ADMINISTRATOR_TITLE;
    }
    return MESSAGE_NONE;
}

enum message office_role_text(enum role role)
{
    switch (role) {
    case ROLE_READER:
        return MSG_BACKOFFICE_ROLE_READER_TEXT;
    case ROLE_EDITOR:
        return MSG_BACKOFFICE_ROLE_EDITOR_TEXT;
    case ROLE_PUBLISHER:
        return MSG_BACKOFFICE_ROLE_PUBLISHER_TEXT;
    case ROLE_ADMINISTRATOR:
        return MSG_BACKOFFICE_ROLE_ADMINISTRATOR_TEXT;
    }
    return MESSAGE_NONE;
}

enum message office_right_title(unsigned rights)
{
    return rights & RIGHT_MANAGE    ? MSG_BACKOFFICE_RIGHT_MANAGE
           : rights & RIGHT_PUBLISH ? MSG_BACKOFFICE_RIGHT_PUBLISH
           : rights & RIGHT_EDIT    ? MSG_BACKOFFICE_RIGHT_EDIT
           : rights & RIGHT_READ    ? MSG_BACKOFFICE_RIGHT_READ
                                    : MSG_BACKOFFICE_RIGHT_NONE;
}

str office_action(const struct call *call, str action)
{
    enum message message =
        message_find(str_printf(&call->scope->arena, "audit.%.*s", STR_ARG(action)));
    return message == MESSAGE_NONE ? action : office_say(call, message);
}

str office_audit_actor(const struct call *call, str actor)
{
    return actor.n == 0 ? office_say(call, MSG_BACKOFFICE_AUDIT_NOBODY)
           : str_eq(actor, S("command line")) ? office_say(call, MSG_BACKOFFICE_AUDIT_COMMAND_LINE)
                                              : actor;
}
