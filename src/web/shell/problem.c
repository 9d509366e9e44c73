#include "web/shell/problem.h"

#include "base/date.h"
#include "base/json_write.h"
#include "base/log.h"
#include "platform/i18n/failure_words.h"
#include "web/shell/headers.h"

int problem_status(enum err code)
{
    switch (err_kind(code)) {
    case KIND_CALLER:
        return 400;
    case KIND_METHOD:
        return 405;
    case KIND_ABSENT:
        return 404;
    case KIND_SIGN_IN:
        return 401;
    case KIND_QUOTA:
        return 429;
    case KIND_DENIED:
        return 403;
    case KIND_CONFLICT:
        return 409;
    case KIND_TOO_MUCH:
        return 413;
    case KIND_BUSY:
        return 503;
    case KIND_BROKEN:
    case KIND_NONE:
        break;
    }
    return 500;
}

/* explanation: p == NULL: none. */
static void render(struct exchange *exchange, enum api_caller caller, int status, str code, str message, str explanation)
{
    struct buf body = {0};
    buf_add(&body, S("{\n  \"error_code\": "));
    json_escape(&body, code);
    buf_add(&body, S(",\n  \"message\": "));
    json_escape(&body, message);
    if (explanation.p) {
        buf_add(&body, S(",\n  \"explanation\": "));
        json_escape(&body, explanation);
    }
    buf_add(&body, S("\n}"));
    response_status(exchange, status);
    headers_api(exchange, caller);
    response_header(exchange, S("Content-Type"), S("application/json"));
    response_header(exchange, S("X-Request-Id"), exchange_id(exchange));
    response_body(exchange, &body);
}

void problem_log(struct exchange *exchange, str where, const struct failure *failure)
{
    log_event(EV_REQUEST_FAILED, "request %.*s, %.*s: %.*s (%.*s)", STR_ARG(exchange_id(exchange)), STR_ARG(where),
              STR_ARG(failure->message), STR_ARG(failure->cause));
}

static void render_failure(struct exchange *exchange, enum err code, enum api_caller caller, str explanation)
{
    struct failure failure = exchange_scope(exchange)->failure;
    if (failure.code != ERR_OK) {
        code = failure.code;
    }
    str message = failure.message;
    if (err_kind(code) == KIND_BROKEN) {
        problem_log(exchange, exchange_raw_path(exchange), &failure);
        message = S("The request failed because of an error on the server. It has been logged.");
    }
    if (err_kind(code) == KIND_BUSY) {
        response_header(exchange, S("Retry-After"), S("5"));
    }
    if (err_kind(code) == KIND_SIGN_IN) { /* RFC 9110 15.5.2 */
        response_header(exchange, S("WWW-Authenticate"), S("Apikey"));
    }
    render(exchange, caller, problem_status(code), str_from(err_explore_code(code)), message, explanation);
}

void problem_render(struct exchange *exchange, enum err code, enum api_caller caller)
{
    render_failure(exchange, code, caller, STR_NONE);
}

/* What is said of a failure that has no words of its own; where the server is at fault, its text is for the log. */
static str words_of_kind(struct arena *arena, language lang, const struct failure *failure)
{
    switch (err_kind(failure->code)) {
    case KIND_BROKEN:
        return message_plain(lang, MSG_PROBLEM_BROKEN_TEXT);
    case KIND_SIGN_IN:
        return message_plain(lang, MSG_PROBLEM_SIGN_IN_TEXT);
    case KIND_DENIED:
        return message_plain(lang, MSG_PROBLEM_DENIED_TEXT);
    case KIND_CONFLICT:
        return message_plain(lang, MSG_PROBLEM_CONFLICT_TEXT);
    default:
        return failure_words(arena, lang, failure);
    }
}

void problem_render_in(struct exchange *exchange, enum err code, enum api_caller caller, language lang)
{
    struct scope *scope = exchange_scope(exchange);
    str explanation = scope->failure.explanation ? failure_words(&scope->arena, lang, &scope->failure)
                                                 : words_of_kind(&scope->arena, lang, &scope->failure);
    render_failure(exchange, code, caller, explanation);
}

void problem_render_status(struct exchange *exchange, int status, str message)
{
    enum err code = status == 503   ? ERR_BUSY
                    : status == 413 ? ERR_TOO_LARGE
                    : status == 414 ? ERR_TOO_LARGE
                    : status == 405 ? ERR_METHOD
                                    : ERR_REQUEST;
    render(exchange, API_ANYBODY, status, str_from(err_explore_code(code)), message, STR_NONE);
}

void problem_retry_at(struct exchange *exchange, usec instant)
{
    usec wait = (instant - clock_wall()) / USEC_SECOND + 1;
    response_header(exchange, S("Retry-After"),
                    str_printf(&exchange_scope(exchange)->arena, "%lld", (long long)(wait > 1 ? wait : 1)));
}

void problem_render_quota(struct exchange *exchange, const struct quota_answer *quota,
                          enum api_caller caller)
{
    char day[DATE_TEXT_BYTES];
    size_t n = date_write_day(day, (int32_t)(quota->reset / ((usec)86400 * USEC_SECOND)));
    struct buf body = {0};
    struct json_writer json = json_writer_to(&body);
    json_object_begin(&json);
    json_key_int(&json, S("errorcode"), quota->by_portal ? 10002 : 10005);
    json_key_text(&json, S("reset_time"),
                  str_printf(&exchange_scope(exchange)->arena, "%.*sT00:00:00Z", (int)n, day));
    json_key_text(&json, S("limit_time_unit"), S("day"));
    json_key_int(&json, S("call_limit"), quota->limit);
    json_key_text(&json, S("error"),
                  quota->by_portal
                      ? S("The calls of this day for the whole portal are used up.")
                      : S("Your calls of this day are used up. An API key may allow more."));
    json_object_end(&json);
    response_status(exchange, 429);
    headers_api(exchange, caller);
    headers_quota(exchange, quota);
    response_header(exchange, S("Content-Type"), S("application/json"));
    response_header(exchange, S("X-Request-Id"), exchange_id(exchange));
    problem_retry_at(exchange, quota->reset);
    response_body(exchange, &body);
}
