#include "web/shell/page.h"

#include "domain/identity/view_as.h"
#include "domain/site/content.h"
#include "web/shell/cookies.h"
#include "web/shell/gate.h"
#include "web/shell/headers.h"
#include "web/shell/redirect.h"
#include "web/shell/static.h"

struct language_item {
    str code, name;
    bool current;
};

struct script_item {
    str address;
};

struct banner {
    str next; /* this page */
    str back; /* the same, as the link that hides a confirmation */
    bool outdated;
    bool done; /* a choice was just made: it is confirmed where it was asked for */
};

struct frame {
    str lang, direction, title, portal, description;
    str stylesheet, script, nonce;
    bool signed_in, has_office, noindex, wide, searches;
    str user_name, csrf, path, flash, canonical;
    str view_as;      /* as whom the portal is seen; empty: as oneself */
    str view_address; /* where it is seen so, on pages that are not; else empty */
    str selection, selection_address;
    int64_t selection_count;
    struct html head, body, banner;
    struct tpl_list languages, scripts, external_scripts, alternates, links, menu;
    str theme, logo, icon; /* addresses; empty: as the program comes */
    int64_t logo_width, logo_height;
    bool logo_holds_name;
};

struct link_item {
    str label, address;
};

static const struct tpl_member link_members[] = {TPL_TEXT(struct link_item, label),
                                                 TPL_URL(struct link_item, address)};
static const struct tpl_struct link_struct = TPL_STRUCT(struct link_item, link_members);

struct alternate_item {
    str code, address;
};

static const struct tpl_member alternate_members[] = {TPL_TEXT(struct alternate_item, code),
                                                      TPL_URL(struct alternate_item, address)};
static const struct tpl_struct alternate_struct =
    TPL_STRUCT(struct alternate_item, alternate_members);

static const struct tpl_member language_members[] = {TPL_TEXT(struct language_item, code),
                                                     TPL_TEXT(struct language_item, name),
                                                     TPL_BOOL(struct language_item, current)};
static const struct tpl_struct language_struct = TPL_STRUCT(struct language_item, language_members);

static const struct tpl_member script_members[] = {TPL_URL(struct script_item, address)};
static const struct tpl_struct script_struct = TPL_STRUCT(struct script_item, script_members);

static const struct tpl_member banner_members[] = {TPL_TEXT(struct banner, next),
                                                   TPL_URL(struct banner, back),
                                                   TPL_BOOL(struct banner, outdated),
                                                   TPL_BOOL(struct banner, done)};
static const struct tpl_struct banner_struct = TPL_STRUCT(struct banner, banner_members);
static const struct tpl_binding banner_template = {"part/banner", &banner_struct};

static const struct tpl_member frame_members[] = {
    TPL_TEXT(struct frame, lang),        TPL_TEXT(struct frame, direction),
    TPL_TEXT(struct frame, title),       TPL_TEXT(struct frame, portal),
    TPL_TEXT(struct frame, description), TPL_URL(struct frame, stylesheet),
    TPL_URL(struct frame, script),       TPL_TEXT(struct frame, nonce),
    TPL_BOOL(struct frame, signed_in),   TPL_BOOL(struct frame, has_office),
    TPL_BOOL(struct frame, noindex),     TPL_BOOL(struct frame, wide),
    TPL_BOOL(struct frame, searches),    TPL_TEXT(struct frame, user_name),
    TPL_TEXT(struct frame, csrf),        TPL_TEXT(struct frame, path),
    TPL_TEXT(struct frame, flash),       TPL_URL(struct frame, canonical),
    TPL_URL(struct frame, view_address),
    TPL_TEXT(struct frame, view_as),     TPL_TEXT(struct frame, selection),   TPL_URL(struct frame, selection_address),
    TPL_INT(struct frame, selection_count),
    TPL_HTML(struct frame, head),        TPL_HTML(struct frame, body),
    TPL_HTML(struct frame, banner),
    TPL_LIST(struct frame, languages, language_struct),
    TPL_LIST(struct frame, alternates, alternate_struct),
    TPL_LIST(struct frame, scripts, script_struct),
    TPL_LIST(struct frame, links, link_struct), TPL_LIST(struct frame, menu, link_struct),
    TPL_URL(struct frame, theme), TPL_URL(struct frame, logo), TPL_URL(struct frame, icon),
    TPL_NUMBER(struct frame, logo_width), TPL_NUMBER(struct frame, logo_height),
    TPL_BOOL(struct frame, logo_holds_name),
    TPL_LIST(struct frame, external_scripts, script_struct)};
static const struct tpl_struct frame_struct = TPL_STRUCT(struct frame, frame_members);
static const struct tpl_binding frame_template = {"frame", &frame_struct};
static const struct tpl_binding embed_template = {"embed_frame", &frame_struct};

const struct tpl_binding *const shell_templates[] = {&frame_template, &embed_template, &banner_template,
                                                     &problem_template};
const size_t shell_template_count = ARRAY_LENGTH(shell_templates);

/* ---- parts of the frame ---- */

static struct tpl_list list_languages(struct call *call)
{
    struct language_item *items =
        arena_array(&call->scope->arena, struct language_item, (size_t)language_count());
    size_t count = 0;
    for (language i = 0; i < language_count(); i++) {
        if (site_offers(call->site, i)) {
            items[count++] = (struct language_item){language_code(i), language_own_name(i), i == call->language};
        }
    }
    return (struct tpl_list){items, count};
}

static struct tpl_list list_bundles(struct call *call, const struct page *page)
{
    struct script_item *items = arena_array(&call->scope->arena, struct script_item, PAGE_SCRIPTS_MOST);
    size_t count = 0;
    while (count < PAGE_SCRIPTS_MOST && page->scripts[count]) {
        items[count] = (struct script_item){static_address(str_from(page->scripts[count]))};
        count++;
    }
    return (struct tpl_list){items, count};
}

/* Scripts of external services that the visitor accepted; none is loaded where a form takes passwords. */
static struct tpl_list list_scripts(struct call *call, const struct page *page)
{
    const struct registry *registry = call->registry;
    struct script_item *items =
        arena_array(&call->scope->arena, struct script_item, registry->service_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < registry->service_count && page->is_public; i++) {
        const struct service *service = &registry->services[i];
        if (service->script.n && consent_allows(&call->consent, service)) {
            items[count++] = (struct script_item){service->script};
        }
    }
    return (struct tpl_list){items, count};
}

/* This page with what was looked for in it, but without the mark of a choice just made. */
static str own_address(struct call *call)
{
    str path = exchange_raw_path(call->exchange);
    str query = exchange_raw_query(call->exchange);
    if (str_ends(query, PAGE_CONSENT_MARK)) {
        query.n -= PAGE_CONSENT_MARK.n;
        query.n -= query.n > 0; /* and the & before it */
    }
    return query.n ? str_printf(&call->scope->arena, "%.*s?%.*s", STR_ARG(path), STR_ARG(query))
                   : path;
}

/* Only where there is something to consent to and nothing was said yet; a signal is a refusal. */
static struct html make_banner(struct call *call)
{
    bool done = call->consent.chosen &&
                str_ends(exchange_raw_query(call->exchange), PAGE_CONSENT_MARK);
    bool asks = !call->consent.chosen && !call->consent.signal;
    if (!registry_needs_consent(call->registry) || (!asks && !done) ||
        str_starts(exchange_raw_path(call->exchange), S("/cookies"))) {
        return (struct html){STR_NONE};
    }
    str address = own_address(call);
    struct banner banner = {
        .next = address, .back = address, .outdated = call->consent.outdated, .done = done};
    return tpl_html(call->scope, call->app->tpl, &banner_template, call->language, &banner);
}

static str take_flash(struct call *call)
{
    str flash = STR_NONE;
    if (call->session && call->session->flash.n &&
        session_take_flash(call->scope, call->app->identity, call->session->row, &flash) !=
            ERR_OK) {
        scope_forgive(call->scope);
    }
    enum message message = message_find(flash);
    return message == MESSAGE_NONE ? flash : message_plain(call->language, message);
}

static str make_title(struct call *call, const struct page *page)
{
    str title =
        page->title_text.n ? page->title_text : message_plain(call->language, page->title);
    return page->has_faults ? message_text(&call->scope->arena, call->language, MSG_FORM_ERROR_TITLE,
                                           &ARG_TEXT("title", title), 1)
                            : title;
}

/* Where a visitor who goes to sign in or to choose a language comes back to; a choice holds there, too. */
static str come_back(struct call *call)
{
    struct buf out = {0};
    char joint = '?';
    buf_add(&out, exchange_raw_path(call->exchange));
    for (size_t i = 0; i < call->query.count && !call->route->hides_path; i++) {
        const struct query_parameter *parameter = &call->query.items[i];
        if (!str_eq(parameter->name, PAGE_LANGUAGE_PARAMETER)) {
            buf_add_char(&out, joint);
            url_encode(&out, parameter->name);
            buf_add_char(&out, '=');
            url_encode(&out, parameter->value);
            joint = '&';
        }
    }
    str path = buf_copy(&out, &call->scope->arena);
    buf_done(&out);
    return path;
}

static str site_address(struct call *call, const struct site_file *file)
{
    return file->bytes.p ? str_printf(&call->scope->arena, SITE_PATH "%.*s", STR_ARG(file->name)) : S("");
}

/* Links to the pages of a menu, behind count others. */
static struct tpl_list list_pages(struct call *call, enum content_menu menu, struct link_item *links, size_t count)
{
    const struct site *site = call->site;
    for (size_t i = 0; i < site->page_count; i++) {
        const struct site_page *page = &site->pages[i];
        if (page->is_published && page->menu == (int)menu) {
            links[count++] = (struct link_item){
                translated_text(&page->title, call->language),
                str_printf(&call->scope->arena, "/pages/%.*s/", STR_ARG(page->slug))};
        }
    }
    return (struct tpl_list){links, count};
}

/* What the settings of the site say. */
static void set_site(struct call *call, struct frame *frame)
{
    const struct site *site = call->site;
    struct arena *arena = &call->scope->arena;
    struct link_item *links = arena_array(arena, struct link_item, site->footer_count + site->page_count + 1);
    for (size_t i = 0; i < site->footer_count; i++) {
        links[i] = (struct link_item){translated_text(&site->footer[i].label, call->language),
                                      site->footer[i].address};
    }
    frame->links = list_pages(call, MENU_FOOTER, links, site->footer_count);
    frame->menu = list_pages(call, MENU_HEADER, arena_array(arena, struct link_item, site->page_count + 1), 0);
    frame->theme = site_address(call, &site->style);
    frame->logo = site_address(call, &site->logo);
    frame->icon = site_address(call, &site->icon);
    frame->icon = frame->icon.n ? frame->icon : S("/favicon.svg");
    frame->logo_width = site->logo_width;
    frame->logo_height = site->logo_height;
    frame->logo_holds_name = site->logo_holds_name;
}

/* The same page in every language, for search engines. */
static struct tpl_list list_alternates(struct call *call, str canonical)
{
    char joint = str_find_char(canonical, '?', 0) == SIZE_MAX ? '?' : '&';
    struct alternate_item *items =
        arena_array(&call->scope->arena, struct alternate_item, (size_t)language_count() + 1);
    size_t count = 0;
    for (language i = 0; i < language_count(); i++) {
        str code = language_code(i);
        if (site_offers(call->site, i)) {
            items[count++] = (struct alternate_item){
                code, str_printf(&call->scope->arena, "%.*s%c%.*s=%.*s", STR_ARG(canonical), joint,
                                 STR_ARG(PAGE_LANGUAGE_PARAMETER), STR_ARG(code))};
        }
    }
    items[count++] = (struct alternate_item){S("x-default"), canonical};
    return (struct tpl_list){items, count};
}

/* What is shown because the address asks for a language is listed as a page of its own. */
static void set_canonical(struct call *call, const struct page *page, struct frame *frame)
{
    str path = page->canonical.n ? page->canonical : exchange_raw_path(call->exchange);
    str lang = call_query(call, PAGE_LANGUAGE_PARAMETER);
    str plain = str_printf(&call->scope->arena, "%.*s%.*s", STR_ARG(call->base_url), STR_ARG(path));
    frame->alternates = list_alternates(call, plain);
    frame->canonical = plain;
    const struct alternate_item *items = frame->alternates.items;
    for (size_t i = 0; lang.n && i < frame->alternates.count; i++) {
        if (str_eq(items[i].code, lang)) {
            frame->canonical = items[i].address;
        }
    }
}

/* Around pages that other sites show: nothing of the visitor, nothing of others. */
static struct frame make_embed_frame(struct call *call, const struct page *page)
{
    struct frame frame = {.lang = language_code(call->language),
                          .direction = message_plain(call->language, MSG_LANGUAGE_DIRECTION),
                          .title = make_title(call, page),
                          .portal = call->site->name,
                          .stylesheet = call->app->stylesheet,
                          .scripts = list_bundles(call, page)};
    set_site(call, &frame);
    return frame;
}

/* As whom the portal is seen, where that is not oneself. The back office is one's own all the while. */
static str tell_view(struct call *call, bool is_office)
{
    static const struct {
        enum message here, outside;
    } messages[] = {[ACCESS_EVERYONE] = {MSG_FRAME_VIEW_AS_EVERYONE, MSG_FRAME_VIEW_AS_OUTSIDE_EVERYONE},
                    [ACCESS_GROUP] = {MSG_FRAME_VIEW_AS_GROUP, MSG_FRAME_VIEW_AS_OUTSIDE_GROUP},
                    [ACCESS_USER] = {MSG_FRAME_VIEW_AS_USER, MSG_FRAME_VIEW_AS_OUTSIDE_USER}};
    const struct view_as *view = call->view_as;
    enum message message = is_office ? messages[view->kind].outside : messages[view->kind].here;
    str first = is_office ? message_plain(call->language, MSG_FRAME_VIEW_AS_OFFICE) : S("");
    str text = view->kind == ACCESS_EVERYONE
                   ? message_plain(call->language, message)
                   : message_text(&call->scope->arena, call->language, message, &ARG_TEXT("name", view->name), 1);
    str last = view->dataset.n ? message_plain(call->language, MSG_FRAME_VIEW_AS_ONLY) : S("");
    return str_printf(&call->scope->arena, "%.*s%s%.*s%s%.*s", STR_ARG(first), first.n ? " " : "", STR_ARG(text),
                      last.n ? " " : "", STR_ARG(last));
}

static void set_view(struct call *call, struct frame *frame)
{
    const struct view_as *view = call->view_as;
    bool is_office = call->route && call->route->office;
    if (view) {
        frame->view_as = tell_view(call, is_office);
    }
    if (view && is_office) {
        const struct dataset *dataset = view->dataset.n && call->snapshot ? snapshot_find(call->snapshot, view->dataset) : NULL;
        frame->view_address = dataset ? str_printf(&call->scope->arena, "/explore/dataset/%.*s/", STR_ARG(dataset->id))
                                      : S("/explore/");
    }
}

static struct frame make_frame(struct call *call, const struct page *page)
{
    struct frame frame = {
        .lang = language_code(call->language),
        .direction = message_plain(call->language, MSG_LANGUAGE_DIRECTION),
        .title = make_title(call, page),
        .portal = call->site->name,
        .stylesheet = call->app->stylesheet,
        .script = call->app->script,
        .signed_in = call->session != NULL,
        .has_office = call->session && actor_has_role(call->actor, ROLE_EDITOR),
        .user_name = call->actor->display_name.n ? call->actor->display_name : call->actor->name,
        .path = come_back(call),
        .banner = make_banner(call),
        .flash = take_flash(call),
        .description = page->description,
        .head = page->head,
        .selection = page->selection,
        .selection_address = page->selection_address,
        .selection_count = page->selection_count,
        .wide = page->is_wide,
        .searches = !page->has_search,
        .languages = list_languages(call),
        .scripts = list_bundles(call, page),
        .external_scripts = list_scripts(call, page),
        .noindex = !page->is_indexed};
    set_view(call, &frame);
    set_site(call, &frame);
    if (page->is_indexed) {
        set_canonical(call, page, &frame);
    }
    if (call->session) {
        frame.csrf = csrf_token(call); /* of the button that signs out */
        if (call->session->remembered) {
            cookie_set(call, COOKIE_SESSION, call->session_id, COOKIE_DEFAULT_AGE,
                       "a remembered session was used, and lasts on");
        }
    }
    return frame;
}

/* ---- answers ---- */

static str make_nonce(struct call *call)
{
    uint8_t bytes[16];
    random_bytes(bytes, sizeof(bytes));
    return base64_encode(&call->scope->arena, bytes, sizeof(bytes));
}

static bool is_shared(const struct call *call, const struct page *page)
{
    return page->is_public && !actor_is_known(call->actor) && !call->has_token && !page->once;
}

/* Pages of content show embeds wherever else they may be shown. */
static str embed_ancestors(struct call *call)
{
    str others = call->site->embed_ancestors;
    return str_eq(others, S("'none'")) ? S("'self'")
           : str_eq(others, S("*"))    ? others
                                       : str_printf(&call->scope->arena, "'self' %.*s", STR_ARG(others));
}

void page_send(struct call *call, const struct page *page)
{
    struct exchange *exchange = call->exchange;
    struct buf body = {0};
    struct html inner =
        tpl_html(call->scope, call->app->tpl, page->body, call->language, page->data);
    bool is_embed = call->route->kind == ROUTE_EMBED;
    bool shared = is_shared(call, page);
    str nonce = shared ? STR_NONE : make_nonce(call);
    if (page->is_part) {
        buf_add(&body, inner.text);
    } else {
        struct frame frame = is_embed ? make_embed_frame(call, page) : make_frame(call, page);
        frame.body = inner;
        frame.nonce = nonce;
        tpl_render(call->scope, call->app->tpl, is_embed ? &embed_template : &frame_template,
                   call->language, &frame, &body);
    }
    str ancestors = is_embed                  ? embed_ancestors(call)
                    : page->frame_ancestors.n ? page->frame_ancestors
                                              : S("'none'");
    struct page_headers headers = {
        .policy = content_security_policy(&call->scope->arena, call->registry, &call->consent,
                                          page->once, nonce, ancestors,
                                          str_from(page->trusted_types), call->is_https),
        .cache_control = shared ? S("no-cache") : S("no-store"),
        .may_be_framed = is_embed || page->frame_ancestors.n > 0,
        .is_embed = is_embed,
        .asks_consent = registry_needs_consent(call->registry),
        .hides_path = call->route->hides_path,
        .language = call->language};
    response_status(exchange, page->status ? page->status : 200);
    headers_page(exchange, &headers);
    if (shared && (page->status == 0 || page->status == 200)) {
        /* Of the policy too: after a withdrawal a kept page must not come back with what it let in. */
        response_etag(exchange, str_printf(&call->scope->arena, "%016llx%016llx",
                                           (unsigned long long)str_hash(buf_str(&body)),
                                           (unsigned long long)str_hash(headers.policy)));
    }
    response_body(exchange, &body);
    call->may_cache = shared && (page->status == 0 || page->status == 200);
}

/* An answer without a body; location empty: nowhere else to go. */
static void send_empty(struct call *call, int status, str location)
{
    struct buf nothing = {0};
    struct page_headers headers = {.policy = S("default-src 'none'; frame-ancestors 'none'"),
                                   .cache_control = S("no-store"),
                                   .hides_path = call->route->hides_path,
                                   .language = call->language};
    response_status(call->exchange, status);
    headers_page(call->exchange, &headers);
    if (location.n) {
        response_header(call->exchange, S("Location"), location);
    }
    response_body(call->exchange, &nothing);
}

void page_redirect(struct call *call, str path)
{
    send_empty(call, 303, path);
}

void page_redirect_found(struct call *call, str path)
{
    send_empty(call, 302, path);
}

void page_nothing(struct call *call)
{
    send_empty(call, 204, STR_NONE);
}

bool page_is_accepted(const struct call *call)
{
    str rest = exchange_header(call->exchange, S("Accept"));
    str range;
    if (!rest.p) {
        return true;
    }
    while (str_split(&rest, ',', &range)) {
        str type = str_trim(str_slice(range, 0, str_find_char(range, ';', 0)));
        if (str_eq(type, S("*/*")) || str_eq_nocase(type, S("text/*")) ||
            str_eq_nocase(type, S("text/html"))) {
            return true;
        }
    }
    return false;
}

bool page_is_named(const struct call *call)
{
    return str_find(exchange_header(call->exchange, S("Accept")), S("text/html"), 0) != SIZE_MAX;
}

bool page_is_for_script(const struct call *call)
{
    str accept = exchange_header(call->exchange, S("Accept"));
    return str_find(accept, S("application/json"), 0) != SIZE_MAX && !page_is_named(call);
}

bool page_is_ours(const struct call *call, str address, str *ret_target)
{
    str origin = call_origin(call);
    size_t scheme = str_find(origin, S("://"), 0);
    str host = scheme == SIZE_MAX ? STR_NONE : str_slice(origin, scheme + 3, origin.n);
    return redirect_is_safe(&call->scope->arena, address, host, call->is_https, ret_target);
}

str page_next(struct call *call, str fallback)
{
    str target;
    return page_is_ours(call, call_value(call, S("next")), &target) ? target : fallback;
}

str page_link_back(struct call *call, str path)
{
    struct buf out = {0};
    str query = exchange_raw_query(call->exchange);
    buf_add(&out, path);
    buf_add(&out, S("?next="));
    url_encode(&out, exchange_raw_path(call->exchange));
    if (query.n) {
        buf_add(&out, S("%3F"));
        url_encode(&out, query);
    }
    str link = buf_copy(&out, &call->scope->arena);
    buf_done(&out);
    return link;
}
