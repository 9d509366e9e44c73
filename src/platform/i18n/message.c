#include "platform/i18n/message.h"

#include <pthread.h>

#include "base/bug.h"
#include "platform/i18n/message_internal.h"

static const char *const message_keys[MESSAGE__COUNT] = {
    "",
#define MESSAGE(name, key) key,
#include "platform/i18n/messages.def"
#undef MESSAGE
};

/* One call of message_add. */
struct writing {
    struct buf *out;
    language language;
    const struct message_argument *arguments[MESSAGE_ARGUMENTS_MOST]; /* in the message's order */
};

void messages_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, formats_start);
}

static const struct message_parts *content(language lang, enum message message)
{
    bug_if(lang < 0 || lang >= language_texts_count);
    bug_if((unsigned)message >= MESSAGE__COUNT);
    return &language_texts[lang].messages[message];
}

typedef str format_function(struct arena *arena, language lang, usec instant);

static void add_instant(struct writing *writing, format_function *format, usec instant)
{
    struct arena arena;
    arena_init(&arena, 0);
    buf_add(writing->out, format(&arena, writing->language, instant));
    arena_done(&arena);
}

static void add_argument(struct writing *writing, const struct message_argument *argument,
                         int64_t offset)
{
    switch (argument->kind) {
    case ARGUMENT_TEXT:
        buf_add(writing->out, argument->text);
        break;
    case ARGUMENT_INT: {
        int64_t number;
        if (__builtin_sub_overflow(argument->number, offset, &number)) {
            number = argument->number;
        }
        format_add_int(writing->out, writing->language, number);
        break;
    }
    case ARGUMENT_DOUBLE:
        format_add_double(writing->out, writing->language, argument->real - (double)offset);
        break;
    case ARGUMENT_INSTANT:
        add_instant(writing, format_instant, argument->instant);
        break;
    case ARGUMENT_MESSAGE:
        buf_add(writing->out, message_plain(writing->language, (enum message)argument->number));
        break;
    case ARGUMENT_EXPLANATION: /* explanation_text has said it */
        bug_if(true);
        break;
    }
}

static const struct message_parts *choose_text(const struct message_part *part,
                                               const struct message_argument *argument)
{
    const struct message_parts *other = NULL;
    bug_if(argument->kind != ARGUMENT_TEXT);
    for (size_t i = 0; i < part->count; i++) {
        if (str_eq(part->cases[i].keyword, argument->text)) {
            return &part->cases[i].parts;
        }
        if (str_eq(part->cases[i].keyword, S("other"))) {
            other = &part->cases[i].parts;
        }
    }
    return other;
}

static const struct message_parts *choose_number(struct writing *writing,
                                                 const struct message_part *part,
                                                 const struct message_argument *argument)
{
    bool is_int = argument->kind == ARGUMENT_INT;
    bug_if(!is_int && argument->kind != ARGUMENT_DOUBLE);
    double number = is_int ? (double)argument->number : argument->real;
    const struct message_parts *other = NULL;
    for (size_t i = 0; i < part->count; i++) {
        const struct message_case *one = &part->cases[i];
        if (one->is_exact &&
            (is_int ? one->exact == argument->number : (double)one->exact == argument->real)) {
            return &one->parts;
        }
    }
    char room[16];
    str keyword = format_plural_class(writing->language, part->kind == PART_ORDINAL,
                                      number - (double)part->offset, room);
    for (size_t i = 0; i < part->count; i++) {
        const struct message_case *one = &part->cases[i];
        if (!one->is_exact && str_eq(one->keyword, keyword)) {
            return &one->parts;
        }
        if (!one->is_exact && str_eq(one->keyword, S("other"))) {
            other = &one->parts;
        }
    }
    return other;
}

/* Nesting is bounded by tools/messages.mjs. */
static void add_parts(struct writing *writing, const struct message_parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        const struct message_part *part = &parts->items[i];
        const struct message_argument *argument = writing->arguments[part->argument];
        switch (part->kind) {
        case PART_TEXT:
            buf_add(writing->out, part->text);
            break;
        case PART_ARGUMENT:
        case PART_SIGN:
            add_argument(writing, argument, part->offset);
            break;
        case PART_DATE:
            bug_if(argument->kind != ARGUMENT_INSTANT);
            add_instant(writing, format_date, argument->instant);
            break;
        case PART_PLURAL:
        case PART_ORDINAL:
            add_parts(writing, choose_number(writing, part, argument));
            break;
        case PART_SELECT:
            add_parts(writing, choose_text(part, argument));
            break;
        }
    }
}

void message_add(struct buf *out, language lang, enum message message,
                 const struct message_argument *arguments, size_t count)
{
    const struct message_parts *parts = content(lang, message);
    const struct message_signature *signature = &message_signatures[message];
    struct writing writing = {.out = out, .language = lang};
    bug_if(count != signature->count);
    for (size_t i = 0; i < signature->count; i++) {
        for (size_t j = 0; j < count && !writing.arguments[i]; j++) {
            if (strcmp(arguments[j].name, signature->names[i]) == 0) {
                writing.arguments[i] = &arguments[j];
            }
        }
        bug_if(!writing.arguments[i]);
    }
    add_parts(&writing, parts);
}

str message_text(struct arena *arena, language lang, enum message message,
                 const struct message_argument *arguments, size_t count)
{
    bug_if((unsigned)message >= MESSAGE__COUNT);
    if (message_signatures[message].count == 0 && count == 0) {
        return message_plain(lang, message);
    }
    cleanup_with(buf_cleanup) struct buf out = {0};
    message_add(&out, lang, message, arguments, count);
    return buf_copy(&out, arena);
}

str message_plain(language lang, enum message message)
{
    const struct message_parts *parts = content(lang, message);
    if (message == MESSAGE_NONE) {
        return (str){"", 0};
    }
    bug_if(parts->count != 1 || parts->items[0].kind != PART_TEXT);
    return parts->items[0].text;
}

enum message message_find(str key)
{
    int low = 1;
    int high = MESSAGE__COUNT - 1;
    while (low <= high) {
        int middle = low + (high - low) / 2;
        int order = str_compare(key, str_from(message_keys[middle]));
        if (order == 0) {
            return (enum message)middle;
        }
        if (order < 0) {
            high = middle - 1;
        } else {
            low = middle + 1;
        }
    }
    return MESSAGE_NONE;
}

const char *message_key(enum message message)
{
    bug_if((unsigned)message >= MESSAGE__COUNT);
    return message_keys[message];
}

const char *const *message_argument_names(enum message message)
{
    bug_if((unsigned)message >= MESSAGE__COUNT);
    return message_signatures[message].names;
}

enum argument_need message_argument_need(enum message message, size_t at)
{
    bug_if((unsigned)message >= MESSAGE__COUNT || at >= message_signatures[message].count);
    return message_signatures[message].needs[at];
}
