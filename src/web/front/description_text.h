/* A description as paragraphs of plain text. */
#ifndef WEB_FRONT_DESCRIPTION_TEXT_H
#define WEB_FRONT_DESCRIPTION_TEXT_H

#include "platform/tpl/tpl.h"

/** Items of such a list: struct with the member "text". */
extern const struct tpl_struct paragraph_struct;

/** What HTML says, without markup; elements that begin a line of their own begin a paragraph. In the arena. */
struct tpl_list description_paragraphs(struct arena *arena, str html);

#endif
