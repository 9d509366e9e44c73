/* What is said besides, where nothing failed: English for programs, and how people are told. */
#ifndef PLATFORM_I18N_REMARK_H
#define PLATFORM_I18N_REMARK_H

#include "platform/i18n/explanation.h"

struct remark {
    str text;        /* English */
    str explanation; /* as stored (explanation_store); empty: there is only the English text */
};

/** A remark of which the English message is the text for programs, too. arguments: SAYS(...) or NULL. All in the arena. */
struct remark remark_in_words(struct arena *arena, enum message message, const struct message_argument *arguments);

/** One with another text for programs, as for those that name options of the command line; text is borrowed. */
struct remark remark_and_tell(struct arena *arena, enum message message, const struct message_argument *arguments, str text);

/** The remark in a language. */
str remark_say(struct arena *arena, language lang, const struct remark *remark);

#endif
