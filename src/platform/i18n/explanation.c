#include "platform/i18n/explanation.h"

#include <stdarg.h>

#include "base/utf8.h"

#define ARGUMENT_BYTES 1000 /* of a text that is repeated to people */

struct message_argument argument_digits(struct arena *arena, const char *name, int64_t number)
{
    return ARG_TEXT(name, str_printf(arena, "%lld", (long long)number));
}

static size_t count_of(const struct message_argument *arguments)
{
    size_t count = 0;
    while (arguments && arguments[count].name) {
        count++;
    }
    return count;
}

/* What is within another explanation was stored, and has been found readable where that was loaded. */
static struct message_argument said(struct arena *arena, language lang, const struct message_argument *argument)
{
    return argument->kind == ARGUMENT_EXPLANATION
               ? ARG_TEXT(argument->name, explanation_say(arena, lang, argument->text, S("")))
               : *argument;
}

str explanation_text(struct arena *arena, language lang, const struct explanation *explanation)
{
    size_t count = count_of(explanation->arguments);
    struct message_argument *arguments = arena_array(arena, struct message_argument, count + 1);
    for (size_t i = 0; i < count; i++) {
        arguments[i] = said(arena, lang, &explanation->arguments[i]);
    }
    return message_text(arena, lang, explanation->message, arguments, count);
}

static const struct explanation *copy(struct arena *arena, const struct explanation *from)
{
    size_t count = count_of(from->arguments);
    struct message_argument *arguments = arena_array(arena, struct message_argument, count + 1);
    for (size_t i = 0; i < count; i++) {
        arguments[i] = from->arguments[i];
        size_t most = arguments[i].kind == ARGUMENT_EXPLANATION ? arguments[i].text.n : ARGUMENT_BYTES;
        arguments[i].text = str_copy(arena, utf8_truncate(arguments[i].text, most));
    }
    arguments[count] = (struct message_argument){.name = NULL};
    struct explanation *explanation = arena_new(arena, struct explanation);
    *explanation = *from;
    explanation->arguments = arguments;
    if (from->text.p) {
        explanation->text = str_copy(arena, from->text);
    }
    return explanation;
}

static enum err record(struct scope *scope, enum err code, str cause, const struct explanation *explanation, str text)
{
    bool is_first = scope->failure.code == ERR_OK;
    fail_with_cause(scope, code, cause, "%.*s", STR_ARG(text));
    if (is_first) {
        scope->failure.explanation = copy(&scope->arena, explanation);
    }
    return code;
}

enum err fail_explained(struct scope *scope, enum err code, const struct explanation *explanation, str text)
{
    return record(scope, code, STR_NONE, explanation, text);
}

enum err fail_in_words_because(struct scope *scope, enum err code, str cause, enum message message,
                               const struct message_argument *arguments)
{
    struct explanation explanation = {.message = message, .arguments = arguments};
    return record(scope, code, cause, &explanation,
                  explanation_text(&scope->arena, language_find(S("en")), &explanation));
}

enum err fail_in_words(struct scope *scope, enum err code, enum message message,
                       const struct message_argument *arguments)
{
    return fail_in_words_because(scope, code, STR_NONE, message, arguments);
}

enum err fail_and_tell(struct scope *scope, enum err code, enum message message,
                       const struct message_argument *arguments, const char *format, ...)
{
    struct explanation explanation = {.message = message, .arguments = arguments};
    bool is_first = scope->failure.code == ERR_OK;
    va_list values;
    va_start(values, format);
    fail_by(scope, code, format, values);
    va_end(values);
    if (is_first) {
        scope->failure.explanation = copy(&scope->arena, &explanation);
    }
    return code;
}

enum err fail_again(struct scope *scope, enum err code, const struct failure *failure)
{
    return failure->explanation ? record(scope, code, failure->cause, failure->explanation, failure->message)
                                : fail_as(scope, code, failure);
}
