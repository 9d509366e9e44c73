#include "platform/i18n/remark.h"

struct remark remark_and_tell(struct arena *arena, enum message message, const struct message_argument *arguments, str text)
{
    struct explanation explanation = {.message = message, .arguments = arguments};
    return (struct remark){text, explanation_store(arena, &explanation)};
}

struct remark remark_in_words(struct arena *arena, enum message message, const struct message_argument *arguments)
{
    struct explanation explanation = {.message = message, .arguments = arguments};
    return remark_and_tell(arena, message, arguments, explanation_text(arena, language_find(S("en")), &explanation));
}

str remark_say(struct arena *arena, language lang, const struct remark *remark)
{
    return explanation_say(arena, lang, remark->explanation, remark->text);
}
