/* Errors for people: a page in their language, and what to do (cookies-and-privacy.md 1.4, 1.5). */
#include "base/log.h"
#include "web/shell/fault_text.h"
#include "web/shell/gate.h"
#include "web/shell/near_datasets.h"
#include "web/shell/page.h"
#include "web/shell/problem.h"

#define SHOWN_BYTES 40 /* a longer field is text that somebody typed and would not like to lose */

struct shown_field {
    str name, value;
    bool is_shown;
};

struct problem {
    str heading, text, detail, advice, code, action, csrf;
    struct fault_place place; /* of detail: what is wrong with what was asked for */
    str way, way_label;      /* a way on, besides the home page */
    str kept, resend, fault; /* texts of the form that sends all of it again */
    str id;                  /* under which the log has it; empty: the log does not matter */
    bool may_resend, shows_fields, asks_password, searches, has_near;
    str near_heading; /* of near */
    struct tpl_list fields, near;
};

static const struct tpl_member field_members[] = {TPL_TEXT(struct shown_field, name),
                                                  TPL_TEXT(struct shown_field, value),
                                                  TPL_BOOL(struct shown_field, is_shown)};
static const struct tpl_struct field_struct = TPL_STRUCT(struct shown_field, field_members);

static const struct tpl_member problem_members[] = {
    TPL_TEXT(struct problem, heading), TPL_TEXT(struct problem, text),
    TPL_TEXT(struct problem, detail),  FAULT_PLACE_MEMBERS(struct problem, place),
    TPL_TEXT(struct problem, advice),  TPL_TEXT(struct problem, code),
    TPL_URL(struct problem, action),   TPL_TEXT(struct problem, csrf),
    TPL_URL(struct problem, way),      TPL_TEXT(struct problem, way_label),
    TPL_TEXT(struct problem, kept),    TPL_TEXT(struct problem, resend),
    TPL_TEXT(struct problem, fault),   TPL_BOOL(struct problem, may_resend),
    TPL_BOOL(struct problem, shows_fields), TPL_BOOL(struct problem, asks_password),
    TPL_TEXT(struct problem, id), TPL_BOOL(struct problem, searches),
    TPL_BOOL(struct problem, has_near), TPL_LIST(struct problem, near, near_dataset_struct),
    TPL_TEXT(struct problem, near_heading),
    TPL_LIST(struct problem, fields, field_struct)};
static const struct tpl_struct problem_struct = TPL_STRUCT(struct problem, problem_members);
const struct tpl_binding problem_template = {"shell/problem", &problem_struct};

/* What kinds of errors say to a person; the texts of errors themselves are for programs, in English. */
static const struct {
    enum err_kind kind;
    enum message heading, text;
} texts[] = {
    {KIND_CALLER, MSG_PROBLEM_REQUEST_HEADING, MSG_PROBLEM_REQUEST_TEXT},
    {KIND_METHOD, MSG_PROBLEM_REQUEST_HEADING, MSG_PROBLEM_REQUEST_TEXT},
    {KIND_ABSENT, MSG_PROBLEM_ABSENT_HEADING, MSG_PROBLEM_ABSENT_TEXT},
    {KIND_DENIED, MSG_PROBLEM_DENIED_HEADING, MSG_PROBLEM_DENIED_TEXT},
    {KIND_SIGN_IN, MSG_PROBLEM_SIGN_IN_HEADING, MSG_PROBLEM_SIGN_IN_TEXT},
    {KIND_QUOTA, MSG_PROBLEM_QUOTA_HEADING, MSG_PROBLEM_QUOTA_TEXT},
    {KIND_CONFLICT, MSG_PROBLEM_CONFLICT_HEADING, MSG_PROBLEM_CONFLICT_TEXT},
    {KIND_TOO_MUCH, MSG_PROBLEM_TOO_MUCH_HEADING, MSG_PROBLEM_TOO_MUCH_TEXT},
    {KIND_BUSY, MSG_PROBLEM_BUSY_HEADING, MSG_PROBLEM_BUSY_TEXT},
    {KIND_BROKEN, MSG_PROBLEM_BROKEN_HEADING, MSG_PROBLEM_BROKEN_TEXT},
};

static void describe(struct call *call, enum err code, struct problem *problem)
{
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        if (texts[i].kind == err_kind(code)) {
            problem->heading = message_plain(call->language, texts[i].heading);
            problem->text = message_plain(call->language, texts[i].text);
        }
    }
}

static bool is_secret(str name)
{
    return str_find(name, S("password"), 0) != SIZE_MAX || str_eq(name, S("code")) ||
           str_eq(name, S("token")) || str_eq(name, S("csrfmiddlewaretoken"));
}

static struct tpl_list kept_fields(struct call *call, bool *ret_shown)
{
    struct shown_field *fields =
        arena_array(&call->scope->arena, struct shown_field, call->form.count + 1);
    size_t count = 0;
    for (size_t i = 0; i < call->form.count; i++) {
        const struct form_item *item = &call->form.items[i];
        if (!item->is_file && !is_secret(item->name)) {
            bool is_shown = item->value.n > SHOWN_BYTES;
            fields[count++] = (struct shown_field){item->name, item->value, is_shown};
            *ret_shown |= is_shown;
        }
    }
    return (struct tpl_list){fields, count};
}

static void keep_form(struct call *call, struct problem *problem, enum message kept,
                      enum message resend)
{
    str query = exchange_raw_query(call->exchange);
    problem->action = str_printf(&call->scope->arena, "%.*s%s%.*s",
                                 STR_ARG(exchange_raw_path(call->exchange)), query.n ? "?" : "",
                                 STR_ARG(query));
    problem->fields = kept_fields(call, &problem->shows_fields);
    problem->resend = message_plain(call->language, resend);
    if (kept != MESSAGE_NONE) {
        problem->kept = message_plain(call->language, kept);
    }
}

/*
 * A form may be sent again with a fresh token when only its token was wrong: one that another site made
 * somebody send must not be one click from being carried out.
 */
static bool is_token_fault(enum csrf_verdict verdict)
{
    return verdict == CSRF_TOKEN_MISSING || verdict == CSRF_TOKEN_BAD_LENGTH ||
           verdict == CSRF_TOKEN_BAD_CHARS || verdict == CSRF_TOKEN_MISMATCH ||
           verdict == CSRF_COOKIE_UNBOUND;
}

/*
 * A preference needs no token when the browser says that a page of ours asked. An old one says nothing, neither
 * for nor against: its visitor is asked to confirm, with a token (3.8).
 */
static bool needs_confirmation(struct call *call, enum csrf_verdict verdict)
{
    bool has_fault = is_token_fault(verdict) || verdict == CSRF_COOKIE_MISSING ||
                     verdict == CSRF_COOKIE_BAD_LENGTH || verdict == CSRF_COOKIE_BAD_CHARS;
    return has_fault &&
           call->route->csrf == CSRF_SAME_ORIGIN && page_is_named(call) &&
           !exchange_header(call->exchange, S("Sec-Fetch-Site")).p &&
           !exchange_header(call->exchange, S("Origin")).p;
}

static bool is_from_here(struct call *call)
{
    str site = exchange_header(call->exchange, S("Sec-Fetch-Site"));
    str origin = exchange_header(call->exchange, S("Origin"));
    return str_eq(site, S("same-origin")) || str_eq(origin, call_origin(call));
}

static void explain_refusal(struct call *call, enum csrf_verdict verdict, struct problem *problem)
{
    enum message advice =
        verdict == CSRF_COOKIE_MISSING      ? MSG_PROBLEM_CSRF_NO_COOKIE
        : verdict == CSRF_REFERER_MISSING   ? MSG_PROBLEM_CSRF_NO_REFERER
        : is_token_fault(verdict)           ? MSG_PROBLEM_CSRF_OTHER_TAB
                                            : MSG_PROBLEM_CSRF_OTHER_SITE;
    problem->heading = message_plain(call->language, MSG_PROBLEM_CSRF_HEADING);
    problem->text = message_plain(call->language, MSG_PROBLEM_CSRF_TEXT);
    problem->advice = message_plain(call->language, advice);
    problem->code = str_from(csrf_verdict_name(verdict));
    problem->csrf = csrf_token_of_cookie(call);
    problem->may_resend = is_token_fault(verdict) && is_from_here(call) && problem->csrf.p;
    keep_form(call, problem, MSG_PROBLEM_CSRF_KEPT, MSG_PROBLEM_CSRF_RESEND);
}

/* The visitor of an old browser confirms a preference, with a token. */
static void ask_preference(struct call *call, struct problem *problem)
{
    problem->heading = message_plain(call->language, MSG_PROBLEM_PREFERENCE_HEADING);
    problem->text = message_plain(call->language, MSG_PROBLEM_PREFERENCE_TEXT);
    problem->csrf = csrf_token(call);
    problem->may_resend = true;
    keep_form(call, problem, MESSAGE_NONE, MSG_PROBLEM_PREFERENCE_SUBMIT);
}

/* The password is asked for here, and goes with what was typed before. */
static void ask_password(struct call *call, struct problem *problem)
{
    problem->heading = message_plain(call->language, MSG_CONFIRM_TITLE);
    problem->text = message_plain(call->language, MSG_CONFIRM_TEXT);
    problem->csrf = csrf_token(call);
    problem->may_resend = true;
    problem->asks_password = true;
    if (form_value(&call->form, S("confirm_password")).n) {
        problem->fault = message_plain(call->language, MSG_CONFIRM_WRONG);
    }
    keep_form(call, problem, MESSAGE_NONE, MSG_CONFIRM_BUTTON);
}

/* ---- what is not there ---- */

#define DATASET_PATH S("/explore/dataset/")

/* The id of the dataset that an address is below, or empty. */
static str asked_dataset(struct call *call)
{
    str path = exchange_raw_path(call->exchange);
    str id;
    if (!str_starts(path, DATASET_PATH)) {
        return S("");
    }
    str rest = str_slice(path, DATASET_PATH.n, path.n);
    str segment = str_slice(rest, 0, str_find_char(rest, '/', 0));
    return url_decode(&call->scope->arena, segment, false, &id) ? id : S("");
}

static bool has_snapshot(struct call *call)
{
    if (!call->snapshot && gate_snapshot(call) != ERR_OK) {
        scope_forgive(call->scope);
        return false;
    }
    return true;
}

static void offer_versions(struct call *call, const struct dataset *dataset, struct problem *problem)
{
    problem->heading = message_plain(call->language, MSG_PROBLEM_VERSION_HEADING);
    problem->text = message_plain(call->language, MSG_PROBLEM_VERSION_TEXT);
    problem->near = near_versions(call, dataset);
    problem->near_heading = message_plain(call->language, MSG_PROBLEM_VERSION_NEAR);
    problem->has_near = problem->near.count > 0;
}

/* A dataset that is hidden and one that never was are told apart by nobody who may not see it. */
static void offer_others(struct call *call, enum err code, struct problem *problem)
{
    str id = asked_dataset(call);
    problem->searches = code != ERR_NO_VERSION;
    if (id.n == 0 || !has_snapshot(call)) {
        return;
    }
    const struct dataset *dataset = snapshot_find(call->snapshot, id);
    if (dataset && code == ERR_NO_VERSION) {
        offer_versions(call, dataset, problem);
    }
    if (dataset) {
        return;
    }
    problem->heading = message_plain(call->language, MSG_PROBLEM_ABSENT_DATASET_HEADING);
    problem->text = message_plain(call->language, MSG_PROBLEM_ABSENT_DATASET_TEXT);
    problem->near = near_datasets(call, id);
    problem->near_heading = message_plain(call->language, MSG_PROBLEM_ABSENT_NEAR);
    problem->has_near = problem->near.count > 0;
    if (!actor_is_known(call->actor)) {
        problem->advice = message_plain(call->language, MSG_PROBLEM_ABSENT_SIGN_IN);
        problem->way = page_link_back(call, S("/account/sign-in"));
        problem->way_label = message_plain(call->language, MSG_SIGN_IN_BUTTON);
    }
}

/* ---- others ---- */

static void explain_denial(struct call *call, struct problem *problem)
{
    if (actor_is_known(call->actor)) {
        str name = call->actor->display_name.n ? call->actor->display_name : call->actor->name;
        problem->advice = message_text(&call->scope->arena, call->language, MSG_PROBLEM_DENIED_OTHER,
                                       &ARG_TEXT("name", name), 1);
    } else {
        problem->text = message_plain(call->language, MSG_PROBLEM_DENIED_ANONYMOUS);
        problem->way = page_link_back(call, S("/account/sign-in"));
        problem->way_label = message_plain(call->language, MSG_SIGN_IN_BUTTON);
    }
}

static void tell_time(struct call *call, struct problem *problem)
{
    if (call->retry_at) {
        str time = format_instant(&call->scope->arena, call->language, call->retry_at);
        problem->advice = message_text(&call->scope->arena, call->language, MSG_PROBLEM_QUOTA_UNTIL,
                                       &ARG_TEXT("time", time), 1);
        problem_retry_at(call->exchange, call->retry_at);
    }
}

static void explain_kind(struct call *call, enum err code, struct problem *problem)
{
    switch (err_kind(code)) {
    case KIND_CALLER:
    case KIND_TOO_MUCH:
        if (call->scope->failure.explanation) {
            problem->detail = fault_text(call, &problem->place);
        }
        break;
    case KIND_ABSENT:
        if (code != ERR_NO_LINK) {
            offer_others(call, code, problem);
        }
        break;
    case KIND_DENIED:
        explain_denial(call, problem);
        break;
    case KIND_QUOTA:
        tell_time(call, problem);
        break;
    case KIND_BROKEN:
    case KIND_BUSY:
        problem->id = exchange_id(call->exchange);
        break;
    default:
        break;
    }
}

/* Where a person can go on from here. */
static void show_way(struct call *call, enum err code, struct problem *problem)
{
    if (code == ERR_NO_LINK) {
        problem->heading = message_plain(call->language, MSG_PROBLEM_LINK_HEADING);
        problem->text = message_plain(call->language, MSG_PROBLEM_LINK_TEXT);
        problem->way = S("/account/forgotten");
        problem->way_label = message_plain(call->language, MSG_FORGOTTEN_BUTTON);
    } else if (code == ERR_SIGN_IN) {
        problem->way = S("/account/sign-in");
        problem->way_label = message_plain(call->language, MSG_SIGN_IN_BUTTON);
    } else if (code == ERR_SECOND_FACTOR) {
        problem->text = message_plain(call->language, MSG_PROBLEM_FACTOR_TEXT);
        problem->way = S("/account/second-factor");
        problem->way_label = message_plain(call->language, MSG_ACCOUNT_SECOND_FACTOR_TITLE);
    }
}

static void tell(struct call *call, enum message message)
{
    if (session_set_flash(call->scope, call->app->identity, call->session->row,
                          str_from(message_key(message))) != ERR_OK) {
        scope_forgive(call->scope);
    }
}

void problem_page(struct call *call, enum err code, enum csrf_verdict verdict)
{
    struct failure failure = call->scope->failure;
    struct problem problem = {.action = S("/")};
    bool is_read = method_is_safe(exchange_method(call->exchange));
    if (failure.code != ERR_OK) {
        code = failure.code;
    }
    if (code == ERR_SIGN_IN && is_read) {
        page_redirect(call, page_link_back(call, S("/account/sign-in")));
        return;
    }
    if (code == ERR_CONFIRM && is_read) {
        page_redirect(call, page_link_back(call, S("/account/confirm")));
        return;
    }
    if (code == ERR_SECOND_FACTOR && is_read && call->session) {
        tell(call, MSG_PROBLEM_FACTOR_TEXT);
        page_redirect(call, S("/account/second-factor"));
        return;
    }
    if (err_kind(code) == KIND_BROKEN) {
        problem_log(call->exchange, str_from(call->route ? call->route->pattern : "page"), &failure);
    }
    describe(call, code, &problem);
    explain_kind(call, code, &problem);
    show_way(call, code, &problem);
    bool asks_preference = code == ERR_CSRF && needs_confirmation(call, verdict);
    if (asks_preference) {
        ask_preference(call, &problem);
    } else if (code == ERR_CSRF) {
        explain_refusal(call, verdict, &problem);
    } else if (code == ERR_CONFIRM) {
        ask_password(call, &problem);
    }
    struct page page = {.title_text = problem.heading,
                        .body = &problem_template,
                        .data = &problem,
                        .has_search = problem.searches,
                        .status = asks_preference ? 200 : problem_status(code)};
    if (err_kind(code) == KIND_BUSY) {
        response_header(call->exchange, S("Retry-After"), S("5"));
    }
    response_header(call->exchange, S("X-Request-Id"), exchange_id(call->exchange));
    page_send(call, &page);
}
