#include "platform/i18n/failure_words.h"

/* Where nothing was said but in English: by the kind of failure, so that all know what to do. */
static enum message message_of(enum err code)
{
    switch (code) {
    case ERR_CANCELLED:
        return MSG_FAULT_CANCELLED;
    case ERR_DEADLINE:
        return MSG_FAULT_DEADLINE;
    case ERR_DATABASE:
        return MSG_FAULT_DATABASE;
    case ERR_INTERNAL:
        return MSG_FAULT_INTERNAL;
    default:
        return MESSAGE_NONE;
    }
}

static bool explain(struct arena *arena, const struct failure *failure, struct explanation *ret_explanation)
{
    if (failure->explanation) {
        *ret_explanation = *failure->explanation;
        return true;
    }
    *ret_explanation = (struct explanation){
        .message = failure->is_no_room      ? MSG_FAULT_NO_ROOM
                   : failure->is_file_limit ? MSG_FAULT_FILE_LIMIT
                                            : message_of(failure->code)};
    if (ret_explanation->message == MESSAGE_NONE && failure->code == ERR_FILE) {
        struct message_argument *arguments = arena_array(arena, struct message_argument, 2);
        arguments[0] = ARG_TEXT("reason", failure->message);
        arguments[1] = (struct message_argument){.name = NULL};
        *ret_explanation = (struct explanation){.message = MSG_FAULT_SERVER_FILE, .arguments = arguments};
    }
    return ret_explanation->message != MESSAGE_NONE;
}

str failure_words(struct arena *arena, language lang, const struct failure *failure)
{
    struct explanation explanation;
    return explain(arena, failure, &explanation) ? explanation_text(arena, lang, &explanation)
                                                 : str_copy(arena, failure->message);
}

str failure_store(struct arena *arena, const struct failure *failure)
{
    struct explanation explanation;
    return explain(arena, failure, &explanation) ? explanation_store(arena, &explanation) : S("");
}

struct message_argument failure_argument(struct arena *arena, const char *name, const struct failure *failure)
{
    str stored = failure_store(arena, failure);
    return stored.n ? ARG_EXPLANATION(name, stored) : ARG_TEXT(name, str_copy(arena, failure->message));
}
