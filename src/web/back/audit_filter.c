#include "web/back/audit_filter.h"

#include "base/date.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"

/* A day, in UTC; days: added to it. false: the text is none. */
static bool read_day(str text, usec days, usec *ret_instant)
{
    struct date_text date;
    *ret_instant = 0;
    if (text.n == 0) {
        return true;
    }
    if (!date_read(text, &date) || date.precision != PRECISION_DAY) {
        return false;
    }
    *ret_instant = date_instant(&date.civil) + days * USEC_DAY;
    return true;
}

/* An action, or what is before its dot; anything else counts as none. */
static str read_action(str asked)
{
    for (size_t i = 0; audit_action_key(i); i++) {
        str key = str_from(audit_action_key(i));
        if (str_eq(asked, key) || (asked.n && key.n > asked.n && str_starts(key, asked) && key.p[asked.n] == '.')) {
            return str_slice(key, 0, asked.n);
        }
    }
    return S("");
}

/* "AT-ID": the last row of the page before. */
static void read_place(str text, struct audit_filter *filter)
{
    size_t dash = str_find_char(text, '-', 0);
    bool good = dash != SIZE_MAX && num_read_int(str_slice(text, 0, dash), &filter->before_at) &&
                num_read_int(str_slice(text, dash + 1, text.n), &filter->before_id) && filter->before_at > 0;
    if (!good) {
        filter->before_at = filter->before_id = 0;
    }
}

static str read_text(const struct call *call, str name)
{
    return utf8_truncate(str_trim(call_query(call, name)), LIMIT_NAME_BYTES);
}

/* Of datasets only: a user may have the same name. */
static enum err limit(struct call *call, struct audit_request *request)
{
    request->is_limited = !actor_has_role(call->actor, ROLE_ADMINISTRATOR);
    if (!request->is_limited) {
        return ERR_OK;
    }
    request->filter.of_datasets = true;
    request->filter.network = S("");
    enum err result = access_check(call->scope, call->app->access, call->actor, request->filter.subject,
                                   RIGHT_MANAGE);
    if (result == ERR_NO_DATASET) {
        scope_forgive(call->scope);
        result = fail(call->scope, ERR_DENIED, "This page is for administrators.");
    }
    return result;
}

enum err audit_read(struct call *call, struct audit_request *ret_request)
{
    struct audit_request request = {.from = read_text(call, S("from")), .until = read_text(call, S("until"))};
    struct audit_filter *filter = &request.filter;
    filter->actor = read_text(call, S("actor"));
    filter->action = read_action(call_query(call, S("action")));
    filter->subject = read_text(call, S("subject"));
    filter->network = read_text(call, S("network"));
    request.from_fault = !read_day(request.from, 0, &filter->from);
    request.until_fault = !read_day(request.until, 1, &filter->until);
    read_place(call_query(call, S("before")), filter);
    TRY(limit(call, &request));
    *ret_request = request;
    return ERR_OK;
}

str audit_query(struct call *call, const struct audit_request *request)
{
    const struct audit_filter *filter = &request->filter;
    const struct {
        const char *name;
        str value;
    } parts[] = {{"from=", request->from},       {"until=", request->until},     {"actor=", filter->actor},
                 {"action=", filter->action},    {"subject=", filter->subject},  {"network=", filter->network}};
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        if (parts[i].value.n) {
            buf_add(&out, out.n ? S("&") : S(""));
            buf_add(&out, str_from(parts[i].name));
            url_encode(&out, parts[i].value);
        }
    }
    return buf_copy(&out, &call->scope->arena);
}
