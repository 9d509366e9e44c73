/* Failures in words for people: their explanation, or what their kind says where they have none. */
#ifndef PLATFORM_I18N_FAILURE_WORDS_H
#define PLATFORM_I18N_FAILURE_WORDS_H

#include "platform/i18n/explanation.h"

/** How people are told of a recorded failure in a language, in the arena; its English text where nothing else is known. */
str failure_words(struct arena *arena, language lang, const struct failure *failure);

/** That for keeping (explanation_store); empty where there is only the English text. */
str failure_store(struct arena *arena, const struct failure *failure);

/** The failure as an argument of another explanation, in the language of that where it can be. */
struct message_argument failure_argument(struct arena *arena, const char *name, const struct failure *failure);

#endif
