#include "base/utf8.h"
#include "web/front/console.h"
#include "web/shell/problem.h"
#include "web/shell/quota.h"
#include "web/shell/route.h"

/* ---- indenting JSON as it was written: numbers keep their digits ---- */

struct indenting {
    struct buf *out;
    int depth;
    bool in_text, is_escaped;
};

static void begin_line(const struct indenting *indenting)
{
    buf_add_char(indenting->out, '\n');
    for (int i = 0; i < indenting->depth && i < 64; i++) {
        buf_add(indenting->out, S("  "));
    }
}

static void indent_text(struct indenting *indenting, char c)
{
    buf_add_char(indenting->out, c);
    if (indenting->is_escaped) {
        indenting->is_escaped = false;
    } else if (c == '\\') {
        indenting->is_escaped = true;
    } else if (c == '"') {
        indenting->in_text = false;
    }
}

static void indent_mark(struct indenting *indenting, char c, bool is_empty)
{
    struct buf *out = indenting->out;
    if ((c == '}' || c == ']') && out->n && out->p[out->n - 1] != '{' && out->p[out->n - 1] != '[') {
        indenting->depth--;
        begin_line(indenting);
        buf_add_char(out, c);
    } else if (c == '}' || c == ']') {
        buf_add_char(out, c);
    } else if (c == '{' || c == '[') {
        buf_add_char(out, c);
        if (!is_empty) {
            indenting->depth++;
            begin_line(indenting);
        }
    } else if (c == ',') {
        buf_add_char(out, c);
        begin_line(indenting);
    } else if (c == ':') {
        buf_add(out, S(": "));
    } else if (!is_ascii_space(c)) {
        buf_add_char(out, c);
        indenting->in_text = c == '"';
    }
}

static bool is_empty_at(str json, size_t at)
{
    at++;
    while (at < json.n && is_ascii_space(json.p[at])) {
        at++;
    }
    return at < json.n && (json.p[at] == '}' || json.p[at] == ']');
}

/* True: it was cut. */
static bool indent(str json, size_t most, struct buf *out)
{
    struct indenting indenting = {.out = out};
    for (size_t i = 0; i < json.n; i++) {
        if (out->n >= most) {
            out->n = utf8_truncate(buf_str(out), most).n;
            return true;
        }
        if (indenting.in_text) {
            indent_text(&indenting, json.p[i]);
        } else {
            indent_mark(&indenting, json.p[i], is_empty_at(json, i));
        }
    }
    return false;
}

/* ---- asking ---- */

static struct call inner_call(const struct console *console)
{
    struct call inner = *console->page->call;
    inner.route = console->route;
    inner.query = console->query;
    inner.path_values[0] = console->page->dataset->id;
    inner.path_values[1] = console->last;
    inner.may_cache = false;
    inner.depends_on = NULL;
    return inner;
}

static str words_of(struct call *call, int status)
{
    enum message message = status == 200   ? MSG_CONSOLE_STATUS_GOOD
                           : status == 400 ? MSG_CONSOLE_STATUS_REFUSED
                           : status == 404 ? MSG_CONSOLE_STATUS_ABSENT
                                           : MSG_CONSOLE_STATUS_OTHER;
    return str_printf(&call->scope->arena, "%d · %.*s", status,
                      STR_ARG(message_plain(call->language, message)));
}

/* A question of the console is a call of the API, and counts as one. */
static enum err ask(struct call *call, struct call *inner, const struct route *route)
{
    struct quota_answer quota = quota_take(call->app->quotas, call->actor, call->origin.network);
    return quota.refused ? fail(call->scope, ERR_QUOTA, "The calls of this day are used up.")
                         : route->handler(inner);
}

void console_ask(struct console *console, struct console_answer *ret_answer)
{
    struct call *call = console->page->call;
    struct arena *arena = &call->scope->arena;
    struct call inner = inner_call(console);
    struct buf body cleanup_with(buf_cleanup) = {0};
    struct buf shown cleanup_with(buf_cleanup) = {0};
    int status;
    if (console->endpoint == CONSOLE_EXPORT || (console->endpoint == CONSOLE_RECORD && !console->last.n)) {
        *ret_answer = (struct console_answer){0};
        return;
    }
    struct response_aside before = response_set_aside(call->exchange);
    usec began = clock_monotonic();
    enum err result = ask(call, &inner, console->route);
    usec taken = clock_monotonic() - began;
    struct console_answer answer = {.is_there = true, .is_error = result != ERR_OK};
    if (result != ERR_OK) {
        if (call->scope->failure.explanation) {
            answer.fault = fault_text(call, &answer.place);
        }
        problem_render(call->exchange, result, API_ANYBODY);
        scope_forgive(call->scope);
    }
    response_take_aside(call->exchange, &before, &status, &body);
    answer.status = status;
    answer.status_text = words_of(call, status);
    answer.is_cut = indent(buf_str(&body), CONSOLE_SHOWN_BYTES, &shown);
    answer.text = buf_copy(&shown, arena);
    answer.size = format_bytes(arena, call->language, (int64_t)body.n);
    answer.duration = message_text(arena, call->language, MSG_CONSOLE_MILLISECONDS,
                                   &ARG_INT("count", (taken + 999) / 1000), 1);
    *ret_answer = answer;
}
