/* Explanations as they are kept: {"message": key, "arguments": [[name, kind, value], …]}. */
#include "base/json_read.h"
#include "base/json_write.h"
#include "platform/i18n/explanation.h"

static const str kinds[] = {
    [ARGUMENT_TEXT] = {"text", 4},       [ARGUMENT_INT] = {"int", 3},         [ARGUMENT_DOUBLE] = {"double", 6},
    [ARGUMENT_INSTANT] = {"instant", 7}, [ARGUMENT_MESSAGE] = {"message", 7}, [ARGUMENT_EXPLANATION] = {"explanation", 11},
};

static void write_value(struct json_writer *json, const struct message_argument *argument)
{
    switch (argument->kind) {
    case ARGUMENT_TEXT:
    case ARGUMENT_EXPLANATION: /* stored already: a text within the text */
        json_text(json, argument->text);
        break;
    case ARGUMENT_INT:
        json_int(json, argument->number);
        break;
    case ARGUMENT_DOUBLE:
        json_double(json, argument->real);
        break;
    case ARGUMENT_INSTANT:
        json_int(json, argument->instant);
        break;
    case ARGUMENT_MESSAGE: /* its number is another one in another version */
        json_text(json, str_from(message_key((enum message)argument->number)));
        break;
    }
}

str explanation_store(struct arena *arena, const struct explanation *explanation)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    const struct message_argument *arguments = explanation->arguments;
    json_object_begin(&json);
    json_key_text(&json, S("message"), str_from(message_key(explanation->message)));
    json_key(&json, S("arguments"));
    json_array_begin(&json);
    for (size_t i = 0; arguments && arguments[i].name; i++) {
        json_array_begin(&json);
        json_text(&json, str_from(arguments[i].name));
        json_text(&json, kinds[arguments[i].kind]);
        write_value(&json, &arguments[i]);
        json_array_end(&json);
    }
    json_array_end(&json);
    json_object_end(&json);
    return out.n <= EXPLANATION_BYTES_MOST ? buf_copy(&out, arena) : S("");
}

/* ---- reading ---- */

/* What a message asks of an argument, or a bug of ours when it is rendered. */
static bool fits(enum argument_need need, enum argument_kind kind)
{
    switch (need) {
    case NEED_NUMBER:
        return kind == ARGUMENT_INT || kind == ARGUMENT_DOUBLE;
    case NEED_INSTANT:
        return kind == ARGUMENT_INSTANT;
    case NEED_TEXT:
        return kind == ARGUMENT_TEXT;
    default:
        return true;
    }
}

static bool read_kind(str name, enum argument_kind *ret_kind)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (str_eq(name, kinds[i])) {
            *ret_kind = (enum argument_kind)i;
            return true;
        }
    }
    return false;
}

static bool read_value(struct arena *arena, const json_t *value, struct message_argument *argument)
{
    struct explanation inner;
    enum message message;
    switch (argument->kind) {
    case ARGUMENT_EXPLANATION:
        argument->text = json_is_string(value) ? str_copy(arena, json_read_text(value)) : S("");
        return explanation_load(arena, argument->text, &inner);
    case ARGUMENT_TEXT:
        argument->text = json_is_string(value) ? str_copy(arena, json_read_text(value)) : STR_NONE;
        return json_is_string(value);
    case ARGUMENT_INT:
        argument->number = json_integer_value(value);
        return json_is_integer(value);
    case ARGUMENT_DOUBLE:
        argument->real = json_number_value(value);
        return json_is_number(value);
    case ARGUMENT_INSTANT:
        argument->instant = json_integer_value(value);
        return json_is_integer(value);
    default:
        message = json_is_string(value) ? message_find(json_read_text(value)) : MESSAGE_NONE;
        argument->number = message;
        return message != MESSAGE_NONE && !message_argument_names(message)[0];
    }
}

/* An argument by its name among those that are stored. */
static bool read_argument(struct arena *arena, const json_t *stored, enum message message, size_t at,
                          struct message_argument *ret_argument)
{
    const char *name = message_argument_names(message)[at];
    for (size_t i = 0; i < json_array_size(stored); i++) {
        const json_t *one = json_array_get(stored, i);
        if (!str_eq(json_read_text(json_array_get(one, 0)), str_from(name))) {
            continue;
        }
        *ret_argument = (struct message_argument){.name = name};
        return read_kind(json_read_text(json_array_get(one, 1)), &ret_argument->kind) &&
               fits(message_argument_need(message, at), ret_argument->kind) &&
               read_value(arena, json_array_get(one, 2), ret_argument);
    }
    return false;
}

bool explanation_load(struct arena *arena, str stored, struct explanation *ret_explanation)
{
    struct message_argument *arguments = arena_array(arena, struct message_argument, MESSAGE_ARGUMENTS_MOST + 1);
    json_t *value cleanup_with(json_cleanup) =
        stored.n && stored.n <= EXPLANATION_BYTES_MOST ? json_loadb(stored.p, stored.n, 0, NULL) : NULL;
    str key = json_read_text(json_object_get(value, "message"));
    enum message message = key.n ? message_find(key) : MESSAGE_NONE;
    const json_t *list = json_object_get(value, "arguments");
    size_t count = 0;
    if (message == MESSAGE_NONE) {
        return false;
    }
    while (message_argument_names(message)[count]) {
        if (!read_argument(arena, list, message, count, &arguments[count])) {
            return false;
        }
        count++;
    }
    arguments[count] = (struct message_argument){.name = NULL};
    *ret_explanation = (struct explanation){.message = message, .arguments = arguments};
    return true;
}

str explanation_say(struct arena *arena, language lang, str stored, str text)
{
    struct explanation explanation;
    return explanation_load(arena, stored, &explanation) ? explanation_text(arena, lang, &explanation) : text;
}
