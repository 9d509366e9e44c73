/* Messages of the ingestion name options of the command line; pages have other words for them. */
#ifndef DOMAIN_RESOURCE_WORDS_H
#define DOMAIN_RESOURCE_WORDS_H

#include "base/arena.h"
#include "base/str.h"

/** The message with what pages call those options. In the arena. */
str resource_words(struct arena *arena, str message);

#endif
